//! Tests of the generated samples.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use super::*;
use crate::check::{Context, NoWaivers, check_case};
use crate::code::{Code, element as x3, logic as x5};
use crate::codeset;
use crate::field::{Kind, Need};
use crate::record::Record;
use crate::xml::{NativeCase, NativeHead, NativeRecord, guard, read_native, write_native};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// The codes that reader and check find in a document, and the records that are to be stored.
fn check(xml: &str) -> (Vec<Code>, Vec<Record>) {
    let ctx = Context {
        source: "431321/zwzx",
        space: "cn",
        file: "x.xml",
        envelope: "431321/zwzx@1.1",
        item: 0,
        received_at: RECEIVED_AT,
        offset: crate::clock::CHINA,
        waive: &NoWaivers,
    };
    let mut cases = Vec::new();
    let head = read_native(&mut xml.as_bytes(), "x.xml", &mut |case| {
        cases.push(case);
        ControlFlow::Continue(())
    });
    let mut codes: Vec<Code> = head.findings.iter().map(|f| f.code).collect();
    let (mut first, mut records) = (1, Vec::new());
    for case in cases {
        let count = u32::try_from(case.records.len()).unwrap();
        let checked = check_case(case, first, &ctx);
        first += count;
        let rejected = checked.rejected.iter().flat_map(|r| &r.findings);
        codes.extend(checked.findings.iter().chain(rejected).map(|f| f.code));
        records.extend(checked.records);
    }
    (codes, records)
}

/// Every code that guard, reader and check find in a document.
fn found(xml: &str) -> Vec<Code> {
    let guarded = guard(&mut xml.as_bytes(), "x.xml").unwrap();
    let mut codes: Vec<Code> = guarded.findings.iter().map(|f| f.code).collect();
    codes.extend(check(xml).0);
    codes
}

#[test]
fn what_is_stored_of_good_samples_is_written_and_read_the_same() {
    let mut head = NativeHead::default();
    for (node, text) in [
        ("MsgId", "1"),
        ("StdVer", "1.0"),
        ("SourceNode", "431321/hub"),
        ("TargetNode", "431300/hub"),
        ("SenderOrg", draft::USCC),
        ("SendTime", "2026-03-12T18:00:00+08:00"),
    ] {
        head.set(node, text);
    }
    for sample in samples().iter().filter(|s| s.good) {
        let (_, stored) = check(&sample.xml);
        assert!(!stored.is_empty(), "{}", sample.name);
        let native = stored.iter().map(|record| NativeRecord {
            record,
            raw_digest: None,
        });
        let written = write_native(&head, &NativeCase::forwarded(native)).unwrap();
        let (codes, again) = check(&written);
        assert!(codes.is_empty(), "{}: {codes:?}", sample.name);
        let told = |all: &[Record]| -> Vec<_> {
            all.iter()
                .map(|r| (r.element, r.seq, r.version, r.op, r.digest))
                .collect()
        };
        assert_eq!(told(&again), told(&stored), "{}", sample.name);
    }
}

#[test]
fn the_check_finds_nothing_in_good_samples_and_the_one_fault_of_bad_ones() {
    let mut wrong = Vec::new();
    for sample in samples() {
        let codes = found(&sample.xml);
        assert_eq!(sample.good, sample.expect.is_none(), "{}", sample.name);
        if codes != Vec::from_iter(sample.expect) {
            wrong.push(format!("{}: found {codes:?}", sample.name));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} samples:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn names_are_unique_and_fit_for_files() {
    let all = samples();
    let names: BTreeSet<&str> = all.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names.len(), all.len());
    let fit = |b: u8| b.is_ascii_alphanumeric() || b"._".contains(&b);
    assert!(names.iter().all(|n| n.bytes().all(fit)));
}

#[test]
fn every_field_code_and_condition_has_a_good_and_a_bad_sample() {
    let all = samples();
    let mut seen: BTreeMap<(ElementId, usize, Shows, bool), usize> = BTreeMap::new();
    for sample in &all {
        if let (Some(element), Some(field)) = (sample.element, sample.field) {
            let key = (element, field, sample.shows, sample.good);
            *seen.entry(key).or_default() += 1;
        }
    }
    let has = |e, i, shows, good| seen.contains_key(&(e, i, shows, good));
    let mut lacking = Vec::new();
    for element in ElementId::ALL {
        for (index, field) in element.spec().fields.iter().enumerate() {
            let mut want = |shows: Shows, good: bool| {
                if !has(element, index, shows, good) {
                    lacking.push(format!("{element}.{} {shows:?} good={good}", field.name));
                }
            };
            if let Kind::Code(set) = field.kind {
                for (code, _, _) in set.codes {
                    want(Shows::Code(code), true);
                }
                want(Shows::Code(""), false);
            } else {
                want(Shows::Value, true);
                want(Shows::Value, false);
            }
            match field.need {
                Need::Always => want(Shows::Need, false),
                Need::Optional => want(Shows::Need, true),
                Need::When(_) => {
                    want(Shows::Need, true);
                    want(Shows::Need, false);
                }
            }
        }
    }
    assert!(
        lacking.is_empty(),
        "without a sample:\n{}",
        lacking.join("\n")
    );
}

#[test]
fn every_code_of_the_document_has_a_sample() {
    let shown: BTreeSet<Code> = samples().iter().filter_map(|s| s.expect).collect();
    // What no native document can show by itself, and why.
    let elsewhere = [
        (x3::VERSION_CONFLICT, "only the store knows"),
        (x3::SAME_KEY, "rows of a table"),
        (x3::UNMAPPED, "rows of a dialect"),
        (x3::ROW_LENGTH, "rows of a table as text"),
        (x3::FIELD_UNREAD, "fields of a dBase table"),
        (x3::CUT_TEXT, "fields of a dBase table"),
        (x3::NUMBER_SPOILT, "cells of a table"),
        (x3::JSON_NUMBER, "numbers of JSON"),
        (x3::CELL_WITHOUT_VALUE, "cells of a workbook"),
        (
            x3::TOO_MANY_RECORDS,
            "a case over the limit: the reader's tests",
        ),
        (
            x3::CASE_TOO_LARGE,
            "a case over the limit: the reader's tests",
        ),
        (x3::REJECTED_WITH_CASE, "dialects that take cases whole"),
        (
            x3::NOT_READ,
            "documents of a dialect: adapters/decode/tests/whole.rs",
        ),
        (
            x3::OWN_NUMBERS,
            "dialects of the national space: adapters/decode/tests/whole.rs",
        ),
        (
            x3::TAKEN_BACK,
            "the hub's office takes back: tests/it/dialects.rs",
        ),
        (x3::READ_STOPPED, "after the guard only a failing disk"),
        (
            x5::SPECIAL_NO_START,
            "only where a dialect declares the start absent",
        ),
    ];
    let lacking: Vec<Code> = Code::all()
        .filter(|c| c.number() >= 300 && !shown.contains(c))
        .filter(|c| elsewhere.iter().all(|(e, _)| e != c))
        .collect();
    assert!(lacking.is_empty(), "without a bad sample: {lacking:?}");
}

#[test]
fn the_complete_case_has_all_elements_and_none_reason_is_covered() {
    let xml = whole_case();
    for element in ElementId::ALL {
        assert!(
            xml.contains(&format!("<{} seq=", element.spec().node)),
            "{element}"
        );
    }
    let all = samples();
    for (code, _, _) in codeset::NONE_REASON.codes {
        assert!(all.iter().any(|s| s.name == format!("fee.none{code}")));
    }
    assert_eq!(samples().len(), all.len());
}
