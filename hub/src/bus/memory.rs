//! The bus in process: one bounded channel per partition. It keeps nothing: the inbox does.

use super::{Batch, Bus, BusError, Claim, Deliveries};
use async_trait::async_trait;
use std::sync::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Messages of one partition that wait before the publisher is held up.
const WAITING: usize = 256;

/// The bus in process.
pub struct MemoryBus {
    senders: Mutex<Vec<Sender<Claim>>>,
    receivers: Mutex<Vec<Option<Receiver<Claim>>>>,
    partitions: u32,
}

impl MemoryBus {
    /// A bus of that many partitions.
    pub fn new(partitions: u32) -> MemoryBus {
        let (senders, receivers) = (0..partitions.max(1))
            .map(|_| channel(WAITING))
            .map(|(s, r)| (s, Some(r)))
            .unzip();
        MemoryBus {
            senders: Mutex::new(senders),
            receivers: Mutex::new(receivers),
            partitions: partitions.max(1),
        }
    }

    fn sender(&self, partition: u32) -> Option<Sender<Claim>> {
        let senders = self
            .senders
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        senders.get(partition as usize).cloned()
    }
}

#[async_trait]
impl Bus for MemoryBus {
    fn partitions(&self) -> u32 {
        self.partitions
    }

    async fn publish(&self, claims: &[Claim]) -> Result<(), BusError> {
        for claim in claims {
            let sender = self
                .sender(claim.partition)
                .ok_or(BusError::Unroutable(1))?;
            sender
                .send(*claim)
                .await
                .map_err(|_| BusError::Away("closed".to_owned()))?;
        }
        Ok(())
    }

    async fn deliveries(&self, partition: u32) -> Result<Box<dyn Deliveries>, BusError> {
        let mut receivers = self
            .receivers
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let receiver = receivers.get_mut(partition as usize).and_then(Option::take);
        let receiver =
            receiver.ok_or_else(|| BusError::Away("the partition has a reader".to_owned()))?;
        Ok(Box::new(MemoryDeliveries(receiver)))
    }

    fn is_durable(&self) -> bool {
        false
    }

    async fn close(&self) {
        self.senders
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clear();
    }
}

struct MemoryDeliveries(Receiver<Claim>);

#[async_trait]
impl Deliveries for MemoryDeliveries {
    async fn next(&mut self, most: usize) -> Option<Box<dyn Batch>> {
        let mut claims = Vec::new();
        if self.0.recv_many(&mut claims, most).await == 0 {
            return None;
        }
        Some(Box::new(MemoryBatch(claims)))
    }
}

struct MemoryBatch(Vec<Claim>);

#[async_trait]
impl Batch for MemoryBatch {
    fn claims(&self) -> Vec<Claim> {
        self.0.clone()
    }

    async fn ack(self: Box<Self>) -> Result<(), BusError> {
        Ok(())
    }
}
