//! XES event logs: a trace is a case, its attributes and those of its events are named by their keys.
//! Extensions, classifiers and globals say nothing of a case; other attributes that no rule names are
//! told. It refuses nothing but a foreign root.

use super::gather::Gathered;
use super::make::CaseBuilder;
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
    let mut log = Log {
        plan,
        case: Gathered::new(plan),
        maker: CaseBuilder::new(plan, file),
    };
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
                log.begin(kind, &stack, &tag, (line, column));
                stack.extend(kind);
                None
            }
            Event::Empty(tag) => {
                let kind = kind(&stack, &tag);
                if kind.is_none() {
                    return vec![wrong_root(file, &tag, line, column)];
                }
                log.begin(kind, &stack, &tag, (line, column));
                kind
            }
            Event::End(_) => stack.pop(),
            Event::Eof => break,
            _ => None,
        };
        if ended == Some(Tag::Trace) {
            cases += 1;
            if sink(log.maker.make(&log.case)).is_break() {
                return Vec::new();
            }
        }
    }
    let none = (cases == 0).then(|| document::at(x3::NO_RECORDS, file, 1, 1));
    none.into_iter().chain(log.maker.end()).collect()
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

/// What is read of a log.
struct Log<'p> {
    plan: &'p Plan,
    case: Gathered,
    maker: CaseBuilder<'p>,
}

impl Log<'_> {
    fn begin(
        &mut self,
        kind: Option<Tag>,
        stack: &[Tag],
        tag: &BytesStart<'_>,
        (line, column): (u32, u32),
    ) {
        match (kind, stack.last(), self.plan.event) {
            (Some(Tag::Trace), _, _) => self.case.begin(line, column),
            (Some(Tag::Event), _, Some(scope)) => self.case.row(scope, line, column),
            (Some(Tag::Event), _, None) => self.maker.unread("event"),
            (Some(Tag::Other), Some(Tag::Trace), _) => self.fill(0, "", tag, (line, column)),
            (Some(Tag::Other), Some(Tag::Event), Some(scope)) => {
                self.fill(scope, "event/", tag, (line, column));
            }
            (Some(Tag::Other), Some(Tag::Log), _) => self.pass(tag, "log/"),
            (Some(Tag::Other), Some(Tag::Other), _) => {
                // Below a global or another part of the log there are only defaults.
                let above = stack.iter().rev().find(|t| **t != Tag::Other);
                match above {
                    Some(Tag::Trace) => self.pass(tag, "*/"),
                    Some(Tag::Event) => self.pass(tag, "event/*/"),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// An attribute that no rule can name is told by its key.
    fn pass(&mut self, tag: &BytesStart<'_>, above: &str) {
        let mut list = tag.attributes();
        let is_key = |name: &str| name == "key";
        let all = list.with_checks(false).flatten();
        for attribute in all.filter(|a| is_key(a.key.as_ref())) {
            self.maker
                .unread(&format!("{above}{}", unescaped(&attribute.value)));
        }
    }

    /// An attribute of the trace or of the event that is open: taken if a rule names its key, else told.
    fn fill(&mut self, scope: u32, above: &str, tag: &BytesStart<'_>, at: (u32, u32)) {
        let (mut key, mut value) = (None, None);
        let mut list = tag.attributes();
        for attribute in list.with_checks(false).flatten() {
            match attribute.key.as_ref() {
                "key" => key = Some(attribute.value),
                "value" => value = Some(attribute.value),
                _ => {}
            }
        }
        let Some(key) = key.as_deref().map(unescaped) else {
            return;
        };
        let slot = self.plan.keys[scope as usize].get(&*key).copied();
        match (slot, value) {
            (Some(slot), Some(value)) => {
                let mark = self.case.mark();
                self.case.push(&unescaped(&value));
                self.case.fill(Slot { scope, slot }, mark, at.0, at.1);
            }
            (None, Some(value)) if !value.trim().is_empty() => {
                self.maker.unread(&format!("{above}{key}"));
            }
            _ => {}
        }
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
