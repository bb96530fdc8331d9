//! A file as it is found, and when it is ready: it was quiet for long enough, or its marker is there. Refuses to
//! open files.

use super::XmlDirConfig;
use std::fs;
use std::path::{Path, PathBuf};

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
    /// When its bytes or anything else about it was last changed, milliseconds since 1970: a program that sets
    /// the time of change back (a copy "with dates") cannot set this one.
    pub touched_ms: i64,
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

/// A file that was looked at and not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    stamp: Stamp,
    touched_ms: i64,
    /// When it was first seen like this, by the agent's clock.
    since_ms: i64,
}

/// Whether a file has been quiet for long enough at `now_ms`: by its own stamps, or as the agent has seen it from
/// poll to poll (a file server's clock may be ahead). Also what to remember of it for the next look.
pub(super) fn quiet(
    config: &XmlDirConfig,
    seen: Option<&Seen>,
    found: &Found,
    now_ms: i64,
) -> (bool, Seen) {
    let quiet_ms = i64::try_from(config.quiet.whole_milliseconds()).unwrap_or(i64::MAX);
    let same = seen.filter(|s| s.stamp == found.stamp && s.touched_ms == found.touched_ms);
    let since = same.map(|s| s.since_ms.min(now_ms));
    let long = |from: i64| now_ms.saturating_sub(from) >= quiet_ms;
    let now_seen = Seen {
        stamp: found.stamp,
        touched_ms: found.touched_ms,
        since_ms: since.unwrap_or(now_ms),
    };
    (long(found.touched_ms) || since.is_some_and(long), now_seen)
}

/// The later one of the time of change and, where the system keeps one, that of the last change of anything.
pub(super) fn touched_ms(meta: &fs::Metadata) -> i64 {
    let changed_ms = stamp(meta).changed_ms;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let touched = meta.ctime().saturating_mul(1_000) + meta.ctime_nsec() / 1_000_000;
        changed_ms.max(touched)
    }
    #[cfg(not(unix))]
    changed_ms
}

/// The marker files that would say that this file is whole: `a.xml.ok` and `a.ok`.
pub(super) fn markers_of(config: &XmlDirConfig, rel: &Path) -> Vec<PathBuf> {
    let Some(end) = &config.marker else {
        return Vec::new();
    };
    let mut added = rel.as_os_str().to_owned();
    added.push(end);
    let instead = rel.with_extension(end.trim_start_matches('.'));
    vec![PathBuf::from(added), instead]
}

/// Whether a file is a marker by its name.
pub(super) fn is_marker(config: &XmlDirConfig, rel: &Path) -> bool {
    let name = rel.file_name().unwrap_or_default().to_string_lossy();
    let end = config.marker.as_deref();
    end.is_some_and(|end| name.to_lowercase().ends_with(&end.to_lowercase()))
}

/// A marker of the file that is not older than it: one that was left over says nothing.
pub(super) fn marked(config: &XmlDirConfig, found: &Found) -> bool {
    markers_of(config, &found.rel).iter().any(|rel| {
        let meta = fs::symlink_metadata(config.dir.join(rel));
        meta.is_ok_and(|m| m.is_file() && touched_ms(&m) >= found.stamp.changed_ms)
    })
}
