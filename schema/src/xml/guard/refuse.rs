//! How the guard refuses: one finding with its place. Names and characters of the document are
//! shown, never its text.

use super::class;
use super::window::Window;
use crate::code::{Code, xml as code};
use crate::finding::{Finding, Place};
use crate::limits;
use crate::xml::encoding::EncodingFault;
use crate::xml::position::Position;
use std::io;

/// Why scanning stopped.
pub(super) enum Stop {
    /// The reader failed.
    Io(io::Error),
    /// The document is refused.
    Refused(Box<Finding>),
}

/// What a scanning step gives.
pub(super) type Scan<T> = Result<T, Stop>;

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Io(error)
    }
}

impl From<Finding> for Stop {
    fn from(finding: Finding) -> Stop {
        Stop::Refused(Box::new(finding))
    }
}

/// A name for a part of a document, Chinese and English.
pub(super) type Words = (&'static str, &'static str);

/// A limit on a part of a document.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    pub what: Words,
    pub size: usize,
}

pub(super) const TEXT: Limit = Limit {
    what: ("一段文本的字节数", "the number of bytes of a text"),
    size: limits::XML_TEXT_BYTES,
};
pub(super) const COMMENT: Limit = Limit {
    what: ("一个注释的字节数", "the number of bytes of a comment"),
    size: limits::XML_TEXT_BYTES,
};
pub(super) const INSTRUCTION: Limit = Limit {
    what: (
        "一个处理指令的字节数",
        "the number of bytes of an instruction",
    ),
    size: limits::XML_TEXT_BYTES,
};
pub(super) const TAG: Limit = Limit {
    what: ("一个标签的字节数", "the number of bytes of a tag"),
    size: limits::XML_TAG_BYTES,
};
pub(super) const VALUE: Limit = Limit {
    what: (
        "一个属性值的字节数",
        "the number of bytes of an attribute value",
    ),
    size: limits::XML_ATTRIBUTE_BYTES,
};
pub(super) const ATTRIBUTES: Limit = Limit {
    what: (
        "一个元素的属性个数",
        "the number of attributes of an element",
    ),
    size: limits::XML_ATTRIBUTES,
};
pub(super) const NAME: Limit = Limit {
    what: ("一个名称的字节数", "the number of bytes of a name"),
    size: limits::XML_NAME_BYTES,
};
pub(super) const NAMESPACES: Limit = Limit {
    what: (
        "同时有效的命名空间前缀个数",
        "the number of namespace prefixes in force",
    ),
    size: limits::XML_NAMESPACES,
};
pub(super) const NAMESPACE: Limit = Limit {
    what: (
        "一个命名空间名称的字节数",
        "the number of bytes of a namespace name",
    ),
    size: limits::XML_NAMESPACE_BYTES,
};
pub(super) const DEPTH: Limit = Limit {
    what: ("元素嵌套层数", "the depth of nested elements"),
    size: limits::XML_DEPTH,
};
pub(super) const DECLARATION: Limit = Limit {
    what: (
        "XML声明的字节数",
        "the number of bytes of the XML declaration",
    ),
    size: limits::XML_DECLARATION_BYTES,
};

/// A finding at a place of a file.
pub(crate) fn finding(file: &str, code: Code, place: Position) -> Finding {
    let place = Place {
        file: file.to_owned(),
        line: place.line,
        column: place.column,
        ..Place::default()
    };
    Finding::new(code, place)
}

/// The finding for bytes that are no text; `place` is where the text before them ends.
pub(crate) fn of_fault(file: &str, fault: &EncodingFault, place: Position) -> Finding {
    match fault {
        EncodingFault::Unknown {
            label,
            line,
            column,
        } => finding(file, code::UNKNOWN_ENCODING, Position::at(*line, *column))
            .with_value(label, false)
            .with("label", label),
        EncodingFault::Contradicts {
            label,
            found,
            line,
            column,
        } => finding(
            file,
            code::ENCODING_CONTRADICTS,
            Position::at(*line, *column),
        )
        .with_value(label, false)
        .with("label", label)
        .with("found", found),
        EncodingFault::NoMark { found } => {
            finding(file, code::NO_BYTE_ORDER_MARK, place).with("found", found)
        }
        EncodingFault::Otherwise { read, found } => otherwise(file, None, read, found, place),
        EncodingFault::Undecodable {
            encoding,
            bytes,
            offset,
        } => of_bytes(code::UNDECODABLE, file, encoding, (bytes, *offset), place),
    }
}

/// The finding for bytes at an offset that are no character of the encoding read.
pub(crate) fn of_bytes(
    code: Code,
    file: &str,
    encoding: &str,
    (bytes, offset): (&[u8], u64),
    place: Position,
) -> Finding {
    let bytes: Vec<String> = bytes.iter().map(|b| format!("{b:02X}")).collect();
    let bytes = bytes.join(" ");
    finding(file, code, place)
        .with_value(&bytes, false)
        .with("bytes", &bytes)
        .with("encoding", encoding)
        .with("offset", offset)
}

/// The finding for a document whose bytes look like another encoding than the one read; `label` is
/// what it declares.
pub(crate) fn otherwise(
    file: &str,
    label: Option<&str>,
    read: &str,
    found: &str,
    place: Position,
) -> Finding {
    let told = finding(file, code::LOOKS_OTHERWISE, place);
    let told = match label {
        Some(label) => told.with_value(label, false),
        None => told,
    };
    told.with("read", read).with("found", found)
}

/// A character as a finding shows it: itself in quotes, or its number where it cannot be seen.
pub(super) fn shown(c: char) -> String {
    if c.is_control() || c.is_whitespace() || !class::is_char(u32::from(c)) {
        format!("U+{:04X}", u32::from(c))
    } else {
        format!("“{c}”")
    }
}

/// Bytes of a name as text, at most 60 characters.
pub(super) fn name_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(60).collect()
}

impl Window<'_> {
    /// The character that stands here, as a finding shows it.
    pub(super) fn shown(&self) -> String {
        class::first_char(self.rest()).map_or_else(String::new, |(c, _)| shown(c))
    }
}
