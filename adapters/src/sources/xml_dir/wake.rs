//! Wakes the agent when something happens in an exchange directory (inotify and its like). Polling stays
//! the truth: an event that is lost costs the pause between two polls, and nothing else.

use std::path::Path;
use std::sync::Arc;
use tokio::sync::Notify;

/// A watch over one directory; it ends with it.
pub(super) struct Wake {
    /// Rung once or more for everything that happens.
    pub alarm: Arc<Notify>,
    _watcher: notify::RecommendedWatcher,
}

impl Wake {
    /// Watches a directory and the folders in it. Our own moves wake the agent too; a look costs little.
    ///
    /// # Errors
    /// What the system says: a network drive has no events, and watches are limited.
    pub fn over(dir: &Path) -> notify::Result<Wake> {
        use notify::Watcher;
        let alarm = Arc::new(Notify::new());
        let happened = Arc::clone(&alarm);
        let mut watcher =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                // After an error, look.
                if event.map_or(true, |event| tells(event.kind)) {
                    happened.notify_one();
                }
            })?;
        watcher.watch(dir, notify::RecursiveMode::Recursive)?;
        Ok(Wake {
            alarm,
            _watcher: watcher,
        })
    }
}

/// Whether a file may have come or been finished. Reading tells nothing; neither does writing where the end of it
/// is told too (Linux), and a long upload must not wake the agent with every block.
fn tells(kind: notify::EventKind) -> bool {
    use notify::EventKind;
    use notify::event::{AccessKind, AccessMode, ModifyKind};
    match kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(_)) => {
            !cfg!(target_os = "linux")
        }
        _ => true,
    }
}
