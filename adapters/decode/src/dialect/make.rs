//! A gathered case to a [`RawCase`]: texts are taken, turned and mapped, records numbered, source
//! places checked. Bad data becomes a finding; it refuses to stop, and to type values (the schema's
//! check does).

mod fields;

use super::faults::Faults;
use super::gather::{Gathered, table_of};
use super::number::{key_number, number_version, operation};
use super::plan::{Plan, RecordPlan, SeqPlan, Slot, TakePlan, knows};
use super::require;
use super::take::{Got, holds, taken};
use super::unread::Unread;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use tongcha_schema::element::ElementId;
use tongcha_schema::finding::Finding;
use tongcha_schema::record::{Op, RawCase, RawRecord, Version};

/// Makes cases; keeps what numbering "by order" must remember across one document.
pub(crate) struct CaseBuilder<'p> {
    pub(super) plan: &'p Plan,
    file: &'p str,
    /// Last number given per case and element, for cases that come in several pieces. 24 bytes each:
    /// a document of a million cases needs some 24 MiB per element that is numbered by order.
    ordered: HashMap<(u64, ElementId), i64>,
    /// Different rows under a hashed key, by case, element and the key's own number. Of the present
    /// case only, but where a document is a file of rows: there some 100 bytes a row of the document.
    keyed: HashMap<(u64, ElementId, i64), KeyedRows>,
    pub(super) origins: Origins,
    /// The table of the last case.
    table: Option<usize>,
    /// What of the document was not read.
    unread: Unread,
}

/// A case has seldom more records: room for so many is taken at once.
const USUAL_RECORDS: usize = 64;

/// Hashes of the different rows under one key, with the occurrence of those after the first.
struct KeyedRows {
    first: u64,
    more: HashMap<u64, i64>,
}

impl KeyedRows {
    /// Occurrence of a row: 0 for the first; a new one is added.
    fn occurrence(&mut self, content: u64) -> i64 {
        if content == self.first {
            return 0;
        }
        let next = i64::try_from(self.more.len() + 1).unwrap_or(i64::MAX);
        *self.more.entry(content).or_insert(next)
    }
}

/// Which records of the present case came from which node.
#[derive(Default)]
pub(super) struct Origins {
    /// By scope and row: the first record's index, or `NOBODY`.
    first: Vec<Vec<usize>>,
    /// By record: its rule and its row.
    pub(super) made: Vec<(usize, usize)>,
    /// By element: the first record's index.
    elements: [Option<usize>; ElementId::ALL.len()],
    /// Places that have a finding already.
    told: HashSet<(u32, u32)>,
}

const NOBODY: usize = usize::MAX;

impl Origins {
    fn begin(&mut self, g: &Gathered, scopes: usize) {
        self.first.resize_with(scopes, Vec::new);
        for (scope, rows) in (0_u32..).zip(&mut self.first) {
            rows.clear();
            rows.resize(g.rows(scope), NOBODY);
        }
        self.made.clear();
        self.elements = [None; ElementId::ALL.len()];
        self.told.clear();
    }

    fn add(&mut self, element: ElementId, scope: u32, row: usize, index: usize) {
        let slot = &mut self.first[scope as usize][row];
        *slot = (*slot).min(index);
        self.elements[element.index()].get_or_insert(index);
    }

    /// The first record of a row.
    fn of_row(&self, scope: u32, row: usize) -> Option<usize> {
        let index = *self.first.get(scope as usize)?.get(row)?;
        (index != NOBODY).then_some(index)
    }
}

impl<'p> CaseBuilder<'p> {
    /// For one document of that name.
    pub fn new(plan: &'p Plan, file: &'p str) -> CaseBuilder<'p> {
        CaseBuilder {
            plan,
            file,
            ordered: HashMap::new(),
            keyed: HashMap::new(),
            origins: Origins::default(),
            table: None,
            unread: Unread::default(),
        }
    }

    /// The table of the case that was made last; `None` where it fits none, or there are none.
    pub fn table(&self) -> Option<usize> {
        self.table
    }

    /// A place of the document holds something and is not read.
    pub fn unread(&mut self, name: &str) {
        self.unread.note(name, &self.plan.left_out);
    }

    /// Tells of places of the case that hold something and that only other tables of the family read.
    pub fn of_other_tables(&mut self, g: &Gathered) {
        let Some(table) = self.table else { return };
        let plan = self.plan;
        for slot in 0..plan.strides[0] {
            let slot = Slot { scope: 0, slot };
            let name = plan.name_of(slot);
            if g.get(slot, 0).is_some() && !knows(plan, Some(table), name) {
                self.unread.note(name, &plan.left_out);
            }
        }
    }

    /// The next case is numbered by itself, as if it stood alone in its document.
    pub fn alone(&mut self) {
        self.ordered.clear();
    }

    /// The document has ended: what of it was not read, if anything.
    pub fn end(&mut self) -> Option<Finding> {
        std::mem::take(&mut self.unread).finding(self.file, &self.plan.name)
    }

    /// The case that was gathered.
    pub fn make(&mut self, g: &Gathered) -> RawCase {
        if !self.plan.is_file_of_rows {
            self.keyed.clear();
        }
        let plain = |take: Option<&TakePlan>| match take.map(|t| taken(t, g, 0)) {
            Some(Got::Text(text, _)) => text.into_owned(),
            Some(Got::Unknown(text, _)) => text.to_owned(),
            _ => String::new(),
        };
        let rows = self
            .plan
            .records
            .iter()
            .map(|r| g.rows(r.scope))
            .sum::<usize>();
        let mut case = RawCase {
            outside: self.plan.outside,
            case_no: plain(Some(&self.plan.case_no)),
            org_bus_no: plain(self.plan.org_bus_no.as_ref()),
            line: g.line,
            records: Vec::with_capacity(rows.min(USUAL_RECORDS)),
            ..RawCase::default()
        };
        let faults = Faults {
            file: self.file,
            case_no: case.case_no.clone(),
        };
        self.origins.begin(g, self.plan.scopes.len());
        let mut hasher = DefaultHasher::new();
        case.case_no.hash(&mut hasher);
        let hash = hasher.finish();
        let table = table_of(self.plan, g);
        self.table = table;
        for (number, rule) in self.plan.records.iter().enumerate() {
            if !rule.tables.is_empty() && table.is_none_or(|t| !rule.tables.contains(&t)) {
                continue;
            }
            for row in 0..g.rows(rule.scope) {
                if holds(&rule.when, g, row) {
                    let index = case.records.len();
                    self.record(rule, g, row, hash, &faults, &mut case);
                    self.origins.add(rule.element, rule.scope, row, index);
                    self.origins.made.push((number, row));
                }
            }
        }
        self.unmapped(g, table, &faults, &mut case);
        self.spoilt(g, &faults, &mut case);
        self.required(g, &faults, &mut case);
        if g.overflow {
            // What is left out may belong to any of its records.
            for index in 0..case.records.len() {
                let finding = faults.too_large(case.records[index].element, g.line);
                case.findings.push((Some(index), finding));
            }
        }
        case
    }

    fn record(
        &mut self,
        rule: &RecordPlan,
        g: &Gathered,
        row: usize,
        hash: u64,
        faults: &Faults<'_>,
        case: &mut RawCase,
    ) {
        let index = case.records.len();
        let (line, column) = g.place(rule.scope, row);
        let mut record = RawRecord {
            element: rule.element,
            seq: 0,
            version: Version::Arrival,
            op: Op::Insert,
            none: rule.none.clone(),
            fields: Vec::with_capacity(rule.fields.len()),
            line,
            column,
        };
        self.fill(&mut record, rule, (g, row), faults, case);
        let mut note = |finding: Finding| case.findings.push((Some(index), finding));
        let version = rule.version.as_ref().unwrap_or(&self.plan.version);
        match number_version(version, g, row) {
            Ok(version) => record.version = version,
            Err(text) => note(faults.bad_version(rule.element, &text, line, column)),
        }
        match operation(self.plan.op.as_ref(), g, row) {
            Ok(op) => record.op = op,
            Err((text, cell)) => note(faults.bad_op(rule.element, &text, cell)),
        }
        match self.number(rule, g, row, hash, &record) {
            Ok((seq, told_apart)) => {
                record.seq = seq;
                if told_apart {
                    note(faults.same_key(rule.element, line, column));
                }
            }
            Err(text) => note(faults.bad_seq(rule.element, &text, line, column)),
        }
        case.records.push(record);
    }

    /// The record's number, and whether it had to be told apart from another row under the same key.
    fn number(
        &mut self,
        rule: &RecordPlan,
        g: &Gathered,
        row: usize,
        hash: u64,
        record: &RawRecord,
    ) -> Result<(i64, bool), String> {
        match &rule.seq {
            SeqPlan::Fixed(n) => Ok((*n, false)),
            SeqPlan::Order => {
                let last = self.ordered.entry((hash, rule.element)).or_insert(0);
                *last += 1;
                Ok((*last, false))
            }
            SeqPlan::Number(take) => match taken(take, g, row) {
                Got::Text(text, _) => match text.parse::<i64>() {
                    Ok(n) if n >= 1 => Ok((n, false)),
                    _ => Err(text.into_owned()),
                },
                Got::Unknown(text, _) => Err(text.to_owned()),
                Got::Void => Err(String::new()),
            },
            SeqPlan::Key(slots) => Ok(self.keyed(slots, g, row, hash, record)),
        }
    }

    /// A number from the key places. Different rows of one case under one key get an occurrence
    /// number hashed in; identical rows keep the number and are duplicates (WORDS, "Who numbers").
    fn keyed(
        &mut self,
        slots: &[Slot],
        g: &Gathered,
        row: usize,
        hash: u64,
        record: &RawRecord,
    ) -> (i64, bool) {
        // A row of a file is told apart by all of its columns, mapped or not.
        let mut hasher = DefaultHasher::new();
        g.content.hash(&mut hasher);
        for field in &record.fields {
            (field.index, &field.text).hash(&mut hasher);
        }
        let content = hasher.finish();
        let key: Vec<&str> = slots
            .iter()
            .map(|slot| g.get(*slot, row).map_or("", |(text, _)| text))
            .collect();
        let first = key_number(&key, 0);
        let rows = self
            .keyed
            .entry((hash, record.element, first))
            .or_insert_with(|| KeyedRows {
                first: content,
                more: HashMap::new(),
            });
        match rows.occurrence(content) {
            0 => (first, false),
            occurrence => (key_number(&key, occurrence), true),
        }
    }

    /// Repeated nodes of which no record came: `source rows = records + unmapped + withheld`.
    fn unmapped(
        &self,
        g: &Gathered,
        table: Option<usize>,
        faults: &Faults<'_>,
        case: &mut RawCase,
    ) {
        // A row's children may be its records: then it is mapped.
        let from = usize::from(!self.plan.is_row || !case.records.is_empty());
        let table = table.and_then(|t| self.plan.tables[t].names.first());
        let scopes = (0_u32..).zip(&self.origins.first).zip(&self.plan.scopes);
        for ((scope, rows), name) in scopes.skip(from) {
            let none = rows
                .iter()
                .enumerate()
                .filter(|(_, first)| **first == NOBODY);
            for (row, _) in none {
                let name = table.filter(|_| scope == 0).unwrap_or(name);
                let finding = faults.unmapped(name, g.place(scope, row));
                case.findings.push((None, finding));
            }
        }
    }

    /// The record that a finding of a row belongs to: the row's own, else the case's first.
    fn hit(&self, scope: u32, row: usize, case: &RawCase) -> Option<usize> {
        let first = if case.records.is_empty() {
            None
        } else {
            Some(0)
        };
        self.origins.of_row(scope, row).or(first)
    }

    fn required(&self, g: &Gathered, faults: &Faults<'_>, case: &mut RawCase) {
        for rule in &self.plan.requires {
            for row in 0..g.rows(rule.place.scope) {
                let found = g.get(rule.place, row);
                let Some(fault) = require::fault(rule, found.map(|(text, _)| text)) else {
                    continue;
                };
                let at = found.map_or_else(
                    || g.place(rule.place.scope, row),
                    |(_, cell)| (cell.line, cell.column),
                );
                if found.is_some() && self.origins.told.contains(&at) {
                    continue;
                }
                let own = rule.element.and_then(|e| self.origins.elements[e.index()]);
                let hit = own.or_else(|| self.hit(rule.place.scope, row, case));
                let element = hit.map(|i| case.records[i].element);
                let text = found.map(|(text, _)| text);
                let finding = faults.required(rule, fault, element, text, at);
                case.findings.push((hit, finding));
            }
        }
    }
}
