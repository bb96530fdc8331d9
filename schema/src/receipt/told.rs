//! A receipt as people and programs of a department read it: each finding with its title, cause and next
//! step in Chinese and in English, as JSON or as XML. What is stored and sent between nodes is the bare
//! [`Receipt`], from which this is made. Refuses to decide anything.

use super::{Counts, Receipt, RowReceipt, graver_first};
use crate::finding::Finding;
use crate::xml::write::escape as write_escaped;
use serde::Serialize;
use std::collections::BTreeMap;

/// A text in both languages.
#[derive(Serialize)]
struct Both {
    zh: String,
    en: String,
}

/// A finding with its texts.
#[derive(Serialize)]
struct ToldFinding<'r> {
    #[serde(flatten)]
    finding: &'r Finding,
    title: Both,
    cause: Both,
    next: Both,
}

impl<'r> ToldFinding<'r> {
    fn of(finding: &'r Finding) -> ToldFinding<'r> {
        let spec = finding.code.spec();
        let both = |zh: String, en: String| Both { zh, en };
        ToldFinding {
            finding,
            title: both(spec.title.0.to_owned(), spec.title.1.to_owned()),
            cause: both(finding.cause_zh(), finding.cause_en()),
            next: both(finding.hint_zh(), finding.hint_en()),
        }
    }
}

/// The receipt, its findings with their texts; reads back as a [`Receipt`].
#[derive(Serialize)]
struct Told<'r> {
    v: u32,
    number: &'r str,
    envelope: &'r str,
    hub: &'r str,
    received_at: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<&'r str>,
    verdict: &'static str,
    repeated: bool,
    counts: Counts,
    elements: &'r BTreeMap<String, Counts>,
    items: &'r [super::ItemReceipt],
    findings: Vec<ToldFinding<'r>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    unlisted: &'r BTreeMap<String, u64>,
}

/// The receipt as JSON, two blanks a level.
pub fn to_json(receipt: &Receipt) -> Vec<u8> {
    let told = Told {
        v: receipt.v,
        number: &receipt.number,
        envelope: &receipt.envelope,
        hub: &receipt.hub,
        received_at: &receipt.received_at,
        completed_at: receipt.completed_at.as_deref(),
        verdict: receipt.verdict.name(),
        repeated: receipt.repeated,
        counts: receipt.counts,
        elements: &receipt.elements,
        items: &receipt.items,
        findings: graver_first(receipt)
            .into_iter()
            .map(ToldFinding::of)
            .collect(),
        unlisted: &receipt.unlisted,
    };
    // A receipt is texts, numbers and lists: it always serialises.
    serde_json::to_vec_pretty(&told).unwrap_or_default()
}

/// The receipt as XML, of `docs/receipt.xsd`. A character that XML 1.0 cannot hold becomes U+FFFD.
pub fn to_xml(receipt: &Receipt) -> String {
    let mut out = Tags(String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
    let repeated = receipt.repeated.to_string();
    let mut head = vec![
        ("version", "1"),
        ("number", &receipt.number),
        ("envelope", &receipt.envelope),
        ("hub", &receipt.hub),
        ("verdict", receipt.verdict.name()),
        ("repeated", &repeated),
        ("receivedAt", &receipt.received_at),
    ];
    if let Some(at) = &receipt.completed_at {
        head.push(("completedAt", at));
    }
    out.open("Receipt", &head);
    out.counts("Counts", None, &receipt.counts);
    for (element, counts) in &receipt.elements {
        out.counts("Element", Some(element), counts);
    }
    for item in &receipt.items {
        let counts = [item.received, item.rejected, item.duplicate].map(|n| n.to_string());
        let attributes = [
            ("name", item.name.as_str()),
            ("verdict", item.verdict.name()),
            ("dialect", &item.dialect),
            ("received", &counts[0]),
            ("rejected", &counts[1]),
            ("duplicate", &counts[2]),
        ];
        out.item(&attributes, &item.rows);
    }
    for finding in graver_first(receipt) {
        out.finding(finding);
    }
    for (code, count) in &receipt.unlisted {
        out.empty("Unlisted", &[("code", code), ("count", &count.to_string())]);
    }
    out.0.push_str("</Receipt>\n");
    out.0
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    write_escaped(&mut out, text, true);
    out
}

/// XML as it grows, a line a tag.
struct Tags(String);

impl Tags {
    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.0.push('<');
        self.0.push_str(name);
        for (key, value) in attributes {
            self.0.push_str(&format!(" {key}=\"{}\"", escape(value)));
        }
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.0.push_str(">\n");
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.0.push_str("  ");
        self.tag(name, attributes);
        self.0.push_str("/>\n");
    }

    /// An item, with the rows of a group of which something was rejected.
    fn item(&mut self, attributes: &[(&str, &str)], rows: &[RowReceipt]) {
        if rows.is_empty() {
            return self.empty("Item", attributes);
        }
        self.0.push_str("  ");
        self.open("Item", attributes);
        for row in rows {
            let numbers = [row.line.to_string(), row.rejected.to_string()];
            self.0.push_str("  ");
            let row = [
                ("name", row.name.as_str()),
                ("line", &numbers[0]),
                ("verdict", row.verdict.name()),
                ("rejected", &numbers[1]),
            ];
            self.empty("Row", &row);
        }
        self.0.push_str("  </Item>\n");
    }

    fn text(&mut self, name: &str, text: &str) {
        self.0
            .push_str(&format!("    <{name}>{}</{name}>\n", escape(text)));
    }

    fn counts(&mut self, name: &str, element: Option<&str>, counts: &Counts) {
        let numbers = [
            counts.received,
            counts.stored,
            counts.rejected,
            counts.duplicate,
            counts.pending,
        ]
        .map(|n| n.to_string());
        let keys = ["received", "stored", "rejected", "duplicate", "pending"];
        let mut attributes: Vec<(&str, &str)> = element.map(|e| ("name", e)).into_iter().collect();
        attributes.extend(keys.into_iter().zip(numbers.iter().map(String::as_str)));
        self.empty(name, &attributes);
    }

    fn finding(&mut self, finding: &Finding) {
        let place = &finding.place;
        let code = finding.code.to_string();
        let numbers = [place.line, place.column, place.record].map(|n| n.to_string());
        let mut attributes = vec![
            ("code", code.as_str()),
            ("severity", finding.severity.name()),
        ];
        let element = place.element.map_or("", |e| e.name());
        let texts = [
            ("file", place.file.as_str()),
            ("line", &numbers[0]),
            ("column", &numbers[1]),
            ("record", &numbers[2]),
            ("caseNo", &place.case_no),
            ("element", element),
            ("field", &place.field),
            ("own", &place.own),
        ];
        attributes.extend(
            texts
                .into_iter()
                .filter(|(_, v)| !v.is_empty() && *v != "0"),
        );
        self.0.push_str("  ");
        self.open("Finding", &attributes);
        if let Some(value) = &finding.value {
            self.text("Value", value);
        }
        self.text("CauseZh", &finding.cause_zh());
        self.text("CauseEn", &finding.cause_en());
        self.text("NextZh", &finding.hint_zh());
        self.text("NextEn", &finding.hint_en());
        self.0.push_str("  </Finding>\n");
    }
}
