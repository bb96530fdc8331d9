//! Records in conflict with a stored version: both are kept, the stored one in its table, this one here, with
//! its finding. Refuses to decide what a conflict is.

use crate::core::Core;
use crate::store::engine::{StoreError, Tx};
use std::collections::BTreeMap;
use tongcha_schema::clock::unix_ms;
use tongcha_schema::code::element as codes;
use tongcha_schema::digest::hex;
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::record::{Record, Version};

/// Where the findings of conflicts begin in an envelope's list: behind those of admission. Each has a place of
/// its own, by item and record, so that two workers never want the same one.
const ORD: i64 = 1 << 48;
/// Bits of a record's number within its item.
const RECORD_BITS: u32 = 32;

/// Keeps the conflicts of a batch.
///
/// # Errors
/// The store.
pub(super) async fn keep(
    core: &Core,
    tx: &mut Tx,
    conflicts: &[Record],
    now_ms: i64,
) -> Result<(), StoreError> {
    let mut names: BTreeMap<(&str, u32), String> = BTreeMap::new();
    let mut rejected: BTreeMap<&str, Vec<serde_json::Value>> = BTreeMap::new();
    let mut findings = Vec::new();
    for record in conflicts {
        let of_item = (&*record.head.envelope, record.head.item);
        if !names.contains_key(&of_item) {
            let args = crate::args![of_item.0, of_item.1];
            let row = tx.rows("pages.item", args).await?;
            let name = row.first().map(|r| r.text(1).to_owned());
            names.insert(of_item, name.unwrap_or_default());
        }
        let payload = record.canonical();
        let payload = core.sealed.seal("rejected/conflict", payload.as_bytes());
        rejected.entry(of_item.0).or_default().push(serde_json::json!({
            "item_no": record.head.item, "record_no": record.number, "element": record.element.name(),
            "case_no": &*record.head.case_no, "reason": "conflict", "payload": hex(&payload),
        }));
        let finding = finding(record, names[&of_item].clone());
        // Which of the two holds is for the source to say: until then the case is held.
        if !record.is_outside() {
            let held = serde_json::json!([{"space": &*record.head.space, "case_no": &*record.head.case_no,
                "element": record.element.name(), "code": finding.code.to_string()}]);
            let at_ms = unix_ms(record.head.received_at);
            let args = crate::args![of_item.0, held.to_string(), at_ms];
            tx.run("refusals.put", args).await?;
        }
        let (item, number) = (i64::from(record.head.item), i64::from(record.number));
        let ord = ORD + (item << RECORD_BITS) + number;
        findings.push(finding_row(of_item.0, ord, (item, number), &finding));
    }
    for (envelope, rows) in rejected {
        let rows = serde_json::Value::Array(rows).to_string();
        let args = crate::args![envelope, rows, now_ms];
        tx.run("envelopes.put_rejections", args).await?;
    }
    if !findings.is_empty() {
        let rows = serde_json::Value::Array(findings).to_string();
        tx.run("envelopes.add_findings", crate::args![rows]).await?;
    }
    Ok(())
}

fn finding(record: &Record, file: String) -> Finding {
    let place = Place {
        file,
        line: record.line,
        record: record.number,
        case_no: record.head.case_no.to_string(),
        element: Some(record.element),
        ..Place::default()
    };
    let version = match record.version {
        Version::Given(version) => version,
        Version::Arrival => 0,
    };
    Finding::new(codes::VERSION_CONFLICT, place)
        .with("version", version)
        .with("seq", record.seq)
}

/// A finding as the statement `envelopes.add_findings` takes it; `at` is item and record.
pub(super) fn finding_row(
    envelope: &str,
    ord: i64,
    at: (i64, i64),
    finding: &Finding,
) -> serde_json::Value {
    serde_json::json!({
        "envelope": envelope, "ord": ord, "item_no": at.0, "record_no": at.1,
        "code": finding.code.to_string(), "severity": finding.severity.name(),
        "body": serde_json::to_string(finding).unwrap_or_default(),
    })
}
