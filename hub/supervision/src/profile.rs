//! A profile (地方规则): the numbers, colours and papers of one region, as data. Refuses to hold logic,
//! and a text with an unknown word in it.

use crate::card::{Colour, RuleId};
use serde::Deserialize;
use std::collections::BTreeMap;
use time::{Time, UtcOffset};

/// The shipped profiles, by name.
const SHIPPED: [(&str, &str); 2] = [
    ("huating", include_str!("../profiles/huating.toml")),
    ("hunan", include_str!("../profiles/hunan.toml")),
];

/// Why a profile was refused.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// No profile of that name.
    #[error("no profile `{name}`; hint: one of {known}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// It is no TOML of the expected shape, or a value is out of range.
    #[error("profile `{name}`: {fault}; hint: compare with profiles/huating.toml")]
    Shape {
        /// Name of the profile or of the text.
        name: String,
        /// What is wrong.
        fault: String,
    },
}

impl ProfileError {
    /// Never: the same text fails again.
    pub fn is_transient(&self) -> bool {
        false
    }
}

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    edition: u32,
    #[serde(rename = "extends")]
    _extends: Option<String>,
    zh: String,
    en: String,
    zone: String,
    day_ends: String,
    grace_days: i64,
    pause_kinds: Vec<String>,
    correction_pauses: bool,
    papers: BTreeMap<Colour, Paper>,
    rules: BTreeMap<String, RuleSettings>,
}

impl Profile {
    /// A shipped profile: `huating` or `hunan`.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn shipped(name: &str) -> Result<Profile, ProfileError> {
        let text = shipped_text(name).ok_or_else(|| ProfileError::Unknown {
            name: name.to_owned(),
            known: Self::names().collect::<Vec<_>>().join(", "),
        })?;
        Self::parse(text)
    }

    /// The names of the shipped profiles.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// Reads a profile; `extends` names a shipped one whose values stand where the text is silent.
    ///
    /// # Errors
    /// When the text is no profile, extends an unknown one, or holds a value that cannot be.
    pub fn parse(text: &str) -> Result<Profile, ProfileError> {
        let shape = |fault: String| ProfileError::Shape {
            name: "text".to_owned(),
            fault,
        };
        let mut own: toml::Table = toml::from_str(text).map_err(|e| shape(e.to_string()))?;
        let mut bases = vec![std::mem::take(&mut own)];
        while let Some(base) = bases.last().and_then(|t| t.get("extends")) {
            let name = base.as_str().unwrap_or_default();
            let text = shipped_text(name)
                .filter(|_| bases.len() <= SHIPPED.len())
                .ok_or_else(|| shape(format!("extends unknown profile `{name}`")))?;
            bases.push(toml::from_str(text).map_err(|e| shape(e.to_string()))?);
        }
        let mut whole = toml::Table::new();
        for layer in bases.into_iter().rev() {
            lay_over(&mut whole, layer);
        }
        let file: File = whole
            .try_into()
            .map_err(|e: toml::de::Error| shape(e.to_string()))?;
        Self::checked(file)
    }

    fn checked(file: File) -> Result<Profile, ProfileError> {
        let name = file.name.clone();
        let shape = |fault: String| ProfileError::Shape {
            name: name.clone(),
            fault,
        };
        let zone = offset(&file.zone).ok_or_else(|| shape(format!("zone `{}`", file.zone)))?;
        let day_ends = match file.day_ends.as_str() {
            "24:00" => None,
            text => Some(clock(text).ok_or_else(|| shape(format!("day_ends `{text}`")))?),
        };
        for (code, settings) in &file.rules {
            if !crate::rules::RULES.iter().any(|rule| rule.code == code) {
                return Err(shape(format!("unknown rule `{code}`")));
            }
            let ranges = [
                (settings.days, 366),
                (settings.share, 100),
                (settings.least, 366),
            ];
            if ranges
                .iter()
                .any(|(value, most)| !(0..=*most).contains(value))
            {
                return Err(shape(format!("rule `{code}`: a number is out of range")));
            }
        }
        if !(0..=366).contains(&file.grace_days) {
            return Err(shape("grace_days is out of range".to_owned()));
        }
        Ok(Profile {
            name: file.name,
            edition: file.edition,
            title: (file.zh, file.en),
            zone,
            day_ends,
            grace_days: file.grace_days,
            pause_kinds: file.pause_kinds,
            correction_pauses: file.correction_pauses,
            papers: file.papers,
            rules: file.rules,
        })
    }

    /// Name and edition, e.g. `huating/1`.
    pub fn label(&self) -> String {
        format!("{}/{}", self.name, self.edition)
    }

    /// What it sets for a rule; the default where it is silent.
    pub fn rule(&self, code: &str) -> &RuleSettings {
        self.rules.get(code).unwrap_or(&RuleSettings::DEFAULT)
    }

    /// The colour that a rule's card has here.
    pub fn colour(&self, rule: &RuleId) -> Option<Colour> {
        let shipped = crate::rules::RULES
            .iter()
            .find(|r| r.code == rule.as_str())?;
        Some(self.rule(shipped.code).colour.unwrap_or(shipped.colour))
    }

    /// The paper that accompanies a colour, if there is one.
    pub fn paper(&self, colour: Colour) -> Option<&Paper> {
        self.papers.get(&colour)
    }
}

fn shipped_text(name: &str) -> Option<&'static str> {
    SHIPPED
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(_, text)| *text)
}

/// Lays a table over another: tables merge, everything else replaces.
fn lay_over(under: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => lay_over(below, above),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

/// Reads `+08:00`.
fn offset(text: &str) -> Option<UtcOffset> {
    let sign = match text.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes): (i8, i8) = (hours.parse().ok()?, minutes.parse().ok()?);
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()
}

/// Reads `17:30`.
fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Time::from_hms(hour.parse().ok()?, minute.parse().ok()?, 0).ok()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

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
