//! The agent against a receiver of the wire format: every hop from a source to its receipt, restarts
//! at every point, a bad line, and the contract that all sources keep.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![expect(clippy::panic, reason = "a panic is a failed test")]

mod agent;
mod changes;
mod contract;
mod crash;
mod flags;
mod fooled;
mod groups;
mod idle;
mod machine;
mod mutual;
mod mysql8;
#[cfg(feature = "source-odbc")]
mod odbc;
mod push;
mod receiver;
mod refused;
mod servers;
mod slow;
mod tables;
mod told;
mod unharmed;
mod wake;
mod xml_dir;

use std::path::Path;
use std::sync::Arc;
use time::OffsetDateTime;
use time::macros::datetime;
use tongcha_adapters::agent::{Agent, AgentConfig};
use tongcha_adapters::outbox::Outbox;
use tongcha_adapters::source::Source;
use tongcha_adapters::uplink_http::{HttpUplink, HttpUplinkConfig};
use tongcha_schema::clock::ManualClock;
use tongcha_schema::seal::{NodeKey, Sealed};

pub(crate) const NOW: OffsetDateTime = datetime!(2026-01-05 09:00 +8);
pub(crate) const NODE: &str = "431321/gtj";
pub(crate) const HUB: &str = "431321/hub";
pub(crate) const ORG: &str = "12441500196720244T";

pub(crate) fn key() -> NodeKey {
    NodeKey::from_bytes(&[7; 32])
}

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(NOW))
}

pub(crate) async fn outbox(folder: &Path) -> Outbox {
    let file = folder.join("outbox.db");
    let sealed = Sealed::new([5; 32]);
    Outbox::open(&file, NODE, sealed, NOW).await.unwrap()
}

pub(crate) fn uplink(url: &str, clock: &Arc<ManualClock>) -> Arc<HttpUplink> {
    let config = HttpUplinkConfig {
        url: url.to_owned(),
        node: NODE.to_owned(),
        key: key(),
        authority_pem: None,
        identity_pem: None,
    };
    Arc::new(HttpUplink::new(config, clock.clone()).unwrap())
}

pub(crate) fn config() -> AgentConfig {
    let mut config = AgentConfig::new(HUB, ORG);
    config.completion_after = Some(time::Duration::ZERO);
    config
}

/// An agent of the source against the address.
pub(crate) async fn agent(
    folder: &Path,
    source: impl Source + 'static,
    url: &str,
    clock: &Arc<ManualClock>,
) -> Agent {
    let outbox = outbox(folder).await;
    Agent::new(
        config(),
        Box::new(source),
        uplink(url, clock),
        outbox,
        clock.clone(),
    )
}
