//! A document that another one carries as text: what web services and buses wrap, in CDATA or escaped (a
//! SOAP envelope with the document in one of its elements). The one document within is admitted as if it
//! had come alone, guard first, with its lines counted in the outer one. Refuses to choose among several,
//! and to look within what was within.

use super::wanted::Wanted;
use super::watched::Watched;
use super::{ItemContext, ItemOutcome, Open};
use crate::dialect::{Dialect, Registry};
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;
use std::io::{self, Cursor, Read};
use tongcha_schema::check::CheckedCase;
use tongcha_schema::code::xml as x2;
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::xml::{Mending, PositionedReader, Transcoder};

/// What a document carries.
#[derive(Debug, Default)]
struct Within {
    /// Local name of its root element.
    root: String,
    /// Documents in its texts.
    count: u32,
    /// The first of them as text without its XML declaration, and the line on which it begins.
    first: Option<(Vec<u8>, u32)>,
}

/// Admits what a document carries that passed the guard and that `found` does not fit; `None` where it
/// carries nothing.
///
/// # Errors
/// What reading reports.
pub(super) fn admit(
    registry: &Registry,
    ctx: &ItemContext<'_>,
    found: Option<&Dialect>,
    open: &mut Open<'_>,
    sink: &mut dyn FnMut(CheckedCase),
) -> io::Result<Option<ItemOutcome>> {
    let told = found.and_then(Dialect::encoding);
    let within = look(Transcoder::told(open()?, told)?.mending(Mending::Gb))?;
    let known = |inner: &[u8]| match Wanted::of(ctx.dialect) {
        Wanted::One(_) => found.is_some_and(|d| d.fits(inner)),
        wanted => wanted.find(registry, inner).is_some(),
    };
    if let (1, Some((inner, line))) = (within.count, &within.first)
        && known(inner)
    {
        let before = line.saturating_sub(1);
        let mut again =
            || -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(Cursor::new(inner.clone()))) };
        let mut taken = |mut case: CheckedCase| {
            move_down(&mut case, before);
            sink(case);
        };
        let mut outcome = super::admit(registry, ctx, &mut again, &mut taken, false)?;
        outcome.findings.iter_mut().for_each(|f| lower(f, before));
        return Ok(Some(outcome));
    }
    if within.count == 1 || within.root == "Envelope" {
        let place = Place {
            file: ctx.name.to_owned(),
            line: within.first.as_ref().map_or(1, |(_, line)| *line),
            ..Place::default()
        };
        let told = Finding::new(x2::DOCUMENT_WITHIN, place)
            .with("outer", within.root)
            .with("count", within.count);
        return Ok(Some(ItemOutcome::refuse(found, vec![told])));
    }
    Ok(None)
}

/// Looks through the texts of a document that passed the guard, which bounds each of them.
fn look(input: Transcoder<'_>) -> io::Result<Within> {
    let mut watched = Watched {
        text: Box::new(input),
        error: None,
    };
    let mut reader = PositionedReader::new(&mut watched);
    reader.config_mut().check_end_names = false;
    let mut within = Within::default();
    let (mut text, mut line) = (String::new(), 1);
    // The guard has passed it: an error is one of the disk.
    while let Ok(placed) = reader.next() {
        if text.is_empty() {
            line = placed.line;
        }
        match placed.event {
            Event::Start(tag) => {
                if within.root.is_empty() {
                    let name = tag.name();
                    let name: &str = name.as_ref();
                    within.root = name.rsplit(':').next().unwrap_or(name).to_owned();
                }
                text.clear();
            }
            Event::Text(part) => text.push_str(&part.xml10_content()),
            Event::CData(part) => text.push_str(&part.xml10_content()),
            Event::GeneralRef(name) => match name.resolve_char_ref() {
                Ok(Some(c)) => text.push(c),
                _ => text.push_str(resolve_xml_entity(name.as_ref()).unwrap_or_default()),
            },
            Event::End(_) => {
                within.note(&text, line);
                text.clear();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    drop(reader);
    match watched.error {
        Some(error) => Err(error),
        None => Ok(within),
    }
}

impl Within {
    /// Notes an element's text that means to be a document.
    fn note(&mut self, text: &str, line: u32) {
        let body = text.trim_start();
        let second = body.strip_prefix('<').and_then(|rest| rest.chars().next());
        let begins = second.is_some_and(|c| matches!(c, '?' | '!' | '_') || c.is_alphabetic());
        if !begins || !body.trim_end().ends_with('>') {
            return;
        }
        self.count += 1;
        if self.first.is_some() {
            return;
        }
        // The text is decoded: what it says of its encoding is no longer so.
        let body = match body.strip_prefix("<?xml").and_then(|b| b.split_once("?>")) {
            Some((_, rest)) => rest.trim_start(),
            None => body,
        };
        let before = text.len() - body.len();
        let breaks = text.get(..before).map_or(0, |t| t.matches('\n').count());
        let line = line.saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
        self.first = Some((body.as_bytes().to_vec(), line));
    }
}

fn lower(finding: &mut Finding, lines: u32) {
    if finding.place.line > 0 {
        finding.place.line = finding.place.line.saturating_add(lines);
    }
}

/// Counts the lines of a case in the outer document.
fn move_down(case: &mut CheckedCase, lines: u32) {
    for record in &mut case.records {
        record.line = record.line.saturating_add(lines);
    }
    for rejected in &mut case.rejected {
        rejected.raw.line = rejected.raw.line.saturating_add(lines);
        rejected.findings.iter_mut().for_each(|f| lower(f, lines));
    }
    case.findings.iter_mut().for_each(|f| lower(f, lines));
}
