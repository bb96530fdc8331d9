//! Reading a table by its watermark: what is asked, how far it was read, and which rows are new.
//! Pure: SQL text and positions.
//!
//! Two looks are taken. The near one, at every poll, begins at the overlap behind the last row. The wide one,
//! from time to time, begins at the floor: below it rows are no longer remembered. A row that came behind the
//! position further back than the overlap is found by the wide look, whatever made it late.

use super::DbTableConfig;
use super::instant::earlier;
use super::plan::{Column, Columns, Order, listed};
use crate::source::SourceError;

/// The questions for one table.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// What a row is made of.
    pub columns: Columns,
    /// The column by which rows stand in order.
    pub watermark: Column,
    overlap: u32,
}

/// How far back is looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// To the overlap.
    Near,
    /// To the floor.
    Wide,
}

/// A question and its parameters.
pub(super) type Question = (String, Vec<String>);

/// A condition with numbered places, as the parameters are given.
#[derive(Default)]
struct Conditions {
    all: Vec<String>,
    values: Vec<String>,
}

impl Conditions {
    /// Gives texts and tells the number of the first of them.
    fn give(&mut self, texts: &[String]) -> usize {
        let first = self.values.len() + 1;
        self.values.extend(texts.iter().cloned());
        first
    }
}

impl Plan {
    /// The plan, from the table's columns.
    pub fn new(config: &DbTableConfig, columns: Columns) -> Result<Plan, SourceError> {
        let watermark = columns.find(config, &config.watermark)?;
        Ok(Plan {
            columns: columns.watermarked(&watermark),
            watermark,
            overlap: config.overlap,
        })
    }

    /// The lower bound of the overlap of a position, its parameter being `$number`, and that parameter. A text
    /// is set back here, where its layout sorts as time does.
    fn bound_of(&self, last: &str, number: usize) -> (String, String) {
        let place = format!("${number}");
        match &self.watermark.lower {
            Some(lower) => (lower.replace("{}", &place), last.to_owned()),
            None => {
                let text =
                    (self.watermark.order == Order::Text).then(|| earlier(last, self.overlap));
                let text = text.flatten().unwrap_or_else(|| last.to_owned());
                (self.watermark.parameter(number), text)
            }
        }
    }

    /// From where on rows are looked at.
    fn conditions(&self, position: &Place<'_>, look: Look) -> Conditions {
        let column = self.watermark.quoted();
        let mut conditions = Conditions::default();
        conditions.all.push(format!("{column} is not null"));
        if let (Look::Near, Some(last)) = (look, position.cursor.and_then(|c| c.first())) {
            let number = conditions.give(&[]);
            let (bound, text) = self.bound_of(last, number);
            conditions.give(&[text]);
            conditions.all.push(format!("{column} >= {bound}"));
        }
        if let Some(floor) = position.floor {
            let from = conditions.give(floor);
            let behind = self.columns.behind(&self.place(), from);
            conditions.all.push(behind);
        }
        conditions
    }

    /// The question for the watermark of the last of the next `most` rows, where the engine is to be asked
    /// for it first, and its text is exact.
    pub fn bound(&self, position: &Place<'_>, look: Look, most: usize) -> Option<Question> {
        let exact = self.watermark.lower.is_some();
        (self.columns.sorts_all() && exact).then(|| {
            let conditions = self.conditions(position, look);
            let column = self.watermark.quoted();
            let sql = format!(
                "select {} from {} where {} order by {column} limit 1 offset {}",
                self.watermark.text,
                self.columns.from(),
                conditions.all.join(" and "),
                most.saturating_sub(1)
            );
            (sql, conditions.values)
        })
    }

    /// The question for rows in order, up to a watermark if one is given. Each says whether it stands behind
    /// the cursor (`1`), within the overlap (`0`) or before it (`-1`).
    pub fn select(
        &self,
        position: &Place<'_>,
        look: Look,
        most: usize,
        until: Option<String>,
    ) -> Question {
        let mut conditions = self.conditions(position, look);
        let mut beyond = "'1'".to_owned();
        if let Some(cursor) = position.cursor {
            let behind = conditions.give(cursor);
            let behind = self.columns.behind(&self.place(), behind);
            let number = conditions.give(&[]);
            let last = cursor.first().map_or("", String::as_str);
            let (bound, text) = self.bound_of(last, number);
            conditions.give(&[text]);
            let column = self.watermark.quoted();
            beyond = format!(
                "case when {behind} then '1' when {column} >= {bound} then '0' else '-1' end"
            );
        }
        if let Some(until) = until {
            let last = conditions.give(&[until]);
            let last = self.watermark.parameter(last);
            let column = self.watermark.quoted();
            conditions.all.push(format!("{column} <= {last}"));
        }
        let sql = format!(
            "{} where {} order by {}{}",
            self.columns.select(&beyond),
            conditions.all.join(" and "),
            listed(self.order()),
            self.columns.at_most(most)
        );
        (sql, conditions.values)
    }

    /// The question for the largest watermark.
    pub fn top(&self) -> String {
        let column = self.watermark.quoted();
        format!(
            "select {} from {} where {column} is not null order by {column} desc{}",
            self.watermark.text,
            self.columns.from(),
            self.columns.at_most(1)
        )
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

    /// The columns that put rows in order: where no two have one watermark that alone does, and an engine that
    /// does not see it would sort all of them.
    fn order(&self) -> Vec<&Column> {
        match self.watermark.unique {
            true => vec![&self.watermark],
            false => self.place(),
        }
    }

    /// Watermark and key: the columns by which rows stand in order.
    fn place(&self) -> Vec<&Column> {
        std::iter::once(&self.watermark)
            .chain(&self.columns.key)
            .collect()
    }
}

/// Between which places rows are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place<'p> {
    /// Watermark and key of the last row in order.
    pub cursor: Option<&'p [String]>,
    /// Rows up to this place are not looked at.
    pub floor: Option<&'p [String]>,
}
