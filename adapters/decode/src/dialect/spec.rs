//! The shape of a dialect file once it is read: plain data, every name of ours resolved. Refuses to
//! read TOML (`parse.rs`) and to touch a document (`plan.rs`, `make.rs`, the readers).

use std::collections::BTreeMap;
use time::UtcOffset;
use tongcha_schema::code::Code;
use tongcha_schema::element::ElementId;
use tongcha_schema::xml::TextEncoding;

/// What kind of text a dialect reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The product's own `Package/Head/Body`.
    Native,
    /// Any XML whose places are named by paths.
    Xml,
    /// An XES event log: attributes of traces and events are named by their keys.
    Xes,
    /// Rows of a table in JSON, their values named by columns.
    Row,
    /// A table as text: a header, then a row a line, named by the header.
    Csv,
}

impl Shape {
    /// The names as a dialect file writes them.
    pub const NAMES: [(&'static str, Shape); 5] = [
        ("native", Shape::Native),
        ("xml", Shape::Xml),
        ("xes", Shape::Xes),
        ("row", Shape::Row),
        ("csv", Shape::Csv),
    ];

    /// Whether what it reads are rows, each named by its columns.
    pub fn is_table(self) -> bool {
        matches!(self, Shape::Row | Shape::Csv)
    }

    /// The name as a dialect file writes it.
    pub fn name(self) -> &'static str {
        Shape::NAMES
            .iter()
            .find(|(_, s)| *s == self)
            .map_or("", |(n, _)| n)
    }
}

/// Something that a source cannot supply, with the reason (WORDS, "Severity and verdict").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absent {
    /// The element.
    pub element: ElementId,
    /// The field's index in the element's spec; `None`: the whole element.
    pub field: Option<usize>,
    /// Why, as the dialect's author wrote it.
    pub reason: String,
}

/// How a document is recognised without being told; all that is given must hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recognise {
    /// Local name of the root element.
    pub root: Option<String>,
    /// Local names of which one must be the root's first child.
    pub child: Vec<String>,
    /// XES: keys that the traces must carry, by the trace globals or by the first trace.
    pub keys: Vec<String>,
    /// Row and csv: columns that must exist.
    pub columns: Vec<String>,
}

/// A condition over the source's places. All conditions of a list must hold.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    /// Where to look; the first place that has a text counts.
    pub from: Vec<String>,
    /// What must hold there.
    pub test: Test,
}

/// What a condition asks of a text.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    /// There is a text (true) or none (false).
    Present(bool),
    /// It is one of these.
    Is(Vec<String>),
    /// It is none of these (no text passes).
    IsNot(Vec<String>),
}

/// What becomes of a text that a code map does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unmapped {
    /// An unknown code: a finding.
    Fault,
    /// The text stays as it is.
    Keep,
    /// This text instead.
    Other(String),
}

/// A unit of money in which the source counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// 分, 1/100 yuan.
    Fen,
    /// 万元, 10,000 yuan.
    Wan,
}

/// How one text is taken and turned. Steps run in the order of the fields here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Take {
    /// A constant: then nothing else applies but `when`.
    pub constant: Option<String>,
    /// Places; the first that has a text counts.
    pub from: Vec<String>,
    /// Only if these hold.
    pub when: Vec<Condition>,
    /// Texts that mean "no value" in the source.
    pub blank: Vec<String>,
    /// These characters are left out, e.g. the hyphens of a code.
    pub drop: String,
    /// Only the ASCII digits of the text.
    pub digits: bool,
    /// Concealed: a hash with the case number takes the text's place (`conceal.rs`).
    pub hash: bool,
    /// Layouts of a date or time that are none of the canonical ones, e.g. `DD/MM/YYYY hh:mm`.
    pub layouts: Vec<String>,
    /// Unit of money.
    pub unit: Option<Unit>,
    /// Code map; a code mapped to the empty text has no counterpart: no value.
    pub map: BTreeMap<String, String>,
    /// What the map does not know.
    pub unmapped: Option<Unmapped>,
    /// Replaces any present text.
    pub present: Option<String>,
    /// Stands in for a missing text.
    pub default: Option<String>,
}

impl Take {
    /// Whether it is nothing but a place: the text is taken as it is.
    pub fn is_plain(&self) -> bool {
        self.constant.is_none()
            && self.when.is_empty()
            && self.blank.is_empty()
            && self.drop.is_empty()
            && !self.digits
            && !self.hash
            && self.layouts.is_empty()
            && self.unit.is_none()
            && self.map.is_empty()
            && self.present.is_none()
            && self.default.is_none()
    }
}

/// Who numbers a record (WORDS, "Who numbers").
#[derive(Clone, Debug)]
pub(crate) enum SeqRule {
    /// Always this number.
    Fixed(i64),
    /// 1..n per case and element in document order.
    Order,
    /// A number of the source.
    Number(Box<Take>),
    /// 63 bits of a hash over these key places.
    Key(Vec<String>),
}

/// Where the version comes from.
#[derive(Clone, Debug)]
pub(crate) enum VersionRule {
    /// The source has none.
    Arrival,
    /// A number of the source.
    Number(Box<Take>),
}

/// One kind of record that a case, or each repeated node of it, gives.
#[derive(Clone, Debug)]
pub(crate) struct RecordRule {
    /// Which element.
    pub element: ElementId,
    /// Path of the repeated node inside the case; empty: once per case.
    pub each: String,
    /// Only of rows of these tables, by their place in [`Spec::tables`]; empty: of any.
    pub tables: Vec<usize>,
    /// Only if these hold.
    pub when: Vec<Condition>,
    /// Number.
    pub seq: SeqRule,
    /// Version, where it differs from the case's.
    pub version: Option<VersionRule>,
    /// A declared "none" with this reason code; then there are no fields.
    pub none: Option<String>,
    /// Field index in the element's spec, and how its text is taken.
    pub fields: Vec<(usize, Take)>,
}

/// The type that a check on a source place asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// 1..=N characters.
    Text(usize),
    /// One of these.
    Codes(Vec<String>),
    /// A whole number of at most 18 digits.
    Int,
    /// A decimal number with at most two decimals.
    Money,
    /// An organ's code: a social credit code (GB 32100, either case); a legacy organisation code
    /// (GB 11714, with or without its hyphen) is told apart.
    Organ,
    /// A calendar day, any layout of the schema.
    Date,
    /// An instant, any layout of the schema.
    DateTime,
}

/// A check on a source place that maps to no field of ours.
#[derive(Clone, Debug)]
pub(crate) struct Require {
    /// The place.
    pub from: String,
    /// Path of the repeated node; empty: the case.
    pub each: String,
    /// Whether a text must be there.
    pub needed: bool,
    /// Its type.
    pub want: Want,
    /// Personal: masked in findings.
    pub personal: bool,
    /// The element whose record it belongs to (the first one of the case, or of the repeated node).
    pub element: Option<ElementId>,
}

/// Where cases begin and how they are named.
#[derive(Clone, Debug)]
pub(crate) struct CaseRule {
    /// The records belong to no case; then there is no `case_no`.
    pub outside: bool,
    /// Absolute paths of the node that is a case (XML only).
    pub paths: Vec<String>,
    /// Path below the case and attribute, where fields are nodes named by an attribute (XML only).
    pub named: Option<(String, String)>,
    /// The place that names the table.
    pub table: Option<String>,
    /// Case number.
    pub case_no: Take,
    /// The source's own business number.
    pub org_bus_no: Option<Take>,
    /// Version of its records.
    pub version: VersionRule,
    /// Operation, `I`, `U` or `D` after its map; insert where there is none.
    pub op: Option<Take>,
}

/// One table of a family: how its rows are told from those of the others.
#[derive(Clone, Debug)]
pub(crate) struct TableRule {
    /// Its name, and the other names under which sources write it.
    pub names: Vec<String>,
    /// Columns that its rows have, with a value or without.
    pub columns: Vec<String>,
    /// Columns of its rows that are not read on purpose, besides those of the whole dialect.
    pub leave_out: Vec<String>,
}

/// A dialect file, read and resolved.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it is, in Chinese and English.
    pub title: (String, String),
    /// What kind of text it reads.
    pub shape: Shape,
    /// Zone of stamps without one.
    pub zone: UtcOffset,
    /// The encoding of its texts, whatever they declare; `None`: as they declare.
    pub encoding: Option<TextEncoding>,
    /// Whether case numbers are the national ones; else the source's own.
    pub national: bool,
    /// Whether one rejected record rejects its whole case.
    pub rejects_by_case: bool,
    /// How it is recognised.
    pub recognise: Recognise,
    /// The case; `None` for the native format.
    pub case: Option<CaseRule>,
    /// A name used in paths, and the other names under which sources write it.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// The tables of a family; empty: all rows are of one kind.
    pub tables: Vec<TableRule>,
    /// Places that are not read on purpose; one that ends in `*` stands for all that begin so.
    pub leave_out: Vec<String>,
    /// What the source cannot supply.
    pub absent: Vec<Absent>,
    /// Codes lowered to a warning, with the reason.
    pub lower: BTreeMap<Code, String>,
    /// Records.
    pub records: Vec<RecordRule>,
    /// Checks on places that map to none of our fields.
    pub requires: Vec<Require>,
}

impl Spec {
    /// Whether places are names of fields in any letter case, rather than paths.
    pub fn is_named(&self) -> bool {
        self.shape.is_table() || self.case.as_ref().is_some_and(|c| c.named.is_some())
    }
}
