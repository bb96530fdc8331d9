//! Hop 3, pack: a lot into a sealed parcel. The bytes are read and compressed on a blocking thread and
//! written in bounded batches; parcel, sequence and source position appear in one transaction.

use super::{Outbox, OutboxError, head_context, secret_context};
use crate::package::{self, PackageError};
use crate::source::Lot;
use sqlx::{QueryBuilder, Sqlite, Transaction};
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::mpsc;
use tongcha_schema::clock::{CHINA, unix_ms};
use tongcha_schema::envelope::{AUTO, HEAD_VERSION, Head, STD_VER};
use tongcha_schema::id::EnvelopeId;
use tongcha_schema::limits;
use tracing::Instrument;

/// Sealed bytes gathered before they are written: bounds memory and the write-ahead log alike.
const BATCH_BYTES: usize = 16 << 20;

/// Rows of one insert: a statement of each costs more than a small item itself.
const CHUNK_ROWS: usize = 250;
/// Pieces that the reader may be ahead of the writer, of at most a chunk's bytes each.
const AHEAD: usize = 64;

/// What is written on every parcel of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waybill {
    /// Name of the source.
    pub source: String,
    /// Hub that is meant, `region/node`.
    pub target: String,
    /// Organ that provides the data (18 or 9 characters).
    pub sender_org: String,
}

/// What became of a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packed {
    /// It is in the outbox now, under this identity.
    New(EnvelopeId),
    /// The same lot is on its way already.
    Known,
}

/// A chunk, sealed: item and bytes.
type Piece = (u32, Vec<u8>);

impl Outbox {
    /// Packs a lot: durable when it returns. The lot's position is kept in the same transaction.
    ///
    /// # Errors
    /// [`OutboxError`]; then nothing of the lot is in the outbox.
    pub async fn pack(
        &self,
        waybill: &Waybill,
        lot: Lot,
        now: OffsetDateTime,
    ) -> Result<Packed, OutboxError> {
        let span = tracing::info_span!("pack", envelope = tracing::field::Empty);
        let packed = self.pack_lot(waybill, lot, now);
        let packed = packed.instrument(span.clone()).await?;
        if let Packed::New(id) = &packed {
            span.record("envelope", tracing::field::display(id));
            self.changed();
        }
        Ok(packed)
    }

    async fn pack_lot(
        &self,
        waybill: &Waybill,
        lot: Lot,
        now: OffsetDateTime,
    ) -> Result<Packed, OutboxError> {
        if lot.items.is_empty() || lot.items.len() > limits::ENVELOPE_ITEMS {
            return Err(OutboxError::Lot(format!(
                "lot {} has {} items, not 1 to {}",
                lot.key,
                lot.items.len(),
                limits::ENVELOPE_ITEMS
            )));
        }
        if !self.make_room(waybill, &lot).await? {
            return Ok(Packed::Known);
        }
        let lot = Arc::new(lot);
        let (sender, mut pieces) = mpsc::channel::<Piece>(AHEAD);
        let reader = self.read_lot(waybill, Arc::clone(&lot), sender);
        let mut parcel = None;
        loop {
            let (batch, ended) = gather(&mut pieces).await;
            if !ended {
                let mut tx = self.pool.begin_with("begin immediate").await?;
                parcel = Some(write(&mut tx, parcel, waybill, &lot, &batch).await?);
                tx.commit().await?;
                continue;
            }
            // The reader's verdict decides whether anything is kept.
            let parts = match reader.await {
                Ok(Ok(parts)) => parts,
                Ok(Err(fault)) => return self.give_up(parcel, fault.into()).await,
                Err(fault) => {
                    let fault = OutboxError::Lot(format!("the reader died: {fault}"));
                    return self.give_up(parcel, fault).await;
                }
            };
            let mut tx = self.pool.begin_with("begin immediate").await?;
            let parcel = write(&mut tx, parcel, waybill, &lot, &batch).await?;
            let id = self
                .finish(&mut tx, parcel, waybill, &lot, parts, now)
                .await?;
            tx.commit().await?;
            return Ok(Packed::New(id));
        }
    }

    /// Whether the lot is not on its way yet; the rest of an attempt that failed is removed.
    async fn make_room(&self, waybill: &Waybill, lot: &Lot) -> Result<bool, OutboxError> {
        let state: Option<String> = sqlx::query_scalar(
            "select state from parcel where source = $1 and lot_key = $2 and state <> 'settled'",
        )
        .bind(&waybill.source)
        .bind(&lot.key)
        .fetch_optional(&self.pool)
        .await?;
        if state.as_deref() == Some("packing") {
            sqlx::query(
                "delete from parcel where source = $1 and lot_key = $2 and state = 'packing'",
            )
            .bind(&waybill.source)
            .bind(&lot.key)
            .execute(&self.pool)
            .await?;
            return Ok(true);
        }
        Ok(state.is_none())
    }

    /// Reads, compresses and seals on a blocking thread; the channel's length bounds its memory.
    fn read_lot(
        &self,
        waybill: &Waybill,
        lot: Arc<Lot>,
        sender: mpsc::Sender<Piece>,
    ) -> tokio::task::JoinHandle<Result<Vec<Option<String>>, PackageError>> {
        let sealed = Arc::clone(&self.sealed);
        let source = waybill.source.clone();
        tokio::task::spawn_blocking(move || {
            let mut number = 0u64;
            package::chunks(&lot, &mut |item, chunk| {
                let context = chunk_context(&source, &lot.key, number);
                number += 1;
                sender
                    .blocking_send((item, sealed.seal(&context, &chunk)))
                    .is_ok()
            })
        })
    }

    async fn give_up(
        &self,
        parcel: Option<i64>,
        fault: OutboxError,
    ) -> Result<Packed, OutboxError> {
        if let Some(parcel) = parcel {
            sqlx::query("delete from parcel where parcel = $1 and state = 'packing'")
                .bind(parcel)
                .execute(&self.pool)
                .await?;
        }
        Err(fault)
    }

    /// The last transaction of a parcel: sequence, head and position.
    async fn finish(
        &self,
        tx: &mut Transaction<'_, Sqlite>,
        parcel: i64,
        waybill: &Waybill,
        lot: &Lot,
        parts: Vec<Option<String>>,
        now: OffsetDateTime,
    ) -> Result<EnvelopeId, OutboxError> {
        let sequence: i64 = sqlx::query_scalar(
            "update outbox set last_sequence = last_sequence + 1 returning last_sequence",
        )
        .fetch_one(&mut **tx)
        .await?;
        let id = self.envelope_id(sequence);
        let mut head = head_of(&id, waybill, lot, parts, now);
        let mut secret = None;
        if let Some((recipient, randomness)) = &self.secrecy {
            let fresh = randomness.secret().ok_or(OutboxError::NoKey)?;
            head.secrecy = Some(recipient.wrap(&fresh).ok_or(OutboxError::NoKey)?);
            secret = Some(self.sealed.seal(&secret_context(&id), &fresh));
        }
        // Findings are texts and numbers: they always serialise.
        let findings = serde_json::to_vec(&lot.findings).unwrap_or_default();
        sqlx::query(
            "update parcel set state = 'queued', sequence = $2, head = $3, plain_bytes = $4,
             packed_at = $5, findings = $6, secret = $7 where parcel = $1",
        )
        .bind(parcel)
        .bind(sequence)
        .bind(self.sealed.seal(&head_context(&id), &head.to_bytes()))
        .bind(i64::try_from(lot.bytes()).unwrap_or(i64::MAX))
        .bind(unix_ms(now))
        .bind(self.sealed.seal("outbox/findings", &findings))
        .bind(secret)
        .execute(&mut **tx)
        .await?;
        if let Some(position) = &lot.position {
            sqlx::query(
                "insert into source_position values ($1, $2, $3) on conflict (source)
                 do update set position = excluded.position, changed_at = excluded.changed_at",
            )
            .bind(&waybill.source)
            .bind(position)
            .bind(unix_ms(now))
            .execute(&mut **tx)
            .await?;
        }
        Ok(id)
    }
}

pub(crate) fn chunk_context(source: &str, lot_key: &str, number: u64) -> String {
    format!("outbox/chunk/{source}/{number}/{lot_key}")
}

fn head_of(
    id: &EnvelopeId,
    waybill: &Waybill,
    lot: &Lot,
    parts: Vec<Option<String>>,
    now: OffsetDateTime,
) -> Head {
    let items = lot.items.iter().zip(parts).map(|(i, part)| i.head(part));
    Head {
        v: HEAD_VERSION,
        id: id.clone(),
        target: waybill.target.clone(),
        sender_org: waybill.sender_org.clone(),
        std_ver: STD_VER.to_owned(),
        // Years 0 to 9999 always format.
        sent_at: now.to_offset(CHINA).format(&Rfc3339).unwrap_or_default(),
        dialect: match lot.dialect.as_str() {
            "" => AUTO.to_owned(),
            name => name.to_owned(),
        },
        label: lot.label.chars().take(1_000).collect(),
        record_count: lot.record_count,
        items: items.collect(),
        secrecy: None,
    }
}

/// Takes pieces until a batch is full or the reader has ended; says whether it has.
async fn gather(pieces: &mut mpsc::Receiver<Piece>) -> (Vec<Piece>, bool) {
    let mut batch = Vec::new();
    let mut bytes = 0;
    while bytes < BATCH_BYTES {
        match pieces.recv().await {
            Some(piece) => {
                bytes += piece.1.len();
                batch.push(piece);
            }
            None => return (batch, true),
        }
    }
    (batch, false)
}

/// Writes a batch into the parcel, which it begins where there is none yet.
async fn write(
    tx: &mut Transaction<'_, Sqlite>,
    parcel: Option<i64>,
    waybill: &Waybill,
    lot: &Lot,
    batch: &[Piece],
) -> Result<i64, OutboxError> {
    let parcel = match parcel {
        Some(parcel) => parcel,
        None => {
            sqlx::query_scalar(
                "insert into parcel (source, lot_key, state) values ($1, $2, 'packing')
                 returning parcel",
            )
            .bind(&waybill.source)
            .bind(&lot.key)
            .fetch_one(&mut **tx)
            .await?
        }
    };
    for rows in batch.chunks(CHUNK_ROWS) {
        let mut insert = QueryBuilder::new("insert into chunk (parcel, item, bytes) ");
        insert.push_values(rows, |mut row, (item, piece)| {
            row.push_bind(parcel)
                .push_bind(item)
                .push_bind(piece.as_slice());
        });
        insert.build().execute(&mut **tx).await?;
    }
    let bytes: usize = batch.iter().map(|(_, piece)| piece.len()).sum();
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    sqlx::query("update parcel set wire_bytes = wire_bytes + $2 where parcel = $1")
        .bind(parcel)
        .bind(bytes)
        .execute(&mut **tx)
        .await?;
    Ok(parcel)
}
