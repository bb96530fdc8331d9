//! What one look at a table read by its watermark found.

use super::Charset;
use super::group::Groups;
use super::numbers::Open;
use super::position::{Made, Taking};
use super::row::Row;

/// What one look found.
pub(super) struct Found {
    pub taking: Taking,
    pub groups: Groups,
    /// Watermarks of the first and the last row taken.
    pub ends: Option<(String, String)>,
    /// The look came to the end of the table.
    pub ended: bool,
    /// The transactions that were open before it.
    pub open: Option<Open>,
    /// Rows that came further back than the overlap, and the first one's watermark.
    pub late: (u64, String),
    /// Rows with a watermark after now, and the last one's.
    pub ahead: (u64, String),
    /// A column whose texts look as if they were of another character set, and of which.
    pub misread: Option<(String, Charset)>,
}

impl Found {
    /// Of a look that begins.
    pub fn of(taking: Taking, groups: Groups) -> Found {
        Found {
            taking,
            groups,
            ends: None,
            ended: true,
            open: None,
            late: (0, String::new()),
            ahead: (0, String::new()),
            misread: None,
        }
    }

    /// Whether a row goes into the lot; counts what is told.
    pub fn takes(&mut self, row: &Row, ahead: bool) -> bool {
        let made = self.taking.take(row, ahead);
        let watermark = &row.watermark;
        if ahead {
            self.ahead.0 += 1;
            self.ahead.1.clone_from(watermark);
        }
        if made == Made::Late {
            self.late.0 += 1;
            if self.late.1.is_empty() {
                self.late.1.clone_from(watermark);
            }
        }
        let taken = !matches!(made, Made::Known | Made::TooMany);
        if taken {
            match &mut self.ends {
                Some((_, last)) => last.clone_from(watermark),
                None => self.ends = Some((watermark.clone(), watermark.clone())),
            }
        }
        taken
    }
}
