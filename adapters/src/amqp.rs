//! The line over AMQP 0-9-1, with nothing but what RabbitMQ ships (docs/EXCHANGE.md): a node publishes the
//! parts of its frames to an exchange of its own and reads its receipts from a queue of its own; the broker
//! vouches for the node's user. Here are names, limits, what a message is, and how a broker is reached.
//! Refuses to know what a frame or a receipt means.

mod reception;
mod replies;
mod uplink;

pub use reception::{NodeMessage, NodeQueue, Reception, ReceptionConfig};
pub use uplink::{AmqpUplink, AmqpUplinkConfig};

use lapin::tcp::OwnedTLSConfig;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Connection, ConnectionProperties, DefaultConnectionBuilder};
use thiserror::Error;

/// Bytes of a part that is sent: what a slow line carries in some seconds.
pub const PART_BYTES: usize = 1 << 20;
/// Bytes of a part that is taken.
pub const MOST_PART_BYTES: usize = 8 << 20;
/// Bytes of receipts that wait for a node at most: the largest twice.
pub const DOWN_BYTES: u64 = 32 << 20;

/// Kind of a message that holds a part of a frame.
pub const PART: &str = "part";
/// Kind of a message that asks for a receipt.
pub const ASK: &str = "ask";
/// Kind of a message that tells how the machine is; it is not answered.
pub const BEAT: &str = "beat";
/// Kind of a message that answers.
pub const ANSWER: &str = "answer";

/// Status of an answer: the rest of a frame came without its beginning; it is to be sent again.
pub const AGAIN: u16 = 408;

/// Exchange and queue of what a node sends.
pub fn up(node: &str) -> String {
    format!("tongcha.up.{node}")
}

/// Queue of what a node is answered.
pub fn down(node: &str) -> String {
    format!("tongcha.down.{node}")
}

/// What a node's user may do at the broker, as regular expressions: configure, write, read.
pub fn permissions(node: &str) -> [String; 3] {
    let exactly = |name: String| format!("^{}$", name.replace('.', "\\."));
    ["^$".to_owned(), exactly(up(node)), exactly(down(node))]
}

/// Why the broker cannot be used.
#[derive(Debug, Error)]
pub enum AmqpError {
    /// The broker is away, or refuses user or virtual host.
    #[error("the broker cannot be used: {0}")]
    Away(String),
    /// A queue is there with another limit.
    #[error(
        "queue {queue} is there with other arguments; hint: let it run empty, delete it, and it is made anew"
    )]
    OtherQueue {
        /// Its name.
        queue: String,
    },
    /// The node's queue for answers is full: it reads none.
    #[error("the queue of answers of {node} is full or away")]
    NotTaken {
        /// The node.
        node: String,
    },
}

impl AmqpError {
    /// Whether the same call may succeed later without anybody's help.
    pub fn is_transient(&self) -> bool {
        !matches!(self, AmqpError::OtherQueue { .. })
    }
}

impl From<lapin::Error> for AmqpError {
    fn from(error: lapin::Error) -> AmqpError {
        AmqpError::Away(error.to_string())
    }
}

/// Whether an address is one of a broker: `amqps://user:password@host:port/vhost`, or `amqp://` where the
/// line is private.
pub fn is_address(url: &str) -> bool {
    let rest = url.strip_prefix("amqps://").or(url.strip_prefix("amqp://"));
    rest.is_some_and(|rest| rest.contains('@'))
}

/// Asks whether a broker takes this user; nothing is declared.
///
/// # Errors
/// [`AmqpError::Away`].
pub async fn probe(url: &str, authority_pem: Option<&str>) -> Result<(), AmqpError> {
    let line = connect(url, authority_pem, "tongcha probe").await?;
    // The answer is there; how the line ends does not matter.
    let _ = line.close(200, "seen".into()).await;
    Ok(())
}

/// Opens a connection; a private authority is trusted beside the public ones.
async fn connect(
    url: &str,
    authority_pem: Option<&str>,
    name: &str,
) -> Result<Connection, AmqpError> {
    // The whole product uses one TLS provider; a second call finds it installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let tls = OwnedTLSConfig {
        identity: None,
        cert_chain: authority_pem.map(str::to_owned),
    };
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    let builder = DefaultConnectionBuilder::new()?
        .with_uri_str(url.to_owned())
        .with_properties(properties)
        .with_tls_config(tls);
    Ok(builder.connect().await?)
}

/// Headers of a message.
fn headers(pairs: &[(&str, AMQPValue)]) -> FieldTable {
    let mut table = FieldTable::default();
    for (key, value) in pairs {
        table.insert((*key).into(), value.clone());
    }
    table
}

/// A whole number of the headers.
fn number(table: Option<&FieldTable>, key: &str) -> Option<i64> {
    match table?.inner().get(key)? {
        AMQPValue::LongLongInt(n) => Some(*n),
        AMQPValue::LongInt(n) => Some(i64::from(*n)),
        AMQPValue::LongUInt(n) => Some(i64::from(*n)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_may_write_and_read_its_own_alone() {
        let [configure, write, read] = permissions("431321/gtj");
        assert_eq!(configure, "^$");
        assert_eq!(write, "^tongcha\\.up\\.431321/gtj$");
        assert_eq!(read, "^tongcha\\.down\\.431321/gtj$");
        assert!(is_address("amqps://431321%2Fgtj:x@mq.example:5671/tongcha"));
        assert!(!is_address("https://mq.example") && !is_address("amqp://mq.example"));
    }
}
