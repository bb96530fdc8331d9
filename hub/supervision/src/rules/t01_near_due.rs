//! T-01: the promise is about to expire. A reminder; it ends with the due day or the conclusion.

use crate::card::{Bilingual, Colour, Evidence};
use crate::clock_budget::{Budget, reminder};
use crate::rule::{Case, Kind, Onset, Rule, Verdict};
use crate::summary::DueBasis;
use tongcha_schema::element::ElementId;
use tongcha_schema::stamp::canonical;

/// The rule.
pub static RULE: Rule = Rule {
    code: "T-01",
    version: 1,
    kind: Kind::Time,
    title: ("临近到期", "near the due day"),
    trigger: (
        "剩余时间不多于承诺时限的 20%(至少 1 个工作日)",
        "no more than 20 % of the promised limit remains, at least 1 working day",
    ),
    ground: (
        "秦皇岛、湖南做法:临近时限预警",
        "practice of Qinhuangdao and Hunan",
    ),
    colour: Colour::Warn,
    rung: 0,
    incident: "deadline",
    built_on: None,
    ends_with_cause: true,
    begins,
};

fn begins(case: &Case<'_>) -> Verdict {
    let terms = case.terms;
    let lacks = |field| {
        case.timeline
            .lacks(case.scene.absents, ElementId::Item, field)
    };
    if lacks("promise_limit") || lacks("promise_unit") || super::t02_past_promise::blind(case) {
        return Verdict::NotJudged;
    }
    let (Some(start), None) = (terms.accepted, terms.concluded) else {
        return Verdict::QUIET;
    };
    let Some(limit) = terms.promise_limit else {
        return Verdict::QUIET;
    };
    let Some(due) = terms.due.filter(|d| d.basis == DueBasis::Computed) else {
        return Verdict::QUIET;
    };
    let budget = Budget {
        start,
        limit,
        extension: terms.extension,
        pauses: &terms.pauses,
    };
    let near = reminder(
        &budget,
        case.settings.share,
        case.settings.least,
        case.calendar,
    );
    let Some(begins) = near else {
        return Verdict::QUIET;
    };
    let mut lines = terms.lines.clone();
    let text = canonical(begins);
    lines.push(Bilingual::new(
        format!("{text} 起临近到期"),
        format!("near the due day since {text}"),
    ));
    Verdict::Judged(vec![Onset {
        occurrence: String::new(),
        begins,
        until: Some(terms.end_of(due.day)),
        basis: format!("due={}", due.day),
        gap: terms.due_gap,
        silence: true,
        lines,
        evidence: [terms.item, terms.acceptance]
            .into_iter()
            .flatten()
            .map(Evidence::of)
            .collect(),
    }])
}

#[cfg(test)]
mod tests {
    use crate::sketch::Sketch;

    const STORY: &str = "
        item 10W free                         | got 2024-03-01 09:00
        accept 2024-03-04 09:00 by 2024-03-18 | got 2024-03-04 10:00";

    #[test]
    fn fires_when_a_fifth_of_the_limit_remains() {
        let look = Sketch::read(STORY).look("2024-03-14 00:00");
        assert_eq!(look.cards(), ["T-01 warn"]);
        assert_eq!(look.next(), "2024-03-19T00:00:00+08:00");
    }

    #[test]
    fn is_quiet_one_second_before_and_says_when_to_look() {
        let look = Sketch::read(STORY).look("2024-03-13 23:59:59");
        assert_eq!(look.cards(), [""; 0]);
        assert_eq!(look.next(), "2024-03-14T00:00:00+08:00");
    }

    #[test]
    fn at_the_edge_a_limit_of_one_day_is_reminded_on_its_due_day() {
        let story = "
            item 1W free           | got 2024-03-01 09:00
            accept 2024-03-04 09:00 by 2024-03-05";
        assert_eq!(
            Sketch::read(story).look("2024-03-04 23:00").cards(),
            [""; 0]
        );
        assert_eq!(
            Sketch::read(story).look("2024-03-05 00:00").cards(),
            ["T-01 warn"]
        );
    }

    #[test]
    fn ends_with_the_conclusion() {
        let mut sketch = Sketch::read(STORY);
        sketch.look("2024-03-14 09:00").settle(&mut sketch);
        sketch.add("conclude 2024-03-14 15:00 | got 2024-03-14 15:01");
        let look = sketch.look("2024-03-14 15:02");
        assert_eq!(look.lifts(), ["T-01 settled"]);
    }
}
