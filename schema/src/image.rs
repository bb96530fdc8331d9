//! The image of a record: what it says as compact bytes, fields named by their numbers. What is kept and sent
//! within a hub are these bytes, and a record's digest is taken over them. Refuses key, version and origin,
//! which are not what a record says.
//!
//! Shape: the element's number; a byte of flags (1: it deletes, 2: "none" is declared); the reason of a
//! declared "none" as text; then each field that is there, by rising number, as `number * 8 + tag` and its
//! value. Numbers are LEB128, signed ones zigzag; texts and bytes have their length before them.

use crate::clock::{from_unix_ms, unix_ms};
use crate::element::ElementId;
use crate::record::{Op, Record};
use crate::value::Value;
use sha2::{Digest, Sha256};
use time::{Date, OffsetDateTime, UtcOffset};

const DELETES: u8 = 1;
const NONE: u8 = 2;

const TEXT: u64 = 0;
const INT: u64 = 1;
const MONEY: u64 = 2;
const NO: u64 = 3;
const YES: u64 = 4;
const STAMP: u64 = 5;
const DATE: u64 = 6;
const SEALED: u64 = 7;

/// Bytes that are no image of this version: spoilt, or of an element or a field that it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are no image of a record that this version knows")]
pub struct NoImage;

/// A value within an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Text, code, identity number, digest.
    Text(&'a str),
    /// Integer.
    Int(i64),
    /// Money in fen.
    Money(i64),
    /// Flag.
    Flag(bool),
    /// An instant, in the zone that the source wrote.
    Stamp(OffsetDateTime),
    /// A calendar day.
    Date(Date),
    /// A sealed personal text.
    Sealed(&'a [u8]),
}

impl Part<'_> {
    /// The value, as one of its own.
    pub fn value(self) -> Value {
        match self {
            Part::Text(text) => Value::Text(text.into()),
            Part::Int(number) => Value::Int(number),
            Part::Money(fen) => Value::Money(fen),
            Part::Flag(flag) => Value::Flag(flag),
            Part::Stamp(stamp) => Value::Stamp(stamp),
            Part::Date(date) => Value::Date(date),
            Part::Sealed(bytes) => Value::Sealed(bytes.into()),
        }
    }
}

/// An image that is being read.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    /// Which element.
    pub element: ElementId,
    /// Whether the record deletes.
    pub deletes: bool,
    /// Reason code of a declared "none".
    pub none: Option<&'a str>,
    fields: &'a [u8],
}

impl<'a> Image<'a> {
    /// Reads the head of an image.
    ///
    /// # Errors
    /// Bytes that are no image, or of an element that this version does not know.
    pub fn parse(bytes: &'a [u8]) -> Result<Image<'a>, NoImage> {
        let [number, flags, rest @ ..] = bytes else {
            return Err(NoImage);
        };
        let index = usize::from(*number).checked_sub(1).ok_or(NoImage)?;
        let element = *ElementId::ALL.get(index).ok_or(NoImage)?;
        let mut rest = Bytes(rest);
        let none = match flags & NONE {
            0 => None,
            _ => Some(rest.text()?),
        };
        Ok(Image {
            element,
            deletes: flags & DELETES != 0,
            none,
            fields: rest.0,
        })
    }

    /// The fields, each as its index in the element's spec and its value.
    pub fn fields(&self) -> Fields<'a> {
        Fields {
            element: self.element,
            rest: Bytes(self.fields),
        }
    }

    /// One value per field of the spec, in its order.
    ///
    /// # Errors
    /// Spoilt bytes, or a field that this version does not know.
    pub fn values(&self) -> Result<Vec<Option<Value>>, NoImage> {
        let mut values = vec![None; self.element.spec().fields.len()];
        for field in self.fields() {
            let (index, part) = field?;
            values[index] = Some(part.value());
        }
        Ok(values)
    }
}

/// The fields of an image, one after the other.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    element: ElementId,
    rest: Bytes<'a>,
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(usize, Part<'a>), NoImage>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.0.is_empty() {
            return None;
        }
        let field = self.read();
        if field.is_err() {
            self.rest.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn read(&mut self) -> Result<(usize, Part<'a>), NoImage> {
        let head = self.rest.number()?;
        let number = u16::try_from(head >> 3).map_err(|_| NoImage)?;
        let index = self.element.spec().index_of(number).ok_or(NoImage)?;
        let part = match head & 7 {
            TEXT => Part::Text(self.rest.text()?),
            INT => Part::Int(self.rest.signed()?),
            MONEY => Part::Money(self.rest.signed()?),
            NO => Part::Flag(false),
            YES => Part::Flag(true),
            STAMP => Part::Stamp(self.rest.stamp()?),
            DATE => Part::Date(self.rest.date()?),
            _ => Part::Sealed(self.rest.bytes()?),
        };
        Ok((index, part))
    }
}

/// Appends the image of a record.
pub fn write(record: &Record, out: &mut Vec<u8>) {
    let spec = record.element.spec();
    let mut flags = 0;
    if record.op == Op::Delete {
        flags |= DELETES;
    }
    if record.none.is_some() {
        flags |= NONE;
    }
    out.extend_from_slice(&[spec.number, flags]);
    if let Some(reason) = &record.none {
        put_bytes(out, reason.as_bytes());
    }
    for &index in spec.by_number() {
        if let Some(value) = record.values.get(index).and_then(Option::as_ref) {
            write_value(out, u64::from(spec.fields[index].number), value);
        }
    }
}

impl Record {
    /// SHA-256 over the image: what it says, without key, version and origin.
    pub fn compute_digest(&self) -> [u8; 32] {
        digest_in(self, &mut Vec::with_capacity(512))
    }
}

/// The same, the image written into a buffer that is used again.
pub(crate) fn digest_in(record: &Record, image: &mut Vec<u8>) -> [u8; 32] {
    image.clear();
    write(record, image);
    Sha256::digest(image).into()
}

fn write_value(out: &mut Vec<u8>, number: u64, value: &Value) {
    let tag = match value {
        Value::Text(_) => TEXT,
        Value::Int(_) => INT,
        Value::Money(_) => MONEY,
        Value::Flag(false) => NO,
        Value::Flag(true) => YES,
        Value::Stamp(_) => STAMP,
        Value::Date(_) => DATE,
        Value::Sealed(_) => SEALED,
    };
    put_number(out, number << 3 | tag);
    match value {
        Value::Text(text) => put_bytes(out, text.as_bytes()),
        Value::Int(number) | Value::Money(number) => put_signed(out, *number),
        Value::Flag(_) => {}
        Value::Stamp(stamp) => {
            put_signed(out, unix_ms(*stamp));
            put_signed(out, i64::from(stamp.offset().whole_minutes()));
        }
        Value::Date(date) => put_signed(out, i64::from(date.to_julian_day())),
        Value::Sealed(bytes) => put_bytes(out, bytes),
    }
}

fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push((number & 0x7f) as u8);
}

fn put_signed(out: &mut Vec<u8>, number: i64) {
    put_number(out, (number << 1 ^ number >> 63).cast_unsigned());
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

#[derive(Clone, Debug)]
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn number(&mut self) -> Result<u64, NoImage> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first().ok_or(NoImage)?;
            self.0 = rest;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(NoImage)
    }

    fn signed(&mut self) -> Result<i64, NoImage> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn bytes(&mut self) -> Result<&'a [u8], NoImage> {
        let length = usize::try_from(self.number()?).map_err(|_| NoImage)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(NoImage)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn text(&mut self) -> Result<&'a str, NoImage> {
        std::str::from_utf8(self.bytes()?).map_err(|_| NoImage)
    }

    fn stamp(&mut self) -> Result<OffsetDateTime, NoImage> {
        let instant = from_unix_ms(self.signed()?);
        let seconds = i32::try_from(self.signed()?)
            .ok()
            .and_then(|minutes| minutes.checked_mul(60))
            .ok_or(NoImage)?;
        let offset = UtcOffset::from_whole_seconds(seconds).map_err(|_| NoImage)?;
        instant.checked_to_offset(offset).ok_or(NoImage)
    }

    fn date(&mut self) -> Result<Date, NoImage> {
        let day = i32::try_from(self.signed()?).map_err(|_| NoImage)?;
        Date::from_julian_day(day).map_err(|_| NoImage)
    }
}

#[cfg(test)]
mod tests;
