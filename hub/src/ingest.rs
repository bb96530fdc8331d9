//! Ingest (hop 8): takes the bundles that the bus claims out of the inbox, decides every record against the file of
//! its case, judges what changed, and writes tables, files, ledger, envelope counts, cards and outgoing batch in
//! one transaction; then acknowledges. A bundle that the tables do not take is found by halving, and stands alone in
//! quarantine. Rows that several transactions change are locked in one order: cases, counter, ledger, envelopes.

mod aside;
mod conflict;
mod count;
mod decide;
mod prepare;
mod shelf;

use crate::bundle::Bundle;
use crate::bus::{Batch, Claim, Deliveries};
use crate::core::Core;
use crate::feed::Event;
use crate::inbox;
use crate::store::cases::{self, CaseLine};
use crate::store::elements;
use crate::store::engine::{StoreError, Tx};
use crate::watch::{self, Found, Ground, Seen};
use decide::{Decided, decide};
use prepare::{Prepared, prepare, stored};
use shelf::{Open, Shelf};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tongcha_supervision::{Card, Refusal};
use tracing::Instrument;

/// Bundles of one transaction at most: large transactions hide latency (about 30,000 records).
pub const BATCH: usize = 32;
/// How often a single bundle is tried again before it is put aside.
const SAME_AGAIN: u32 = 2;
/// After so many tries an error of no known kind is held against the bundles themselves.
const STUBBORN: u32 = 10;
/// First and longest pause after a failure of the store.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));

/// Envelopes whose admission may still be under way when one that was received later is ingested.
const IN_HAND: i64 = 1_000;

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
    while let Err(error) = divide(core, batch.claims(), tries >= STUBBORN).await {
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
async fn divide(core: &Arc<Core>, claims: Vec<Claim>, whatever: bool) -> Result<(), StoreError> {
    let of_the_rows =
        |error: &StoreError| error.is_of_the_rows() || (whatever && !error.is_transient());
    let mut left: Vec<(Vec<Claim>, u32)> = vec![(claims, 0)];
    while let Some((mut some, tries)) = left.pop() {
        let Err(error) = ingest(core, &some).await else {
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
        } else if let Some(claim) = some.pop() {
            left.extend(aside::part(core, claim, &error).await?);
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

/// A bundle that was taken out of the inbox.
struct Taken {
    envelope_no: i64,
    part: i64,
    bundle: Bundle,
    /// Hashes of its cases that go on in a later part; `None`: any may.
    goes_on: Option<Vec<u64>>,
}

/// Ingests the bundles of some claims in one transaction. A bundle whose inbox row is gone was ingested before
/// and has no effect (idempotent receiver).
///
/// # Errors
/// The store, or a bundle that cannot be read; then nothing was written.
pub async fn ingest(core: &Arc<Core>, claims: &[Claim]) -> Result<Report, StoreError> {
    let none = tracing::field::Empty;
    let span = tracing::info_span!("ingest", envelope = none, bundles = claims.len());
    async {
        let mut tx = core.store.begin().await?;
        let taken = take_from_inbox(&mut tx, claims).await?;
        if taken.is_empty() {
            tx.commit().await?;
            return Ok(Report::default());
        }
        if let Some(record) = taken[0].bundle.records.first() {
            let envelope = &record.head.envelope;
            tracing::Span::current().record("envelope", tracing::field::display(envelope));
        }
        let mut shelf = Shelf::load(core, &mut tx, &taken).await?;
        let oldest = tx.rows("inbox.oldest", Vec::new()).await?;
        let newest = taken.iter().map(|t| t.envelope_no).max().unwrap_or(0);
        let settled = oldest.first().and_then(|row| row.opt_int(0));
        let settled = settled.unwrap_or(i64::MAX).min(newest - IN_HAND);
        let decided = decide(core, taken, &mut shelf)?;
        let (prepared, judged) = judge(core, &mut tx, &decided, &mut shelf, settled).await?;
        let (report, cards) = write(core, &mut tx, decided, prepared, judged).await?;
        tx.commit().await?;
        core.names.learn(&shelf.sources, &shelf.spaces);
        core.feed.tell(Event::Ingested {
            records: report.records,
        });
        if cards > 0 {
            core.feed.tell(Event::Cards { cards });
        }
        Ok(report)
    }
    .instrument(span)
    .await
}

/// In the order in which the hub received them.
async fn take_from_inbox(tx: &mut Tx, claims: &[Claim]) -> Result<Vec<Taken>, StoreError> {
    let keys = inbox::keys(claims.iter().map(|c| (c.envelope_no, c.part)));
    let rows = tx.rows("inbox.take", crate::args![keys]).await?;
    let mut taken = Vec::with_capacity(rows.len());
    for row in rows {
        let bundle = Bundle::parse(row.bytes(2));
        taken.push(Taken {
            envelope_no: row.int(0),
            part: row.int(1),
            bundle: bundle.map_err(|_| StoreError::Shape("inbox".to_owned()))?,
            goes_on: row.opt_bytes(3).map(hashes),
        });
    }
    taken.sort_by_key(|t| (t.envelope_no, t.part));
    Ok(taken)
}

/// The hashes that a column of them holds.
fn hashes(bytes: &[u8]) -> Vec<u64> {
    let each = bytes.chunks_exact(8).filter_map(|c| c.try_into().ok());
    each.map(u64::from_be_bytes).collect()
}

/// Prepares what is written, and judges the cases in hand by what they will be.
async fn judge(
    core: &Arc<Core>,
    tx: &mut Tx,
    decided: &Decided,
    shelf: &mut Shelf,
    settled: i64,
) -> Result<(Prepared, Judged), StoreError> {
    let prepared = prepare(decided, shelf, tx.dialect(), core.forwards, settled);
    let (mut cards, mut refusals) = beside(core, tx, shelf).await?;
    let now_ms = core.now_ms();
    let (mut seen, mut rest, mut later) = (Vec::new(), Vec::new(), Vec::new());
    let changed = shelf
        .open
        .iter_mut()
        .filter(|o| o.is_case() && o.is_changed);
    for open in changed {
        let line = CaseLine {
            stand: stored(open),
            source: std::mem::take(&mut open.source).into(),
            updated_ms: now_ms,
            envelope_no: open.envelope_no,
            ..CaseLine::default()
        };
        if open.goes_on {
            later.push((open.is_new, line));
            continue;
        }
        let key = (open.stand.space.clone(), open.stand.case_no.clone());
        seen.push(Seen {
            stand: line.stand.clone(),
            facts: watch::load::facts(std::mem::take(&mut open.file)),
            refusals: refusals.remove(&key).unwrap_or_default(),
            cards: cards.remove(&key).unwrap_or_default(),
        });
        rest.push((open.is_new, line));
    }
    let ground = Ground::of(core, tx).await?;
    let now = core.clock.now();
    let first = seen.first().map_or("", |s| s.stand.case_no.as_str());
    let span = tracing::info_span!("judge", case_no = %first, cases = seen.len());
    let task = tokio::task::spawn_blocking(move || watch::judge_all(seen, &ground, now));
    let found = task
        .instrument(span)
        .await
        .map_err(|error| StoreError::Shape(format!("judging, which was stopped: {error}")))?;
    let lines = found.iter().zip(rest).map(|(found, (is_new, line))| {
        let judged = watch::write::case_line(found, core.issues_cards);
        let line = CaseLine {
            source: line.source,
            updated_ms: line.updated_ms,
            envelope_no: line.envelope_no,
            ..judged
        };
        (is_new, line)
    });
    let judged = Judged {
        lines: lines.collect(),
        later,
        found,
    };
    Ok((prepared, judged))
}

/// Cards and refusals of the cases of a batch that are judged.
async fn beside(
    core: &Core,
    tx: &mut Tx,
    shelf: &Shelf,
) -> Result<(OfCases<Card>, OfCases<Refusal>), StoreError> {
    let changed = || shelf.open.iter().filter(|o| o.is_case() && o.is_changed);
    let key = |open: &'_ Open| (open.stand.space.clone(), open.stand.case_no.clone());
    let (mut cards, mut refusals) = (BTreeMap::new(), BTreeMap::new());
    let known: Vec<_> = changed().filter(|o| !o.is_new).map(key).collect();
    if !known.is_empty() && core.issues_cards {
        let keys = watch::keys(known.iter().map(|k| (k.0.as_str(), k.1.as_str())));
        cards = watch::load::cards(tx, &keys).await?;
    }
    // Refusals are few, so they are asked for first.
    if !tx.rows("refusals.any", Vec::new()).await?.is_empty() {
        let all: Vec<_> = changed().map(key).collect();
        let keys = watch::keys(all.iter().map(|k| (k.0.as_str(), k.1.as_str())));
        refusals = watch::load::refusals(tx, &keys).await?;
    }
    Ok((cards, refusals))
}

/// What stands beside cases, by space and case number.
type OfCases<T> = BTreeMap<(String, String), Vec<T>>;

/// The cases of a batch, each line with whether it is new.
struct Judged {
    lines: Vec<(bool, CaseLine)>,
    /// Cases that go on in a later part: they are judged when that is ingested.
    later: Vec<(bool, CaseLine)>,
    found: Vec<Found>,
}

async fn write(
    core: &Core,
    tx: &mut Tx,
    decided: Decided,
    prepared: Prepared,
    judged: Judged,
) -> Result<(Report, u64), StoreError> {
    let now_ms = core.now_ms();
    for (element, keys) in &prepared.removed {
        elements::remove(tx, *element, keys).await?;
    }
    for (element, changes) in &prepared.restated {
        elements::restate(tx, *element, changes).await?;
    }
    for insert in prepared.inserts {
        insert.run(tx).await?;
    }
    conflict::keep(core, tx, &decided.conflicts, now_ms).await?;
    let first = judged.found.first();
    let first = first.map_or("", |f| f.stand.case_no.as_str());
    let span = tracing::info_span!("reconcile", case_no = %first, cases = judged.found.len());
    let cards = async {
        let (new, known): (Vec<_>, Vec<_>) = judged.lines.into_iter().partition(|l| l.0);
        let (new_later, later): (Vec<_>, Vec<_>) = judged.later.into_iter().partition(|l| l.0);
        let new: Vec<CaseLine> = new.into_iter().chain(new_later).map(|l| l.1).collect();
        let lines = |of: Vec<(bool, CaseLine)>| of.into_iter().map(|l| l.1).collect::<Vec<_>>();
        cases::put_new(tx, &new).await?;
        cases::put(tx, "cases.stored", &lines(known)).await?;
        cases::put(tx, "cases.touched", &lines(later)).await?;
        cases::put_files(tx, prepared.new_files, true).await?;
        cases::put_files(tx, prepared.files, false).await?;
        watch::write::tell(core, tx, &judged.found).await
    };
    let cards = cards.instrument(span).await?;
    count::answer_refusals(tx, &decided.again).await?;
    if !prepared.forward.is_empty() {
        crate::forward::enqueue(core, tx, prepared.forward, now_ms).await?;
    }
    // Rows that every worker and the gate change come last, so that they wait for each other shortly.
    let stored = count::write(tx, &decided, now_ms).await?;
    let records = decided.records;
    Ok((Report { records, stored }, cards))
}
