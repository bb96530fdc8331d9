//! P-01: a step without acceptance, or a decision on a promised case without an approval step.

use crate::card::{Bilingual, Colour, Evidence};
use crate::rule::{Case, Kind, Onset, Rule, Verdict};
use tongcha_schema::element::ElementId;

/// The rule.
pub static RULE: Rule = Rule {
    code: "P-01",
    version: 2,
    kind: Kind::Process,
    title: ("程序缺失", "procedure left out"),
    trigger: (
        "有办理环节而无受理;承诺件准予或不予许可而无批准环节\
         (自事件日与到达日之较晚者起 1 个工作日后仍无)",
        "a step without acceptance; a promised case granted or refused without an approval step \
         (still so 1 working day later, counted from the event or its arrival, whichever is later)",
    ),
    ground: (
        "湖南电子监察:违反审批程序;《行政许可法》第三十二条",
        "supervision of procedure (Hunan); Administrative Licensing Law, article 32",
    ),
    colour: Colour::Red,
    rung: 1,
    incident: "procedure",
    built_on: None,
    ends_with_cause: false,
    begins,
};

fn begins(case: &Case<'_>) -> Verdict {
    let halves = [without_acceptance(case), without_approval(case)];
    let unknown = halves.contains(&Half::Unknown);
    let onsets: Vec<Onset> = halves
        .into_iter()
        .filter_map(|half| match half {
            Half::Fires(onset) => Some(*onset),
            Half::Quiet | Half::Unknown => None,
        })
        .collect();
    if onsets.is_empty() && unknown {
        return Verdict::NotJudged;
    }
    Verdict::Judged(onsets)
}

#[derive(PartialEq)]
enum Half {
    Fires(Box<Onset>),
    Quiet,
    Unknown,
}

fn without_acceptance(case: &Case<'_>) -> Half {
    let absents = case.scene.absents;
    if case.timeline.first(ElementId::Acceptance).is_some() {
        return Half::Quiet;
    }
    let steps = case.timeline.live(ElementId::Process);
    let first = steps
        .filter_map(|step| Some((step.stamp("start_time")?, step)))
        .min_by_key(|(start, _)| *start);
    if case.timeline.absent(absents, ElementId::Acceptance)
        || case.timeline.absent(absents, ElementId::Process)
    {
        return Half::Unknown;
    }
    let Some((start, step)) = first else {
        return Half::Quiet;
    };
    let (from, last) = case.grace(start.date(), step);
    let name = step.text("step_name").unwrap_or("?");
    Half::Fires(Box::new(Onset {
        occurrence: "acceptance".to_owned(),
        begins: case.terms.end_of(last),
        until: None,
        basis: "no acceptance".to_owned(),
        gap: case.calendar.gap(from, last),
        silence: true,
        lines: vec![Bilingual::new(
            format!(
                "环节 {name} 已于 {} 开始,至 {last} 无受理记录",
                start.date()
            ),
            format!(
                "step {name} began on {}, no acceptance until {last}",
                start.date()
            ),
        )],
        evidence: vec![Evidence::of(step)],
    }))
}

fn without_approval(case: &Case<'_>) -> Half {
    let lacks = |element, field| case.timeline.lacks(case.scene.absents, element, field);
    let result = case.terms.conclusion.and_then(|r| r.text("result"));
    let base = case.timeline.first(ElementId::CaseBase);
    let kind = base.and_then(|r| r.text("case_type"));
    if result.is_some_and(|r| !matches!(r, "10" | "11" | "20")) || kind.is_some_and(|k| k != "2") {
        return Half::Quiet;
    }
    let mut steps = case.timeline.live(ElementId::Process);
    if steps.any(|step| step.text("step_code") == Some("3")) {
        return Half::Quiet;
    }
    if lacks(ElementId::Conclusion, "result")
        || lacks(ElementId::CaseBase, "case_type")
        || lacks(ElementId::Process, "step_code")
    {
        return Half::Unknown;
    }
    let (Some(done), Some(conclusion), Some(result), Some(_)) =
        (case.terms.concluded, case.terms.conclusion, result, kind)
    else {
        return Half::Quiet;
    };
    let (from, last) = case.grace(done.date(), conclusion);
    Half::Fires(Box::new(Onset {
        occurrence: "approval".to_owned(),
        begins: case.terms.end_of(last),
        until: None,
        basis: "no approval".to_owned(),
        gap: case.calendar.gap(from, last),
        silence: true,
        lines: vec![Bilingual::new(
            format!(
                "承诺件 {} 办结(结果 {result}),至 {last} 无批准环节",
                done.date()
            ),
            format!(
                "promised case concluded {} ({result}), no approval until {last}",
                done.date()
            ),
        )],
        evidence: vec![Evidence::of(conclusion)],
    }))
}

#[cfg(test)]
mod tests {
    use crate::sketch::Sketch;

    const STORY: &str = "
        base 2 厂房扩建 2024-03-04 08:00
        item 5W free
        accept 2024-03-04 09:00 by 2024-03-11
        step 1 承办 2024-03-04 10:00 to 2024-03-05 10:00";

    #[test]
    fn fires_for_a_decision_without_approval() {
        let mut sketch = Sketch::read(STORY);
        sketch.add("conclude 2024-03-08 09:00 result 20 why 场地不符");
        assert_eq!(
            sketch.look("2024-03-11 23:59:59").cards(),
            [""; 0],
            "the step may still come"
        );
        assert_eq!(
            sketch.look("2024-03-12 00:00").cards(),
            ["P-01 red approval"]
        );
    }

    #[test]
    fn is_quiet_with_approval_and_for_other_results_and_kinds() {
        let mut sketch = Sketch::read(STORY);
        sketch.add("step 2 批准 2024-03-06 10:00 to 2024-03-06 11:00");
        sketch.add("conclude 2024-03-08 09:00 result 10");
        assert_eq!(sketch.look("2024-03-29 00:00").cards(), [""; 0]);
        let mut withdrawn = Sketch::read(STORY);
        withdrawn.add("conclude 2024-03-08 09:00 result 40");
        assert_eq!(withdrawn.look("2024-03-29 00:00").cards(), [""; 0]);
        let mut instant = Sketch::read(&STORY.replace("base 2", "base 1"));
        instant.add("conclude 2024-03-08 09:00 result 10");
        assert_eq!(instant.look("2024-03-29 00:00").cards(), [""; 0]);
    }

    #[test]
    fn fires_for_a_step_without_acceptance_after_a_working_day() {
        let mut sketch = Sketch::read("step 1 承办 2024-03-08 10:00 | got 2024-03-08 10:05");
        assert_eq!(sketch.look("2024-03-11 23:59:59").cards(), [""; 0]);
        let look = sketch.look("2024-03-12 00:00");
        assert_eq!(look.cards(), ["P-01 red acceptance"]);
        look.settle(&mut sketch);
        sketch.add("accept 2024-03-08 09:00 by 2024-03-15 | got 2024-03-12 08:00");
        assert_eq!(
            sketch.look("2024-03-12 09:00").lifts(),
            ["P-01 false_alarm"]
        );
    }

    #[test]
    fn grace_counts_from_the_arrival_of_a_late_delivery() {
        let mut sketch = Sketch::read(STORY);
        sketch.add("conclude 2024-03-08 09:00 | got 2024-06-14 15:00");
        assert_eq!(
            sketch.look("2024-06-17 23:59:59").cards(),
            [""; 0],
            "the next file of the delivery may bring the step"
        );
        let look = sketch.look("2024-06-18 00:00");
        assert_eq!(look.cards(), ["P-01 red approval"]);
        // A corrected version renews no grace.
        sketch.add("conclude 2024-03-08 10:00 | got 2024-06-17 15:00 v 2");
        assert_eq!(
            sketch.look("2024-06-18 00:00").cards(),
            ["P-01 red approval"]
        );
    }

    #[test]
    fn at_the_edge_unknown_results_are_not_judged() {
        let mut sketch =
            Sketch::read("accept 2024-03-04 09:00 by 2024-03-11\n step 1 承办 2024-03-04 10:00");
        sketch.absent("conclusion.result");
        assert!(
            sketch
                .look("2024-03-05 00:00")
                .not_judged()
                .contains(&"P-01".to_owned())
        );
    }
}
