//! What is asked for when something is taken back, what came of it, and why nothing did. Refuses to act.

use crate::store::engine::StoreError;
use std::collections::BTreeMap;

/// What is to be taken back: an envelope, or what a dialect made of a source's items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Envelope id, or empty.
    pub envelope: String,
    /// Sending node, or empty.
    pub source: String,
    /// Dialect that read it, or empty.
    pub dialect: String,
}

/// Who takes back, why, and how many records by the preview.
#[derive(Clone, Debug)]
pub struct Order {
    /// Who.
    pub who: String,
    /// Why: it is told to the source.
    pub reason: String,
    /// Records as the preview counted them: another number stops it.
    pub records: u64,
}

/// What goes, or went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Number in the log; 0 of a preview.
    pub number: i64,
    /// Envelopes that are meant.
    pub envelopes: u64,
    /// Records by element.
    pub records: BTreeMap<String, u64>,
    /// Cases that nothing else speaks of: they go.
    pub cases: u64,
    /// Cases that keep other records: they are judged anew.
    pub kept_cases: u64,
    /// Cards that go with their cases.
    pub cards: u64,
    /// The first of the cases that go, as `space case_no`.
    pub first_cases: Vec<String>,
    /// The first of the cards that go, as `rule colour case_no`.
    pub first_cards: Vec<String>,
    /// Records of these envelopes that were duplicates of others: they stay what they are.
    pub duplicates: u64,
    /// Whether this hub forwards: what went up must be taken back above as well.
    pub forwards: bool,
}

impl Taken {
    /// Records of all elements.
    pub fn total(&self) -> u64 {
        self.records.values().sum()
    }
}

/// Why nothing was taken back.
#[derive(Debug, thiserror::Error)]
pub enum TakeBackError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Neither an envelope nor a source with a dialect.
    #[error(
        "须指明信封，或来源与方言 · name an envelope, or a source and a dialect; hint: --envelope ID, or --source NODE --dialect NAME"
    )]
    NoWish,
    /// Nothing fits.
    #[error(
        "没有符合的已入库记录 · nothing stored fits; hint: compare envelope, source and dialect with the envelope's page"
    )]
    Nothing,
    /// Some of it is not ingested yet.
    #[error(
        "还有{0}条待入库，请稍后再试 · {0} records wait for ingest; hint: try again when they are stored"
    )]
    Pending(i64),
    /// It is another number than the preview's.
    #[error(
        "现为{found}条，不是{given}条，未作改动 · it is {found} records, not {given}; nothing was changed; hint: look at the preview again"
    )]
    OtherCount {
        /// Records now.
        found: u64,
        /// Records as given.
        given: u64,
    },
    /// No reason was given.
    #[error("须写明理由 · a reason is needed; hint: --reason \"...\"")]
    NoReason,
}
