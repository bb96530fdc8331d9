//! Which rules cannot be judged for a source, and which of its declared absences are the cause: asked of the
//! rules themselves, on a case of that source of which nothing else is known. Refuses to count cases.

use crate::calendar::Calendar;
use crate::card::RuleId;
use crate::profile::Profile;
use crate::rule::{Case, Rule, Verdict};
use crate::rules::RULES;
use crate::scene::{Absents, Fact, RowState, Scene};
use crate::terms::Terms;
use crate::timeline::Timeline;
use std::sync::Arc;
use time::OffsetDateTime;
use tongcha_schema::element::ElementId;
use tongcha_schema::record::{CaseHead, Op, Record, Version};

/// What a source declares absent: an element, or the position of one of its fields in the spec.
pub type Declared = (ElementId, Option<usize>);

/// A rule that cannot be judged, with the positions of the declarations that are the cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blind {
    /// The rule.
    pub rule: RuleId,
    /// Positions in the list of declarations.
    pub causes: Vec<usize>,
}

/// The enabled rules that no case of a source with these declarations can be judged by. A cause is a
/// declaration that alone suffices, or without which the rule could be judged.
pub fn blind(declared: &[Declared], profile: &Profile, calendar: &Calendar) -> Vec<Blind> {
    let all: Vec<usize> = (0..declared.len()).collect();
    let cannot = |rule: &Rule, of: &[usize]| {
        let chosen = of.iter().filter_map(|at| declared.get(*at));
        is_blind(rule, chosen, profile, calendar)
    };
    let enabled = RULES.iter().filter(|r| profile.rule(r.code).enabled);
    enabled
        .filter(|rule| cannot(rule, &all))
        .map(|rule| {
            let is_cause = |at: &usize| {
                let without: Vec<usize> = all.iter().copied().filter(|o| o != at).collect();
                cannot(rule, &[*at]) || !cannot(rule, &without)
            };
            Blind {
                rule: rule.id(),
                causes: all.iter().copied().filter(is_cause).collect(),
            }
        })
        .collect()
}

/// Whether a rule passes over a case of which nothing is known but its source.
fn is_blind<'a>(
    rule: &Rule,
    declared: impl Iterator<Item = &'a Declared>,
    profile: &Profile,
    calendar: &Calendar,
) -> bool {
    let facts = [trace()];
    let mut absents = Absents::default();
    for (element, field) in declared {
        match field {
            None => absents.declare(&facts[0].record.head.source, *element, None),
            Some(field) => absents.declare_index(&facts[0].record.head.source, *element, *field),
        };
    }
    let scene = Scene {
        space: "",
        case_no: "",
        facts: &facts,
        absents: &absents,
        faults: &[],
        refusals: &[],
    };
    let timeline = Timeline::new(&facts);
    let terms = Terms::of(&timeline, profile, calendar);
    let verdict = (rule.begins)(&Case {
        scene: &scene,
        timeline: &timeline,
        terms: &terms,
        profile,
        settings: profile.rule(rule.code),
        calendar,
        cards: &[],
    });
    verdict == Verdict::NotJudged
}

/// A record that says nothing, of an element that no rule asks for.
fn trace() -> Fact {
    let element = ElementId::Evaluation;
    Fact {
        record: Record {
            head: Arc::new(CaseHead::bare("source", "", "", OffsetDateTime::UNIX_EPOCH)),
            element,
            seq: 1,
            version: Version::Given(1),
            op: Op::Insert,
            none: None,
            values: vec![None; element.spec().fields.len()],
            digest: [0; 32],
            marks: Vec::new(),
            number: 0,
            line: 0,
        },
        state: RowState::Live,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn found(declared: &[(ElementId, Option<&str>)]) -> Vec<(String, Vec<usize>)> {
        let declared: Vec<Declared> = declared
            .iter()
            .map(|(e, field)| (*e, field.map(|f| e.spec().field_index(f).unwrap())))
            .collect();
        let profile = Profile::shipped("huating").unwrap();
        let found = blind(&declared, &profile, &Calendar::cn().unwrap());
        found
            .into_iter()
            .map(|b| (b.rule.to_string(), b.causes))
            .collect()
    }

    #[test]
    fn a_source_that_supplies_all_is_judged_by_all() {
        assert_eq!(found(&[]), []);
        assert_eq!(found(&[(ElementId::Evaluation, None)]), []);
    }

    #[test]
    fn each_rule_names_the_declarations_that_are_its_cause() {
        let declared = [
            (ElementId::Item, None),
            (ElementId::Delivery, None),
            (ElementId::Acceptance, Some("promise_date")),
        ];
        let expected = [("T-01", vec![0]), ("T-02", vec![0, 2]), ("T-04", vec![0])];
        let expected = expected.map(|(rule, causes)| (rule.to_owned(), causes));
        assert_eq!(found(&declared), expected);
    }

    #[test]
    fn at_the_edge_two_causes_that_each_suffice_are_both_named() {
        let declared = [
            (ElementId::Acceptance, Some("accept_time")),
            (ElementId::Conclusion, Some("done_time")),
        ];
        let found = found(&declared);
        assert!(
            found.contains(&("T-02".to_owned(), vec![0, 1])),
            "{found:?}"
        );
    }
}
