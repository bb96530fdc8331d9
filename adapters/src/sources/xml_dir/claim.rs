//! Hop 2, the claim: which files are ready, and their atomic move into a claim's own folder
//! `work/<milliseconds>-<number>/`. It is made exclusively, so that two pollers never share one, and its name is
//! higher than that of every claim before, whatever the clock does, so that none is used twice. A file is ready
//! once it was quiet for the configured time and nobody writes it, or once its marker file is there.

use super::folder::{new_claim, remove_empty};
use super::ready::{Found, Seen, is_marker, marked, markers_of, quiet, stamp, touched_ms};
use super::writers;
use super::{BAD, DONE, Memory, WORK, XmlDirConfig};
use crate::sources::archive::ArchiveKind;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use tongcha_schema::clock::unix_ms;
use tongcha_schema::limits;

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

/// Writes a small file in each folder and removes it again: a full disk or a folder closed to the agent is known
/// before a file lies in it.
pub(super) fn try_folders(config: &XmlDirConfig) -> io::Result<()> {
    for folder in ["", WORK, DONE, BAD] {
        let probe = config.dir.join(folder).join(".tongcha-probe.tmp");
        let written = fs::write(&probe, [0; PROBE_BYTES]);
        // Half of it may be there.
        let removed = fs::remove_file(&probe);
        let tried = written.and(removed);
        tried.map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", probe.display())))?;
    }
    Ok(())
}

/// More than a file system keeps beside a name, so that a full disk shows.
const PROBE_BYTES: usize = 64 << 10;

/// Files that wait, and how many of them wait for a marker.
pub(super) fn waiting(config: &XmlDirConfig) -> io::Result<(usize, usize)> {
    let mut files = scan(config)?.files;
    files.retain(|found| !is_marker(config, &found.rel));
    let unmarked = match config.marker {
        Some(_) => files.iter().filter(|found| !marked(config, found)).count(),
        None => 0,
    };
    Ok((files.len(), unmarked))
}

/// Looks through the directory; what vanishes meanwhile is passed over.
pub(super) fn scan(config: &XmlDirConfig) -> io::Result<Scan> {
    let mut scan = Scan::default();
    walk(&config.dir, Path::new(""), 0, true, &mut scan)?;
    Ok(scan)
}

/// All regular files below a claim's folder, in order of their paths, and what else lies there.
pub(super) fn scan_claim(folder: &Path) -> io::Result<Scan> {
    let mut scan = Scan::default();
    walk(folder, Path::new(""), 0, false, &mut scan)?;
    Ok(scan)
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
            scan.files.push(Found {
                rel: own,
                stamp: stamp(&meta),
                touched_ms: touched_ms(&meta),
            });
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
    let (ready, mut later) = sort_out(config, memory, scan.files, now);
    let paths: Vec<PathBuf> = ready.iter().map(|r| config.dir.join(&r.0.rel)).collect();
    let written = writers::written(paths.iter().map(PathBuf::as_path));
    let mut group = Group::default();
    for ((found, seen), path) in ready.into_iter().zip(paths) {
        let open = written.contains(&path);
        let kind = match (!open).then(|| look(config, &found)) {
            Some(Some(kind)) => kind,
            _ => {
                later.insert(found.rel, seen);
                continue;
            }
        };
        if kind.is_some() {
            // An archive is a lot of its own.
            let mut alone = Group::default();
            alone.add(found);
            alone.claim(config, memory, now)?;
            continue;
        }
        if group.files.len() >= config.lot_files || group.bytes >= config.lot_bytes {
            std::mem::take(&mut group).claim(config, memory, now)?;
        }
        group.add(found);
    }
    group.claim(config, memory, now)?;
    memory.seen = later;
    Ok(())
}

/// Files that seem ready, and those that are not, each with what is remembered of it.
type Sorted = (Vec<(Found, Seen)>, BTreeMap<PathBuf, Seen>);

/// Which files have their marker, or have been quiet where there are no markers.
fn sort_out(
    config: &XmlDirConfig,
    memory: &Memory,
    files: Vec<Found>,
    now: OffsetDateTime,
) -> Sorted {
    let (mut ready, mut later) = (Vec::new(), BTreeMap::new());
    for found in files {
        if is_marker(config, &found.rel) {
            continue;
        }
        let (is_quiet, seen) = quiet(config, memory.seen.get(&found.rel), &found, unix_ms(now));
        let is_ready = match config.marker {
            Some(_) => marked(config, &found),
            None => is_quiet,
        };
        if is_ready {
            ready.push((found, seen));
        } else {
            later.insert(found.rel, seen);
        }
    }
    (ready, later)
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

    fn claim(
        self,
        config: &XmlDirConfig,
        memory: &mut Memory,
        now: OffsetDateTime,
    ) -> io::Result<()> {
        if self.files.is_empty() {
            return Ok(());
        }
        let claim = new_claim(config, unix_ms(now))?;
        let folder = config.dir.join(WORK).join(claim);
        for found in &self.files {
            if let Err(cause) = move_in(config, &folder, &found.rel)
                && cause.kind() != io::ErrorKind::NotFound
            {
                memory.tell(config, format!("{}: {cause}", found.rel.display()));
            }
        }
        // Nothing could be taken.
        remove_empty(&folder)?;
        Ok(())
    }
}

/// Moves a file and its marker into a claim.
fn move_in(config: &XmlDirConfig, folder: &Path, rel: &Path) -> io::Result<()> {
    let target = folder.join(rel);
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::rename(config.dir.join(rel), &target)?;
    for marker in markers_of(config, rel) {
        match fs::rename(config.dir.join(&marker), folder.join(&marker)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(())
}
