//! Pooled connections come back clean or are thrown away: one whose transaction could be neither committed nor
//! rolled back (a full disk, a line that broke) would otherwise be given out again with it. Refuses to mend one.

use sqlx::Connection;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::SqlitePoolOptions;

/// A pool of SQLite connections without left-over transactions.
pub(super) fn sqlite(options: SqlitePoolOptions) -> SqlitePoolOptions {
    options
        .after_release(|connection, _| {
            Box::pin(async move {
                // A rollback of a dropped transaction stands in the queue still: it goes first.
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        })
        .before_acquire(|connection, _| {
            let clean = !connection.is_in_transaction();
            Box::pin(async move { Ok(clean) })
        })
}

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
