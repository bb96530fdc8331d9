//! A bundle: records of one partition of one envelope as one message. Owns its shape on the bus and
//! in the inbox, the partition of a case, and the sealing of personal values.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::sync::Arc;
use tongcha_schema::clock::{from_unix_ms, unix_ms};
use tongcha_schema::image::{self, Image, NoImage};
use tongcha_schema::record::{CaseHead, Op, Record, Version};
use tongcha_schema::seal::Sealed;
use tongcha_schema::value::Value;

/// First byte of a bundle's bytes: version of the shape.
const VERSION: u8 = 2;
/// Bytes of one decompressed bundle at most: 1,000 records with texts of some KiB fit.
const PLAIN_BYTES: usize = 256 << 20;

/// Records on their way from the gate to ingest; personal values are sealed.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// Envelope id.
    pub envelope: String,
    /// Part of the envelope, 1-based.
    pub part: i64,
    /// Partition of all its cases.
    pub partition: u32,
    /// Receive day in the hub's zone, as in the ledger.
    pub day: String,
    /// The records.
    pub records: Vec<Record>,
}

/// A bundle's bytes: cases one after the other, each with its head once.
#[derive(Serialize, Deserialize)]
struct Shape<'a> {
    envelope: &'a str,
    part: i64,
    partition: u32,
    day: &'a str,
    #[serde(borrow)]
    cases: Vec<CaseShape<'a>>,
}

#[derive(Serialize, Deserialize)]
struct CaseShape<'a> {
    source: &'a str,
    space: &'a str,
    case_no: &'a str,
    org_bus_no: &'a str,
    envelope: &'a str,
    item: u32,
    received_ms: i64,
    #[serde(borrow)]
    records: Vec<RecordShape<'a>>,
}

#[derive(Serialize, Deserialize)]
struct RecordShape<'a> {
    seq: i64,
    version: Version,
    op: Op,
    digest: [u8; 32],
    marks: Vec<u16>,
    number: u32,
    line: u32,
    image: Cow<'a, [u8]>,
}

/// Why bytes are no bundle.
#[derive(Debug, thiserror::Error)]
#[error("these bytes are no bundle of version {VERSION}")]
pub struct NoBundle;

impl Bundle {
    /// Its bytes: a version byte and a zstd frame.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut cases: Vec<CaseShape> = Vec::new();
        let mut last: Option<&Arc<CaseHead>> = None;
        for record in &self.records {
            if !last.is_some_and(|head| Arc::ptr_eq(head, &record.head)) {
                cases.push(CaseShape::of(&record.head));
                last = Some(&record.head);
            }
            if let Some(case) = cases.last_mut() {
                case.records.push(RecordShape::of(record));
            }
        }
        let shape = Shape {
            envelope: &self.envelope,
            part: self.part,
            partition: self.partition,
            day: &self.day,
            cases,
        };
        // Plain data always serialises and compresses into memory.
        let plain = postcard::to_allocvec(&shape).unwrap_or_default();
        let mut out = vec![VERSION];
        out.extend(zstd::bulk::compress(&plain, 1).unwrap_or_default());
        out
    }

    /// Reads its bytes.
    ///
    /// # Errors
    /// Bytes of another shape or version.
    pub fn parse(bytes: &[u8]) -> Result<Bundle, NoBundle> {
        let (&version, frame) = bytes.split_first().ok_or(NoBundle)?;
        if version != VERSION {
            return Err(NoBundle);
        }
        let plain = zstd::bulk::Decompressor::upper_bound(frame)
            .filter(|n| *n <= PLAIN_BYTES)
            .and_then(|n| zstd::bulk::decompress(frame, n).ok())
            .ok_or(NoBundle)?;
        let shape: Shape = postcard::from_bytes(&plain).map_err(|_| NoBundle)?;
        let mut records = Vec::new();
        for case in shape.cases {
            let head = Arc::new(case.head());
            for record in &case.records {
                records.push(record.read(&head).map_err(|_| NoBundle)?);
            }
        }
        Ok(Bundle {
            envelope: shape.envelope.to_owned(),
            part: shape.part,
            partition: shape.partition,
            day: shape.day.to_owned(),
            records,
        })
    }
}

impl<'a> CaseShape<'a> {
    fn of(head: &'a CaseHead) -> CaseShape<'a> {
        CaseShape {
            source: &head.source,
            space: &head.space,
            case_no: &head.case_no,
            org_bus_no: &head.org_bus_no,
            envelope: &head.envelope,
            item: head.item,
            received_ms: unix_ms(head.received_at),
            records: Vec::new(),
        }
    }

    fn head(&self) -> CaseHead {
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

impl RecordShape<'_> {
    fn of(record: &Record) -> RecordShape<'static> {
        let mut bytes = Vec::with_capacity(256);
        image::write(record, &mut bytes);
        RecordShape {
            seq: record.seq,
            version: record.version,
            op: record.op,
            digest: record.digest,
            marks: record.marks.clone(),
            number: record.number,
            line: record.line,
            image: Cow::Owned(bytes),
        }
    }

    fn read(&self, head: &Arc<CaseHead>) -> Result<Record, NoImage> {
        let image = Image::parse(&self.image)?;
        Ok(Record {
            head: Arc::clone(head),
            element: image.element,
            seq: self.seq,
            version: self.version,
            op: self.op,
            none: image.none.map(Into::into),
            values: image.values()?,
            digest: self.digest,
            marks: self.marks.clone(),
            number: self.number,
            line: self.line,
        })
    }
}

/// Partition of a case among `partitions`: all its records take one way, in order.
pub fn partition_of(space: &str, case_no: &str, partitions: u32) -> u32 {
    let digest = Sha256::new()
        .chain_update(space)
        .chain_update([0])
        .chain_update(case_no)
        .finalize();
    let number = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    number % partitions.max(1)
}

/// Seal context of a personal field: element and field are bound in.
fn context(record: &Record, field: usize) -> String {
    let spec = record.element.spec();
    format!("{}.{}", spec.name, spec.fields[field].name)
}

/// Seals the personal values of a record.
pub fn seal(record: &mut Record, sealed: &Sealed) {
    for field in 0..record.values.len() {
        if !record.element.spec().fields[field].personal {
            continue;
        }
        if let Some(Value::Text(text)) = &record.values[field] {
            let bytes = sealed.seal(&context(record, field), text.as_bytes());
            record.values[field] = Some(Value::Sealed(bytes.into()));
        }
    }
}

/// Opens the personal values of a record; one that does not open stays sealed.
pub fn unseal(record: &mut Record, sealed: &Sealed) {
    for field in 0..record.values.len() {
        if let Some(Value::Sealed(bytes)) = &record.values[field] {
            let plain = sealed.open(&context(record, field), bytes);
            if let Some(text) = plain.and_then(|p| String::from_utf8(p).ok()) {
                record.values[field] = Some(Value::Text(text.into()));
            }
        }
    }
}
