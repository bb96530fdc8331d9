//! The jobs: cron only wakes a body; the body takes its lease row, reads the clock and asks what is
//! due. The only file that knows the cron crate.

use crate::core::Core;
use crate::{inbox, score, watch};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::RwLock;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

/// How long a lease holds without being renewed, in milliseconds: a holder that died is replaced after
/// that time.
pub const LEASE_MS: i64 = 30_000;

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
    inbox::sweep(core, now_ms - inbox::STALE_MS)
        .await
        .map_err(|e| e.to_string())?;
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

/// Takes or keeps a lease; false while another holder has it.
///
/// # Errors
/// The store.
pub async fn lease(
    core: &Core,
    name: &str,
    holder: &str,
) -> Result<bool, crate::store::engine::StoreError> {
    let now_ms = core.now_ms();
    let args = crate::args![name, holder, now_ms + LEASE_MS, now_ms];
    Ok(core.store.run("nodes.lease", args).await? > 0)
}

/// The running jobs.
pub struct Jobs {
    scheduler: JobScheduler,
    // Held shared by every running body: who holds it alone knows that none runs.
    running: Arc<RwLock<()>>,
}

impl Jobs {
    /// Starts the hub's jobs. `holder` names this process in lease rows.
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
        Ok(Jobs { scheduler, running })
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

    /// Stops them: no new body begins, and those that run come to their end.
    pub async fn stop(mut self) {
        let _none_runs = self.running.write().await;
        if let Err(error) = self.scheduler.shutdown().await {
            tracing::warn!(%error, "the jobs did not stop cleanly");
        }
    }
}

async fn run(core: &Arc<Core>, name: &str, holder: &str, body: Body) {
    match lease(core, name, holder).await {
        Ok(true) => {
            if let Err(error) = body(Arc::clone(core)).await {
                tracing::error!(
                    job = name,
                    error,
                    "a job failed; it runs again when it is next due"
                );
            }
        }
        Ok(false) => {}
        Err(error) => tracing::warn!(job = name, %error, "no lease"),
    }
}
