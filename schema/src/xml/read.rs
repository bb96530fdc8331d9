//! The native reader: `Package/Head/Body/Case` as raw cases, streaming, with the place of every
//! record and field. Nodes and fields may stand in any order. It refuses to type a value
//! (`check.rs`) and to judge well-formedness (the guard has passed the text); it never panics, and
//! holds one case at most, in parts where that is too large.
//!
//! A record without `seq` takes its position, 1..n, among the records of its element in the case;
//! one without `op` or `dataVer` takes the case's. A `Catalog` is read like a case without a number; its
//! records need their `seq`, since positions differ from list to list. `dataVer="arrival"` says that the source numbers
//! no versions. Names of elements are compared without their prefix; an attribute with a prefix is another
//! than the one without. The head's digest and signature are kept as
//! text and not verified: what the agent signs is the frame.

mod building;
mod head;
mod tag;
mod tell;

use crate::code::element as x3;
use crate::code::transport;
use crate::finding::{Finding, Place};
use crate::limits::{FIELD_BYTES, RECEIPT_FINDINGS};
use crate::record::RawCase;
use crate::xml::native::{self, NativeHead};
use crate::xml::{Piece, Puller, text};
use building::Building;
use std::io::BufRead;
use std::ops::ControlFlow;
use tag::attributes;
use tell::{cut, placed, shown, unknown_attribute};

/// The text that is read.
type Xml<'x> = Puller<&'x mut dyn BufRead>;

/// Reads a native document. Every case goes to `sink` when its end is reached, in document order (a
/// very large one in parts); `Break` from the sink ends the reading. What belongs to no case is in the
/// answer's findings. `file` names the item in findings.
pub fn read_native(
    input: &mut dyn BufRead,
    file: &str,
    sink: &mut dyn FnMut(RawCase) -> ControlFlow<()>,
) -> NativeHead {
    read(input, State::new(file), sink)
}

/// Reads no more of a native document than its head and the number of its records, which is much quicker:
/// the answer's findings are those of the head and of a count that differs.
pub fn count_native(input: &mut dyn BufRead, file: &str) -> NativeHead {
    let mut state = State::new(file);
    state.only_counts = true;
    read(input, state, &mut |_| ControlFlow::Continue(()))
}

fn read(
    input: &mut dyn BufRead,
    mut state: State<'_>,
    sink: &mut dyn FnMut(RawCase) -> ControlFlow<()>,
) -> NativeHead {
    let mut xml = Puller::new(input);
    loop {
        let piece = match xml.pull() {
            Ok(piece) => piece,
            Err(error) => {
                let place = xml.here();
                state.stop(&error.to_string(), place.line, place.column);
                break;
            }
        };
        let flow = match piece {
            Piece::Start => {
                state.stands(&xml);
                state.open(&xml, sink)
            }
            Piece::End => state.close(sink),
            Piece::Eof => {
                state.stands(&xml);
                break;
            }
            piece => {
                state.characters(piece, &xml);
                ControlFlow::Continue(())
            }
        };
        if flow.is_break() {
            return state.head;
        }
    }
    state.finish()
}

/// Where the reader stands. What is of no use is skipped with a counted depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Outside,
    Package,
    Head,
    HeadField(usize),
    Body,
    Case,
    Record,
    Field(usize),
}

struct State<'f> {
    file: &'f str,
    head: NativeHead,
    at: At,
    /// Depth inside of what is skipped.
    skipped: usize,
    line: u32,
    column: u32,
    text: String,
    /// Place of the field's node that is open.
    field_line: u32,
    field_column: u32,
    seen_head: bool,
    seen_body: bool,
    seen_case: bool,
    stopped: bool,
    /// Whether records are counted and not read.
    only_counts: bool,
    count_place: (u32, u32),
    /// Number of the next record in the item, 1-based: raw records only.
    next_record: u32,
    building: Option<Building>,
    stray: bool,
}

impl<'f> State<'f> {
    fn new(file: &'f str) -> State<'f> {
        State {
            file,
            head: NativeHead::default(),
            at: At::Outside,
            skipped: 0,
            line: 1,
            column: 1,
            text: String::new(),
            field_line: 0,
            field_column: 0,
            seen_head: false,
            seen_body: false,
            seen_case: false,
            stopped: false,
            only_counts: false,
            count_place: (1, 1),
            next_record: 1,
            building: None,
            stray: false,
        }
    }

    fn stands(&mut self, xml: &Xml<'_>) {
        let place = xml.place();
        (self.line, self.column) = (place.line, place.column);
    }

    fn place(&self) -> Place {
        placed(self.file, (self.line, self.column))
    }

    /// Keeps a finding that belongs to no case, [`RECEIPT_FINDINGS`] at most.
    fn find(&mut self, finding: Finding) {
        if self.head.findings.len() < RECEIPT_FINDINGS {
            self.head.findings.push(finding);
        }
    }

    fn stop(&mut self, detail: &str, line: u32, column: u32) {
        (self.line, self.column) = (line, column);
        let finding = Finding::new(x3::READ_STOPPED, self.place()).with("detail", detail);
        self.find(finding);
        // An open case may lack records: nothing of it is handed on.
        self.building = None;
        self.stopped = true;
    }

    fn open(
        &mut self,
        tag: &Xml<'_>,
        sink: &mut dyn FnMut(RawCase) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if self.skipped > 0 {
            self.skipped += 1;
            return ControlFlow::Continue(());
        }
        let name = tag.local_name();
        match self.at {
            At::Outside => return self.open_root(name, tag),
            At::Package => self.open_part(name),
            At::Head => self.open_head_field(name),
            At::Body if name == native::CASE => self.open_case(tag, false),
            At::Body if name == native::CATALOG => self.open_case(tag, true),
            At::Body | At::HeadField(_) => self.unknown_part(name),
            At::Case => return self.open_record(name, tag, sink),
            At::Record => self.open_field(name),
            At::Field(_) => {
                self.unknown_field(name);
                self.skipped = 1;
            }
        }
        ControlFlow::Continue(())
    }

    fn open_root(&mut self, name: &str, tag: &Xml<'_>) -> ControlFlow<()> {
        if name != native::PACKAGE {
            let finding = Finding::new(x3::WRONG_ROOT, self.place())
                .with_value(name, false)
                .with("found", shown(name))
                .with("expected", native::PACKAGE);
            self.find(finding);
            return ControlFlow::Break(());
        }
        self.at = At::Package;
        for (key, value) in attributes(tag) {
            if key == "version" {
                self.head.version = cut(&value, 16);
            } else {
                let finding = unknown_attribute(self.place(), native::PACKAGE, key);
                self.find(finding);
            }
        }
        if self.head.version != native::VERSION {
            let finding = Finding::new(x3::FORMAT_VERSION, self.place())
                .with_value(&self.head.version, false)
                .with("found", self.head.version.clone())
                .with("expected", native::VERSION);
            self.find(finding);
        }
        ControlFlow::Continue(())
    }

    fn open_part(&mut self, name: &str) {
        let seen = match name {
            native::HEAD => {
                self.at = At::Head;
                &mut self.seen_head
            }
            native::BODY => {
                self.at = At::Body;
                &mut self.seen_body
            }
            _ => return self.unknown_part(name),
        };
        if std::mem::replace(seen, true) {
            let finding = Finding::new(x3::DOUBLED_PART, self.place())
                .with_value(name, false)
                .with("found", name);
            self.find(finding);
            if name == native::HEAD {
                self.at = At::Package;
                self.skipped = 1;
            }
        }
    }

    fn unknown_part(&mut self, name: &str) {
        let parent = match self.at {
            At::Package => native::PACKAGE,
            At::Head | At::HeadField(_) => native::HEAD,
            _ => native::BODY,
        };
        let finding = Finding::new(x3::UNKNOWN_PART, self.place())
            .with_value(name, false)
            .with("parent", parent)
            .with("found", shown(name));
        self.find(finding);
        self.skipped = 1;
    }

    fn characters(&mut self, piece: Piece, xml: &Xml<'_>) {
        match self.at {
            _ if self.skipped > 0 => {}
            At::Field(_) | At::HeadField(_) => {
                if self.text.len() < FIELD_BYTES {
                    text::append(piece, xml, &mut self.text);
                    truncate(&mut self.text, FIELD_BYTES);
                }
            }
            At::Outside => {}
            // Most of what stands between tags is line ends and blanks.
            _ if piece == Piece::Text && xml.text().bytes().all(|b| b.is_ascii_whitespace()) => {}
            _ => {
                let mut stray = String::new();
                if !self.stray && text::append(piece, xml, &mut stray) && !stray.trim().is_empty() {
                    self.stray = true;
                    self.stands(xml);
                    self.stray_text(&stray);
                }
            }
        }
    }

    /// One finding per parent node.
    fn stray_text(&mut self, text: &str) {
        let parent = match (self.at, &self.building) {
            (At::Record, Some(building)) => building.element_node(),
            (At::Case, Some(building)) => building.node(),
            (At::Head, _) => native::HEAD,
            (At::Body, _) => native::BODY,
            _ => native::PACKAGE,
        };
        // A text outside of the fields may be anything: its content is not shown.
        let personal = self.building.is_some();
        let mut place = self.place();
        if let Some(building) = &mut self.building {
            building.fill(&mut place, self.at == At::Record);
            let finding = Finding::new(x3::STRAY_TEXT, place)
                .with_value(&cut(text.trim(), 120), personal)
                .with("found", parent);
            building.find(self.at == At::Record, finding);
        } else {
            let finding = Finding::new(x3::STRAY_TEXT, place)
                .with_value(&cut(text.trim(), 120), personal)
                .with("found", parent);
            self.find(finding);
        }
    }

    fn close(&mut self, sink: &mut dyn FnMut(RawCase) -> ControlFlow<()>) -> ControlFlow<()> {
        if self.skipped > 0 {
            self.skipped -= 1;
            return ControlFlow::Continue(());
        }
        self.stray = false;
        match self.at {
            At::Outside | At::Package => self.at = At::Outside,
            At::Head | At::Body => self.at = At::Package,
            At::HeadField(index) => self.close_head_field(index),
            At::Case => {
                self.at = At::Body;
                return self.close_case(sink);
            }
            At::Record => {
                self.at = At::Case;
                if let Some(building) = &mut self.building {
                    building.close_record();
                }
            }
            At::Field(index) => {
                self.at = At::Record;
                if let Some(building) = &mut self.building {
                    building.field(index, &self.text, self.field_line, self.field_column);
                }
                self.text.clear();
            }
        }
        ControlFlow::Continue(())
    }

    /// What is to be said at the end of the document.
    fn finish(mut self) -> NativeHead {
        if self.stopped {
            return self.head;
        }
        for (seen, part) in [
            (self.seen_head, native::HEAD),
            (self.seen_body, native::BODY),
        ] {
            if !seen {
                let finding = Finding::new(x3::MISSING_PART, self.place()).with("found", part);
                self.find(finding);
            }
        }
        if self.seen_head {
            self.check_head();
        }
        if let Some(declared) = self.head.record_count
            && declared != self.head.records
        {
            (self.line, self.column) = self.count_place;
            let finding = Finding::new(transport::COUNT_DIFFERS, self.place())
                .with("declared", declared)
                .with("found", self.head.records);
            self.find(finding);
        }
        if self.seen_body && !self.seen_case {
            let finding = Finding::new(x3::NO_RECORDS, self.place());
            self.find(finding);
        }
        self.head
    }
}

/// Cuts at a character's start, at most so many bytes.
fn truncate(text: &mut String, bytes: usize) {
    if text.len() > bytes {
        let mut end = bytes;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
}

#[cfg(test)]
mod tests;
