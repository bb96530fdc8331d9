//! What is kept of records and items that are refused. Refuses to refuse one.

use std::collections::BTreeMap;
use tongcha_decode::admit::ItemOutcome;
use tongcha_schema::finding::{Finding, Severity};
use tongcha_schema::receipt::{Counts, UNKNOWN};

/// What became of an item that is refused whole for one reason.
pub(super) fn refused_outcome(finding: &Finding) -> ItemOutcome {
    let counts = Counts {
        received: 1,
        rejected: 1,
        ..Counts::default()
    };
    ItemOutcome {
        verdict: tongcha_schema::receipt::Verdict::Refused,
        dialect: String::new(),
        dialect_version: String::new(),
        refused: true,
        findings: vec![finding.clone()],
        counts: BTreeMap::from([(UNKNOWN, counts)]),
        work: BTreeMap::new(),
        rows: Vec::new(),
    }
}

/// Code of the first finding that refuses a record.
pub(super) fn refused_by(findings: &[Finding]) -> String {
    let error = |f: &&Finding| f.severity == Severity::Error;
    let first = findings.iter().find(error).or(findings.first());
    first.map(|f| f.code.to_string()).unwrap_or_default()
}

/// A rejected record as JSON: what was decoded, with its places.
pub(super) fn raw_json(raw: &tongcha_schema::record::RawRecord, org_bus_no: &str) -> String {
    let fields: Vec<serde_json::Value> = raw
        .fields
        .iter()
        .map(|f| {
            let name = raw
                .element
                .spec()
                .fields
                .get(f.index)
                .map_or("", |s| s.name);
            serde_json::json!({"field": name, "text": f.text, "line": f.line, "column": f.column})
        })
        .collect();
    serde_json::json!({
        "element": raw.element.name(), "seq": raw.seq, "op": raw.op.code(), "none": raw.none,
        "org_bus_no": org_bus_no, "line": raw.line, "fields": fields,
    })
    .to_string()
}
