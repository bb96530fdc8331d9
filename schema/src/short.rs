//! What is done to short texts so often that a call of the C library would cost more than the work: names and
//! codes compared, blanks around a text found. The answers are those of `==` and [`str::trim`].

/// Whether two texts are equal; up to 16 bytes are compared in place.
#[inline]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match a.len() {
        8..=16 => {
            a.first_chunk::<8>() == b.first_chunk::<8>()
                && a.last_chunk::<8>() == b.last_chunk::<8>()
        }
        4..=7 => {
            a.first_chunk::<4>() == b.first_chunk::<4>()
                && a.last_chunk::<4>() == b.last_chunk::<4>()
        }
        0..=3 => a.iter().zip(b).all(|(a, b)| a == b),
        _ => a == b,
    }
}

/// Whether a byte stands in a name: eight at a time, then one by one.
#[inline]
pub(crate) fn holds(name: &[u8], byte: u8) -> bool {
    let (words, rest) = name.as_chunks::<8>();
    let met = |word: &[u8; 8]| Word(u64::from_le_bytes(*word)).is(byte) != 0;
    words.iter().any(met) || rest.contains(&byte)
}

/// Bytes of a word, looked at together: the highest bit of each says whether it was met. The lowest that is
/// met is told exactly; what stands above it may be told in error.
#[derive(Clone, Copy)]
pub(crate) struct Word(u64);

impl Word {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * Word::ONES;

    /// The first eight bytes of a text, if it has as many.
    #[inline]
    pub fn first(text: &[u8]) -> Option<Word> {
        text.first_chunk::<8>()
            .map(|bytes| Word(u64::from_le_bytes(*bytes)))
    }

    /// Bytes below a value of at most 0x80.
    #[inline]
    pub fn below(self, value: u8) -> u64 {
        self.0.wrapping_sub(u64::from(value) * Word::ONES) & !self.0 & Word::HIGH
    }

    /// Bytes of that value.
    #[inline]
    pub fn is(self, value: u8) -> u64 {
        Word(self.0 ^ (u64::from(value) * Word::ONES)).below(1)
    }

    /// Index of the lowest byte that was met.
    #[inline]
    pub fn lowest(met: u64) -> Option<usize> {
        (met != 0).then(|| (met.trailing_zeros() / 8) as usize)
    }
}

/// The text without white space at its ends.
#[inline]
pub fn trim(text: &str) -> &str {
    match is_tight(text.as_bytes()) {
        true => text,
        false => text.trim(),
    }
}

/// Whether a text begins and ends with a visible ASCII character or a character of U+4000 to U+9FFF, none
/// of which is white space.
#[inline]
fn is_tight(text: &[u8]) -> bool {
    let begins = matches!(text.first(), Some(0x21..=0x7E | 0xE4..=0xE9));
    begins
        && matches!(
            text,
            [.., 0x21..=0x7E] | [.., 0xE4..=0xE9, 0x80..=0xBF, 0x80..=0xBF]
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn it_is_the_trim_of_every_text(text in "[ \u{3000}\u{2003}a~办\u{4000}\u{9fff}\u{85}\\PC\t]{0,6}") {
            proptest::prop_assert_eq!(trim(&text), text.trim());
        }

        #[test]
        fn same_is_equal(a in "[ab]{0,20}", at in 0_usize..20) {
            let mut b = a.clone().into_bytes();
            proptest::prop_assert!(same(a.as_bytes(), &b));
            proptest::prop_assert!(!same(a.as_bytes(), &[&b, &b"a"[..]].concat()));
            if let Some(byte) = b.get_mut(at) {
                *byte = b'c';
                proptest::prop_assert!(!same(a.as_bytes(), &b));
            }
        }
    }
}
