//! The attributes of a record's tag. Refuses to judge them.

use super::Attributes;

/// A tag's attributes of a record.
#[derive(Default)]
pub(super) struct RecordTag {
    pub seq: Option<String>,
    pub op: Option<String>,
    pub data_ver: Option<String>,
    pub none: Option<String>,
    pub reason: Option<String>,
    pub unknown: Vec<String>,
}

impl RecordTag {
    /// Sorts the attributes of a tag.
    pub(super) fn read(all: Attributes) -> RecordTag {
        let mut tag = RecordTag::default();
        for (key, value) in all {
            match key.as_str() {
                "seq" => tag.seq = Some(value),
                "op" => tag.op = Some(value),
                "dataVer" => tag.data_ver = Some(value),
                "none" => tag.none = Some(value),
                "reason" => tag.reason = Some(value),
                // Where its raw bytes are to be asked for; it stays in the raw bytes of this item.
                "rawDigest" => {}
                _ => tag.unknown.push(key),
            }
        }
        tag
    }
}

/// A whole number of 1 or more.
pub(super) fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits
        .then(|| text.parse().ok())
        .flatten()
        .filter(|n| *n >= 1)
}
