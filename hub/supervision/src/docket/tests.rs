//! Tests of the docket: evidence order, exchange faults, identity, and the laws of reconciling.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]
use super::*;
use crate::card::Subject;
use crate::scene::{Fact, RowState};
use crate::sketch::{Look, Sketch, stamp};
use proptest::prelude::*;
use tongcha_schema::element::ElementId;

mod holds;

/// Accepted Monday 2024-03-04 with 5 working days: due Monday 2024-03-11.
const STORY: &str = "
    item 5W legal 20W free                | got 2024-03-01 09:00
    accept 2024-03-04 09:00 by 2024-03-11 | got 2024-03-04 10:00";

fn overdue() -> Sketch {
    let mut sketch = Sketch::read(STORY);
    let look = sketch.look("2024-03-12 09:00");
    assert_eq!(look.cards(), ["T-02 yellow"]);
    look.settle(&mut sketch);
    sketch
}

fn after(sketch: &Sketch, line: &str) -> Look {
    let mut sketch = sketch.clone();
    sketch.add(line);
    sketch.look("2024-03-14 12:00")
}

#[test]
fn a_first_ever_record_that_proves_timeliness_lifts_the_card_as_a_false_alarm() {
    let look = after(
        &overdue(),
        "conclude 2024-03-08 09:00 | got 2024-03-14 11:00",
    );
    assert_eq!(look.lifts(), ["T-02 false_alarm"]);
    assert_eq!(look.judgement.contested, []);
    assert_eq!(look.next(), "");
}

#[test]
fn a_first_ever_record_that_proves_lateness_lets_it_stand() {
    let look = after(
        &overdue(),
        "conclude 2024-03-12 10:00 | got 2024-03-14 11:00",
    );
    assert_eq!(look.judgement.moves, []);
    assert!(look.judgement.summary.late);
}

#[test]
fn a_higher_version_that_would_clear_a_card_does_not() {
    let mut sketch = Sketch::read(STORY);
    sketch.add("conclude 2024-03-12 08:00 | got 2024-03-12 08:10");
    sketch.look("2024-03-12 09:00").settle(&mut sketch);
    let look = after(
        &sketch,
        "conclude 2024-03-11 17:00 | got 2024-03-14 11:00 v 2",
    );
    assert_eq!(look.judgement.moves, []);
    assert_eq!(look.judgement.contested, [sketch.cards[0].id.clone()]);
    assert!(
        !look.judgement.summary.late,
        "the summary shows the facts in force"
    );
}

#[test]
fn a_higher_version_of_the_acceptance_or_a_deletion_does_not_clear_either() {
    for line in [
        "accept 2024-03-12 08:00 by 2024-03-19 | got 2024-03-14 11:00 v 2",
        "accept 2024-03-04 09:00 by 2024-03-11 | got 2024-03-14 11:00 v 2 deleted",
        "item 20W legal 20W free | got 2024-03-14 11:00 v 2",
    ] {
        let look = after(&overdue(), line);
        assert_eq!(look.judgement.moves, [], "{line}");
    }
}

#[test]
fn a_pause_received_after_the_card_does_not_clear_it_but_one_received_before_prevents_it() {
    let pause = "pause 02 2024-03-06 09:00 to 2024-03-20 09:00";
    let look = after(&overdue(), &format!("{pause} | got 2024-03-14 11:00"));
    assert_eq!(look.judgement.moves, []);
    assert_eq!(look.judgement.contested.len(), 1);
    let mut in_time = Sketch::read(STORY);
    in_time.add(&format!("{pause} | got 2024-03-11 11:00"));
    assert_eq!(in_time.look("2024-03-14 12:00").cards(), [""; 0]);
}

#[test]
fn a_correction_after_the_card_does_not_clear_it_where_corrections_pause() {
    let mut sketch = overdue();
    sketch.profile.correction_pauses = true;
    let correction = "correct 2024-03-05 09:00 to 2024-03-29 09:00";
    let look = after(&sketch, &format!("{correction} | got 2024-03-14 11:00"));
    assert_eq!(
        (look.judgement.moves.len(), look.judgement.contested.len()),
        (0, 1)
    );
}

#[test]
fn a_false_alarm_whose_facts_turn_again_is_issued_again_under_its_number() {
    let mut sketch = overdue();
    sketch.add("conclude 2024-03-08 09:00 | got 2024-03-14 11:00");
    sketch.look("2024-03-14 12:00").settle(&mut sketch);
    sketch.add("conclude 2024-03-13 09:00 | got 2024-03-15 11:00 v 2");
    let look = sketch.look("2024-03-15 12:00");
    let card = match look.judgement.moves.as_slice() {
        [Move::Reissue(card)] => card,
        other => unreachable!("{other:?}"),
    };
    assert_eq!(card.id, sketch.cards[0].id);
    look.settle(&mut sketch);
    assert_eq!(sketch.cards.len(), 1);
    assert_eq!(sketch.look("2024-03-15 12:00").judgement.moves, []);
}

#[test]
fn a_withdrawn_card_comes_back_only_on_other_facts() {
    let mut sketch = overdue();
    sketch.withdraw("T-02");
    assert_eq!(sketch.look("2024-03-14 12:00").judgement.moves, []);
    sketch.add("conclude 2024-03-15 09:00 | got 2024-03-15 09:10");
    assert_eq!(
        sketch.look("2024-03-15 12:00").judgement.moves,
        [],
        "the same broken promise"
    );
    sketch.add("accept 2024-03-01 09:00 by 2024-03-08 | got 2024-03-18 10:00 v 2");
    assert_eq!(
        sketch.look("2024-03-18 12:00").cards(),
        ["T-02 yellow"],
        "another due day"
    );
}

#[test]
fn an_exchange_fault_holds_back_silence_only() {
    let mut sketch = Sketch::read(STORY);
    sketch.fault("2024-03-11 12:00", Some("2024-03-13 08:00"));
    let look = sketch.look("2024-03-12 09:00");
    assert_eq!(
        (look.cards(), look.suspended()),
        (vec![], vec!["T-02".to_owned()])
    );
    assert_eq!(look.next(), "2024-03-13T08:00:00+08:00");
    let mut stated = sketch.clone();
    stated.add("conclude 2024-03-12 08:00 | got 2024-03-12 08:10");
    let look = stated.look("2024-03-12 09:00");
    assert_eq!(
        look.cards(),
        ["T-02 yellow"],
        "a late conclusion is late whatever the feed's health"
    );
    let healthy = sketch.look("2024-03-13 08:00");
    assert_eq!(
        (healthy.cards(), healthy.suspended().len()),
        (vec!["T-02 yellow".to_owned()], 0)
    );
}

#[test]
fn another_sources_fault_and_an_issued_card_are_not_touched() {
    let mut sketch = overdue();
    sketch.fault("2024-03-12 00:00", None);
    let look = sketch.look("2024-03-12 10:00");
    assert_eq!((look.judgement.moves.len(), look.suspended().len()), (0, 0));
    let mut sketch = Sketch::read(STORY);
    sketch.fault("2024-03-12 00:00", None);
    sketch.faults[0].source = "430102/other".into();
    assert_eq!(sketch.look("2024-03-12 10:00").cards(), ["T-02 yellow"]);
}

#[test]
fn two_sources_that_feed_one_case_join() {
    let mut sketch = Sketch::read(STORY);
    sketch.add("conclude 2024-03-08 09:00 | from 430102/hall got 2024-03-08 09:10");
    assert_eq!(sketch.look("2024-03-14 12:00").cards(), [""; 0]);
    sketch.absent("item.legal_limit");
    let look = sketch.look("2024-03-14 12:00");
    assert_eq!(
        look.not_judged(),
        [""; 0],
        "the other source has not declared it"
    );
}

#[test]
fn a_card_carries_its_arithmetic_evidence_and_source_zone() {
    let card = &overdue().cards[0];
    assert_eq!(card.issued_at.offset(), time::macros::offset!(+8));
    assert_eq!(card.begins_at, stamp("2024-03-12 00:00"));
    assert_eq!(
        (card.profile.as_str(), card.basis.as_str()),
        ("test/1", "due=2024-03-11")
    );
    assert_eq!(
        (card.item_name.as_str(), card.item_type.as_str()),
        ("测试事项", "01")
    );
    let elements: Vec<ElementId> = card.evidence.iter().map(|e| e.element).collect();
    assert_eq!(elements, [ElementId::Item, ElementId::Acceptance]);
    assert!(
        card.lines.iter().any(|l| l.en == "limit 5 working days"),
        "{:?}",
        card.lines
    );
}

#[test]
fn another_cases_cards_are_passed_over() {
    let mut sketch = overdue();
    sketch.cards[0].subject = Subject::Case {
        space: "cn".into(),
        case_no: "B-7".into(),
    };
    assert_eq!(sketch.look("2024-03-12 09:00").cards(), ["T-02 yellow"]);
}

/// A pool from which stories are drawn: in time, late, contradictory, superseded, fees, steps.
const POOL: [&str; 16] = [
    "item 5W legal 20W free | got 2024-03-01 09:00",
    "item 10W legal 20W paid ver 2 | got 2024-03-06 09:00 v 2",
    "base 2 厂房 2024-03-04 08:00",
    "accept 2024-03-04 09:00 by 2024-03-11 | got 2024-03-04 10:00",
    "accept 2024-03-04 09:00 by 2024-03-20 | got 2024-03-13 10:00 v 2",
    "accept 2024-03-04 09:00 by 2024-03-11 | got 2024-03-19 10:00 v 3 deleted",
    "step 1 承办 2024-03-05 09:00 limit 2W | got 2024-03-05 09:10",
    "step 1 承办 2024-03-05 09:00 to 2024-03-06 09:00 limit 2W | got 2024-03-14 09:10 v 2",
    "step 2 批准 2024-03-07 09:00 to 2024-03-07 19:00 due 2024-03-06 09:00",
    "pause 02 2024-03-06 09:00 to 2024-03-08 09:00 | got 2024-03-12 09:10",
    "extend 2024-03-08 09:00 by 3W | got 2024-03-15 09:00 seq 2",
    "fee 1 12.00 2024-03-05 09:00",
    "conclude 2024-03-08 09:00 result 20 | got 2024-03-13 10:00",
    "conclude 2024-03-14 09:00 result 10 | got 2024-03-14 09:00 v 2",
    "none fee | seq 9",
    "fill material",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn reconciling_is_idempotent_order_free_and_misses_nothing(
        picks in proptest::collection::vec(any::<bool>(), POOL.len()),
        order in Just((0..POOL.len()).collect::<Vec<usize>>()).prop_shuffle(),
        fault in any::<bool>(),
    ) {
        let mut sketch = Sketch::read("");
        sketch.judge_data();
        for line in POOL.iter().zip(&picks).filter(|(_, p)| **p).map(|(l, _)| l) {
            sketch.add(line);
        }
        if fault {
            sketch.fault("2024-03-11 12:00", Some("2024-03-13 08:00"));
        }
        let whole = sketch.facts.clone();
        let mut next: Option<OffsetDateTime> = None;
        for hour in 0..60 {
            let now = stamp("2024-03-04 00:00") + time::Duration::hours(hour * 12);
            // What has arrived by now; the newest version of each record is in force.
            sketch.facts = arrived(&whole, now);
            let look = sketch.look_at(now);
            let news = whole.iter().any(|f| {
                f.record.head.received_at <= now
                    && f.record.head.received_at > now - time::Duration::hours(12)
            });
            let quiet = !news && hour > 0 && next.is_none_or(|next| now < next);
            prop_assert!(!quiet || look.judgement.moves.is_empty(), "missed before {:?}", next);
            // Another order of facts and cards gives the same judgement.
            let mut turned = sketch.clone();
            turned.facts = order.iter().filter_map(|at| sketch.facts.get(*at).cloned()).collect();
            turned.cards.reverse();
            prop_assert_eq!(turned.look_at(now).judgement, look.judgement.clone());
            look.settle(&mut sketch);
            let again = sketch.look_at(now).judgement;
            prop_assert_eq!(again.moves, vec![]);
            prop_assert_eq!(again.next_look, look.judgement.next_look);
            let mut ids: Vec<_> = sketch.cards.iter().map(|c| c.id.clone()).collect();
            ids.sort();
            ids.dedup();
            prop_assert_eq!(ids.len(), sketch.cards.len());
            next = look.judgement.next_look;
        }
    }
}

fn arrived(whole: &[Fact], now: OffsetDateTime) -> Vec<Fact> {
    let mut facts: Vec<Fact> = whole
        .iter()
        .filter(|f| f.record.head.received_at <= now)
        .cloned()
        .collect();
    let key = |f: &Fact| (f.record.element, f.record.seq, f.record.head.source.clone());
    let newest: Vec<i64> = facts
        .iter()
        .map(|f| {
            let same = facts.iter().filter(|o| key(o) == key(f));
            same.map(|o| crate::card::version_number(&o.record))
                .max()
                .unwrap()
        })
        .collect();
    for (fact, newest) in facts.iter_mut().zip(newest) {
        let is_newest = crate::card::version_number(&fact.record) == newest;
        fact.state = match (is_newest, fact.record.op) {
            (false, _) => RowState::Superseded,
            (true, tongcha_schema::record::Op::Delete) => RowState::Deleted,
            (true, _) => RowState::Live,
        };
    }
    facts
}
