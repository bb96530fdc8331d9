//! The bus in process: one bounded channel per partition. It keeps nothing: the inbox does.

use super::{Batch, Bus, BusError, Deliveries, Message};
use async_trait::async_trait;
use std::sync::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Messages of one partition that wait before the publisher is held up.
const WAITING: usize = 256;

/// The bus in process.
pub struct MemoryBus {
    senders: Mutex<Vec<Sender<Vec<u8>>>>,
    receivers: Mutex<Vec<Option<Receiver<Vec<u8>>>>>,
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

    fn sender(&self, partition: u32) -> Option<Sender<Vec<u8>>> {
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

    async fn publish(&self, messages: Vec<Message>) -> Result<(), BusError> {
        for message in messages {
            let sender = self
                .sender(message.partition)
                .ok_or(BusError::Unroutable(1))?;
            sender
                .send(message.payload)
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

struct MemoryDeliveries(Receiver<Vec<u8>>);

#[async_trait]
impl Deliveries for MemoryDeliveries {
    async fn next(&mut self, most: usize) -> Option<Box<dyn Batch>> {
        let mut payloads = Vec::new();
        if self.0.recv_many(&mut payloads, most).await == 0 {
            return None;
        }
        Some(Box::new(MemoryBatch(payloads)))
    }
}

struct MemoryBatch(Vec<Vec<u8>>);

#[async_trait]
impl Batch for MemoryBatch {
    fn payloads(&self) -> Vec<&[u8]> {
        self.0.iter().map(Vec::as_slice).collect()
    }

    async fn ack(self: Box<Self>) -> Result<(), BusError> {
        Ok(())
    }
}
