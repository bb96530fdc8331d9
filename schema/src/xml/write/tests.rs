//! Tests of the native writer.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use super::*;
use crate::field::Kind;
use crate::record::{CaseHead, RawCase};
use crate::xml::read_native;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use std::ops::ControlFlow;
use std::sync::Arc;
use time::{Date, OffsetDateTime, UtcOffset};

fn read(text: &str) -> (Vec<RawCase>, NativeHead) {
    let mut cases = Vec::new();
    let head = read_native(&mut text.as_bytes(), "x.xml", &mut |case| {
        cases.push(case);
        ControlFlow::Continue(())
    });
    (cases, head)
}

fn head() -> NativeHead {
    let mut head = NativeHead::default();
    for (node, text) in [
        ("MsgId", "431321/hub@1.7"),
        ("StdVer", "1.0"),
        ("SourceNode", "431321/hub"),
        ("TargetNode", "431300/hub"),
        ("SenderOrg", "11431321009000015L"),
        ("SendTime", "2026-03-02T09:00:00+08:00"),
    ] {
        head.set(node, text);
    }
    head
}

/// Any text that XML can hold.
fn text() -> impl Strategy<Value = String> {
    let chars = prop_oneof![
        prop::char::range(' ', '~'),
        prop::sample::select(vec![
            '\t', '\n', '\r', '<', '&', ']', '>', '"', '\'', '件', '𠮷'
        ]),
        prop::char::range('\u{E000}', '\u{FFFD}'),
    ];
    prop::collection::vec(chars, 1..12).prop_map(|c| c.into_iter().collect())
}

fn value(kind: Kind) -> BoxedStrategy<Value> {
    match kind {
        Kind::Int(low, high) => (low..=high).prop_map(Value::Int).boxed(),
        Kind::Money => any::<i64>().prop_map(Value::Money).boxed(),
        Kind::Flag => any::<bool>().prop_map(Value::Flag).boxed(),
        Kind::Date => (2_400_000..2_500_000)
            .prop_map(|d| Value::Date(Date::from_julian_day(d).unwrap()))
            .boxed(),
        Kind::DateTime => (0..4_000_000_000_000i128, -12..14i8)
            .prop_map(|(ms, h)| {
                let stamp = OffsetDateTime::from_unix_timestamp_nanos(ms * 1_000_000).unwrap();
                Value::Stamp(stamp.to_offset(UtcOffset::from_hms(h, 0, 0).unwrap()))
            })
            .boxed(),
        _ => text().prop_map(|t| Value::Text(t.into())).boxed(),
    }
}

fn record() -> impl Strategy<Value = Record> {
    prop::sample::select(ElementId::ALL.to_vec()).prop_flat_map(|element| {
        let values: Vec<_> = element
            .spec()
            .fields
            .iter()
            .map(|f| prop::option::of(value(f.kind)))
            .collect();
        let version = prop_oneof![(1..5i64).prop_map(Version::Given), Just(Version::Arrival)];
        let op = prop::sample::select(vec![
            crate::record::Op::Insert,
            crate::record::Op::Update,
            crate::record::Op::Delete,
        ]);
        let key = (text(), text(), 1..4i64, version, op);
        (key, prop::option::of(text()), values).prop_map(
            move |((case_no, bus, seq, version, op), none, values)| Record {
                head: Arc::new(CaseHead {
                    org_bus_no: bus.into(),
                    ..CaseHead::bare("431321/zw", "cn", &case_no, OffsetDateTime::UNIX_EPOCH)
                }),
                element,
                seq,
                version,
                op,
                none: none.map(|n| n.trim().into()),
                values,
                digest: [0; 32],
                marks: Vec::new(),
                number: 0,
                line: 0,
            },
        )
    })
}

/// What reading must give back of a record: its key and the canonical texts of its fields.
type Told = (
    String,
    String,
    usize,
    i64,
    String,
    &'static str,
    Option<String>,
    Vec<(usize, String)>,
);

fn told(r: &Record) -> Told {
    let fields = r.values.iter().enumerate();
    (
        r.head.case_no.to_string(),
        r.head.org_bus_no.to_string(),
        r.element.index(),
        r.seq,
        format!("{:?}", r.version),
        r.op.code(),
        r.none.as_deref().map(str::to_owned),
        fields
            .filter_map(|(i, v)| Some((i, v.as_ref()?.canonical())))
            .collect(),
    )
}

fn told_of(cases: &[RawCase]) -> Vec<Told> {
    let all = cases.iter().flat_map(|c| {
        c.records.iter().map(|r| {
            (
                c.case_no.clone(),
                c.org_bus_no.clone(),
                r.element.index(),
                r.seq,
                format!("{:?}", r.version),
                r.op.code(),
                r.none.clone(),
                r.fields
                    .iter()
                    .map(|f| (f.index, f.text.to_string()))
                    .collect(),
            )
        })
    });
    all.collect()
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(records in prop::collection::vec(record(), 0..8)) {
        let digest = "ab".repeat(32);
        let native = records.iter().map(|record| NativeRecord {
            record,
            raw_digest: Some(&digest),
        });
        let written = write_native(&head(), &NativeCase::forwarded(native)).unwrap();
        let (cases, read_head) = read(&written);
        prop_assert_eq!(read_head.record_count, Some(records.len() as u64));
        if !records.is_empty() {
            prop_assert!(read_head.findings.is_empty(), "{:?}", read_head.findings);
        }
        for case in &cases {
            prop_assert!(case.findings.is_empty(), "{:?}", case.findings);
            prop_assert_eq!(case.source.as_deref(), Some("431321/zw"));
            prop_assert_eq!(case.space.as_deref(), Some("cn"));
        }
        let mut want: Vec<Told> = records.iter().map(told).collect();
        let mut got = told_of(&cases);
        want.sort();
        got.sort();
        prop_assert_eq!(got, want);
    }
}

#[test]
fn two_versions_of_a_record_stand_in_two_case_nodes() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut first = record().new_tree(&mut runner).unwrap().current();
    first.version = Version::Given(1);
    let mut second = first.clone();
    second.version = Version::Given(2);
    let all = [&first, &second].map(|record| NativeRecord {
        record,
        raw_digest: None,
    });
    let written = write_native(&head(), &NativeCase::forwarded(all)).unwrap();
    assert_eq!(read(&written).0.len(), 2);
}

#[test]
fn a_list_outside_any_case_is_read_again_and_needs_its_numbers() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut records = Vec::new();
    while records.len() < 3 {
        let mut made = record().new_tree(&mut runner).unwrap().current();
        if made.element.stands_alone() {
            let head = Arc::make_mut(&mut made.head);
            head.case_no = "".into();
            head.org_bus_no = "".into();
            made.seq = 5_000_000_000 + i64::try_from(records.len()).unwrap();
            records.push(made);
        }
    }
    let all = records.iter().map(|record| NativeRecord {
        record,
        raw_digest: None,
    });
    let written = write_native(&head(), &NativeCase::forwarded(all)).unwrap();
    assert!(written.contains("    <Catalog source=\"431321/zw\" space=\"cn\">\n"));
    let (lists, found) = read(&written);
    assert_eq!(found.findings, []);
    assert!(lists.len() == 1 && lists[0].outside && lists[0].case_no.is_empty());
    let mut want: Vec<Told> = records.iter().map(told).collect();
    let mut got = told_of(&lists);
    want.sort();
    got.sort();
    assert_eq!(got, want);
    let bare = written.replacen(" seq=\"5000000000\"", "", 1);
    let codes: Vec<u16> = read(&bare).0[0]
        .findings
        .iter()
        .map(|(_, f)| f.code.number())
        .collect();
    assert_eq!(codes, [crate::code::element::BAD_SEQ.number()]);
    let with_case = written.replacen("<Catalog", "<Catalog caseId=\"1\"", 1);
    assert!(!read(&with_case).0[0].findings.is_empty());
}

#[test]
fn a_sealed_value_is_refused_and_a_foreign_character_replaced() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut record = record().new_tree(&mut runner).unwrap().current();
    Arc::make_mut(&mut record.head).case_no = "a\u{1}b\u{FFFF}".into();
    record.values[0] = None;
    let write = |r: &Record| {
        let native = NativeRecord {
            record: r,
            raw_digest: None,
        };
        write_native(&head(), &NativeCase::forwarded([native]))
    };
    assert_eq!(
        read(&write(&record).unwrap()).0[0].case_no,
        "a\u{FFFD}b\u{FFFD}"
    );
    record.values[0] = Some(Value::Sealed(Box::new([1, 2])));
    let error = write(&record).unwrap_err();
    assert!(!error.is_transient());
    assert!(error.to_string().contains("is sealed"), "{error}");
}
