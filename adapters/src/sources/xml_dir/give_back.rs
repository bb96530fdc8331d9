//! Hop 6 at the department's end: the file moves to `done/` or `bad/`, its receipt beside it. The
//! receipt's file is made exclusively and reserves the name, so that nothing is ever overwritten; a
//! second call after a crash finds its own receipt and goes on. Before it is given back a file is compared with
//! what was read of it: one that was changed since is no answered file, and goes again. Refuses to remove a file.

use super::claim::scan_claim;
use super::folder::{new_claim, numbers, remove_empty};
use super::manifest::{self, ClaimedFile, write_whole};
use super::names::{beside, candidates};
use super::ready::markers_of;
use super::{BAD, DONE, RECEIPT_JSON, RECEIPT_TEXT, RECEIPT_XML, WORK, XmlDirConfig};
use crate::source::measure;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tongcha_schema::receipt::{Counts, Receipt, Verdict, to_json, to_words, to_xml};

/// Puts a claim's files where they belong. Idempotent. Nothing is synced to the disk here: the receipt
/// is safe in the outbox, and a move that a power cut undoes makes the file come again, as duplicates.
///
/// # Errors
/// The first of what went wrong, with its path; the other files of the claim are given back all the same.
pub(super) fn settle(config: &XmlDirConfig, claim: &str, receipt: &Receipt) -> io::Result<()> {
    let folder = config.dir.join(WORK).join(claim);
    let entries = match manifest::read(config, claim)? {
        Some(entries) => entries,
        None if manifest::is_given(config, claim) => Vec::new(),
        None => match as_it_lies(config, claim, &folder)? {
            Some(entries) => entries,
            None => return Ok(()),
        },
    };
    let mut wrong = None;
    for (index, entry) in entries.iter().enumerate() {
        let own = part(receipt, index, entries.len());
        if let Err(cause) = give_back(config, claim, &folder, entry, &own) {
            let told = format!("{}: {cause}", entry.rel.display());
            wrong.get_or_insert(io::Error::new(cause.kind(), told));
        }
    }
    if let Some(cause) = wrong {
        return Err(cause);
    }
    manifest::note_given(config, claim)?;
    // What is left was never read: the next poll sends it, or tells why it is not taken.
    remove_empty(&folder).map(drop)
}

/// The list of a claim of an older version, which had none until now; `None` where nothing is left of it.
fn as_it_lies(
    config: &XmlDirConfig,
    claim: &str,
    folder: &Path,
) -> io::Result<Option<Vec<ClaimedFile>>> {
    let files = match scan_claim(folder) {
        Ok(scan) => scan.files,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let entries: Vec<ClaimedFile> = files
        .into_iter()
        .map(|found| ClaimedFile {
            rel: found.rel,
            ..ClaimedFile::default()
        })
        .collect();
    manifest::write(config, claim, &entries)?;
    Ok(Some(entries))
}

fn give_back(
    config: &XmlDirConfig,
    claim: &str,
    folder: &Path,
    entry: &ClaimedFile,
    own: &Receipt,
) -> io::Result<()> {
    let file = folder.join(&entry.rel);
    // Given back by a call that was cut short, or taken away; what is no file any more was not read.
    if !fs::symlink_metadata(&file).is_ok_and(|meta| meta.is_file()) {
        return Ok(());
    }
    if !is_as_read(&file, entry)? {
        return goes_again(config, claim, &file, entry, own);
    }
    let target = reserve(&config.dir.join(side(own)).join(&entry.rel), own)?;
    write_receipts(&target, own)?;
    fs::rename(&file, &target)?;
    for marker in markers_of(config, &entry.rel) {
        let from = folder.join(&marker);
        if fs::symlink_metadata(&from).is_ok() {
            let wanted = target.with_file_name(marker.file_name().unwrap_or_default());
            let free = candidates(&wanted).find(|path| fs::symlink_metadata(path).is_err());
            fs::rename(&from, free.unwrap_or(wanted))?;
        }
    }
    Ok(())
}

/// Whether the file has the bytes that were read; files of older versions, of which nothing is known, have.
fn is_as_read(file: &Path, entry: &ClaimedFile) -> io::Result<bool> {
    let Some((size, sha256)) = &entry.read else {
        return Ok(true);
    };
    if fs::metadata(file)?.len() != *size {
        return Ok(false);
    }
    Ok(measure(&mut fs::File::open(file)?)? == (*size, sha256.clone()))
}

/// Claims a file anew whose content is not the one that the receipt is for.
fn goes_again(
    config: &XmlDirConfig,
    claim: &str,
    file: &Path,
    entry: &ClaimedFile,
    receipt: &Receipt,
) -> io::Result<()> {
    let fresh = new_claim(config, numbers(claim).map_or(0, |n| n.0))?;
    let again = ClaimedFile {
        rel: entry.rel.clone(),
        read: None,
        again: Some(receipt.number.clone()),
    };
    // The note first: without its file it is merely forgotten.
    manifest::write(config, &fresh, &[again])?;
    let target = config.dir.join(WORK).join(&fresh).join(&entry.rel);
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::rename(file, target)?;
    let (path, number) = (entry.rel.display(), &receipt.number);
    tracing::warn!(source = %config.name, %path, %number, "changed after it was read: it goes again");
    Ok(())
}

/// Renews the receipts of a claim with what the store decided. Idempotent.
pub(super) fn complete(config: &XmlDirConfig, claim: &str, receipt: &Receipt) -> io::Result<()> {
    let entries = manifest::given(config, claim)?.unwrap_or_default();
    for (index, entry) in entries.iter().enumerate() {
        let own = part(receipt, index, entries.len());
        // The side was chosen by the admission receipt; what the store refused afterwards moves to the other.
        for given in [DONE, BAD] {
            // A receipt that somebody has taken away is not put back.
            let Some(target) = find_own(&config.dir.join(given).join(&entry.rel), &own) else {
                continue;
            };
            let grown = was_written_since(&target) && !is_as_read(&target, entry)?;
            if given == DONE && side(&own) == BAD && !grown {
                move_over(&target, &config.dir.join(BAD).join(&entry.rel), &own)?;
                continue;
            }
            write_receipts(&target, &own)?;
            if grown {
                goes_again(config, claim, &target, entry, &own)?;
            }
        }
    }
    manifest::forget(config, claim)
}

/// Whether a file that lies beside its receipt was changed after that was written.
fn was_written_since(target: &Path) -> bool {
    let changed = |path: &Path| fs::symlink_metadata(path).and_then(|meta| meta.modified());
    let (file, receipt) = (changed(target), changed(&beside(target, RECEIPT_JSON)));
    matches!((file, receipt), (Ok(file), Ok(receipt)) if file >= receipt)
}

/// Moves a given-back file and its receipt to another side; the old receipt goes last, so that a second call
/// after a crash finds where it was.
fn move_over(from: &Path, wanted: &Path, receipt: &Receipt) -> io::Result<()> {
    let target = match find_own(wanted, receipt) {
        Some(target) => target,
        None => reserve(wanted, receipt)?,
    };
    write_receipts(&target, receipt)?;
    match fs::rename(from, &target) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    for end in [RECEIPT_XML, RECEIPT_TEXT, RECEIPT_JSON] {
        match fs::remove_file(beside(from, end)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(())
}

fn side(receipt: &Receipt) -> &'static str {
    if receipt.verdict == Verdict::Accepted {
        DONE
    } else {
        BAD
    }
}

/// The part of a receipt that concerns one file of several; of one file (or archive), all of it.
fn part(receipt: &Receipt, index: usize, files: usize) -> Receipt {
    if files <= 1 || receipt.items.len() != files {
        return receipt.clone();
    }
    let item = receipt.items[index].clone();
    let mut own = receipt.clone();
    own.verdict = item.verdict;
    let rest = item.received.saturating_sub(item.rejected + item.duplicate);
    let done = receipt.completed_at.is_some();
    own.counts = Counts {
        received: item.received,
        rejected: item.rejected,
        stored: if done { rest } else { 0 },
        duplicate: item.duplicate,
        pending: if done { 0 } else { rest },
    };
    // Elements and unlisted codes are counted for the envelope, not for a file.
    own.elements.clear();
    own.unlisted.clear();
    own.findings
        .retain(|f| f.place.file == item.name || f.place.file.is_empty());
    own.items = vec![item];
    own
}

/// Makes the receipt's JSON exclusively and gives the free name that it reserves.
fn reserve(wanted: &Path, receipt: &Receipt) -> io::Result<PathBuf> {
    if let Some(parent) = wanted.parent() {
        fs::create_dir_all(parent)?;
    }
    for target in candidates(wanted) {
        let json = beside(&target, RECEIPT_JSON);
        let free = fs::symlink_metadata(&target).is_err();
        match fs::File::create_new(&json) {
            Ok(_) if !free => fs::remove_file(&json)?,
            Ok(_) => return Ok(target),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                if free && is_own(&json, receipt) {
                    return Ok(target);
                }
            }
            Err(e) => return Err(e),
        }
    }
    let what = format!("no free name for {}", wanted.display());
    Err(io::Error::other(what))
}

/// The name under which this receipt was given back.
fn find_own(wanted: &Path, receipt: &Receipt) -> Option<PathBuf> {
    for target in candidates(wanted) {
        let json = beside(&target, RECEIPT_JSON);
        if is_own(&json, receipt) {
            return Some(target);
        }
        if !json.exists() && !target.exists() {
            return None;
        }
    }
    None
}

/// Whether a receipt of the same number lies there, from a call that was cut short, or an empty file that only
/// reserves the name.
fn is_own(json: &Path, receipt: &Receipt) -> bool {
    let Ok(bytes) = fs::read(json) else {
        return false;
    };
    bytes.is_empty()
        || serde_json::from_slice::<Receipt>(&bytes).is_ok_and(|r| r.number == receipt.number)
}

/// The receipt as JSON, as XML and in words.
fn write_receipts(target: &Path, receipt: &Receipt) -> io::Result<()> {
    write_whole(&beside(target, RECEIPT_JSON), &to_json(receipt))?;
    write_whole(&beside(target, RECEIPT_XML), to_xml(receipt).as_bytes())?;
    let text = to_words(receipt, &format!("{RECEIPT_JSON}或中心页面"));
    write_whole(&beside(target, RECEIPT_TEXT), text.as_bytes())
}
