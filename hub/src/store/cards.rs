//! Rows of cards and notices, and their bulk writes. Refuses to issue a card.

use super::copy::Body;
use super::engine::{StoreError, Tx};
use crate::sql::Dialect;
use serde::Serialize;

/// A card as its row.
#[derive(Clone, Debug, Serialize)]
pub struct CardRow {
    /// Its identity, as text.
    pub id: String,
    /// Whom it is about: `case/SPACE/NO`, `organ/CODE`, `complaint/NO`.
    pub subject: String,
    /// Numbering space of its case.
    pub space: String,
    /// Case number.
    pub case_no: String,
    /// Code of its organ, or empty.
    pub organ_code: String,
    /// Name of its organ, or empty.
    pub organ_name: String,
    /// Rule.
    pub rule: String,
    /// What of the case it is about.
    pub occurrence: String,
    /// Rung of its ladder.
    pub rung: String,
    /// Colour.
    pub colour: &'static str,
    /// State.
    pub state: &'static str,
    /// When it was issued.
    pub issued_ms: i64,
    /// Month of its issue.
    pub month: String,
    /// The whole card, as JSON.
    pub body: String,
}

/// A notice as its row.
#[derive(Clone, Debug, Serialize)]
pub struct NoticeRow {
    /// The card that it tells of.
    pub card: String,
    /// Its place among the card's notices.
    pub ord: i64,
    /// When it was given.
    pub issued_ms: i64,
    /// `issued`, `reissued` or `lifted`.
    pub kind: &'static str,
    /// What it says, as JSON.
    pub body: String,
}

/// Cards and notices to be written.
#[derive(Debug, Default)]
pub struct Cards {
    /// Of cases that were never judged before: no card of theirs can be there.
    pub first: Vec<CardRow>,
    /// New ones of other cases.
    pub new: Vec<CardRow>,
    /// Cards that change.
    pub changed: Vec<CardRow>,
    /// Notices of cases that were never judged before.
    pub first_notices: Vec<NoticeRow>,
    /// Notices of other cases.
    pub notices: Vec<NoticeRow>,
}

/// Writes cards and notices. An identity that exists is never issued twice.
///
/// # Errors
/// The store.
pub async fn put(tx: &mut Tx, mut cards: Cards) -> Result<(), StoreError> {
    if tx.dialect() == Dialect::Lite {
        cards.new.append(&mut cards.first);
        cards.notices.append(&mut cards.first_notices);
    }
    copy_cards(tx, &cards.first).await?;
    json(tx, "cards.put", &cards.new).await?;
    json(tx, "cards.change", &cards.changed).await?;
    copy_notices(tx, &cards.first_notices).await?;
    json(tx, "cards.notify", &cards.notices).await
}

async fn json<T: Serialize>(tx: &mut Tx, name: &str, rows: &[T]) -> Result<(), StoreError> {
    if !rows.is_empty() {
        let rows = serde_json::to_string(rows).unwrap_or_default();
        tx.run(name, crate::args![rows]).await?;
    }
    Ok(())
}

async fn copy_cards(tx: &mut Tx, rows: &[CardRow]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut body = Body::begin(rows.iter().map(|row| row.body.len() + 512).sum());
    for row in rows {
        body.row(14);
        for text in [&row.id, &row.subject, &row.space, &row.case_no] {
            body.text(text);
        }
        for text in [&row.organ_code, &row.organ_name, &row.rule, &row.occurrence] {
            body.text(text);
        }
        for text in [&*row.rung, row.colour, row.state] {
            body.text(text);
        }
        body.int8(row.issued_ms);
        body.text(&row.month);
        body.text(&row.body);
    }
    let head = "copy card (id, subject, space, case_no, organ_code, organ_name, rule, occurrence, rung, \
                colour, state, issued_ms, month, body) from stdin (format binary)";
    tx.copy_in("put cards", head, body.end()).await?;
    Ok(())
}

async fn copy_notices(tx: &mut Tx, rows: &[NoticeRow]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut body = Body::begin(rows.iter().map(|row| row.body.len() + 128).sum());
    for row in rows {
        body.row(5);
        body.text(&row.card);
        body.int8(row.ord);
        body.int8(row.issued_ms);
        body.text(row.kind);
        body.text(&row.body);
    }
    let head = "copy notice (card, ord, issued_ms, kind, body) from stdin (format binary)";
    tx.copy_in("put notices", head, body.end()).await?;
    Ok(())
}
