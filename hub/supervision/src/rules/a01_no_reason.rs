//! refused, or not accepted, without a reason.

use crate::card::{Bilingual, Colour, Evidence};
use crate::rule::{Case, Kind, Onset, Rule, Verdict};
use tongcha_schema::element::ElementId;
use tongcha_schema::record::Record;
use tongcha_schema::value::Value;

/// The rule.
pub static RULE: Rule = Rule {
    code: "A-01",
    version: 1,
    kind: Kind::Anomaly,
    title: ("不予许可或不予受理未说明理由", "refusal without a reason"),
    trigger: (
        "不予受理或不予许可,理由为空或只是占位(无、/、略)",
        "not accepted or refused, and the reason is empty or a placeholder",
    ),
    ground: (
        "《行政许可法》第三十八条;秦皇岛:责令说明理由",
        "Administrative Licensing Law, article 38; practice of Qinhuangdao",
    ),
    colour: Colour::Yellow,
    rung: 1,
    incident: "reason",
    built_on: None,
    ends_with_cause: false,
    begins,
};

/// Texts that stand for no reason.
const PLACEHOLDERS: [&str; 7] = ["无", "没有", "略", "none", "no", "n/a", "null"];

fn begins(case: &Case<'_>) -> Verdict {
    let acceptance = case.timeline.first(ElementId::Acceptance);
    let halves = [
        judge(
            case,
            ElementId::Acceptance,
            acceptance,
            "accept_state",
            &["2", "4"],
        ),
        judge(
            case,
            ElementId::Conclusion,
            case.terms.conclusion,
            "result",
            &["20", "30"],
        ),
    ];
    let unknown = halves.iter().any(Option::is_none);
    let onsets: Vec<Onset> = halves.into_iter().flatten().flatten().collect();
    if onsets.is_empty() && unknown {
        return Verdict::NotJudged;
    }
    Verdict::Judged(onsets)
}

/// One of the two decisions; `None`: the source cannot tell.
fn judge(
    case: &Case<'_>,
    element: ElementId,
    record: Option<&Record>,
    decision: &str,
    refusals: &[&str],
) -> Option<Option<Onset>> {
    let lacks = |field| case.timeline.lacks(case.scene.absents, element, field);
    let (reason_field, time_field, zh, en) = match element {
        ElementId::Acceptance => ("refuse_reason", "accept_time", "不予受理", "not accepted"),
        _ => ("reason", "done_time", "不予许可", "refused"),
    };
    let Some((record, state)) = record.and_then(|r| Some((r, r.text(decision)?))) else {
        return if lacks(decision) { None } else { Some(None) };
    };
    if !refusals.contains(&state) || record.get(reason_field).is_some_and(says_something) {
        return Some(None);
    }
    if lacks(reason_field) {
        return None;
    }
    let at = record.stamp(time_field).unwrap_or(record.head.received_at);
    let given = record.text(reason_field).unwrap_or_default();
    Some(Some(Onset {
        occurrence: element.name().to_owned(),
        begins: at.to_offset(case.terms.zone),
        until: None,
        basis: format!("{decision}={state}"),
        gap: None,
        silence: false,
        lines: vec![Bilingual::new(
            format!("{zh}(代码 {state}),理由:“{given}”"),
            format!("{en} (code {state}), reason: \"{given}\""),
        )],
        evidence: vec![Evidence::of(record)],
    }))
}

/// Whether a reason is more than empty or a placeholder; a sealed one counts as given.
fn says_something(value: &Value) -> bool {
    value.text().is_none_or(|text| {
        let text = text
            .trim()
            .trim_matches(|c: char| !c.is_alphanumeric())
            .to_lowercase();
        !text.is_empty() && !PLACEHOLDERS.contains(&text.as_str())
    })
}

#[cfg(test)]
mod tests {
    use crate::sketch::Sketch;

    const ACCEPT: &str = "item 5W free\n accept 2024-03-04 09:00 by 2024-03-11";

    fn concluded(line: &str) -> Vec<String> {
        let mut sketch = Sketch::read(ACCEPT);
        sketch.add(line);
        sketch.look("2024-03-06 09:30").cards()
    }

    #[test]
    fn fires_for_a_refusal_without_or_with_an_empty_reason() {
        assert_eq!(
            concluded("conclude 2024-03-06 09:00 result 20"),
            ["A-01 yellow conclusion"]
        );
        let placeholder = "conclude 2024-03-06 09:00 result 20 why 无。";
        assert_eq!(concluded(placeholder), ["A-01 yellow conclusion"]);
        assert_eq!(
            concluded("conclude 2024-03-06 09:00 result 30 why /"),
            ["A-01 yellow conclusion"]
        );
    }

    #[test]
    fn is_quiet_with_a_reason_and_for_a_grant() {
        assert_eq!(
            concluded("conclude 2024-03-06 09:00 result 20 why 场地不符合消防要求"),
            [""; 0]
        );
        assert_eq!(concluded("conclude 2024-03-06 09:00 result 10"), [""; 0]);
    }

    #[test]
    fn a_refused_acceptance_needs_a_reason_too() {
        let sketch = Sketch::read("accept 2024-03-04 09:00 state 4");
        assert_eq!(
            sketch.look("2024-03-04 09:00").cards(),
            ["A-01 yellow acceptance"]
        );
    }

    #[test]
    fn at_the_edge_results_that_cannot_be_told_are_not_judged() {
        let mut sketch = Sketch::read(ACCEPT);
        sketch.absent("conclusion.result");
        assert!(
            sketch
                .look("2024-03-06 09:30")
                .not_judged()
                .contains(&"A-01".to_owned())
        );
        let mut sketch = Sketch::read(ACCEPT);
        sketch.add("conclude 2024-03-06 09:00 result 10");
        sketch.absent("conclusion.reason");
        let look = sketch.look("2024-03-06 09:30");
        assert!(
            !look.not_judged().contains(&"A-01".to_owned()),
            "a grant needs no reason"
        );
    }
}
