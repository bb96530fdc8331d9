//! Which characters XML 1.0 (fifth edition) allows where: one table for ASCII bytes, ranges for the
//! rest. It knows no state.

/// Stops in text: `<`, `&`, `]`, controls, and 0xEF, which may begin U+FFFE or U+FFFF.
pub(super) const TEXT: u8 = 1;
/// Stops in a value in double quotes.
pub(super) const DOUBLE: u8 = 1 << 1;
/// Stops in a value in single quotes.
pub(super) const SINGLE: u8 = 1 << 2;
/// Stops in a comment: `-`, controls, 0xEF.
pub(super) const COMMENT: u8 = 1 << 3;
/// Stops in a CDATA section: `]`, controls, 0xEF.
pub(super) const CDATA: u8 = 1 << 4;
/// Stops in an instruction: `?`, controls, 0xEF.
pub(super) const INSTRUCTION: u8 = 1 << 5;
/// ASCII characters that may begin a name.
pub(super) const NAME_START: u8 = 1 << 6;
/// ASCII characters of a name.
pub(super) const NAME: u8 = 1 << 7;

const STOPS: u8 = TEXT | DOUBLE | SINGLE | COMMENT | CDATA | INSTRUCTION;

/// The classes of each byte.
pub(super) static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0u8; 256];
    let mut b = 0u8;
    while b < 128 {
        let mut class = match b {
            b'\t' | b'\n' | b'\r' => 0,
            0..0x20 => STOPS,
            b'<' => TEXT | DOUBLE | SINGLE,
            b'&' => TEXT | DOUBLE | SINGLE,
            b']' => TEXT | CDATA,
            b'"' => DOUBLE,
            b'\'' => SINGLE,
            b'-' => COMMENT,
            b'?' => INSTRUCTION,
            _ => 0,
        };
        if b.is_ascii_alphabetic() || b == b'_' || b == b':' {
            class |= NAME_START | NAME;
        }
        if b.is_ascii_digit() || b == b'-' || b == b'.' {
            class |= NAME;
        }
        table[b as usize] = class;
        b += 1;
    }
    table[0xEF] = STOPS;
    table
}

/// The classes of a byte.
#[inline]
pub(super) fn class(byte: u8) -> u8 {
    // The table has an entry for every byte.
    CLASS[usize::from(byte)]
}

/// White space (production 3).
#[inline]
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// A character of a document (production 2).
pub(super) fn is_char(c: u32) -> bool {
    matches!(c, 0x9 | 0xA | 0xD | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x1_0000..=0x10_FFFF)
}

/// A character that may begin a name (production 4).
pub(super) fn is_name_start(c: char) -> bool {
    matches!(c, ':' | 'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}'
        | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}'
        | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

/// A character of a name (production 4a).
pub(super) fn is_name(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}'
            | '\u{203F}'..='\u{2040}')
}

/// The first character of UTF-8 bytes, and its length in bytes.
pub(super) fn first_char(text: &[u8]) -> Option<(char, usize)> {
    let len = match text.first()? {
        0..0x80 => 1,
        0x80..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    };
    let c = std::str::from_utf8(text.get(..len)?).ok()?.chars().next()?;
    Some((c, len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_agrees_with_the_ranges() {
        for b in 0..128u8 {
            let c = char::from(b);
            assert_eq!(class(b) & NAME_START != 0, is_name_start(c), "{c:?}");
            assert_eq!(class(b) & NAME != 0, is_name(c), "{c:?}");
            if !is_char(u32::from(b)) {
                assert_eq!(class(b) & STOPS, STOPS, "{c:?}");
            }
        }
    }
}
