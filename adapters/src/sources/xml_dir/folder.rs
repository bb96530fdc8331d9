//! Folders of claims: their names, each higher than all before it whatever the clock does, and their end once
//! they are empty. Refuses to remove a file.

use super::manifest;
use super::{WORK, XmlDirConfig};
use std::fs;
use std::io;
use std::path::Path;

/// Removes the folders of a claim that hold nothing any more, never a file; says whether the claim's is gone.
pub(super) fn remove_empty(folder: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(e) => return Err(e),
    };
    let mut empty = true;
    for entry in entries {
        let entry = entry?;
        empty &= entry.file_type()?.is_dir() && remove_empty(&entry.path())?;
    }
    if !empty {
        return Ok(false);
    }
    match fs::remove_dir(folder) {
        // Something was put there meanwhile.
        Err(e) if e.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(false),
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(true),
    }
}

/// Where the name of the last claim is kept.
const LAST: &str = ".last";

/// Makes the folder of a new claim and gives its name, which is higher than every one before.
pub(super) fn new_claim(config: &XmlDirConfig, ms: i64) -> io::Result<String> {
    let work = config.dir.join(WORK);
    let last = match fs::read_to_string(work.join(LAST)) {
        Ok(text) => numbers(&text),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(e),
    };
    let (ms, first) = match last {
        Some((last_ms, last)) if last_ms >= ms => (last_ms, last + 1),
        _ => (ms, 0),
    };
    for number in first..first.saturating_add(1_000_000) {
        let name = format!("{ms:013}-{number:04}");
        if manifest::is_known(config, &name) {
            continue;
        }
        // Before the folder: a name that was noted and not used costs nothing.
        manifest::write_whole(&work.join(LAST), name.as_bytes())?;
        match fs::create_dir(work.join(&name)) {
            Ok(()) => return Ok(name),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    Err(io::Error::other("a million claims in one millisecond"))
}

/// Milliseconds and number of a claim's name.
pub(super) fn numbers(claim: &str) -> Option<(i64, u32)> {
    let (ms, number) = claim.trim().split_once('-')?;
    Some((ms.parse().ok()?, number.parse().ok()?))
}
