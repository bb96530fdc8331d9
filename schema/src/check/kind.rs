//! One text into one value, by the kind of its field. Refuses to know the record around it; what
//! goes wrong is told to a [`Faults`], which says whether the source has that code lowered.

use crate::code::{Code, field as x4};
use crate::field::Kind;
use crate::idcheck::{self, IdFault};
use crate::money::MoneyFault;
use crate::region::{self, RegionFault};
use crate::stamp::{self, StampFault};
use crate::value::{SmolStr, Value};
use time::UtcOffset;

/// Types of identity documents (three characters) whose numbers have a check.
///
/// 111 and 112, the identity card and its temporary form, are those of GA/T 2000.156 (and GA/T 517
/// before it) and carry a citizen number. That list names documents of persons only; 001 (unified
/// social credit code) and 002 (organisation code) are the codes that the national service platform
/// puts in the same field for legal persons. All four are from general knowledge of these
/// lists, not from their text; any other type is read as plain text.
pub const CITIZEN_TYPES: [&str; 2] = ["111", "112"];
/// Identity type of a legal person's unified social credit code; see [`CITIZEN_TYPES`].
pub const USCC_TYPE: &str = "001";
/// Identity type of a legal person's organisation code; see [`CITIZEN_TYPES`].
pub const ORG_TYPE: &str = "002";

/// An argument of a finding's texts.
pub(super) type Args<'a> = &'a [(&'static str, &'a dyn std::fmt::Display)];

/// Who is told of faults.
pub(super) trait Faults {
    /// Tells one; true if the source has the code lowered, so that reading may go on.
    fn lowered(&mut self, code: Code, args: Args) -> bool;
}

/// Whether a text holds what no store takes (NUL) and no reader wants; line ends and tabs are text.
pub(super) fn has_controls(text: &str) -> bool {
    text.bytes()
        .any(|b| (b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r')) || b == 0x7F)
}

/// Tells of a text with controls.
pub(super) fn no_text(faults: &mut dyn Faults) -> Option<Value> {
    faults.lowered(x4::BAD_CHARACTER, &[]);
    None
}

/// Reads a trimmed, non-empty text without controls. `id_type` is the value of the field that says what kind of
/// identity number this is. `None`: a fault was told and no value is left.
pub(super) fn read(
    kind: Kind,
    given: Given<'_>,
    id_type: Option<&str>,
    zone: UtcOffset,
    faults: &mut dyn Faults,
) -> Option<Value> {
    let text = given.text;
    let plain = |_| given.plain();
    match kind {
        Kind::Text(limit) => bounded(text, usize::from(limit), faults).map(plain),
        Kind::Code(set) => {
            if set.has(text) {
                return Some(given.plain());
            }
            faults.lowered(x4::UNKNOWN_CODE, &[("set", &set.name)]);
            None
        }
        Kind::Exact(length) => exact(text, usize::from(length), faults).then(|| given.plain()),
        Kind::DateTime => instant(text, zone, faults),
        Kind::Date => day(text, faults),
        Kind::DateOrForever if text == FOREVER => Some(given.plain()),
        Kind::DateOrForever => day(text, faults).map(|value| match value {
            // The column is text: a day in its canonical form.
            Value::Date(date) => Value::Text(stamp::canonical_date(date).into()),
            other => other,
        }),
        Kind::Int(low, high) => integer(text, low, high, faults),
        Kind::Money => money(text, faults),
        Kind::Flag => match text {
            "0" => Some(Value::Flag(false)),
            "1" => Some(Value::Flag(true)),
            _ => {
                faults.lowered(x4::BAD_FLAG, &[]);
                None
            }
        },
        Kind::Region => division(text, faults).then(|| given.plain()),
        Kind::Uscc => social(text, faults),
        Kind::LegacyOrg => organisation(text, faults),
        Kind::IdNo(limit, _) => match id_type {
            Some(t) if CITIZEN_TYPES.contains(&t) => citizen(text, faults),
            Some(USCC_TYPE) => social(text, faults),
            Some(ORG_TYPE) => organisation(text, faults),
            _ => bounded(text, usize::from(limit), faults).map(plain),
        },
        Kind::Hex(length) => {
            if text.len() == usize::from(length) && text.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Some(Value::Text(text.to_ascii_lowercase().into()));
            }
            faults.lowered(x4::BAD_HEX, &[("limit", &length)]);
            None
        }
    }
}

/// The text that stands for "no end of validity".
pub const FOREVER: &str = "长期";

/// A trimmed text, and the field's own text that it was part of.
#[derive(Clone, Copy)]
pub(super) struct Given<'t> {
    /// Without the blanks around it.
    pub text: &'t str,
    /// With them.
    pub whole: &'t SmolStr,
}

impl Given<'_> {
    /// The text as it is; a long one is shared with the field.
    fn plain(&self) -> Value {
        Value::Text(match self.whole.len() == self.text.len() {
            true => self.whole.clone(),
            false => self.text.into(),
        })
    }
}

/// The text if it is short enough, or if over-length is lowered.
fn bounded<'t>(text: &'t str, limit: usize, faults: &mut dyn Faults) -> Option<&'t str> {
    // Bytes bound characters from above: most texts need no count.
    if text.len() <= limit {
        return Some(text);
    }
    let found = text.chars().count();
    (found <= limit || faults.lowered(x4::TOO_LONG, &[("found", &found), ("limit", &limit)]))
        .then_some(text)
}

fn exact(text: &str, length: usize, faults: &mut dyn Faults) -> bool {
    let found = text.chars().count();
    found == length || faults.lowered(x4::WRONG_LENGTH, &[("found", &found), ("limit", &length)])
}

fn instant(text: &str, zone: UtcOffset, faults: &mut dyn Faults) -> Option<Value> {
    match stamp::parse(text, zone) {
        Ok(stamp) => Some(Value::Stamp(stamp)),
        Err(StampFault::DayOnly(midnight)) => faults
            .lowered(x4::NO_TIME_OF_DAY, &[])
            .then_some(Value::Stamp(midnight)),
        Err(StampFault::Layout) => {
            faults.lowered(x4::BAD_STAMP, &[]);
            None
        }
        Err(StampFault::NoSuch) => {
            faults.lowered(x4::NO_SUCH_TIME, &[]);
            None
        }
    }
}

fn day(text: &str, faults: &mut dyn Faults) -> Option<Value> {
    match stamp::parse_date(text) {
        Ok(date) => Some(Value::Date(date)),
        Err(StampFault::NoSuch) => {
            faults.lowered(x4::NO_SUCH_TIME, &[]);
            None
        }
        Err(_) => {
            faults.lowered(x4::BAD_STAMP, &[]);
            None
        }
    }
}

fn integer(text: &str, low: i64, high: i64, faults: &mut dyn Faults) -> Option<Value> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        faults.lowered(x4::BAD_INTEGER, &[]);
        return None;
    }
    match text.parse::<i64>() {
        Ok(number) if (low..=high).contains(&number) => Some(Value::Int(number)),
        number => {
            let lowered = faults.lowered(x4::OUT_OF_RANGE, &[("low", &low), ("high", &high)]);
            number.ok().filter(|_| lowered).map(Value::Int)
        }
    }
}

fn money(text: &str, faults: &mut dyn Faults) -> Option<Value> {
    match crate::money::parse(text) {
        Ok(fen) => Some(Value::Money(fen)),
        Err(MoneyFault::Layout) => {
            faults.lowered(x4::BAD_MONEY, &[]);
            None
        }
        Err(MoneyFault::Range) => {
            let high = crate::money::canonical(crate::money::MAX_FEN);
            faults.lowered(
                x4::OUT_OF_RANGE,
                &[("low", &format_args!("-{high}")), ("high", &high)],
            );
            None
        }
    }
}

fn division(text: &str, faults: &mut dyn Faults) -> bool {
    match region::check(text) {
        Ok(()) => true,
        Err(RegionFault::Unknown) => faults.lowered(x4::REGION_UNKNOWN, &[]),
        Err(RegionFault::Shape) => {
            faults.lowered(x4::REGION_SHAPE, &[]);
            false
        }
    }
}

/// Upper case.
fn upper(text: &str) -> Value {
    Value::Text(match text.bytes().any(|b| b.is_ascii_lowercase()) {
        true => text.to_ascii_uppercase().into(),
        false => text.into(),
    })
}

/// A social credit code. A lowered check goes on to the next one, so that a code whose check
/// character is let pass is still held to its inner check unless that is lowered too.
fn social(text: &str, faults: &mut dyn Faults) -> Option<Value> {
    let passes = match idcheck::uscc_shape(text) {
        Err(IdFault::Legacy) => faults.lowered(x4::LEGACY_ORG, &[]),
        Err(_) => faults.lowered(x4::USCC_SHAPE, &[]),
        Ok(()) => {
            (idcheck::uscc(text) != Err(IdFault::Check) || faults.lowered(x4::USCC_CHECK, &[]))
                && (idcheck::uscc_inner(text).is_ok() || faults.lowered(x4::USCC_INNER, &[]))
        }
    };
    passes.then(|| upper(text))
}

/// An organisation code, with or without the hyphen before its check character.
fn organisation(text: &str, faults: &mut dyn Faults) -> Option<Value> {
    let joined;
    let code = match text.as_bytes() {
        [_, _, _, _, _, _, _, _, b'-', _] => {
            joined = text.replace('-', "");
            joined.as_str()
        }
        _ => text,
    };
    let passes = match idcheck::org_code(code) {
        Ok(()) => true,
        Err(IdFault::Check) => faults.lowered(x4::ORG_CHECK, &[]),
        Err(_) => faults.lowered(x4::ORG_SHAPE, &[]),
    };
    passes.then(|| upper(code))
}

fn citizen(text: &str, faults: &mut dyn Faults) -> Option<Value> {
    let passes = if idcheck::citizen_shape(text).is_err() {
        faults.lowered(x4::CITIZEN_SHAPE, &[])
    } else {
        (idcheck::citizen_division(text).is_ok() || faults.lowered(x4::CITIZEN_DIVISION, &[]))
            && (idcheck::citizen_birth(text).is_ok() || faults.lowered(x4::CITIZEN_BIRTH, &[]))
            && (idcheck::citizen_check(text).is_ok() || faults.lowered(x4::CITIZEN_CHECK, &[]))
    };
    passes.then(|| upper(text))
}
