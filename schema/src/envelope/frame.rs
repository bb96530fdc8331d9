//! The frame: an encoder of a few lines and a sans-IO decoder that takes bytes as they come. Bounded
//! by limits; it never panics, and any split of the bytes gives the same events. Refuses to
//! decompress, and to parse the head before the caller has verified its signature.

use crate::code::transport;
use crate::finding::{Finding, Place};
use crate::limits;
use thiserror::Error;

/// First bytes of every envelope: name and version of the frame.
pub const MAGIC: &[u8; 4] = b"TCE1";
/// What follows the last chunk of an item.
pub const ITEM_END: [u8; 4] = 0u32.to_be_bytes();
/// What follows the last item.
pub const FRAME_END: [u8; 4] = u32::MAX.to_be_bytes();
/// Bytes of a signature: 64 for Ed25519; room for the DER of other suites.
const SIGNATURE_BYTES: usize = 512;
/// Bytes of one compressed chunk: zstd's bound for [`limits::CHUNK_BYTES`] of noise, and a margin.
const WIRE_CHUNK_BYTES: usize = limits::CHUNK_BYTES + limits::CHUNK_BYTES / 128 + 1024;

/// The bytes before the first item. `head` is what was signed.
pub fn preamble(node: &str, signature: &[u8], head: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(12 + node.len() + signature.len() + head.len());
    out.extend_from_slice(MAGIC);
    // Lengths beyond the limits cannot be written truthfully; the decoder refuses what is longer.
    out.extend_from_slice(&u16::try_from(node.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(node.as_bytes());
    let length = u16::try_from(signature.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(signature);
    out.extend_from_slice(&u32::try_from(head.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(head);
    out
}

/// The four bytes before a compressed chunk of that many bytes (at least 1, at most the limit).
pub fn chunk_header(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).unwrap_or(u32::MAX - 1).to_be_bytes()
}

/// What the decoder has read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameEvent {
    /// Who says that it sends, before any byte of the head: a stranger needs to be heard no longer.
    Sender {
        /// Sending node as it calls itself.
        node: String,
        /// Signature over the head.
        signature: Vec<u8>,
        /// Bytes of the head that follows, at most [`limits::HEAD_BYTES`].
        head_bytes: usize,
    },
    /// The head; verify the signature over it before going on.
    Head {
        /// Its bytes, unparsed.
        bytes: Vec<u8>,
    },
    /// One chunk, still compressed.
    Chunk {
        /// Item, 0-based.
        item: u32,
        /// A zstd frame.
        bytes: Vec<u8>,
    },
    /// The item is complete.
    ItemEnd {
        /// Item, 0-based.
        item: u32,
    },
    /// The envelope is complete.
    End,
}

/// Why a frame cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FrameError {
    /// It does not begin with [`MAGIC`].
    #[error("the frame does not begin with TCE1")]
    Magic,
    /// The node name is empty, no ASCII or too long.
    #[error("the node name in the preamble cannot be read")]
    Node,
    /// A length exceeds its limit.
    #[error("{what} is {found}, over the limit of {limit}")]
    OverLimit {
        /// What was measured.
        what: &'static str,
        /// The declared length.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// The end mark comes before the mark that closes an item.
    #[error("the frame ends while item {item} is open")]
    OpenItem {
        /// Item, 1-based.
        item: u32,
    },
    /// Bytes follow the end.
    #[error("bytes follow the end of the frame")]
    AfterEnd,
    /// The bytes stop before the end.
    #[error("the frame breaks off in item {item}")]
    Truncated {
        /// Item that was being read, 1-based; 0 in the preamble.
        item: u32,
    },
}

impl FrameError {
    /// The finding for the receipt: X104 truncated, X105 over a limit, X107 otherwise.
    pub fn finding(&self) -> Finding {
        match self {
            FrameError::Truncated { item } => {
                Finding::new(transport::TRUNCATED, Place::default()).with("item", item)
            }
            FrameError::OverLimit { what, found, limit } => {
                Finding::new(transport::OVER_LIMIT, Place::default())
                    .with("what", what)
                    .with("found", found)
                    .with("limit", limit)
            }
            other => Finding::new(transport::BAD_FRAME, Place::default()).with("detail", other),
        }
    }

    /// Whether sending again may help: only for a truncated frame, the same bytes fail again.
    pub fn is_transient(&self) -> bool {
        matches!(self, FrameError::Truncated { .. })
    }
}

/// What the decoder waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    Magic,
    NodeLength,
    Node,
    SignatureLength,
    Signature,
    HeadLength,
    Head,
    ChunkLength,
    Chunk,
    Done,
}

/// The decoder: feed it with [`FrameDecoder::push`], close it with [`FrameDecoder::finish`]. Holds at
/// most one piece (head or chunk) in memory besides the events it hands out.
#[derive(Debug)]
pub struct FrameDecoder {
    wait: Wait,
    need: usize,
    held: Vec<u8>,
    node: String,
    signature: Vec<u8>,
    item: u32,
    in_item: bool,
    failed: Option<FrameError>,
}

impl Default for FrameDecoder {
    fn default() -> FrameDecoder {
        FrameDecoder::new()
    }
}

impl FrameDecoder {
    /// A decoder at the beginning of a frame.
    pub fn new() -> FrameDecoder {
        FrameDecoder {
            wait: Wait::Magic,
            need: MAGIC.len(),
            held: Vec::new(),
            node: String::new(),
            signature: Vec::new(),
            item: 0,
            in_item: false,
            failed: None,
        }
    }

    /// Takes the next bytes and gives what became whole. Where events precede a fault, the events
    /// come now and the fault at the next call (or at [`FrameDecoder::finish`]).
    ///
    /// # Errors
    /// The first fault; every later call gives the same one.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<Vec<FrameEvent>, FrameError> {
        let mut events = Vec::new();
        while self.failed.is_none() && !bytes.is_empty() {
            if self.wait == Wait::Done {
                self.failed = Some(FrameError::AfterEnd);
                break;
            }
            let take = (self.need - self.held.len()).min(bytes.len());
            self.held.extend_from_slice(&bytes[..take]);
            bytes = &bytes[take..];
            // Pieces of length 0 complete without a further byte.
            while self.failed.is_none() && self.wait != Wait::Done && self.held.len() == self.need {
                let piece = std::mem::take(&mut self.held);
                match self.piece(piece) {
                    Ok(event) => events.extend(event),
                    Err(fault) => self.failed = Some(fault),
                }
            }
        }
        match &self.failed {
            Some(fault) if events.is_empty() => Err(fault.clone()),
            _ => Ok(events),
        }
    }

    /// Says whether the frame was read to its end.
    ///
    /// # Errors
    /// The fault met before, or [`FrameError::Truncated`].
    pub fn finish(&self) -> Result<(), FrameError> {
        match &self.failed {
            Some(fault) => Err(fault.clone()),
            None if self.wait == Wait::Done => Ok(()),
            None => Err(FrameError::Truncated {
                item: if self.in_items() { self.item + 1 } else { 0 },
            }),
        }
    }

    fn in_items(&self) -> bool {
        matches!(self.wait, Wait::ChunkLength | Wait::Chunk)
    }

    fn piece(&mut self, piece: Vec<u8>) -> Result<Option<FrameEvent>, FrameError> {
        match self.wait {
            Wait::Magic if piece == MAGIC => self.next(Wait::NodeLength, 2),
            Wait::Magic => return Err(FrameError::Magic),
            Wait::NodeLength => {
                let length = bounded("node name bytes", &piece, limits::NODE_NAME_CHARS)?;
                self.next(Wait::Node, length);
            }
            Wait::Node => {
                self.node = String::from_utf8(piece).map_err(|_| FrameError::Node)?;
                if self.node.is_empty() || !self.node.is_ascii() {
                    return Err(FrameError::Node);
                }
                self.next(Wait::SignatureLength, 2);
            }
            Wait::SignatureLength => {
                let length = bounded("signature bytes", &piece, SIGNATURE_BYTES)?;
                self.next(Wait::Signature, length);
            }
            Wait::Signature => {
                self.signature = piece;
                self.next(Wait::HeadLength, 4);
            }
            Wait::HeadLength => {
                let length = bounded("head bytes", &piece, limits::HEAD_BYTES)?;
                self.next(Wait::Head, length);
                return Ok(Some(FrameEvent::Sender {
                    node: std::mem::take(&mut self.node),
                    signature: std::mem::take(&mut self.signature),
                    head_bytes: length,
                }));
            }
            Wait::Head => {
                self.next(Wait::ChunkLength, 4);
                return Ok(Some(FrameEvent::Head { bytes: piece }));
            }
            Wait::ChunkLength => return self.chunk_length(&piece),
            Wait::Chunk => {
                self.next(Wait::ChunkLength, 4);
                return Ok(Some(FrameEvent::Chunk {
                    item: self.item,
                    bytes: piece,
                }));
            }
            Wait::Done => return Err(FrameError::AfterEnd),
        }
        Ok(None)
    }

    fn chunk_length(&mut self, piece: &[u8]) -> Result<Option<FrameEvent>, FrameError> {
        if piece == FRAME_END {
            if self.in_item {
                return Err(FrameError::OpenItem {
                    item: self.item + 1,
                });
            }
            self.next(Wait::Done, 0);
            return Ok(Some(FrameEvent::End));
        }
        if self.item as usize >= limits::ENVELOPE_ITEMS {
            return Err(FrameError::OverLimit {
                what: "items",
                found: u64::from(self.item) + 1,
                limit: limits::ENVELOPE_ITEMS as u64,
            });
        }
        let length = bounded("chunk bytes", piece, WIRE_CHUNK_BYTES)?;
        if length == 0 {
            let item = self.item;
            self.item += 1;
            self.in_item = false;
            self.next(Wait::ChunkLength, 4);
            return Ok(Some(FrameEvent::ItemEnd { item }));
        }
        self.in_item = true;
        self.next(Wait::Chunk, length);
        Ok(None)
    }

    fn next(&mut self, wait: Wait, need: usize) {
        self.wait = wait;
        self.need = need;
    }
}

/// A big-endian length of 2 or 4 bytes, within its limit.
fn bounded(what: &'static str, bytes: &[u8], limit: usize) -> Result<usize, FrameError> {
    let found = bytes.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
    match usize::try_from(found) {
        Ok(length) if length <= limit => Ok(length),
        _ => Err(FrameError::OverLimit {
            what,
            found,
            limit: limit as u64,
        }),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(items: &[Vec<Vec<u8>>]) -> Vec<u8> {
        let mut out = preamble("431321/gtj", &[7; 64], b"{\"v\":1}");
        for chunks in items {
            for chunk in chunks {
                out.extend_from_slice(&chunk_header(chunk.len()));
                out.extend_from_slice(chunk);
            }
            out.extend_from_slice(&ITEM_END);
        }
        out.extend_from_slice(&FRAME_END);
        out
    }

    /// All events and the final state, with the bytes cut at the given sizes in turn.
    fn run(bytes: &[u8], cuts: &[usize]) -> (Vec<FrameEvent>, Result<(), FrameError>) {
        let mut decoder = FrameDecoder::new();
        let mut events = Vec::new();
        let mut rest = bytes;
        let mut turn = 0;
        while !rest.is_empty() {
            let size = cuts.get(turn % cuts.len().max(1)).copied().unwrap_or(1);
            let (now, later) = rest.split_at(size.clamp(1, rest.len()));
            rest = later;
            turn += 1;
            match decoder.push(now) {
                Ok(more) => events.extend(more),
                Err(_) => break,
            }
            assert!(decoder.held.len() <= limits::HEAD_BYTES);
        }
        (events, decoder.finish())
    }

    #[test]
    fn a_frame_reads_back() {
        let (events, end) = run(&frame(&[vec![vec![1, 2], vec![3]], vec![]]), &[9_999]);
        assert_eq!(end, Ok(()));
        assert_eq!(
            events,
            vec![
                FrameEvent::Sender {
                    node: "431321/gtj".into(),
                    signature: vec![7; 64],
                    head_bytes: 7,
                },
                FrameEvent::Head {
                    bytes: b"{\"v\":1}".to_vec()
                },
                FrameEvent::Chunk {
                    item: 0,
                    bytes: vec![1, 2]
                },
                FrameEvent::Chunk {
                    item: 0,
                    bytes: vec![3]
                },
                FrameEvent::ItemEnd { item: 0 },
                FrameEvent::ItemEnd { item: 1 },
                FrameEvent::End,
            ]
        );
    }

    #[test]
    fn each_limit_is_hit() {
        let mut too_many = preamble("a/b", b"", b"");
        for _ in 0..=limits::ENVELOPE_ITEMS {
            too_many.extend_from_slice(&ITEM_END);
        }
        let long_chunk = [
            preamble("a/b", b"", b""),
            chunk_header(WIRE_CHUNK_BYTES + 1).to_vec(),
        ];
        let long_head = u32::try_from(limits::HEAD_BYTES + 1).unwrap().to_be_bytes();
        let head = [b"TCE1\0\x01n\0\0".to_vec(), long_head.to_vec()].concat();
        let cases: [(Vec<u8>, &str); 5] = [
            (too_many, "items"),
            (long_chunk.concat(), "chunk bytes"),
            (head, "head bytes"),
            (b"TCE1\0\x41".to_vec(), "node name bytes"),
            (b"TCE1\0\x01n\x02\x01".to_vec(), "signature bytes"),
        ];
        for (bytes, expected) in cases {
            let (_, end) = run(&bytes, &[100_000]);
            let fault = end.unwrap_err();
            assert!(
                matches!(fault, FrameError::OverLimit { what, .. } if what == expected),
                "{expected}: {fault:?}"
            );
            assert_eq!(fault.finding().code.number(), 105);
        }
    }

    #[test]
    fn malformed_frames_are_named() {
        let open = [
            preamble("a/b", b"", b""),
            chunk_header(1).to_vec(),
            vec![9],
            FRAME_END.to_vec(),
        ];
        let cases: [(Vec<u8>, FrameError, u16); 6] = [
            (b"POST".to_vec(), FrameError::Magic, 107),
            (b"TCE1\0\0".to_vec(), FrameError::Node, 107),
            (b"TCE1\0\x01\xff".to_vec(), FrameError::Node, 107),
            (open.concat(), FrameError::OpenItem { item: 1 }, 107),
            ([frame(&[]), vec![0]].concat(), FrameError::AfterEnd, 107),
            (Vec::new(), FrameError::Truncated { item: 0 }, 104),
        ];
        for (bytes, expected, code) in cases {
            let (_, end) = run(&bytes, &[100_000]);
            let fault = end.unwrap_err();
            assert_eq!(fault, expected);
            assert_eq!(fault.finding().code.number(), code);
        }
    }

    #[test]
    fn every_cut_short_is_truncated() {
        let whole = frame(&[vec![vec![1; 20]], vec![vec![2; 3]]]);
        for length in 0..whole.len() {
            let (_, end) = run(&whole[..length], &[7]);
            assert!(
                matches!(end, Err(FrameError::Truncated { .. })),
                "{length}: {end:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_events(
            items in prop::collection::vec(
                prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..4), 0..5),
            cuts in prop::collection::vec(1usize..60, 1..20),
        ) {
            let bytes = frame(&items);
            let whole = run(&bytes, &[bytes.len()]);
            prop_assert_eq!(&whole.1, &Ok(()));
            prop_assert_eq!(run(&bytes, &cuts), whole);
        }

        #[test]
        fn damaged_frames_never_panic_and_split_alike(
            items in prop::collection::vec(
                prop::collection::vec(prop::collection::vec(any::<u8>(), 1..20), 0..3), 0..3),
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
            keep in any::<prop::sample::Index>(),
            cuts in prop::collection::vec(1usize..30, 1..10),
        ) {
            let mut bytes = frame(&items);
            for (at, value) in edits {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            bytes.truncate(keep.index(bytes.len()) + 1);
            prop_assert_eq!(run(&bytes, &cuts), run(&bytes, &[bytes.len()]));
        }

        #[test]
        fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = run(&bytes, &[3]);
            let _ = run(&[MAGIC.to_vec(), bytes].concat(), &[5]);
        }
    }
}
