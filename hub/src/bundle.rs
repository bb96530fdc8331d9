//! A bundle: records of one partition of one envelope as one message. Owns its shape on the bus and
//! in the inbox, the partition of a case, and the sealing of personal values.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tongcha_schema::record::Record;
use tongcha_schema::seal::Sealed;
use tongcha_schema::value::Value;

/// First byte of a bundle's bytes: version of the shape.
const VERSION: u8 = 1;
/// Bytes of one decompressed bundle at most: 1,000 records with texts of some KiB fit.
const PLAIN_BYTES: usize = 256 << 20;

/// Records on their way from the gate to ingest; personal values are sealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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

/// Why bytes are no bundle.
#[derive(Debug, thiserror::Error)]
#[error("these bytes are no bundle of version {VERSION}")]
pub struct NoBundle;

impl Bundle {
    /// Its bytes: a version byte and a zstd frame.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Plain data always serialises and compresses into memory.
        let plain = postcard::to_allocvec(self).unwrap_or_default();
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
        postcard::from_bytes(&plain).map_err(|_| NoBundle)
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
