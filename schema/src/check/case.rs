//! A case as a whole: its own key and size, and records that its element may not have twice. Refuses
//! to look into a record (`fields.rs`).

use super::{BUSINESS_NO_CHARS, CASE_NO_CHARS, Context};
use crate::case_no::is_stand_in;
use crate::code::{Code, element as x3};
use crate::element::Cardinality;
use crate::finding::{Finding, Place};
use crate::limits::CASE_RECORDS;
use crate::record::{Op, RawCase, RawRecord};

/// A fault of the case's own key or size, with the value at fault.
pub(super) type KeyFault = (Code, Option<String>);

/// What is wrong with the case's own key or size, with the value at fault.
pub(super) fn key_faults(raw: &RawCase, count: usize) -> Vec<KeyFault> {
    let case_no = raw.case_no.trim();
    let unfit = |text: &str, limit: usize| {
        let bad = |c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER;
        text.chars().count() > limit || text.chars().any(bad)
    };
    let mut faults = Vec::new();
    if raw.outside {
        // Without a number by right; a record that needs one is told in `beside`.
    } else if case_no.is_empty() {
        faults.push((x3::NO_CASE_NO, None));
    } else if is_stand_in(case_no) {
        faults.push((x3::NO_CASE_NO, Some(case_no.to_owned())));
    } else if unfit(case_no, CASE_NO_CHARS) {
        faults.push((x3::BAD_CASE_NO, Some(case_no.to_owned())));
    }
    if unfit(raw.org_bus_no.trim(), BUSINESS_NO_CHARS) {
        faults.push((x3::BAD_BUSINESS_NO, Some(raw.org_bus_no.clone())));
    }
    if count > CASE_RECORDS {
        faults.push((x3::TOO_MANY_RECORDS, None));
    }
    faults
}

/// A number of a key, trimmed; of an unfit one what can be shown and indexed: so many characters, and
/// no control character.
pub(super) fn shown(text: &str, limit: usize) -> String {
    let visible = |c: char| {
        if c.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    };
    text.trim().chars().take(limit).map(visible).collect()
}

/// The findings of a case that has no record to tell them with; that it has none is told unless the
/// decoder told why.
pub(super) fn bare_findings(
    raw: &RawCase,
    key: &[KeyFault],
    ctx: &Context,
    case_no: &str,
    told: bool,
) -> Vec<Finding> {
    let none = (x3::NO_RECORDS, None);
    key.iter()
        .chain(Some(&none).filter(|_| !told))
        .filter(|(code, _)| !ctx.lowers(*code))
        .map(|(code, value)| {
            let place = Place {
                file: ctx.file.to_owned(),
                line: raw.line,
                case_no: case_no.to_owned(),
                ..Place::default()
            };
            let finding = Finding::new(*code, place);
            match value {
                Some(text) => finding.with_value(text, false),
                None => finding,
            }
        })
        .collect()
}

/// How a record stands to others of its element in the item.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubled {
    /// Lawfully.
    No,
    /// A second one where a case has one.
    Record,
    /// A declared none beside records.
    None,
}

/// Finds doubled records: of an element that a case has once, what has another number than the
/// first. The same number again is another version, a repetition or a conflict, which the store
/// decides. A declared none is contradicted by a record of another number. A list outside any case has
/// as many as it likes.
pub(super) fn doubled(records: &[RawRecord], outside: bool) -> Vec<Doubled> {
    if outside {
        return vec![Doubled::No; records.len()];
    }
    let states = |r: &&RawRecord| r.op != Op::Delete && r.none.is_none();
    let mut first: [Option<i64>; 14] = [None; 14];
    for record in records.iter().filter(states) {
        first[record.element.index()].get_or_insert(record.seq);
    }
    let judge = |record: &RawRecord| {
        let single = record.element.spec().cardinality == Cardinality::One;
        let other = first[record.element.index()].is_some_and(|seq| seq != record.seq);
        if record.op == Op::Delete || !other {
            Doubled::No
        } else if record.none.is_some() {
            Doubled::None
        } else if single {
            Doubled::Record
        } else {
            Doubled::No
        }
    };
    records.iter().map(judge).collect()
}
