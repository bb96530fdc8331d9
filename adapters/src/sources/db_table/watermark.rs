//! Reading a table by its watermark: what is asked, how far it was read, and what of the overlap is new.
//! Pure: SQL text and positions.

use super::DbTableConfig;
use super::plan::{Column, Columns, Row, listed};
use crate::source::SourceError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The questions for one table.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// What a row is made of.
    pub columns: Columns,
    watermark: Column,
}

impl Plan {
    /// The plan, from the table's columns.
    pub fn new(config: &DbTableConfig, columns: Columns) -> Result<Plan, SourceError> {
        let watermark = columns.find(config, &config.watermark)?;
        Ok(Plan { columns, watermark })
    }

    /// From where on rows are looked at: from the overlap.
    fn conditions(&self, position: &Position) -> Vec<String> {
        let column = self.watermark.quoted();
        let mut conditions = vec![format!("{column} is not null")];
        if position.cursor.is_some() {
            let bound = match &self.watermark.lower {
                Some(lower) => lower.replace("{}", "$1"),
                None => self.watermark.typed.replace("{}", "$1"),
            };
            conditions.push(format!("{column} >= {bound}"));
        }
        conditions
    }

    /// The question for the watermark of the last of the next `most` rows, where the engine is to be asked
    /// for it first, and its text is exact; parameters as [`Plan::values`] gives them.
    pub fn bound(&self, position: &Position, most: usize) -> Option<String> {
        let exact = self.watermark.lower.is_some();
        (self.columns.sorts_all() && exact && position.floor.is_none()).then(|| {
            let column = self.watermark.quoted();
            format!(
                "select {} from {} where {} order by {column} limit 1 offset {}",
                self.watermark.text,
                self.columns.from(),
                self.conditions(position).join(" and "),
                most.saturating_sub(1)
            )
        })
    }

    /// The question: rows from the overlap on, in order, up to a watermark if one is given; parameters as
    /// [`Plan::values`] gives them, and that watermark's text.
    pub fn select(&self, position: &Position, most: usize, until: bool) -> String {
        let mut from = 1;
        let mut conditions = self.conditions(position);
        let mut beyond = "'1'".to_owned();
        if let Some(cursor) = &position.cursor {
            from += 1;
            let behind = self.columns.behind(&self.place(), from);
            beyond = format!("case when {behind} then '1' else '0' end");
            from += cursor.len();
        }
        if position.floor.is_some() {
            conditions.push(self.columns.behind(&self.place(), from));
            from += self.place().len();
        }
        if until {
            let last = self.watermark.parameter(from);
            conditions.push(format!("{} <= {last}", self.watermark.quoted()));
        }
        format!(
            "{} where {} order by {}{}",
            self.columns.select(&beyond, &self.watermark.text),
            conditions.join(" and "),
            listed(self.place()),
            self.columns.at_most(most)
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

    /// Counts rows that are taken.
    pub fn count_seen(&self) -> String {
        let column = self.watermark.quoted();
        format!(
            "select count(*) from {} where {column} is not null",
            self.columns.from()
        )
    }

    /// Counts rows that are never taken.
    pub fn count_unseen(&self) -> String {
        let column = self.watermark.quoted();
        format!(
            "select count(*) from {} where {column} is null",
            self.columns.from()
        )
    }

    /// Watermark and key: the columns by which rows stand in order.
    fn place(&self) -> Vec<&Column> {
        std::iter::once(&self.watermark)
            .chain(&self.columns.key)
            .collect()
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
