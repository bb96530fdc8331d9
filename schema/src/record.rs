//! A record: one arrival of (source, case, element, seq, version, op), raw as decoded and typed as
//! checked. Refuses to decode (dialects) and to judge (`check.rs`).

use crate::element::ElementId;
use crate::value::{SmolStr, Value};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use time::OffsetDateTime;

/// What a record does (DOMAIN section 2, `op`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Op {
    /// `I`: a new fact.
    Insert,
    /// `U`: a fact again, in a higher version.
    Update,
    /// `D`: the source takes the fact back.
    Delete,
}

impl Op {
    /// The code `I`, `U` or `D`.
    pub fn code(self) -> &'static str {
        match self {
            Op::Insert => "I",
            Op::Update => "U",
            Op::Delete => "D",
        }
    }

    /// Reads a code, either case.
    pub fn parse(text: &str) -> Option<Op> {
        match text {
            "I" | "i" => Some(Op::Insert),
            "U" | "u" => Some(Op::Update),
            "D" | "d" => Some(Op::Delete),
            _ => None,
        }
    }
}

/// Who numbers the versions of a record (WORDS, "Who numbers").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Version {
    /// The source's own number, 1 or more.
    Given(i64),
    /// The source has none: ingest gives last + 1 when the digest differs; an equal digest is a
    /// duplicate, never a conflict.
    Arrival,
}

/// A field as decoded: the text of the source, not yet typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawField {
    /// Index into the element's `fields`.
    pub index: usize,
    /// The text as the source wrote it (after code maps and constants of the dialect).
    pub text: SmolStr,
    /// Line in the item, 1-based; 0 where lines make no sense.
    pub line: u32,
    /// Column in the item, 1-based, in characters; 0 where unknown.
    pub column: u32,
}

/// A record as decoded: what a dialect hands to the check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRecord {
    /// Which element.
    pub element: ElementId,
    /// The source's sequence number of the record in its element and case, 1-based; `None` where it
    /// is missing or no number (the finding X3xx is then among the raw case's findings).
    pub seq: i64,
    /// Version.
    pub version: Version,
    /// Operation.
    pub op: Op,
    /// The reason code of a declared "none" (`none="true"`); then there are no fields.
    pub none: Option<String>,
    /// The fields that the source gave.
    pub fields: Vec<RawField>,
    /// Line of the record in its item, 1-based.
    pub line: u32,
    /// Column, 1-based.
    pub column: u32,
}

/// All records of one case in one item, in document order, as decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawCase {
    /// Originating node, where a lower hub forwards the case (`Case@source`); else `None`.
    pub source: Option<String>,
    /// Numbering space, where a lower hub forwards the case (`Case@space`); else `None`.
    pub space: Option<String>,
    /// The records belong to no case: a list of organs or items. Then there is no case number.
    pub outside: bool,
    /// Case number (办件编号) within the numbering space.
    pub case_no: String,
    /// Business number of the source's own system (原系统业务流水号); empty where it has none.
    pub org_bus_no: String,
    /// Line of the case in its item.
    pub line: u32,
    /// Table and key values, where the case is a row of a group of rows; else empty.
    pub row: String,
    /// Its records.
    pub records: Vec<RawRecord>,
    /// Findings that decoding itself made (unknown code of a code map, unknown field, bad seq ...).
    /// An error among them that names a record by its 0-based position in `records` rejects it.
    pub findings: Vec<(Option<usize>, crate::finding::Finding)>,
}

/// What all records of one case in one item share: the key of the case, and where they came from. Held
/// once, whatever the number of records.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CaseHead {
    /// Originating node, written `region/node`, unchanged on its way up.
    pub source: Box<str>,
    /// Numbering space of the case number: `cn` for the national one, else what the dialect says.
    pub space: Box<str>,
    /// Case number; empty for organs or items outside any case.
    pub case_no: Box<str>,
    /// The source's own business number, or empty.
    pub org_bus_no: Box<str>,
    /// Envelope id as text ([`crate::id::EnvelopeId`]).
    pub envelope: Box<str>,
    /// Item in the envelope, 0-based.
    pub item: u32,
    /// When this hub received it.
    pub received_at: OffsetDateTime,
}

impl CaseHead {
    /// The head of a case of which nothing else is known: no business number, no envelope.
    pub fn bare(source: &str, space: &str, case_no: &str, received_at: OffsetDateTime) -> CaseHead {
        CaseHead {
            source: source.into(),
            space: space.into(),
            case_no: case_no.into(),
            org_bus_no: "".into(),
            envelope: "".into(),
            item: 0,
            received_at,
        }
    }
}

/// A checked record. Personal values may be sealed ([`Value::Sealed`]) once it leaves the gate.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its case, and where it came from.
    pub head: Arc<CaseHead>,
    /// Which element.
    pub element: ElementId,
    /// Sequence number in element and case.
    pub seq: i64,
    /// Version.
    pub version: Version,
    /// Operation.
    pub op: Op,
    /// Reason code of a declared "none".
    pub none: Option<Box<str>>,
    /// One value per field of the spec, in its order.
    pub values: Vec<Option<Value>>,
    /// SHA-256 over its image, taken before sealing.
    pub digest: [u8; 32],
    /// Codes of the warnings that mark it, e.g. `[502]`.
    pub marks: Vec<u16>,
    /// Record in the item, 1-based, in document order.
    pub number: u32,
    /// Line in the item, 1-based.
    pub line: u32,
}

impl Record {
    /// Whether it belongs to no case.
    pub fn is_outside(&self) -> bool {
        self.head.case_no.is_empty()
    }

    /// The value of a field by its index.
    pub(crate) fn at(&self, field: usize) -> Option<&Value> {
        self.values.get(field)?.as_ref()
    }

    /// The text of a field by its index.
    pub(crate) fn text_at(&self, field: usize) -> Option<&str> {
        self.at(field)?.text()
    }

    /// The instant of a field by its index.
    pub(crate) fn stamp_at(&self, field: usize) -> Option<OffsetDateTime> {
        self.at(field)?.stamp()
    }

    /// The value of the field of that name.
    pub fn get(&self, field: &str) -> Option<&Value> {
        let index = self.element.spec().field_index(field)?;
        self.values.get(index)?.as_ref()
    }

    /// The text of the field of that name.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.get(field)?.text()
    }

    /// The instant of the field of that name.
    pub fn stamp(&self, field: &str) -> Option<OffsetDateTime> {
        self.get(field)?.stamp()
    }

    /// Canonical JSON of what the record says: element, whether it deletes, declared none and the
    /// present fields in the order of the spec. Key, version and origin are not part of it.
    pub fn canonical(&self) -> String {
        let mut out = String::with_capacity(256);
        out.push_str("{\"element\":\"");
        out.push_str(self.element.name());
        out.push_str(if self.op == Op::Delete {
            "\",\"delete\":true"
        } else {
            "\""
        });
        if let Some(reason) = &self.none {
            out.push_str(",\"none\":");
            crate::value::push_json(&mut out, reason);
        }
        out.push_str(",\"fields\":{");
        let mut first = true;
        for (spec, value) in self.element.spec().fields.iter().zip(&self.values) {
            let Some(value) = value else { continue };
            if !first {
                out.push(',');
            }
            first = false;
            out.push('"');
            out.push_str(spec.name);
            out.push_str("\":");
            value.push_json(&mut out);
        }
        out.push_str("}}");
        out
    }
}
