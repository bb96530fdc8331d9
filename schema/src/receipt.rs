//! The receipt (回执): what a hub answers. The admission receipt comes at once, the completion receipt
//! with the same number when the store has decided (WORDS, "Admission and completion").

mod told;
mod words;

pub use told::{to_json, to_xml};
pub use words::to_words;

use crate::element::ElementId;
use crate::finding::Finding;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Verdict per envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// No error.
    Accepted,
    /// Some records rejected.
    Partly,
    /// Nothing stored.
    Refused,
}

impl Verdict {
    /// `accepted`, `partly` or `refused`.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Accepted => "accepted",
            Verdict::Partly => "partly",
            Verdict::Refused => "refused",
        }
    }
}

/// Counts of records, as in the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Arrived.
    pub received: u64,
    /// In the store.
    pub stored: u64,
    /// Refused, or in conflict.
    pub rejected: u64,
    /// Already stored with the same version and digest.
    pub duplicate: u64,
    /// Admitted, not yet ingested.
    pub pending: u64,
}

impl Counts {
    /// Whether `received = stored + rejected + duplicate + pending`.
    pub fn balances(&self) -> bool {
        self.received == self.stored + self.rejected + self.duplicate + self.pending
    }
}

/// One item of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemReceipt {
    /// The item's name.
    pub name: String,
    /// Verdict for the item.
    pub verdict: Verdict,
    /// The dialect that read it, or empty.
    pub dialect: String,
    /// Records found.
    pub received: u64,
    /// Records rejected; in a completion receipt with the conflicts.
    pub rejected: u64,
    /// Records that were there already; of a completion receipt.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub duplicate: u64,
    /// Of a group of rows of a table: the rows of which something was rejected, in their order. Empty too
    /// where the whole group was refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<RowReceipt>,
}

impl ItemReceipt {
    /// Verdict for the row at that line of a group of rows: its own, or that of the whole group.
    pub fn verdict_of_row(&self, line: u32) -> Verdict {
        match self.rows.binary_search_by_key(&line, |row| row.line) {
            Ok(at) => self.rows[at].verdict,
            Err(_) if self.rows.is_empty() => self.verdict,
            Err(_) => Verdict::Accepted,
        }
    }
}

/// A row of a group of which something was rejected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowReceipt {
    /// Table and key values of the row.
    pub name: String,
    /// Its line in the item, 1-based.
    pub line: u32,
    /// Partly or refused.
    pub verdict: Verdict,
    /// Records rejected.
    pub rejected: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// A receipt, version 1 of the wire shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Version of this shape: 1.
    pub v: u32,
    /// Receipt number, the same for admission and completion: the envelope id prefixed by the hub.
    pub number: String,
    /// Envelope id.
    pub envelope: String,
    /// Hub that answers, `region/node`.
    pub hub: String,
    /// When the envelope was received, RFC 3339.
    pub received_at: String,
    /// When the store had decided, RFC 3339; absent in the admission receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<String>,
    /// Verdict.
    pub verdict: Verdict,
    /// Seen before: this is the first receipt again.
    #[serde(default)]
    pub repeated: bool,
    /// Counts of all records.
    pub counts: Counts,
    /// Counts by element (`unknown` for what has none).
    pub elements: BTreeMap<String, Counts>,
    /// Items.
    pub items: Vec<ItemReceipt>,
    /// Findings, at most [`crate::limits::RECEIPT_FINDINGS`].
    pub findings: Vec<Finding>,
    /// Findings not listed, by code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unlisted: BTreeMap<String, u64>,
}

/// The findings of a receipt, errors before what only has to be known; else as they stand.
pub fn graver_first(receipt: &Receipt) -> Vec<&Finding> {
    let mut all: Vec<&Finding> = receipt.findings.iter().collect();
    all.sort_by_key(|f| std::cmp::Reverse(f.severity));
    all
}

/// Name under which records without an element are counted.
pub const UNKNOWN: &str = "unknown";

/// Name of an element in a ledger: its id, or [`UNKNOWN`].
pub fn element_name(element: Option<ElementId>) -> &'static str {
    element.map_or(UNKNOWN, ElementId::name)
}
