//! How long to wait after a failure: exponential, capped, spread. Pure: now is handed in, and the
//! spread comes from the node's name, so that a county's machines do not return in step.

use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

/// The waiting state of one line.
#[derive(Clone, Debug)]
pub struct Backoff {
    base: Duration,
    cap: Duration,
    salt: String,
    failures: u32,
    until: Option<OffsetDateTime>,
}

impl Backoff {
    /// Waits `base` after the first failure, doubling up to `cap`; `salt` (the node name) spreads.
    pub fn new(base: Duration, cap: Duration, salt: impl Into<String>) -> Backoff {
        Backoff {
            base,
            cap,
            salt: salt.into(),
            failures: 0,
            until: None,
        }
    }

    /// Whether the line may be tried. Nothing waits longer than the cap: an instant further away was set while the
    /// clock was ahead.
    pub fn ready(&self, now: OffsetDateTime) -> bool {
        self.until
            .is_none_or(|until| now >= until || until - now > self.cap)
    }

    /// When it may be tried again, if it has to wait.
    pub fn until(&self) -> Option<OffsetDateTime> {
        self.until
    }

    /// Failures since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Notes a failure and gives the instant of the next try: the hub's own wish (`Retry-After`), else
    /// between half and the whole of the doubled time.
    pub fn failed(&mut self, now: OffsetDateTime, wish: Option<Duration>) -> OffsetDateTime {
        self.failures = self.failures.saturating_add(1);
        let wait = match wish {
            Some(wish) => wish.clamp(Duration::ZERO, self.cap),
            None => {
                let doubled = self.base * (1i32 << self.failures.saturating_sub(1).min(20));
                let whole = doubled.clamp(Duration::ZERO, self.cap);
                whole / 2 + whole / 2 * self.spread()
            }
        };
        let until = now + wait;
        self.until = Some(until);
        until
    }

    /// Notes a success: no more waiting.
    pub fn succeeded(&mut self) {
        self.failures = 0;
        self.until = None;
    }

    /// A number in 0..1 from name and count.
    fn spread(&self) -> f64 {
        let mut hash = Sha256::new();
        hash.update(self.salt.as_bytes());
        hash.update(self.failures.to_be_bytes());
        let digest = hash.finalize();
        f64::from(u16::from_be_bytes([digest[0], digest[1]])) / 65_536.0
    }
}

/// When something is tried again that has failed `tries` times before this one, by itself: first after at most
/// `base`, then ever later up to `cap`.
pub fn next_try(
    (base, cap): (Duration, Duration),
    salt: &str,
    tries: u32,
    now: OffsetDateTime,
) -> OffsetDateTime {
    let mut wait = Backoff::new(base, cap, salt);
    let mut until = now;
    for _ in 0..=tries.min(20) {
        until = wait.failed(now, None);
    }
    until
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-01-05 09:00 UTC);

    fn backoff(salt: &str) -> Backoff {
        Backoff::new(Duration::seconds(1), Duration::minutes(5), salt)
    }

    #[test]
    fn waits_double_within_their_half_and_stop_at_the_cap() {
        let mut line = backoff("431321/gtj");
        for n in 0..40u32 {
            let wait = line.failed(NOW, None) - NOW;
            let whole = Duration::seconds(1i64 << n.min(20)).min(Duration::minutes(5));
            assert!(wait >= whole / 2 && wait <= whole, "{n}: {wait}");
        }
        assert_eq!(line.failures(), 40);
        assert!(!line.ready(NOW));
        assert!(line.ready(NOW + Duration::minutes(5)));
        line.succeeded();
        assert!(line.ready(NOW) && line.until().is_none());
    }

    #[test]
    fn the_hubs_wish_is_kept_up_to_the_cap() {
        let mut line = backoff("a");
        let wish = Some(Duration::seconds(17));
        assert_eq!(line.failed(NOW, wish), NOW + Duration::seconds(17));
        let wish = Some(Duration::hours(9));
        assert_eq!(line.failed(NOW, wish), NOW + Duration::minutes(5));
        assert!(
            !line.ready(NOW) && line.ready(NOW - Duration::HOUR),
            "the clock was put back"
        );
    }

    #[test]
    fn two_machines_do_not_return_in_step_and_one_is_repeatable() {
        let waits = |salt: &str| {
            let mut line = backoff(salt);
            (0..5).map(|_| line.failed(NOW, None)).collect::<Vec<_>>()
        };
        assert_ne!(waits("431321/a"), waits("431321/b"));
        assert_eq!(waits("431321/a"), waits("431321/a"));
    }
}
