//! A table as text: a header, then rows of as many fields, separated by commas, semicolons, tabs or
//! bars (or as a first line `sep=;` says), quoted as in RFC 4180 or not at all. UTF-8 or GB18030, by the
//! bytes. Columns are named without regard to case. It refuses to guess where a quote is left open, or
//! closed in another line than it seems: then the whole document is refused.

use super::document;
use super::plan::Plan;
use super::rows::{self, RowReader, TOP_ROWS, TableRow};
use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, GB18030};
use quotes::{At, Quotes};
use std::borrow::Cow;
use std::io::{self, BufRead, Read};
use std::ops::ControlFlow;
use tongcha_schema::code::xml as x2;
use tongcha_schema::finding::Finding;
use tongcha_schema::limits::ROW_BYTES;
use tongcha_schema::record::RawCase;

mod quotes;

/// Delimiters, the likelier first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Bytes of the text in which the header must end.
const HEADER_BYTES: u64 = 64 << 10;
/// Bytes of the file that are looked at to know its columns.
const TOP_BYTES: usize = 64 << 10;

/// Reads the rows of a table as text. Places are line and number of the field.
pub(crate) fn read(
    plan: &Plan,
    file: &str,
    input: &mut dyn BufRead,
    sink: &mut dyn FnMut(RawCase) -> ControlFlow<()>,
) -> Vec<Finding> {
    let mut start = Vec::new();
    // An error of the reader comes again below, where the caller sees it.
    let _ = input.take(HEADER_BYTES).read_to_end(&mut start);
    let (delimiter, skipped) = separator(&start);
    let start = start.get(skipped..).unwrap_or_default();
    let ends_cr = start
        .split(|b| *b == b'\n')
        .next()
        .is_some_and(|line| line.ends_with(b"\r"));
    // Every row has an end then, by which lines are counted.
    let end: &[u8] = if ends_cr { b"\r\n" } else { b"\n" };
    let rows = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(Quotes::of(start.chain(input).chain(end), delimiter));
    let mut rows = TextRows {
        rows,
        ends_cr,
        within: 0,
    };
    rows::read(plan, file, &mut rows, sink)
}

struct TextRows<R> {
    rows: csv::Reader<R>,
    ends_cr: bool,
    /// Line breaks within fields so far.
    within: u64,
}

impl<R: Read> RowReader for TextRows<R> {
    fn next(&mut self, row: &mut TableRow) -> bool {
        // Text that passed the survey gives no error here; an error of the disk is told by the caller.
        if !matches!(self.rows.read_record(&mut row.texts), Ok(true)) {
            return false;
        }
        // Counted from the row's end, since empty lines stand before its start. It ends at the \r for the
        // parser, which counts the \n with the next one.
        let within = row.texts.as_slice().bytes().filter(|b| *b == b'\n').count() as u64;
        let its_end = u64::from(!self.ends_cr);
        let line = self.rows.position().line().saturating_sub(within + its_end);
        row.line = u32::try_from(line).unwrap_or(u32::MAX);
        row.sheet_row = u32::try_from(line.saturating_sub(self.within)).unwrap_or(u32::MAX);
        self.within += within;
        true
    }
}

/// The separator of fields, and how many bytes of the start say it and nothing else.
fn separator(start: &[u8]) -> (u8, usize) {
    // What Excel writes for itself: a first line `sep=;`. Its line end stays, so that lines count.
    let said = start.strip_prefix(b"sep=").or(start.strip_prefix(b"SEP="));
    if let Some([sign, b'\r' | b'\n', ..]) = said
        && (DELIMITERS.contains(sign) || sign.is_ascii_punctuation())
    {
        return (*sign, 5);
    }
    (delimiter(start), 0)
}

/// The delimiter that the first line with any has most of, outside of its quotes: titles have none.
fn delimiter(start: &[u8]) -> u8 {
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut quoted = false;
    for byte in start {
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'\n' | b'\r' if counts.iter().any(|n| *n > 0) => break,
            _ => {
                if let Some(at) = DELIMITERS.iter().position(|d| d == byte) {
                    counts[at] += 1;
                }
            }
        }
    }
    let mut best = 0;
    for at in 1..DELIMITERS.len() {
        if counts[at] > counts[best] {
            best = at;
        }
    }
    DELIMITERS[best]
}

/// A reader of a whole table held in memory: the header first, then the rows, of any length.
pub(super) fn reader(text: &[u8]) -> csv::Reader<&[u8]> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    ReaderBuilder::new()
        .delimiter(delimiter(text))
        .has_headers(false)
        .flexible(true)
        .from_reader(text)
}

/// The first rows of a table by the first bytes of its file, of which one is the header; none where they
/// are no text. The last one may be cut.
pub(super) fn top(start: &[u8]) -> Vec<Vec<String>> {
    let text = text(&start[..start.len().min(TOP_BYTES)]);
    let (delimiter, skipped) = separator(text.as_bytes());
    let text = text.as_bytes().get(skipped..).unwrap_or_default();
    let rows = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(Quotes::of(text, delimiter));
    let texts = |row: StringRecord| row.iter().map(str::to_owned).collect();
    rows.into_records()
        .take(TOP_ROWS)
        .map_while(Result::ok)
        .map(texts)
        .collect()
}

/// The start as text, by the mark it begins with, else in the first encoding that fits; its end may be cut
/// anywhere, and the survey judges what follows.
pub(super) fn text(start: &[u8]) -> Cow<'_, str> {
    if let Some((marked, mark)) = Encoding::for_bom(start) {
        return marked.decode_without_bom_handling(&start[mark..]).0;
    }
    let is_utf8 = std::str::from_utf8(start).map_or_else(|e| e.error_len().is_none(), |_| true);
    let (text, faulty) = GB18030.decode_without_bom_handling(start);
    let cut_off = text.ends_with(char::REPLACEMENT_CHARACTER);
    if !is_utf8 && (!faulty || cut_off && text.matches(char::REPLACEMENT_CHARACTER).count() == 1) {
        return text;
    }
    String::from_utf8_lossy(start)
}

/// Reads the text to its end: rows within their limit, no quote left open.
pub(crate) fn scan(file: &str, mut text: &mut dyn BufRead) -> io::Result<Option<Finding>> {
    let (mut at, mut row_bytes, mut line, mut quoted_at) = (At::Start, 0_u64, 1_u32, 1_u32);
    let mut start = Vec::new();
    Read::take(&mut text, HEADER_BYTES).read_to_end(&mut start)?;
    let (separator, skipped) = separator(&start);
    let mut text = start.get(skipped..).unwrap_or_default().chain(text);
    loop {
        let bytes = text.fill_buf()?;
        if bytes.is_empty() {
            break;
        }
        for byte in bytes {
            row_bytes += 1;
            line = line.saturating_add(u32::from(*byte == b'\n'));
            let ends_row = matches!(byte, b'\n' | b'\r') && at != At::Quoted;
            let before = at;
            at = at.step(*byte, separator);
            if before == At::Start && at == At::Quoted {
                quoted_at = line;
            }
            if at == At::Literal && line > quoted_at {
                let finding = document::at(x2::QUOTES_TANGLED, file, quoted_at, 1);
                return Ok(Some(finding.with("line", line)));
            }
            if ends_row {
                row_bytes = 0;
            } else if row_bytes > ROW_BYTES {
                let finding = document::at(x2::XML_OVER_LIMIT, file, line, 1)
                    .with("what_zh", "一行的字节数")
                    .with("what_en", "a row in bytes")
                    .with("limit", ROW_BYTES);
                return Ok(Some(finding));
            }
        }
        let n = bytes.len();
        text.consume(n);
    }
    Ok((at == At::Quoted).then(|| {
        document::at(x2::BREAKS_OFF, file, quoted_at, 1)
            .with("what_zh", "引号内的字段")
            .with("what_en", "a quoted field")
    }))
}
