//! Hop 6 at the department's end: the file moves to `done/` or `bad/`, its receipt beside it. The
//! receipt's file is made exclusively and reserves the name, so that nothing is ever overwritten; a
//! second call after a crash finds its own receipt and goes on.

use super::claim::files_of;
use super::{BAD, DONE, RECEIPT_JSON, RECEIPT_TEXT, RECEIPT_XML, WORK, XmlDirConfig};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tongcha_schema::finding::{Finding, Severity};
use tongcha_schema::receipt::{Counts, Receipt, Verdict, to_json, to_xml};

/// Findings written out in words; all stand in the JSON.
const TEXT_FINDINGS: usize = 200;

/// Puts a claim's files where they belong. Idempotent. Nothing is synced to the disk here: the receipt
/// is safe in the outbox, and a move that a power cut undoes makes the file come again, as duplicates.
pub(super) fn settle(config: &XmlDirConfig, claim: &str, receipt: &Receipt) -> io::Result<()> {
    let folder = config.dir.join(WORK).join(claim);
    let names = match read_names(config, claim)? {
        Some(names) => names,
        None => match files_of(&folder) {
            Ok(files) => {
                let names: Vec<PathBuf> = files.into_iter().map(|f| f.rel).collect();
                write_names(config, claim, &names)?;
                names
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(e),
        },
    };
    for (index, rel) in names.iter().enumerate() {
        let file = folder.join(rel);
        if fs::symlink_metadata(&file).is_err() {
            continue;
        }
        let own = part(receipt, index, names.len());
        let target = reserve(&config.dir.join(side(&own)).join(rel), &own)?;
        write_others(&target, &own)?;
        fs::rename(&file, &target)?;
    }
    match fs::remove_dir_all(&folder) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// Renews the receipts of a claim with what the store decided. Idempotent.
pub(super) fn complete(config: &XmlDirConfig, claim: &str, receipt: &Receipt) -> io::Result<()> {
    let names = read_names(config, claim)?.unwrap_or_default();
    for (index, rel) in names.iter().enumerate() {
        let own = part(receipt, index, names.len());
        // The side was chosen by the admission receipt; the file stays there.
        for side in [DONE, BAD] {
            // A receipt that somebody has taken away is not put back.
            if let Some(target) = find_own(&config.dir.join(side).join(rel), &own) {
                write_whole(&with_end(&target, RECEIPT_JSON), &to_json(&own))?;
                write_others(&target, &own)?;
            }
        }
    }
    match fs::remove_file(names_file(config, claim)) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

fn side(receipt: &Receipt) -> &'static str {
    if receipt.verdict == Verdict::Accepted {
        DONE
    } else {
        BAD
    }
}

/// Where the order of a claim's files is noted until its completion receipt has come.
fn names_file(config: &XmlDirConfig, claim: &str) -> PathBuf {
    config.dir.join(WORK).join(format!(".names-{claim}"))
}

/// One path a line; bytes other than printable ASCII as `%XX`, for names are not always UTF-8.
fn write_names(config: &XmlDirConfig, claim: &str, names: &[PathBuf]) -> io::Result<()> {
    let mut text = String::new();
    for name in names {
        for byte in name.as_os_str().as_encoded_bytes() {
            match byte {
                b'!'..=b'~' if *byte != b'%' => text.push(char::from(*byte)),
                _ => text.push_str(&format!("%{byte:02X}")),
            }
        }
        text.push('\n');
    }
    write_whole(&names_file(config, claim), text.as_bytes())
}

fn read_names(config: &XmlDirConfig, claim: &str) -> io::Result<Option<Vec<PathBuf>>> {
    let text = match fs::read_to_string(names_file(config, claim)) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    Ok(Some(
        text.lines().map(|line| path_of(&unescape(line))).collect(),
    ))
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

/// The names to try in turn: the wanted one, then `~2`, `~3` ...
fn candidates(wanted: &Path) -> impl Iterator<Item = PathBuf> {
    let first = wanted.to_owned();
    let others = (2..100_000u32).map({
        let wanted = wanted.to_owned();
        move |number| with_end(&wanted, &format!("~{number}"))
    });
    std::iter::once(first).chain(others)
}

/// Makes the receipt's JSON exclusively and gives the free name that it reserves.
fn reserve(wanted: &Path, receipt: &Receipt) -> io::Result<PathBuf> {
    if let Some(parent) = wanted.parent() {
        fs::create_dir_all(parent)?;
    }
    for target in candidates(wanted) {
        let json = with_end(&target, RECEIPT_JSON);
        let free = fs::symlink_metadata(&target).is_err();
        match fs::File::create_new(&json) {
            Ok(_) if !free => fs::remove_file(&json)?,
            Ok(mut file) => {
                file.write_all(&to_json(receipt))?;
                return Ok(target);
            }
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
        let json = with_end(&target, RECEIPT_JSON);
        if is_own(&json, receipt) {
            return Some(target);
        }
        if !json.exists() && !target.exists() {
            return None;
        }
    }
    None
}

/// Whether a receipt of the same number lies there, from a call that was cut short.
fn is_own(json: &Path, receipt: &Receipt) -> bool {
    fs::read(json)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Receipt>(&bytes).ok())
        .is_some_and(|found| found.number == receipt.number)
}

/// The receipt as XML and in words.
fn write_others(target: &Path, receipt: &Receipt) -> io::Result<()> {
    let xml = to_xml(receipt);
    write_whole(&with_end(target, RECEIPT_XML), xml.as_bytes())?;
    write_whole(
        &with_end(target, RECEIPT_TEXT),
        receipt_text(receipt).as_bytes(),
    )
}

/// Writes a file so that a reader sees the old or the new one, never a part.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = with_end(path, ".tmp");
    fs::write(&draft, bytes)?;
    fs::rename(draft, path)
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// A receipt in words, for the person at the department.
pub fn receipt_text(receipt: &Receipt) -> String {
    let verdict = match receipt.verdict {
        Verdict::Accepted => "已接收",
        Verdict::Partly => "部分接收（请处理下列被拒记录后重新报送）",
        Verdict::Refused => "未接收（请处理下列问题后重新报送）",
    };
    let c = &receipt.counts;
    let mut text = format!(
        "回执编号：{}\n接收中心：{}\n接收时间：{}\n结论：{verdict}{}\n",
        receipt.number,
        receipt.hub,
        receipt.received_at,
        if receipt.repeated {
            "（重复送达，原回执）"
        } else {
            ""
        },
    );
    if let Some(at) = &receipt.completed_at {
        text.push_str(&format!("入库时间：{at}\n"));
    }
    text.push_str(&format!(
        "记录：收到{}条，入库{}条，待入库{}条，重复{}条，拒绝{}条\n",
        c.received, c.stored, c.pending, c.duplicate, c.rejected
    ));
    for finding in receipt.findings.iter().take(TEXT_FINDINGS) {
        text.push_str(&finding_line(finding));
    }
    let listed = receipt.findings.len().saturating_sub(TEXT_FINDINGS) as u64;
    let rest = listed + receipt.unlisted.values().sum::<u64>();
    if rest > 0 {
        text.push_str(&format!("……另有{rest}条问题，见{RECEIPT_JSON}或中心页面\n"));
    }
    text
}

fn finding_line(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Error => "错误",
        Severity::Warn => "提示",
        Severity::Fault => "缺项",
    };
    let place = &finding.place;
    let mut line = format!("[{}] {severity}：{}", finding.code, finding.cause_zh());
    if !place.case_no.is_empty() {
        line.push_str(&format!("；办件{}", place.case_no));
    }
    if let Some(element) = place.element {
        line.push_str(&format!("；{}", element.spec().zh));
    }
    if !place.field.is_empty() {
        line.push_str(&format!("；字段{}", place.field));
    }
    if place.record > 0 {
        line.push_str(&format!("；第{}条记录", place.record));
    }
    if place.line > 0 {
        line.push_str(&format!("；第{}行", place.line));
    }
    if let Some(value) = &finding.value {
        line.push_str(&format!("；值“{value}”"));
    }
    line.push_str(&format!("。{}\n", finding.hint_zh()));
    line.push_str(&format!(
        "       {}. {}.\n",
        finding.cause_en(),
        finding.hint_en()
    ));
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongcha_schema::code::transport;
    use tongcha_schema::finding::Place;

    #[test]
    fn a_finding_says_record_cause_and_next_step_in_both_languages() {
        let place = Place {
            line: 6,
            record: 3,
            ..Place::default()
        };
        let finding = Finding::new(transport::COUNT_DIFFERS, place)
            .with("declared", 4)
            .with("found", 3);
        assert_eq!(
            finding_line(&finding),
            "[X110] 错误：声明4条，实有3条；第3条记录；第6行。请核对生成程序后重新发送\n       \
             4 records declared, 3 found. check the program that writes the file, and send again.\n"
        );
    }
}
