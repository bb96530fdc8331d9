//! A scoring scheme as data: parts, points, grades. Refuses to score (`score.rs`).

use crate::card::Colour;
use serde::{Deserialize, Serialize};

/// The shipped schemes, by name.
const SHIPPED: [(&str, &str); 1] = [("S100", include_str!("../../schemes/s100.toml"))];

/// Why a scheme was refused.
#[derive(Debug, thiserror::Error)]
#[error("scheme `{name}`: {fault}; hint: compare with schemes/s100.toml")]
pub struct SchemeError {
    /// Name of the scheme.
    pub name: String,
    /// What is wrong.
    pub fault: String,
}

impl SchemeError {
    /// Never: the same text fails again.
    pub fn is_transient(&self) -> bool {
        false
    }
}

/// A scoring scheme.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    /// Name.
    pub name: String,
    /// Edition; it rises with every change.
    pub edition: u32,
    /// Chinese title.
    pub zh: String,
    /// English title.
    pub en: String,
    /// Points of a yellow card.
    pub yellow: i64,
    /// Points of a red card.
    pub red: i64,
    /// Warnings that make a run.
    pub warn_run: usize,
    /// Points of a run.
    pub warn_run_points: i64,
    /// Most points for incomplete data.
    pub incomplete_most: i64,
    /// The part that they are taken from.
    pub incomplete_part: String,
    /// Percent of early conclusions per bonus point.
    pub early_step_percent: u64,
    /// The part of rules that no part names.
    pub other_part: String,
    /// The parts, in order.
    #[serde(rename = "part")]
    pub parts: Vec<Component>,
    /// The grades, highest first.
    #[serde(rename = "grade")]
    pub grades: Vec<Grade>,
}

/// One part of a scheme.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Identifier.
    pub id: String,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// Base points.
    pub base: i64,
    /// Beginnings of the rule codes that touch it.
    pub rules: Vec<String>,
}

/// One grade of a scheme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// Least total.
    pub least: i64,
    /// Least that every measured part must have left, in percent of its base.
    #[serde(default)]
    pub least_part_percent: i64,
    /// Most concluded cases with incomplete data, in percent.
    #[serde(default = "all")]
    pub most_incomplete_percent: u64,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
}

/// No condition on the completeness of data.
fn all() -> u64 {
    100
}

impl Grade {
    /// What is left where a scheme's last grade has a condition that fails.
    pub(super) fn lowest() -> Grade {
        Grade {
            least: i64::MIN,
            least_part_percent: 0,
            most_incomplete_percent: 100,
            zh: "不合格".to_owned(),
            en: "failed".to_owned(),
        }
    }
}

impl Scheme {
    /// A shipped scheme: `S100`.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn shipped(name: &str) -> Result<Scheme, SchemeError> {
        match SHIPPED.iter().find(|(known, _)| *known == name) {
            Some((_, text)) => Self::parse(text),
            None => Err(SchemeError {
                name: name.to_owned(),
                fault: "unknown".to_owned(),
            }),
        }
    }

    /// Reads a scheme.
    ///
    /// # Errors
    /// When the text is no scheme, or names a part or a number that cannot be.
    pub fn parse(text: &str) -> Result<Scheme, SchemeError> {
        let shape = |name: &str, fault: String| SchemeError {
            name: name.to_owned(),
            fault,
        };
        let scheme: Scheme = toml::from_str(text).map_err(|e| shape("text", e.to_string()))?;
        let known = |id: &str| scheme.parts.iter().any(|p| p.id == id);
        let fault = if !known(&scheme.incomplete_part) || !known(&scheme.other_part) {
            "names a part that is not there"
        } else if scheme.warn_run == 0 || scheme.early_step_percent == 0 {
            "a step of 0 never ends"
        } else if scheme.grades.is_empty() {
            "has no grade"
        } else {
            return Ok(scheme);
        };
        Err(shape(&scheme.name, fault.to_owned()))
    }

    /// Position of the part that a rule touches: the longest beginning of its code wins.
    pub(super) fn part_of(&self, rule: &str) -> usize {
        let length = |part: &Component| {
            let fits = part
                .rules
                .iter()
                .filter(|prefix| rule.starts_with(prefix.as_str()));
            fits.map(String::len).max()
        };
        let best = (0..self.parts.len())
            .filter_map(|at| Some((length(self.parts.get(at)?)?, at)))
            .max_by_key(|(length, at)| (*length, std::cmp::Reverse(*at)));
        best.map_or_else(|| self.position(&self.other_part), |(_, at)| at)
    }

    /// Position of a part; the first one where the scheme knows none of that id.
    pub(super) fn position(&self, id: &str) -> usize {
        self.parts.iter().position(|p| p.id == id).unwrap_or(0)
    }

    /// Points of a card of that colour; warnings count by runs.
    pub(super) fn points(&self, colour: Colour) -> i64 {
        match colour {
            Colour::Fault | Colour::Warn => 0,
            Colour::Yellow => self.yellow,
            Colour::Red => self.red,
        }
    }
}
