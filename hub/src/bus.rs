//! The bus: tells ingest which bundles wait in the inbox, at least once (claim check). Two kinds behind one
//! trait: in process, and RabbitMQ. The database holds the bytes and is truth; wiping the bus loses nothing, and
//! a broker sees no data of a case.

pub mod memory;
pub mod rabbit;

use async_trait::async_trait;

/// The claim to a bundle in the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Claim {
    /// Number of its envelope.
    pub envelope_no: i64,
    /// Part of the envelope.
    pub part: i64,
    /// Partition, 0-based.
    pub partition: u32,
}

impl Claim {
    /// Its text in a message, e.g. `412/3`: envelope and part. The partition is the queue's.
    pub fn text(&self) -> String {
        format!("{}/{}", self.envelope_no, self.part)
    }

    /// Reads the text of a message.
    pub fn parse(partition: u32, text: &[u8]) -> Option<Claim> {
        let (envelope_no, part) = std::str::from_utf8(text).ok()?.split_once('/')?;
        Some(Claim {
            envelope_no: envelope_no.parse().ok()?,
            part: part.parse().ok()?,
            partition,
        })
    }
}

/// Why the bus did not take or give.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The broker is away; what was held is published again later.
    #[error("the broker is away: {0}")]
    Away(String),
    /// The broker could not route it: confirmed is not enough.
    #[error("{0} messages could not be routed")]
    Unroutable(usize),
    /// The broker refused it.
    #[error("the broker refused {0} messages")]
    Refused(usize),
}

impl BusError {
    /// Whether trying again later may help: always, since the inbox holds what was not confirmed.
    pub fn is_transient(&self) -> bool {
        true
    }
}

/// A batch of deliveries of one partition; they count as taken only when settled.
#[async_trait]
pub trait Batch: Send {
    /// The claims, in order; what is none is left out, and the inbox keeps its bundle.
    fn claims(&self) -> Vec<Claim>;
    /// Everything was committed: acknowledge.
    async fn ack(self: Box<Self>) -> Result<(), BusError>;
}

/// Deliveries of one partition.
#[async_trait]
pub trait Deliveries: Send {
    /// Waits for at least one delivery and takes what is there, up to `most`; `None` when the bus is
    /// closed.
    async fn next(&mut self, most: usize) -> Option<Box<dyn Batch>>;
}

/// The bus.
#[async_trait]
pub trait Bus: Send + Sync {
    /// How many partitions.
    fn partitions(&self) -> u32;
    /// Publishes and waits until all are confirmed (in process: taken).
    async fn publish(&self, claims: &[Claim]) -> Result<(), BusError>;
    /// The deliveries of a partition; one reader each.
    async fn deliveries(&self, partition: u32) -> Result<Box<dyn Deliveries>, BusError>;
    /// Whether a confirmation outlives the process: then the inbox row may be marked as sent.
    fn is_durable(&self) -> bool;
    /// Closes it.
    async fn close(&self);
}
