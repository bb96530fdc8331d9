//! Pools of SQLite connections that come back clean. After a full disk or a failed write SQLite has rolled the
//! transaction back by itself while the driver still counts it as open, and its own rollback then fails: such a
//! connection would refuse every later `begin`. Here it is closed instead, and the pool opens another.
//! Refuses to repair a connection.

use sqlx::Connection as _;
use sqlx::sqlite::SqlitePoolOptions;

/// The options with a look at every connection that is given back: one that is still within a transaction, or no
/// longer answers, is thrown away.
#[must_use]
pub fn kept_clean(options: SqlitePoolOptions) -> SqlitePoolOptions {
    options.after_release(|connection, _| {
        Box::pin(async move {
            // A rollback that was begun when its transaction was dropped has ended once this is answered.
            connection.ping().await?;
            Ok(!connection.is_in_transaction())
        })
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

    /// A database of at most 20 pages behind a single connection.
    async fn small(file: &std::path::Path, options: SqlitePoolOptions) -> SqlitePool {
        let connect = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .pragma("max_page_count", "20");
        let options = options.max_connections(1);
        let pool = options.connect_with(connect).await.unwrap();
        let made = sqlx::query("create table t (bytes blob)").execute(&pool);
        made.await.unwrap();
        pool
    }

    /// Writes within one transaction until SQLite says that it is full.
    async fn fill(pool: &SqlitePool) {
        let mut tx = pool.begin_with("begin immediate").await.unwrap();
        loop {
            let insert = sqlx::query("insert into t values (zeroblob(4096))");
            if let Err(fault) = insert.execute(&mut *tx).await {
                assert!(fault.to_string().contains("full"), "{fault}");
                return;
            }
        }
    }

    #[tokio::test]
    async fn a_connection_that_met_a_full_disk_is_not_given_out_again() {
        let folder = tempfile::tempdir().unwrap();
        let kept = kept_clean(SqlitePoolOptions::new());
        let pool = small(&folder.path().join("clean.db"), kept).await;
        for _ in 0..3 {
            fill(&pool).await;
            let tx = pool.begin_with("begin immediate").await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_transaction_that_is_dropped_costs_no_connection() {
        let folder = tempfile::tempdir().unwrap();
        let kept = kept_clean(SqlitePoolOptions::new());
        let pool = small(&folder.path().join("same.db"), kept).await;
        // A table of the connection itself: a new one would not have it.
        let temporary = sqlx::query("create temp table mark (n integer)");
        temporary.execute(&pool).await.unwrap();
        drop(pool.begin_with("begin immediate").await.unwrap());
        let count: i64 = sqlx::query_scalar("select count(*) from temp.mark")
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(count, 0);
    }
}
