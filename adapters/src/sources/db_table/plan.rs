//! A table's columns: which make up a row, which tell rows apart, and how they are asked for.
//! Pure: SQL text; the engines run it. Refuses to know in which order a table is read.

use super::DbTableConfig;
use super::charset::{Charset, looks_like};
use crate::source::SourceError;
use std::borrow::Cow;

/// A column as the catalogue describes it.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// Its name.
    pub name: String,
    /// SQL that renders it as text.
    pub text: String,
    /// The same inside a trigger, where the writer's session must not matter; `None`: as `text`.
    pub captured: Option<String>,
    /// SQL that turns a text parameter (`{}`) into a value of its type.
    pub typed: String,
    /// SQL of the lower bound: `{}` is the watermark's text parameter; `None`: no overlap.
    pub lower: Option<String>,
    /// What the column's order means.
    pub order: Order,
    /// Named without the table's alias, which some engines do not take everywhere.
    pub plain: bool,
    /// Place in the primary key, from 1; 0 outside.
    pub key: i32,
    /// No two rows have one value of it, as far as the catalogue tells.
    pub unique: bool,
}

/// What the order of a column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Time.
    Time,
    /// A number's size.
    Number,
    /// A text's order, which is time's where the layout is fixed.
    Text,
}

/// How an engine keeps an answer short.
#[cfg_attr(
    not(feature = "source-odbc"),
    expect(dead_code, reason = "the native engines all know `limit`")
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Limit {
    /// `limit n`.
    #[default]
    Limit,
    /// `offset 0 rows fetch next n rows only`.
    OffsetFetch,
    /// `fetch first n rows only`.
    Fetch,
    /// Not known: the answer is left when there is enough.
    Unlimited,
}

/// What of SQL an engine understands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Speech {
    /// Without an alias of the table, and without comparing several columns at once.
    pub plain: bool,
    /// How an answer is kept short.
    pub limit: Limit,
    /// Sorts all rows that lie ahead, however few are asked for, unless they are bounded: a table of millions
    /// would be sorted for every lot.
    pub sorts_all: bool,
}

/// What a row of one table is made of.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    /// The table, quoted.
    pub table: String,
    speech: Speech,
    /// Columns that make up a row.
    pub columns: Vec<Column>,
    /// Columns that tell rows apart.
    pub key: Vec<Column>,
    /// Of the key, by its place there: what is no column of the row.
    pub apart: Vec<usize>,
    /// SQL of the watermark's text; empty where rows have none.
    watermark: String,
    /// Where in an answer the texts of the key stand, and that of the watermark; 0: nowhere.
    pub key_at: Vec<usize>,
    pub watermark_at: usize,
    /// All columns of the table.
    all: Vec<Column>,
    /// What the bytes of Latin-1 texts really are.
    charset: Option<Charset>,
}

impl Columns {
    /// The columns, from the table's own in order.
    pub fn new(
        config: &DbTableConfig,
        table: String,
        all: Vec<Column>,
        speech: Speech,
    ) -> Result<Columns, SourceError> {
        if all.is_empty() {
            let what = format!("table {} is not there, or has no columns", config.table);
            let hint = "check the table's name and the reader's rights";
            return Err(setup(config, what, hint));
        }
        let mut columns = Columns {
            table,
            speech,
            columns: all.clone(),
            key: Vec::new(),
            apart: Vec::new(),
            watermark: String::new(),
            key_at: Vec::new(),
            watermark_at: 0,
            all,
            charset: config.charset,
        };
        let named = |names: &[String]| -> Result<Vec<Column>, SourceError> {
            names.iter().map(|n| columns.find(config, n)).collect()
        };
        let (taken, mut key) = (named(&config.columns)?, named(&config.key)?);
        if !taken.is_empty() {
            columns.columns = taken;
        }
        if key.is_empty() {
            let primary = columns.all.iter().filter(|c| c.key > 0);
            key.extend(primary.cloned());
            key.sort_by_key(|c| c.key);
        }
        if key.is_empty() {
            let what = format!("table {} has no primary key", config.table);
            let hint = "name the columns that tell rows apart: key = [..]";
            return Err(setup(config, what, hint));
        }
        columns.key = key;
        columns.arrange();
        Ok(columns)
    }

    /// A column of the table by its name.
    pub fn find(&self, config: &DbTableConfig, name: &str) -> Result<Column, SourceError> {
        let found = self.all.iter().find(|c| c.name == name).cloned();
        found.ok_or_else(|| {
            let names: Vec<&str> = self.all.iter().map(|c| c.name.as_str()).collect();
            let what = format!("table {} has no column {name}", config.table);
            setup(config, what, &format!("it has: {}", names.join(", ")))
        })
    }

    /// Leaves columns out of the row, unless the configuration names the row's columns itself.
    pub fn leave_out(&mut self, config: &DbTableConfig, names: &[&str]) {
        if config.columns.is_empty() {
            self.columns.retain(|c| !names.contains(&c.name.as_str()));
            self.arrange();
        }
    }

    /// The column whose text is the rows' watermark.
    pub fn watermarked(mut self, column: &Column) -> Columns {
        self.watermark.clone_from(&column.text);
        self.arrange();
        self
    }

    /// Finds where in an answer everything stands: each text is asked for once.
    fn arrange(&mut self) {
        let of_row = |c: &Column| self.columns.iter().position(|r| r.name == c.name);
        let (mut apart, mut key_at) = (Vec::new(), Vec::new());
        for (at, column) in self.key.iter().enumerate() {
            key_at.push(1 + of_row(column).unwrap_or(self.columns.len() + apart.len()));
            if of_row(column).is_none() {
                apart.push(at);
            }
        }
        let texts = self
            .columns
            .iter()
            .chain(apart.iter().map(|at| &self.key[*at]));
        let mut texts = texts.map(|c| &c.text);
        let found = texts.position(|text| *text == self.watermark);
        let behind = self.columns.len() + apart.len();
        self.watermark_at = match self.watermark.is_empty() {
            true => 0,
            false => 1 + found.unwrap_or(behind),
        };
        (self.apart, self.key_at) = (apart, key_at);
    }

    /// The head of a group of rows: table, key and columns, once for all of them.
    pub fn head(&self, table: &str) -> String {
        let mut out = String::from("{\"table\":");
        push_json(&mut out, table);
        for (name, columns) in [("key", &self.key), ("columns", &self.columns)] {
            out.push_str(&format!(",\"{name}\":["));
            for (at, column) in columns.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                push_json(&mut out, &column.name);
            }
            out.push(']');
        }
        out.push('}');
        out
    }

    /// The start of a question whose answer [`super::row::Row::take`] reads: where a row stands, its columns, what of its key
    /// and watermark is none of them.
    pub fn select(&self, beyond: &str) -> String {
        let apart = self.apart.iter().map(|at| &self.key[*at]);
        let mut shown = vec![beyond];
        shown.extend(self.columns.iter().chain(apart).map(|c| c.text.as_str()));
        if self.watermark_at == shown.len() {
            shown.push(&self.watermark);
        }
        format!("select {} from {}", shown.join(", "), self.from())
    }

    /// The table as a question names it.
    pub fn from(&self) -> String {
        match self.speech.plain {
            true => self.table.clone(),
            false => format!("{} as {ROW}", self.table),
        }
    }

    /// The question for the largest number of a column; 0 where there is no row.
    pub fn count_top(&self, column: &Column) -> String {
        let (column, table) = (column.quoted(), self.from());
        format!("select coalesce(max({column}), 0) from {table}")
    }

    /// What ends a question of which no more than that many rows are wanted.
    pub fn at_most(&self, most: usize) -> String {
        match self.speech.limit {
            Limit::Limit => format!(" limit {most}"),
            Limit::OffsetFetch => format!(" offset 0 rows fetch next {most} rows only"),
            Limit::Fetch => format!(" fetch first {most} rows only"),
            Limit::Unlimited => String::new(),
        }
    }

    /// Whether a question is bounded first: see [`Speech::sorts_all`].
    pub fn sorts_all(&self) -> bool {
        self.speech.sorts_all
    }

    /// Whether a row stands behind the place whose texts are the parameters from `$from` on.
    pub fn behind(&self, columns: &[&Column], from: usize) -> String {
        let parameter = |at: usize| columns[at].parameter(from + at);
        if !self.speech.plain {
            let places: Vec<String> = (0..columns.len()).map(parameter).collect();
            let columns = listed(columns.iter().copied());
            return format!("({columns}) > ({})", places.join(", "));
        }
        let any: Vec<String> = (0..columns.len())
            .map(|at| {
                let same = (0..at).map(|n| format!("{} = {}", columns[n].quoted(), parameter(n)));
                let last = format!("{} > {}", columns[at].quoted(), parameter(at));
                let all: Vec<String> = same.chain([last]).collect();
                all.join(" and ")
            })
            .collect();
        format!("({})", any.join(" or "))
    }

    /// A value as it travels: a date of zeros is none, and a text of another character set is read as what the
    /// configuration says.
    fn value<'t>(&self, column: &Column, text: &'t str) -> Option<Cow<'t, str>> {
        if column.order == Order::Time && text.starts_with(NO_DATE) {
            return None;
        }
        let read = self.charset.and_then(|charset| charset.read(text));
        Some(read.map_or(Cow::Borrowed(text), Cow::Owned))
    }

    /// Whether a column's text looks as if its bytes were of another character set, and of which.
    pub fn misread(&self, column: &Column, text: &str) -> Option<(String, Charset)> {
        let looks = self.charset.is_none().then(|| looks_like(text)).flatten();
        Some((column.name.clone(), looks?))
    }

    pub fn push(&self, out: &mut String, column: &Column, text: Option<&str>) {
        match text.and_then(|text| self.value(column, text)) {
            Some(text) => push_json(out, &text),
            None => out.push_str("null"),
        }
    }
}

impl Column {
    /// The column of the table, not the text of that name in an answer.
    pub fn quoted(&self) -> String {
        match self.plain {
            true => quote(&self.name),
            false => format!("{ROW}.{}", quote(&self.name)),
        }
    }

    /// The text parameter `$number` as a value of the column's type.
    pub fn parameter(&self, number: usize) -> String {
        self.typed.replace("{}", &format!("${number}"))
    }
}

/// Columns as SQL lists them.
pub(super) fn listed<'c>(columns: impl IntoIterator<Item = &'c Column>) -> String {
    let quoted: Vec<String> = columns.into_iter().map(Column::quoted).collect();
    quoted.join(", ")
}

/// Something that a person must mend.
pub(super) fn setup(config: &DbTableConfig, what: String, hint: &str) -> SourceError {
    SourceError::Setup {
        source_name: config.name.clone(),
        what,
        hint: hint.to_owned(),
    }
}

/// What MySQL writes for a date that is none.
const NO_DATE: &str = "0000-00-00";

/// Alias of the table.
pub(super) const ROW: &str = "tongcha_row";

/// A table's name in double quotes, part by part.
pub(super) fn quoted_table(table: &str) -> String {
    let parts: Vec<String> = table.split('.').map(quote).collect();
    parts.join(".")
}

/// An identifier in double quotes: the same on every engine.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text in quotes. Most hold nothing that JSON escapes.
fn push_json(out: &mut String, text: &str) {
    if text.bytes().any(|b| b < b' ' || b == b'"' || b == b'\\') {
        // A string always serialises.
        out.push_str(&serde_json::to_string(text).unwrap_or_default());
        return;
    }
    out.push('"');
    out.push_str(text);
    out.push('"');
}
