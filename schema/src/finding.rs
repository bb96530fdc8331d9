//! A finding: one fault, with its place, value, cause and next step in Chinese and English. Bad data
//! is a value that is collected, never an error that stops a file.

use crate::code::Code;
use crate::element::ElementId;
use crate::shown::Shown;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

pub use crate::code::Severity;

/// Where a finding stands. What is unknown is empty or 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Name of the file, archive entry or table row.
    pub file: String,
    /// Line, 1-based.
    pub line: u32,
    /// Column in characters, 1-based.
    pub column: u32,
    /// Record in the item, 1-based, in document order.
    pub record: u32,
    /// Case number.
    pub case_no: String,
    /// Element.
    pub element: Option<ElementId>,
    /// Field name of the spec, or the source's own name where it maps to none.
    pub field: String,
    /// How the sender names that field: its column or tag, with the cell where it is a sheet's; several
    /// that may have filled it are parted by a bar. Empty where nothing says so.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub own: String,
}

/// One fault of one record, document or envelope.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Finding {
    /// Stable code.
    pub code: Code,
    /// Severity in force (the code's own unless the dialect lowered it).
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// The value at fault, masked where it is personal or looks so, at most 120 characters.
    pub value: Option<Shown>,
    /// Fills `{name}` in the code's texts.
    pub args: Vec<(Cow<'static, str>, Shown)>,
}

impl Finding {
    /// A finding of the code's own severity at a place.
    pub fn new(code: Code, place: Place) -> Finding {
        Finding {
            code,
            severity: code.spec().severity,
            place,
            value: None,
            args: Vec::new(),
        }
    }

    /// The same with the value at fault; masked if `personal`, cut at 120 characters.
    #[must_use]
    pub fn with_value(mut self, value: &str, personal: bool) -> Finding {
        // No store takes a NUL, and control characters would disturb a terminal.
        let visible = |c: char| {
            if c.is_control() && !matches!(c, '\n' | '\r' | '\t') {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        };
        // A number that stands at the cut is masked whole before it is cut.
        let text: String = value.chars().take(160).map(visible).collect();
        let cut = |text: &str| text.chars().take(120).collect::<String>();
        self.value = Some(if personal {
            Shown::personal(&cut(&text))
        } else {
            Shown::of(&cut(&Shown::of(&text)))
        });
        self
    }

    /// The same with a value that is shown to nobody.
    #[must_use]
    pub fn with_secret(mut self) -> Finding {
        self.value = Some(Shown::secret());
        self
    }

    /// The same with an argument for its texts.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Finding {
        self.args
            .push((Cow::Borrowed(name), Shown::of(&value.to_string())));
        self
    }

    /// The cause, in Chinese.
    pub fn cause_zh(&self) -> String {
        self.fill(self.code.spec().cause_zh)
    }

    /// The cause, in English.
    pub fn cause_en(&self) -> String {
        self.fill(self.code.spec().cause_en)
    }

    /// The next step, in Chinese.
    pub fn hint_zh(&self) -> String {
        self.fill(self.code.spec().hint_zh)
    }

    /// The next step, in English.
    pub fn hint_en(&self) -> String {
        self.fill(self.code.spec().hint_en)
    }

    fn fill(&self, template: &str) -> String {
        let mut text = template.to_owned();
        for (name, value) in &self.args {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }
}
