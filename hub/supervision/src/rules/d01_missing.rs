//! D-01: an element that is due at the case's stage is missing (要素全覆盖). A data fault, not conduct.

use crate::calendar::Calendar;
use crate::card::{Colour, Line};
use crate::rule::{Case, Kind, Onset, Rule, Verdict};
use crate::scene::Scene;
use crate::terms::Terms;
use crate::timeline::Timeline;
use time::OffsetDateTime;
use tongcha_schema::element::{Due, ElementId};

/// The rule.
pub static RULE: Rule = Rule {
    code: "D-01",
    version: 1,
    kind: Kind::Data,
    title: ("要素缺失", "element missing"),
    trigger: (
        "案件到达阶段后 1 个工作日仍缺应有要素,也未声明“无”",
        "an element due at the stage is neither there nor declared none 1 working day later",
    ),
    ground: (
        "湖南电子监察:14 个要素全覆盖",
        "full cover of the 14 elements (Hunan)",
    ),
    colour: Colour::Fault,
    rung: 0,
    incident: "data",
    built_on: None,
    settles: true,
    begins,
};

/// Working days after a positive conclusion within which delivery is due (行政许可法 art. 44).
const DELIVERY_DAYS: i64 = 10;

/// A stage gate that an element has not passed.
pub(crate) struct Gate {
    /// The missing element.
    pub element: ElementId,
    /// Since when it is due.
    pub since: OffsetDateTime,
}

/// The elements that are due and neither there, nor declared none, nor declared absent by every
/// source.
pub(crate) fn gates(
    scene: &Scene<'_>,
    timeline: &Timeline<'_>,
    terms: &Terms<'_>,
    calendar: &Calendar,
) -> Vec<Gate> {
    let covered = |element| {
        timeline.first(element).is_some()
            || timeline.declared_none(element)
            || timeline.absent(scene.absents, element)
    };
    ElementId::ALL
        .into_iter()
        .filter_map(|element| {
            let since = due_since(element, timeline, terms, calendar)?;
            (!covered(element)).then_some(Gate { element, since })
        })
        .collect()
}

/// Since when an element is due in this case, if it is.
fn due_since(
    element: ElementId,
    timeline: &Timeline<'_>,
    terms: &Terms<'_>,
    calendar: &Calendar,
) -> Option<OffsetDateTime> {
    match element.spec().due {
        Due::Accepted => terms.accepted.or(terms.concluded),
        Due::EachStep | Due::Concluded => terms.concluded,
        Due::WhenItHappens => {
            let result = if element == ElementId::Correction {
                "5"
            } else {
                "6"
            };
            timeline
                .live(ElementId::Process)
                .filter(|step| step.text("result") == Some(result))
                .filter_map(|step| step.stamp("end_time").or(step.stamp("start_time")))
                .min()
        }
        Due::Delivered => {
            let positive = |r: &str| matches!(r, "10" | "11");
            terms
                .conclusion
                .and_then(|r| r.text("result"))
                .filter(|r| positive(r))?;
            Some(terms.end_of(calendar.add(terms.concluded?.date(), DELIVERY_DAYS)))
        }
        Due::Never => None,
    }
}

fn begins(case: &Case<'_>) -> Verdict {
    let gates = gates(case.scene, case.timeline, case.terms, case.calendar);
    Verdict::Judged(gates.iter().map(|gate| onset(case, gate)).collect())
}

fn onset(case: &Case<'_>, gate: &Gate) -> Onset {
    let since = gate.since.date();
    let last = case.calendar.add(since, case.profile.grace_days);
    let spec = gate.element.spec();
    Onset {
        occurrence: spec.name.to_owned(),
        begins: case.terms.end_of(last),
        until: None,
        basis: format!("{} missing", spec.name),
        silence: true,
        lines: vec![Line::new(
            format!(
                "要素 {} {} 自 {since} 起应有,至 {last} 未到",
                spec.number, spec.zh
            ),
            format!(
                "element {} ({}) due since {since}, missing on {last}",
                spec.number, spec.en
            ),
        )],
        evidence: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::sketch::Sketch;
    use tongcha_schema::element::ElementId;

    /// All six elements that are due at acceptance, but for the material.
    const STORY: &str = "
        fill organ | got 2024-03-04 09:00
        fill applicant | got 2024-03-04 09:00
        base 2 厂房扩建 2024-03-04 08:00
        item 20W free
        accept 2024-03-04 09:00 by 2024-04-01";

    fn story() -> Sketch {
        let mut sketch = Sketch::read("");
        sketch.judge_data();
        sketch.add(STORY);
        sketch
    }

    #[test]
    fn fires_a_working_day_after_the_stage_and_names_the_element() {
        let look = story().look("2024-03-06 00:00");
        assert_eq!(look.cards(), ["D-01 fault material"]);
        assert_eq!(look.judgement.summary.missing, [ElementId::Material]);
    }

    #[test]
    fn is_quiet_where_it_is_there_declared_none_or_declared_absent() {
        for cover in ["fill material", "none material"] {
            let mut sketch = story();
            sketch.add(cover);
            assert_eq!(sketch.look("2024-03-06 00:00").cards(), [""; 0], "{cover}");
        }
        let mut sketch = story();
        sketch.absent("material");
        assert_eq!(sketch.look("2024-03-06 00:00").cards(), [""; 0]);
    }

    #[test]
    fn at_the_edge_it_is_shown_at_once_but_carded_after_the_day_of_grace() {
        let look = story().look("2024-03-05 23:59:59");
        assert_eq!(look.cards(), [""; 0]);
        assert_eq!(look.judgement.summary.missing, [ElementId::Material]);
        assert_eq!(look.next(), "2024-03-06T00:00:00+08:00");
    }

    #[test]
    fn a_missing_element_that_arrives_settles_its_card() {
        let mut sketch = story();
        sketch.look("2024-03-06 00:00").settle(&mut sketch);
        sketch.add("none material | got 2024-03-06 08:00");
        assert_eq!(sketch.look("2024-03-06 09:00").lifts(), ["D-01 settled"]);
    }

    #[test]
    fn a_conclusion_asks_for_more_and_a_grant_for_its_delivery() {
        let mut sketch = story();
        sketch.add("none material\n conclude 2024-03-08 09:00 result 10");
        let missing = sketch.look("2024-03-08 10:00").judgement.summary.missing;
        assert_eq!(
            missing,
            [ElementId::Process, ElementId::Fee, ElementId::ResultDoc]
        );
        let missing = sketch.look("2024-03-23 00:00").judgement.summary.missing;
        assert!(missing.contains(&ElementId::Delivery), "{missing:?}");
    }

    #[test]
    fn a_step_that_sent_back_for_correction_asks_for_the_correction() {
        let mut sketch = story();
        sketch.add("none material\n step 1 承办 2024-03-05 09:00 to 2024-03-05 10:00 result 5");
        let missing = sketch.look("2024-03-05 11:00").judgement.summary.missing;
        assert_eq!(missing, [ElementId::Correction]);
    }
}
