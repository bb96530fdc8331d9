//! The page of scores: every organ of one month, each deduction with the cards that it rests on.
//! Refuses to compute a score again.

use super::parsed;
use crate::core::Core;
use crate::store::engine::StoreError;
use time::OffsetDateTime;
use tongcha_schema::clock::from_unix_ms;
use tongcha_supervision::score::Score;

/// One organ's score of one month.
#[derive(Clone, Debug)]
pub struct ScoreLine {
    /// Organ code; empty where the source supplies none.
    pub organ_code: String,
    /// Organ name; empty where unknown.
    pub organ_name: String,
    /// The score.
    pub score: Score,
    /// When it was computed.
    pub computed_at: OffsetDateTime,
}

/// The scores of one month.
#[derive(Clone, Debug, Default)]
pub struct ScoresView {
    /// The months that have scores, the latest first.
    pub months: Vec<String>,
    /// The month shown; empty where there is none.
    pub month: String,
    /// Its scores, the lowest first.
    pub lines: Vec<ScoreLine>,
    /// Whether this hub issues cards; one that does not scores nobody.
    pub issues_cards: bool,
}

/// The scores of a month; an empty or unknown month is the latest.
///
/// # Errors
/// The store.
pub async fn scores(core: &Core, month: &str) -> Result<ScoresView, StoreError> {
    let rows = core.store.rows("pages.score_months", Vec::new()).await?;
    let months: Vec<String> = rows.iter().map(|r| r.text(0).to_owned()).collect();
    let Some(month) = months
        .iter()
        .find(|m| *m == month)
        .or(months.first())
        .cloned()
    else {
        return Ok(ScoresView {
            issues_cards: core.issues_cards,
            ..ScoresView::default()
        });
    };
    let mut lines = Vec::new();
    for row in core
        .store
        .rows("pages.scores", crate::args![&month])
        .await?
    {
        lines.push(ScoreLine {
            organ_code: row.text(0).to_owned(),
            organ_name: row.text(1).to_owned(),
            score: parsed(row.text(2), "score")?,
            computed_at: from_unix_ms(row.int(3)),
        });
    }
    lines.sort_by(|a, b| (a.score.total, &a.organ_code).cmp(&(b.score.total, &b.organ_code)));
    Ok(ScoresView {
        months,
        month,
        lines,
        issues_cards: core.issues_cards,
    })
}
