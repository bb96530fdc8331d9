//! What the pages ask of the store, as plain values: one file per page. Refuses to write anything, to
//! show anything, and to hand out personal data unmasked.

use crate::store::engine::StoreError;
use serde::Serialize;
use time::OffsetDateTime;
use tongcha_schema::clock::from_unix_ms;
use tongcha_schema::receipt::Counts;

pub mod blind;
pub mod cards;
pub mod cases;
pub mod envelopes;
pub mod excerpt;
pub mod facts;
pub mod ledger;
pub mod nodes;
pub mod overview;
pub mod raw;
pub mod scores;
pub mod work;

/// Rows of one page of a list: what fits a few screens.
pub const PAGE_ROWS: u64 = 50;
/// The last page that is shown: beyond it a filter is the better question.
pub const LAST_PAGE: u64 = 20_000;

/// Which page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging(u64);

impl Paging {
    /// The page of that number, 1-based; out of range is brought into it.
    pub fn new(page: Option<u64>) -> Paging {
        Paging(page.unwrap_or(1).clamp(1, LAST_PAGE))
    }

    /// Its number, 1-based.
    pub fn number(self) -> u64 {
        self.0
    }

    fn offset(self) -> u64 {
        (self.0 - 1) * PAGE_ROWS
    }
}

/// One page of a list, and how long the list is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Listed<T> {
    /// The rows of the page.
    pub rows: Vec<T>,
    /// Rows of the whole list.
    pub total: u64,
    /// Number of the page, 1-based.
    pub page: u64,
}

impl<T> Listed<T> {
    /// How many pages there are, at least 1, at most [`LAST_PAGE`].
    pub fn pages(&self) -> u64 {
        self.total.div_ceil(PAGE_ROWS).clamp(1, LAST_PAGE)
    }
}

/// A pattern for `like .. escape '\'` that finds the text anywhere.
fn anywhere(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// Five counts of a row, from a position on, in the ledger's order.
fn counts_at(row: &crate::store::row::Row, at: usize) -> Counts {
    Counts {
        received: row.count(at),
        stored: row.count(at + 1),
        rejected: row.count(at + 2),
        duplicate: row.count(at + 3),
        pending: row.count(at + 4),
    }
}

/// An instant of a row.
fn instant_at(row: &crate::store::row::Row, at: usize) -> Option<OffsetDateTime> {
    row.opt_int(at).map(from_unix_ms)
}

/// A JSON text that this version wrote.
fn parsed<T: serde::de::DeserializeOwned>(text: &str, what: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Shape(what.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_the_text_literally() {
        assert_eq!(anywhere("50%_a\\b"), "%50\\%\\_a\\\\b%");
        assert_eq!(anywhere(""), "%%");
    }

    #[test]
    fn pages_are_brought_into_range() {
        assert_eq!(Paging::new(None).number(), 1);
        assert_eq!(Paging::new(Some(0)).number(), 1);
        assert_eq!(Paging::new(Some(3)).offset(), 2 * PAGE_ROWS);
        assert_eq!(Paging::new(Some(u64::MAX)).number(), LAST_PAGE);
        let list = |total| Listed::<u8> {
            rows: Vec::new(),
            total,
            page: 1,
        };
        assert_eq!(list(0).pages(), 1);
        assert_eq!(list(PAGE_ROWS).pages(), 1);
        assert_eq!(list(PAGE_ROWS + 1).pages(), 2);
    }
}
