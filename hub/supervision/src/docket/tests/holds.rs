//! Tests of what holds a case, and of cards that can no longer be judged.

use super::{STORY, overdue};
use crate::calendar::YearFile;
use crate::profile::Profile;
use crate::sketch::Sketch;
use tongcha_schema::element::ElementId;

/// Accepted on 21 December 2026 with 10 working days: due in January 2027.
const YEAR_END: &str = "
    item 10W legal 20W free               | got 2026-12-01 09:00
    accept 2026-12-21 09:00 by 2027-01-05 | got 2026-12-21 10:00";

fn year_2027() -> YearFile {
    let days = r#"[{"name":"元旦","date":"2027-01-01","isOffDay":true},
        {"name":"国庆节","date":"2027-10-01","isOffDay":true}]"#;
    let text = format!(r#"{{"year":2027,"papers":[],"days":{days}}}"#);
    YearFile::read(&text).unwrap().unwrap()
}

#[test]
fn a_refused_record_holds_the_case_until_a_later_one_of_its_element_is_accepted() {
    let mut sketch = Sketch::read(STORY);
    sketch.refuse("conclusion", "2024-03-11 16:00");
    let look = sketch.look("2024-03-12 09:00");
    assert_eq!((look.cards(), look.holds()), (vec![], vec!["refused"]));
    assert!(!look.judgement.summary.overdue, "nobody may say so yet");
    // A record of another element, and one of the same delivery, end nothing.
    sketch.add("step 1 承办 2024-03-05 09:00 | got 2024-03-12 09:30");
    sketch.add("conclude 2024-03-11 15:00 | got 2024-03-11 16:00 seq 2");
    assert_eq!(sketch.look("2024-03-12 10:00").holds(), ["refused"]);
    // One that is known and came again does; its facts are what they were.
    let mut again = sketch.clone();
    again.refusals[0].answered = true;
    assert_eq!(again.look("2024-03-13 09:01").holds(), [""; 0]);
    // The corrected one does, and the case is judged on its own dates.
    let mut in_time = sketch.clone();
    in_time.add("conclude 2024-03-11 15:00 | got 2024-03-13 09:00");
    let look = in_time.look("2024-03-13 09:01");
    assert_eq!((look.cards(), look.holds()), (vec![], vec![]));
    let mut late = Sketch::read(STORY);
    late.refuse("conclusion", "2024-03-11 16:00");
    late.add("conclude 2024-03-12 15:00 | got 2024-03-13 09:00");
    let look = late.look("2024-03-13 09:01");
    assert_eq!(
        (look.cards(), look.holds()),
        (vec!["T-02 yellow".to_owned()], vec![])
    );
}

#[test]
fn a_refusal_touches_no_card_that_stands() {
    let mut sketch = overdue();
    sketch.refuse("conclusion", "2024-03-12 16:00");
    let look = sketch.look("2024-03-20 09:00");
    assert_eq!(
        (look.judgement.moves.len(), look.holds()),
        (0, vec!["refused"])
    );
}

#[test]
fn a_due_day_in_a_year_without_data_holds_the_case_and_its_year_ends_that() {
    let mut sketch = Sketch::read(YEAR_END);
    let look = sketch.look("2026-12-22 09:00");
    assert_eq!(look.holds(), ["calendar"], "told as soon as it is known");
    assert_eq!(look.judgement.summary.provisional, Some(2027));
    let look = sketch.look("2027-03-31 09:00");
    assert_eq!((look.cards(), look.holds()), (vec![], vec!["calendar"]));
    assert!(!look.judgement.summary.overdue);
    let mut concluded = sketch.clone();
    concluded.add("conclude 2026-12-30 09:00 | got 2026-12-30 09:10");
    assert_eq!(
        concluded.look("2027-03-31 09:00").holds(),
        [""; 0],
        "before that year"
    );
    concluded.add("conclude 2027-03-01 09:00 | got 2027-03-01 09:10 v 2");
    let look = concluded.look("2027-03-31 09:00");
    assert_eq!((look.cards(), look.holds()), (vec![], vec!["calendar"]));
    assert!(!look.judgement.summary.late);
    sketch.calendar = sketch.calendar.with_year(&year_2027());
    let look = sketch.look("2027-03-31 09:00");
    assert_eq!(look.cards(), ["T-02 yellow", "T-04 red"]);
    assert_eq!(look.holds(), [""; 0]);
    let version = sketch.calendar.version();
    look.settle(&mut sketch);
    assert!(sketch.cards.iter().all(|c| c.calendar == version));
}

#[test]
fn a_limit_of_natural_days_that_ends_in_such_a_year_is_held_too() {
    let sketch = Sketch::read("item 20D free\n accept 2026-12-21 09:00");
    let look = sketch.look("2027-02-01 09:00");
    assert_eq!((look.cards(), look.holds()), (vec![], vec!["calendar"]));
    let at_the_edge = Sketch::read("item 10D free\n accept 2026-12-21 09:00");
    assert_eq!(
        at_the_edge.look("2027-01-01 00:00").cards(),
        ["T-02 yellow"]
    );
}

#[test]
fn a_card_that_stood_on_a_guessed_calendar_is_closed_and_says_so() {
    let mut sketch = Sketch::read(YEAR_END);
    let missing = sketch.calendar.clone();
    sketch.calendar = missing.with_year(&year_2027());
    sketch.look("2027-03-31 09:00").settle(&mut sketch);
    sketch.calendar = missing;
    let look = sketch.look("2027-03-31 10:00");
    assert_eq!(look.lifts(), ["T-02 no_calendar", "T-04 no_calendar"]);
}

#[test]
fn the_cards_of_a_rule_that_is_switched_off_are_closed_with_the_reason() {
    let mut sketch = overdue();
    let profile = "name = \"test\"\nedition = 2\nextends = \"huating\"\n";
    let off = format!("{profile}[rules.T-02]\nenabled = false\n");
    sketch.profile = Profile::parse(&off).unwrap();
    sketch.profile.grace_days = 366;
    let look = sketch.look("2024-03-14 09:00");
    assert_eq!(look.lifts(), ["T-02 rule_off"]);
    look.settle(&mut sketch);
    assert_eq!(sketch.look("2024-03-14 09:00").judgement.moves, []);
}

#[test]
fn the_cards_of_a_rule_that_can_no_longer_be_judged_are_closed_with_the_reason() {
    let mut sketch = overdue();
    sketch.absent("conclusion");
    let look = sketch.look("2024-03-14 09:00");
    assert_eq!(look.lifts(), ["T-02 not_judged"]);
    // At the edge: where only a later version made it so, the card waits for an appeal.
    let mut sketch = Sketch::read("accept 2024-03-04 09:00 by 2024-03-11 | got 2024-03-04 10:00");
    sketch.absent("item");
    sketch.look("2024-03-12 09:00").settle(&mut sketch);
    sketch.absent("acceptance.promise_date");
    sketch.add("accept 2024-03-04 09:00 | got 2024-03-13 10:00 v 2");
    let look = sketch.look("2024-03-14 09:00");
    assert_eq!(look.judgement.moves, []);
    assert_eq!(look.judgement.contested.len(), 1);
}

#[test]
fn what_arrives_years_later_is_judged_on_its_dates_and_nobody_was_late_with_it() {
    let mut sketch = Sketch::read(
        "item 5W free                         | got 2026-06-15 09:00
        accept 2012-03-05 09:00 by 2012-03-12 | got 2026-06-15 09:00
        conclude 2012-03-20 09:00             | got 2026-06-15 09:00",
    );
    sketch.look("2026-06-15 09:01").settle(&mut sketch);
    let card = &sketch.cards[0];
    assert_eq!(card.begins_at, crate::sketch::stamp("2012-03-13 00:00"));
    assert!(!card.issued_late(&sketch.calendar));
    // The same card eight days after its records came is the supervisor's own lateness.
    sketch.cards.clear();
    sketch.look("2026-06-23 09:01").settle(&mut sketch);
    assert!(sketch.cards[0].issued_late(&sketch.calendar));
    assert_eq!(sketch.cards[0].evidence[0].element, ElementId::Item);
}
