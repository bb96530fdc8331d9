//! The image of a record: what goes in comes out, and equal values have equal bytes.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use super::*;
use crate::record::{CaseHead, Version};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use time::macros::{date, datetime};

fn record(element: ElementId, op: Op, none: Option<&str>, values: Vec<Option<Value>>) -> Record {
    let head = CaseHead {
        source: "431321/a".into(),
        space: "cn".into(),
        case_no: "1".into(),
        org_bus_no: "".into(),
        envelope: "431321/a@1.1".into(),
        item: 0,
        received_at: datetime!(2026-01-31 08:00 UTC),
    };
    Record {
        head: Arc::new(head),
        element,
        seq: 1,
        version: Version::Given(1),
        op,
        none: none.map(Into::into),
        values,
        digest: [0; 32],
        marks: Vec::new(),
        number: 1,
        line: 1,
    }
}

fn image(record: &Record) -> Vec<u8> {
    let mut out = Vec::new();
    write(record, &mut out);
    out
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<String>().prop_map(|t| Value::Text(t.into())),
        any::<i64>().prop_map(Value::Int),
        any::<i64>().prop_map(Value::Money),
        any::<bool>().prop_map(Value::Flag),
        (-60_000_000_000_000_i64..250_000_000_000_000, -840_i32..=840).prop_map(|(ms, minutes)| {
            let offset = UtcOffset::from_whole_seconds(minutes * 60).unwrap();
            Value::Stamp(from_unix_ms(ms).to_offset(offset))
        }),
        (0_i32..3_000_000).prop_map(|day| Value::Date(Date::from_julian_day(day).unwrap())),
        any::<Vec<u8>>().prop_map(|bytes| Value::Sealed(bytes.into())),
    ]
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        index in 0..14_usize,
        deletes in any::<bool>(),
        none in proptest::option::of("\\PC{0,8}"),
        values in proptest::collection::vec(proptest::option::of(any_value()), 18),
    ) {
        let element = ElementId::ALL[index];
        let values = values[..element.spec().fields.len().min(18)].to_vec();
        let op = if deletes { Op::Delete } else { Op::Insert };
        let mut wanted = record(element, op, none.as_deref(), values);
        wanted.values.resize(element.spec().fields.len(), None);
        let bytes = image(&wanted);
        let read = Image::parse(&bytes).unwrap();
        prop_assert_eq!(read.element, element);
        prop_assert_eq!(read.deletes, deletes);
        prop_assert_eq!(read.none, none.as_deref());
        prop_assert_eq!(read.values().unwrap(), wanted.values);
    }

    #[test]
    fn any_bytes_are_an_image_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(image) = Image::parse(&bytes) {
            let _ = image.values();
        }
    }
}

/// The bytes of version 1: they stand in databases and in what waits, so they never change.
#[test]
fn the_bytes_stay_as_they_are() {
    let spec = ElementId::Acceptance.spec();
    let mut values = vec![None; spec.fields.len()];
    let mut set = |name: &str, value| values[spec.field_index(name).unwrap()] = Some(value);
    set("accept_state", Value::Text("1".into()));
    set(
        "accept_time",
        Value::Stamp(datetime!(2026-01-31 08:05:09.125 +8)),
    );
    set("promise_date", Value::Date(date!(2026 - 02 - 10)));
    let bytes = image(&record(ElementId::Acceptance, Op::Update, None, values));
    let hex = crate::digest::hex(&bytes);
    assert_eq!(hex, "06001801314d8a9ef1958267c0075eb4b6ac02");
}

#[test]
fn a_field_that_this_version_does_not_know_is_not_passed_over() {
    assert_eq!(Image::parse(&[]).unwrap_err(), NoImage);
    assert_eq!(Image::parse(&[99, 0]).unwrap_err(), NoImage);
    let unknown = [1, 0, 0xf8, 0x7f, 1, b'x'];
    assert_eq!(Image::parse(&unknown).unwrap().values(), Err(NoImage));
}

/// Every number that was ever given names the same field. A new field gets a new number and a new line.
#[test]
fn numbers_of_fields_are_given_once() {
    let given = include_str!("given.txt");
    let mut names: BTreeMap<(&str, u16), &str> = BTreeMap::new();
    for line in given.lines() {
        let mut words = line.split(' ');
        let (element, number) = (words.next().unwrap(), words.next().unwrap());
        let before = names.insert((element, number.parse().unwrap()), words.next().unwrap());
        assert_eq!(before, None, "{line}");
    }
    for element in ElementId::ALL {
        for field in element.spec().fields {
            let given = names.remove(&(element.name(), field.number));
            assert_eq!(given, Some(field.name), "{element} {}", field.number);
        }
    }
    for ((element, number), name) in names {
        assert!(
            ElementId::parse(element)
                .unwrap()
                .spec()
                .index_of(number)
                .is_none(),
            "{element} {number} was {name}"
        );
    }
}
