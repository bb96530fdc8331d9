//! What became of all lots of one source: the receipts that the outbox keeps, page by page. Refuses to
//! change anything.

use super::{Outbox, OutboxError, Unsettled};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use std::path::Path;

/// Receipts opened at a time: bounds memory, whatever the source has sent.
const PAGE: i64 = 100;

/// What of a source is on its way, and what was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Parcels without a receipt.
    pub waiting: u64,
    /// Their bytes on the disk.
    pub bytes: u64,
    /// When the oldest of them was packed, milliseconds.
    pub since_ms: Option<i64>,
    /// Receipts that are kept.
    pub receipts: u64,
    /// When the last one came, milliseconds.
    pub last_receipt_ms: Option<i64>,
    /// What went wrong with the oldest parcel that was tried in vain, or whose receipt cannot be given back.
    pub fault: Option<String>,
    /// Parcels that were refused, wholly or partly, as far as their receipts are kept.
    pub refused: u64,
    /// Records that were rejected in them.
    pub rejected: u64,
    /// Parcels that were set aside: the hub can never take them.
    pub aside: u64,
    /// When the last of them was, milliseconds, and why.
    pub last_aside: Option<(i64, String)>,
}

impl Outbox {
    /// What of the source is on its way, and what was answered.
    ///
    /// # Errors
    /// [`OutboxError::Database`].
    pub async fn traffic(&self, source: &str) -> Result<Traffic, OutboxError> {
        traffic(&self.pool, source).await
    }

    /// The same of an outbox file that another process may work on: it is read and not changed. `None` where there
    /// is no file.
    ///
    /// # Errors
    /// [`OutboxError::Database`], also where the file has the shape of an older version.
    pub async fn traffic_of(file: &Path, source: &str) -> Result<Option<Traffic>, OutboxError> {
        if !file.exists() {
            return Ok(None);
        }
        let options = SqliteConnectOptions::new().filename(file).read_only(true);
        let pool = SqlitePool::connect_with(options).await?;
        let found = traffic(&pool, source).await;
        pool.close().await;
        found.map(Some)
    }

    /// Hands the receipts of the source's settled lots behind a sequence to `take`, in the order of
    /// packing: the completion receipt where there is one, else that of admission; and its sequence
    /// where it is complete.
    ///
    /// # Errors
    /// [`OutboxError`].
    pub async fn each_receipt(
        &self,
        source: &str,
        mut after: i64,
        take: &mut (dyn FnMut(Unsettled, Option<i64>) + Send),
    ) -> Result<(), OutboxError> {
        loop {
            let rows: Vec<(i64, String, Vec<u8>, bool, i64)> = sqlx::query_as(
                "select parcel, lot_key, coalesce(completion, receipt), completion is not null,
                 sequence from parcel
                 where source = $1 and state = 'settled' and sequence > $2 order by sequence limit $3",
            )
            .bind(source)
            .bind(after)
            .bind(PAGE)
            .fetch_all(&self.pool)
            .await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = last.4;
            for (parcel, key, sealed, complete, sequence) in rows {
                let opened = self.open_receipts(vec![(parcel, key, sealed)])?;
                let at = complete.then_some(sequence);
                opened.into_iter().for_each(|one| take(one, at));
            }
        }
    }

    /// The source's lots that are not settled, or settled without a completion receipt.
    ///
    /// # Errors
    /// [`OutboxError::Database`].
    pub async fn unfinished(&self, source: &str) -> Result<u64, OutboxError> {
        let open: i64 = sqlx::query_scalar(
            "select count(*) from parcel
             where source = $1 and (state <> 'settled' or completion is null)",
        )
        .bind(source)
        .fetch_one(&self.pool)
        .await?;
        Ok(u64::try_from(open).unwrap_or(0))
    }

    /// The highest number `n` among the sources named `base#n` that have a position here; 0 where
    /// there is none.
    ///
    /// # Errors
    /// [`OutboxError::Database`].
    pub async fn last_run(&self, base: &str) -> Result<u32, OutboxError> {
        let prefix = format!("{base}#");
        let last: i64 = sqlx::query_scalar(
            "select coalesce(max(cast(substr(source, length($1) + 1) as integer)), 0)
             from source_position where substr(source, 1, length($1)) = $1",
        )
        .bind(prefix)
        .fetch_one(&self.pool)
        .await?;
        Ok(u32::try_from(last).unwrap_or(0))
    }
}

async fn traffic(pool: &SqlitePool, source: &str) -> Result<Traffic, OutboxError> {
    type Row = (i64, i64, Option<i64>, i64, Option<i64>, i64, i64, i64);
    let row: Row = sqlx::query_as(
        "select count(*) filter (where state in ('queued', 'sent')),
         coalesce(sum(wire_bytes) filter (where state in ('queued', 'sent')), 0),
         min(packed_at) filter (where state in ('queued', 'sent')), count(receipt),
         max(receipted_at),
         count(*) filter (where verdict in ('partly', 'refused')), coalesce(sum(rejected), 0),
         count(*) filter (where aside = 1) from parcel where source = $1",
    )
    .bind(source)
    .fetch_one(pool)
    .await?;
    let aside: Option<(i64, Option<String>)> = sqlx::query_as(
        "select receipted_at, fault from parcel where source = $1 and aside = 1
         order by receipted_at desc, sequence desc limit 1",
    )
    .bind(source)
    .fetch_optional(pool)
    .await?;
    let fault: Option<String> = sqlx::query_scalar(
        "select fault from parcel where source = $1 and fault is not null and aside = 0
         and state in ('sent', 'receipted') order by sequence limit 1",
    )
    .bind(source)
    .fetch_optional(pool)
    .await?;
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    Ok(Traffic {
        waiting: count(row.0),
        bytes: count(row.1),
        since_ms: row.2,
        receipts: count(row.3),
        last_receipt_ms: row.4,
        refused: count(row.5),
        rejected: count(row.6),
        aside: count(row.7),
        last_aside: aside.map(|(at, why)| (at, why.unwrap_or_default())),
        fault,
    })
}
