//! What one step of an agent did, for whoever drives it.

use time::OffsetDateTime;
use tongcha_schema::finding::Finding;
use tongcha_schema::id::EnvelopeId;
use tongcha_schema::receipt::Verdict;

/// What one step did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepReport {
    /// Lots that the source offered.
    pub offered: u64,
    /// Envelopes packed.
    pub packed: Vec<EnvelopeId>,
    /// Lots that were on their way already.
    pub known: u64,
    /// Envelopes answered, with their verdict and whether the hub had seen them before.
    pub receipts: Vec<(EnvelopeId, Verdict, bool)>,
    /// Receipts handed to the source.
    pub settled: u64,
    /// Completion receipts that came.
    pub completed: u64,
    /// Parcels that still wait for a receipt.
    pub waiting: u64,
    /// Settled parcels whose completion receipt was asked for and is not there yet.
    pub incomplete: u64,
    /// The source was not polled because the outbox is full.
    pub held_back: bool,
    /// When the line may be tried again, where it has to wait.
    pub retry_at: Option<OffsetDateTime>,
    /// What went wrong, for people; each was logged.
    pub faults: Vec<String>,
    /// What the source finds wrong with what it reads, for people.
    pub remarks: Vec<String>,
}

/// A finding for people: code, cause and next step in both languages.
pub(super) fn line(finding: &Finding) -> String {
    format!(
        "{} {}（{}） · {} ({})",
        finding.code,
        finding.cause_zh(),
        finding.hint_zh(),
        finding.cause_en(),
        finding.hint_en()
    )
}

impl StepReport {
    /// Envelopes of which something was refused.
    pub fn refused(&self) -> usize {
        let accepted = |verdict: &Verdict| *verdict == Verdict::Accepted;
        self.receipts.iter().filter(|r| !accepted(&r.1)).count()
    }

    /// Whether the step moved anything: then the next one need not wait.
    pub fn moved(&self) -> bool {
        !self.packed.is_empty() || !self.receipts.is_empty() || self.settled > 0
    }
}
