//! A table whose rows carry a state flag: what is asked, what is written back, which rows are on their
//! way. Pure: SQL text, positions and names; `write_back.rs` runs them.

use super::DbTableConfig;
use super::group::line_of;
use super::plan::{Column, Columns, listed, quote, setup};
use super::row::Row;
use crate::source::SourceError;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Signs of a row's hash.
const HASH: usize = 16;

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
            self.columns.select("'1'"),
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
        let select = self.columns.select("'1'");
        (format!("{select} where {condition}{locks}"), values)
    }

    /// Those of the rows from one key to another, both among them, that still wait.
    pub fn between(&self, from: &[String], to: &[String]) -> (String, Vec<String>) {
        let (waits, mut values) = (self.waits(1), self.waiting());
        let key: Vec<&Column> = self.columns.key.iter().collect();
        let first = values.len() + 1;
        let last = first + from.len();
        values.extend(from.iter().chain(to).cloned());
        let same: Vec<String> = (first..)
            .zip(&key)
            .map(|(at, c)| format!("{} = {}", c.quoted(), c.parameter(at)))
            .collect();
        // The first column by itself lets any engine use the key's index.
        let sql = format!(
            "{} where {waits} and {lead} >= {} and {lead} <= {} and ({} or {}) and not {}",
            self.columns.select("'1'"),
            key[0].parameter(first),
            key[0].parameter(last),
            self.columns.behind(&key, first),
            same.join(" and "),
            self.columns.behind(&key, last),
            lead = key[0].quoted(),
        );
        (sql, values)
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

/// Rows that are on their way in one group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sent {
    /// Key of the first row.
    pub from: Vec<String>,
    /// Key of the last row.
    pub to: Vec<String>,
    /// Hashes of all of them in order, each as [`HASH`] signs.
    rows: String,
}

impl Sent {
    /// Notes one more row.
    pub fn push(&mut self, row: &Row) {
        if self.rows.is_empty() {
            self.from.clone_from(&row.key);
        }
        self.to.clone_from(&row.key);
        self.rows.push_str(&row.hash());
    }

    fn hashes(&self) -> impl Iterator<Item = &str> {
        let at = |n: usize| self.rows.get(n * HASH..(n + 1) * HASH);
        (0..self.rows.len() / HASH).filter_map(at)
    }

    /// Lines of the rows in their group, by hash.
    pub fn lines(&self) -> HashMap<&str, u32> {
        let rows = self.hashes().enumerate();
        rows.map(|(at, hash)| (hash, line_of(at))).collect()
    }
}

/// Which rows are on their way: kept in the outbox with the parcel that they are in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UnderWay {
    /// Version of this shape: 2.
    v: u32,
    /// Lots taken so far.
    pub lot: u64,
    /// The groups of each lot that has no receipt written back yet, in the order of its items.
    #[serde(default)]
    pub groups: BTreeMap<u64, Vec<Sent>>,
}

impl UnderWay {
    /// Reads a kept position; `None` where it is of another shape. Of what was taken before version 2 only the
    /// number of lots is known: rows that were under way wait still, and go again.
    pub fn parse(text: Option<&str>) -> Option<UnderWay> {
        let begin = |lot| UnderWay {
            v: 2,
            lot,
            ..UnderWay::default()
        };
        let Some(text) = text else {
            return Some(begin(0));
        };
        let read: UnderWay = serde_json::from_str(text).ok()?;
        match read.v {
            1 => Some(begin(read.lot)),
            2 => Some(read),
            _ => None,
        }
    }

    /// The kept form.
    pub fn to_text(&self) -> String {
        // Texts, numbers and lists always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Forgets the lots that are not among the open ones: their receipts are written back.
    pub fn only(&mut self, open: &BTreeSet<u64>) {
        self.groups.retain(|lot, _| open.contains(lot));
    }

    /// The rows of all lots.
    pub fn hashes(&self) -> HashSet<&str> {
        self.groups
            .values()
            .flatten()
            .flat_map(Sent::hashes)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &str) -> Row {
        Row {
            key: vec![key.to_owned()],
            line: format!("[\"{key}\"]"),
            ..Row::default()
        }
    }

    #[test]
    fn rows_stay_under_way_until_their_lot_is_written_back() {
        let mut rows = UnderWay::parse(None).unwrap_or_default();
        let mut sent = Sent::default();
        sent.push(&row("a"));
        sent.push(&row("b"));
        rows.groups.insert(1, vec![sent.clone()]);
        rows.groups.insert(2, vec![Sent::default()]);
        rows.groups.entry(2).or_default()[0].push(&row("c"));
        let mut read = UnderWay::parse(Some(&rows.to_text())).unwrap_or_default();
        assert_eq!(read, rows);
        assert_eq!(read.hashes().len(), 3);
        read.only(&BTreeSet::from([2]));
        assert_eq!(read.hashes(), HashSet::from([row("c").hash().as_str()]));
        let lines = sent.lines();
        assert_eq!((lines[&*row("a").hash()], lines[&*row("b").hash()]), (2, 3));
        assert_eq!((sent.from[0].as_str(), sent.to[0].as_str()), ("a", "b"));
    }

    #[test]
    fn of_an_older_position_only_the_number_of_lots_is_known() {
        let old = "{\"v\":1,\"lot\":7,\"rows\":{\"7\":[\"0011223344556677\"]}}";
        let read = UnderWay::parse(Some(old)).unwrap_or_default();
        assert_eq!((read.lot, read.hashes().len()), (7, 0));
        assert_eq!(UnderWay::parse(Some("{\"v\":2,\"cursor\":null}")), None);
        assert_eq!(UnderWay::parse(Some("{\"v\":3,\"lot\":1}")), None);
    }
}
