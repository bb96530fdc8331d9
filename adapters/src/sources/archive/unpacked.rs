//! What came out of an archive, and what of a workbook did not. Refuses to open anything.

use std::path::PathBuf;
use tongcha_schema::code::transport;
use tongcha_schema::finding::{Finding, Place};

/// A file that came out of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name in the archive (`inner.zip/a.xml` when nested).
    pub name: String,
    /// Where it was put.
    pub path: PathBuf,
}

/// Why a sheet of a workbook is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRead {
    /// It is hidden: what its author does not show is not reported.
    Hidden,
    /// It holds no table: fewer than two columns, or a header alone.
    NoTable,
}

/// What came out of an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unpacked {
    /// The files.
    pub entries: Vec<Entry>,
    /// Sheets of workbooks that were not read, under the names that they would have had.
    pub left_out: Vec<(String, NotRead)>,
}

impl Unpacked {
    /// A finding for each sheet that was not read, so that nobody looks for its rows in vain.
    pub fn findings(&self) -> Vec<Finding> {
        let told = |(name, why): &(String, NotRead)| {
            let (zh, en) = match why {
                NotRead::Hidden => ("工作表是隐藏的", "it is hidden"),
                NotRead::NoTable => (
                    "不足两列，或没有数据行",
                    "it has fewer than two columns, or no row",
                ),
            };
            let place = Place {
                file: name.clone(),
                ..Place::default()
            };
            Finding::new(transport::SHEET_LEFT_OUT, place)
                .with("why_zh", zh)
                .with("why_en", en)
        };
        self.left_out.iter().map(told).collect()
    }
}
