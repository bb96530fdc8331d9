//! Who still writes: files that a process holds open for writing, or on which it holds a lock for writing, where
//! the system tells (Linux: `/proc/<pid>/fd` of the processes that the agent may see, `/proc/locks` of all).
//! What the system does not tell, the quiet time must. Refuses to open the files themselves.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Those of the files, given by their paths, that somebody writes.
#[cfg(target_os = "linux")]
pub(super) fn written<'a>(files: impl Iterator<Item = &'a Path>) -> BTreeSet<PathBuf> {
    use std::collections::BTreeMap;
    use std::os::unix::fs::MetadataExt as _;
    let mut by_id = BTreeMap::new();
    for path in files {
        if let Ok(meta) = fs::symlink_metadata(path) {
            by_id.insert((meta.dev(), meta.ino()), path.to_owned());
        }
    }
    let mut found = BTreeSet::new();
    if by_id.is_empty() {
        return found;
    }
    let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
    for id in locks.lines().filter_map(locked_for_writing) {
        found.extend(by_id.get(&id).cloned());
    }
    let names: BTreeSet<_> = by_id.values().filter_map(|p| p.file_name()).collect();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    for process in processes {
        // Processes of other users answer nothing, unless the agent is root.
        let open = fs::read_dir(process.path().join("fd"));
        for fd in open.into_iter().flatten().flatten() {
            // The name first: asking for more than its link may hang on a dead network drive.
            let link = fs::read_link(fd.path()).unwrap_or_default();
            if !link.file_name().is_some_and(|name| names.contains(name)) {
                continue;
            }
            let id = fs::metadata(fd.path()).map(|meta| (meta.dev(), meta.ino()));
            let Some(path) = id.ok().and_then(|id| by_id.get(&id)) else {
                continue;
            };
            let info = process.path().join("fdinfo").join(fd.file_name());
            if opened_for_writing(&fs::read_to_string(info).unwrap_or_default()) {
                found.insert(path.clone());
            }
        }
    }
    found
}

/// Elsewhere the system does not tell.
#[cfg(not(target_os = "linux"))]
pub(super) fn written<'a>(_files: impl Iterator<Item = &'a Path>) -> BTreeSet<PathBuf> {
    BTreeSet::new()
}

/// Device and inode of a line of `/proc/locks` that is held for writing (proc_locks(5)); those that wait for
/// a lock hold none.
#[cfg(target_os = "linux")]
fn locked_for_writing(line: &str) -> Option<(u64, u64)> {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let [_, _kind, _mode, "WRITE", _pid, place, ..] = parts.as_slice() else {
        return None;
    };
    let mut place = place.split(':');
    let major = u64::from_str_radix(place.next()?, 16).ok()?;
    let minor = u64::from_str_radix(place.next()?, 16).ok()?;
    let inode = place.next()?.parse().ok()?;
    // As the C library puts a device's number together (makedev(3)).
    let device = ((major & 0xffff_f000) << 32)
        | ((major & 0xfff) << 8)
        | ((minor & 0xffff_ff00) << 12)
        | (minor & 0xff);
    Some((device, inode))
}

/// Whether `/proc/<pid>/fdinfo/<n>` says write-only or read-write (proc_pid_fdinfo(5): octal `flags`).
#[cfg(target_os = "linux")]
fn opened_for_writing(info: &str) -> bool {
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|text| u32::from_str_radix(text.trim(), 8).ok());
    flags.is_some_and(|flags| flags & 0o3 != 0)
}

#[cfg(all(test, target_os = "linux"))]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn a_writer_is_seen_and_a_reader_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["written", "read", "left"] {
            fs::write(path(name), "x").unwrap();
        }
        let writer = fs::OpenOptions::new().append(true).open(path("written"));
        let (writer, reader) = (writer.unwrap(), fs::File::open(path("read")).unwrap());
        let all = ["written", "read", "left"].map(path);
        let found = written(all.iter().map(PathBuf::as_path));
        assert_eq!(found, BTreeSet::from([path("written")]));
        drop((writer, reader));
        assert!(written(all.iter().map(PathBuf::as_path)).is_empty());
    }

    #[test]
    fn lines_of_the_system_are_read_as_it_writes_them() {
        let held = "12: POSIX  ADVISORY  WRITE 842 fd:01:131090 0 EOF";
        assert_eq!(locked_for_writing(held), Some((0xfd01, 131_090)));
        assert_eq!(
            locked_for_writing("12: -> FLOCK ADVISORY WRITE 1 08:01:5 0 EOF"),
            None
        );
        assert_eq!(
            locked_for_writing("1: FLOCK  ADVISORY  READ 1 08:01:5 0 EOF"),
            None
        );
        assert!(opened_for_writing("pos:\t0\nflags:\t0100002\n"));
        assert!(!opened_for_writing("pos:\t0\nflags:\t0100000\n") && !opened_for_writing(""));
    }
}
