//! Cases whole or not at all: where a receiver takes them so, one rejected record rejects its case.

use tongcha_schema::check::{CheckedCase, Rejected};
use tongcha_schema::code::element as x3;
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::record::{RawField, RawRecord, Record};
use tongcha_schema::value::Value;

/// Rejects the sound records of a case too. Their texts are the canonical ones: the source's own are
/// in the raw bytes.
pub(super) fn reject_whole(case: &mut CheckedCase) {
    for record in std::mem::take(&mut case.records) {
        let place = Place {
            file: case.rejected.first().map(file).unwrap_or_default(),
            line: record.line,
            record: record.number,
            case_no: case.case_no.clone(),
            element: Some(record.element),
            ..Place::default()
        };
        let mut findings = vec![Finding::new(x3::REJECTED_WITH_CASE, place)];
        let number = record.number;
        case.findings.retain(|f| {
            let mine = f.place.record == number;
            if mine {
                findings.push(f.clone());
            }
            !mine
        });
        case.rejected.push(Rejected {
            case_no: record.head.case_no.to_string(),
            org_bus_no: record.head.org_bus_no.to_string(),
            record: number,
            raw: as_raw(&record),
            findings,
        });
    }
    case.rejected.sort_by_key(|r| r.record);
}

fn file(rejected: &Rejected) -> String {
    let first = rejected.findings.first();
    first.map(|f| f.place.file.clone()).unwrap_or_default()
}

fn as_raw(record: &Record) -> RawRecord {
    let line = record.line;
    let field = |(index, value): (usize, &Option<Value>)| {
        Some(RawField {
            index,
            text: value.as_ref()?.canonical().into(),
            line,
            column: 0,
        })
    };
    RawRecord {
        element: record.element,
        seq: record.seq,
        version: record.version,
        op: record.op,
        none: record.none.as_deref().map(str::to_owned),
        fields: record.values.iter().enumerate().filter_map(field).collect(),
        line,
        column: 0,
    }
}
