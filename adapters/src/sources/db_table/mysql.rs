//! The MySQL and MariaDB side of a table source: catalogue, rendering, reading. Every value is rendered
//! as text by the server under fixed settings, so that equal rows give equal bytes; the server turns
//! whatever character set a column has (GBK too) into UTF-8. Its session is read-only unless the source
//! writes back.

use super::plan::{Column, Columns, Order, Speech, quote, quoted_table};
use super::row::Row;
use super::{DbTableConfig, Sink};
use crate::source::SourceError;
use futures_util::TryStreamExt;
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, Executor, MySqlPool, Row as _};
use std::str::FromStr;
use time::UtcOffset;

/// A column of the catalogue: name, type name, whether unsigned, place in the primary key, whether an index of
/// this column alone is unique.
pub(super) type Catalogue = Vec<(String, String, i64, i64, bool)>;

/// Digits of `YYYY-MM-DDThh:mm:ss.ffffff`: what of a text is compared with a column of time.
const STAMP: u32 = 26;

/// Opens it with the session's settings: names in double quotes, times in the source's zone, read-only
/// unless it `writes`.
pub(super) async fn connect(
    url: &str,
    zone: UtcOffset,
    writes: bool,
) -> Result<MySqlPool, sqlx::Error> {
    let options = MySqlConnectOptions::from_str(url)?
        .charset("utf8mb4")
        .timezone(Some(offset(zone)))
        .statement_cache_capacity(16);
    super::reach(&options).await?;
    MySqlPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(super::REACH)
        .after_connect(move |link, _| {
            Box::pin(async move {
                // Nothing else: a zero date of an old table is a value here, no null.
                link.execute("set session sql_mode = 'ANSI_QUOTES'").await?;
                if !writes {
                    link.execute("set session transaction read only").await?;
                }
                Ok(())
            })
        })
        .connect_with(options)
        .await
}

pub(super) async fn columns(pool: &MySqlPool, table: &str) -> Result<Catalogue, sqlx::Error> {
    let (schema, table) = match table.split_once('.') {
        Some((schema, table)) => (Some(schema), table),
        None => (None, table),
    };
    let all: Vec<(String, String, i64, i64)> = sqlx::query_as(
        "select cast(c.column_name as char), lower(cast(c.data_type as char)),
                cast(c.column_type like '%unsigned%' as signed),
                cast(coalesce(max(s.seq_in_index), 0) as signed)
         from information_schema.columns c
         left join information_schema.statistics s
           on s.table_schema = c.table_schema and s.table_name = c.table_name
           and s.column_name = c.column_name and s.index_name = 'PRIMARY'
         where c.table_schema = coalesce(?, database()) and c.table_name = ?
         group by c.column_name, c.data_type, c.column_type, c.ordinal_position
         order by c.ordinal_position",
    )
    .bind(schema)
    .bind(table)
    .fetch_all(pool)
    .await?;
    // A part of an index that is no column has no name.
    let unique: Vec<(String, Option<String>)> = sqlx::query_as(
        "select cast(index_name as char), cast(column_name as char)
         from information_schema.statistics
         where table_schema = coalesce(?, database()) and table_name = ? and non_unique = 0",
    )
    .bind(schema)
    .bind(table)
    .fetch_all(pool)
    .await?;
    let alone = |index: &str| unique.iter().filter(|u| u.0 == index).count() == 1;
    let named = |u: &(String, Option<String>), name: &str| u.1.as_deref() == Some(name);
    let is_unique = |name: &str| unique.iter().any(|u| named(u, name) && alone(&u.0));
    let with = |(name, kind, unsigned, key): (String, String, i64, i64)| {
        let unique = is_unique(&name);
        (name, kind, unsigned, key, unique)
    };
    Ok(all.into_iter().map(with).collect())
}

/// A column of a list type sorts by its place in the list and compares as text: it cannot order rows.
fn no_list(config: &DbTableConfig, table: &Catalogue) -> Result<(), SourceError> {
    let orders = |name: &String, key: i64| {
        *name == config.watermark || config.key.contains(name) || (config.key.is_empty() && key > 0)
    };
    let list = |kind: &str| kind == "enum" || kind == "set";
    match table
        .iter()
        .find(|(n, kind, _, key, _)| list(kind) && orders(n, *key))
    {
        None => Ok(()),
        Some((name, kind, ..)) => Err(SourceError::Setup {
            source_name: config.name.clone(),
            what: format!("column {name} is an {kind}, by which rows cannot be put in order"),
            hint: "name other columns that tell rows apart: key = [..]".to_owned(),
        }),
    }
}

pub(super) fn layout(config: &DbTableConfig, table: Catalogue) -> Result<Columns, SourceError> {
    no_list(config, &table)?;
    let columns = table
        .into_iter()
        .map(|(name, kind, unsigned, key, unique)| Column {
            text: text(&quote(&name), &kind, config.zone),
            captured: captured(&quote(&name), &kind, config.zone),
            typed: typed(&kind, unsigned != 0),
            plain: false,
            lower: lower(&kind, config.overlap),
            order: match kind.as_str() {
                "timestamp" | "datetime" | "date" => Order::Time,
                _ if typed(&kind, false) == "{}" => Order::Text,
                _ => Order::Number,
            },
            name,
            key: i32::try_from(key).unwrap_or(0),
            unique,
        });
    let columns: Vec<Column> = columns.collect();
    let speech = Speech {
        sorts_all: true,
        ..Speech::default()
    };
    Columns::new(config, quoted_table(&config.table), columns, speech)
}

/// A value as text: times in ISO 8601, instants with the zone, bytes as hexadecimal digits.
fn text(column: &str, kind: &str, zone: UtcOffset) -> String {
    let stamp = format!("date_format({column}, '%Y-%m-%dT%H:%i:%s.%f')");
    match kind {
        "timestamp" => format!("concat({stamp}, '{}')", offset(zone)),
        "datetime" => stamp,
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => {
            format!("lower(hex({column}))")
        }
        "bit" => format!("cast({column} + 0 as char)"),
        _ => format!("cast({column} as char)"),
    }
}

/// An instant as text, whatever zone the session has that writes it; a date, none where it is of zeros; a text
/// whatever character set that has which made the trigger.
fn captured(column: &str, kind: &str, zone: UtcOffset) -> Option<String> {
    if [
        "char",
        "varchar",
        "tinytext",
        "text",
        "mediumtext",
        "longtext",
        "enum",
        "set",
    ]
    .contains(&kind)
    {
        return Some(format!("convert({column} using utf8mb4)"));
    }
    let seconds = zone.whole_seconds();
    let text = match kind {
        "timestamp" => format!(
            "concat(date_format(date_add('1970-01-01', interval (unix_timestamp({column}) + {seconds}) \
             * 1000000 microsecond), '%Y-%m-%dT%H:%i:%s.%f'), '{}')",
            offset(zone)
        ),
        "datetime" | "date" => text(column, kind, zone),
        _ => return None,
    };
    // A date of zeros is none: in the change table it would be a text like any other.
    Some(format!(
        "case when date_format({column}, '%Y-%m-%d') = '0000-00-00' then null else {text} end"
    ))
}

/// A text parameter as a value that compares like the column.
fn typed(kind: &str, unsigned: bool) -> String {
    match kind {
        "timestamp" | "datetime" => format!("cast(left({{}}, {STAMP}) as datetime(6))"),
        "date" => "cast({} as date)".to_owned(),
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" if unsigned => {
            "cast({} as unsigned)".to_owned()
        }
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "year" | "bit" => {
            "cast({} as signed)".to_owned()
        }
        "decimal" => "cast({} as decimal(65, 20))".to_owned(),
        "float" | "double" => "({} + 0.0e0)".to_owned(),
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => {
            "unhex({})".to_owned()
        }
        _ => "{}".to_owned(),
    }
}

fn lower(kind: &str, overlap: u32) -> Option<String> {
    match kind {
        // Before a zero date there is none: then the bound is the date itself.
        "timestamp" | "datetime" => {
            let stamp = typed(kind, false);
            Some(format!(
                "coalesce({stamp} - interval {overlap} second, {stamp})"
            ))
        }
        "date" => {
            let days = overlap.div_ceil(86_400);
            let date = typed(kind, false);
            Some(format!("coalesce({date} - interval {days} day, {date})"))
        }
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "decimal" | "year" => {
            Some(format!("cast({{}} as decimal(65, 20)) - {overlap}"))
        }
        _ => None,
    }
}

fn offset(zone: UtcOffset) -> String {
    let (hours, minutes, _) = zone.as_hms();
    let sign = if zone.is_negative() { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", hours.abs(), minutes.abs())
}

/// The question with `?` for each `$n`, and the values in that order: this engine knows no numbers.
/// What stands in quotes is left alone.
fn positional(sql: &str, values: &[String]) -> (String, Vec<String>) {
    let (mut text, mut order) = (String::with_capacity(sql.len()), Vec::new());
    let mut quoted = None;
    let mut signs = sql.chars().peekable();
    while let Some(sign) = signs.next() {
        match (quoted, sign) {
            (Some(open), _) => {
                quoted = (sign != open).then_some(open);
                text.push(sign);
            }
            (None, '\'' | '"') => {
                quoted = Some(sign);
                text.push(sign);
            }
            (None, '$') => {
                let mut number = 0;
                while let Some(digit) = signs.peek().and_then(|c| c.to_digit(10)) {
                    number = number * 10 + digit as usize;
                    signs.next();
                }
                order.extend(number.checked_sub(1).and_then(|n| values.get(n)).cloned());
                text.push('?');
            }
            (None, _) => text.push(sign),
        }
    }
    (text, order)
}

pub(super) async fn read<'e>(
    on: impl Executor<'e, Database = sqlx::MySql>,
    columns: &Columns,
    sql: String,
    values: Vec<String>,
    sink: &mut Sink<'_>,
) -> Result<(), sqlx::Error> {
    let (sql, values) = positional(&sql, &values);
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
    pool: &MySqlPool,
    sql: &str,
    values: &[String],
    many: usize,
) -> Result<Option<Vec<Option<String>>>, sqlx::Error> {
    let (sql, values) = positional(sql, values);
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for value in values {
        query = query.bind(value);
    }
    let row = query.fetch_optional(pool).await?;
    row.map(|row| (0..many).map(|at| row.try_get(at)).collect())
        .transpose()
}

pub(super) async fn run(
    on: &mut sqlx::MySqlConnection,
    sql: String,
    values: Vec<String>,
) -> Result<(), sqlx::Error> {
    let (sql, values) = positional(&sql, &values);
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

    #[test]
    fn numbered_places_become_positions_and_quotes_are_left_alone() {
        let values: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        let sql = "select \"$1\", '$2' from t where x >= $1 and (x, y) > ($2, $3) or z = $1";
        let (text, order) = positional(sql, &values);
        assert_eq!(
            text,
            "select \"$1\", '$2' from t where x >= ? and (x, y) > (?, ?) or z = ?"
        );
        assert_eq!(order, ["a", "b", "c", "a"]);
    }
}
