//! Listens to what the triggers of a PostgreSQL database tell, and rings. Refuses to carry anything: the
//! change table is the truth, and a notice that is lost costs the pause between two polls.

use super::change::CHANNEL;
use sqlx::postgres::PgListener;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Pause before a lost connection is tried again.
const PAUSE: Duration = Duration::from_secs(30);

/// Rings for every change; the connection ends with it.
pub(super) struct Bell {
    pub alarm: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Bell {
    /// Listens with a connection of its own, which is made anew when it is lost.
    pub fn on(url: String) -> Bell {
        let alarm = Arc::new(Notify::new());
        let bell = Arc::clone(&alarm);
        let task = tokio::spawn(async move {
            loop {
                if let Err(fault) = listen(&url, &bell).await {
                    tracing::info!(%fault, "not listening; polled only");
                }
                pause().await;
            }
        });
        Bell { alarm, task }
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(url: &str, bell: &Notify) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect(url).await?;
    listener.listen(CHANNEL).await?;
    // What was told before it listened.
    bell.notify_one();
    loop {
        listener.recv().await?;
        bell.notify_one();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "between two tries of a connection that nothing waits for"
)]
async fn pause() {
    tokio::time::sleep(PAUSE).await;
}
