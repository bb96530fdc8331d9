//! A document that no dialect fits: what is seen of it, which dialect comes nearest, and what that one
//! lacks. Refuses to read rows.

use super::document::{is_json, is_xml};
use super::plan::{column, knows};
use super::spec::{Shape, Spec};
use super::unread::{is_value, listed};
use super::{Registry, json, read_csv, read_dbf, rows};

/// Words of a stranger for a finding, in Chinese and English.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stranger {
    /// What is seen of it.
    pub seen: (String, String),
    /// The nearest dialect and what it lacks; empty where none comes near.
    pub near: (String, String),
}

/// Whether a document that no dialect fits is left to the guard, which says what is wrong with XML.
pub(crate) fn is_for_guard(start: &[u8]) -> bool {
    let tagged = || {
        start.contains(&b'<') && !is_json(start) && rows::names(&read_csv::top(start)).is_empty()
    };
    start.is_empty() || is_xml(start) || tagged()
}

impl Registry {
    /// What can be said of a document that no dialect fits, by its first bytes.
    pub(crate) fn stranger(&self, start: &[u8]) -> Stranger {
        let (shape, names) = names(start);
        if names.iter().any(|n| is_value(n)) {
            let zh = "是一张表，但第一行像是数据而不是列名";
            let en = "it is a table whose first row looks like data, not like names of columns";
            return Stranger {
                seen: (zh.to_owned(), en.to_owned()),
                near: Default::default(),
            };
        }
        if names.is_empty() {
            // Twelve characters tell a format and no person.
            let text = String::from_utf8_lossy(&start[..start.len().min(64)]);
            let shown: String = text.chars().filter(|c| !c.is_control()).take(12).collect();
            return Stranger {
                seen: (format!("开头为“{shown}”"), format!("it begins \"{shown}\"")),
                near: Default::default(),
            };
        }
        let list = listed(&names);
        let seen = (format!("列为{list}"), format!("its columns are {list}"));
        let near = self.nearest(shape, &names).unwrap_or_default();
        Stranger { seen, near }
    }

    /// The dialect of that kind that knows the most of these columns, at least two of them.
    fn nearest(&self, shape: Shape, names: &[String]) -> Option<(String, String)> {
        let near = self.all().filter(|d| d.shape() == shape).filter_map(|d| {
            let plan = d.plan.as_ref()?;
            let tables = d.spec.tables.len().max(1);
            let of_table = |table: usize| {
                let at = (!d.spec.tables.is_empty()).then_some(table);
                let unread: Vec<String> = names
                    .iter()
                    .filter(|n| !knows(plan, at, n))
                    .cloned()
                    .collect();
                let missing = missing(&d.spec, at, names);
                (names.len() - unread.len(), missing, unread)
            };
            let best = (0..tables)
                .map(of_table)
                .max_by_key(|(known, missing, _)| (*known, usize::MAX - missing.len()))?;
            Some((d, best))
        });
        let (dialect, (_, missing, unread)) = near
            .filter(|(_, (known, ..))| *known >= 2)
            .max_by_key(|(_, (known, missing, _))| (*known, usize::MAX - missing.len()))?;
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        if !missing.is_empty() {
            zh.push(format!("缺列{}", listed(&missing)));
            en.push(format!("the columns {} are missing", listed(&missing)));
        }
        if !unread.is_empty() {
            zh.push(format!("不读取列{}", listed(&unread)));
            en.push(format!("it does not read {}", listed(&unread)));
        }
        let name = &dialect.name;
        Some((
            format!("；最接近的是方言“{name}”，但{}", zh.join("，")),
            format!(
                "; the nearest dialect is \"{name}\", but {}",
                en.join(", and ")
            ),
        ))
    }
}

/// The columns that a document shows, and the kind of dialect that reads such.
fn names(start: &[u8]) -> (Shape, Vec<String>) {
    if is_json(start) {
        let columns = json::columns(start);
        return (
            Shape::Row,
            columns.unwrap_or_else(|| json::held(&json::first(start))),
        );
    }
    let columns = match read_dbf::Head::at(start) {
        Some(head) => head.columns(),
        None => {
            let top = read_csv::top(start);
            let header = top.iter().find(|row| row.len() > 1);
            header.into_iter().flatten().map(|n| column(n)).collect()
        }
    };
    (Shape::Csv, columns)
}

/// The key columns of a dialect, and of one of its tables, that are not among those names.
fn missing(spec: &Spec, table: Option<usize>, names: &[String]) -> Vec<String> {
    let own = spec.recognise.columns.iter();
    let of_table = table.map(|t| spec.tables[t].columns.iter());
    let has = |c: &&String| {
        let others = spec.aliases.get(*c).into_iter().flatten();
        let mut all = std::iter::once(*c).chain(others);
        all.any(|name| names.iter().any(|n| n.eq_ignore_ascii_case(name)))
    };
    own.chain(of_table.into_iter().flatten())
        .filter(|c| !has(c))
        .cloned()
        .collect()
}
