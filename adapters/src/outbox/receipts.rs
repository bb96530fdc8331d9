//! Receipts in the outbox: kept with their parcel, handed to the source, asked for. Refuses to touch a
//! parcel that is still under way except to close it.

use super::{LONGEST_WAIT, Outbox, OutboxError};
use time::OffsetDateTime;
use tongcha_schema::clock::unix_ms;
use tongcha_schema::code::{Code, transport};
use tongcha_schema::finding::Finding;
use tongcha_schema::id::EnvelopeId;
use tongcha_schema::limits::RECEIPT_FINDINGS;
use tongcha_schema::receipt::Receipt;

/// A parcel with a receipt that its source does not know of yet.
#[derive(Clone, Debug)]
pub struct Unsettled {
    /// Number of the parcel in this file.
    pub parcel: i64,
    /// The lot's key within its source.
    pub lot_key: String,
    /// The receipt: of admission, or of completion.
    pub receipt: Receipt,
    /// How often the source could not take it.
    pub tries: u32,
}

/// What only this machine can say of a lot; everything else the hub finds by itself.
const OWN: [Code; 10] = [
    transport::ARCHIVE_UNOPENED,
    transport::SHEET_LEFT_OUT,
    transport::WATERMARK_AHEAD,
    transport::WATERMARK_BEHIND,
    transport::LOADED_ANEW,
    transport::WATERMARK_ABSENT,
    transport::OTHER_CHARSET,
    transport::CHANGES_LOST,
    transport::CHANGED_AFTER_READING,
    transport::ENTRY_LEFT_OUT,
];

impl Outbox {
    /// The hub's receipt with what this machine noticed when it packed the lot: an archive that it did not
    /// open, sheets and entries that it left out, a file that comes again because it was changed, rows of a
    /// table that do not fit its position.
    ///
    /// # Errors
    /// [`OutboxError`].
    pub async fn with_own(
        &self,
        parcel: i64,
        mut receipt: Receipt,
    ) -> Result<Receipt, OutboxError> {
        let sealed: Option<Vec<u8>> =
            sqlx::query_scalar("select findings from parcel where parcel = $1")
                .bind(parcel)
                .fetch_optional(&self.pool)
                .await?
                .flatten();
        let Some(sealed) = sealed else {
            return Ok(receipt);
        };
        let what = "what was noticed of a lot";
        let json = self.unseal("outbox/findings", &sealed, what)?;
        let noticed: Vec<Finding> =
            serde_json::from_slice(&json).map_err(|_| OutboxError::Sealed { what })?;
        let own = noticed.into_iter().filter(|f| OWN.contains(&f.code));
        let room = RECEIPT_FINDINGS.saturating_sub(receipt.findings.len());
        receipt.findings.extend(own.take(room));
        Ok(receipt)
    }

    /// Keeps the admission receipt of a parcel.
    ///
    /// # Errors
    /// [`OutboxError::Database`].
    pub async fn note_receipt(
        &self,
        parcel: i64,
        receipt: &Receipt,
        now: OffsetDateTime,
    ) -> Result<(), OutboxError> {
        let sealed = self.seal_receipt(parcel, receipt);
        sqlx::query(
            "update parcel set state = 'receipted', receipt = $2, receipted_at = $3, number = $4,
             verdict = $5, rejected = $6, fault = null, tries = 0, not_before = 0
             where parcel = $1 and state in ('queued', 'sent')",
        )
        .bind(parcel)
        .bind(sealed)
        .bind(unix_ms(now))
        .bind(&receipt.number)
        .bind(receipt.verdict.name())
        .bind(i64::try_from(receipt.counts.rejected).unwrap_or(i64::MAX))
        .execute(&self.pool)
        .await?;
        self.changed();
        Ok(())
    }

    /// Parcels of the source whose receipt has come and may be handed to the source at `now`, in the order of
    /// packing behind the sequence `after`, with that sequence: a page of at most 100.
    ///
    /// # Errors
    /// [`OutboxError`].
    pub async fn unsettled(
        &self,
        source: &str,
        now: OffsetDateTime,
        after: i64,
    ) -> Result<Vec<(i64, Unsettled)>, OutboxError> {
        let rows: Vec<(i64, i64, u32, String, Vec<u8>)> = sqlx::query_as(
            "select sequence, parcel, tries, lot_key, receipt from parcel
             where source = $1 and state = 'receipted' and sequence > $3
             and (not_before <= $2 or not_before > $4) order by sequence limit 100",
        )
        .bind(source)
        .bind(unix_ms(now))
        .bind(after)
        .bind(unix_ms(now + LONGEST_WAIT))
        .fetch_all(&self.pool)
        .await?;
        let mut page = Vec::new();
        for (sequence, parcel, tries, key, sealed) in rows {
            let opened = self.open_receipts(vec![(parcel, key, sealed)])?;
            page.extend(
                opened
                    .into_iter()
                    .map(|one| (sequence, Unsettled { tries, ..one })),
            );
        }
        Ok(page)
    }

    /// Notes that the source could not be handed the receipt: again from `not_before` on.
    ///
    /// # Errors
    /// [`OutboxError::Database`].
    pub async fn note_unsettled(
        &self,
        parcel: i64,
        not_before: OffsetDateTime,
        fault: &str,
    ) -> Result<(), OutboxError> {
        sqlx::query(
            "update parcel set tries = tries + 1, not_before = $2, fault = $3
             where parcel = $1 and state = 'receipted'",
        )
        .bind(parcel)
        .bind(unix_ms(not_before))
        .bind(fault.chars().take(500).collect::<String>())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Keys of the source's lots that are packed and not settled, in no order.
    ///
    /// # Errors
    /// [`OutboxError::Database`].
    pub async fn in_flight(&self, source: &str) -> Result<Vec<String>, OutboxError> {
        // A lot that was being packed when that failed is offered again.
        let keys = "select lot_key from parcel
                    where source = $1 and state not in ('packing', 'settled')";
        Ok(sqlx::query_scalar(keys)
            .bind(source)
            .fetch_all(&self.pool)
            .await?)
    }

    /// Notes that the source knows the receipt: the bytes and the secret of their key are
    /// dropped, the receipt stays. What was set aside keeps its bytes.
    ///
    /// # Errors
    /// [`OutboxError::Database`].
    pub async fn note_settled(&self, parcel: i64, now: OffsetDateTime) -> Result<(), OutboxError> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        sqlx::query(
            "update parcel set state = 'settled', settled_at = $2, secret = null, fault = case
             aside when 1 then fault end, tries = 0, not_before = 0 where parcel = $1",
        )
        .bind(parcel)
        .bind(unix_ms(now))
        .execute(&mut *tx)
        .await?;
        let drop = "delete from chunk where parcel = $1
                    and not exists (select 1 from parcel where parcel = $1 and aside = 1)";
        sqlx::query(drop).bind(parcel).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Settled parcels of the source without a completion receipt, oldest first: (parcel, lot key,
    /// receipt number), those receipted at or before `until`.
    ///
    /// # Errors
    /// [`OutboxError::Database`].
    pub async fn incomplete(
        &self,
        source: &str,
        until: OffsetDateTime,
        most: u32,
    ) -> Result<Vec<(i64, String, String)>, OutboxError> {
        Ok(sqlx::query_as(
            "select parcel, lot_key, number from parcel where source = $1 and state = 'settled'
             and completion is null and not_before <= $2 and receipted_at <= $2
             order by not_before, sequence limit $3",
        )
        .bind(source)
        .bind(unix_ms(until))
        .bind(most)
        .fetch_all(&self.pool)
        .await?)
    }

    /// Asks again for the completion receipt only from `not_before` on.
    ///
    /// # Errors
    /// [`OutboxError::Database`].
    pub async fn defer_completion(
        &self,
        parcel: i64,
        not_before: OffsetDateTime,
    ) -> Result<(), OutboxError> {
        sqlx::query("update parcel set not_before = $2 where parcel = $1 and state = 'settled'")
            .bind(parcel)
            .bind(unix_ms(not_before))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Keeps the completion receipt of a settled parcel.
    ///
    /// # Errors
    /// [`OutboxError::Database`].
    pub async fn note_completion(&self, parcel: i64, receipt: &Receipt) -> Result<(), OutboxError> {
        let note =
            "update parcel set completion = $2, verdict = $3, rejected = $4 where parcel = $1";
        sqlx::query(note)
            .bind(parcel)
            .bind(self.seal_receipt(parcel, receipt))
            .bind(receipt.verdict.name())
            .bind(i64::try_from(receipt.counts.rejected).unwrap_or(i64::MAX))
            .execute(&self.pool)
            .await?;
        self.changed();
        Ok(())
    }

    /// The newest receipt for an envelope of this outbox: completion before admission; `None` where
    /// none has come, or the envelope is unknown.
    ///
    /// # Errors
    /// [`OutboxError`].
    pub async fn receipt_of(&self, id: &EnvelopeId) -> Result<Option<Receipt>, OutboxError> {
        if id.node != *self.node || id.epoch != self.epoch {
            return Ok(None);
        }
        let row: Option<(i64, String, Vec<u8>)> = sqlx::query_as(
            "select parcel, lot_key, coalesce(completion, receipt) from parcel
             where (sequence = $1 or first_sequence = $1) and receipt is not null",
        )
        .bind(i64::try_from(id.sequence).unwrap_or(0))
        .fetch_optional(&self.pool)
        .await?;
        let opened = self.open_receipts(row.into_iter().collect())?;
        Ok(opened.into_iter().next().map(|u| u.receipt))
    }

    /// Whether the envelope was packed here.
    ///
    /// # Errors
    /// [`OutboxError::Database`].
    pub async fn knows(&self, id: &EnvelopeId) -> Result<bool, OutboxError> {
        let known: i64 = sqlx::query_scalar(
            "select count(*) from parcel where $1 in (sequence, first_sequence)",
        )
        .bind(i64::try_from(id.sequence).unwrap_or(0))
        .fetch_one(&self.pool)
        .await?;
        Ok(known > 0 && id.node == *self.node && id.epoch == self.epoch)
    }

    pub(super) fn seal_receipt(&self, parcel: i64, receipt: &Receipt) -> Vec<u8> {
        // A receipt is texts, numbers and lists: it always serialises.
        let json = serde_json::to_vec(receipt).unwrap_or_default();
        self.sealed.seal(&format!("outbox/receipt/{parcel}"), &json)
    }

    pub(super) fn open_receipts(
        &self,
        rows: Vec<(i64, String, Vec<u8>)>,
    ) -> Result<Vec<Unsettled>, OutboxError> {
        rows.into_iter()
            .map(|(parcel, lot_key, sealed)| {
                let context = format!("outbox/receipt/{parcel}");
                let json = self.unseal(&context, &sealed, "a receipt")?;
                let receipt = serde_json::from_slice(&json)
                    .map_err(|_| OutboxError::Sealed { what: "a receipt" })?;
                Ok(Unsettled {
                    parcel,
                    lot_key,
                    receipt,
                    tries: 0,
                })
            })
            .collect()
    }
}
