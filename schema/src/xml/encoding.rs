//! The text of an XML document as UTF-8, whatever accepted encoding it has: sniffed from the
//! byte-order mark and the declaration (or told by whoever knows better), decoded strictly, the mark
//! removed, line ends untouched. It refuses what it cannot decode exactly; only where it is asked to go
//! on ([`Mending`]) half a character becomes U+FFFD, which no record may hold.

mod fault;
mod judge;
mod mend;
mod narrow;
mod sniff;
mod step;

pub use fault::EncodingFault;
pub use mend::{Broken, Mending};

use super::position::Position;
use encoding_rs::{DecoderResult, Encoding};
use judge::Utf8Watch;
use narrow::NarrowSet;
use sniff::{Decoding, Sniffed};
use std::io::{self, BufRead, Read};

/// Bytes read and decoded at a time.
const PIECE: usize = 64 << 10;
/// Room that any decoder needs to make progress.
const ROOM: usize = 16;

/// How text that declares no encoding is read where it has no byte-order mark either (tables as text).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undeclared {
    /// UTF-8.
    Utf8,
    /// GB18030, and with it GBK and GB2312.
    Gb18030,
    /// What a dialect says.
    Told(TextEncoding),
}

/// An encoding that somebody names who knows the source better than its documents do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextEncoding(&'static Encoding);

impl TextEncoding {
    /// The encoding of a name: those of the WHATWG Encoding Standard, and the names that Chinese systems
    /// use besides. GB2312 and GBK are read as GB18030, which holds both.
    pub fn named(label: &str) -> Option<TextEncoding> {
        sniff::by_label(label).map(|e| TextEncoding(sniff::wider(e)))
    }

    /// Its name, e.g. `UTF-8` or `GB18030`.
    pub fn name(self) -> &'static str {
        sniff::name_of(self.0)
    }
}

/// Opening failed: the reader's error, or a fault of the document.
#[derive(Debug)]
pub(crate) enum OpenError {
    Io(io::Error),
    Fault(EncodingFault),
}

/// One step of decoding.
#[derive(Debug)]
pub(crate) enum Decoded {
    /// So many bytes of text, at least 1, ending with a whole character.
    Text(usize),
    /// Bytes that are no character; the text goes on.
    Broken(Broken),
    /// The end of the document.
    End,
    /// The text so far is good; what follows is not. Stays so.
    Fault(EncodingFault),
}

/// Where a document first leaves the character set it declares (it is read as GB18030 all the
/// same).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exceeded {
    /// The declared name.
    pub label: String,
    /// Offset of the character in the UTF-8 text, in bytes.
    pub offset: u64,
}

/// UTF-8 text of a document in any accepted encoding; memory is two buffers of 64 KiB.
///
/// Accepted: UTF-8, UTF-16 of both orders, GB2312, GBK and GB18030 (all three read as GB18030),
/// US-ASCII, ISO-8859-1 and the other encodings of the WHATWG Encoding Standard.
pub struct Transcoder<'a> {
    reader: Box<dyn Read + 'a>,
    raw: Vec<u8>,
    at: usize,
    end: usize,
    ended: bool,
    decoding: Decoding,
    name: &'static str,
    /// Bytes of the file handed to the decoder so far, and the last eight of them.
    passed: u64,
    recent: u64,
    written: u64,
    fault: Option<EncodingFault>,
    finished: bool,
    narrow: Option<(NarrowSet, String)>,
    mending: Mending,
    /// Bytes that are no character so far, the first [`BROKEN_PLACES`] of them, and lines ended so far.
    broken: Vec<Broken>,
    broken_count: u64,
    pending: Option<Broken>,
    lines: u32,
    /// Whether what is read as GB18030 may be UTF-8, and whether its first bytes are.
    watch: Option<Utf8Watch>,
    begins_utf8: bool,
    /// A character of three bytes has been decoded.
    wide: bool,
    /// The text began with a byte-order mark.
    marked: bool,
    declared: Option<(String, Position)>,
    /// Index in `raw` of the character that leaves the declared set.
    narrow_stop: Option<usize>,
    exceeded: Option<Exceeded>,
    out: Vec<u8>,
    out_at: usize,
    out_end: usize,
}

impl<'a> Transcoder<'a> {
    /// Reads the first bytes and settles the encoding.
    ///
    /// # Errors
    /// The reader's own, or `InvalidData` around an [`EncodingFault`].
    pub fn new(reader: Box<dyn Read + 'a>) -> io::Result<Transcoder<'a>> {
        Transcoder::told(reader, None)
    }

    /// Reads text that is no XML and declares nothing: by its byte-order mark, else as told.
    ///
    /// # Errors
    /// The reader's own, or `InvalidData` around an [`EncodingFault`].
    pub fn undeclared(
        reader: Box<dyn Read + 'a>,
        encoding: Undeclared,
    ) -> io::Result<Transcoder<'a>> {
        Transcoder::begin(reader, |prefix| Ok(sniff::marked_or(prefix, encoding))).map_err(|e| {
            match e {
                OpenError::Io(e) => e,
                OpenError::Fault(fault) => fault.into(),
            }
        })
    }

    /// Reads an XML document in the encoding that somebody tells; a byte-order mark is believed before.
    ///
    /// # Errors
    /// As [`Transcoder::new`].
    pub fn told(
        reader: Box<dyn Read + 'a>,
        told: Option<TextEncoding>,
    ) -> io::Result<Transcoder<'a>> {
        Transcoder::open(reader, told).map_err(|e| match e {
            OpenError::Io(e) => e,
            OpenError::Fault(fault) => fault.into(),
        })
    }

    pub(crate) fn open(
        reader: Box<dyn Read + 'a>,
        told: Option<TextEncoding>,
    ) -> Result<Transcoder<'a>, OpenError> {
        Transcoder::begin(reader, |prefix| sniff::sniff(prefix, told))
    }

    fn begin(
        mut reader: Box<dyn Read + 'a>,
        sniff: impl FnOnce(&[u8]) -> Result<Sniffed, EncodingFault>,
    ) -> Result<Transcoder<'a>, OpenError> {
        let mut raw = vec![0; PIECE];
        let mut end = 0;
        let mut ended = false;
        while end < sniff::PREFIX && !ended {
            let space = raw.get_mut(end..sniff::PREFIX).unwrap_or_default();
            let n = read_some(&mut *reader, space).map_err(OpenError::Io)?;
            end += n;
            ended = n == 0;
        }
        let found = sniff(raw.get(..end).unwrap_or_default()).map_err(OpenError::Fault)?;
        let mut text = Transcoder {
            reader,
            raw,
            at: found.mark_len,
            end,
            ended,
            decoding: found.decoding,
            name: found.name,
            passed: found.mark_len as u64,
            recent: 0,
            written: 0,
            fault: None,
            finished: false,
            narrow: found.narrow,
            mending: Mending::None,
            broken: Vec::new(),
            broken_count: 0,
            lines: 0,
            watch: None,
            begins_utf8: false,
            wide: false,
            marked: found.mark_len > 0,
            declared: found.declared,
            pending: None,
            narrow_stop: None,
            exceeded: None,
            out: Vec::new(),
            out_at: 0,
            out_end: 0,
        };
        text.look_for_exceeding();
        Ok(text)
    }

    /// Name of the encoding that is read: `UTF-8`, `UTF-16LE`, `UTF-16BE`, `GB18030`, ..
    pub fn encoding(&self) -> &'static str {
        self.name
    }

    /// Where the text decoded so far first left the declared set.
    pub(crate) fn exceeded(&self) -> Option<&Exceeded> {
        self.exceeded.as_ref()
    }

    /// Decodes some text into `into`, which has room for at least 16 bytes.
    pub(crate) fn decode(&mut self, into: &mut [u8]) -> io::Result<Decoded> {
        loop {
            if let Some(fault) = &self.fault {
                return Ok(Decoded::Fault(fault.clone()));
            }
            if self.finished {
                return Ok(Decoded::End);
            }
            if let Some(broken) = self.pending.take() {
                return Ok(Decoded::Broken(broken));
            }
            if self.at == self.end && !self.ended {
                self.end = read_some(&mut *self.reader, &mut self.raw)?;
                self.at = 0;
                self.ended = self.end == 0;
                self.look_for_exceeding();
                if let (Some(watch), Some(fresh)) = (&mut self.watch, self.raw.get(..self.end)) {
                    watch.feed(fresh);
                }
            }
            if self.narrow_stop == Some(self.at) {
                self.narrow_stop = None;
                let label = self.narrow.take().map(|n| n.1).unwrap_or_default();
                let offset = self.written;
                self.exceeded = Some(Exceeded { label, offset });
            }
            let stop = self.narrow_stop.unwrap_or(self.end);
            let last = self.ended && stop == self.end;
            let source = self.raw.get(self.at..stop).unwrap_or_default();
            let step = self.decoding.step(source, into, last);
            let taken = source.get(..step.read).unwrap_or_default();
            for byte in taken.iter().rev().take(8).rev() {
                self.recent = self.recent << 8 | u64::from(*byte);
            }
            if self.mending == Mending::All {
                let ends = memchr::memchr_iter(b'\n', taken).count();
                self.lines = self
                    .lines
                    .saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
            }
            self.at += step.read;
            self.passed += step.read as u64;
            self.written += step.written as u64;
            if self.mending != Mending::None && !self.wide {
                let fresh = into.get(..step.written).unwrap_or_default();
                self.wide = fresh.iter().any(|b| *b >= judge::WIDE);
            }
            match step.result {
                DecoderResult::InputEmpty => self.finished = last,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(bad, extra) => self.malformed(bad, extra)?,
            }
            if step.written > 0 {
                return Ok(Decoded::Text(step.written));
            }
        }
    }

    /// The encoding that the document declares, and where.
    pub(crate) fn declared(&self) -> Option<&(String, Position)> {
        self.declared.as_ref()
    }

    /// Looks in the bytes just read for the first character outside the declared set.
    fn look_for_exceeding(&mut self) {
        if self.narrow_stop.is_none()
            && let Some((set, _)) = &mut self.narrow
            && let Some(fresh) = self.raw.get(self.at..self.end)
        {
            self.narrow_stop = set.first_outside(fresh).map(|i| self.at + i);
        }
    }
}

impl Read for Transcoder<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let text = self.fill_buf()?;
        let n = text.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..n), text.get(..n)) {
            to.copy_from_slice(from);
        }
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Transcoder<'_> {
    /// The next text; it ends with a whole character. A byte that cannot be decoded is an error of
    /// kind `InvalidData` around an [`EncodingFault`], after the text before it.
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.out_at == self.out_end {
            let mut out = std::mem::take(&mut self.out);
            out.resize(PIECE + ROOM, 0);
            let decoded = self.decode(&mut out);
            self.out = out;
            self.out_at = 0;
            self.out_end = 0;
            match decoded? {
                Decoded::Text(n) => self.out_end = n,
                Decoded::Broken(_) => {
                    let mended = char::REPLACEMENT_CHARACTER.encode_utf8(&mut [0; 4]).len();
                    if let Some(to) = self.out.get_mut(..mended) {
                        char::REPLACEMENT_CHARACTER.encode_utf8(to);
                        self.out_end = mended;
                    }
                }
                Decoded::End => {}
                Decoded::Fault(fault) => return Err(fault.into()),
            }
        }
        Ok(self.out.get(self.out_at..self.out_end).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.out_at = (self.out_at + amount).min(self.out_end);
    }
}

fn read_some(reader: &mut dyn Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(into) {
            // A reader that claims more than it was given room for is taken at its room.
            Ok(n) => return Ok(n.min(into.len())),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}
