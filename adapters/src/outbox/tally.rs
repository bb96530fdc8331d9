//! What became of all lots of one source: the receipts that the outbox keeps, page by page. Refuses to
//! change anything.

use super::{Outbox, OutboxError, Unsettled};

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
    /// What went wrong with the parcel that was tried last.
    pub fault: Option<String>,
}

impl Outbox {
    /// What of the source is on its way, and what was answered.
    ///
    /// # Errors
    /// [`OutboxError::Database`].
    pub async fn traffic(&self, source: &str) -> Result<Traffic, OutboxError> {
        let depth = self.depth(Some(source)).await?;
        let (since_ms, receipts, last_receipt_ms) = sqlx::query_as(
            "select min(case when state in ('queued', 'sent') then packed_at end), count(receipt),
             max(receipted_at) from parcel where source = $1",
        )
        .bind(source)
        .fetch_one(&self.pool)
        .await
        .map(|row: (Option<i64>, i64, Option<i64>)| row)?;
        let fault = sqlx::query_scalar(
            "select fault from parcel where source = $1 and state = 'sent' order by sequence limit 1",
        );
        let fault: Option<Option<String>> = fault.bind(source).fetch_optional(&self.pool).await?;
        Ok(Traffic {
            waiting: depth.waiting,
            bytes: depth.bytes,
            since_ms,
            receipts: u64::try_from(receipts).unwrap_or(0),
            last_receipt_ms,
            fault: fault.flatten(),
        })
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
