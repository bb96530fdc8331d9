//! The hub: takes envelopes from nodes, keeps their bytes, decides every record, watches every case,
//! and forwards what it stored. It refuses to serve pages (admin) and to hold a rule (supervision).

pub mod alarm;
pub mod bundle;
pub mod bus;
pub mod calendars;
pub mod config;
pub mod core;
pub mod demands;
pub mod doctor;
pub mod enrol;
pub mod entry;
pub mod exchange;
pub mod feed;
pub mod forward;
pub mod gate;
pub mod inbox;
pub mod ingest;
pub mod passing;
pub mod push;
pub mod receive;
mod reception;
pub mod repartition;
pub mod room;
pub mod route;
pub mod schedule;
pub mod score;
pub mod serve;
pub mod settle;
mod signer;
pub mod spill;
pub mod spool;
pub mod sql;
pub mod store;
pub mod take_back;
pub mod tally;
pub mod view;
pub mod watch;
