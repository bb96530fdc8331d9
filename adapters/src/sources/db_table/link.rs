//! An open connection to one of the engines, and a transaction on it. Refuses to know what is asked.

use super::change::Engine;
pub(super) use super::fault;
use super::numbers::Open;
use super::plan::Columns;
use super::row::Row;
use super::{Database, DbTableConfig, Sink};
use crate::source::SourceError;

/// An open connection.
pub(super) enum Link {
    #[cfg(feature = "source-sqlite")]
    Sqlite(sqlx::SqlitePool),
    #[cfg(feature = "source-mysql")]
    MySql(sqlx::MySqlPool),
    #[cfg(feature = "source-postgres")]
    Postgres(sqlx::PgPool),
    #[cfg(feature = "source-odbc")]
    Odbc(super::odbc::Odbc),
}

impl Link {
    /// Opens the database. Unless it `writes`, the session is read-only.
    pub async fn connect(config: &DbTableConfig, writes: bool) -> Result<Link, SourceError> {
        let fault = |cause| fault(config, cause);
        Ok(match &config.database {
            #[cfg(feature = "source-sqlite")]
            Database::Sqlite(file) => {
                let pool = super::sqlite::connect(file, writes).await;
                Link::Sqlite(pool.map_err(fault)?)
            }
            #[cfg(feature = "source-mysql")]
            Database::MySql(url) => {
                let pool = super::mysql::connect(url, config.zone, writes).await;
                Link::MySql(pool.map_err(fault)?)
            }
            #[cfg(feature = "source-postgres")]
            Database::Postgres(url) => {
                let pool = super::postgres::connect(url, config.zone, writes).await;
                Link::Postgres(pool.map_err(fault)?)
            }
            #[cfg(feature = "source-odbc")]
            Database::Odbc(text) => {
                let link = super::odbc::Odbc::connect(text, config.zone, writes).await;
                Link::Odbc(link.map_err(fault)?)
            }
        })
    }

    /// Opens the database and reads the table's columns. Unless it `writes`, the session is read-only.
    pub async fn open(
        config: &DbTableConfig,
        writes: bool,
    ) -> Result<(Link, Columns), SourceError> {
        let fault = |cause| fault(config, cause);
        let link = Link::connect(config, writes).await?;
        let columns = match &link {
            #[cfg(feature = "source-sqlite")]
            Link::Sqlite(pool) => {
                let table = super::sqlite::columns(pool, &config.table).await;
                super::sqlite::layout(config, table.map_err(fault)?)?
            }
            #[cfg(feature = "source-mysql")]
            Link::MySql(pool) => {
                let table = super::mysql::columns(pool, &config.table).await;
                super::mysql::layout(config, table.map_err(fault)?)?
            }
            #[cfg(feature = "source-postgres")]
            Link::Postgres(pool) => {
                let table = super::postgres::columns(pool, &config.table).await;
                super::postgres::layout(config, table.map_err(fault)?)?
            }
            #[cfg(feature = "source-odbc")]
            Link::Odbc(link) => link.layout(config).await?,
        };
        Ok((link, columns))
    }

    /// Which engine's triggers it takes; none over ODBC.
    pub fn engine(&self) -> Option<Engine> {
        match self {
            #[cfg(feature = "source-sqlite")]
            Link::Sqlite(_) => Some(Engine::Sqlite),
            #[cfg(feature = "source-mysql")]
            Link::MySql(_) => Some(Engine::MySql),
            #[cfg(feature = "source-postgres")]
            Link::Postgres(_) => Some(Engine::Postgres),
            #[cfg(feature = "source-odbc")]
            Link::Odbc(_) => None,
        }
    }

    /// A table's name with the schema in which this session finds it; as it is where there is none, or the
    /// name has one. What runs under another path of schemas needs it.
    pub async fn resolved(&self, table: &str) -> Result<String, sqlx::Error> {
        let schema: Option<String> = match self {
            _ if table.contains('.') => None,
            #[cfg(feature = "source-sqlite")]
            Link::Sqlite(_) => None,
            #[cfg(feature = "source-odbc")]
            Link::Odbc(_) => None,
            #[cfg(feature = "source-mysql")]
            Link::MySql(pool) => {
                let sql = "select cast(database() as char)";
                sqlx::query_scalar(sql).fetch_one(pool).await?
            }
            #[cfg(feature = "source-postgres")]
            Link::Postgres(pool) => {
                let sql = "select n.nspname::text from pg_class c
                     join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass($1)";
                let found = sqlx::query_scalar(sql).bind(super::plan::quoted_table(table));
                found.fetch_optional(pool).await?
            }
        };
        Ok(schema.map_or_else(|| table.to_owned(), |schema| format!("{schema}.{table}")))
    }

    /// The account of the session, quoted; empty where there are no accounts.
    pub async fn reader(&self) -> Result<String, sqlx::Error> {
        match self {
            #[cfg(feature = "source-sqlite")]
            Link::Sqlite(_) => Ok(String::new()),
            #[cfg(feature = "source-odbc")]
            Link::Odbc(_) => Ok(String::new()),
            #[cfg(feature = "source-mysql")]
            Link::MySql(pool) => {
                let sql = "select concat(quote(substring_index(current_user(), '@', 1)), '@',
                    quote(substring_index(current_user(), '@', -1)))";
                sqlx::query_scalar(sql).fetch_one(pool).await
            }
            #[cfg(feature = "source-postgres")]
            Link::Postgres(pool) => {
                let sql = "select quote_ident(current_user::text)";
                sqlx::query_scalar(sql).fetch_one(pool).await
            }
        }
    }

    /// Runs one statement as it stands.
    pub async fn run(&self, sql: String) -> Result<(), sqlx::Error> {
        #[cfg(feature = "source-odbc")]
        if let Link::Odbc(link) = self {
            return link.run(&sql, &[]).await;
        }
        let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(sql));
        match self {
            #[cfg(feature = "source-sqlite")]
            Link::Sqlite(pool) => sql.execute(pool).await.map(|_| ()),
            #[cfg(feature = "source-mysql")]
            Link::MySql(pool) => sql.execute(pool).await.map(|_| ()),
            #[cfg(feature = "source-postgres")]
            Link::Postgres(pool) => sql.execute(pool).await.map(|_| ()),
            #[cfg(feature = "source-odbc")]
            Link::Odbc(_) => Ok(()),
        }
    }

    /// Gives the rows of a question in order, until the sink has enough.
    pub async fn read(
        &self,
        columns: &Columns,
        sql: String,
        values: Vec<String>,
        sink: &mut Sink<'_>,
    ) -> Result<(), sqlx::Error> {
        match self {
            #[cfg(feature = "source-sqlite")]
            Link::Sqlite(pool) => super::sqlite::read(pool, columns, sql, values, sink).await,
            #[cfg(feature = "source-mysql")]
            Link::MySql(pool) => super::mysql::read(pool, columns, sql, values, sink).await,
            #[cfg(feature = "source-postgres")]
            Link::Postgres(pool) => super::postgres::read(pool, columns, sql, values, sink).await,
            #[cfg(feature = "source-odbc")]
            Link::Odbc(link) => link.read(columns, &sql, &values, sink).await,
        }
    }

    /// The texts of the one row of a question, so many; `None` where it gives no row.
    pub async fn texts(
        &self,
        sql: &str,
        values: &[String],
        many: usize,
    ) -> Result<Option<Vec<Option<String>>>, sqlx::Error> {
        match self {
            #[cfg(feature = "source-sqlite")]
            Link::Sqlite(pool) => super::sqlite::texts(pool, sql, values, many).await,
            #[cfg(feature = "source-mysql")]
            Link::MySql(pool) => super::mysql::texts(pool, sql, values, many).await,
            #[cfg(feature = "source-postgres")]
            Link::Postgres(pool) => super::postgres::texts(pool, sql, values, many).await,
            #[cfg(feature = "source-odbc")]
            Link::Odbc(link) => link.texts(sql, values).await,
        }
    }

    /// The transactions that are open, where the engine tells.
    pub async fn open_transactions(&self) -> Result<Option<Open>, sqlx::Error> {
        match self {
            #[cfg(feature = "source-postgres")]
            Link::Postgres(pool) => super::postgres::open_transactions(pool).await.map(Some),
            #[cfg(any(
                feature = "source-sqlite",
                feature = "source-mysql",
                feature = "source-odbc"
            ))]
            _ => Ok(None),
        }
    }

    /// One number.
    pub async fn count(&self, sql: String) -> Result<i64, sqlx::Error> {
        #[cfg(feature = "source-odbc")]
        if let Link::Odbc(link) = self {
            return link.count(sql).await;
        }
        let sql = sqlx::AssertSqlSafe(sql);
        match self {
            #[cfg(feature = "source-sqlite")]
            Link::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            #[cfg(feature = "source-mysql")]
            Link::MySql(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            #[cfg(feature = "source-postgres")]
            Link::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            #[cfg(feature = "source-odbc")]
            Link::Odbc(_) => Ok(0),
        }
    }

    /// Begins a transaction in which a row that was read and is changed by somebody else before it ends
    /// is not changed by us as well: SQLite has one writer, PostgreSQL refuses, MySQL waits (the question
    /// ends in [`Link::locks`]).
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        Ok(match self {
            #[cfg(feature = "source-sqlite")]
            Link::Sqlite(pool) => Tx::Sqlite(pool.begin_with("begin immediate").await?),
            #[cfg(feature = "source-mysql")]
            Link::MySql(pool) => Tx::MySql(pool.begin().await?),
            #[cfg(feature = "source-postgres")]
            Link::Postgres(pool) => {
                let begin = "begin isolation level repeatable read";
                Tx::Postgres(pool.begin_with(begin).await?)
            }
            #[cfg(feature = "source-odbc")]
            Link::Odbc(link) => Tx::Odbc(link.begin().await?),
        })
    }

    /// What ends a question whose rows are to be written in the same transaction.
    pub fn locks(&self) -> &'static str {
        match self {
            #[cfg(feature = "source-mysql")]
            Link::MySql(_) => " for update",
            #[cfg(feature = "source-odbc")]
            Link::Odbc(link) => link.dbms().locks(),
            #[cfg(any(feature = "source-sqlite", feature = "source-postgres"))]
            _ => "",
        }
    }
}

/// A transaction.
pub(super) enum Tx {
    #[cfg(feature = "source-sqlite")]
    Sqlite(sqlx::Transaction<'static, sqlx::Sqlite>),
    #[cfg(feature = "source-mysql")]
    MySql(sqlx::Transaction<'static, sqlx::MySql>),
    #[cfg(feature = "source-postgres")]
    Postgres(sqlx::Transaction<'static, sqlx::Postgres>),
    #[cfg(feature = "source-odbc")]
    Odbc(super::odbc::OdbcTx),
}

impl Tx {
    /// All rows of a question.
    pub async fn rows(
        &mut self,
        columns: &Columns,
        sql: String,
        values: Vec<String>,
    ) -> Result<Vec<Row>, sqlx::Error> {
        let mut rows = Vec::new();
        let sink: &mut Sink<'_> = &mut |row| {
            rows.push(row.clone());
            true
        };
        match self {
            #[cfg(feature = "source-sqlite")]
            Tx::Sqlite(tx) => super::sqlite::read(&mut **tx, columns, sql, values, sink).await,
            #[cfg(feature = "source-mysql")]
            Tx::MySql(tx) => super::mysql::read(&mut **tx, columns, sql, values, sink).await,
            #[cfg(feature = "source-postgres")]
            Tx::Postgres(tx) => super::postgres::read(&mut **tx, columns, sql, values, sink).await,
            #[cfg(feature = "source-odbc")]
            Tx::Odbc(tx) => tx.link.read(columns, &sql, &values, sink).await,
        }?;
        Ok(rows)
    }

    /// Runs a statement.
    pub async fn run(&mut self, sql: String, values: Vec<String>) -> Result<(), sqlx::Error> {
        match self {
            #[cfg(feature = "source-sqlite")]
            Tx::Sqlite(tx) => super::sqlite::run(tx, sql, values).await,
            #[cfg(feature = "source-mysql")]
            Tx::MySql(tx) => super::mysql::run(tx, sql, values).await,
            #[cfg(feature = "source-postgres")]
            Tx::Postgres(tx) => super::postgres::run(tx, sql, values).await,
            #[cfg(feature = "source-odbc")]
            Tx::Odbc(tx) => tx.link.run(&sql, &values).await,
        }
    }

    /// Makes it last.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            #[cfg(feature = "source-sqlite")]
            Tx::Sqlite(tx) => tx.commit().await,
            #[cfg(feature = "source-mysql")]
            Tx::MySql(tx) => tx.commit().await,
            #[cfg(feature = "source-postgres")]
            Tx::Postgres(tx) => tx.commit().await,
            #[cfg(feature = "source-odbc")]
            Tx::Odbc(tx) => tx.commit().await,
        }
    }
}
