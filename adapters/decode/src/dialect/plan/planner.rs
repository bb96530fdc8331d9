//! A dialect's rules resolved: places get slots, paths grow into the tree, and which places say which record it is
//! is listed, since a value that is spoilt there spoils the whole record. Refuses to look at a document.

use super::reads::Reads;
use super::tree::{Node, Open, Tree};
use super::{
    ConditionPlan, Plan, RecordPlan, RequirePlan, SeqPlan, Slot, TablePlan, TakePlan, VersionPlan,
};
use crate::dialect::layout::Layout;
use crate::dialect::spec::{
    Condition, RecordRule, Require, SeqRule, Shape, Spec, Take, Unmapped, VersionRule,
};
use crate::dialect::unread::LeftOut;
use std::collections::HashMap;

/// Gives slots to places.
struct Planner<'s> {
    spec: &'s Spec,
    tree: Tree,
    keys: Vec<HashMap<Box<str>, u32>>,
    scopes: Vec<String>,
    roots: Vec<u32>,
    strides: Vec<u32>,
}

impl Plan {
    /// Resolves a dialect's rules; `None` for the native format, which has none.
    pub fn of(spec: &Spec) -> Option<Plan> {
        let case = spec.case.as_ref()?;
        let mut p = Planner {
            spec,
            tree: Tree(vec![Node::default()]),
            keys: vec![HashMap::new()],
            scopes: vec![String::new()],
            roots: Vec::new(),
            strides: vec![0],
        };
        p.plant(&case.paths);
        let named = case.named.as_ref().and_then(|(path, attribute)| {
            let case = p.roots.first().copied()?;
            Some((p.walk(case, path), attribute.clone()))
        });
        let case_no = p.take(0, &case.case_no);
        let org_bus_no = case.org_bus_no.as_ref().map(|t| p.take(0, t));
        let version = p.version(0, &case.version);
        let op = case.op.as_ref().map(|t| p.take(0, t));
        let records: Vec<_> = spec.records.iter().map(|r| p.record(r)).collect();
        let requires = spec.requires.iter().map(|r| p.require(r)).collect();
        let table = case.table.as_ref().map(|place| p.slot(0, place));
        let tables = spec.tables.iter().map(|t| TablePlan {
            names: t.names.clone(),
            columns: p.slots(0, &t.columns),
            left_out: LeftOut::of(&t.leave_out, true),
        });
        let tables = tables.collect::<Vec<_>>();
        let weighs = keys(&case_no, [&org_bus_no, &op], &version, &records);
        let event = p.scopes.iter().position(|s| s == "event");
        let mut plan = Plan {
            name: spec.name.clone(),
            reads: Reads::default(),
            left_out: LeftOut::of(&spec.leave_out, spec.is_named()),
            tree: p.tree,
            keys: p.keys,
            scopes: std::iter::once("case".to_owned())
                .chain(p.scopes.into_iter().skip(1))
                .collect(),
            named,
            table,
            is_row: spec.shape.is_table() || !tables.is_empty(),
            tables,
            is_file_of_rows: spec.shape == Shape::Csv,
            outside: case.outside,
            weighs,
            event: event.and_then(|n| u32::try_from(n).ok()),
            strides: p.strides,
            case_no,
            org_bus_no,
            version,
            op,
            records,
            requires,
        };
        plan.reads = Reads::of(&plan);
        Some(plan)
    }
}

impl Planner<'_> {
    /// Grows the tree to the case node; several paths share one subtree.
    fn plant(&mut self, paths: &[String]) {
        let mut case = None;
        for path in paths {
            let names: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
            let Some((last, above)) = names.split_last() else {
                continue;
            };
            let mut node = 0;
            for name in above {
                node = self.step(node, name);
            }
            match case {
                None => case = Some(self.step(node, last)),
                Some(id) => self.tree.link(node, last, id),
            }
        }
        if let Some(id) = case {
            self.tree.0[id as usize].open = Some(Open::Case);
            self.roots.push(id);
        }
    }

    /// The child of that name, reachable by its aliases too.
    fn step(&mut self, parent: u32, name: &str) -> u32 {
        let id = self.tree.grow(parent, name);
        for other in self.spec.aliases.get(name).into_iter().flatten() {
            self.tree.link(parent, other, id);
        }
        id
    }

    fn walk(&mut self, from: u32, path: &str) -> u32 {
        let mut node = from;
        for name in path.split('/').filter(|s| !s.is_empty() && *s != ".") {
            node = self.step(node, name);
        }
        node
    }

    /// The scope of a repeated node; 0 for the case.
    fn scope(&mut self, each: &str) -> u32 {
        if let Some(found) = self.scopes.iter().position(|s| s == each) {
            return u32::try_from(found).unwrap_or(0);
        }
        let scope = u32::try_from(self.scopes.len()).unwrap_or(0);
        self.scopes.push(each.to_owned());
        self.keys.push(HashMap::new());
        self.strides.push(0);
        if let Some(case) = self.roots.first().copied() {
            let node = self.walk(case, each);
            self.tree.0[node as usize].open = Some(Open::Row(scope));
            self.roots.push(node);
        }
        scope
    }

    /// The slot of a place; a leading `/` means the case, seen from a repeated node.
    fn slot(&mut self, scope: u32, place: &str) -> Slot {
        let (scope, place) = match place.strip_prefix('/') {
            Some(rest) => (0, rest),
            None => (scope, place),
        };
        let is_named = self.spec.is_named();
        let key = if is_named {
            place.to_lowercase()
        } else {
            place.to_owned()
        };
        let at = scope as usize;
        if let Some(slot) = self.keys[at].get(key.as_str()) {
            return Slot { scope, slot: *slot };
        }
        let slot = Slot {
            scope,
            slot: self.strides[at],
        };
        self.strides[at] += 1;
        for other in self.spec.aliases.get(place).into_iter().flatten() {
            let other = if is_named {
                other.to_lowercase()
            } else {
                other.clone()
            };
            self.keys[at].insert(other.into(), slot.slot);
        }
        self.keys[at].insert(key.into(), slot.slot);
        if let Some(root) = self.roots.get(at).copied() {
            match place.rsplit_once('@') {
                Some((path, attribute)) => {
                    let node = self.walk(root, path);
                    let list = &mut self.tree.0[node as usize].attributes;
                    list.push((attribute.into(), slot));
                }
                None if is_named => {}
                None => {
                    let node = self.walk(root, place);
                    self.tree.0[node as usize].slots.push(slot);
                }
            }
        }
        slot
    }

    fn slots(&mut self, scope: u32, places: &[String]) -> Vec<Slot> {
        places.iter().map(|p| self.slot(scope, p)).collect()
    }

    fn conditions(&mut self, scope: u32, list: &[Condition]) -> Vec<ConditionPlan> {
        let plan = |c: &Condition| ConditionPlan {
            from: self.slots(scope, &c.from),
            test: c.test.clone(),
        };
        list.iter().map(plan).collect()
    }

    fn take(&mut self, scope: u32, take: &Take) -> TakePlan {
        TakePlan {
            constant: take.constant.clone(),
            from: self.slots(scope, &take.from),
            when: self.conditions(scope, &take.when),
            blank: take.blank.clone(),
            drop: take.drop.clone(),
            digits: take.digits,
            hash: take.hash,
            layouts: take
                .layouts
                .iter()
                .filter_map(|l| Layout::parse(l))
                .collect(),
            unit: take.unit,
            map: take.map.clone().into_iter().collect(),
            unmapped: take.unmapped.clone().unwrap_or(Unmapped::Fault),
            present: take.present.clone(),
            default: take.default.clone(),
            plain: take.is_plain(),
        }
    }

    fn version(&mut self, scope: u32, rule: &VersionRule) -> VersionPlan {
        match rule {
            VersionRule::Arrival => VersionPlan::Arrival,
            VersionRule::Number(take) => VersionPlan::Number(Box::new(self.take(scope, take))),
        }
    }

    fn record(&mut self, rule: &RecordRule) -> RecordPlan {
        let scope = self.scope(&rule.each);
        RecordPlan {
            element: rule.element,
            scope,
            tables: rule.tables.clone(),
            when: self.conditions(scope, &rule.when),
            seq: match &rule.seq {
                SeqRule::Fixed(n) => SeqPlan::Fixed(*n),
                SeqRule::Order => SeqPlan::Order,
                SeqRule::Number(take) => SeqPlan::Number(Box::new(self.take(scope, take))),
                SeqRule::Key(places) => SeqPlan::Key(self.slots(scope, places)),
            },
            version: rule.version.as_ref().map(|v| self.version(scope, v)),
            none: rule.none.clone(),
            fields: rule
                .fields
                .iter()
                .map(|(index, take)| (*index, self.take(scope, take)))
                .collect(),
        }
    }

    fn require(&mut self, rule: &Require) -> RequirePlan {
        let scope = self.scope(&rule.each);
        RequirePlan {
            place: self.slot(scope, &rule.from),
            name: rule.from.clone(),
            needed: rule.needed,
            want: rule.want.clone(),
            personal: rule.personal,
            element: rule.element,
        }
    }
}

/// The places of case number, business number, operation, version and number.
fn keys(
    case_no: &TakePlan,
    others: [&Option<TakePlan>; 2],
    version: &VersionPlan,
    records: &[RecordPlan],
) -> Vec<Slot> {
    let numbered = |v: &VersionPlan| match v {
        VersionPlan::Arrival => Vec::new(),
        VersionPlan::Number(take) => take.from.clone(),
    };
    let mut slots = case_no.from.clone();
    slots.extend(others.into_iter().flatten().flat_map(|t| t.from.clone()));
    slots.extend(numbered(version));
    for record in records {
        slots.extend(record.version.as_ref().map(numbered).unwrap_or_default());
        match &record.seq {
            SeqPlan::Number(take) => slots.extend(take.from.clone()),
            SeqPlan::Key(places) => slots.extend(places.clone()),
            SeqPlan::Fixed(_) | SeqPlan::Order => {}
        }
    }
    slots
}
