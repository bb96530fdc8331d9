//! What comes of the door: an envelope that passed, a repeat, a refusal, or a failure that is not the sender's.

use crate::room::Turn;
use crate::spool::{Item, Tray};
use crate::store::engine::StoreError;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;
use tongcha_schema::envelope::Head;
use tongcha_schema::finding::Finding;

/// A node that may send.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Node name.
    pub name: String,
    /// Whether it is a lower hub, whose cases name their own source.
    pub is_hub: bool,
}

/// An envelope that passed the door.
pub struct Received {
    /// Who sent it.
    pub sender: Sender,
    /// The head.
    pub head: Head,
    /// SHA-256 of the head's bytes.
    pub head_digest: String,
    /// The head's bytes as text.
    pub head_text: String,
    /// The items, in the order of the head.
    pub items: Vec<Arc<Item>>,
    /// Where they wait.
    pub tray: Tray,
    /// The node's turn, where the line does not keep its order by itself.
    pub turn: Option<Turn>,
    /// Room for the head.
    pub room: Option<OwnedSemaphorePermit>,
}

/// What came of reading.
pub enum Doorway {
    /// It is new.
    New(Box<Received>),
    /// It came before with the same content: the number of the first receipt.
    Repeated {
        /// Envelope id.
        envelope: String,
        /// The first admission receipt, JSON.
        receipt: String,
    },
    /// It is turned away; nothing of it is kept but this.
    TurnedAway {
        /// Status of the answer: 401 not authenticated, 408 silent, 422 what can never be taken, 400 otherwise.
        status: u16,
        /// Node as it called itself, or empty.
        node: String,
        /// Envelope id, where the head was read.
        envelope: String,
        /// Why.
        finding: Box<Finding>,
    },
}

/// A failure that is not the sender's.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The spool.
    #[error("the spool failed: {0}")]
    Io(#[from] std::io::Error),
    /// Too much is in hand; it is less soon.
    #[error("too much is in hand: {0}")]
    Busy(&'static str),
}
