//! In which encoding the texts of a dBase table are: what a dialect tells, else its language byte and the
//! bytes of all of them; and the text of one field. It refuses to guess a character.

use super::Head;
use encoding_rs::{Encoding, GB18030, UTF_8};
use std::borrow::Cow;
use tongcha_schema::finding::Finding;
use tongcha_schema::limits::BROKEN_PLACES;
use tongcha_schema::xml::{Broken, TextEncoding, fault};

/// Fields of texts that are not in an encoding.
#[derive(Default)]
struct Foreign {
    count: usize,
    first: Vec<Broken>,
}

impl Foreign {
    fn add(&mut self, bytes: &[u8], offset: usize, number: u32) {
        self.count += 1;
        if self.first.len() < BROKEN_PLACES {
            self.first.push(Broken {
                bytes: bytes[..bytes.len().min(8)].to_vec(),
                offset: offset as u64,
                line: number,
            });
        }
    }
}

/// Which encoding the texts of a table are in.
#[derive(Default)]
pub(super) struct Texts {
    /// Fields that are not ASCII, and those with a character of three bytes that are UTF-8.
    count: usize,
    wide: usize,
    not_utf8: Foreign,
    not_gb: Foreign,
}

impl Texts {
    pub fn look(&mut self, head: &Head, row: &[u8], number: u32) {
        for field in head.fields.iter().filter(|f| f.kind == b'C') {
            let bytes = &row[field.from..field.to];
            if bytes.is_ascii() {
                continue;
            }
            self.count += 1;
            let rows = usize::try_from(number - 1).unwrap_or(0);
            let offset = head.bytes + rows * head.row_bytes + field.from;
            match whole(bytes, UTF_8) {
                Some((text, _)) => self.wide += usize::from(text.chars().any(|c| c >= '\u{800}')),
                None => self.not_utf8.add(bytes, offset, number),
            }
            if whole(bytes, GB18030).is_none() {
                self.not_gb.add(bytes, offset, number);
            }
        }
    }

    /// The encoding, told or by the language byte and the bytes, and what is told of half characters. A
    /// text that is in neither spoils its field alone, where it is one among many.
    pub fn choose(self, file: &str, head: &Head, told: Option<TextEncoding>) -> Chosen {
        let utf8 = self.not_utf8.count == 0;
        let gb = told.map_or(head.chinese, |t| t.name() == "GB18030");
        let named = gb || told.is_some();
        let (encoding, foreign) = match told.map(TextEncoding::name) {
            Some(name) if name != "UTF-8" && name != "GB18030" => {
                let other = Encoding::for_label(name.as_bytes()).unwrap_or(UTF_8);
                return Ok((other, Vec::new()));
            }
            _ if gb && utf8 && self.wide > 0 => {
                return Err(Box::new(fault::otherwise(file, "GB18030", "UTF-8")));
            }
            Some("UTF-8") if self.not_utf8.count > self.not_gb.count * 8 + self.count / 8 => {
                return Err(Box::new(fault::otherwise(file, "UTF-8", "GB18030")));
            }
            Some("UTF-8") => (UTF_8, self.not_utf8),
            _ if gb || !utf8 && self.not_gb.count <= self.not_utf8.count => (GB18030, self.not_gb),
            _ => (UTF_8, self.not_utf8),
        };
        let label = if encoding == UTF_8 {
            "UTF-8"
        } else {
            "GB18030"
        };
        match foreign.first.first() {
            Some(first) if !named && foreign.count * 4 > self.count && self.count > 4 => {
                Err(Box::new(fault::undecodable(file, label, first)))
            }
            _ => {
                let half = |b| fault::half_character(file, label, b);
                Ok((encoding, foreign.first.iter().map(half).collect()))
            }
        }
    }
}

/// The encoding of a table's texts with warnings, or why the table is refused whole.
pub(crate) type Chosen = Result<(&'static Encoding, Vec<Finding>), Box<Finding>>;

/// The text of a field, and whether its width cut a character in two, of which nothing is kept; `None`
/// where it is in another encoding.
pub(super) fn whole<'b>(
    bytes: &'b [u8],
    encoding: &'static Encoding,
) -> Option<(Cow<'b, str>, bool)> {
    let end = bytes.iter().rposition(|b| !matches!(b, 0 | b' '));
    let text = &bytes[..end.map_or(0, |at| at + 1)];
    let decode = |part| encoding.decode_without_bom_handling_and_without_replacement(part);
    let full = text.len() == bytes.len();
    let shortest = text.len().saturating_sub(if full { 3 } else { 0 });
    (shortest..=text.len())
        .rev()
        .find_map(|n| Some((decode(&text[..n])?, n < text.len())))
}
