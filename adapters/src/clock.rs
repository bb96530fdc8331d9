//! The machine's clock: the only place of this crate that asks for the time. Everything else takes a
//! `Clock` that is handed in.

use time::OffsetDateTime;
use tongcha_schema::clock::{Clock, from_unix_ms};

/// The machine's own clock, at millisecond resolution, in UTC.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now(&self) -> OffsetDateTime {
        let ms = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX));
        from_unix_ms(ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_later_than_this_test_was_written() {
        assert!(SystemClock.now() > time::macros::datetime!(2026-01-01 00:00 UTC));
    }
}
