//! The jobs: cron only wakes a body; the body takes its lease row, reads the clock and asks what is
//! due. How each did stands in the table of jobs. The only file that knows the cron crate.

use crate::core::Core;
use crate::lease::{lease, under};
use crate::store::engine::{Store, StoreError};
use crate::{inbox, score, watch};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::RwLock;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

/// A job that is well is noted once in this time, in milliseconds.
const NOTED_MS: i64 = 60_000;

/// What a job does when it is due.
type Body = fn(Arc<Core>) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// The hub's jobs: name, cron text (with seconds), body.
const JOBS: &[(&str, &str, Body)] = &[
    ("look", "* * * * * *", |core| {
        Box::pin(async move { look(&core).await })
    }),
    ("sweep", "*/10 * * * * *", |core| {
        Box::pin(async move { sweep(&core).await })
    }),
    ("score", "*/15 * * * * *", |core| {
        Box::pin(async move { scores(&core).await })
    }),
];

/// Body of the job `look`: judges what is due now.
///
/// # Errors
/// Store or judging, as text for the log.
pub async fn look(core: &Arc<Core>) -> Result<(), String> {
    watch::look(core)
        .await
        .map(|_| ())
        .map_err(|e| e.to_string())
}

/// Body of the job `sweep`: publishes again what no ingest has taken, and forgets what was turned away
/// more than 30 days ago.
///
/// # Errors
/// The store, as text for the log.
pub async fn sweep(core: &Arc<Core>) -> Result<(), String> {
    let now_ms = core.now_ms();
    inbox::sweep(core, now_ms - inbox::STALE_MS);
    let month_ms = 30 * 24 * 3_600_000_i64;
    let forget = core.store.run(
        "envelopes.forget_turned_away",
        crate::args![now_ms - month_ms],
    );
    forget.await.map(|_| ()).map_err(|e| e.to_string())
}

/// Body of the job `score`: computes the scores of the organs with a changed card or conclusion.
///
/// # Errors
/// The store, as text for the log.
pub async fn scores(core: &Arc<Core>) -> Result<(), String> {
    score::compute(core)
        .await
        .map(|_| ())
        .map_err(|e| e.to_string())
}

/// How a job does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobState {
    /// Its name.
    pub name: String,
    /// When it last came to its end, milliseconds; to the minute.
    pub well_ms: Option<i64>,
    /// Since when it fails, milliseconds.
    pub ill_ms: Option<i64>,
    /// How often in a row.
    pub fails: u64,
    /// Why, the last time.
    pub cause: String,
}

/// How the jobs do, by name.
///
/// # Errors
/// The store.
pub async fn states(store: &Store) -> Result<Vec<JobState>, StoreError> {
    let rows = store.rows("nodes.jobs", Vec::new()).await?;
    let state = rows.iter().map(|row| JobState {
        name: row.text(0).to_owned(),
        well_ms: row.opt_int(1),
        ill_ms: row.opt_int(2),
        fails: row.count(3),
        cause: row.text(4).to_owned(),
    });
    Ok(state.collect())
}

/// The running jobs.
pub struct Jobs {
    scheduler: JobScheduler,
    // Held shared by every running body: who holds it alone knows that none runs.
    running: Arc<RwLock<()>>,
    core: Arc<Core>,
    holder: String,
}

impl Jobs {
    /// Starts the hub's jobs. `holder` names this process in lease rows, and no other one ever.
    ///
    /// # Errors
    /// The scheduler cannot start.
    pub async fn start(core: &Arc<Core>, holder: &str) -> Result<Jobs, JobSchedulerError> {
        let scheduler = JobScheduler::new().await?;
        let running = Arc::new(RwLock::new(()));
        for (name, cron, body) in JOBS {
            let (core, holder) = (Arc::clone(core), holder.to_owned());
            // The crate has no overlap guard: one run at a time in this process, one holder among all.
            let busy = Arc::new(tokio::sync::Mutex::new(()));
            let running = Arc::clone(&running);
            let job = Job::new_async(*cron, move |_, _| {
                let (core, holder) = (Arc::clone(&core), holder.clone());
                let (busy, running) = (Arc::clone(&busy), Arc::clone(&running));
                Box::pin(async move {
                    let (Ok(_running), Ok(_alone)) = (running.try_read(), busy.try_lock()) else {
                        return;
                    };
                    run(&core, name, &holder, *body).await;
                })
            })?;
            scheduler.add(job).await?;
        }
        scheduler.start().await?;
        Ok(Jobs {
            scheduler,
            running,
            core: Arc::clone(core),
            holder: holder.to_owned(),
        })
    }

    /// Adds a job of another part of the program (an agent's poll): only one run at a time.
    ///
    /// # Errors
    /// The cron text is wrong, or the scheduler has stopped.
    pub async fn add<F>(&self, cron: &str, body: F) -> Result<(), JobSchedulerError>
    where
        F: Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync + 'static,
    {
        let busy = Arc::new(tokio::sync::Mutex::new(()));
        let (body, running) = (Arc::new(body), Arc::clone(&self.running));
        let job = Job::new_async(cron, move |_, _| {
            let (busy, body) = (Arc::clone(&busy), Arc::clone(&body));
            let running = Arc::clone(&running);
            Box::pin(async move {
                let (Ok(_running), Ok(_alone)) = (running.try_read(), busy.try_lock()) else {
                    return;
                };
                body().await;
            })
        })?;
        self.scheduler.add(job).await.map(|_| ())
    }

    /// Stops them: no new body begins, those that run come to their end, and the leases are given up.
    pub async fn stop(mut self) {
        let _none_runs = self.running.write().await;
        for (name, ..) in JOBS {
            let args = crate::args![*name, &self.holder];
            if let Err(error) = self.core.store.run("nodes.give_up", args).await {
                tracing::debug!(%error, "a lease was not given up; it runs out");
            }
        }
        if let Err(error) = self.scheduler.shutdown().await {
            tracing::warn!(%error, "the jobs did not stop cleanly");
        }
    }
}

async fn run(core: &Arc<Core>, name: &str, holder: &str, body: Body) {
    match lease(core, name, holder).await {
        Ok(true) => {}
        Ok(false) => return,
        Err(error) => {
            tracing::warn!(job = name, %error, "no lease");
            return;
        }
    }
    let done = under(core, name, holder, body(Arc::clone(core))).await;
    note(core, name, done).await;
}

/// Notes how a job did, where the store takes it.
async fn note(core: &Core, name: &str, done: Result<(), String>) {
    let now_ms = core.now_ms();
    let noted = match done {
        Ok(()) => {
            let args = crate::args![name, now_ms, now_ms - NOTED_MS];
            core.store.run("nodes.job_well", args).await
        }
        Err(error) => {
            tracing::error!(
                job = name,
                error,
                "a job failed; it runs again when it is next due"
            );
            let cause: String = error.chars().take(300).collect();
            let args = crate::args![name, now_ms, cause];
            core.store.run("nodes.job_ill", args).await
        }
    };
    if let Err(error) = noted {
        tracing::warn!(job = name, %error, "how the job did is not noted");
    }
}
