//! The lines around a place of an item, as they were received: what a card or a finding rests on. Refuses to search
//! without end; what lies deeper is in the download.

use super::raw::{RawError, RawReader};
use crate::core::Core;
use serde::Serialize;
use std::io::Read as _;
use std::sync::Arc;
use tongcha_schema::limits::EXCERPT_BYTES;
use tongcha_schema::xml::{Transcoder, Undeclared};

/// Lines shown before and after the one that is meant.
const AROUND: usize = 3;
/// Characters shown of one line: exports are often one line a document.
const LINE_CHARS: usize = 600;

/// One line of an excerpt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its number, 1-based.
    pub no: usize,
    /// Its text, cut where it is long.
    pub text: String,
    /// Whether it was cut.
    pub is_cut: bool,
    /// Whether it is the one that is meant.
    pub is_meant: bool,
}

/// The lines around one line of an item; none where it is no text, has no such line, or lies deeper than
/// [`EXCERPT_BYTES`].
///
/// # Errors
/// The store, or bytes that are not those of the digest.
pub async fn excerpt(core: &Arc<Core>, digest: &str, line: usize) -> Result<Vec<Line>, RawError> {
    let mut reader = RawReader::new(core, digest);
    let (mut bytes, mut ends) = (Vec::new(), 0_usize);
    // Two bytes a character double the line ends that a byte count finds, so they only end the search late.
    while bytes.len() < EXCERPT_BYTES && ends <= 2 * (line + AROUND) {
        let Some(chunk) = reader.next().await? else {
            break;
        };
        ends += chunk.iter().filter(|byte| **byte == b'\n').count();
        bytes.extend_from_slice(&chunk);
    }
    Ok(around(&text_of(&bytes), line))
}

/// The text of the beginning of an item, as far as it can be read: by its declaration, else as UTF-8 or GB18030.
fn text_of(bytes: &[u8]) -> String {
    let read = |reader: std::io::Result<Transcoder<'_>>| {
        let mut text = Vec::new();
        // What breaks it off is the end of what was fetched, or the encoding: then the next is tried.
        let whole = reader.and_then(|mut r| r.read_to_end(&mut text));
        (whole.is_ok(), String::from_utf8_lossy(&text).into_owned())
    };
    let (whole, declared) = read(Transcoder::new(Box::new(bytes)));
    if whole {
        return declared;
    }
    let (whole, national) = read(Transcoder::undeclared(Box::new(bytes), Undeclared::Gb18030));
    match whole || national.len() > declared.len() {
        true => national,
        false => declared,
    }
}

fn around(text: &str, meant: usize) -> Vec<Line> {
    // A line ends with LF, CR LF or a lone CR, as places are counted.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let first = meant.saturating_sub(AROUND).max(1);
    let lines: Vec<Line> = text
        .split('\n')
        .enumerate()
        .map(|(i, line)| (i + 1, line))
        .skip(first - 1)
        .take(meant + AROUND + 1 - first)
        .map(|(no, line)| Line {
            no,
            text: line.chars().take(LINE_CHARS).collect(),
            is_cut: line.chars().nth(LINE_CHARS).is_some(),
            is_meant: no == meant,
        })
        .collect();
    match lines.iter().any(|line| line.is_meant) {
        true => lines,
        false => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_around_a_place_are_shown_however_they_end() {
        let text = "a\r\nb\rc\nd\ne\nf\ng\nh";
        let shown = around(text, 4);
        let numbers: Vec<usize> = shown.iter().map(|l| l.no).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7]);
        let meant: Vec<&str> = shown
            .iter()
            .filter(|l| l.is_meant)
            .map(|l| l.text.as_str())
            .collect();
        assert_eq!(meant, ["d"]);
        assert_eq!(around(text, 1).len(), 4);
        assert_eq!(around(text, 9), Vec::new(), "there is no such line");
    }

    #[test]
    fn a_long_line_is_cut_and_a_text_of_a_chinese_system_is_read() {
        let long = "监".repeat(LINE_CHARS + 1);
        assert!(around(&long, 1)[0].is_cut);
        assert_eq!(text_of(b"\xb0\xec\xbc\xfe\n\xb1\xe0\xba\xc5"), "办件\n编号");
    }
}
