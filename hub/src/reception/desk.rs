//! One node's messages, in their order: parts of a frame become the stream that the gate reads; a question is
//! answered with the receipt. Refuses to hold a frame: a part is acknowledged once the gate has taken it, the
//! last one once the envelope is kept.

use crate::core::Core;
use crate::gate;
use crate::inbox;
use crate::route;
use crate::signer::Refused;
use futures_util::{Stream, stream};
use std::sync::Arc;
use std::time::Duration;
use tongcha_adapters::amqp::{
    AGAIN, ASK, BEAT, MOST_PART_BYTES, NodeMessage, NodeQueue, PART, Reception,
};
use tongcha_adapters::uplink::receipt_path;
use tongcha_schema::code::transport;
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::receipt::Receipt;

/// Seconds after which a node may try again when the hub itself failed.
const RETRY_AFTER_S: i64 = 5;
/// How often is looked whether what waits for ingest has become less.
const PAUSE: Duration = Duration::from_secs(1);

/// The frame breaks off: its sender began another, or the line broke.
#[derive(Debug)]
struct Broken;

/// A node's desk.
pub(super) struct Desk<'a> {
    core: &'a Arc<Core>,
    reception: &'a Reception,
    node: &'a str,
    queue: NodeQueue,
    /// A message that was read too early.
    held: Option<NodeMessage>,
    /// The envelope whose further parts nobody needs.
    over: Option<String>,
}

/// A frame that is being read.
struct Frame<'d, 'a> {
    desk: &'d mut Desk<'a>,
    correlation: String,
    next: i64,
    /// The message whose bytes the gate has, unacknowledged.
    taken: Option<NodeMessage>,
    first: Option<NodeMessage>,
    broken: bool,
}

impl Frame<'_, '_> {
    /// The next part; acknowledges the one before, which is spooled by now.
    async fn part(&mut self) -> Option<Result<Vec<u8>, Broken>> {
        if let Some(taken) = &self.taken {
            if taken.last || self.broken {
                return None;
            }
            taken.done().await;
        }
        let message = match self.first.take() {
            Some(message) => Some(message),
            None => self.desk.next().await,
        };
        let Some(mut message) = message else {
            self.broken = true;
            return Some(Err(Broken));
        };
        let follows = message.kind == PART
            && message.correlation == self.correlation
            && message.part == self.next
            && self.desk.fault_of(&message).is_none();
        if !follows {
            self.broken = true;
            self.taken = None;
            self.desk.held = Some(message);
            return Some(Err(Broken));
        }
        self.next += 1;
        let body = std::mem::take(&mut message.body);
        self.taken = Some(message);
        Some(Ok(body))
    }

    fn parts(&mut self) -> impl Stream<Item = Result<Vec<u8>, Broken>> + '_ {
        stream::unfold(self, |frame| async move {
            let part = frame.part().await?;
            Some((part, frame))
        })
    }
}

impl<'a> Desk<'a> {
    pub fn new(
        core: &'a Arc<Core>,
        reception: &'a Reception,
        node: &'a str,
        queue: NodeQueue,
    ) -> Self {
        Desk {
            core,
            reception,
            node,
            queue,
            held: None,
            over: None,
        }
    }

    async fn next(&mut self) -> Option<NodeMessage> {
        match self.held.take() {
            Some(message) => Some(message),
            None => self.queue.next().await,
        }
    }

    /// Works until the line breaks.
    pub async fn work(&mut self) {
        while let Some(message) = self.next().await {
            if let Some(finding) = self.fault_of(&message) {
                self.turn_away(&message, finding).await;
                continue;
            }
            match (message.kind.as_str(), message.part) {
                (ASK, _) => self.ask(message).await,
                (BEAT, _) => self.hear(&message).await,
                (PART, 0) => self.admit(message).await,
                _ => self.stray(message).await,
            }
        }
    }

    /// Why a message is not looked into.
    fn fault_of(&self, message: &NodeMessage) -> Option<Finding> {
        if message.user.as_deref() != Some(self.node) {
            let user = message.user.as_deref().unwrap_or("-");
            let finding = Finding::new(transport::FOREIGN_USER, Place::default());
            return Some(finding.with("user", user).with("node", self.node));
        }
        if message.body.len() > MOST_PART_BYTES {
            let finding = Finding::new(transport::OVER_LIMIT, Place::default());
            let finding = finding
                .with("what", "part")
                .with("found", message.body.len());
            return Some(finding.with("limit", MOST_PART_BYTES));
        }
        if ![PART, ASK, BEAT].contains(&message.kind.as_str()) || message.correlation.is_empty() {
            let finding = Finding::new(transport::BAD_FRAME, Place::default());
            return Some(finding.with("detail", "neither a part of an envelope nor a question"));
        }
        None
    }

    async fn turn_away(&mut self, message: &NodeMessage, finding: Finding) {
        let status = match finding.code == transport::FOREIGN_USER {
            true => 401,
            false => 400,
        };
        let answer = gate::turned_away(self.core, status, self.node, "", finding).await;
        self.answered(&message.correlation, answer).await;
        message.done().await;
    }

    /// A part without its beginning: what a crash left. Told once, for all parts that follow it.
    async fn stray(&mut self, message: NodeMessage) {
        if self.over.as_ref() != Some(&message.correlation) {
            self.tell(&message.correlation, AGAIN, None, &[]).await;
            self.over = Some(message.correlation.clone());
        }
        message.done().await;
    }

    async fn admit(&mut self, first: NodeMessage) {
        self.until_there_is_room().await;
        let correlation = first.correlation.clone();
        let (core, node) = (self.core, self.node);
        let mut frame = Frame {
            correlation: correlation.clone(),
            next: 0,
            taken: None,
            first: Some(first),
            broken: false,
            desk: self,
        };
        let answer = gate::admit(core, Some(node), frame.parts()).await;
        let (broken, taken) = (frame.broken, frame.taken.take());
        self.over = Some(correlation.clone());
        // Who broke off sends it again by itself, and gets the answer then.
        if !broken {
            self.answered(&correlation, answer).await;
        }
        if let Some(taken) = taken {
            taken.done().await;
        }
    }

    /// Waits while more waits for ingest than the hub holds: the node's queue fills meanwhile, and refuses.
    #[expect(
        clippy::disallowed_methods,
        reason = "the outermost loop of a desk; what waits becomes less by other hands"
    )]
    async fn until_there_is_room(&self) {
        loop {
            match inbox::over(self.core).await {
                Ok(false) => return,
                Ok(true) => {
                    tracing::warn!(node = self.node, "too much waits; its queue is not read")
                }
                Err(error) => tracing::error!(%error, "the store does not answer"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn ask(&mut self, message: NodeMessage) {
        let number = message.correlation.as_str();
        let path = receipt_path(number);
        let found = route::find_receipt(self.core, number, &path, &message.authorization).await;
        match found {
            Ok(Some(receipt)) => self.tell(number, 200, None, &body_of(&receipt)).await,
            Ok(None) => self.tell(number, 404, None, &[]).await,
            Err(Refused::Unauthorised { finding, .. }) => {
                let answer = gate::turned_away(self.core, 401, self.node, "", *finding).await;
                self.answered(number, answer).await;
            }
            Err(Refused::Store(error)) => {
                tracing::error!(%error, "a receipt could not be read");
                self.tell(number, 503, Some(RETRY_AFTER_S), &[]).await;
            }
        }
        message.done().await;
    }

    /// How a machine is; it waits for no answer.
    async fn hear(&self, message: &NodeMessage) {
        let heard = route::beat(self.core, &message.correlation, &message.authorization).await;
        match heard {
            Ok(_) => {}
            Err(Refused::Unauthorised { finding, .. }) => {
                let noted = gate::turned_away(self.core, 401, self.node, "", *finding).await;
                if let Err(error) = noted {
                    tracing::error!(%error, "a refusal could not be noted");
                }
            }
            Err(Refused::Store(error)) => {
                tracing::error!(%error, "a heartbeat could not be kept");
            }
        }
        message.done().await;
    }

    async fn answered(&self, correlation: &str, answer: Result<gate::Answer, gate::GateError>) {
        match answer {
            Ok(answer) => {
                let body = body_of(&answer.receipt);
                self.tell(correlation, answer.status, None, &body).await;
            }
            Err(error) => {
                tracing::error!(%error, "an envelope was not admitted; the sender tries again");
                let status = if error.is_busy() { 429 } else { 503 };
                self.tell(correlation, status, Some(RETRY_AFTER_S), &[])
                    .await;
            }
        }
    }

    async fn tell(&self, correlation: &str, status: u16, wait_s: Option<i64>, body: &[u8]) {
        let (reception, node) = (self.reception, self.node);
        let told = reception.answer(node, correlation, status, wait_s, body);
        if let Err(error) = told.await {
            tracing::warn!(node, %error, "an answer was not delivered; the node asks again");
        }
    }
}

/// A receipt is texts, numbers and lists: it always serialises.
fn body_of(receipt: &Receipt) -> Vec<u8> {
    serde_json::to_vec(receipt).unwrap_or_default()
}
