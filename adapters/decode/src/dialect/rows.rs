//! Rows of a table, whatever its form (text, dBase): a header, then rows of as many fields, each a
//! case of its own. Columns are named without regard to case. Titles may stand above the header, and
//! rows without content are passed over. It refuses to know a form.

use super::cell::{self, Spoilt};
use super::document;
use super::gather::{Gathered, Spot};
use super::make::CaseBuilder;
use super::plan::{Columns, Plan, Slot, column};
use csv::StringRecord;
use std::collections::{BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::ControlFlow;
use tongcha_schema::code::element as x3;
use tongcha_schema::finding::Finding;
use tongcha_schema::record::{RawCase, RawField};

/// Rows from the top among which the header is looked for: titles and remarks stand above it.
pub(crate) const TOP_ROWS: usize = 20;

/// One row of a table, used again for the next.
#[derive(Clone, Default)]
pub(crate) struct TableRow {
    /// Its fields.
    pub texts: StringRecord,
    /// Its line in the file, or its number.
    pub line: u32,
    /// Its number as a spreadsheet shows it, which counts no line breaks within fields.
    pub sheet_row: u32,
    /// Fields that hold something that is not read: number of the field from 0, and what it is in
    /// Chinese and English.
    pub unread: Vec<(usize, (&'static str, &'static str))>,
    /// Fields, from 0, whose text was cut in the middle of a character.
    pub cut: Vec<usize>,
}

/// Gives the rows of a table that passed its survey, the header first.
pub(crate) trait RowReader {
    /// The next row; false at the end.
    fn next(&mut self, row: &mut TableRow) -> bool;
}

/// A column's name as it is told; one without a name is told by its number.
fn shown((number, name): (usize, &str)) -> String {
    match named(name) {
        name if name.is_empty() => format!("#{number}"),
        name => name,
    }
}

/// Reads the rows of a table; each is a case of its own.
pub(crate) fn read(
    plan: &Plan,
    file: &str,
    rows: &mut dyn RowReader,
    sink: &mut dyn FnMut(RawCase) -> ControlFlow<()>,
) -> Vec<Finding> {
    let mut top = top(rows);
    let Some(at) = header(plan, &top) else {
        return vec![document::at(x3::NO_RECORDS, file, 1, 1)];
    };
    top.drain(..at);
    let head = top.pop_front().unwrap_or_default();
    let names: Vec<String> = (1..).zip(&head.texts).map(shown).collect();
    let slots: Vec<Option<u32>> = names
        .iter()
        .map(|name| plan.keys[0].get(column(name).as_str()).copied())
        .collect();
    let mut case = Gathered::new(plan);
    let mut maker = CaseBuilder::new(plan, file);
    let mut columns = Columns::of(plan, &names);
    let (mut row, mut any) = (TableRow::default(), false);
    loop {
        match top.pop_front() {
            Some(first) => row = first,
            None if rows.next(&mut row) => {}
            None => break,
        }
        if row.is_empty() {
            continue;
        }
        any = true;
        let made = if row.texts.len() == slots.len() {
            fill(&mut case, &row, &slots);
            let mut made = maker.make(&case);
            unread(&mut made, file, &row, &names, &slots);
            spoilt(plan, &mut made, file, &row, (&names, &slots));
            for name in columns.look(maker.table(), |at| row.texts.get(at)) {
                maker.unread(name);
            }
            made
        } else {
            of_another_length(file, row.line, (row.texts.len(), slots.len()))
        };
        if sink(made).is_break() {
            return Vec::new();
        }
    }
    let none = (!any).then(|| document::at(x3::NO_RECORDS, file, 1, 1));
    none.into_iter().chain(maker.end()).collect()
}

impl TableRow {
    /// Whether nothing stands in it.
    fn is_empty(&self) -> bool {
        self.unread.is_empty() && self.texts.iter().all(|t| t.trim().is_empty())
    }
}

/// The first rows, of which one is the header.
fn top(rows: &mut dyn RowReader) -> VecDeque<TableRow> {
    let mut top = VecDeque::new();
    let mut row = TableRow::default();
    while top.len() < TOP_ROWS && rows.next(&mut row) {
        top.push_back(row.clone());
    }
    top
}

/// Which of the first rows is the header: the one that names most of the dialect's columns, the first of
/// equals, and the first that is not empty where none names any.
fn header(plan: &Plan, top: &VecDeque<TableRow>) -> Option<usize> {
    let known = |row: &TableRow| {
        let names = row.texts.iter().map(|t| column(named(t).as_str()));
        names
            .filter(|n| plan.keys[0].contains_key(n.as_str()))
            .count()
    };
    let filled = || top.iter().enumerate().filter(|(_, row)| !row.is_empty());
    let most = filled().map(|(_, row)| known(row)).max()?;
    filled()
        .find(|(_, row)| known(row) == most)
        .map(|(at, _)| at)
}

/// The names that stand in each of the first rows of a table, as they are compared; rows of one field
/// are titles.
pub(crate) fn names(top: &[Vec<String>]) -> Vec<BTreeSet<String>> {
    let of = |row: &Vec<String>| row.iter().map(|t| column(&named(t))).collect();
    top.iter().filter(|row| row.len() > 1).map(of).collect()
}

/// A column's name as the header writes it.
fn named(text: &str) -> String {
    cell::undone(text).trim().to_owned()
}

/// A case of nothing but its finding: any number of them passes with flat memory.
pub(crate) fn of_another_length(
    file: &str,
    line: u32,
    (found, expected): (usize, usize),
) -> RawCase {
    let finding = document::at(x3::ROW_LENGTH, file, line, 1)
        .with("found", found)
        .with("expected", expected);
    RawCase {
        line,
        findings: vec![(None, finding)],
        ..RawCase::default()
    }
}

/// The findings of fields that the dialect asks for and the form does not give.
fn unread(made: &mut RawCase, file: &str, row: &TableRow, names: &[String], slots: &[Option<u32>]) {
    for (at, (zh, en)) in &row.unread {
        if slots.get(*at).is_some_and(Option::is_some) {
            let column = u32::try_from(at + 1).unwrap_or(u32::MAX);
            let mut finding = document::at(x3::FIELD_UNREAD, file, row.line, column)
                .with("column", &names[*at])
                .with("what_zh", zh)
                .with("what_en", en);
            finding.place.case_no.clone_from(&made.case_no);
            made.findings.push((None, finding));
        }
    }
}

fn fill(case: &mut Gathered, row: &TableRow, slots: &[Option<u32>]) {
    case.begin(row.line, 1);
    let mut hasher = DefaultHasher::new();
    for (number, (text, slot)) in (1_u32..).zip(row.texts.iter().zip(slots)) {
        text.hash(&mut hasher);
        if let Some(slot) = *slot {
            let mark = case.mark();
            case.push(cell::undone(text));
            let slot = Slot { scope: 0, slot };
            case.fill(slot, mark, row.line, number);
            if row.cut.iter().any(|at| at + 1 == number as usize) {
                case.cut.push(Spot {
                    slot,
                    row: 0,
                    line: row.line,
                    column: number,
                });
            }
        }
    }
    case.content = Some(hasher.finish());
}

/// Tells of the cells of a row that are spoilt, with the records that would have been made with them: a
/// key rejects all of the row's records, another cell those that it gives a field.
fn spoilt(
    plan: &Plan,
    made: &mut RawCase,
    file: &str,
    row: &TableRow,
    (names, slots): (&[String], &[Option<u32>]),
) {
    for (at, text) in row.texts.iter().enumerate() {
        let Some(slot) = slots.get(at).copied().flatten() else {
            continue;
        };
        let Some(spoilt) = Spoilt::of(cell::undone(text)) else {
            continue;
        };
        let column = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let is_key = plan.weighs.contains(&Slot { scope: 0, slot });
        for (index, record) in made.records.iter_mut().enumerate() {
            let spec = record.element.spec();
            let of_cell = |f: &RawField| (f.line, f.column) == (row.line, column);
            let field = record.fields.iter().find(|f| of_cell(f)).map(|f| f.index);
            if field.is_none() && !is_key {
                continue;
            }
            let field = field.and_then(|f| spec.fields.get(f));
            let mut finding = spoilt
                .finding(file, row.line, column)
                .with("cell", cell::name(file, column, row.sheet_row))
                .with("column", &names[at])
                .with_value(text.trim(), field.is_some_and(|f| f.personal));
            finding.place.case_no.clone_from(&made.case_no);
            finding.place.field = field.map_or_else(|| names[at].clone(), |f| f.name.to_owned());
            made.findings.push((Some(index), finding));
            record.fields.retain(|f| !of_cell(f));
        }
    }
}
