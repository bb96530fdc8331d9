//! Dialects: how one system writes its cases, as data. A dialect is a TOML text; this module reads it,
//! recognises documents and decodes them to [`RawCase`]s. It refuses to read files (text comes in),
//! to run scripts of any kind, and to type or judge values (the schema's check does).

mod cell;
mod document;
mod encoded;
mod faults;
mod gather;
pub mod golden;
mod json;
mod layout;
mod make;
mod mistake;
mod near;
mod number;
mod parse;
mod plan;
mod read_csv;
mod read_dbf;
mod read_group;
mod read_markup;
mod read_row;
mod read_xes;
mod read_xml;
mod recognise;
mod registry;
mod require;
mod rows;
mod spec;
mod spoilt;
pub mod suggest;
mod table;
mod take;
mod unread;
mod view;

pub use document::{is_json, is_xml};
pub use mistake::{DialectError, Mistake};
pub(crate) use near::is_for_guard;
pub(crate) use read_markup::Markup;

pub use registry::Registry;
pub use spec::{Absent, Shape};
pub(crate) use table::Form;

use plan::Plan;
use recognise::Looks;
use spec::{Spec, Take, VersionRule};
use std::collections::BTreeMap;
use std::io::BufRead;
use std::ops::ControlFlow;
use time::UtcOffset;
use tongcha_schema::check::Waive;
use tongcha_schema::code::Code;
use tongcha_schema::element::ElementId;
use tongcha_schema::finding::Finding;
use tongcha_schema::record::RawCase;
use tongcha_schema::xml::{TextEncoding, read_native};

/// The name that asks the gate to recognise the dialect by itself.
pub const AUTO: &str = "auto";

/// The name of the product's own format.
pub const NATIVE: &str = "native";

/// One dialect, ready to decode.
#[derive(Debug)]
pub struct Dialect {
    /// Its name: `a-z`, `0-9` and `-`.
    pub name: String,
    /// Its version; a hub records with which version it decoded.
    pub version: String,
    /// What it is, in Chinese and in English.
    pub title: (String, String),
    spec: Spec,
    plan: Option<Plan>,
    waivers: Waivers,
}

/// What the source may leave out, as a table.
#[derive(Debug)]
struct Waivers {
    whole: [bool; ElementId::ALL.len()],
    fields: Vec<Vec<bool>>,
    lowered: BTreeMap<Code, String>,
}

impl Waive for Waivers {
    fn absent(&self, element: ElementId, field: Option<usize>) -> bool {
        let at = element.index();
        self.whole[at] || field.is_some_and(|f| self.fields[at].get(f).copied().unwrap_or(false))
    }

    fn lowered(&self, code: Code) -> bool {
        self.lowered.contains_key(&code)
    }
}

impl Waivers {
    fn of(spec: &Spec) -> Waivers {
        let fields = ElementId::ALL.map(|e| vec![false; e.spec().fields.len()]);
        let mut out = Waivers {
            whole: [false; ElementId::ALL.len()],
            fields: fields.to_vec(),
            lowered: spec.lower.clone(),
        };
        for absent in &spec.absent {
            let at = absent.element.index();
            match absent.field {
                None => out.whole[at] = true,
                Some(field) => out.fields[at][field] = true,
            }
        }
        out
    }
}

impl Dialect {
    /// Reads the dialects of a text, one for each kind that it names, in that order; `file` names it
    /// in errors. The first has the file's name, the others that name, a hyphen and their kind.
    ///
    /// # Errors
    /// All mistakes of the text, each with its line and a hint.
    pub fn parse(file: &str, text: &str) -> Result<Vec<Dialect>, DialectError> {
        let specs = parse::parse(file, text)?;
        Ok(specs.into_iter().map(Dialect::of).collect())
    }

    fn of(spec: Spec) -> Dialect {
        Dialect {
            name: spec.name.clone(),
            version: spec.version.clone(),
            title: spec.title.clone(),
            plan: Plan::of(&spec),
            waivers: Waivers::of(&spec),
            spec,
        }
    }

    /// What kind of text it reads.
    pub fn shape(&self) -> Shape {
        self.spec.shape
    }

    /// The numbering space of its case numbers: `cn` for the national one, else the source's name.
    pub fn space(&self, source: &str) -> String {
        if self.spec.national { "cn" } else { source }.to_owned()
    }

    /// Whether a document that only looks like this dialect's may put any case number into the national
    /// space: of the product's own format alone, which says so itself.
    pub fn declares_space(&self) -> bool {
        !self.spec.national || self.spec.shape == Shape::Native
    }

    /// Zone of stamps that name none.
    pub fn offset(&self) -> UtcOffset {
        self.spec.zone
    }

    /// The encoding that its source writes, whatever its documents declare; `None`: as they say.
    pub fn encoding(&self) -> Option<TextEncoding> {
        self.spec.encoding
    }

    /// What the source may leave out or get wrong without a finding per record.
    pub fn waivers(&self) -> &dyn Waive {
        &self.waivers
    }

    /// Whether one rejected record rejects its whole case.
    pub fn rejects_by_case(&self) -> bool {
        self.spec.rejects_by_case
    }

    /// What the source cannot supply, with the reasons, in the order of the dialect.
    pub fn absents(&self) -> &[Absent] {
        &self.spec.absent
    }

    /// The codes that are lowered to a warning, with the reasons.
    pub fn lowered(&self) -> impl Iterator<Item = (Code, &str)> {
        self.spec
            .lower
            .iter()
            .map(|(code, why)| (*code, why.as_str()))
    }

    /// Which places fill which of our fields (`element.field`, or `case.case_no` and the like), in the
    /// order of the dialect, under all of their spellings; a place below a repeated node is without
    /// the node's path.
    pub fn mapped(&self) -> Vec<(String, String)> {
        let mut out = Vec::new();
        let mut add = |take: &Take, target: String| {
            for place in &take.from {
                let others = self.spec.aliases.get(place).into_iter().flatten();
                let all = std::iter::once(place).chain(others);
                out.extend(all.map(|name| (name.clone(), target.clone())));
            }
        };
        let Some(case) = &self.spec.case else {
            return out;
        };
        add(&case.case_no, "case.case_no".to_owned());
        if let Some(take) = &case.org_bus_no {
            add(take, "case.org_bus_no".to_owned());
        }
        if let VersionRule::Number(take) = &case.version {
            add(take, "case.version".to_owned());
        }
        if let Some(take) = &case.op {
            add(take, "case.op".to_owned());
        }
        for record in &self.spec.records {
            let spec = record.element.spec();
            for (index, take) in &record.fields {
                add(take, format!("{}.{}", spec.name, spec.fields[*index].name));
            }
        }
        out
    }

    /// The source's own places that fill one of our fields, each once, in the order of the dialect; none of
    /// the product's own format, whose tags are ours.
    pub fn places_of(&self, element: ElementId, field: &str) -> Vec<&str> {
        let rules = self.spec.records.iter().filter(|r| r.element == element);
        let index = element.spec().field_index(field);
        let fields = rules.flat_map(|r| &r.fields);
        let takes = fields.filter(|(at, _)| Some(*at) == index);
        let mut out: Vec<&str> = Vec::new();
        for place in takes.flat_map(|(_, take)| &take.from) {
            if !out.contains(&place.as_str()) {
                out.push(place);
            }
        }
        out
    }

    /// Decodes a table of a form that its survey found; else as [`Dialect::decode`].
    pub(crate) fn decode_form(
        &self,
        item_name: &str,
        form: Form,
        input: &mut dyn BufRead,
        sink: &mut dyn FnMut(RawCase) -> ControlFlow<()>,
    ) -> Vec<Finding> {
        match (&self.plan, form) {
            (Some(plan), Form::Dbf(encoding)) => {
                read_dbf::read(plan, item_name, encoding, input, sink)
            }
            (Some(plan), Form::Markup(markup, _)) => {
                read_markup::read(plan, item_name, markup, input, sink)
            }
            _ => self.decode(item_name, input, sink),
        }
    }

    /// Decodes a document, case by case in document order, and gives the findings that belong to the
    /// document itself. `input` is UTF-8 text that has passed the guard (of a row: its bytes). Memory
    /// follows the largest case. `Break` from the sink ends it.
    pub fn decode(
        &self,
        item_name: &str,
        input: &mut dyn BufRead,
        sink: &mut dyn FnMut(RawCase) -> ControlFlow<()>,
    ) -> Vec<Finding> {
        match (&self.plan, self.spec.shape) {
            (None, _) | (_, Shape::Native) => read_native(input, item_name, sink).findings,
            (Some(plan), Shape::Xml) => read_xml::read(plan, item_name, input, sink),
            (Some(plan), Shape::Xes) => read_xes::read(plan, item_name, input, sink),
            (Some(plan), Shape::Row) => read_group::read(plan, item_name, input, sink),
            (Some(plan), Shape::Csv) => read_csv::read(plan, item_name, input, sink),
        }
    }
}

impl Dialect {
    /// Whether an item's root element is the one that it asks for. One that asks for none fits all.
    pub(crate) fn fits(&self, start: &[u8]) -> bool {
        let asks = self.spec.recognise.root.is_some() && !self.shape().is_table();
        !asks || Some(&Looks::at(start).root) == self.spec.recognise.root.as_ref()
    }
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, rest)| rest)
}

/// Why a JSON text gives no rows; `None` where it does.
///
/// # Errors
/// What reading reports.
pub(crate) fn no_rows(
    file: &str,
    input: &mut dyn std::io::Read,
) -> std::io::Result<Option<Finding>> {
    let bytes = json::bytes(input)?;
    Ok(json::rows(&bytes)
        .err()
        .map(|fault| read_row::told(&fault, file)))
}
