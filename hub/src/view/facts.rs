//! The stored versions of a case's records as lines of its timeline: codes with their meaning, personal
//! values masked. Refuses to decide anything about them.

use crate::bundle;
use serde::Serialize;
use time::OffsetDateTime;
use tongcha_schema::code::Code;
use tongcha_schema::element::ElementId;
use tongcha_schema::field::{FieldSpec, Kind};
use tongcha_schema::record::{Op, Record, Version};
use tongcha_schema::seal::Sealed;
use tongcha_schema::shown::Shown;
use tongcha_schema::value::{Value, mask};
use tongcha_supervision::Fact;
use tongcha_supervision::RowState;

/// One field of a record as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldLine {
    /// Name in the spec.
    pub name: &'static str,
    /// Chinese and English name.
    pub title: (&'static str, &'static str),
    /// The value; an instant is given in `at` instead.
    pub text: String,
    /// The instant, in the zone that the source wrote.
    pub at: Option<OffsetDateTime>,
    /// Meaning of a code, Chinese and English.
    pub meaning: Option<(&'static str, &'static str)>,
    /// Personal: the text is masked.
    pub masked: bool,
    /// It differs from the version before.
    pub changed: bool,
}

/// One stored version of one record.
#[derive(Clone, Debug, Serialize)]
pub struct FactLine {
    /// Element.
    pub element: ElementId,
    /// Sequence number in element and case.
    pub seq: i64,
    /// Version.
    pub version: i64,
    /// State of its row.
    pub state: RowState,
    /// It deletes.
    pub deletes: bool,
    /// Reason code of a declared "none", or empty.
    pub none: String,
    /// Warnings that mark it.
    pub marks: Vec<Code>,
    /// Originating node.
    pub source: String,
    /// Number in the source's own system, or empty.
    pub org_bus_no: String,
    /// When it happened, by its own statement, in the source's zone; none for base facts.
    pub at: Option<OffsetDateTime>,
    /// When the hub received it.
    pub received_at: OffsetDateTime,
    /// Envelope that brought it.
    pub envelope: String,
    /// Item in the envelope, 0-based.
    pub item: u32,
    /// Record in the item, 1-based.
    pub record: u32,
    /// Line in the item, 1-based.
    pub line: u32,
    /// The fields that it has, in the order of the spec.
    pub fields: Vec<FieldLine>,
}

/// The timeline of a case: base facts first, then by the time at which they happened; versions of one
/// record stand in their order.
pub fn lines(mut records: Vec<Fact>, sealed: &Sealed) -> Vec<FactLine> {
    for stored in &mut records {
        bundle::unseal(&mut stored.record, sealed);
    }
    records.sort_by(|a, b| (key(a), number(&a.record)).cmp(&(key(b), number(&b.record))));
    let mut lines: Vec<FactLine> = Vec::with_capacity(records.len());
    for (at, stored) in records.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| records.get(at));
        lines.push(line(
            stored,
            before.filter(|b| key(b) == key(stored)).map(|b| &b.record),
        ));
    }
    lines.sort_by(|a, b| {
        (a.at, a.element, a.seq, &a.source, a.version)
            .cmp(&(b.at, b.element, b.seq, &b.source, b.version))
    });
    lines
}

/// What makes two rows versions of one record.
fn key(stored: &Fact) -> (ElementId, &str, i64) {
    (
        stored.record.element,
        &stored.record.head.source,
        stored.record.seq,
    )
}

fn number(record: &Record) -> i64 {
    match record.version {
        Version::Given(number) => number,
        Version::Arrival => 0,
    }
}

fn line(stored: &Fact, before: Option<&Record>) -> FactLine {
    let record = &stored.record;
    let spec = record.element.spec();
    let mut fields = Vec::new();
    for (index, (field, value)) in spec.fields.iter().zip(&record.values).enumerate() {
        let Some(value) = value else { continue };
        let changed = before.is_some_and(|b| b.values.get(index) != Some(&Some(value.clone())));
        fields.push(FieldLine {
            changed,
            ..field_line(field, value)
        });
    }
    FactLine {
        element: record.element,
        seq: record.seq,
        version: number(record),
        state: stored.state,
        deletes: record.op == Op::Delete,
        none: record.none.as_deref().unwrap_or_default().to_owned(),
        marks: record
            .marks
            .iter()
            .filter_map(|number| Code::by_number(*number))
            .collect(),
        source: record.head.source.to_string(),
        org_bus_no: record.head.org_bus_no.to_string(),
        at: happened(record.element, &fields),
        received_at: record.head.received_at,
        envelope: record.head.envelope.to_string(),
        item: record.head.item,
        record: record.number,
        line: record.line,
        fields,
    }
}

/// When a record says that its fact happened: its first instant, of a step its end where it has one.
fn happened(element: ElementId, fields: &[FieldLine]) -> Option<OffsetDateTime> {
    let stamps = || fields.iter().filter_map(|f| f.at.map(|at| (f.name, at)));
    let end = stamps().find(|(name, _)| element == ElementId::Process && *name == "end_time");
    end.or_else(|| stamps().next()).map(|(_, at)| at)
}

fn field_line(spec: &'static FieldSpec, value: &Value) -> FieldLine {
    let (text, at) = match value {
        Value::Stamp(at) => (String::new(), Some(*at)),
        Value::Text(text) if spec.personal => (mask(text), None),
        Value::Text(_) if spec.secret => (Shown::secret().into(), None),
        other => (Shown::of(&other.canonical()).into(), None),
    };
    let meaning = match (spec.kind, value) {
        (Kind::Code(set), Value::Text(code)) => set.meaning(code),
        (Kind::Flag, Value::Flag(true)) => Some(("是", "yes")),
        (Kind::Flag, Value::Flag(false)) => Some(("否", "no")),
        _ => None,
    };
    FieldLine {
        name: spec.name,
        title: (spec.zh, spec.en),
        text,
        at,
        meaning,
        masked: spec.personal || spec.secret,
        changed: false,
    }
}
