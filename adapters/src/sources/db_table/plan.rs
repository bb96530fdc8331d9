//! What is asked of a table and how far it was read. Pure: SQL text and positions; the engines run it.

use super::DbTableConfig;
use crate::source::SourceError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use tongcha_schema::envelope::hex;

/// A column as the catalogue describes it.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// Its name.
    pub name: String,
    /// SQL that renders it as text.
    pub text: String,
    /// SQL that turns a text parameter (`{}`) into a value of its type.
    pub typed: String,
    /// SQL of the lower bound: `{}` is the watermark's text parameter; `None`: no overlap.
    pub lower: Option<String>,
    /// Place in the primary key, from 1; 0 outside.
    pub key: i32,
}

/// The questions for one table.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// The table, quoted.
    pub table: String,
    /// Columns that make up a row.
    pub columns: Vec<Column>,
    watermark: Column,
    key: Vec<Column>,
}

impl Plan {
    /// The plan, from the table's columns in order.
    pub fn new(
        config: &DbTableConfig,
        table: String,
        all: Vec<Column>,
    ) -> Result<Plan, SourceError> {
        let setup = |what: String, hint: &str| SourceError::Setup {
            source_name: config.name.clone(),
            what,
            hint: hint.to_owned(),
        };
        if all.is_empty() {
            let what = format!("table {} is not there, or has no columns", config.table);
            return Err(setup(
                what,
                "check the table's name and the reader's rights",
            ));
        }
        let find = |name: &String| {
            let found = all.iter().find(|c| c.name == *name).cloned();
            let names: Vec<&str> = all.iter().map(|c| c.name.as_str()).collect();
            let hint = format!("it has: {}", names.join(", "));
            let what = format!("table {} has no column {name}", config.table);
            found.ok_or_else(|| setup(what, &hint))
        };
        let columns = match config.columns.as_slice() {
            [] => all.clone(),
            names => names.iter().map(find).collect::<Result<_, _>>()?,
        };
        let watermark = find(&config.watermark)?;
        let key = match config.key.as_slice() {
            [] => {
                let mut key: Vec<Column> = all.iter().filter(|c| c.key > 0).cloned().collect();
                key.sort_by_key(|c| c.key);
                key
            }
            names => names.iter().map(find).collect::<Result<_, _>>()?,
        };
        if key.is_empty() {
            let what = format!("table {} has no primary key", config.table);
            return Err(setup(
                what,
                "name the columns that tell rows apart: key = [..]",
            ));
        }
        Ok(Plan {
            table,
            columns,
            watermark,
            key,
        })
    }

    /// Columns of an answer before the row's own: beyond, watermark, key.
    pub fn lead(&self) -> usize {
        2 + self.key.len()
    }

    /// The question: rows from the overlap on, in order; parameters as [`Plan::values`] gives them.
    pub fn select(&self, position: &Position, most: usize) -> String {
        let order = self.order();
        let mut from = 1;
        let mut conditions = vec![format!("{} is not null", self.quoted(&self.watermark))];
        let mut beyond = "'1'".to_owned();
        if let Some(cursor) = &position.cursor {
            let bound = match &self.watermark.lower {
                Some(lower) => lower.replace("{}", "$1"),
                None => self.watermark.typed.replace("{}", "$1"),
            };
            conditions.push(format!("{} >= {bound}", self.quoted(&self.watermark)));
            from += 1;
            let tuple = self.tuple(from);
            beyond = format!("case when ({order}) > ({tuple}) then '1' else '0' end");
            from += cursor.len();
        }
        if position.floor.is_some() {
            conditions.push(format!("({order}) > ({})", self.tuple(from)));
        }
        let mut shown = vec![beyond, self.watermark.text.clone()];
        shown.extend(self.key.iter().map(|c| c.text.clone()));
        shown.extend(self.columns.iter().map(|c| c.text.clone()));
        format!(
            "select {} from {} as {ROW} where {} order by {order} limit {most}",
            shown.join(", "),
            self.table,
            conditions.join(" and ")
        )
    }

    /// Parameters of [`Plan::select`].
    pub fn values(&self, position: &Position) -> Vec<String> {
        let mut values = Vec::new();
        if let Some(cursor) = &position.cursor {
            values.extend(cursor.first().cloned());
            values.extend(cursor.iter().cloned());
        }
        values.extend(position.floor.iter().flatten().cloned());
        values
    }

    /// Counts rows that are never taken.
    pub fn count_unseen(&self) -> String {
        let column = self.quoted(&self.watermark);
        format!(
            "select count(*) from {} as {ROW} where {column} is null",
            self.table
        )
    }

    /// Row JSON: texts or null, in the order of the columns.
    pub fn json(&self, texts: &[Option<String>]) -> String {
        let mut out = String::from("{");
        for (index, (column, text)) in self.columns.iter().zip(texts).enumerate() {
            if index > 0 {
                out.push(',');
            }
            push_json(&mut out, &column.name);
            out.push(':');
            match text {
                Some(text) => push_json(&mut out, text),
                None => out.push_str("null"),
            }
        }
        out.push('}');
        out
    }

    fn order(&self) -> String {
        let columns: Vec<String> = std::iter::once(&self.watermark)
            .chain(&self.key)
            .map(|c| self.quoted(c))
            .collect();
        columns.join(", ")
    }

    /// Watermark and key as parameters from `$from` on.
    fn tuple(&self, from: usize) -> String {
        let typed: Vec<String> = std::iter::once(&self.watermark)
            .chain(&self.key)
            .enumerate()
            .map(|(i, c)| c.typed.replace("{}", &format!("${}", from + i)))
            .collect();
        typed.join(", ")
    }

    /// The column of the table, not the text of that name in the answer.
    fn quoted(&self, column: &Column) -> String {
        format!("{ROW}.{}", quote(&column.name))
    }
}

/// Alias of the table.
const ROW: &str = "tongcha_row";

/// An identifier in double quotes: the same on every engine.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn push_json(out: &mut String, text: &str) {
    // A string always serialises.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// A row as read.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Behind the cursor, or beyond it.
    pub beyond: bool,
    /// Watermark as text.
    pub watermark: String,
    /// Key as texts.
    pub key: Vec<String>,
    /// The row as canonical JSON.
    pub json: String,
}

/// The row of an answer to [`Plan::select`], all of whose columns are texts.
pub(super) fn row_of<'r, R>(plan: &Plan, row: &'r R) -> Result<Row, sqlx::Error>
where
    R: sqlx::Row,
    usize: sqlx::ColumnIndex<R>,
    Option<String>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    let text = |index: usize| row.try_get::<Option<String>, usize>(index);
    let lead = plan.lead();
    let mut key = Vec::with_capacity(plan.key.len());
    for index in 2..lead {
        key.push(text(index)?.unwrap_or_default());
    }
    let mut texts = Vec::with_capacity(plan.columns.len());
    for index in lead..lead + plan.columns.len() {
        texts.push(text(index)?);
    }
    Ok(Row {
        beyond: text(0)?.as_deref() == Some("1"),
        watermark: text(1)?.unwrap_or_default(),
        key,
        json: plan.json(&texts),
    })
}

impl Row {
    fn place(&self) -> Vec<String> {
        let mut place = vec![self.watermark.clone()];
        place.extend(self.key.iter().cloned());
        place
    }

    /// 64 bits of a hash over key and content: rows within one overlap are few.
    fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for part in self.key.iter().chain([&self.json]) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hex(&hash.finalize()[..8])
    }
}

/// How far a table was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// Version of this shape: 1.
    v: u32,
    /// Lots taken so far.
    pub lot: u64,
    /// Watermark and key of the last row in order.
    pub cursor: Option<Vec<String>>,
    /// Rows up to this place are not looked at again: more of them lie within the overlap than are
    /// remembered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Vec<String>>,
    /// Hashes of rows taken within the overlap, in order.
    #[serde(default)]
    pub seen: Vec<String>,
}

impl Position {
    /// Reads a kept position; none is the beginning. `None` where it is of a newer shape.
    pub fn parse(text: Option<&str>) -> Option<Position> {
        let Some(text) = text else {
            return Some(Position {
                v: 1,
                ..Position::default()
            });
        };
        serde_json::from_str(text)
            .ok()
            .filter(|p: &Position| p.v == 1)
    }

    /// The kept form.
    pub fn to_text(&self) -> String {
        // Texts, numbers and lists always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Decides row by row what is new, and makes the next position.
pub(super) struct Taking {
    old: Position,
    known: BTreeSet<String>,
    scanned: Vec<(String, Vec<String>)>,
    last: Option<Vec<String>>,
    most: usize,
}

impl Taking {
    /// Begins at a position; `most` hashes are remembered.
    pub fn new(old: &Position, most: usize) -> Taking {
        Taking {
            known: old.seen.iter().cloned().collect(),
            old: old.clone(),
            scanned: Vec::new(),
            last: None,
            most: most.max(1),
        }
    }

    /// Whether the row is new: beyond the cursor, late or changed.
    pub fn take(&mut self, row: &Row) -> bool {
        let hash = row.hash();
        let new = !self.known.remove(&hash);
        self.scanned.push((hash, row.place()));
        if row.beyond {
            self.last = Some(row.place());
        }
        new
    }

    /// The position behind what was taken. Hashes that this reading did not meet lie outside of the
    /// overlap now, unless it ended before the cursor.
    pub fn finish(self) -> Position {
        let mut scanned = self.scanned;
        let mut floor = self.old.floor.clone();
        if scanned.len() > self.most {
            let rest = scanned.split_off(scanned.len() - self.most);
            floor = scanned.pop().map(|(_, place)| place);
            scanned = rest;
        }
        let mut seen: Vec<String> = scanned.into_iter().map(|(hash, _)| hash).collect();
        if self.last.is_none() {
            seen.extend(
                self.old
                    .seen
                    .iter()
                    .filter(|h| self.known.contains(*h))
                    .cloned(),
            );
        }
        Position {
            v: 1,
            lot: self.old.lot + 1,
            cursor: self.last.or(self.old.cursor),
            floor,
            seen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(watermark: &str, key: &str, beyond: bool) -> Row {
        Row {
            beyond,
            watermark: watermark.to_owned(),
            key: vec![key.to_owned()],
            json: format!("{{\"k\":\"{key}\"}}"),
        }
    }

    #[test]
    fn a_late_row_is_taken_once_and_the_cursor_never_goes_back() {
        let start = Position::parse(None).unwrap_or_default();
        let mut taking = Taking::new(&start, 10);
        assert!(taking.take(&row("5", "a", true)) && taking.take(&row("7", "b", true)));
        let first = taking.finish();
        assert_eq!(first.cursor, Some(vec!["7".into(), "b".into()]));

        let mut taking = Taking::new(&first, 10);
        assert!(!taking.take(&row("5", "a", false)));
        assert!(taking.take(&row("6", "late", false)));
        let second = taking.finish();
        assert_eq!(second.cursor, first.cursor);
        assert_eq!(second.lot, 2);
        // The reading ended before b: its hash is still known.
        let mut taking = Taking::new(&second, 10);
        assert!(!taking.take(&row("6", "late", false)) && !taking.take(&row("7", "b", false)));
    }

    #[test]
    fn more_rows_than_are_remembered_raise_the_floor() {
        let start = Position::parse(None).unwrap_or_default();
        let mut taking = Taking::new(&start, 2);
        for key in ["a", "b", "c"] {
            assert!(taking.take(&row("5", key, true)));
        }
        let position = taking.finish();
        assert_eq!(position.seen.len(), 2);
        assert_eq!(position.floor, Some(vec!["5".into(), "a".into()]));
        assert_eq!(Position::parse(Some(&position.to_text())), Some(position));
        assert_eq!(
            Position::parse(Some("{\"v\":2,\"lot\":1,\"cursor\":null}")),
            None
        );
    }
}
