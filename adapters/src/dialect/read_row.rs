//! A table row as a JSON object (or a list of them): columns are named without regard to case, since
//! databases differ in it. A number is its text as written, true is 1, null is nothing. It refuses
//! what is no such object.

use super::document;
use super::gather::Gathered;
use super::make::Maker;
use super::plan::{Plan, Slot};
use serde_json::Value;
use std::io::{self, BufRead, Read};
use std::ops::ControlFlow;
use tongcha_schema::code::element as x3;
use tongcha_schema::finding::Finding;
use tongcha_schema::record::RawCase;

/// Bytes of one row, or of one list of rows: a row is held in memory whole.
pub(crate) const ROW_BYTES: u64 = 8 << 20;

/// Reads the rows of an item; each is a case of its own.
pub(crate) fn read(
    plan: &Plan,
    file: &str,
    input: &mut dyn BufRead,
    sink: &mut dyn FnMut(RawCase) -> ControlFlow<()>,
) -> Vec<Finding> {
    let Ok(Some(rows)) = rows(input) else {
        let finding = document::at(x3::WRONG_ROOT, file, 1, 1)
            .with("found", "?")
            .with("expected", "JSON {..}");
        return vec![finding];
    };
    let mut case = Gathered::new(plan);
    let mut maker = Maker::new(plan, file);
    if rows.is_empty() {
        return vec![document::at(x3::NO_RECORDS, file, 1, 1)];
    }
    for row in &rows {
        case.begin(0, 0);
        for (column, value) in row {
            let column = column.to_lowercase();
            let Some(slot) = plan.keys[0].get(column.as_str()) else {
                continue;
            };
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text.clone(),
                Value::Bool(flag) => u8::from(*flag).to_string(),
                other => other.to_string(),
            };
            let mark = case.mark();
            case.push(&text);
            case.fill(
                Slot {
                    scope: 0,
                    slot: *slot,
                },
                mark,
                0,
                0,
            );
        }
        if sink(maker.make(&case)).is_break() {
            break;
        }
    }
    Vec::new()
}

/// The rows of a text: of an object one, of a list its objects; `None` for anything else.
pub(crate) fn rows(input: &mut dyn BufRead) -> io::Result<Option<Vec<Row>>> {
    let mut bytes = Vec::new();
    input.take(ROW_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > ROW_BYTES {
        return Ok(None);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    Ok(match serde_json::from_slice(text) {
        Ok(Value::Object(row)) => Some(vec![row]),
        Ok(Value::Array(list)) => list
            .into_iter()
            .map(|v| match v {
                Value::Object(row) => Some(row),
                _ => None,
            })
            .collect(),
        _ => None,
    })
}

/// One row: column to value.
pub(crate) type Row = serde_json::Map<String, Value>;
