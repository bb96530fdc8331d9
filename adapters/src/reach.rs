//! How a hub is reached: over HTTPS, or over AMQP where that is configured. One place makes the uplink of an
//! agent, of an import and of a hub that forwards. Refuses to connect.

#[cfg(feature = "uplink-amqp")]
use crate::amqp::{AmqpUplink, AmqpUplinkConfig};
use crate::uplink::Uplink;
use crate::uplink_http::{HttpUplink, HttpUplinkConfig, UplinkError};
use std::sync::Arc;
use tongcha_schema::clock::Clock;
use tongcha_schema::seal::NodeKey;

/// How long an answer over AMQP is waited for.
#[cfg(feature = "uplink-amqp")]
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// Where a hub is, as its section of the configuration says.
#[derive(Clone, Default)]
pub struct HubAddress {
    /// Address over HTTP(S), or empty where only the broker is known.
    pub url: String,
    /// Address of the broker, with user and password; it goes before `url`.
    pub amqp: Option<String>,
    /// PEM of the authorities to trust instead of the public ones.
    pub authority_pem: Option<String>,
    /// PEM of the certificate and key that this machine shows.
    pub identity_pem: Option<String>,
}

impl HubAddress {
    /// The way over HTTP.
    pub fn http(&self, node: &str, key: &NodeKey) -> HttpUplinkConfig {
        HttpUplinkConfig {
            url: self.url.clone(),
            node: node.to_owned(),
            key: key.clone(),
            authority_pem: self.authority_pem.clone(),
            identity_pem: self.identity_pem.clone(),
        }
    }

    /// The uplink of a node; sends no faster than that many bytes a second.
    ///
    /// # Errors
    /// [`UplinkError`].
    pub fn uplink(
        &self,
        node: &str,
        key: &NodeKey,
        clock: Arc<dyn Clock>,
        most_per_second: Option<u64>,
    ) -> Result<Arc<dyn Uplink>, UplinkError> {
        #[cfg(feature = "uplink-amqp")]
        if let Some(url) = &self.amqp {
            let config = AmqpUplinkConfig {
                url: url.clone(),
                node: node.to_owned(),
                key: key.clone(),
                authority_pem: self.authority_pem.clone(),
                patience: PATIENCE,
            };
            return Ok(Arc::new(AmqpUplink::new(config, clock, most_per_second)));
        }
        let uplink = HttpUplink::new(self.http(node, key), clock)?;
        Ok(Arc::new(uplink.at_most(most_per_second)))
    }
}
