//! A table row as a JSON object (or a list of them): columns are named without regard to case, since
//! databases differ in it. A number is its text as written, true is 1, null is nothing; a column may
//! hold child rows as a list of objects. It refuses what is no such object.

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
        let mut odd = Vec::new();
        for (column, value) in row {
            let column = column.to_lowercase();
            match child_scope(plan, &column) {
                Some(scope) if !children(plan, &mut case, scope, value) => odd.push(column),
                Some(_) => {}
                None => cell(plan, &mut case, 0, &column, value),
            }
        }
        let mut made = maker.make(&case);
        for column in odd {
            let finding = document::at(x3::UNMAPPED, file, 0, 0).with("found", column);
            made.findings.push((None, finding));
        }
        if sink(made).is_break() {
            break;
        }
    }
    Vec::new()
}

/// The scope of the child rows that a column holds.
fn child_scope(plan: &Plan, column: &str) -> Option<u32> {
    let is = |name: &String| name.to_lowercase() == column;
    let found = plan.scopes.iter().skip(1).position(is)?;
    u32::try_from(found + 1).ok()
}

/// Takes a list of objects, or the text of one (a database gives texts), as child rows. False where
/// it is something else; nothing and an empty list are no rows.
fn children(plan: &Plan, case: &mut Gathered, scope: u32, value: &Value) -> bool {
    let read;
    let list = match value {
        Value::Null => return true,
        Value::String(text) if text.trim().is_empty() => return true,
        Value::String(text) => {
            read = serde_json::from_str(text).unwrap_or(Value::Null);
            &read
        }
        other => other,
    };
    let Value::Array(list) = list else {
        return false;
    };
    let mut whole = true;
    for child in list {
        let Value::Object(child) = child else {
            whole = false;
            continue;
        };
        case.row(scope, 0, 0);
        for (column, value) in child {
            cell(plan, case, scope, &column.to_lowercase(), value);
        }
    }
    whole
}

/// One value of a row into its slot.
fn cell(plan: &Plan, case: &mut Gathered, scope: u32, column: &str, value: &Value) {
    let Some(slot) = plan.keys[scope as usize].get(column) else {
        return;
    };
    let slot = Slot { scope, slot: *slot };
    let text = match value {
        Value::Null => return case.see(slot),
        Value::String(text) => text.clone(),
        Value::Bool(flag) => u8::from(*flag).to_string(),
        other => other.to_string(),
    };
    let mark = case.mark();
    case.push(&text);
    case.fill(slot, mark, 0, 0);
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
