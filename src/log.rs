//! The log: to stderr, quiet by default, `TONGCHA_LOG` raises it (`info`, `tongcha_hub=debug`, ...).
//! Stdout belongs to results. Refuses personal data by what others hand to it: ids and counts.

use tracing_subscriber::EnvFilter;

/// Starts it.
pub fn start() {
    let filter = EnvFilter::try_from_env("TONGCHA_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    // A second start (tests in one process) changes nothing.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}
