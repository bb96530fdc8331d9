//! Hop pass: bundles go from the inbox to the bus behind the receipt, envelope by envelope as they were admitted;
//! after a publish that failed half-way a later part may have gone before an earlier one. While the bus is away
//! they wait, and go on when it comes back. Refuses to keep bytes: the inbox does.

use crate::bus::Claim;
use crate::core::Core;
use crate::inbox;
use crate::store::engine::StoreError;
use crate::store::row::Row;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tracing::Instrument;

/// Bundles that are published together.
const TOGETHER: i64 = 64;
/// Errands that are taken at a time.
const ERRANDS: usize = 64;
/// Errands that wait at once, some 100 bytes each. What finds no place stays in the inbox, and the next round of
/// what waits there passes it.
const MOST_ERRANDS: usize = 16_384;
/// First and longest pause before bundles are offered to a bus or a store again that did not take them.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));

/// What is to be passed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Errand {
    /// The bundles of an envelope.
    Envelope(i64),
    /// Bundles that wait since an instant or longer, in milliseconds: held ones, and a round of those that
    /// the bus has confirmed and no ingest has taken.
    Waiting(i64),
}

/// The queue of errands.
#[derive(Debug)]
pub struct Passing {
    errands: Sender<Errand>,
    open: AtomicUsize,
}

/// The other end, for [`run`].
pub struct Errands(Receiver<Errand>);

impl Passing {
    /// A queue, and its other end.
    pub fn new() -> (Passing, Errands) {
        let (errands, end) = channel(MOST_ERRANDS);
        let open = AtomicUsize::new(0);
        (Passing { errands, open }, Errands(end))
    }

    /// The bundles of this envelope are in the inbox.
    pub fn envelope(&self, no: i64) {
        self.put(Errand::Envelope(no));
    }

    /// Passes what waits since `before_ms` or longer. Nothing where errands are open already: then the bus
    /// is slow or away, and what waits is on its way.
    pub fn waiting(&self, before_ms: i64) {
        if self.open.load(Ordering::Acquire) == 0 {
            self.put(Errand::Waiting(before_ms));
        }
    }

    fn put(&self, errand: Errand) {
        self.open.fetch_add(1, Ordering::AcqRel);
        // Full, or a hub that ends: the inbox keeps it.
        if self.errands.try_send(errand).is_err() {
            self.open.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

/// Does the errands until the hub ends.
pub async fn run(core: Arc<Core>, mut errands: Errands) {
    let mut taken = Vec::new();
    while errands.0.recv_many(&mut taken, ERRANDS).await > 0 {
        let mut pauses = PAUSES.0;
        while let Err(error) = pass_all(&core, &taken).await {
            tracing::warn!(%error, "not passed; held in the inbox and offered again");
            pause(pauses).await;
            pauses = (pauses * 2).min(PAUSES.1);
        }
        core.passing.open.fetch_sub(taken.len(), Ordering::AcqRel);
        taken.clear();
    }
}

/// Between two tries.
#[expect(
    clippy::disallowed_methods,
    reason = "the outermost loop of a worker; not a storm of tries"
)]
async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Why bundles were not passed.
#[derive(Debug, thiserror::Error)]
enum NotPassed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Bus(#[from] crate::bus::BusError),
}

/// Passes what the errands name. After a failure all of it is looked for again: what ingest has taken
/// meanwhile is gone from the inbox, and what goes twice is taken once.
async fn pass_all(core: &Core, errands: &[Errand]) -> Result<(), NotPassed> {
    let mut ready: Vec<Row> = Vec::new();
    for errand in errands {
        match errand {
            Errand::Envelope(no) => {
                let mut after = 0;
                loop {
                    let args = crate::args![*no, after, TOGETHER];
                    let rows = core.store.rows("inbox.of_envelope", args).await?;
                    let Some(last) = rows.last() else { break };
                    after = last.int(1);
                    ready.extend(rows);
                    if ready.len() >= TOGETHER as usize {
                        pass(core, std::mem::take(&mut ready)).await?;
                    }
                }
            }
            Errand::Waiting(before_ms) => {
                pass(core, std::mem::take(&mut ready)).await?;
                pass_waiting(core, *before_ms).await?;
            }
        }
    }
    pass(core, ready).await
}

/// A page at a time, each behind the last: what is passed stays in the inbox until it is ingested.
async fn pass_waiting(core: &Core, before_ms: i64) -> Result<(), NotPassed> {
    let mut after = (0, 0);
    loop {
        let args = crate::args![before_ms, after.0, after.1, TOGETHER];
        let rows = core.store.rows("inbox.held", args).await?;
        let Some(last) = rows.last() else { break };
        after = (last.int(0), last.int(1));
        pass(core, rows).await?;
    }
    let sent = crate::args![before_ms, inbox::ROUND];
    pass(core, core.store.rows("inbox.stale", sent).await?).await
}

/// Publishes claims to bundles: number of the envelope, part, partition, id of the envelope.
async fn pass(core: &Core, rows: Vec<Row>) -> Result<(), NotPassed> {
    let Some(first) = rows.first() else {
        return Ok(());
    };
    let span = tracing::info_span!("pass", envelope = %first.text(3), bundles = rows.len());
    async {
        let claims: Vec<Claim> = rows.iter().map(claim).collect();
        core.bus.publish(&claims).await?;
        if core.bus.is_durable() {
            let keys = inbox::keys(claims.iter().map(|c| (c.envelope_no, c.part)));
            let args = crate::args![keys, core.now_ms()];
            core.store.run("inbox.sent", args).await?;
        }
        Ok(())
    }
    .instrument(span)
    .await
}

fn claim(row: &Row) -> Claim {
    Claim {
        envelope_no: row.int(0),
        part: row.int(1),
        partition: u32::try_from(row.int(2)).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_is_bounded_and_what_finds_no_place_is_left_to_a_later_round() {
        let (passing, mut errands) = Passing::new();
        for no in 0..MOST_ERRANDS + 5 {
            passing.envelope(i64::try_from(no).unwrap_or(0));
        }
        assert_eq!(passing.open.load(Ordering::Acquire), MOST_ERRANDS);
        passing.waiting(1);
        let mut taken = 0;
        while let Ok(errand) = errands.0.try_recv() {
            assert!(
                matches!(errand, Errand::Envelope(_)),
                "no round while errands are open"
            );
            taken += 1;
        }
        assert_eq!(taken, MOST_ERRANDS);
        passing.open.fetch_sub(taken, Ordering::AcqRel);
        passing.waiting(1);
        assert_eq!(errands.0.try_recv(), Ok(Errand::Waiting(1)));
    }
}
