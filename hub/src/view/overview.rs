//! The front page: does the ledger balance, who is alive, what waits, what is late, what came last.
//! Refuses to compute what a table does not hold.

use super::{cards, counts_at, envelopes};
use crate::alarm::Alarm;
use crate::core::Core;
use crate::forward::{Held, Progress};
use crate::inbox::Quarantine;
use crate::schedule::JobState;
use crate::store::engine::StoreError;
use crate::tally::Tally;
use serde::Serialize;
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};
use tongcha_schema::receipt::Counts;

/// A node is counted as alive when it sent an envelope within this time.
pub const ALIVE: Duration = Duration::hours(24);
/// Envelopes in the list of what came last.
const LATEST_ENVELOPES: u64 = 8;
/// Held batches that are named.
const HELD: i64 = 3;
/// Cards in the list of what came last.
const LATEST_CARDS: u64 = 14;

/// The ledger of one element over all days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ElementLine {
    /// Name of the element, or `unknown`.
    pub element: String,
    /// Its counts.
    pub counts: Counts,
}

/// The front page's figures.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The hub's instant of reading.
    pub at: OffsetDateTime,
    /// The whole ledger.
    pub total: Counts,
    /// The ledger of today, in the hub's zone.
    pub today: Counts,
    /// The ledger by element, in the order of the field's numbering; `unknown` last.
    pub elements: Vec<ElementLine>,
    /// Cases and cards.
    pub tally: Tally,
    /// Bundles and records in the inbox.
    pub inbox: (u64, u64),
    /// Nodes registered, and those alive.
    pub nodes: (u64, u64),
    /// Envelopes turned away at the door within [`ALIVE`].
    pub alarms: Vec<Alarm>,
    /// Cases that are held, by reason: `refused`, `calendar`, `fault`.
    pub held: Vec<(String, u64)>,
    /// Years without a calendar that are asked for, with the open cases that fall due in them.
    pub no_calendar: BTreeMap<i32, u64>,
    /// Cases whose facts changed since the last look.
    pub unjudged: u64,
    /// How far forwarding has come.
    pub forward: Progress,
    /// Batches that the hub above refused, the oldest.
    pub held_above: Vec<Held>,
    /// Bundles that the tables do not take.
    pub quarantine: Quarantine,
    /// Jobs that fail.
    pub failing: Vec<JobState>,
    /// The latest envelopes.
    pub envelopes: Vec<envelopes::EnvelopeLine>,
    /// The latest cards.
    pub cards: Vec<cards::CardLine>,
}

/// Reads the front page's figures.
///
/// # Errors
/// The store.
pub async fn overview(core: &Core) -> Result<Overview, StoreError> {
    let at = core.clock.now();
    let store = &core.store;
    let since = tongcha_schema::clock::unix_ms(at - ALIVE);
    let mut elements = Vec::new();
    let mut total = Counts::default();
    for row in store.rows("ledger.totals", Vec::new()).await? {
        let counts = counts_at(&row, 1);
        total.received += counts.received;
        total.stored += counts.stored;
        total.rejected += counts.rejected;
        total.duplicate += counts.duplicate;
        total.pending += counts.pending;
        elements.push(ElementLine {
            element: row.text(0).to_owned(),
            counts,
        });
    }
    elements.sort_by_key(|line| {
        tongcha_schema::element::ElementId::parse(&line.element).map_or(usize::MAX, |e| e.index())
    });
    let jobs = crate::schedule::states(store).await?;
    let today = store
        .row("pages.ledger_of_day", crate::args![core.day(at)])
        .await?;
    let nodes = store.row("pages.nodes_alive", crate::args![since]).await?;
    let held = store.rows("cases.held", Vec::new()).await?;
    let unjudged = store.row("cases.unjudged", Vec::new()).await?;
    Ok(Overview {
        at,
        total,
        today: today.map(|r| counts_at(&r, 0)).unwrap_or_default(),
        elements,
        tally: crate::tally::tally(core).await?,
        inbox: crate::inbox::waiting(core).await?,
        nodes: nodes.map_or((0, 0), |r| (r.count(0), r.count(1))),
        alarms: crate::alarm::standing(store, at).await?,
        held: held
            .iter()
            .map(|r| (r.text(0).to_owned(), r.count(1)))
            .collect(),
        no_calendar: crate::calendars::missing_here(core).await?,
        unjudged: unjudged.map_or(0, |r| r.count(0)),
        forward: crate::forward::progress(store).await?,
        held_above: crate::forward::held(store, HELD).await?,
        quarantine: crate::inbox::quarantined(store).await?,
        failing: jobs.into_iter().filter(|job| job.fails > 0).collect(),
        envelopes: envelopes::latest(core, LATEST_ENVELOPES).await?,
        cards: cards::latest(core, LATEST_CARDS).await?,
    })
}
