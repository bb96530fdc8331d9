//! Findings of a document as a whole.

use tongcha_schema::code::{Code, element as x3};
use tongcha_schema::finding::{Finding, Place};

/// A finding at a place of a document that belongs to no record.
pub(crate) fn at(code: Code, file: &str, line: u32, column: u32) -> Finding {
    let place = Place {
        file: file.to_owned(),
        line,
        column,
        ..Place::default()
    };
    Finding::new(code, place)
}

/// What stops a decoder. The guard refuses all that quick-xml does, so no bytes that passed it come
/// here; an error of the disk is told by the caller.
pub(crate) fn broken(file: &str, error: &quick_xml::Error, line: u32, column: u32) -> Finding {
    at(x3::READ_STOPPED, file, line, column).with("detail", error)
}
