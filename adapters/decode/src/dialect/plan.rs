//! A dialect made ready for speed: every place that a rule names is a numbered slot, and paths are a
//! tree that is walked tag by tag. Refuses to read documents (the readers) and to make records
//! (`make.rs`).

use super::layout::Layout;
use super::spec::{Test, Unit, Unmapped, Want};
use super::unread::LeftOut;
use std::collections::HashMap;
use tongcha_schema::element::ElementId;

mod planner;
mod reads;
mod tree;

pub(crate) use reads::{Columns, Reads, knows};
pub(crate) use tree::{Open, Tree};

/// A place: scope 0 is the case itself, every other scope a repeated node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub scope: u32,
    pub slot: u32,
}

/// A [`super::spec::Take`] with its places resolved.
#[derive(Debug)]
pub(crate) struct TakePlan {
    pub constant: Option<String>,
    pub from: Vec<Slot>,
    pub when: Vec<ConditionPlan>,
    pub blank: Vec<String>,
    pub drop: String,
    pub digits: bool,
    pub hash: bool,
    pub layouts: Vec<Layout>,
    pub unit: Option<Unit>,
    /// Codes of the source and ours, in the order of the first.
    pub map: Vec<(String, String)>,
    pub unmapped: Unmapped,
    pub present: Option<String>,
    pub default: Option<String>,
    /// Nothing but a place: the text is taken as it is.
    pub plain: bool,
}

/// A [`super::spec::Condition`] with its places resolved.
#[derive(Debug)]
pub(crate) struct ConditionPlan {
    pub from: Vec<Slot>,
    pub test: Test,
}

/// Who numbers, resolved.
#[derive(Debug)]
pub(crate) enum SeqPlan {
    Fixed(i64),
    Order,
    Number(Box<TakePlan>),
    Key(Vec<Slot>),
}

/// A version rule, resolved.
#[derive(Debug)]
pub(crate) enum VersionPlan {
    Arrival,
    Number(Box<TakePlan>),
}

/// A record rule, resolved.
#[derive(Debug)]
pub(crate) struct RecordPlan {
    pub element: ElementId,
    pub scope: u32,
    /// Tables whose rows it reads; empty: any.
    pub tables: Vec<usize>,
    pub when: Vec<ConditionPlan>,
    pub seq: SeqPlan,
    pub version: Option<VersionPlan>,
    pub none: Option<String>,
    pub fields: Vec<(usize, TakePlan)>,
}

/// A check on a source place, resolved.
#[derive(Debug)]
pub(crate) struct RequirePlan {
    pub place: Slot,
    pub name: String,
    pub needed: bool,
    pub want: Want,
    pub personal: bool,
    pub element: Option<ElementId>,
}

/// A table of a family, resolved.
#[derive(Debug)]
pub(crate) struct TablePlan {
    pub names: Vec<String>,
    pub columns: Vec<Slot>,
    pub left_out: LeftOut,
}

/// A dialect ready to decode.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The dialect's name.
    pub name: String,
    /// Which slots of the case are read, by table.
    pub reads: Reads,
    /// What is left out on purpose.
    pub left_out: LeftOut,
    /// XML: the path tree.
    pub tree: Tree,
    /// XES, row and csv: the slot of an attribute key or column, per scope. Columns are in lower case.
    pub keys: Vec<HashMap<Box<str>, u32>>,
    /// XES: the scope of events, where a rule uses them.
    pub event: Option<u32>,
    /// Slots of each scope.
    pub strides: Vec<u32>,
    /// Path of each scope's node; of the case itself `case`.
    pub scopes: Vec<String>,
    /// XML: nodes that are named by an attribute, and that attribute's name as written.
    pub named: Option<(u32, String)>,
    /// Where the table's name stands.
    pub table: Option<Slot>,
    /// The tables of a family.
    pub tables: Vec<TablePlan>,
    /// Whether a case is a table row, so that one without a record is told.
    pub is_row: bool,
    /// Whether a document holds many rows, whose keys are told apart across the whole of it.
    pub is_file_of_rows: bool,
    /// Records belong to no case.
    pub outside: bool,
    /// Places that say which record it is: case number, number, version, operation. One that is spoilt
    /// spoils them all.
    pub weighs: Vec<Slot>,
    pub case_no: TakePlan,
    pub org_bus_no: Option<TakePlan>,
    pub version: VersionPlan,
    pub op: Option<TakePlan>,
    pub records: Vec<RecordPlan>,
    pub requires: Vec<RequirePlan>,
}

/// A column's name as it is compared.
pub(crate) fn column(name: &str) -> String {
    name.trim().to_lowercase()
}

impl Plan {
    /// The source's own name of a slot, e.g. `BASIC/CASE_NO`.
    pub fn name_of(&self, slot: Slot) -> &str {
        let keys = self.keys.get(slot.scope as usize);
        let found = keys.and_then(|k| k.iter().filter(|(_, s)| **s == slot.slot).min());
        found.map_or("", |(name, _)| name)
    }
}
