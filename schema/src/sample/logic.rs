//! Samples of contradictions (X5xx): the complete case with one thing changed.

use super::draft::Draft;
use super::{Sample, Shows, case, document, node, whole_records};
use crate::code::{Code, logic as x5};
use crate::element::ElementId as E;

/// A change of the complete case: the record of an element (of that seq) gets these texts; without
/// any it is left out.
struct Change(
    &'static str,
    Code,
    E,
    i64,
    &'static [(&'static str, &'static str)],
);

/// A time before everything else in the complete case, and one after it.
const EARLY: &str = "2026-03-01T08:00:00+08:00";
const LATE: &str = "2026-06-01T08:00:00+08:00";

const CHANGES: [Change; 16] = [
    Change(
        "old",
        x5::BEFORE_2000,
        E::CaseBase,
        1,
        &[("apply_time", "1999-12-31T23:59:59+08:00")],
    ),
    Change(
        "future",
        x5::IN_FUTURE,
        E::Delivery,
        1,
        &[("receive_time", "2027-01-02T00:00:00+08:00")],
    ),
    Change(
        "accept",
        x5::ACCEPT_BEFORE_APPLY,
        E::Acceptance,
        1,
        &[("accept_time", EARLY)],
    ),
    Change(
        "step",
        x5::STEP_BEFORE_ACCEPT,
        E::Process,
        1,
        &[("start_time", EARLY)],
    ),
    Change(
        "step_end",
        x5::STEP_ENDS_FIRST,
        E::Process,
        1,
        &[("end_time", EARLY)],
    ),
    Change(
        "step_late",
        x5::STEP_AFTER_DONE,
        E::Process,
        2,
        &[("end_time", LATE)],
    ),
    Change(
        "delivery",
        x5::DELIVERED_BEFORE_DONE,
        E::Delivery,
        1,
        &[("receive_time", EARLY)],
    ),
    Change("unaccepted", x5::NO_ACCEPTANCE, E::Acceptance, 1, &[]),
    Change("document", x5::NO_DOCUMENT, E::ResultDoc, 1, &[]),
    Change("flag", x5::FEE_FLAG, E::Conclusion, 1, &[("is_fee", "0")]),
    Change(
        "person",
        x5::SAME_PERSON,
        E::Process,
        2,
        &[("handler_no", "HB-011")],
    ),
    Change(
        "region",
        x5::REGION_DIFFERS,
        E::Organ,
        1,
        &[("region", "431102")],
    ),
    Change("sum", x5::FEE_SUM, E::Fee, 1, &[("paid", "99.00")]),
    Change(
        "corrected",
        x5::CORRECTED_FIRST,
        E::Correction,
        1,
        &[("received_time", EARLY)],
    ),
    Change(
        "special",
        x5::SPECIAL_ENDS_FIRST,
        E::Special,
        1,
        &[("end_time", EARLY)],
    ),
    Change("fees", x5::FEE_FLAG, E::Fee, 1, &[]),
];

/// The samples of contradictions.
pub(super) fn cases(all: &mut Vec<Sample>) {
    for Change(name, code, element, seq, texts) in CHANGES {
        let start = format!("      <{} seq=\"{seq}\"", element.spec().node);
        let mut records = whole_records();
        records.retain_mut(|record| {
            if !record.starts_with(&start) {
                return true;
            }
            *record = changed(element, seq, record, texts);
            !texts.is_empty()
        });
        all.push(Sample {
            name: format!("case.{name}.{code}"),
            element: Some(element),
            field: None,
            shows: Shows::Shape,
            xml: document(&case(&records.concat()), records.len()),
            good: false,
            expect: Some(code),
            schema_refuses: false,
        });
    }
    done_first(all);
}

/// The record with some texts changed, other fields as they were.
fn changed(element: E, seq: i64, record: &str, texts: &[(&str, &str)]) -> String {
    if element == E::Special {
        // It is declared none in the complete case.
        let mut draft = Draft::new(element, seq, &[]);
        for (name, text) in texts {
            if let Some(index) = element.spec().field_index(name) {
                draft.fields.insert(index, (*text).to_owned());
            }
        }
        return node(element, seq, "", &draft.fields_xml());
    }
    let mut out = record.to_owned();
    for (name, text) in texts {
        let Some(index) = element.spec().field_index(name) else {
            continue;
        };
        let node = element.spec().fields[index].node();
        let (open, close) = (format!("<{node}>"), format!("</{node}>"));
        if let (Some(from), Some(to)) = (out.find(&open), out.find(&close)) {
            out.replace_range(from + open.len()..to, text);
        }
    }
    out
}

/// A conclusion before the acceptance, in an item without steps: nothing else contradicts it.
fn done_first(all: &mut Vec<Sample>) {
    let acceptance = Draft::new(E::Acceptance, 1, &[]).xml();
    let conclusion = Draft::named(E::Conclusion, 1, &[("done_time", EARLY)]).xml();
    let code = x5::DONE_BEFORE_ACCEPT;
    all.push(Sample {
        name: format!("case.done.{code}"),
        element: Some(E::Conclusion),
        field: None,
        shows: Shows::Shape,
        xml: document(&case(&(acceptance + &conclusion)), 2),
        good: false,
        expect: Some(code),
        schema_refuses: false,
    });
}
