//! Pooled connections to PostgreSQL come back clean or are thrown away, as those to SQLite do
//! (`adapters/src/clean_pool.rs`): one whose transaction could be neither committed nor rolled back would otherwise
//! be given out again with it. Refuses to mend one.

use sqlx::Connection;
use sqlx::postgres::PgPoolOptions;

/// A pool of PostgreSQL connections without left-over transactions.
pub(super) fn postgres(options: PgPoolOptions) -> PgPoolOptions {
    options
        .after_release(|connection, _| {
            let clean = !connection.is_in_transaction();
            Box::pin(async move { Ok(clean) })
        })
        .before_acquire(|connection, _| {
            let clean = !connection.is_in_transaction();
            Box::pin(async move { Ok(clean) })
        })
}
