//! Deterministic identities: an envelope is node + outbox epoch + sequence. No random ids where a
//! replay could meet them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Identity of an envelope, written `region/node@epoch.sequence`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EnvelopeId {
    /// Sending node, `region/node`.
    pub node: String,
    /// Epoch of its outbox, 1 or more: rises when an outbox is made anew.
    pub epoch: u32,
    /// Sequence in the epoch, 1 or more, without gaps.
    pub sequence: u64,
}

impl EnvelopeId {
    /// Reads the written form.
    pub fn parse(text: &str) -> Option<EnvelopeId> {
        let (node, rest) = text.rsplit_once('@')?;
        let (epoch, sequence) = rest.split_once('.')?;
        Some(EnvelopeId {
            node: node.to_owned(),
            epoch: epoch.parse().ok()?,
            sequence: sequence.parse().ok()?,
        })
    }
}

impl fmt::Display for EnvelopeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}.{}", self.node, self.epoch, self.sequence)
    }
}

/// Epoch of documents that were posted straight to a hub: no outbox numbered them, their sequence comes
/// from the sender's key and has gaps.
pub const POSTED_EPOCH: u32 = u32::MAX;

/// Whether a text is a node name: `region/node`, region of 6 to 12 digits, node of `a-z 0-9 - _`, at
/// most [`crate::limits::NODE_NAME_CHARS`] characters.
pub fn is_node_name(text: &str) -> bool {
    let Some((region, node)) = text.split_once('/') else {
        return false;
    };
    text.len() <= crate::limits::NODE_NAME_CHARS
        && (6..=12).contains(&region.len())
        && region.bytes().all(|b| b.is_ascii_digit())
        && !node.is_empty()
        && node
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}
