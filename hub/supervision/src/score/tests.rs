//! Tests of the scores: the worked check of the published scheme, floors, incidents, runs.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]
use super::*;
use crate::card::RuleId;
use time::OffsetDateTime;
use time::macros::datetime;

const ORGAN: &str = "公安局";
const MARCH: Month = Month {
    year: 2024,
    month: 3,
};

fn card(case: u32, rule: &'static str, colour: Colour, issued_at: OffsetDateTime) -> Card {
    let subject = Subject::Case {
        space: "cn".into(),
        case_no: case.to_string(),
    };
    let rule = RuleId::of(rule);
    let shipped = crate::rules::by_code(rule.as_str()).unwrap();
    Card {
        id: CardId::of(&subject, &rule, "", shipped.rung),
        subject,
        rule_version: 1,
        occurrence: String::new(),
        rung: shipped.rung,
        colour,
        incident: shipped.incident.into(),
        basis: String::new(),
        begins_at: issued_at,
        issued_at,
        organ_code: String::new(),
        organ_name: ORGAN.into(),
        item_name: String::new(),
        item_type: String::new(),
        profile: "huating/1".into(),
        calendar: String::new(),
        known_at: None,
        lines: Vec::new(),
        evidence: Vec::new(),
        state: CardState::Open,
        rule,
    }
}

fn day(day: u8) -> OffsetDateTime {
    datetime!(2024-03-01 9:00 +8).replace_day(day).unwrap()
}

fn scored(cards: &[Card], counts: Completeness) -> Score {
    let every_part = [
        "G-01", "P-01", "T-02", "F-01", "S-01", "S-02", "D-01", "A-01",
    ];
    let mut scheme = Scheme::shipped("S100").unwrap();
    // The part that no rule touches takes part too, so that the whole scheme stands.
    scheme.parts.last_mut().unwrap().rules.push("I-".into());
    judged_by(
        &scheme,
        cards,
        counts,
        every_part.into_iter().chain(["I-01"]),
    )
    .unwrap()
}

fn judged_by<'a>(
    scheme: &Scheme,
    cards: &[Card],
    counts: Completeness,
    rules: impl IntoIterator<Item = &'a str>,
) -> Option<Score> {
    let judged = rules.into_iter().map(str::to_owned).collect();
    score(scheme, MARCH, ORGAN, cards, counts, &judged)
}

fn left(score: &Score, part: &str) -> i64 {
    score.parts.iter().find(|p| p.id == part).unwrap().left
}

#[test]
fn the_parts_add_to_a_hundred() {
    let score = scored(&[], Completeness::default());
    assert_eq!((score.total, score.grade.zh.as_str()), (100, "优秀"));
    assert_eq!(score.parts.len(), 9);
}

#[test]
fn the_worked_check_gives_76() {
    let cards = [
        card(1, "T-02", Colour::Yellow, day(4)),
        card(2, "F-01", Colour::Red, day(5)),
        card(3, "A-01", Colour::Yellow, day(6)),
        card(4, "T-01", Colour::Warn, day(7)),
        card(5, "T-01", Colour::Warn, day(8)),
        card(6, "T-01", Colour::Warn, day(11)),
    ];
    // A red card costs 10 and the part for fees has 8: the floor would show. It stands on P-01
    // here.
    let mut cards = cards.to_vec();
    cards[1] = card(2, "P-01", Colour::Red, day(5));
    let counts = Completeness {
        concluded: 100,
        incomplete: 3,
        early: 27,
    };
    let score = scored(&cards, counts);
    assert_eq!(
        (score.total, score.bonus, score.grade.zh.as_str()),
        (76, 2, "合格")
    );
    assert_eq!(
        score
            .deductions
            .iter()
            .map(|d| d.points)
            .collect::<Vec<_>>(),
        [5, 10, 5, 3, 3]
    );
    let run = &score.deductions[3];
    assert_eq!(
        run.cards,
        [
            cards[3].id.clone(),
            cards[4].id.clone(),
            cards[5].id.clone()
        ]
    );
    let mut shuffled = cards.clone();
    shuffled.reverse();
    assert_eq!(
        scored(&shuffled, counts).digest(),
        score.digest(),
        "order does not matter"
    );
}

#[test]
fn a_part_never_falls_below_nothing_and_says_so() {
    let cards = [
        card(1, "F-01", Colour::Red, day(4)),
        card(2, "F-01", Colour::Red, day(5)),
    ];
    let score = scored(&cards, Completeness::default());
    assert_eq!((left(&score, "fees"), score.total), (0, 92));
    let applied: Vec<_> = score
        .deductions
        .iter()
        .map(|d| (d.points, d.applied))
        .collect();
    assert_eq!(applied, [(10, 8), (10, 0)]);
}

#[test]
fn an_incident_costs_its_highest_card_also_across_months() {
    let yellow = card(1, "T-02", Colour::Yellow, day(4));
    let red = card(1, "T-03", Colour::Red, day(8));
    assert_eq!(
        scored(&[yellow.clone(), red.clone()], Completeness::default()).total,
        90
    );
    let mut earlier = yellow;
    earlier.issued_at = datetime!(2024-02-29 23:30 +8);
    let score = scored(&[earlier, red], Completeness::default());
    assert_eq!(score.total, 95, "February has scored five of the ten");
}

#[test]
fn what_was_lifted_or_withdrawn_costs_nothing() {
    let at = day(9);
    let mut card = card(1, "T-02", Colour::Yellow, day(4));
    card.state = CardState::Lifted {
        at,
        reason: LiftReason::FalseAlarm,
    };
    assert_eq!(scored(&[card.clone()], Completeness::default()).total, 100);
    card.state = CardState::Withdrawn {
        at,
        reason: "申诉成立".into(),
    };
    assert_eq!(scored(&[card], Completeness::default()).total, 100);
}

#[test]
fn a_card_between_them_breaks_a_run_and_a_risen_warning_is_none() {
    let warn = |case, at| card(case, "T-01", Colour::Warn, day(at));
    let broken = [
        warn(1, 4),
        warn(2, 5),
        card(9, "A-01", Colour::Yellow, day(6)),
        warn(3, 7),
    ];
    assert_eq!(scored(&broken, Completeness::default()).total, 95);
    let risen = [
        warn(1, 4),
        warn(2, 5),
        warn(3, 6),
        card(3, "T-02", Colour::Yellow, day(7)),
    ];
    assert_eq!(scored(&risen, Completeness::default()).total, 95);
}

#[test]
fn other_organs_and_later_months_do_not_count() {
    let mut other = card(1, "T-02", Colour::Yellow, day(4));
    other.organ_name = "住建局".into();
    let later = card(2, "T-02", Colour::Yellow, datetime!(2024-04-01 0:00 +8));
    assert_eq!(scored(&[other, later], Completeness::default()).total, 100);
}

#[test]
fn incomplete_data_costs_a_point_a_percent_and_five_at_most() {
    let of = |incomplete| Completeness {
        concluded: 200,
        incomplete,
        early: 0,
    };
    assert_eq!(scored(&[], of(1)).total, 100, "half a percent");
    assert_eq!(scored(&[], of(2)).total, 99);
    let fault = card(1, "D-01", Colour::Fault, day(4));
    let score = scored(std::slice::from_ref(&fault), of(60));
    assert_eq!((score.total, left(&score, "inspection")), (95, 9));
    assert_eq!(score.deductions[0].cards, [fault.id]);
}

#[test]
fn what_nothing_measures_is_left_out_and_the_rest_is_brought_to_a_hundred() {
    let scheme = Scheme::shipped("S100").unwrap();
    let yellow = card(1, "T-02", Colour::Yellow, day(4));
    let one = std::slice::from_ref(&yellow);
    let rules = ["T-02", "P-01"];
    let score = judged_by(&scheme, one, Completeness::default(), rules).unwrap();
    let measured: Vec<&str> = score
        .parts
        .iter()
        .filter(|p| p.measured)
        .map(|p| p.id.as_str())
        .collect();
    assert_eq!(measured, ["process", "time"]);
    assert_eq!(score.total, 23 * 100 / 28);
    // The edge: a part that lost points is measured, whatever is judged now.
    let score = judged_by(&scheme, one, Completeness::default(), ["P-01"]).unwrap();
    assert_eq!(score.total, 23 * 100 / 28);
    assert_eq!(judged_by(&scheme, &[], Completeness::default(), []), None);
}

#[test]
fn nobody_is_excellent_with_a_part_at_nothing_or_with_data_that_does_not_come() {
    let three: Vec<Card> = (1..=3)
        .map(|case| card(case, "T-02", Colour::Yellow, day(4)))
        .collect();
    let early = Completeness {
        concluded: 10,
        incomplete: 0,
        early: 10,
    };
    let score = scored(&three, early);
    assert_eq!((left(&score, "time"), score.total), (0, 96));
    assert_eq!(score.grade.zh, "合格");
    assert_eq!(score.capped.len(), 2, "{:?}", score.capped);
    let none_complete = Completeness {
        incomplete: 10,
        ..early
    };
    let score = scored(&[], none_complete);
    assert_eq!((score.total, score.grade.zh.as_str()), (105, "不合格"));
    let at_the_edge = Completeness {
        concluded: 100,
        incomplete: 5,
        early: 0,
    };
    let score = scored(&[], at_the_edge);
    assert_eq!((score.total, score.grade.zh.as_str()), (95, "优秀"));
}

#[test]
fn a_scheme_that_cannot_be_is_refused() {
    let text = include_str!("../../schemes/s100.toml");
    for (from, to) in [
        (
            "incomplete_part = \"inspection\"",
            "incomplete_part = \"none\"",
        ),
        ("warn_run = 3", "warn_run = 0"),
        ("yellow = 5", "yellow = \"five\""),
    ] {
        let error = Scheme::parse(&text.replace(from, to)).unwrap_err();
        assert!(!error.is_transient() && error.to_string().contains("hint:"));
    }
    assert!(Scheme::shipped("S1").is_err());
}
