//! The broker of a story: a virtual host of its own, users, and what a program of one's own would publish and
//! read there. Refuses to wait for ever for a queue.

use super::place::production;
use super::rig::Rig;
use futures_util::StreamExt as _;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use sha2::Digest as _;
use std::time::Duration;
use tongcha::rabbitmqctl;
use tongcha_adapters::amqp::{PART, ReceptionConfig, down, permissions, up};
use tongcha_hub::exchange::NodeEntry;
use tongcha_schema::receipt::Receipt;
use tongcha_schema::seal::{NodeKey, Suite, public_text};

/// A node whose key is of the national suite.
pub const DESK: &str = "431321/amqp-desk";
/// What the queue of a node holds in these stories.
const QUEUE_BYTES: u64 = 2 << 20;

/// A virtual host of its own for the line, and who may do what there.
pub struct Line {
    pub ctl: String,
    pub config: ReceptionConfig,
    host: String,
    vhost: String,
}

impl Line {
    /// `None` where no broker is named.
    pub fn make() -> Option<Line> {
        let production = production()?;
        let vhost = format!("tongcha_{}_line", production.tag);
        let (login, host) = production.bus_url.split_once('@').unwrap();
        let user = login
            .split("://")
            .nth(1)
            .unwrap()
            .split(':')
            .next()
            .unwrap();
        let host = host.split('/').next().unwrap().to_owned();
        let ctl = production.rabbitmqctl;
        rabbitmqctl::run(&ctl, &["add_vhost", &vhost], None).unwrap();
        let all = ["set_permissions", "-p", &vhost, user, ".*", ".*", ".*"];
        rabbitmqctl::run(&ctl, &all, None).unwrap();
        let config = ReceptionConfig {
            url: format!("{login}@{host}/{vhost}"),
            authority_pem: None,
            queue_bytes: QUEUE_BYTES,
            broker_bytes: 1 << 30,
        };
        Some(Line {
            ctl,
            host,
            vhost,
            config,
        })
    }

    /// Makes a node's user; gives its address.
    pub fn user(&self, node: &str) -> String {
        let password = "synthetic-password";
        rabbitmqctl::run(&self.ctl, &["add_user", node], Some(password)).unwrap();
        let [configure, write, read] = permissions(node);
        let rights = [
            "set_permissions",
            "-p",
            &self.vhost,
            node,
            &configure,
            &write,
            &read,
        ];
        rabbitmqctl::run(&self.ctl, &rights, None).unwrap();
        let user = node.replace('/', "%2F");
        format!("amqp://{user}:{password}@{}/{}", self.host, self.vhost)
    }

    /// The address of a node, over the port without TLS.
    pub fn plain(&self, address: &str) -> String {
        let login = address.split_once('@').unwrap().0.replace("amqps", "amqp");
        format!("{login}@{}/{}", self.host, self.vhost)
    }

    /// Cuts every connection, as a switch that is restarted.
    pub fn cut(&self) {
        let cut = ["close_all_connections", "--vhost", &self.vhost, "story"];
        rabbitmqctl::run(&self.ctl, &cut, None).unwrap();
    }

    pub fn remove(&self, users: &[&str]) {
        for user in users {
            rabbitmqctl::run(&self.ctl, &["delete_user", user], None).unwrap();
        }
        rabbitmqctl::run(&self.ctl, &["delete_vhost", &self.vhost], None).unwrap();
    }
}

/// A node's key: of the desk in the national suite.
pub fn key(node: &str) -> NodeKey {
    let suite = match node {
        DESK => Suite::Sm2,
        _ => Suite::Ed25519,
    };
    NodeKey::of(suite, &sha2::Sha256::digest(node).into()).unwrap()
}

pub async fn register(rig: &mut Rig, node: &str) {
    let entry = NodeEntry {
        name: node.to_owned(),
        public_key: public_text(&key(node).public()),
        ..NodeEntry::default()
    };
    rig.world().county.hub.register(&entry).await.unwrap();
}

/// Queues are made by the hub, in its own time: looks until the last of a node's is there. Nothing is read.
pub async fn opened(address: &str, node: &str) -> (Connection, Channel) {
    let look = async {
        loop {
            let connection = Connection::connect(address, ConnectionProperties::default());
            let connection = connection.await.unwrap();
            let channel = connection.create_channel().await.unwrap();
            let passive = QueueDeclareOptions {
                passive: true,
                ..Default::default()
            };
            let name = down(node);
            let there = channel.queue_declare(name.as_str().into(), passive, FieldTable::default());
            if there.await.is_ok() {
                return (connection, channel);
            }
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(120), look).await;
    found.unwrap_or_else(|_| panic!("the hub opens no queue for {node}"))
}

/// A message as a program of one's own would send it: offered again where the queue is full.
pub async fn publish(channel: &Channel, node: &str, properties: BasicProperties, body: &[u8]) {
    let exchange = up(node);
    loop {
        let confirm = channel
            .basic_publish(
                exchange.as_str().into(),
                "".into(),
                BasicPublishOptions::default(),
                body,
                properties.clone(),
            )
            .await
            .unwrap();
        if confirm.await.unwrap().is_ack() {
            return;
        }
    }
}

pub fn part(user: &str, correlation: &str, part: i64, last: bool) -> BasicProperties {
    let mut headers = FieldTable::default();
    headers.insert("part".into(), AMQPValue::LongLongInt(part));
    headers.insert("last".into(), AMQPValue::Boolean(last));
    BasicProperties::default()
        .with_user_id(user.into())
        .with_type(PART.into())
        .with_correlation_id(correlation.into())
        .with_headers(headers)
}

/// The next answers of a node: correlation, status, first code.
pub async fn answers(address: &str, node: &str, most: usize) -> Vec<(String, i64, String)> {
    let (_connection, channel) = opened(address, node).await;
    let queue = down(node);
    let options = BasicConsumeOptions::default();
    let tag = "story".into();
    let mut consumer = channel
        .basic_consume(queue.as_str().into(), tag, options, FieldTable::default())
        .await
        .unwrap();
    let mut found = Vec::new();
    while found.len() < most {
        let delivery = consumer.next().await.unwrap().unwrap();
        delivery
            .acker
            .ack(BasicAckOptions::default())
            .await
            .unwrap();
        let said = &delivery.properties;
        let headers = said.headers().as_ref().unwrap().inner();
        let Some(AMQPValue::LongLongInt(status)) = headers.get("status") else {
            panic!("no status: {headers:?}");
        };
        let code = serde_json::from_slice::<Receipt>(&delivery.data).ok();
        let code = code.and_then(|r| Some(r.findings.first()?.code.to_string()));
        let correlation = said.correlation_id().as_ref().unwrap().to_string();
        found.push((correlation, *status, code.unwrap_or_default()));
    }
    found
}
