//! A table or view of a department's database, read by a watermark column with an overlap window.
//! Rows travel in groups, an item each: a head that names table, key and columns, then a row a line, canonical
//! JSON of texts in the order of the columns. Refuses to write into the department's database, and to find
//! physical deletions: that is reconciliation's work.
//!
//! Rows are read in order of (watermark, key). What lies within the overlap behind the last row is
//! read again, and rows that committed late or changed are taken; a row that was taken with the same
//! content is not. From time to time all rows that are remembered are looked at again, so that one which
//! came later than the overlap allows is found as well, and a table that was loaded anew is seen to be
//! another. A row whose watermark lies after now is taken and never becomes the position. What does not fit
//! the position or the clock is told in every poll; rows without a watermark are counted.

mod by_watermark;
mod change;
mod change_table;
mod charset;
mod flag;
mod found;
mod group;
mod instant;
mod link;
mod marks;
#[cfg(feature = "source-mysql")]
mod mysql;
mod numbers;
#[cfg(feature = "source-odbc")]
mod odbc;
mod plan;
mod position;
#[cfg(feature = "source-postgres")]
mod postgres;
mod remark;
mod row;
#[cfg(feature = "source-sqlite")]
mod sqlite;
mod watermark;
mod write_back;

pub use by_watermark::DbTable;
pub use change_table::{ChangeConfig, ChangeTable, Triggers};
pub use charset::Charset;
pub use flag::FlagConfig;
pub(crate) use group::rows_of;
pub use write_back::FlagTable;

use crate::source::SourceError;
use remark::remark;
use row::Row;
use std::path::PathBuf;
use time::UtcOffset;
use tongcha_schema::code::transport;
use tongcha_schema::finding::Finding;
use tongcha_schema::limits;

/// Bytes of rows held for one lot: an envelope of usual rows has some 2 MiB.
const LOT_BYTES: usize = 8 << 20;

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

impl Database {
    /// Where it is, for people: never with user, password or options.
    fn place(&self) -> String {
        match self {
            #[cfg(feature = "source-sqlite")]
            Database::Sqlite(file) => format!("sqlite {}", file.display()),
            #[cfg(feature = "source-mysql")]
            Database::MySql(url) => format!("mysql {}", host_of(url)),
            #[cfg(feature = "source-postgres")]
            Database::Postgres(url) => format!("postgres {}", host_of(url)),
            #[cfg(feature = "source-odbc")]
            Database::Odbc(_) => "odbc".to_owned(),
        }
    }
}

/// Host, port and database of an address; nothing where a sign of its password was not escaped.
#[cfg(any(feature = "source-mysql", feature = "source-postgres"))]
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let place = rest.split(['?', '#']).next().unwrap_or_default();
    match (place.rsplit_once('@'), rest.contains('@')) {
        (Some((_, host)), _) => host,
        (None, false) => place,
        (None, true) => "",
    }
}

/// Makes one connection and ends it: a pool would keep trying for its whole time and say only that it did.
#[cfg(any(feature = "source-mysql", feature = "source-postgres"))]
async fn reach<O>(options: &O) -> Result<(), sqlx::Error>
where
    O: sqlx::ConnectOptions<Connection: Sized>,
{
    let link = tokio::time::timeout(REACH, options.connect()).await;
    let timed_out = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
    sqlx::Connection::close(link.map_err(timed_out)??).await
}

/// How long a database may take to answer.
#[cfg(any(feature = "source-mysql", feature = "source-postgres"))]
const REACH: std::time::Duration = std::time::Duration::from_secs(20);

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
    /// What the bytes in Latin-1 columns really are; `None`: what the database says.
    pub charset: Option<Charset>,
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
            charset: None,
            lot_rows: limits::ENVELOPE_ITEMS,
            remembered: 50_000,
        }
    }
}

/// Takes rows in order until it says that it has enough.
type Sink<'a> = dyn FnMut(&Row) -> bool + Send + 'a;

/// A column whose bytes are of another character set than the database believes.
fn misread(table: &str, (column, looks): &(String, Charset)) -> Finding {
    let args = [("column", column.as_str()), ("looks", looks.name())];
    remark(transport::OTHER_CHARSET, table, &args)
}

/// A position that this version cannot read.
fn unreadable(config: &DbTableConfig) -> SourceError {
    let what = "the position in the outbox cannot be read".to_owned();
    let hint = "it was written by a newer version; upgrade, or give the source a new name";
    plan::setup(config, what, hint)
}

/// A fault of the database.
fn fault(config: &DbTableConfig, cause: sqlx::Error) -> SourceError {
    SourceError::Database {
        source_name: config.name.clone(),
        place: config.database.place(),
        cause,
    }
}
