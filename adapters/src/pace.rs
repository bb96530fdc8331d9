//! When and how fast a front-end machine sends: allowed hours, and bytes per second. Refuses to hold back
//! what is taken: outside the hours parcels are packed and wait.

use axum::body::Bytes;
use futures_util::{Stream, StreamExt};
use std::time::{Duration, Instant};
use time::macros::format_description;
use time::{OffsetDateTime, Time, UtcOffset};

/// Hours of the day in which is sent; one that ends before it begins lasts over midnight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    spans: Vec<(Time, Time)>,
    zone: UtcOffset,
}

impl Hours {
    /// Reads spans as `18:00-08:00`; `None` for what is none.
    pub fn parse<T: AsRef<str>>(texts: &[T], zone: UtcOffset) -> Option<Hours> {
        let time =
            |text: &str| Time::parse(text.trim(), format_description!("[hour]:[minute]")).ok();
        let span = |text: &T| {
            let (from, to) = text.as_ref().split_once('-')?;
            let to = match to.trim() {
                "24:00" => Time::MIDNIGHT,
                to => time(to)?,
            };
            Some((time(from)?, to))
        };
        let spans: Option<Vec<_>> = texts.iter().map(span).collect();
        Some(Hours {
            spans: spans?,
            zone,
        })
    }

    /// Whether is sent at that instant.
    pub fn open_at(&self, now: OffsetDateTime) -> bool {
        let now = now.to_offset(self.zone).time();
        self.spans.iter().any(|(from, to)| match from < to {
            true => (*from..*to).contains(&now),
            false => now >= *from || now < *to,
        })
    }
}

/// When bytes may go so that no second has more than `rate` of them.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    per_second: u64,
    began: Instant,
    sent: u64,
}

impl Rate {
    /// Begins now.
    pub fn new(per_second: u64, now: Instant) -> Rate {
        Rate {
            per_second: per_second.max(1),
            began: now,
            sent: 0,
        }
    }

    /// How long to wait before these bytes go.
    pub fn wait(&mut self, bytes: usize, now: Instant) -> Duration {
        let due = Duration::from_secs_f64(self.sent as f64 / self.per_second as f64);
        self.sent += bytes as u64;
        (self.began + due).saturating_duration_since(now)
    }
}

/// The stream, no faster than that; `None` leaves it as it is.
#[expect(
    clippy::disallowed_methods,
    reason = "the bytes of a slow line wait for their second"
)]
pub fn paced<E: Send + 'static>(
    stream: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    per_second: Option<u64>,
) -> impl Stream<Item = Result<Bytes, E>> + Send + 'static {
    let mut rate = per_second.map(|n| Rate::new(n, Instant::now()));
    stream.then(move |piece| {
        let wait = match (&piece, &mut rate) {
            (Ok(bytes), Some(rate)) => rate.wait(bytes.len(), Instant::now()),
            _ => Duration::ZERO,
        };
        async move {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            piece
        }
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use time::macros::datetime;
    use tongcha_schema::clock::CHINA;

    #[test]
    fn a_night_lasts_over_midnight() {
        let hours = Hours::parse(&["18:00-08:00", "12:00-13:30"], CHINA).unwrap();
        let open = |at: OffsetDateTime| hours.open_at(at);
        assert!(open(datetime!(2026-01-05 23:00 +8)) && open(datetime!(2026-01-05 07:59:59 +8)));
        assert!(open(datetime!(2026-01-05 12:00 +8)) && open(datetime!(2026-01-05 05:00 UTC)));
        assert!(!open(datetime!(2026-01-05 08:00 +8)) && !open(datetime!(2026-01-05 13:30 +8)));
        let all = Hours::parse(&["00:00-24:00"], CHINA).unwrap();
        assert!(all.open_at(datetime!(2026-01-05 23:59 +8)));
        for bad in ["18-8", "18:00", "25:00-08:00", "18:00-08:00-09:00"] {
            assert_eq!(Hours::parse(&[bad], CHINA), None, "{bad}");
        }
    }

    #[test]
    fn no_second_has_more_than_its_bytes() {
        let began = Instant::now();
        let mut rate = Rate::new(1_000, began);
        assert_eq!(
            rate.wait(4_000, began),
            Duration::ZERO,
            "the first goes at once"
        );
        assert_eq!(rate.wait(500, began), Duration::from_secs(4));
        let later = began + Duration::from_millis(4_100);
        assert_eq!(rate.wait(500, later), Duration::from_millis(400));
        assert_eq!(
            rate.wait(1, began + Duration::from_secs(60)),
            Duration::ZERO
        );
    }
}
