//! Forward: what a lower hub stored goes up, as a source like any other: numbered batches, written in
//! ingest's transaction, become native documents that the agent packs, sends and settles. Refuses to
//! send raw bytes: those stay where they arrived.

use crate::bundle::{Bundle, unseal};
use crate::core::Core;
use crate::store::engine::{StoreError, Tx};
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use time::OffsetDateTime;
use tongcha_adapters::source::{Lot, LotItem, Source, SourceError};
use tongcha_schema::receipt::Receipt;
use tongcha_schema::record::Record;
use tongcha_schema::xml::native::NativeHead;
use tongcha_schema::xml::write::{NativeCase, NativeRecord, write_native};
use tongcha_schema::{envelope, stamp};

/// Name of the source in the hub's own outbox.
pub const SOURCE: &str = "forward";
/// Records of one batch at most: a document of some MiB.
const BATCH_RECORDS: usize = 2_000;
/// Batches of one lot: one envelope.
const LOT_BATCHES: i64 = 8;

/// Writes stored records as the next batches, in ingest's transaction.
///
/// # Errors
/// The store.
pub async fn enqueue(
    core: &Core,
    tx: &mut Tx,
    stored: Vec<Record>,
    now_ms: i64,
) -> Result<(), StoreError> {
    let day = core.day(core.clock.now());
    let mut rest = stored;
    while !rest.is_empty() {
        let tail = rest.split_off(rest.len().min(BATCH_RECORDS));
        let batch = std::mem::replace(&mut rest, tail);
        let number = tx
            .rows("nodes.next", crate::args![SOURCE])
            .await?
            .first()
            .map_or(1, |r| r.int(0));
        let records = batch.len();
        let bundle = Bundle {
            envelope: SOURCE.to_owned(),
            part: number,
            partition: 0,
            day: day.clone(),
            records: batch,
        };
        tx.run(
            "forward.put",
            crate::args![number, bundle.to_bytes(), records, now_ms],
        )
        .await?;
    }
    Ok(())
}

/// How far forwarding has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Batches made.
    pub batches: u64,
    /// Records in them.
    pub records: u64,
    /// Batches that the upper hub has answered for.
    pub settled: u64,
    /// Records that the upper hub has stored, by its completion receipts.
    pub stored_above: u64,
}

/// Reads how far forwarding has come.
///
/// # Errors
/// The store.
pub async fn progress(core: &Core) -> Result<Progress, StoreError> {
    let row = core.store.row("forward.tally", Vec::new()).await?;
    Ok(row.map_or_else(Progress::default, |r| Progress {
        batches: r.count(0),
        records: r.count(1),
        settled: r.count(2),
        stored_above: r.count(3),
    }))
}

/// The source over the outgoing batches.
pub struct Forward {
    core: Arc<Core>,
    target: String,
    sender_org: String,
}

impl Forward {
    /// A source that sends to the upper hub `target`.
    pub fn new(core: Arc<Core>, target: &str, sender_org: &str) -> Forward {
        Forward {
            core,
            target: target.to_owned(),
            sender_org: sender_org.to_owned(),
        }
    }

    fn fault(&self, error: &StoreError) -> SourceError {
        SourceError::Other {
            source_name: SOURCE.to_owned(),
            what: error.to_string(),
            transient: error.is_transient(),
        }
    }

    async fn run(&self, name: &str, args: Vec<crate::store::row::Arg>) -> Result<(), SourceError> {
        self.core
            .store
            .run(name, args)
            .await
            .map(|_| ())
            .map_err(|e| self.fault(&e))
    }

    /// Digests of the items that the records came from, by envelope and item.
    async fn raw_digests(
        &self,
        records: &[Record],
    ) -> Result<BTreeMap<(String, u32), String>, StoreError> {
        let envelopes: BTreeSet<&str> = records.iter().map(|r| &*r.origin.envelope).collect();
        let json = serde_json::to_string(&envelopes).unwrap_or_default();
        let rows = self
            .core
            .store
            .rows("forward.digests", crate::args![json])
            .await?;
        let number = |n: i64| u32::try_from(n).unwrap_or(0);
        Ok(rows
            .iter()
            .map(|r| {
                (
                    (r.text(0).to_owned(), number(r.int(1))),
                    r.text(2).to_owned(),
                )
            })
            .collect())
    }

    /// One batch as a native document: canonical records with the digest of what they came from.
    async fn document(
        &self,
        number: i64,
        bundle: Bundle,
        now: OffsetDateTime,
    ) -> Result<(Vec<u8>, u64), StoreError> {
        let mut records = bundle.records;
        let count = records.len() as u64;
        for record in &mut records {
            unseal(record, &self.core.sealed);
        }
        records.sort_by(|a, b| {
            (&a.space, &a.case_no, &a.source).cmp(&(&b.space, &b.case_no, &b.source))
        });
        let digests = self.raw_digests(&records).await?;
        let mut head = NativeHead::default();
        head.set("MsgId", format!("{}-{number}", self.core.name));
        head.set("StdVer", envelope::STD_VER);
        head.set("SourceNode", &self.core.name);
        head.set("TargetNode", &self.target);
        head.set("SenderOrg", &self.sender_org);
        head.set("SendTime", stamp::canonical(now.to_offset(self.core.zone)));
        let cases = NativeCase::forwarded(records.iter().map(|record| {
            NativeRecord {
                record,
                raw_digest: digests
                    .get(&(record.origin.envelope.to_string(), record.origin.item))
                    .map(String::as_str),
            }
        }));
        let text = write_native(&head, &cases).map_err(|e| StoreError::Shape(e.to_string()))?;
        Ok((text.into_bytes(), count))
    }
}

/// First and last batch of a lot's key.
fn range(key: &str) -> Option<(i64, i64)> {
    let (first, last) = key.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?))
}

#[async_trait]
impl Source for Forward {
    fn name(&self) -> &str {
        SOURCE
    }

    async fn poll(
        &mut self,
        now: OffsetDateTime,
        position: Option<&str>,
    ) -> Result<Vec<Lot>, SourceError> {
        // The position stands in the outbox, in the transaction that packed: it says what is packed
        // even when this process died before it could note so here.
        if let Some(last) = position.and_then(|p| p.parse::<i64>().ok()) {
            self.run("forward.packed", crate::args![1_i64, last])
                .await?;
        }
        let rows = self
            .core
            .store
            .rows("forward.waiting", crate::args![LOT_BATCHES])
            .await;
        let rows = rows.map_err(|e| self.fault(&e))?;
        let (mut items, mut total, mut first, mut last) = (Vec::new(), 0, 0, 0);
        for row in rows {
            let number = row.int(0);
            let Ok(bundle) = Bundle::parse(row.bytes(1)) else {
                let error = StoreError::Shape(format!("outgoing batch {number}"));
                return Err(self.fault(&error));
            };
            let document = self.document(number, bundle, now).await;
            let (bytes, count) = document.map_err(|e| self.fault(&e))?;
            items.push(LotItem::of_bytes(&format!("batch-{number:08}.xml"), bytes));
            total += count;
            first = if first == 0 { number } else { first };
            last = number;
        }
        if items.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![Lot {
            key: format!("{first}-{last}"),
            position: Some(last.to_string()),
            label: format!("batches {first} to {last}"),
            dialect: "native".to_owned(),
            record_count: Some(total),
            items,
            findings: Vec::new(),
        }])
    }

    async fn packed(&mut self, key: &str) {
        let Some((first, last)) = range(key) else {
            return;
        };
        if let Err(error) = self.run("forward.packed", crate::args![first, last]).await {
            tracing::warn!(%error, "packed, but not noted; the next poll notes it");
        }
    }

    async fn settle(&mut self, key: &str, receipt: &Receipt) -> Result<(), SourceError> {
        let Some((first, last)) = range(key) else {
            return Ok(());
        };
        let args = crate::args![first, last, &receipt.envelope, Vec::<u8>::new()];
        self.run("forward.settled", args).await?;
        self.complete(key, receipt).await
    }

    async fn complete(&mut self, key: &str, receipt: &Receipt) -> Result<(), SourceError> {
        let Some((first, _)) = range(key) else {
            return Ok(());
        };
        self.run(
            "forward.stored_above",
            crate::args![first, receipt.counts.stored],
        )
        .await
    }

    async fn probe(&mut self) -> Result<String, SourceError> {
        let p = progress(&self.core).await.map_err(|e| self.fault(&e))?;
        Ok(format!(
            "{} batches, {} settled, {} records stored above",
            p.batches, p.settled, p.stored_above
        ))
    }
}
