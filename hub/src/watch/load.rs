//! What a look reads, in one snapshot: the cases that are due, their files, their refusals and their cards. Refuses to take more records than a look may hold.

use super::{ROUND, Seen, fitting, ground, keys};
use crate::case_file::{CaseFile, Entry};
use crate::core::Core;
use crate::store::cases::{self, Stand};
use crate::store::engine::{StoreError, Tx};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use tongcha_schema::clock::{from_unix_ms, unix_ms};
use tongcha_schema::element::ElementId;
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

/// Where a look stands in its way through what is to be looked at, by one index: nothing is sorted, and what was
/// looked at is not passed again.
pub(super) enum Cursor {
    /// Cases whose facts changed, behind this number.
    Changed(i64),
    /// Cases whose next look has come by the first instant, behind the second and this number.
    Due(i64, i64, i64),
}

impl Cursor {
    pub fn changed() -> Cursor {
        Cursor::Changed(0)
    }

    pub fn due(now: OffsetDateTime) -> Cursor {
        Cursor::Due(unix_ms(now), i64::MIN, 0)
    }

    /// The next cases, as many as fit into one look.
    async fn next(&mut self, tx: &mut Tx) -> Result<Vec<Stand>, StoreError> {
        let rows = match self {
            Cursor::Changed(after) => {
                tx.rows("cases.changed", crate::args![*after, ROUND])
                    .await?
            }
            Cursor::Due(until, at, after) => {
                let args = crate::args![*until, *at, *after, ROUND];
                tx.rows("cases.due", args).await?
            }
        };
        let mut stands: Vec<Stand> = rows.iter().map(Stand::read).collect();
        let records = stands.iter().map(|s| u64::try_from(s.records).unwrap_or(0));
        stands.truncate(fitting(records));
        if let Some(last) = stands.last() {
            match self {
                Cursor::Changed(after) => *after = last.id,
                Cursor::Due(_, at, after) => {
                    (*at, *after) = (last.next_look_ms.unwrap_or(0), last.id)
                }
            }
        }
        Ok(stands)
    }
}

/// The next cases to be looked at, as many as fit into one look; `None`: there are none.
pub(super) async fn round(
    core: &Core,
    cursor: &mut Cursor,
) -> Result<Option<Vec<Seen>>, StoreError> {
    let mut tx = core.store.snapshot().await?;
    let mut stands = cursor.next(&mut tx).await?;
    if stands.is_empty() {
        return Ok(None);
    }
    stands.sort_by_key(|s| s.id);
    let ids: Vec<i64> = stands.iter().map(|s| s.id).collect();
    let mut files = cases::files(&mut tx, &ids).await?.into_iter().peekable();
    let arg = keys(
        stands
            .iter()
            .map(|s| (s.space.as_str(), s.case_no.as_str())),
    );
    let mut cards = cards(&mut tx, &arg).await?;
    let mut refusals = refusals(&mut tx, &arg).await?;
    let seen = stands.into_iter().map(|stand| {
        let file = files.next_if(|(id, _)| *id == stand.id);
        let key = (stand.space.clone(), stand.case_no.clone());
        Seen {
            facts: file.map(|(_, file)| facts(file)).unwrap_or_default(),
            cards: cards.remove(&key).unwrap_or_default(),
            refusals: refusals.remove(&key).unwrap_or_default(),
            stand,
        }
    });
    Ok(Some(seen.collect()))
}

/// The facts of a case.
pub(crate) fn facts(file: CaseFile) -> Vec<Fact> {
    let fact = |entry: Entry| {
        Some(Fact {
            state: entry.state?,
            record: entry.record,
        })
    };
    file.entries.into_iter().filter_map(fact).collect()
}

/// The cards of these cases.
pub(crate) async fn cards(tx: &mut Tx, keys: &str) -> Result<BTreeMap<Key, Vec<Card>>, StoreError> {
    let mut cards: BTreeMap<Key, Vec<Card>> = BTreeMap::new();
    for row in tx.rows("cards.of_cases", crate::args![keys]).await? {
        let card =
            serde_json::from_str(row.text(2)).map_err(|_| StoreError::Shape("card".to_owned()))?;
        let key = (row.text(0).to_owned(), row.text(1).to_owned());
        cards.entry(key).or_default().push(card);
    }
    Ok(cards)
}

/// The refusals of these cases.
pub(crate) async fn refusals(
    tx: &mut Tx,
    keys: &str,
) -> Result<BTreeMap<Key, Vec<Refusal>>, StoreError> {
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
