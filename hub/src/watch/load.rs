//! What a look reads, in one snapshot: the cases that are due, all versions of their records, their refusals
//! and their cards. Refuses to take more records than a look may hold.

use super::{ROUND, Seen, Stand, fitting, ground, keys, zone_of, zones_of};
use crate::core::Core;
use crate::store::elements;
use crate::store::engine::{StoreError, Tx};
use crate::store::row::Row;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use tongcha_schema::clock::{CHINA, from_unix_ms, unix_ms};
use tongcha_schema::element::ElementId;
use tongcha_supervision::scene::into_zone;
use tongcha_supervision::{Card, Fact, Refusal};

/// Cases with new refusals that are marked in one transaction.
const HEARD: usize = 5_000;

type Key = (String, String);

/// A refusal changes no record, so the gate does not touch its case: the watch does, in its own order.
pub(super) async fn hear_of_refusals(core: &Core) -> Result<(), StoreError> {
    loop {
        let rows = core
            .store
            .rows("refusals.fresh", crate::args![HEARD])
            .await?;
        if rows.is_empty() {
            return Ok(());
        }
        ground::again(core, rows.iter().map(|r| (r.text(0), r.text(1)))).await?;
    }
}

/// The next cases that are due, as many as fit into one look; `None`: nothing is due.
pub(super) async fn round(
    core: &Core,
    now: OffsetDateTime,
) -> Result<Option<Vec<Seen>>, StoreError> {
    let zones = zones_of(&core.store, &core.registry).await?;
    let mut tx = core.store.snapshot().await?;
    let due = tx
        .rows("cases.due", crate::args![unix_ms(now), ROUND])
        .await?;
    let due = &due[..fitting(due.iter().map(|r| r.count(5)))];
    if due.is_empty() {
        return Ok(None);
    }
    let cases: Vec<Key> = due
        .iter()
        .map(|r| (r.text(0).to_owned(), r.text(1).to_owned()))
        .collect();
    let mut facts = elements::of_cases(&mut tx, &cases).await?;
    let arg = keys(cases.iter().map(|(s, c)| (s.as_str(), c.as_str())));
    let mut cards = cards(&mut tx, &arg).await?;
    let mut refusals = refusals(&mut tx, &arg).await?;
    let seen = due.iter().zip(cases).map(|(row, key)| {
        let fact = |s: elements::StoredRecord| {
            let mut record = s.record;
            let zone = zone_of(&zones, &record.head.source, CHINA);
            into_zone(&mut record, zone);
            Fact {
                record,
                state: s.state,
            }
        };
        let records = facts.remove(&key).unwrap_or_default();
        Seen {
            facts: records.into_iter().map(fact).collect(),
            cards: cards.remove(&key).unwrap_or_default(),
            refusals: refusals.remove(&key).unwrap_or_default(),
            stand: stand(row),
        }
    });
    Ok(Some(seen.collect()))
}

/// A case's line as `cases.due` gives it.
fn stand(row: &Row) -> Stand {
    let organ = if row.text(6).is_empty() { 7 } else { 6 };
    Stand {
        space: row.text(0).to_owned(),
        case_no: row.text(1).to_owned(),
        rev: row.int(2),
        judged_rev: row.int(3),
        next_look_ms: row.opt_int(4),
        organ_key: row.text(organ).to_owned(),
    }
}

async fn cards(tx: &mut Tx, keys: &str) -> Result<BTreeMap<Key, Vec<Card>>, StoreError> {
    let mut cards: BTreeMap<Key, Vec<Card>> = BTreeMap::new();
    for row in tx.rows("cards.of_cases", crate::args![keys]).await? {
        let card =
            serde_json::from_str(row.text(2)).map_err(|_| StoreError::Shape("card".to_owned()))?;
        let key = (row.text(0).to_owned(), row.text(1).to_owned());
        cards.entry(key).or_default().push(card);
    }
    Ok(cards)
}

async fn refusals(tx: &mut Tx, keys: &str) -> Result<BTreeMap<Key, Vec<Refusal>>, StoreError> {
    let mut refusals: BTreeMap<Key, Vec<Refusal>> = BTreeMap::new();
    for row in tx.rows("refusals.of_cases", crate::args![keys]).await? {
        let Some(element) = ElementId::parse(row.text(2)) else {
            continue;
        };
        let refusal = Refusal {
            element,
            envelope: row.text(3).to_owned(),
            code: row.text(4).to_owned(),
            at: from_unix_ms(row.int(5)),
            answered: row.int(6) == 1,
        };
        let key = (row.text(0).to_owned(), row.text(1).to_owned());
        refusals.entry(key).or_default().push(refusal);
    }
    Ok(refusals)
}
