//! The native writer: one canonical document of typed records, as a lower hub forwards it and as the
//! samples are. Reading it gives the records' canonical texts back. It refuses a sealed value.
//!
//! Canonical: UTF-8, two spaces a level, a line end after each node, cases as given, in a case the
//! elements in the order of their numbers, fields in the order of the spec, absent ones left out. A
//! `Case` never holds two records of one element and seq: a further version opens a `Case` anew. A
//! character that XML 1.0 cannot hold becomes U+FFFD; a checked record has none.

use crate::element::ElementId;
use crate::record::{Record, Version};
use crate::value::Value;
use crate::xml::native::{self, HEAD_FIELDS, NativeHead, RECORD_COUNT, field_nodes};
use std::collections::BTreeSet;
use std::fmt::Write;

/// A record to write, with the SHA-256 (hexadecimal) of the item's bytes that it came from.
#[derive(Clone, Copy, Debug)]
pub struct NativeRecord<'a> {
    /// The record; personal values opened.
    pub record: &'a Record,
    /// Digest of the raw bytes at the hub where they arrived; `None` leaves the attribute out.
    pub raw_digest: Option<&'a str>,
}

/// A case to write.
#[derive(Clone, Debug)]
pub struct NativeCase<'a> {
    /// Originating node, where a hub forwards; else `None`.
    pub source: Option<&'a str>,
    /// Numbering space, where a hub forwards; else `None`.
    pub space: Option<&'a str>,
    /// Case number; empty: a `Catalog`.
    pub case_no: &'a str,
    /// The source's own business number, or empty.
    pub org_bus_no: &'a str,
    /// Its records, in any order.
    pub records: Vec<NativeRecord<'a>>,
}

impl<'a> NativeCase<'a> {
    /// Gathers neighbouring records of one source, space, case and business number into cases that
    /// name their source and space: what a hub forwards.
    pub fn forwarded(records: impl IntoIterator<Item = NativeRecord<'a>>) -> Vec<NativeCase<'a>> {
        let mut cases: Vec<NativeCase<'a>> = Vec::new();
        for native in records {
            let r = native.record;
            match cases.last_mut() {
                Some(case)
                    if case.source == Some(&*r.head.source)
                        && case.space == Some(&*r.head.space)
                        && case.case_no == &*r.head.case_no
                        && case.org_bus_no == &*r.head.org_bus_no =>
                {
                    case.records.push(native);
                }
                _ => cases.push(NativeCase {
                    source: Some(&r.head.source),
                    space: Some(&r.head.space),
                    case_no: &r.head.case_no,
                    org_bus_no: &r.head.org_bus_no,
                    records: vec![native],
                }),
            }
        }
        cases
    }
}

/// Why a document could not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A personal value was not opened before.
    #[error("{element}.{field} of case {case_no} is sealed")]
    Sealed {
        /// Element.
        element: ElementId,
        /// Field.
        field: &'static str,
        /// Case number.
        case_no: String,
    },
}

impl WriteError {
    /// Never: the same records give the same answer.
    pub fn is_transient(&self) -> bool {
        false
    }
}

/// Writes a document. `RecordCount` is counted here, whatever `head` says; its other fields are
/// written as they are, empty ones left out. The whole text stands in memory: a caller bounds it by
/// the number of records.
///
/// # Errors
/// [`WriteError::Sealed`] where a value was not opened.
pub fn write_native(head: &NativeHead, cases: &[NativeCase<'_>]) -> Result<String, WriteError> {
    let count: usize = cases.iter().map(|c| c.records.len()).sum();
    let mut out = String::with_capacity(1024 + count * 1024);
    out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Package version=\"");
    out.push_str(native::VERSION);
    out.push_str("\">\n  <Head>\n");
    for (index, field) in HEAD_FIELDS.iter().enumerate() {
        let counted = count.to_string();
        let text = if index == RECORD_COUNT {
            &counted
        } else {
            &head.values[index]
        };
        if !text.is_empty() {
            write_field(&mut out, "    ", field.node, text);
        }
    }
    out.push_str("  </Head>\n  <Body>\n");
    for case in cases {
        write_case(&mut out, case)?;
    }
    out.push_str("  </Body>\n</Package>\n");
    Ok(out)
}

fn write_case(out: &mut String, case: &NativeCase<'_>) -> Result<(), WriteError> {
    let mut left: Vec<&NativeRecord<'_>> = case.records.iter().collect();
    while !left.is_empty() {
        let mut keys = BTreeSet::new();
        let (mut now, later): (Vec<&NativeRecord<'_>>, Vec<_>) = left
            .into_iter()
            .partition(|n| keys.insert((n.record.element, n.record.seq)));
        now.sort_by_key(|n| n.record.element);
        // A checked record without a case number stands outside any case.
        let node = if case.case_no.is_empty() {
            native::CATALOG
        } else {
            native::CASE
        };
        let _ = write!(out, "    <{node}");
        if !case.case_no.is_empty() {
            write_attribute(out, "caseId", case.case_no);
        }
        if !case.org_bus_no.is_empty() {
            write_attribute(out, "orgBusNo", case.org_bus_no);
        }
        for (name, value) in [("source", case.source), ("space", case.space)] {
            if let Some(value) = value {
                write_attribute(out, name, value);
            }
        }
        out.push_str(">\n");
        for native in now {
            write_record(out, native)?;
        }
        let _ = writeln!(out, "    </{node}>");
        left = later;
    }
    Ok(())
}

fn write_record(out: &mut String, native: &NativeRecord<'_>) -> Result<(), WriteError> {
    let record = native.record;
    let spec = record.element.spec();
    let _ = write!(
        out,
        "      <{} seq=\"{}\" dataVer=\"",
        spec.node, record.seq
    );
    match record.version {
        Version::Given(version) => {
            let _ = write!(out, "{version}");
        }
        Version::Arrival => out.push_str(native::ARRIVAL),
    }
    let _ = write!(out, "\" op=\"{}\"", record.op.code());
    if let Some(reason) = &record.none {
        write_attribute(out, "none", "true");
        write_attribute(out, "reason", reason);
    }
    if let Some(digest) = native.raw_digest {
        write_attribute(out, "rawDigest", digest);
    }
    let mut empty = true;
    let nodes = field_nodes(record.element);
    for ((value, field), node) in record.values.iter().zip(spec.fields).zip(nodes) {
        let text = match value {
            None => continue,
            Some(Value::Sealed(_)) => {
                return Err(WriteError::Sealed {
                    element: record.element,
                    field: field.name,
                    case_no: record.head.case_no.to_string(),
                });
            }
            Some(value) => value.canonical(),
        };
        if std::mem::take(&mut empty) {
            out.push_str(">\n");
        }
        write_field(out, "        ", node, &text);
    }
    if empty {
        out.push_str("/>\n");
    } else {
        let _ = writeln!(out, "      </{}>", spec.node);
    }
    Ok(())
}

/// Writes a line `<node>text</node>`.
pub(crate) fn write_field(out: &mut String, indent: &str, node: &str, text: &str) {
    let _ = write!(out, "{indent}<{node}>");
    escape(out, text, false);
    let _ = writeln!(out, "</{node}>");
}

/// Writes ` name="value"`.
pub(crate) fn write_attribute(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, " {name}=\"");
    escape(out, value, true);
    out.push('"');
}

/// Appends a text so that reading gives it back: white space that XML would change as references.
/// Adds a text as XML holds it; within an attribute with its quotes and breaks kept.
pub(crate) fn escape(out: &mut String, text: &str, attribute: bool) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if attribute => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\n' if attribute => out.push_str("&#10;"),
            '\t' if attribute => out.push_str("&#9;"),
            '\t' | '\n' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'.. => out.push(c),
            _ => out.push('\u{FFFD}'),
        }
    }
}

#[cfg(test)]
mod tests;
