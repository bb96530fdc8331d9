//! The stories of the whole vertical: what arrives at a front-end machine and what is found at its
//! end in both tiers. Each story runs embedded and, where servers are named in the environment, on
//! PostgreSQL and RabbitMQ too; its end is compared with the model of the ledger.
#![cfg(feature = "server")]

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed step is a failed test"
)]
mod it {
    mod bad_input;
    mod broker;
    mod cards;
    mod crash;
    mod described;
    mod dialects;
    mod disk;
    mod doctor;
    mod door;
    mod enrol;
    mod entry;
    mod families;
    mod full_disk;
    mod held;
    mod hops;
    mod import;
    mod line;
    mod model;
    mod offices;
    mod once;
    mod order;
    mod paper;
    mod place;
    mod planted;
    mod posted;
    mod proxy;
    mod receipts;
    mod rig;
    mod secret;
    mod sources;
    mod strain;
    mod upward;
    mod versions;
}
