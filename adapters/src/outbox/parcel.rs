//! A parcel on its way out: its signed frame as a stream of bounded pieces, read from the outbox while
//! it is sent. Refuses to hold more than one read-ahead of chunks in memory.

use super::pack::chunk_context;
use super::{Outbox, OutboxError, secret_context};
use axum::body::Bytes;
use futures_util::stream::{self, Stream};
use std::collections::VecDeque;
use tongcha_schema::envelope::{FRAME_END, Head, ITEM_END, chunk_header, preamble};
use tongcha_schema::id::EnvelopeId;
use tongcha_schema::seal::{EnvelopeCipher, NodeKey};

/// Chunks read at once: 16 of at most 256 KiB.
const READ_AHEAD: i64 = 16;

/// A packed lot that waits for its receipt.
#[derive(Clone, Debug)]
pub struct Parcel {
    outbox: Outbox,
    number: i64,
    id: EnvelopeId,
    head: Vec<u8>,
    tries: u32,
}

impl Parcel {
    pub(crate) fn new(
        outbox: Outbox,
        number: i64,
        id: EnvelopeId,
        head: Vec<u8>,
        tries: u32,
    ) -> Parcel {
        Parcel {
            outbox,
            number,
            id,
            head,
            tries,
        }
    }

    /// Its number in the outbox file.
    pub fn number(&self) -> i64 {
        self.number
    }

    /// Its identity on the wire.
    pub fn id(&self) -> &EnvelopeId {
        &self.id
    }

    /// The head's canonical bytes: what is signed.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// How often it went out without a receipt.
    pub fn tries(&self) -> u32 {
        self.tries
    }

    /// The frame, signed with the node's key, piece by piece. The stream owns what it needs.
    ///
    /// # Errors
    /// [`OutboxError`] as an item of the stream, which ends it.
    pub fn frame(
        &self,
        key: &NodeKey,
    ) -> impl Stream<Item = Result<Bytes, OutboxError>> + Send + 'static {
        let start = preamble(&self.id.node, &key.sign(&self.head), &self.head);
        let state = Reading {
            outbox: self.outbox.clone(),
            parcel: self.number,
            items: None,
            head: self.head.clone(),
            lot: None,
            after: 0,
            number: 0,
            item: 0,
            cipher: None,
            of_item: 0,
            in_item: 0,
            ready: VecDeque::from([Bytes::from(start)]),
            ended: false,
        };
        stream::try_unfold(state, |mut state| async move {
            while state.ready.is_empty() && !state.ended {
                state.read_on().await?;
            }
            Ok(state.ready.pop_front().map(|bytes| (bytes, state)))
        })
    }
}

/// Where a stream stands.
struct Reading {
    outbox: Outbox,
    parcel: i64,
    items: Option<u32>,
    head: Vec<u8>,
    lot: Option<(String, String)>,
    after: i64,
    number: u64,
    item: u32,
    cipher: Option<EnvelopeCipher>,
    of_item: u32,
    in_item: u64,
    ready: VecDeque<Bytes>,
    ended: bool,
}

impl Reading {
    async fn read_on(&mut self) -> Result<(), OutboxError> {
        let items = self.items().await?;
        if self.lot.is_none() {
            let row = sqlx::query_as("select source, lot_key from parcel where parcel = $1")
                .bind(self.parcel)
                .fetch_one(&self.outbox.pool)
                .await?;
            self.lot = Some(row);
        }
        let rows: Vec<(i64, u32, Vec<u8>)> = sqlx::query_as(
            "select chunk, item, bytes from chunk where parcel = $1 and chunk > $2
             order by chunk limit $3",
        )
        .bind(self.parcel)
        .bind(self.after)
        .bind(READ_AHEAD)
        .fetch_all(&self.outbox.pool)
        .await?;
        self.ended = rows.is_empty();
        for (chunk, item, sealed) in rows {
            self.after = chunk;
            if item != self.of_item {
                (self.of_item, self.in_item) = (item, 0);
            }
            self.end_items(item.min(items));
            let (source, key) = self.lot.clone().unwrap_or_default();
            let context = chunk_context(&source, &key, self.number);
            self.number += 1;
            let mut bytes = self.outbox.unseal(&context, &sealed, "a chunk")?;
            if let Some(cipher) = &self.cipher {
                bytes = cipher.seal(item, self.in_item, &bytes);
            }
            self.in_item += 1;
            self.ready
                .push_back(Bytes::copy_from_slice(&chunk_header(bytes.len())));
            self.ready.push_back(Bytes::from(bytes));
        }
        if self.ended {
            self.end_items(items);
            self.ready.push_back(Bytes::from_static(&FRAME_END));
        }
        Ok(())
    }

    /// Closes items up to, not including, `next`.
    fn end_items(&mut self, next: u32) {
        while self.item < next {
            self.ready.push_back(Bytes::from_static(&ITEM_END));
            self.item += 1;
        }
    }

    async fn items(&mut self) -> Result<u32, OutboxError> {
        if let Some(items) = self.items {
            return Ok(items);
        }
        let head: Head = serde_json::from_slice(&self.head)
            .map_err(|_| OutboxError::Sealed { what: "a head" })?;
        if let Some(secrecy) = &head.secrecy {
            let secret = self.secret(&head.id).await?;
            let cipher = EnvelopeCipher::of_sender(secrecy, &secret, &head.id.to_string());
            self.cipher = Some(cipher.ok_or(OutboxError::Sealed { what: "a head" })?);
        }
        let items = u32::try_from(head.items.len()).unwrap_or(u32::MAX);
        self.items = Some(items);
        Ok(items)
    }

    /// The secret that was kept when the envelope was packed: a repeat has the same bytes.
    async fn secret(&self, id: &EnvelopeId) -> Result<[u8; 32], OutboxError> {
        let sealed: Option<Vec<u8>> =
            sqlx::query_scalar("select secret from parcel where parcel = $1")
                .bind(self.parcel)
                .fetch_one(&self.outbox.pool)
                .await?;
        let what = "the secret of an envelope";
        let secret = self
            .outbox
            .unseal(&secret_context(id), &sealed.unwrap_or_default(), what)?;
        secret.try_into().map_err(|_| OutboxError::Sealed { what })
    }
}
