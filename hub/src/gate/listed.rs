//! The findings that a receipt lists: errors first, and no flood of warnings hides one. Refuses to keep all of
//! them: the database does.

use std::collections::BTreeMap;
use tongcha_schema::finding::{Finding, Severity};
use tongcha_schema::limits;

/// Errors, and what only has to be known: each within what a receipt lists.
#[derive(Default)]
pub struct Listed {
    errors: Vec<Finding>,
    others: Vec<Finding>,
    unlisted: BTreeMap<String, u64>,
}

impl Listed {
    /// Notes one; beyond what a receipt lists it is counted.
    pub fn note(&mut self, finding: Finding) {
        let list = match finding.severity {
            Severity::Error => &mut self.errors,
            Severity::Fault | Severity::Warn => &mut self.others,
        };
        match list.len() < limits::RECEIPT_FINDINGS {
            true => list.push(finding),
            false => *self.unlisted.entry(finding.code.to_string()).or_insert(0) += 1,
        }
    }

    /// The list, and how many of which code it leaves out.
    pub fn end(mut self) -> (Vec<Finding>, BTreeMap<String, u64>) {
        let room = limits::RECEIPT_FINDINGS.saturating_sub(self.errors.len());
        for beyond in self.others.drain(self.others.len().min(room)..) {
            *self.unlisted.entry(beyond.code.to_string()).or_insert(0) += 1;
        }
        self.errors.append(&mut self.others);
        (self.errors, self.unlisted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongcha_schema::code::{element, field};
    use tongcha_schema::finding::Place;

    #[test]
    fn an_error_behind_any_number_of_warnings_is_listed_first() {
        let mut listed = Listed::default();
        for _ in 0..limits::RECEIPT_FINDINGS + 5 {
            listed.note(Finding::new(element::SAME_KEY, Place::default()));
        }
        listed.note(Finding::new(field::BAD_STAMP, Place::default()));
        let (findings, unlisted) = listed.end();
        assert_eq!(findings.len(), limits::RECEIPT_FINDINGS);
        assert_eq!(findings[0].code, field::BAD_STAMP);
        assert_eq!(unlisted, BTreeMap::from([("X315".to_owned(), 6)]));
    }
}
