//! Two engines behind one door: a statement by name, arguments, rows of cells. Owns pools,
//! transactions and conversion; refuses to know any table.

pub use super::fault::StoreError;
use super::row::{Arg, Cell, Row};
use crate::sql::{self, Dialect};
use sqlx::postgres::{PgPool, PgRow};
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{AssertSqlSafe, Column, Postgres, Row as _, Sqlite, Transaction, TypeInfo, ValueRef};

/// An open store.
#[derive(Clone, Debug)]
pub enum Store {
    /// PostgreSQL.
    Pg(PgPool),
    /// SQLite: many readers, one writer.
    Lite {
        /// Connections that only read.
        read: SqlitePool,
        /// The one connection that writes.
        write: SqlitePool,
    },
}

/// A transaction.
pub enum Tx {
    /// On PostgreSQL.
    Pg(Transaction<'static, Postgres>),
    /// On SQLite.
    Lite(Transaction<'static, Sqlite>),
}

macro_rules! bind_all {
    ($query:expr, $args:expr, $lists:ident) => {{
        let mut query = $query;
        for arg in $args {
            query = match arg {
                Arg::Int(v) => query.bind(v),
                Arg::OptInt(v) => query.bind(v),
                Arg::Text(v) => query.bind(v),
                Arg::OptText(v) => query.bind(v),
                Arg::Bytes(v) => query.bind(v),
                Arg::OptBytes(v) => query.bind(v),
                list => $lists!(query, list),
            };
        }
        query
    }};
}

macro_rules! pg_lists {
    ($query:expr, $list:expr) => {
        match $list {
            Arg::Ints(v) => $query.bind(v),
            Arg::Blobs(v) => $query.bind(v),
            _ => $query,
        }
    };
}

// SQLite has no lists: what takes some takes them as JSON.
macro_rules! no_lists {
    ($query:expr, $list:expr) => {{
        let _ = $list;
        $query
    }};
}

impl Store {
    /// Drops the schema of a PostgreSQL store, with everything in it, and closes the store.
    pub async fn drop_postgres(self, schema: &str) -> Result<(), StoreError> {
        if let Store::Pg(pool) = &self {
            let text = format!("drop schema \"{}\" cascade", schema.replace('"', ""));
            sqlx::query(AssertSqlSafe(text))
                .execute(pool)
                .await
                .map_err(named("drop schema"))?;
        }
        self.close().await;
        Ok(())
    }

    /// Closes all connections.
    pub async fn close(&self) {
        match self {
            Store::Pg(pool) => pool.close().await,
            Store::Lite { read, write } => {
                read.close().await;
                write.close().await;
            }
        }
    }

    /// Which engine it is.
    pub fn dialect(&self) -> Dialect {
        match self {
            Store::Pg(_) => Dialect::Pg,
            Store::Lite { .. } => Dialect::Lite,
        }
    }

    /// Begins a transaction (on SQLite: waits for the one writer).
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        match self {
            Store::Pg(pool) => Ok(Tx::Pg(pool.begin().await.map_err(named("begin"))?)),
            Store::Lite { write, .. } => Ok(Tx::Lite(
                write
                    .begin_with("begin immediate")
                    .await
                    .map_err(named("begin"))?,
            )),
        }
    }

    /// Begins a transaction that only reads, and sees the store as it is now until it ends.
    pub async fn snapshot(&self) -> Result<Tx, StoreError> {
        match self {
            Store::Pg(pool) => {
                let begin = "begin isolation level repeatable read, read only";
                let tx = pool.begin_with(begin).await.map_err(named("snapshot"))?;
                Ok(Tx::Pg(tx))
            }
            Store::Lite { read, .. } => {
                Ok(Tx::Lite(read.begin().await.map_err(named("snapshot"))?))
            }
        }
    }

    /// Rows of a named statement that only reads.
    pub async fn rows(&self, name: &str, args: Vec<Arg>) -> Result<Vec<Row>, StoreError> {
        self.rows_of(name, sql::text(name, self.dialect()), args)
            .await
    }

    /// Rows of a built statement that only reads; `label` names it in errors.
    pub async fn rows_of(
        &self,
        label: &str,
        text: &str,
        args: Vec<Arg>,
    ) -> Result<Vec<Row>, StoreError> {
        let text = AssertSqlSafe(text.to_owned());
        match self {
            Store::Pg(pool) => {
                let rows = bind_all!(sqlx::query(text), args, pg_lists)
                    .fetch_all(pool)
                    .await
                    .map_err(named(label))?;
                rows.iter().map(|r| pg_row(r, label)).collect()
            }
            Store::Lite { read, .. } => {
                let rows = bind_all!(sqlx::query(text), args, no_lists)
                    .fetch_all(read)
                    .await
                    .map_err(named(label))?;
                rows.iter().map(|r| lite_row(r, label)).collect()
            }
        }
    }

    /// The first row of a named statement that only reads.
    pub async fn row(&self, name: &str, args: Vec<Arg>) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(name, args).await?.into_iter().next())
    }

    /// Runs a named statement in a transaction of its own; gives the number of rows it touched.
    pub async fn run(&self, name: &str, args: Vec<Arg>) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let n = tx.run(name, args).await?;
        tx.commit().await?;
        Ok(n)
    }
}

impl Tx {
    /// Which engine it is.
    pub fn dialect(&self) -> Dialect {
        match self {
            Tx::Pg(_) => Dialect::Pg,
            Tx::Lite(_) => Dialect::Lite,
        }
    }

    /// Rows of a named statement.
    pub async fn rows(&mut self, name: &str, args: Vec<Arg>) -> Result<Vec<Row>, StoreError> {
        self.rows_of(name, sql::text(name, self.dialect()), args)
            .await
    }

    /// Rows of a built statement; `label` names it in errors.
    pub async fn rows_of(
        &mut self,
        label: &str,
        text: &str,
        args: Vec<Arg>,
    ) -> Result<Vec<Row>, StoreError> {
        let text = AssertSqlSafe(text.to_owned());
        match self {
            Tx::Pg(tx) => {
                let rows = bind_all!(sqlx::query(text), args, pg_lists)
                    .fetch_all(&mut **tx)
                    .await
                    .map_err(named(label))?;
                rows.iter().map(|r| pg_row(r, label)).collect()
            }
            Tx::Lite(tx) => {
                let rows = bind_all!(sqlx::query(text), args, no_lists)
                    .fetch_all(&mut **tx)
                    .await
                    .map_err(named(label))?;
                rows.iter().map(|r| lite_row(r, label)).collect()
            }
        }
    }

    /// Runs a named statement; gives the number of rows it touched.
    pub async fn run(&mut self, name: &str, args: Vec<Arg>) -> Result<u64, StoreError> {
        self.run_text(name, sql::text(name, self.dialect()), args)
            .await
    }

    /// Runs a built statement; `label` names it in errors.
    pub async fn run_text(
        &mut self,
        label: &str,
        text: &str,
        args: Vec<Arg>,
    ) -> Result<u64, StoreError> {
        let text = AssertSqlSafe(text.to_owned());
        match self {
            Tx::Pg(tx) => {
                let done = bind_all!(sqlx::query(text), args, pg_lists)
                    .execute(&mut **tx)
                    .await
                    .map_err(named(label))?;
                Ok(done.rows_affected())
            }
            Tx::Lite(tx) => {
                let done = bind_all!(sqlx::query(text), args, no_lists)
                    .execute(&mut **tx)
                    .await
                    .map_err(named(label))?;
                Ok(done.rows_affected())
            }
        }
    }

    /// COPY on PostgreSQL: `head` is the statement, `body` everything that it reads, sent at once.
    pub async fn copy_in(
        &mut self,
        label: &str,
        head: &str,
        body: Vec<u8>,
    ) -> Result<u64, StoreError> {
        match self {
            Tx::Pg(tx) => {
                let connection: &mut sqlx::PgConnection = tx;
                let mut copy = connection.copy_in_raw(head).await.map_err(named(label))?;
                if let Err(source) = copy.send(body).await {
                    return Err(StoreError::Engine {
                        statement: label.to_owned(),
                        source,
                    });
                }
                copy.finish().await.map_err(named(label))
            }
            Tx::Lite(_) => Err(StoreError::Shape(label.to_owned())),
        }
    }

    /// Commits.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Tx::Pg(tx) => tx.commit().await.map_err(named("commit")),
            Tx::Lite(tx) => tx.commit().await.map_err(named("commit")),
        }
    }
}

fn named(statement: &str) -> impl FnOnce(sqlx::Error) -> StoreError + '_ {
    move |source| StoreError::Engine {
        statement: statement.to_owned(),
        source,
    }
}

fn pg_row(row: &PgRow, label: &str) -> Result<Row, StoreError> {
    let mut cells = Vec::with_capacity(row.len());
    for i in 0..row.len() {
        let raw = row.try_get_raw(i).map_err(named(label))?;
        if raw.is_null() {
            cells.push(Cell::Null);
            continue;
        }
        let kind = row.column(i).type_info().name().to_owned();
        cells.push(pg_cell(row, i, &kind).map_err(named(label))?);
    }
    Ok(Row(cells))
}

fn pg_cell(row: &PgRow, i: usize, kind: &str) -> Result<Cell, sqlx::Error> {
    Ok(match kind {
        "INT8" => Cell::Int(row.try_get(i)?),
        "INT4" => Cell::Int(i64::from(row.try_get::<i32, _>(i)?)),
        "INT2" => Cell::Int(i64::from(row.try_get::<i16, _>(i)?)),
        "BOOL" => Cell::Int(i64::from(row.try_get::<bool, _>(i)?)),
        "BYTEA" => Cell::Bytes(row.try_get(i)?),
        "TIMESTAMPTZ" => Cell::Stamp(row.try_get(i)?),
        "DATE" => Cell::Date(row.try_get(i)?),
        _ => Cell::Text(row.try_get(i)?),
    })
}

fn lite_row(row: &SqliteRow, label: &str) -> Result<Row, StoreError> {
    let mut cells = Vec::with_capacity(row.len());
    for i in 0..row.len() {
        let raw = row.try_get_raw(i).map_err(named(label))?;
        let kind = raw.type_info().name().to_owned();
        let cell = match kind.as_str() {
            _ if raw.is_null() => Cell::Null,
            "INTEGER" | "BOOLEAN" => Cell::Int(row.try_get_unchecked(i).map_err(named(label))?),
            "BLOB" => Cell::Bytes(row.try_get_unchecked(i).map_err(named(label))?),
            _ => Cell::Text(row.try_get_unchecked(i).map_err(named(label))?),
        };
        cells.push(cell);
    }
    Ok(Row(cells))
}
