//! T-05: a step ran over its own limit, though the whole may be in time.

use crate::calendar::CalendarGap;
use crate::card::{Bilingual, Colour, Evidence};
use crate::clock_budget::{Budget, Limit, Unit, reckon};
use crate::rule::{Case, Kind, Onset, Rule, Verdict};
use time::Date;
use tongcha_schema::element::ElementId;
use tongcha_schema::record::Record;
use tongcha_schema::stamp::canonical;
use tongcha_schema::value::Value;

/// The rule.
pub static RULE: Rule = Rule {
    code: "T-05",
    version: 1,
    kind: Kind::Time,
    title: ("环节超时", "step over its limit"),
    trigger: (
        "环节到期日结束时环节尚未结束,或结束日期晚于环节到期日",
        "a step not ended when its due day ends, or ended on a later day",
    ),
    ground: (
        "地方行政效能监察办法:环节超时而总时限未超",
        "local supervision rules: step over time though the total is not",
    ),
    colour: Colour::Yellow,
    rung: 1,
    incident: "step",
    built_on: None,
    ends_with_cause: false,
    begins,
};

fn begins(case: &Case<'_>) -> Verdict {
    let lacks = |field| {
        case.timeline
            .lacks(case.scene.absents, ElementId::Process, field)
    };
    if (lacks("step_limit") || lacks("step_unit")) && lacks("due_time") {
        return Verdict::NotJudged;
    }
    let ends_unknown = lacks("end_time");
    let steps = case.timeline.live(ElementId::Process);
    Verdict::Judged(
        steps
            .filter_map(|step| over(case, step, ends_unknown))
            .collect(),
    )
}

fn over(case: &Case<'_>, step: &Record, ends_unknown: bool) -> Option<Onset> {
    let terms = case.terms;
    let (due, gap, mut lines) = due_day(case, step)?;
    // A concluded case has no open steps; where ends are never told, only the conclusion speaks.
    let ended = step.stamp("end_time").or(terms.concluded);
    match ended {
        Some(end) if !terms.is_late(end, due) => return None,
        None if ends_unknown => return None,
        Some(end) => lines.push(Bilingual::new(
            format!("环节结束 {}", canonical(end)),
            format!("the step ended {}", canonical(end)),
        )),
        None => lines.push(Bilingual::new(
            format!("{due} 结束时环节尚未结束"),
            format!("the step had not ended when {due} ended"),
        )),
    }
    Some(Onset {
        occurrence: format!("step:{}@{}", step.seq, step.head.source),
        begins: terms.end_of(due),
        until: None,
        basis: format!("due={due}"),
        gap,
        silence: ended.is_none(),
        lines,
        evidence: vec![Evidence::of(step)],
    })
}

/// The step's due day: its limit from its start with the case's pauses, else the day the source
/// states.
fn due_day(case: &Case<'_>, step: &Record) -> Option<(Date, Option<CalendarGap>, Vec<Bilingual>)> {
    let name = step.text("step_name").unwrap_or("?");
    let mut lines = vec![Bilingual::new(
        format!("环节 {name}"),
        format!("step {name}"),
    )];
    let limit = step
        .get("step_limit")
        .and_then(Value::int)
        .zip(step.text("step_unit").and_then(Unit::parse))
        .map(|(count, unit)| Limit::new(count, unit));
    if let (Some(limit), Some(start)) = (limit, step.stamp("start_time")) {
        let budget = Budget {
            start,
            limit,
            extension: None,
            pauses: &case.terms.pauses,
        };
        let clock = reckon(&budget, case.calendar);
        lines.extend(clock.lines);
        return clock.due.day().map(|day| (day, clock.gap, lines));
    }
    let due = step.get("due_time")?.day()?;
    lines.push(Bilingual::new(
        format!("环节应办结 {due}"),
        format!("the step was due {due}"),
    ));
    Some((due, case.calendar.gap(due, due), lines))
}

#[cfg(test)]
mod tests {
    use crate::sketch::Sketch;

    const ACCEPT: &str = "
        item 20W free                         | got 2024-03-01 09:00
        accept 2024-03-04 09:00 by 2024-04-01 | got 2024-03-04 10:00";

    fn story(step: &str) -> Sketch {
        let mut sketch = Sketch::read(ACCEPT);
        sketch.add(step);
        sketch
    }

    #[test]
    fn fires_for_a_step_that_does_not_end() {
        let sketch = story("step 1 审核 2024-03-05 09:00 limit 2W | got 2024-03-05 09:10");
        let look = sketch.look("2024-03-08 00:00");
        assert_eq!(look.cards(), ["T-05 yellow step:1@430102/desk"]);
    }

    #[test]
    fn is_quiet_for_a_step_that_ended_on_its_due_day() {
        let sketch = story("step 1 审核 2024-03-05 09:00 to 2024-03-07 17:00 limit 2W");
        assert_eq!(sketch.look("2024-03-20 00:00").cards(), [""; 0]);
    }

    #[test]
    fn days_are_taken_in_the_sources_zone() {
        // 23:30 and 00:30 local time are different days there, though one day in UTC.
        let in_time = "step 1 审核 2024-03-05 23:30 to 2024-03-07 23:30 limit 2W";
        let too_late = "step 1 审核 2024-03-05 23:30 to 2024-03-08 00:30 limit 2W";
        assert_eq!(story(in_time).look("2024-03-20 00:00").cards(), [""; 0]);
        let look = story(too_late).look("2024-03-20 00:00");
        assert_eq!(look.cards(), ["T-05 yellow step:1@430102/desk"]);
        // The same two instants written in another zone fall on one day: the zone decides.
        let west = "step 1 审核 2024-03-05T16:30+01:00 to 2024-03-07T17:30+01:00 limit 2W";
        assert_eq!(story(west).look("2024-03-20 00:00").cards(), [""; 0]);
        // Written in UTC they are still days of the place where the source stands.
        let utc = "step 1 审核 2024-03-05T15:30Z to 2024-03-07T16:30Z limit 2W";
        let look = story(utc).look("2024-03-20 00:00");
        assert_eq!(look.cards(), ["T-05 yellow step:1@430102/desk"]);
        // And a start at 00:30 is a day later than one at 23:30.
        let later = "step 1 审核 2024-03-06 00:30 to 2024-03-08 00:30 limit 2W";
        assert_eq!(story(later).look("2024-03-20 00:00").cards(), [""; 0]);
    }

    #[test]
    fn at_the_edge_a_stated_due_time_counts_by_its_day() {
        let step = "step 2 批准 2024-03-05 09:00 to 2024-03-07 18:00 due 2024-03-07 12:00";
        assert_eq!(story(step).look("2024-03-20 00:00").cards(), [""; 0]);
        let step = "step 2 批准 2024-03-05 09:00 to 2024-03-08 09:00 due 2024-03-07 12:00";
        let look = story(step).look("2024-03-20 00:00");
        assert_eq!(look.cards(), ["T-05 yellow step:2@430102/desk"]);
    }

    #[test]
    fn no_step_limits_declared_is_not_judged() {
        let mut sketch = story("step 1 审核 2024-03-05 09:00");
        for field in ["step_limit", "step_unit", "due_time"] {
            sketch.absent(&format!("process.{field}"));
        }
        assert!(
            sketch
                .look("2024-03-06 00:00")
                .not_judged()
                .contains(&"T-05".to_owned())
        );
    }
}
