//! A profile (地方规则): the numbers, colours and papers of one region, as data. Refuses to hold logic.

use crate::card::Colour;
use serde::Deserialize;
use std::collections::BTreeMap;
use time::{Time, UtcOffset};

mod read;

pub use read::ProfileError;

/// What a region sets for one rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RuleSettings {
    /// Whether the rule is judged.
    pub enabled: bool,
    /// Colour, where it departs from the rule's own.
    pub colour: Option<Colour>,
    /// Working days of the rule's own clock (T-03: from the yellow's issue to red).
    pub days: i64,
    /// Percent of the limit (T-01: remind when no more remains).
    pub share: i64,
    /// Least days (T-01: remind at least so many days before).
    pub least: i64,
}

impl RuleSettings {
    /// What counts where a profile says nothing.
    pub const DEFAULT: RuleSettings = RuleSettings {
        enabled: true,
        colour: None,
        days: 3,
        share: 20,
        least: 1,
    };
}

impl Default for RuleSettings {
    fn default() -> RuleSettings {
        RuleSettings::DEFAULT
    }
}

/// The paper that accompanies a colour.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// Chinese title, e.g. 效能问询通知书.
    pub zh: String,
    /// English title.
    pub en: String,
    /// Working days within which the organ answers; 0: the same day; `None`: no answer is asked.
    pub answer_days: Option<u32>,
}

/// A region's profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Name.
    pub name: String,
    /// Edition; it rises with every change.
    pub edition: u32,
    /// Chinese and English title.
    pub title: (String, String),
    /// Zone of cases without any stamp.
    pub zone: UtcOffset,
    /// Office close, if a due day ends there; `None`: it ends at 24:00.
    pub day_ends: Option<Time>,
    /// Working days after an event within which its record may still arrive before its absence
    /// counts.
    pub grace_days: i64,
    /// Kinds of special procedure that stop the clock.
    pub pause_kinds: Vec<String>,
    /// Whether a correction asked after acceptance stops the clock.
    pub correction_pauses: bool,
    papers: BTreeMap<Colour, Paper>,
    rules: BTreeMap<String, RuleSettings>,
}

impl Profile {
    /// Name and edition, e.g. `huating/1`.
    pub fn label(&self) -> String {
        format!("{}/{}", self.name, self.edition)
    }

    /// What it sets for a rule; the default where it is silent.
    pub fn rule(&self, code: &str) -> &RuleSettings {
        self.rules.get(code).unwrap_or(&RuleSettings::DEFAULT)
    }

    /// The paper that accompanies a colour, if there is one.
    pub fn paper(&self, colour: Colour) -> Option<&Paper> {
        self.papers.get(&colour)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use crate::card::RuleId;

    #[test]
    fn hunan_holds_its_differences_only() {
        let huating = Profile::shipped("huating").unwrap();
        let hunan = Profile::shipped("hunan").unwrap();
        assert_eq!(hunan.label(), "hunan/1");
        assert_eq!(hunan.pause_kinds, huating.pause_kinds);
        assert_eq!(hunan.rule("T-03"), huating.rule("T-03"));
        assert_eq!(huating.paper(Colour::Yellow).unwrap().zh, "效能问询通知书");
        assert_eq!(hunan.paper(Colour::Yellow).unwrap().zh, "督办通知书");
        assert_eq!(hunan.paper(Colour::Red).unwrap().zh, "监察建议书");
    }

    #[test]
    fn a_profile_may_change_colours_and_switch_rules_off() {
        let text = "name = \"qhd\"\nedition = 2\nextends = \"huating\"\nday_ends = \"17:30\"\n\
            [rules.T-01]\ncolour = \"yellow\"\n[rules.T-02]\ncolour = \"red\"\n\
            [rules.T-03]\nenabled = false\n";
        let profile = Profile::parse(text).unwrap();
        assert_eq!(profile.colour(&RuleId::of("T-01")), Some(Colour::Yellow));
        assert_eq!(profile.colour(&RuleId::of("T-02")), Some(Colour::Red));
        assert!(!profile.rule("T-03").enabled);
        assert_eq!(profile.day_ends, Time::from_hms(17, 30, 0).ok());
    }

    #[test]
    fn what_cannot_be_is_refused_with_a_hint() {
        let head = "name = \"x\"\nedition = 1\nextends = \"huating\"\n";
        let bad = [
            "name = 1".to_owned(),
            "name = \"x\"\nedition = 1\nextends = \"nowhere\"\n".to_owned(),
            format!("{head}colour = 1\n"),
            format!("{head}zone = \"8\"\n"),
            format!("{head}day_ends = \"25:00\"\n"),
            format!("{head}grace_days = -1\n"),
            format!("{head}[rules.T-99]\ndays = 1\n"),
            format!("{head}[rules.T-01]\nshare = 101\n"),
        ];
        for text in bad {
            let error = Profile::parse(&text).unwrap_err();
            assert!(
                !error.is_transient() && error.to_string().contains("hint:"),
                "{text}"
            );
        }
        assert!(
            Profile::shipped("nowhere")
                .unwrap_err()
                .to_string()
                .contains("huating, hunan")
        );
    }
}
