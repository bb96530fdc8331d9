//! In which encoding a text that declares none is written: a table, or rows as JSON. What a dialect
//! tells, else UTF-8 or GB18030, by all of its bytes. It refuses to guess a character: half of one
//! becomes U+FFFD, which no record may hold.

use super::document;
use encoding_rs::GB18030;
use std::io::{self, BufRead, BufReader, Read};
use tongcha_schema::code::xml as x2;
use tongcha_schema::finding::Finding;
use tongcha_schema::xml::{EncodingFault, Mending, TextEncoding, Transcoder, Undeclared, fault};

/// The encoding with warnings, or why the text is refused whole.
pub(crate) type Chosen = Result<(Undeclared, Vec<Finding>), Box<Finding>>;

/// Looks through a text to its end for what refuses it.
pub(crate) type Look<'l> = &'l dyn Fn(&str, &mut dyn BufRead) -> io::Result<Option<Finding>>;

/// The first look at a whole table as text, which `look` reads to its end. What it refuses is refused whole, as the guard does with XML.
///
/// # Errors
/// Only what reading the bytes reports.
pub(crate) fn survey(
    file: &str,
    told: Option<TextEncoding>,
    open: &mut dyn FnMut() -> io::Result<Box<dyn Read + Send>>,
    look: Look<'_>,
) -> io::Result<Chosen> {
    let mut scan = |encoding| {
        let mut text = Transcoder::undeclared(open()?, encoding)?.mending(Mending::All);
        match look(file, &mut text) {
            Ok(None) => Ok(Ok(judged(file, encoding, &text))),
            Ok(Some(finding)) => Ok(Ok(Err(Box::new(finding)))),
            Err(error) => match fault_of(&error) {
                Some(fault) => Ok(Err(fault)),
                None => Err(error),
            },
        }
    };
    let first = scan(told.map_or(Undeclared::Utf8, Undeclared::Told))?;
    let found = match first {
        Err(EncodingFault::Otherwise { .. }) if told.is_none() => scan(Undeclared::Gb18030)?,
        other => other,
    };
    let is_utf8 = matches!(&found, Ok(Ok((Undeclared::Utf8, _))));
    if told.is_none()
        && !is_utf8
        && let Some(line) = meeting(&mut BufReader::new(open()?))?
    {
        return Ok(Err(Box::new(mixed(file, line))));
    }
    Ok(found.unwrap_or_else(|fault| Err(Box::new(fault::of_fault(file, &fault, 1)))))
}

/// Han characters of a line that is taken for UTF-8: by chance GB18030 reads so in one or two at most.
const HAN_OF_UTF8: usize = 4;
/// Han characters of a line that is taken for GB18030 and is no UTF-8.
const HAN_OF_GB: usize = 2;

/// The first line that is UTF-8 in a table of which other lines are GB18030: the exports of two systems in one file.
/// Their bytes pair now and then, and then every line decodes, into other characters.
fn meeting(text: &mut dyn BufRead) -> io::Result<Option<u32>> {
    let han = |text: &str| {
        text.chars()
            .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
            .count()
    };
    let (mut line, mut number) = (Vec::new(), 0_u32);
    let (mut national, mut first) = (false, None);
    loop {
        line.clear();
        if text.read_until(b'\n', &mut line)? == 0 {
            return Ok(first.filter(|_| national));
        }
        number = number.saturating_add(1);
        match std::str::from_utf8(&line) {
            Ok(text) if han(text) >= HAN_OF_UTF8 => first = first.or(Some(number)),
            Ok(_) => {}
            Err(_) => {
                let text = GB18030.decode_without_bom_handling_and_without_replacement(&line);
                national |= text.is_some_and(|text| han(&text) >= HAN_OF_GB);
            }
        }
        if national && first.is_some() {
            return Ok(first);
        }
    }
}

fn mixed(file: &str, line: u32) -> Finding {
    document::at(x2::MIXED_ENCODINGS, file, line, 1)
        .with("line", line)
        .with("read", "GB18030")
}

/// What is said of a text that was read to its end.
fn judged(file: &str, encoding: Undeclared, text: &Transcoder<'_>) -> Chosen {
    let name = text.encoding();
    if matches!(encoding, Undeclared::Told(_)) && text.is_utf8(true) {
        return Err(Box::new(fault::otherwise(file, name, "UTF-8")));
    }
    match text.broken().first() {
        Some(first) if text.is_broken_throughout() => {
            Err(Box::new(fault::undecodable(file, name, first)))
        }
        _ => {
            let half = |broken| fault::half_character(file, name, broken);
            Ok((encoding, text.broken().iter().map(half).collect()))
        }
    }
}

fn fault_of(error: &io::Error) -> Option<EncodingFault> {
    error.get_ref()?.downcast_ref::<EncodingFault>().cloned()
}

/// The same of rows as JSON, which are UTF-8 (RFC 8259, section 8.1) unless a dialect tells otherwise.
///
/// # Errors
/// Only what reading the bytes reports.
pub(crate) fn survey_rows(
    file: &str,
    told: Option<TextEncoding>,
    open: &mut dyn FnMut() -> io::Result<Box<dyn Read + Send>>,
) -> io::Result<Chosen> {
    let encoding = told.map_or(Undeclared::Utf8, Undeclared::Told);
    let mut text = Transcoder::undeclared(open()?, encoding)?.mending(Mending::All);
    match io::copy(&mut text, &mut io::sink()) {
        Ok(_) => Ok(judged(file, encoding, &text)),
        Err(error) => match fault_of(&error) {
            Some(fault) => Ok(Err(Box::new(fault::of_fault(file, &fault, 1)))),
            None => Err(error),
        },
    }
}

/// The start of a text, which may be cut anywhere, as far as its encoding reads it.
pub(crate) fn start(bytes: &[u8], told: Option<TextEncoding>) -> String {
    let encoding = told.map_or(Undeclared::Utf8, Undeclared::Told);
    let mut out = Vec::new();
    if let Ok(mut text) = Transcoder::undeclared(Box::new(bytes), encoding) {
        // What stops it is the end of what is in sight.
        let _ = text.read_to_end(&mut out);
    }
    String::from_utf8_lossy(&out).into_owned()
}
