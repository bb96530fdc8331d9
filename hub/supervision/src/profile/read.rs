//! A profile out of its text: what is shipped, what extends it, which rules and numbers there can be. Refuses a
//! text with an unknown word in it.

use super::{Paper, Profile, RuleSettings};
use crate::card::{Colour, RuleId};
use crate::rules;
use serde::Deserialize;
use std::collections::BTreeMap;
use time::{Time, UtcOffset};

/// The shipped profiles, by name.
const SHIPPED: [(&str, &str); 2] = [
    ("huating", include_str!("../../profiles/huating.toml")),
    ("hunan", include_str!("../../profiles/hunan.toml")),
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
            if rules::by_code(code).is_none() {
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

    /// The colour that a rule's card has here.
    pub fn colour(&self, rule: &RuleId) -> Option<Colour> {
        let shipped = rules::by_code(rule.as_str())?;
        Some(self.rule(shipped.code).colour.unwrap_or(shipped.colour))
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
