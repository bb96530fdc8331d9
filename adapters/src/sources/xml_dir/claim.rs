//! Hop 2, the claim: which files are ready, and their atomic move into a claim's own folder
//! `work/<milliseconds>-<number>/`, which is made exclusively, so that two pollers never share one.

use super::{BAD, DONE, Memory, WORK, XmlDirConfig};
use crate::sources::archive::ArchiveKind;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use tongcha_schema::clock::unix_ms;
use tongcha_schema::limits;

/// What shows that a file has not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sources) struct Stamp {
    /// Size in bytes.
    pub size: u64,
    /// Time of the last change, milliseconds since 1970.
    pub changed_ms: i64,
    /// Identity of the file on its disk (0 where the system has none).
    pub inode: u64,
}

/// A file that may be claimed.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Path below the directory.
    pub rel: PathBuf,
    /// Its stamp.
    pub stamp: Stamp,
}

/// What a scan gives.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Regular files, in order of their paths.
    pub files: Vec<Found>,
    /// What is never touched, with the reason.
    pub refused: Vec<(PathBuf, &'static str)>,
}

/// Makes `work`, `done` and `bad`.
pub(super) fn make_folders(config: &XmlDirConfig) -> io::Result<()> {
    for folder in [WORK, DONE, BAD] {
        match fs::create_dir(config.dir.join(folder)) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
            _ => {}
        }
        // A link put there by somebody would lead the files elsewhere.
        if !fs::symlink_metadata(config.dir.join(folder))?.is_dir() {
            return Err(io::Error::other(format!("{folder} is no folder")));
        }
    }
    Ok(())
}

/// Looks through the directory; what vanishes meanwhile is passed over.
pub(super) fn scan(config: &XmlDirConfig) -> io::Result<Scan> {
    let mut scan = Scan::default();
    walk(&config.dir, Path::new(""), 0, true, &mut scan)?;
    Ok(scan)
}

/// All regular files below a claim's folder, in order of their paths.
pub(super) fn files_of(folder: &Path) -> io::Result<Vec<Found>> {
    let mut scan = Scan::default();
    walk(folder, Path::new(""), 0, false, &mut scan)?;
    Ok(scan.files)
}

fn walk(root: &Path, rel: &Path, depth: usize, inbox: bool, scan: &mut Scan) -> io::Result<()> {
    let entries = match fs::read_dir(root.join(rel)) {
        Ok(entries) => entries,
        Err(e) if depth > 0 && e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(_) if depth > 0 => {
            scan.refused
                .push((rel.to_owned(), "the folder cannot be read"));
            return Ok(());
        }
        Err(e) => return Err(e),
    };
    let mut names: Vec<_> = entries
        .filter_map(|e| e.ok().map(|e| e.file_name()))
        .collect();
    names.sort();
    for name in names {
        if scan.files.len() >= limits::POLL_FILES {
            return Ok(());
        }
        let own = rel.join(&name);
        if inbox && passed_over(&name.to_string_lossy(), depth) {
            continue;
        }
        let Ok(meta) = fs::symlink_metadata(root.join(&own)) else {
            continue;
        };
        let kind = meta.file_type();
        if kind.is_dir() {
            if depth < limits::FOLDER_DEPTH {
                walk(root, &own, depth + 1, inbox, scan)?;
            } else {
                scan.refused.push((own, "folders are nested too deep"));
            }
        } else if let Some(why) = refusal(&meta) {
            scan.refused.push((own, why));
        } else {
            let stamp = stamp(&meta);
            scan.files.push(Found { rel: own, stamp });
        }
    }
    Ok(())
}

/// Names of our own folders and of files that their writers mark as unfinished or hidden.
pub(in crate::sources) fn passed_over(name: &str, depth: usize) -> bool {
    let ours = depth == 0 && [WORK, DONE, BAD].contains(&name);
    let lower = name.to_ascii_lowercase();
    let unfinished = [
        ".tmp",
        ".temp",
        ".part",
        ".partial",
        ".filepart",
        ".crdownload",
        ".swp",
        ".lock",
    ];
    ours || name.starts_with(['.', '~'])
        || name.ends_with('~')
        || unfinished.iter().any(|end| lower.ends_with(end))
}

pub(in crate::sources) fn refusal(meta: &fs::Metadata) -> Option<&'static str> {
    if meta.file_type().is_symlink() {
        return Some("symbolic links are not followed");
    }
    if !meta.is_file() {
        return Some("devices, pipes and sockets are not read");
    }
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::nlink(meta) > 1 {
        return Some("hard links are not taken: the file has another name elsewhere");
    }
    None
}

pub(in crate::sources) fn stamp(meta: &fs::Metadata) -> Stamp {
    let changed_ms = meta.modified().ok().map_or(0, |m| {
        let since = m.duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
    });
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(meta);
    #[cfg(not(unix))]
    let inode = 0;
    Stamp {
        size: meta.len(),
        changed_ms,
        inode,
    }
}

/// Claims every file that is ready; the others are remembered for the next poll.
pub(super) fn claim_ready(
    config: &XmlDirConfig,
    memory: &mut Memory,
    now: OffsetDateTime,
) -> io::Result<()> {
    make_folders(config)?;
    let scan = scan(config)?;
    for (path, why) in scan.refused {
        if memory.warned.insert(path.clone()) {
            tracing::warn!(source = %config.name, path = %path.display(), why, "not taken");
        }
    }
    let quiet_ms = i64::try_from(config.quiet.whole_milliseconds()).unwrap_or(i64::MAX);
    let mut group = Group::default();
    let mut later = std::collections::BTreeMap::new();
    for found in scan.files {
        let aged = unix_ms(now).saturating_sub(found.stamp.changed_ms) >= quiet_ms;
        let stable = memory.seen.get(&found.rel) == Some(&found.stamp);
        let kind = match (aged || stable).then(|| look(config, &found)) {
            Some(Some(kind)) => kind,
            _ => {
                later.insert(found.rel, found.stamp);
                continue;
            }
        };
        if kind.is_some() {
            // An archive is a lot of its own.
            let mut alone = Group::default();
            alone.add(found);
            alone.claim(config, now)?;
            continue;
        }
        if group.files.len() >= config.lot_files || group.bytes >= config.lot_bytes {
            std::mem::take(&mut group).claim(config, now)?;
        }
        group.add(found);
    }
    group.claim(config, now)?;
    memory.seen = later;
    Ok(())
}

/// Whether the file can be read and nobody holds a lock on it; then what kind it is.
fn look(config: &XmlDirConfig, found: &Found) -> Option<Option<ArchiveKind>> {
    let path = config.dir.join(&found.rel);
    let file = fs::File::open(&path).ok()?;
    if matches!(file.try_lock_shared(), Err(fs::TryLockError::WouldBlock)) {
        return None;
    }
    ArchiveKind::of_file(&found.rel.to_string_lossy(), &path).ok()
}

/// Files that are claimed together.
#[derive(Default)]
struct Group {
    files: Vec<Found>,
    bytes: u64,
}

impl Group {
    fn add(&mut self, found: Found) {
        self.bytes += found.stamp.size;
        self.files.push(found);
    }

    fn claim(self, config: &XmlDirConfig, now: OffsetDateTime) -> io::Result<()> {
        if self.files.is_empty() {
            return Ok(());
        }
        let folder = new_claim(&config.dir.join(WORK), now)?;
        let mut taken = 0;
        for found in &self.files {
            let target = folder.join(&found.rel);
            if let Some(parent) = target.parent() {
                fs::create_dir_all(parent)?;
            }
            match fs::rename(config.dir.join(&found.rel), &target) {
                Ok(()) => taken += 1,
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(cause) => {
                    let path = found.rel.display();
                    tracing::warn!(source = %config.name, %path, %cause, "cannot be claimed");
                }
            }
        }
        if taken == 0 {
            fs::remove_dir_all(&folder)?;
        }
        Ok(())
    }
}

fn new_claim(work: &Path, now: OffsetDateTime) -> io::Result<PathBuf> {
    let ms = unix_ms(now);
    for number in 0..1_000_000u32 {
        let folder = work.join(format!("{ms:013}-{number:04}"));
        match fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    Err(io::Error::other("a million claims in one millisecond"))
}
