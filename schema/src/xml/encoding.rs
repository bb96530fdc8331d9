//! The text of an XML document as UTF-8, whatever accepted encoding it has: sniffed from the
//! byte-order mark and the declaration, decoded strictly, the mark removed, line ends untouched.
//! It refuses what it cannot decode exactly; it never replaces a byte.

mod narrow;
mod sniff;

use encoding_rs::{DecoderResult, Encoding};
use narrow::NarrowSet;
use sniff::{Decoding, Sniffed};
use std::io::{self, BufRead, Read};

/// Bytes read and decoded at a time.
const PIECE: usize = 64 << 10;
/// Room that any decoder needs to make progress.
const ROOM: usize = 16;

/// Why bytes are not the text of a document. At the gate each is one X2xx error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodingFault {
    /// The declared encoding, or the one the first bytes show, is not known here.
    #[error("line {line} column {column}: unknown encoding \"{label}\"")]
    Unknown {
        /// The name.
        label: String,
        /// Line of the name in the declaration.
        line: u32,
        /// Column of the name.
        column: u32,
    },
    /// The declared encoding cannot be that of the bytes.
    #[error("line {line} column {column}: \"{label}\" is declared, the bytes are {found}")]
    Contradicts {
        /// The declared name.
        label: String,
        /// What the bytes are.
        found: &'static str,
        /// Line of the name in the declaration.
        line: u32,
        /// Column of the name.
        column: u32,
    },
    /// UTF-16 with neither a byte-order mark nor a declaration (XML 1.0 section 4.3.3).
    #[error("{found} with neither byte-order mark nor encoding declaration")]
    NoMark {
        /// What the bytes look like.
        found: &'static str,
    },
    /// Bytes that are no character of the encoding.
    #[error("bytes {bytes:02X?} at offset {offset} are no {encoding}")]
    Undecodable {
        /// The encoding read.
        encoding: &'static str,
        /// The bytes, at most 4.
        bytes: Vec<u8>,
        /// Offset of the first of them in the file.
        offset: u64,
    },
}

impl EncodingFault {
    /// Never: the same bytes give the same answer.
    pub fn is_transient(&self) -> bool {
        false
    }
}

impl From<EncodingFault> for io::Error {
    fn from(fault: EncodingFault) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, fault)
    }
}

/// How text that declares no encoding is read where it has no byte-order mark either (tables as text).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undeclared {
    /// UTF-8.
    Utf8,
    /// GB18030, and with it GBK and GB2312.
    Gb18030,
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
        Transcoder::open(reader).map_err(|e| match e {
            OpenError::Io(e) => e,
            OpenError::Fault(fault) => fault.into(),
        })
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

    pub(crate) fn open(reader: Box<dyn Read + 'a>) -> Result<Transcoder<'a>, OpenError> {
        Transcoder::begin(reader, sniff::sniff)
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
            if self.at == self.end && !self.ended {
                self.end = read_some(&mut *self.reader, &mut self.raw)?;
                self.at = 0;
                self.ended = self.end == 0;
                self.look_for_exceeding();
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
            for byte in source.iter().take(step.read).rev().take(8).rev() {
                self.recent = self.recent << 8 | u64::from(*byte);
            }
            self.at += step.read;
            self.passed += step.read as u64;
            self.written += step.written as u64;
            match step.result {
                DecoderResult::InputEmpty => self.finished = last,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(bad, extra) => self.undecodable(bad, extra),
            }
            if step.written > 0 {
                return Ok(Decoded::Text(step.written));
            }
        }
    }

    fn undecodable(&mut self, bad: u8, extra: u8) {
        let (bad, extra) = (usize::from(bad), usize::from(extra));
        let recent = self.recent.to_be_bytes();
        let end = recent.len().saturating_sub(extra);
        let start = end.saturating_sub(bad);
        self.fault = Some(EncodingFault::Undecodable {
            encoding: self.name,
            bytes: recent.get(start..end).unwrap_or_default().to_vec(),
            offset: self.passed.saturating_sub((bad + extra) as u64),
        });
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

/// What one call of a decoder did.
struct Step {
    result: DecoderResult,
    read: usize,
    written: usize,
}

impl Decoding {
    fn step(&mut self, source: &[u8], into: &mut [u8], last: bool) -> Step {
        match self {
            Decoding::Standard(decoder) => {
                let (result, read, written) =
                    decoder.decode_to_utf8_without_replacement(source, into, last);
                Step {
                    result,
                    read,
                    written,
                }
            }
            Decoding::Latin1 => {
                let (read, written) =
                    encoding_rs::mem::convert_latin1_to_utf8_partial(source, into);
                let whole = read == source.len();
                Step {
                    result: if whole {
                        DecoderResult::InputEmpty
                    } else {
                        DecoderResult::OutputFull
                    },
                    read,
                    written,
                }
            }
            Decoding::Ascii => ascii_step(source, into),
        }
    }
}

fn ascii_step(source: &[u8], into: &mut [u8]) -> Step {
    let n = source.len().min(into.len());
    let good = Encoding::ascii_valid_up_to(source.get(..n).unwrap_or_default());
    if let (Some(to), Some(from)) = (into.get_mut(..good), source.get(..good)) {
        to.copy_from_slice(from);
    }
    let (result, read) = if good < n {
        (DecoderResult::Malformed(1, 0), good + 1)
    } else if n < source.len() {
        (DecoderResult::OutputFull, good)
    } else {
        (DecoderResult::InputEmpty, good)
    };
    Step {
        result,
        read,
        written: good,
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
