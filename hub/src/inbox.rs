//! The inbox: what is admitted and not yet ingested. The sweep passes again what no ingest has taken (a
//! wiped broker, a process that died between commit and publish).

use crate::core::Core;
use crate::store::engine::{Store, StoreError};

/// Age after which a bundle that nobody took is passed again, in milliseconds: longer than any healthy
/// ingest takes.
pub const STALE_MS: i64 = 60_000;
/// Bundles of one round of the sweep that the bus has confirmed already: most are in its queues still.
pub(crate) const ROUND: i64 = 200;

/// Keys of bundles as the JSON argument of the inbox statements.
pub fn keys(parts: impl Iterator<Item = (i64, i64)>) -> String {
    let list: Vec<serde_json::Value> = parts
        .map(|(e, p)| serde_json::json!({"e": e, "p": p}))
        .collect();
    serde_json::Value::Array(list).to_string()
}

/// The sweep: bundles that have been waiting since `before_ms` or longer are passed again, behind this
/// call. Ingest takes each only once, however often it is published.
pub fn sweep(core: &Core, before_ms: i64) {
    core.passing.waiting(before_ms);
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

/// What stands in quarantine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quarantine {
    /// Bundles.
    pub bundles: u64,
    /// Their records; in the ledger they are pending.
    pub records: u64,
    /// Why, of the newest.
    pub cause: String,
}

/// What stands in quarantine.
///
/// # Errors
/// The store.
pub async fn quarantined(store: &Store) -> Result<Quarantine, StoreError> {
    let row = store.row("inbox.quarantined", Vec::new()).await?;
    Ok(row.map_or_else(Quarantine::default, |r| Quarantine {
        bundles: r.count(0),
        records: r.count(1),
        cause: r.text(2).to_owned(),
    }))
}

/// Lets what stands in quarantine be tried once more; gives how many bundles. At the start of a hub: its
/// version may be one that takes them.
///
/// # Errors
/// The store.
pub async fn release(core: &Core) -> Result<u64, StoreError> {
    let mut tx = core.store.begin().await?;
    tx.run("inbox.release_findings", Vec::new()).await?;
    tx.run("inbox.release", crate::args![core.now_ms()]).await?;
    let freed = tx.run("inbox.released", Vec::new()).await?;
    tx.commit().await?;
    Ok(freed)
}
