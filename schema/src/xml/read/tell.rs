//! How the reader's findings show places and names. Refuses to decide what is a fault.

use crate::code::element as x3;
use crate::finding::{Finding, Place};

/// The place of a line and column of a file.
pub(super) fn placed(file: &str, (line, column): (u32, u32)) -> Place {
    Place {
        file: file.to_owned(),
        line,
        column,
        ..Place::default()
    }
}

/// The finding of an attribute that nobody knows.
pub(super) fn unknown_attribute(place: Place, parent: &str, name: &str) -> Finding {
    Finding::new(x3::UNKNOWN_ATTRIBUTE, place)
        .with_value(name, false)
        .with("parent", parent.to_owned())
        .with("found", shown(name))
}

/// At most so many characters.
pub(super) fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

/// A name as shown in a finding.
pub(super) fn shown(name: &str) -> String {
    cut(name, 60)
}
