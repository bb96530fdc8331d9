//! D-01: an element that is due at the case's stage is missing (要素全覆盖). A data fault, not conduct.

use crate::calendar::Calendar;
use crate::card::{Colour, Evidence, Line};
use crate::rule::{Case, Kind, Onset, Rule, Verdict};
use crate::scene::Scene;
use crate::terms::Terms;
use crate::timeline::Timeline;
use time::OffsetDateTime;
use tongcha_schema::element::{Due, ElementId};
use tongcha_schema::record::Record;

/// The rule.
pub static RULE: Rule = Rule {
    code: "D-01",
    version: 2,
    kind: Kind::Data,
    title: ("要素缺失", "element missing"),
    trigger: (
        "案件到达阶段后 1 个工作日(自事件日与到达日之较晚者起算)仍缺应有要素,也未声明“无”;\
         结果证照与领取只对准予并出证(10)要求",
        "an element due at the stage is neither there nor declared none 1 working day later, counted \
         from the event or its arrival, whichever is later; a result document and its delivery are \
         asked of result 10 only",
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
pub(crate) struct Gate<'a> {
    /// The missing element.
    pub element: ElementId,
    /// Since when it is due.
    pub since: OffsetDateTime,
    /// The record that tells of the stage.
    told_by: &'a Record,
    /// Instant from which it was counted in working days, where it was.
    counted_from: Option<OffsetDateTime>,
}

/// Results that end a case without a decision (不予受理, 退回/撤回, 补正逾期, 作废, 删除): what only handling
/// produces may rightly not be there.
const UNDECIDED: [&str; 5] = ["30", "40", "41", "90", "91"];
/// The one result that hands out a certificate (准予并出证); 11 grants without one.
const CERTIFIED: &str = "10";

/// The elements that are due and neither there, nor declared none, nor declared absent by every
/// source.
pub(crate) fn gates<'a>(
    scene: &Scene<'_>,
    timeline: &Timeline<'a>,
    terms: &Terms<'a>,
    calendar: &Calendar,
) -> Vec<Gate<'a>> {
    let covered = |element| {
        timeline.first(element).is_some()
            || timeline.declared_none(element)
            || timeline.absent(scene.absents, element)
    };
    ElementId::ALL
        .into_iter()
        .filter_map(|element| {
            let gate = gate_of(element, timeline, terms, calendar)?;
            (!covered(element)).then_some(gate)
        })
        .collect()
}

/// The gate of an element in this case, if the case has come to it.
fn gate_of<'a>(
    element: ElementId,
    timeline: &Timeline<'a>,
    terms: &Terms<'a>,
    calendar: &Calendar,
) -> Option<Gate<'a>> {
    let gate = |since: OffsetDateTime, told_by| Gate {
        element,
        since,
        told_by,
        counted_from: None,
    };
    let result = terms.conclusion.and_then(|r| r.text("result"));
    let concluded = terms.concluded.zip(terms.conclusion);
    let decided = concluded.filter(|_| result.is_none_or(|r| !UNDECIDED.contains(&r)));
    let certified = concluded.filter(|_| result.is_none_or(|r| r == CERTIFIED));
    match element.spec().due {
        Due::Accepted => {
            let (since, told_by) = terms.accepted.zip(terms.acceptance).or(decided)?;
            Some(gate(since, told_by))
        }
        Due::Concluded if element == ElementId::ResultDoc => certified.map(|(s, r)| gate(s, r)),
        Due::EachStep | Due::Concluded => decided.map(|(since, told_by)| gate(since, told_by)),
        Due::WhenItHappens => {
            let asks = if element == ElementId::Correction {
                "5"
            } else {
                "6"
            };
            timeline
                .live(ElementId::Process)
                .filter(|step| step.text("result") == Some(asks))
                .filter_map(|step| {
                    Some((step.stamp("end_time").or(step.stamp("start_time"))?, step))
                })
                .min_by_key(|(at, _)| *at)
                .map(|(since, step)| gate(since, step))
        }
        Due::Delivered => {
            let (done, told_by) = certified.filter(|_| result.is_some())?;
            let since = terms.end_of(calendar.add(done.date(), DELIVERY_DAYS));
            Some(Gate {
                counted_from: Some(done),
                ..gate(since, told_by)
            })
        }
        Due::Never => None,
    }
}

fn begins(case: &Case<'_>) -> Verdict {
    let gates = gates(case.scene, case.timeline, case.terms, case.calendar);
    Verdict::Judged(gates.iter().map(|gate| onset(case, gate)).collect())
}

fn onset(case: &Case<'_>, gate: &Gate<'_>) -> Onset {
    let since = gate.since.date();
    let (from, last) = case.grace(since, gate.told_by);
    let counted_from = gate.counted_from.map_or(from, OffsetDateTime::date);
    let gap = case.calendar.gap(counted_from, last);
    let spec = gate.element.spec();
    Onset {
        occurrence: spec.name.to_owned(),
        begins: case.terms.end_of(last),
        until: None,
        basis: format!("{} missing", spec.name),
        gap,
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
        evidence: vec![Evidence::of(gate.told_by)],
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
    fn no_certificate_is_asked_of_a_result_that_has_none() {
        for (result, asked) in [
            ("11", vec![ElementId::Process, ElementId::Fee]),
            ("20", vec![ElementId::Process, ElementId::Fee]),
            ("30", vec![]),
            ("40", vec![]),
            ("41", vec![]),
            ("90", vec![]),
            ("91", vec![]),
        ] {
            let mut sketch = story();
            sketch.add("none material");
            sketch.add(&format!(
                "conclude 2024-03-08 09:00 result {result} why 场地不符"
            ));
            let missing = sketch.look("2024-04-23 00:00").judgement.summary.missing;
            assert_eq!(missing, asked, "{result}");
        }
    }

    #[test]
    fn a_historic_delivery_has_its_day_of_grace_from_its_arrival() {
        let mut sketch = Sketch::read("");
        sketch.judge_data();
        sketch.add(&STORY.replace("by 2024-04-01", "by 2024-04-01 | got 2024-06-14 10:00"));
        assert_eq!(sketch.look("2024-06-17 23:59:59").cards(), ["T-02 yellow"]);
        let cards = sketch.look("2024-06-18 00:00").cards();
        assert!(
            cards.contains(&"D-01 fault material".to_owned()),
            "{cards:?}"
        );
    }

    #[test]
    fn a_step_that_sent_back_for_correction_asks_for_the_correction() {
        let mut sketch = story();
        sketch.add("none material\n step 1 承办 2024-03-05 09:00 to 2024-03-05 10:00 result 5");
        let missing = sketch.look("2024-03-05 11:00").judgement.summary.missing;
        assert_eq!(missing, [ElementId::Correction]);
    }
}
