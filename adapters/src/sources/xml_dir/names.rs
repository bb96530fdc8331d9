//! Names of what is given back: the file's own, the next free one where that is taken, and those of its
//! receipts. None is longer than a file system takes. Refuses to touch any file.

use super::{RECEIPT_JSON, RECEIPT_TEXT, RECEIPT_XML};
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use tongcha_schema::digest::hex;
use tongcha_schema::limits::FILE_NAME_BYTES;

/// What is added to a name while its file is written.
pub(super) const DRAFT: &str = ".tmp";

/// Digits of the digest that tells shortened names apart.
const DIGEST_BYTES: usize = 4;

/// The names to try in turn: the wanted one, then `~2`, `~3` ...
pub(super) fn candidates(wanted: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let first = wanted.to_owned();
    let others = (2..100_000u32).map({
        let wanted = wanted.to_owned();
        move |number| fitted(&wanted, &format!("~{number}"), FILE_NAME_BYTES)
    });
    std::iter::once(first).chain(others)
}

/// The receipt's name beside a file: `<name>.receipt.json` and its like. Where that would be too long for the
/// file system the middle is left out, and eight digits of the whole name's digest keep it its own.
pub(super) fn beside(target: &Path, end: &str) -> PathBuf {
    // All receipts of a file begin alike, and a draft fits too.
    let longest = [RECEIPT_JSON, RECEIPT_XML, RECEIPT_TEXT].map(str::len);
    let room = longest.into_iter().max().unwrap_or(0) + DRAFT.len();
    let name = target.file_name().unwrap_or_default();
    if name.len() + room <= FILE_NAME_BYTES {
        return fitted(target, end, FILE_NAME_BYTES);
    }
    let digest = Sha256::digest(name.as_encoded_bytes());
    let mark = format!("~{}", hex(&digest[..DIGEST_BYTES]));
    let base = fitted(target, &mark, FILE_NAME_BYTES - room);
    fitted(&base, end, FILE_NAME_BYTES)
}

/// The path with an end added to its name, whose own end gives way until it has at most `most` bytes.
fn fitted(path: &Path, end: &str, most: usize) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    let mut cut: OsString = start_of(name, most.saturating_sub(end.len()));
    cut.push(end);
    path.with_file_name(cut)
}

/// The first bytes of a name, no character cut in half.
fn start_of(name: &std::ffi::OsStr, most: usize) -> OsString {
    if name.len() <= most {
        return name.to_owned();
    }
    match name.to_str() {
        Some(text) => {
            let mut end = most;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            OsString::from(&text[..end])
        }
        None => raw_start(name, most),
    }
}

#[cfg(unix)]
fn raw_start(name: &std::ffi::OsStr, most: usize) -> OsString {
    use std::os::unix::ffi::OsStrExt as _;
    std::ffi::OsStr::from_bytes(&name.as_bytes()[..most]).to_owned()
}

#[cfg(not(unix))]
fn raw_start(name: &std::ffi::OsStr, most: usize) -> OsString {
    let text: String = name.to_string_lossy().chars().take(most / 4).collect();
    OsString::from(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_longer_than_a_file_system_takes_and_each_is_its_own() {
        for bytes in [1, 100, 238, 239, 243, 251, 254, 255] {
            let mut name = "件".repeat(bytes / 3);
            name.push_str(&"x".repeat(bytes - name.len()));
            let path = Path::new("done/sub").join(&name);
            let mut known = std::collections::BTreeSet::new();
            for target in candidates(&path).take(12) {
                let mut all = vec![target.clone()];
                for end in [RECEIPT_JSON, RECEIPT_XML, RECEIPT_TEXT] {
                    let receipt = beside(&target, end);
                    let mut draft = receipt.clone().into_os_string();
                    draft.push(DRAFT);
                    all.extend([receipt, PathBuf::from(draft)]);
                }
                for path in all {
                    let name = path.file_name().unwrap_or_default();
                    assert!(name.len() <= FILE_NAME_BYTES, "{bytes}: {path:?}");
                    assert!(path.starts_with("done/sub"), "{path:?}");
                    assert!(known.insert(path.clone()), "{bytes}: twice {path:?}");
                }
            }
        }
        let usual = beside(Path::new("done/a.xml"), RECEIPT_JSON);
        assert_eq!(usual, Path::new("done/a.xml.receipt.json"));
    }
}
