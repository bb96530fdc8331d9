//! Parcels that the hub does not take as they are: packed anew under another number, or set aside with their
//! cause. Refuses to decide which (`agent/refusal.rs`), and to drop the bytes of what was set aside.

use super::{Outbox, OutboxError, Parcel, head_context, secret_context};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tongcha_schema::clock::{CHINA, unix_ms};
use tongcha_schema::envelope::Head;
use tongcha_schema::id::EnvelopeId;
use tongcha_schema::receipt::Receipt;

impl Outbox {
    /// Gives a parcel another number and the time of `now`: the hub has kept nothing of it under the old one.
    /// `ahead` is how far the numbers leap, at least 1. Its items stay as they are; a secret is made anew.
    ///
    /// # Errors
    /// [`OutboxError`]; then it is as it was.
    pub async fn renumber(
        &self,
        parcel: &Parcel,
        ahead: i64,
        now: OffsetDateTime,
    ) -> Result<EnvelopeId, OutboxError> {
        let mut head: Head = serde_json::from_slice(parcel.head())
            .map_err(|_| OutboxError::Sealed { what: "a head" })?;
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let sequence: i64 = sqlx::query_scalar(
            "update outbox set last_sequence = last_sequence + $1 returning last_sequence",
        )
        .bind(ahead.max(1))
        .fetch_one(&mut *tx)
        .await?;
        let id = self.envelope_id(sequence);
        head.id = id.clone();
        // Years 0 to 9999 always format.
        head.sent_at = now.to_offset(CHINA).format(&Rfc3339).unwrap_or_default();
        let mut secret = None;
        if head.secrecy.is_some() {
            let (recipient, randomness) = self.secrecy.as_ref().ok_or(OutboxError::NoKey)?;
            let fresh = randomness.secret().ok_or(OutboxError::NoKey)?;
            head.secrecy = Some(recipient.wrap(&fresh).ok_or(OutboxError::NoKey)?);
            secret = Some(self.sealed.seal(&secret_context(&id), &fresh));
        }
        sqlx::query(
            "update parcel set state = 'queued', first_sequence = coalesce(first_sequence, sequence),
             sequence = $2, head = $3, secret = $4, tries = tries + 1, not_before = $5
             where parcel = $1 and state in ('queued', 'sent')",
        )
        .bind(parcel.number())
        .bind(sequence)
        .bind(self.sealed.seal(&head_context(&id), &head.to_bytes()))
        .bind(secret)
        .bind(unix_ms(now))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Sets a parcel aside with a receipt that says why. Its source is told as of any receipt; the hub is not
    /// asked for another.
    ///
    /// # Errors
    /// [`OutboxError::Database`].
    pub async fn set_aside(
        &self,
        parcel: i64,
        receipt: &Receipt,
        now: OffsetDateTime,
    ) -> Result<(), OutboxError> {
        let sealed = self.seal_receipt(parcel, receipt);
        sqlx::query(
            "update parcel set state = 'receipted', receipt = $2, completion = $2, number = $3,
             receipted_at = $4, verdict = $5, aside = 1, tries = 0, not_before = 0
             where parcel = $1 and state in ('queued', 'sent')",
        )
        .bind(parcel)
        .bind(sealed)
        .bind(&receipt.number)
        .bind(unix_ms(now))
        .bind(receipt.verdict.name())
        .execute(&self.pool)
        .await?;
        self.changed();
        Ok(())
    }
}
