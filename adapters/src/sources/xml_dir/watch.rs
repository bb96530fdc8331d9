//! Wakes the agent when something happens in an exchange directory (inotify and its like). Polling stays
//! the truth: an event that is lost costs the pause between two polls, and nothing else.

use std::path::Path;
use std::sync::Arc;
use tokio::sync::Notify;

/// A watch over one directory; it ends with it.
pub(super) struct Watch {
    /// Rung once or more for everything that happens.
    pub alarm: Arc<Notify>,
    _watcher: notify::RecommendedWatcher,
}

impl Watch {
    /// Watches a directory and the folders in it. Our own moves wake the agent too; a look costs little.
    ///
    /// # Errors
    /// What the system says: a network drive has no events, and watches are limited.
    pub fn over(dir: &Path) -> notify::Result<Watch> {
        use notify::Watcher;
        let alarm = Arc::new(Notify::new());
        let bell = Arc::clone(&alarm);
        let mut watcher =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                // Reading changes nothing; after an error, look.
                if !event.is_ok_and(
                    |e| matches!(e.kind, notify::EventKind::Access(kind) if !closes(kind)),
                ) {
                    bell.notify_one();
                }
            })?;
        watcher.watch(dir, notify::RecursiveMode::Recursive)?;
        Ok(Watch {
            alarm,
            _watcher: watcher,
        })
    }
}

/// Whether a writer has closed a file.
fn closes(kind: notify::event::AccessKind) -> bool {
    use notify::event::{AccessKind, AccessMode};
    kind == AccessKind::Close(AccessMode::Write)
}
