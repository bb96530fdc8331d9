//! Which places of a case or row a dialect's rules look at, table by table: what stands outside of them is
//! not read. A column that only another table of the family reads is not read either. Refuses to look at a
//! document.

use super::{ConditionPlan, Plan, SeqPlan, Slot, TakePlan, VersionPlan, column};

/// The slots of the case that are read, by table (of a dialect without tables: one).
#[derive(Debug, Default)]
pub(crate) struct Reads(Vec<Vec<bool>>);

impl Reads {
    /// Of a plan whose rules are resolved.
    pub fn of(plan: &Plan) -> Reads {
        let tables = plan.tables.len().max(1);
        let stride = plan.strides.first().copied().unwrap_or(0) as usize;
        let mut reads = Reads(vec![vec![false; stride]; tables]);
        for table in 0..tables {
            let row = &mut reads.0[table];
            of_case(plan, row);
            if let Some(table) = plan.tables.get(table) {
                mark(row, &table.columns);
            }
            for rule in &plan.records {
                if !rule.tables.is_empty() && !rule.tables.contains(&table) {
                    continue;
                }
                conditions(row, &rule.when);
                match &rule.seq {
                    SeqPlan::Number(t) => take(row, t),
                    SeqPlan::Key(slots) => mark(row, slots),
                    SeqPlan::Fixed(_) | SeqPlan::Order => {}
                }
                if let Some(v) = &rule.version {
                    version(row, v);
                }
                for (_, t) in &rule.fields {
                    take(row, t);
                }
            }
        }
        reads
    }

    /// Whether rows of that table (`None`: there are no tables) are read at that slot of the case.
    pub fn has(&self, table: Option<usize>, slot: u32) -> bool {
        let row = self.0.get(table.unwrap_or(0));
        row.and_then(|r| r.get(slot as usize))
            .copied()
            .unwrap_or(false)
    }
}

fn mark(row: &mut [bool], slots: &[Slot]) {
    for slot in slots.iter().filter(|s| s.scope == 0) {
        if let Some(read) = row.get_mut(slot.slot as usize) {
            *read = true;
        }
    }
}

fn conditions(row: &mut [bool], list: &[ConditionPlan]) {
    for condition in list {
        mark(row, &condition.from);
    }
}

fn take(row: &mut [bool], take: &TakePlan) {
    mark(row, &take.from);
    conditions(row, &take.when);
}

fn version(row: &mut [bool], rule: &VersionPlan) {
    if let VersionPlan::Number(t) = rule {
        take(row, t);
    }
}

fn of_case(plan: &Plan, row: &mut [bool]) {
    take(row, &plan.case_no);
    for t in plan.org_bus_no.iter().chain(&plan.op) {
        take(row, t);
    }
    version(row, &plan.version);
    mark(row, plan.table.as_slice());
    for rule in &plan.requires {
        mark(row, &[rule.place]);
    }
}

/// Whether rows of a table are read at a column, as a field or as a list of child rows, or leave it out on
/// purpose.
pub(crate) fn knows(plan: &Plan, table: Option<usize>, name: &str) -> bool {
    let name = column(name);
    let slot = plan.keys[0].get(name.as_str());
    let child = || plan.scopes.iter().skip(1).any(|s| s.to_lowercase() == name);
    let left_out = || {
        let table = table.and_then(|t| plan.tables.get(t));
        plan.left_out.has(&name) || table.is_some_and(|t| t.left_out.has(&name))
    };
    slot.is_some_and(|s| plan.reads.has(table, *s)) || left_out() || child()
}

/// The columns of a table that hold something and are not read, each told once.
pub(crate) struct Columns<'p> {
    plan: &'p Plan,
    names: &'p [String],
    /// By table, columns of which nothing has been told yet; made when a row of it comes.
    open: Vec<Option<Vec<usize>>>,
}

impl<'p> Columns<'p> {
    /// Of a header.
    pub fn of(plan: &'p Plan, names: &'p [String]) -> Columns<'p> {
        let mut open = Vec::new();
        open.resize_with(plan.tables.len().max(1), || None);
        Columns { plan, names, open }
    }

    /// Looks at a row of a table; gives the columns that are to be told. A row that is of no table of a
    /// family is told as a whole.
    pub fn look<'t>(
        &mut self,
        table: Option<usize>,
        texts: impl Fn(usize) -> Option<&'t str>,
    ) -> Vec<&'p str> {
        if table.is_none() && !self.plan.tables.is_empty() {
            return Vec::new();
        }
        let (plan, names) = (self.plan, self.names);
        let Some(open) = self.open.get_mut(table.unwrap_or(0)) else {
            return Vec::new();
        };
        let unread = |at: &usize| !knows(plan, table, &names[*at]);
        let open = open.get_or_insert_with(|| (0..names.len()).filter(unread).collect());
        let mut found = Vec::new();
        open.retain(|at| {
            let holds = texts(*at).is_some_and(|t| !t.trim().is_empty());
            if holds {
                found.push(names[*at].as_str());
            }
            !holds
        });
        found
    }
}
