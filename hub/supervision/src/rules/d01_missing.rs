//! D-01: an element that is due at the case's stage is missing (要素全覆盖). A data fault, not conduct.

use crate::card::{Bilingual, Colour, Evidence};
use crate::missing::{Missing, missing};
use crate::rule::{Case, Kind, Onset, Rule, Verdict};
use time::OffsetDateTime;

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
    ends_with_cause: true,
    begins,
};

fn begins(case: &Case<'_>) -> Verdict {
    let missing = missing(case.scene, case.timeline, case.terms, case.calendar);
    Verdict::Judged(missing.iter().map(|element| onset(case, element)).collect())
}

fn onset(case: &Case<'_>, missing: &Missing<'_>) -> Onset {
    let since = missing.since.date();
    let (from, last) = case.grace(since, missing.told_by);
    let counted_from = missing.counted_from.map_or(from, OffsetDateTime::date);
    let gap = case.calendar.gap(counted_from, last);
    let spec = missing.element.spec();
    Onset {
        occurrence: spec.name.to_owned(),
        begins: case.terms.end_of(last),
        until: None,
        basis: format!("{} missing", spec.name),
        gap,
        silence: true,
        lines: vec![Bilingual::new(
            format!(
                "要素 {} {} 自 {since} 起应有,至 {last} 未到",
                spec.number, spec.zh
            ),
            format!(
                "element {} ({}) due since {since}, missing on {last}",
                spec.number, spec.en
            ),
        )],
        evidence: vec![Evidence::of(missing.told_by)],
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
