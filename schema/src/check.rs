//! The check: a decoded case becomes typed records and findings (X3xx, X4xx, X5xx). Refuses to decode
//! (dialects, native reader), to store, and to judge what needs the store or a calendar.

use crate::code::Code;
use crate::element::ElementId;
use crate::finding::Finding;
use crate::record::{RawCase, RawRecord, Record};
use std::collections::BTreeMap;
use time::{OffsetDateTime, UtcOffset};

/// What a source may leave out or get wrong without a finding per record (WORDS, "Severity").
pub trait Waive {
    /// Whether the source cannot supply the element (`None`) or the field of it.
    fn absent(&self, element: ElementId, field: Option<usize>) -> bool;
    /// Whether the code is lowered for the source.
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

/// One declared absence or lowered code that was met: a line of the work list, with a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Waived {
    /// The code that would have been found.
    pub code: Code,
    /// Element.
    pub element: ElementId,
    /// Field, as an index into the element's `fields`.
    pub field: Option<usize>,
}

/// A record that is not stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// As decoded.
    pub raw: RawRecord,
    /// Case number, as decoded.
    pub case_no: String,
    /// The source's own business number, as decoded.
    pub org_bus_no: String,
    /// Record in the item, 1-based.
    pub record: u32,
    /// Why: at least one error, and the warnings of the same record.
    pub findings: Vec<Finding>,
}

/// A checked case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckedCase {
    /// Case number, trimmed.
    pub case_no: String,
    /// What is to be stored, in document order.
    pub records: Vec<Record>,
    /// What is not, in document order.
    pub rejected: Vec<Rejected>,
    /// Warnings of the stored records, and findings that belong to no record.
    pub findings: Vec<Finding>,
    /// Declared absences and lowered codes that were met, counted.
    pub waived: BTreeMap<Waived, u64>,
}

/// Checks one case. `first_record` is the 1-based number of its first record in the item.
pub fn check_case(raw: RawCase, first_record: u32, ctx: &Context) -> CheckedCase {
    let _ = (first_record, ctx);
    CheckedCase {
        case_no: raw.case_no,
        ..CheckedCase::default()
    }
}
