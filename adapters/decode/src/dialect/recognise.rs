//! Which dialect reads a document that names none: from its first bytes, its root element, the root's
//! first child, the attribute keys of a log's traces, or the columns of a row. It refuses to guess: a
//! dialect either fits all that it asks, or not at all; and a table is recognised whole or not at all.

use super::document::{is_json, is_xml};
use super::plan::{Plan, knows};
use super::read_markup::{self, Markup};
use super::spec::{Shape, Spec};
use super::{Dialect, encoded, json, local, read_csv, read_dbf, rows};
use quick_xml::events::{BytesStart, Event};
use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;
use tongcha_schema::element::ElementId;
use tongcha_schema::xml::{PositionedReader, TextEncoding, Transcoder};

/// Bytes of a page or an XML spreadsheet that are looked at: styles stand before the table.
const MARKUP_BYTES: usize = 256 << 10;

/// Names of columns, in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    /// All of them.
    all: BTreeSet<String>,
    /// Those that hold something, as far as that is in sight.
    filled: BTreeSet<String>,
}

impl Names {
    /// Of a header, which does not show what its columns hold.
    fn of(names: impl IntoIterator<Item = String>) -> Names {
        let all: BTreeSet<String> = names.into_iter().collect();
        Names {
            filled: all.clone(),
            all,
        }
    }
}

/// What the first bytes of an item show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Looks {
    /// Local name of the root element; empty where there is none in sight.
    pub root: String,
    /// Local name of the root's first child.
    pub child: String,
    /// Keys that every trace has by the log's globals.
    globals: BTreeSet<String>,
    /// Keys of the first trace.
    trace: BTreeSet<String>,
    /// Columns of a group of rows, or of the first row in a JSON text and of the one that it wraps.
    pub columns: Vec<Names>,
    /// Names in each of the first rows of a table as text, of which one is the header, or of the head of
    /// a dBase table.
    pub top: Vec<Names>,
}

impl Looks {
    /// Looks at the first bytes; they may end anywhere.
    pub fn at(start: &[u8]) -> Looks {
        Looks::told(start, None)
    }

    /// The same of a text whose encoding somebody tells.
    pub fn told(start: &[u8], told: Option<TextEncoding>) -> Looks {
        if told.is_some() && !is_xml(start) && read_dbf::Head::at(start).is_none() {
            // A text without a declaration of its own, as far as it can be read.
            let text = encoded::start(start, told);
            return Looks::told(text.as_bytes(), None);
        }
        if is_json(start) {
            // Names are ASCII mostly: in whatever encoding, the survey tells of it.
            let text = String::from_utf8_lossy(start);
            if let Some(columns) = json::columns(text.as_bytes()) {
                return Looks {
                    columns: vec![Names::of(columns)],
                    ..Looks::default()
                };
            }
            let first = json::first(text.as_bytes());
            let of = |row: &json::JsonObject<'_>| Names {
                all: json::names(row).into_iter().collect(),
                filled: json::held(row).into_iter().collect(),
            };
            let mut columns = vec![of(&first)];
            // What a service wraps is looked at where the whole text is in sight.
            columns.extend(json::wrapped(&first).first().map(of));
            return Looks {
                columns,
                ..Looks::default()
            };
        }
        if let Some(head) = read_dbf::Head::at(start) {
            return Looks {
                top: vec![Names::of(head.columns())],
                ..Looks::default()
            };
        }
        if !is_xml(start) {
            return Looks {
                top: rows::names(&read_csv::top(start))
                    .into_iter()
                    .map(Names::of)
                    .collect(),
                ..Looks::default()
            };
        }
        let mut looks = match Transcoder::told(Box::new(start), told) {
            Ok(text) => xml(text),
            Err(_) => Looks::default(),
        };
        if let Some(markup) = Markup::of(start) {
            let text = read_csv::text(&start[..start.len().min(MARKUP_BYTES)]);
            let names = rows::names(&read_markup::top(markup, &text));
            looks.top = names.into_iter().map(Names::of).collect();
        }
        looks
    }

    /// How many demands of a rule are met, all of them, or `None`.
    pub fn meet(&self, dialect: &Dialect) -> Option<usize> {
        let spec = &dialect.spec;
        let rule = &spec.recognise;
        if spec.shape.is_table() {
            return self.meet_columns(spec, dialect.plan.as_ref()?);
        }
        let root = rule.root.as_ref()?;
        let child = rule.child.is_empty() || rule.child.contains(&self.child);
        let all_in = |set: &BTreeSet<String>| rule.keys.iter().all(|k| set.contains(k));
        let fits = self.root == *root && child && (all_in(&self.globals) || all_in(&self.trace));
        fits.then_some(1 + rule.child.len() + rule.keys.len())
    }

    /// The same of a table: its columns, and those of the family's table that asks for the most.
    fn meet_columns(&self, spec: &Spec, plan: &Plan) -> Option<usize> {
        let sets = match spec.shape {
            Shape::Row => &self.columns,
            _ => &self.top,
        };
        let whole = sets.iter().filter_map(|names| {
            let (met, table) = meet_all(&names.all, spec)?;
            is_whole(plan, table, names).then_some(met)
        });
        whole.max()
    }
}

/// How many columns of a rule a set of names has, all of them, and of which of its tables; or `None`.
fn meet_all(set: &BTreeSet<String>, spec: &Spec) -> Option<(usize, Option<usize>)> {
    let has = |c: &String| {
        let others = spec.aliases.get(c).into_iter().flatten();
        std::iter::once(c)
            .chain(others)
            .any(|name| set.contains(&name.to_lowercase()))
    };
    let met = |columns: &[String]| columns.iter().all(has).then_some(columns.len());
    let own = met(&spec.recognise.columns)?;
    // Of equals the one that stands first, as when a row is read.
    let mut best = None;
    for (at, table) in spec.tables.iter().enumerate() {
        let met = met(&table.columns);
        if met > best.map(|(met, _)| met) {
            best = met.map(|met| (met, at));
        }
    }
    let (of_table, table) = match (best, spec.tables.is_empty()) {
        (Some((met, at)), _) => (met, Some(at)),
        (None, true) => (0, None),
        (None, false) => return None,
    };
    Some((own + of_table, table)).filter(|(met, _)| *met > 0)
}

/// Of how many columns one may be unread, and none of these may be a title of ours, in a table that is
/// recognised by itself: what is named as a dialect asks and holds mostly other things is another's.
const ONE_UNREAD_OF: usize = 4;

/// Columns that frameworks give every table, in lower case: who wrote the row and when. They weigh nothing; that
/// they are not read is told all the same.
const HOUSEKEEPING: [&str; 24] = [
    "id",
    "uuid",
    "guid",
    "create_by",
    "create_time",
    "created_at",
    "create_date",
    "create_user",
    "creator",
    "update_by",
    "update_time",
    "updated_at",
    "update_date",
    "update_user",
    "updater",
    "modify_time",
    "gmt_create",
    "gmt_modified",
    "del_flag",
    "deleted",
    "is_deleted",
    "remark",
    "remarks",
    "tenant_id",
];

/// Whether nothing of weight stays unread of a table with these columns. Only what holds something can be unread;
/// it is weighed against all columns, so that rows of one table fare alike however many of theirs are empty.
fn is_whole(plan: &Plan, table: Option<usize>, names: &Names) -> bool {
    let of_weight = |c: &&String| !HOUSEKEEPING.contains(&c.as_str());
    let unread = || {
        let filled = names.filled.iter().filter(of_weight);
        filled.filter(|c| !knows(plan, table, c))
    };
    let all = names.all.iter().filter(of_weight).count();
    unread().count() * ONE_UNREAD_OF <= all && !unread().any(|c| titles().contains(c))
}

/// The names and titles of all our fields, in lower case.
fn titles() -> &'static HashSet<String> {
    static TITLES: OnceLock<HashSet<String>> = OnceLock::new();
    TITLES.get_or_init(|| {
        let fields = ElementId::ALL.into_iter().flat_map(|e| e.spec().fields);
        let names = fields.flat_map(|f| [f.name, f.zh]);
        names.map(str::to_lowercase).collect()
    })
}

fn xml(text: Transcoder<'_>) -> Looks {
    let mut reader = PositionedReader::new(text);
    reader.config_mut().check_end_names = false;
    let mut looks = Looks::default();
    let mut open: Vec<String> = Vec::new();
    // An error is the end of what is in sight; the guard judges the document.
    while let Ok(placed) = reader.next() {
        match placed.event {
            Event::Start(tag) => {
                let name = look(&mut looks, &open, &tag);
                if name == "event" && open.len() == 2 {
                    break;
                }
                open.push(name);
            }
            Event::Empty(tag) => {
                look(&mut looks, &open, &tag);
            }
            Event::End(_) => {
                let closed = open.pop();
                let other_root = open.len() == 1 && looks.root != "log";
                let first_trace = open.len() == 1 && closed.as_deref() == Some("trace");
                if open.is_empty() || other_root || first_trace {
                    break;
                }
            }
            Event::Eof => break,
            _ => {}
        }
        if !looks.child.is_empty() && looks.root != "log" {
            break;
        }
    }
    looks
}

/// Notes what a tag tells; gives its local name, of a trace's globals `global:trace`.
fn look(looks: &mut Looks, open: &[String], tag: &BytesStart<'_>) -> String {
    let name = tag.name();
    let name = local(name.as_ref());
    match open {
        [] => looks.root = name.to_owned(),
        [_] if looks.child.is_empty() => looks.child = name.to_owned(),
        [_, above] if above == "global:trace" => looks.globals.extend(attribute(tag, "key")),
        [_, above] if above == "trace" => looks.trace.extend(attribute(tag, "key")),
        _ => {}
    }
    if name == "global" && attribute(tag, "scope").as_deref() == Some("trace") {
        return "global:trace".to_owned();
    }
    name.to_owned()
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut list = tag.attributes();
    let found = list
        .with_checks(false)
        .flatten()
        .find(|a| a.key.as_ref() == name)?;
    Some(super::read_xml::unescaped(&found.value).into_owned())
}
