//! Triggers that write every change of a department's table into a change table of its own: the SQL, for
//! review or for execution. A change holds the whole row as it was then, each value as the text that a
//! table source would read. Refuses to run anything, and to drop what it did not make.

use super::plan::{Column, Columns};

/// Number of the change; rises in the order in which changes were made.
pub(super) const CHANGE: &str = "tongcha_change";
/// What happened: `I`, `U` or `D`.
pub(super) const OP: &str = "tongcha_op";
/// When.
const AT: &str = "tongcha_at";
/// Name of triggers and functions, before the table's own.
const CAPTURE: &str = "tongcha_capture";
/// Channel on which PostgreSQL tells of changes.
pub(super) const CHANNEL: &str = "tongcha_change";

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
    match table.rsplit_once('.') {
        Some((schema, name)) => format!("{schema}.{CHANGE}_{name}"),
        None => format!("{CHANGE}_{table}"),
    }
}

impl Capture<'_> {
    /// The statements that install it, in order.
    pub fn install(&self) -> Vec<String> {
        let mut all = vec![self.create_table()];
        match self.engine {
            Engine::Postgres => {
                let (function, table) = (self.own(), self.engine.table(self.table));
                all.push(self.function());
                all.push(format!(
                    "create trigger {CAPTURE} after insert or update or delete on {table}\n  \
                     for each row execute function {function}()"
                ));
            }
            Engine::MySql | Engine::Sqlite => all.extend(["insert", "update", "delete"].map(|on| {
                let table = self.engine.table(self.table);
                let body = self.body(on);
                let (begin, end) = match self.engine {
                    Engine::Sqlite => ("begin\n  ", ";\nend"),
                    _ => ("", ""),
                };
                let trigger = self.trigger(on);
                format!("create trigger {trigger} after {on} on {table} for each row\n{begin}{body}{end}")
            })),
        }
        if self.engine != Engine::Sqlite {
            let changes = self.engine.table(self.changes);
            all.push(format!(
                "grant select, delete on {changes} to {}",
                self.reader
            ));
        }
        all
    }

    /// The statements that take it away again, changes not yet read included.
    pub fn remove(&self) -> Vec<String> {
        let table = self.engine.table(self.table);
        let mut all = match self.engine {
            Engine::Postgres => vec![
                format!("drop trigger if exists {CAPTURE} on {table}"),
                format!("drop function if exists {}()", self.own()),
            ],
            _ => ["insert", "update", "delete"]
                .map(|on| format!("drop trigger if exists {}", self.trigger(on)))
                .to_vec(),
        };
        let changes = self.engine.table(self.changes);
        all.push(format!("drop table if exists {changes}"));
        all
    }

    /// Takes the rows that are there already as insertions: for a table that was never read before.
    pub fn first_load(&self) -> String {
        let (columns, _) = self.listed("");
        let texts: Vec<String> = self.captured().map(|c| self.text(c, "r.")).collect();
        format!(
            "insert into {} ({columns})\nselect 'I', {} from {} as r",
            self.engine.table(self.changes),
            texts.join(", "),
            self.engine.table(self.table)
        )
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
            "create table {} (\n  {CHANGE} {number},\n  {OP} char(1) not null,\n  {AT} {at},\n{}\n)",
            self.engine.table(self.changes),
            columns.join(",\n")
        )
    }

    /// The insertion of one trigger on MySQL and SQLite: one statement, whatever happened.
    fn body(&self, on: &str) -> String {
        let (columns, new) = self.listed("new.");
        let (_, old) = self.listed("old.");
        let insert = format!(
            "insert into {} ({columns})",
            self.engine.table(self.changes)
        );
        match on {
            "insert" => format!("{insert} values ('I', {new})"),
            "delete" => format!("{insert} values ('D', {old})"),
            // Another key is another row: the old one is gone.
            _ => format!(
                "{insert}\n  select 'D', {old} from (select 1 as one) as moved where {}\n  \
                 union all select 'U', {new}",
                self.key_differs()
            ),
        }
    }

    /// The function of the trigger on PostgreSQL. It runs with its owner's rights, so that the department's
    /// accounts need none on the change table, and under settings of its own, so that values read alike
    /// whoever writes them.
    fn function(&self) -> String {
        let (columns, new) = self.listed("new.");
        let (_, old) = self.listed("old.");
        let changes = self.engine.table(self.changes);
        let channel_text = self.table.replace('\'', "''");
        format!(
            "create function {}() returns trigger language plpgsql security definer\n  \
             set search_path = pg_catalog, pg_temp set datestyle = 'ISO, YMD' set intervalstyle = 'iso_8601'\n  \
             set bytea_output = 'hex' set extra_float_digits = '1' as $tongcha$\n\
             begin\n  \
             if tg_op = 'DELETE' or (tg_op = 'UPDATE' and ({})) then\n    \
             insert into {changes} ({columns}) values ('D', {old});\n  \
             end if;\n  \
             if tg_op <> 'DELETE' then\n    \
             insert into {changes} ({columns}) values (left(tg_op, 1), {new});\n  \
             end if;\n  \
             perform pg_notify('{CHANNEL}', '{channel_text}');\n  \
             return null;\n\
             end $tongcha$",
            self.own(),
            self.key_differs()
        )
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

    fn key_differs(&self) -> String {
        let differs: Vec<String> = self
            .columns
            .key
            .iter()
            .map(|c| {
                let name = self.engine.name(&c.name);
                match self.engine {
                    Engine::Postgres => format!("old.{name} is distinct from new.{name}"),
                    Engine::MySql => format!("not (old.{name} <=> new.{name})"),
                    Engine::Sqlite => format!("old.{name} is not new.{name}"),
                }
            })
            .collect();
        differs.join(" or ")
    }

    /// Name of the function, beside the change table.
    fn own(&self) -> String {
        let (schema, name) = match self.table.rsplit_once('.') {
            Some((schema, name)) => (format!("{}.", self.engine.table(schema)), name),
            None => (String::new(), self.table),
        };
        format!("{schema}{}", self.engine.name(&format!("{CAPTURE}_{name}")))
    }

    /// Name of one trigger on MySQL and SQLite, in the table's own schema.
    fn trigger(&self, on: &str) -> String {
        let (schema, name) = match self.table.rsplit_once('.') {
            Some((schema, name)) => (format!("{}.", self.engine.table(schema)), name),
            None => (String::new(), self.table),
        };
        format!(
            "{schema}{}",
            self.engine.name(&format!("{CAPTURE}_{name}_{on}"))
        )
    }
}
