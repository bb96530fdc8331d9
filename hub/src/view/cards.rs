//! The pages of cards: the list, and one card with the arithmetic that made it, its evidence and its
//! life. Refuses to judge anything again.

use super::{Listed, PAGE_ROWS, Paging, anywhere, parsed};
use crate::core::Core;
use crate::store::engine::StoreError;
use crate::store::row::Row;
use serde::Serialize;
use time::OffsetDateTime;
use tongcha_schema::clock::from_unix_ms;
use tongcha_supervision::{Bilingual, Card};

/// One card of a list.
#[derive(Clone, Debug, Serialize)]
pub struct CardLine {
    /// Id.
    pub id: String,
    /// Numbering space of its case.
    pub space: String,
    /// Case number.
    pub case_no: String,
    /// Organ code, or empty.
    pub organ_code: String,
    /// Organ name, or empty.
    pub organ_name: String,
    /// Rule.
    pub rule: String,
    /// Occurrence within the case, or empty.
    pub occurrence: String,
    /// Colour.
    pub colour: String,
    /// `open`, `lifted` or `withdrawn`.
    pub state: String,
    /// When it was issued.
    pub issued_at: OffsetDateTime,
}

/// What was told about a card.
#[derive(Clone, Debug, Serialize)]
pub struct NoticeLine {
    /// When.
    pub at: OffsetDateTime,
    /// `issued`, `reissued` or `lifted`.
    pub kind: String,
    /// What it said.
    pub lines: Vec<Bilingual>,
}

/// What a list of cards is filtered by; empty is no filter.
#[derive(Clone, Debug, Default)]
pub struct CardFilter {
    /// Colour.
    pub colour: String,
    /// Rule.
    pub rule: String,
    /// State.
    pub state: String,
    /// Organ code, or part of its name.
    pub organ: String,
}

fn line(row: &Row) -> CardLine {
    CardLine {
        id: row.text(0).to_owned(),
        space: row.text(1).to_owned(),
        case_no: row.text(2).to_owned(),
        organ_code: row.text(3).to_owned(),
        organ_name: row.text(4).to_owned(),
        rule: row.text(5).to_owned(),
        occurrence: row.text(6).to_owned(),
        colour: row.text(7).to_owned(),
        state: row.text(8).to_owned(),
        issued_at: from_unix_ms(row.int(9)),
    }
}

/// The latest cards.
///
/// # Errors
/// The store.
pub async fn latest(core: &Core, rows: u64) -> Result<Vec<CardLine>, StoreError> {
    let args = crate::args!["", "", "", "", "%", rows, 0_u64];
    Ok(core
        .store
        .rows("pages.cards", args)
        .await?
        .iter()
        .map(line)
        .collect())
}

/// One page of cards, newest first.
///
/// # Errors
/// The store.
pub async fn cards(
    core: &Core,
    filter: &CardFilter,
    paging: Paging,
) -> Result<Listed<CardLine>, StoreError> {
    let mut args = crate::args![
        &filter.colour,
        &filter.rule,
        &filter.state,
        &filter.organ,
        anywhere(&filter.organ)
    ];
    let total = core
        .store
        .row("pages.card_count", args.clone())
        .await?
        .map_or(0, |r| r.count(0));
    args.extend(crate::args![PAGE_ROWS, paging.offset()]);
    let rows = core
        .store
        .rows("pages.cards", args)
        .await?
        .iter()
        .map(line)
        .collect();
    Ok(Listed {
        rows,
        total,
        page: paging.number(),
    })
}

/// The cards of one case, oldest first.
///
/// # Errors
/// The store.
pub async fn of_case(core: &Core, space: &str, case_no: &str) -> Result<Vec<CardLine>, StoreError> {
    let rows = core
        .store
        .rows("pages.cards_of_case", crate::args![space, case_no])
        .await?;
    Ok(rows.iter().map(line).collect())
}

/// One card, and what was told about it, in order.
///
/// # Errors
/// The store.
pub async fn card(core: &Core, id: &str) -> Result<Option<(Card, Vec<NoticeLine>)>, StoreError> {
    let Some(row) = core.store.row("pages.card", crate::args![id]).await? else {
        return Ok(None);
    };
    let card: Card = parsed(row.text(0), "card")?;
    let mut notices = Vec::new();
    for row in core.store.rows("pages.notices", crate::args![id]).await? {
        notices.push(NoticeLine {
            at: from_unix_ms(row.int(0)),
            kind: row.text(1).to_owned(),
            lines: parsed(row.text(2), "notice")?,
        });
    }
    Ok(Some((card, notices)))
}
