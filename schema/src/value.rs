//! One typed value, its canonical text and its masked form. Refuses to parse foreign layouts
//! (`stamp.rs`, `money.rs`) and to know which field it belongs to.

use serde::{Deserialize, Serialize};
pub use smol_str::SmolStr;
use time::{Date, OffsetDateTime};

/// A typed value of a field.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Value {
    /// Text, code, identity number, digest. Up to 23 bytes are held in place, a longer text is shared with
    /// what it was cloned from.
    Text(SmolStr),
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
    /// A personal text as sealed bytes ([`crate::seal::Sealed`]), for the store and the bus.
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

    /// Canonical text: ISO 8601 with offset (milliseconds only when not zero), `2026-01-31`,
    /// `12.50`, `1`/`0`. A sealed value has none and shows as `***`.
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

    /// Appends [`Value::canonical`] to a text, as a JSON string.
    pub fn push_json(&self, out: &mut String) {
        match self {
            Value::Text(text) => push_json(out, text),
            Value::Stamp(stamp) => {
                out.push('"');
                crate::stamp::write(out, *stamp);
                out.push('"');
            }
            Value::Date(date) => {
                out.push('"');
                crate::stamp::write_date(out, *date);
                out.push('"');
            }
            Value::Flag(flag) => out.push_str(if *flag { "\"1\"" } else { "\"0\"" }),
            Value::Int(_) | Value::Money(_) | Value::Sealed(_) => push_json(out, &self.canonical()),
        }
    }
}

/// Appends a text as a JSON string.
pub fn push_json(out: &mut String, text: &str) {
    if text.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        // A string always serialises; the fallback keeps the function free of panics.
        out.push_str(&serde_json::to_string(text).unwrap_or_else(|_| "null".to_owned()));
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::{date, datetime};

    #[test]
    fn masks_leave_the_ends_only() {
        for (text, masked) in [
            ("", ""),
            ("张", "*"),
            ("张三", "张*"),
            ("张三丰", "张*丰"),
            ("13000000000", "130******00"),
            ("431321198001010012", "431*************12"),
        ] {
            assert_eq!(mask(text), masked);
        }
    }

    #[test]
    fn json_is_the_canonical_text() {
        for value in [
            Value::Text("甲\"乙\\\n\u{1}".into()),
            Value::Int(-7),
            Value::Money(1250),
            Value::Flag(true),
            Value::Flag(false),
            Value::Stamp(datetime!(2026-01-31 08:05:09.125 -03:30)),
            Value::Date(date!(2026 - 01 - 31)),
            Value::Sealed([1, 2].into()),
        ] {
            let mut out = String::new();
            value.push_json(&mut out);
            assert_eq!(out, serde_json::to_string(&value.canonical()).unwrap());
        }
    }

    proptest! {
        #[test]
        fn json_of_any_text(text in any::<String>()) {
            let mut out = String::new();
            push_json(&mut out, &text);
            prop_assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        }

        #[test]
        fn a_mask_hides_the_middle(text in "\\PC{2,20}") {
            let masked = mask(&text);
            prop_assert_eq!(masked.chars().count(), text.chars().count());
            prop_assert!(masked.contains('*'));
        }
    }
}
