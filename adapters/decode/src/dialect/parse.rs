//! TOML text of a dialect to its [`Spec`]: every name of ours is resolved, every mistake is listed
//! with its line and a hint. Refuses to read files: text comes in. Rules of records stand in
//! `parse/record.rs`, how a text is taken in `parse/take.rs`, tables and several kinds of one file in
//! `parse/family.rs`.

use super::mistake::DialectError;
use super::spec::{Absent, CaseRule, Recognise, Shape, Spec, VersionRule};
use super::view::{Mistakes, View};
use family::{kinds, maps, named, of_each_kind, tables};
use record::{element, field, record, require};
use std::collections::BTreeMap;
use take::{take, version};
use time::UtcOffset;
use toml::de::DeTable;
use tongcha_schema::clock::CHINA;
use tongcha_schema::code::Code;
use tongcha_schema::xml::TextEncoding;

mod family;
mod record;
mod take;

const TOP: [&str; 19] = [
    "name",
    "version",
    "title_zh",
    "title_en",
    "kind",
    "zone",
    "encoding",
    "space",
    "rejects_by_case",
    "recognise",
    "case",
    "aliases",
    "maps",
    "table",
    "leave_out",
    "absent",
    "lower",
    "record",
    "require",
];

/// Reads a dialect file, one spec per kind that it names; `file` names it in errors.
pub(crate) fn parse(file: &str, text: &str) -> Result<Vec<Spec>, DialectError> {
    let out = Mistakes::of(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = error.span().unwrap_or(0..0);
        out.add(
            &at,
            format!("not TOML: {}", error.message()),
            "repair the notation",
        );
    }
    let view = View::of(table.get_ref(), table.span(), "dialect", &out);
    let shapes = kinds(&view);
    let spec = spec(&view, &shapes);
    let dialect = match view.value("name").and_then(|v| v.get_ref().as_str()) {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => file.to_owned(),
    };
    let mistakes = out.sorted();
    if mistakes.is_empty() {
        Ok(of_each_kind(&spec, &shapes))
    } else {
        Err(DialectError { dialect, mistakes })
    }
}

fn spec(view: &View<'_>, shapes: &[Shape]) -> Spec {
    view.known(&TOP);
    maps(view);
    let case = view.table("case").map(|c| case(&c, shapes));
    let is_native = shapes == [Shape::Native];
    if case.is_none() && !is_native {
        view.fault("case", "is missing", "add a [case] table with `case_no`");
    }
    let tables = tables(view);
    let records: Vec<_> = view
        .tables("record")
        .iter()
        .map(|r| record(r, shapes, &tables))
        .collect();
    if records.is_empty() && !is_native {
        view.fault("record", "is missing", "add at least one [[record]] table");
    }
    if case.as_ref().is_some_and(|c| c.outside) {
        for id in records.iter().map(|r| r.element) {
            if !id.stands_alone() {
                let hint = "only organ and item stand outside a case";
                view.fault("record", format!("of {id} needs a case"), hint);
            }
        }
    }
    Spec {
        name: name(view),
        version: view.need("version"),
        title: (view.need("title_zh"), view.need("title_en")),
        shape: shapes.first().copied().unwrap_or(Shape::Xml),
        zone: zone(view),
        encoding: encoding(view),
        national: space(view),
        rejects_by_case: view.flag("rejects_by_case").unwrap_or(false),
        recognise: recognise(view, shapes, !tables.is_empty()),
        case,
        aliases: aliases(view),
        tables,
        leave_out: view.texts("leave_out"),
        absent: view.tables("absent").iter().flat_map(absent).collect(),
        lower: lower(view),
        records,
        requires: view
            .tables("require")
            .iter()
            .map(|r| require(r, shapes))
            .collect(),
    }
}

fn name(view: &View<'_>) -> String {
    let name = view.need("name");
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if name == "auto" || !name.bytes().all(plain) {
        view.fault(
            "name",
            "is no dialect name",
            "use a-z, 0-9 and -; `auto` is taken",
        );
    }
    name
}

fn zone(view: &View<'_>) -> UtcOffset {
    let Some(text) = view.text("zone") else {
        return CHINA;
    };
    offset(&text).unwrap_or_else(|| {
        view.fault("zone", "is no offset", "write it like \"+08:00\"");
        CHINA
    })
}

fn encoding(view: &View<'_>) -> Option<TextEncoding> {
    let text = view.text("encoding")?;
    let found = TextEncoding::named(&text);
    if found.is_none() {
        let hint =
            "write the encoding of the source's texts, e.g. \"gb18030\" (GBK, GB2312) or \"utf-8\"";
        view.fault("encoding", "is unknown", hint);
    }
    found
}

/// Reads `+08:00`, `-03:30` or `Z`.
fn offset(text: &str) -> Option<UtcOffset> {
    if text == "Z" {
        return Some(UtcOffset::UTC);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (h, m) = rest.split_once(':')?;
    let (h, m): (i8, i8) = (h.parse().ok()?, m.parse().ok()?);
    if !(0..=14).contains(&h) || !(0..60).contains(&m) {
        return None;
    }
    UtcOffset::from_hms(sign * h, sign * m, 0).ok()
}

fn space(view: &View<'_>) -> bool {
    match view.text("space").as_deref() {
        Some("national") => true,
        Some("source") => false,
        Some(_) => {
            view.fault("space", "is unknown", "`national` or `source`");
            false
        }
        None => {
            let hint = "say who numbers the cases: `national` or `source`";
            view.fault("space", "is missing", hint);
            false
        }
    }
}

fn recognise(view: &View<'_>, shapes: &[Shape], has_tables: bool) -> Recognise {
    let Some(table) = view.table("recognise") else {
        return Recognise::default();
    };
    table.known(&["root", "child", "keys", "columns"]);
    let rule = Recognise {
        root: table.text("root"),
        child: table.texts("child"),
        keys: table.texts("keys"),
        columns: table.texts("columns"),
    };
    let any_table = shapes.iter().any(|s| s.is_table());
    if any_table && rule.columns.is_empty() && !has_tables {
        let hint = "name the columns that a row must have";
        table.fault("columns", "is missing", hint);
    }
    if shapes.iter().any(|s| !s.is_table()) && rule.root.is_none() {
        table.fault("root", "is missing", "name the document's root element");
    }
    if !shapes.contains(&Shape::Xes) && !rule.keys.is_empty() {
        table.fault("keys", "belongs to kind xes", "remove it");
    }
    if !any_table && !rule.columns.is_empty() {
        table.fault("columns", "belongs to kinds row and csv", "remove it");
    }
    rule
}

fn case(view: &View<'_>, shapes: &[Shape]) -> CaseRule {
    view.known(&[
        "path",
        "outside",
        "named",
        "table",
        "case_no",
        "org_bus_no",
        "version",
        "op",
    ]);
    let outside = view.flag("outside").unwrap_or(false);
    let paths = view.texts("path");
    let is_xml = shapes.contains(&Shape::Xml);
    if is_xml && paths.is_empty() {
        view.fault(
            "path",
            "is missing",
            "name the node of a case, e.g. \"BATCH/CASE\"",
        );
    }
    if !is_xml && !paths.is_empty() {
        view.fault("path", "belongs to kind xml", "remove it");
    }
    let case_no = take(view, "case_no");
    if case_no.is_some() == outside {
        let hint = "name the place of the case number (办件编号), or write `outside = true` for a \
             list of items or organs that belongs to no case";
        let what = if outside {
            "has no place outside a case"
        } else {
            "is missing"
        };
        view.fault("case_no", what, hint);
    }
    let version = version(view).unwrap_or_else(|| {
        let hint = "name its place, or write \"arrival\" where the source has none";
        view.fault("version", "is missing", hint);
        VersionRule::Arrival
    });
    CaseRule {
        paths,
        outside,
        named: named(view, is_xml),
        table: view.text("table"),
        case_no: case_no.unwrap_or_default(),
        org_bus_no: take(view, "org_bus_no"),
        version,
        op: take(view, "op"),
    }
}

fn aliases(view: &View<'_>) -> BTreeMap<String, Vec<String>> {
    let Some(table) = view.table("aliases") else {
        return BTreeMap::new();
    };
    let of = |(name, _): (&str, _)| (name.to_owned(), table.texts(name));
    table.entries().map(of).collect()
}

fn absent(view: &View<'_>) -> Vec<Absent> {
    view.known(&["element", "fields", "reason"]);
    let reason = view.need("reason");
    let Some(element) = element(view, "element") else {
        return Vec::new();
    };
    let one = |field| Absent {
        element,
        field,
        reason: reason.clone(),
    };
    let names = view.texts("fields");
    if names.is_empty() && view.value("fields").is_none() {
        return vec![one(None)];
    }
    names
        .iter()
        .filter_map(|name| field(view, "fields", element, name))
        .map(|index| one(Some(index)))
        .collect()
}

fn lower(view: &View<'_>) -> BTreeMap<Code, String> {
    let mut out = BTreeMap::new();
    for table in view.tables("lower") {
        table.known(&["code", "reason"]);
        let (text, reason) = (table.need("code"), table.need("reason"));
        match Code::parse(&text) {
            Some(code) if code.number() >= 300 => {
                out.insert(code, reason);
            }
            Some(_) => table.fault("code", "cannot be lowered", "only X3xx to X5xx can"),
            None if text.is_empty() => {}
            None => table.fault("code", "is unknown", "see the list of finding codes"),
        }
    }
    out
}
