//! What a look writes (hops reconcile, tell), in one transaction: the lines of the cases, cards, notices, ended
//! refusals, and which organs are to be scored again. Refuses to write about a case that has changed since it
//! was read: that one is looked at again.

use super::{Found, ms};
use crate::core::Core;
use crate::store::cards::{self, CardRow, Cards, NoticeRow};
use crate::store::cases::{self, CaseLine, Stand};
use crate::store::engine::{StoreError, Tx};
use std::collections::{BTreeMap, BTreeSet};
use tongcha_schema::clock::unix_ms;
use tongcha_schema::stamp::canonical_date;
use tongcha_supervision::card::Subject;
use tongcha_supervision::{Card, CardState, Move, hold};
use tracing::Instrument;

/// Writes what a look found; gives how many cards were issued or changed.
pub(super) async fn reconcile(core: &Core, found: Vec<Found>) -> Result<u64, StoreError> {
    let mut tx = core.store.begin().await?;
    crate::lease::fence(&mut tx).await?;
    let found = unchanged(&mut tx, found).await?;
    let lines: Vec<CaseLine> = found
        .iter()
        .map(|f| case_line(f, core.issues_cards))
        .collect();
    cases::put(&mut tx, "cases.judged", &lines).await?;
    let cards = tell(core, &mut tx, &found).await?;
    tx.commit().await?;
    Ok(cards)
}

/// Writes cards, notices, ended refusals, and which organs are to be scored again; gives how many cards were
/// issued or changed. The lines of the cases are locked by this transaction.
pub(crate) async fn tell(core: &Core, tx: &mut Tx, found: &[Found]) -> Result<u64, StoreError> {
    let ended: Vec<serde_json::Value> = found.iter().flat_map(ended_rows).collect();
    put(tx, "refusals.end", ended).await?;
    if !core.issues_cards {
        return Ok(0);
    }
    let mut rows = Cards::default();
    for case in found {
        for step in &case.judgement.moves {
            sort_move(case, step, &mut rows);
        }
    }
    let moves = found.iter().map(|f| f.judgement.moves.len() as u64).sum();
    let notices = rows.notices.len() + rows.first_notices.len();
    let span = tracing::info_span!("tell", notices);
    cards::put(tx, rows).instrument(span).await?;
    put(tx, "scores.due", organs(found)).await?;
    Ok(moves)
}

async fn put(tx: &mut Tx, name: &str, rows: Vec<serde_json::Value>) -> Result<(), StoreError> {
    if !rows.is_empty() {
        let arg = serde_json::Value::Array(rows).to_string();
        tx.run(name, crate::args![arg]).await?;
    }
    Ok(())
}

/// Locks the cases in order, and keeps those of which nobody has stored or judged anything since.
async fn unchanged(tx: &mut Tx, found: Vec<Found>) -> Result<Vec<Found>, StoreError> {
    let ids: Vec<i64> = found.iter().map(|f| f.stand.id).collect();
    let ids = serde_json::to_string(&ids).unwrap_or_default();
    let rows = tx.rows("cases.lock", crate::args![ids]).await?;
    let now: BTreeMap<i64, (i64, i64, Option<i64>)> = rows
        .iter()
        .map(|r| (r.int(0), (r.int(1), r.int(2), r.opt_int(3))))
        .collect();
    let same = |f: &Found| {
        let s = &f.stand;
        now.get(&s.id) == Some(&(s.rev, s.judged_rev, s.next_look_ms))
    };
    Ok(found.into_iter().filter(same).collect())
}

fn ended_rows(case: &Found) -> impl Iterator<Item = serde_json::Value> + '_ {
    case.ended.iter().map(|r| {
        serde_json::json!({"space": case.stand.space, "case_no": case.stand.case_no,
            "element": r.element.name(), "envelope": r.envelope})
    })
}

/// Organs with a changed card, or with a conclusion that counts otherwise than before.
fn organs(found: &[Found]) -> Vec<serde_json::Value> {
    let mut keys = BTreeSet::new();
    for case in found {
        let s = &case.judgement.summary;
        if case.judgement.moves.is_empty() && s.concluded_at.is_none() {
            continue;
        }
        let own = match s.organ_code.as_str() {
            "" => s.organ_name.as_str(),
            code => code,
        };
        keys.extend([own, case.stand.organ_key.as_str()]);
        keys.extend(case.cards.iter().map(Card::organ_key));
    }
    keys.into_iter()
        .map(|key| serde_json::json!({"organ_key": key}))
        .collect()
}

fn sort_move(case: &Found, step: &Move, rows: &mut Cards) {
    let id = match step {
        Move::Issue(card) | Move::Reissue(card) => &card.id,
        Move::Lift { id, .. } => id,
    };
    let Some(card) = case.cards.iter().find(|c| c.id == *id) else {
        return;
    };
    let is_first = case.stand.judged_rev == 0;
    let (list, kind) = match step {
        Move::Issue(_) if is_first => (&mut rows.first, "issued"),
        Move::Issue(_) => (&mut rows.new, "issued"),
        Move::Reissue(_) => (&mut rows.changed, "reissued"),
        Move::Lift { .. } => (&mut rows.changed, "lifted"),
    };
    list.push(card_row(case, card));
    let at = match &card.state {
        CardState::Open => card.issued_at,
        CardState::Lifted { at, .. } | CardState::Withdrawn { at, .. } => *at,
    };
    let notice = NoticeRow {
        card: id.to_string(),
        ord: unix_ms(at),
        issued_ms: unix_ms(at),
        kind,
        body: serde_json::to_string(&card.lines).unwrap_or_default(),
    };
    // A card that is issued and lifted at one instant has one notice.
    match is_first && kind == "issued" {
        true => rows.first_notices.push(notice),
        false => rows.notices.push(notice),
    }
}

fn card_row(case: &Found, card: &Card) -> CardRow {
    let subject = match &card.subject {
        Subject::Case { space, case_no } => format!("case/{space}/{case_no}"),
        Subject::Organ { code } => format!("organ/{code}"),
        Subject::Complaint { no } => format!("complaint/{no}"),
    };
    CardRow {
        id: card.id.to_string(),
        subject,
        space: case.stand.space.clone(),
        case_no: case.stand.case_no.clone(),
        organ_code: card.organ_code.clone(),
        organ_name: card.organ_name.clone(),
        rule: card.rule.to_string(),
        occurrence: card.occurrence.clone(),
        rung: card.rung.to_string(),
        colour: card.colour.name(),
        state: card.state.name(),
        issued_ms: unix_ms(card.issued_at),
        month: canonical_date(card.issued_at.date())[..7].to_owned(),
        body: serde_json::to_string(card).unwrap_or_default(),
    }
}

/// The line of a case as it was judged now.
pub(crate) fn case_line(case: &Found, issues_cards: bool) -> CaseLine {
    let s = &case.judgement.summary;
    let open = case
        .cards
        .iter()
        .filter(|c| c.state == CardState::Open && issues_cards);
    let colour = open.map(|c| c.colour).max();
    let title = match s.item_name.is_empty() {
        true => &s.project_name,
        false => &s.item_name,
    };
    let month = s.concluded_at.map_or(String::new(), |at| {
        canonical_date(at.date())[..7].to_owned()
    });
    let early = s
        .concluded_at
        .zip(s.due_date)
        .is_some_and(|(at, due)| s.provisional.is_none() && at.date() < due);
    let not_judged = case.judgement.not_judged.iter();
    let not_judged: Vec<String> = not_judged.map(ToString::to_string).collect();
    CaseLine {
        stand: Stand {
            judged_rev: case.stand.rev,
            next_look_ms: ms(case.judgement.next_look),
            ..case.stand.clone()
        },
        source: String::new(),
        organ_code: s.organ_code.clone(),
        organ_name: s.organ_name.clone(),
        title: title.clone(),
        stage: s.stage.name(),
        accepted_ms: ms(s.accepted_at),
        due_day: s.due_date.map(canonical_date),
        concluded_ms: ms(s.concluded_at),
        late: s.late,
        overdue: s.overdue,
        concluded_month: month,
        incomplete: s.concluded_at.is_some() && !s.missing.is_empty(),
        early,
        colour: colour.map_or("", tongcha_supervision::Colour::name),
        not_judged: not_judged.join(","),
        held: hold::shown(&s.holds),
        summary: serde_json::to_string(s).unwrap_or_default(),
        updated_ms: 0,
        envelope_no: 0,
    }
}
