//! The rules of a dialect file: how a text is taken, records, conditions, checks on source places.
//! Refuses to know the rest of the file (`parse.rs`).

use super::layout::Layout;
use super::mistake::nearest;
use super::parse::{element, field};
use super::spec::{
    Condition, RecordRule, Require, SeqRule, Shape, TableRule, Take, Test, Unit, Unmapped,
    VersionRule, Want,
};
use super::view::{View, scalar};
use std::collections::BTreeMap;
use toml::de::DeValue;
use tongcha_schema::element::ElementId;

const TAKE: [&str; 14] = [
    "const", "from", "when", "blank", "drop", "digits", "hash", "layout", "unit", "map", "keep",
    "other", "present", "default",
];

/// How the text of a key is taken: a place, or a table of steps.
pub(crate) fn take(view: &View<'_>, key: &str) -> Option<Take> {
    let value = view.value(key)?;
    match value.get_ref() {
        DeValue::Table(_) => {}
        other => {
            let Some(place) = scalar(other) else {
                let hint = "write \"PLACE\", { from = \"PLACE\" } or { const = \"text\" }";
                view.fault(key, "must name a place", hint);
                return Some(Take::default());
            };
            return Some(Take {
                from: vec![place],
                ..Take::default()
            });
        }
    }
    let mut table = view.table(key)?;
    table.what = format!("{} {key}", view.what);
    Some(steps(&table))
}

fn steps(table: &View<'_>) -> Take {
    table.known(&TAKE);
    let take = Take {
        constant: table.text("const"),
        from: table.texts("from"),
        when: conditions(table),
        blank: table.texts("blank"),
        drop: table.text("drop").unwrap_or_default(),
        digits: table.flag("digits").unwrap_or(false),
        hash: table.flag("hash").unwrap_or(false),
        layouts: table.texts("layout"),
        unit: unit(table),
        map: code_map(table),
        unmapped: unmapped(table),
        present: table.text("present"),
        default: table.text("default"),
    };
    if take.constant.is_none() && take.from.is_empty() {
        table.fault("from", "is missing", "name a place, or give a `const`");
    }
    if take.constant.is_some() && !take.from.is_empty() {
        table.fault("const", "excludes `from`", "keep one of the two");
    }
    if take.unmapped.is_some() && take.map.is_empty() {
        table.fault("map", "is missing", "`other` and `keep` need a `map`");
    }
    if take.hash && (!take.map.is_empty() || take.present.is_some() || take.default.is_some()) {
        let hint = "a concealed text is taken as it is; `from`, `blank` and `when` may be given";
        table.fault("hash", "excludes `map`, `present` and `default`", hint);
    }
    for layout in &take.layouts {
        if Layout::parse(layout).is_none() {
            let hint =
                "YYYY, MM, DD (and hh, mm, ss), each once, with signs between; or a list of such";
            table.fault("layout", format!("cannot be read: `{layout}`"), hint);
        }
    }
    take
}

/// The code map under `map`: a table, or the name of one under `[maps]`.
fn code_map(table: &View<'_>) -> BTreeMap<String, String> {
    let Some(DeValue::String(name)) = table.value("map").map(|v| v.get_ref()) else {
        return table.pairs("map");
    };
    let maps = table.out.maps.get();
    if let Some(map) = maps.and_then(|m| m.get(name.as_ref())) {
        return map.clone();
    }
    let known = maps.into_iter().flat_map(|m| m.keys().map(String::as_str));
    let hint = nearest(name, known).map_or_else(
        || format!("write it under [maps.{name}]"),
        |near| format!("did you mean `{near}`?"),
    );
    table.fault("map", format!("names no map: `{name}`"), hint);
    BTreeMap::new()
}

fn unit(table: &View<'_>) -> Option<Unit> {
    match table.text("unit")?.as_str() {
        "fen" => Some(Unit::Fen),
        "wan" => Some(Unit::Wan),
        "yuan" => None,
        _ => {
            table.fault("unit", "is unknown", "one of fen, yuan, wan");
            None
        }
    }
}

fn unmapped(table: &View<'_>) -> Option<Unmapped> {
    let other = table.text("other").map(Unmapped::Other);
    let keep = table.flag("keep").unwrap_or(false);
    if keep && other.is_some() {
        table.fault("keep", "excludes `other`", "keep one of the two");
    }
    other.or(keep.then_some(Unmapped::Keep))
}

/// The conditions under `when`: one table or a list of tables.
fn conditions(view: &View<'_>) -> Vec<Condition> {
    let Some(value) = view.value("when") else {
        return Vec::new();
    };
    let tables = match value.get_ref() {
        DeValue::Table(_) => view.table("when").into_iter().collect(),
        _ => view.tables("when"),
    };
    tables.iter().filter_map(condition).collect()
}

fn condition(view: &View<'_>) -> Option<Condition> {
    view.known(&["from", "is", "is_not", "present"]);
    let from = view.texts("from");
    if from.is_empty() {
        view.fault(
            "from",
            "is missing",
            "name the place that the condition looks at",
        );
    }
    let given = |key: &str| view.value(key).is_some();
    let test = match (given("is"), given("is_not"), given("present")) {
        (true, false, false) => Test::Is(view.texts("is")),
        (false, true, false) => Test::IsNot(view.texts("is_not")),
        (false, false, true) => Test::Present(view.flag("present")?),
        _ => {
            let hint = "is = [..], is_not = [..] or present = true";
            view.fault("is", "needs exactly one test", hint);
            return None;
        }
    };
    Some(Condition { from, test })
}

/// The rule of the version under `version`.
pub(crate) fn version(view: &View<'_>) -> Option<VersionRule> {
    let rule = take(view, "version")?;
    let arrival = rule.from.len() == 1 && rule.from[0] == "arrival";
    Some(if arrival {
        VersionRule::Arrival
    } else {
        VersionRule::Number(Box::new(rule))
    })
}

fn seq(view: &View<'_>) -> SeqRule {
    let Some(value) = view.value("seq") else {
        let hint = "a number, \"order\", { from = \"PLACE\" } or a list of key places";
        view.fault("seq", "is missing", hint);
        return SeqRule::Order;
    };
    match value.get_ref() {
        DeValue::Integer(_) => {
            let number = view.whole("seq").unwrap_or(1);
            if number < 1 {
                view.fault("seq", "must be 1 or more", "records are numbered from 1");
            }
            SeqRule::Fixed(number)
        }
        DeValue::Array(_) => SeqRule::Key(view.texts("seq")),
        DeValue::String(text) if text == "order" => SeqRule::Order,
        _ => SeqRule::Number(Box::new(take(view, "seq").unwrap_or_default())),
    }
}

/// The tables that `table` names, by their place in the list.
fn tables(view: &View<'_>, known: &[TableRule]) -> Vec<usize> {
    let place = |name: &String| {
        let found = known.iter().position(|t| t.names.contains(name));
        if found.is_none() {
            let names = known.iter().flat_map(|t| &t.names).map(String::as_str);
            let hint = nearest(name, names).map_or_else(
                || format!("add a [[table]] with `name = \"{name}\"`"),
                |near| format!("did you mean `{near}`?"),
            );
            view.fault("table", format!("names no table: `{name}`"), hint);
        }
        found
    };
    view.texts("table").iter().filter_map(place).collect()
}

/// The path of the repeated node under `each`.
fn each(view: &View<'_>, shapes: &[Shape]) -> String {
    let each = view.text("each").unwrap_or_default();
    if shapes == [Shape::Csv] && !each.is_empty() {
        let hint = "a row of a file has no repeated nodes";
        view.fault("each", "belongs to kinds xml, xes and row", hint);
    }
    each
}

/// A query password is never taken as it is.
fn concealed(table: &View<'_>, name: &str, take: &Take) {
    let said = |v: &DeValue<'_>| v.as_table().is_some_and(|t| t.contains_key("hash"));
    let said = table.value(name).is_some_and(|v| said(v.get_ref()));
    if name == "query_pwd_hash" && !take.from.is_empty() && !said {
        let hint = "{ from = \"PLACE\", hash = true }; hash = false where the source has hashed it";
        table.fault(name, "would keep a password in clear", hint);
    }
}

/// One `[[record]]`.
pub(crate) fn record(view: &View<'_>, shapes: &[Shape], known: &[TableRule]) -> RecordRule {
    view.known(&[
        "element", "each", "table", "when", "seq", "version", "none", "same", "fields",
    ]);
    let id = element(view, "element");
    let none = view.text("none");
    let mut fields = Vec::new();
    if let Some(id) = id {
        if view.flag("same").unwrap_or(false) {
            fields.extend(id.spec().fields.iter().enumerate().map(|(index, spec)| {
                let take = Take {
                    from: vec![spec.name.to_owned()],
                    ..Take::default()
                };
                (index, take)
            }));
        }
        if let Some(table) = view.table("fields") {
            for (name, _) in table.entries() {
                let Some(index) = field(&table, name, id, name) else {
                    continue;
                };
                if let Some(take) = take(&table, name) {
                    concealed(&table, name, &take);
                    fields.retain(|(i, _)| *i != index);
                    fields.push((index, take));
                }
            }
        }
        fields.sort_by_key(|(index, _)| *index);
    }
    if fields.is_empty() == none.is_none() && id.is_some() {
        let hint = "a record has `fields` (or same = true), a declared none has a reason code";
        view.fault("fields", "or `none`: exactly one must be given", hint);
    }
    RecordRule {
        element: id.unwrap_or(ElementId::Organ),
        each: each(view, shapes),
        tables: tables(view, known),
        when: conditions(view),
        seq: seq(view),
        version: version(view),
        none,
        fields,
    }
}

/// One `[[require]]`.
pub(crate) fn require(view: &View<'_>, shapes: &[Shape]) -> Require {
    view.known(&[
        "from", "each", "needed", "type", "max", "codes", "personal", "element",
    ]);
    let want = match view.need("type").as_str() {
        "text" => {
            let max = view.whole("max").and_then(|n| usize::try_from(n).ok());
            if max.is_none() {
                view.fault("max", "is missing", "give the most characters of the text");
            }
            Want::Text(max.unwrap_or(usize::MAX))
        }
        "code" => {
            let codes = view.texts("codes");
            if codes.is_empty() {
                view.fault("codes", "is missing", "list the codes");
            }
            Want::Codes(codes)
        }
        "int" => Want::Int,
        "organ" => Want::Organ,
        "money" => Want::Money,
        "date" => Want::Date,
        "datetime" => Want::DateTime,
        "" => Want::Int,
        _ => {
            view.fault(
                "type",
                "is unknown",
                "one of text, code, int, money, organ, date, datetime",
            );
            Want::Int
        }
    };
    Require {
        from: view.need("from"),
        each: each(view, shapes),
        needed: view.flag("needed").unwrap_or(false),
        want,
        personal: view.flag("personal").unwrap_or(false),
        element: view.value("element").and_then(|_| element(view, "element")),
    }
}
