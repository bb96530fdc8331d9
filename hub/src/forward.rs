//! Forward: what a lower hub stored goes up, as a source like any other: numbered batches, written in
//! ingest's transaction, become native documents that the agent packs, sends and settles. The database is
//! the truth of what is still to go, the outbox only of what is packed, so either may be lost or replaced
//! by an older copy. Refuses to send raw bytes (those stay where they arrived), and to erase a batch before
//! the hub above has stored it.

mod answers;
mod contact;
mod progress;

pub use answers::{Held, held};
pub use progress::{Progress, progress};

use crate::bundle::{Bundle, unseal};
use crate::core::Core;
use crate::store::engine::{StoreError, Tx};
use crate::store::row::Row;
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use tongcha_adapters::source::{Lot, LotItem, Source, SourceError};
use tongcha_adapters::uplink::Uplink;
use tongcha_schema::clock::unix_ms;
use tongcha_schema::code::transport;
use tongcha_schema::finding::{Finding, Place};
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
/// After this time a batch that the hub above refused is tried once more.
const HELD_AGAIN: Duration = Duration::hours(6);
/// Name of the lease under which one of several hubs on a database forwards.
const LEASE: &str = "forward";

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

/// The source over the outgoing batches.
pub struct Forward {
    core: Arc<Core>,
    target: String,
    sender_org: String,
    above: Option<Arc<dyn Uplink>>,
    holder: Option<String>,
    // Lots that the outbox holds: told before every poll.
    packed: Vec<String>,
    begun: bool,
    compared: Option<OffsetDateTime>,
}

impl Forward {
    /// A source that sends to the upper hub `target`.
    pub fn new(core: Arc<Core>, target: &str, sender_org: &str) -> Forward {
        Forward {
            core,
            target: target.to_owned(),
            sender_org: sender_org.to_owned(),
            above: None,
            holder: None,
            packed: Vec::new(),
            begun: false,
            compared: None,
        }
    }

    /// Compares with the hub above once a minute, over that line.
    #[must_use]
    pub fn comparing(mut self, above: Arc<dyn Uplink>) -> Forward {
        self.above = Some(above);
        self
    }

    /// Forwards only while `holder` (a name of this outbox) has the lease: of several hubs on one database
    /// one sends up.
    #[must_use]
    pub fn held_by(mut self, holder: String) -> Forward {
        self.holder = Some(holder);
        self
    }

    fn fault(&self, error: &StoreError) -> SourceError {
        SourceError::Other {
            source_name: SOURCE.to_owned(),
            what: error.to_string(),
            transient: error.is_transient(),
        }
    }

    /// Whether this one is to forward now.
    async fn forwards(&self) -> Result<bool, StoreError> {
        match &self.holder {
            Some(holder) => crate::lease::lease(&self.core, LEASE, holder).await,
            None => Ok(true),
        }
    }

    /// Brings what the database says of batches in line with the outbox and with the hub above.
    async fn reconcile(
        &mut self,
        now: OffsetDateTime,
        position: Option<&str>,
    ) -> Result<i64, StoreError> {
        let store = &self.core.store;
        let epoch = self.epoch(now, position).await?;
        let packed = serde_json::to_string(&self.packed).unwrap_or_default();
        store.run("forward.reconcile", crate::args![packed]).await?;
        // A hub that was started again tries at once: somebody may have mended the cause.
        let since = if self.begun {
            unix_ms(now - HELD_AGAIN)
        } else {
            i64::MAX
        };
        store.run("forward.again", crate::args![since]).await?;
        self.begun = true;
        if let (Some(above), true) = (&self.above, self.compared.is_none_or(|at| now >= at)) {
            let answers = contact::compare(&self.core, &**above, now).await?;
            let pause = if answers {
                contact::EVERY
            } else {
                contact::EVERY_AWAY
            };
            self.compared = Some(now + pause);
        }
        Ok(epoch)
    }

    /// The epoch of this database's lots. It rises where there is none yet, and where the outbox has packed
    /// lots that this database does not know of: then it is an older copy, and its next numbers would be
    /// taken for those that the outbox has sent already.
    async fn epoch(&self, now: OffsetDateTime, position: Option<&str>) -> Result<i64, StoreError> {
        let store = &self.core.store;
        let row = store.row("forward.numbering", Vec::new()).await?;
        let (epoch, last) = row.map_or((0, 0), |r| (r.int(0), r.int(1)));
        let outbox = position.and_then(numbers).unwrap_or((0, 0));
        if epoch > 0 && outbox <= (epoch, last) {
            return Ok(epoch);
        }
        if outbox > (0, 0) {
            tracing::error!(
                outbox = position,
                database = format!("{epoch}.{last}"),
                "the outbox is newer than the database, which was restored from an older copy or made \
                 anew; a new epoch begins, and what is not stored above goes again"
            );
        }
        let next = now.unix_timestamp().max(outbox.0 + 1).max(epoch + 1);
        store.run("forward.begin_epoch", crate::args![next]).await?;
        Ok(next)
    }

    /// The next batches that wait, written out; what cannot be written is held, and the others go on.
    async fn next(&self, now: OffsetDateTime) -> Result<Vec<(i64, Vec<u8>, u64)>, StoreError> {
        let store = &self.core.store;
        let rows = store
            .rows("forward.waiting", crate::args![LOT_BATCHES])
            .await?;
        let mut batches: Vec<(i64, Vec<u8>, u64)> = Vec::new();
        for row in &rows {
            // What was refused in company goes alone.
            let alone = row.int(3) > 0;
            if alone && !batches.is_empty() {
                break;
            }
            let number = row.int(0);
            let document = match Bundle::parse(row.bytes(1)) {
                Ok(bundle) => self.document(number, bundle, now).await,
                Err(error) => Err(StoreError::Shape(error.to_string())),
            };
            match document {
                Ok((bytes, count)) => batches.push((number, bytes, count)),
                Err(StoreError::Shape(detail)) => self.hold(row, &detail).await?,
                Err(error) => return Err(error),
            }
            if alone && !batches.is_empty() {
                break;
            }
        }
        Ok(batches)
    }

    async fn hold(&self, row: &Row, detail: &str) -> Result<(), StoreError> {
        let number = row.int(0);
        tracing::error!(
            batch = number,
            detail,
            "an outgoing batch cannot be written out; it is held"
        );
        let cause = Finding::new(transport::BATCH_UNREADABLE, Place::default())
            .with("batch", number)
            .with("detail", detail);
        let cause = serde_json::to_string(&cause).unwrap_or_default();
        let now_ms = self.core.now_ms();
        let args = crate::args![number, "held", 0_i64, "", "", now_ms, cause];
        self.core
            .store
            .run("forward.refused", args)
            .await
            .map(|_| ())
    }

    /// Notes that these batches travel in a new lot; gives its name.
    async fn offer(&self, epoch: i64, numbers: &[i64]) -> Result<String, StoreError> {
        let mut tx = self.core.store.begin().await?;
        let next = tx.rows("nodes.next", crate::args!["forward.lot"]).await?;
        let lot = format!("{epoch}.{}", next.first().map_or(1, |r| r.int(0)));
        let items = numbers.iter().enumerate();
        let items = items.map(|(item, batch)| serde_json::json!({"batch": batch, "item": item}));
        let items = serde_json::Value::Array(items.collect()).to_string();
        tx.run("forward.offer", crate::args![&lot, items]).await?;
        tx.commit().await?;
        Ok(lot)
    }

    /// Digests of the items that the records came from, by envelope and item.
    async fn raw_digests(
        &self,
        records: &[Record],
    ) -> Result<BTreeMap<(String, u32), String>, StoreError> {
        let envelopes: BTreeSet<&str> = records.iter().map(|r| &*r.head.envelope).collect();
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
            (&a.head.space, &a.head.case_no, &a.head.source).cmp(&(
                &b.head.space,
                &b.head.case_no,
                &b.head.source,
            ))
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
                    .get(&(record.head.envelope.to_string(), record.head.item))
                    .map(String::as_str),
            }
        }));
        let text = write_native(&head, &cases).map_err(|e| StoreError::Shape(e.to_string()))?;
        Ok((text.into_bytes(), count))
    }
}

/// Epoch and number of a lot's name.
fn numbers(lot: &str) -> Option<(i64, i64)> {
    let (epoch, number) = lot.split_once('.')?;
    Some((epoch.parse().ok()?, number.parse().ok()?))
}

#[async_trait]
impl Source for Forward {
    fn name(&self) -> &str {
        SOURCE
    }

    fn follows_parcels(&self) -> bool {
        true
    }

    fn note_in_flight(&mut self, lots: &[String]) {
        self.packed = lots.to_vec();
    }

    async fn poll(
        &mut self,
        now: OffsetDateTime,
        position: Option<&str>,
    ) -> Result<Vec<Lot>, SourceError> {
        let offered: Result<Option<Lot>, StoreError> = async {
            if !self.forwards().await? {
                return Ok(None);
            }
            let epoch = self.reconcile(now, position).await?;
            let batches = self.next(now).await?;
            let numbers: Vec<i64> = batches.iter().map(|b| b.0).collect();
            let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else {
                return Ok(None);
            };
            let key = self.offer(epoch, &numbers).await?;
            let total = batches.iter().map(|b| b.2).sum();
            let items = batches.into_iter();
            let items = items.map(|(number, bytes, _)| {
                LotItem::of_bytes(&format!("batch-{number:08}.xml"), bytes)
            });
            Ok(Some(Lot {
                position: Some(key.clone()),
                label: format!("lot {key}: batches {first} to {last}"),
                key,
                dialect: "native".to_owned(),
                record_count: Some(total),
                items: items.collect(),
                findings: Vec::new(),
            }))
        }
        .await;
        offered
            .map(|lot| lot.into_iter().collect())
            .map_err(|e| self.fault(&e))
    }

    async fn settle(&mut self, key: &str, receipt: &Receipt) -> Result<(), SourceError> {
        let noted = answers::admitted(&self.core, key, receipt).await;
        noted.map_err(|e| self.fault(&e))
    }

    async fn complete(&mut self, key: &str, receipt: &Receipt) -> Result<(), SourceError> {
        let noted = answers::decided(&self.core, key, receipt).await;
        noted.map_err(|e| self.fault(&e))
    }

    async fn probe(&mut self) -> Result<String, SourceError> {
        let p = progress(&self.core.store).await;
        let p = p.map_err(|e| self.fault(&e))?;
        Ok(format!(
            "{} batches, {} settled, {} held, {} records stored above",
            p.batches, p.settled, p.held, p.stored_above
        ))
    }
}
