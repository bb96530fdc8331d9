//! The attributes of a record's tag. Refuses to judge them.

use super::Xml;
use crate::xml::text;
use std::borrow::Cow;

/// The attributes, each its name as written and its value; `xmlns`, `xsi:` and `xml:` ones are left out. One
/// with another prefix keeps it: it is none of the format's, which have no namespace.
pub(super) fn attributes<'x>(tag: &'x Xml<'_>) -> impl Iterator<Item = (&'x str, Cow<'x, str>)> {
    tag.attributes().filter_map(|(key, value)| {
        let prefix = key.split_once(':').map_or("", |(prefix, _)| prefix);
        let is_ours = key != "xmlns" && !matches!(prefix, "xmlns" | "xml" | "xsi");
        is_ours.then(|| (key, text::attribute(value)))
    })
}

/// A tag's attributes of a record.
#[derive(Default)]
pub(super) struct RecordTag<'x> {
    pub seq: Option<Cow<'x, str>>,
    pub op: Option<Cow<'x, str>>,
    pub data_ver: Option<Cow<'x, str>>,
    pub none: Option<Cow<'x, str>>,
    pub reason: Option<Cow<'x, str>>,
    pub unknown: Vec<&'x str>,
}

impl<'x> RecordTag<'x> {
    /// Sorts the attributes of a tag.
    pub(super) fn read(tag: &'x Xml<'_>) -> RecordTag<'x> {
        let all = attributes(tag);
        let mut tag = RecordTag::default();
        for (key, value) in all {
            match key {
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
