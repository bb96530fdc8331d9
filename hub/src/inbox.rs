//! The inbox: what is admitted and not yet ingested. The sweep publishes again what no ingest has
//! taken (a wiped broker, a process that died between commit and publish).

use crate::core::Core;
use crate::gate::{Part, pass};
use crate::store::engine::StoreError;

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

/// The sweep: publishes bundles again that have been waiting since `before_ms` or longer; gives how
/// many. Ingest takes each only once, however often it is published.
///
/// # Errors
/// The store.
pub async fn sweep(core: &Core, before_ms: i64) -> Result<usize, StoreError> {
    let rows = core
        .store
        .rows("inbox.stale", crate::args![before_ms, ROUND])
        .await?;
    let mut total = 0;
    for row in rows {
        let part = Part {
            envelope: row.text(0).to_owned(),
            part: row.int(1),
            partition: u32::try_from(row.int(2)).unwrap_or(0),
            payload: row.bytes(3).to_vec(),
        };
        pass(core, vec![part]).await;
        total += 1;
    }
    Ok(total)
}

/// Bundles and records that wait.
///
/// # Errors
/// The store.
pub async fn waiting(core: &Core) -> Result<(u64, u64), StoreError> {
    let row = core.store.row("inbox.waiting", Vec::new()).await?;
    Ok(row.map_or((0, 0), |r| (r.count(0), r.count(1))))
}

/// Whether more bundles wait than the hub holds.
///
/// # Errors
/// The store.
pub async fn over(core: &Core) -> Result<bool, StoreError> {
    let most = core.intake.most_waiting;
    let row = core.door.row("inbox.over", crate::args![most]).await?;
    Ok(row.is_some())
}
