//! From a claim's folder to a lot: digests, archives, marks. A claim that still changes is left for
//! the next poll.

use super::claim::{Found, files_of, stamp};
use super::{Memory, WORK, XmlDirConfig};
use crate::dialect::is_xml;
use crate::source::{Body, Lot, LotItem, item_name};
use crate::sources::archive::{self, ArchiveKind};
use std::fs;
use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};
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
pub(super) fn lots(config: &XmlDirConfig, memory: &mut Memory) -> io::Result<Vec<Lot>> {
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
        match lot(config, &claim) {
            Ok(Some(lot)) => lots.push(lot),
            Ok(None) => {}
            // One claim that cannot be read does not hold up the others.
            Err(cause) => {
                tracing::warn!(source = %config.name, %claim, %cause, "claim cannot be read");
            }
        }
        last = Some(claim);
    }
    Ok(lots)
}

fn lot(config: &XmlDirConfig, claim: &str) -> io::Result<Option<Lot>> {
    let folder = config.dir.join(WORK).join(claim);
    let files = files_of(&folder)?;
    let Some(first) = files.first() else {
        fs::remove_dir_all(&folder)?;
        return Ok(None);
    };
    let mut lot = Lot {
        key: claim.to_owned(),
        dialect: config.dialect.clone(),
        label: label(&files),
        ..Lot::default()
    };
    let path = folder.join(&first.rel);
    let name = name_of(first);
    let alone = files.len() == 1;
    if alone && ArchiveKind::of_file(&name, &path)?.is_some() {
        open_archive(config, claim, &name, &path, &mut lot)?;
    } else {
        for file in &files {
            let item = LotItem::of_file(&name_of(file), folder.join(&file.rel), config.item_bytes)?;
            lot.items.push(item);
        }
    }
    if files.iter().any(|f| changed(&folder, f)) {
        return Ok(None);
    }
    mark(config, &mut lot)?;
    Ok(Some(lot))
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

/// The entries as items, or the archive itself where it is not opened.
pub(in crate::sources) fn open_archive(
    config: &XmlDirConfig,
    claim: &str,
    name: &str,
    path: &Path,
    lot: &mut Lot,
) -> io::Result<()> {
    let whole = LotItem::of_file(name, path.to_owned(), config.item_bytes)?;
    lot.label = format!("{} sha256:{}", lot.label, whole.sha256);
    let spool = spool(config, claim);
    match fs::remove_dir_all(&spool) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
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
            let _ = fs::remove_dir_all(&spool);
            let place = Place {
                file: whole.name.clone(),
                ..Place::default()
            };
            let mark = Finding::new(transport::ARCHIVE_UNOPENED, place).with("detail", fault);
            lot.findings.push(mark);
            lot.items.push(whole);
        }
    }
    Ok(())
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
