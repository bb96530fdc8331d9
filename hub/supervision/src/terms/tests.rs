//! Tests of the terms: stages, the due day's source, the zone in which days are taken.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]
use crate::profile::Profile;
use crate::sketch::Sketch;
use crate::summary::{CaseSummary, DueBasis, Stage};
use time::macros::{date, offset};

const ITEM: &str = "item 5W free | got 2024-03-01 09:00";
const ACCEPT: &str = "accept 2024-03-04 09:00 by 2024-03-11 | got 2024-03-04 10:00";

fn told(lines: &[&str], now: &str) -> CaseSummary {
    let mut sketch = Sketch::read("");
    lines.iter().for_each(|line| sketch.add(line));
    sketch.look(now).judgement.summary
}

#[test]
fn a_case_goes_through_its_stages() {
    let now = "2024-03-06 12:00";
    let stage = |lines: &[&str]| told(lines, now).stage;
    assert_eq!(stage(&["base 2 厂房 2024-03-04 08:00"]), Stage::Applied);
    assert_eq!(
        stage(&["accept 2024-03-04 09:00 state 3"]),
        Stage::Correcting
    );
    assert_eq!(
        stage(&["accept 2024-03-04 09:00 state 4 why 材料不全"]),
        Stage::Refused
    );
    assert_eq!(stage(&[ITEM, ACCEPT]), Stage::Accepted);
    assert_eq!(
        stage(&[ITEM, ACCEPT, "pause 02 2024-03-05 09:00"]),
        Stage::Paused
    );
    assert_eq!(
        stage(&[ITEM, ACCEPT, "conclude 2024-03-06 09:00"]),
        Stage::Concluded
    );
    assert_eq!(
        stage(&[ITEM, ACCEPT, "conclude 2024-03-06 09:00 result 50"]),
        Stage::Accepted
    );
}

#[test]
fn a_result_that_comes_apart_from_its_beginning_ends_the_pause() {
    let (now, pause) = ("2024-03-09 12:00", "pause 02 2024-03-06 09:00");
    let open = told(&[ITEM, ACCEPT, pause], now);
    assert_eq!((open.stage, open.due_date), (Stage::Paused, None));
    let whole = told(
        &[
            ITEM,
            ACCEPT,
            "pause 02 2024-03-06 09:00 to 2024-03-08 09:00",
        ],
        now,
    );
    let result = "step 7 特别程序结果 2024-03-08 09:00 to 2024-03-08 09:00";
    for lines in [[ITEM, ACCEPT, pause, result], [result, ACCEPT, pause, ITEM]] {
        let summary = told(&lines, now);
        assert_eq!(summary.stage, Stage::Accepted);
        assert_eq!(
            summary.due_date, whole.due_date,
            "as if one record had said both"
        );
    }
    // One that was there before the pause began, or another step, ends nothing.
    for step in [
        "step 7 特别程序结果 2024-03-05 09:00 to 2024-03-05 09:00",
        "step 7 审核 2024-03-08 09:00 to 2024-03-08 09:00",
    ] {
        assert_eq!(
            told(&[ITEM, ACCEPT, pause, step], now).stage,
            Stage::Paused,
            "{step}"
        );
    }
    // Of two that are open the inner one ends first.
    let inner = "pause 03 2024-03-07 09:00 | seq 2";
    let both = [ITEM, ACCEPT, pause, inner, result];
    assert_eq!(told(&both, now).stage, Stage::Paused);
    let second = "step 8 特别程序结果 2024-03-08 15:00 to 2024-03-08 15:00";
    let all = [ITEM, ACCEPT, pause, inner, result, second];
    assert_eq!(told(&all, now).stage, Stage::Accepted);
}

#[test]
fn a_correction_and_then_an_acceptance_are_two_facts_and_the_clock_begins_with_the_second() {
    let lines = [
        ITEM,
        "accept 2024-03-04 09:00 state 3 | got 2024-03-04 10:00",
        "accept 2024-03-07 09:00 by 2024-03-14 | got 2024-03-07 10:00 v 2",
    ];
    let summary = told(&lines, "2024-03-08 12:00");
    assert_eq!(summary.due_date, Some(date!(2024 - 03 - 14)));
}

#[test]
fn our_own_computation_counts_and_a_difference_is_a_warning() {
    let summary = told(&[ITEM, ACCEPT], "2024-03-06 12:00");
    assert_eq!(
        (summary.due_basis, summary.due_warning),
        (Some(DueBasis::Computed), None)
    );
    assert_eq!(summary.remaining, Some(3));
    let later = "accept 2024-03-04 09:00 by 2024-03-20";
    let summary = told(&[ITEM, later], "2024-03-06 12:00");
    assert_eq!(summary.due_date, Some(date!(2024 - 03 - 11)));
    assert_eq!(summary.reported_due, Some(date!(2024 - 03 - 20)));
    assert!(summary.due_warning.unwrap().zh.contains("2024-03-20"));
}

#[test]
fn without_a_limit_the_reported_day_counts_and_is_marked_so() {
    let summary = told(&[ACCEPT], "2024-03-06 12:00");
    assert_eq!(summary.due_basis, Some(DueBasis::Reported));
    assert_eq!(
        (summary.due_date, summary.computed_due),
        (Some(date!(2024 - 03 - 11)), None)
    );
    assert!(
        summary
            .due_lines
            .iter()
            .any(|line| line.zh.contains("为准"))
    );
}

#[test]
fn a_pause_moves_a_reported_day_unless_the_department_moved_it_itself() {
    let pause = "pause 02 2024-03-06 09:00 to 2024-03-08 09:00 | got 2024-03-08 10:00";
    let summary = told(&[ACCEPT, pause], "2024-03-09 12:00");
    assert_eq!(summary.due_date, Some(date!(2024 - 03 - 13)));
    let moved = "accept 2024-03-04 09:00 by 2024-03-13 | got 2024-03-08 11:00 v 2";
    let summary = told(&[ACCEPT, pause, moved], "2024-03-09 12:00");
    assert_eq!(
        summary.due_date,
        Some(date!(2024 - 03 - 13)),
        "and not two days more"
    );
}

#[test]
fn the_limit_in_force_at_acceptance_counts() {
    let new = "item 20W free ver 2 | got 2024-03-06 09:00 v 2";
    let old = "item 5W free ver 1 | got 2024-03-01 09:00";
    assert_eq!(
        told(&[old, ACCEPT, new], "2024-03-07 12:00").computed_due,
        Some(date!(2024 - 03 - 11)),
        "a new edition of the item does not reach back"
    );
    let corrected = "item 4W free ver 1 | got 2024-03-06 09:00 v 2";
    assert_eq!(
        told(&[old, ACCEPT, corrected], "2024-03-07 12:00").computed_due,
        Some(date!(2024 - 03 - 08)),
        "a correction of the same edition does"
    );
}

#[test]
fn the_day_ends_at_office_close_where_the_profile_says_so() {
    let mut sketch = Sketch::read(&format!("{ITEM}\n{ACCEPT}"));
    sketch.profile = Profile::parse(
        "name = \"t\"\nedition = 1\nextends = \"huating\"\nday_ends = \"17:30\"\n\
         [rules.D-01]\nenabled = false\n",
    )
    .unwrap();
    assert_eq!(sketch.look("2024-03-11 17:29:59").cards(), ["T-01 warn"]);
    let look = sketch.look("2024-03-11 17:30");
    assert_eq!(look.cards(), ["T-02 yellow"]);
    assert!(look.judgement.summary.overdue);
    sketch.add("conclude 2024-03-11 17:29 | got 2024-03-11 17:40");
    assert_eq!(sketch.look("2024-03-12 12:00").cards(), [""; 0]);
    sketch.add("conclude 2024-03-11 17:31 | got 2024-03-11 17:45 v 2");
    assert_eq!(sketch.look("2024-03-12 12:00").cards(), ["T-02 yellow"]);
}

#[test]
fn days_are_taken_in_the_sources_zone() {
    // 23:30 and 00:30 local time: in UTC both fall on one day, at the source on two.
    let in_time = told(
        &[ITEM, ACCEPT, "conclude 2024-03-11 23:30"],
        "2024-03-20 12:00",
    );
    assert!(!in_time.late);
    let late = told(
        &[ITEM, ACCEPT, "conclude 2024-03-12 00:30"],
        "2024-03-20 12:00",
    );
    assert!(late.late);
    let utc = told(
        &[ITEM, ACCEPT, "conclude 2024-03-11T16:30Z"],
        "2024-03-20 12:00",
    );
    assert!(
        utc.late,
        "a source that writes UTC stands where it stands: there it was 00:30 of the next day"
    );
}

#[test]
fn a_source_with_summer_time_is_looked_at_in_the_offset_of_its_latest_stamp() {
    // Accepted in summer (+02:00), due in winter: at 23:59:59 winter time the day is not over,
    // though by the offset of the acceptance it would be.
    let lines = [
        "accept 2011-10-17T01:06:40+02:00 by 2012-01-23",
        "step 1 承办 2011-11-30T11:05:12+01:00 to 2011-11-30T11:05:12+01:00",
    ];
    let mut sketch = Sketch::read(&lines.join("\n"));
    sketch.absent("item");
    let look = sketch.look("2012-01-23T23:59:59+01:00");
    assert_eq!(look.cards(), [""; 0]);
    assert!(!look.judgement.summary.overdue);
    assert_eq!(look.judgement.next_look.unwrap().offset(), offset!(+1));
    assert_eq!(look.next(), "2012-01-24T00:00:00+01:00");
    let look = sketch.look("2012-01-24T00:00:00+01:00");
    assert_eq!(look.cards(), ["T-02 yellow"]);
}

#[test]
fn an_exported_permit_log_is_judged_by_its_reported_days_alone() {
    let log = |deadline: &str, end: &str| {
        let mut sketch = Sketch::read(&format!(
            "accept 2011-10-11T13:42:22+02:00 by {deadline} | got 2012-01-23 12:00
             step 1 受理 2011-10-11T13:45:40+02:00 to 2011-10-11T13:45:40+02:00 | got 2012-01-23 12:00
             step 2 审核 2011-11-30T11:05:12+01:00 to 2011-11-30T11:05:12+01:00 | got 2012-01-23 12:00
             {end}"
        ));
        for what in [
            "organ",
            "item",
            "applicant",
            "material",
            "fee",
            "result_doc",
            "delivery",
        ] {
            sketch.absent(what);
        }
        for field in ["step_limit", "step_unit", "due_time"] {
            sketch.absent(&format!("process.{field}"));
        }
        sketch
    };
    let now = "2012-01-23T23:59:59+01:00";
    let late = log(
        "2011-12-06",
        "conclude 2011-12-07T09:00:00+01:00 | got 2012-01-23 12:00",
    );
    let look = late.look(now);
    assert_eq!(
        (look.cards(), look.next()),
        (vec!["T-02 yellow".to_owned()], String::new())
    );
    assert_eq!(look.not_judged(), ["F-01", "T-01", "T-04", "T-05"]);
    let open = log("2012-01-22", "").look(now);
    assert_eq!(open.cards(), ["T-02 yellow"]);
    assert_eq!(
        open.next(),
        "2012-02-01T00:00:00+01:00",
        "three working days after the holiday"
    );
    assert_eq!(
        open.judgement.summary.remaining,
        Some(0),
        "the spring festival has no working day"
    );
    let in_time = log("2012-01-24", "").look(now);
    assert_eq!(
        (in_time.cards().len(), in_time.next()),
        (0, "2012-01-25T00:00:00+01:00".into())
    );
}

/// Faults that users of other systems reported, as cases of ours.
mod reported_elsewhere {
    use super::*;

    #[test]
    fn a_pause_over_a_weekend_gives_back_working_days_only() {
        // glpi-project/glpi#10594: a limit in days got the whole weekend back.
        let lines = [
            "item 1W free | got 2024-03-01 09:00",
            "accept 2024-03-08 09:00 | got 2024-03-08 09:10",
            "pause 02 2024-03-08 10:00 to 2024-03-11 10:00 | got 2024-03-08 10:10",
        ];
        let summary = told(&lines, "2024-03-11 12:00");
        assert_eq!(summary.due_date, Some(date!(2024 - 03 - 12)));
    }

    #[test]
    fn a_limit_corrected_during_a_pause_keeps_the_pause() {
        // glpi-project/glpi#6902: a changed limit forgot the time already waited.
        let lines = [
            "item 5W free ver 1 | got 2024-03-01 09:00",
            ACCEPT,
            "pause 02 2024-03-05 09:00 to 2024-03-08 09:00 | got 2024-03-05 09:10",
            "item 3W free ver 1 | got 2024-03-06 09:00 v 2",
        ];
        let summary = told(&lines, "2024-03-08 12:00");
        assert_eq!(
            summary.due_date,
            Some(date!(2024 - 03 - 12)),
            "3 + 3 working days"
        );
    }

    #[test]
    fn a_working_day_is_a_day_of_the_calendar_not_24_working_hours() {
        // jmix-framework/jmix#790: one business day took about three.
        let lines = [
            "item 1W free",
            "accept 2024-03-04 16:59 | got 2024-03-04 17:00",
        ];
        let summary = told(&lines, "2024-03-04 18:00");
        assert_eq!(summary.due_date, Some(date!(2024 - 03 - 05)));
    }

    #[test]
    fn while_paused_nothing_falls_due_and_afterwards_its_days_are_added() {
        // open-zaak/open-zaak#885: a suspension left the planned end where it was.
        let mut sketch = Sketch::read(&format!("{ITEM}\n{ACCEPT}"));
        sketch.add("pause 02 2024-03-06 09:00 | got 2024-03-06 09:10");
        let look = sketch.look("2024-06-03 12:00");
        assert_eq!((look.cards().len(), look.next()), (0, String::new()));
        assert_eq!(look.judgement.summary.stage, Stage::Paused);
        sketch.add("pause 02 2024-03-06 09:00 to 2024-03-15 09:00 | got 2024-03-15 09:10 v 2");
        let summary = sketch.look("2024-03-15 12:00").judgement.summary;
        assert_eq!(
            summary.due_date,
            Some(date!(2024 - 03 - 20)),
            "seven working days later"
        );
    }
}
