//! The bytes of records wherever a hub keeps them: the head of a case once, each record's image with its key
//! and place. Refuses to know who keeps them.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;
use tongcha_schema::clock::{from_unix_ms, unix_ms};
use tongcha_schema::image::{self, Image, NoImage};
use tongcha_schema::record::{CaseHead, Op, Record, Version};

/// The head of a case.
#[derive(Serialize, Deserialize)]
pub struct HeadShape<'a> {
    source: &'a str,
    space: &'a str,
    case_no: &'a str,
    org_bus_no: &'a str,
    envelope: &'a str,
    item: u32,
    received_ms: i64,
}

/// A record without its head.
#[derive(Serialize, Deserialize)]
pub struct RecordShape<'a> {
    seq: i64,
    version: Version,
    op: Op,
    digest: [u8; 32],
    marks: Cow<'a, [u16]>,
    number: u32,
    line: u32,
    #[serde(borrow)]
    image: ImageBytes<'a>,
}

/// An image: bytes that serde borrows as one piece.
#[derive(Serialize, Deserialize)]
struct ImageBytes<'a>(#[serde(borrow, with = "bytes")] Cow<'a, [u8]>);

mod bytes {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::borrow::Cow;

    pub fn serialize<S: Serializer>(bytes: &Cow<'_, [u8]>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Cow<'de, [u8]>, D::Error> {
        <&[u8]>::deserialize(from).map(Cow::Borrowed)
    }
}

impl<'a> HeadShape<'a> {
    /// The shape of a head.
    pub fn of(head: &'a CaseHead) -> HeadShape<'a> {
        HeadShape {
            source: &head.source,
            space: &head.space,
            case_no: &head.case_no,
            org_bus_no: &head.org_bus_no,
            envelope: &head.envelope,
            item: head.item,
            received_ms: unix_ms(head.received_at),
        }
    }

    /// The head.
    pub fn read(&self) -> CaseHead {
        CaseHead {
            source: self.source.into(),
            space: self.space.into(),
            case_no: self.case_no.into(),
            org_bus_no: self.org_bus_no.into(),
            envelope: self.envelope.into(),
            item: self.item,
            received_at: from_unix_ms(self.received_ms),
        }
    }
}

impl<'a> RecordShape<'a> {
    /// The shape of a record.
    pub fn of(record: &'a Record) -> RecordShape<'a> {
        let mut bytes = Vec::with_capacity(256);
        image::write(record, &mut bytes);
        RecordShape {
            seq: record.seq,
            version: record.version,
            op: record.op,
            digest: record.digest,
            marks: Cow::Borrowed(&record.marks),
            number: record.number,
            line: record.line,
            image: ImageBytes(Cow::Owned(bytes)),
        }
    }

    /// The record under its head.
    ///
    /// # Errors
    /// Bytes that this version does not know.
    pub fn read(&self, head: &Arc<CaseHead>) -> Result<Record, NoImage> {
        let image = Image::parse(&self.image.0)?;
        Ok(Record {
            head: Arc::clone(head),
            element: image.element,
            seq: self.seq,
            version: self.version,
            op: self.op,
            none: image.none.map(Into::into),
            values: image.values()?,
            digest: self.digest,
            marks: self.marks.to_vec(),
            number: self.number,
            line: self.line,
        })
    }
}
