//! Triggers that write every change of a department's table into a change table of its own: the SQL, for
//! review or for execution. A change holds the whole row as it was then, each value as the text that a
//! table source would read. A change that cannot be written down never fails the department's statement, as
//! far as the engine allows: it is counted beside the change table instead. Refuses to run anything, and to
//! drop what it did not make.

mod body;

use super::plan::{Column, Columns};

/// Number of the change; rises in the order in which changes were made.
pub(super) const CHANGE: &str = "tongcha_change";
/// What happened: `I`, `U` or `D`.
const OP: &str = "tongcha_op";
/// When.
pub(super) const AT: &str = "tongcha_at";
/// Name of triggers and functions, before the table's own.
const CAPTURE: &str = "tongcha_capture";
/// Name of what counts the changes that could not be written down, before the table's own.
const LOST: &str = "tongcha_lost";

/// The engines, as far as their triggers differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(all(
        feature = "source-sqlite",
        feature = "source-mysql",
        feature = "source-postgres"
    )),
    expect(dead_code, reason = "a build without an engine never meets its name")
)]
pub(super) enum Engine {
    Sqlite,
    MySql,
    Postgres,
}

impl Engine {
    /// A name, quoted.
    fn name(self, name: &str) -> String {
        match self {
            Engine::MySql => format!("`{}`", name.replace('`', "``")),
            _ => super::plan::quote(name),
        }
    }

    /// A table's name, quoted part by part.
    fn table(self, table: &str) -> String {
        let parts: Vec<String> = table.split('.').map(|p| self.name(p)).collect();
        parts.join(".")
    }
}

/// One table and its change table.
pub(super) struct Capture<'c> {
    pub engine: Engine,
    /// The department's table, as configured.
    pub table: &'c str,
    /// The change table.
    pub changes: &'c str,
    pub columns: &'c Columns,
    /// Account that reads the changes and deletes those that are done; quoted.
    pub reader: &'c str,
}

/// The change table's name unless another is configured: beside the table, `tongcha_change_<table>`.
pub(super) fn changes_of(table: &str) -> String {
    beside(table, CHANGE)
}

/// Name of what counts the changes of the table that could not be written down, beside its change table.
pub(super) fn lost_of(changes: &str, table: &str) -> String {
    let name = table.rsplit_once('.').map_or(table, |(_, name)| name);
    match changes.rsplit_once('.') {
        Some((schema, _)) => format!("{schema}.{LOST}_{name}"),
        None => format!("{LOST}_{name}"),
    }
}

/// `<name>_<table>` in the table's own schema.
fn beside(table: &str, name: &str) -> String {
    match table.rsplit_once('.') {
        Some((schema, table)) => format!("{schema}.{name}_{table}"),
        None => format!("{name}_{table}"),
    }
}

/// The question for the number of changes that could not be written down.
pub(super) fn count_lost(engine: Engine, lost: &str) -> String {
    let lost = super::plan::quoted_table(lost);
    match engine {
        Engine::Postgres => {
            format!("select case when is_called then last_value else 0 end from {lost}")
        }
        Engine::MySql | Engine::Sqlite => format!("select count(*) from {lost}"),
    }
}

impl Capture<'_> {
    /// The statements that install it, in order. They may be run again over what is there: triggers and
    /// function are made anew, the change table stays as it is.
    pub fn install(&self) -> Vec<String> {
        let mut all = vec![self.create_table(), self.create_lost()];
        all.extend(self.drop_triggers());
        all.extend(self.create_triggers());
        if self.engine != Engine::Sqlite {
            let (changes, lost) = (self.engine.table(self.changes), self.lost());
            all.push(format!(
                "grant select, delete on {changes} to {}",
                self.reader
            ));
            let kind = match self.engine {
                Engine::Postgres => "sequence ",
                _ => "",
            };
            all.push(format!("grant select on {kind}{lost} to {}", self.reader));
        }
        all
    }

    /// The statements that take it away again, changes not yet read included.
    pub fn remove(&self) -> Vec<String> {
        let (changes, lost) = (self.engine.table(self.changes), self.lost());
        let mut all = self.drop_triggers();
        all.push(format!("drop table if exists {changes}"));
        all.push(match self.engine {
            Engine::Postgres => format!("drop sequence if exists {lost}"),
            _ => format!("drop table if exists {lost}"),
        });
        all
    }

    /// Takes the rows that are there already as insertions: for a table that was never read before, and for
    /// one of which changes were lost, which are not counted any more then.
    pub fn first_load(&self) -> Vec<String> {
        let (columns, _) = self.listed("");
        let texts: Vec<String> = self.captured().map(|c| self.text(c, "r.")).collect();
        let load = format!(
            "insert into {} ({columns})\nselect 'I', {} from {} as r",
            self.engine.table(self.changes),
            texts.join(", "),
            self.engine.table(self.table)
        );
        let lost = self.lost();
        let forget = match self.engine {
            Engine::Postgres => format!("alter sequence {lost} restart"),
            _ => format!("delete from {lost}"),
        };
        vec![forget, load]
    }

    /// The columns of a row, and the key's where they are none of them.
    fn captured(&self) -> impl Iterator<Item = &Column> {
        let row = &self.columns.columns;
        let beside = |key: &&Column| !row.iter().any(|c| c.name == key.name);
        row.iter().chain(self.columns.key.iter().filter(beside))
    }

    fn create_table(&self) -> String {
        let (number, at) = match self.engine {
            Engine::Postgres => (
                "bigint generated always as identity primary key",
                "timestamptz not null default clock_timestamp()",
            ),
            Engine::MySql => (
                "bigint not null auto_increment primary key",
                "timestamp(3) not null default current_timestamp(3)",
            ),
            Engine::Sqlite => (
                "integer primary key autoincrement",
                "text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))",
            ),
        };
        let kind = match self.engine {
            Engine::MySql => "longtext character set utf8mb4",
            _ => "text",
        };
        let columns: Vec<String> = self
            .captured()
            .map(|c| format!("  {} {kind}", self.engine.name(&c.name)))
            .collect();
        format!(
            "create table if not exists {} (\n  {CHANGE} {number},\n  {OP} char(1) not null,\n  {AT} {at},\n{}\n)",
            self.engine.table(self.changes),
            columns.join(",\n")
        )
    }

    /// What counts the changes that could not be written down: on PostgreSQL a sequence, which counts even
    /// where the statement is undone.
    fn create_lost(&self) -> String {
        let lost = self.lost();
        match self.engine {
            Engine::Postgres => format!("create sequence if not exists {lost}"),
            Engine::MySql => format!(
                "create table if not exists {lost} (\n  {LOST} bigint not null auto_increment primary key,\n  \
                 {AT} timestamp not null default current_timestamp\n)"
            ),
            Engine::Sqlite => format!(
                "create table if not exists {lost} (\n  {LOST} integer primary key autoincrement,\n  \
                 {AT} text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))\n)"
            ),
        }
    }

    /// Drops what an earlier installation made, older ones included.
    fn drop_triggers(&self) -> Vec<String> {
        let table = self.engine.table(self.table);
        match self.engine {
            Engine::Postgres => {
                let names = ["", "_insert", "_update", "_delete", "_truncate"];
                let drop = |n| format!("drop trigger if exists {CAPTURE}{n} on {table}");
                let function = format!("drop function if exists {}()", self.own());
                names.map(drop).into_iter().chain([function]).collect()
            }
            _ => ["insert", "update", "delete"]
                .map(|on| format!("drop trigger if exists {}", self.trigger(on)))
                .to_vec(),
        }
    }

    /// Name of what counts, quoted.
    fn lost(&self) -> String {
        self.engine.table(&lost_of(self.changes, self.table))
    }

    /// The change table's columns for an insertion, and their values from `new.` or `old.`.
    fn listed(&self, row: &str) -> (String, String) {
        let names: Vec<String> = std::iter::once(OP.to_owned())
            .chain(self.captured().map(|c| self.engine.name(&c.name)))
            .collect();
        let values: Vec<String> = self.captured().map(|c| self.text(c, row)).collect();
        (names.join(", "), values.join(", "))
    }

    /// A column of `new.` or `old.` as text.
    fn text(&self, column: &Column, row: &str) -> String {
        let ours = format!("{row}{}", self.engine.name(&column.name));
        let text = column.captured.as_ref().unwrap_or(&column.text);
        text.replace(&super::plan::quote(&column.name), &ours)
    }

    /// Name of the function, beside the table, quoted.
    fn own(&self) -> String {
        self.engine.table(&beside(self.table, CAPTURE))
    }

    /// Name of one trigger on MySQL and SQLite, in the table's own schema, quoted.
    fn trigger(&self, on: &str) -> String {
        let name = format!("{}_{on}", beside(self.table, CAPTURE));
        self.engine.table(&name)
    }
}
