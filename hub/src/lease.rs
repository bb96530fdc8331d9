//! Leases: of several processes on one database one does a job at a time. A lease lasts as long as its holder
//! renews it, is believed no longer than a lease can be, and what a holder writes after losing it is refused.

use crate::core::Core;
use crate::store::engine::{StoreError, Tx};
use std::future::Future;
use std::time::Duration;

/// How long a lease holds without being renewed, in milliseconds: a holder that died is replaced after
/// that time.
pub const LEASE_MS: i64 = 30_000;
/// How far the clocks of two hubs on one database may differ, in milliseconds; beyond it a lease is void.
const SKEW_MS: i64 = LEASE_MS;
/// Renewals within the length of a lease.
const RENEWALS: u64 = 3;

tokio::task_local! {
    // Name and holder of the lease under which this task works.
    static HELD: (String, String);
}

/// Takes or keeps a lease; false while another holder has it.
///
/// # Errors
/// The store.
pub async fn lease(core: &Core, name: &str, holder: &str) -> Result<bool, StoreError> {
    let now_ms = core.now_ms();
    let furthest_ms = now_ms + LEASE_MS + SKEW_MS;
    let args = crate::args![name, holder, now_ms + LEASE_MS, now_ms, furthest_ms];
    Ok(core.store.run("nodes.lease", args).await? > 0)
}

/// Whether the job that runs in this task still has its lease: asked in the transaction that writes, and true
/// until that ends. Work outside any lease may always write.
///
/// # Errors
/// [`StoreError::Lost`] where it was lost meanwhile; the store.
pub async fn fence(tx: &mut Tx) -> Result<(), StoreError> {
    let Ok((name, holder)) = HELD.try_with(Clone::clone) else {
        return Ok(());
    };
    let rows = tx.rows("nodes.holds", crate::args![&name, holder]).await?;
    match rows.is_empty() {
        true => Err(StoreError::Lost(name)),
        false => Ok(()),
    }
}

/// Runs work under a lease that is held, and renews it meanwhile; work whose lease is lost is dropped, and
/// with it whatever it has not committed.
///
/// # Errors
/// The work's own, or that the lease was lost.
pub async fn under(
    core: &Core,
    name: &str,
    holder: &str,
    work: impl Future<Output = Result<(), String>>,
) -> Result<(), String> {
    let held = (name.to_owned(), holder.to_owned());
    tokio::select! {
        done = HELD.scope(held, work) => done,
        why = lost(core, name, holder) => Err(why),
    }
}

/// Renews until the lease is lost; says why.
#[expect(
    clippy::disallowed_methods,
    reason = "the outermost loop beside a job; not a storm of tries"
)]
async fn lost(core: &Core, name: &str, holder: &str) -> String {
    let pause = Duration::from_millis(LEASE_MS.unsigned_abs() / RENEWALS);
    loop {
        tokio::time::sleep(pause).await;
        match lease(core, name, holder).await {
            Ok(true) => {}
            Ok(false) => return format!("the lease {name} was lost to another process"),
            // The fence decides whether what is written meanwhile counts.
            Err(error) => tracing::warn!(job = name, %error, "the lease was not renewed"),
        }
    }
}
