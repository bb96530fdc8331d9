//! The bus: transport of bundles between gate and ingest, at least once. Two kinds behind one trait:
//! in process, and RabbitMQ. The database is truth; wiping the bus loses nothing.

pub mod memory;
pub mod rabbit;

use async_trait::async_trait;

/// A message to publish.
#[derive(Clone, Debug)]
pub struct Message {
    /// Partition, 0-based.
    pub partition: u32,
    /// A bundle's bytes.
    pub payload: Vec<u8>,
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
    /// The payloads, in order.
    fn payloads(&self) -> Vec<&[u8]>;
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
    async fn publish(&self, messages: Vec<Message>) -> Result<(), BusError>;
    /// The deliveries of a partition; one reader each.
    async fn deliveries(&self, partition: u32) -> Result<Box<dyn Deliveries>, BusError>;
    /// Whether a confirmation outlives the process: then the inbox row may be marked as sent.
    fn is_durable(&self) -> bool;
    /// Closes it.
    async fn close(&self);
}
