//! How far forwarding has come, in figures. Refuses to change anything.

use crate::store::engine::{Store, StoreError};

/// How far forwarding has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Batches made.
    pub batches: u64,
    /// Records in them.
    pub records: u64,
    /// Batches that the upper hub has answered for, without a refusal.
    pub settled: u64,
    /// Records that the upper hub has stored or knew, by its completion receipts.
    pub stored_above: u64,
    /// Batches that the upper hub refused, whole or in part; they are kept.
    pub held: u64,
    /// Records of them that it has not stored.
    pub held_records: u64,
    /// When the oldest batch without an answer was made, milliseconds.
    pub waiting_since_ms: Option<i64>,
}

/// Reads how far forwarding has come.
///
/// # Errors
/// The store.
pub async fn progress(store: &Store) -> Result<Progress, StoreError> {
    let row = store.row("forward.tally", Vec::new()).await?;
    Ok(row.map_or_else(Progress::default, |r| Progress {
        batches: r.count(0),
        records: r.count(1),
        settled: r.count(2),
        stored_above: r.count(3),
        held: r.count(4),
        held_records: r.count(5),
        waiting_since_ms: r.opt_int(6),
    }))
}
