//! A bundle that the tables do not take: it is parted in two, and a single record goes into quarantine with its
//! cause. Refuses to lose one: its records stay pending in the ledger.

use super::conflict::finding_row;
use crate::bundle::Bundle;
use crate::core::Core;
use crate::inbox;
use crate::store::engine::StoreError;
use tongcha_schema::code::transport;
use tongcha_schema::finding::{Finding, Place};

/// Where the findings of quarantine begin in an envelope's list: behind those of conflicts.
const ORD: i64 = 1 << 52;
/// Parts of parted bundles stand above all others; each number is given once.
const PARTED: i64 = 1_000_000_000_000_000;

/// Parts a bundle, in the inbox too; gives its halves, the second one first. One of a single record is put aside.
///
/// # Errors
/// The store; then nothing is changed.
pub(super) async fn part(
    core: &Core,
    mut bundle: Bundle,
    error: &StoreError,
) -> Result<Vec<(Vec<Bundle>, u32)>, StoreError> {
    if bundle.records.len() < 2 {
        quarantine(core, &bundle, error).await?;
        return Ok(Vec::new());
    }
    let old = (bundle.envelope.clone(), bundle.part);
    let second = Bundle {
        records: bundle.records.split_off(bundle.records.len() / 2),
        ..bundle.clone()
    };
    let mut halves = [bundle, second];
    let mut tx = core.store.begin().await?;
    for half in &mut halves {
        let next = tx.rows("nodes.next", crate::args!["parts.parted"]).await?;
        half.part = PARTED + next.first().map_or(1, |r| r.int(0));
        let args = crate::args![
            &old.0,
            old.1,
            half.part,
            half.partition,
            half.to_bytes(),
            half.records.len()
        ];
        tx.run("inbox.put_divided", args).await?;
    }
    let keys = inbox::keys(std::iter::once((old.0.as_str(), old.1)));
    tx.rows("inbox.take", crate::args![keys]).await?;
    tx.commit().await?;
    let [first, second] = halves;
    Ok(vec![(vec![second], 0), (vec![first], 0)])
}

async fn quarantine(core: &Core, bundle: &Bundle, error: &StoreError) -> Result<(), StoreError> {
    let (envelope, records) = (&bundle.envelope, bundle.records.len());
    let cause = error.to_string();
    tracing::error!(%cause, envelope, part = bundle.part, records, "put into quarantine");
    let detail: String = cause.chars().take(300).collect();
    let record = bundle.records.first();
    let place = record.map_or_else(Place::default, |r| Place {
        line: r.line,
        record: r.number,
        case_no: r.head.case_no.to_string(),
        element: Some(r.element),
        ..Place::default()
    });
    let at = record.map_or((0, 0), |r| (i64::from(r.head.item), i64::from(r.number)));
    let finding = Finding::new(transport::QUARANTINED, place)
        .with("records", records)
        .with("detail", &detail);
    let mut tx = core.store.begin().await?;
    let args = crate::args![envelope, bundle.part, core.now_ms(), detail];
    if tx.run("inbox.quarantine", args).await? > 0 {
        let keys = inbox::keys(std::iter::once((envelope.as_str(), bundle.part)));
        tx.rows("inbox.take", crate::args![keys]).await?;
        let row = finding_row(envelope, ORD + (at.0 << 32) + at.1, at, &finding);
        let rows = serde_json::Value::Array(vec![row]).to_string();
        tx.run("envelopes.add_findings", crate::args![rows]).await?;
    }
    tx.commit().await
}
