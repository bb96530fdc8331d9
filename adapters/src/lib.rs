//! Getting data out of departments and up the line: sources, the local outbox, the agent
//! and its uplink. Refuses everything that a hub does: no store, no bus, no judging.

pub mod agent;
#[cfg(feature = "uplink-amqp")]
pub mod amqp;
pub mod backoff;
pub mod clean_pool;
pub mod clock;
pub mod doctor;
pub mod import;
pub mod machine;
pub mod outbox;
pub mod pace;
pub mod package;
pub mod patience;
pub mod randomness;
pub mod reach;
pub mod settings;
pub mod source;
pub mod sources;
pub mod status;
pub mod uplink;
pub mod uplink_http;
