//! How a text is taken, as a dialect file writes it: a place or a table of steps, its conditions, its code map,
//! and the version, which is taken too. Refuses to know records (`record.rs`).

use crate::dialect::layout::Layout;
use crate::dialect::mistake::nearest;
use crate::dialect::spec::{Condition, Take, Test, Unit, Unmapped, VersionRule};
use crate::dialect::view::{View, scalar};
use std::collections::BTreeMap;
use toml::de::DeValue;

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
pub(super) fn conditions(view: &View<'_>) -> Vec<Condition> {
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
