//! Exchanges and queues of the bus, declared whenever a line is opened. Refuses to send and to read.

use super::{DEAD, EXCHANGE, queue_name};
use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ExchangeKind};

/// Deliveries of one message before it goes to the dead letters.
const DELIVERY_LIMIT: i64 = 5;

/// Makes what is missing; the broker refuses what is there with other arguments.
pub(super) async fn declare(channel: &Channel, partitions: u32) -> Result<(), lapin::Error> {
    let durable = ExchangeDeclareOptions {
        durable: true,
        ..Default::default()
    };
    for (name, kind) in [
        (EXCHANGE, ExchangeKind::Topic),
        (DEAD, ExchangeKind::Fanout),
    ] {
        channel
            .exchange_declare(name.into(), kind, durable, FieldTable::default())
            .await?;
    }
    declare_queue(channel, DEAD, DEAD, "", quorum()).await?;
    for partition in 0..partitions {
        let name = queue_name(partition);
        let mut args = quorum();
        let mut set = |key: &str, value: AMQPValue| {
            args.insert(key.into(), value);
        };
        set("x-single-active-consumer", AMQPValue::Boolean(true));
        set("x-delivery-limit", AMQPValue::LongLongInt(DELIVERY_LIMIT));
        set("x-dead-letter-exchange", AMQPValue::LongString(DEAD.into()));
        set(
            "x-dead-letter-strategy",
            AMQPValue::LongString("at-least-once".into()),
        );
        set("x-overflow", AMQPValue::LongString("reject-publish".into()));
        declare_queue(channel, &name, EXCHANGE, &name, args).await?;
    }
    Ok(())
}

/// Arguments of a quorum queue.
fn quorum() -> FieldTable {
    let mut args = FieldTable::default();
    args.insert(
        "x-queue-type".into(),
        AMQPValue::LongString("quorum".into()),
    );
    args
}

/// A durable queue, bound to an exchange under a routing key.
async fn declare_queue(
    channel: &Channel,
    name: &str,
    exchange: &str,
    key: &str,
    args: FieldTable,
) -> Result<(), lapin::Error> {
    let durable = QueueDeclareOptions {
        durable: true,
        ..Default::default()
    };
    channel.queue_declare(name.into(), durable, args).await?;
    let bind = QueueBindOptions::default();
    channel
        .queue_bind(
            name.into(),
            exchange.into(),
            key.into(),
            bind,
            FieldTable::default(),
        )
        .await
}
