//! Table rows as JSON objects, or as a group of lists below a head: columns are named without regard to case, since databases differ in it, and
//! what an object within the row holds by its path (`applicant/name`). A number is its text as written,
//! true is 1, null is nothing; a column may hold child rows as a list of objects. It refuses what is no
//! such object, and a number with an exponent, whose last digits are gone.

use super::document;
use super::gather::Gathered;
use super::json::{self, Fault, JsonObject, Kind};
use super::make::CaseBuilder;
use super::plan::{self, Plan, Slot};
use serde_json::value::RawValue;
use std::ops::ControlFlow;
use tongcha_schema::code::{element as x3, xml as x2};
use tongcha_schema::finding::Finding;
use tongcha_schema::limits::ROW_BYTES;
use tongcha_schema::record::RawCase;

/// Reads the rows of a text that is no group of rows; each is a case of its own.
pub(crate) fn read(
    plan: &Plan,
    file: &str,
    bytes: &[u8],
    sink: &mut dyn FnMut(RawCase) -> ControlFlow<()>,
) -> Vec<Finding> {
    let mut rows = match json::rows(bytes) {
        Ok(rows) => rows,
        Err(fault) => return vec![told(&fault, file)],
    };
    if let [one] = rows.as_slice()
        && !json::names(one).iter().any(|name| knows(plan, name))
    {
        rows = match json::wrapped(one) {
            inside if inside.is_empty() => rows,
            inside => inside,
        };
    }
    if rows.is_empty() {
        return vec![document::at(x3::NO_RECORDS, file, 1, 1)];
    }
    let mut reader = RowReader::new(plan, file);
    let mut maker = CaseBuilder::new(plan, file);
    for row in &rows {
        let made = reader.case(row, &mut maker);
        if sink(made).is_break() {
            break;
        }
    }
    maker.end().into_iter().collect()
}

/// Names of places of a row that hold something and are not read: of an object in it by their path.
pub(super) fn unread(
    plan: &Plan,
    table: Option<usize>,
    before: &str,
    row: &JsonObject<'_>,
    out: &mut Vec<String>,
) {
    for (name, value) in &row.0 {
        let name = format!("{before}{name}");
        if plan::knows(plan, table, &name) {
            continue;
        }
        match json::object(value) {
            Some(inner) => unread(plan, table, &format!("{name}/"), &inner, out),
            None if json::holds(value) => out.push(name),
            None => {}
        }
    }
}

/// The finding about a text that gives no rows.
pub(crate) fn told(fault: &Fault, file: &str) -> Finding {
    match fault {
        Fault::TooLong => document::at(x2::XML_OVER_LIMIT, file, 1, 1)
            .with("what_zh", "JSON的字节数")
            .with("what_en", "a JSON text in bytes")
            .with("limit", ROW_BYTES),
        Fault::Broken(line, column, detail) => {
            let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            document::at(x2::BAD_JSON, file, number(*line), number(*column)).with("detail", detail)
        }
        Fault::NoObjects => document::at(x3::WRONG_ROOT, file, 1, 1)
            .with("found", "JSON")
            .with("expected", "{..} / [{..}]"),
    }
}

fn knows(plan: &Plan, name: &str) -> bool {
    plan.keys[0].contains_key(name) || child_scope(plan, name).is_some()
}

/// The scope of the child rows that a column holds.
pub(super) fn child_scope(plan: &Plan, column: &str) -> Option<u32> {
    let is = |name: &String| name.to_lowercase() == column;
    let found = plan.scopes.iter().skip(1).position(is)?;
    u32::try_from(found + 1).ok()
}

/// A number that cannot be trusted: its place, name and text.
struct SpoiltNumber {
    slot: Slot,
    column: u32,
    name: String,
    text: String,
}

pub(super) struct RowReader<'p> {
    pub plan: &'p Plan,
    pub file: &'p str,
    pub case: Gathered,
    /// Line of the row, where it stands in a group of rows; else 0.
    line: u32,
    /// Values of the row so far: a place tells them apart.
    column: u32,
    /// Columns that should hold child rows and do not.
    pub odd: Vec<String>,
    /// Places of child rows that hold something and are not read.
    pub aside: Vec<String>,
    spoilt: Vec<SpoiltNumber>,
}

impl<'p> RowReader<'p> {
    pub fn new(plan: &'p Plan, file: &'p str) -> RowReader<'p> {
        RowReader {
            plan,
            file,
            case: Gathered::new(plan),
            line: 0,
            column: 0,
            odd: Vec::new(),
            aside: Vec::new(),
            spoilt: Vec::new(),
        }
    }

    fn case(&mut self, row: &JsonObject<'_>, maker: &mut CaseBuilder<'_>) -> RawCase {
        self.begin(0);
        self.object(0, "", row);
        let mut made = maker.make(&self.case);
        // A row that is of no table of a family is told as a whole.
        if maker.table().is_some() || self.plan.tables.is_empty() {
            unread(self.plan, maker.table(), "", row, &mut self.aside);
        }
        self.tell(&mut made, maker);
        made
    }

    pub fn begin(&mut self, line: u32) {
        self.line = line;
        self.case.begin(line, 0);
        self.column = 0;
        self.odd.clear();
        self.spoilt.clear();
    }

    /// Tells what a row holds that is no value of its case.
    pub fn tell(&mut self, made: &mut RawCase, maker: &mut CaseBuilder<'_>) {
        for name in self.aside.drain(..) {
            maker.unread(&name);
        }
        for column in &self.odd {
            let at = document::at(x3::UNMAPPED, self.file, self.line, 0);
            let finding = at.with("found", column);
            made.findings.push((None, finding));
        }
        for number in &self.spoilt {
            number.tell(self.plan, (self.file, self.line), made);
        }
        // A row has no columns that anybody could count: they told its values apart.
        for field in made.records.iter_mut().flat_map(|r| &mut r.fields) {
            field.column = 0;
        }
    }

    /// The values of an object: `before` is its own path.
    pub fn object(&mut self, scope: u32, before: &str, row: &JsonObject<'_>) {
        for (name, value) in &row.0 {
            let name = format!("{before}{}", name.to_lowercase());
            let child = (scope == 0)
                .then(|| child_scope(self.plan, &name))
                .flatten();
            if let Some(child) = child {
                if !self.children(child, value) {
                    self.odd.push(name);
                }
            } else if let Some(slot) = self.plan.keys[scope as usize].get(name.as_str()) {
                self.value(Slot { scope, slot: *slot }, &name, value);
            } else if let Some(inner) = json::object(value) {
                self.object(scope, &format!("{name}/"), &inner);
            } else if scope > 0 && json::holds(value) {
                let list = &self.plan.scopes[scope as usize];
                self.aside.push(format!("{list}/{name}"));
            }
        }
    }

    /// Takes a list of objects, or the text of one (a database gives texts), as child rows. False where
    /// it is something else; nothing and an empty list are no rows.
    pub fn children(&mut self, scope: u32, value: &RawValue) -> bool {
        let text = match json::kind(value) {
            Kind::Null => return true,
            Kind::Text => serde_json::from_str::<String>(value.get()).unwrap_or_default(),
            _ => value.get().to_owned(),
        };
        if text.trim().is_empty() {
            return true;
        }
        let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(&text) else {
            return false;
        };
        let mut whole = true;
        for child in list {
            let Some(child) = json::object(child) else {
                whole = false;
                continue;
            };
            self.case.row(scope, self.line, 0);
            self.object(scope, "", &child);
        }
        whole
    }

    /// One value of a row into its slot.
    pub fn value(&mut self, slot: Slot, name: &str, value: &RawValue) {
        self.column = self.column.saturating_add(1);
        let raw = value.get();
        let text = match json::kind(value) {
            Kind::Null => return self.case.see(slot),
            Kind::Text => serde_json::from_str(raw).unwrap_or_default(),
            Kind::Flag => u8::from(raw == "true").to_string(),
            Kind::Number if raw.contains(['e', 'E']) => {
                self.spoilt.push(SpoiltNumber {
                    slot,
                    column: self.column,
                    name: name.to_owned(),
                    text: raw.to_owned(),
                });
                raw.to_owned()
            }
            Kind::Number | Kind::List | Kind::Object => raw.to_owned(),
        };
        let mark = self.case.mark();
        self.case.push(&text);
        self.case.fill(slot, mark, self.line, self.column);
    }
}

impl SpoiltNumber {
    /// A key rejects all of the row's records, another value those that it gives a field.
    fn tell(&self, plan: &Plan, (file, line): (&str, u32), made: &mut RawCase) {
        let is_key = plan.weighs.contains(&self.slot);
        for (index, record) in made.records.iter_mut().enumerate() {
            let spec = record.element.spec();
            let field = record.fields.iter().find(|f| f.column == self.column);
            let field = field.and_then(|f| spec.fields.get(f.index));
            if field.is_none() && !is_key {
                continue;
            }
            let mut finding = document::at(x3::JSON_NUMBER, file, line, 0)
                .with("column", &self.name)
                .with_value(&self.text, field.is_some_and(|f| f.personal));
            finding.place.case_no.clone_from(&made.case_no);
            finding.place.field = field.map_or_else(|| self.name.clone(), |f| f.name.to_owned());
            made.findings.push((Some(index), finding));
            record.fields.retain(|f| f.column != self.column);
        }
    }
}
