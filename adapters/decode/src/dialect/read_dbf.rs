//! A dBase table (III, IV, FoxPro, Visual FoxPro): fields of fixed width behind a head that names them.
//! Dates and times come out as ISO texts, numbers exactly as written. Rows marked as deleted are passed
//! over. It refuses what breaks off or contradicts its head. Memo fields, which are in another file, are not read.

use super::document;
use super::plan::{Plan, column};
use super::rows::{self, RowReader, TableRow};
use encoding_rs::{Encoding, GB18030};
use std::io::{self, BufRead, Read};
use std::ops::ControlFlow;
use text::{Chosen, Texts, whole};
use time::{Date, Duration, Time};
use tongcha_schema::code::{element as x3, xml as x2};
use tongcha_schema::finding::Finding;
use tongcha_schema::record::RawCase;
use tongcha_schema::xml::TextEncoding;

mod text;

/// First bytes of the versions that exist: dBase II is none of them.
const VERSIONS: [u8; 13] = [
    0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0xCB, 0xF5, 0xFB,
];
/// Language bytes of code page 936.
const LANGUAGES_936: [u8; 2] = [0x4D, 0x7A];
/// Bytes of the head before the fields, and of one field's description.
const PART: usize = 32;
/// Mark of a deleted row.
const DELETED: u8 = b'*';
/// Julian day number of 0001-01-01 less one day, by which FoxPro counts days.
const JULIAN_YEAR_0: i64 = 1_721_425;

/// A field of fixed width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    name: Vec<u8>,
    pub(super) kind: u8,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// What the head of a dBase table says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    rows: u32,
    pub(super) bytes: usize,
    pub(super) row_bytes: usize,
    pub(super) chinese: bool,
    pub(super) fields: Vec<Field>,
}

impl Head {
    /// The head at the start of a file; `None` where it is no dBase table.
    pub fn at(start: &[u8]) -> Option<Head> {
        let version = start.first()?;
        let month_day = (1..=12).contains(start.get(2)?) && (1..=31).contains(start.get(3)?);
        let number = |at: usize| Some(u16::from_le_bytes([*start.get(at)?, *start.get(at + 1)?]));
        let (bytes, row_bytes) = (usize::from(number(8)?), usize::from(number(10)?));
        if !VERSIONS.contains(version) || !month_day || bytes <= PART || start.len() < bytes {
            return None;
        }
        let mut fields = Vec::new();
        // The first byte of a row tells whether it is deleted.
        let mut from = 1;
        let mut rest = &start[PART..bytes];
        while rest.first() != Some(&b'\r') {
            let part = rest.get(..PART)?;
            let name = part[..11].split(|b| *b == 0).next().unwrap_or_default();
            // A text over 255 bytes keeps the rest of its width where numbers have their decimals.
            let high = if part[11] == b'C' { part[17] } else { 0 };
            let to = from + usize::from(u16::from_le_bytes([part[16], high]));
            fields.push(Field {
                name: name.to_owned(),
                kind: part[11],
                from,
                to,
            });
            from = to;
            rest = &rest[PART..];
        }
        (from == row_bytes && !fields.is_empty()).then_some(Head {
            rows: u32::from_le_bytes([start[4], start[5], start[6], start[7]]),
            bytes,
            row_bytes,
            chinese: LANGUAGES_936.contains(&start[29]),
            fields,
        })
    }

    /// The columns, in lower case.
    pub fn columns(&self) -> Vec<String> {
        self.fields.iter().map(|f| column(&name(f))).collect()
    }
}

/// A field's name as text: UTF-8, or GBK.
fn name(field: &Field) -> String {
    let text = std::str::from_utf8(&field.name).map(str::to_owned);
    text.unwrap_or_else(|_| {
        GB18030
            .decode_without_bom_handling(&field.name)
            .0
            .into_owned()
    })
}

/// The head from a reader, which then stands at the first row.
fn head(input: &mut dyn Read) -> io::Result<Option<Head>> {
    let mut start = Vec::new();
    input.take(PART as u64).read_to_end(&mut start)?;
    if start.len() == PART {
        let more = u64::from(u16::from_le_bytes([start[8], start[9]])).saturating_sub(PART as u64);
        input.take(more).read_to_end(&mut start)?;
    }
    Ok(Head::at(&start))
}

/// Whether a file begins like a dBase table, even where its head does not hold together. The versions that
/// are letters or digits are left out: a text may begin so.
pub(crate) fn looks(start: &[u8]) -> bool {
    let plausible = |at: usize, most: u8| start.get(at).is_some_and(|n| (1..=most).contains(n));
    let version = start.first().is_some_and(|v| VERSIONS.contains(v));
    version && !start[0].is_ascii_graphic() && plausible(2, 12) && plausible(3, 31)
}

/// The first look at a whole table: in which encoding its texts are, or why it is refused whole.
///
/// # Errors
/// Only what reading the bytes reports.
pub(crate) fn survey(
    file: &str,
    told: Option<TextEncoding>,
    input: &mut dyn BufRead,
) -> io::Result<Chosen> {
    let Some(head) = head(input)? else {
        return Ok(Err(Box::new(breaks_off(file, 1))));
    };
    let mut row = vec![0; head.row_bytes];
    let mut texts = Texts::default();
    for number in 1..=head.rows {
        match input.read_exact(&mut row) {
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                return Ok(Err(Box::new(breaks_off(file, number))));
            }
            other => other?,
        }
        if row[0] != DELETED && !row.is_ascii() {
            texts.look(&head, &row, number);
        }
    }
    // An end mark may follow, and what a program left behind it, but no further row.
    let mut rest = Vec::new();
    Read::take(input, head.row_bytes as u64).read_to_end(&mut rest)?;
    if rest.len() == head.row_bytes && matches!(rest[0], b' ' | DELETED) {
        let finding = document::at(x2::BAD_TABLE, file, head.rows.saturating_add(1), 1);
        let (zh, en) = (
            format!("文件头写明{}行，文件中还有更多行", head.rows),
            format!("its head says {} rows, and more follow", head.rows),
        );
        return Ok(Err(Box::new(
            finding.with("detail_zh", zh).with("detail_en", en),
        )));
    }
    Ok(texts.choose(file, &head, told))
}

fn breaks_off(file: &str, row: u32) -> Finding {
    document::at(x2::BREAKS_OFF, file, row, 1)
        .with("what_zh", "dBase表")
        .with("what_en", "a dBase table")
}

/// Reads the rows of a table that passed its survey. Places are numbers of row and field.
pub(crate) fn read(
    plan: &Plan,
    file: &str,
    encoding: &'static Encoding,
    input: &mut dyn BufRead,
    sink: &mut dyn FnMut(RawCase) -> ControlFlow<()>,
) -> Vec<Finding> {
    // An error of the disk is told by the caller.
    let Ok(Some(head)) = head(input) else {
        return vec![document::at(x3::NO_RECORDS, file, 1, 1)];
    };
    let mut rows = DbfRows {
        bytes: vec![0; head.row_bytes],
        head,
        encoding,
        next: 0,
        input,
    };
    rows::read(plan, file, &mut rows, sink)
}

/// The rows of a table, the header first; none where it has no head.
pub(super) fn texts(bytes: &[u8], encoding: &'static Encoding) -> Vec<csv::StringRecord> {
    let mut input = bytes;
    let Ok(Some(head)) = head(&mut input) else {
        return Vec::new();
    };
    let mut rows = DbfRows {
        bytes: vec![0; head.row_bytes],
        head,
        encoding,
        next: 0,
        input: &mut input,
    };
    let mut out = Vec::new();
    let mut row = TableRow::default();
    while rows.next(&mut row) {
        out.push(row.texts.clone());
    }
    out
}

struct DbfRows<'r> {
    head: Head,
    encoding: &'static Encoding,
    input: &'r mut dyn BufRead,
    bytes: Vec<u8>,
    /// 0: the header.
    next: u32,
}

impl RowReader for DbfRows<'_> {
    fn next(&mut self, row: &mut TableRow) -> bool {
        row.texts.clear();
        row.unread.clear();
        row.cut.clear();
        if self.next == 0 {
            self.next = 1;
            self.head
                .fields
                .iter()
                .for_each(|f| row.texts.push_field(&name(f)));
            return true;
        }
        while self.next <= self.head.rows {
            if self.input.read_exact(&mut self.bytes).is_err() {
                return false;
            }
            (row.line, row.sheet_row) = (self.next, self.next + 1);
            self.next += 1;
            if self.bytes[0] == DELETED {
                continue;
            }
            for (at, field) in self.head.fields.iter().enumerate() {
                let bytes = &self.bytes[field.from..field.to];
                match text(field.kind, bytes, self.encoding) {
                    Ok((text, cut)) => {
                        row.texts.push_field(&text);
                        row.cut.extend(cut.then_some(at));
                    }
                    Err(what) => {
                        row.texts.push_field("");
                        row.unread.push((at, what));
                    }
                }
            }
            return true;
        }
        false
    }
}

/// A field as text, and whether it was cut in the middle of a character; what it is where it is not read.
fn text(
    kind: u8,
    bytes: &[u8],
    encoding: &'static Encoding,
) -> Result<(String, bool), (&'static str, &'static str)> {
    if kind == b'C' {
        // What is no character becomes U+FFFD, which no record may hold.
        let (text, cut) = whole(bytes, encoding)
            .unwrap_or_else(|| (encoding.decode_without_bom_handling(bytes).0, false));
        return Ok((text.trim_matches([' ', '\0']).to_owned(), cut));
    }
    other(kind, bytes).map(|text| (text, false))
}

/// A field that is no text.
fn other(kind: u8, bytes: &[u8]) -> Result<String, (&'static str, &'static str)> {
    let plain = || {
        let text = String::from_utf8_lossy(bytes);
        text.trim_matches([' ', '\0']).to_owned()
    };
    let empty = bytes.iter().all(|b| matches!(b, 0 | b' '));
    let eight = || <[u8; 8]>::try_from(bytes).ok();
    match kind {
        // Stars stand where a number did not fit its field.
        b'N' | b'F' if bytes.contains(&b'*') => Err(("溢出的数值", "a number that did not fit")),
        b'N' | b'F' | b'D' => Ok(plain()),
        b'L' => Ok(match bytes {
            [b'T' | b't' | b'Y' | b'y'] => "1".to_owned(),
            [b'F' | b'f' | b'N' | b'n'] => "0".to_owned(),
            _ => String::new(),
        }),
        b'I' | b'+' if bytes.len() == 4 => {
            let four = [bytes[0], bytes[1], bytes[2], bytes[3]];
            Ok(i32::from_le_bytes(four).to_string())
        }
        b'Y' => eight().map(|b| money(i64::from_le_bytes(b))).ok_or(OTHER),
        b'T' if empty => Ok(String::new()),
        b'T' => eight().and_then(stamp).ok_or(OTHER),
        // What FoxPro keeps for itself.
        b'0' => Ok(String::new()),
        b'M' | b'G' | b'P' if empty => Ok(String::new()),
        b'M' | b'G' | b'P' => Err((
            "备注型内容（在另一文件中）",
            "a memo, which is in another file",
        )),
        _ if empty => Ok(String::new()),
        _ => Err(OTHER),
    }
}

const OTHER: (&str, &str) = (
    "不支持的字段类型或值",
    "of a type or value that is not read",
);

/// FoxPro's money: ten-thousandths.
fn money(units: i64) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let (whole, part) = (units.unsigned_abs() / 10_000, units.unsigned_abs() % 10_000);
    let part = format!("{part:04}");
    match part.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        part => format!("{sign}{whole}.{part}"),
    }
}

/// FoxPro's time: the Julian day, and milliseconds since midnight (it may lack one).
fn stamp(bytes: [u8; 8]) -> Option<String> {
    let [a, b, c, d, e, f, g, h] = bytes;
    let day = i64::from(u32::from_le_bytes([a, b, c, d]));
    let ms = i64::from(u32::from_le_bytes([e, f, g, h]));
    let first = Date::from_calendar_date(1, time::Month::January, 1).ok()?;
    let at = first.checked_add(Duration::days(day - JULIAN_YEAR_0 - 1))?;
    let seconds = (ms + 500) / 1000;
    let at = at
        .with_time(Time::MIDNIGHT)
        .checked_add(Duration::seconds(seconds))?;
    let (date, time) = (at.date(), at.time());
    let (hour, minute, second) = time.as_hms();
    Some(format!("{date}T{hour:02}:{minute:02}:{second:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foxpros_own_types_come_out_as_texts() {
        assert_eq!(money(-1_234_500), "-123.45");
        assert_eq!(money(70_000), "7");
        // 2026-01-05 is Julian day 2461046; 09:30 with a millisecond short.
        let mut bytes = [0; 8];
        bytes[..4].copy_from_slice(&2_461_046_u32.to_le_bytes());
        bytes[4..].copy_from_slice(&34_199_999_u32.to_le_bytes());
        assert_eq!(stamp(bytes).as_deref(), Some("2026-01-05T09:30:00"));
        assert_eq!(other(b'I', &(-7_i32).to_le_bytes()).as_deref(), Ok("-7"));
        assert_eq!(
            other(b'N', b"***"),
            Err(("溢出的数值", "a number that did not fit"))
        );
        assert_eq!(other(b'T', &[0; 8]).as_deref(), Ok(""));
    }
}
