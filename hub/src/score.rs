//! Scores (scheme S100): per organ and month, from the cards and the completeness of the cases. Only organs of
//! which something changed are computed again, and only by a hub that issues cards: the hub above has the
//! cases but not the cards, and would show another score of the same organ. Refuses to deduct; that is
//! supervision's.

use crate::core::Core;
use crate::store::engine::StoreError;
use crate::store::row::Row;
use std::collections::{BTreeMap, BTreeSet};
use tongcha_supervision::score::{Completeness, Month, Scheme, score};
use tongcha_supervision::{Card, rules};

/// The scheme in force.
pub const SCHEME: &str = "S100";
/// Organs that are read of the list at once.
const ORGANS: usize = 1_000;
/// Cards of one transaction at most, about 2 KiB each; one organ is taken whole.
const CARDS: u64 = 20_000;

/// Why scores were not computed.
#[derive(Debug, thiserror::Error)]
pub enum ScoreError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The scheme.
    #[error(transparent)]
    Scheme(#[from] tongcha_supervision::score::SchemeError),
}

#[derive(Default)]
struct Organ {
    name: String,
    cards: Vec<Card>,
    counts: BTreeMap<Month, Completeness>,
    /// Rules that were judged in at least one of its cases.
    judged: BTreeSet<String>,
}

/// Computes the scores of the organs of which a card or a conclusion changed, for every month with one;
/// months without either go. Gives how many scores were written. The same facts give the same scores.
///
/// # Errors
/// The store, or a shipped scheme that cannot be read.
pub async fn compute(core: &Core) -> Result<u64, ScoreError> {
    if !core.issues_cards {
        if core.store.row("scores.any", Vec::new()).await?.is_some() {
            core.store.run("scores.none", Vec::new()).await?;
        }
        return Ok(0);
    }
    let scheme = Scheme::shipped(SCHEME)?;
    let mut written = 0;
    loop {
        let waiting = core
            .store
            .rows("scores.waiting", crate::args![ORGANS])
            .await?;
        if waiting.is_empty() {
            return Ok(written);
        }
        let mut rest = &waiting[..];
        while !rest.is_empty() {
            let (first, others) = rest.split_at(fitting(rest.iter().map(|row| row.count(2))));
            written += some(core, &scheme, first).await?;
            rest = others;
        }
    }
}

/// How many organs, by their number of cards, fit into one transaction; at least one.
fn fitting(cards: impl Iterator<Item = u64>) -> usize {
    let (mut sum, mut organs) = (0_u64, 0);
    for of_organ in cards {
        sum = sum.saturating_add(of_organ);
        if organs > 0 && sum > CARDS {
            break;
        }
        organs += 1;
    }
    organs
}

/// The scores of some organs, as they stand at the revisions of the list, in one transaction.
async fn some(core: &Core, scheme: &Scheme, waiting: &[Row]) -> Result<u64, StoreError> {
    let keys: Vec<&str> = waiting.iter().map(|row| row.text(0)).collect();
    let keys = serde_json::to_string(&keys).unwrap_or_default();
    let organs = organs(core, &keys).await?;
    let mut rows = Vec::new();
    for (key, organ) in &organs {
        let months: BTreeSet<Month> = organ
            .cards
            .iter()
            .map(Month::of)
            .chain(organ.counts.keys().copied())
            .collect();
        for month in months {
            let counts = organ.counts.get(&month).copied().unwrap_or_default();
            let found = score(scheme, month, key, &organ.cards, counts, &organ.judged);
            rows.extend(found.map(|score| {
                serde_json::json!({
                    "organ_code": key, "month": month.to_string(), "scheme": SCHEME,
                    "organ_name": organ.name, "total": score.total.to_string(),
                    "body": serde_json::to_string(&score).unwrap_or_default(),
                })
            }));
        }
    }
    let count = rows.len() as u64;
    let rows = serde_json::Value::Array(rows).to_string();
    let done = waiting
        .iter()
        .map(|row| serde_json::json!({"organ_key": row.text(0), "rev": row.int(1)}));
    let done = serde_json::Value::Array(done.collect()).to_string();
    let mut tx = core.store.begin().await?;
    crate::lease::fence(&mut tx).await?;
    tx.run("scores.keep_only", crate::args![keys, SCHEME, &rows])
        .await?;
    tx.run("scores.put", crate::args![rows, core.now_ms()])
        .await?;
    tx.run("scores.done", crate::args![done]).await?;
    tx.commit().await?;
    Ok(count)
}

/// What scores these organs, by their keys.
async fn organs(core: &Core, keys: &str) -> Result<BTreeMap<String, Organ>, StoreError> {
    let mut organs: BTreeMap<String, Organ> = BTreeMap::new();
    let mut tx = core.store.snapshot().await?;
    for row in tx.rows("scores.cards", crate::args![keys]).await? {
        let card: Card =
            serde_json::from_str(row.text(1)).map_err(|_| StoreError::Shape("card".to_owned()))?;
        let organ = organs.entry(row.text(0).to_owned()).or_default();
        organ.name.clone_from(&card.organ_name);
        organ.cards.push(card);
    }
    for row in tx.rows("scores.completeness", crate::args![keys]).await? {
        let Some(month) = read_month(row.text(1)) else {
            continue;
        };
        let organ = organs.entry(row.text(0).to_owned()).or_default();
        row.text(5).clone_into(&mut organ.name);
        let counts = organ.counts.entry(month).or_default();
        counts.concluded += row.count(2);
        counts.incomplete += row.count(3);
        counts.early += row.count(4);
    }
    for row in tx.rows("scores.not_judged", crate::args![keys]).await? {
        let not_judged: BTreeSet<&str> = row.text(1).split(',').collect();
        let on = |code: &&str| core.profile.rule(code).enabled && !not_judged.contains(code);
        let codes = rules::RULES.iter().map(|r| r.code).filter(on);
        let organ = organs.entry(row.text(0).to_owned()).or_default();
        organ.judged.extend(codes.map(str::to_owned));
    }
    Ok(organs)
}

fn read_month(text: &str) -> Option<Month> {
    let (year, month) = text.split_once('-')?;
    Some(Month {
        year: year.parse().ok()?,
        month: month.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_is_bounded_by_cards_and_takes_at_least_one_organ() {
        assert_eq!(fitting([3, 4].into_iter()), 2);
        assert_eq!(fitting([CARDS, 1].into_iter()), 1);
        assert_eq!(fitting([CARDS * 9, 1].into_iter()), 1, "one is taken whole");
        assert_eq!(fitting([CARDS - 1, 1, 1].into_iter()), 2);
    }
}
