//! A table's columns and rows: which make up a row, which tell rows apart, and a row as canonical JSON.
//! Pure: SQL text; the engines run it. Refuses to know in which order a table is read.

use super::DbTableConfig;
use super::charset::{Charset, looks_like};
use crate::source::SourceError;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use tongcha_schema::digest::hex;

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
        }
    }

    /// Columns of an answer before the row's own: beyond, watermark, key.
    pub fn lead(&self) -> usize {
        2 + self.key.len()
    }

    /// The start of a question whose answer [`row_of`] reads.
    pub fn select(&self, beyond: &str, watermark: &str) -> String {
        let mut shown = vec![beyond.to_owned(), watermark.to_owned()];
        shown.extend(self.key.iter().map(|c| c.text.clone()));
        shown.extend(self.columns.iter().map(|c| c.text.clone()));
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

    /// The first column whose text looks as if its bytes were of another character set, and of which.
    fn misread(&self, texts: &[Option<String>]) -> Option<(String, Charset)> {
        if self.charset.is_some() {
            return None;
        }
        let texts = self.columns.iter().zip(texts);
        texts
            .filter_map(|(column, text)| Some((column, looks_like(text.as_deref()?)?)))
            .map(|(column, looks)| (column.name.clone(), looks))
            .next()
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
            let value = text.as_deref().and_then(|text| self.value(column, text));
            match value {
                Some(text) => push_json(&mut out, &text),
                None => out.push_str("null"),
            }
        }
        out.push('}');
        out
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

fn push_json(out: &mut String, text: &str) {
    // A string always serialises.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// A row as read.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Behind the cursor in order: not passed yet.
    pub beyond: bool,
    /// Before the cursor, and further back than the overlap reaches.
    pub deep: bool,
    /// Watermark as text.
    pub watermark: String,
    /// Key as texts.
    pub key: Vec<String>,
    /// The row as canonical JSON.
    pub json: String,
    /// A column whose text looks as if it were of another character set, and of which.
    pub misread: Option<(String, Charset)>,
}

/// The row of an answer to [`Columns::select`], all of whose columns are texts.
pub(super) fn row_of<'r, R>(columns: &Columns, row: &'r R) -> Result<Row, sqlx::Error>
where
    R: sqlx::Row,
    usize: sqlx::ColumnIndex<R>,
    Option<String>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    row_from(columns, |index| row.try_get::<Option<String>, usize>(index))
}

/// The same from the texts themselves, each asked for once.
pub(super) fn row_from(
    columns: &Columns,
    mut text: impl FnMut(usize) -> Result<Option<String>, sqlx::Error>,
) -> Result<Row, sqlx::Error> {
    let stands = text(0)?;
    let watermark = text(1)?.unwrap_or_default();
    let lead = columns.lead();
    let mut key = Vec::with_capacity(columns.key.len());
    for index in 2..lead {
        key.push(text(index)?.unwrap_or_default());
    }
    let mut texts = Vec::with_capacity(columns.columns.len());
    for index in lead..lead + columns.columns.len() {
        texts.push(text(index)?);
    }
    Ok(Row {
        beyond: stands.as_deref() == Some("1"),
        deep: stands.as_deref() == Some("-1"),
        watermark,
        key,
        json: columns.json(&texts),
        misread: columns.misread(&texts),
    })
}

impl Row {
    pub fn place(&self) -> Vec<String> {
        let mut place = vec![self.watermark.clone()];
        place.extend(self.key.iter().cloned());
        place
    }

    /// SHA-256 over key and content.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in self.key.iter().chain([&self.json]) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().into()
    }

    /// 64 bits of it: rows that wait for their answer are few.
    pub fn hash(&self) -> String {
        hex(&self.digest()[..8])
    }
}
