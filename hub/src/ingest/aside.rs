//! A bundle that the tables do not take: it is parted in two, and a single record goes into quarantine with its
//! cause. Refuses to lose one: its records stay pending in the ledger.

use super::conflict::finding_row;
use crate::bundle::Bundle;
use crate::bus::Claim;
use crate::core::Core;
use crate::inbox;
use crate::store::engine::StoreError;
use tongcha_schema::code::transport;
use tongcha_schema::finding::{Finding, Place};

/// Where the findings of quarantine begin in an envelope's list: behind those of conflicts.
const ORD: i64 = 1 << 52;
/// Parts of parted bundles stand above all others; each number is given once.
const PARTED: i64 = 1_000_000_000_000_000;

/// Parts a bundle, in the inbox too; gives its halves, the second one first. One of a single record, or one that
/// cannot be read, is put aside.
///
/// # Errors
/// The store; then nothing is changed.
pub(super) async fn part(
    core: &Core,
    claim: Claim,
    error: &StoreError,
) -> Result<Vec<(Vec<Claim>, u32)>, StoreError> {
    let key = (claim.envelope_no, claim.part);
    let row = core.store.row("inbox.bundle", crate::args![key.0, key.1]);
    // Gone meanwhile: another worker took it.
    let Some(row) = row.await? else {
        return Ok(Vec::new());
    };
    let bundle = Bundle::parse(row.bytes(0)).ok();
    let Some(mut bundle) = bundle.filter(|b| b.records.len() > 1) else {
        let bundle = Bundle::parse(row.bytes(0)).ok();
        quarantine(core, claim, bundle, error).await?;
        return Ok(Vec::new());
    };
    let second = Bundle {
        records: bundle.records.split_off(bundle.records.len() / 2),
        day: bundle.day.clone(),
    };
    let mut tx = core.store.begin().await?;
    let mut halves = Vec::new();
    for half in [bundle, second] {
        let next = tx.rows("nodes.next", crate::args!["parts.parted"]).await?;
        let part = PARTED + next.first().map_or(1, |r| r.int(0));
        let (partition, count) = (claim.partition, half.records.len());
        let args = crate::args![key.0, key.1, part, partition, half.to_bytes(), count];
        tx.run("inbox.put_divided", args).await?;
        halves.insert(0, (vec![Claim { part, ..claim }], 0));
    }
    let keys = inbox::keys(std::iter::once(key));
    tx.run("inbox.drop", crate::args![keys]).await?;
    tx.commit().await?;
    Ok(halves)
}

async fn quarantine(
    core: &Core,
    claim: Claim,
    bundle: Option<Bundle>,
    error: &StoreError,
) -> Result<(), StoreError> {
    let (no, part) = (claim.envelope_no, claim.part);
    let records = bundle.as_ref().map_or(0, |b| b.records.len());
    let cause = error.to_string();
    tracing::error!(%cause, envelope_no = no, part, records, "put into quarantine");
    let detail: String = cause.chars().take(300).collect();
    let record = bundle.as_ref().and_then(|b| b.records.first());
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
    let args = crate::args![no, part, core.now_ms(), detail];
    if tx.run("inbox.quarantine", args).await? > 0 {
        let keys = inbox::keys(std::iter::once((no, part)));
        tx.run("inbox.drop", crate::args![keys]).await?;
        let named = tx.rows("envelopes.of_no", crate::args![no]).await?;
        let envelope = named.first().map_or("", |row| row.text(0));
        let row = finding_row(envelope, ORD + (at.0 << 32) + at.1, at, &finding);
        let rows = serde_json::Value::Array(vec![row]).to_string();
        tx.run("envelopes.add_findings", crate::args![rows]).await?;
    }
    tx.commit().await
}
