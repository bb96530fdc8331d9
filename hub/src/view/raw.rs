//! Raw bytes as they were received: opened chunk by chunk, never whole, and compared with the digest that
//! names them. Refuses to hand them out without a trace: every opening writes an audit line.

use super::envelopes::{self, ItemLine};
use crate::core::Core;
use crate::spool;
use crate::store::engine::StoreError;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::io::Read as _;
use std::sync::Arc;
use tongcha_schema::digest::hex;
use tongcha_schema::limits;
use tongcha_schema::xml::Transcoder;

/// Bytes of the preview.
pub const PREVIEW_BYTES: usize = 1_024;
/// Bytes of one line of the preview in hexadecimal.
const HEX_BYTES: usize = 16;

/// Why raw bytes could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum RawError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A chunk does not open with this hub's key, or is no zstd frame.
    #[error("chunk {chunk} of {digest} does not open; hint: was the hub's seal key changed?")]
    Closed {
        /// Digest of the item.
        digest: String,
        /// Number of the chunk.
        chunk: u64,
    },
    /// What is stored are not the bytes of that digest.
    #[error(
        "the stored bytes of {digest} do not have that digest; hint: they were altered or lost in the \
         database; restore raw_chunk from a backup"
    )]
    Differs {
        /// Digest of the item.
        digest: String,
    },
}

impl RawError {
    /// Whether trying again later may help.
    pub fn is_transient(&self) -> bool {
        match self {
            RawError::Store(error) => error.is_transient(),
            RawError::Closed { .. } | RawError::Differs { .. } => false,
        }
    }
}

/// One line of bytes: offset, hexadecimal, printable ASCII.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HexLine {
    /// Offset of its first byte.
    pub offset: usize,
    /// The bytes, two digits each.
    pub hex: String,
    /// The same as ASCII, `.` where not printable.
    pub ascii: String,
}

/// The beginning of an item's bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Name of the encoding, where the bytes are text.
    pub encoding: String,
    /// The text, where they are.
    pub text: Option<String>,
    /// The bytes.
    pub hex: Vec<HexLine>,
    /// How many bytes are shown.
    pub shown: usize,
}

/// An item whose bytes are asked for; writes the audit line.
///
/// # Errors
/// The store.
pub async fn open(
    core: &Core,
    envelope: &str,
    item: u32,
    purpose: &str,
) -> Result<Option<ItemLine>, RawError> {
    let found = envelopes::item(core, envelope, item).await?;
    if let Some(line) = &found {
        tracing::info!(target: "audit", envelope, item, digest = line.digest, purpose, "raw bytes opened");
    }
    Ok(found)
}

/// All bytes of a content, chunk by chunk. They end where the digest is reached: what earlier versions
/// stored behind that, of the same content cut in another way, is passed over.
pub struct RawReader {
    core: Arc<Core>,
    digest: String,
    hash: Sha256,
    next: u64,
}

impl RawReader {
    /// At the beginning of the content of that digest.
    pub fn new(core: &Arc<Core>, digest: &str) -> RawReader {
        RawReader {
            core: Arc::clone(core),
            digest: digest.to_owned(),
            hash: Sha256::new(),
            next: 0,
        }
    }

    /// The next chunk, decompressed; none once all bytes were given and have their digest.
    ///
    /// # Errors
    /// The store, a chunk that does not open, or an end before the digest is reached.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, RawError> {
        if hex(&self.hash.clone().finalize()) == self.digest {
            return Ok(None);
        }
        let Some(plain) = chunk(&self.core, &self.digest, self.next).await? else {
            let digest = self.digest.clone();
            return Err(RawError::Differs { digest });
        };
        self.hash.update(&plain);
        self.next += 1;
        Ok(Some(plain))
    }
}

/// One chunk of an item's bytes, decompressed; none after the last.
async fn chunk(core: &Core, digest: &str, number: u64) -> Result<Option<Vec<u8>>, RawError> {
    let Some(row) = core
        .store
        .row("envelopes.chunk", crate::args![digest, number])
        .await?
    else {
        return Ok(None);
    };
    let closed = || RawError::Closed {
        digest: digest.to_owned(),
        chunk: number,
    };
    let compressed = core
        .sealed
        .open(&spool::context(digest, number), row.bytes(0))
        .ok_or_else(closed)?;
    let plain = zstd::bulk::decompress(&compressed, limits::CHUNK_BYTES).map_err(|_| closed())?;
    Ok(Some(plain))
}

/// The beginning of an item's bytes, as text where they are text.
///
/// # Errors
/// The store, or a chunk that does not open.
pub async fn preview(core: &Core, digest: &str) -> Result<Preview, RawError> {
    let first = chunk(core, digest, 0).await?.unwrap_or_default();
    Ok(shown(&first))
}

fn shown(bytes: &[u8]) -> Preview {
    let head = bytes.get(..PREVIEW_BYTES).unwrap_or(bytes);
    let (text, encoding) = as_text(head, bytes.len() > head.len());
    Preview {
        encoding,
        text,
        hex: hex_lines(head),
        shown: head.len(),
    }
}

/// The text of a beginning; a character that was cut at its end is left out.
fn as_text(head: &[u8], cut: bool) -> (Option<String>, String) {
    for short in 0..if cut { 4 } else { 1 } {
        let part = head
            .get(..head.len().saturating_sub(short))
            .unwrap_or_default();
        let Ok(mut reader) = Transcoder::new(Box::new(part)) else {
            return (None, String::new());
        };
        let mut text = String::new();
        if reader.read_to_string(&mut text).is_ok() {
            let binary = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
            return if text.contains(binary) {
                (None, String::new())
            } else {
                (Some(text), reader.encoding().to_owned())
            };
        }
    }
    (None, String::new())
}

fn hex_lines(bytes: &[u8]) -> Vec<HexLine> {
    bytes
        .chunks(HEX_BYTES)
        .enumerate()
        .map(|(i, line)| HexLine {
            offset: i * HEX_BYTES,
            hex: line
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect::<Vec<_>>()
                .join(" "),
            ascii: line
                .iter()
                .map(|b| {
                    if (0x20..0x7f).contains(b) {
                        char::from(*b)
                    } else {
                        '.'
                    }
                })
                .collect(),
        })
        .collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step is the test's failure")]
mod tests {
    use super::*;

    #[test]
    fn a_character_cut_by_the_preview_is_left_out() {
        let text = "<a>".to_owned() + &"监".repeat(400);
        let preview = shown(text.as_bytes());
        assert_eq!(preview.shown, PREVIEW_BYTES);
        let shown = preview.text.unwrap();
        assert!(
            text.starts_with(&shown) && shown.len() > PREVIEW_BYTES - 4,
            "{}",
            shown.len()
        );
        assert_eq!(preview.encoding, "UTF-8");
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_bytes() {
        let preview = shown(&[0x50, 0x4b, 3, 4, 0xff, 0xfe, 0]);
        assert_eq!(preview.text, None);
        assert_eq!(preview.hex[0].hex, "50 4b 03 04 ff fe 00");
        assert_eq!(preview.hex[0].ascii, "PK.....");
        assert_eq!(shown(b"").hex, Vec::new());
    }
}
