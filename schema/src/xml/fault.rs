//! What is wrong with the encoding of texts that are no XML, as findings: the guard says the same of
//! documents. It refuses to decide what is wrong.

use super::encoding::{Broken, EncodingFault};
use super::guard::refuse;
use super::position::Position;
use crate::code::xml as code;
use crate::finding::Finding;

/// The finding for a text that its encoding's fault ends at a line: X202 to X206 or X232.
pub fn of_fault(file: &str, fault: &EncodingFault, line: u32) -> Finding {
    refuse::of_fault(file, fault, Position::at(line, 1))
}

/// The warning of bytes that are no character, in a text that goes on (X234).
pub fn half_character(file: &str, encoding: &str, broken: &Broken) -> Finding {
    let bytes = (broken.bytes.as_slice(), broken.offset);
    let place = Position::at(broken.line, 1);
    refuse::of_bytes(code::HALF_CHARACTER, file, encoding, bytes, place)
}

/// The refusal for the first of very many such bytes (X204).
pub fn undecodable(file: &str, encoding: &str, broken: &Broken) -> Finding {
    let bytes = (broken.bytes.as_slice(), broken.offset);
    let place = Position::at(broken.line, 1);
    refuse::of_bytes(code::UNDECODABLE, file, encoding, bytes, place)
}

/// The note that a dialect states another encoding than the document declares at a place (X233).
pub fn overruled(file: &str, declared: &(String, u32, u32), dialect: &str, read: &str) -> Finding {
    let (label, line, column) = declared;
    refuse::finding(file, code::ENCODING_OVERRULED, Position::at(*line, *column))
        .with_value(label, false)
        .with("label", label)
        .with("dialect", dialect)
        .with("read", read)
}

/// The refusal of a text that looks like another encoding than the one it is read in (X232).
pub fn otherwise(file: &str, read: &str, found: &str) -> Finding {
    refuse::otherwise(file, None, read, found, Position::default())
}
