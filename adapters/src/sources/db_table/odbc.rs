//! The ODBC side of a table source: whatever has a driver. The driver renders every value as text, by the
//! rules of ODBC; parameters travel as texts with the type of their column. Calls block, so a connection
//! lives on a thread of its own. Refuses triggers: their SQL is each engine's own.

mod dbms;
mod parameter;

use super::plan::{Column, Columns, quote, quoted_table};
use super::row::Row;
use super::{DbTableConfig, Sink};
use crate::source::SourceError;
pub(super) use dbms::Dbms;
use odbc_api::buffers::{ColumnarBuffer, WCharColumn};
use odbc_api::{Connection, ConnectionOptions, Cursor, DataType, Error, ResultSetMetadata};
use parameter::{Given, mark, resolve};
use std::string::FromUtf16Error;
use std::sync::mpsc;
use time::UtcOffset;
use tokio::sync::oneshot;
use tongcha_schema::limits;

/// Seconds for a login, and for a statement.
const LOGIN_S: u32 = 20;
const QUERY_S: usize = 300;
/// Bytes of one block of rows.
const BLOCK_BYTES: usize = 8 << 20;
/// Characters that the buffer of any column has: drivers tell too little of texts without a length.
const COLUMN_CHARS: usize = 4_000;

type Job = Box<dyn FnOnce(&Connection<'static>) + Send>;

/// An open connection, on its thread.
#[derive(Clone)]
pub(super) struct Odbc {
    jobs: mpsc::Sender<Job>,
    dbms: Dbms,
}

impl Odbc {
    /// Opens it by a connection string. Unless it `writes`, the session is read-only where the system
    /// knows such sessions.
    pub async fn connect(text: &str, zone: UtcOffset, writes: bool) -> Result<Odbc, sqlx::Error> {
        let (jobs, inbox) = mpsc::channel::<Job>();
        let (tell, told) = oneshot::channel();
        let text = text.to_owned();
        let work = move || match open(&text, zone, writes) {
            Ok((connection, dbms)) => {
                // Whoever asked may be gone: then nobody sends a job either.
                let _ = tell.send(Ok(dbms));
                while let Ok(job) = inbox.recv() {
                    job(&connection);
                }
            }
            Err(cause) => {
                let _ = tell.send(Err(fault(&cause)));
            }
        };
        let thread = std::thread::Builder::new().name("odbc".to_owned());
        thread.spawn(work).map_err(sqlx::Error::Io)?;
        let dbms = answer(told).await?;
        Ok(Odbc { jobs, dbms })
    }

    pub fn dbms(&self) -> Dbms {
        self.dbms
    }

    /// Does something on the connection's thread.
    fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection<'static>) -> Result<T, Error> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, sqlx::Error>> {
        let (tell, told) = oneshot::channel();
        // A thread that has died answers nothing, which the receiver notices.
        let _ = self.jobs.send(Box::new(move |connection| {
            let _ = tell.send(job(connection).map_err(|cause| fault(&cause)));
        }));
        told
    }

    /// Columns of the table as its answers have them, and its primary key as far as the driver tells.
    pub async fn layout(&self, config: &DbTableConfig) -> Result<Columns, SourceError> {
        let table = config.table.clone();
        let quoted = quoted_table(&table);
        let asked = format!("select * from {quoted} where 1 = 0");
        let dbms = self.dbms;
        let told = self.ask(move |connection| catalogue(connection, dbms, &asked, &table));
        let told = answer(told)
            .await
            .map_err(|cause| super::link::fault(config, cause))?;
        let columns = told.into_iter().map(|(name, kind, key)| {
            let typed = mark(kind, self.dbms);
            Column {
                text: quote(&name),
                captured: None,
                lower: parameter::lower(kind, &typed, config.overlap),
                order: parameter::order(kind),
                typed,
                plain: true,
                name,
                key,
                unique: false,
            }
        });
        Columns::new(config, quoted, columns.collect(), self.dbms.speech())
    }

    /// Gives the rows of a question in order, until the sink has enough.
    pub async fn read(
        &self,
        columns: &Columns,
        sql: &str,
        values: &[String],
        sink: &mut Sink<'_>,
    ) -> Result<(), sqlx::Error> {
        let (sql, values) = resolve(sql, values);
        let (give, mut rows) = tokio::sync::mpsc::channel::<Texts>(2);
        let done = self.ask(move |connection| {
            fetch(connection, &sql, &values, &mut |block| {
                give.blocking_send(block).is_ok()
            })
        });
        let mut taken = Row::default();
        'rows: while let Some(block) = in_time(rows.recv()).await? {
            for row in &block {
                taken.take(columns, |at| match row.get(at).and_then(Option::as_ref) {
                    Some(Ok(text)) => Ok(Some(text.as_str())),
                    Some(Err(cause)) => Err(sqlx::Error::Decode(cause.to_string().into())),
                    None => Ok(None),
                })?;
                if !sink(&taken) {
                    break 'rows;
                }
            }
        }
        drop(rows);
        answer(done).await
    }

    /// Runs a statement.
    pub async fn run(&self, sql: &str, values: &[String]) -> Result<(), sqlx::Error> {
        let (sql, values) = resolve(sql, values);
        let done = self.ask(move |connection| {
            let values = parameter::bound(&values);
            connection
                .execute(&sql, &values[..], Some(QUERY_S))
                .map(drop)
        });
        answer(done).await
    }

    /// The texts of the one row of a question; `None` where it gives no row.
    pub async fn texts(
        &self,
        sql: &str,
        values: &[String],
    ) -> Result<Option<Vec<Option<String>>>, sqlx::Error> {
        let (sql, values) = resolve(sql, values);
        let done = self.ask(move |connection| {
            let mut found = None;
            fetch(connection, &sql, &values, &mut |block| {
                found = block.into_iter().next();
                false
            })?;
            Ok(found)
        });
        let Some(row) = answer(done).await? else {
            return Ok(None);
        };
        let text = |cell: Option<Result<String, FromUtf16Error>>| cell.transpose();
        let texts: Result<Vec<_>, _> = row.into_iter().map(text).collect();
        texts
            .map(Some)
            .map_err(|cause| sqlx::Error::Decode(cause.into()))
    }

    /// One number.
    pub async fn count(&self, sql: String) -> Result<i64, sqlx::Error> {
        let done = self.ask(move |connection| {
            let mut found = None;
            fetch(connection, &sql, &[], &mut |block| {
                let first = block.into_iter().flatten().flatten().next();
                found = first.and_then(Result::ok);
                false
            })?;
            Ok(found)
        });
        let found = answer(done).await?;
        let number = found.and_then(|text| text.trim().parse().ok());
        number.ok_or_else(|| sqlx::Error::Protocol("no number was answered".to_owned()))
    }

    /// Begins a transaction, which ends with [`OdbcTx::commit`] or is undone.
    pub async fn begin(&self) -> Result<OdbcTx, sqlx::Error> {
        if self.dbms == Dbms::Other {
            let what = "this system is not known well enough to write answers into its rows";
            return Err(sqlx::Error::Configuration(what.into()));
        }
        let begun = self.ask(|connection| connection.set_autocommit(false));
        answer(begun).await?;
        Ok(OdbcTx {
            link: self.clone(),
            open: true,
        })
    }
}

/// A transaction; undone where it is dropped without [`OdbcTx::commit`].
pub(super) struct OdbcTx {
    /// Its connection.
    pub link: Odbc,
    open: bool,
}

impl OdbcTx {
    /// Makes it last.
    pub async fn commit(mut self) -> Result<(), sqlx::Error> {
        let done = self.link.ask(|connection| {
            connection.commit()?;
            connection.set_autocommit(true)
        });
        let done = answer(done).await;
        self.open = done.is_err();
        done
    }
}

impl Drop for OdbcTx {
    fn drop(&mut self) {
        if self.open {
            drop(self.link.ask(|connection| {
                let undone = connection.rollback();
                connection.set_autocommit(true).and(undone)
            }));
        }
    }
}

fn open(text: &str, zone: UtcOffset, writes: bool) -> Result<(Connection<'static>, Dbms), Error> {
    let options = ConnectionOptions {
        login_timeout_sec: Some(LOGIN_S),
        packet_size: None,
    };
    let environment = odbc_api::environment()?;
    let connection = environment.connect_with_connection_string(text, options)?;
    let dbms = Dbms::of(&connection.database_management_system_name()?);
    for statement in dbms.session(zone, writes) {
        connection.execute(&statement, (), Some(QUERY_S))?;
    }
    Ok((connection, dbms))
}

type Told = Vec<(String, DataType, i32)>;

fn catalogue(
    connection: &Connection<'_>,
    dbms: Dbms,
    asked: &str,
    table: &str,
) -> Result<Told, Error> {
    let mut columns = Vec::new();
    if let Some(mut answer) = connection.execute(asked, (), Some(QUERY_S))? {
        for number in 1..=answer.num_result_cols()?.unsigned_abs() {
            let kind = answer.col_data_type(number)?;
            columns.push((answer.col_name(number)?, kind, 0));
        }
    }
    let (schema, table) = match table.rsplit_once('.') {
        Some((schema, table)) => (Some(schema), table),
        None => (None, table),
    };
    // A driver that cannot tell the key leaves it to the configuration.
    let (catalog, schema) = match dbms {
        // A database of its kind is no schema to the driver.
        Dbms::MySql => (schema, None),
        _ => (None, schema),
    };
    if let Ok(keys) = connection.primary_keys(catalog, schema, table) {
        for key in keys.flatten() {
            let name = key.column.as_str().ok().flatten().unwrap_or_default();
            for column in columns
                .iter_mut()
                .filter(|c: &&mut (String, _, _)| c.0 == name)
            {
                column.2 = i32::from(key.key_seq);
            }
        }
    }
    Ok(columns)
}

/// Rows as texts; an error stands for a value that is no UTF-16.
type Texts = Vec<Vec<Option<Result<String, FromUtf16Error>>>>;

/// Fetches block by block, until `take` has enough. A value that is longer than its buffer is an error,
/// never cut.
fn fetch(
    connection: &Connection<'_>,
    sql: &str,
    values: &[Given],
    take: &mut dyn FnMut(Texts) -> bool,
) -> Result<(), Error> {
    let values = parameter::bound(values);
    let Some(mut answer) = connection.execute(sql, &values[..], Some(QUERY_S))? else {
        return Ok(());
    };
    let mut lengths = Vec::new();
    for number in 1..=answer.num_result_cols()?.unsigned_abs() {
        let shown = answer
            .col_display_size(number)?
            .map_or(usize::MAX, usize::from);
        let long = matches!(
            answer.col_data_type(number)?,
            DataType::LongVarchar { .. } | DataType::WLongVarchar { .. } | DataType::Unknown
        );
        lengths.push(match long || shown > COLUMN_CHARS {
            true => limits::FIELD_BYTES,
            false => COLUMN_CHARS,
        });
    }
    let row_bytes = lengths.iter().sum::<usize>() * size_of::<u16>();
    let rows = (BLOCK_BYTES / row_bytes.max(1)).clamp(1, 500);
    let columns = (1..).zip(&lengths);
    let columns = columns.map(|(number, length)| (number, WCharColumn::new(rows, *length)));
    let buffer = ColumnarBuffer::new(columns.collect());
    let mut answer = answer.bind_buffer(buffer)?;
    while let Some(block) = answer.fetch_with_truncation_check(true)? {
        let text = |at: usize, row: usize| {
            let cell = block.column(at).get(row)?;
            Some(String::from_utf16(cell))
        };
        let row = |row: usize| (0..lengths.len()).map(|at| text(at, row)).collect();
        if !take((0..block.num_rows()).map(row).collect()) {
            break;
        }
    }
    Ok(())
}

/// What comes within the time of a statement and some more; a driver that hangs keeps its thread, not the
/// source.
async fn in_time<T>(coming: impl Future<Output = T>) -> Result<T, sqlx::Error> {
    let most = std::time::Duration::from_secs(QUERY_S as u64 + 60);
    let came = tokio::time::timeout(most, coming).await;
    came.map_err(|_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))
}

/// What the connection's thread answers.
async fn answer<T>(told: oneshot::Receiver<Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    let ended = || sqlx::Error::Io(std::io::Error::other("the ODBC driver ended its thread"));
    in_time(told).await?.map_err(|_| ended())?
}

/// What a driver said; of the driver itself or the connection string, a person must act.
fn fault(cause: &Error) -> sqlx::Error {
    let text = cause.to_string();
    match cause {
        Error::Diagnostics { record, function } => {
            // Of a connection: IM and 01 no such driver or source, 28 the account is refused.
            let state = String::from_utf8_lossy(&record.state.0).into_owned();
            let setup = ["IM", "01", "28"].iter().any(|c| state.starts_with(c));
            let setup = setup && *function == "SQLDriverConnect";
            match setup {
                true => sqlx::Error::Configuration(text.into()),
                false => sqlx::Error::Protocol(text),
            }
        }
        Error::UnsupportedOdbcApiVersion(_) | Error::FailedAllocatingEnvironment => {
            sqlx::Error::Configuration(text.into())
        }
        _ => sqlx::Error::Protocol(text),
    }
}
