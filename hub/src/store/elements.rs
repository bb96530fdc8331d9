//! Rows of the 14 element tables: records in (bulk: COPY on PostgreSQL, one JSON argument on SQLite),
//! records out. Column order comes from `schema::ddl`; refuses to decide which version wins.

use super::copy;
use super::engine::{StoreError, Tx};
use super::row::{Arg, Cell, Row};
use crate::sql::Dialect;
use std::sync::Arc;
use time::{OffsetDateTime, UtcOffset};
use tongcha_schema::ddl::{self, Column, ColumnKind, Role};
use tongcha_schema::digest::hex;
use tongcha_schema::element::ElementId;
use tongcha_schema::record::{CaseHead, Op, Record, Version};
use tongcha_schema::value::Value;
use tongcha_supervision::RowState;

/// A record that is to be stored: its version is settled.
#[derive(Clone, Copy, Debug)]
pub struct NewRow<'a> {
    /// Number of its case; of a record outside any case the negative number of its space.
    pub case_id: i64,
    /// Number of its source.
    pub source_id: i64,
    /// Number of the envelope that brought it.
    pub envelope_no: i64,
    /// The record.
    pub record: &'a Record,
    /// The state of its row.
    pub state: RowState,
}

/// Key of a record within its element: case, source, seq.
pub type Key = (i64, i64, i64);

/// Rows of one element, ready to be written.
pub struct Insert {
    label: String,
    text: String,
    body: Body,
}

/// What a statement takes.
enum Body {
    /// The body of a COPY.
    Copy(Vec<u8>),
    /// An argument as JSON.
    Json(String),
}

/// Rows of one JSON argument at most.
const JSON_ROWS: usize = 500;

impl Insert {
    /// Rows of one element as the engine takes them.
    pub fn of(engine: Dialect, element: ElementId, rows: &[NewRow<'_>]) -> Vec<Insert> {
        if rows.is_empty() {
            return Vec::new();
        }
        let spec = element.spec();
        let columns = ddl::columns(element);
        let names: Vec<String> = columns.iter().map(Column::quoted).collect();
        let (table, names) = (spec.table(), names.join(","));
        let insert = |text: &str, body| Insert {
            label: format!("insert {}", spec.name),
            text: text.to_owned(),
            body,
        };
        match engine {
            Dialect::Pg => {
                let head = format!("copy {table} ({names}) from stdin (format binary)");
                vec![insert(&head, Body::Copy(copy::body(columns, rows)))]
            }
            Dialect::Lite => {
                let values = columns.iter().enumerate().map(|(i, c)| lite_value(i, c));
                let values: Vec<String> = values.collect();
                let text = format!(
                    "insert into {table} ({names}) select {} from json_each($1)",
                    values.join(",")
                );
                let json = |some: &[NewRow<'_>]| {
                    let rows = some.iter().map(|row| json_row(columns, row));
                    Body::Json(serde_json::Value::Array(rows.collect()).to_string())
                };
                let some = rows.chunks(JSON_ROWS);
                some.map(|some| insert(&text, json(some))).collect()
            }
        }
    }

    /// Writes them.
    ///
    /// # Errors
    /// The store.
    pub async fn run(self, tx: &mut Tx) -> Result<(), StoreError> {
        match self.body {
            Body::Copy(body) => tx.copy_in(&self.label, &self.text, body).await?,
            Body::Json(json) => {
                let args = vec![Arg::Text(json)];
                tx.run_text(&self.label, &self.text, args).await?
            }
        };
        Ok(())
    }
}

fn lite_value(i: usize, column: &Column) -> String {
    match column.kind {
        ColumnKind::Bytes => format!("unhex(value ->> '$[{i}]')"),
        _ => format!("value ->> '$[{i}]'"),
    }
}

/// The value that stands in a column of a row, as text for JSON; `None` is null.
fn cell_text(column: &Column, row: &NewRow<'_>) -> Option<String> {
    let record = row.record;
    match column.role {
        Role::Fixed(index) => fixed_text(index, row),
        Role::Field(index) => record
            .values
            .get(index)?
            .as_ref()
            .map(|v| match (v, column.kind) {
                (Value::Sealed(bytes), _) => hex(bytes),
                (Value::Text(t), ColumnKind::Bytes) => hex(t.as_bytes()),
                (Value::Stamp(s), _) => utc_text(*s),
                (v, _) => v.canonical(),
            }),
        Role::ZoneOf(index) => {
            let stamp = record.values.get(index)?.as_ref()?.stamp()?;
            Some(i64::from(stamp.offset().whole_minutes()).to_string())
        }
    }
}

fn fixed_text(index: usize, row: &NewRow<'_>) -> Option<String> {
    let r = row.record;
    Some(match ddl::FIXED[index].0 {
        "case_id" => row.case_id.to_string(),
        "seq" => r.seq.to_string(),
        "version" => version_of(r).to_string(),
        "envelope_no" => row.envelope_no.to_string(),
        "source_id" => row.source_id.to_string(),
        "item_no" => r.head.item.to_string(),
        "record_no" => r.number.to_string(),
        "line_no" => r.line.to_string(),
        "row_state" => state_number(row.state).to_string(),
        "op" => op_number(r.op).to_string(),
        "org_bus_no" if r.head.org_bus_no.is_empty() => return None,
        "org_bus_no" => r.head.org_bus_no.to_string(),
        "none_reason" => return r.none.as_ref().map(ToString::to_string),
        "marks" if r.marks.is_empty() => return None,
        "marks" => marks_text(&r.marks),
        "digest" => hex(&r.digest),
        _ => return None,
    })
}

/// The version of a record that is settled.
pub fn version_of(record: &Record) -> i64 {
    match record.version {
        Version::Given(version) => version,
        Version::Arrival => 0,
    }
}

/// A state as the column `row_state` has it ([`ddl::ROW_STATES`]).
pub(crate) fn state_number(state: RowState) -> i16 {
    match state {
        RowState::Live => 1,
        RowState::Superseded => 2,
        RowState::Late => 3,
        RowState::Deleted => 4,
    }
}

/// An operation as the column `op` has it ([`ddl::OPS`]).
pub(super) fn op_number(op: Op) -> i16 {
    match op {
        Op::Insert => 1,
        Op::Update => 2,
        Op::Delete => 3,
    }
}

/// The numbers of codes as the column `marks` has them.
pub(super) fn marks_text(marks: &[u16]) -> String {
    let texts: Vec<String> = marks.iter().map(u16::to_string).collect();
    texts.join(",")
}

/// `YYYY-MM-DDTHH:MM:SS.mmmZ`.
fn utc_text(stamp: OffsetDateTime) -> String {
    let s = stamp.to_offset(UtcOffset::UTC);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        s.year(),
        u8::from(s.month()),
        s.day(),
        s.hour(),
        s.minute(),
        s.second(),
        s.millisecond()
    )
}

fn json_row(columns: &[Column], row: &NewRow<'_>) -> serde_json::Value {
    let cells = columns.iter().map(|column| match cell_text(column, row) {
        None => serde_json::Value::Null,
        Some(text) => match column.kind {
            ColumnKind::BigInt | ColumnKind::Int | ColumnKind::SmallInt | ColumnKind::Flag => text
                .parse::<i64>()
                .map_or(serde_json::Value::Null, serde_json::Value::from),
            _ => serde_json::Value::String(text),
        },
    });
    serde_json::Value::Array(cells.collect())
}

/// Gives versions of one element another state: key, version, state.
pub async fn restate(
    tx: &mut Tx,
    element: ElementId,
    changes: &[(Key, i64, RowState)],
) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let table = element.spec().table();
    let text = match tx.dialect() {
        Dialect::Pg => format!(
            "update {table} t set row_state = k.f from jsonb_to_recordset($1::jsonb) \
             as k(a bigint, b int, c bigint, d bigint, f smallint) \
             where t.case_id = k.a and t.source_id = k.b and t.seq = k.c and t.version = k.d"
        ),
        Dialect::Lite => format!(
            "update {table} as t set row_state = k.v ->> 'f' from (select value as v from json_each($1)) as k \
             where t.case_id = k.v ->> 'a' and t.source_id = k.v ->> 'b' and t.seq = k.v ->> 'c' \
             and t.version = k.v ->> 'd'"
        ),
    };
    let json = changes
        .iter()
        .map(|((case_id, source_id, seq), version, state)| {
            serde_json::json!({"a": case_id, "b": source_id, "c": seq, "d": version,
            "f": state_number(*state)})
        });
    let arg = serde_json::Value::Array(json.collect()).to_string();
    tx.run_text(&format!("restate {element}"), &text, vec![Arg::Text(arg)])
        .await?;
    Ok(())
}

/// Removes all rows of these records of one element: they are written anew.
pub async fn remove(tx: &mut Tx, element: ElementId, keys: &[Key]) -> Result<(), StoreError> {
    if keys.is_empty() {
        return Ok(());
    }
    let table = element.spec().table();
    let text = match tx.dialect() {
        Dialect::Pg => format!(
            "delete from {table} t using jsonb_to_recordset($1::jsonb) as k(a bigint, b int, c bigint) \
             where t.case_id = k.a and t.source_id = k.b and t.seq = k.c"
        ),
        Dialect::Lite => format!(
            "delete from {table} where (case_id, source_id, seq) in \
             (select value ->> 'a', value ->> 'b', value ->> 'c' from json_each($1))"
        ),
    };
    let json = keys
        .iter()
        .map(|(a, b, c)| serde_json::json!({"a": a, "b": b, "c": c}));
    let arg = serde_json::Value::Array(json.collect()).to_string();
    tx.run_text(&format!("remove {element}"), &text, vec![Arg::Text(arg)])
        .await?;
    Ok(())
}

/// A row as the tables have it.
#[derive(Clone, Debug)]
pub struct StoredRow {
    /// The record; personal values sealed; its version given. The tables name its case by a number: the head has
    /// neither space nor source nor envelope.
    pub record: Record,
    /// Number of its source.
    pub source_id: i64,
    /// Number of the envelope that brought it.
    pub envelope_no: i64,
    /// The state of its row.
    pub state: RowState,
}

/// All rows of a case, by element, source, seq and version: what its file must say too.
pub async fn of_case(tx: &mut Tx, case_id: i64) -> Result<Vec<StoredRow>, StoreError> {
    let mut all = Vec::new();
    for element in ElementId::ALL {
        let columns: Vec<String> = ddl::columns(element)
            .iter()
            .map(|c| match (c.kind, tx.dialect()) {
                (ColumnKind::Money, Dialect::Pg) => format!("t.{}::text", c.quoted()),
                _ => format!("t.{}", c.quoted()),
            })
            .collect();
        let (columns, table) = (columns.join(","), element.spec().table());
        let text = format!(
            "select {columns} from {table} t where t.case_id = $1 order by source_id, seq, version"
        );
        let label = format!("rows of {element}");
        for row in tx.rows_of(&label, &text, vec![Arg::Int(case_id)]).await? {
            all.push(read_row(element, &row).ok_or_else(|| StoreError::Shape(label.clone()))?);
        }
    }
    Ok(all)
}

fn read_row(element: ElementId, row: &Row) -> Option<StoredRow> {
    let columns = ddl::columns(element);
    let spec = element.spec();
    let at = |name: &str| {
        let index = ddl::FIXED.iter().position(|f| f.0 == name);
        index.unwrap_or(usize::MAX)
    };
    let mut values: Vec<Option<Value>> = vec![None; spec.fields.len()];
    for (column, cell) in columns.iter().zip(&row.0) {
        match column.role {
            Role::Field(index) => values[index] = read_value(column.kind, cell),
            Role::ZoneOf(index) => {
                if let (Some(Value::Stamp(stamp)), Cell::Int(minutes)) = (&values[index], cell) {
                    let seconds = i32::try_from(minutes * 60).unwrap_or(0);
                    let offset = UtcOffset::from_whole_seconds(seconds).unwrap_or(UtcOffset::UTC);
                    values[index] = Some(Value::Stamp(stamp.to_offset(offset)));
                }
            }
            Role::Fixed(_) => {}
        }
    }
    let number = |name: &str| u32::try_from(row.int(at(name))).unwrap_or(0);
    let nth = |name: &str| usize::try_from(row.int(at(name))).ok()?.checked_sub(1);
    let head = CaseHead {
        org_bus_no: row.text(at("org_bus_no")).into(),
        item: number("item_no"),
        ..CaseHead::bare("", "", "", OffsetDateTime::UNIX_EPOCH)
    };
    let marks = row.text(at("marks")).split(',');
    let record = Record {
        head: Arc::new(head),
        element,
        seq: row.int(at("seq")),
        version: Version::Given(row.int(at("version"))),
        op: Op::parse(ddl::OPS.get(nth("op")?)?)?,
        none: row.opt_text(at("none_reason")).map(Into::into),
        values,
        digest: row.bytes(at("digest")).try_into().ok()?,
        marks: marks.filter_map(|m| m.parse().ok()).collect(),
        number: number("record_no"),
        line: number("line_no"),
    };
    Some(StoredRow {
        record,
        source_id: row.int(at("source_id")),
        envelope_no: row.int(at("envelope_no")),
        state: RowState::parse(ddl::ROW_STATES.get(nth("row_state")?)?)?,
    })
}

fn read_stamp(cell: &Cell) -> Option<OffsetDateTime> {
    match cell {
        Cell::Stamp(s) => Some(*s),
        Cell::Text(t) => {
            OffsetDateTime::parse(t, &time::format_description::well_known::Rfc3339).ok()
        }
        _ => None,
    }
}

fn read_value(kind: ColumnKind, cell: &Cell) -> Option<Value> {
    match (kind, cell) {
        (_, Cell::Null) => None,
        (ColumnKind::Bytes, Cell::Bytes(b)) => Some(Value::Sealed(b.clone().into())),
        (ColumnKind::Stamp, cell) => read_stamp(cell).map(Value::Stamp),
        (ColumnKind::Date, Cell::Date(d)) => Some(Value::Date(*d)),
        (ColumnKind::Date, Cell::Text(t)) => {
            time::Date::parse(t, time::macros::format_description!("[year]-[month]-[day]"))
                .ok()
                .map(Value::Date)
        }
        (ColumnKind::Flag, Cell::Int(i)) => Some(Value::Flag(*i != 0)),
        (ColumnKind::Money, Cell::Text(t)) => read_fen(t).map(Value::Money),
        (_, Cell::Int(i)) => Some(Value::Int(*i)),
        (_, Cell::Text(t)) => Some(Value::Text(t.as_str().into())),
        _ => None,
    }
}

/// Fen of the store's own canonical text `12.50`.
fn read_fen(text: &str) -> Option<i64> {
    let (yuan, cents) = text.split_once('.')?;
    let sign = if text.starts_with('-') { -1 } else { 1 };
    Some(yuan.parse::<i64>().ok()? * 100 + sign * cents.parse::<i64>().ok()?)
}
