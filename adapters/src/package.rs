//! Items into chunks and back: zstd frames of at most `limits::CHUNK_BYTES` plain bytes, so that
//! memory stays flat on both sides. Refuses to know frames (`schema::envelope`) and rows (`outbox`).

use crate::source::{Lot, LotItem};
use sha2::{Digest, Sha256};
use std::io::{self, Read};
use thiserror::Error;
use tongcha_schema::digest::hex;
use tongcha_schema::envelope::{FRAME_END, Head, ITEM_END, chunk_header, preamble};
use tongcha_schema::limits;
use tongcha_schema::seal::NodeKey;

/// zstd's level: 3 gives most of the gain at some 200 MB/s a core.
const LEVEL: i32 = 3;

/// Why an item cannot be packed or a chunk not be opened.
#[derive(Debug, Error)]
pub enum PackageError {
    /// The bytes are not what they were when the source claimed them.
    #[error("item {name} has changed since it was claimed")]
    Changed {
        /// The item.
        name: String,
    },
    /// The chunk is no zstd frame, or holds more than [`limits::CHUNK_BYTES`].
    #[error("a chunk cannot be decompressed: {0}")]
    Chunk(io::Error),
    /// A file cannot be read.
    #[error("item {name}: {cause}")]
    Read {
        /// The item.
        name: String,
        /// What the system said.
        cause: io::Error,
    },
}

impl PackageError {
    /// Whether a later attempt may succeed: a changed file is claimed anew.
    pub fn is_transient(&self) -> bool {
        !matches!(self, PackageError::Chunk(_))
    }
}

/// Compresses at most [`limits::CHUNK_BYTES`] bytes into one chunk.
///
/// # Errors
/// What zstd says; none is known for bytes within the limit.
pub fn compress(plain: &[u8]) -> io::Result<Vec<u8>> {
    zstd::bulk::compress(plain, LEVEL)
}

/// Opens one chunk; never allocates more than [`limits::CHUNK_BYTES`] for it.
///
/// # Errors
/// [`PackageError::Chunk`] for anything that is no chunk.
pub fn expand(chunk: &[u8]) -> Result<Vec<u8>, PackageError> {
    zstd::bulk::decompress(chunk, limits::CHUNK_BYTES).map_err(PackageError::Chunk)
}

/// Reads a lot's items in turn, compresses them and hands over (item, chunk). Checks size and digest
/// on the way; gives the digest of what travels for each withheld item. Blocking.
///
/// # Errors
/// [`PackageError::Changed`] or [`PackageError::Read`]; what was handed over before is void then.
/// `sink` says `false` to stop early, which is no error.
pub fn chunks(
    lot: &Lot,
    sink: &mut dyn FnMut(u32, Vec<u8>) -> bool,
) -> Result<Vec<Option<String>>, PackageError> {
    let mut parts = Vec::with_capacity(lot.items.len());
    let mut buffer = vec![0; limits::CHUNK_BYTES];
    // One for all: rows of a table are small items, and a new one costs more than such an item.
    let mut compressor = zstd::bulk::Compressor::new(LEVEL).map_err(PackageError::Chunk)?;
    for (index, item) in (0u32..).zip(&lot.items) {
        let read = |cause| PackageError::Read {
            name: item.name.clone(),
            cause,
        };
        let input = item.body.open().map_err(read)?;
        let most = if item.withheld {
            limits::WITHHELD_HEAD_BYTES as u64
        } else {
            // One byte more than claimed shows that the file has grown.
            item.size.saturating_add(1)
        };
        let mut input = input.take(most);
        let mut hash = Sha256::new();
        let mut size = 0u64;
        loop {
            let n = fill(&mut input, &mut buffer).map_err(read)?;
            if n == 0 {
                break;
            }
            hash.update(&buffer[..n]);
            size += n as u64;
            let chunk = compressor.compress(&buffer[..n]).map_err(read)?;
            if !sink(index, chunk) {
                return Ok(parts);
            }
        }
        let digest = hex(&hash.finalize());
        check(item, size, &digest)?;
        parts.push(item.withheld.then_some(digest));
    }
    Ok(parts)
}

fn check(item: &LotItem, size: u64, digest: &str) -> Result<(), PackageError> {
    let fits = if item.withheld {
        size == item.size.min(limits::WITHHELD_HEAD_BYTES as u64)
    } else {
        size == item.size && digest == item.sha256
    };
    if fits {
        Ok(())
    } else {
        Err(PackageError::Changed {
            name: item.name.clone(),
        })
    }
}

/// Fills the buffer as far as the reader has bytes.
fn fill(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

/// A whole envelope in memory, signed: for small lots (a pushed document, tests). `items` are the
/// plain bytes in the order of the head.
///
/// # Errors
/// What zstd says.
pub fn whole_frame(key: &NodeKey, head: &Head, items: &[&[u8]]) -> io::Result<Vec<u8>> {
    let bytes = head.to_bytes();
    let mut out = preamble(&head.id.node, &key.sign(&bytes), &bytes);
    for item in items {
        for part in item.chunks(limits::CHUNK_BYTES) {
            let chunk = compress(part)?;
            out.extend_from_slice(&chunk_header(chunk.len()));
            out.extend_from_slice(&chunk);
        }
        out.extend_from_slice(&ITEM_END);
    }
    out.extend_from_slice(&FRAME_END);
    Ok(out)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use crate::source::Body;

    fn noise(bytes: usize) -> Vec<u8> {
        let mut state = 7u32;
        (0..bytes)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect()
    }

    fn taken(lot: &Lot) -> Result<Vec<Vec<u8>>, PackageError> {
        let mut items = vec![Vec::new(); lot.items.len()];
        chunks(lot, &mut |item, chunk| {
            items[item as usize].extend(expand(&chunk).unwrap());
            true
        })
        .map(|_| items)
    }

    #[test]
    fn items_come_back_whole_chunk_by_chunk() {
        let long = noise(limits::CHUNK_BYTES * 2 + 5);
        let lot = Lot {
            items: vec![
                LotItem::of_bytes("a", long.clone()),
                LotItem::of_bytes("empty", Vec::new()),
            ],
            ..Lot::default()
        };
        assert_eq!(taken(&lot).unwrap(), vec![long, Vec::new()]);
    }

    #[test]
    fn a_changed_item_is_noticed() {
        let mut lot = Lot {
            items: vec![LotItem::of_bytes("a", b"before".to_vec())],
            ..Lot::default()
        };
        for changed in [&b"behind"[..], b"befor", b"before and more"] {
            lot.items[0].body = Body::Bytes(changed.to_vec());
            let fault = taken(&lot).unwrap_err();
            assert!(matches!(fault, PackageError::Changed { .. }), "{fault}");
            assert!(fault.is_transient());
        }
    }

    #[test]
    fn of_a_withheld_item_only_the_beginning_travels() {
        let bytes = noise(limits::WITHHELD_HEAD_BYTES + 9);
        let mut item = LotItem::of_bytes("large", bytes.clone());
        item.withheld = true;
        let lot = Lot {
            items: vec![item],
            ..Lot::default()
        };
        let items = taken(&lot).unwrap();
        assert_eq!(items[0], bytes[..limits::WITHHELD_HEAD_BYTES]);
        let parts = chunks(&lot, &mut |_, _| true).unwrap();
        let digest = hex(&Sha256::digest(&bytes[..limits::WITHHELD_HEAD_BYTES]));
        assert_eq!(parts, vec![Some(digest)]);
    }

    #[test]
    fn a_bomb_or_noise_is_refused() {
        let bomb = zstd::bulk::compress(&vec![0; limits::CHUNK_BYTES + 1], 3).unwrap();
        assert!(matches!(expand(&bomb), Err(PackageError::Chunk(_))));
        assert!(matches!(expand(b"noise"), Err(PackageError::Chunk(_))));
        let full = compress(&vec![0; limits::CHUNK_BYTES]).unwrap();
        assert_eq!(expand(&full).unwrap().len(), limits::CHUNK_BYTES);
    }
}
