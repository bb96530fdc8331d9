//! What an uplink is: it carries parcels to a hub and brings receipts back; and how the answers of a hub are
//! read, whichever way they came. Refuses to decide when to try again (`agent.rs`, `backoff.rs`).

use crate::outbox::{OutboxError, Parcel};
use async_trait::async_trait;
use serde::Deserialize;
use thiserror::Error;
use time::Duration;
use tongcha_schema::code::transport;
use tongcha_schema::finding::Finding;
use tongcha_schema::receipt::{Receipt, Verdict};

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
    /// The hub does not take this parcel, and may take others.
    #[error("the hub cannot take this envelope: {why}")]
    Parcel {
        /// What the hub said.
        why: String,
        /// Its refusal, where the answer was one.
        refusal: Option<Box<Receipt>>,
        /// Whether the hub says that it can never take it (422).
        for_good: bool,
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

/// How a machine is, as it tells its hub now and then: a silent node and an idle one are two things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heartbeat {
    /// Parcels without a receipt.
    pub waiting: u64,
    /// Their bytes on the disk.
    pub bytes: u64,
}

impl Heartbeat {
    /// What is signed, and over HTTP asked for: path and query.
    pub fn path(&self) -> String {
        format!(
            "{HEARTBEAT_PATH}?waiting={}&bytes={}",
            self.waiting, self.bytes
        )
    }

    /// Reads path and query; `None` for anything else.
    pub fn parse(path: &str) -> Option<Heartbeat> {
        let query = path
            .strip_prefix(HEARTBEAT_PATH)?
            .strip_prefix("?waiting=")?;
        let (waiting, bytes) = query.split_once("&bytes=")?;
        Some(Heartbeat {
            waiting: waiting.parse().ok()?,
            bytes: bytes.parse().ok()?,
        })
    }
}

/// Where heartbeats go.
pub const HEARTBEAT_PATH: &str = "/v1/heartbeats";

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

    /// Tells the hub how this machine is.
    ///
    /// # Errors
    /// [`SendFault`]; nothing depends on it.
    async fn heartbeat(&self, heartbeat: Heartbeat) -> Result<(), SendFault>;
}

/// What every refusal of a hub has in common with a receipt.
#[derive(Deserialize)]
struct Refusal {
    findings: Vec<Finding>,
}

/// What a hub's refusal means, by its status as of HTTP.
pub(crate) fn fault_of(status: u16, wish: Option<Duration>, body: &[u8]) -> SendFault {
    match status {
        401 | 403 => SendFault::Node {
            findings: serde_json::from_slice::<Refusal>(body)
                .map(|r| r.findings)
                .unwrap_or_default(),
        },
        // Anything that says nothing about the envelope itself: the line, the hub, its proxy.
        404 | 408 | 425 | 429 | 500.. | 300..=399 => SendFault::Line {
            why: format!("the hub answers {status}"),
            wish,
        },
        _ => {
            let refusal = serde_json::from_slice::<Receipt>(body).ok();
            let refusal =
                refusal.filter(|r| r.verdict == Verdict::Refused && !r.findings.is_empty());
            let why = match &refusal {
                Some(receipt) => first_cause(&receipt.findings),
                None => String::from_utf8_lossy(body).chars().take(200).collect(),
            };
            SendFault::Parcel {
                why: format!("the hub answers {status}: {why}"),
                for_good: status == 422 && refusal.is_some(),
                refusal: refusal.map(Box::new),
            }
        }
    }
}

/// A receipt as the hub writes it.
pub(crate) fn receipt_of(body: &[u8]) -> Result<Receipt, SendFault> {
    serde_json::from_slice(body).map_err(|e| SendFault::Line {
        why: format!("the answer is no receipt: {e}"),
        wish: None,
    })
}

/// The receipt of an upload. A refusal whose answer began before it was known (a long examination shows life) comes
/// with the status of a success, and has no number.
pub(crate) fn kept_or_refused(receipt: Receipt) -> Result<Receipt, SendFault> {
    if receipt.verdict == Verdict::Accepted || !receipt.number.is_empty() {
        return Ok(receipt);
    }
    let last = [transport::HEAD_CONTROL, transport::NOT_KEPT];
    Err(SendFault::Parcel {
        why: first_cause(&receipt.findings),
        for_good: receipt.findings.iter().any(|f| last.contains(&f.code)),
        refusal: Some(Box::new(receipt)),
    })
}

/// The receipt, if it is one of completion.
pub(crate) fn completed(receipt: Receipt) -> Option<Receipt> {
    Some(receipt).filter(|r| r.completed_at.is_some())
}

/// Where a receipt is asked for; its number is one path segment.
pub fn receipt_path(number: &str) -> String {
    let mut out = String::from("/v1/receipts/");
    for byte in number.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_path_segment() {
        assert_eq!(
            receipt_path("431321/hub:431321/gtj@1.7"),
            "/v1/receipts/431321%2Fhub%3A431321%2Fgtj%401.7"
        );
    }

    #[test]
    fn a_beat_is_read_as_it_was_written() {
        let heartbeat = Heartbeat {
            waiting: 3,
            bytes: 1_024,
        };
        assert_eq!(Heartbeat::parse(&heartbeat.path()), Some(heartbeat));
        for bad in [
            "/v1/heartbeats",
            "/v1/heartbeats?waiting=3",
            "/v1/heartbeats?waiting=-1&bytes=0",
        ] {
            assert_eq!(Heartbeat::parse(bad), None, "{bad}");
        }
    }
}
