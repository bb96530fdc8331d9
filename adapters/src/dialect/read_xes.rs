//! XES event logs: a trace is a case, its attributes and those of its events are named by their keys.
//! Nested attributes, lists, extensions and classifiers are passed over. It refuses nothing but a
//! foreign root.

use super::gather::Gathered;
use super::make::Maker;
use super::plan::{Plan, Slot};
use super::read_xml::unescaped;
use super::{document, local};
use quick_xml::events::{BytesStart, Event};
use std::io::BufRead;
use std::ops::ControlFlow;
use tongcha_schema::code::element as x3;
use tongcha_schema::finding::Finding;
use tongcha_schema::record::RawCase;
use tongcha_schema::xml::PositionedReader;

/// Which tag is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Log,
    Trace,
    Event,
    Other,
}

/// Reads the cases of a log, in document order; gives findings of the document itself.
pub(crate) fn read(
    plan: &Plan,
    file: &str,
    input: &mut dyn BufRead,
    sink: &mut dyn FnMut(RawCase) -> ControlFlow<()>,
) -> Vec<Finding> {
    let mut reader = PositionedReader::new(input);
    reader.config_mut().check_end_names = false;
    let mut case = Gathered::new(plan);
    let mut maker = Maker::new(plan, file);
    let mut stack: Vec<Tag> = Vec::new();
    let mut cases = 0_u64;
    loop {
        let placed = match reader.next() {
            Ok(placed) => placed,
            Err(error) => {
                let place = reader.place();
                return vec![document::broken(file, &error, place.line, place.column)];
            }
        };
        let (line, column) = (placed.line, placed.column);
        let ended = match placed.event {
            Event::Start(tag) => {
                let kind = kind(&stack, &tag);
                if kind.is_none() {
                    return vec![wrong_root(file, &tag, line, column)];
                }
                begin(plan, &mut case, kind, &stack, &tag, line, column);
                stack.extend(kind);
                None
            }
            Event::Empty(tag) => {
                let kind = kind(&stack, &tag);
                if kind.is_none() {
                    return vec![wrong_root(file, &tag, line, column)];
                }
                begin(plan, &mut case, kind, &stack, &tag, line, column);
                kind
            }
            Event::End(_) => stack.pop(),
            Event::Eof => break,
            _ => None,
        };
        if ended == Some(Tag::Trace) {
            cases += 1;
            if sink(maker.make(&case)).is_break() {
                return Vec::new();
            }
        }
    }
    match cases {
        0 => vec![document::at(x3::NO_RECORDS, file, 1, 1)],
        _ => Vec::new(),
    }
}

/// Which tag begins; `None` for a root that is no log.
fn kind(stack: &[Tag], tag: &BytesStart<'_>) -> Option<Tag> {
    let name = tag.name();
    match (stack.last(), local(name.as_ref())) {
        (None, "log") => Some(Tag::Log),
        (None, _) => None,
        (Some(Tag::Log), "trace") => Some(Tag::Trace),
        (Some(Tag::Trace), "event") => Some(Tag::Event),
        _ => Some(Tag::Other),
    }
}

fn begin(
    plan: &Plan,
    case: &mut Gathered,
    kind: Option<Tag>,
    stack: &[Tag],
    tag: &BytesStart<'_>,
    line: u32,
    column: u32,
) {
    match (kind, stack.last(), plan.event) {
        (Some(Tag::Trace), _, _) => case.begin(line, column),
        (Some(Tag::Event), _, Some(scope)) => case.row(scope, line, column),
        (Some(Tag::Other), Some(Tag::Trace), _) => fill(plan, case, 0, tag, line, column),
        (Some(Tag::Other), Some(Tag::Event), Some(scope)) => {
            fill(plan, case, scope, tag, line, column);
        }
        _ => {}
    }
}

/// An attribute of the trace or of the event that is open, if a rule names its key.
fn fill(
    plan: &Plan,
    case: &mut Gathered,
    scope: u32,
    tag: &BytesStart<'_>,
    line: u32,
    column: u32,
) {
    let (mut slot, mut value) = (None, None);
    let mut list = tag.attributes();
    for attribute in list.with_checks(false).flatten() {
        match attribute.key.as_ref() {
            "key" => {
                slot = plan.keys[scope as usize]
                    .get(&*unescaped(&attribute.value))
                    .copied()
            }
            "value" => value = Some(attribute.value),
            _ => {}
        }
    }
    if let (Some(slot), Some(value)) = (slot, value) {
        let mark = case.mark();
        case.push(&unescaped(&value));
        case.fill(Slot { scope, slot }, mark, line, column);
    }
}

fn wrong_root(file: &str, tag: &BytesStart<'_>, line: u32, column: u32) -> Finding {
    let name = tag.name();
    let found = local(name.as_ref());
    document::at(x3::WRONG_ROOT, file, line, column)
        .with_value(found, false)
        .with("found", found)
        .with("expected", "log")
}
