//! The SQLite side of a table source: catalogue, rendering, reading, writing back. The file is opened
//! read-only unless the source writes back.

use super::plan::{Column, Columns, Order, Speech, quote};
use super::row::Row;
use super::{DbTableConfig, Sink};
use crate::source::SourceError;
use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Row as _, SqlitePool};
use std::path::Path;

/// A column of the catalogue: name, declared type, place in the primary key.
pub(super) type Catalogue = Vec<(String, String, i32)>;

pub(super) async fn connect(file: &Path, writes: bool) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .read_only(!writes)
        .busy_timeout(std::time::Duration::from_secs(30));
    SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await
}

pub(super) async fn columns(pool: &SqlitePool, table: &str) -> Result<Catalogue, sqlx::Error> {
    sqlx::query_as("select name, type, pk from pragma_table_info($1)")
        .bind(table)
        .fetch_all(pool)
        .await
}

pub(super) fn layout(config: &DbTableConfig, table: Catalogue) -> Result<Columns, SourceError> {
    let columns = table.into_iter().map(|(name, declared, key)| {
        let quoted = quote(&name);
        let declared = declared.to_ascii_uppercase();
        Column {
            // Blobs as hexadecimal digits, everything else as SQLite writes it.
            text: format!(
                "case typeof({quoted}) when 'blob' then lower(hex({quoted})) \
                 else cast({quoted} as text) end"
            ),
            captured: None,
            typed: "{}".to_owned(),
            plain: false,
            lower: lower(&declared, config.overlap),
            order: match is_number(&declared) {
                true => Order::Number,
                false => Order::Text,
            },
            name,
            key,
            unique: false,
        }
    });
    let columns: Vec<Column> = columns.collect();
    Columns::new(config, quote(&config.table), columns, Speech::default())
}

/// Whether a declared type is of numbers.
fn is_number(declared: &str) -> bool {
    let numeric = ["INT", "REAL", "FLOA", "DOUB", "NUM", "DEC"];
    numeric.iter().any(|n| declared.contains(n))
}

/// The lower bound of the overlap of a number. Times are texts here, which are set back outside.
fn lower(declared: &str, overlap: u32) -> Option<String> {
    is_number(declared).then(|| format!("cast({{}} as numeric) - {overlap}"))
}

pub(super) async fn read<'e>(
    on: impl sqlx::Executor<'e, Database = sqlx::Sqlite>,
    columns: &Columns,
    sql: String,
    values: Vec<String>,
    sink: &mut Sink<'_>,
) -> Result<(), sqlx::Error> {
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for value in values {
        query = query.bind(value);
    }
    let (mut rows, mut taken) = (query.fetch(on), Row::default());
    while let Some(row) = rows.try_next().await? {
        taken.take_of(columns, &row)?;
        if !sink(&taken) {
            break;
        }
    }
    Ok(())
}

/// The texts of the one row that a question gives; `None` where it gives no row.
pub(super) async fn texts(
    pool: &SqlitePool,
    sql: &str,
    values: &[String],
    many: usize,
) -> Result<Option<Vec<Option<String>>>, sqlx::Error> {
    let sql = sql.to_owned();
    let values = values.to_vec();
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for value in values {
        query = query.bind(value);
    }
    let row = query.fetch_optional(pool).await?;
    row.map(|row| (0..many).map(|at| row.try_get(at)).collect())
        .transpose()
}

pub(super) async fn run(
    on: &mut sqlx::SqliteConnection,
    sql: String,
    values: Vec<String>,
) -> Result<(), sqlx::Error> {
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for value in values {
        query = query.bind(value);
    }
    query.execute(on).await?;
    Ok(())
}
