//! What of a document no rule reads: columns, tags, attributes and keys that hold something, told once a
//! document with their names. What a dialect leaves out on purpose is not told. Refuses to judge whether
//! it matters.

use super::document;
use std::collections::HashSet;
use tongcha_schema::code::element as x3;
use tongcha_schema::finding::Finding;
use tongcha_schema::limits;

/// Places that a dialect leaves out on purpose, by name; one that ends in `*` stands for all that begin so.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    names: HashSet<String>,
    starts: Vec<String>,
    any_case: bool,
}

impl LeftOut {
    /// Of the names as a dialect writes them; `any_case`: columns and fields, whose letter case is no matter.
    pub fn of<'n>(names: impl IntoIterator<Item = &'n String>, any_case: bool) -> LeftOut {
        let mut out = LeftOut {
            any_case,
            ..LeftOut::default()
        };
        for name in names {
            let name = out.cased(name);
            match name.strip_suffix('*') {
                Some(start) => out.starts.push(start.to_owned()),
                None => {
                    out.names.insert(name);
                }
            }
        }
        out
    }

    fn cased(&self, name: &str) -> String {
        match self.any_case {
            true => name.trim().to_lowercase(),
            false => name.to_owned(),
        }
    }

    /// Whether that place is left out on purpose.
    pub fn has(&self, name: &str) -> bool {
        let name = self.cased(name);
        self.names.contains(&name) || self.starts.iter().any(|s| name.starts_with(s))
    }
}

/// The unread places of one document, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    told: Vec<String>,
    seen: HashSet<String>,
}

impl Unread {
    /// Notes a place that holds something, unless it is left out on purpose.
    pub fn note(&mut self, name: &str, left_out: &LeftOut) {
        if self.seen.contains(name) || self.seen.len() >= limits::UNREAD_PLACES {
            return;
        }
        self.seen.insert(name.to_owned());
        if !left_out.has(name) {
            self.told.push(name.to_owned());
        }
    }

    /// The finding about them, if there are any.
    pub fn finding(self, file: &str, dialect: &str) -> Option<Finding> {
        if self.told.is_empty() {
            return None;
        }
        let finding = document::at(x3::NOT_READ, file, 0, 0)
            .with("dialect", dialect)
            .with("count", self.told.len())
            .with("names", listed(&self.told));
        Some(finding)
    }
}

/// Names for a finding: bounded in number and length, and none that looks like a value (a table without a
/// header has a row of values in its place).
pub(crate) fn listed(names: &[String]) -> String {
    let shown = |name: &String| match is_value(name) {
        true => "…".to_owned(),
        false => name.chars().take(limits::UNREAD_NAME_CHARS).collect(),
    };
    let mut out = names
        .iter()
        .take(limits::UNREAD_NAMES)
        .map(shown)
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > limits::UNREAD_NAMES {
        out.push_str(&format!(" … +{}", names.len() - limits::UNREAD_NAMES));
    }
    out
}

/// Digits of a name that is a name: dates, telephone and identity numbers have more.
const MOST_DIGITS: usize = 5;

/// Whether a name may be a value in truth.
pub(crate) fn is_value(name: &str) -> bool {
    name.bytes().filter(u8::is_ascii_digit).count() > MOST_DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_bounded_and_shows_no_values() {
        let left = LeftOut::of(&["CD_*".to_owned(), "Row_Guid".to_owned()], true);
        let mut unread = Unread::default();
        for name in [
            "cd_time",
            "ROW_GUID",
            "承办人",
            "431321198001010012",
            "承办人",
        ] {
            unread.note(name, &left);
        }
        for n in 0..limits::UNREAD_PLACES + 7 {
            unread.note(&format!("c{n}x"), &left);
        }
        let finding = unread.finding("a.csv", "d").map(|f| f.cause_en());
        let text = finding.unwrap_or_default();
        assert!(text.contains("承办人, …, c0x, c1x"), "{text}");
        assert!(!text.contains("431321198001010012") && !text.contains("cd_time"));
        let told = limits::UNREAD_PLACES - 2;
        let more = format!("… +{}", told - limits::UNREAD_NAMES);
        assert!(
            text.ends_with(&more) && text.contains(&told.to_string()),
            "{text}"
        );
        assert!(Unread::default().finding("a.csv", "d").is_none());
    }
}
