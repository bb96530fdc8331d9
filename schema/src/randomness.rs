//! Randomness is handed in, as time is: the trait, and the sequence that tests take from a seed. Refuses to
//! ask the machine.

use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};

/// What gives secrets that nobody can guess. Only IO crates ask it.
pub trait Randomness: Send + Sync {
    /// 32 bytes, others each time; `None` where the machine gives none, and then nothing may go on.
    fn secret(&self) -> Option<[u8; 32]>;
}

/// The sequence that a seed gives: the same each time. For tests.
#[derive(Debug)]
pub struct Seeded {
    seed: u64,
    given: AtomicU64,
}

impl Seeded {
    /// The sequence of that seed, from its beginning.
    pub fn new(seed: u64) -> Seeded {
        Seeded {
            seed,
            given: AtomicU64::new(0),
        }
    }
}

impl Randomness for Seeded {
    fn secret(&self) -> Option<[u8; 32]> {
        let number = self.given.fetch_add(1, Ordering::SeqCst);
        let hash = Sha256::new_with_prefix(b"tongcha randomness 1 ");
        let hash = hash.chain_update(self.seed.to_be_bytes());
        Some(hash.chain_update(number.to_be_bytes()).finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_sequence_without_a_repeat() {
        let take = |seed| {
            let seeded = Seeded::new(seed);
            [(); 3].map(|()| seeded.secret())
        };
        assert_eq!(take(1), take(1));
        assert_ne!(take(1), take(2));
        let [a, b, c] = take(1);
        assert!(a != b && b != c && a != c && a.is_some());
    }
}
