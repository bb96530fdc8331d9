//! The comparison with the hub above: does it still know the answers that it gave, and what became of the
//! lots that it has answered and nobody asked after? Refuses to send.

use super::answers;
use crate::core::Core;
use crate::store::engine::StoreError;
use time::{Duration, OffsetDateTime};
use tongcha_adapters::uplink::Uplink;
use tongcha_schema::clock::unix_ms;
use tongcha_schema::code::transport;
use tongcha_schema::finding::{Finding, Place};

/// Pause between two comparisons.
pub(super) const EVERY: Duration = Duration::MINUTE;
/// The same where the hub above did not answer.
pub(super) const EVERY_AWAY: Duration = Duration::minutes(5);
/// After this time a completion receipt is asked for here, because the outbox that should ask was lost.
const UNFINISHED: Duration = Duration::minutes(10);
/// How long bytes are kept after they were stored above: a weekly copy of its database and a day.
const KEEP: Duration = Duration::days(8);
/// Questions of one comparison at most.
const QUESTIONS: i64 = 50;

/// Compares; gives whether the hub above answered.
///
/// # Errors
/// The store.
pub(super) async fn compare(
    core: &Core,
    above: &dyn Uplink,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let until = crate::args![unix_ms(now - UNFINISHED), QUESTIONS];
    for row in core.store.rows("forward.unfinished", until).await? {
        match above.completion(row.text(1)).await {
            Ok(Some(receipt)) => answers::decided(core, row.text(0), &receipt).await?,
            Ok(None) => {}
            Err(fault) => return Ok(away(&fault)),
        }
    }
    for _ in 0..QUESTIONS {
        let newest = core.store.row("forward.newest", Vec::new()).await?;
        let Some(newest) = newest else { break };
        match above.completion(newest.text(1)).await {
            Ok(Some(_)) => break,
            Ok(None) => missing(core, newest.text(0), newest.text(1)).await?,
            Err(fault) => return Ok(away(&fault)),
        }
    }
    let kept_until = crate::args![unix_ms(now - KEEP)];
    core.store.run("forward.erase", kept_until).await?;
    Ok(true)
}

fn away(fault: &dyn std::error::Error) -> bool {
    tracing::debug!(%fault, "the hub above does not answer");
    false
}

/// The hub above was restored from an older copy: what it has lost goes again, as far as it is kept.
async fn missing(core: &Core, lot: &str, receipt: &str) -> Result<(), StoreError> {
    tracing::error!(
        lot,
        receipt,
        "the hub above does not know an answer that it gave: was it restored from an older copy?"
    );
    let cause = Finding::new(transport::MISSING_ABOVE, Place::default())
        .with("batch", lot)
        .with("receipt", receipt);
    let cause = serde_json::to_string(&cause).unwrap_or_default();
    let mut tx = core.store.begin().await?;
    tx.run("forward.missing_above", crate::args![lot, cause])
        .await?;
    tx.run("forward.unanswer", Vec::new()).await?;
    tx.commit().await
}
