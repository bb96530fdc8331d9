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
    // Without a division of 128 bits, which costs more than all else of a stamp; cut towards 1970.
    let ms = instant.unix_timestamp() * 1000 + i64::from(instant.millisecond());
    let cut = ms < 0 && !instant.nanosecond().is_multiple_of(1_000_000);
    ms + i64::from(cut)
}

/// The instant of that many milliseconds since 1970, in UTC; out of range gives 1970.
pub fn from_unix_ms(ms: i64) -> OffsetDateTime {
    let rest = u16::try_from(ms.rem_euclid(1000)).unwrap_or(0);
    OffsetDateTime::from_unix_timestamp(ms.div_euclid(1000))
        .and_then(|second| second.replace_millisecond(rest))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
