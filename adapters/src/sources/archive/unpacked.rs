//! What came out of an archive, and what of a workbook did not. Refuses to open anything.

use std::path::PathBuf;
use tongcha_schema::code::transport::{ENTRY_LEFT_OUT, SHEET_LEFT_OUT};
use tongcha_schema::finding::{Finding, Place};

/// A file that came out of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveEntry {
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
    /// A file of a zip file that its directory does not name: a program that follows the directory never sees it.
    Unlisted,
}

/// What came out of an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unpacked {
    /// The files.
    pub entries: Vec<ArchiveEntry>,
    /// Sheets of workbooks and files that were not read, under the names that they would have had.
    pub left_out: Vec<(String, NotRead)>,
}

impl Unpacked {
    /// A finding for each sheet and file that was not read, so that nobody looks for its rows in vain.
    pub fn findings(&self) -> Vec<Finding> {
        let told = |(name, why): &(String, NotRead)| {
            let (code, zh, en) = match why {
                NotRead::Hidden => (SHEET_LEFT_OUT, "工作表是隐藏的", "it is hidden"),
                NotRead::NoTable => (
                    SHEET_LEFT_OUT,
                    "不足两列，或没有数据行",
                    "it has fewer than two columns, or no row",
                ),
                NotRead::Unlisted => (
                    ENTRY_LEFT_OUT,
                    "压缩包的目录中没有它",
                    "the archive's directory does not name it",
                ),
            };
            let place = Place {
                file: name.clone(),
                ..Place::default()
            };
            Finding::new(code, place)
                .with("why_zh", zh)
                .with("why_en", en)
        };
        self.left_out.iter().map(told).collect()
    }
}
