//! The watch (hops judge, reconcile, tell): looks at the cases whose facts changed or whose next look
//! has come, and writes what the docket decided: cards, notices and the case's line, in one
//! transaction. Refuses to know a rule; those stand in supervision.

mod ground;
pub(crate) mod load;
pub(crate) mod write;

use crate::core::Core;
use crate::feed::Event;
use crate::store::cases::Stand;
use crate::store::engine::{StoreError, Tx};
use load::Cursor;
use std::collections::BTreeMap;
use std::sync::Arc;
use time::{OffsetDateTime, UtcOffset};
use tongcha_schema::clock::{CHINA, from_unix_ms, unix_ms};
use tongcha_schema::limits;
use tongcha_supervision::scene::into_zone;
use tongcha_supervision::{
    Absents, Calendar, Card, Fact, FaultWindow, Judgement, Profile, Refusal, Scene, apply, judge,
};
use tracing::Instrument;

pub use ground::{absents, begin, zones_of};

/// Cases of one look at most: one transaction each.
const ROUND: i64 = 500;

/// What a look did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Cases looked at.
    pub cases: u64,
    /// Cards issued or changed.
    pub cards: u64,
}

/// Why a look failed.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The judging thread was stopped.
    #[error("judging was stopped: {0}")]
    Stopped(String),
}

/// A case as it is to be judged.
pub(crate) struct Seen {
    pub stand: Stand,
    pub facts: Vec<Fact>,
    pub refusals: Vec<Refusal>,
    pub cards: Vec<Card>,
}

/// What a judgement found.
pub(crate) struct Found {
    pub stand: Stand,
    pub judgement: Judgement,
    pub cards: Vec<Card>,
    /// Refusals that hold the case no more.
    pub ended: Vec<Refusal>,
}

/// Looks at everything that is due now, round by round, until nothing is.
///
/// # Errors
/// The store; what was looked at before stays.
pub async fn look(core: &Arc<Core>) -> Result<Report, WatchError> {
    ground::renew(core).await?;
    load::hear_of_refusals(core).await?;
    let mut total = Report::default();
    let now = core.clock.now();
    for mut cursor in [Cursor::changed(), Cursor::due(now)] {
        while let Some(seen) = load::round(core, &mut cursor).await? {
            let round = look_at(core, seen, now).await?;
            total.cases += round.cases;
            total.cards += round.cards;
        }
    }
    Ok(total)
}

/// One round.
async fn look_at(
    core: &Arc<Core>,
    seen: Vec<Seen>,
    now: OffsetDateTime,
) -> Result<Report, WatchError> {
    let first = seen.first().map(|s| s.stand.case_no.clone());
    let first = first.unwrap_or_default();
    let cases = seen.len() as u64;
    let span = tracing::info_span!("judge", case_no = %first, cases);
    let found = async {
        let mut tx = core.store.snapshot().await?;
        let ground = Ground::of(core, &mut tx).await?;
        drop(tx);
        let task = tokio::task::spawn_blocking(move || judge_all(seen, &ground, now));
        task.await.map_err(|e| WatchError::Stopped(e.to_string()))
    }
    .instrument(span)
    .await?;
    let span = tracing::info_span!("reconcile", case_no = %first, cases);
    let cards = write::reconcile(core, found).instrument(span).await?;
    if cards > 0 {
        core.feed.tell(Event::Cards { cards });
    }
    Ok(Report { cases, cards })
}

/// What cases are judged by.
pub(crate) struct Ground {
    profile: Arc<Profile>,
    calendar: Arc<Calendar>,
    absents: Absents,
    faults: Vec<FaultWindow>,
    zones: BTreeMap<String, UtcOffset>,
}

impl Ground {
    /// As it is now.
    pub async fn of(core: &Core, tx: &mut Tx) -> Result<Ground, StoreError> {
        let spoken = tx.rows("nodes.dialects", Vec::new()).await?;
        Ok(Ground {
            profile: Arc::clone(&core.profile),
            calendar: Arc::clone(&core.calendar),
            absents: ground::absents_in(&spoken, &core.registry),
            faults: core.fault_windows(),
            zones: ground::zones_in(&spoken, &core.registry),
        })
    }
}

/// Judges these cases, each for itself.
pub(crate) fn judge_all(seen: Vec<Seen>, ground: &Ground, now: OffsetDateTime) -> Vec<Found> {
    let judge_one = |mut case: Seen| {
        for fact in &mut case.facts {
            let zone = ground.zones.get(&*fact.record.head.source);
            into_zone(&mut fact.record, zone.copied().unwrap_or(CHINA));
        }
        let scene = Scene {
            space: &case.stand.space,
            case_no: &case.stand.case_no,
            facts: &case.facts,
            absents: &ground.absents,
            faults: &ground.faults,
            refusals: &case.refusals,
        };
        let judgement = judge(&scene, &ground.profile, &ground.calendar, &case.cards, now);
        let open: Vec<Refusal> = scene.open_refusals().into_iter().cloned().collect();
        let mut cards = case.cards;
        apply(&mut cards, &judgement.moves);
        let ended = case.refusals.into_iter().filter(|r| !open.contains(r));
        Found {
            judgement,
            cards,
            ended: ended.collect(),
            stand: case.stand,
        }
    };
    seen.into_iter().map(judge_one).collect()
}

/// Keys of cases as a statement takes them.
pub(crate) fn keys<'a>(cases: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let keys = cases.map(|(s, c)| serde_json::json!({"space": s, "case_no": c}));
    serde_json::Value::Array(keys.collect()).to_string()
}

/// How many cases, by their recorded number of records, fit into one look; at least one.
fn fitting(records: impl Iterator<Item = u64>) -> usize {
    let (mut sum, mut cases) = (0_u64, 0);
    for of_case in records {
        sum = sum.saturating_add(of_case);
        if cases > 0 && sum > limits::LOOK_RECORDS {
            break;
        }
        cases += 1;
    }
    cases
}

/// The earliest instant at which any case is to be looked at, if there is one.
///
/// # Errors
/// The store.
pub async fn next_look(core: &Core) -> Result<Option<OffsetDateTime>, StoreError> {
    let row = core.store.row("cases.next_look", Vec::new()).await?;
    Ok(row.and_then(|r| r.opt_int(0)).map(from_unix_ms))
}

/// Milliseconds of an instant that may not be there.
fn ms(at: Option<OffsetDateTime>) -> Option<i64> {
    at.map(unix_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_bounded_by_records_and_takes_at_least_one_case() {
        assert_eq!(fitting([3, 4, 5].into_iter()), 3);
        let most = limits::LOOK_RECORDS;
        assert_eq!(fitting([most, 1].into_iter()), 1);
        assert_eq!(fitting([most - 1, 1, 1].into_iter()), 2);
        assert_eq!(
            fitting([most * 9, 1].into_iter()),
            1,
            "one case is taken whole"
        );
        assert_eq!(fitting(std::iter::empty()), 0);
    }
}
