//! Time is handed in: the trait, and the clock that tests and the demo set by hand. Refuses to read
//! the machine's clock.

use std::sync::atomic::{AtomicI64, Ordering};
use time::{OffsetDateTime, UtcOffset};

/// Offset of a time without a zone: +08:00 (WORDS, "Time").
pub const CHINA: UtcOffset = time::macros::offset!(+8);

/// What says "now". Only IO crates ask it; rules never do.
pub trait Clock: Send + Sync {
    /// The present instant, at millisecond resolution, in UTC.
    fn now(&self) -> OffsetDateTime;
}

/// A clock that stands until it is moved.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at the instant.
    pub fn at(instant: OffsetDateTime) -> ManualClock {
        ManualClock(AtomicI64::new(unix_ms(instant)))
    }

    /// Moves it to the instant (also backwards: tests do that on purpose).
    pub fn set(&self, instant: OffsetDateTime) {
        self.0.store(unix_ms(instant), Ordering::SeqCst);
    }

    /// Moves it on.
    pub fn advance(&self, by: time::Duration) {
        let ms = i64::try_from(by.whole_milliseconds()).unwrap_or(i64::MAX);
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> OffsetDateTime {
        from_unix_ms(self.0.load(Ordering::SeqCst))
    }
}

/// Milliseconds since 1970-01-01T00:00:00Z.
pub fn unix_ms(instant: OffsetDateTime) -> i64 {
    i64::try_from(instant.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

/// The instant of that many milliseconds since 1970, in UTC; out of range gives 1970.
pub fn from_unix_ms(ms: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
