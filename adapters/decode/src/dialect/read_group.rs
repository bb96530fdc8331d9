//! A group of rows of a table in one document: a head that names table, key and columns once, then a list of
//! values a row. Each row is a case of its own, as if it stood alone: numbered by itself, told by its line and by
//! its key, and refused alone. Refuses a text whose head or whose rows are no JSON, as a whole.

use super::document;
use super::json::{self, Fault, Head, Kind};
use super::make::CaseBuilder;
use super::plan::{Columns, Plan, Slot};
use super::read_row::{self, RowReader, child_scope, told, unread};
use super::rows::of_another_length;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::io::BufRead;
use std::ops::ControlFlow;
use tongcha_schema::code::element as x3;
use tongcha_schema::finding::Finding;
use tongcha_schema::limits::ROW_BYTES;
use tongcha_schema::record::RawCase;

/// What a column holds.
enum Holds {
    /// A value of the case.
    Value(Slot),
    /// Child rows.
    Children(u32),
    /// Nothing that is read, but what an object in it may hold.
    Other,
}

/// Bytes of a row's name: as many as an item's has.
const NAME_BYTES: usize = 255;

/// Reads the rows of an item, or of the group of rows that it is; each is a case of its own.
pub(crate) fn read(
    plan: &Plan,
    file: &str,
    input: &mut dyn BufRead,
    sink: &mut dyn FnMut(RawCase) -> ControlFlow<()>,
) -> Vec<Finding> {
    // An error of the disk is told by the caller.
    let bytes = json::bytes(input).unwrap_or_default();
    let group = json::group(&bytes).filter(|_| bytes.len() as u64 <= ROW_BYTES);
    match group {
        Some((head, rest)) => lists(plan, file, &head, (&bytes, rest), sink),
        None => read_row::read(plan, file, &bytes, sink),
    }
}

/// Reads the rows of a group: all of its text, and what of it stands behind the head.
fn lists(
    plan: &Plan,
    file: &str,
    head: &Head,
    (text, rest): (&[u8], &[u8]),
    sink: &mut dyn FnMut(RawCase) -> ControlFlow<()>,
) -> Vec<Finding> {
    let lines = newlines(&text[..text.len() - rest.len()]);
    // A document is whole or nothing: what breaks off is seen before any of it is handed on.
    let mut any = false;
    for list in serde_json::Deserializer::from_slice(rest).into_iter::<Vec<IgnoredAny>>() {
        if let Err(e) = list {
            let line = e.line() + lines as usize;
            let fault = Fault::Broken(line, e.column(), e.to_string());
            return vec![told(&fault, file)];
        }
        any = true;
    }
    if !any {
        return vec![document::at(x3::NO_RECORDS, file, 1, 1)];
    }
    let names: Vec<String> = head.columns.iter().map(|c| c.to_lowercase()).collect();
    let mut group = Group {
        head,
        key: key(head),
        width: head.columns.len() + head.apart().count(),
        holds: names.iter().map(|name| holds(plan, name)).collect(),
        columns: Columns::of(plan, &names),
        names: &names,
        reader: RowReader::new(plan, file),
    };
    let mut maker = CaseBuilder::new(plan, file);
    let (mut line, mut from) = (lines + 1, 0);
    let mut lists = serde_json::Deserializer::from_slice(rest).into_iter::<Vec<&RawValue>>();
    while let Some(Ok(list)) = lists.next() {
        let part = &rest[from..lists.byte_offset()];
        let lead = part.iter().take_while(|b| b.is_ascii_whitespace()).count();
        line += newlines(&part[..lead]);
        let made = group.row(&list, line, &mut maker);
        line += newlines(&part[lead..]);
        from = lists.byte_offset();
        if sink(made).is_break() {
            return Vec::new();
        }
    }
    maker.end().into_iter().collect()
}

struct Group<'g> {
    head: &'g Head,
    /// Where in a row the values of its key stand.
    key: Vec<usize>,
    /// Values of a row.
    width: usize,
    holds: Vec<Holds>,
    names: &'g [String],
    columns: Columns<'g>,
    reader: RowReader<'g>,
}

impl Group<'_> {
    fn row(&mut self, list: &[&RawValue], line: u32, maker: &mut CaseBuilder<'_>) -> RawCase {
        let mut made = if list.len() == self.width {
            self.case(list, line, maker)
        } else {
            let found = (list.len(), self.width);
            of_another_length(self.reader.file, line, found)
        };
        made.row = self.name(list, line);
        made
    }

    fn case(&mut self, list: &[&RawValue], line: u32, maker: &mut CaseBuilder<'_>) -> RawCase {
        let reader = &mut self.reader;
        reader.begin(line);
        for ((value, name), holds) in list.iter().zip(self.names).zip(&self.holds) {
            match holds {
                Holds::Value(slot) => reader.value(*slot, name, value),
                Holds::Children(scope) => {
                    if !reader.children(*scope, value) {
                        reader.odd.push(name.clone());
                    }
                }
                Holds::Other => {
                    if let Some(inner) = json::object(value) {
                        reader.object(0, &format!("{name}/"), &inner);
                    }
                }
            }
        }
        maker.alone();
        let mut made = maker.make(&reader.case);
        let table = maker.table();
        let is_object = |at: usize| json::kind(list[at]) == Kind::Object;
        let text = |at: usize| (json::holds(list[at]) && !is_object(at)).then_some("-");
        for name in self.columns.look(table, text) {
            maker.unread(name);
        }
        if table.is_some() || reader.plan.tables.is_empty() {
            for (value, name) in list.iter().zip(self.names) {
                if let Some(inner) = json::object(value) {
                    let before = format!("{name}/");
                    unread(reader.plan, table, &before, &inner, &mut reader.aside);
                }
            }
        }
        reader.tell(&mut made, maker);
        for (_, finding) in &mut made.findings {
            finding.place.column = 0;
        }
        made
    }

    /// Table and key values of a row; its line where the head names no key.
    fn name(&self, list: &[&RawValue], line: u32) -> String {
        let table = match self.head.table.as_str() {
            "" => self.reader.file,
            table => table,
        };
        let mut name = format!("{table}/");
        let values: Option<Vec<&&RawValue>> = self.key.iter().map(|at| list.get(*at)).collect();
        match values.filter(|values| !values.is_empty()) {
            None => name.push_str(&line.to_string()),
            Some(values) => {
                for (at, value) in values.into_iter().enumerate() {
                    if at > 0 {
                        name.push(',');
                    }
                    match json::kind(value) {
                        Kind::Text => {
                            name.push_str(
                                &serde_json::from_str::<String>(value.get()).unwrap_or_default(),
                            );
                        }
                        _ => name.push_str(value.get()),
                    }
                }
            }
        }
        shown(name)
    }
}

/// A name without control characters, cut at the end.
fn shown(mut name: String) -> String {
    if name.chars().any(char::is_control) {
        name = name.replace(char::is_control, "_");
    }
    let end = (0..=NAME_BYTES.min(name.len())).rfind(|at| name.is_char_boundary(*at));
    name.truncate(end.unwrap_or(0));
    name
}

fn key(head: &Head) -> Vec<usize> {
    let all: Vec<&String> = head.columns.iter().chain(head.apart()).collect();
    let at = |name: &String| all.iter().position(|n| *n == name);
    head.key.iter().filter_map(at).collect()
}

fn holds(plan: &Plan, name: &str) -> Holds {
    if let Some(scope) = child_scope(plan, name) {
        return Holds::Children(scope);
    }
    match plan.keys[0].get(name) {
        Some(slot) => Holds::Value(Slot {
            scope: 0,
            slot: *slot,
        }),
        None => Holds::Other,
    }
}

fn newlines(text: &[u8]) -> u32 {
    let count = text.iter().filter(|b| **b == b'\n').count();
    u32::try_from(count).unwrap_or(u32::MAX)
}
