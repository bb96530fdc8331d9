//! The case that is being read: its attributes, its records and their findings, bounded. Refuses to
//! read events (`read.rs`).

use super::tag::{RecordTag, attributes, whole};
use super::tell::{placed, shown, unknown_attribute};
use super::{At, State, Xml};
use crate::code::Code;
use crate::code::element as x3;
use crate::element::ElementId;
use crate::finding::{Finding, Place, Severity};
use crate::limits::{CASE_BYTES, CASE_RECORDS, RECORD_FINDINGS};
use crate::record::{Op, RawCase, RawField, RawRecord, Version};
use crate::short::same;
use crate::xml::native::{self, field_nodes};
use std::ops::ControlFlow;

/// Room for so many records is taken at once.
const USUAL_RECORDS: usize = 16;

/// A case in the making.
pub(super) struct Building {
    case: RawCase,
    op: String,
    data_ver: String,
    /// Records of each element so far, also of parts handed on.
    positions: [i64; ElementId::ALL.len()],
    /// Number in the item of the first record of this part.
    first_record: u32,
    /// Nodes of this part: records and unknown elements.
    nodes: usize,
    /// Bytes of field texts of this part.
    bytes: usize,
    /// Records of the whole case.
    total: usize,
    /// Set once the case is over a limit: what follows is refused.
    over: Option<Over>,
    /// Warnings and errors found of the node that is open.
    found: [usize; 2],
    /// The field expected next, where fields stand in the order of the spec.
    hint: usize,
    /// Fields of the open record so far, a bit for each.
    given: u64,
}

/// The bit of a field in [`Building::given`]; no element has more fields.
fn bit(index: usize) -> u64 {
    1 << (index & 63)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    Records,
    Bytes,
}

impl Building {
    /// Node name of the element of the open record.
    pub(super) fn element_node(&self) -> &'static str {
        self.case
            .records
            .last()
            .map_or(self.node(), |r| r.element.spec().node)
    }

    /// Node name of the case or list itself.
    pub(super) fn node(&self) -> &'static str {
        if self.case.outside {
            native::CATALOG
        } else {
            native::CASE
        }
    }

    /// Adds what is known of the case, and of the open record, to a place.
    pub(super) fn fill(&self, place: &mut Place, in_record: bool) {
        place.case_no = self.case.case_no.chars().take(64).collect();
        if let (true, Some(record)) = (in_record, self.case.records.last()) {
            let index = u32::try_from(self.case.records.len()).unwrap_or(u32::MAX);
            place.record = self.first_record.saturating_add(index - 1);
            place.element = Some(record.element);
        }
    }

    /// Keeps a finding of the open record or of the case: of each node at most [`RECORD_FINDINGS`]
    /// warnings and as many errors, so that no warnings hide the error that decides.
    pub(super) fn find(&mut self, in_record: bool, finding: Finding) {
        let found = &mut self.found[usize::from(finding.severity == Severity::Error)];
        *found += 1;
        if *found > RECORD_FINDINGS {
            return;
        }
        let index = in_record
            .then(|| self.case.records.len().checked_sub(1))
            .flatten();
        self.case.findings.push((index, finding));
    }

    pub(super) fn field(&mut self, index: usize, text: &str, line: u32, column: u32) {
        self.bytes += text.len();
        if let Some(record) = self.case.records.last_mut() {
            record.fields.push(RawField {
                index,
                text: text.into(),
                line,
                column,
            });
        }
    }

    pub(super) fn close_record(&mut self) {
        self.found = [0; 2];
    }

    fn is_full(&self) -> Option<Over> {
        if self.nodes >= CASE_RECORDS {
            Some(Over::Records)
        } else if self.bytes > CASE_BYTES {
            Some(Over::Bytes)
        } else {
            None
        }
    }

    /// The part so far, and an empty one of the same case after it.
    fn part(&mut self) -> RawCase {
        let next = RawCase {
            outside: self.case.outside,
            source: self.case.source.clone(),
            space: self.case.space.clone(),
            case_no: self.case.case_no.clone(),
            org_bus_no: self.case.org_bus_no.clone(),
            line: self.case.line,
            ..RawCase::default()
        };
        let records = u32::try_from(self.case.records.len()).unwrap_or(u32::MAX);
        self.first_record = self.first_record.saturating_add(records);
        self.nodes = 0;
        self.bytes = 0;
        std::mem::replace(&mut self.case, next)
    }
}

impl State<'_> {
    pub(super) fn open_case(&mut self, tag: &Xml<'_>, outside: bool) {
        self.at = At::Case;
        self.seen_case = true;
        if self.only_counts {
            return;
        }
        let mut building = Building {
            case: RawCase {
                outside,
                line: self.line,
                records: Vec::with_capacity(USUAL_RECORDS),
                ..RawCase::default()
            },
            op: String::new(),
            data_ver: String::new(),
            positions: [0; ElementId::ALL.len()],
            first_record: self.next_record,
            nodes: 0,
            bytes: 0,
            total: 0,
            over: None,
            found: [0; 2],
            hint: 0,
            given: 0,
        };
        let mut unknown = Vec::new();
        for (key, value) in attributes(tag) {
            let value = value.into_owned();
            match key {
                "caseId" if !outside => building.case.case_no = value,
                "orgBusNo" => building.case.org_bus_no = value,
                "op" => building.op = value,
                "dataVer" => building.data_ver = value,
                "source" => building.case.source = Some(value),
                "space" => building.case.space = Some(value),
                _ => unknown.push(key),
            }
        }
        for key in unknown {
            let mut place = self.place();
            building.fill(&mut place, false);
            building.find(false, unknown_attribute(place, building.node(), key));
        }
        building.found = [0; 2];
        self.building = Some(building);
    }

    pub(super) fn close_case(
        &mut self,
        sink: &mut dyn FnMut(RawCase) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(building) = self.building.take() else {
            return ControlFlow::Continue(());
        };
        // The last part of a large case may be empty; a case without any record is told by the check.
        let case = &building.case;
        if case.records.is_empty() && case.findings.is_empty() && building.total > 0 {
            return ControlFlow::Continue(());
        }
        sink(building.case)
    }

    pub(super) fn open_record(
        &mut self,
        name: &str,
        tag: &Xml<'_>,
        sink: &mut dyn FnMut(RawCase) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.head.records += 1;
        if self.only_counts {
            self.skipped = 1;
            return ControlFlow::Continue(());
        }
        let at = (self.line, self.column);
        let Some(building) = &mut self.building else {
            return ControlFlow::Continue(());
        };
        if let Some(over) = building.is_full() {
            building.over.get_or_insert(over);
            let part = building.part();
            if sink(part).is_break() {
                return ControlFlow::Break(());
            }
        }
        building.nodes += 1;
        building.total += 1;
        building.found = [0; 2];
        let element = ElementId::ALL.into_iter().find(|e| e.spec().node == name);
        let Some(element) = element else {
            let mut place = placed(self.file, at);
            building.fill(&mut place, false);
            let finding = Finding::new(x3::UNKNOWN_ELEMENT, place)
                .with_value(name, false)
                .with("found", shown(name));
            building.find(false, finding);
            self.skipped = 1;
            return ControlFlow::Continue(());
        };
        self.at = At::Record;
        self.next_record = self.next_record.saturating_add(1);
        (building.hint, building.given) = (0, 0);
        let tag = RecordTag::read(tag);
        building.record(element, tag, self.file, at);
        ControlFlow::Continue(())
    }

    pub(super) fn open_field(&mut self, name: &str) {
        let Some(building) = &mut self.building else {
            return;
        };
        let Some(record) = building.case.records.last() else {
            return;
        };
        let nodes = field_nodes(record.element);
        let is = |node: &String| same(node.as_bytes(), name.as_bytes());
        let index = if nodes.get(building.hint).is_some_and(is) {
            Some(building.hint)
        } else {
            nodes.iter().position(is)
        };
        let Some(index) = index else {
            self.unknown_field(name);
            self.skipped = 1;
            return;
        };
        building.hint = index + 1;
        if building.given & bit(index) != 0 {
            let spec = &record.element.spec().fields[index];
            let mut place = placed(self.file, (self.line, self.column));
            building.fill(&mut place, true);
            place.field = spec.name.to_owned();
            let finding = Finding::new(x3::DOUBLED_FIELD, place)
                .with("zh", spec.zh)
                .with("en", spec.en);
            building.find(true, finding);
            self.skipped = 1;
            return;
        }
        building.given |= bit(index);
        self.text.clear();
        (self.field_line, self.field_column) = (self.line, self.column);
        self.at = At::Field(index);
    }

    pub(super) fn unknown_field(&mut self, name: &str) {
        let mut place = self.place();
        let Some(building) = &mut self.building else {
            return;
        };
        building.fill(&mut place, true);
        place.field = shown(name);
        let finding = Finding::new(x3::UNKNOWN_FIELD, place)
            .with_value(name, false)
            .with("found", shown(name));
        building.find(true, finding);
    }
}

impl Building {
    /// Adds a record from its tag, with the findings of its attributes; `at` is its line and column.
    fn record(&mut self, element: ElementId, tag: RecordTag<'_>, file: &str, at: (u32, u32)) {
        let position = &mut self.positions[element.index()];
        *position += 1;
        let position = Some(*position).filter(|_| !self.case.outside);
        let seq = tag.seq.as_deref().map_or(position, whole);
        let version = match tag.data_ver.as_deref().unwrap_or(&self.data_ver).trim() {
            native::ARRIVAL => Some(Version::Arrival),
            text => whole(text).map(Version::Given),
        };
        let op = Op::parse(tag.op.as_deref().unwrap_or(&self.op).trim());
        let none = match tag.none.as_deref().map(str::trim) {
            None | Some("false" | "0") => Some(None),
            Some("true" | "1") => Some(Some(tag.reason.as_deref().unwrap_or_default().trim())),
            Some(_) => None,
        };
        self.case.records.push(RawRecord {
            element,
            seq: seq.unwrap_or(0),
            version: version.unwrap_or(Version::Given(0)),
            op: op.unwrap_or(Op::Insert),
            none: none.flatten().map(str::to_owned),
            fields: Vec::with_capacity(element.spec().fields.len()),
            line: at.0,
            column: at.1,
        });
        let mut bad = Vec::new();
        if seq.is_none() {
            bad.push((x3::BAD_SEQ, tag.seq.as_deref().map(str::to_owned)));
        }
        if version.is_none() {
            let text = tag.data_ver.as_deref().unwrap_or(&self.data_ver).trim();
            bad.push((x3::BAD_VERSION, Some(text.to_owned())));
        }
        if op.is_none() {
            let text = tag.op.as_deref().unwrap_or(&self.op).trim();
            bad.push((x3::BAD_OP, Some(text.to_owned())));
        }
        if none.is_none() {
            bad.push((x3::BAD_NONE, tag.none.as_deref().map(str::to_owned)));
        }
        if self.over.is_some() || !bad.is_empty() || !tag.unknown.is_empty() {
            self.tell(element, placed(file, at), bad, tag.unknown);
        }
    }

    /// Findings of the record that was just added: over a limit, bad attributes with their texts, unknown ones.
    fn tell(
        &mut self,
        element: ElementId,
        mut place: Place,
        bad: Vec<(Code, Option<String>)>,
        unknown: Vec<&str>,
    ) {
        self.fill(&mut place, true);
        if let Some(over) = self.over {
            let finding = match over {
                Over::Records => Finding::new(x3::TOO_MANY_RECORDS, place.clone())
                    .with("found", self.total)
                    .with("limit", CASE_RECORDS),
                Over::Bytes => {
                    Finding::new(x3::CASE_TOO_LARGE, place.clone()).with("limit", CASE_BYTES)
                }
            };
            self.find(true, finding);
        }
        for (code, text) in bad {
            let finding = Finding::new(code, place.clone());
            let finding = finding.with_value(text.as_deref().unwrap_or_default(), false);
            self.find(true, finding);
        }
        let node = element.spec().node;
        for key in unknown {
            self.find(true, unknown_attribute(place.clone(), node, key));
        }
    }
}
