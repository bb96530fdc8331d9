//! Numbers of a record as its source gives them, or as they follow from its key: version, operation, the
//! number of a key. Refuses to make records (`make.rs`).

use super::gather::{Cell, Gathered};
use super::plan::{TakePlan, VersionPlan};
use super::take::{Got, taken};
use sha2::{Digest, Sha256};
use tongcha_schema::record::{Op, Version};

/// 63 bits of SHA-256 over the key texts (each with its length) and the occurrence; never 0.
pub(crate) fn key_number(key: &[&str], occurrence: i64) -> i64 {
    let mut hash = Sha256::new();
    for text in key {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    if occurrence > 0 {
        hash.update(occurrence.to_be_bytes());
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut first = [0_u8; 8];
    first.copy_from_slice(&digest[..8]);
    (i64::from_be_bytes(first) & i64::MAX).max(1)
}

/// The operation of a row: an insert where the source names none; what is none is the error.
pub(crate) fn operation(
    take: Option<&TakePlan>,
    g: &Gathered,
    row: usize,
) -> Result<Op, (String, Option<Cell>)> {
    match take.map(|t| taken(t, g, row)) {
        Some(Got::Text(text, cell)) => Op::parse(&text).ok_or((text.into_owned(), cell)),
        Some(Got::Unknown(text, cell)) => Err((text.to_owned(), Some(cell))),
        Some(Got::Void) | None => Ok(Op::Insert),
    }
}

/// The version of a row; what is no number of 1 or more is the error.
pub(crate) fn number_version(
    rule: &VersionPlan,
    g: &Gathered,
    row: usize,
) -> Result<Version, String> {
    let take = match rule {
        VersionPlan::Arrival => return Ok(Version::Arrival),
        VersionPlan::Number(take) => take,
    };
    match taken(take, g, row) {
        Got::Text(text, _) => match text.parse::<i64>() {
            Ok(n) if n >= 1 => Ok(Version::Given(n)),
            _ => Err(text.into_owned()),
        },
        Got::Unknown(text, _) => Err(text.to_owned()),
        Got::Void => Err(String::new()),
    }
}
