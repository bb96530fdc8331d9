//! From a claim's folder to a lot: digests, archives, marks. A claim that still changes is left for
//! the next poll.

use super::claim::scan_claim;
use super::folder::{new_claim, numbers, remove_empty};
use super::manifest::{self, ClaimedFile};
use super::ready::{Found, is_marker, quiet, stamp};
use super::{Memory, WORK, XmlDirConfig, writers};
use crate::source::{Body, Lot, LotItem, item_name};
use crate::sources::archive::{self, ArchiveKind};
use std::fs;
use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use tongcha_decode::dialect::is_xml;
use tongcha_schema::clock::unix_ms;
use tongcha_schema::code::transport;
use tongcha_schema::finding::{Finding, Place};

/// Findings kept with one lot: marks for the local status, the hub makes its own.
const MARKS: usize = 1_000;

/// Lots of one poll: reading them holds up nothing but the next ones.
const LOTS: usize = 2;

/// Where a claim's archive is unpacked.
pub(in crate::sources) fn spool(config: &XmlDirConfig, claim: &str) -> PathBuf {
    config.dir.join(WORK).join(format!(".spool-{claim}"))
}

/// The next lots of claims that are not in the outbox yet, also of those of an earlier run; notes
/// whether there are more.
pub(super) fn lots(
    config: &XmlDirConfig,
    memory: &mut Memory,
    now: OffsetDateTime,
) -> io::Result<Vec<Lot>> {
    let after = memory.more.take();
    let mut claims = Vec::new();
    for entry in fs::read_dir(config.dir.join(WORK))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let passed = after.as_ref().is_some_and(|last| name <= *last);
        if !name.starts_with('.') && !passed && !memory.packed.contains(&name) {
            claims.push(name);
        }
    }
    claims.sort();
    let mut lots = Vec::new();
    let mut last = None;
    for claim in claims {
        if lots.len() >= LOTS {
            memory.more = last;
            break;
        }
        match lot(config, memory, &claim, now) {
            Ok(Some(lot)) => lots.push(lot),
            Ok(None) => {}
            // One claim that cannot be read does not hold up the others.
            Err(cause) => memory.tell(config, format!("{WORK}/{claim}: {cause}")),
        }
        last = Some(claim);
    }
    Ok(lots)
}

fn lot(
    config: &XmlDirConfig,
    memory: &mut Memory,
    claim: &str,
    now: OffsetDateTime,
) -> io::Result<Option<Lot>> {
    let folder = config.dir.join(WORK).join(claim);
    let scan = scan_claim(&folder)?;
    for (rel, why) in &scan.refused {
        memory.tell(config, format!("{WORK}/{claim}/{}: {why}", rel.display()));
    }
    let (markers, files): (Vec<Found>, Vec<Found>) = scan
        .files
        .into_iter()
        .partition(|f| is_marker(config, &f.rel));
    let Some(first) = files.first() else {
        if !remove_empty(&folder)? {
            for marker in markers {
                let rel = marker.rel.display();
                memory.tell(
                    config,
                    format!("{WORK}/{claim}/{rel}: a marker without its file"),
                );
            }
        } else if !manifest::is_given(config, claim) {
            manifest::forget(config, claim)?;
        }
        return Ok(None);
    };
    if manifest::is_given(config, claim) {
        // What was sent under this name was given back; the rest is new, and its name is its own.
        let fresh = new_claim(config, numbers(claim).map_or(0, |n| n.0))?;
        let target = config.dir.join(WORK).join(&fresh);
        fs::remove_dir(&target)?;
        fs::rename(&folder, &target)?;
        return lot(config, memory, &fresh, now);
    }
    let known = manifest::read(config, claim)?.unwrap_or_default();
    if !settled_down(config, memory, &folder, &files, &known, now) {
        return Ok(None);
    }
    let mut lot = Lot {
        key: claim.to_owned(),
        dialect: config.dialect.clone(),
        label: label(&files),
        ..Lot::default()
    };
    let path = folder.join(&first.rel);
    let name = name_of(first);
    let alone = files.len() == 1;
    let mut read = Vec::new();
    if alone && ArchiveKind::of_file(&name, &path)?.is_some() {
        read.push(open_archive(config, claim, &name, &path, &mut lot)?);
    } else {
        for file in &files {
            let item = LotItem::of_file(&name_of(file), folder.join(&file.rel), config.item_bytes)?;
            read.push((item.size, item.sha256.clone()));
            lot.items.push(item);
        }
    }
    if files.iter().any(|f| changed(&folder, f)) {
        return Ok(None);
    }
    mark(config, &mut lot)?;
    let entries = noted(&files, read, &known, &mut lot);
    manifest::write(config, claim, &entries)?;
    Ok(Some(lot))
}

/// Whether the files that come again because they were changed after their reading have come to rest.
fn settled_down(
    config: &XmlDirConfig,
    memory: &mut Memory,
    folder: &Path,
    files: &[Found],
    known: &[ClaimedFile],
    now: OffsetDateTime,
) -> bool {
    let again = |f: &&Found| known.iter().any(|e| e.again.is_some() && e.rel == f.rel);
    let again: Vec<&Found> = files.iter().filter(again).collect();
    let mut rests = true;
    for found in &again {
        let path = folder.join(&found.rel);
        let (is_quiet, seen) = quiet(config, memory.changed.get(&path), found, unix_ms(now));
        rests &= is_quiet;
        memory.changed.insert(path, seen);
    }
    let paths: Vec<PathBuf> = again.iter().map(|f| folder.join(&f.rel)).collect();
    rests = rests && writers::written(paths.iter().map(PathBuf::as_path)).is_empty();
    if rests {
        memory.changed.retain(|path, _| !paths.contains(path));
    }
    rests
}

/// What is noted of the claim; a file that comes again gets a finding that says so.
fn noted(
    files: &[Found],
    read: Vec<(u64, String)>,
    known: &[ClaimedFile],
    lot: &mut Lot,
) -> Vec<ClaimedFile> {
    let mut entries = Vec::new();
    for (file, read) in files.iter().zip(read) {
        let before = known.iter().find(|e| e.rel == file.rel);
        let again = before.and_then(|e| e.again.clone());
        if let Some(number) = &again {
            let place = Place {
                file: item_name(&name_of(file)),
                ..Place::default()
            };
            let finding = Finding::new(transport::CHANGED_AFTER_READING, place)
                .with("number", number)
                .with("bytes", read.0);
            lot.findings.insert(0, finding);
        }
        entries.push(ClaimedFile {
            rel: file.rel.clone(),
            read: Some(read),
            again,
        });
    }
    entries
}

fn name_of(file: &Found) -> String {
    archive::text_of(file.rel.as_os_str().as_encoded_bytes())
}

fn changed(folder: &Path, file: &Found) -> bool {
    fs::symlink_metadata(folder.join(&file.rel)).map_or(true, |m| stamp(&m) != file.stamp)
}

fn label(files: &[Found]) -> String {
    let name = |f: &Found| item_name(&name_of(f));
    match files {
        [one] => name(one),
        [first, .., last] => format!("{} … {} ({})", name(first), name(last), files.len()),
        [] => String::new(),
    }
}

/// The entries as items, or the archive itself where it is not opened; gives size and digest of the archive.
pub(in crate::sources) fn open_archive(
    config: &XmlDirConfig,
    claim: &str,
    name: &str,
    path: &Path,
    lot: &mut Lot,
) -> io::Result<(u64, String)> {
    let whole = LotItem::of_file(name, path.to_owned(), config.item_bytes)?;
    let read = (whole.size, whole.sha256.clone());
    lot.label = format!("{} sha256:{}", lot.label, whole.sha256);
    let spool = spool(config, claim);
    archive::clear(&spool)?;
    match archive::unpack(name, path, &spool, config.archive) {
        Ok(unpacked) => {
            lot.findings.extend(unpacked.findings());
            for entry in unpacked.entries {
                let item = LotItem::of_file(&entry.name, entry.path, config.item_bytes)?;
                lot.items.push(item);
            }
        }
        Err(archive::ArchiveFault::Spool(cause)) => return Err(cause),
        Err(fault) => {
            archive::clear(&spool)?;
            let place = Place {
                file: whole.name.clone(),
                ..Place::default()
            };
            let mark = Finding::new(transport::ARCHIVE_UNOPENED, place).with("detail", fault);
            lot.findings.push(mark);
            lot.items.push(whole);
        }
    }
    Ok(read)
}

/// Bytes that show whether a file is XML.
const SIGHT: u64 = 1024;

/// Whether a file means to be XML, by its name or its beginning: tables are none, and the hub says what
/// is wrong with them.
fn means_xml(name: &str, file: &mut fs::File) -> io::Result<bool> {
    let mut start = Vec::new();
    file.take(SIGHT).read_to_end(&mut start)?;
    file.rewind()?;
    Ok(name.to_lowercase().ends_with(".xml") || is_xml(&start))
}

/// What the guard says of each document that travels whole; it marks and withholds nothing.
pub(in crate::sources) fn mark(config: &XmlDirConfig, lot: &mut Lot) -> io::Result<()> {
    for item in &lot.items {
        if lot.findings.len() >= MARKS {
            break;
        }
        if item.withheld {
            let place = Place {
                file: item.name.clone(),
                ..Place::default()
            };
            let mark = Finding::new(transport::WITHHELD, place)
                .with("found", item.size)
                .with("limit", config.item_bytes);
            lot.findings.push(mark);
        } else if config.guard {
            let Body::File(path) = &item.body else {
                continue;
            };
            let mut file = fs::File::open(path)?;
            if !means_xml(&item.name, &mut file)? {
                continue;
            }
            let guarded = tongcha_schema::xml::guard(&mut file, &item.name)?;
            lot.findings.extend(guarded.findings);
        }
    }
    lot.findings.truncate(MARKS);
    Ok(())
}
