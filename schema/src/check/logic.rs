//! The logic of one case within one item: the order of its times, and what one record says
//! against another. Every finding is a warning. Refuses to compare across items (that is done where
//! a case is judged) and to ask whether an element is still missing: an item may carry one event.
//!
//! What is missing is told only where the item carries the case from its start: it has the base
//! facts, or a step that begins the flow (承办, first or only by its position, or number 1).

use super::kind::Args;
use super::plan::FIELDS;
use super::tell::{At, Teller};
use crate::code::{Code, logic as x5};
use crate::element::ElementId as E;
use crate::finding::Finding;
use crate::record::{Op, RawRecord, Record, Version};
use crate::value::Value;
use time::OffsetDateTime;

/// Which elements the case's records in the item belong to, rejected ones included.
#[derive(Clone, Copy, Default)]
pub(super) struct Present {
    /// Has a record that states it.
    pub stated: [bool; 14],
    /// Has a declared none.
    pub none: [bool; 14],
}

impl Present {
    fn neither(&self, element: E) -> bool {
        !self.stated[element.index()]
    }
}

/// Compares the stored records of a case, each with what it was decoded from; marks them and returns the findings.
pub(super) fn compare(
    kept: &mut [Record],
    raws: &[RawRecord],
    present: &Present,
    teller: &mut Teller,
) -> Vec<Finding> {
    let mut notes = Notes::default();
    let view = View {
        live: live(kept),
        kept,
        present,
    };
    for (at, row) in view.kept.iter().enumerate() {
        alone(at, row, &mut notes);
    }
    view.times(&mut notes);
    view.ends(&mut notes, teller);
    view.people(&mut notes);
    view.regions(&mut notes);
    notes.tell(kept, raws, teller)
}

/// What is to be told: record, field, code, and the arguments.
#[derive(Default)]
struct Notes(Vec<Note>);

struct Note {
    at: usize,
    field: usize,
    code: Code,
    args: Vec<(&'static str, String)>,
}

impl Notes {
    fn add(&mut self, at: usize, field: usize, code: Code) {
        self.with(at, field, code, Vec::new());
    }

    fn with(&mut self, at: usize, field: usize, code: Code, args: Vec<(&'static str, String)>) {
        self.0.push(Note {
            at,
            field,
            code,
            args,
        });
    }

    /// Notes it if the first instant is before the second.
    fn order(
        &mut self,
        (at, field): (usize, usize),
        code: Code,
        found: Option<OffsetDateTime>,
        earliest: Option<OffsetDateTime>,
    ) {
        if let (Some(found), Some(earliest)) = (found, earliest)
            && found < earliest
        {
            let other = crate::stamp::canonical(earliest);
            self.with(at, field, code, vec![("other", other)]);
        }
    }

    fn tell(self, kept: &mut [Record], raws: &[RawRecord], teller: &mut Teller) -> Vec<Finding> {
        let mut findings = Vec::new();
        for note in self.0 {
            let (Some(row), Some(raw)) = (kept.get_mut(note.at), raws.get(note.at)) else {
                continue;
            };
            let args: Vec<(&'static str, &dyn std::fmt::Display)> = note
                .args
                .iter()
                .map(|(name, value)| (*name, value as &dyn std::fmt::Display))
                .collect();
            let args: Args = &args;
            let value = row.at(note.field).map(Value::canonical);
            let at = At {
                record: row.number,
                raw,
                field: Some(note.field),
            };
            findings.extend(teller.tell(at, note.code, args, value.as_deref()));
            row.marks.push(note.code.number());
        }
        findings
    }
}

/// The record in force under each key of the item, by its place: the highest version, the later one
/// where versions are equal or not given. Deletions and declared nones are left out.
fn live(kept: &[Record]) -> Vec<usize> {
    let key = |at: &usize| {
        let record = &kept[*at];
        let version = match record.version {
            Version::Given(number) => number,
            Version::Arrival => 0,
        };
        (record.element, record.seq, version, *at)
    };
    let mut all: Vec<usize> = (0..kept.len()).collect();
    all.sort_unstable_by_key(key);
    let mut live: Vec<usize> = all
        .chunk_by(|a, b| {
            let (a, b) = (&kept[*a], &kept[*b]);
            (a.element, a.seq) == (b.element, b.seq)
        })
        .filter_map(|versions| versions.last().copied())
        .filter(|at| kept[*at].op != Op::Delete && kept[*at].none.is_none())
        .collect();
    live.sort_unstable();
    live
}

/// What one record says against itself.
fn alone(at: usize, row: &Record, notes: &mut Notes) {
    let f = &*FIELDS;
    match row.element {
        E::Process => {
            let (start, end) = (row.stamp_at(f.step_start), row.stamp_at(f.step_end));
            notes.order((at, f.step_end), x5::STEP_ENDS_FIRST, end, start);
        }
        E::Correction => {
            let (asked, back) = (row.stamp_at(f.notice_time), row.stamp_at(f.corrected_time));
            notes.order((at, f.corrected_time), x5::CORRECTED_FIRST, back, asked);
        }
        E::Special => {
            let (start, end) = (row.stamp_at(f.special_start), row.stamp_at(f.special_end));
            notes.order((at, f.special_end), x5::SPECIAL_ENDS_FIRST, end, start);
            if end.is_some() && start.is_none() {
                notes.add(at, f.special_end, x5::SPECIAL_NO_START);
            }
        }
        E::Fee => fee_sum(at, row, notes),
        _ => {}
    }
}

/// Paid is due less remitted, once it is paid.
fn fee_sum(at: usize, row: &Record, notes: &mut Notes) {
    let f = &*FIELDS;
    let int = |field| row.at(field).and_then(Value::int);
    let (Some(due), Some(paid)) = (int(f.due), int(f.paid)) else {
        return;
    };
    let derate = int(f.derate).unwrap_or(0);
    if row.text_at(f.fee_state) == Some("1") && paid != due - derate {
        let yuan = crate::money::canonical;
        let args = vec![
            ("paid", yuan(paid)),
            ("due", yuan(due)),
            ("derate", yuan(derate)),
        ];
        notes.with(at, f.paid, x5::FEE_SUM, args);
    }
}

/// The records of the case, and which of them are in force.
struct View<'k> {
    kept: &'k [Record],
    live: Vec<usize>,
    present: &'k Present,
}

impl View<'_> {
    /// The records in force of an element, with their places.
    fn of(&self, element: E) -> impl Iterator<Item = (usize, &Record)> {
        self.live
            .iter()
            .map(|at| (*at, &self.kept[*at]))
            .filter(move |(_, row)| row.element == element)
    }

    fn one(&self, element: E) -> Option<(usize, &Record)> {
        self.of(element).next()
    }

    /// apply <= accept <= step start, step end <= done <= delivery; each step by itself stands in
    /// [`alone`]. A decision other than 受理 starts no clock, and 转报 ends none: steps are not held
    /// against those.
    fn times(&self, notes: &mut Notes) {
        let f = &*FIELDS;
        let apply = self
            .one(E::CaseBase)
            .and_then(|(_, r)| r.stamp_at(f.apply_time));
        let acceptance = self.one(E::Acceptance);
        let accept = acceptance.and_then(|(_, r)| r.stamp_at(f.accept_time));
        if let Some((at, _)) = acceptance {
            notes.order((at, f.accept_time), x5::ACCEPT_BEFORE_APPLY, accept, apply);
        }
        let begun = acceptance
            .filter(|(_, r)| r.text_at(f.accept_state) == Some("1"))
            .and(accept);
        let conclusion = self.one(E::Conclusion);
        let done = conclusion.and_then(|(_, r)| r.stamp_at(f.done_time));
        let closed = conclusion
            .filter(|(_, r)| r.text_at(f.result) != Some("50"))
            .and(done);
        for (at, row) in self.of(E::Process) {
            let (start, end) = (row.stamp_at(f.step_start), row.stamp_at(f.step_end));
            notes.order((at, f.step_start), x5::STEP_BEFORE_ACCEPT, start, begun);
            let (last, field) = match end {
                Some(end) => (Some(end), f.step_end),
                None => (start, f.step_start),
            };
            if let (Some(last), Some(closed)) = (last, closed)
                && last > closed
            {
                let other = crate::stamp::canonical(closed);
                notes.with(at, field, x5::STEP_AFTER_DONE, vec![("other", other)]);
            }
        }
        if let Some((at, _)) = conclusion {
            let earliest = accept.or(apply);
            notes.order((at, f.done_time), x5::DONE_BEFORE_ACCEPT, done, earliest);
        }
        for (at, row) in self.of(E::Delivery) {
            let received = row.stamp_at(f.receive_time);
            notes.order(
                (at, f.receive_time),
                x5::DELIVERED_BEFORE_DONE,
                received,
                done,
            );
        }
    }

    /// Whether the item carries the case from its start.
    fn carries_start(&self) -> bool {
        let f = &*FIELDS;
        let begins = |row: &Record| {
            row.text_at(f.step_code) == Some("1")
                || matches!(row.text_at(f.step_pos), Some("1" | "4"))
                || row.at(f.step_no).and_then(Value::int) == Some(1)
        };
        !self.present.neither(E::CaseBase) || self.of(E::Process).any(|(_, row)| begins(row))
    }

    /// What a conclusion says against the rest of the case.
    fn ends(&self, notes: &mut Notes, teller: &Teller) {
        let f = &*FIELDS;
        let Some((at, row)) = self.one(E::Conclusion) else {
            return;
        };
        let whole = self.carries_start();
        let result = row.text_at(f.result).unwrap_or_default();
        let declared = |element| teller.ctx.waive.absent(element, None);
        // Withdrawn, lapsed, void and deleted cases may end without ever being accepted.
        if whole
            && matches!(result, "10" | "11" | "20" | "30" | "50")
            && self.present.neither(E::Acceptance)
            && !declared(E::Acceptance)
        {
            notes.add(at, f.result, x5::NO_ACCEPTANCE);
        }
        // A declared none contradicts always; silence only in a whole case.
        let lacking = |element: E| {
            self.present.neither(element)
                && (self.present.none[element.index()] || (whole && !declared(element)))
        };
        if result == "10" && lacking(E::ResultDoc) {
            notes.add(at, f.result, x5::NO_DOCUMENT);
        }
        let fees = self.of(E::Fee).count();
        let told = match row.at(f.is_fee) {
            Some(Value::Flag(true)) if lacking(E::Fee) => "1",
            Some(Value::Flag(false)) if fees > 0 => "0",
            _ => return,
        };
        let args = vec![("flag", told.to_owned()), ("found", fees.to_string())];
        notes.with(at, f.is_fee, x5::FEE_FLAG, args);
    }

    /// The official of an approval is none of those who handled (number and unit are equal).
    fn people(&self, notes: &mut Notes) {
        let f = &*FIELDS;
        fn official(row: &Record) -> Option<(&str, Option<&str>)> {
            let number = row.text_at(FIELDS.handler_no)?;
            Some((number, row.text_at(FIELDS.unit_code)))
        }
        let handlers: Vec<_> = self
            .of(E::Process)
            .filter(|(_, row)| row.text_at(f.step_code) == Some("1"))
            .filter_map(|(_, row)| official(row))
            .collect();
        if handlers.is_empty() {
            return;
        }
        for (at, row) in self.of(E::Process) {
            if row.text_at(f.step_code) == Some("3")
                && official(row).is_some_and(|who| handlers.contains(&who))
            {
                notes.add(at, f.handler_no, x5::SAME_PERSON);
            }
        }
    }

    /// The case lies in the organ's division, or the organ in the case's.
    fn regions(&self, notes: &mut Notes) {
        let f = &*FIELDS;
        let (Some((_, organ)), Some((at, case))) = (self.one(E::Organ), self.one(E::CaseBase))
        else {
            return;
        };
        let (Some(organ), Some(case)) =
            (organ.text_at(f.organ_region), case.text_at(f.case_region))
        else {
            return;
        };
        let contains = crate::region::contains;
        if !contains(organ, case) && !contains(case, organ) {
            let other = vec![("other", organ.to_owned())];
            notes.with(at, f.case_region, x5::REGION_DIFFERS, other);
        }
    }
}
