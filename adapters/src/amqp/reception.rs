//! The hub's side of the line over AMQP: each node's exchange and queues with their limits, the messages that
//! come, the answers that go. Refuses to look into a message, and to make users: that is an administrator's.

use super::{ANSWER, AmqpError, DOWN_BYTES, connect, down, headers, number, up};
use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions,
    ConfirmSelectOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, Consumer, ErrorKind, ExchangeKind};
use std::sync::Arc;
use tokio::sync::Mutex;

/// Messages of a node that are in hand at most, unacknowledged.
const PREFETCH: u16 = 2;

/// How a hub reaches the broker of its nodes.
#[derive(Clone)]
pub struct ReceptionConfig {
    /// `amqps://user:password@host:port/vhost`, of a user that may configure, write and read all of it.
    pub url: String,
    /// PEM of an authority to trust beside the public ones.
    pub authority_pem: Option<String>,
    /// Bytes that the queue of one node holds; more is refused to its publisher.
    pub queue_bytes: u64,
    /// Bytes that the queues of all nodes may hold together, below the alarms of the broker.
    pub broker_bytes: u64,
}

impl ReceptionConfig {
    /// How many nodes have room: what all their queues can hold stays below the broker's alarms.
    pub fn most_nodes(&self) -> u64 {
        self.broker_bytes / (self.queue_bytes + DOWN_BYTES).max(1)
    }
}

/// The hub's side; clones share the connection.
#[derive(Clone)]
pub struct Reception {
    config: Arc<ReceptionConfig>,
    line: Arc<Mutex<Option<Connected>>>,
}

#[derive(Clone)]
struct Connected {
    connection: Arc<Connection>,
    answers: Channel,
}

/// What a node's queue brings.
pub struct NodeQueue {
    consumer: Consumer,
    // The channel lives as long as its consumer.
    _channel: Channel,
}

/// One message of a node.
pub struct NodeMessage {
    /// Its kind: [`super::PART`] or [`super::ASK`].
    pub kind: String,
    /// The user for which the broker vouches; `None` where the sender named none.
    pub user: Option<String>,
    /// Envelope or receipt that it is about.
    pub correlation: String,
    /// Number of the part in its frame, from 0; -1 where there is none.
    pub part: i64,
    /// Whether it is the last part.
    pub last: bool,
    /// The signature of a question.
    pub authorization: String,
    /// Its bytes.
    pub body: Vec<u8>,
    delivery: Delivery,
}

impl Reception {
    /// Nothing is connected before it is needed.
    pub fn new(config: ReceptionConfig) -> Reception {
        Reception {
            config: Arc::new(config),
            line: Arc::new(Mutex::new(None)),
        }
    }

    /// What it was made with.
    pub fn config(&self) -> &ReceptionConfig {
        &self.config
    }

    async fn line(&self) -> Result<Connected, AmqpError> {
        let mut line = self.line.lock().await;
        let open =
            |l: &Connected| l.connection.status().connected() && l.answers.status().connected();
        if let Some(line) = line.as_ref().filter(|l| open(l)) {
            return Ok(line.clone());
        }
        let authority = self.config.authority_pem.as_deref();
        let connection = connect(&self.config.url, authority, "tongcha reception").await?;
        let answers = connection.create_channel().await?;
        answers
            .confirm_select(ConfirmSelectOptions::default())
            .await?;
        let opened = Connected {
            connection: Arc::new(connection),
            answers,
        };
        *line = Some(opened.clone());
        Ok(opened)
    }

    /// Makes exchange and queues of a node where they are missing, and reads its messages.
    ///
    /// # Errors
    /// [`AmqpError`].
    pub async fn open(&self, node: &str) -> Result<NodeQueue, AmqpError> {
        let line = self.line().await?;
        let channel = line.connection.create_channel().await?;
        let fanout = ExchangeDeclareOptions {
            durable: true,
            ..Default::default()
        };
        let (sent, answered) = (up(node), down(node));
        channel
            .exchange_declare(
                sent.as_str().into(),
                ExchangeKind::Fanout,
                fanout,
                FieldTable::default(),
            )
            .await?;
        declare(&channel, &sent, self.config.queue_bytes).await?;
        channel
            .queue_bind(
                sent.as_str().into(),
                sent.as_str().into(),
                "".into(),
                QueueBindOptions::default(),
                FieldTable::default(),
            )
            .await?;
        declare(&channel, &answered, DOWN_BYTES).await?;
        channel
            .basic_qos(PREFETCH, BasicQosOptions::default())
            .await?;
        let consumer = channel
            .basic_consume(
                sent.as_str().into(),
                "tongcha-reception".into(),
                BasicConsumeOptions::default(),
                FieldTable::default(),
            )
            .await?;
        Ok(NodeQueue {
            consumer,
            _channel: channel,
        })
    }

    /// Answers a node: status as of HTTP, seconds to wait, a receipt as JSON or nothing.
    ///
    /// # Errors
    /// [`AmqpError`]; the node asks or sends again by itself.
    pub async fn answer(
        &self,
        node: &str,
        correlation: &str,
        status: u16,
        wait_s: Option<i64>,
        body: &[u8],
    ) -> Result<(), AmqpError> {
        let line = self.line().await?;
        let mut pairs = vec![("status", AMQPValue::LongLongInt(i64::from(status)))];
        pairs.extend(wait_s.map(|s| ("retry_after", AMQPValue::LongLongInt(s))));
        let properties = BasicProperties::default()
            .with_delivery_mode(2)
            .with_type(ANSWER.into())
            .with_correlation_id(correlation.into())
            .with_headers(headers(&pairs));
        let options = BasicPublishOptions {
            mandatory: true,
            ..Default::default()
        };
        let confirm = line
            .answers
            .basic_publish(
                "".into(),
                down(node).as_str().into(),
                options,
                body,
                properties,
            )
            .await?;
        let confirmation = confirm.await?;
        match confirmation.is_ack() && confirmation.take_message().is_none() {
            true => Ok(()),
            false => Err(AmqpError::NotTaken {
                node: node.to_owned(),
            }),
        }
    }
}

/// A durable quorum queue that refuses what is over its bytes.
async fn declare(channel: &Channel, name: &str, bytes: u64) -> Result<(), AmqpError> {
    let mut args = FieldTable::default();
    let mut set = |key: &str, value: AMQPValue| {
        args.insert(key.into(), value);
    };
    set("x-queue-type", AMQPValue::LongString("quorum".into()));
    set("x-overflow", AMQPValue::LongString("reject-publish".into()));
    let limit = i64::try_from(bytes).unwrap_or(i64::MAX);
    set("x-max-length-bytes", AMQPValue::LongLongInt(limit));
    let durable = QueueDeclareOptions {
        durable: true,
        ..Default::default()
    };
    let made = channel.queue_declare(name.into(), durable, args).await;
    made.map(drop).map_err(|error| match error.kind() {
        ErrorKind::ProtocolError(said)
            if *said.kind() == AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED) =>
        {
            AmqpError::OtherQueue {
                queue: name.to_owned(),
            }
        }
        _ => error.into(),
    })
}

impl NodeQueue {
    /// The next message; `None` when the line broke.
    pub async fn next(&mut self) -> Option<NodeMessage> {
        match self.consumer.next().await? {
            Ok(delivery) => Some(NodeMessage::read(delivery)),
            Err(error) => {
                tracing::warn!(%error, "the line to the broker of the nodes broke");
                None
            }
        }
    }
}

impl NodeMessage {
    fn read(mut delivery: Delivery) -> NodeMessage {
        let properties = &delivery.properties;
        let text =
            |value: &Option<lapin::types::ShortString>| value.as_ref().map(ToString::to_string);
        let table = properties.headers().as_ref();
        let said = |key: &str| table.and_then(|t| t.inner().get(key));
        let authorization = match said("authorization") {
            Some(AMQPValue::LongString(text)) => text.to_string(),
            _ => String::new(),
        };
        NodeMessage {
            kind: text(properties.kind()).unwrap_or_default(),
            user: text(properties.user_id()),
            correlation: text(properties.correlation_id()).unwrap_or_default(),
            part: number(table, "part").unwrap_or(-1),
            last: matches!(said("last"), Some(AMQPValue::Boolean(true))),
            authorization,
            body: std::mem::take(&mut delivery.data),
            delivery,
        }
    }

    /// It was dealt with; the broker forgets it.
    pub async fn done(&self) {
        if let Err(error) = self.delivery.acker.ack(BasicAckOptions::default()).await {
            tracing::debug!(%error, "a message comes again: the line broke");
        }
    }
}
