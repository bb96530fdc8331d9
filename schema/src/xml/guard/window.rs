//! The piece of text that the guard looks at: 64 KiB of UTF-8 that slide over the document, with
//! the place of every byte in it. It keeps nothing that has been passed.

use super::class::first_char;
use crate::xml::encoding::{Broken, Decoded, EncodingFault, Transcoder};
use crate::xml::position::Position;
use std::collections::VecDeque;
use std::io;

const SIZE: usize = 64 << 10;
/// What stands for bytes that are no character: U+FFFF, which no document may hold, so that it is met
/// wherever it stands.
pub(super) const STAND_IN: [u8; 3] = [0xEF, 0xBF, 0xBF];

/// What stands after the text seen so far.
pub(super) enum Ahead {
    /// At least as many bytes as asked for.
    Enough,
    /// The document ends before that.
    End,
    /// Bytes that are no text come before that.
    Fault,
}

/// A character outside the set that the document declares.
pub(super) struct Beyond {
    /// The declared name.
    pub label: String,
    pub place: Position,
    pub character: Option<char>,
}

/// A sliding window over the text of a document.
pub(super) struct Window<'a> {
    source: Transcoder<'a>,
    text: Vec<u8>,
    at: usize,
    end: usize,
    /// Offset in the document of the window's first byte.
    base: u64,
    /// Place of the byte at index `placed`, which is at most `at`.
    place: Position,
    placed: usize,
    ended: bool,
    fault: Option<EncodingFault>,
    /// Offsets in the document of the stand-ins that have not been passed, and what they stand for.
    broken: VecDeque<(u64, Broken)>,
    exceeded: Option<Beyond>,
    /// Controls above U+007E end the text: the document declares XML 1.1, which forbids them.
    no_controls: bool,
    control: bool,
}

impl<'a> Window<'a> {
    pub(super) fn new(source: Transcoder<'a>) -> Window<'a> {
        Window {
            source,
            text: vec![0; SIZE],
            at: 0,
            end: 0,
            base: 0,
            place: Position::default(),
            placed: 0,
            ended: false,
            fault: None,
            broken: VecDeque::new(),
            exceeded: None,
            no_controls: false,
            control: false,
        }
    }

    /// The text from here on, as far as it has been decoded.
    #[inline]
    pub(super) fn rest(&self) -> &[u8] {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    /// Passes `n` bytes of [`Window::rest`].
    #[inline]
    pub(super) fn pass(&mut self, n: usize) {
        self.at = (self.at + n).min(self.end);
    }

    /// Offset of this place in the document's UTF-8 text.
    #[inline]
    pub(super) fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// Line and column here; what lies before will not be asked for again.
    pub(super) fn here(&mut self) -> Position {
        self.place = self.place_at(0);
        self.placed = self.at;
        self.place
    }

    /// Line and column `ahead` bytes from here.
    pub(super) fn place_at(&self, ahead: usize) -> Position {
        let to = (self.at + ahead).min(self.end);
        self.place
            .after(self.text.get(self.placed..to).unwrap_or_default())
    }

    /// Line and column of an offset in the document that is still in the window.
    pub(super) fn place_of(&self, offset: u64) -> Position {
        let index = usize::try_from(offset.saturating_sub(self.base)).unwrap_or(usize::MAX);
        let to = index.min(self.end);
        self.place
            .after(self.text.get(self.placed..to).unwrap_or_default())
    }

    /// Sees to it that `n` bytes can be looked at from here; `n` is far below the window's size (a
    /// name, a lookahead, the declaration).
    #[inline]
    pub(super) fn want(&mut self, n: usize) -> io::Result<Ahead> {
        if self.end - self.at >= n {
            return Ok(Ahead::Enough);
        }
        self.fetch(n)
    }

    #[cold]
    fn fetch(&mut self, n: usize) -> io::Result<Ahead> {
        while self.end - self.at < n {
            if self.fault.is_some() || self.control {
                return Ok(Ahead::Fault);
            }
            if self.ended {
                return Ok(Ahead::End);
            }
            self.slide();
            let start = self.end;
            let room = self.text.get_mut(start..).unwrap_or_default();
            match self.source.decode(room)? {
                Decoded::Text(n) => {
                    self.end += n;
                    self.note_exceeding();
                    self.stop_at_control(start);
                }
                Decoded::Broken(broken) => self.stand_in(broken),
                Decoded::End => self.ended = true,
                Decoded::Fault(fault) => self.fault = Some(fault),
            }
        }
        Ok(Ahead::Enough)
    }

    /// Puts a stand-in where bytes are no character; after sliding there is room for it.
    fn stand_in(&mut self, broken: Broken) {
        let to = self.text.get_mut(self.end..self.end + STAND_IN.len());
        if let Some(to) = to {
            to.copy_from_slice(&STAND_IN);
            self.broken.push_back((self.base + self.end as u64, broken));
            self.end += STAND_IN.len();
        }
    }

    /// The bytes that are no character, where their stand-in is here.
    pub(super) fn broken(&self) -> Option<&Broken> {
        let here = self.offset();
        let mut ahead = self.broken.iter().skip_while(|(offset, _)| *offset < here);
        ahead
            .next()
            .filter(|(offset, _)| *offset == here)
            .map(|(_, b)| b)
    }

    /// Passes the stand-in that is here.
    pub(super) fn pass_broken(&mut self) {
        self.pass(STAND_IN.len());
        let here = self.offset();
        while self
            .broken
            .front()
            .is_some_and(|(offset, _)| *offset < here)
        {
            self.broken.pop_front();
        }
    }

    /// Where the text comes from.
    pub(super) fn source(&self) -> &Transcoder<'a> {
        &self.source
    }

    fn slide(&mut self) {
        self.here();
        self.text.copy_within(self.at..self.end, 0);
        self.base += self.at as u64;
        self.end -= self.at;
        self.at = 0;
        self.placed = 0;
    }

    fn note_exceeding(&mut self) {
        if self.exceeded.is_none()
            && let Some(found) = self.source.exceeded()
        {
            let index = usize::try_from(found.offset.saturating_sub(self.base)).ok();
            let rest = index.and_then(|i| self.text.get(i..self.end));
            self.exceeded = Some(Beyond {
                label: found.label.clone(),
                place: self.place_of(found.offset),
                character: rest.and_then(first_char).map(|(c, _)| c),
            });
        }
    }

    /// Forbids U+007F to U+009F but U+0085 from here on.
    pub(super) fn forbid_controls(&mut self) {
        self.no_controls = true;
        self.stop_at_control(self.at);
    }

    fn stop_at_control(&mut self, start: usize) {
        if !self.no_controls || self.control {
            return;
        }
        let fresh = self.text.get(start..self.end).unwrap_or_default();
        let found = fresh.iter().enumerate().position(|(i, &b)| {
            b == 0x7F || b == 0xC2 && matches!(fresh.get(i + 1), Some(0x80..=0x84 | 0x86..=0x9F))
        });
        if let Some(i) = found {
            self.end = start + i;
            self.control = true;
        }
    }

    /// What is no text after [`Window::rest`], if [`Ahead::Fault`] was the answer; none stands for
    /// a control that the declared version forbids.
    pub(super) fn fault(&self) -> Option<&EncodingFault> {
        self.fault.as_ref()
    }

    /// Where the document left the set it declares, in the text decoded so far.
    pub(super) fn exceeded(&self) -> Option<&Beyond> {
        self.exceeded.as_ref()
    }
}
