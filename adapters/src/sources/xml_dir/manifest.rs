//! What lies in a claim, by name, size and digest as it was read: `work/.names-<claim>` from the reading on, and
//! `work/.given-<claim>` once everything was given back, until the completion receipt has come. What is not in
//! it is not the agent's to move or to remove. Refuses to guess: a list that cannot be read is an error.

use super::{WORK, XmlDirConfig};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// One file of a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ClaimedFile {
    /// Path below the claim's folder, as it was below the exchange directory.
    pub rel: PathBuf,
    /// Size and SHA-256 of what was read; `None` in lists of older versions, and before the first reading.
    pub read: Option<(u64, String)>,
    /// Number of the receipt for an earlier content of the file, which was changed after it had been read.
    pub again: Option<String>,
}

fn at(config: &XmlDirConfig, what: &str, claim: &str) -> PathBuf {
    config.dir.join(WORK).join(format!(".{what}-{claim}"))
}

/// Whether anything was noted under that claim's name: then the name is taken.
pub(super) fn is_known(config: &XmlDirConfig, claim: &str) -> bool {
    ["names", "given"]
        .iter()
        .any(|what| fs::symlink_metadata(at(config, what, claim)).is_ok())
}

/// Notes what was read of a claim.
pub(super) fn write(config: &XmlDirConfig, claim: &str, entries: &[ClaimedFile]) -> io::Result<()> {
    let mut text = String::new();
    for entry in entries {
        match &entry.read {
            Some((size, sha256)) => text.push_str(&format!("{sha256} {size} ")),
            None => text.push_str("- - "),
        }
        escape(entry.rel.as_os_str().as_encoded_bytes(), &mut text);
        if let Some(number) = &entry.again {
            text.push(' ');
            escape(number.as_bytes(), &mut text);
        }
        text.push('\n');
    }
    write_whole(&at(config, "names", claim), text.as_bytes())
}

/// What was read of a claim that is not given back; `None` where nothing was noted.
pub(super) fn read(config: &XmlDirConfig, claim: &str) -> io::Result<Option<Vec<ClaimedFile>>> {
    read_file(&at(config, "names", claim))
}

/// What was given back of a claim whose completion receipt is awaited.
pub(super) fn given(config: &XmlDirConfig, claim: &str) -> io::Result<Option<Vec<ClaimedFile>>> {
    let given = read_file(&at(config, "given", claim))?;
    // An older version kept both under one name.
    match given {
        None if !config.dir.join(WORK).join(claim).exists() => read(config, claim),
        given => Ok(given),
    }
}

/// Notes that everything of the claim was given back.
pub(super) fn note_given(config: &XmlDirConfig, claim: &str) -> io::Result<()> {
    match fs::rename(at(config, "names", claim), at(config, "given", claim)) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// Whether everything of the claim was given back.
pub(super) fn is_given(config: &XmlDirConfig, claim: &str) -> bool {
    fs::symlink_metadata(at(config, "given", claim)).is_ok()
}

/// Forgets a claim whose completion receipt has come.
pub(super) fn forget(config: &XmlDirConfig, claim: &str) -> io::Result<()> {
    let mut lists = vec![at(config, "given", claim)];
    if !config.dir.join(WORK).join(claim).exists() {
        lists.push(at(config, "names", claim));
    }
    for list in lists {
        match fs::remove_file(list) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(())
}

fn read_file(path: &Path) -> io::Result<Option<Vec<ClaimedFile>>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    text.lines().map(entry).collect::<io::Result<_>>().map(Some)
}

fn entry(line: &str) -> io::Result<ClaimedFile> {
    let path = |text: &str| path_of(&unescape(text));
    let parts: Vec<&str> = line.split(' ').collect();
    match parts.as_slice() {
        // Older versions noted the name alone.
        [name] => Ok(ClaimedFile {
            rel: path(name),
            ..ClaimedFile::default()
        }),
        [sha256, size, name, again @ ..] => Ok(ClaimedFile {
            rel: path(name),
            read: size.parse().ok().map(|size| (size, (*sha256).to_owned())),
            again: again
                .first()
                .map(|n| String::from_utf8_lossy(&unescape(n)).into_owned()),
        }),
        _ => Err(io::Error::other("the list of a claim is damaged")),
    }
}

/// Bytes other than printable ASCII as `%XX`, for names are not always UTF-8.
fn escape(bytes: &[u8], text: &mut String) {
    for byte in bytes {
        match byte {
            b'!'..=b'~' if *byte != b'%' => text.push(char::from(*byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
}

fn unescape(line: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(line.len());
    let mut rest = line.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let code = (*first == b'%').then(|| after.get(..2)).flatten();
        let code = code.and_then(|c| u8::from_str_radix(std::str::from_utf8(c).ok()?, 16).ok());
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => bytes.push(*first),
        }
    }
    bytes
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// Writes a file so that a reader sees the old or the new one, never a part.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(super::names::DRAFT);
    let draft = PathBuf::from(draft);
    let written = fs::write(&draft, bytes).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // A full disk: half a draft would only take room.
        let _ = fs::remove_file(&draft);
    }
    written
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_it_was_written_and_those_of_older_versions_too() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(WORK)).unwrap();
        let config = XmlDirConfig::new("dir", folder.path());
        let entries = [
            ClaimedFile {
                rel: path_of(b"sub/\xb0\xec %41.xml"),
                read: Some((7, "ab".repeat(32))),
                again: Some("431321/hub:431321/gtj@1.7".to_owned()),
            },
            ClaimedFile {
                rel: "line\nbreak.csv".into(),
                ..ClaimedFile::default()
            },
        ];
        write(&config, "1", &entries).unwrap();
        assert_eq!(read(&config, "1").unwrap().unwrap(), entries);
        assert!(is_known(&config, "1") && !is_given(&config, "1"));
        note_given(&config, "1").unwrap();
        assert_eq!(given(&config, "1").unwrap().unwrap(), entries);
        forget(&config, "1").unwrap();
        assert!(!is_known(&config, "1"));
        fs::write(at(&config, "names", "2"), "a%20b.xml\n").unwrap();
        let old = read(&config, "2").unwrap().unwrap();
        assert_eq!(
            (old[0].rel.as_path(), &old[0].read),
            (Path::new("a b.xml"), &None)
        );
        fs::write(at(&config, "names", "3"), "only two\n").unwrap();
        assert!(
            read(&config, "3").is_err(),
            "a damaged list is not guessed at"
        );
    }
}
