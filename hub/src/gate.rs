//! The gate (hops admit and receipt): an envelope that passed the door is decoded and checked; then it is kept
//! raw, counted in the ledger and answered with its admission receipt, in one transaction. Its bundles go
//! to the bus behind the receipt (`passing.rs`). So many are examined, and written, at once. Refuses to decide what only the store can
//! know.

mod blame;
mod examine;
mod harvest;
mod keep;
mod listed;
mod refused;
mod rows;
mod scattered;

pub use blame::GateError;

use crate::core::Core;
use crate::feed::Event;
use crate::receive::{Doorway, Received, receive};
use crate::store::engine::StoreError;
use futures_util::Stream;
use harvest::Harvest;
use keep::Keeper;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use time::Duration;
use tongcha_schema::clock::unix_ms;
use tongcha_schema::finding::Finding;
use tongcha_schema::id::POSTED_EPOCH;
use tongcha_schema::limits;
use tongcha_schema::receipt::{Counts, Receipt, Verdict};
use tongcha_schema::stamp;
use tracing::Instrument;

/// The answer to a sender: the status of the HTTP answer and the receipt.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// 200 for a receipt of a kept envelope, 401 not authenticated, 422 what can never be taken, 400, 408 and 409
    /// turned away.
    pub status: u16,
    /// The receipt.
    pub receipt: Receipt,
}

/// Admits one envelope from a stream of bytes; where the line itself vouches for a node, no other passes.
///
/// # Errors
/// Only the hub's own failures; whatever the sender did wrong is in the receipt.
pub async fn admit<S, B, E>(
    core: &Arc<Core>,
    vouched: Option<&str>,
    body: S,
) -> Result<Answer, GateError>
where
    S: Stream<Item = Result<B, E>>,
    B: AsRef<[u8]>,
{
    answer(core, receive(core, vouched, body).await?).await
}

/// Answers what came of the door.
///
/// # Errors
/// As [`admit`].
pub async fn answer(core: &Arc<Core>, doorway: Doorway) -> Result<Answer, GateError> {
    match doorway {
        Doorway::New(received) => {
            let (node, envelope) = (received.sender.name.clone(), received.head.id.to_string());
            let span = tracing::info_span!("admit", %envelope);
            match admit_new(core, *received).instrument(span).await {
                Err(error) => match error.never() {
                    Some(finding) => {
                        tracing::error!(envelope, %error, "an envelope can never be taken");
                        turned_away(core, 422, &node, &envelope, finding).await
                    }
                    None => Err(error),
                },
                admitted => admitted,
            }
        }
        Doorway::Repeated { envelope, receipt } => repeated(core, &envelope, &receipt).await,
        Doorway::TurnedAway {
            status,
            node,
            envelope,
            finding,
        } => turned_away(core, status, &node, &envelope, *finding).await,
    }
}

async fn repeated(core: &Core, envelope: &str, receipt: &str) -> Result<Answer, GateError> {
    core.door
        .run("envelopes.seen_again", crate::args![envelope])
        .await?;
    let mut receipt: Receipt = serde_json::from_str(receipt)
        .map_err(|_| StoreError::Shape("the receipt of a repeated envelope".to_owned()))?;
    receipt.repeated = true;
    Ok(Answer {
        status: 200,
        receipt,
    })
}

/// Notes that something was turned away, and answers with a receipt that says why. All are counted; of one
/// node and reason, and of strangers by reason, [`limits::TURNED_AWAY_AN_HOUR`] are kept and logged.
///
/// # Errors
/// The store.
pub async fn turned_away(
    core: &Core,
    status: u16,
    node: &str,
    envelope: &str,
    finding: Finding,
) -> Result<Answer, GateError> {
    let now = core.clock.now();
    let code = finding.code.to_string();
    let body = serde_json::to_string(&finding).unwrap_or_default();
    let mut tx = core.door.begin().await?;
    let kept = tx
        .run(
            "envelopes.turn_away",
            crate::args![
                unix_ms(now),
                node,
                &code,
                body,
                unix_ms(now - Duration::HOUR),
                limits::TURNED_AWAY_AN_HOUR
            ],
        )
        .await?;
    tx.run(
        "nodes.count",
        crate::args![format!("turned_away.{code}"), 1_i64],
    )
    .await?;
    tx.commit().await?;
    if kept > 0 {
        tracing::warn!(node, envelope, code, "turned away at the door");
    }
    core.feed.tell(Event::TurnedAway { code });
    let receipt = Receipt {
        v: 1,
        number: String::new(),
        envelope: envelope.to_owned(),
        hub: core.name.clone(),
        received_at: stamp::canonical(now.to_offset(core.zone)),
        completed_at: None,
        verdict: Verdict::Refused,
        repeated: false,
        counts: Counts::default(),
        elements: BTreeMap::new(),
        items: Vec::new(),
        findings: vec![finding],
        unlisted: BTreeMap::new(),
    };
    Ok(Answer { status, receipt })
}

async fn admit_new(core: &Arc<Core>, received: Received) -> Result<Answer, GateError> {
    let rooms = &core.intake.rooms;
    let received = Arc::new(received);
    // A posted document has its place already, and its sender sees no sign of life meanwhile.
    let posted = received.head.id.epoch == POSTED_EPOCH;
    let _own = match received.turn.as_ref().filter(|_| !posted) {
        Some(turn) => turn.examine().await,
        None => None,
    };
    let _place = match posted {
        true => None,
        false => rooms.examined.acquire().await.ok(),
    };
    let now = core.clock.now();
    let agreed = agreed(core, &received.sender.name).await?;
    let mut examination = examine::start(Arc::clone(core), Arc::clone(&received), agreed, now);
    // What is found waits here: a transaction that lasts as long as an examination keeps others waiting.
    let mut harvest = Harvest::new(Arc::clone(&core.sealed), &core.spool, rooms);
    while let Some(piece) = examination.next().await {
        harvest.push(piece)?;
    }
    let (outcomes, scattered) = examination.finish().await?;
    let _turn = rooms.written.acquire().await.ok();
    let mut keeper = Keeper::begin(core, &received, &scattered, now).await?;
    while let Some(piece) = harvest.next().map_err(GateError::disk)? {
        keeper.take(piece).await?;
    }
    for (item, outcome) in outcomes {
        keeper.item(item, &outcome);
    }
    let (no, receipt) = keeper.finish().await?;
    core.feed.tell(Event::Envelope {
        id: receipt.envelope.clone(),
        node: received.sender.name.clone(),
        verdict: receipt.verdict.name().to_owned(),
    });
    if receipt.counts.pending > 0 {
        core.passing.envelope(no);
    }
    tracing::info_span!("receipt", envelope = %receipt.envelope).in_scope(|| {
        tracing::info!(
            envelope = %receipt.envelope,
            verdict = receipt.verdict.name(),
            received = receipt.counts.received,
            rejected = receipt.counts.rejected,
            "admitted"
        );
    });
    Ok(Answer {
        status: 200,
        receipt,
    })
}

/// The dialects that were agreed with a node; none: it may send any.
async fn agreed(core: &Core, node: &str) -> Result<Vec<String>, StoreError> {
    let row = core.store.row("nodes.agreed", crate::args![node]).await?;
    let names = row.iter().flat_map(|row| row.text(0).split(','));
    let names = names.filter(|name| !name.is_empty());
    Ok(names.map(str::to_owned).collect())
}

/// A bundle on its way into the inbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Part of the envelope.
    pub part: i64,
    /// Partition.
    pub partition: u32,
    /// Its bytes.
    pub payload: Vec<u8>,
}
