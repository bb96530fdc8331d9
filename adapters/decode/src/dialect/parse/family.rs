//! What lets one dialect file serve a family: several kinds of text, tables that are told apart by
//! their columns, code maps that rules share by name. Refuses to know records (`record.rs`).

use crate::dialect::spec::{Shape, Spec, TableRule};
use crate::dialect::view::{Maps, View, scalar};

/// The kinds under `kind`: one, or several that share places and maps.
pub(crate) fn kinds(view: &View<'_>) -> Vec<Shape> {
    let names = view.texts("kind");
    if view.value("kind").is_none() {
        view.need("kind");
    }
    let mut out = Vec::new();
    for name in &names {
        match Shape::NAMES.iter().find(|(n, _)| n == name) {
            Some((_, shape)) if out.contains(shape) => {
                view.fault("kind", format!("names `{name}` twice"), "remove one");
            }
            Some((_, shape)) => out.push(*shape),
            None => view.fault("kind", "is unknown", "one of native, xml, xes, row, csv"),
        }
    }
    let alone = |s: &Shape| matches!(s, Shape::Native | Shape::Xes);
    if out.len() > 1 && out.iter().any(alone) {
        let hint = "only xml, row and csv can share a file";
        view.fault("kind", "cannot be shared", hint);
    }
    if out.is_empty() {
        out.push(Shape::Xml);
    }
    out
}

/// Reads the named code maps, for the rules that are read next.
pub(crate) fn maps(view: &View<'_>) {
    let mut maps = Maps::new();
    if let Some(table) = view.table("maps") {
        for (name, _) in table.entries() {
            maps.insert(name.to_owned(), table.pairs(name));
        }
    }
    // It is set once a file: this is the only place.
    let _ = view.out.maps.set(maps);
}

/// The tables of a family.
pub(crate) fn tables(view: &View<'_>) -> Vec<TableRule> {
    let table = |t: &View<'_>| {
        t.known(&["name", "also", "columns", "leave_out"]);
        let mut names = vec![t.need("name")];
        names.extend(t.texts("also"));
        let columns = t.texts("columns");
        if columns.is_empty() {
            let hint = "name columns that no other table of the file has together";
            t.fault("columns", "is missing", hint);
        }
        TableRule {
            names,
            columns,
            leave_out: t.texts("leave_out"),
        }
    };
    view.tables("table").iter().map(table).collect()
}

/// `named = "Field@FieldName"`: nodes below the case whose attribute is the field's name.
pub(crate) fn named(view: &View<'_>, is_xml: bool) -> Option<(String, String)> {
    let text = scalar(view.value("named")?.get_ref()).unwrap_or_default();
    if !is_xml {
        view.fault("named", "belongs to kind xml", "remove it");
    }
    match text.split_once('@') {
        Some((path, name)) if !path.is_empty() && !name.is_empty() => {
            Some((path.to_owned(), name.to_owned()))
        }
        _ => {
            let hint = "node and attribute, e.g. \"Field@FieldName\"";
            view.fault("named", "cannot be read", hint);
            None
        }
    }
}

/// The file as a spec of each kind. The first keeps the file's name, the others add their kind's.
pub(crate) fn of_each_kind(spec: &Spec, shapes: &[Shape]) -> Vec<Spec> {
    let one = |(index, shape): (usize, &Shape)| {
        let mut spec = spec.clone();
        spec.shape = *shape;
        if index > 0 {
            spec.name = format!("{}-{}", spec.name, shape.name());
        }
        if let Some(case) = spec.case.as_mut().filter(|_| shape.is_table()) {
            case.paths = Vec::new();
            case.named = None;
        }
        if *shape == Shape::Csv {
            spec.records.retain(|r| r.each.is_empty());
            spec.requires.retain(|r| r.each.is_empty());
        }
        spec
    };
    shapes.iter().enumerate().map(one).collect()
}
