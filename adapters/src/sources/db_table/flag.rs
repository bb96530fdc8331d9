//! A table whose rows carry a state flag: what is asked, what is written back, which rows are on their
//! way. Pure: SQL text, positions and names; `write_back.rs` runs them.

use super::DbTableConfig;
use super::plan::{Column, Columns, Row, listed, quote, setup};
use crate::source::SourceError;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a row's key as a list of texts: it travels in the item's name, which has 255.
const KEY_BYTES: usize = 160;

/// How a table is read by its flag. [`FlagConfig::new`] gives the convention of Guangdong's tables.
#[derive(Clone)]
pub struct FlagConfig {
    /// The table; its watermark and overlap are not used.
    pub table: DbTableConfig,
    /// Column of the flag.
    pub flag: String,
    /// Values of rows that wait; an empty text means null too.
    pub waiting: Vec<String>,
    /// Value of a row that was accepted.
    pub taken: String,
    /// Value of a row that was refused or partly refused.
    pub refused: String,
    /// Column for the time of the answer.
    pub answered_at: Option<String>,
    /// Column for the receipt number and, of a refused row, the findings.
    pub answer: Option<String>,
    /// Characters of that column.
    pub answer_chars: usize,
}

impl FlagConfig {
    /// The usual configuration: `0` or nothing waits, `1` is taken, `2` is refused.
    pub fn new(table: DbTableConfig, flag: impl Into<String>) -> FlagConfig {
        FlagConfig {
            table,
            flag: flag.into(),
            waiting: vec![String::new(), "0".to_owned()],
            taken: "1".to_owned(),
            refused: "2".to_owned(),
            answered_at: None,
            answer: None,
            answer_chars: 200,
        }
    }
}

/// The questions and statements for one table.
#[derive(Clone, Debug)]
pub(super) struct FlagPlan {
    /// What a row is made of; the columns that are written back are no part of it.
    pub columns: Columns,
    flag: Column,
    /// Flag values of rows that wait; an empty one means null too.
    waiting: Vec<String>,
    /// Columns for the time and the text of the answer.
    answered_at: Option<Column>,
    answer: Option<Column>,
}

/// What is written into one or more rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Answer {
    /// The new flag.
    pub flag: String,
    /// Time of the answer, in the source's zone.
    pub at: String,
    /// Receipt number, and for a refused row its findings.
    pub text: String,
}

impl FlagPlan {
    /// The plan, from the table's columns.
    pub fn new(config: &FlagConfig, mut columns: Columns) -> Result<FlagPlan, SourceError> {
        let table = &config.table;
        let find = |name: &String| columns.find(table, name);
        let flag = find(&config.flag)?;
        let answered_at = config.answered_at.as_ref().map(find).transpose()?;
        let answer = config.answer.as_ref().map(find).transpose()?;
        let ours: Vec<&Column> = [Some(&flag), answered_at.as_ref(), answer.as_ref()]
            .into_iter()
            .flatten()
            .collect();
        let names: Vec<&str> = ours.iter().map(|c| c.name.as_str()).collect();
        if let Some(own) = columns
            .key
            .iter()
            .find(|c| names.contains(&c.name.as_str()))
        {
            let what = format!("column {} is written back and tells rows apart", own.name);
            return Err(setup(table, what, "name other key columns: key = [..]"));
        }
        columns.leave_out(table, &names);
        Ok(FlagPlan {
            columns,
            waiting: config.waiting.clone(),
            flag,
            answered_at,
            answer,
        })
    }

    /// Waiting rows in the order of their key; parameters are the flag values.
    pub fn select(&self, most: usize) -> String {
        format!(
            "{} where {} order by {}{}",
            self.columns.select("'1'", "''"),
            self.waits(1),
            listed(&self.columns.key),
            self.columns.at_most(most)
        )
    }

    /// Flag values as parameters.
    pub fn waiting(&self) -> Vec<String> {
        self.waiting.clone()
    }

    /// Counts the rows.
    pub fn count(&self) -> String {
        format!("select count(*) from {}", self.columns.from())
    }

    /// A statement that needs the rights of writing back and changes nothing.
    pub fn touch_nothing(&self) -> String {
        let set = |c: &Column| format!("{0} = {0}", quote(&c.name));
        let sets: Vec<String> = self.written().map(set).collect();
        format!(
            "update {} set {} where 1 = 0",
            self.columns.from(),
            sets.join(", ")
        )
    }

    /// Those of the rows with these keys that still wait.
    pub fn still_waiting(&self, keys: &[Vec<String>], locks: &str) -> (String, Vec<String>) {
        let (condition, values) = self.these(keys, Vec::new());
        let select = self.columns.select("'1'", "''");
        (format!("{select} where {condition}{locks}"), values)
    }

    /// Writes an answer into the rows with these keys, those that still wait.
    pub fn write(&self, answer: &Answer, keys: &[Vec<String>]) -> (String, Vec<String>) {
        let texts = [
            (Some(&self.flag), &answer.flag),
            (self.answered_at.as_ref(), &answer.at),
            (self.answer.as_ref(), &answer.text),
        ];
        let (mut sets, mut values) = (Vec::new(), Vec::new());
        for (column, text) in texts {
            if let Some(column) = column {
                values.push(text.clone());
                let value = column.parameter(values.len());
                sets.push(format!("{} = {value}", quote(&column.name)));
            }
        }
        let (condition, values) = self.these(keys, values);
        let (table, sets) = (self.columns.from(), sets.join(", "));
        let sql = format!("update {table} set {sets} where {condition}");
        (sql, values)
    }

    fn written(&self) -> impl Iterator<Item = &Column> {
        let more = [self.answered_at.as_ref(), self.answer.as_ref()];
        std::iter::once(&self.flag).chain(more.into_iter().flatten())
    }

    /// The flag is one of the waiting values, which are parameters from `$from` on.
    fn waits(&self, from: usize) -> String {
        let values: Vec<String> = (0..self.waiting.len())
            .map(|n| self.flag.parameter(from + n))
            .collect();
        let flag = self.flag.quoted();
        let listed = format!("{flag} in ({})", values.join(", "));
        if self.waiting.iter().any(String::is_empty) {
            format!("({listed} or {flag} is null)")
        } else {
            listed
        }
    }

    /// The condition of these keys and a waiting flag, after the parameters that stand already.
    fn these(&self, keys: &[Vec<String>], mut values: Vec<String>) -> (String, Vec<String>) {
        let waits = self.waits(values.len() + 1);
        values.extend(self.waiting());
        let mut any = Vec::with_capacity(keys.len());
        for key in keys {
            let mut all = Vec::with_capacity(key.len());
            for (column, text) in self.columns.key.iter().zip(key) {
                values.push(text.clone());
                all.push(format!(
                    "{} = {}",
                    column.quoted(),
                    column.parameter(values.len())
                ));
            }
            any.push(format!("({})", all.join(" and ")));
        }
        (format!("{waits} and ({})", any.join(" or ")), values)
    }
}

/// The item name of a row: table, key and content, so that the receipt says by itself which row it means.
pub(super) fn item_of(table: &str, row: &Row) -> Option<String> {
    let key = serde_json::to_string(&row.key).unwrap_or_default();
    let room = 255_usize.checked_sub(table.len() + key.len() + 18);
    (key.len() <= KEY_BYTES && room.is_some()).then(|| format!("{table}/{key}#{}", row.hash()))
}

/// Key and content hash of an item name.
pub(super) fn row_of_item(table: &str, name: &str) -> Option<(Vec<String>, String)> {
    let rest = name.strip_prefix(table)?.strip_prefix('/')?;
    let (key, hash) = rest.rsplit_once('#')?;
    Some((serde_json::from_str(key).ok()?, hash.to_owned()))
}

/// Which rows are on their way: kept in the outbox with the parcel that they are in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UnderWay {
    /// Version of this shape: 1.
    v: u32,
    /// Lots taken so far.
    pub lot: u64,
    /// Hashes of the rows of each lot that has no receipt written back yet.
    pub rows: BTreeMap<u64, Vec<String>>,
}

impl UnderWay {
    /// Reads a kept position; `None` where it is of another shape.
    pub fn parse(text: Option<&str>) -> Option<UnderWay> {
        let Some(text) = text else {
            return Some(UnderWay {
                v: 1,
                ..UnderWay::default()
            });
        };
        let read: Option<UnderWay> = serde_json::from_str(text).ok();
        read.filter(|p| p.v == 1)
    }

    /// The kept form.
    pub fn to_text(&self) -> String {
        // Texts, numbers and lists always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Forgets the lots that are not among the open ones: their receipts are written back.
    pub fn only(&mut self, open: &BTreeSet<u64>) {
        self.rows.retain(|lot, _| open.contains(lot));
    }

    /// The rows of all lots.
    pub fn hashes(&self) -> BTreeSet<&str> {
        self.rows.values().flatten().map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_name_leads_back_to_its_row() {
        let row = Row {
            beyond: true,
            deep: false,
            watermark: String::new(),
            key: vec!["双#1".into(), "a/\"b".into()],
            json: "{}".into(),
            misread: None,
        };
        let name = item_of("gs.EX_GDBS_SL", &row).unwrap_or_default();
        let back = row_of_item("gs.EX_GDBS_SL", &name);
        assert_eq!(back, Some((row.key.clone(), row.hash())));
        assert_eq!(row_of_item("gs.OTHER", &name), None);
        let long = Row {
            key: vec!["x".repeat(KEY_BYTES)],
            ..row
        };
        assert_eq!(item_of("t", &long), None);
    }

    #[test]
    fn rows_stay_under_way_until_their_lot_is_written_back() {
        let mut rows = UnderWay::parse(None).unwrap_or_default();
        rows.rows.insert(1, vec!["a".into(), "b".into()]);
        rows.rows.insert(2, vec!["c".into()]);
        let mut read = UnderWay::parse(Some(&rows.to_text())).unwrap_or_default();
        read.only(&BTreeSet::from([2]));
        assert_eq!(read.hashes(), BTreeSet::from(["c"]));
        assert_eq!(UnderWay::parse(Some("{\"v\":1,\"cursor\":null}")), None);
    }
}
