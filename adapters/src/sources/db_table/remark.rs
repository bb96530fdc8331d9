//! What a table source finds wrong with its table while it reads it: kept until a look finds it no more, and
//! logged once. Refuses to hold a value of a record; watermarks are shown, since nobody could act otherwise.

use tongcha_schema::code::Code;
use tongcha_schema::finding::{Finding, Place};

/// What is wrong with one table now.
#[derive(Clone, Debug, Default)]
pub(super) struct Remarks(Vec<Finding>);

impl Remarks {
    pub fn all(&self) -> &[Finding] {
        &self.0
    }

    /// The remark of that code is this one from now on, or none.
    pub fn set(&mut self, source: &str, code: Code, finding: Option<Finding>) {
        let known = self.0.iter().any(|old| Some(old) == finding.as_ref());
        self.0.retain(|old| old.code != code);
        if let Some(finding) = finding {
            if !known {
                let (cause, hint) = (finding.cause_en(), finding.hint_en());
                tracing::warn!(source, code = %finding.code, %cause, %hint, "table");
            }
            self.0.push(finding);
            self.0.sort_by_key(|f| f.code.number());
        }
    }
}

/// A finding about a table.
pub(super) fn remark(code: Code, table: &str, args: &[(&'static str, &str)]) -> Finding {
    let place = Place {
        file: table.to_owned(),
        ..Place::default()
    };
    let finding = Finding::new(code, place).with("table", table);
    args.iter()
        .fold(finding, |finding, (name, text)| finding.with(name, *text))
}
