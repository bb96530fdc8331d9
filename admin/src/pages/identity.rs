//! The ledger's identity as figures: received is stored, rejected, duplicate and pending. Refuses to count.

use crate::format::number;

/// The ledger's identity as figures.
pub(crate) struct Identity {
    pub(crate) received: String,
    pub(crate) stored: String,
    pub(crate) rejected: String,
    pub(crate) duplicate: String,
    pub(crate) pending: String,
    pub(crate) balances: bool,
}

/// The figures of five counts.
pub(crate) fn identity(counts: &tongcha_schema::receipt::Counts) -> Identity {
    Identity {
        received: number(counts.received),
        stored: number(counts.stored),
        rejected: number(counts.rejected),
        duplicate: number(counts.duplicate),
        pending: number(counts.pending),
        balances: counts.balances(),
    }
}
