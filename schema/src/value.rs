//! One typed value, its canonical text and its masked form. Refuses to parse foreign layouts
//! (`stamp.rs`, `money.rs`) and to know which field it belongs to.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

/// A typed value of a field.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Value {
    /// Text, code, identity number, digest.
    Text(Box<str>),
    /// Integer.
    Int(i64),
    /// Money in fen (1/100 yuan).
    Money(i64),
    /// Flag.
    Flag(bool),
    /// An instant, with the offset that the source wrote (its zone): days are taken in that zone.
    Stamp(OffsetDateTime),
    /// A calendar day.
    Date(Date),
    /// A personal text as sealed bytes ([`crate::seal::Sealed`]); only the store and the bus see it.
    Sealed(Box<[u8]>),
}

impl Value {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(t) => Some(t),
            _ => None,
        }
    }

    /// The instant, if it is one.
    pub fn stamp(&self) -> Option<OffsetDateTime> {
        match self {
            Value::Stamp(s) => Some(*s),
            _ => None,
        }
    }

    /// The day: of a date itself, of an instant the day in its own zone.
    pub fn day(&self) -> Option<Date> {
        match self {
            Value::Date(d) => Some(*d),
            Value::Stamp(s) => Some(s.date()),
            _ => None,
        }
    }

    /// The integer (a flag counts as 0 or 1, money as fen).
    pub fn int(&self) -> Option<i64> {
        match self {
            Value::Int(i) | Value::Money(i) => Some(*i),
            Value::Flag(b) => Some(i64::from(*b)),
            _ => None,
        }
    }

    /// Canonical text: ISO 8601 with offset (milliseconds only when not zero), `2026-01-31`, `12.50`,
    /// `1`/`0`. A sealed value has none and shows as `***`.
    pub fn canonical(&self) -> String {
        match self {
            Value::Text(t) => t.to_string(),
            Value::Int(i) => i.to_string(),
            Value::Money(fen) => crate::money::canonical(*fen),
            Value::Flag(b) => if *b { "1" } else { "0" }.to_owned(),
            Value::Stamp(s) => crate::stamp::canonical(*s),
            Value::Date(d) => crate::stamp::canonical_date(*d),
            Value::Sealed(_) => "***".to_owned(),
        }
    }
}

/// A text that must not be read by a log or a page: the first and the last character stay
/// (of a number: the first three and the last two), the rest becomes `*`.
pub fn mask(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (head, tail) = if chars.len() >= 9 {
        (3, 2)
    } else if chars.len() >= 3 {
        (1, 1)
    } else {
        (1.min(chars.len()), 0)
    };
    let hidden = chars.len() - head - tail;
    let stars: String = "*".repeat(hidden);
    let start: String = chars[..head].iter().collect();
    let end: String = chars[chars.len() - tail..].iter().collect();
    if chars.len() == 1 {
        "*".to_owned()
    } else {
        start + &stars + &end
    }
}
