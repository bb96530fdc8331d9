//! What becomes of bytes that are no character: the text ends with a fault, or goes on without them;
//! and whether the whole is in another encoding than the one read. It refuses to guess a character.

use super::judge::{self, Utf8Watch};
use super::{EncodingFault, Transcoder, read_some, sniff};
use crate::limits::BROKEN_PLACES;
use encoding_rs::{GB18030, UTF_8};
use std::io;

/// What becomes of bytes that are no character of the encoding, half a character mostly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mending {
    /// They end the text with a fault.
    None,
    /// Of GB18030 they become U+FFFD and the text goes on: a department's database cut it.
    Gb,
    /// Of UTF-8 too: tables, which no recommendation asks to refuse.
    All,
}

/// Bytes that are no character, in a text that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The bytes, at most 4.
    pub bytes: Vec<u8>,
    /// Offset of the first of them in the file.
    pub offset: u64,
    /// Line, 1-based.
    pub line: u32,
}

impl<'a> Transcoder<'a> {
    /// Goes on where bytes are no character, and looks out for another encoding than the one read
    /// ([`EncodingFault::Otherwise`]). Called before anything is read.
    #[must_use]
    pub fn mending(mut self, mending: Mending) -> Transcoder<'a> {
        self.mending = mending;
        if mending != Mending::None && self.name == sniff::name_of(GB18030) && !self.marked {
            let start = self.raw.get(self.at..self.end).unwrap_or_default();
            let mut watch = Utf8Watch::default();
            watch.feed(start.get(..sniff::PREFIX).unwrap_or(start));
            self.begins_utf8 = watch.is_utf8();
            self.watch = Some(watch);
        }
        self
    }
}

impl Transcoder<'_> {
    pub(super) fn malformed(&mut self, bad: u8, extra: u8) -> io::Result<()> {
        let (bad, extra) = (usize::from(bad), usize::from(extra));
        let recent = self.recent.to_be_bytes();
        let end = recent.len().saturating_sub(extra);
        let start = end.saturating_sub(bad);
        let broken = Broken {
            bytes: recent.get(start..end).unwrap_or_default().to_vec(),
            offset: self.passed.saturating_sub((bad + extra) as u64),
            line: self.lines.saturating_add(1),
        };
        let is_utf8 = self.name == UTF_8.name();
        let first = self.broken_count == 0 && self.mending != Mending::None;
        if first && is_utf8 && !self.wide && judge::looks_gb(&self.sample(&broken.bytes)?) {
            self.fault = Some(EncodingFault::Otherwise {
                read: self.name,
                found: sniff::name_of(GB18030),
            });
            return Ok(());
        }
        let mends = match self.mending {
            Mending::None => false,
            Mending::Gb => self.name == sniff::name_of(GB18030),
            Mending::All => is_utf8 || self.name == sniff::name_of(GB18030),
        };
        if mends {
            // What is no character is outside of no set; what stands for it has its bytes in the text.
            let here = self.written;
            self.exceeded = self.exceeded.take().filter(|e| e.offset != here);
            self.written += char::REPLACEMENT_CHARACTER.len_utf8() as u64;
            self.broken_count += 1;
            if self.broken.len() < BROKEN_PLACES {
                self.broken.push(broken.clone());
            }
            self.pending = Some(broken);
        } else {
            self.fault = Some(EncodingFault::Undecodable {
                encoding: self.name,
                bytes: broken.bytes,
                offset: broken.offset,
            });
        }
        Ok(())
    }

    /// These bytes and those that follow, [`judge::SAMPLE`] of them where there are so many.
    fn sample(&mut self, first: &[u8]) -> io::Result<Vec<u8>> {
        if self.end - self.at < judge::SAMPLE {
            self.raw.copy_within(self.at..self.end, 0);
            self.end -= self.at;
            self.at = 0;
            while self.end < judge::SAMPLE && !self.ended {
                let space = self.raw.get_mut(self.end..).unwrap_or_default();
                let n = read_some(&mut *self.reader, space)?;
                self.end += n;
                self.ended = n == 0;
            }
        }
        let rest = self.raw.get(self.at..self.end).unwrap_or_default();
        Ok([first, rest.get(..judge::SAMPLE).unwrap_or(rest)].concat())
    }

    /// The first places of a text that goes on where bytes are no character, at most [`BROKEN_PLACES`].
    pub fn broken(&self) -> &[Broken] {
        &self.broken
    }

    /// Whether there are so many of them that the whole is in no encoding that it is read in: more than
    /// one in 64 bytes, and not just a few.
    pub fn is_broken_throughout(&self) -> bool {
        self.broken_count > 8 && self.broken_count * 64 > self.passed
    }

    /// What is read as GB 18030 is UTF-8: to its end, or its first 8 KiB where it is not `whole`.
    pub fn is_utf8(&self, whole: bool) -> bool {
        if whole {
            self.watch.as_ref().is_some_and(Utf8Watch::is_utf8)
        } else {
            self.begins_utf8
        }
    }
}
