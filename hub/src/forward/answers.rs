//! What the hub above answers for a lot, batch by batch: stored, or held with its cause. A batch's bytes
//! are erased by nobody here. Refuses to ask.

use crate::core::Core;
use crate::store::engine::StoreError;
use crate::store::row::Row;
use time::OffsetDateTime;
use tongcha_schema::clock::from_unix_ms;
use tongcha_schema::code::transport;
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::receipt::{ItemReceipt, Receipt, Verdict};

/// A batch that is held.
#[derive(Clone, Debug)]
pub struct Held {
    /// Its number.
    pub batch: u64,
    /// Its records.
    pub records: u64,
    /// Of them stored above nevertheless.
    pub stored_above: u64,
    /// When the hub above answered last.
    pub at: OffsetDateTime,
    /// Why, where it is known.
    pub cause: Option<Finding>,
}

/// The batches that are held, the oldest first, at most so many.
///
/// # Errors
/// The store.
pub async fn held(store: &crate::store::engine::Store, most: i64) -> Result<Vec<Held>, StoreError> {
    let rows = store.rows("forward.held", crate::args![most]).await?;
    let held = rows.iter().map(|row| Held {
        batch: row.count(0),
        records: row.count(1),
        stored_above: row.count(2),
        at: from_unix_ms(row.opt_int(3).unwrap_or_default()),
        cause: serde_json::from_str(row.text(4)).ok(),
    });
    Ok(held.collect())
}

/// The answer at the door of the hub above. What is decided already is noted; what is pending there waits
/// for its completion receipt. A lot that no batch is in is of a database that was replaced by a copy.
///
/// # Errors
/// The store.
pub(super) async fn admitted(core: &Core, lot: &str, receipt: &Receipt) -> Result<(), StoreError> {
    if receipt.completed_at.is_some() || receipt.counts.pending == 0 {
        return decided(core, lot, receipt).await;
    }
    let args = crate::args![lot, &receipt.envelope, &receipt.number, core.now_ms()];
    core.store.run("forward.answered", args).await.map(|_| ())
}

/// Everything of the lot is decided above: each batch is stored there, or it goes alone, or is held.
///
/// # Errors
/// The store; then nothing was noted.
pub(super) async fn decided(core: &Core, lot: &str, receipt: &Receipt) -> Result<(), StoreError> {
    let mut tx = core.store.begin().await?;
    let rows = tx.rows("forward.lot", crate::args![lot]).await?;
    let alone = rows.len() == 1;
    for row in &rows {
        let item = usize::try_from(row.int(1)).unwrap_or(usize::MAX);
        let item = receipt.items.get(item);
        let records = row.count(2);
        if let Some(stored) = item.and_then(|i| whole(i, records)) {
            let args = crate::args![
                row.int(0),
                stored,
                &receipt.envelope,
                &receipt.number,
                core.now_ms()
            ];
            tx.run("forward.stored", args).await?;
            continue;
        }
        // Of several that were refused as one nobody knows which is to blame.
        let state = if alone || item.is_some() {
            "held"
        } else {
            "waiting"
        };
        let stored = item.map_or(0, |i| i.received.saturating_sub(i.rejected).min(records));
        let cause = cause(row, item, stored, receipt);
        tracing::error!(
            batch = row.int(0),
            state,
            cause = %cause.cause_en(),
            "the hub above has refused a batch; it is kept"
        );
        let args = crate::args![
            row.int(0),
            state,
            stored,
            &receipt.envelope,
            &receipt.number,
            core.now_ms(),
            serde_json::to_string(&cause).unwrap_or_default()
        ];
        tx.run("forward.refused", args).await?;
    }
    tx.commit().await
}

/// The records stored above, or known there, where that is all of them.
fn whole(item: &ItemReceipt, records: u64) -> Option<u64> {
    let well = item.rejected == 0 && item.received == records;
    (well && item.verdict == Verdict::Accepted).then_some(records)
}

/// Why a batch is held, with what the hub above said first of it.
fn cause(row: &Row, item: Option<&ItemReceipt>, stored: u64, receipt: &Receipt) -> Finding {
    let of_item = |f: &&Finding| item.is_none_or(|i| f.place.file == i.name);
    let first = receipt.findings.iter().find(of_item);
    let first = first.or(receipt.findings.first());
    let (zh, en) = first.map_or_else(
        || ("未说明".to_owned(), "no reason given".to_owned()),
        |f| {
            (
                format!("{} {}", f.code, f.cause_zh()),
                format!("{} {}", f.code, f.cause_en()),
            )
        },
    );
    let place = Place {
        file: item.map(|i| i.name.clone()).unwrap_or_default(),
        ..Place::default()
    };
    Finding::new(transport::BATCH_HELD, place)
        .with("batch", row.int(0))
        .with("records", row.int(2))
        .with("rejected", row.count(2).saturating_sub(stored))
        .with("why_zh", zh)
        .with("why_en", en)
}
