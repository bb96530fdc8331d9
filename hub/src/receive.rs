//! The door: reads a frame from a stream, authenticates it before anything else is parsed, and spools
//! its items. Refuses to look into an item.

use crate::core::Core;
use crate::demands::Demands;
use crate::enrol::lapsed;
use crate::spool::{Spool, SpoolError};
use crate::store::engine::StoreError;
use crate::store::row::Row;
use futures_util::{Stream, StreamExt};
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tongcha_schema::clock::unix_ms;
use tongcha_schema::code::transport;
use tongcha_schema::envelope::{FrameDecoder, FrameEvent, Head, ItemHead, hex};
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::seal::{self, EnvelopeCipher};

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
    /// One spool per item.
    pub spools: Vec<Arc<Spool>>,
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
        /// Status of the answer: 401 not authenticated, 400 otherwise.
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
}

struct Door<'a> {
    core: &'a Core,
    /// For whom the line vouches, where it does.
    vouched: Option<&'a str>,
    node: String,
    received: Option<Received>,
    repeated: Option<String>,
    spool: Option<Spool>,
    cipher: Option<EnvelopeCipher>,
    /// Chunks of the item so far.
    chunks: u64,
}

/// Reads one envelope.
///
/// # Errors
/// Only what is the hub's own fault; the sender's faults are a [`Doorway::TurnedAway`].
pub async fn receive<S, B, E>(
    core: &Core,
    vouched: Option<&str>,
    body: S,
) -> Result<Doorway, DoorError>
where
    S: Stream<Item = Result<B, E>>,
    B: AsRef<[u8]>,
{
    let mut body = std::pin::pin!(body);
    let mut door = Door {
        core,
        vouched,
        node: String::new(),
        received: None,
        repeated: None,
        spool: None,
        cipher: None,
        chunks: 0,
    };
    let mut decoder = FrameDecoder::new();
    while let Some(bytes) = body.next().await {
        // A connection that breaks off is a truncated frame: `finish` says where.
        let Ok(bytes) = bytes else { break };
        let events = match decoder.push(bytes.as_ref()) {
            Ok(events) => events,
            Err(fault) => return Ok(door.away(400, fault.finding())),
        };
        for event in events {
            if let Some(away) = door.take(event).await? {
                return Ok(away);
            }
        }
    }
    match decoder.finish() {
        Ok(()) => Ok(door.finish()),
        Err(fault) => Ok(door.away(400, fault.finding())),
    }
}

impl Door<'_> {
    fn away(&self, status: u16, finding: Finding) -> Doorway {
        let envelope = self
            .received
            .as_ref()
            .map(|r| r.head.id.to_string())
            .unwrap_or_default();
        Doorway::TurnedAway {
            status,
            node: self.node.clone(),
            envelope,
            finding: Box::new(finding),
        }
    }

    async fn take(&mut self, event: FrameEvent) -> Result<Option<Doorway>, DoorError> {
        match event {
            FrameEvent::Preamble {
                node,
                signature,
                head,
            } => self.authenticate(node, &signature, head).await,
            FrameEvent::Chunk { item, bytes } => self.chunk(item as usize, &bytes),
            FrameEvent::ItemEnd { item } => Ok(self.end_item(item as usize)),
            FrameEvent::End => Ok(None),
        }
    }

    /// The row of the node, or what a stranger is told.
    async fn registered(&mut self) -> Result<Result<Row, Doorway>, DoorError> {
        let find = crate::args![&self.node];
        if let Some(row) = self.core.store.row("nodes.find", find).await? {
            return Ok(Ok(row));
        }
        let signs = self.node.chars().filter(|c| !c.is_control());
        let shown: String = signs.take(64).collect();
        self.node.clear();
        let finding = Finding::new(transport::UNKNOWN_NODE, Place::default()).with("node", shown);
        Ok(Err(self.away(401, finding)))
    }

    async fn authenticate(
        &mut self,
        node: String,
        signature: &[u8],
        bytes: Vec<u8>,
    ) -> Result<Option<Doorway>, DoorError> {
        if let Some(user) = self.vouched.filter(|user| *user != node) {
            let finding = Finding::new(transport::FOREIGN_USER, Place::default());
            let finding = finding.with("user", user).with("node", node);
            return Ok(Some(self.away(401, finding)));
        }
        self.node = node;
        let row = match self.registered().await? {
            Ok(row) => row,
            Err(away) => return Ok(Some(away)),
        };
        let known = seal::parse_public(row.text(2))
            .is_some_and(|key| seal::verify(&key, &bytes, signature));
        if !known {
            return Ok(Some(self.away(
                401,
                Finding::new(transport::BAD_SIGNATURE, Place::default()),
            )));
        }
        let now = self.core.clock.now();
        let (until, revoked) = (row.opt_int(5), row.opt_int(6));
        if let Some(finding) = lapsed(until, revoked, unix_ms(now)) {
            return Ok(Some(self.away(401, finding)));
        }
        let head = match Head::parse(&self.node, &bytes) {
            Ok(head) => head,
            Err(finding) => return Ok(Some(self.away(400, *finding))),
        };
        if head.target != self.core.name {
            let detail = format!("the envelope is meant for {}", head.target);
            let finding =
                Finding::new(transport::BAD_FRAME, Place::default()).with("detail", detail);
            return Ok(Some(self.away(400, finding)));
        }
        let demands = Demands::of(&row, 7, 8);
        let fault = skewed(&head, now).or_else(|| demands.fault(head.secrecy.as_ref()));
        if let Some(finding) = fault.or_else(|| self.open_secrecy(&head)) {
            return Ok(Some(self.away(400, finding)));
        }
        let head_digest = hex(&sha2::Digest::finalize(sha2::Digest::chain_update(
            <sha2::Sha256 as sha2::Digest>::new(),
            &bytes,
        )));
        let sender = Sender {
            name: self.node.clone(),
            is_hub: row.text(1) == "hub",
        };
        let away = match repeat_of(self.core, &head, &head_digest).await? {
            Some(Doorway::Repeated { receipt, .. }) => {
                self.repeated = Some(receipt);
                None
            }
            other => other,
        };
        let head_text = String::from_utf8(bytes).unwrap_or_default();
        self.received = Some(Received {
            sender,
            head,
            head_digest,
            head_text,
            spools: Vec::new(),
        });
        self.next_spool();
        Ok(away)
    }

    /// Finds the key of an encrypted envelope.
    fn open_secrecy(&mut self, head: &Head) -> Option<Finding> {
        let secrecy = head.secrecy.as_ref()?;
        self.cipher = self.core.intake.cipher(secrecy, &head.id.to_string());
        let closed = self.cipher.is_none();
        closed.then(|| Finding::new(transport::UNOPENED, Place::default()))
    }

    fn item_head(&self) -> Option<&ItemHead> {
        let received = self.received.as_ref()?;
        received.head.items.get(received.spools.len())
    }

    fn next_spool(&mut self) {
        self.spool = self.item_head().map(|head| {
            Spool::new(
                Arc::clone(&self.core.sealed),
                head.travelling_sha256(),
                head.travelling(),
                &self.core.spool,
            )
        });
    }

    fn chunk(&mut self, item: usize, bytes: &[u8]) -> Result<Option<Doorway>, DoorError> {
        if self.repeated.is_some() {
            return Ok(None);
        }
        let Some(spool) = &mut self.spool else {
            return Ok(Some(
                self.away(400, bad_frame("more items than the head declares")),
            ));
        };
        let mut opened = None;
        if let Some(cipher) = &self.cipher {
            let number = u32::try_from(item).unwrap_or(u32::MAX);
            opened = cipher.open(number, self.chunks, bytes);
            self.chunks += 1;
            if opened.is_none() {
                let finding = Finding::new(transport::UNOPENED, Place::default());
                return Ok(Some(self.away(400, finding)));
            }
        }
        match spool.push(opened.as_deref().unwrap_or(bytes)) {
            Ok(()) => Ok(None),
            Err(SpoolError::Io(error)) => Err(error.into()),
            Err(SpoolError::Chunk) => {
                Ok(Some(self.away(400, bad_frame("a chunk is no zstd frame"))))
            }
            Err(SpoolError::TooLong) => Ok(Some(self.away(400, bad_digest(item)))),
        }
    }

    fn end_item(&mut self, item: usize) -> Option<Doorway> {
        self.chunks = 0;
        if self.repeated.is_some() {
            return None;
        }
        let Some(spool) = self.spool.take() else {
            return Some(self.away(400, bad_frame("more items than the head declares")));
        };
        if !spool.is_whole() {
            return Some(self.away(400, bad_digest(item)));
        }
        if let Some(received) = &mut self.received {
            received.spools.push(Arc::new(spool));
        }
        self.next_spool();
        None
    }

    fn finish(mut self) -> Doorway {
        let envelope = self
            .received
            .as_ref()
            .map(|r| r.head.id.to_string())
            .unwrap_or_default();
        if let Some(receipt) = self.repeated.take() {
            return Doorway::Repeated { envelope, receipt };
        }
        match self.received.take() {
            Some(received) if received.spools.len() == received.head.items.len() => {
                Doorway::New(Box::new(received))
            }
            _ => self.away(400, bad_frame("fewer items than the head declares")),
        }
    }
}

/// The idempotent receiver: an envelope that came before is answered with its first receipt, and turned
/// away where its content is another.
///
/// # Errors
/// The store.
pub async fn repeat_of(
    core: &Core,
    head: &Head,
    digest: &str,
) -> Result<Option<Doorway>, DoorError> {
    let id = head.id.to_string();
    let Some(row) = core.store.row("envelopes.find", crate::args![&id]).await? else {
        return Ok(None);
    };
    if row.text(0) == digest {
        return Ok(Some(Doorway::Repeated {
            envelope: id,
            receipt: row.text(1).to_owned(),
        }));
    }
    let finding = Finding::new(transport::CHANGED_REPEAT, Place::default()).with("envelope", &id);
    Ok(Some(Doorway::TurnedAway {
        status: 409,
        node: head.id.node.clone(),
        envelope: id,
        finding: Box::new(finding),
    }))
}

/// The fault of an envelope that was packed later than now, by more than clocks may differ.
fn skewed(head: &Head, now: OffsetDateTime) -> Option<Finding> {
    let sent = OffsetDateTime::parse(&head.sent_at, &Rfc3339).ok()?;
    let ahead = sent - now;
    (ahead > seal::REQUEST_WINDOW).then(|| {
        Finding::new(transport::CLOCK_SKEW, Place::default()).with("seconds", ahead.whole_seconds())
    })
}

fn bad_frame(detail: &str) -> Finding {
    Finding::new(transport::BAD_FRAME, Place::default()).with("detail", detail)
}

fn bad_digest(item: usize) -> Finding {
    Finding::new(transport::BAD_DIGEST, Place::default()).with("item", item + 1)
}
