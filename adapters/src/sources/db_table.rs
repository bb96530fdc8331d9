//! A table or view of a department's database, read by a watermark column with an overlap window.
//! Each row is one item: canonical JSON of texts in the order of the columns. Refuses to write into
//! the department's database, and to find physical deletions: that is reconciliation's work.
//!
//! Rows are read in order of (watermark, key). What lies within the overlap behind the last row is
//! read again, and rows that committed late or changed are taken; a row that was taken with the same
//! content is not. Rows without a watermark are never seen; `probe` counts them.

mod change;
mod change_table;
mod flag;
mod link;
#[cfg(feature = "source-postgres")]
mod listen;
#[cfg(feature = "source-mysql")]
mod mysql;
#[cfg(feature = "source-odbc")]
mod odbc;
mod plan;
#[cfg(feature = "source-postgres")]
mod postgres;
#[cfg(feature = "source-sqlite")]
mod sqlite;
mod watermark;
mod write_back;

pub use change_table::{ChangeConfig, ChangeTable, Triggers};
pub use write_back::{FlagConfig, FlagTable};

use crate::source::{Lot, LotItem, Source, SourceError, item_name};
use async_trait::async_trait;
use link::Link;
use plan::Row;
use std::path::PathBuf;
use time::{OffsetDateTime, UtcOffset};
use tongcha_schema::limits;
use tongcha_schema::receipt::Receipt;
use watermark::{Plan, Position, Taking};

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
    /// An ODBC connection string, `Driver={..};Server=..;UID=..;PWD=..;`.
    #[cfg(feature = "source-odbc")]
    Odbc(String),
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

    /// Rows of the table that have a watermark now.
    ///
    /// # Errors
    /// The database cannot be reached or refuses, or the table is set up wrongly.
    pub async fn rows(&mut self) -> Result<u64, SourceError> {
        let (link, plan) = self.open().await?;
        match link.count(plan.count_seen()).await {
            Ok(rows) => Ok(u64::try_from(rows).unwrap_or(0)),
            Err(cause) => {
                self.open = None;
                Err(link::fault(&self.config, cause))
            }
        }
    }

    async fn open(&mut self) -> Result<&(Link, Plan), SourceError> {
        let open = match self.open.take() {
            Some(open) => open,
            None => {
                let (link, columns) = Link::open(&self.config, false).await?;
                (link, Plan::new(&self.config, columns)?)
            }
        };
        Ok(self.open.insert(open))
    }

    async fn read(&mut self, position: &Position, sink: &mut Sink<'_>) -> Result<(), SourceError> {
        let most = self.lot_rows() + position.seen.len() + 1;
        let (link, plan) = self.open().await?;
        let mut values = plan.values(position);
        let read = async {
            let until = match plan.bound(position, most) {
                Some(sql) => link.text(&sql, &values).await?,
                None => None,
            };
            let sql = plan.select(position, most, until.is_some());
            values.extend(until);
            link.read(&plan.columns, sql, values, sink).await
        };
        if let Err(cause) = read.await {
            // A table that was altered, a server that went away: looked at anew with the next poll.
            self.open = None;
            return Err(link::fault(&self.config, cause));
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
        let mut taking = Taking::new(&position, self.config.remembered);
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
        let counted = link.count(plan.count_unseen()).await;
        let columns = plan.columns.columns.len();
        match counted {
            Ok(0) => Ok(format!("{table}: {columns} columns")),
            Ok(n) => Ok(format!(
                "{table}: {columns} columns; {n} rows have no watermark and are never taken"
            )),
            Err(cause) => {
                self.open = None;
                Err(link::fault(&self.config, cause))
            }
        }
    }
}
