//! The watch (hops judge, reconcile, tell): looks at the cases whose facts changed or whose next look
//! has come, and writes what the docket decided: cards, notices and the case's line, in one
//! transaction. Refuses to know a rule; those stand in supervision.

use crate::core::Core;
use crate::feed::Event;
use crate::store::elements;
use crate::store::engine::StoreError;
use crate::store::row::Row;
use std::collections::BTreeMap;
use std::sync::Arc;
use time::OffsetDateTime;
use tongcha_schema::clock::{from_unix_ms, unix_ms};
use tongcha_schema::stamp::canonical_date;
use tongcha_supervision::card::Subject;
use tongcha_supervision::{
    Absents, Calendar, Card, CardState, Fact, FaultWindow, Judgement, Move, Profile, Scene, apply,
    judge,
};
use tracing::Instrument;

/// Cases of one look: one transaction each.
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

struct Seen {
    space: String,
    case_no: String,
    rev: i64,
    facts: Vec<Fact>,
    cards: Vec<Card>,
}

struct Found {
    space: String,
    case_no: String,
    rev: i64,
    judgement: Judgement,
    cards: Vec<Card>,
}

/// Looks at everything that is due now, round by round, until nothing is.
///
/// # Errors
/// The store; what was looked at before stays.
pub async fn look(core: &Arc<Core>) -> Result<Report, WatchError> {
    let mut total = Report::default();
    loop {
        let round = look_once(core).await?;
        total.cases += round.cases;
        total.cards += round.cards;
        if round.cases < ROUND as u64 {
            return Ok(total);
        }
    }
}

/// One round.
async fn look_once(core: &Arc<Core>) -> Result<Report, WatchError> {
    let now = core.clock.now();
    let due = core
        .store
        .rows("cases.due", crate::args![unix_ms(now), ROUND])
        .await?;
    if due.is_empty() {
        return Ok(Report::default());
    }
    let first = due[0].text(1).to_owned();
    let span = tracing::info_span!("judge", case_no = %first, cases = due.len());
    let (found, cards) = async {
        let seen = load(core, &due).await?;
        let absents = absents(core).await?;
        let faults = core.fault_windows();
        let (profile, calendar) = (Arc::clone(&core.profile), Arc::clone(&core.calendar));
        let task = tokio::task::spawn_blocking(move || {
            judge_all(seen, &profile, &calendar, &absents, &faults, now)
        });
        let found = task.await.map_err(|e| WatchError::Stopped(e.to_string()))?;
        let cards: usize = found.iter().map(|f| f.judgement.moves.len()).sum();
        Ok::<_, WatchError>((found, cards as u64))
    }
    .instrument(span)
    .await?;
    let report = Report {
        cases: found.len() as u64,
        cards: if core.issues_cards { cards } else { 0 },
    };
    let span = tracing::info_span!("reconcile", case_no = %first, cards = report.cards);
    reconcile(core, found).instrument(span).await?;
    if report.cards > 0 {
        core.feed.tell(Event::Cards {
            cards: report.cards,
        });
    }
    Ok(report)
}

async fn load(core: &Core, due: &[Row]) -> Result<Vec<Seen>, StoreError> {
    let keys: Vec<(String, String)> = due
        .iter()
        .map(|r| (r.text(0).to_owned(), r.text(1).to_owned()))
        .collect();
    let mut facts = elements::of_cases(&core.store, &keys).await?;
    let json: Vec<_> = keys
        .iter()
        .map(|(s, c)| serde_json::json!({"space": s, "case_no": c}))
        .collect();
    let arg = serde_json::Value::Array(json).to_string();
    let mut cards: BTreeMap<(String, String), Vec<Card>> = BTreeMap::new();
    for row in core.store.rows("cards.of_cases", crate::args![arg]).await? {
        let card =
            serde_json::from_str(row.text(2)).map_err(|_| StoreError::Shape("card".to_owned()))?;
        cards
            .entry((row.text(0).to_owned(), row.text(1).to_owned()))
            .or_default()
            .push(card);
    }
    Ok(due
        .iter()
        .zip(keys)
        .map(|(row, key)| Seen {
            rev: row.int(3),
            facts: facts
                .remove(&key)
                .unwrap_or_default()
                .into_iter()
                .map(|s| Fact {
                    record: s.record,
                    state: s.state,
                })
                .collect(),
            cards: cards.remove(&key).unwrap_or_default(),
            space: key.0,
            case_no: key.1,
        })
        .collect())
}

/// What the sources have declared absent: by the dialects that read them.
///
/// # Errors
/// The store.
pub async fn absents(core: &Core) -> Result<Absents, StoreError> {
    let mut absents = Absents::default();
    for row in core.store.rows("nodes.dialects", Vec::new()).await? {
        let Some(dialect) = core.registry.get(row.text(1)) else {
            continue;
        };
        for absent in dialect.absents() {
            match absent.field {
                None => absents.declare(row.text(0), absent.element, None),
                Some(field) => absents.declare_index(row.text(0), absent.element, field),
            };
        }
    }
    Ok(absents)
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
                space: &case.space,
                case_no: &case.case_no,
                facts: &case.facts,
                absents,
                faults,
            };
            let judgement = judge(&scene, profile, calendar, &case.cards, now);
            let mut cards = case.cards;
            apply(&mut cards, &judgement.moves);
            Found {
                space: case.space,
                case_no: case.case_no,
                rev: case.rev,
                judgement,
                cards,
            }
        })
        .collect()
}

async fn reconcile(core: &Core, found: Vec<Found>) -> Result<(), StoreError> {
    let mut tx = core.store.begin().await?;
    let lines: Vec<serde_json::Value> = found
        .iter()
        .map(|f| case_line(f, core.issues_cards))
        .collect();
    tx.run(
        "cases.judged",
        crate::args![serde_json::Value::Array(lines).to_string()],
    )
    .await?;
    if core.issues_cards {
        let (mut new, mut changed, mut notices) = (Vec::new(), Vec::new(), Vec::new());
        for case in &found {
            for step in &case.judgement.moves {
                sort_move(case, step, &mut new, &mut changed, &mut notices);
            }
        }
        for (name, rows) in [("cards.put", new), ("cards.change", changed)] {
            if !rows.is_empty() {
                tx.run(
                    name,
                    crate::args![serde_json::Value::Array(rows).to_string()],
                )
                .await?;
            }
        }
        if !notices.is_empty() {
            let span = tracing::info_span!("tell", notices = notices.len());
            let arg = serde_json::Value::Array(notices).to_string();
            tx.run("cards.notify", crate::args![arg])
                .instrument(span)
                .await?;
        }
    }
    tx.commit().await
}

fn sort_move(
    case: &Found,
    step: &Move,
    new: &mut Vec<serde_json::Value>,
    changed: &mut Vec<serde_json::Value>,
    notices: &mut Vec<serde_json::Value>,
) {
    let id = match step {
        Move::Issue(card) | Move::Reissue(card) => &card.id,
        Move::Lift { id, .. } => id,
    };
    let Some(card) = case.cards.iter().find(|c| c.id == *id) else {
        return;
    };
    let kind = match step {
        Move::Issue(_) => {
            new.push(card_row(case, card));
            "issued"
        }
        Move::Reissue(_) => {
            changed.push(card_row(case, card));
            "reissued"
        }
        Move::Lift { .. } => {
            changed.push(card_row(case, card));
            "lifted"
        }
    };
    let at = match &card.state {
        CardState::Open => card.issued_at,
        CardState::Lifted { at, .. } | CardState::Withdrawn { at, .. } => *at,
    };
    notices.push(serde_json::json!({
        "card": id.to_string(), "ord": unix_ms(at), "issued_ms": unix_ms(at), "kind": kind,
        "body": serde_json::to_string(&card.lines).unwrap_or_default(),
    }));
}

fn card_row(case: &Found, card: &Card) -> serde_json::Value {
    let subject = match &card.subject {
        Subject::Case { space, case_no } => format!("case/{space}/{case_no}"),
        Subject::Organ { code } => format!("organ/{code}"),
        Subject::Complaint { no } => format!("complaint/{no}"),
    };
    let month: String = canonical_date(card.issued_at.date())
        .chars()
        .take(7)
        .collect();
    serde_json::json!({
        "id": card.id.to_string(), "subject": subject, "space": case.space, "case_no": case.case_no,
        "organ_code": card.organ_code, "organ_name": card.organ_name, "rule": card.rule.to_string(),
        "occurrence": card.occurrence, "rung": card.rung.to_string(), "colour": card.colour.name(),
        "state": card.state.name(), "issued_ms": unix_ms(card.issued_at), "month": month,
        "body": serde_json::to_string(card).unwrap_or_default(),
    })
}

fn case_line(case: &Found, issues_cards: bool) -> serde_json::Value {
    let s = &case.judgement.summary;
    let open = case
        .cards
        .iter()
        .filter(|c| c.state == CardState::Open && issues_cards);
    let colour = open
        .map(|c| c.colour)
        .max()
        .map_or("", tongcha_supervision::Colour::name);
    let title = if s.item_name.is_empty() {
        &s.project_name
    } else {
        &s.item_name
    };
    let month = s.concluded_at.map_or(String::new(), |at| {
        canonical_date(at.date())[..7].to_owned()
    });
    let early = s
        .concluded_at
        .zip(s.due_date)
        .is_some_and(|(at, due)| at.date() < due);
    let incomplete = s.concluded_at.is_some() && !s.missing.is_empty();
    let not_judged: Vec<String> = case
        .judgement
        .not_judged
        .iter()
        .map(ToString::to_string)
        .collect();
    serde_json::json!({
        "space": case.space, "case_no": case.case_no, "rev": case.rev,
        "next_look_ms": case.judgement.next_look.map(unix_ms),
        "organ_code": s.organ_code, "organ_name": s.organ_name, "title": title, "stage": s.stage.name(),
        "accepted_ms": s.accepted_at.map(unix_ms), "due_day": s.due_date.map(canonical_date),
        "concluded_ms": s.concluded_at.map(unix_ms), "late": i64::from(s.late),
        "overdue": i64::from(s.overdue), "concluded_month": month, "incomplete": i64::from(incomplete),
        "early": i64::from(early), "colour": colour, "not_judged": not_judged.join(","),
        "summary": serde_json::to_string(s).unwrap_or_default(),
    })
}

/// The earliest instant at which any case is to be looked at, if there is one.
///
/// # Errors
/// The store.
pub async fn next_look(core: &Core) -> Result<Option<OffsetDateTime>, StoreError> {
    let row = core.store.row("cases.next_look", Vec::new()).await?;
    Ok(row.and_then(|r| r.opt_int(0)).map(from_unix_ms))
}
