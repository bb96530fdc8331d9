//! A table as text: a header, then rows of as many fields, separated by commas, semicolons, tabs or
//! bars, quoted as in RFC 4180. UTF-8 or GB18030, by the bytes. Columns are named without regard to
//! case. It refuses to guess where a quote is left open: then the whole document is refused.

use super::document;
use super::plan::Plan;
use super::read_row::ROW_BYTES;
use super::rows::{self, Row, Rows, column};
use csv::{ReaderBuilder, StringRecord};
use std::io::{self, BufRead, Read};
use std::ops::ControlFlow;
use tongcha_schema::code::xml as x2;
use tongcha_schema::finding::Finding;
use tongcha_schema::record::RawCase;
use tongcha_schema::xml::{EncodingFault, Transcoder, Undeclared};

/// Delimiters, the likelier first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Bytes of the text in which the header must end.
const HEADER_BYTES: u64 = 64 << 10;

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
    let delimiter = delimiter(&start);
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
        .from_reader(start.as_slice().chain(input).chain(end));
    rows::read(plan, file, &mut TextRows { rows, ends_cr }, sink)
}

struct TextRows<R> {
    rows: csv::Reader<R>,
    ends_cr: bool,
}

impl<R: Read> Rows for TextRows<R> {
    fn next(&mut self, row: &mut Row) -> bool {
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
        true
    }
}

/// The delimiter that the header has most of, outside of its quotes.
fn delimiter(start: &[u8]) -> u8 {
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut quoted = false;
    for byte in past_empty_lines(start) {
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'\n' | b'\r' => break,
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

/// What follows the empty lines at the start, which a sheet's title leaves.
fn past_empty_lines(start: &[u8]) -> &[u8] {
    let first = start.iter().position(|b| !matches!(b, b'\r' | b'\n'));
    &start[first.unwrap_or(start.len())..]
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

/// The columns of a table by the first bytes of its file; none where they are no text.
pub(super) fn columns(start: &[u8]) -> Vec<String> {
    let Ok(header) = header(start) else {
        return Vec::new();
    };
    let mut rows = ReaderBuilder::new()
        .delimiter(delimiter(header.as_bytes()))
        .has_headers(false)
        .from_reader(header.as_bytes());
    let mut row = StringRecord::new();
    match rows.read_record(&mut row) {
        Ok(true) if row.len() > 1 => row.iter().map(column).collect(),
        _ => Vec::new(),
    }
}

/// The first line as text; the bytes after it may be cut anywhere.
fn header(start: &[u8]) -> io::Result<String> {
    let start = past_empty_lines(start);
    let utf16 = start.starts_with(&[0xFF, 0xFE]) || start.starts_with(&[0xFE, 0xFF]);
    let end = start.iter().position(|b| *b == b'\n' && !utf16);
    let line = &start[..end.unwrap_or(start.len())];
    let encoding = match std::str::from_utf8(line) {
        Err(e) if e.error_len().is_some() => Undeclared::Gb18030,
        _ => Undeclared::Utf8,
    };
    let mut text = Transcoder::undeclared(Box::new(line), encoding)?;
    let mut out = String::new();
    match text.read_line(&mut out) {
        Err(error) if out.is_empty() => Err(error),
        _ => Ok(out),
    }
}

/// The first look at a whole table: which encoding reads it, or why none does. What it refuses is
/// refused whole, as the guard does with XML.
///
/// # Errors
/// Only what reading the bytes reports.
pub(crate) fn survey(
    file: &str,
    open: &mut dyn FnMut() -> io::Result<Box<dyn Read + Send>>,
) -> io::Result<Result<Undeclared, Finding>> {
    let mut first = None;
    for encoding in [Undeclared::Utf8, Undeclared::Gb18030] {
        let mut text = Transcoder::undeclared(open()?, encoding)?;
        match scan(file, &mut text) {
            Ok(None) => return Ok(Ok(encoding)),
            Ok(Some(finding)) => return Ok(Err(finding)),
            Err(error) => match fault_of(&error) {
                // A mark, or else UTF-8, is what a file without Chinese systems' habits is read by.
                Some(fault) => first = first.or(Some(undecodable(file, &fault))),
                None => return Err(error),
            },
        }
    }
    Ok(first.map_or(Ok(Undeclared::Utf8), Err))
}

fn fault_of(error: &io::Error) -> Option<EncodingFault> {
    error.get_ref()?.downcast_ref::<EncodingFault>().cloned()
}

fn undecodable(file: &str, fault: &EncodingFault) -> Finding {
    let finding = document::at(x2::UNDECODABLE, file, 1, 1);
    let EncodingFault::Undecodable {
        encoding,
        bytes,
        offset,
    } = fault
    else {
        return finding;
    };
    let hex: Vec<String> = bytes.iter().map(|b| format!("{b:02X}")).collect();
    finding
        .with("offset", offset)
        .with("bytes", hex.join(" "))
        .with("encoding", encoding)
}

/// Where in a row the scan is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    FieldStart,
    Plain,
    Quoted,
    QuoteInQuoted,
}

/// Reads the text to its end: rows within their limit, no quote left open.
fn scan(file: &str, mut text: &mut dyn BufRead) -> io::Result<Option<Finding>> {
    let (mut at, mut row_bytes, mut line, mut quoted_at) = (At::FieldStart, 0_u64, 1_u32, 1_u32);
    let mut start = Vec::new();
    Read::take(&mut text, HEADER_BYTES).read_to_end(&mut start)?;
    let separator = delimiter(&start);
    let mut text = start.as_slice().chain(text);
    loop {
        let bytes = text.fill_buf()?;
        if bytes.is_empty() {
            break;
        }
        for byte in bytes {
            row_bytes += 1;
            line = line.saturating_add(u32::from(*byte == b'\n'));
            let ends_row = matches!(byte, b'\n' | b'\r') && at != At::Quoted;
            at = match (at, *byte) {
                _ if ends_row => At::FieldStart,
                (At::FieldStart, b'"') => {
                    quoted_at = line;
                    At::Quoted
                }
                (At::Quoted, b'"') => At::QuoteInQuoted,
                (At::QuoteInQuoted, b'"') | (At::Quoted, _) => At::Quoted,
                (_, b) if b == separator => At::FieldStart,
                _ => At::Plain,
            };
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
