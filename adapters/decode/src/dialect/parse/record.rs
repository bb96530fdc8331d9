//! The rules of a dialect file for records and for checks on source places. Refuses to know the rest of the file
//! (`parse.rs`) and how a text is taken (`take.rs`).

use super::take::{conditions, take, version};
use crate::dialect::mistake::nearest;
use crate::dialect::spec::{RecordRule, Require, SeqRule, Shape, TableRule, Take, Want};
use crate::dialect::view::View;
use toml::de::DeValue;
use tongcha_schema::element::ElementId;

/// The element that a key names, with a mistake where there is none.
pub(crate) fn element(view: &View<'_>, key: &str) -> Option<ElementId> {
    let text = view.need(key);
    let found = ElementId::ALL.into_iter().find(|e| e.name() == text);
    if found.is_none() && !text.is_empty() {
        let hint = nearest(&text, ElementId::ALL.into_iter().map(ElementId::name)).map_or_else(
            || "one of the 14 element ids, e.g. case_base".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        view.fault(key, format!("names no element: `{text}`"), hint);
    }
    found
}

/// The index of a field of the element, with a mistake where there is none.
pub(crate) fn field(view: &View<'_>, key: &str, element: ElementId, name: &str) -> Option<usize> {
    let spec = element.spec();
    let index = spec.field_index(name);
    if index.is_none() {
        let hint = nearest(name, spec.fields.iter().map(|f| f.name)).map_or_else(
            || {
                let all: Vec<&str> = spec.fields.iter().map(|f| f.name).collect();
                format!("fields of {element}: {}", all.join(", "))
            },
            |near| format!("did you mean `{near}`?"),
        );
        view.fault(key, format!("{element} has no field `{name}`"), hint);
    }
    index
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
