//! Which encoding a document has, from its first bytes (XML 1.0 section 4.3.3 and appendix F): the
//! byte-order mark, then the declaration. The two must agree; an unknown name is refused.

use super::narrow::NarrowSet;
use super::{EncodingFault, TextEncoding, Undeclared};
use crate::limits::XML_DECLARATION_BYTES;
use crate::xml::declaration;
use crate::xml::position::Position;
use encoding_rs::{Decoder, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes looked at: a declaration of the longest kind in UTF-16, and the mark.
pub(super) const PREFIX: usize = 2 * XML_DECLARATION_BYTES + 4;

/// How bytes become text.
pub(super) enum Decoding {
    /// A decoder of the Encoding Standard, without its handling of marks.
    Standard(Decoder),
    /// ISO-8859-1 itself, not the code page 1252 that browsers take for it.
    Latin1,
    /// US-ASCII itself: a byte above 0x7F is none.
    Ascii,
}

/// What the first bytes say.
pub(super) struct Sniffed {
    pub decoding: Decoding,
    pub name: &'static str,
    /// Bytes of the byte-order mark.
    pub mark_len: usize,
    /// The declared set, if GB18030 is wider, and its name as declared.
    pub narrow: Option<(NarrowSet, String)>,
    /// The encoding that the document declares, and where.
    pub declared: Option<(String, Position)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    /// ASCII bytes stand for themselves.
    Bytes,
    Utf8Marked,
    Gb18030Marked,
    Utf16 {
        little: bool,
        marked: bool,
    },
}

impl Family {
    fn of(prefix: &[u8]) -> Result<(Family, usize), EncodingFault> {
        let utf16 = |little, marked| Family::Utf16 { little, marked };
        Ok(match prefix {
            [0xEF, 0xBB, 0xBF, ..] => (Family::Utf8Marked, 3),
            [0x84, 0x31, 0x95, 0x33, ..] => (Family::Gb18030Marked, 4),
            [0, 0, 0xFE, 0xFF, ..]
            | [0xFF, 0xFE, 0, 0, ..]
            | [0, 0, 0, b'<', ..]
            | [b'<', 0, 0, 0, ..] => return Err(unknown("UTF-32")),
            [0xFE, 0xFF, ..] => (utf16(false, true), 2),
            [0xFF, 0xFE, ..] => (utf16(true, true), 2),
            [0, b'<', 0, _, ..] => (utf16(false, false), 0),
            [b'<', 0, _, 0, ..] => (utf16(true, false), 0),
            [0x4C, 0x6F, 0xA7, 0x94, ..] => return Err(unknown("EBCDIC")),
            _ => (Family::Bytes, 0),
        })
    }

    fn name(self) -> &'static str {
        match self {
            Family::Bytes => "8-bit",
            Family::Utf8Marked => "UTF-8",
            Family::Gb18030Marked => "GB18030",
            Family::Utf16 { little: true, .. } => "UTF-16LE",
            Family::Utf16 { little: false, .. } => "UTF-16BE",
        }
    }
}

fn unknown(label: &str) -> EncodingFault {
    EncodingFault::Unknown {
        label: label.to_owned(),
        line: 1,
        column: 1,
    }
}

/// Settles the encoding: a byte-order mark, else what is told, else the declaration. A declaration that
/// is not well-formed says nothing here; the guard refuses it when it comes to it.
pub(super) fn sniff(prefix: &[u8], told: Option<TextEncoding>) -> Result<Sniffed, EncodingFault> {
    let (family, mark_len) = Family::of(prefix)?;
    let body = prefix.get(mark_len..).unwrap_or_default();
    let ascii: Vec<u8> = match family {
        Family::Utf16 { little, .. } => ascii_of_utf16(body, little),
        _ => body.iter().copied().take(XML_DECLARATION_BYTES).collect(),
    };
    let declared = if declaration::begins(&ascii) {
        declaration::parse(&ascii).ok().and_then(|d| d.encoding)
    } else {
        None
    };
    let place = |at: usize| Position::default().after(ascii.get(..at).unwrap_or_default());
    if let Some(told) = told.filter(|_| mark_len == 0) {
        return Ok(Sniffed {
            declared: declared.map(|(label, at)| (label.to_owned(), place(at))),
            ..encoded(told.0)
        });
    }
    let Some((label, at)) = declared else {
        return undeclared(family, mark_len);
    };
    let place = place(at);
    let Some(encoding) = by_label(label) else {
        return Err(EncodingFault::Unknown {
            label: label.to_owned(),
            line: place.line,
            column: place.column,
        });
    };
    if !agrees(family, encoding, label) {
        return Err(EncodingFault::Contradicts {
            label: label.to_owned(),
            found: family.name(),
            line: place.line,
            column: place.column,
        });
    }
    let declared = Some((label.to_owned(), place));
    if family != Family::Bytes {
        return Ok(Sniffed {
            declared,
            ..plain(family, mark_len)
        });
    }
    Ok(Sniffed {
        declared,
        ..of_label(encoding, label)
    })
}

/// Text without a mark in the encoding of a declared name: the wider set of a Chinese one, and the name's
/// own meaning where browsers take another for it.
fn of_label(encoding: &'static Encoding, label: &str) -> Sniffed {
    match one_byte_label(label) {
        _ if encoding == GBK => {
            let set = if is_gb2312(label) {
                NarrowSet::gb2312()
            } else {
                NarrowSet::gbk()
            };
            Sniffed {
                narrow: Some((set, label.to_owned())),
                ..encoded(GB18030)
            }
        }
        OneByte::Ascii if encoding == WINDOWS_1252 => Sniffed {
            decoding: Decoding::Ascii,
            name: "US-ASCII",
            ..encoded(encoding)
        },
        OneByte::Latin1 if encoding == WINDOWS_1252 => Sniffed {
            decoding: Decoding::Latin1,
            name: "ISO-8859-1",
            ..encoded(encoding)
        },
        _ => encoded(encoding),
    }
}

/// Text without a mark in an encoding.
fn encoded(encoding: &'static Encoding) -> Sniffed {
    Sniffed {
        decoding: Decoding::Standard(encoding.new_decoder_without_bom_handling()),
        name: name_of(encoding),
        mark_len: 0,
        narrow: None,
        declared: None,
    }
}

fn undeclared(family: Family, mark_len: usize) -> Result<Sniffed, EncodingFault> {
    match family {
        Family::Utf16 { marked: false, .. } => Err(EncodingFault::NoMark {
            found: family.name(),
        }),
        _ => Ok(plain(family, mark_len)),
    }
}

/// Text that is no XML: its mark says how it is read, else the caller.
pub(super) fn marked_or(prefix: &[u8], encoding: Undeclared) -> Sniffed {
    match prefix {
        [0xEF, 0xBB, 0xBF, ..] => plain(Family::Utf8Marked, 3),
        [0x84, 0x31, 0x95, 0x33, ..] => plain(Family::Gb18030Marked, 4),
        [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] => {
            let little = prefix.first() == Some(&0xFF);
            plain(
                Family::Utf16 {
                    little,
                    marked: true,
                },
                2,
            )
        }
        _ => match encoding {
            Undeclared::Gb18030 => plain(Family::Gb18030Marked, 0),
            Undeclared::Utf8 => plain(Family::Bytes, 0),
            Undeclared::Told(told) => encoded(told.0),
        },
    }
}

/// The family read as what it shows itself to be.
fn plain(family: Family, mark_len: usize) -> Sniffed {
    let encoding = match family {
        Family::Bytes | Family::Utf8Marked => UTF_8,
        Family::Gb18030Marked => GB18030,
        Family::Utf16 { little: true, .. } => UTF_16LE,
        Family::Utf16 { little: false, .. } => UTF_16BE,
    };
    Sniffed {
        mark_len,
        ..encoded(encoding)
    }
}

/// The set that holds all of another: GBK is read as GB18030.
pub(super) fn wider(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == GBK { GB18030 } else { encoding }
}

/// The name as it is shown: the registered spelling of GB18030, the Encoding Standard's of the
/// others.
pub(super) fn name_of(encoding: &'static Encoding) -> &'static str {
    if encoding == GB18030 {
        "GB18030"
    } else {
        encoding.name()
    }
}

/// The encoding of a name: those of the Encoding Standard, and the names by which Chinese systems
/// declare GBK and GB18030 besides.
pub(super) fn by_label(label: &str) -> Option<&'static Encoding> {
    let lower = label.to_ascii_lowercase();
    match lower.as_str() {
        "cp936" | "ms936" | "windows-936" | "euc-cn" | "euccn" | "gb2312-80" | "gb2312.1980-0" => {
            Some(GBK)
        }
        "gb18030-2000" | "gb18030-2005" | "gb18030-2022" => Some(GB18030),
        "x-user-defined" => None,
        _ => Encoding::for_label_no_replacement(label.as_bytes()),
    }
}

/// Whether a name of the GBK family means GB 2312-80 itself.
fn is_gb2312(label: &str) -> bool {
    let lower = label.to_ascii_lowercase();
    lower.starts_with("gb2312")
        || matches!(
            lower.as_str(),
            "csgb2312"
                | "gb_2312"
                | "gb_2312-80"
                | "euc-cn"
                | "euccn"
                | "iso-ir-58"
                | "csiso58gb231280"
        )
}

enum OneByte {
    Ascii,
    Latin1,
    Other,
}

fn one_byte_label(label: &str) -> OneByte {
    match label.to_ascii_lowercase().as_str() {
        "us-ascii" | "ascii" | "ansi_x3.4-1968" => OneByte::Ascii,
        "windows-1252" | "cp1252" | "x-cp1252" => OneByte::Other,
        _ => OneByte::Latin1,
    }
}

/// Whether the declared encoding can be that of the bytes.
fn agrees(family: Family, declared: &'static Encoding, label: &str) -> bool {
    let utf16 = declared == UTF_16LE || declared == UTF_16BE;
    match family {
        Family::Bytes => !utf16,
        Family::Utf8Marked => declared == UTF_8,
        Family::Gb18030Marked => declared == GB18030 || declared == GBK,
        Family::Utf16 { little, .. } => {
            let lower = label.to_ascii_lowercase();
            let says_little = lower == "utf-16le" || lower == "unicodefeff";
            utf16 && !(little && declared == UTF_16BE) && (little || !says_little)
        }
    }
}

/// The ASCII characters with which UTF-16 text begins.
fn ascii_of_utf16(bytes: &[u8], little: bool) -> Vec<u8> {
    let units = bytes.chunks_exact(2).map(|pair| match (pair, little) {
        ([low, high], true) => (*low, *high),
        ([high, low], false) => (*low, *high),
        _ => (0, 0),
    });
    units
        .take_while(|(low, high)| *high == 0 && *low < 0x80)
        .map(|(low, _)| low)
        .take(XML_DECLARATION_BYTES)
        .collect()
}
