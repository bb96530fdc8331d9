//! The bus on RabbitMQ: one topic exchange, N quorum queues with a single active consumer each,
//! publisher confirms, dead letters at-least-once. No plugin. Refuses to keep state of its own.

use super::{Batch, Bus, BusError, Deliveries, Message};
use async_trait::async_trait;
use futures_util::{FutureExt, StreamExt};
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicNackOptions, BasicPublishOptions, BasicQosOptions,
    ConfirmSelectOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, Consumer, ExchangeKind};

/// Name of the topic exchange.
pub const EXCHANGE: &str = "tongcha.records";
/// Name of the exchange and queue of dead letters.
pub const DEAD: &str = "tongcha.dead";
/// Deliveries of one message before it goes to the dead letters.
const DELIVERY_LIMIT: i64 = 5;
/// Unacknowledged messages of one consumer.
const PREFETCH: u16 = 64;
/// Confirms awaited together.
const CONFIRM_WINDOW: usize = 200;

/// The bus on RabbitMQ.
pub struct RabbitBus {
    connection: Connection,
    publisher: Channel,
    partitions: u32,
}

fn away(error: lapin::Error) -> BusError {
    BusError::Away(error.to_string())
}

/// Name of a partition's queue; its routing key is the same.
pub fn queue_name(partition: u32) -> String {
    format!("tongcha.records.{partition}")
}

impl RabbitBus {
    /// Connects and declares exchange and queues. `url` is `amqp://user:password@host:port/vhost`.
    ///
    /// # Errors
    /// The broker is away, refuses the user, or has queues of these names with other arguments.
    pub async fn connect(url: &str, partitions: u32) -> Result<RabbitBus, BusError> {
        let properties = ConnectionProperties::default()
            .enable_auto_recover()
            .configure_backoff(|b| {
                b.with_max_times(usize::MAX)
                    .with_max_delay(std::time::Duration::from_secs(5))
            });
        let connection = Connection::connect(url, properties).await.map_err(away)?;
        let publisher = connection.create_channel().await.map_err(away)?;
        declare(&publisher, partitions).await.map_err(away)?;
        publisher
            .confirm_select(ConfirmSelectOptions::default())
            .await
            .map_err(away)?;
        Ok(RabbitBus {
            connection,
            publisher,
            partitions,
        })
    }

    async fn publish_window(&self, window: &[Message]) -> Result<(), BusError> {
        let mut confirms = Vec::with_capacity(window.len());
        for message in window {
            let confirm = self
                .publisher
                .basic_publish(
                    EXCHANGE.into(),
                    queue_name(message.partition).as_str().into(),
                    BasicPublishOptions {
                        mandatory: true,
                        ..Default::default()
                    },
                    &message.payload,
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

async fn declare(channel: &Channel, partitions: u32) -> Result<(), lapin::Error> {
    let durable = ExchangeDeclareOptions {
        durable: true,
        ..Default::default()
    };
    channel
        .exchange_declare(
            EXCHANGE.into(),
            ExchangeKind::Topic,
            durable,
            FieldTable::default(),
        )
        .await?;
    channel
        .exchange_declare(
            DEAD.into(),
            ExchangeKind::Fanout,
            durable,
            FieldTable::default(),
        )
        .await?;
    let durable = QueueDeclareOptions {
        durable: true,
        ..Default::default()
    };
    let mut dead = FieldTable::default();
    dead.insert(
        "x-queue-type".into(),
        AMQPValue::LongString("quorum".into()),
    );
    channel.queue_declare(DEAD.into(), durable, dead).await?;
    channel
        .queue_bind(
            DEAD.into(),
            DEAD.into(),
            "".into(),
            QueueBindOptions::default(),
            FieldTable::default(),
        )
        .await?;
    for partition in 0..partitions {
        let name = queue_name(partition);
        let mut args = FieldTable::default();
        args.insert(
            "x-queue-type".into(),
            AMQPValue::LongString("quorum".into()),
        );
        args.insert("x-single-active-consumer".into(), AMQPValue::Boolean(true));
        args.insert(
            "x-delivery-limit".into(),
            AMQPValue::LongLongInt(DELIVERY_LIMIT),
        );
        args.insert(
            "x-dead-letter-exchange".into(),
            AMQPValue::LongString(DEAD.into()),
        );
        args.insert(
            "x-dead-letter-strategy".into(),
            AMQPValue::LongString("at-least-once".into()),
        );
        args.insert(
            "x-overflow".into(),
            AMQPValue::LongString("reject-publish".into()),
        );
        channel
            .queue_declare(name.as_str().into(), durable, args)
            .await?;
        channel
            .queue_bind(
                name.as_str().into(),
                EXCHANGE.into(),
                name.as_str().into(),
                QueueBindOptions::default(),
                FieldTable::default(),
            )
            .await?;
    }
    Ok(())
}

#[async_trait]
impl Bus for RabbitBus {
    fn partitions(&self) -> u32 {
        self.partitions
    }

    async fn publish(&self, messages: Vec<Message>) -> Result<(), BusError> {
        for window in messages.chunks(CONFIRM_WINDOW) {
            self.publish_window(window).await?;
        }
        Ok(())
    }

    async fn deliveries(&self, partition: u32) -> Result<Box<dyn Deliveries>, BusError> {
        let channel = self.connection.create_channel().await.map_err(away)?;
        channel
            .basic_qos(PREFETCH, BasicQosOptions::default())
            .await
            .map_err(away)?;
        let name = queue_name(partition);
        let consumer = channel
            .basic_consume(
                name.as_str().into(),
                format!("tongcha-{partition}").as_str().into(),
                BasicConsumeOptions::default(),
                FieldTable::default(),
            )
            .await
            .map_err(away)?;
        Ok(Box::new(RabbitDeliveries {
            consumer,
            _channel: channel,
        }))
    }

    fn is_durable(&self) -> bool {
        true
    }

    async fn close(&self) {
        if let Err(error) = self.connection.close(200, "closing".into()).await {
            tracing::debug!(%error, "the broker's connection was closed already");
        }
    }
}

struct RabbitDeliveries {
    consumer: Consumer,
    // The channel lives as long as its consumer.
    _channel: Channel,
}

#[async_trait]
impl Deliveries for RabbitDeliveries {
    async fn next(&mut self, most: usize) -> Option<Box<dyn Batch>> {
        let mut taken = Vec::new();
        while taken.is_empty() {
            match self.consumer.next().await? {
                Ok(delivery) => taken.push(delivery),
                Err(error) => tracing::warn!(%error, "a delivery failed; the connection recovers"),
            }
        }
        while taken.len() < most {
            match self.consumer.next().now_or_never() {
                Some(Some(Ok(delivery))) => taken.push(delivery),
                _ => break,
            }
        }
        Some(Box::new(RabbitBatch(taken)))
    }
}

struct RabbitBatch(Vec<lapin::message::Delivery>);

#[async_trait]
impl Batch for RabbitBatch {
    fn payloads(&self) -> Vec<&[u8]> {
        self.0.iter().map(|d| d.data.as_slice()).collect()
    }

    async fn ack(self: Box<Self>) -> Result<(), BusError> {
        match self.0.last() {
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

    async fn give_back(self: Box<Self>) -> Result<(), BusError> {
        match self.0.last() {
            Some(last) => {
                last.acker
                    .nack(BasicNackOptions {
                        multiple: true,
                        requeue: true,
                    })
                    .await
                    .map_err(away)?;
                Ok(())
            }
            None => Ok(()),
        }
    }
}
