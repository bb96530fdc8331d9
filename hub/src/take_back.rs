//! Taking back what a wrong dialect made: records move from stored to rejected with a reason, the ledger by
//! a dated adjustment; cases that nothing else speaks of go with their cards, which the log keeps. Raw bytes
//! and findings stay. Refuses to change a fact: what was meant comes in again from its source.

mod rows;
mod wish;

pub use wish::{Order, TakeBackError, Taken, Wish};

use crate::store::engine::{Store, StoreError, Tx};
use rows::{Moved, records};
use std::collections::BTreeMap;
use time::{OffsetDateTime, UtcOffset};
use tongcha_schema::clock::{from_unix_ms, unix_ms};
use tongcha_schema::code::element as codes;
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::stamp;

/// Cases and cards that a preview names.
const NAMED: i64 = 20;

/// What would go; nothing is changed.
///
/// # Errors
/// [`TakeBackError`].
pub async fn preview(
    store: &Store,
    wish: &Wish,
    zone: UtcOffset,
    now: OffsetDateTime,
) -> Result<Taken, TakeBackError> {
    // The same statements, and then nothing is committed: so the preview is what would happen.
    let mut tx = store.begin().await?;
    let mut taken = run(&mut tx, wish, ("", ""), zone, now).await?;
    taken.number = 0;
    Ok(taken)
}

/// Takes back, in one transaction with its row in the log.
///
/// # Errors
/// [`TakeBackError`]; then nothing was changed.
pub async fn take_back(
    store: &Store,
    wish: &Wish,
    order: &Order,
    zone: UtcOffset,
    now: OffsetDateTime,
) -> Result<Taken, TakeBackError> {
    let reason = order.reason.trim();
    if reason.is_empty() {
        return Err(TakeBackError::NoReason);
    }
    let mut tx = store.begin().await?;
    let taken = run(&mut tx, wish, (&order.who, reason), zone, now).await?;
    let (found, given) = (taken.total(), order.records);
    if found != given {
        return Err(TakeBackError::OtherCount { found, given });
    }
    tx.commit().await?;
    Ok(taken)
}

async fn run(
    tx: &mut Tx,
    wish: &Wish,
    (who, reason): (&str, &str),
    zone: UtcOffset,
    now: OffsetDateTime,
) -> Result<Taken, TakeBackError> {
    let by_dialect = !wish.source.is_empty() && !wish.dialect.is_empty();
    if wish.envelope.is_empty() && !by_dialect {
        return Err(TakeBackError::NoWish);
    }
    let (envelope, source, dialect) = (&wish.envelope, &wish.source, &wish.dialect);
    let args = crate::args![unix_ms(now), who, reason, envelope, source, dialect];
    let begun = tx.rows("take_back.begin", args).await?;
    let id = begun.first().map_or(0, |row| row.int(0));
    tx.run(
        "take_back.items",
        crate::args![id, envelope, source, dialect],
    )
    .await?;
    let mut days = BTreeMap::new();
    let mut taken = Taken {
        number: id,
        ..Taken::default()
    };
    let mut pending = 0;
    for row in tx.rows("take_back.envelopes", crate::args![id]).await? {
        let day = from_unix_ms(row.int(1)).to_offset(zone).date();
        days.insert(row.text(0).to_owned(), stamp::canonical_date(day));
        pending += row.int(2);
        taken.duplicates += u64::try_from(row.int(3)).unwrap_or(0);
        taken.envelopes += 1;
    }
    if pending > 0 {
        return Err(TakeBackError::Pending(pending));
    }
    let moved = records(tx, id).await?;
    if moved.is_empty() {
        return Err(TakeBackError::Nothing);
    }
    cases(tx, id, &mut taken, unix_ms(now)).await?;
    for m in &moved {
        *taken
            .records
            .entry(m.element.name().to_owned())
            .or_default() += m.records;
    }
    balance(tx, id, &moved, &days).await?;
    tell(tx, &moved, reason, now.to_offset(zone)).await?;
    if by_dialect {
        tx.run("take_back.drop_speaks", crate::args![source, dialect])
            .await?;
    }
    let args = crate::args![id, taken.total(), taken.cases, taken.cards];
    tx.run("take_back.end", args).await?;
    let up = tx.rows("take_back.went_up", Vec::new()).await?;
    taken.forwards = up.first().is_some_and(|row| row.int(0) > 0);
    Ok(taken)
}

/// Cases of which no record is left go with their cards; the others are judged anew.
async fn cases(tx: &mut Tx, id: i64, taken: &mut Taken, now_ms: i64) -> Result<(), StoreError> {
    tx.run("take_back.gone", crate::args![id]).await?;
    taken.cards = tx.run("take_back.keep_cards", crate::args![id]).await?;
    for step in [
        "scores_due",
        "drop_refusals",
        "drop_notices",
        "drop_cards",
        "drop_cases",
    ] {
        tx.run(&format!("take_back.{step}"), crate::args![id])
            .await?;
    }
    tx.run("take_back.touch_cases", crate::args![id, now_ms])
        .await?;
    for row in tx.rows("take_back.count_cases", crate::args![id]).await? {
        let number = |at| u64::try_from(row.int(at)).unwrap_or(0);
        (taken.cases, taken.kept_cases) = (number(0), number(1) - number(0));
    }
    let named = tx.rows("take_back.cases", crate::args![id, NAMED]).await?;
    let gone = named.iter().filter(|row| row.int(2) == 1);
    let shown = |row: &crate::store::row::Row| format!("{} {}", row.text(0), row.text(1));
    taken.first_cases = gone.map(shown).collect();
    for row in tx.rows("take_back.cards", crate::args![id, NAMED]).await? {
        let body: serde_json::Value = serde_json::from_str(row.text(0)).unwrap_or_default();
        let part = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        taken
            .first_cards
            .push(format!("{} {}", part("rule"), part("colour")));
    }
    Ok(())
}

/// Stored becomes rejected: of each item, envelope and line of the ledger, on the day of receipt.
async fn balance(
    tx: &mut Tx,
    id: i64,
    moved: &[Moved],
    days: &BTreeMap<String, String>,
) -> Result<(), StoreError> {
    let mut lines: BTreeMap<(&str, &str, &str), i64> = BTreeMap::new();
    let mut counts: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    let mut items: BTreeMap<(&str, i64), i64> = BTreeMap::new();
    let mut envelopes: BTreeMap<&str, i64> = BTreeMap::new();
    for m in moved {
        let n = i64::try_from(m.records).unwrap_or(i64::MAX);
        let day = days.get(&m.envelope).map_or("", String::as_str);
        *lines.entry((&m.source, m.element.name(), day)).or_default() += n;
        *counts.entry((&m.envelope, m.element.name())).or_default() += n;
        *items.entry((&m.envelope, m.item)).or_default() += n;
        *envelopes.entry(&m.envelope).or_default() += n;
    }
    for ((envelope, item), n) in &items {
        tx.run("take_back.item", crate::args![*envelope, *item, *n])
            .await?;
    }
    for (envelope, n) in &envelopes {
        tx.run("envelopes.settle", crate::args![*envelope, -n, *n, 0_i64])
            .await?;
    }
    let of_counts: Vec<serde_json::Value> = counts
        .iter()
        .map(|((envelope, element), n)| {
            serde_json::json!({"envelope": envelope, "element": element, "stored": -n, "rejected": n, "duplicate": 0})
        })
        .collect();
    let json = serde_json::Value::Array(of_counts).to_string();
    tx.run("envelopes.move_counts", crate::args![json]).await?;
    let mut of_lines = Vec::with_capacity(lines.len());
    for ((source, element, day), n) in &lines {
        tx.run(
            "take_back.adjust",
            crate::args![id, *source, *element, *day, *n],
        )
        .await?;
        of_lines.push(
            serde_json::json!({"source": source, "element": element, "day": day,
            "stored": -n, "rejected": n, "duplicate": 0}),
        );
    }
    let json = serde_json::Value::Array(of_lines).to_string();
    tx.run("ledger.move", crate::args![json]).await?;
    Ok(())
}

/// Each envelope's list of findings says what became of its records.
async fn tell(
    tx: &mut Tx,
    moved: &[Moved],
    reason: &str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let mut envelopes: BTreeMap<&str, u64> = BTreeMap::new();
    for m in moved {
        *envelopes.entry(&m.envelope).or_default() += m.records;
    }
    for (envelope, records) in envelopes {
        let finding = Finding::new(codes::TAKEN_BACK, Place::default())
            .with("count", records)
            .with("day", stamp::canonical_date(now.date()))
            .with("reason", reason);
        let next = tx
            .rows("take_back.next_finding", crate::args![envelope])
            .await?;
        let row = serde_json::json!([{
            "ord": next.first().map_or(1, |r| r.int(0)), "item_no": 0, "record_no": 0,
            "code": finding.code.to_string(), "severity": finding.severity.name(),
            "body": serde_json::to_string(&finding).unwrap_or_default(),
        }]);
        tx.run(
            "envelopes.put_findings",
            crate::args![envelope, row.to_string()],
        )
        .await?;
    }
    Ok(())
}
