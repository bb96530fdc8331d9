//! A bundle: records of one partition of one envelope. Owns its shape in the inbox, the partition of a case, and the sealing of personal values.

use crate::shape::{HeadShape, RecordShape};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tongcha_schema::record::{CaseHead, Record};
use tongcha_schema::seal::Sealed;
use tongcha_schema::value::Value;

/// First byte of a bundle's bytes: version of the shape.
const VERSION: u8 = 2;
/// Bytes of one decompressed bundle at most: 1,000 records with texts of some KiB fit.
const PLAIN_BYTES: usize = 256 << 20;

/// Records on their way from the gate to ingest, of one envelope and one partition; personal values are sealed.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// Receive day in the hub's zone, as in the ledger.
    pub day: String,
    /// The records.
    pub records: Vec<Record>,
}

/// A bundle's bytes: cases one after the other, each with its head once.
#[derive(Serialize, Deserialize)]
struct Shape<'a> {
    day: &'a str,
    #[serde(borrow)]
    cases: Vec<CaseShape<'a>>,
}

/// A case within stored bytes.
#[derive(Serialize, Deserialize)]
struct CaseShape<'a> {
    #[serde(borrow)]
    head: HeadShape<'a>,
    #[serde(borrow)]
    records: Vec<RecordShape<'a>>,
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
                cases.push(CaseShape {
                    head: HeadShape::of(&record.head),
                    records: Vec::new(),
                });
                last = Some(&record.head);
            }
            if let Some(case) = cases.last_mut() {
                case.records.push(RecordShape::of(record));
            }
        }
        let shape = Shape {
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
            let head = Arc::new(case.head.read());
            for record in &case.records {
                records.push(record.read(&head).map_err(|_| NoBundle)?);
            }
        }
        Ok(Bundle {
            day: shape.day.to_owned(),
            records,
        })
    }
}

/// The hash of a case's key: its partition follows from it.
pub fn hash_of(space: &str, case_no: &str) -> u64 {
    let digest = Sha256::new()
        .chain_update(space)
        .chain_update([0])
        .chain_update(case_no)
        .finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_be_bytes(first)
}

/// Partition of a case among `partitions`: all its records take one way, in order.
pub fn partition_of(space: &str, case_no: &str, partitions: u32) -> u32 {
    partition_of_hash(hash_of(space, case_no), partitions)
}

/// Partition of a case by the hash of its key.
pub fn partition_of_hash(hash: u64, partitions: u32) -> u32 {
    // The upper half, as 32 bits.
    let number = (hash >> 32) as u32;
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
