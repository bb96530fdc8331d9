//! Rows in a JSON text: an object, a list of objects, an object a line, or either inside the object that a
//! web service wraps its answer in. Values stay as they are written, so that no number loses a digit and no
//! key that comes twice is lost. Refuses to know which of these a dialect reads.

use super::document::is_json;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::io::{self, Read};
use tongcha_schema::limits::ROW_BYTES;

/// One row: keys with their values, in the order of the text.
#[derive(Debug, Default)]
pub(crate) struct JsonObject<'t>(pub Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for JsonObject<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<JsonObject<'de>, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = JsonObject<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonObject<'de>, A::Error> {
                let mut row = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    row.push(pair);
                }
                Ok(JsonObject(row))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// What a value is, by its first sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Flag,
    Number,
    Text,
    List,
    Object,
}

/// The kind of a value.
pub(crate) fn kind(value: &RawValue) -> Kind {
    match value.get().as_bytes().first() {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::List,
        Some(b'"') => Kind::Text,
        Some(b't' | b'f') => Kind::Flag,
        Some(b'n') | None => Kind::Null,
        Some(_) => Kind::Number,
    }
}

/// Whether a value is anything at all.
pub(crate) fn holds(value: &RawValue) -> bool {
    let text = value.get();
    match kind(value) {
        Kind::Null => false,
        Kind::Text => !text.trim_matches('"').trim().is_empty(),
        Kind::List | Kind::Object => text.bytes().filter(|b| !b.is_ascii_whitespace()).count() > 2,
        Kind::Flag | Kind::Number => true,
    }
}

/// The names of a row's places that hold something, in lower case, as [`names`] gives them.
pub(crate) fn held(row: &JsonObject<'_>) -> Vec<String> {
    let mut out = Vec::new();
    for (name, value) in row.0.iter().filter(|(_, value)| holds(value)) {
        let name = name.to_lowercase();
        match object(value) {
            Some(inner) => out.extend(held(&inner).iter().map(|n| format!("{name}/{n}"))),
            None => out.push(name),
        }
    }
    out
}

/// The row that a value is; `None` where it is no object.
pub(crate) fn object<'t>(value: &'t RawValue) -> Option<JsonObject<'t>> {
    (kind(value) == Kind::Object).then(|| serde_json::from_str(value.get()).ok())?
}

/// The rows that a value lists; `None` where it is no list of objects.
pub(crate) fn objects<'t>(value: &'t RawValue) -> Option<Vec<JsonObject<'t>>> {
    let list: Vec<&RawValue> = match kind(value) {
        Kind::List => serde_json::from_str(value.get()).ok()?,
        _ => return None,
    };
    list.into_iter().map(object).collect()
}

/// Why a text gives no rows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is longer than [`ROW_BYTES`].
    TooLong,
    /// It is no JSON: line, column, and the parser's words.
    Broken(usize, usize, String),
    /// It is no JSON at all, or neither an object nor objects.
    NoObjects,
}

/// The bytes of a text, up to one more than its limit.
///
/// # Errors
/// What reading reports.
pub(crate) fn bytes(input: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(ROW_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The head of a group of rows of a table: the object above rows that are lists of values.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    /// The table, as its source names it.
    #[serde(default)]
    pub table: String,
    /// Columns that tell its rows apart. The values of those that are no columns of the row follow them.
    #[serde(default)]
    pub key: Vec<String>,
    /// Columns of a row, in the order of its values.
    pub columns: Vec<String>,
}

impl Head {
    /// Key columns that are no columns of the row.
    pub fn apart(&self) -> impl Iterator<Item = &String> {
        self.key.iter().filter(|k| !self.columns.contains(k))
    }
}

/// The head of a group of rows and the text of its rows; `None` where a text is no such group. It may be
/// cut anywhere behind the head.
pub(crate) fn group(bytes: &[u8]) -> Option<(Head, &[u8])> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<Head>();
    let head = values.next()?.ok().filter(|h| !h.columns.is_empty())?;
    let rest = &text[values.byte_offset()..];
    let next = rest.iter().find(|b| !b.is_ascii_whitespace());
    matches!(next, Some(b'[') | None).then_some((head, rest))
}

/// The names of a group's columns in lower case, by its first bytes; `None` where it is no group.
pub(crate) fn columns(start: &[u8]) -> Option<Vec<String>> {
    let (head, _) = group(start)?;
    Some(head.columns.iter().map(|c| c.to_lowercase()).collect())
}

/// The rows of a text: of a group of rows its lists with the names of their columns, of an object one, of a list
/// its objects, of several values in a row theirs.
pub(crate) fn rows(bytes: &[u8]) -> Result<Vec<JsonObject<'_>>, Fault> {
    if bytes.len() as u64 > ROW_BYTES {
        return Err(Fault::TooLong);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if !is_json(text) {
        return Err(Fault::NoObjects);
    }
    if let Some((head, rest)) = group(text) {
        return of_group(&head, rest);
    }
    let mut values = Vec::new();
    for value in serde_json::Deserializer::from_slice(text).into_iter::<&RawValue>() {
        values.push(value.map_err(|e| Fault::Broken(e.line(), e.column(), e.to_string()))?);
    }
    let found = match values.as_slice() {
        [one] if kind(one) == Kind::List => objects(one),
        several => several.iter().map(|v| object(v)).collect::<Option<_>>(),
    };
    found.ok_or(Fault::NoObjects)
}

fn of_group<'t>(head: &Head, rest: &'t [u8]) -> Result<Vec<JsonObject<'t>>, Fault> {
    let mut rows = Vec::new();
    for list in serde_json::Deserializer::from_slice(rest).into_iter::<Vec<&RawValue>>() {
        let list = list.map_err(|e| Fault::Broken(e.line(), e.column(), e.to_string()))?;
        rows.push(JsonObject(head.columns.iter().cloned().zip(list).collect()));
    }
    Ok(rows)
}

/// The first row of a text that may be cut anywhere, without the objects that wrap it; empty where it is
/// not in sight.
pub(crate) fn first(start: &[u8]) -> JsonObject<'_> {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let at = text.iter().position(|b| !b.is_ascii_whitespace());
    let text = &text[at.unwrap_or(text.len())..];
    let text = text.strip_prefix(b"[").unwrap_or(text);
    let mut values = serde_json::Deserializer::from_slice(text).into_iter();
    values.next().and_then(Result::ok).unwrap_or_default()
}

/// Objects within which a service wraps its rows: `{"code":0,"data":{"list":[..]}}` has two.
const WRAPS: usize = 3;

/// The rows that an object wraps: those of the one list of objects in it, or the one object in it; empty
/// where there are several or none.
pub(crate) fn wrapped<'t>(row: &JsonObject<'t>) -> Vec<JsonObject<'t>> {
    let mut lists = Vec::new();
    lists_of(row, WRAPS, &mut lists);
    match (lists.pop(), lists.is_empty()) {
        (Some(list), true) => list,
        (Some(_), false) => Vec::new(),
        (None, _) => {
            let mut inner = row.0.iter().filter_map(|&(_, v)| object(v));
            match (inner.next(), inner.next()) {
                (Some(one), None) => vec![one],
                _ => Vec::new(),
            }
        }
    }
}

fn lists_of<'t>(row: &JsonObject<'t>, depth: usize, out: &mut Vec<Vec<JsonObject<'t>>>) {
    for (_, value) in &row.0 {
        let value: &RawValue = value;
        if let Some(list) = objects(value).filter(|list| !list.is_empty()) {
            out.push(list);
        } else if depth > 1
            && let Some(inner) = object(value)
        {
            lists_of(&inner, depth - 1, out);
        }
    }
}

/// The names of a row's places, in lower case: of what an object in it holds, with the object's name
/// before it (`applicant/name`).
pub(crate) fn names(row: &JsonObject<'_>) -> Vec<String> {
    let mut out = Vec::new();
    for (name, value) in &row.0 {
        let name = name.to_lowercase();
        if let Some(inner) = object(value) {
            out.extend(names(&inner).iter().map(|n| format!("{name}/{n}")));
        }
        out.push(name);
    }
    out
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        let of = |row: &JsonObject<'_>| {
            let pairs = row.0.iter().map(|(k, v)| format!("{k}={}", v.get()));
            pairs.collect::<Vec<_>>().join(" ")
        };
        rows(text.as_bytes()).unwrap().iter().map(of).collect()
    }

    #[test]
    fn objects_lists_and_lines_are_rows_with_values_as_written() {
        let number = "431321202603020001234567";
        assert_eq!(
            texts(&format!("{{\"a\":{number},\"a\":1.10}}")),
            [format!("a={number} a=1.10")]
        );
        for text in [
            "[{\"a\":1},{\"a\":2}]",
            "{\"a\":1}\n{\"a\":2}\n",
            "\u{feff} {\"a\":1}\r\n\r\n{\"a\":2}",
        ] {
            assert_eq!(texts(text), ["a=1", "a=2"], "{text}");
        }
        assert_eq!(rows(b"[1]").unwrap_err(), Fault::NoObjects);
        assert_eq!(rows(b"{\"a\":1} 2").unwrap_err(), Fault::NoObjects);
        assert!(matches!(rows(b"{\"a\":1,\n}"), Err(Fault::Broken(2, 1, _))));
        let long = vec![b' '; usize::try_from(ROW_BYTES).unwrap() + 1];
        assert_eq!(rows(&long).unwrap_err(), Fault::TooLong);
    }

    #[test]
    fn what_a_service_wraps_is_found_where_there_is_one() {
        let inside = |text: &str| {
            let all = rows(text.as_bytes()).unwrap();
            wrapped(&all[0]).len()
        };
        assert_eq!(inside(r#"{"code":0,"data":[{"a":1},{"a":2}]}"#), 2);
        assert_eq!(
            inside(r#"{"code":0,"data":{"total":2,"list":[{"a":1},{"a":2}]}}"#),
            2
        );
        assert_eq!(inside(r#"{"code":0,"data":{"a":1}}"#), 1);
        assert_eq!(inside(r#"{"x":[{"a":1}],"y":[{"a":1}]}"#), 0);
        assert_eq!(inside(r#"{"x":{"a":1},"y":{"a":1}}"#), 0);
        assert_eq!(inside(r#"{"a":1}"#), 0);
    }

    #[test]
    fn a_cut_text_shows_its_first_row() {
        let keys = |text: &str| names(&first(text.as_bytes()));
        assert_eq!(keys(r#"[{"A":1,"b":{"C":2}},{"a"#), ["a", "b/c", "b"]);
        assert_eq!(keys("{\"a\":1}\n{\"a"), ["a"]);
        assert!(keys(r#"[{"a":1"#).is_empty());
    }
}
