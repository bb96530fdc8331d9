//! The machine's randomness: the only place of this crate that asks for it. Everything else takes a
//! `Randomness` that is handed in.

use tongcha_schema::randomness::Randomness;

/// What the operating system gives.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn secret(&self) -> Option<[u8; 32]> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).ok().map(|()| bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gives_other_bytes_each_time() {
        let (one, two) = (SystemRandomness.secret(), SystemRandomness.secret());
        assert!(one.is_some() && one != two);
    }
}
