//! What the triggers do, in each engine's own language. Whatever goes wrong while a change is written down is
//! caught there and counted, as far as the engine can catch; a failure of the count itself is swallowed.

use super::{CAPTURE, Capture, Engine, LOST};

impl Capture<'_> {
    /// The triggers, and on PostgreSQL their function.
    pub(super) fn create_triggers(&self) -> Vec<String> {
        let each = ["insert", "update", "delete"];
        match self.engine {
            Engine::Postgres => self.postgres(),
            Engine::MySql => each.map(|on| self.mysql(on)).to_vec(),
            Engine::Sqlite => each.map(|on| self.sqlite(on)).to_vec(),
        }
    }

    /// One trigger a statement, however many rows it touches: a block that catches costs a subtransaction,
    /// and a bulk load row by row would open one for each.
    fn postgres(&self) -> Vec<String> {
        let (function, table) = (self.own(), self.engine.table(self.table));
        let rows = [
            ("insert", "after", "referencing new table as tongcha_new "),
            (
                "update",
                "after",
                "referencing old table as tongcha_old new table as tongcha_new ",
            ),
            ("delete", "after", "referencing old table as tongcha_old "),
            // Before it the rows are still there.
            ("truncate", "before", ""),
        ];
        let trigger = |(on, when, rows): (&str, &str, &str)| {
            format!(
                "create trigger {CAPTURE}_{on} {when} {on} on {table}\n  \
                 {rows}for each statement execute function {function}()"
            )
        };
        let mut all = vec![self.function()];
        all.extend(rows.map(trigger));
        all
    }

    /// The function of the triggers on PostgreSQL. It runs with its owner's rights, so that the department's
    /// accounts need none on the change table, and under settings of its own, so that values read alike
    /// whoever writes them. All names are qualified: nothing but PostgreSQL's own is on its path. Without
    /// nested loops the join of old and new rows is a hash, whatever was planned for the first statement.
    fn function(&self) -> String {
        let (columns, row) = self.listed("r.");
        let changes = self.engine.table(self.changes);
        let insert = format!("insert into {changes} ({columns})\n        select");
        let whole = self.engine.table(self.table);
        let key = |of: &str| {
            let names = self.columns.key.iter().map(|c| self.engine.name(&c.name));
            let names: Vec<String> = names.map(|name| format!("{of}.{name}")).collect();
            format!("row({})::text", names.join(", "))
        };
        let (shown, lost) = (literal(self.table), literal(&self.lost()));
        format!(
            "create function {function}() returns trigger language plpgsql security definer\n  \
             set search_path = pg_catalog, pg_temp set datestyle = 'ISO, YMD' set intervalstyle = 'iso_8601'\n  \
             set bytea_output = 'hex' set extra_float_digits = '1' set enable_nestloop = off\n  \
             set lock_timeout = '2s' as $tongcha$\n\
             begin\n  \
             begin\n    \
             case tg_op\n      \
             when 'INSERT' then\n        \
             {insert} 'I', {row} from tongcha_new r;\n      \
             when 'UPDATE' then\n        \
             {insert} 'D', {row} from tongcha_old r\n        \
             where not exists (select 1 from tongcha_new n where {new} = {old});\n        \
             {insert} 'U', {row} from tongcha_new r;\n      \
             when 'DELETE' then\n        \
             {insert} 'D', {row} from tongcha_old r;\n      \
             else\n        \
             {insert} 'D', {row} from {whole} r;\n    \
             end case;\n  \
             exception when others then\n    \
             begin\n      \
             if nextval({lost}) % 1000 = 1 then\n        \
             raise log 'tongcha: a change of % was not written down: %', {shown}, sqlerrm;\n      \
             end if;\n    \
             exception when others then null;\n    \
             end;\n  \
             end;\n  \
             return null;\n\
             end $tongcha$",
            function = self.own(),
            new = key("n"),
            old = key("r"),
        )
    }

    /// A trigger of MySQL: a missing change table, missing rights, a full table end in its handler.
    fn mysql(&self, on: &str) -> String {
        let (trigger, table) = (self.trigger(on), self.engine.table(self.table));
        let (insert, lost) = (self.insertion(on, "insert into"), self.lost());
        format!(
            "create trigger {trigger} after {on} on {table} for each row\n\
             begin\n  \
             declare exit handler for sqlexception\n  \
             begin\n    \
             declare continue handler for sqlexception begin end;\n    \
             insert into {lost} () values ();\n  \
             end;\n  \
             {insert};\n\
             end"
        )
    }

    /// A trigger of SQLite, which has no handlers: what a constraint of the change table refuses is counted.
    fn sqlite(&self, on: &str) -> String {
        let (trigger, table) = (self.trigger(on), self.engine.table(self.table));
        let (insert, lost) = (self.insertion(on, "insert or ignore into"), self.lost());
        format!(
            "create trigger {trigger} after {on} on {table} for each row\n\
             begin\n  \
             {insert};\n  \
             insert or ignore into {lost} ({LOST}) select null where changes() = 0;\n\
             end"
        )
    }

    /// The insertion of one trigger on MySQL and SQLite: one statement, whatever happened.
    fn insertion(&self, on: &str, into: &str) -> String {
        let (columns, new) = self.listed("new.");
        let (_, old) = self.listed("old.");
        let insert = format!("{into} {} ({columns})", self.engine.table(self.changes));
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

    fn key_differs(&self) -> String {
        let differs: Vec<String> = self
            .columns
            .key
            .iter()
            .map(|c| {
                let name = self.engine.name(&c.name);
                match self.engine {
                    Engine::MySql => format!("not (old.{name} <=> new.{name})"),
                    _ => format!("old.{name} is not new.{name}"),
                }
            })
            .collect();
        differs.join(" or ")
    }
}

/// A text of SQL.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
