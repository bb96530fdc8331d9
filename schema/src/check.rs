//! The check: a decoded case becomes typed records and findings (X3xx, X4xx, X5xx). Refuses to
//! decode (dialects, native reader), to store, and to judge what needs the store or a calendar.

mod case;
mod fields;
mod kind;
mod logic;
mod plan;
mod tell;

pub use kind::{CITIZEN_TYPES, FOREVER, ORG_TYPE, USCC_TYPE};

use crate::code::{Code, element as x3, field as x4};
use crate::element::ElementId;
use crate::finding::{Finding, Severity};
use crate::limits::CASE_RECORDS;
use crate::record::{CaseHead, Op, RawCase, RawRecord, Record};
use crate::short::same;
use crate::shown::Shown;
use crate::value::Value;
use case::{Doubled, KeyFault};
use fields::Checked;
use logic::Present;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use tell::{At, Teller};
use time::{OffsetDateTime, UtcOffset};

/// Characters of a case number (GB/T 39046-2020, an..50).
pub const CASE_NO_CHARS: usize = 50;
/// Characters of a source's own business number (Shandong ORGBUSNO).
pub const BUSINESS_NO_CHARS: usize = 64;

/// What a source may leave out or get wrong without a finding per record (WORDS, "Severity").
pub trait Waive {
    /// Whether the source cannot supply the element (`None`) or the field of it.
    fn absent(&self, element: ElementId, field: Option<usize>) -> bool;
    /// Whether the code is lowered for the source. Not asked for errors of X3xx: a record without its
    /// key or its place in the case cannot be stored.
    fn lowered(&self, code: Code) -> bool;
}

/// No waiver at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoWaivers;

impl Waive for NoWaivers {
    fn absent(&self, _: ElementId, _: Option<usize>) -> bool {
        false
    }
    fn lowered(&self, _: Code) -> bool {
        false
    }
}

/// Where the case comes from and how its source is to be read.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Originating node, `region/node`.
    pub source: &'a str,
    /// Numbering space of the case number.
    pub space: &'a str,
    /// Name of the item.
    pub file: &'a str,
    /// Envelope id as text.
    pub envelope: &'a str,
    /// Item in the envelope, 0-based.
    pub item: u32,
    /// When the hub received it; what is later is "in the future".
    pub received_at: OffsetDateTime,
    /// Zone of stamps that name none.
    pub offset: UtcOffset,
    /// The source's waivers.
    pub waive: &'a dyn Waive,
}

impl Context<'_> {
    /// Whether the source has the code lowered, and the code may be.
    fn lowers(&self, code: Code) -> bool {
        let fixed = code.number() < 400 && code.spec().severity == Severity::Error;
        !fixed && self.waive.lowered(code)
    }
}

/// What a dialect owes: a declared absence, a lowered code, a required field or a code that it does not
/// map. A line of the work list, with a count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkItem {
    /// The code that was found, or would have been.
    pub code: Code,
    /// Element.
    pub element: ElementId,
    /// Name of the field, or the source's own name of a place that maps to none; empty: the element.
    pub field: Cow<'static, str>,
    /// The code that is meant, where one can be mapped or mended; else empty.
    pub value: String,
}

impl WorkItem {
    /// Whether it is the same line as another: `==`, without a call for texts that are empty or short. The C
    /// library's comparison of nothing with nothing is dear where it reads behind a mask (AVX-512).
    pub fn is(&self, other: &WorkItem) -> bool {
        self.code == other.code
            && self.element == other.element
            && same(self.value.as_bytes(), other.value.as_bytes())
            && same(self.field.as_bytes(), other.field.as_bytes())
    }

    /// The line of a finding that rejects a record, where it is one that a dialect's author mends:
    /// a required field that is absent, a code that no map knows.
    pub fn of(finding: &Finding) -> Option<WorkItem> {
        let owed = [x4::REQUIRED, x4::UNKNOWN_CODE].contains(&finding.code);
        Some(WorkItem {
            code: finding.code,
            element: finding.place.element.filter(|_| owed)?,
            field: Cow::Owned(finding.place.field.clone()),
            value: work_value(finding.code, finding.value.as_deref()),
        })
    }
}

/// The value that a line of the work list is told apart by: that of a code (X406) or of an organ's code
/// (X416 to X421). Any other value may be a person's.
fn work_value(code: Code, value: Option<&str>) -> String {
    match code.number() {
        406 | 416..=421 => Shown::of(value.unwrap_or_default()).into(),
        _ => String::new(),
    }
}

/// A record that is not stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// As decoded.
    pub raw: RawRecord,
    /// Case number, trimmed; an unfit one cut at [`CASE_NO_CHARS`], without control characters.
    pub case_no: String,
    /// The source's own business number, likewise cut at [`BUSINESS_NO_CHARS`].
    pub org_bus_no: String,
    /// Record in the item, 1-based.
    pub record: u32,
    /// Why: at least one error, and the warnings of the same record.
    pub findings: Vec<Finding>,
}

/// A checked case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckedCase {
    /// Numbering space of the case number.
    pub space: String,
    /// Case number, trimmed; an unfit one cut at [`CASE_NO_CHARS`], without control characters.
    pub case_no: String,
    /// What is to be stored, in document order.
    pub records: Vec<Record>,
    /// What is not, in document order.
    pub rejected: Vec<Rejected>,
    /// Warnings of the stored records, and findings that belong to no record.
    pub findings: Vec<Finding>,
    /// Declared absences and lowered codes that were met, in lines with their counts. What rejected a record is not among them: see [`WorkItem::of`].
    pub work: Vec<(WorkItem, u64)>,
}

/// Checks one case. `first_record` is the 1-based number of its first record in the item.
///
/// A fault of the case's own key is told with each of its records, for each has a faulty key, and
/// rejects them; where there is no record it stands alone. A deletion states nothing: its
/// fields are neither checked nor stored. An empty text is an absent field.
pub fn check_case(mut raw: RawCase, first_record: u32, ctx: &Context) -> CheckedCase {
    let count = raw.records.len();
    let key = case::key_faults(&raw, count);
    if raw.outside {
        raw.case_no.clear();
    }
    raw.case_no = case::shown(&raw.case_no, CASE_NO_CHARS);
    raw.org_bus_no = case::shown(&raw.org_bus_no, BUSINESS_NO_CHARS);
    let case_no = raw.case_no.clone();
    let mut teller = Teller::new(ctx, &case_no);
    let (mut decoded, mut findings) = sort_findings(&mut raw, ctx, &case_no);
    let records = std::mem::take(&mut raw.records);
    let head = Arc::new(head_of(&raw, ctx));
    if count == 0 {
        let told = !findings.is_empty();
        findings.extend(case::bare_findings(&raw, &key, ctx, &case_no, told));
    }
    let doubled = case::doubled(&records, raw.outside);
    let mut present = Present::default();
    let (mut kept, mut raws) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let mut rejected = Vec::new();
    for (index, (record, doubled)) in records.into_iter().zip(doubled).enumerate() {
        note_presence(&record, &mut present);
        let at = At {
            record: first_record.saturating_add(u32::try_from(index).unwrap_or(u32::MAX)),
            raw: &record,
            field: None,
        };
        let mut checked = Checked::new(&mut teller, record.element);
        beside(&mut checked, at, &key, count, doubled);
        if raw.outside && !at.raw.element.stands_alone() {
            checked.fault(at, x3::NO_CASE_NO, &[], None);
        }
        if count <= CASE_RECORDS {
            checked.run(at, decoded.remove(&index).unwrap_or_default());
        }
        let (number, mut values, marks) = (at.record, checked.values, checked.marks);
        values.resize(record.element.spec().fields.len(), None);
        if checked.rejected {
            rejected.push(Rejected {
                findings: checked.findings,
                case_no: case_no.clone(),
                org_bus_no: raw.org_bus_no.clone(),
                record: number,
                raw: record,
            });
        } else {
            findings.extend(checked.findings);
            kept.push(make_record(&head, &record, number, values, marks));
            raws.push(record);
        }
    }
    if !raw.outside {
        findings.extend(logic::compare(&mut kept, &raws, &present, &mut teller));
    }
    findings.sort_by_key(|f| f.place.record);
    let work = teller.into_work();
    finish(&mut kept);
    CheckedCase {
        space: raw.space.unwrap_or_else(|| ctx.space.to_owned()),
        records: kept,
        rejected,
        findings,
        work,
        case_no,
    }
}

/// Tells what a record shares with its case or has against its siblings.
fn beside(checked: &mut Checked, at: At, key: &[KeyFault], count: usize, doubled: Doubled) {
    for (code, value) in key {
        let args: kind::Args = &[("found", &count), ("limit", &CASE_RECORDS)];
        checked.fault(at, *code, args, value.as_deref());
    }
    match doubled {
        Doubled::Record => {
            checked.fault(at, x3::DOUBLED_ELEMENT, &[("seq", &at.raw.seq)], None);
        }
        Doubled::None => {
            checked.fault(at, x3::NONE_AND_RECORDS, &[], None);
        }
        Doubled::No => {}
    }
}

/// The decoder's findings by record; those of no record apart, with what they lack of the place.
fn sort_findings(
    raw: &mut RawCase,
    ctx: &Context,
    case_no: &str,
) -> (BTreeMap<usize, Vec<Finding>>, Vec<Finding>) {
    let (mut by_record, mut other) = (BTreeMap::<usize, Vec<Finding>>::new(), Vec::new());
    for (index, mut finding) in std::mem::take(&mut raw.findings) {
        if finding.place.file.is_empty() {
            ctx.file.clone_into(&mut finding.place.file);
        }
        if finding.place.case_no.is_empty() {
            case_no.clone_into(&mut finding.place.case_no);
        }
        match index.filter(|i| *i < raw.records.len()) {
            Some(index) => by_record.entry(index).or_default().push(finding),
            None => other.push(finding),
        }
    }
    (by_record, other)
}

fn note_presence(record: &RawRecord, present: &mut Present) {
    let index = record.element.index();
    if record.op != Op::Delete {
        match record.none {
            Some(_) => present.none[index] = true,
            None => present.stated[index] = true,
        }
    }
}

fn head_of(case: &RawCase, ctx: &Context) -> CaseHead {
    CaseHead {
        source: case.source.as_deref().unwrap_or(ctx.source).into(),
        space: case.space.as_deref().unwrap_or(ctx.space).into(),
        case_no: case.case_no.as_str().into(),
        org_bus_no: case.org_bus_no.as_str().into(),
        envelope: ctx.envelope.into(),
        item: ctx.item,
        received_at: ctx.received_at,
    }
}

fn make_record(
    head: &Arc<CaseHead>,
    raw: &RawRecord,
    number: u32,
    values: Vec<Option<Value>>,
    marks: Vec<u16>,
) -> Record {
    let none = raw.none.as_deref().filter(|_| raw.op != Op::Delete);
    Record {
        head: Arc::clone(head),
        element: raw.element,
        seq: raw.seq,
        version: raw.version,
        op: raw.op,
        none: none.map(|reason| reason.trim().into()),
        values,
        digest: [0; 32],
        marks,
        number,
        line: raw.line,
    }
}

/// Orders the marks and takes the digests, which cover neither key nor marks.
fn finish(records: &mut [Record]) {
    let mut image = Vec::new();
    for record in records {
        record.marks.sort_unstable();
        record.marks.dedup();
        record.digest = crate::image::digest_in(record, &mut image);
    }
}

#[cfg(test)]
mod tests;
