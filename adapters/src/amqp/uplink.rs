//! The uplink over AMQP: a frame in parts to the node's exchange, each confirmed by the broker, its receipt
//! from the node's queue. Refuses to publish again what the broker has confirmed, while it may be answered.

use super::replies::{Replies, Reply};
use super::{ANSWER, ASK, AmqpError, BEAT, PART, PART_BYTES, connect, down, headers, number, up};
use crate::outbox::Parcel;
use crate::pace::paced;
use crate::uplink::{Heartbeat, SendFault, Uplink, completed, fault_of, receipt_of, receipt_path};
use async_trait::async_trait;
use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions,
    ConfirmSelectOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, Consumer};
use std::sync::Arc;
use time::Duration;
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinHandle;
use tongcha_schema::clock::Clock;
use tongcha_schema::receipt::Receipt;
use tongcha_schema::seal::{NodeKey, sign_request};

/// Longest pause before a part is offered again to a queue that was full.
const LONGEST_PAUSE: std::time::Duration = std::time::Duration::from_secs(10);
/// Answers that the broker hands over before they are taken.
const PREFETCH: u16 = 8;

/// How to reach a hub over a broker.
#[derive(Clone)]
pub struct AmqpUplinkConfig {
    /// `amqps://user:password@host:port/vhost`; the user has the node's name, its `/` written `%2F`.
    pub url: String,
    /// Node name, as registered at the hub.
    pub node: String,
    /// The node's secret key: signs envelopes and questions.
    pub key: NodeKey,
    /// PEM of an authority to trust beside the public ones.
    pub authority_pem: Option<String>,
    /// How long an answer is waited for, and how long a full queue.
    pub patience: std::time::Duration,
}

/// The uplink over AMQP. Nothing is connected before the first parcel.
pub struct AmqpUplink {
    config: AmqpUplinkConfig,
    clock: Arc<dyn Clock>,
    most_per_second: Option<u64>,
    line: Mutex<Option<Connected>>,
    answers: Arc<Replies>,
}

/// An open line; its reader ends with it.
struct Connected {
    connection: Connection,
    channel: Channel,
    reader: JoinHandle<()>,
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// What the broker says of a message.
enum Put {
    Taken,
    Full,
    NoQueue,
}

/// What is said about every message of one frame, or of a question.
struct MessageHead<'a> {
    kind: &'static str,
    correlation: &'a str,
    headers: FieldTable,
}

impl AmqpUplink {
    /// An uplink; sends no faster than `most_per_second` bytes a second.
    pub fn new(
        config: AmqpUplinkConfig,
        clock: Arc<dyn Clock>,
        most_per_second: Option<u64>,
    ) -> AmqpUplink {
        AmqpUplink {
            config,
            clock,
            most_per_second,
            line: Mutex::new(None),
            answers: Arc::new(Replies::default()),
        }
    }

    async fn open(&self) -> Result<Connected, AmqpError> {
        let node = &self.config.node;
        let authority = self.config.authority_pem.as_deref();
        let connection = connect(&self.config.url, authority, node).await?;
        let channel = connection.create_channel().await?;
        channel
            .confirm_select(ConfirmSelectOptions::default())
            .await?;
        let reading = connection.create_channel().await?;
        reading
            .basic_qos(PREFETCH, BasicQosOptions::default())
            .await?;
        let consumer = reading
            .basic_consume(
                down(node).as_str().into(),
                node.as_str().into(),
                BasicConsumeOptions {
                    exclusive: true,
                    ..Default::default()
                },
                FieldTable::default(),
            )
            .await?;
        let answers = Arc::clone(&self.answers);
        let reader = tokio::spawn(async move {
            read(consumer, reading, &answers).await;
            answers.broke();
        });
        Ok(Connected {
            connection,
            channel,
            reader,
        })
    }

    /// The channel of the open line, or of a new one.
    async fn channel(&self, line: &mut Option<Connected>) -> Result<Channel, SendFault> {
        let open = |l: &Connected| {
            l.connection.status().connected()
                && l.channel.status().connected()
                && !l.reader.is_finished()
        };
        if let Some(line) = line.as_ref().filter(|l| open(l)) {
            return Ok(line.channel.clone());
        }
        *line = None;
        let opened = self.open().await.map_err(|fault| away(&fault))?;
        Ok(line.insert(opened).channel.clone())
    }

    /// Publishes a frame, part by part; ends early where the hub has answered already.
    async fn publish(
        &self,
        parcel: &Parcel,
        id: &str,
        answer: &mut oneshot::Receiver<Reply>,
    ) -> Result<Option<Reply>, SendFault> {
        let mut line = self.line.lock().await;
        let channel = self.channel(&mut line).await?;
        let frame = paced(parcel.frame(&self.config.key), self.most_per_second);
        let mut frame = std::pin::pin!(frame);
        let (mut part, mut body, mut last) = (0_i64, Vec::with_capacity(PART_BYTES), false);
        while !last {
            match frame.next().await.transpose()? {
                Some(bytes) => body.extend_from_slice(&bytes),
                None => last = true,
            }
            if body.len() < PART_BYTES && !last {
                continue;
            }
            let head = MessageHead {
                kind: PART,
                correlation: id,
                headers: headers(&[
                    ("part", AMQPValue::LongLongInt(part)),
                    ("last", AMQPValue::Boolean(last)),
                ]),
            };
            self.put(&channel, &head, &body, part > 0).await?;
            if let Ok(answer) = answer.try_recv() {
                return Ok(Some(answer));
            }
            part += 1;
            body.clear();
        }
        self.answers.went_out(id, self.clock.now());
        Ok(None)
    }

    /// Publishes a message; with `patient` it waits while the queue is full.
    #[expect(
        clippy::disallowed_methods,
        reason = "a full queue has no event for its publisher; the pause is bounded"
    )]
    async fn put(
        &self,
        channel: &Channel,
        head: &MessageHead<'_>,
        body: &[u8],
        patient: bool,
    ) -> Result<(), SendFault> {
        let (mut pause, mut waited) = (
            std::time::Duration::from_millis(100),
            std::time::Duration::ZERO,
        );
        loop {
            let put = self.try_put(channel, head, body).await;
            match put.map_err(|fault| away(&fault))? {
                Put::Taken => return Ok(()),
                Put::NoQueue => {
                    let why = "the broker has no queue for this node; hint: is it registered at the hub, \
                               and does the hub read from this broker?";
                    return Err(line(why));
                }
                Put::Full if !patient || waited >= self.config.patience => {
                    return Err(line("the broker's queue of this node is full"));
                }
                Put::Full => {
                    tokio::time::sleep(pause).await;
                    waited += pause;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    async fn try_put(
        &self,
        channel: &Channel,
        head: &MessageHead<'_>,
        body: &[u8],
    ) -> Result<Put, AmqpError> {
        let node = self.config.node.as_str();
        let options = BasicPublishOptions {
            mandatory: true,
            ..Default::default()
        };
        let properties = BasicProperties::default()
            .with_delivery_mode(2)
            .with_user_id(node.into())
            .with_type(head.kind.into())
            .with_correlation_id(head.correlation.into())
            .with_headers(head.headers.clone());
        let confirm = channel
            .basic_publish(
                up(node).as_str().into(),
                "".into(),
                options,
                body,
                properties,
            )
            .await?;
        let confirmation = confirm.await?;
        // Confirmed and returned means that no queue took it.
        Ok(match (confirmation.is_ack(), confirmation.take_message()) {
            (false, _) => Put::Full,
            (true, Some(_)) => Put::NoQueue,
            (true, None) => Put::Taken,
        })
    }

    /// What the hub answers, as long as anybody waits.
    async fn wait(&self, answer: oneshot::Receiver<Reply>) -> Result<Reply, SendFault> {
        match tokio::time::timeout(self.config.patience, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(line("the line to the broker broke before the hub answered")),
            Err(_) => Err(line(
                "the broker holds it, and the hub has not answered yet; hint: does the hub run?",
            )),
        }
    }
}

#[async_trait]
impl Uplink for AmqpUplink {
    async fn send(&self, parcel: &Parcel) -> Result<Receipt, SendFault> {
        let id = parcel.id().to_string();
        let mut ticket = self.answers.expect(&id);
        let early = match self.answers.is_out(&id, self.clock.now()) {
            false => self.publish(parcel, &id, &mut ticket).await?,
            // The answer comes by the line, which may have broken since.
            true => {
                self.channel(&mut *self.line.lock().await).await?;
                None
            }
        };
        let answer = match early {
            Some(answer) => answer,
            None => self.wait(ticket).await?,
        };
        self.answers.forget(&id);
        match answer.status {
            200 => receipt_of(&answer.body),
            status => Err(fault_of(status, answer.wish, &answer.body)),
        }
    }

    async fn completion(&self, number: &str) -> Result<Option<Receipt>, SendFault> {
        // One that came too late tells an older state.
        self.answers.discard(number);
        let ticket = self.answers.expect(number);
        let path = receipt_path(number);
        let config = &self.config;
        let signed = sign_request(&config.key, &config.node, "GET", &path, self.clock.now());
        let head = MessageHead {
            kind: ASK,
            correlation: number,
            headers: headers(&[("authorization", AMQPValue::LongString(signed.into()))]),
        };
        {
            let mut line = self.line.lock().await;
            let channel = self.channel(&mut line).await?;
            self.put(&channel, &head, &[], false).await?;
        }
        let answer = self.wait(ticket).await?;
        match answer.status {
            200 => receipt_of(&answer.body).map(completed),
            404 => Ok(None),
            status => Err(fault_of(status, answer.wish, &answer.body)),
        }
    }

    async fn heartbeat(&self, heartbeat: Heartbeat) -> Result<(), SendFault> {
        let config = &self.config;
        let path = heartbeat.path();
        let signed = sign_request(&config.key, &config.node, "POST", &path, self.clock.now());
        let head = MessageHead {
            kind: BEAT,
            correlation: &path,
            headers: headers(&[("authorization", AMQPValue::LongString(signed.into()))]),
        };
        let mut line = self.line.lock().await;
        let channel = self.channel(&mut line).await?;
        self.put(&channel, &head, &[], false).await
    }
}

/// Reads answers until the line ends; the channel lives as long as its consumer.
async fn read(mut consumer: Consumer, _channel: Channel, answers: &Replies) {
    while let Some(Ok(delivery)) = consumer.next().await {
        match answer_of(&delivery) {
            Some((correlation, answer)) => answers.put(correlation, answer),
            None => tracing::warn!("the broker brought a message that is no answer"),
        }
        if let Err(error) = delivery.acker.ack(BasicAckOptions::default()).await {
            tracing::debug!(%error, "the line to the broker broke");
            return;
        }
    }
}

fn answer_of(delivery: &Delivery) -> Option<(String, Reply)> {
    let properties = &delivery.properties;
    if properties.kind().as_ref().map(|k| k.as_str()) != Some(ANSWER) {
        return None;
    }
    let correlation = properties.correlation_id().as_ref()?.to_string();
    let table = properties.headers().as_ref();
    let answer = Reply {
        status: u16::try_from(number(table, "status")?).ok()?,
        wish: number(table, "retry_after").map(Duration::seconds),
        body: delivery.data.clone(),
    };
    Some((correlation, answer))
}

fn line(why: &str) -> SendFault {
    SendFault::Line {
        why: why.to_owned(),
        wish: None,
    }
}

fn away(fault: &AmqpError) -> SendFault {
    line(&fault.to_string())
}
