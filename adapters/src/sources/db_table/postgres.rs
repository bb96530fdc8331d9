//! The PostgreSQL side of a table source: catalogue, rendering, reading, writing back. Every value is rendered as
//! text by the server under fixed settings, so that equal rows give equal bytes.

use super::numbers::Open;
use super::plan::{Column, Columns, Order, Speech, quote, quoted_table};
use super::row::Row;
use super::{DbTableConfig, Sink};
use crate::source::SourceError;
use futures_util::TryStreamExt;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Executor, PgPool, Row as _};
use std::str::FromStr;
use time::UtcOffset;

/// A column of the catalogue: name, type name, qualified type, place in the primary key.
pub(super) type Catalogue = Vec<(String, String, String, i32)>;

pub(super) async fn connect(
    url: &str,
    zone: UtcOffset,
    writes: bool,
) -> Result<PgPool, sqlx::Error> {
    let read_only = if writes { "off" } else { "on" };
    let options = PgConnectOptions::from_str(url)?
        .application_name("tongcha-agent")
        .options([
            ("datestyle", "ISO, YMD"),
            ("intervalstyle", "iso_8601"),
            ("bytea_output", "hex"),
            ("extra_float_digits", "1"),
            ("default_transaction_read_only", read_only),
        ]);
    super::reach(&options).await?;
    PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(super::REACH)
        .after_connect(move |link, _| {
            // What is written without a zone is meant in the source's.
            let zone = format!("set time zone interval '{}' hour to minute", offset(zone));
            Box::pin(async move {
                link.execute(AssertSqlSafe(zone)).await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await
}

pub(super) async fn columns(pool: &PgPool, table: &str) -> Result<Catalogue, sqlx::Error> {
    sqlx::query_as(
        "select a.attname::text, t.typname::text,
                quote_ident(n.nspname) || '.' || quote_ident(t.typname),
                coalesce(array_position(i.indkey::int2[], a.attnum) + 1, 0)::int4
         from pg_attribute a
         join pg_type t on t.oid = a.atttypid
         join pg_namespace n on n.oid = t.typnamespace
         left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
         where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
         order by a.attnum",
    )
    .bind(quoted_table(table))
    .fetch_all(pool)
    .await
}

pub(super) fn layout(config: &DbTableConfig, table: Catalogue) -> Result<Columns, SourceError> {
    let columns = table
        .into_iter()
        .map(|(name, kind, qualified, key)| Column {
            text: text(&quote(&name), &kind, config.zone),
            captured: None,
            typed: format!("({{}}::text)::{qualified}"),
            plain: false,
            lower: lower(&kind, &qualified, config.overlap),
            order: match kind.as_str() {
                "timestamptz" | "timestamp" | "date" => Order::Time,
                "int2" | "int4" | "int8" | "numeric" | "float4" | "float8" => Order::Number,
                _ => Order::Text,
            },
            name,
            key,
            unique: false,
        });
    let columns: Vec<Column> = columns.collect();
    Columns::new(
        config,
        quoted_table(&config.table),
        columns,
        Speech::default(),
    )
}

/// A value as text: instants in ISO 8601 with the zone, truth as 1 or 0, the rest as PostgreSQL casts.
fn text(column: &str, kind: &str, zone: UtcOffset) -> String {
    match kind {
        "timestamptz" => {
            let zone = offset(zone);
            format!(
                "to_char({column} at time zone interval '{zone}', \
                 'YYYY-MM-DD\"T\"HH24:MI:SS.US') || '{zone}'"
            )
        }
        "timestamp" => format!("to_char({column}, 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"),
        "bool" => format!("{column}::int::text"),
        _ => format!("{column}::text"),
    }
}

fn offset(zone: UtcOffset) -> String {
    let (hours, minutes, _) = zone.as_hms();
    let sign = if zone.is_negative() { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", hours.abs(), minutes.abs())
}

fn lower(kind: &str, qualified: &str, overlap: u32) -> Option<String> {
    match kind {
        "timestamptz" | "timestamp" => Some(format!(
            "({{}}::text)::{qualified} - make_interval(secs => {overlap})"
        )),
        "date" => {
            let days = overlap.div_ceil(86_400);
            Some(format!("({{}}::text)::{qualified} - {days}"))
        }
        "int2" | "int4" | "int8" | "numeric" => {
            Some(format!("({{}}::text)::{qualified} - {overlap}"))
        }
        _ => None,
    }
}

pub(super) async fn read<'e>(
    on: impl Executor<'e, Database = sqlx::Postgres>,
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
    pool: &PgPool,
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

/// The transactions that are open. The numbers are those of the whole server's life, without wrapping.
pub(super) async fn open_transactions(pool: &PgPool) -> Result<Open, sqlx::Error> {
    let sql =
        "select txid_snapshot_xmin(now), txid_snapshot_xmax(now) from txid_current_snapshot() now";
    let (oldest, next): (i64, i64) = sqlx::query_as(sql).fetch_one(pool).await?;
    let number = |n| u64::try_from(n).unwrap_or(0);
    Ok(Open {
        oldest: number(oldest),
        next: number(next),
    })
}

pub(super) async fn run(
    on: &mut sqlx::PgConnection,
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

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::offset;

    #[test]
    fn names_are_quoted_and_instants_carry_their_zone() {
        assert_eq!(quoted_table("a.B\"c"), "\"a\".\"B\"\"c\"");
        let west = text("\"at\"", "timestamptz", offset!(-3:30));
        assert!(
            west.contains("interval '-03:30'") && west.ends_with("|| '-03:30'"),
            "{west}"
        );
    }
}
