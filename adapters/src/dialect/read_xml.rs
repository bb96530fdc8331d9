//! XML whose places are named by paths: one walk over the tags, each step one look-up in the path
//! tree. Of elements the local names count, whatever their namespace; an attribute counts by its name as
//! written, since one with a prefix is another than the one without. It refuses nothing but a foreign
//! root; the guard has passed the document before.

use super::gather::Gathered;
use super::make::Maker;
use super::plan::{Plan, Slot};
use super::tree::Open;
use super::{document, local};
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::borrow::Cow;
use std::io::BufRead;
use std::ops::ControlFlow;
use tongcha_schema::code::element as x3;
use tongcha_schema::finding::Finding;
use tongcha_schema::record::RawCase;
use tongcha_schema::xml::PositionedReader;

/// Tags that no rule names.
const SKIP: u32 = u32::MAX;
/// Tags that are named by an attribute.
const NAMED: u32 = u32::MAX - 1;

/// One open tag.
struct Frame {
    node: u32,
    /// Which child the document is expected to bring next.
    hint: u32,
    /// Where its text begins in the buffer, if it fills a slot.
    mark: usize,
    /// The slot of a tag that is named by an attribute.
    slot: Option<Slot>,
    line: u32,
    column: u32,
}

/// Reads the cases of a document, in document order; gives findings of the document itself.
pub(crate) fn read(
    plan: &Plan,
    file: &str,
    input: &mut dyn BufRead,
    sink: &mut dyn FnMut(RawCase) -> ControlFlow<()>,
) -> Vec<Finding> {
    let mut reader = PositionedReader::new(input);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.check_end_names = false;
    let mut walk = Walk {
        plan,
        case: Gathered::new(plan),
        maker: Maker::new(plan, file),
        stack: Vec::new(),
        root_hint: 0,
        cases: 0,
    };
    loop {
        let placed = match reader.next() {
            Ok(placed) => placed,
            Err(error) => {
                let place = reader.place();
                return vec![document::broken(file, &error, place.line, place.column)];
            }
        };
        match placed.event {
            Event::Start(tag) => {
                if let Err(root) = walk.open(&tag, placed.line, placed.column) {
                    return vec![walk.wrong_root(file, &root, placed.line, placed.column)];
                }
            }
            Event::Text(text) if walk.reads() => walk.case.push(&text.xml10_content()),
            Event::CData(text) if walk.reads() => walk.case.push(&text.xml10_content()),
            Event::GeneralRef(name) if walk.reads() => walk.reference(&name),
            Event::End(_) => {
                if let Some(case) = walk.close()
                    && sink(case).is_break()
                {
                    return Vec::new();
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    match walk.cases {
        0 => vec![document::at(x3::NO_RECORDS, file, 1, 1)],
        _ => Vec::new(),
    }
}

struct Walk<'p> {
    plan: &'p Plan,
    case: Gathered,
    maker: Maker<'p>,
    stack: Vec<Frame>,
    root_hint: u32,
    cases: u64,
}

impl Walk<'_> {
    /// A tag begins; the name of a foreign root is the error.
    fn open(&mut self, tag: &BytesStart<'_>, line: u32, column: u32) -> Result<(), String> {
        let name = tag.name();
        let name = local(name.as_ref());
        let (parent, hint) = match self.stack.last_mut() {
            Some(frame) => (frame.node, &mut frame.hint),
            None => (0, &mut self.root_hint),
        };
        let found = match parent {
            SKIP | NAMED => None,
            _ => self.plan.tree.child(parent, name, hint),
        };
        let Some(node) = found else {
            if self.stack.is_empty() {
                return Err(name.to_owned());
            }
            self.stack.push(Frame {
                node: SKIP,
                hint: 0,
                mark: 0,
                slot: None,
                line,
                column,
            });
            return Ok(());
        };
        if let Some((_, attribute)) = self.plan.named.as_ref().filter(|(n, _)| *n == node) {
            let slot = self.named(tag, attribute);
            self.stack.push(Frame {
                node: slot.map_or(SKIP, |_| NAMED),
                hint: 0,
                mark: self.case.mark(),
                slot,
                line,
                column,
            });
            return Ok(());
        }
        let known = &self.plan.tree.0[node as usize];
        match known.open {
            Some(Open::Case) => self.case.begin(line, column),
            Some(Open::Row(scope)) => self.case.row(scope, line, column),
            None => {}
        }
        if !known.attributes.is_empty() {
            self.attributes(node, tag, line, column);
        }
        self.stack.push(Frame {
            node,
            hint: 0,
            mark: self.case.mark(),
            slot: None,
            line,
            column,
        });
        Ok(())
    }

    /// The slot of the field that a tag's attribute names, in any letter case.
    fn named(&self, tag: &BytesStart<'_>, wanted: &str) -> Option<Slot> {
        let mut list = tag.attributes();
        let found = list
            .with_checks(false)
            .flatten()
            .find(|a| a.key.as_ref() == wanted)?;
        let name = unescaped(&found.value).trim().to_lowercase();
        let slot = *self.plan.keys[0].get(name.as_str())?;
        Some(Slot { scope: 0, slot })
    }

    fn attributes(&mut self, node: u32, tag: &BytesStart<'_>, line: u32, column: u32) {
        let mut list = tag.attributes();
        for attribute in list.with_checks(false).flatten() {
            let name: &str = attribute.key.as_ref();
            let wanted = &self.plan.tree.0[node as usize].attributes;
            for (_, slot) in wanted.iter().filter(|(n, _)| **n == *name) {
                let mark = self.case.mark();
                self.case.push(&unescaped(&attribute.value));
                self.case.fill(*slot, mark, line, column);
            }
        }
    }

    /// Whether the open tag's text fills a slot.
    fn reads(&self) -> bool {
        self.stack.last().is_some_and(|f| match f.node {
            SKIP => false,
            NAMED => true,
            node => !self.plan.tree.0[node as usize].slots.is_empty(),
        })
    }

    fn reference(&mut self, name: &BytesRef<'_>) {
        if let Ok(Some(c)) = name.resolve_char_ref() {
            self.case.push(c.encode_utf8(&mut [0; 4]));
        } else if let Some(text) = predefined(name.as_ref()) {
            self.case.push(text);
        }
    }

    /// A tag ends; a case that ends with it is made.
    fn close(&mut self) -> Option<RawCase> {
        let frame = self.stack.pop().filter(|f| f.node != SKIP)?;
        if let Some(slot) = frame.slot {
            self.case.fill(slot, frame.mark, frame.line, frame.column);
            return None;
        }
        let node = &self.plan.tree.0[frame.node as usize];
        for slot in &node.slots {
            self.case.fill(*slot, frame.mark, frame.line, frame.column);
        }
        if node.open != Some(Open::Case) {
            return None;
        }
        self.cases += 1;
        Some(self.maker.make(&self.case))
    }

    fn wrong_root(&self, file: &str, found: &str, line: u32, column: u32) -> Finding {
        let expected = self.plan.tree.children(0).join(" / ");
        document::at(x3::WRONG_ROOT, file, line, column)
            .with_value(found, false)
            .with("found", found)
            .with("expected", expected)
    }
}

/// The text of a predefined entity; a well-formed document without a DTD has no others.
pub(crate) fn predefined(name: &str) -> Option<&'static str> {
    match name {
        "amp" => Some("&"),
        "lt" => Some("<"),
        "gt" => Some(">"),
        "quot" => Some("\""),
        "apos" => Some("'"),
        _ => None,
    }
}

/// An attribute's value with its references resolved.
pub(crate) fn unescaped(value: &str) -> Cow<'_, str> {
    if !value.contains('&') {
        return Cow::Borrowed(value);
    }
    quick_xml::escape::unescape(value).unwrap_or(Cow::Borrowed(value))
}
