//! Scores (scheme S100): per organ and month, from the cards and the completeness of the cases. Refuses
//! to deduct; that is supervision's.

use crate::core::Core;
use crate::store::engine::StoreError;
use std::collections::{BTreeMap, BTreeSet};
use tongcha_supervision::Card;
use tongcha_supervision::score::{Completeness, Month, Scheme, score};

/// The scheme in force.
pub const SCHEME: &str = "S100";

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
}

/// Computes the score of every organ and month with a card or a conclusion; gives how many. The same
/// facts give the same scores, so computing again changes nothing.
///
/// # Errors
/// The store, or a shipped scheme that cannot be read.
pub async fn compute(core: &Core) -> Result<u64, ScoreError> {
    let scheme = Scheme::shipped(SCHEME)?;
    let organs = organs(core).await?;
    let now_ms = core.now_ms();
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
            let score = score(&scheme, month, key, &organ.cards, counts);
            rows.push(serde_json::json!({
                "organ_code": key, "month": month.to_string(), "scheme": SCHEME,
                "organ_name": organ.name, "total": score.total.to_string(),
                "body": serde_json::to_string(&score).unwrap_or_default(),
            }));
        }
    }
    let count = rows.len() as u64;
    if count > 0 {
        let arg = serde_json::Value::Array(rows).to_string();
        core.store
            .run("cards.put_scores", crate::args![arg, now_ms])
            .await?;
    }
    Ok(count)
}

async fn organs(core: &Core) -> Result<BTreeMap<String, Organ>, StoreError> {
    let mut organs: BTreeMap<String, Organ> = BTreeMap::new();
    for row in core.store.rows("cards.all", Vec::new()).await? {
        let card: Card =
            serde_json::from_str(row.text(0)).map_err(|_| StoreError::Shape("card".to_owned()))?;
        let organ = organs.entry(card.organ_key().to_owned()).or_default();
        organ.name.clone_from(&card.organ_name);
        organ.cards.push(card);
    }
    for row in core.store.rows("cases.completeness", Vec::new()).await? {
        let key = if row.text(0).is_empty() {
            row.text(1)
        } else {
            row.text(0)
        };
        let Some(month) = read_month(row.text(2)) else {
            continue;
        };
        let organ = organs.entry(key.to_owned()).or_default();
        row.text(1).clone_into(&mut organ.name);
        let counts = organ.counts.entry(month).or_default();
        counts.concluded += row.count(3);
        counts.incomplete += row.count(4);
        counts.early += row.count(5);
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
