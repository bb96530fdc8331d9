//! The watch (hops judge, reconcile, tell): looks at the cases whose facts changed or whose next look
//! has come, and writes what the docket decided: cards, notices and the case's line, in one
//! transaction. Refuses to know a rule; those stand in supervision.

mod ground;
mod load;
mod write;

use crate::core::Core;
use crate::feed::Event;
use crate::store::engine::StoreError;
use std::collections::BTreeMap;
use std::sync::Arc;
use time::{OffsetDateTime, UtcOffset};
use tongcha_schema::clock::{from_unix_ms, unix_ms};
use tongcha_schema::limits;
use tongcha_supervision::{
    Absents, Calendar, Card, Fact, FaultWindow, Judgement, Profile, Refusal, Scene, apply, judge,
};
use tracing::Instrument;

pub use ground::{absents, zones_of};

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

/// A case as the store had it when the look began: what is written later holds only if it is still so.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stand {
    space: String,
    case_no: String,
    rev: i64,
    judged_rev: i64,
    next_look_ms: Option<i64>,
    /// What its scores were gathered by.
    organ_key: String,
}

struct Seen {
    stand: Stand,
    facts: Vec<Fact>,
    refusals: Vec<Refusal>,
    cards: Vec<Card>,
}

struct Found {
    stand: Stand,
    judgement: Judgement,
    cards: Vec<Card>,
    /// Refusals that hold the case no more.
    ended: Vec<Refusal>,
}

/// Looks at everything that is due now, round by round, until nothing is.
///
/// # Errors
/// The store; what was looked at before stays.
pub async fn look(core: &Arc<Core>) -> Result<Report, WatchError> {
    ground::renew(core).await?;
    load::hear_of_refusals(core).await?;
    let mut total = Report::default();
    loop {
        let round = look_once(core).await?;
        total.cases += round.cases;
        total.cards += round.cards;
        if round.cases == 0 {
            return Ok(total);
        }
    }
}

/// One round.
async fn look_once(core: &Arc<Core>) -> Result<Report, WatchError> {
    let now = core.clock.now();
    let Some(seen) = load::round(core, now).await? else {
        return Ok(Report::default());
    };
    let first = seen.first().map(|s| s.stand.case_no.clone());
    let first = first.unwrap_or_default();
    let cases = seen.len() as u64;
    let span = tracing::info_span!("judge", case_no = %first, cases);
    let found = async {
        let absents = absents(core).await?;
        let faults = core.fault_windows();
        let (profile, calendar) = (Arc::clone(&core.profile), Arc::clone(&core.calendar));
        let task = tokio::task::spawn_blocking(move || {
            judge_all(seen, &profile, &calendar, &absents, &faults, now)
        });
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

fn judge_all(
    seen: Vec<Seen>,
    profile: &Profile,
    calendar: &Calendar,
    absents: &Absents,
    faults: &[FaultWindow],
    now: OffsetDateTime,
) -> Vec<Found> {
    seen.into_iter()
        .map(|case| {
            let scene = Scene {
                space: &case.stand.space,
                case_no: &case.stand.case_no,
                facts: &case.facts,
                absents,
                faults,
                refusals: &case.refusals,
            };
            let judgement = judge(&scene, profile, calendar, &case.cards, now);
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
        })
        .collect()
}

/// Keys of cases as a statement takes them.
fn keys<'a>(cases: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let keys = cases.map(|(s, c)| serde_json::json!({"space": s, "case_no": c}));
    serde_json::Value::Array(keys.collect()).to_string()
}

/// The zone of a source's stamps that were written in UTC: what its dialects state, China's where none or
/// several do.
fn zone_of(zones: &BTreeMap<String, UtcOffset>, source: &str, or: UtcOffset) -> UtcOffset {
    zones.get(source).copied().unwrap_or(or)
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
