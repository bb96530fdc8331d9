//! Alarms of the door: what it turned away within a day, by node and reason, and how often ever. Refuses to
//! tell of a line that broke off, whose sender repeats by itself, and of a node that waits for its approval.

use crate::store::engine::{Store, StoreError};
use serde::Serialize;
use std::collections::BTreeSet;
use time::{Duration, OffsetDateTime};
use tongcha_schema::clock::{from_unix_ms, unix_ms};
use tongcha_schema::code::{Code, transport};
use tongcha_schema::finding::Finding;

/// How long an alarm stands after the last time.
pub const STANDS: Duration = Duration::hours(24);

/// One reason for which envelopes of one node were turned away within [`STANDS`].
#[derive(Clone, Debug, Serialize)]
pub struct Alarm {
    /// The node; empty for those who are no node.
    pub node: String,
    /// Why.
    pub code: Code,
    /// How often.
    pub times: u64,
    /// When last.
    pub last: OffsetDateTime,
    /// One of them.
    pub finding: Option<Finding>,
}

/// The alarms that stand now, the newest first.
///
/// # Errors
/// The store.
pub async fn standing(store: &Store, now: OffsetDateTime) -> Result<Vec<Alarm>, StoreError> {
    let since = unix_ms(now - STANDS);
    let rows = store.rows("pages.alarms", crate::args![since]).await?;
    let alarms = rows.iter().filter_map(|row| {
        let code = Code::parse(row.text(1)).filter(|code| rings(*code))?;
        Some(Alarm {
            node: row.text(0).to_owned(),
            code,
            times: row.count(2),
            last: from_unix_ms(row.int(3)),
            finding: serde_json::from_str(row.text(4)).ok(),
        })
    });
    Ok(alarms.collect())
}

/// Puts an alarm aside: what was turned away of `node` for `code` until now rings no more, what comes later rings
/// again. False where no such alarm stands.
///
/// # Errors
/// The store.
pub async fn put_aside(
    store: &Store,
    node: &str,
    code: Code,
    reason: &str,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let alarms = standing(store, now).await?;
    if !alarms.iter().any(|a| a.node == node && a.code == code) {
        return Ok(false);
    }
    let args = crate::args![node, code.to_string(), unix_ms(now), reason];
    store.run("nodes.aside", args).await?;
    tracing::info!(target: "audit", node, %code, reason, "an alarm was put aside");
    Ok(true)
}

/// The nodes that have an alarm; an empty name is whoever is no node.
pub fn nodes(alarms: &[Alarm]) -> BTreeSet<&str> {
    alarms.iter().map(|alarm| alarm.node.as_str()).collect()
}

/// How often envelopes were turned away since the hub began, by reason, in order of code.
///
/// # Errors
/// The store.
pub async fn ever(store: &Store) -> Result<Vec<(Code, u64)>, StoreError> {
    let rows = store.rows("nodes.counters", Vec::new()).await?;
    let counts = rows.iter().filter_map(|row| {
        let code = Code::parse(row.text(0).strip_prefix("turned_away.")?)?;
        Some((code, row.count(1)))
    });
    Ok(counts.collect())
}

/// What mends itself, and the wait of a node that enrolled, are no alarm.
fn rings(code: Code) -> bool {
    ![transport::TRUNCATED, transport::AWAITS_APPROVAL].contains(&code)
}
