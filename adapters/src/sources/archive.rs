//! Archives: gzip, zstd, tar and zip, nested within limits, become files in a spool folder, and so do
//! the sheets of a workbook. What is over a limit, damaged, encrypted or holds a link, a device or a name that
//! leads out of it is not opened: the archive then travels as it is. Refuses to use an entry's name as a path
//! (names are labels, spool files are numbered), and to leave a sheet out without saying so.

mod directory;
mod kind;
mod unpacked;
mod zipped;

pub use kind::{ArchiveKind, SNIFF_BYTES};
pub use unpacked::{ArchiveEntry, NotRead, Unpacked};

use super::workbook::{Tags, Workbook};
use std::fs::File;
use std::io::{self, Read, Seek as _, Write};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use thiserror::Error;
use tongcha_schema::limits;

/// What an archive may cost. [`ArchiveLimits::default`] gives those of `limits.rs`.
#[derive(Clone, Copy, Debug)]
pub struct ArchiveLimits {
    /// Nested archives.
    pub depth: usize,
    /// Entries in all.
    pub entries: usize,
    /// Plain bytes in all, intermediate ones included.
    pub bytes: u64,
    /// Plain bytes per packed byte, judged above `free_bytes`.
    pub ratio: u64,
    /// Plain bytes below which the ratio is not judged.
    pub free_bytes: u64,
}

impl Default for ArchiveLimits {
    fn default() -> ArchiveLimits {
        ArchiveLimits {
            depth: limits::ARCHIVE_DEPTH,
            entries: limits::ENVELOPE_ITEMS,
            bytes: limits::ARCHIVE_BYTES,
            ratio: limits::ARCHIVE_RATIO,
            free_bytes: limits::ARCHIVE_FREE_BYTES,
        }
    }
}

/// Why an archive is not opened.
#[derive(Debug, Error)]
pub enum ArchiveFault {
    /// A limit is exceeded.
    #[error("{what} over the limit of {limit}")]
    Limit {
        /// What was measured.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// It holds no files.
    #[error("it holds no files")]
    Empty,
    /// It is damaged, or encrypted.
    #[error("it cannot be read: {0}")]
    Damaged(String),
    /// An entry that no honest export has: a link, a device, a name that leads elsewhere.
    #[error("its entry {entry} is {what}")]
    Unsafe {
        /// The entry's name, cut to 100 characters.
        entry: String,
        /// What it is.
        what: &'static str,
    },
    /// The spool folder cannot be written: nothing is known about the archive.
    #[error("spool folder: {0}")]
    Spool(io::Error),
}

impl ArchiveFault {
    /// Whether a later attempt may succeed: the spool's fault, not the archive's.
    pub fn is_transient(&self) -> bool {
        matches!(self, ArchiveFault::Spool(_))
    }
}

/// Window of a zstd file at most, as a power of two: 128 MiB, what `zstd` itself reads without being told.
const ZSTD_WINDOW_LOG: u32 = 27;

/// Opens an archive into an empty spool folder, which it makes. Blocking.
///
/// # Errors
/// [`ArchiveFault`]; the spool folder may hold a part then, the caller removes it.
pub fn unpack(
    name: &str,
    archive: &Path,
    spool: &Path,
    limits: ArchiveLimits,
) -> Result<Unpacked, ArchiveFault> {
    std::fs::create_dir_all(spool).map_err(ArchiveFault::Spool)?;
    let packed = std::fs::metadata(archive)
        .map_err(ArchiveFault::Spool)?
        .len();
    let mut run = Unpacking {
        spool,
        limits,
        packed,
        plain: 0,
        files: 0,
        out: Unpacked::default(),
    };
    run.open(name, archive, 1)?;
    if run.out.entries.is_empty() {
        return Err(ArchiveFault::Empty);
    }
    Ok(run.out)
}

/// Removes a spool folder that [`unpack`] filled: its numbered files, and the folder if nothing else lies in it.
/// Blocking.
///
/// # Errors
/// Whatever the file system says; a folder that is not there is no error.
pub fn clear(spool: &Path) -> io::Result<()> {
    let entries = match std::fs::read_dir(spool) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(e),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if name.as_encoded_bytes().iter().all(u8::is_ascii_digit) && entry.file_type()?.is_file() {
            std::fs::remove_file(entry.path())?;
        }
    }
    std::fs::remove_dir(spool)
}

struct Unpacking<'a> {
    spool: &'a Path,
    limits: ArchiveLimits,
    packed: u64,
    plain: u64,
    files: usize,
    out: Unpacked,
}

impl Unpacking<'_> {
    fn open(&mut self, name: &str, path: &Path, depth: usize) -> Result<(), ArchiveFault> {
        let kind = ArchiveKind::of_file(name, path).map_err(ArchiveFault::Spool)?;
        let Some(kind) = kind else {
            self.out.entries.push(ArchiveEntry {
                name: name.to_owned(),
                path: path.to_owned(),
            });
            return Ok(());
        };
        if depth > self.limits.depth {
            return Err(over("nesting", self.limits.depth as u64));
        }
        let file = File::open(path).map_err(ArchiveFault::Spool)?;
        match kind {
            ArchiveKind::Gzip => {
                let input = io::BufReader::new(file);
                let mut plain = flate2::bufread::MultiGzDecoder::new(input);
                self.entry(&single_name(name), &mut plain, depth)
            }
            ArchiveKind::Zstd => {
                let mut plain = zstd::stream::read::Decoder::new(file).map_err(damaged)?;
                plain.window_log_max(ZSTD_WINDOW_LOG).map_err(damaged)?;
                self.entry(&single_name(name), &mut plain, depth)
            }
            ArchiveKind::Tar => self.tar(name, file, depth),
            ArchiveKind::Zip => self.zip(name, file, depth),
            ArchiveKind::Workbook => self.workbook(name, file, depth),
        }?;
        // The outermost archive is the department's own and stays.
        if depth > 1 {
            std::fs::remove_file(path).map_err(ArchiveFault::Spool)?;
        }
        Ok(())
    }

    fn tar(&mut self, name: &str, file: File, depth: usize) -> Result<(), ArchiveFault> {
        let mut archive = tar::Archive::new(io::BufReader::new(file));
        for entry in archive.entries().map_err(damaged)? {
            let mut entry = entry.map_err(damaged)?;
            let own = text_of(&entry.path_bytes());
            let kind = entry.header().entry_type();
            // Folders, and what tells of the archive itself (`V`: its label).
            if kind.is_dir() || kind.is_pax_global_extensions() || kind.as_byte() == b'V' {
                continue;
            }
            if !(kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse()) {
                return Err(harmful(&own, "a link or a device"));
            }
            inward(&own)?;
            self.entry(&inside(name, &own, depth), &mut entry, depth)?;
        }
        Ok(())
    }

    /// A workbook. The library that reads it panics on some references beyond any sheet (merged cells): one file
    /// must not end the agent, so that is damage like any other.
    fn workbook(&mut self, name: &str, file: File, depth: usize) -> Result<(), ArchiveFault> {
        let read = AssertUnwindSafe(|| self.sheets(name, file, depth));
        std::panic::catch_unwind(read)
            .unwrap_or_else(|_| Err(damaged("a reference in it points beyond any sheet")))
    }

    /// The sheets as CSV. The parts are measured first, since the workbook's own texts are held in memory.
    fn sheets(&mut self, name: &str, file: File, depth: usize) -> Result<(), ArchiveFault> {
        let again = file.try_clone().map_err(ArchiveFault::Spool)?;
        let mut parts = zip::ZipArchive::new(io::BufReader::new(file)).map_err(damaged)?;
        if parts.len() > self.limits.entries {
            return Err(over("entries", self.limits.entries as u64));
        }
        let mut merges = 0;
        for index in 0..parts.len() {
            let mut part = parts.by_index(index).map_err(damaged)?;
            let in_memory = !part.name_raw().starts_with(b"xl/worksheets/");
            let most = in_memory.then_some(limits::WORKBOOK_PART_BYTES);
            merges += self.measure(&mut part, most)?;
        }
        if merges > limits::WORKBOOK_MERGES {
            return Err(over("merged ranges", limits::WORKBOOK_MERGES as u64));
        }
        drop(parts);
        let mut again = again;
        again.rewind().map_err(ArchiveFault::Spool)?;
        let mut book = Workbook::open(again).map_err(damaged)?;
        for (sheet, visible) in book.sheets() {
            let label = format!("{name}/{sheet}.csv");
            let why = match visible {
                false => NotRead::Hidden,
                true => match book.text(&sheet).map_err(damaged)? {
                    Some(mut text) => {
                        self.entry(&label, &mut text, depth)?;
                        continue;
                    }
                    None => NotRead::NoTable,
                },
            };
            self.out.left_out.push((label, why));
        }
        Ok(())
    }

    /// Reads a part to its end within the limits; gives the merged ranges that it names.
    fn measure(&mut self, part: &mut dyn Read, most: Option<u64>) -> Result<usize, ArchiveFault> {
        let mut buffer = vec![0; 64 << 10];
        let (mut bytes, mut merges, mut tags) = (0, 0, Tags::default());
        loop {
            match part.read(&mut buffer) {
                Ok(0) => return Ok(merges),
                Ok(n) => {
                    merges += tags.count(&buffer[..n]);
                    bytes += n as u64;
                    self.plain += n as u64;
                    self.judge()?;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(damaged(e)),
            }
            if let Some(limit) = most.filter(|limit| bytes > *limit) {
                return Err(over("a part of the workbook in bytes", limit));
            }
        }
    }

    /// Writes one entry into the spool and looks whether it is an archive in turn.
    fn entry(
        &mut self,
        name: &str,
        input: &mut dyn Read,
        depth: usize,
    ) -> Result<(), ArchiveFault> {
        if self.out.entries.len() >= self.limits.entries {
            return Err(over("entries", self.limits.entries as u64));
        }
        let path = self.spool.join(format!("{:06}", self.files));
        self.files += 1;
        let mut output = File::create_new(&path).map_err(ArchiveFault::Spool)?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let n = match input.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(damaged(e)),
            };
            self.plain += n as u64;
            self.judge()?;
            output
                .write_all(&buffer[..n])
                .map_err(ArchiveFault::Spool)?;
        }
        drop(output);
        self.open(name, &path, depth + 1)
    }

    fn judge(&self) -> Result<(), ArchiveFault> {
        if self.plain > self.limits.bytes {
            return Err(over("unpacked bytes", self.limits.bytes));
        }
        let most = self.packed.saturating_mul(self.limits.ratio);
        if self.plain > self.limits.free_bytes && self.plain > most {
            return Err(over("compression ratio", self.limits.ratio));
        }
        Ok(())
    }
}

fn over(what: &'static str, limit: u64) -> ArchiveFault {
    ArchiveFault::Limit { what, limit }
}

fn harmful(entry: &str, what: &'static str) -> ArchiveFault {
    let entry = entry
        .chars()
        .filter(|c| !c.is_control())
        .take(100)
        .collect();
    ArchiveFault::Unsafe { entry, what }
}

/// Names are labels and never used as paths; one that leads out of the archive is no accident, though.
fn inward(name: &str) -> Result<(), ArchiveFault> {
    let drive = match name.as_bytes() {
        [letter, b':'] | [letter, b':', b'/' | b'\\', ..] => letter.is_ascii_alphabetic(),
        _ => false,
    };
    if drive || name.starts_with(['/', '\\']) {
        return Err(harmful(name, "named by an absolute path"));
    }
    if name.split(['/', '\\']).any(|part| part == "..") {
        return Err(harmful(name, "named by a path that leads out"));
    }
    Ok(())
}

fn damaged(cause: impl ToString) -> ArchiveFault {
    ArchiveFault::Damaged(cause.to_string().chars().take(200).collect())
}

/// `a.xml.gz` holds `a.xml`, `a.tgz` holds `a.tar`; of zstd likewise.
fn single_name(name: &str) -> String {
    let Some((stem, end)) = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()) else {
        return name.to_owned();
    };
    match end.to_ascii_lowercase().as_str() {
        "gz" | "zst" => stem.to_owned(),
        "tgz" | "tzst" => format!("{stem}.tar"),
        _ => name.to_owned(),
    }
}

/// An entry's label: its own name, under its archive's where that is nested itself.
fn inside(archive: &str, own: &str, depth: usize) -> String {
    if depth > 1 && !archive.ends_with(".tar") {
        format!("{archive}/{own}")
    } else {
        own.to_owned()
    }
}

/// A name as text: UTF-8, or GBK from older Windows programs.
pub(crate) fn text_of(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::GB18030.decode(raw).0.into_owned(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests;
