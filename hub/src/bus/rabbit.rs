//! The bus on RabbitMQ: one topic exchange, N quorum queues with a single active consumer each,
//! publisher confirms, dead letters at-least-once. No plugin. Refuses to keep state of its own.

mod topology;

use super::{Batch, Bus, BusError, Claim, Deliveries};
use async_trait::async_trait;
use futures_util::{FutureExt, StreamExt};
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions,
    ConfirmSelectOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, Consumer};
use std::sync::Arc;
use tokio::sync::{Mutex, watch};
use topology::declare;

/// Name of the topic exchange.
pub const EXCHANGE: &str = "tongcha.records";
/// Name of the exchange and queue of dead letters.
pub const DEAD: &str = "tongcha.dead";
/// Unacknowledged messages of one consumer.
const PREFETCH: u16 = 64;
/// Confirms awaited together.
const CONFIRM_WINDOW: usize = 200;

/// Pause before a reader tries to find the broker again.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(1);
/// How long the broker may take to open a line, to declare or to confirm: a queue that is lost in the middle of
/// it may never answer, and then another line is opened. What was confirmed meanwhile comes twice, harmlessly.
const ANSWER: std::time::Duration = std::time::Duration::from_secs(30);

/// The bus on RabbitMQ. A lost connection, a removed queue, a whole virtual host that was wiped: each
/// is made anew when it is next needed, with exchange and queues.
pub struct RabbitBus {
    shared: Arc<Shared>,
}

/// What publisher and readers share.
struct Shared {
    url: String,
    partitions: u32,
    line: Mutex<Option<Line>>,
    closed: watch::Sender<bool>,
}

/// An open connection.
#[derive(Clone)]
struct Line {
    connection: Arc<Connection>,
    publisher: Channel,
}

fn away(error: lapin::Error) -> BusError {
    BusError::Away(error.to_string())
}

/// Name of a partition's queue; its routing key is the same.
pub fn queue_name(partition: u32) -> String {
    format!("tongcha.records.{partition}")
}

impl Line {
    async fn open(url: &str, partitions: u32) -> Result<Line, lapin::Error> {
        let connection = Connection::connect(url, ConnectionProperties::default()).await?;
        let publisher = connection.create_channel().await?;
        declare(&publisher, partitions).await?;
        publisher
            .confirm_select(ConfirmSelectOptions::default())
            .await?;
        Ok(Line {
            connection: Arc::new(connection),
            publisher,
        })
    }

    fn is_open(&self) -> bool {
        self.connection.status().connected() && self.publisher.status().connected()
    }
}

impl Shared {
    /// The open connection, or a new one.
    async fn line(&self) -> Result<Line, BusError> {
        let mut line = self.line.lock().await;
        if *self.closed.borrow() {
            return Err(BusError::Away("closed".to_owned()));
        }
        if let Some(open) = line.as_ref().filter(|l| l.is_open()) {
            return Ok(open.clone());
        }
        let opened = in_time(Line::open(&self.url, self.partitions)).await?;
        *line = Some(opened.clone());
        Ok(opened)
    }

    /// The line gave no answer: the next one is a new one.
    async fn give_up(&self) {
        *self.line.lock().await = None;
    }

    /// Reads a partition on a channel of its own.
    async fn consume(&self, partition: u32) -> Result<(Consumer, Channel), BusError> {
        let line = self.line().await?;
        let channel = line.connection.create_channel().await.map_err(away)?;
        declare(&channel, self.partitions).await.map_err(away)?;
        channel
            .basic_qos(PREFETCH, BasicQosOptions::default())
            .await
            .map_err(away)?;
        let consumer = channel
            .basic_consume(
                queue_name(partition).as_str().into(),
                format!("tongcha-{partition}").as_str().into(),
                BasicConsumeOptions::default(),
                FieldTable::default(),
            )
            .await
            .map_err(away)?;
        Ok((consumer, channel))
    }
}

impl RabbitBus {
    /// A bus over a broker that is looked for when it is needed. `url` is
    /// `amqp://user:password@host:port/vhost`.
    ///
    /// # Errors
    /// The address cannot be read.
    pub fn new(url: &str, partitions: u32) -> Result<RabbitBus, BusError> {
        let read: Result<lapin::uri::AMQPUri, String> = url.parse();
        read.map_err(|cause| BusError::Away(format!("its address cannot be read: {cause}")))?;
        Ok(RabbitBus {
            shared: Arc::new(Shared {
                url: url.to_owned(),
                partitions,
                line: Mutex::new(None),
                closed: watch::Sender::new(false),
            }),
        })
    }

    /// Connects and declares exchange and queues.
    ///
    /// # Errors
    /// The broker is away, refuses the user, or has queues of these names with other arguments.
    pub async fn connect(url: &str, partitions: u32) -> Result<RabbitBus, BusError> {
        let bus = RabbitBus::new(url, partitions)?;
        bus.shared.line().await?;
        Ok(bus)
    }

    /// Connects and goes again; declares nothing.
    ///
    /// # Errors
    /// The broker is away or refuses the user.
    pub async fn probe(url: &str) -> Result<(), BusError> {
        let line = Connection::connect(url, ConnectionProperties::default());
        let line = line.await.map_err(away)?;
        // The answer is there; how the line ends does not matter.
        let _ = line.close(200, "seen".into()).await;
        Ok(())
    }

    async fn publish_window(line: &Line, window: &[Claim]) -> Result<(), BusError> {
        let mut confirms = Vec::with_capacity(window.len());
        for claim in window {
            let confirm = line
                .publisher
                .basic_publish(
                    EXCHANGE.into(),
                    queue_name(claim.partition).as_str().into(),
                    BasicPublishOptions {
                        mandatory: true,
                        ..Default::default()
                    },
                    claim.text().as_bytes(),
                    BasicProperties::default().with_delivery_mode(2),
                )
                .await
                .map_err(away)?;
            confirms.push(confirm);
        }
        let (mut refused, mut unroutable) = (0, 0);
        for confirm in confirms {
            let confirmation = confirm.await.map_err(away)?;
            refused += usize::from(!confirmation.is_ack());
            // Confirmed and returned means that no queue took it.
            unroutable += usize::from(confirmation.take_message().is_some());
        }
        match (refused, unroutable) {
            (0, 0) => Ok(()),
            (0, n) => Err(BusError::Unroutable(n)),
            (n, _) => Err(BusError::Refused(n)),
        }
    }
}

#[async_trait]
impl Bus for RabbitBus {
    fn partitions(&self) -> u32 {
        self.shared.partitions
    }

    async fn publish(&self, claims: &[Claim]) -> Result<(), BusError> {
        if claims.is_empty() {
            return Ok(());
        }
        let line = self.shared.line().await?;
        for window in claims.chunks(CONFIRM_WINDOW) {
            let published = Self::publish_window(&line, window);
            let Ok(done) = tokio::time::timeout(ANSWER, published).await else {
                self.shared.give_up().await;
                return Err(BusError::Away("no answer".to_owned()));
            };
            if let Err(BusError::Unroutable(_)) = done {
                // Somebody removed a queue: the next time it is there again.
                let declared = declare(&line.publisher, self.shared.partitions);
                if let Err(error) = in_time(declared).await {
                    tracing::warn!(%error, "the queues cannot be declared anew");
                }
            }
            done?;
        }
        Ok(())
    }

    async fn deliveries(&self, partition: u32) -> Result<Box<dyn Deliveries>, BusError> {
        Ok(Box::new(RabbitDeliveries {
            shared: Arc::clone(&self.shared),
            partition,
            open: None,
        }))
    }

    fn is_durable(&self) -> bool {
        true
    }

    async fn close(&self) {
        self.shared.closed.send_replace(true);
        let Some(line) = self.shared.line.lock().await.take() else {
            return;
        };
        if let Err(error) = line.connection.close(200, "closing".into()).await {
            tracing::debug!(%error, "the broker's connection was closed already");
        }
    }
}

struct RabbitDeliveries {
    shared: Arc<Shared>,
    partition: u32,
    // The channel lives as long as its consumer.
    open: Option<(Consumer, Channel)>,
}

impl RabbitDeliveries {
    /// The first delivery that comes, over however many connections; `None` when the bus is closed.
    async fn first(&mut self) -> Option<Delivery> {
        let mut closed = self.shared.closed.subscribe();
        loop {
            if *closed.borrow_and_update() {
                return None;
            }
            if let Some((consumer, _)) = &mut self.open {
                match consumer.next().await {
                    Some(Ok(delivery)) => return Some(delivery),
                    Some(Err(error)) => tracing::warn!(%error, "the broker's line broke"),
                    None => tracing::debug!("the broker ended the reading"),
                }
                self.open = None;
                continue;
            }
            let open = tokio::time::timeout(ANSWER, self.shared.consume(self.partition)).await;
            match open {
                Ok(Ok(open)) => self.open = Some(open),
                Err(_) => {
                    tracing::warn!(partition = self.partition, "the broker gives no answer");
                    self.shared.give_up().await;
                }
                Ok(Err(error)) => {
                    tracing::warn!(%error, partition = self.partition, "not reading; trying again");
                    pause(&mut closed).await;
                }
            }
        }
    }
}

/// What the broker answers within [`ANSWER`].
async fn in_time<T>(asked: impl Future<Output = Result<T, lapin::Error>>) -> Result<T, BusError> {
    match tokio::time::timeout(ANSWER, asked).await {
        Ok(answer) => answer.map_err(away),
        Err(_) => Err(BusError::Away("no answer".to_owned())),
    }
}

/// Between two tries to reach a broker that is away; ends at once when the bus closes.
#[expect(
    clippy::disallowed_methods,
    reason = "the outermost loop of a reader; not a storm of tries"
)]
async fn pause(closed: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = tokio::time::sleep(PAUSE) => {}
        _ = closed.changed() => {}
    }
}

#[async_trait]
impl Deliveries for RabbitDeliveries {
    async fn next(&mut self, most: usize) -> Option<Box<dyn Batch>> {
        let mut taken = vec![self.first().await?];
        while taken.len() < most {
            let more = self
                .open
                .as_mut()
                .and_then(|(consumer, _)| consumer.next().now_or_never());
            match more {
                Some(Some(Ok(delivery))) => taken.push(delivery),
                _ => break,
            }
        }
        Some(Box::new(RabbitBatch {
            partition: self.partition,
            taken,
        }))
    }
}

struct RabbitBatch {
    partition: u32,
    taken: Vec<Delivery>,
}

#[async_trait]
impl Batch for RabbitBatch {
    fn claims(&self) -> Vec<Claim> {
        let claim = |d: &Delivery| {
            let claim = Claim::parse(self.partition, &d.data);
            if claim.is_none() {
                tracing::error!("a message claims no bundle; the inbox keeps what waits");
            }
            claim
        };
        self.taken.iter().filter_map(claim).collect()
    }

    async fn ack(self: Box<Self>) -> Result<(), BusError> {
        match self.taken.last() {
            Some(last) => {
                last.acker
                    .ack(BasicAckOptions { multiple: true })
                    .await
                    .map_err(away)?;
                Ok(())
            }
            None => Ok(()),
        }
    }
}
