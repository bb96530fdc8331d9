//! The lines of cases and their files: what is known of them, numbers for new ones, and their bulk writes.
//! Refuses to decide and to judge.

use super::copy::Body;
use super::engine::{StoreError, Tx};
use super::row::{Arg, Row};
use crate::case_file::CaseFile;
use crate::sql::Dialect;

/// A case as the store had it when it was read: what is written later holds only if it is still so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stand {
    /// Number of the case.
    pub id: i64,
    /// Numbering space.
    pub space: String,
    /// Case number.
    pub case_no: String,
    /// How often its facts changed.
    pub rev: i64,
    /// Up to which change it was judged.
    pub judged_rev: i64,
    /// When it is to be looked at.
    pub next_look_ms: Option<i64>,
    /// What its scores were gathered by.
    pub organ_key: String,
    /// Stored records, all versions.
    pub records: i64,
}

impl Stand {
    /// A line of the statements `cases.known`, `cases.changed` and `cases.due`.
    pub fn read(row: &Row) -> Stand {
        let organ = if row.text(6).is_empty() { 7 } else { 6 };
        Stand {
            id: row.int(0),
            space: row.text(1).to_owned(),
            case_no: row.text(2).to_owned(),
            rev: row.int(3),
            judged_rev: row.int(4),
            next_look_ms: row.opt_int(5),
            organ_key: row.text(organ).to_owned(),
            records: row.int(8),
        }
    }
}

/// The line of a case as it is written.
#[derive(Clone, Debug, Default)]
pub struct CaseLine {
    /// As it was read, with what is counted anew in it.
    pub stand: Stand,
    /// The source that spoke last.
    pub source: String,
    /// Code of its organ.
    pub organ_code: String,
    /// Name of its organ.
    pub organ_name: String,
    /// What it is about.
    pub title: String,
    /// Its stage.
    pub stage: &'static str,
    /// When it was accepted.
    pub accepted_ms: Option<i64>,
    /// When it is due.
    pub due_day: Option<String>,
    /// When it was concluded.
    pub concluded_ms: Option<i64>,
    /// It was concluded late.
    pub late: bool,
    /// It is open past its due day.
    pub overdue: bool,
    /// Month of its conclusion, or empty.
    pub concluded_month: String,
    /// It was concluded with an element missing.
    pub incomplete: bool,
    /// It was concluded before its due day.
    pub early: bool,
    /// Colour of its gravest open card, or empty.
    pub colour: &'static str,
    /// Rules that could not be judged.
    pub not_judged: String,
    /// Why it is held, or empty.
    pub held: &'static str,
    /// The case at a glance, as JSON.
    pub summary: String,
    /// When it was stored to.
    pub updated_ms: i64,
    /// Number of the envelope that was stored to it last.
    pub envelope_no: i64,
}

/// The file of a case, or of one record outside any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileKey {
    /// Number of the case; of a record outside any case the negative number of its space.
    pub case_id: i64,
    /// Number of its source; of a case 0.
    pub source_id: i64,
    /// Number of its element, 1 to 14; of a case 0.
    pub element: i64,
    /// Its seq; of a case 0.
    pub seq: i64,
}

impl FileKey {
    /// The key of a case's file.
    pub fn case(id: i64) -> FileKey {
        FileKey {
            case_id: id,
            ..FileKey::default()
        }
    }
}

/// Numbers for that many new cases.
///
/// # Errors
/// The store.
pub async fn next_ids(tx: &mut Tx, many: usize) -> Result<Vec<i64>, StoreError> {
    if many == 0 {
        return Ok(Vec::new());
    }
    let rows = tx.rows("cases.next_ids", crate::args![many]).await?;
    let last = || rows.first().map_or(0, |row| row.int(0));
    let many = i64::try_from(many).unwrap_or(0);
    Ok(match tx.dialect() {
        Dialect::Pg => rows.iter().map(|row| row.int(0)).collect(),
        Dialect::Lite => (last() - many + 1..=last()).collect(),
    })
}

fn json_of(keys: &[(&str, &str)]) -> String {
    let json = keys
        .iter()
        .map(|(space, case_no)| serde_json::json!({"space": space, "case_no": case_no}));
    serde_json::Value::Array(json.collect()).to_string()
}

/// How many stored records these cases have.
///
/// # Errors
/// The store.
pub async fn stored_records(tx: &mut Tx, keys: &[(&str, &str)]) -> Result<u64, StoreError> {
    let args = crate::args![json_of(keys)];
    let rows = tx.rows("cases.stored_records", args).await?;
    Ok(rows.first().map_or(0, |row| row.count(0)))
}

/// Of these cases those that are known, each with its file; nobody else stores to them or judges them until the
/// transaction ends.
///
/// # Errors
/// The store; a file that cannot be read.
pub async fn known(
    tx: &mut Tx,
    keys: &[(&str, &str)],
) -> Result<Vec<(Stand, CaseFile)>, StoreError> {
    let args = crate::args![json_of(keys)];
    let rows = tx.rows("cases.known", args).await?;
    rows.iter()
        .map(|row| Ok((Stand::read(row), file(row.bytes(9))?)))
        .collect()
}

/// The files of cases, by their numbers, rising.
///
/// # Errors
/// The store; a file that cannot be read.
pub async fn files(tx: &mut Tx, ids: &[i64]) -> Result<Vec<(i64, CaseFile)>, StoreError> {
    let json = serde_json::to_string(ids).unwrap_or_default();
    let rows = tx.rows("cases.files", crate::args![json]).await?;
    rows.iter()
        .map(|row| Ok((row.int(0), file(row.bytes(1))?)))
        .collect()
}

/// The files of records outside any case.
///
/// # Errors
/// The store; a file that cannot be read.
pub async fn outside(
    tx: &mut Tx,
    keys: &[FileKey],
) -> Result<Vec<(FileKey, CaseFile)>, StoreError> {
    let json = keys.iter().map(|key| {
        serde_json::json!({"a": key.case_id, "b": key.source_id, "c": key.element, "d": key.seq})
    });
    let json = serde_json::Value::Array(json.collect()).to_string();
    let rows = tx.rows("cases.outside_files", crate::args![json]).await?;
    rows.iter()
        .map(|row| {
            let key = FileKey {
                case_id: row.int(0),
                source_id: row.int(1),
                element: row.int(2),
                seq: row.int(3),
            };
            Ok((key, file(row.bytes(4))?))
        })
        .collect()
}

fn file(bytes: &[u8]) -> Result<CaseFile, StoreError> {
    CaseFile::parse(bytes).map_err(|_| StoreError::Shape("case_file".to_owned()))
}

/// Keeps files; of new ones there is none yet.
///
/// # Errors
/// The store.
pub async fn put_files(
    tx: &mut Tx,
    files: Vec<(FileKey, Vec<u8>)>,
    new: bool,
) -> Result<(), StoreError> {
    if files.is_empty() {
        return Ok(());
    }
    match (tx.dialect(), new) {
        (Dialect::Pg, true) => {
            let mut body = Body::begin(files.iter().map(|f| f.1.len() + 64).sum());
            for (key, bytes) in &files {
                body.row(5);
                for number in [key.case_id, key.source_id, key.element, key.seq] {
                    body.int8(number);
                }
                body.bytes(bytes);
            }
            let head = "copy case_file (case_id, source_id, element, seq, versions) \
                        from stdin (format binary)";
            tx.copy_in("put files", head, body.end()).await?;
        }
        (Dialect::Pg, false) => {
            let column = |of: fn(&FileKey) -> i64| files.iter().map(|(key, _)| of(key)).collect();
            let args = vec![
                Arg::Ints(column(|k| k.case_id)),
                Arg::Ints(column(|k| k.source_id)),
                Arg::Ints(column(|k| k.element)),
                Arg::Ints(column(|k| k.seq)),
                Arg::Blobs(files.into_iter().map(|f| f.1).collect()),
            ];
            tx.run("cases.put_files", args).await?;
        }
        (Dialect::Lite, _) => {
            for some in files.chunks(500) {
                let rows = some.iter().map(|(key, bytes)| {
                    serde_json::json!([
                        key.case_id,
                        key.source_id,
                        key.element,
                        key.seq,
                        tongcha_schema::digest::hex(bytes)
                    ])
                });
                let rows = serde_json::Value::Array(rows.collect()).to_string();
                tx.run("cases.put_files", crate::args![rows]).await?;
            }
        }
    }
    Ok(())
}

/// Writes the lines of new cases.
///
/// # Errors
/// The store; another writer was quicker.
pub async fn put_new(tx: &mut Tx, lines: &[CaseLine]) -> Result<(), StoreError> {
    if lines.is_empty() {
        return Ok(());
    }
    if tx.dialect() == Dialect::Lite {
        return put(tx, "cases.put_new", lines).await;
    }
    let mut body = Body::begin(lines.len() * 1024);
    for line in lines {
        let stand = &line.stand;
        body.row(26);
        body.int8(stand.id);
        body.text(&stand.space);
        body.text(&stand.case_no);
        body.text(&line.source);
        body.int8(stand.rev);
        body.int8(stand.judged_rev);
        body.opt_int8(stand.next_look_ms);
        body.text(&line.organ_code);
        body.text(&line.organ_name);
        body.text(&line.title);
        body.text(line.stage);
        body.opt_int8(line.accepted_ms);
        body.opt_text(line.due_day.as_deref());
        body.opt_int8(line.concluded_ms);
        body.int8(i64::from(line.late));
        body.int8(i64::from(line.overdue));
        body.text(&line.concluded_month);
        body.int8(i64::from(line.incomplete));
        body.int8(i64::from(line.early));
        body.text(line.colour);
        body.text(&line.not_judged);
        body.text(line.held);
        body.int8(stand.records);
        body.text(&line.summary);
        body.int8(line.updated_ms);
        body.int8(line.envelope_no);
    }
    let head = "copy cases (id, space, case_no, source, facts_rev, judged_rev, next_look_ms, organ_code, \
                organ_name, title, stage, accepted_ms, due_day, concluded_ms, late, overdue, concluded_month, \
                incomplete, early, colour, not_judged, held, records, summary, updated_ms, envelope_no) \
                from stdin (format binary)";
    tx.copy_in("put new cases", head, body.end()).await?;
    Ok(())
}

/// Writes lines by a statement that takes them as JSON: `cases.put_new`, `cases.stored`, `cases.judged`.
///
/// # Errors
/// The store.
pub async fn put(tx: &mut Tx, statement: &str, lines: &[CaseLine]) -> Result<(), StoreError> {
    for some in lines.chunks(500) {
        let rows: Vec<serde_json::Value> = some.iter().map(json).collect();
        let rows = serde_json::Value::Array(rows).to_string();
        tx.run(statement, crate::args![rows]).await?;
    }
    Ok(())
}

fn json(line: &CaseLine) -> serde_json::Value {
    let stand = &line.stand;
    serde_json::json!({
        "id": stand.id, "space": stand.space, "case_no": stand.case_no, "source": line.source,
        "facts_rev": stand.rev, "judged_rev": stand.judged_rev, "next_look_ms": stand.next_look_ms,
        "organ_code": line.organ_code, "organ_name": line.organ_name, "title": line.title,
        "stage": line.stage, "accepted_ms": line.accepted_ms, "due_day": line.due_day,
        "concluded_ms": line.concluded_ms, "late": i64::from(line.late),
        "overdue": i64::from(line.overdue), "concluded_month": line.concluded_month,
        "incomplete": i64::from(line.incomplete), "early": i64::from(line.early),
        "colour": line.colour, "not_judged": line.not_judged, "held": line.held,
        "records": stand.records, "summary": line.summary, "updated_ms": line.updated_ms,
        "envelope_no": line.envelope_no,
    })
}
