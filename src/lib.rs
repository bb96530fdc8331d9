//! The parts that the one binary and the stories of `tests/` share: a world of hubs and agents put
//! together over real loopback HTTP. Refuses to parse a command line (`main.rs`, `cli/`).

#[cfg(feature = "server")]
pub mod rabbitmqctl;
#[cfg(feature = "server")]
pub mod world;
