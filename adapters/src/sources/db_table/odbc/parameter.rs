//! Parameters over ODBC: texts that the driver turns into the type of their column. A question marks a
//! numbered place with that type, and a lower bound with what is taken off, as in `$1::T-600`; the driver
//! sees a `?`.

use super::super::plan::Order;
use super::Dbms;
use odbc_api::DataType;
use odbc_api::parameter::{InputParameter, VarCharBox, VarWCharBox, WithDataType};
use std::num::NonZeroUsize;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{Date, Duration, PrimitiveDateTime};

/// Kinds of types, by the letter that stands in a question.
const TEXT: char = 'C';
/// Text that goes as UTF-8: MariaDB's driver adds a NUL to some texts of wide characters (3.1.15).
const NARROW: char = 'U';
const WHOLE: char = 'I';
const NUMBER: char = 'N';
const DAY: char = 'D';
const STAMP: char = 'T';

/// A value as it is bound: its kind, and its text.
pub(super) type Given = (char, String);

fn kind_of(kind: DataType) -> char {
    match kind {
        DataType::Integer | DataType::SmallInt | DataType::BigInt | DataType::TinyInt => WHOLE,
        DataType::Numeric { .. } | DataType::Decimal { .. } => NUMBER,
        DataType::Float { .. } | DataType::Real | DataType::Double | DataType::Bit => NUMBER,
        DataType::Date => DAY,
        DataType::Timestamp { .. } => STAMP,
        _ => TEXT,
    }
}

/// The place of a parameter that is compared with a column of that type. SQLite and MySQL compare a text
/// with any column as with its value, and their drivers know no better.
pub(super) fn mark(kind: DataType, dbms: Dbms) -> String {
    match dbms {
        Dbms::MySql => format!("{{}}::{NARROW}"),
        Dbms::Sqlite => format!("{{}}::{TEXT}"),
        _ => format!("{{}}::{}", kind_of(kind)),
    }
}

/// The place of the lower bound of an overlap; none for texts.
pub(super) fn lower(kind: DataType, typed: &str, overlap: u32) -> Option<String> {
    match kind_of(kind) {
        TEXT => None,
        kind => Some(format!("{typed}-{overlap}{kind}")),
    }
}

/// What the order of a column means.
pub(super) fn order(kind: DataType) -> Order {
    match kind_of(kind) {
        WHOLE | NUMBER => Order::Number,
        DAY | STAMP => Order::Time,
        _ => Order::Text,
    }
}

/// The question with a `?` for each marked place, and the values in that order. What stands in quotes is
/// left alone.
pub(super) fn resolve(sql: &str, values: &[String]) -> (String, Vec<Given>) {
    let (mut text, mut given) = (String::with_capacity(sql.len()), Vec::new());
    let mut quoted = None;
    let mut rest = sql;
    while let Some(sign) = rest.chars().next() {
        rest = &rest[sign.len_utf8()..];
        match (quoted, sign) {
            (Some(open), _) => quoted = (sign != open).then_some(open),
            (None, '\'' | '"') => quoted = Some(sign),
            (None, '$') => {
                let number = digits(&mut rest);
                let value = number.checked_sub(1).and_then(|n| values.get(n));
                let value = value.cloned().unwrap_or_default();
                given.push(marked(&mut rest, value));
                text.push('?');
                continue;
            }
            _ => {}
        }
        text.push(sign);
    }
    (text, given)
}

fn digits(rest: &mut &str) -> usize {
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let number = rest[..end].parse().unwrap_or(0);
    *rest = &rest[end..];
    number
}

/// The value with the kind that is marked behind its place, less what is taken off.
fn marked(rest: &mut &str, value: String) -> Given {
    let Some(kind) = rest.strip_prefix("::").and_then(|r| r.chars().next()) else {
        return (TEXT, value);
    };
    *rest = &rest[2 + kind.len_utf8()..];
    let Some(mut less) = rest
        .strip_prefix('-')
        .filter(|r| r.starts_with(|c: char| c.is_ascii_digit()))
    else {
        return (kind, value);
    };
    let overlap = i64::try_from(digits(&mut less)).unwrap_or(0);
    let of = less.chars().next().unwrap_or(TEXT);
    *rest = &less[of.len_utf8().min(less.len())..];
    (kind, earlier(of, &value, overlap).unwrap_or(value))
}

const TO_SECOND: StaticFormatDescription =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
const TO_DAY: StaticFormatDescription = format_description!("[year]-[month]-[day]");

/// A value that lies that much before another: seconds of a stamp, days of a day, units of a number.
fn earlier(kind: char, value: &str, overlap: i64) -> Option<String> {
    match kind {
        STAMP => {
            let whole = value.get(..19)?.replace('T', " ");
            let at = PrimitiveDateTime::parse(&whole, TO_SECOND).ok()?;
            let at = at.checked_sub(Duration::seconds(overlap))?;
            at.format(TO_SECOND).ok()
        }
        DAY => {
            let at = Date::parse(value.get(..10)?, TO_DAY).ok()?;
            let days = overlap.div_euclid(86_400) + i64::from(overlap % 86_400 > 0);
            at.checked_sub(Duration::days(days))?.format(TO_DAY).ok()
        }
        WHOLE | NUMBER => {
            let whole: i128 = value.split('.').next()?.parse().ok()?;
            let below = i128::from(value.starts_with('-') && value.contains('.'));
            Some((whole - below - i128::from(overlap)).to_string())
        }
        _ => None,
    }
}

/// The values as the driver binds them; an empty one of no text is null.
pub(super) fn bound(given: &[Given]) -> Vec<Box<dyn InputParameter>> {
    let bind = |(kind, text): &Given| -> Box<dyn InputParameter> {
        if *kind == NARROW {
            return Box::new(VarCharBox::from_string(text.clone()));
        }
        let wide: Vec<u16> = text.encode_utf16().collect();
        let length = NonZeroUsize::new(wide.len().max(1));
        let fraction = text.split_once('.').map_or(0, |(_, f)| f.len());
        let scale = i16::try_from(fraction).unwrap_or(0);
        let value = match *kind != TEXT && text.is_empty() {
            true => VarWCharBox::null(),
            false => VarWCharBox::from_vec(wide),
        };
        let kind = match *kind {
            WHOLE => DataType::BigInt,
            NUMBER => DataType::Decimal {
                precision: text.len().clamp(1, 38),
                scale,
            },
            DAY => DataType::Date,
            STAMP => DataType::Timestamp {
                precision: scale.min(6),
            },
            _ => DataType::WVarchar { length },
        };
        Box::new(WithDataType::new(value, kind))
    };
    given.iter().map(bind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_places_become_positions_with_kinds_and_bounds() {
        let values = ["2026-01-05 09:30:00.5", "甲", "-7.5"].map(str::to_owned);
        let sql = "select \"$1::T\" from t where a >= $1::T-600T and (b > $2::C or c = $3::N-2N) and d = $1::T";
        let (text, given) = resolve(sql, &values);
        assert_eq!(
            text,
            "select \"$1::T\" from t where a >= ? and (b > ? or c = ?) and d = ?"
        );
        let given: Vec<(char, &str)> = given.iter().map(|(k, v)| (*k, v.as_str())).collect();
        assert_eq!(
            given,
            [
                ('T', "2026-01-05 09:20:00"),
                ('C', "甲"),
                ('N', "-10"),
                ('T', "2026-01-05 09:30:00.5"),
            ]
        );
        assert_eq!(
            earlier(DAY, "2026-01-05", 86_401).as_deref(),
            Some("2026-01-03")
        );
    }
}
