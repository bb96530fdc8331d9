//! T-02: the promised day is over without conclusion, or the conclusion came after it.

use crate::card::{Bilingual, Colour, Evidence};
use crate::rule::{Case, Kind, Onset, Rule, Verdict};
use tongcha_schema::element::ElementId;
use tongcha_schema::stamp::{canonical, canonical_date};

/// The rule.
pub static RULE: Rule = Rule {
    code: "T-02",
    version: 1,
    kind: Kind::Time,
    title: ("超承诺时限", "past the promised day"),
    trigger: (
        "承诺到期日结束时尚未办结,或办结日期晚于到期日",
        "not concluded when the promised day ends, or concluded on a later day",
    ),
    ground: (
        "华亭做法:承诺时限内未办结,一个工作日内发黄牌",
        "practice of Huating: yellow within one working day of a broken promise",
    ),
    colour: Colour::Yellow,
    rung: 1,
    incident: "deadline",
    built_on: None,
    ends_with_cause: false,
    begins,
};

/// Whether the source can never tell that a case began or ended: then no silence speaks.
pub(super) fn blind(case: &Case<'_>) -> bool {
    let lacks = |element, field| case.timeline.lacks(case.scene.absents, element, field);
    lacks(ElementId::Acceptance, "accept_time") || lacks(ElementId::Conclusion, "done_time")
}

fn begins(case: &Case<'_>) -> Verdict {
    let terms = case.terms;
    let lacks = |element, field| case.timeline.lacks(case.scene.absents, element, field);
    let no_limit =
        lacks(ElementId::Item, "promise_limit") || lacks(ElementId::Item, "promise_unit");
    let no_date = lacks(ElementId::Acceptance, "promise_date");
    if blind(case) || (no_limit && no_date) {
        return Verdict::NotJudged;
    }
    let (Some(_), Some(due)) = (terms.accepted, terms.due) else {
        return Verdict::QUIET;
    };
    let mut lines = terms.lines.clone();
    match terms.concluded {
        Some(done) if !terms.is_late(done, due.day) => return Verdict::QUIET,
        Some(done) => lines.push(late_line(case, done, due.day)),
        None => lines.push(Bilingual::new(
            format!("{} 结束时尚未办结", canonical_date(due.day)),
            format!("not concluded when {} ended", canonical_date(due.day)),
        )),
    }
    Verdict::Judged(vec![Onset {
        occurrence: String::new(),
        begins: terms.end_of(due.day),
        until: None,
        basis: format!("due={}", due.day),
        gap: terms.due_gap,
        silence: terms.concluded.is_none(),
        lines,
        evidence: [terms.item, terms.acceptance, terms.conclusion]
            .into_iter()
            .flatten()
            .map(Evidence::of)
            .collect(),
    }])
}

/// `concluded ..., n working days after the due day`.
pub(super) fn late_line(case: &Case<'_>, done: time::OffsetDateTime, due: time::Date) -> Bilingual {
    let days = case.calendar.working_between(due, case.terms.day_of(done));
    let text = canonical(done);
    Bilingual::new(
        format!("办结 {text},晚于到期日 {days} 个工作日"),
        format!("concluded {text}, {days} working days after the due day"),
    )
}

#[cfg(test)]
mod tests {
    use crate::sketch::Sketch;

    /// Accepted Monday 2024-03-04 with 5 working days: due Monday 2024-03-11.
    const STORY: &str = "
        item 5W free                          | got 2024-03-01 09:00
        accept 2024-03-04 09:00 by 2024-03-11 | got 2024-03-04 10:00";

    #[test]
    fn fires_when_the_due_day_is_over() {
        let look = Sketch::read(STORY).look("2024-03-12 00:00");
        assert_eq!(look.cards(), ["T-02 yellow"]);
        assert_eq!(
            look.next(),
            "2024-03-16T00:00:00+08:00",
            "red, three working days later"
        );
        assert!(look.judgement.summary.overdue);
        assert_eq!(look.judgement.summary.remaining, Some(-1));
    }

    #[test]
    fn is_quiet_for_a_case_concluded_in_time() {
        let mut sketch = Sketch::read(STORY);
        sketch.add("conclude 2024-03-11 23:59:59 | got 2024-03-12 00:00:10");
        let look = sketch.look("2024-04-01 00:00");
        assert_eq!(look.cards(), [""; 0]);
        assert_eq!(look.next(), "");
    }

    #[test]
    fn the_edge_is_midnight_in_the_sources_zone() {
        let mut sketch = Sketch::read(STORY);
        assert_eq!(sketch.look("2024-03-11 23:59:59").cards(), ["T-01 warn"]);
        sketch.add("conclude 2024-03-12 00:00 | got 2024-03-12 00:01");
        let look = sketch.look("2024-03-12 00:02");
        assert_eq!(look.cards(), ["T-02 yellow"]);
        assert!(look.judgement.summary.late);
        assert_eq!(look.next(), "");
    }

    #[test]
    fn the_reported_day_counts_where_the_limit_is_declared_absent() {
        let mut sketch = Sketch::read("accept 2012-01-04 09:00 by 2012-01-10");
        sketch.absent("item");
        let look = sketch.look("2012-01-11 00:00");
        assert_eq!(look.cards(), ["T-02 yellow"]);
        assert!(look.not_judged().contains(&"T-01".to_owned()));
        sketch.absent("acceptance.promise_date");
        sketch.clear();
        sketch.add("accept 2012-01-04 09:00");
        let look = sketch.look("2012-01-11 00:00");
        assert_eq!(look.cards(), [""; 0]);
        assert!(look.not_judged().contains(&"T-02".to_owned()));
    }

    #[test]
    fn a_source_that_never_tells_of_conclusions_is_not_judged() {
        let mut sketch = Sketch::read(STORY);
        sketch.absent("conclusion");
        let look = sketch.look("2024-04-01 00:00");
        assert_eq!(look.cards(), [""; 0]);
        assert!(look.not_judged().contains(&"T-02".to_owned()));
    }

    #[test]
    fn a_report_upward_is_no_end() {
        let mut sketch = Sketch::read(STORY);
        sketch.add("conclude 2024-03-06 09:00 result 50 | got 2024-03-06 09:10");
        assert_eq!(sketch.look("2024-03-12 00:00").cards(), ["T-02 yellow"]);
    }
}
