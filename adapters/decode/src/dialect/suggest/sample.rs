//! The places of a sample and the texts found there: columns of rows, or leaves of a tree whose cases
//! and repeated nodes are found by how often they come. Refuses to know what they mean.

use super::super::document::{is_json, is_xml};
use super::super::{Form, Shape, json, read_csv, read_dbf, read_markup};
use super::tree::{Node, tree};
use csv::StringRecord;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use tongcha_schema::xml::{Mending, Transcoder};

/// Texts kept of a place.
const TEXTS: usize = 400;
/// Bytes of a sample that are looked at.
const SAMPLE_BYTES: usize = 4 << 20;

/// One place and what stands there.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// As a dialect file writes it.
    pub name: String,
    /// Texts that are not empty, in order.
    pub texts: Vec<String>,
}

/// The places below one node, or of a row.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// Path of the repeated node; empty for the case itself.
    pub each: String,
    /// In the order of the sample.
    pub places: Vec<Place>,
}

impl Scope {
    fn put(&mut self, name: &str, text: &str) {
        let at = self.places.iter().position(|p| p.name == name);
        let at = at.unwrap_or_else(|| {
            self.places.push(Place {
                name: name.to_owned(),
                texts: Vec::new(),
            });
            self.places.len() - 1
        });
        let text = text.trim();
        if !text.is_empty() && self.places[at].texts.len() < TEXTS {
            self.places[at].texts.push(text.to_owned());
        }
    }
}

/// What a sample shows.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub shape: Shape,
    /// XML: the root's name and the paths of the case.
    pub root: String,
    pub paths: Vec<String>,
    /// XML: node and attribute that name a field.
    pub named: Option<(String, String)>,
    /// The case first, then its repeated nodes.
    pub scopes: Vec<Scope>,
}

impl Sample {
    /// Looks at a sample; `None` where it shows no places.
    pub fn of(bytes: &[u8]) -> io::Result<Option<Sample>> {
        let found = if is_json(bytes) {
            rows(bytes)?
        } else if is_xml(bytes) {
            xml(bytes)?
        } else {
            table(bytes)?
        };
        Ok(found.filter(|s| s.scopes.iter().any(|p| !p.places.is_empty())))
    }

    fn of_rows(shape: Shape, scopes: Vec<Scope>) -> Sample {
        Sample {
            shape,
            root: String::new(),
            paths: Vec::new(),
            named: None,
            scopes,
        }
    }
}

/// The scope of that path, made where there is none.
fn scope<'s>(scopes: &'s mut Vec<Scope>, each: &str) -> &'s mut Scope {
    let at = scopes.iter().position(|s| s.each == each);
    let at = at.unwrap_or_else(|| {
        scopes.push(Scope {
            each: each.to_owned(),
            places: Vec::new(),
        });
        scopes.len() - 1
    });
    &mut scopes[at]
}

fn rows(bytes: &[u8]) -> io::Result<Option<Sample>> {
    let Ok(rows) = json::rows(bytes) else {
        return Ok(None);
    };
    let mut scopes = vec![Scope::default()];
    for row in &rows {
        for (column, value) in &row.0 {
            match &serde_json::from_str::<Value>(value.get()).unwrap_or_default() {
                Value::Array(list) => {
                    for child in list.iter().filter_map(Value::as_object) {
                        for (name, value) in child {
                            scope(&mut scopes, column).put(name, &text_of(value));
                        }
                    }
                }
                other => scopes[0].put(column, &text_of(other)),
            }
        }
    }
    Ok(Some(Sample::of_rows(Shape::Row, scopes)))
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(flag) => u8::from(*flag).to_string(),
        other => other.to_string(),
    }
}

fn table(bytes: &[u8]) -> io::Result<Option<Sample>> {
    let mut bytes = bytes;
    if bytes.len() > SAMPLE_BYTES && read_dbf::Head::at(bytes).is_none() {
        bytes = &bytes[..SAMPLE_BYTES];
        // Cut within a row, perhaps within a character: what is whole is enough.
        let end = bytes.iter().rposition(|b| *b == b'\n');
        bytes = &bytes[..end.unwrap_or(0)];
    }
    let mut scope = Scope::default();
    let mut header = Vec::new();
    for row in records(bytes)? {
        if header.is_empty() {
            header = row.iter().map(|name| name.trim().to_owned()).collect();
            continue;
        }
        for (name, text) in header.iter().zip(&row) {
            scope.put(name, text);
        }
    }
    let is_table = header.len() > 1;
    Ok(is_table.then(|| Sample::of_rows(Shape::Csv, vec![scope])))
}

/// The rows of a table in any form, the header first; none where it cannot be read.
fn records(bytes: &[u8]) -> io::Result<Vec<StringRecord>> {
    let mut open =
        || -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(Cursor::new(bytes.to_vec()))) };
    let Ok((form, _)) = Form::survey(Shape::Csv, None, "", bytes, &mut open)? else {
        return Ok(Vec::new());
    };
    let text = |encoding| -> io::Result<String> {
        let mut text = String::new();
        let mut plain = Transcoder::undeclared(open()?, encoding)?.mending(Mending::All);
        plain.read_to_string(&mut text)?;
        Ok(text)
    };
    Ok(match form {
        Form::Dbf(encoding) => read_dbf::texts(bytes, encoding),
        Form::Text(encoding) => {
            let text = text(encoding)?;
            let mut rows = read_csv::reader(text.as_bytes());
            rows.records().flatten().collect()
        }
        Form::Markup(markup, encoding) => {
            let top = read_markup::top(markup, &text(encoding)?);
            top.into_iter().map(StringRecord::from).collect()
        }
    })
}

fn xml(bytes: &[u8]) -> io::Result<Option<Sample>> {
    let bytes = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let Some(root) = tree(bytes)? else {
        return Ok(None);
    };
    let (paths, cases) = cases(&root);
    let named = cases.first().and_then(|c| c.naming());
    let mut scopes = vec![Scope::default()];
    match &named {
        Some((_, attribute)) => {
            for case in &cases {
                attributes(case, "", &mut scopes[0]);
                for field in &case.children {
                    let name = field.attributes.iter().find(|(n, _)| n == attribute);
                    if let Some((_, name)) = name {
                        scopes[0].put(name, &field.text);
                    }
                }
            }
        }
        None => {
            let repeated = repeated(&cases);
            for case in &cases {
                walk(case, "", "", &repeated, &mut scopes);
            }
        }
    }
    Ok(Some(Sample {
        shape: Shape::Xml,
        root: root.name.clone(),
        paths,
        named,
        scopes,
    }))
}

/// The paths of the nodes that are cases, and these nodes: where nodes of one name come again and
/// again, else the first node that holds more than nodes of one name.
fn cases(root: &Node) -> (Vec<String>, Vec<&Node>) {
    let mut path = root.name.clone();
    let mut above = root;
    loop {
        let groups = above.groups();
        let bare = |n: &Node| n.children.iter().all(|c| !c.is_leaf());
        match groups.as_slice() {
            [one] if bare(above) => {
                let all: Vec<&Node> = above.children.iter().collect();
                path = format!("{path}/{one}");
                let next = all[0];
                if all.len() > 1 || next.groups().len() != 1 || !bare(next) {
                    return (vec![path], all);
                }
                above = next;
            }
            // Several kinds of rows below the root.
            many if bare(above) && many.len() > 1 && path == root.name => {
                let paths = many.iter().map(|n| format!("{path}/{n}"));
                return (paths.collect(), above.children.iter().collect());
            }
            _ => return (vec![path], vec![above]),
        }
    }
}

fn attributes(node: &Node, path: &str, scope: &mut Scope) {
    for (name, text) in &node.attributes {
        scope.put(&format!("{path}@{name}"), text);
    }
}

/// Paths of nodes that come more than once in a case; none below another.
fn repeated(cases: &[&Node]) -> Vec<String> {
    fn look(node: &Node, path: &str, out: &mut Vec<String>) {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for child in &node.children {
            *counts.entry(&child.name).or_default() += 1;
        }
        for child in &node.children {
            let at = join(path, &child.name);
            if counts[child.name.as_str()] > 1 {
                if !out.contains(&at) {
                    out.push(at);
                }
            } else {
                look(child, &at, out);
            }
        }
    }
    let mut out = Vec::new();
    for case in cases {
        look(case, "", &mut out);
    }
    out
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}/{name}"),
    }
}

/// Puts the texts of a node: `each` is the repeated node that it is in, `path` its path below that.
fn walk(node: &Node, each: &str, path: &str, repeated: &[String], scopes: &mut Vec<Scope>) {
    let before = match path {
        "" => String::new(),
        path => format!("{path}/"),
    };
    attributes(node, &before, scope(scopes, each));
    for child in &node.children {
        let below = join(path, &child.name);
        if each.is_empty() && repeated.contains(&below) {
            if child.is_leaf() {
                scope(scopes, &below).put(".", &child.text);
            }
            walk(child, &below, "", repeated, scopes);
        } else {
            if child.is_leaf() {
                scope(scopes, each).put(&below, &child.text);
            }
            walk(child, each, &below, repeated, scopes);
        }
    }
}
