//! What an uplink is: it carries parcels to a hub and brings receipts back. Refuses to decide when to
//! try again (`agent.rs`, `backoff.rs`).

use crate::outbox::{OutboxError, Parcel};
use async_trait::async_trait;
use thiserror::Error;
use time::Duration;
use tongcha_schema::finding::Finding;
use tongcha_schema::receipt::Receipt;

/// Why no receipt came.
#[derive(Debug, Error)]
pub enum SendFault {
    /// The line or the hub is down or busy; the hub may have said when to come back.
    #[error("the hub cannot be reached or is busy: {why}")]
    Line {
        /// What happened.
        why: String,
        /// The hub's wish (`Retry-After`).
        wish: Option<Duration>,
    },
    /// The hub does not accept this node (unknown, wrong key): nothing passes until a person acts.
    #[error("the hub refuses this node: {}", first_cause(.findings))]
    Node {
        /// X101 or X102.
        findings: Vec<Finding>,
    },
    /// The hub cannot take this parcel, and may take others.
    #[error("the hub cannot take this envelope: {why}")]
    Parcel {
        /// What the hub said.
        why: String,
    },
    /// The outbox cannot be read.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

impl SendFault {
    /// Whether the same parcel may pass later without anybody's help.
    pub fn is_transient(&self) -> bool {
        match self {
            SendFault::Line { .. } => true,
            SendFault::Node { .. } | SendFault::Parcel { .. } => false,
            SendFault::Outbox(cause) => cause.is_transient(),
        }
    }
}

fn first_cause(findings: &[Finding]) -> String {
    findings.first().map_or_else(
        || "no reason given".to_owned(),
        |f| format!("{} {}; hint: {}", f.code, f.cause_en(), f.hint_en()),
    )
}

/// Carries parcels to a hub.
#[async_trait]
pub trait Uplink: Send + Sync {
    /// Sends one parcel and waits for its admission receipt.
    ///
    /// # Errors
    /// [`SendFault`]; the parcel stays where it is.
    async fn send(&self, parcel: &Parcel) -> Result<Receipt, SendFault>;

    /// Asks for the newest receipt of that number; `None` while the hub has no completion receipt.
    ///
    /// # Errors
    /// [`SendFault`].
    async fn completion(&self, number: &str) -> Result<Option<Receipt>, SendFault>;
}
