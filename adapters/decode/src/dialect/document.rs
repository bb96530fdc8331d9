//! A document as a whole: its first sign, and findings that belong to no record of it.

use tongcha_schema::code::{Code, element as x3};
use tongcha_schema::finding::{Finding, Place};

/// A finding at a place of a document that belongs to no record.
pub(crate) fn at(code: Code, file: &str, line: u32, column: u32) -> Finding {
    let place = Place {
        file: file.to_owned(),
        line,
        column,
        ..Place::default()
    };
    Finding::new(code, place)
}

/// What stops a decoder. The guard refuses all that quick-xml does, so no bytes that passed it come
/// here; an error of the disk is told by the caller.
pub(crate) fn broken(file: &str, error: &dyn std::fmt::Display, line: u32, column: u32) -> Finding {
    at(x3::READ_STOPPED, file, line, column).with("detail", error)
}

/// Whether a text is JSON rather than XML, by its first sign.
pub fn is_json(start: &[u8]) -> bool {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let first = text.iter().find(|b| !b.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'['))
}

/// Whether a text may be XML: its first sign, in any encoding and after any mark, is a `<`.
pub fn is_xml(start: &[u8]) -> bool {
    let sign = |b: &&u8| {
        !matches!(
            b,
            0 | 0xFE | 0xFF | 0xEF | 0xBB | 0xBF | 0x84 | 0x31 | 0x95 | 0x33
        ) && !b.is_ascii_whitespace()
    };
    start.iter().find(sign) == Some(&b'<')
}
