//! What an archive is by its first bytes; a workbook and other office files also by their names.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// What a file is by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveKind {
    /// One compressed file.
    Gzip,
    /// One compressed file.
    Zstd,
    /// Files in a row.
    Tar,
    /// Files, compressed one by one.
    Zip,
    /// A workbook of Excel's, each sheet of which becomes a text.
    Workbook,
}

/// Bytes that [`ArchiveKind::of`] looks at.
pub const SNIFF_BYTES: usize = 512;

impl ArchiveKind {
    /// The kind by name and first [`SNIFF_BYTES`]. Other office documents are zip files and no archives.
    pub fn of(name: &str, start: &[u8]) -> Option<ArchiveKind> {
        let office = [".xlsb", ".docx", ".pptx", ".ods", ".odt", ".ofd", ".jar"];
        let lower = name.to_ascii_lowercase();
        let ends = |ends: &[&str]| ends.iter().any(|e| lower.ends_with(e));
        if start.starts_with(&[0x1f, 0x8b, 8]) {
            Some(ArchiveKind::Gzip)
        } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            Some(ArchiveKind::Zstd)
        } else if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
            match ends(&[".xlsx", ".xlsm"]) {
                true => Some(ArchiveKind::Workbook),
                false => (!ends(&office)).then_some(ArchiveKind::Zip),
            }
        } else if start.get(257..262) == Some(b"ustar") {
            Some(ArchiveKind::Tar)
        } else {
            None
        }
    }

    /// The kind of a file on the disk.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn of_file(name: &str, path: &Path) -> io::Result<Option<ArchiveKind>> {
        let mut start = Vec::with_capacity(SNIFF_BYTES);
        File::open(path)?
            .take(SNIFF_BYTES as u64)
            .read_to_end(&mut start)?;
        Ok(ArchiveKind::of(name, &start))
    }
}
