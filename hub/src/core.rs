//! What every part of one hub shares: its name, store, bus, clock, keys and dialects.

use crate::bus::Bus;
use crate::feed::Feed;
use crate::passing::Passing;
use crate::push::Intake;
use crate::store::engine::Store;
use crate::store::sources::Names;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use time::{OffsetDateTime, UtcOffset};
use tongcha_decode::dialect::Registry;
use tongcha_schema::clock::Clock;
use tongcha_schema::seal::Sealed;
use tongcha_supervision::{Calendar, FaultWindow, Profile};

/// One hub.
pub struct Core {
    /// Its node name, `region/node`.
    pub name: String,
    /// The central supervision database.
    pub store: Store,
    /// The same database over connections of the door's own: whoever comes in takes none of those with which
    /// is ingested, judged and shown.
    pub door: Store,
    /// Short numbers of names.
    pub names: Names,
    /// The bus.
    pub bus: Arc<dyn Bus>,
    /// What is on its way from the inbox to the bus.
    pub passing: Passing,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Seals raw bytes and personal values.
    pub sealed: Arc<Sealed>,
    /// The dialects.
    pub registry: Arc<Registry>,
    /// The hub's own zone: receive days are taken in it.
    pub zone: UtcOffset,
    /// Folder for items that are too large for memory while they arrive.
    pub spool: PathBuf,
    /// Whether what is stored here goes up to another hub.
    pub forwards: bool,
    /// What is taken in, and how much of it at a time.
    pub intake: Intake,
    /// Tells that a node was registered.
    pub registered: tokio::sync::Notify,
    /// Tells the pages.
    pub feed: Feed,
    /// The profile of rules in force.
    pub profile: Arc<Profile>,
    /// The working-day calendar.
    pub calendar: Arc<Calendar>,
    /// Whether this hub owns the organs and issues their cards; an upper hub only keeps what it got.
    pub issues_cards: bool,
    /// When feeds were unhealthy: silence in these windows is held as an exchange fault.
    pub faults: Mutex<Vec<FaultWindow>>,
}

impl Core {
    /// The receive day of an instant, in the hub's zone: `2026-01-31`.
    pub fn day(&self, instant: OffsetDateTime) -> String {
        tongcha_schema::stamp::canonical_date(instant.to_offset(self.zone).date())
    }

    /// The fault windows of now.
    pub fn fault_windows(&self) -> Vec<FaultWindow> {
        self.faults
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Milliseconds of now.
    pub fn now_ms(&self) -> i64 {
        tongcha_schema::clock::unix_ms(self.clock.now())
    }
}
