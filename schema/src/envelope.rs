//! The envelope on the wire: the signed head and the frame around the department's bytes. The head
//! stands here, the frame in `envelope/frame.rs`. Refuses to decompress, to verify signatures
//! (`seal.rs`) and to read items (the adapters' dialects).
//!
//! ```text
//! "TCE1" | u16 length, node | u16 length, signature | u32 length, head (JSON, these bytes are signed)
//! per item: (u32 length, zstd frame of at most CHUNK_BYTES plain bytes)* then u32 0
//! u32 FFFFFFFF                                                     (all numbers big endian)
//! ```

mod frame;

pub use frame::{
    FRAME_END, FrameDecoder, FrameError, FrameEvent, ITEM_END, MAGIC, chunk_header, preamble,
};

use crate::code::transport;
use crate::digest::{hex, is_sha256};
use crate::finding::{Finding, Place};
use crate::id::{EnvelopeId, POSTED_EPOCH, is_node_name};
use crate::limits;
use crate::seal::Secrecy;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Media type of an envelope in `POST /v1/envelopes`.
pub const MEDIA_TYPE: &str = "application/vnd.tongcha.envelope";
/// Version of the head's shape.
pub const HEAD_VERSION: u32 = 1;
/// The dialect name that asks the gate to recognise each item by itself.
pub const AUTO: &str = "auto";
/// The standard's version that this build speaks (`std_ver`, 标准版本号).
pub const STD_VER: &str = "1.0";

/// What the sender says and signs about an envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Version of this shape: [`HEAD_VERSION`].
    pub v: u32,
    /// Identity: node, outbox epoch, sequence.
    pub id: EnvelopeId,
    /// Hub that is meant, `region/node`.
    pub target: String,
    /// Organ that provides the data: 18-character unified code, or the legacy 9-character one.
    pub sender_org: String,
    /// Version of the standard (标准版本号), at most 16 characters.
    pub std_ver: String,
    /// When it was packed, RFC 3339.
    pub sent_at: String,
    /// Dialect name, or [`AUTO`].
    pub dialect: String,
    /// What the lot was at its source: a path, an archive with its digest, a table and its range.
    pub label: String,
    /// Declared number of records; native envelopes only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_count: Option<u64>,
    /// The items, 1 to [`limits::ENVELOPE_ITEMS`].
    pub items: Vec<ItemHead>,
    /// How the items are encrypted; absent where they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrecy: Option<Secrecy>,
}

/// One item of an envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemHead {
    /// File name, archive entry or row name, at most 255 bytes, no control characters.
    pub name: String,
    /// Bytes before compression; of a withheld item, of the whole file that stays behind.
    pub size: u64,
    /// SHA-256 of those bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Too large to travel: only the first [`limits::WITHHELD_HEAD_BYTES`] bytes are in the frame.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withheld: bool,
    /// SHA-256 of the bytes that do travel, given for withheld items only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_sha256: Option<String>,
}

impl ItemHead {
    /// Head of an item that travels whole.
    pub fn whole(name: impl Into<String>, size: u64, sha256: impl Into<String>) -> ItemHead {
        ItemHead {
            name: name.into(),
            size,
            sha256: sha256.into(),
            withheld: false,
            part_sha256: None,
        }
    }

    /// Bytes of the item that the frame carries, before compression.
    pub fn travelling(&self) -> u64 {
        if self.withheld {
            self.size.min(limits::WITHHELD_HEAD_BYTES as u64)
        } else {
            self.size
        }
    }

    /// Digest that the travelling bytes must have.
    pub fn travelling_sha256(&self) -> &str {
        self.part_sha256.as_deref().unwrap_or(&self.sha256)
    }
}

impl Head {
    /// The canonical bytes: what is framed and signed. Fields in the order of the struct, no blanks.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Texts, numbers and lists always serialise; an empty head is refused by every reader.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads and validates a head; call it only after its signature was verified. `node` is the name
    /// in the preamble, which must be the envelope's own.
    ///
    /// # Errors
    /// A finding X105 where a limit is exceeded, X146 for a control character in a text, X107 for
    /// everything else.
    pub fn parse(node: &str, bytes: &[u8]) -> Result<Head, Box<Finding>> {
        if bytes.len() > limits::HEAD_BYTES {
            return Err(over(
                "head bytes",
                bytes.len() as u64,
                limits::HEAD_BYTES as u64,
            ));
        }
        let head: Head = serde_json::from_slice(bytes).map_err(|e| bad(&format!("head: {e}")))?;
        head.validate(node)?;
        Ok(head)
    }

    fn validate(&self, node: &str) -> Result<(), Box<Finding>> {
        if self.v != HEAD_VERSION {
            return Err(bad(&format!(
                "head version {} is not {HEAD_VERSION}",
                self.v
            )));
        }
        if self.id.node != node || !is_node_name(node) {
            return Err(bad("the head names another node than the preamble"));
        }
        if self.id.epoch == 0 || self.id.sequence == 0 || i64::try_from(self.id.sequence).is_err() {
            return Err(bad("epoch and sequence begin at 1"));
        }
        if self.id.epoch == POSTED_EPOCH {
            return Err(bad(
                "epoch 4294967295 is kept for documents posted to the hub",
            ));
        }
        if !is_node_name(&self.target) {
            return Err(bad("target is no node name"));
        }
        for (what, text, most) in [
            ("sender_org", &self.sender_org, 18),
            ("std_ver", &self.std_ver, 16),
            ("sent_at", &self.sent_at, 40),
            ("dialect", &self.dialect, 64),
            ("label", &self.label, 1_000),
        ] {
            let found = text.chars().count();
            if found > most {
                return Err(over(
                    &format!("{what} characters"),
                    found as u64,
                    most as u64,
                ));
            }
            if let Some(sign) = text.chars().find(|c| c.is_control()) {
                return Err(control(what, sign));
            }
        }
        if OffsetDateTime::parse(&self.sent_at, &Rfc3339).is_err() {
            return Err(bad("sent_at is no instant of RFC 3339"));
        }
        if self.items.is_empty() {
            return Err(bad("no items"));
        }
        if self.items.len() > limits::ENVELOPE_ITEMS {
            let found = self.items.len() as u64;
            return Err(over("items", found, limits::ENVELOPE_ITEMS as u64));
        }
        self.items.iter().try_for_each(validate_item)
    }
}

fn validate_item(item: &ItemHead) -> Result<(), Box<Finding>> {
    if item.name.is_empty() || item.name.len() > 255 {
        return Err(bad("an item's name is empty or over 255 bytes"));
    }
    if let Some(sign) = item.name.chars().find(|c| c.is_control()) {
        return Err(control("the name of an item", sign));
    }
    let digests = [Some(&item.sha256), item.part_sha256.as_ref()];
    if !digests.into_iter().flatten().all(|d| is_sha256(d)) {
        return Err(bad(
            "an item's sha256 is not 64 lower-case hexadecimal digits",
        ));
    }
    if item.withheld != item.part_sha256.is_some() {
        return Err(bad(
            "part_sha256 belongs to withheld items, and to no other",
        ));
    }
    if !item.withheld && item.size > limits::ITEM_BYTES {
        return Err(over("item bytes", item.size, limits::ITEM_BYTES));
    }
    Ok(())
}

/// Number of the receipt that a hub gives for an envelope: epoch and sequence for the eye, and a hash
/// of hub and node. Both sides compute it, so that a sender can name it before the hub has answered.
pub fn receipt_number(hub: &str, id: &EnvelopeId) -> String {
    let hash = Sha256::new()
        .chain_update(hub)
        .chain_update([0])
        .chain_update(&id.node)
        .finalize();
    format!("R{}-{:06}-{}", id.epoch, id.sequence, hex(&hash[..5]))
}

fn bad(detail: &str) -> Box<Finding> {
    let detail: String = detail.chars().take(200).collect();
    Box::new(Finding::new(transport::BAD_FRAME, Place::default()).with("detail", detail))
}

fn control(what: &str, sign: char) -> Box<Finding> {
    let sign = format!("U+{:04X}", u32::from(sign));
    let finding = Finding::new(transport::HEAD_CONTROL, Place::default());
    Box::new(finding.with("what", what).with("sign", sign))
}

fn over(what: &str, found: u64, limit: u64) -> Box<Finding> {
    Box::new(
        Finding::new(transport::OVER_LIMIT, Place::default())
            .with("what", what)
            .with("found", found)
            .with("limit", limit),
    )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    fn head() -> Head {
        Head {
            v: 1,
            id: EnvelopeId {
                node: "431321/gtj".into(),
                epoch: 1,
                sequence: 7,
            },
            target: "431321/hub".into(),
            sender_org: "12441500196720244T".into(),
            std_ver: STD_VER.into(),
            sent_at: "2026-01-05T09:00:00+08:00".into(),
            dialect: AUTO.into(),
            label: "in/1.xml".into(),
            record_count: None,
            secrecy: None,
            items: vec![ItemHead::whole("办件.xml", 3, "0".repeat(64))],
        }
    }

    fn code(result: Result<Head, Box<Finding>>) -> u16 {
        result.unwrap_err().code.number()
    }

    fn parsed(head: &Head) -> Result<Head, Box<Finding>> {
        Head::parse("431321/gtj", &head.to_bytes())
    }

    #[test]
    fn canonical_bytes_are_stable_and_read_back() {
        let bytes = head().to_bytes();
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.starts_with(r#"{"v":1,"id":{"node":"431321/gtj","epoch":1,"sequence":7},"#));
        assert!(!text.contains("withheld") && !text.contains("record_count"));
        let read = Head::parse("431321/gtj", &bytes).unwrap();
        assert_eq!(read, head());
        assert_eq!(read.to_bytes(), bytes);
    }

    #[test]
    fn each_fault_of_a_head_is_refused() {
        let edits: [(&str, u16, fn(&mut Head)); 20] = [
            ("version", 107, |h| h.v = 2),
            ("other node", 107, |h| h.id.node = "431321/other".into()),
            ("epoch 0", 107, |h| h.id.epoch = 0),
            ("sequence 0", 107, |h| h.id.sequence = 0),
            ("huge sequence", 107, |h| h.id.sequence = u64::MAX),
            ("target", 107, |h| h.target = "hub".into()),
            ("label", 105, |h| h.label = "x".repeat(1_001)),
            ("no items", 107, |h| h.items.clear()),
            ("many items", 105, |h| {
                h.items = vec![h.items[0].clone(); limits::ENVELOPE_ITEMS + 1];
            }),
            ("item name", 107, |h| h.items[0].name = String::new()),
            ("item name", 146, |h| h.items[0].name = "a\nb".into()),
            ("a NUL", 146, |h| h.label = "a\0b".into()),
            ("dialect", 146, |h| h.dialect = "auto\u{85}".into()),
            ("no instant", 107, |h| h.sent_at = "yesterday".into()),
            ("no zone", 107, |h| h.sent_at = "2026-01-05T09:00:00".into()),
            ("the hub's epoch", 107, |h| h.id.epoch = u32::MAX),
            ("digest", 107, |h| h.items[0].sha256 = "A".repeat(64)),
            ("size", 105, |h| h.items[0].size = limits::ITEM_BYTES + 1),
            ("withheld without part", 107, |h| h.items[0].withheld = true),
            ("part without withheld", 107, |h| {
                h.items[0].part_sha256 = Some("0".repeat(64));
            }),
        ];
        for (what, expected, edit) in edits {
            let mut changed = head();
            edit(&mut changed);
            assert_eq!(code(parsed(&changed)), expected, "{what}");
        }
        assert_eq!(code(Head::parse("431321/gtj", b"{}")), 107);
        let long = vec![b' '; limits::HEAD_BYTES + 1];
        assert_eq!(code(Head::parse("431321/gtj", &long)), 105);
    }

    #[test]
    fn the_largest_lot_fits_the_limits() {
        let mut full = head();
        let name = "办".repeat(85);
        full.items = vec![ItemHead::whole(name, 1, "f".repeat(64)); limits::ENVELOPE_ITEMS];
        assert!(full.to_bytes().len() <= limits::HEAD_BYTES);
        parsed(&full).unwrap();
    }

    #[test]
    fn a_withheld_item_tells_what_travels() {
        let mut large = head();
        large.items[0] = ItemHead {
            size: limits::ITEM_BYTES + 1,
            withheld: true,
            part_sha256: Some("1".repeat(64)),
            ..large.items[0].clone()
        };
        let read = parsed(&large).unwrap();
        assert_eq!(
            read.items[0].travelling(),
            limits::WITHHELD_HEAD_BYTES as u64
        );
        assert_eq!(read.items[0].travelling_sha256(), "1".repeat(64));
        assert_eq!(head().items[0].travelling(), 3);
    }
}
