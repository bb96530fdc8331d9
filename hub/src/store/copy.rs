//! Rows of an element's table in PostgreSQL's binary COPY format: numbers, instants and bytes as the
//! server keeps them, so that neither side turns them into text. Refuses to run a statement.

use super::elements::{NewRow, marks_text, op_number, state_number, version_of};
use time::{Date, OffsetDateTime};
use tongcha_schema::clock::unix_ms;
use tongcha_schema::ddl::{Column, ColumnKind, FIXED, Role};
use tongcha_schema::value::Value;

/// Signature, flags and the empty header extension (PostgreSQL 15, "COPY", Binary Format).
const HEAD: &[u8; 19] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// 2000-01-01 in milliseconds since 1970: PostgreSQL's instants count microseconds from there.
const EPOCH_MS: i64 = 946_684_800_000;
/// Julian day of 2000-01-01: its days count from there.
const EPOCH_DAY: i32 = 2_451_545;

/// The body of one COPY, row by row.
pub struct Body(Vec<u8>);

impl Body {
    /// An empty one, with room for that many bytes.
    pub fn begin(bytes: usize) -> Body {
        let mut out = Vec::with_capacity(bytes + HEAD.len() + 2);
        out.extend_from_slice(HEAD);
        Body(out)
    }

    /// Begins a row of that many columns.
    pub fn row(&mut self, columns: i16) {
        self.0.extend_from_slice(&columns.to_be_bytes());
    }

    /// A `bigint`.
    pub fn int8(&mut self, number: i64) {
        put(&mut self.0, &number.to_be_bytes());
    }

    /// A `bigint`, or null.
    pub fn opt_int8(&mut self, number: Option<i64>) {
        match number {
            Some(number) => self.int8(number),
            None => null(&mut self.0),
        }
    }

    /// A `text`.
    pub fn text(&mut self, text: &str) {
        put(&mut self.0, text.as_bytes());
    }

    /// A `text`, or null.
    pub fn opt_text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => null(&mut self.0),
        }
    }

    /// A `bytea`.
    pub fn bytes(&mut self, bytes: &[u8]) {
        put(&mut self.0, bytes);
    }

    /// The whole body.
    pub fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(&(-1_i16).to_be_bytes());
        self.0
    }
}

/// The rows as the whole body of one COPY.
pub fn body(columns: &[Column], rows: &[NewRow<'_>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(rows.len() * 512);
    out.extend_from_slice(HEAD);
    let count = i16::try_from(columns.len()).unwrap_or(i16::MAX);
    for row in rows {
        out.extend_from_slice(&count.to_be_bytes());
        for column in columns {
            match column.role {
                Role::Fixed(index) => fixed(&mut out, FIXED[index].0, row),
                Role::Field(index) => match row.record.values.get(index).and_then(Option::as_ref) {
                    Some(value) => field(&mut out, column.kind, value),
                    None => null(&mut out),
                },
                Role::ZoneOf(index) => {
                    let value = row.record.values.get(index).and_then(Option::as_ref);
                    match value.and_then(Value::stamp) {
                        Some(stamp) => {
                            put(&mut out, &stamp.offset().whole_minutes().to_be_bytes());
                        }
                        None => null(&mut out),
                    }
                }
            }
        }
    }
    out.extend_from_slice(&(-1_i16).to_be_bytes());
    out
}

/// A value with its length before it.
fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

fn null(out: &mut Vec<u8>) {
    out.extend_from_slice(&(-1_i32).to_be_bytes());
}

fn stamp(out: &mut Vec<u8>, stamp: OffsetDateTime) {
    put(out, &((unix_ms(stamp) - EPOCH_MS) * 1000).to_be_bytes());
}

fn day(out: &mut Vec<u8>, day: Date) {
    put(out, &(day.to_julian_day() - EPOCH_DAY).to_be_bytes());
}

fn int(out: &mut Vec<u8>, number: u32) {
    put(
        out,
        &i32::try_from(number).unwrap_or(i32::MAX).to_be_bytes(),
    );
}

fn fixed(out: &mut Vec<u8>, name: &str, row: &NewRow<'_>) {
    let r = row.record;
    match name {
        "case_id" => put(out, &row.case_id.to_be_bytes()),
        "seq" => put(out, &r.seq.to_be_bytes()),
        "version" => put(out, &version_of(r).to_be_bytes()),
        "envelope_no" => put(out, &row.envelope_no.to_be_bytes()),
        "source_id" => int(out, u32::try_from(row.source_id).unwrap_or(0)),
        "item_no" => int(out, r.head.item),
        "record_no" => int(out, r.number),
        "line_no" => int(out, r.line),
        "row_state" => put(out, &state_number(row.state).to_be_bytes()),
        "op" => put(out, &op_number(r.op).to_be_bytes()),
        "org_bus_no" if !r.head.org_bus_no.is_empty() => put(out, r.head.org_bus_no.as_bytes()),
        "none_reason" => match &r.none {
            Some(reason) => put(out, reason.as_bytes()),
            None => null(out),
        },
        "marks" if !r.marks.is_empty() => put(out, marks_text(&r.marks).as_bytes()),
        "digest" => put(out, &r.digest),
        _ => null(out),
    }
}

fn field(out: &mut Vec<u8>, kind: ColumnKind, value: &Value) {
    match (kind, value) {
        (ColumnKind::Bytes, Value::Sealed(bytes)) => put(out, bytes),
        (ColumnKind::Bytes, value) => put(out, value.canonical().as_bytes()),
        (ColumnKind::Text, Value::Text(text)) => put(out, text.as_bytes()),
        (ColumnKind::Text, value) => put(out, value.canonical().as_bytes()),
        (ColumnKind::BigInt, Value::Int(number)) => put(out, &number.to_be_bytes()),
        (ColumnKind::Money, Value::Money(fen)) => money(out, *fen),
        (ColumnKind::Flag, Value::Flag(flag)) => put(out, &[u8::from(*flag)]),
        (ColumnKind::Date, Value::Date(date)) => day(out, *date),
        (ColumnKind::Stamp, Value::Stamp(instant)) => stamp(out, *instant),
        // The check gives each field the value of its kind: what does not fit is no value of it.
        _ => null(out),
    }
}

/// `numeric` with two decimals: digits to the base of 10,000, the first one's weight, sign, scale.
fn money(out: &mut Vec<u8>, fen: i64) {
    let sign: u16 = if fen < 0 { 0x4000 } else { 0 };
    let fen = fen.unsigned_abs();
    let mut digits = vec![(fen % 100) * 100];
    let mut whole = fen / 100;
    while whole > 0 {
        digits.push(whole % 10_000);
        whole /= 10_000;
    }
    digits.reverse();
    // The last digit stands behind the point: its weight is -1.
    let weight = i16::try_from(digits.len()).unwrap_or(0) - 2;
    let mut bytes = Vec::with_capacity(8 + digits.len() * 2);
    let count = u16::try_from(digits.len()).unwrap_or(0);
    bytes.extend_from_slice(&count.to_be_bytes());
    bytes.extend_from_slice(&weight.to_be_bytes());
    bytes.extend_from_slice(&sign.to_be_bytes());
    bytes.extend_from_slice(&2_u16.to_be_bytes());
    for digit in digits {
        bytes.extend_from_slice(&u16::try_from(digit).unwrap_or(0).to_be_bytes());
    }
    put(out, &bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    fn of(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut out);
        out
    }

    /// The bytes that `copy (select ..) to stdout (format binary)` gives for the same values.
    #[test]
    fn values_are_written_as_the_server_writes_them() {
        let money = |fen| of(|o| money(o, fen));
        assert_eq!(
            money(1250),
            [0, 0, 0, 12, 0, 2, 0, 0, 0, 0, 0, 2, 0, 12, 0x13, 0x88]
        );
        let negative = [
            0, 0, 0, 14, 0, 3, 0, 1, 0x40, 0, 0, 2, 0, 1, 0x09, 0x29, 0x16, 0xa8,
        ];
        assert_eq!(money(-1_234_558), negative);
        assert_eq!(
            of(|o| day(o, date!(2000 - 01 - 02))),
            [0, 0, 0, 4, 0, 0, 0, 1]
        );
        assert_eq!(
            of(|o| day(o, date!(1999 - 12 - 31))),
            [0, 0, 0, 4, 255, 255, 255, 255]
        );
        let second = of(|o| stamp(o, datetime!(2000-01-01 08:00:01 +8)));
        assert_eq!(second, [0, 0, 0, 8, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x40]);
    }
}
