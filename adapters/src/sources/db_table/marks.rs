//! What is remembered of rows: the beginnings of their digests, and in one look where they stand. Pure.

use super::row::Row;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::hash::Hasher;

/// Bytes of a remembered digest: of 50,000 rows one more has a known one once in 5,600,000,000 times.
pub(super) const DIGEST: usize = 6;
/// The same as base64.
pub(super) const TEXT: usize = 8;

/// What is remembered of a row: the beginning of its digest.
pub(super) type Mark = [u8; DIGEST];

/// Hashes a mark by itself: it is part of a digest already.
#[derive(Clone, Default)]
pub(super) struct Plain(u64);

impl Hasher for Plain {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }
    fn write_usize(&mut self, _: usize) {}
    fn finish(&self) -> u64 {
        // A table of hashes looks at the highest bits and at the lowest.
        self.0 << 16 | self.0
    }
}

/// Watermarks and keys of rows, their texts in one buffer: of a thousand one is asked for.
#[derive(Default)]
pub(super) struct Places {
    text: String,
    /// Ends of the texts, as many a row.
    ends: Vec<usize>,
    rows: usize,
}

impl Places {
    /// Adds a row's; gives its number.
    pub fn push(&mut self, row: &Row) -> usize {
        for text in std::iter::once(&row.watermark).chain(&row.key) {
            self.text.push_str(text);
            self.ends.push(self.text.len());
        }
        self.rows += 1;
        self.rows - 1
    }

    /// Watermark and key of a row by its number.
    pub fn get(&self, number: usize) -> Vec<String> {
        let width = self.ends.len() / self.rows.max(1);
        let first = number * width;
        let start = |at: usize| at.checked_sub(1).map_or(0, |before| self.ends[before]);
        let text = |at: usize| self.text[start(at)..self.ends[at]].to_owned();
        (first..first + width).map(text).collect()
    }
}

/// The mark of a row.
pub(super) fn mark_of(row: &Row) -> Mark {
    let mut mark = Mark::default();
    mark.copy_from_slice(&row.digest()[..DIGEST]);
    mark
}

/// A mark as it is kept.
pub(super) fn of_text(text: &[u8]) -> Option<Mark> {
    let mut mark = Mark::default();
    let read = STANDARD_NO_PAD.decode_slice(text, &mut mark).ok()?;
    (read == DIGEST).then_some(mark)
}
