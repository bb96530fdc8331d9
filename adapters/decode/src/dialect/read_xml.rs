//! XML whose places are named by paths: one walk over the tags, each step one look-up in the path
//! tree. Of elements the local names count, whatever their namespace; an attribute counts by its name as
//! written, since one with a prefix is another than the one without. It refuses nothing but a foreign
//! root; the guard has passed the document before.

use super::document;
use super::gather::Gathered;
use super::make::CaseBuilder;
use super::plan::Open;
use super::plan::{Plan, Slot};
use quick_xml::events::BytesRef;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::BufRead;
use std::ops::ControlFlow;
use tongcha_schema::code::element as x3;
use tongcha_schema::finding::Finding;
use tongcha_schema::limits;
use tongcha_schema::record::RawCase;
use tongcha_schema::xml::{Piece, Puller};

/// The text that is read.
type Xml<'x> = Puller<&'x mut dyn BufRead>;

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
    /// Whether its text fills a slot.
    reads: bool,
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
    let mut xml = Puller::new(input);
    let mut walk = Walk {
        plan,
        case: Gathered::new(plan),
        maker: CaseBuilder::new(plan, file),
        stack: Vec::new(),
        root_hint: 0,
        cases: 0,
        aside: Aside::default(),
    };
    loop {
        let piece = match xml.pull() {
            Ok(piece) => piece,
            Err(error) => {
                let place = xml.here();
                return vec![document::broken(file, &error, place.line, place.column)];
            }
        };
        match piece {
            Piece::Start => {
                if let Err(root) = walk.open(&xml) {
                    let place = xml.place();
                    return vec![walk.wrong_root(file, &root, place.line, place.column)];
                }
            }
            Piece::Text | Piece::Section if walk.reads() => walk.case.push(&xml.content()),
            Piece::Reference if walk.reads() => walk.reference(xml.text()),
            Piece::Text | Piece::Section => walk.pass(xml.text()),
            Piece::Reference => walk.pass("&"),
            Piece::End => {
                if let Some(case) = walk.close()
                    && sink(case).is_break()
                {
                    return Vec::new();
                }
            }
            Piece::Other => {}
            Piece::Eof => break,
        }
    }
    let none = (walk.cases == 0).then(|| document::at(x3::NO_RECORDS, file, 1, 1));
    none.into_iter().chain(walk.maker.end()).collect()
}

/// What of a document no rule names: topmost tags by their parent's node and their name.
#[derive(Default)]
struct Aside {
    /// Those that were told already.
    told: HashMap<u32, HashSet<Box<str>>>,
    /// The same in the order in which they were told first, and which of them is expected next: documents
    /// repeat themselves.
    order: Vec<(u32, Box<str>)>,
    next: usize,
    /// The one that is open and has shown nothing so far.
    open: Option<(u32, Box<str>)>,
}

impl Aside {
    fn begin(&mut self, parent: u32, name: &str) {
        let ahead = self.order.iter().enumerate().skip(self.next).take(AHEAD);
        let mut all = ahead.chain(self.order.iter().enumerate().take(AHEAD));
        if let Some((at, _)) = all.find(|(_, (p, n))| *p == parent && **n == *name) {
            self.next = at + 1;
            self.open = None;
            return;
        }
        let told = self.told.get(&parent).is_some_and(|t| t.contains(name));
        self.open = (!told).then(|| (parent, name.into()));
    }
}

/// So many names told before are compared before one is looked up.
const AHEAD: usize = 8;

struct Walk<'p> {
    plan: &'p Plan,
    case: Gathered,
    maker: CaseBuilder<'p>,
    stack: Vec<Frame>,
    root_hint: u32,
    cases: u64,
    aside: Aside,
}

impl Walk<'_> {
    /// A tag begins; the name of a foreign root is the error.
    fn open(&mut self, tag: &Xml<'_>) -> Result<(), String> {
        let name = tag.local_name();
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
            if parent != SKIP {
                self.aside.begin(parent, name);
            }
            if self.aside.open.is_some() && attributes_of(tag).next().is_some() {
                self.show();
            }
            self.stack.push(Frame {
                node: SKIP,
                hint: 0,
                mark: 0,
                slot: None,
                reads: false,
                line: 0,
                column: 0,
            });
            return Ok(());
        };
        let place = tag.place();
        let (line, column) = (place.line, place.column);
        if let Some((_, attribute)) = self.plan.named.as_ref().filter(|(n, _)| *n == node) {
            let slot = self.named(tag, attribute);
            if slot.is_none() {
                let name = name_in(tag, attribute).unwrap_or_else(|| name.to_owned());
                self.aside.begin(node, &name);
            }
            self.stack.push(Frame {
                node: slot.map_or(SKIP, |_| NAMED),
                hint: 0,
                mark: self.case.mark(),
                slot,
                reads: slot.is_some(),
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
        if tag.has_attributes() {
            self.attributes(node, tag, line, column);
        }
        self.stack.push(Frame {
            node,
            hint: 0,
            mark: self.case.mark(),
            slot: None,
            reads: !known.slots.is_empty(),
            line,
            column,
        });
        Ok(())
    }

    /// The slot of the field that a tag's attribute names, in any letter case.
    fn named(&self, tag: &Xml<'_>, wanted: &str) -> Option<Slot> {
        let name = name_in(tag, wanted)?.trim().to_lowercase();
        let slot = *self.plan.keys[0].get(name.as_str())?;
        Some(Slot { scope: 0, slot })
    }

    fn attributes(&mut self, node: u32, tag: &Xml<'_>, line: u32, column: u32) {
        for (name, value) in attributes_of(tag) {
            let wanted = &self.plan.tree.0[node as usize].attributes;
            let mut read = false;
            for (_, slot) in wanted.iter().filter(|(n, _)| **n == *name) {
                let mark = self.case.mark();
                self.case.push(&unescaped(value));
                self.case.fill(*slot, mark, line, column);
                read = true;
            }
            if !read && !value.trim().is_empty() {
                self.tell(node, &format!("@{name}"));
            }
        }
    }

    /// Text that no rule reads.
    fn pass(&mut self, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        match self.stack.last().map(|f| f.node) {
            Some(SKIP) => self.show(),
            Some(node) if node != NAMED => self.tell(node, "text()"),
            _ => {}
        }
    }

    /// The tag aside that is open holds something: it is told.
    fn show(&mut self) {
        if let Some((parent, name)) = self.aside.open.take() {
            self.tell(parent, &name);
        }
    }

    /// Tells once of a name below a node.
    fn tell(&mut self, node: u32, name: &str) {
        let told = self.aside.told.entry(node).or_default();
        if told.len() >= limits::UNREAD_PLACES || !told.insert(name.into()) {
            return;
        }
        self.aside.order.push((node, name.into()));
        let path = self.plan.tree.path(node);
        let is_named = self.plan.named.as_ref().is_some_and(|(n, _)| *n == node);
        let whole = match (path, name.starts_with('@')) {
            (path, _) if path.is_empty() || is_named => name.to_owned(),
            (path, true) => format!("{path}{name}"),
            (path, false) => format!("{path}/{name}"),
        };
        self.maker.unread(&whole);
    }

    /// Whether the open tag's text fills a slot.
    fn reads(&self) -> bool {
        self.stack.last().is_some_and(|f| f.reads)
    }

    fn reference(&mut self, name: &str) {
        if let Ok(Some(c)) = BytesRef::new(name).resolve_char_ref() {
            self.case.push(c.encode_utf8(&mut [0; 4]));
        } else if let Some(text) = predefined(name) {
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
        let made = self.maker.make(&self.case);
        self.maker.of_other_tables(&self.case);
        Some(made)
    }

    fn wrong_root(&self, file: &str, found: &str, line: u32, column: u32) -> Finding {
        let expected = self.plan.tree.children(0).join(" / ");
        document::at(x3::WRONG_ROOT, file, line, column)
            .with_value(found, false)
            .with("found", found)
            .with("expected", expected)
    }
}

/// The value of the attribute that names a tag's field.
fn name_in(tag: &Xml<'_>, wanted: &str) -> Option<String> {
    let (_, value) = tag.attributes().find(|(name, _)| *name == wanted)?;
    Some(unescaped(value).into_owned())
}

/// Names and values of a tag's attributes, those of XML itself left out. One with a prefix is another than the
/// one without (Namespaces in XML 1.0, section 6.2): its prefix stays.
fn attributes_of<'t>(tag: &'t Xml<'_>) -> impl Iterator<Item = (&'t str, &'t str)> {
    tag.attributes().filter(|(key, _)| {
        let prefix = key.split_once(':').map_or("", |(prefix, _)| prefix);
        *key != "xmlns" && !matches!(prefix, "xmlns" | "xml" | "xsi")
    })
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
