//! Archives: gzip, zstd, tar and zip, nested within limits, become files in a spool folder. What is over
//! a limit, damaged, encrypted or holds a link, a device or a name that leads out of it is not opened:
//! the archive then travels as it is. Refuses to use an
//! entry's name as a path: names are labels, spool files are numbered.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
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
}

/// Window of a zstd file at most, as a power of two: 128 MiB, what `zstd` itself reads without being told.
const ZSTD_WINDOW_LOG: u32 = 27;

/// Bytes that [`ArchiveKind::of`] looks at.
pub const SNIFF_BYTES: usize = 512;

impl ArchiveKind {
    /// The kind by name and first [`SNIFF_BYTES`]. Office documents are zip files and no archives.
    pub fn of(name: &str, start: &[u8]) -> Option<ArchiveKind> {
        let office = [".xlsx", ".docx", ".pptx", ".ods", ".odt", ".ofd", ".jar"];
        let lower = name.to_ascii_lowercase();
        if start.starts_with(&[0x1f, 0x8b, 8]) {
            Some(ArchiveKind::Gzip)
        } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            Some(ArchiveKind::Zstd)
        } else if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
            (!office.iter().any(|e| lower.ends_with(e))).then_some(ArchiveKind::Zip)
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

/// A file that came out of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name in the archive (`inner.zip/a.xml` when nested).
    pub name: String,
    /// Where it was put.
    pub path: PathBuf,
}

/// Opens an archive into an empty spool folder, which it makes. Blocking.
///
/// # Errors
/// [`ArchiveFault`]; the spool folder may hold a part then, the caller removes it.
pub fn unpack(
    name: &str,
    archive: &Path,
    spool: &Path,
    limits: ArchiveLimits,
) -> Result<Vec<Entry>, ArchiveFault> {
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
        entries: Vec::new(),
    };
    run.open(name, archive, 1)?;
    if run.entries.is_empty() {
        return Err(ArchiveFault::Empty);
    }
    Ok(run.entries)
}

struct Unpacking<'a> {
    spool: &'a Path,
    limits: ArchiveLimits,
    packed: u64,
    plain: u64,
    files: usize,
    entries: Vec<Entry>,
}

impl Unpacking<'_> {
    fn open(&mut self, name: &str, path: &Path, depth: usize) -> Result<(), ArchiveFault> {
        let kind = ArchiveKind::of_file(name, path).map_err(ArchiveFault::Spool)?;
        let Some(kind) = kind else {
            self.entries.push(Entry {
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

    fn zip(&mut self, name: &str, file: File, depth: usize) -> Result<(), ArchiveFault> {
        let mut archive = zip::ZipArchive::new(io::BufReader::new(file)).map_err(damaged)?;
        if archive.len() > self.limits.entries {
            return Err(over("entries", self.limits.entries as u64));
        }
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).map_err(damaged)?;
            let own = text_of(entry.name_raw());
            if entry.is_symlink() {
                return Err(harmful(&own, "a link"));
            }
            if !entry.is_file() {
                continue;
            }
            inward(&own)?;
            self.entry(&inside(name, &own, depth), &mut entry, depth)?;
        }
        Ok(())
    }

    /// Writes one entry into the spool and looks whether it is an archive in turn.
    fn entry(
        &mut self,
        name: &str,
        input: &mut dyn Read,
        depth: usize,
    ) -> Result<(), ArchiveFault> {
        if self.entries.len() >= self.limits.entries {
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
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, bytes) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, *bytes).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, bytes) in files {
            let options = zip::write::SimpleFileOptions::default();
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn run(
        name: &str,
        bytes: &[u8],
        limits: ArchiveLimits,
    ) -> Result<Vec<(String, Vec<u8>)>, ArchiveFault> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("archive");
        std::fs::write(&path, bytes).unwrap();
        let entries = unpack(name, &path, &folder.path().join("spool"), limits)?;
        assert!(path.exists());
        let read = |e: Entry| (e.name, std::fs::read(e.path).unwrap());
        Ok(entries.into_iter().map(read).collect())
    }

    fn names(name: &str, bytes: &[u8]) -> Vec<String> {
        let entries = run(name, bytes, ArchiveLimits::default()).unwrap();
        entries.into_iter().map(|e| e.0).collect()
    }

    #[test]
    fn every_kind_and_their_nestings_open() {
        let files: &[(&str, &[u8])] = &[("a.xml", b"<a/>"), ("子/b.xml", b"<b/>")];
        assert_eq!(names("a.xml.gz", &gz(b"<a/>")), ["a.xml"]);
        assert_eq!(names("x.tar", &tar_of(files)), ["a.xml", "子/b.xml"]);
        assert_eq!(names("x.tgz", &gz(&tar_of(files))), ["a.xml", "子/b.xml"]);
        assert_eq!(names("x.zip", &zip_of(files)), ["a.xml", "子/b.xml"]);
        let zst = |bytes: &[u8]| zstd::bulk::compress(bytes, 3).unwrap();
        assert_eq!(names("a.xml.zst", &zst(b"<a/>")), ["a.xml"]);
        assert_eq!(names("x.tzst", &zst(&tar_of(files))), ["a.xml", "子/b.xml"]);
        let nested = zip_of(&[("in.zip", &zip_of(files)), ("c.xml", b"<c/>")]);
        let expected = ["in.zip/a.xml", "in.zip/子/b.xml", "c.xml"];
        assert_eq!(names("x.zip", &nested), expected);
        let two = gz(b"<a/>")
            .into_iter()
            .chain(gz(b"<b/>"))
            .collect::<Vec<_>>();
        let entries = run("two.gz", &two, ArchiveLimits::default()).unwrap();
        assert_eq!(entries[0].1, b"<a/><b/>");
    }

    #[test]
    fn names_in_gbk_are_read() {
        let raw = encoding_rs::GBK.encode("办件.xml").0.into_owned();
        assert_eq!(text_of(&raw), "办件.xml");
    }

    /// A tar of one entry of that kind and name, which the library itself would refuse to write.
    fn tar_with(name: &str, kind: u8) -> Vec<u8> {
        let mut tar = tar_of(&[(&"a".repeat(name.len()), b"x")]);
        tar[..name.len()].copy_from_slice(name.as_bytes());
        tar[156] = kind;
        // The header's checksum, computed anew.
        tar[148..156].copy_from_slice(b"        ");
        let sum: u32 = tar[..512].iter().map(|b| u32::from(*b)).sum();
        tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        tar
    }

    #[test]
    fn links_devices_and_names_that_lead_out_are_refused() {
        let mut bad = vec![
            tar_with("../../evil.xml", b'0'),
            tar_with("a/../../evil.xml", b'0'),
            tar_with("/etc/evil.xml", b'0'),
            tar_with("..\\evil.xml", b'0'),
            tar_with("C:\\evil.xml", b'0'),
            tar_with("soft", b'2'),
            tar_with("hard", b'1'),
            tar_with("device", b'3'),
            tar_with("fifo", b'6'),
            zip_of(&[("../evil.xml", b"x")]),
        ];
        let mut link = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        link.add_symlink("soft", "/etc/passwd", options).unwrap();
        bad.push(link.finish().unwrap().into_inner());
        for bytes in bad {
            let fault = run("x", &bytes, ArchiveLimits::default()).unwrap_err();
            assert!(matches!(fault, ArchiveFault::Unsafe { .. }), "{fault}");
            assert!(!fault.is_transient());
        }
        for good in ["a..b.xml", "./a.xml", "1:a.xml", "a:b.xml"] {
            assert_eq!(names("x", &tar_with(good, b'0')), [good]);
        }
        assert_eq!(names("x", &tar_with("whole", b'7')), ["whole"]);
    }

    #[test]
    fn each_limit_is_hit() {
        let base = ArchiveLimits::default();
        let bomb = gz(&vec![b' '; 3 << 20]);
        let cases: [(&str, Vec<u8>, ArchiveLimits); 5] = [
            ("compression ratio", bomb, base),
            (
                "unpacked bytes",
                gz(b"0123456789"),
                ArchiveLimits { bytes: 9, ..base },
            ),
            (
                "entries",
                tar_of(&[("a", b"1"), ("b", b"2")]),
                ArchiveLimits { entries: 1, ..base },
            ),
            (
                "entries",
                zip_of(&[("a", b"1"), ("b", b"2")]),
                ArchiveLimits { entries: 1, ..base },
            ),
            ("nesting", gz(&gz(&gz(&gz(b"deep")))), base),
        ];
        for (expected, bytes, limits) in cases {
            let fault = run("x", &bytes, limits).unwrap_err();
            let found = matches!(&fault, ArchiveFault::Limit { what, .. } if *what == expected);
            assert!(found && !fault.is_transient(), "{expected}: {fault}");
        }
    }

    #[test]
    fn damaged_and_empty_archives_are_named() {
        let mut cut = gz(&[7; 5_000]);
        cut.truncate(cut.len() - 4);
        let mut zip = zip_of(&[("a", b"12345678")]);
        zip.truncate(20);
        for bytes in [cut, zip] {
            let fault = run("x", &bytes, ArchiveLimits::default()).unwrap_err();
            assert!(matches!(fault, ArchiveFault::Damaged(_)), "{fault}");
        }
        let fault = run("x", &zip_of(&[]), ArchiveLimits::default()).unwrap_err();
        assert!(matches!(fault, ArchiveFault::Empty), "{fault}");
        assert_eq!(ArchiveKind::of("a.xlsx", b"PK\x03\x04"), None);
        assert_eq!(ArchiveKind::of("a.xml", b"<?xml"), None);
    }
}
