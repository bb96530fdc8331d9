//! Another number of partitions than before: what waits in the inbox is divided anew, before anything is
//! passed, so that no bundle waits in a queue without a reader and no case is ordered by two workers. Refuses
//! to run while a hub works with the old number (`store/claim.rs`).

use crate::bundle::{Bundle, partition_of};
use crate::store::engine::{Store, StoreError, Tx};
use std::collections::BTreeMap;

/// Parts made by one change of the number stand above all earlier ones: a number of a part is never given twice
/// within an envelope, whatever copies of old bundles a broker still holds.
const CHANGE_PARTS: i64 = 1_000_000_000_000;

/// Divides what waits for `partitions`, where it was divided for another number.
///
/// # Errors
/// The store; then nothing is changed.
pub async fn repartition(store: &Store, partitions: u32) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    let row = tx.rows("inbox.partitions", Vec::new()).await?;
    let (before, changes) = row.first().map_or((0, 0), |r| (r.int(0), r.int(1)));
    if before == i64::from(partitions) {
        return Ok(());
    }
    let change = changes + 1;
    let mut divided = 0;
    let mut next = change * CHANGE_PARTS;
    for key in tx.rows("inbox.keys", Vec::new()).await? {
        divided += divide(&mut tx, (key.int(0), key.int(1)), partitions, &mut next).await?;
    }
    let args = crate::args![partitions, change];
    tx.run("inbox.set_partitions", args).await?;
    tx.commit().await?;
    if before > 0 {
        tracing::warn!(
            before,
            partitions,
            divided,
            "another number of partitions; what waits was divided anew"
        );
    }
    Ok(())
}

/// Puts new bundles in the place of one; gives how many.
async fn divide(
    tx: &mut Tx,
    (envelope_no, part): (i64, i64),
    partitions: u32,
    next: &mut i64,
) -> Result<u64, StoreError> {
    let rows = tx
        .rows("inbox.bundle", crate::args![envelope_no, part])
        .await?;
    // What cannot be read stays as it is; ingest says so.
    let Some(bundle) = rows.first().and_then(|r| Bundle::parse(r.bytes(0)).ok()) else {
        return Ok(0);
    };
    let mut by_partition: BTreeMap<u32, Vec<_>> = BTreeMap::new();
    for record in bundle.records {
        let partition = partition_of(&record.head.space, &record.head.case_no, partitions);
        by_partition.entry(partition).or_default().push(record);
    }
    let made = by_partition.len() as u64;
    for (partition, records) in by_partition {
        *next += 1;
        let count = records.len();
        let new = Bundle {
            day: bundle.day.clone(),
            records,
        };
        let args = crate::args![envelope_no, part, *next, partition, new.to_bytes(), count];
        tx.run("inbox.put_divided", args).await?;
    }
    let keys = crate::inbox::keys(std::iter::once((envelope_no, part)));
    tx.run("inbox.drop", crate::args![keys]).await?;
    Ok(made)
}
