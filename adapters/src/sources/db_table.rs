//! A table or view of a department's database, read by a watermark column with an overlap window.
//! Each row is one item: canonical JSON of texts in the order of the columns. Refuses to write into
//! the department's database, and to find physical deletions: that is reconciliation's work.
//!
//! Rows are read in order of (watermark, key). What lies within the overlap behind the last row is
//! read again, and rows that committed late or changed are taken; a row that was taken with the same
//! content is not. Rows without a watermark are never seen; `probe` counts them.

#[cfg(feature = "source-mysql")]
mod mysql;
mod plan;
#[cfg(feature = "source-postgres")]
mod postgres;
#[cfg(feature = "source-sqlite")]
mod sqlite;

use crate::source::{Lot, LotItem, Source, SourceError, item_name};
use async_trait::async_trait;
use plan::{Plan, Position, Row};
use std::path::PathBuf;
use time::{OffsetDateTime, UtcOffset};
use tongcha_schema::limits;
use tongcha_schema::receipt::Receipt;

/// Bytes of rows held for one lot.
const LOT_BYTES: usize = 64 << 20;

/// Where the table is.
#[derive(Clone)]
pub enum Database {
    /// A SQLite file; opened read-only.
    #[cfg(feature = "source-sqlite")]
    Sqlite(PathBuf),
    /// A MySQL or MariaDB address, `mysql://user:password@host:port/database`.
    #[cfg(feature = "source-mysql")]
    MySql(String),
    /// A PostgreSQL address, `postgres://user:password@host:port/database`.
    #[cfg(feature = "source-postgres")]
    Postgres(String),
}

/// How a table is read. [`DbTableConfig::new`] gives what suits most.
#[derive(Clone)]
pub struct DbTableConfig {
    /// Name of the source.
    pub name: String,
    /// Where the table is.
    pub database: Database,
    /// Table or view, `schema.table` or `table`.
    pub table: String,
    /// Columns to take, in this order; empty: all, in the table's order.
    pub columns: Vec<String>,
    /// Column that rises with every change of a row.
    pub watermark: String,
    /// Columns that tell rows apart; empty: the primary key.
    pub key: Vec<String>,
    /// Overlap: seconds for a watermark of time, units for one of numbers. Longer than the longest
    /// transaction that writes the table.
    pub overlap: u32,
    /// Dialect of the rows.
    pub dialect: String,
    /// Zone in which instants with a zone are written out.
    pub zone: UtcOffset,
    /// Rows of one lot, at most [`limits::ENVELOPE_ITEMS`].
    pub lot_rows: usize,
    /// Digests remembered of rows within the overlap.
    pub remembered: usize,
}

impl DbTableConfig {
    /// The usual configuration of a table.
    pub fn new(
        name: impl Into<String>,
        database: Database,
        table: impl Into<String>,
        watermark: impl Into<String>,
    ) -> DbTableConfig {
        DbTableConfig {
            name: name.into(),
            database,
            table: table.into(),
            columns: Vec::new(),
            watermark: watermark.into(),
            key: Vec::new(),
            overlap: 600,
            dialect: tongcha_schema::envelope::AUTO.to_owned(),
            zone: tongcha_schema::clock::CHINA,
            lot_rows: limits::ENVELOPE_ITEMS,
            remembered: 50_000,
        }
    }
}

/// An open connection to one of the engines.
enum Link {
    #[cfg(feature = "source-sqlite")]
    Sqlite(sqlx::SqlitePool),
    #[cfg(feature = "source-mysql")]
    MySql(sqlx::MySqlPool),
    #[cfg(feature = "source-postgres")]
    Postgres(sqlx::PgPool),
}

/// A table as a source.
pub struct DbTable {
    config: DbTableConfig,
    open: Option<(Link, Plan)>,
}

/// Takes rows in order until it says that it has enough.
type Sink<'a> = dyn FnMut(Row) -> bool + Send + 'a;

impl DbTable {
    /// The source; the database is opened with the first poll.
    pub fn new(config: DbTableConfig) -> DbTable {
        DbTable { config, open: None }
    }

    async fn open(&mut self) -> Result<&(Link, Plan), SourceError> {
        if self.open.is_none() {
            let fault = |cause| self.fault(cause);
            let opened = match &self.config.database {
                #[cfg(feature = "source-sqlite")]
                Database::Sqlite(file) => {
                    let pool = sqlite::connect(file).await.map_err(fault)?;
                    let table = sqlite::columns(&pool, &self.config.table).await;
                    let plan = sqlite::plan(&self.config, table.map_err(fault)?)?;
                    (Link::Sqlite(pool), plan)
                }
                #[cfg(feature = "source-mysql")]
                Database::MySql(url) => {
                    let pool = mysql::connect(url, self.config.zone).await;
                    let pool = pool.map_err(fault)?;
                    let table = mysql::columns(&pool, &self.config.table).await;
                    let plan = mysql::plan(&self.config, table.map_err(fault)?)?;
                    (Link::MySql(pool), plan)
                }
                #[cfg(feature = "source-postgres")]
                Database::Postgres(url) => {
                    let pool = postgres::connect(url).await;
                    let pool = pool.map_err(fault)?;
                    let table = postgres::columns(&pool, &self.config.table).await;
                    let plan = postgres::plan(&self.config, table.map_err(fault)?)?;
                    (Link::Postgres(pool), plan)
                }
            };
            self.open = Some(opened);
        }
        self.open.as_ref().ok_or_else(|| SourceError::Other {
            source_name: self.config.name.clone(),
            what: "the database is not open".to_owned(),
            transient: true,
        })
    }

    fn fault(&self, cause: sqlx::Error) -> SourceError {
        SourceError::Database {
            source_name: self.config.name.clone(),
            cause,
        }
    }

    async fn read(&mut self, position: &Position, sink: &mut Sink<'_>) -> Result<(), SourceError> {
        let most = self.lot_rows() + position.seen.len() + 1;
        let (link, plan) = self.open().await?;
        let sql = plan.select(position, most);
        let values = plan.values(position);
        let done = match link {
            #[cfg(feature = "source-sqlite")]
            Link::Sqlite(pool) => sqlite::read(pool, plan, sql, values, sink).await,
            #[cfg(feature = "source-mysql")]
            Link::MySql(pool) => mysql::read(pool, plan, sql, values, sink).await,
            #[cfg(feature = "source-postgres")]
            Link::Postgres(pool) => postgres::read(pool, plan, sql, values, sink).await,
        };
        if let Err(cause) = done {
            // A table that was altered, a server that went away: looked at anew with the next poll.
            self.open = None;
            return Err(self.fault(cause));
        }
        Ok(())
    }

    fn lot_rows(&self) -> usize {
        self.config.lot_rows.clamp(1, limits::ENVELOPE_ITEMS)
    }
}

#[async_trait]
impl Source for DbTable {
    fn name(&self) -> &str {
        &self.config.name
    }

    async fn poll(
        &mut self,
        _now: OffsetDateTime,
        position: Option<&str>,
    ) -> Result<Vec<Lot>, SourceError> {
        let position = Position::parse(position).ok_or_else(|| SourceError::Setup {
            source_name: self.config.name.clone(),
            what: "the position in the outbox cannot be read".to_owned(),
            hint: "it was written by a newer version; upgrade, or give the source a new name"
                .to_owned(),
        })?;
        let rows = self.lot_rows();
        let table = self.config.table.clone();
        let mut taking = plan::Taking::new(&position, self.config.remembered);
        let (mut items, mut bytes) = (Vec::new(), 0);
        let mut ends: Option<(String, String)> = None;
        self.read(&position, &mut |row| {
            if !taking.take(&row) {
                return true;
            }
            bytes += row.json.len();
            let first = ends.take().map_or_else(|| row.watermark.clone(), |e| e.0);
            ends = Some((first, row.watermark.clone()));
            let name = format!("{table}/{}", row.key.join(","));
            items.push(LotItem::of_bytes(&name, row.json.into_bytes()));
            items.len() < rows && bytes < LOT_BYTES
        })
        .await?;
        let Some((first, last)) = ends else {
            return Ok(Vec::new());
        };
        let next = taking.finish();
        let label = format!("{table} {first} … {last} ({})", items.len());
        Ok(vec![Lot {
            key: format!("{}", next.lot),
            position: Some(next.to_text()),
            label: item_name(&label),
            dialect: self.config.dialect.clone(),
            items,
            ..Lot::default()
        }])
    }

    /// The receipt stays in the outbox: nothing is written into the department's database.
    async fn settle(&mut self, _key: &str, _receipt: &Receipt) -> Result<(), SourceError> {
        Ok(())
    }

    async fn probe(&mut self) -> Result<String, SourceError> {
        let table = self.config.table.clone();
        let (link, plan) = self.open().await?;
        let sql = plan.count_unseen();
        let counted = match link {
            #[cfg(feature = "source-sqlite")]
            Link::Sqlite(pool) => sqlite::count(pool, sql).await,
            #[cfg(feature = "source-mysql")]
            Link::MySql(pool) => mysql::count(pool, sql).await,
            #[cfg(feature = "source-postgres")]
            Link::Postgres(pool) => postgres::count(pool, sql).await,
        };
        let columns = plan.columns.len();
        match counted {
            Ok(0) => Ok(format!("{table}: {columns} columns")),
            Ok(n) => Ok(format!(
                "{table}: {columns} columns; {n} rows have no watermark and are never taken"
            )),
            Err(cause) => {
                self.open = None;
                Err(self.fault(cause))
            }
        }
    }
}
