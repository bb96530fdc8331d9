//! Samples of the native format, generated from the specs: for every field, code and condition a good
//! one and a bad one, each a whole document with one fault at most, and one whole case. Synthetic data
//! only. It refuses to list fields: what a spec gains has samples at once, and a test counts them.

mod bad;
mod draft;
mod good;
mod logic;
mod shape;

use crate::code::Code;
use crate::element::ElementId;
use crate::xml::native::{self, HEAD_FIELDS};
use crate::xml::write::{write_attribute, write_field};
use draft::Draft;
use std::fmt::Write;
use time::OffsetDateTime;

/// When samples are received: after every time that they tell.
pub const RECEIVED_AT: OffsetDateTime = time::macros::datetime!(2027-01-01 00:00 +8);

/// What a sample shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shows {
    /// A value of a field.
    Value,
    /// A code of a field's code set.
    Code(&'static str),
    /// That a field is required, or is not.
    Need,
    /// The shape of a record, a case or a document, or records against each other.
    Shape,
}

/// One sample document.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Unique; fit for a file's name.
    pub name: String,
    /// The element that it is about.
    pub element: Option<ElementId>,
    /// The field that it is about, as an index into the element's `fields`.
    pub field: Option<usize>,
    /// What it shows.
    pub shows: Shows,
    /// The document.
    pub xml: String,
    /// Whether nothing is wrong with it.
    pub good: bool,
    /// The one code found in it, where it is bad.
    pub expect: Option<Code>,
    /// Whether the XML Schema refuses it too.
    pub schema_refuses: bool,
}

/// All samples, good and bad, in a fixed order.
pub fn samples() -> Vec<Sample> {
    let mut all = vec![Sample {
        name: "whole_case".to_owned(),
        element: None,
        field: None,
        shows: Shows::Shape,
        xml: whole_case(),
        good: true,
        expect: None,
        schema_refuses: false,
    }];
    for element in ElementId::ALL {
        good::element(element, &mut all);
        bad::element(element, &mut all);
        shape::element(element, &mut all);
    }
    shape::documents(&mut all);
    logic::cases(&mut all);
    all
}

/// A document with one complete case: all 14 elements, two steps, a declared none.
pub fn whole_case() -> String {
    document(&case(&whole_records().concat()), whole_records().len())
}

/// The records of the complete case as XML, in the order of the schema.
fn whole_records() -> Vec<String> {
    let mut records = Vec::new();
    for element in ElementId::ALL {
        match element {
            ElementId::Special => {
                records.push(node(element, 1, " none=\"true\" reason=\"2\"", ""));
            }
            ElementId::Process => {
                records.push(Draft::new(element, 1, &[]).xml());
                // Another official approves.
                let last = [("step_no", "2"), ("step_code", "3"), ("step_name", "批准")];
                let who = [
                    ("step_pos", "3"),
                    ("handler", "李示例"),
                    ("handler_no", "HB-017"),
                ];
                records.push(Draft::named(element, 2, &[&last[..], &who[..]].concat()).xml());
            }
            _ => records.push(Draft::new(element, 1, &[]).xml()),
        }
    }
    records
}

/// A record's node: further attributes as written, fields as written.
fn node(element: ElementId, seq: i64, attributes: &str, fields: &str) -> String {
    let name = element.spec().node;
    if fields.is_empty() {
        format!("      <{name} seq=\"{seq}\"{attributes}/>\n")
    } else {
        format!("      <{name} seq=\"{seq}\"{attributes}>\n{fields}      </{name}>\n")
    }
}

/// A case of these records.
fn case(records: &str) -> String {
    let mut out = String::from("    <Case");
    write_attribute(&mut out, "caseId", draft::CASE_NO);
    write_attribute(&mut out, "orgBusNo", "ZW-2026-000123");
    write_attribute(&mut out, "op", "I");
    write_attribute(&mut out, "dataVer", "1");
    let _ = write!(out, ">\n{records}    </Case>\n");
    out
}

/// A document of these cases.
fn document(cases: &str, count: usize) -> String {
    let count = count.to_string();
    let values = [
        ("MsgId", "431321/zwzx-20260312-000123"),
        ("StdVer", "1.0"),
        ("SourceNode", "431321/zwzx"),
        ("TargetNode", "431300/hub"),
        ("SenderOrg", draft::USCC),
        ("SendTime", "2026-03-12T18:00:00+08:00"),
        ("RecordCount", &count),
    ];
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{} version=\"{}\">\n  <{}>\n",
        native::PACKAGE,
        native::VERSION,
        native::HEAD
    );
    for field in HEAD_FIELDS {
        if let Some((_, text)) = values.iter().find(|(node, _)| *node == field.node) {
            write_field(&mut out, "    ", field.node, text);
        }
    }
    let _ = write!(
        out,
        "  </{}>\n  <{2}>\n{cases}  </{2}>\n</{}>\n",
        native::HEAD,
        native::PACKAGE,
        native::BODY
    );
    out
}

/// A document of one record.
fn single(record: &str) -> String {
    document(&case(record), 1)
}

#[cfg(test)]
mod tests;
