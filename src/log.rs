//! The log: to stderr, quiet by default, `TONGCHA_LOG` raises it (`info`, `tongcha_hub=debug`, ...). What is for the
//! audit (who entered, which bytes were opened, what was put aside) is always written.
//! Stdout belongs to results. Refuses personal data by what others hand to it: ids and counts.

use std::str::FromStr as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Directive;

/// Starts it.
pub fn start() {
    let told = EnvFilter::try_from_env("TONGCHA_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let filter = told.add_directive(audit());
    // A second start (tests in one process) changes nothing.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}

/// Whatever else is chosen, the lines of target `audit` are written.
fn audit() -> Directive {
    Directive::from_str("audit=info").unwrap_or_default()
}
