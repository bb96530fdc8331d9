//! The central supervision database: the columns, tables, views and comments of the 14 elements for
//! both engines, generated from the specs. [`columns`] is the single source of column order for
//! whoever writes or reads rows. Refuses every other table of the hub, and to run a statement.

mod views;

use crate::element::{ElementId, ElementSpec};
use crate::field::{FieldSpec, Kind};
use std::fmt::Write;
use std::sync::LazyLock;
use views::{SHOWN, view};

/// A database engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// PostgreSQL 15 or newer.
    Pg,
    /// SQLite 3.37 or newer (STRICT tables).
    Sqlite,
}

/// What a column holds; [`ColumnKind::sql`] names its type per engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// 64-bit integer.
    BigInt,
    /// 32-bit integer.
    Int,
    /// 16-bit integer.
    SmallInt,
    /// Yuan with two decimals; SQLite: the text `12.50`.
    Money,
    /// Boolean; SQLite: 0 or 1.
    Flag,
    /// Calendar day; SQLite: the text `YYYY-MM-DD`.
    Date,
    /// Instant; SQLite: the text `YYYY-MM-DDTHH:MM:SS.mmmZ` in UTC.
    Stamp,
    /// Bytes: a digest, or a sealed personal value.
    Bytes,
}

impl ColumnKind {
    /// Name of the type.
    pub fn sql(self, engine: Engine) -> &'static str {
        let (pg, sqlite) = match self {
            ColumnKind::Text => ("text", "text"),
            ColumnKind::BigInt => ("bigint", "integer"),
            ColumnKind::Int => ("int", "integer"),
            ColumnKind::SmallInt => ("smallint", "integer"),
            ColumnKind::Money => ("numeric(16,2)", "text"),
            ColumnKind::Flag => ("boolean", "integer"),
            ColumnKind::Date => ("date", "text"),
            ColumnKind::Stamp => ("timestamptz", "text"),
            ColumnKind::Bytes => ("bytea", "blob"),
        };
        match engine {
            Engine::Pg => pg,
            Engine::Sqlite => sqlite,
        }
    }

    /// The kind of the column that holds a field of that spec: personal values are sealed bytes.
    pub fn of_field(field: &FieldSpec) -> ColumnKind {
        if field.personal {
            return ColumnKind::Bytes;
        }
        match field.kind {
            Kind::Text(_)
            | Kind::Code(_)
            | Kind::Exact(_)
            | Kind::DateOrForever
            | Kind::Region
            | Kind::Uscc
            | Kind::LegacyOrg
            | Kind::IdNo(..)
            | Kind::Hex(_) => ColumnKind::Text,
            Kind::DateTime => ColumnKind::Stamp,
            Kind::Date => ColumnKind::Date,
            Kind::Int(..) => ColumnKind::BigInt,
            Kind::Money => ColumnKind::Money,
            Kind::Flag => ColumnKind::Flag,
        }
    }
}

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// One of the fixed columns of [`FIXED`], by its index there.
    Fixed(usize),
    /// The value of the field of that index.
    Field(usize),
    /// The zone of the instant of the field of that index, in minutes east of UTC.
    ZoneOf(usize),
}

/// A column of an element's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, unquoted.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// What stands in it.
    pub role: Role,
    /// Whether it may be null (all field columns may).
    pub nullable: bool,
    /// Chinese comment.
    pub zh: String,
}

impl Column {
    /// The field whose value stands in it.
    pub fn field(&self) -> Option<usize> {
        match self.role {
            Role::Field(index) => Some(index),
            Role::Fixed(_) | Role::ZoneOf(_) => None,
        }
    }

    /// The field whose zone stands in it.
    pub fn zone_of(&self) -> Option<usize> {
        match self.role {
            Role::ZoneOf(index) => Some(index),
            Role::Fixed(_) | Role::Field(_) => None,
        }
    }

    /// Its name as written in a statement, quoted: some fields are named like keywords (`limit`).
    pub fn quoted(&self) -> String {
        format!("\"{}\"", self.name)
    }
}

/// The columns that every element's table begins with: name, kind, nullable, Chinese comment. Short numbers
/// stand for names; the views write the names.
pub const FIXED: [(&str, ColumnKind, bool, &str); 14] = [
    (
        "case_id",
        ColumnKind::BigInt,
        false,
        "办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数",
    ),
    ("seq", ColumnKind::BigInt, false, "要素内序号"),
    ("version", ColumnKind::BigInt, false, "数据版本号"),
    (
        "envelope_no",
        ColumnKind::BigInt,
        false,
        "信封的受理次序号（见envelope）",
    ),
    (
        "source_id",
        ColumnKind::Int,
        false,
        "来源节点内部编号（见source）",
    ),
    ("item_no", ColumnKind::Int, false, "信封内件号，从0起"),
    ("record_no", ColumnKind::Int, false, "件内记录号，从1起"),
    ("line_no", ColumnKind::Int, false, "件内行号，从1起"),
    (
        "row_state",
        ColumnKind::SmallInt,
        false,
        "行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除",
    ),
    (
        "op",
        ColumnKind::SmallInt,
        false,
        "数据操作：1 新增，2 修改，3 删除",
    ),
    ("org_bus_no", ColumnKind::Text, true, "原系统业务流水号"),
    ("none_reason", ColumnKind::Text, true, "声明“无”的原因代码"),
    ("marks", ColumnKind::Text, true, "警告代码，逗号分隔"),
    ("digest", ColumnKind::Bytes, false, "规范内容的SHA-256摘要"),
];

/// The primary key of every element's table.
pub const KEY: [&str; 4] = ["case_id", "source_id", "seq", "version"];

/// The states of a row; `row_state` holds the position, from 1.
pub const ROW_STATES: [&str; 4] = ["live", "superseded", "late", "deleted"];

/// The operations; `op` holds the position, from 1.
pub const OPS: [&str; 3] = ["I", "U", "D"];

static COLUMNS: LazyLock<Vec<Vec<Column>>> =
    LazyLock::new(|| ElementId::ALL.into_iter().map(build).collect());

/// The columns of an element's table in order: the fixed ones, then each field, an instant followed
/// by its zone.
pub fn columns(element: ElementId) -> &'static [Column] {
    &COLUMNS[element.index()]
}

fn build(element: ElementId) -> Vec<Column> {
    let fixed = FIXED
        .iter()
        .enumerate()
        .map(|(index, (name, kind, nullable, zh))| Column {
            name: (*name).to_owned(),
            kind: *kind,
            role: Role::Fixed(index),
            nullable: *nullable,
            zh: (*zh).to_owned(),
        });
    let mut all: Vec<Column> = fixed.collect();
    for (index, field) in element.spec().fields.iter().enumerate() {
        let kind = ColumnKind::of_field(field);
        all.push(Column {
            name: field.name.to_owned(),
            kind,
            role: Role::Field(index),
            nullable: true,
            zh: comment(field),
        });
        if kind == ColumnKind::Stamp {
            all.push(Column {
                name: format!("{}_zone", field.name),
                kind: ColumnKind::SmallInt,
                role: Role::ZoneOf(index),
                nullable: true,
                zh: format!("{}的时区（东经为正，分钟）", field.zh),
            });
        }
    }
    all
}

/// The Chinese comment of a field's column: its name, its codes, its unit, whether it is sealed.
fn comment(field: &FieldSpec) -> String {
    let mut text = field.zh.to_owned();
    if let Kind::Code(set) = field.kind {
        let codes: Vec<String> = set
            .codes
            .iter()
            .map(|(code, zh, _)| format!("{code} {zh}"))
            .collect();
        let _ = write!(text, "：{}", codes.join("，"));
    }
    match field.kind {
        Kind::Money => text.push_str("（元）"),
        Kind::Flag => text.push_str("（是/否）"),
        Kind::DateOrForever => text.push_str("（日期或“长期”）"),
        _ => {}
    }
    if field.personal {
        text.push_str("（个人信息，加密存储）");
    }
    text
}

fn table_comment(spec: &ElementSpec) -> String {
    format!("{}（要素{}）：全部版本", spec.zh, spec.number)
}

fn view_comment(spec: &ElementSpec) -> String {
    format!("{}（要素{}）：现行数据", spec.zh, spec.number)
}

/// The migration that creates the 14 tables `el_<element>`, and the 14 views `<element>` that show
/// the live rows only, with Chinese comments.
pub fn tables(engine: Engine) -> String {
    let mut out = String::from(
        "-- Generated from the element specs by tongcha-schema (schema/src/ddl.rs); do not edit.\n\
         -- 由要素规范生成，请勿手工修改。\n",
    );
    for element in ElementId::ALL {
        out.push('\n');
        match engine {
            Engine::Pg => pg_table(&mut out, element.spec()),
            Engine::Sqlite => sqlite_table(&mut out, element.spec()),
        }
    }
    out
}

/// The key of a record: of its versions one is live at most.
const RECORD_KEY: [&str; 3] = ["case_id", "source_id", "seq"];

/// The body of `create table`: columns, then the constraints.
fn body(out: &mut String, spec: &ElementSpec, engine: Engine, comments: bool) {
    let remark = |text: &str| {
        if comments {
            format!(" -- {}", text.replace('\n', " "))
        } else {
            String::new()
        }
    };
    for column in columns(spec.id) {
        let null = if column.nullable { "" } else { " not null" };
        let _ = writeln!(
            out,
            "  {} {}{null},{}",
            column.quoted(),
            column.kind.sql(engine),
            remark(&column.zh)
        );
    }
    let _ = writeln!(
        out,
        "  constraint {0}_row_state check (row_state between 1 and {1}),\n  \
         constraint {0}_op check (op between 1 and {2}),\n  \
         primary key ({3})",
        spec.table(),
        ROW_STATES.len(),
        OPS.len(),
        KEY.join(", ")
    );
}

fn pg_table(out: &mut String, spec: &ElementSpec) {
    let _ = writeln!(out, "create table {} (", spec.table());
    body(out, spec, Engine::Pg, false);
    out.push_str(");\n");
    one_live(out, spec);
    view(out, spec, Engine::Pg);
    let quote = |text: &str| text.replace('\'', "''");
    let _ = writeln!(
        out,
        "comment on table {} is '{}';\ncomment on view {} is '{}';\ncomment on view {2}_history is '{1}';",
        spec.table(),
        quote(&table_comment(spec)),
        spec.name,
        quote(&view_comment(spec))
    );
    for column in columns(spec.id) {
        let _ = writeln!(
            out,
            "comment on column {}.{} is '{}';",
            spec.table(),
            column.quoted(),
            quote(&column.zh)
        );
    }
    let own = SHOWN
        .iter()
        .map(|(_, name, zh)| ((*name).to_owned(), (*zh).to_owned()));
    let received = ("received_at".to_owned(), "本中心收到时间".to_owned());
    let fields = columns(spec.id).iter().skip(FIXED.len());
    let fields = fields.map(|c| (c.name.clone(), c.zh.clone()));
    for (name, zh) in own.chain([received]).chain(fields) {
        let _ = writeln!(
            out,
            "comment on column {}.\"{name}\" is '{}';",
            spec.name,
            quote(&zh)
        );
    }
}

fn one_live(out: &mut String, spec: &ElementSpec) {
    let _ = writeln!(
        out,
        "create unique index {0}_live on {0} ({1}) where row_state = 1;",
        spec.table(),
        RECORD_KEY.join(", ")
    );
}

fn sqlite_table(out: &mut String, spec: &ElementSpec) {
    let _ = writeln!(
        out,
        "create table {} ( -- {}",
        spec.table(),
        table_comment(spec)
    );
    body(out, spec, Engine::Sqlite, true);
    out.push_str(") strict;\n");
    one_live(out, spec);
    let mut text = String::new();
    view(&mut text, spec, Engine::Sqlite);
    let head = format!("create view {} as\n", spec.name);
    let commented = format!("create view {} as -- {}\n", spec.name, view_comment(spec));
    out.push_str(&text.replacen(&head, &commented, 1));
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_field_has_exactly_one_column_and_every_instant_a_zone() {
        for element in ElementId::ALL {
            let all = columns(element);
            let names: BTreeSet<&str> = all.iter().map(|c| c.name.as_str()).collect();
            assert_eq!(names.len(), all.len(), "{element}: a column name twice");
            for (index, field) in element.spec().fields.iter().enumerate() {
                let own: Vec<&Column> = all.iter().filter(|c| c.field() == Some(index)).collect();
                assert_eq!(own.len(), 1, "{element}.{}", field.name);
                assert_eq!(own[0].name, field.name);
                let zones = all.iter().filter(|c| c.zone_of() == Some(index)).count();
                let stamped = matches!(field.kind, Kind::DateTime) && !field.personal;
                assert_eq!(zones, usize::from(stamped), "{element}.{}", field.name);
            }
            for (position, name) in ["case_id", "seq", "version", "envelope_no"]
                .iter()
                .enumerate()
            {
                assert_eq!(all[position].name, *name);
            }
        }
    }

    #[test]
    fn every_column_is_commented_in_chinese() {
        let pg = tables(Engine::Pg);
        for element in ElementId::ALL {
            for column in columns(element) {
                let start = format!("comment on column el_{element}.\"{}\" is '", column.name);
                let rest = pg.split_once(&start).unwrap().1;
                let text = rest.split_once("';").unwrap().0;
                assert!(
                    text.chars().any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c)),
                    "{element}.{}: {text}",
                    column.name
                );
            }
        }
        let sqlite = tables(Engine::Sqlite);
        for line in sqlite.lines().filter(|l| l.starts_with("  \"")) {
            assert!(line.contains(" -- "), "{line}");
        }
    }

    #[test]
    fn personal_values_are_bytes() {
        for element in ElementId::ALL {
            for column in columns(element) {
                if let Some(index) = column.field()
                    && element.spec().fields[index].personal
                {
                    assert_eq!(column.kind, ColumnKind::Bytes);
                }
            }
        }
    }
}
