//! T-03: three working days after the yellow card was issued (发出), and still not concluded.

use crate::card::{Bilingual, Colour, Evidence};
use crate::rule::{Case, Kind, Onset, Rule, Verdict};
use tongcha_schema::stamp::canonical;

/// The rule.
pub static RULE: Rule = Rule {
    code: "T-03",
    version: 1,
    kind: Kind::Time,
    title: ("黄牌后仍未办结", "not concluded after the yellow card"),
    trigger: (
        "黄牌发出后 3 个工作日仍未办结",
        "not concluded 3 working days after the yellow card's recorded issue",
    ),
    ground: (
        "华亭做法:黄牌警告后三个工作日内未办理,发红牌",
        "practice of Huating: red three working days after yellow",
    ),
    colour: Colour::Red,
    rung: 2,
    incident: "deadline",
    built_on: Some("T-02"),
    ends_with_cause: false,
    begins,
};

fn begins(case: &Case<'_>) -> Verdict {
    let Some(yellow) = case.standing("T-02") else {
        return Verdict::QUIET;
    };
    let terms = case.terms;
    let last = case
        .calendar
        .add(yellow.issued_at.date(), case.settings.days);
    let mut lines = vec![Bilingual::new(
        format!(
            "黄牌 {} 发出,{} 个工作日后为 {last}",
            canonical(yellow.issued_at),
            case.settings.days
        ),
        format!(
            "yellow issued {}, {} working days later is {last}",
            canonical(yellow.issued_at),
            case.settings.days
        ),
    )];
    match terms.concluded {
        Some(done) if !terms.is_late(done, last) => return Verdict::QUIET,
        Some(done) => lines.push(super::t02_past_promise::late_line(case, done, last)),
        None => lines.push(Bilingual::new(
            format!("{last} 结束时尚未办结"),
            format!("not concluded when {last} ended"),
        )),
    }
    Verdict::Judged(vec![Onset {
        occurrence: String::new(),
        begins: terms.end_of(last),
        until: None,
        basis: format!("yellow={last}"),
        gap: case.calendar.gap(yellow.issued_at.date(), last),
        silence: terms.concluded.is_none(),
        lines,
        evidence: [terms.acceptance, terms.conclusion]
            .into_iter()
            .flatten()
            .map(Evidence::of)
            .collect(),
    }])
}

#[cfg(test)]
mod tests {
    use crate::sketch::Sketch;

    fn overdue() -> Sketch {
        let mut sketch = Sketch::read(
            "
            item 5W free                          | got 2024-03-01 09:00
            accept 2024-03-04 09:00 by 2024-03-11 | got 2024-03-04 10:00",
        );
        sketch.look("2024-03-12 09:00").settle(&mut sketch);
        sketch
    }

    #[test]
    fn fires_three_working_days_after_the_recorded_issue() {
        let mut sketch = overdue();
        let look = sketch.look("2024-03-16 00:00");
        assert_eq!(look.cards(), ["T-03 red"]);
        look.settle(&mut sketch);
        assert_eq!(sketch.look("2024-03-16 00:00").judgement.moves, []);
    }

    #[test]
    fn is_quiet_when_the_case_is_concluded_on_the_last_day() {
        let mut sketch = overdue();
        assert_eq!(sketch.look("2024-03-15 23:59:59").cards(), [""; 0]);
        sketch.add("conclude 2024-03-15 23:00 | got 2024-03-16 01:00");
        let look = sketch.look("2024-03-20 00:00");
        assert_eq!(
            look.judgement.moves,
            [],
            "the yellow stands, there is no red"
        );
        assert_eq!(look.next(), "");
    }

    #[test]
    fn at_the_edge_a_late_issue_gives_no_red_in_the_same_look() {
        let sketch = Sketch::read("item 5W free\n accept 2024-03-04 09:00 by 2024-03-11");
        let look = sketch.look("2024-06-28 23:59:59");
        assert_eq!(look.cards(), ["T-02 yellow"]);
        assert_eq!(look.next(), "2024-07-04T00:00:00+08:00");
    }

    #[test]
    fn a_red_whose_yellow_was_withdrawn_is_lifted() {
        let mut sketch = overdue();
        sketch.look("2024-03-16 00:00").settle(&mut sketch);
        sketch.withdraw("T-02");
        let look = sketch.look("2024-03-18 09:00");
        assert_eq!(
            look.cards(),
            [""; 0],
            "a withdrawn card is not raised again on the same facts"
        );
        assert_eq!(look.lifts(), ["T-03 ground_gone"]);
    }
}
