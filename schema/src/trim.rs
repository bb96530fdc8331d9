//! A text without the blanks around it, as [`str::trim`] gives it; most texts have none, which their first
//! and last bytes tell.

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
        && match text {
            [.., 0x21..=0x7E] => true,
            [.., 0xE4..=0xE9, 0x80..=0xBF, 0x80..=0xBF] => true,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn it_is_the_trim_of_every_text(text in "[ \u{3000}\u{2003}a~办\u{4000}\u{9fff}\u{85}\\PC\t]{0,6}") {
            proptest::prop_assert_eq!(trim(&text), text.trim());
        }
    }
}
