//! Line and column of a place in a text, kept by counting as the text passes, and quick-xml events
//! with the place where each begins. It keeps no text and no list of lines.

use quick_xml::events::Event;
use std::io::{self, BufRead, Read};

/// Up to so many bytes a simple loop is quicker than searching.
const SHORT: usize = 256;

/// A place in a UTF-8 text: line and column are 1-based, the column counts characters. A line ends
/// with LF, CR LF or a lone CR, as XML 1.0 section 2.11 reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line, 1-based; stops at `u32::MAX`.
    pub line: u32,
    /// Column in characters, 1-based; stops at `u32::MAX`.
    pub column: u32,
    /// The last byte was a CR that has been counted; an LF that follows belongs to it.
    after_cr: bool,
}

impl Default for Position {
    fn default() -> Position {
        Position::at(1, 1)
    }
}

impl Position {
    /// A known place.
    pub fn at(line: u32, column: u32) -> Position {
        Position {
            line,
            column,
            after_cr: false,
        }
    }

    /// Moves over the bytes. They may end anywhere, within a character or between CR and LF.
    #[inline]
    pub fn advance(&mut self, bytes: &[u8]) {
        match bytes.len() <= SHORT {
            true => self.step(bytes),
            false => self.leap(bytes),
        }
    }

    /// Moves over a few bytes: eight at a time where no control is among them, else one by one.
    #[inline]
    fn step(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            if let Some(characters) = plain(u64::from_ne_bytes(*word)) {
                self.column = self.column.saturating_add(characters);
                self.after_cr = false;
            } else {
                self.step_slowly(word);
            }
        }
        self.step_slowly(rest);
    }

    #[inline]
    fn step_slowly(&mut self, bytes: &[u8]) {
        for b in bytes {
            let after_cr = std::mem::replace(&mut self.after_cr, *b == b'\r');
            match b {
                b'\n' if after_cr => {}
                b'\n' | b'\r' => {
                    self.line = self.line.saturating_add(1);
                    self.column = 1;
                }
                _ => self.column = self.column.saturating_add(u32::from(b & 0xC0 != 0x80)),
            }
        }
    }

    /// Moves over many bytes, from one end of a line to the next.
    fn leap(&mut self, mut bytes: &[u8]) {
        if self.after_cr {
            self.after_cr = false;
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        let Some(last) = memchr::memrchr2(b'\n', b'\r', bytes) else {
            self.column = self.column.saturating_add(characters(bytes));
            return;
        };
        let mut breaks = memchr::memchr_iter(b'\n', bytes).count();
        for i in memchr::memchr_iter(b'\r', bytes) {
            match bytes.get(i + 1) {
                Some(b'\n') => {}
                Some(_) => breaks += 1,
                None => {
                    breaks += 1;
                    self.after_cr = true;
                }
            }
        }
        let breaks = u32::try_from(breaks).unwrap_or(u32::MAX);
        self.line = self.line.saturating_add(breaks);
        self.column = characters(bytes.get(last + 1..).unwrap_or_default()).saturating_add(1);
    }

    /// The place after the bytes.
    #[must_use]
    pub fn after(mut self, bytes: &[u8]) -> Position {
        self.advance(bytes);
        self
    }
}

/// How many characters begin in eight bytes; none where one of them is below 0x10, so may end a line.
#[inline]
fn plain(word: u64) -> Option<u32> {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    const LOW: u64 = 0x1010_1010_1010_1010;
    const ONES: u64 = 0x0101_0101_0101_0101;
    if word.wrapping_sub(LOW) & !word & HIGH != 0 {
        return None;
    }
    // Of a byte that goes on with a character the first bit is set and the second is not.
    let going_on = (word & !(word << 1) & HIGH) >> 7;
    let count = going_on.wrapping_mul(ONES) >> 56;
    Some(8 - u32::try_from(count).unwrap_or(0))
}

/// Characters of UTF-8 bytes: those that do not continue one.
fn characters(bytes: &[u8]) -> u32 {
    let count = bytes.iter().filter(|b| **b & 0xC0 != 0x80).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Bytes that are read at once: the layers below are asked for each, not for each event.
const PIECE: usize = 64 << 10;

/// A [`BufRead`] that keeps the place of what has been consumed. It has a buffer of its own.
#[derive(Debug)]
pub struct Counted<R> {
    inner: R,
    place: Position,
    buffer: Vec<u8>,
    /// What of the buffer is read and not consumed.
    at: usize,
    end: usize,
}

impl<R: Read> Counted<R> {
    /// Counts from the first byte of `inner`.
    pub fn new(inner: R) -> Counted<R> {
        Counted {
            inner,
            place: Position::default(),
            buffer: vec![0; PIECE],
            at: 0,
            end: 0,
        }
    }

    /// The place of the next byte.
    pub fn place(&self) -> Position {
        self.place
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(buf)?;
        self.consume(n);
        Ok(n)
    }
}

impl<R: Read> BufRead for Counted<R> {
    #[inline]
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.end {
            (self.at, self.end) = (0, 0);
            self.end = self.inner.read(&mut self.buffer)?;
        }
        Ok(self.buffer.get(self.at..self.end).unwrap_or_default())
    }

    #[inline]
    fn consume(&mut self, amount: usize) {
        let next = (self.at + amount).min(self.end);
        if let Some(passed) = self.buffer.get(self.at..next) {
            self.place.advance(passed);
        }
        self.at = next;
    }
}

/// An event with the place where it begins (its `<`, its `&`, or the first character of a text).
#[derive(Debug)]
pub struct Placed<'e> {
    /// The event; its text is UTF-8 and still escaped, its line ends as written.
    pub event: Event<'e>,
    /// Line, 1-based.
    pub line: u32,
    /// Column in characters, 1-based.
    pub column: u32,
}

/// quick-xml over a UTF-8 text (a [`Transcoder`](super::Transcoder), or any `BufRead` of
/// UTF-8), giving each event with its place. It checks what quick-xml checks and no more: the text
/// has passed the guard before.
pub struct PositionedReader<R: Read> {
    reader: quick_xml::Reader<Counted<R>>,
    buffer: Vec<u8>,
}

impl<R: Read> PositionedReader<R> {
    /// Reads `text` from its first byte, with quick-xml's own defaults.
    pub fn new(text: R) -> PositionedReader<R> {
        PositionedReader {
            reader: quick_xml::Reader::from_reader(Counted::new(text)),
            buffer: Vec::new(),
        }
    }

    /// quick-xml's settings (trimming, empty elements as two events, ..).
    pub fn config_mut(&mut self) -> &mut quick_xml::reader::Config {
        self.reader.config_mut()
    }

    /// The next event and its place; `Event::Eof` at the end, again and again.
    ///
    /// # Errors
    /// What quick-xml refuses, and what the underlying reader reports.
    #[expect(
        clippy::should_implement_trait,
        reason = "an event borrows the reader's buffer, an iterator's item cannot"
    )]
    pub fn next(&mut self) -> quick_xml::Result<Placed<'_>> {
        let Position { line, column, .. } = self.reader.get_ref().place();
        self.buffer.clear();
        let event = self.reader.read_event_into(&mut self.buffer)?;
        Ok(Placed {
            event,
            line,
            column,
        })
    }

    /// The place where the next event begins, or where an error stopped the reader.
    pub fn place(&self) -> Position {
        self.reader.get_ref().place()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    fn at(text: &str) -> (u32, u32) {
        let p = Position::default().after(text.as_bytes());
        (p.line, p.column)
    }

    #[test]
    fn lines_end_in_three_ways_and_columns_count_characters() {
        assert_eq!(at(""), (1, 1));
        assert_eq!(at("ab"), (1, 3));
        assert_eq!(at("办件"), (1, 3));
        assert_eq!(at("a\nb"), (2, 2));
        assert_eq!(at("a\r\nb"), (2, 2));
        assert_eq!(at("a\rb"), (2, 2));
        assert_eq!(at("a\r\rb\n\n"), (5, 1));
        assert_eq!(at("a\n\r\n办"), (3, 2));
    }

    #[test]
    fn the_place_does_not_depend_on_the_pieces() {
        let text = "一\r\n\r\r\n二三\n\n\r四\r";
        let whole = Position::default().after(text.as_bytes());
        for size in 1..text.len() {
            let mut p = Position::default();
            text.as_bytes().chunks(size).for_each(|c| p.advance(c));
            assert_eq!(p, whole, "pieces of {size}");
        }
    }

    proptest::proptest! {
        #[test]
        fn words_at_once_count_as_characters_do(text in "[a-z办\n\r\t\u{f}\u{10}\u{7f}é]{0,80}") {
            let (mut line, mut column, mut before) = (1, 1, ' ');
            for c in text.chars() {
                match (before, c) {
                    ('\r', '\n') => {}
                    (_, '\n' | '\r') => (line, column) = (line + 1, 1),
                    _ => column += 1,
                }
                before = c;
            }
            proptest::prop_assert_eq!(at(&text), (line, column));
        }
    }

    #[test]
    fn events_carry_the_place_where_they_begin() {
        let text = "<a>\n <b x='1'/>文&amp;<![CDATA[y]]></a>";
        for piece in [1, 3, 1000] {
            let source = io::BufReader::with_capacity(piece, text.as_bytes());
            let mut reader = PositionedReader::new(source);
            let mut seen = Vec::new();
            loop {
                let p = reader.next().unwrap();
                if p.event == Event::Eof {
                    break;
                }
                seen.push((p.line, p.column));
            }
            let want = [(1, 1), (1, 4), (2, 2), (2, 12), (2, 13), (2, 18), (2, 31)];
            assert_eq!(seen, want, "pieces of {piece}");
        }
    }
}
