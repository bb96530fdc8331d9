//! Ingest (hop 8): takes bundles from the bus, decides every record against what is stored, and writes
//! tables, ledger, envelope counts and outgoing batch in one transaction; then acknowledges. A bundle that
//! the tables do not take is found by halving, and stands alone in quarantine. Rows that several
//! transactions change are locked in one order: cases, counter, ledger, envelopes.

mod aside;
mod conflict;
mod decide;

use crate::bundle::Bundle;
use crate::bus::{Batch, Deliveries};
use crate::core::Core;
use crate::feed::Event;
use crate::settle::Stored;
use crate::store::elements::{self, NewRow};
use crate::store::engine::{StoreError, Tx};
use decide::{Decided, History, decide};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tongcha_schema::clock::unix_ms;
use tongcha_schema::element::ElementId;
use tongcha_schema::record::Record;
use tracing::Instrument;

/// Bundles of one transaction at most: large transactions hide latency (about 30,000 records).
pub const BATCH: usize = 32;
/// How often a single bundle is tried again before it is put aside.
const SAME_AGAIN: u32 = 2;
/// After so many tries an error of no known kind is held against the bundles themselves.
const STUBBORN: u32 = 10;
/// First and longest pause after a failure of the store.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));

/// What one transaction did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Records decided.
    pub records: u64,
    /// Of them stored.
    pub stored: u64,
}

/// Works through the deliveries of one partition until the bus closes.
pub async fn work(core: Arc<Core>, mut deliveries: Box<dyn Deliveries>) {
    while let Some(batch) = deliveries.next(BATCH).await {
        take(&core, batch).await;
    }
}

/// Ingests one batch of deliveries and acknowledges it. A store that fails is waited for with the batch in
/// hand: what was given back would come again behind what came later, and in the end as a dead letter.
async fn take(core: &Arc<Core>, batch: Box<dyn Batch>) {
    let (mut wait, mut tries) = (PAUSES.0, 0);
    while let Err(error) = divide(core, &batch.payloads(), tries >= STUBBORN).await {
        tracing::error!(%error, "not ingested; tried again");
        tries = if error.is_transient() { 0 } else { tries + 1 };
        pause(wait).await;
        wait = (wait * 2).min(PAUSES.1);
    }
    if let Err(error) = batch.ack().await {
        tracing::warn!(%error, "ingested, but not acknowledged; it comes again and is taken once");
    }
}

/// Ingests a batch; where the tables do not take it, one half after the other, until what they do not take
/// stands alone. `whatever`: an error of no known kind is held against the rows too.
async fn divide(core: &Arc<Core>, payloads: &[&[u8]], whatever: bool) -> Result<(), StoreError> {
    let of_the_rows =
        |error: &StoreError| error.is_of_the_rows() || (whatever && !error.is_transient());
    let all = || {
        payloads
            .iter()
            .filter_map(|bytes| readable(bytes))
            .collect()
    };
    match ingest(core, all()).await {
        Ok(_) => return Ok(()),
        Err(error) if !of_the_rows(&error) => return Err(error),
        Err(_) => {}
    }
    let mut left: Vec<(Vec<Bundle>, u32)> = vec![(all(), 0)];
    while let Some((mut some, tries)) = left.pop() {
        let Err(error) = ingest(core, some.clone()).await else {
            continue;
        };
        if !of_the_rows(&error) {
            return Err(error);
        }
        if some.len() > 1 {
            let second = some.split_off(some.len() / 2);
            left.push((second, 0));
            left.push((some, 0));
        } else if tries < SAME_AGAIN {
            // Another worker may have written the same key at this moment.
            left.push((some, tries + 1));
        } else if let Some(bundle) = some.pop() {
            left.extend(aside::part(core, bundle, &error).await?);
        }
    }
    Ok(())
}

/// Before a store that fails is asked again.
#[expect(
    clippy::disallowed_methods,
    reason = "the outermost loop of a worker; not a storm of tries"
)]
async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// A bundle that cannot be read is left to the inbox row, which stays: nothing is lost.
fn readable(bytes: &[u8]) -> Option<Bundle> {
    match Bundle::parse(bytes) {
        Ok(bundle) => Some(bundle),
        Err(error) => {
            tracing::error!(%error, "a message is no bundle; the inbox keeps its own copy");
            None
        }
    }
}

/// Ingests bundles in one transaction. A bundle whose inbox row is gone was ingested before and has no
/// effect (idempotent receiver).
///
/// # Errors
/// The store; then nothing was written.
pub async fn ingest(core: &Arc<Core>, bundles: Vec<Bundle>) -> Result<Report, StoreError> {
    let envelope = bundles
        .first()
        .map(|b| b.envelope.clone())
        .unwrap_or_default();
    let span = tracing::info_span!("ingest", envelope = %envelope, bundles = bundles.len());
    async {
        let mut tx = core.store.begin().await?;
        let fresh = take_from_inbox(&mut tx, bundles).await?;
        if fresh.is_empty() {
            tx.commit().await?;
            return Ok(Report::default());
        }
        let mut history = history(&mut tx, &fresh).await?;
        let decided = decide(fresh, &mut history, core.forwards);
        let report = write(core, &mut tx, decided).await?;
        tx.commit().await?;
        core.feed.tell(Event::Ingested {
            records: report.records,
        });
        Ok(report)
    }
    .instrument(span)
    .await
}

async fn take_from_inbox(tx: &mut Tx, bundles: Vec<Bundle>) -> Result<Vec<Bundle>, StoreError> {
    let keys = crate::inbox::keys(bundles.iter().map(|b| (b.envelope.as_str(), b.part)));
    let rows = tx.rows("inbox.take", crate::args![keys]).await?;
    let mut taken: BTreeSet<(String, i64)> = rows
        .iter()
        .map(|r| (r.text(0).to_owned(), r.int(1)))
        .collect();
    // `remove` also drops the second copy of a bundle that was delivered twice in one batch.
    Ok(bundles
        .into_iter()
        .filter(|b| taken.remove(&(b.envelope.clone(), b.part)))
        .collect())
}

/// What is stored already of the records' keys. Cases that nobody knows need no look; what stands outside
/// any case always does.
async fn history(tx: &mut Tx, bundles: &[Bundle]) -> Result<History, StoreError> {
    let records = || bundles.iter().flat_map(|b| &b.records);
    let in_case = |r: &&Record| !r.is_outside();
    let cases = records().filter(in_case);
    let cases: BTreeSet<(&str, &str)> = cases.map(|r| (&*r.head.space, &*r.head.case_no)).collect();
    let json: Vec<_> = cases
        .iter()
        .map(|(s, c)| serde_json::json!({"space": s, "case_no": c}))
        .collect();
    let arg = serde_json::Value::Array(json).to_string();
    let known: HashSet<(String, String)> = tx
        .rows("cases.known", crate::args![arg])
        .await?
        .iter()
        .map(|r| (r.text(0).to_owned(), r.text(1).to_owned()))
        .collect();
    let mut history = History::default();
    let mut keys: BTreeMap<ElementId, BTreeSet<elements::Key>> = BTreeMap::new();
    for record in records() {
        let (space, case_no) = (
            record.head.space.to_string(),
            record.head.case_no.to_string(),
        );
        if record.is_outside() || known.contains(&(space.clone(), case_no.clone())) {
            let key = (space, case_no, record.head.source.to_string(), record.seq);
            keys.entry(record.element).or_default().insert(key);
        }
    }
    for (element, keys) in keys {
        let keys: Vec<elements::Key> = keys.into_iter().collect();
        let mut versions = elements::versions(tx, element, &keys).await?;
        versions.sort_by_key(|v| v.version);
        for v in versions {
            let digest = v
                .digest
                .try_into()
                .map_err(|_| StoreError::Shape(element.spec().table()))?;
            let (space, case_no, source, seq) = &v.key;
            history
                .of(element, space, case_no, source, *seq)
                .push(Stored {
                    version: v.version,
                    digest,
                });
        }
    }
    Ok(history)
}

async fn write(core: &Core, tx: &mut Tx, decided: Decided) -> Result<Report, StoreError> {
    let now_ms = core.now_ms();
    for (element, keys) in &decided.replaced {
        elements::supersede(tx, *element, keys).await?;
    }
    for (element, rows) in &decided.new {
        elements::insert(tx, *element, rows).await?;
    }
    conflict::keep(core, tx, &decided.conflicts, now_ms).await?;
    touch_cases(tx, &decided.new, now_ms).await?;
    answer_refusals(tx, &decided.again).await?;
    if !decided.forward.is_empty() {
        crate::forward::enqueue(core, tx, decided.forward, now_ms).await?;
    }
    // Rows that every worker and the gate change come last, so that they wait for each other shortly.
    move_ledger(tx, &decided.ledger).await?;
    settle_envelopes(tx, &decided.envelopes, &decided.items, now_ms).await?;
    let records = decided.envelopes.values().flatten().sum();
    let stored = decided.envelopes.values().map(|counts| counts[0]).sum();
    Ok(Report { records, stored })
}

/// Pending records of the ledger became stored, rejected or duplicate.
async fn move_ledger(
    tx: &mut Tx,
    ledger: &BTreeMap<(String, &'static str, String), [u64; 3]>,
) -> Result<(), StoreError> {
    let lines: Vec<serde_json::Value> = ledger
        .iter()
        .map(|((source, element, day), [stored, rejected, duplicate])| {
            serde_json::json!({"source": source, "element": element, "day": day, "stored": stored,
                "rejected": rejected, "duplicate": duplicate})
        })
        .collect();
    let lines = serde_json::Value::Array(lines).to_string();
    tx.run("ledger.move", crate::args![lines]).await?;
    Ok(())
}

/// Counts of the envelopes and their elements; what has nothing pending any more is complete.
async fn settle_envelopes(
    tx: &mut Tx,
    decided: &BTreeMap<(String, &'static str), [u64; 3]>,
    items: &BTreeMap<(String, u32), [u64; 2]>,
    now_ms: i64,
) -> Result<(), StoreError> {
    let mut envelopes: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
    let mut lines = Vec::with_capacity(decided.len());
    for ((envelope, element), counts @ [stored, rejected, duplicate]) in decided {
        let sums = envelopes.entry(envelope).or_default();
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += count;
        }
        lines.push(
            serde_json::json!({"envelope": envelope, "element": element, "stored": stored,
            "rejected": rejected, "duplicate": duplicate}),
        );
    }
    let lines = serde_json::Value::Array(lines).to_string();
    // In order, and the envelope's own row first: two workers never wait for each other in a ring.
    for (envelope, [stored, rejected, duplicate]) in &envelopes {
        tx.run(
            "envelopes.settle",
            crate::args![*envelope, *stored, *rejected, *duplicate],
        )
        .await?;
    }
    tx.run("envelopes.move_counts", crate::args![lines]).await?;
    if !items.is_empty() {
        let lines = items
            .iter()
            .map(|((envelope, item), [duplicate, conflicted])| {
                serde_json::json!({"envelope": envelope, "item": item, "duplicate": duplicate,
                "conflicted": conflicted})
            });
        let lines = serde_json::Value::Array(lines.collect()).to_string();
        tx.run("envelopes.move_items", crate::args![lines]).await?;
    }
    for envelope in envelopes.keys() {
        tx.run("envelopes.complete", crate::args![*envelope, now_ms])
            .await?;
    }
    Ok(())
}

async fn touch_cases(
    tx: &mut Tx,
    new: &BTreeMap<ElementId, Vec<NewRow>>,
    now_ms: i64,
) -> Result<(), StoreError> {
    let rows = new.values().flatten().map(|row| &row.record);
    let rows = rows.filter(|r| !r.is_outside());
    let mut cases: BTreeMap<(&str, &str), (&str, u64)> = BTreeMap::new();
    for record in rows {
        let case = cases.entry((&*record.head.space, &*record.head.case_no));
        let (source, records) = case.or_default();
        *source = &*record.head.source;
        *records += 1;
    }
    let json: Vec<serde_json::Value> = cases
        .iter()
        .map(|((space, case_no), (source, records))| {
            serde_json::json!({"space": space, "case_no": case_no, "source": source,
                "records": records})
        })
        .collect();
    if !json.is_empty() {
        tx.run(
            "cases.touch",
            crate::args![serde_json::Value::Array(json).to_string(), now_ms],
        )
        .await?;
    }
    Ok(())
}

/// A record that comes again is accepted: it answers an earlier refusal of its element, and the watch hears
/// of it. Refusals are few, so they are asked for first.
async fn answer_refusals(
    tx: &mut Tx,
    again: &BTreeMap<(String, String, &'static str), OffsetDateTime>,
) -> Result<(), StoreError> {
    if again.is_empty() || tx.rows("refusals.any", Vec::new()).await?.is_empty() {
        return Ok(());
    }
    let lines = again.iter().map(|((space, case_no, element), arrived)| {
        serde_json::json!({"space": space, "case_no": case_no, "element": element,
            "at_ms": unix_ms(*arrived)})
    });
    let lines = serde_json::Value::Array(lines.collect()).to_string();
    tx.run("refusals.answer", crate::args![lines]).await?;
    Ok(())
}
