//! The ledger page: one line per source, element and receive day, each of which balances. Refuses to
//! change a line.

use super::{Listed, PAGE_ROWS, Paging, counts_at};
use crate::core::Core;
use crate::store::engine::StoreError;
use serde::Serialize;
use tongcha_schema::receipt::Counts;

/// Days offered by the filter.
const DAYS: u64 = 60;

/// One line of the ledger.
#[derive(Clone, Debug, Serialize)]
pub struct LedgerLine {
    /// Source, `region/node`.
    pub source: String,
    /// Element, or `unknown`.
    pub element: String,
    /// Receive day in the hub's zone, `YYYY-MM-DD`.
    pub day: String,
    /// Its counts.
    pub counts: Counts,
}

/// One page of the ledger.
#[derive(Clone, Debug)]
pub struct LedgerView {
    /// The lines.
    pub lines: Listed<LedgerLine>,
    /// The sums of all lines that pass the filters.
    pub sums: Counts,
    /// The sources that stand in the ledger.
    pub sources: Vec<String>,
    /// The latest days that stand in it.
    pub days: Vec<String>,
}

/// One page of the ledger; an empty source or day is no filter.
///
/// # Errors
/// The store.
pub async fn ledger(
    core: &Core,
    source: &str,
    day: &str,
    paging: Paging,
) -> Result<LedgerView, StoreError> {
    let store = &core.store;
    let sums = store
        .row("pages.ledger_sums", crate::args![source, day])
        .await?;
    let args = crate::args![source, day, PAGE_ROWS, paging.offset()];
    let rows = store.rows("pages.ledger", args).await?;
    let rows = rows
        .iter()
        .map(|row| LedgerLine {
            source: row.text(0).to_owned(),
            element: row.text(1).to_owned(),
            day: row.text(2).to_owned(),
            counts: counts_at(row, 3),
        })
        .collect();
    let sources = store.rows("pages.ledger_sources", Vec::new()).await?;
    let days = store.rows("pages.ledger_days", crate::args![DAYS]).await?;
    Ok(LedgerView {
        lines: Listed {
            rows,
            total: sums.as_ref().map_or(0, |r| r.count(0)),
            page: paging.number(),
        },
        sums: sums.map(|r| counts_at(&r, 1)).unwrap_or_default(),
        sources: sources.iter().map(|r| r.text(0).to_owned()).collect(),
        days: days.iter().map(|r| r.text(0).to_owned()).collect(),
    })
}
