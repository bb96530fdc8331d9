//! The rules, one file each; this is their list, in the order in which they are judged (a rule that
//! builds on another's card stands after it).

use crate::card::RuleId;
use crate::rule::Rule;
use std::fmt::Write as _;

pub mod a01_no_reason;
pub mod d01_missing;
pub mod f01_fee_on_free;
pub mod p01_no_approval;
pub mod t01_near_due;
pub mod t02_past_promise;
pub mod t03_after_yellow;
pub mod t04_past_legal;
pub mod t05_step;

/// All rules.
pub static RULES: [&Rule; 9] = [
    &t01_near_due::RULE,
    &t02_past_promise::RULE,
    &t03_after_yellow::RULE,
    &t04_past_legal::RULE,
    &t05_step::RULE,
    &p01_no_approval::RULE,
    &f01_fee_on_free::RULE,
    &a01_no_reason::RULE,
    &d01_missing::RULE,
];

/// The rule of a code.
pub fn by_code(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code == code)
}

/// The ids of all rules, in order of judging.
pub fn ids() -> impl Iterator<Item = RuleId> {
    RULES.iter().map(|rule| rule.id())
}

/// The reference page of the rules, in Markdown; `docs/RULES.md` is this text.
pub fn page() -> String {
    let mut out = String::from(
        "<!-- Generated from hub/supervision/src/rules; UPDATE_GENERATED=1 cargo test -p \
         tongcha-supervision writes it. -->\n# 监察规则 Rules\n\n\
         What a region may change (on or off, colour, numbers) stands in its profile, \
         `hub/supervision/profiles/`. A rule whose facts a source declares absent is not \
         judged, and is counted as such.\n",
    );
    for rule in RULES {
        let (kind_zh, kind_en) = rule.kind.title();
        let colour = format!("{} {}", rule.colour.zh(), rule.colour.name());
        let life = if rule.ends_with_cause {
            "ends with its cause 随事由消除而解除"
        } else {
            "stands until proven false or withdrawn 经证明误报或申诉成立方撤"
        };
        let _ = write!(
            out,
            "\n## {} {} · {}\n\n| | |\n|---|---|\n| Type 类型 | {kind_zh} {kind_en} |\n\
             | Colour 级别 | {colour} |\n| Trigger 触发 | {}<br>{} |\n| Ground 依据 | {}<br>{} |\n\
             | Card 卡片 | {life} |\n| Version 版本 | {} |\n",
            rule.code,
            rule.title.0,
            rule.title.1,
            rule.trigger.0,
            rule.trigger.1,
            rule.ground.0,
            rule.ground.1,
            rule.version,
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_the_form_of_the_field_and_unique() {
        let mut codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
        for code in &codes {
            let (letter, number) = code.split_at(1);
            assert!("TPFAGDS".contains(letter) && number.len() == 3, "{code}");
        }
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), RULES.len());
    }

    #[test]
    fn a_rule_stands_after_the_one_it_is_built_on() {
        for (at, rule) in RULES.iter().enumerate() {
            let Some(ground) = rule.built_on else {
                continue;
            };
            let before = RULES.iter().position(|r| r.code == ground);
            assert!(before.is_some_and(|before| before < at), "{}", rule.code);
        }
    }
}
