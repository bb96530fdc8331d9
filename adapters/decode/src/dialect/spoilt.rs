//! Places of a case that are spoilt: that come twice, hold half a character or were cut. Each spoils the
//! records that use it and no other. It refuses to judge what a text says.

use super::faults::Faults;
use super::gather::{Gathered, Spot};
use super::make::CaseBuilder;
use super::plan::{Plan, RecordPlan, SeqPlan, Slot, TakePlan, VersionPlan};
use tongcha_schema::code::element as x3;
use tongcha_schema::finding::Severity;
use tongcha_schema::record::{RawCase, RawField};

impl RecordPlan {
    /// Which field a place fills, seen from a row, or `None` within where it only numbers or decides;
    /// `None` where the record has no use for it.
    pub fn use_of(&self, slot: Slot, g: &Gathered, row: usize) -> Option<Option<usize>> {
        let field = self.fields.iter().find(|(_, take)| take.uses(slot, g, row));
        if let Some((field, _)) = field {
            return Some(Some(*field));
        }
        let numbers = match &self.seq {
            SeqPlan::Number(take) => take.uses(slot, g, row),
            SeqPlan::Key(slots) => slots.contains(&slot),
            SeqPlan::Fixed(_) | SeqPlan::Order => false,
        };
        let version = match &self.version {
            Some(VersionPlan::Number(take)) => take.uses(slot, g, row),
            _ => false,
        };
        let decides = self.when.iter().any(|c| c.from.contains(&slot));
        (numbers || version || decides).then_some(None)
    }
}

impl TakePlan {
    /// Whether a place gives the text, the first of several that has one, or decides whether it is taken.
    pub fn uses(&self, slot: Slot, g: &Gathered, row: usize) -> bool {
        let first = self.from.iter().position(|s| g.get(*s, row).is_some());
        let mine = self.from.iter().position(|s| *s == slot);
        mine.is_some_and(|at| first.is_none_or(|first| at <= first))
            || self.when.iter().any(|c| c.from.contains(&slot))
    }
}

impl Plan {
    /// Whether a place is of the key that all records of a case have: number, operation, version.
    pub fn is_of_key(&self, slot: Slot, g: &Gathered) -> bool {
        let version = match &self.version {
            VersionPlan::Number(take) => take.uses(slot, g, 0),
            VersionPlan::Arrival => false,
        };
        let others = [
            Some(&self.case_no),
            self.org_bus_no.as_ref(),
            self.op.as_ref(),
        ];
        let mut others = others.into_iter().flatten();
        version || others.any(|take| take.uses(slot, g, 0)) || self.table == Some(slot)
    }
}

impl CaseBuilder<'_> {
    /// The records that use a place, each with the field that it fills there.
    fn users(&self, spot: &Spot, g: &Gathered) -> Vec<(usize, Option<usize>)> {
        let of_key = spot.slot.scope == 0 && self.plan.is_of_key(spot.slot, g);
        let user = |(index, (rule, row)): (usize, &(usize, usize))| {
            let rule = self.plan.records.get(*rule)?;
            let mine = spot.slot.scope == 0 || rule.scope == spot.slot.scope && *row == spot.row;
            let used = rule.use_of(spot.slot, g, *row).filter(|_| mine);
            used.or(of_key.then_some(None)).map(|field| (index, field))
        };
        self.origins
            .made
            .iter()
            .enumerate()
            .filter_map(user)
            .collect()
    }

    /// Places that came twice, that hold half a character, or were cut: told of the records that use
    /// them, and of nothing else. A place that no record uses spoils none, and is told as a warning.
    pub(super) fn spoilt(&self, g: &Gathered, faults: &Faults<'_>, case: &mut RawCase) {
        for (code, spots) in [
            (x3::DOUBLED_FIELD, &g.doubled),
            (x3::BROKEN_TEXT, &g.broken),
            (x3::CUT_TEXT, &g.cut),
        ] {
            for spot in spots {
                let name = self.plan.name_of(spot.slot);
                let users = self.users(spot, g);
                for (index, field) in &users {
                    let record = &case.records[*index];
                    let text = record.fields.iter().find(|f| Some(f.index) == *field);
                    // What a field keeps of it, the check tells with the field.
                    let kept = |t: &RawField| t.text.contains(char::REPLACEMENT_CHARACTER);
                    if code != x3::BROKEN_TEXT || !text.is_some_and(kept) {
                        let finding = faults.spoilt(code, Some(record.element), name, spot);
                        case.findings.push((Some(*index), finding));
                    }
                }
                if users.is_empty() {
                    let mut finding = faults.spoilt(code, None, name, spot);
                    finding.severity = Severity::Warn;
                    case.findings.push((None, finding));
                }
            }
        }
    }
}
