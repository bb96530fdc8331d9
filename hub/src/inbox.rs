//! The inbox: what is admitted and not yet ingested. The sweep publishes again what no ingest has
//! taken (a wiped broker, a process that died between commit and publish).

use crate::core::Core;
use crate::gate::{Part, pass};
use crate::store::engine::StoreError;
use crate::store::row::Row;

/// Age after which a bundle that nobody took is published again, in milliseconds: longer than any
/// healthy ingest takes.
pub const STALE_MS: i64 = 60_000;
/// Bundles of one round of the sweep.
const ROUND: i64 = 200;

/// Keys of bundles as the JSON argument of the inbox statements.
pub fn keys<'a>(parts: impl Iterator<Item = (&'a str, i64)>) -> String {
    let list: Vec<serde_json::Value> = parts
        .map(|(e, p)| serde_json::json!({"e": e, "p": p}))
        .collect();
    serde_json::Value::Array(list).to_string()
}

/// Of new bundles those that may go to the bus at once. Where older bundles of the same node still wait
/// for a durable bus in a partition, the newer ones wait behind them for the sweep: a source that
/// numbers no versions is numbered by arrival, so its records must not overtake each other.
pub async fn in_order(core: &Core, node: &str, envelope: &str, parts: Vec<Part>) -> Vec<Part> {
    if !core.bus.is_durable() || parts.is_empty() {
        return parts;
    }
    match core
        .store
        .rows("inbox.held", crate::args![node, envelope])
        .await
    {
        Ok(rows) => {
            let held: Vec<i64> = rows.iter().map(|r| r.int(0)).collect();
            let free = |p: &Part| !held.contains(&i64::from(p.partition));
            parts.into_iter().filter(free).collect()
        }
        Err(error) => {
            tracing::warn!(%error, "the inbox cannot be asked; the sweep passes these bundles");
            Vec::new()
        }
    }
}

/// The sweep: publishes bundles again that have been waiting since `before_ms` or longer; gives how
/// many. Ingest takes each only once, however often it is published.
///
/// # Errors
/// The store.
pub async fn sweep(core: &Core, before_ms: i64) -> Result<usize, StoreError> {
    let mut total = 0;
    loop {
        let rows = core
            .store
            .rows("inbox.stale", crate::args![before_ms, ROUND])
            .await?;
        let full = i64::try_from(rows.len()) == Ok(ROUND);
        let (passed, all) = pass_each(core, rows).await;
        total += passed;
        // What a durable bus took is no longer stale; in process it stays so until it is ingested.
        if !full || !all || !core.bus.is_durable() || before_ms == i64::MAX {
            return Ok(total);
        }
    }
}

/// Passes bundles one by one, and stops where the bus does not take one; gives how many it took, and
/// whether all.
async fn pass_each(core: &Core, rows: Vec<Row>) -> (usize, bool) {
    let mut total = 0;
    for row in rows {
        let part = Part {
            envelope: row.text(0).to_owned(),
            part: row.int(1),
            partition: u32::try_from(row.int(2)).unwrap_or(0),
            payload: row.bytes(3).to_vec(),
        };
        if !pass(core, vec![part]).await {
            // What comes after it would overtake it.
            return (total, false);
        }
        total += 1;
    }
    (total, true)
}

/// Bundles and records that wait.
///
/// # Errors
/// The store.
pub async fn waiting(core: &Core) -> Result<(u64, u64), StoreError> {
    let row = core.store.row("inbox.waiting", Vec::new()).await?;
    Ok(row.map_or((0, 0), |r| (r.count(0), r.count(1))))
}
