//! Rows of the 14 element tables: records in (bulk: COPY on PostgreSQL, one JSON argument on SQLite),
//! records out. Column order comes from `schema::ddl`; refuses to decide which version wins.

use super::copy;
use super::engine::{StoreError, Tx};
use super::row::{Arg, Cell, Row};
use crate::sql::Dialect;
use std::collections::BTreeMap;
use std::sync::Arc;
use time::{OffsetDateTime, UtcOffset};
use tongcha_schema::ddl::{self, Column, ColumnKind, Role};
use tongcha_schema::element::ElementId;
use tongcha_schema::envelope::hex;
use tongcha_schema::record::{CaseHead, Op, Record, Version};
use tongcha_schema::value::Value;
use tongcha_supervision::RowState;

/// A record that is to be stored: its version is settled.
#[derive(Clone, Debug)]
pub struct NewRow {
    /// The record.
    pub record: Record,
    /// Its version.
    pub version: i64,
    /// The state of its row.
    pub state: RowState,
}

/// Key of a record within its element: space, case number, source, seq.
pub type Key = (String, String, String, i64);

/// Key of one version: space, case number, source, seq, version.
pub type VersionKey = (String, String, String, i64, i64);

/// A version that is stored already.
#[derive(Clone, Debug)]
pub struct StoredVersion {
    /// Key: space, case number, source, seq.
    pub key: Key,
    /// Version.
    pub version: i64,
    /// Digest.
    pub digest: Vec<u8>,
    /// State of its row.
    pub state: RowState,
}

/// Writes new rows of one element.
pub async fn insert(tx: &mut Tx, element: ElementId, rows: &[NewRow]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let spec = element.spec();
    let columns = ddl::columns(element);
    let names: Vec<String> = columns.iter().map(Column::quoted).collect();
    let label = format!("insert {}", spec.name);
    match tx.dialect() {
        Dialect::Pg => {
            let (table, names) = (spec.table(), names.join(","));
            let head = format!("copy {table} ({names}) from stdin (format binary)");
            tx.copy_in(&label, &head, copy::body(columns, rows)).await?;
        }
        Dialect::Lite => {
            let values: Vec<String> = columns
                .iter()
                .enumerate()
                .map(|(i, c)| lite_value(i, c))
                .collect();
            let text = format!(
                "insert into {} ({}) select {} from json_each($1)",
                spec.table(),
                names.join(","),
                values.join(",")
            );
            for chunk in rows.chunks(500) {
                let json: Vec<serde_json::Value> =
                    chunk.iter().map(|r| json_row(columns, r)).collect();
                let arg = serde_json::Value::Array(json).to_string();
                tx.run_text(&label, &text, vec![Arg::Text(arg)]).await?;
            }
        }
    }
    Ok(())
}

fn lite_value(i: usize, column: &Column) -> String {
    match column.kind {
        ColumnKind::Bytes => format!("unhex(value ->> '$[{i}]')"),
        _ => format!("value ->> '$[{i}]'"),
    }
}

/// The value that stands in a column of a row, as text for JSON; `None` is null.
fn cell_text(column: &Column, row: &NewRow) -> Option<String> {
    let record = &row.record;
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

fn fixed_text(index: usize, row: &NewRow) -> Option<String> {
    let r = &row.record;
    Some(match ddl::FIXED[index].0 {
        "space" => r.head.space.to_string(),
        "case_no" => r.head.case_no.to_string(),
        "source" => r.head.source.to_string(),
        "seq" => r.seq.to_string(),
        "version" => row.version.to_string(),
        "row_state" => row.state.name().to_owned(),
        "op" => r.op.code().to_owned(),
        "org_bus_no" => r.head.org_bus_no.to_string(),
        "none_reason" => return r.none.as_ref().map(ToString::to_string),
        "digest" => hex(&r.digest),
        "marks" => marks_text(&r.marks),
        "envelope" => r.head.envelope.to_string(),
        "item_no" => r.head.item.to_string(),
        "record_no" => r.number.to_string(),
        "line_no" => r.line.to_string(),
        "received_at" => utc_text(r.head.received_at),
        _ => return None,
    })
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

fn json_row(columns: &[Column], row: &NewRow) -> serde_json::Value {
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

/// The stored versions of these keys of one element.
pub async fn versions(
    tx: &mut Tx,
    element: ElementId,
    keys: &[Key],
) -> Result<Vec<StoredVersion>, StoreError> {
    let table = element.spec().table();
    let text = match tx.dialect() {
        Dialect::Pg => format!(
            "select t.space, t.case_no, t.source, t.seq, t.version, t.digest, t.row_state from {table} t \
             join jsonb_to_recordset($1::jsonb) as k(a text, b text, c text, d bigint) \
             on t.space = k.a and t.case_no = k.b and t.source = k.c and t.seq = k.d"
        ),
        Dialect::Lite => format!(
            "select space, case_no, source, seq, version, digest, row_state from {table} \
             where (space, case_no, source, seq) in \
             (select value ->> 'a', value ->> 'b', value ->> 'c', value ->> 'd' from json_each($1))"
        ),
    };
    let json: Vec<serde_json::Value> = keys
        .iter()
        .map(|(a, b, c, d)| serde_json::json!({"a": a, "b": b, "c": c, "d": d}))
        .collect();
    let arg = serde_json::Value::Array(json).to_string();
    let rows = tx
        .rows_of(
            &format!("versions of {element}"),
            &text,
            vec![Arg::Text(arg)],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(StoredVersion {
                key: (
                    row.text(0).to_owned(),
                    row.text(1).to_owned(),
                    row.text(2).to_owned(),
                    row.int(3),
                ),
                version: row.int(4),
                digest: row.bytes(5).to_vec(),
                state: RowState::parse(row.text(6))
                    .ok_or_else(|| StoreError::Shape(table.clone()))?,
            })
        })
        .collect()
}

/// Marks versions as superseded.
pub async fn supersede(
    tx: &mut Tx,
    element: ElementId,
    keys: &[VersionKey],
) -> Result<(), StoreError> {
    if keys.is_empty() {
        return Ok(());
    }
    let table = element.spec().table();
    let text = match tx.dialect() {
        Dialect::Pg => format!(
            "update {table} t set row_state = 'superseded' \
             from jsonb_to_recordset($1::jsonb) as k(a text, b text, c text, d bigint, e bigint) \
             where t.space = k.a and t.case_no = k.b and t.source = k.c and t.seq = k.d and t.version = k.e"
        ),
        Dialect::Lite => format!(
            "update {table} set row_state = 'superseded' where (space, case_no, source, seq, version) in \
             (select value ->> 'a', value ->> 'b', value ->> 'c', value ->> 'd', value ->> 'e' from json_each($1))"
        ),
    };
    let json: Vec<serde_json::Value> = keys
        .iter()
        .map(|(a, b, c, d, e)| serde_json::json!({"a": a, "b": b, "c": c, "d": d, "e": e}))
        .collect();
    let arg = serde_json::Value::Array(json).to_string();
    tx.run_text(&format!("supersede {element}"), &text, vec![Arg::Text(arg)])
        .await?;
    Ok(())
}

/// A stored record with the state of its row.
#[derive(Clone, Debug)]
pub struct StoredRecord {
    /// The record; personal values sealed; its version given.
    pub record: Record,
    /// The state of its row.
    pub state: RowState,
}

/// All versions of all records of these cases, by (space, case number); one state of them in a snapshot.
pub async fn of_cases(
    tx: &mut Tx,
    cases: &[(String, String)],
) -> Result<BTreeMap<(String, String), Vec<StoredRecord>>, StoreError> {
    let json: Vec<serde_json::Value> = cases
        .iter()
        .map(|(a, b)| serde_json::json!({"a": a, "b": b}))
        .collect();
    let arg = serde_json::Value::Array(json).to_string();
    let mut all: BTreeMap<(String, String), Vec<StoredRecord>> = BTreeMap::new();
    for element in ElementId::ALL {
        let text = select_text(element, tx.dialect());
        let label = format!("records of {element}");
        for row in tx
            .rows_of(&label, &text, vec![Arg::Text(arg.clone())])
            .await?
        {
            let stored = read_row(element, &row).ok_or_else(|| StoreError::Shape(label.clone()))?;
            let key = (
                stored.record.head.space.to_string(),
                stored.record.head.case_no.to_string(),
            );
            all.entry(key).or_default().push(stored);
        }
    }
    Ok(all)
}

fn select_text(element: ElementId, dialect: Dialect) -> String {
    let columns: Vec<String> = ddl::columns(element)
        .iter()
        .map(|c| match (c.kind, dialect) {
            (ColumnKind::Money, Dialect::Pg) => format!("t.{}::text", c.quoted()),
            _ => format!("t.{}", c.quoted()),
        })
        .collect();
    let (columns, table) = (columns.join(","), element.spec().table());
    let order = "order by 1, 2, 3, 4, 5";
    match dialect {
        Dialect::Pg => format!(
            "select {columns} from {table} t join jsonb_to_recordset($1::jsonb) as k(a text, b text) \
             on t.space = k.a and t.case_no = k.b {order}"
        ),
        Dialect::Lite => format!(
            "select {columns} from {table} t where (t.space, t.case_no) in \
             (select value ->> 'a', value ->> 'b' from json_each($1)) {order}"
        ),
    }
}

fn read_row(element: ElementId, row: &Row) -> Option<StoredRecord> {
    let columns = ddl::columns(element);
    let spec = element.spec();
    let fixed = |name: &str| {
        ddl::FIXED
            .iter()
            .position(|f| f.0 == name)
            .unwrap_or(usize::MAX)
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
    let number = |name: &str| u32::try_from(row.int(fixed(name))).unwrap_or(0);
    let record = Record {
        head: Arc::new(CaseHead {
            source: row.text(fixed("source")).into(),
            space: row.text(fixed("space")).into(),
            case_no: row.text(fixed("case_no")).into(),
            org_bus_no: row.text(fixed("org_bus_no")).into(),
            envelope: row.text(fixed("envelope")).into(),
            item: number("item_no"),
            received_at: read_stamp(row.0.get(fixed("received_at"))?)?,
        }),
        element,
        seq: row.int(fixed("seq")),
        version: Version::Given(row.int(fixed("version"))),
        op: Op::parse(row.text(fixed("op")))?,
        none: row.opt_text(fixed("none_reason")).map(Into::into),
        values,
        digest: row.bytes(fixed("digest")).try_into().ok()?,
        marks: row
            .text(fixed("marks"))
            .split(',')
            .filter_map(|m| m.parse().ok())
            .collect(),
        number: number("record_no"),
        line: number("line_no"),
    };
    Some(StoredRecord {
        record,
        state: RowState::parse(row.text(fixed("row_state")))?,
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
