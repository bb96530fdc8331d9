//! The finding codes, stable for ever: X1xx transport, X2xx XML and encoding, X3xx element, X4xx
//! field, X5xx logic. Each hundred stands in a file of its own; a code is one entry there.

pub mod element;
pub mod field;
pub mod logic;
pub mod transport;
pub mod xml;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// How grave a finding is; it belongs to the code, and a dialect may lower it (WORDS, "Severity").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Stores the record and marks it.
    Warn,
    /// Belongs to the case (an element due at its stage and absent); blocks nothing.
    Fault,
    /// Rejects the record (X2xx: the whole document; X1xx: the envelope).
    Error,
}

impl Severity {
    /// Its name for people, Chinese and English: the same on pages, in receipts and in texts.
    pub fn title(self) -> (&'static str, &'static str) {
        match self {
            Severity::Warn => ("警告", "warning"),
            Severity::Fault => ("缺失", "fault"),
            Severity::Error => ("错误", "error"),
        }
    }

    /// `warn`, `fault` or `error`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Warn => "warn",
            Severity::Fault => "fault",
            Severity::Error => "error",
        }
    }
}

/// What a code means.
#[derive(Debug)]
pub struct CodeSpec {
    /// The number, e.g. 401 of X401.
    pub number: u16,
    /// Severity.
    pub severity: Severity,
    /// Short title, Chinese and English.
    pub title: (&'static str, &'static str),
    /// Cause in Chinese; `{name}` is filled from the finding's arguments.
    pub cause_zh: &'static str,
    /// Cause in English.
    pub cause_en: &'static str,
    /// Next step in Chinese.
    pub hint_zh: &'static str,
    /// Next step in English.
    pub hint_en: &'static str,
}

/// A finding code; equal by number, written `X401`.
#[derive(Clone, Copy)]
pub struct Code(pub &'static CodeSpec);

impl Code {
    /// All codes in order of number.
    pub fn all() -> impl Iterator<Item = Code> {
        [
            transport::CODES,
            xml::CODES,
            element::CODES,
            field::CODES,
            logic::CODES,
        ]
        .into_iter()
        .flatten()
        .copied()
        .map(Code)
    }

    /// The code of that number.
    pub fn by_number(number: u16) -> Option<Code> {
        Self::all().find(|c| c.0.number == number)
    }

    /// Reads `X401`.
    pub fn parse(text: &str) -> Option<Code> {
        Self::by_number(text.strip_prefix('X')?.parse().ok()?)
    }

    /// Its number.
    pub fn number(self) -> u16 {
        self.0.number
    }

    /// Its meaning.
    pub fn spec(self) -> &'static CodeSpec {
        self.0
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Code) -> bool {
        self.0.number == other.0.number
    }
}
impl Eq for Code {}
impl std::hash::Hash for Code {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.number.hash(state);
    }
}
impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Code) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Code {
    fn cmp(&self, other: &Code) -> std::cmp::Ordering {
        self.0.number.cmp(&other.0.number)
    }
}
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "X{}", self.0.number)
    }
}
impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl Serialize for Code {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Code, D::Error> {
        let text = String::deserialize(d)?;
        Code::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("unknown finding code {text}")))
    }
}

/// One constant and one list entry per code; a file of codes is one call.
macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $number:literal $sev:ident ($zh:literal, $en:literal)
        cause($cz:literal, $ce:literal) hint($hz:literal, $he:literal);)*) => {
        $( $(#[doc = $doc])*
        pub const $name: $crate::code::Code = $crate::code::Code(&$crate::code::CodeSpec {
            number: $number, severity: $crate::code::Severity::$sev, title: ($zh, $en),
            cause_zh: $cz, cause_en: $ce, hint_zh: $hz, hint_en: $he,
        }); )*
        /// The codes of this hundred, in order of number.
        pub const CODES: &[&$crate::code::CodeSpec] = &[$($name.0),*];
    };
}
pub(crate) use codes;
