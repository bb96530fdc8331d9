//! The door: reads a frame from a stream, knows its sender before it reads the head, authenticates it before
//! anything else is parsed, and spools its items. Refuses to look into an item, and to wait for whoever is silent.

mod doorway;
mod known;

pub use doorway::{DoorError, Doorway, Received, Sender};
pub(crate) use known::beyond_spool;
pub use known::repeat_of;

use crate::core::Core;
use crate::demands::Demands;
use crate::enrol::lapsed;
use crate::room::NoRoom;
use crate::signer::claimant;
use crate::spool::{Spool, SpoolError, Tray};
use crate::store::row::Row;
use futures_util::{Stream, StreamExt};
use known::{bad_digest, bad_frame, skewed};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};
use tongcha_schema::clock::unix_ms;
use tongcha_schema::code::transport;
use tongcha_schema::digest::hex;
use tongcha_schema::envelope::{FrameDecoder, FrameEvent, Head, ItemHead};
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::seal::{self, EnvelopeCipher};

/// What the door knows of the sender before it has the head.
struct Claim {
    signature: Vec<u8>,
    key: String,
    /// The row of a node that is registered; none of one that waits for its approval.
    row: Option<Row>,
}

struct Door<'a> {
    core: &'a Core,
    /// For whom the line vouches, where it does.
    vouched: Option<&'a str>,
    node: String,
    claim: Option<Claim>,
    /// Room for the head.
    room: Option<OwnedSemaphorePermit>,
    /// Until when the bytes that are waited for must be here; from the items on: the next of them.
    until: Instant,
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
        claim: None,
        room: None,
        until: Instant::now(),
        received: None,
        repeated: None,
        spool: None,
        cipher: None,
        chunks: 0,
    };
    let mut decoder = FrameDecoder::new();
    door.await_more();
    loop {
        let Ok(piece) = timeout_at(door.until, body.next()).await else {
            let finding = decoder.finish().err().map(|fault| fault.finding());
            let finding = finding.unwrap_or_else(|| bad_frame("silent after its end"));
            return Ok(door.away(408, finding));
        };
        // A connection that breaks off is a truncated frame: `finish` says where.
        let Some(Ok(bytes)) = piece else { break };
        let events = match decoder.push(bytes.as_ref()) {
            Ok(events) => events,
            Err(fault) => return Ok(door.away(400, fault.finding())),
        };
        for event in events {
            if let Some(away) = door.take(event).await? {
                return Ok(away);
            }
        }
        door.heard();
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

    /// From now on for what comes next: a broker's parts, node and signature, the head, or an item's piece.
    fn await_more(&mut self) {
        let patience = self.core.intake.rooms.patience();
        let wait = match (&self.vouched, &self.received, &self.claim) {
            (Some(_), _, _) => patience.part,
            (None, Some(_), _) => patience.silence,
            (None, None, Some(_)) => patience.head,
            (None, None, None) => patience.stranger,
        };
        self.until = Instant::now() + wait;
    }

    /// Bytes came. Only who is known gains time by them.
    fn heard(&mut self) {
        if self.received.is_some() || self.vouched.is_some() {
            self.await_more();
        }
    }

    async fn take(&mut self, event: FrameEvent) -> Result<Option<Doorway>, DoorError> {
        match event {
            FrameEvent::Sender {
                node,
                signature,
                head_bytes,
            } => self.claimed(node, signature, head_bytes).await,
            FrameEvent::Head { bytes } => self.authenticate(bytes).await,
            FrameEvent::Chunk { item, bytes } => self.chunk(item as usize, &bytes),
            FrameEvent::ItemEnd { item } => Ok(self.end_item(item as usize)),
            FrameEvent::End => Ok(None),
        }
    }

    /// Who says that it sends: a node that is registered, or waits for it, may show its head.
    async fn claimed(
        &mut self,
        node: String,
        signature: Vec<u8>,
        head_bytes: usize,
    ) -> Result<Option<Doorway>, DoorError> {
        if let Some(user) = self.vouched.filter(|user| *user != node) {
            let finding = Finding::new(transport::FOREIGN_USER, Place::default());
            let finding = finding.with("user", user).with("node", node);
            return Ok(Some(self.away(401, finding)));
        }
        let Some((row, key)) = claimant(self.core, &node).await? else {
            let signs = node.chars().filter(|c| !c.is_control());
            let shown: String = signs.take(64).collect();
            let finding = Finding::new(transport::UNKNOWN_NODE, Place::default());
            return Ok(Some(self.away(401, finding.with("node", shown))));
        };
        if row.is_some() {
            self.node = node.clone();
        }
        self.claim = Some(Claim {
            signature,
            key,
            row,
        });
        self.await_more();
        let room = self.core.intake.rooms.head(head_bytes);
        match timeout_at(self.until, room).await {
            Ok(room) => self.room = room,
            Err(_) => return Err(DoorError::Busy("heads")),
        }
        self.await_more();
        Ok(None)
    }

    async fn authenticate(&mut self, bytes: Vec<u8>) -> Result<Option<Doorway>, DoorError> {
        let Some(claim) = self.claim.take() else {
            return Ok(Some(self.away(400, bad_frame("no sender"))));
        };
        let known = seal::parse_public(&claim.key)
            .is_some_and(|key| seal::verify(&key, &bytes, &claim.signature));
        let Some(row) = claim.row.filter(|_| known) else {
            let code = match known {
                true => transport::AWAITS_APPROVAL,
                false => transport::BAD_SIGNATURE,
            };
            return Ok(Some(self.away(401, Finding::new(code, Place::default()))));
        };
        let now = self.core.clock.now();
        let (until, revoked) = (row.opt_int(5), row.opt_int(6));
        if let Some(finding) = lapsed(until, revoked, unix_ms(now)) {
            return Ok(Some(self.away(401, finding)));
        }
        // What is signed is the same each time: a head that cannot be taken never will be.
        let head = match Head::parse(&self.node, &bytes) {
            Ok(head) => head,
            Err(finding) => return Ok(Some(self.away(422, *finding))),
        };
        if head.target != self.core.name {
            let detail = format!("the envelope is meant for {}", head.target);
            return Ok(Some(self.away(400, bad_frame(&detail))));
        }
        let demands = Demands::of(&row, 7, 8);
        let fault = skewed(&head, now).or_else(|| demands.fault(head.secrecy.as_ref()));
        if let Some(finding) = fault.or_else(|| self.open_secrecy(&head)) {
            return Ok(Some(self.away(400, finding)));
        }
        let sender = Sender {
            name: head.id.node.clone(),
            is_hub: row.text(1) == "hub",
        };
        self.enter(sender, head, bytes).await
    }

    /// The envelope of a known node, its head good: a repeat, or one that is spooled from now on.
    async fn enter(
        &mut self,
        sender: Sender,
        head: Head,
        bytes: Vec<u8>,
    ) -> Result<Option<Doorway>, DoorError> {
        let rooms = &self.core.intake.rooms;
        let head_digest = hex(&sha2::Digest::finalize(sha2::Digest::chain_update(
            <sha2::Sha256 as sha2::Digest>::new(),
            &bytes,
        )));
        let away = match repeat_of(self.core, &head, &head_digest).await? {
            Some(Doorway::Repeated { receipt, .. }) => {
                self.repeated = Some(receipt);
                None
            }
            other => other,
        };
        let turn = match self.vouched {
            // The broker's queue keeps one after another.
            Some(_) => None,
            None => Some(rooms.enter(&sender.name)),
        };
        if turn.as_ref().is_some_and(Option::is_none) {
            return Err(DoorError::Busy("envelopes of this node"));
        }
        if self.repeated.is_none() && rooms.is_nearly_full() {
            return Err(DoorError::Busy("the spool"));
        }
        self.received = Some(Received {
            sender,
            head,
            head_digest,
            head_text: String::from_utf8(bytes).unwrap_or_default(),
            items: Vec::new(),
            tray: Tray::new(Arc::clone(&self.core.sealed), &self.core.spool, rooms),
            turn: turn.flatten(),
            room: self.room.take(),
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
        received.head.items.get(received.items.len())
    }

    fn next_spool(&mut self) {
        let head = self.item_head();
        self.spool = head.map(|head| Spool::new(head.travelling_sha256(), head.travelling()));
    }

    fn chunk(&mut self, item: usize, bytes: &[u8]) -> Result<Option<Doorway>, DoorError> {
        if self.repeated.is_some() {
            return Ok(None);
        }
        let (Some(spool), Some(received)) = (&mut self.spool, &mut self.received) else {
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
        match spool.push(&mut received.tray, opened.as_deref().unwrap_or(bytes)) {
            Ok(()) => Ok(None),
            Err(SpoolError::Io(error)) => Err(error.into()),
            Err(SpoolError::NoRoom(NoRoom::Now)) => Err(DoorError::Busy("the spool")),
            Err(SpoolError::NoRoom(NoRoom::Ever)) => Ok(Some(self.away(422, beyond_spool()))),
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
        let (Some(spool), Some(received)) = (self.spool.take(), &mut self.received) else {
            return Some(self.away(400, bad_frame("more items than the head declares")));
        };
        let Some(whole) = spool.whole(&received.tray) else {
            return Some(self.away(400, bad_digest(item)));
        };
        received.items.push(Arc::new(whole));
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
            Some(received) if received.items.len() == received.head.items.len() => {
                Doorway::New(Box::new(received))
            }
            _ => self.away(400, bad_frame("fewer items than the head declares")),
        }
    }
}
