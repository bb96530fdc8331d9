//! Whose a failure of the gate is: it passes by itself, or the machine's (both: send again), or the envelope's
//! (it can never be taken, whoever sends it however often). Refuses to tell what an engine says of values.

use crate::receive::{DoorError, beyond_spool};
use crate::room::NoRoom;
use crate::spool::SpoolError;
use crate::store::engine::StoreError;
use tongcha_schema::code::transport;
use tongcha_schema::finding::{Finding, Place};

/// A failure at the gate that is no fault of the sender's making.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// At the door.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Room on the spool's disk.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// Reading the spool, or the examination was stopped.
    #[error("the examination of an item failed: {0}")]
    Examine(String),
}

impl GateError {
    pub(super) fn disk(error: std::io::Error) -> GateError {
        GateError::Examine(error.to_string())
    }

    /// Whether the sender is only to wait: too much is in hand.
    pub fn is_busy(&self) -> bool {
        matches!(
            self,
            GateError::Door(DoorError::Busy(_)) | GateError::NoRoom(NoRoom::Now)
        )
    }

    /// Why the envelope can never be taken, where that is so.
    pub fn never(&self) -> Option<Finding> {
        match self {
            GateError::NoRoom(NoRoom::Ever) => Some(beyond_spool()),
            GateError::Store(error) | GateError::Door(DoorError::Store(error)) => {
                let (statement, reason) = error.refused_value()?;
                let finding = Finding::new(transport::NOT_KEPT, Place::default());
                Some(finding.with("statement", statement).with("reason", reason))
            }
            _ => None,
        }
    }
}

impl From<SpoolError> for GateError {
    fn from(error: SpoolError) -> GateError {
        match error {
            SpoolError::NoRoom(full) => GateError::NoRoom(full),
            other => GateError::Examine(other.to_string()),
        }
    }
}
