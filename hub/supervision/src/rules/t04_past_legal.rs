//! T-04: the legal limit is passed. Red at once.

use crate::card::{Bilingual, Colour, Evidence};
use crate::rule::{Case, Kind, Onset, Rule, Verdict};
use tongcha_schema::element::ElementId;

/// The rule.
pub static RULE: Rule = Rule {
    code: "T-04",
    version: 1,
    kind: Kind::Time,
    title: ("超法定时限", "past the legal limit"),
    trigger: (
        "法定到期日结束时尚未办结,或办结日期晚于法定到期日",
        "not concluded when the legal limit ends, or concluded on a later day",
    ),
    ground: (
        "《行政许可法》第四十二条",
        "Administrative Licensing Law, article 42",
    ),
    colour: Colour::Red,
    rung: 3,
    incident: "deadline",
    built_on: None,
    ends_with_cause: false,
    begins,
};

fn begins(case: &Case<'_>) -> Verdict {
    let terms = case.terms;
    let lacks = |field| {
        case.timeline
            .lacks(case.scene.absents, ElementId::Item, field)
    };
    if lacks("legal_limit") || lacks("legal_unit") || super::t02_past_promise::blind(case) {
        return Verdict::NotJudged;
    }
    let Some(clock) = &terms.legal else {
        return Verdict::QUIET;
    };
    let Some(due) = clock.due.day() else {
        return Verdict::QUIET;
    };
    let mut lines = vec![Bilingual::new("按法定时限", "by the legal limit")];
    lines.extend(clock.lines.iter().cloned());
    match terms.concluded {
        Some(done) if !terms.is_late(done, due) => return Verdict::QUIET,
        Some(done) => lines.push(super::t02_past_promise::late_line(case, done, due)),
        None => lines.push(Bilingual::new(
            format!("法定到期日 {due} 结束时尚未办结"),
            format!("not concluded when the legal due day {due} ended"),
        )),
    }
    Verdict::Judged(vec![Onset {
        occurrence: String::new(),
        begins: terms.end_of(due),
        until: None,
        basis: format!("legal={due}"),
        gap: clock.gap,
        silence: terms.concluded.is_none(),
        lines,
        evidence: [terms.item, terms.acceptance, terms.conclusion]
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
        item 5W legal 10W free                | got 2024-03-01 09:00
        accept 2024-03-04 09:00 by 2024-03-11 | got 2024-03-04 10:00";

    #[test]
    fn fires_at_once_beside_the_yellow() {
        let look = Sketch::read(STORY).look("2024-03-19 00:00");
        assert_eq!(look.cards(), ["T-02 yellow", "T-04 red"]);
    }

    #[test]
    fn is_quiet_on_the_last_legal_day() {
        assert_eq!(
            Sketch::read(STORY).look("2024-03-18 23:59:59").cards(),
            ["T-02 yellow"]
        );
    }

    #[test]
    fn an_extension_lengthens_promise_and_legal_limit_alike() {
        let mut sketch = Sketch::read(STORY);
        sketch.add("extend 2024-03-08 09:00 by 10W | got 2024-03-08 10:00");
        let look = sketch.look("2024-03-19 00:00");
        assert_eq!(look.cards(), [""; 0]);
        assert_eq!(
            look.judgement.summary.due_date,
            Some(time::macros::date!(2024 - 03 - 25))
        );
        assert_eq!(
            look.judgement.summary.legal_due,
            Some(time::macros::date!(2024 - 04 - 01))
        );
    }

    #[test]
    fn at_the_edge_an_extension_approved_on_the_due_day_is_too_late() {
        let mut sketch = Sketch::read(STORY);
        sketch.add("extend 2024-03-11 09:00 by 10W | got 2024-03-11 10:00");
        let look = sketch.look("2024-03-12 00:00");
        assert_eq!(look.cards(), ["T-02 yellow"]);
    }

    #[test]
    fn no_legal_limit_declared_is_not_judged() {
        let mut sketch = Sketch::read("item 5W free\n accept 2024-03-04 09:00 by 2024-03-11");
        sketch.absent("item.legal_limit");
        assert_eq!(sketch.look("2024-03-05 00:00").not_judged(), ["T-04"]);
    }
}
