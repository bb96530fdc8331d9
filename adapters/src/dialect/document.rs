//! Findings of a document as a whole.

use tongcha_schema::code::{Code, xml as x2};
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

/// What stops a decoder after the guard has passed the document. The guard refuses all that quick-xml
/// does, so this is the guard's own code again; an error of the reader is told by the caller.
pub(crate) fn broken(file: &str, error: &quick_xml::Error, line: u32, column: u32) -> Finding {
    at(x2::BAD_TAG, file, line, column).with("found", error)
}
