//! A text that has passed the guard, piece by piece: tags, texts, references, each lent from a window over
//! the text. It trusts the guard: it looks for the end of each piece and for no fault within. Where a text
//! breaks off or holds a DTD all the same it stops with an error; it never panics. Places are counted only
//! where they are asked for.

mod tag;

use super::position::Position;
use crate::short::Word;
use quick_xml::events::BytesText;
use std::borrow::Cow;
use std::cell::Cell;
use std::io::{self, BufRead};
use tag::{Attributes, name_end, tag_end};

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A start tag, or an empty element, which an [`Piece::End`] follows.
    Start,
    /// An end tag.
    End,
    /// Characters up to the next tag or reference, line ends as written.
    Text,
    /// A CDATA section.
    Section,
    /// A reference; its text is the name between `&` and `;`.
    Reference,
    /// A comment, an instruction or the declaration.
    Other,
    /// The end of the text, again and again.
    Eof,
}

/// Room that is asked for once; a longer piece grows it.
const WINDOW: usize = 128 << 10;

/// The pieces of a text.
pub struct Puller<R: BufRead> {
    input: R,
    window: String,
    /// Bytes of a character that the input cut.
    cut: Vec<u8>,
    /// Whether a CR was met.
    has_returns: bool,
    ended: bool,
    /// Where the next piece begins.
    next: usize,
    /// Where the present one begins, and its text.
    start: usize,
    text: (usize, usize),
    /// Of a tag: bytes of its name, and of the prefix with its colon.
    name: usize,
    prefix: usize,
    empty: bool,
    place: Cell<Position>,
    placed: Cell<usize>,
}

impl<R: BufRead> Puller<R> {
    /// Reads UTF-8 from its first byte.
    pub fn new(input: R) -> Puller<R> {
        Puller {
            input,
            window: String::with_capacity(WINDOW),
            cut: Vec::new(),
            has_returns: false,
            ended: false,
            next: 0,
            start: 0,
            text: (0, 0),
            name: 0,
            prefix: 0,
            empty: false,
            place: Cell::default(),
            placed: Cell::new(0),
        }
    }

    /// Goes on to the next piece.
    ///
    /// # Errors
    /// What the input reports; a text that is no UTF-8, breaks off within a piece, or has a DTD.
    #[inline]
    pub fn pull(&mut self) -> io::Result<Piece> {
        self.start = self.next;
        if self.empty {
            self.empty = false;
            return Ok(Piece::End);
        }
        match self.window.as_bytes().get(self.next).copied() {
            Some(b'<') => self.markup(),
            Some(b'&') => {
                let end = self.find(1, b";")?;
                Ok(self.piece(Piece::Reference, 1, end, 1))
            }
            Some(_) => self.characters(),
            None if self.more()? => self.pull(),
            None => Ok(Piece::Eof),
        }
    }

    /// The text of the present piece: of a start tag what stands between `<` and `>`, of a reference
    /// its name.
    #[inline]
    pub fn text(&self) -> &str {
        self.window
            .get(self.text.0..self.text.1)
            .unwrap_or_default()
    }

    /// The text of the present piece with line ends as LF (XML 1.0, section 2.11).
    #[inline]
    pub fn content(&self) -> Cow<'_, str> {
        match self.has_returns {
            false => Cow::Borrowed(self.text()),
            true => match BytesText::from_escaped(self.text()).xml10_content() {
                Cow::Borrowed(_) => Cow::Borrowed(self.text()),
                Cow::Owned(text) => Cow::Owned(text),
            },
        }
    }

    /// The name of the present start tag, as written.
    #[inline]
    pub fn name(&self) -> &str {
        self.text().get(..self.name).unwrap_or_default()
    }

    /// The name of the present start tag without its prefix.
    #[inline]
    pub fn local_name(&self) -> &str {
        self.text().get(self.prefix..self.name).unwrap_or_default()
    }

    /// Whether the present start tag has attributes.
    #[inline]
    pub fn has_attributes(&self) -> bool {
        self.text.1 - self.text.0 > self.name
    }

    /// The attributes of the present start tag: names as written, values as written between their quotes.
    #[inline]
    pub fn attributes(&self) -> Attributes<'_> {
        Attributes::of(self.text().get(self.name..).unwrap_or_default())
    }

    /// Where the present piece begins.
    #[inline]
    pub fn place(&self) -> Position {
        self.place_of(self.start)
    }

    /// Where the reader stands.
    pub fn here(&self) -> Position {
        self.place_of(self.next)
    }

    #[inline]
    fn place_of(&self, at: usize) -> Position {
        let mut place = self.place.get();
        if let Some(passed) = self.window.as_bytes().get(self.placed.get()..at) {
            place.advance(passed);
            self.place.set(place);
            self.placed.set(at);
        }
        place
    }

    /// Takes a piece whose text begins `lead` bytes from here, ends at `end` and is followed by `trail`.
    #[inline]
    fn piece(&mut self, piece: Piece, lead: usize, end: usize, trail: usize) -> Piece {
        self.text = (self.next + lead, end);
        self.next = end + trail;
        piece
    }

    fn characters(&mut self) -> io::Result<Piece> {
        let mut seen = 0;
        loop {
            let rest = self.rest(seen);
            if let Some(n) = text_end(rest) {
                let end = self.next + seen + n;
                return Ok(self.piece(Piece::Text, 0, end, 0));
            }
            seen += rest.len();
            if !self.more()? {
                let end = self.next + seen;
                return Ok(self.piece(Piece::Text, 0, end, 0));
            }
        }
    }

    /// At `<`.
    #[inline]
    fn markup(&mut self) -> io::Result<Piece> {
        match self.window.as_bytes().get(self.next + 1).copied() {
            Some(b'/') => {
                let end = self.find(2, b">")?;
                Ok(self.piece(Piece::End, 2, end, 1))
            }
            Some(b'!') => self.bang(),
            Some(b'?') => {
                let end = self.find(2, b"?>")?;
                Ok(self.piece(Piece::Other, 2, end, 2))
            }
            Some(_) => self.start_tag(),
            None if self.more()? => self.markup(),
            None => Err(broken_off()),
        }
    }

    fn bang(&mut self) -> io::Result<Piece> {
        const SECTION: &[u8] = b"<![CDATA[";
        while self.rest(0).len() < SECTION.len() && self.more()? {}
        if self.rest(0).starts_with(SECTION) {
            let end = self.find(SECTION.len(), b"]]>")?;
            return Ok(self.piece(Piece::Section, SECTION.len(), end, 3));
        }
        if self.rest(0).starts_with(b"<!--") {
            let end = self.find(4, b"-->")?;
            return Ok(self.piece(Piece::Other, 4, end, 3));
        }
        Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a declaration within the text",
        ))
    }

    #[inline]
    fn start_tag(&mut self) -> io::Result<Piece> {
        loop {
            let rest = self.rest(1);
            let (name, prefix) = name_end(rest);
            let whole = match rest.get(name) {
                Some(b'>') => Some((name, name)),
                Some(_) => tag_end(rest, name).map(|end| (name, end)),
                None => None,
            };
            let Some((name, end)) = whole else {
                match self.more()? {
                    true => continue,
                    false => return Err(broken_off()),
                }
            };
            self.empty = end > name && rest.get(end - 1) == Some(&b'/');
            (self.name, self.prefix) = (name, prefix);
            let slash = usize::from(self.empty);
            let end = self.next + 1 + end - slash;
            return Ok(self.piece(Piece::Start, 1, end, 1 + slash));
        }
    }

    /// Index of the next such bytes, from so many bytes behind here on.
    #[inline]
    fn find(&mut self, from: usize, wanted: &[u8]) -> io::Result<usize> {
        let mut seen = from;
        loop {
            let rest = self.rest(seen);
            let found = match wanted {
                [one] => memchr::memchr(*one, rest),
                several => memchr::memmem::find(rest, several),
            };
            if let Some(n) = found {
                return Ok(self.next + seen + n);
            }
            // What is looked for may begin in the last bytes.
            seen = from.max((seen + rest.len()).saturating_sub(wanted.len() - 1));
            if !self.more()? {
                return Err(broken_off());
            }
        }
    }

    /// What is in the window from so many bytes behind here on.
    #[inline]
    fn rest(&self, from: usize) -> &[u8] {
        self.window
            .as_bytes()
            .get(self.next + from..)
            .unwrap_or_default()
    }

    /// Fetches more text behind the window, and lets go of what lies before the present piece; whether
    /// there was any.
    #[cold]
    fn more(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        self.here();
        self.window.drain(..self.next);
        self.placed.set(0);
        (self.next, self.start) = (0, 0);
        let before = self.window.len();
        while self.window.len() == before {
            let fresh = match self.input.fill_buf() {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            let length = fresh.len();
            if length == 0 {
                self.ended = true;
                return match self.cut.is_empty() {
                    true => Ok(false),
                    false => Err(no_text()),
                };
            }
            if self.cut.is_empty() {
                take(fresh, &mut self.window, &mut self.cut)?;
            } else {
                let whole = [&self.cut, fresh].concat();
                self.cut.clear();
                take(&whole, &mut self.window, &mut self.cut)?;
            }
            self.has_returns |= memchr::memchr(b'\r', fresh).is_some();
            self.input.consume(length);
        }
        Ok(true)
    }
}

/// Where a text ends: at the next tag or reference. Most are short.
#[inline]
fn text_end(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < SHORT
        && let Some(word) = Word::first(text.get(at..)?)
    {
        if let Some(n) = Word::lowest(word.is(b'<') | word.is(b'&')) {
            return Some(at + n);
        }
        at += 8;
    }
    Some(at + memchr::memchr2(b'<', b'&', text.get(at..)?)?)
}

/// Up to so many bytes are looked at here before a search is called.
const SHORT: usize = 32;

/// Adds bytes to a text; those of a character that is cut at their end are kept for the next time.
fn take(bytes: &[u8], into: &mut String, cut: &mut Vec<u8>) -> io::Result<()> {
    let good = match simdutf8::compat::from_utf8(bytes) {
        Ok(text) => {
            into.push_str(text);
            return Ok(());
        }
        Err(e) if e.error_len().is_some() => return Err(no_text()),
        Err(e) => e.valid_up_to(),
    };
    let (whole, rest) = bytes.split_at_checked(good).unwrap_or_default();
    into.push_str(std::str::from_utf8(whole).map_err(|_| no_text())?);
    cut.extend_from_slice(rest);
    Ok(())
}

fn broken_off() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the text breaks off")
}

fn no_text() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "bytes that are no UTF-8")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;
    use crate::xml::PositionedReader;
    use quick_xml::events::Event;

    /// Pieces with their texts and places, read in portions of a size.
    fn pieces(text: &str, size: usize) -> Vec<(Piece, String, u32, u32)> {
        let mut puller = Puller::new(io::BufReader::with_capacity(size, text.as_bytes()));
        let mut all = Vec::new();
        loop {
            let piece = puller.pull().unwrap();
            let place = puller.place();
            let text = match piece {
                Piece::Eof => return all,
                Piece::End | Piece::Other => String::new(),
                _ => puller.text().to_owned(),
            };
            all.push((piece, text, place.line, place.column));
        }
    }

    /// The same by quick-xml.
    fn events(text: &str) -> Vec<(Piece, String, u32, u32)> {
        let mut reader = PositionedReader::new(text.as_bytes());
        reader.config_mut().expand_empty_elements = true;
        let mut all = Vec::new();
        loop {
            let placed = reader.next().unwrap();
            let (piece, text) = match &placed.event {
                Event::Start(tag) => (Piece::Start, tag.as_ref().to_owned()),
                Event::End(_) => (Piece::End, String::new()),
                Event::Text(text) => (Piece::Text, text.as_ref().to_owned()),
                Event::CData(text) => (Piece::Section, text.as_ref().to_owned()),
                Event::GeneralRef(name) => (Piece::Reference, name.as_ref().to_owned()),
                Event::Eof => return all,
                _ => (Piece::Other, String::new()),
            };
            all.push((piece, text, placed.line, placed.column));
        }
    }

    #[test]
    fn the_pieces_are_those_of_quick_xml() {
        let long = "长".repeat(70_000);
        for text in [
            "<a>x</a>",
            "<?xml version='1.0'?>\r\n<a b='1'>\n <p:b x=\"a>b'\" y='\"/>'/>文&amp;&#x4EF6;\r\n</a >\n",
            "<a><!-- <b> -- --><![CDATA[<c>]] ]]><?d e?><b /><b/>\r\r</a><!---->",
            &format!("<a><b>{long}</b><!--{long}--><c d='{long}'/><![CDATA[{long}]]></a>"),
        ] {
            let wanted = events(text);
            for size in [1, 2, 3, 7, 4096, 1 << 20] {
                if text.len() < 1000 || size > 1000 {
                    assert_eq!(pieces(text, size), wanted, "{size}");
                }
            }
        }
    }

    #[test]
    fn a_tag_has_a_name_and_attributes() {
        let mut puller = Puller::new(&b"<p:a  x='1' y = \"2>\" /><b>"[..]);
        assert_eq!(puller.pull().unwrap(), Piece::Start);
        assert_eq!((puller.name(), puller.local_name()), ("p:a", "a"));
        let all: Vec<_> = puller.attributes().collect();
        assert_eq!(all, [("x", "1"), ("y", "2>")]);
        assert_eq!(puller.pull().unwrap(), Piece::End);
        assert_eq!(puller.pull().unwrap(), Piece::Start);
        assert!(!puller.has_attributes());
        assert_eq!(puller.pull().unwrap(), Piece::Eof);
    }

    #[test]
    fn what_no_guard_lets_pass_is_an_error() {
        for text in [
            "<a",
            "<a b='",
            "<",
            "<a>&amp",
            "<!DOCTYPE a><a/>",
            "<!-- a",
            "<![CDATA[a",
            "<?a",
            "</a",
        ] {
            let mut puller = Puller::new(text.as_bytes());
            let mut pieces = 0;
            let failed = loop {
                match puller.pull() {
                    Err(_) => break true,
                    Ok(Piece::Eof) => break false,
                    Ok(_) => pieces += 1,
                }
            };
            assert!(failed && pieces < 3, "{text}");
        }
        assert!(Puller::new(&b"<\xFF>"[..]).pull().is_err());
        assert!(Puller::new(&b"\xE4\xBB"[..]).pull().is_err());
    }
}
