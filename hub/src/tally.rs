//! The tally of a run: what `demo --once` prints and the overview shows, read from the ledger and the
//! case table. Refuses to compute what a table does not hold.

use crate::core::Core;
use crate::store::engine::StoreError;
use serde::Serialize;
use std::collections::BTreeMap;

/// Cards counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cards {
    /// By colour.
    pub by_colour: BTreeMap<String, u64>,
    /// By rule.
    pub by_rule: BTreeMap<String, u64>,
}

/// The figures of one hub.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Records received.
    pub received: u64,
    /// Records stored.
    pub stored: u64,
    /// Records rejected, conflicts included.
    pub rejected: u64,
    /// Records known already.
    pub duplicate: u64,
    /// Records not yet ingested.
    pub pending: u64,
    /// Records stored by element.
    pub elements: BTreeMap<String, u64>,
    /// Distinct cases with a stored record.
    pub cases: u64,
    /// Cases concluded.
    pub concluded: u64,
    /// Of them concluded after the due day.
    pub concluded_late: u64,
    /// Cases open.
    pub open: u64,
    /// Of them past the due day.
    pub open_overdue: u64,
    /// Cards.
    pub cards: Cards,
    /// Cases not judged, by rule.
    pub not_judged: BTreeMap<String, u64>,
    /// Records that the upper hub has stored.
    pub forwarded: u64,
}

/// Reads the tally of a hub.
///
/// # Errors
/// The store.
pub async fn tally(core: &Core) -> Result<Tally, StoreError> {
    let mut t = Tally::default();
    for row in core.store.rows("ledger.totals", Vec::new()).await? {
        t.received += row.count(1);
        t.stored += row.count(2);
        t.rejected += row.count(3);
        t.duplicate += row.count(4);
        t.pending += row.count(5);
        if row.count(2) > 0 {
            t.elements.insert(row.text(0).to_owned(), row.count(2));
        }
    }
    if let Some(row) = core.store.row("cases.tally", Vec::new()).await? {
        t.cases = row.count(0);
        t.concluded = row.count(1);
        t.concluded_late = row.count(2);
        t.open = row.count(3);
        t.open_overdue = row.count(4);
    }
    for row in core.store.rows("cards.by_colour", Vec::new()).await? {
        t.cards
            .by_colour
            .insert(row.text(0).to_owned(), row.count(1));
    }
    for row in core.store.rows("cards.by_rule", Vec::new()).await? {
        t.cards.by_rule.insert(row.text(0).to_owned(), row.count(1));
    }
    for row in core.store.rows("cases.not_judged", Vec::new()).await? {
        for rule in row.text(0).split(',') {
            *t.not_judged.entry(rule.to_owned()).or_insert(0) += row.count(1);
        }
    }
    t.forwarded = crate::forward::progress(&core.store).await?.stored_above;
    Ok(t)
}
