//! The counts of a batch: the ledger, the envelopes, their elements and items; and refusals that are answered.
//! Refuses to decide.

use super::decide::{Counts, Decided};
use crate::store::engine::{StoreError, Tx};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use tongcha_schema::clock::unix_ms;

/// Writes the counts; gives how many records were stored.
///
/// # Errors
/// The store.
pub(super) async fn write(tx: &mut Tx, decided: &Decided, now_ms: i64) -> Result<u64, StoreError> {
    move_ledger(tx, &decided.ledger).await?;
    settle_envelopes(tx, &decided.envelopes, &decided.items, now_ms).await?;
    let stored: i64 = decided.envelopes.values().map(|counts| counts[0]).sum();
    Ok(u64::try_from(stored).unwrap_or(0))
}

/// Pending records of the ledger became stored, rejected or duplicate.
async fn move_ledger(
    tx: &mut Tx,
    ledger: &BTreeMap<(Box<str>, &'static str, String), Counts>,
) -> Result<(), StoreError> {
    let lines: Vec<serde_json::Value> = ledger
        .iter()
        .map(|((source, element, day), [stored, rejected, duplicate])| {
            serde_json::json!({"source": source, "element": element, "day": day, "stored": stored,
                "rejected": rejected, "duplicate": duplicate})
        })
        .collect();
    let lines = serde_json::Value::Array(lines).to_string();
    tx.run("ledger.move", crate::args![lines]).await?;
    Ok(())
}

/// Counts of the envelopes and their elements; what has nothing pending any more is complete.
async fn settle_envelopes(
    tx: &mut Tx,
    decided: &BTreeMap<(Box<str>, &'static str), Counts>,
    items: &BTreeMap<(Box<str>, u32), [i64; 2]>,
    now_ms: i64,
) -> Result<(), StoreError> {
    let mut envelopes: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut lines = Vec::with_capacity(decided.len());
    for ((envelope, element), counts @ [stored, rejected, duplicate]) in decided {
        let sums = envelopes.entry(envelope).or_default();
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += count;
        }
        lines.push(
            serde_json::json!({"envelope": envelope, "element": element, "stored": stored,
            "rejected": rejected, "duplicate": duplicate}),
        );
    }
    let lines = serde_json::Value::Array(lines).to_string();
    // In order, and the envelope's own row first: two workers never wait for each other in a ring.
    for (envelope, [stored, rejected, duplicate]) in &envelopes {
        tx.run(
            "envelopes.settle",
            crate::args![*envelope, *stored, *rejected, *duplicate],
        )
        .await?;
    }
    tx.run("envelopes.move_counts", crate::args![lines]).await?;
    if !items.is_empty() {
        let lines = items
            .iter()
            .map(|((envelope, item), [duplicate, conflicted])| {
                serde_json::json!({"envelope": envelope, "item": item, "duplicate": duplicate,
                "conflicted": conflicted})
            });
        let lines = serde_json::Value::Array(lines.collect()).to_string();
        tx.run("envelopes.move_items", crate::args![lines]).await?;
    }
    for envelope in envelopes.keys() {
        tx.run("envelopes.complete", crate::args![*envelope, now_ms])
            .await?;
    }
    Ok(())
}

/// A record that comes again is accepted: it answers an earlier refusal of its element, and the watch hears
/// of it. Refusals are few, so they are asked for first.
pub(super) async fn answer_refusals(
    tx: &mut Tx,
    again: &BTreeMap<(String, String, &'static str), OffsetDateTime>,
) -> Result<(), StoreError> {
    if again.is_empty() || tx.rows("refusals.any", Vec::new()).await?.is_empty() {
        return Ok(());
    }
    let lines = again.iter().map(|((space, case_no, element), arrived)| {
        serde_json::json!({"space": space, "case_no": case_no, "element": element,
            "at_ms": unix_ms(*arrived)})
    });
    let lines = serde_json::Value::Array(lines.collect()).to_string();
    tx.run("refusals.answer", crate::args![lines]).await?;
    Ok(())
}
