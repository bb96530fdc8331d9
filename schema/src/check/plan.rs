//! What the check needs to know of the specs, looked up once: conditions by index instead of by
//! name, and the fields that the logic compares. Refuses to judge.

use crate::code::{Code, field as x4};
use crate::element::{ElementId, ElementSpec};
use crate::field::{Cond, Kind, Need};
use std::sync::LazyLock;

/// No element has more fields; a test holds it.
pub(super) const MAX_FIELDS: usize = 32;

/// When a field is required, by index.
pub(super) enum PlanNeed {
    Always,
    Optional,
    Is(usize, &'static [&'static str]),
    IsNot(usize, &'static [&'static str]),
    Positive(usize),
    AnyOf(Vec<usize>),
}

impl PlanNeed {
    /// The code of a field that is needed and absent.
    pub(super) fn code(&self) -> Code {
        match self {
            PlanNeed::Always | PlanNeed::Optional => x4::REQUIRED,
            PlanNeed::AnyOf(_) => x4::INCOMPLETE_GROUP,
            _ => x4::REQUIRED_WHEN,
        }
    }
}

/// One field's plan.
pub(super) struct FieldPlan {
    pub need: PlanNeed,
    /// Of an identity number: the field with its type.
    pub id_type: Option<usize>,
    /// An instant or day that lawfully lies ahead.
    pub planned: bool,
}

/// Days and instants that say what is to come; every other one tells what happened.
const PLANNED: [(ElementId, &str); 4] = [
    (ElementId::Acceptance, "promise_date"),
    (ElementId::Process, "due_time"),
    (ElementId::ResultDoc, "valid_from"),
    (ElementId::ResultDoc, "valid_to"),
];

static PLANS: LazyLock<Vec<Vec<FieldPlan>>> =
    LazyLock::new(|| ElementId::ALL.map(|e| element(e.spec())).into());

/// The plan of an element's fields, in their order.
pub(super) fn of(element: ElementId) -> &'static [FieldPlan] {
    PLANS.get(element.index()).map_or(&[], Vec::as_slice)
}

fn element(spec: &ElementSpec) -> Vec<FieldPlan> {
    // A name that the spec lacks would make a condition that never holds; a test names all of them.
    let index = |name: &str| spec.field_index(name).unwrap_or(usize::MAX);
    spec.fields
        .iter()
        .map(|field| FieldPlan {
            need: match field.need {
                Need::Always => PlanNeed::Always,
                Need::Optional => PlanNeed::Optional,
                Need::When(Cond::Is(name, codes)) => PlanNeed::Is(index(name), codes),
                Need::When(Cond::IsNot(name, codes)) => PlanNeed::IsNot(index(name), codes),
                Need::When(Cond::Positive(name)) => PlanNeed::Positive(index(name)),
                Need::When(Cond::AnyOf(names)) => {
                    PlanNeed::AnyOf(names.iter().map(|n| index(n)).collect())
                }
            },
            id_type: match field.kind {
                Kind::IdNo(_, name) => Some(index(name)),
                _ => None,
            },
            planned: PLANNED.contains(&(spec.id, field.name)),
        })
        .collect()
}

/// Indexes of the fields that the logic reads.
pub(super) struct Fields {
    pub organ_region: usize,
    pub legal_limit: usize,
    pub legal_unit: usize,
    pub promise_limit: usize,
    pub promise_unit: usize,
    pub apply_time: usize,
    pub case_region: usize,
    pub accept_state: usize,
    pub accept_time: usize,
    pub step_no: usize,
    pub step_code: usize,
    pub step_pos: usize,
    pub handler_no: usize,
    pub unit_code: usize,
    pub step_start: usize,
    pub step_end: usize,
    pub notice_time: usize,
    pub corrected_time: usize,
    pub special_start: usize,
    pub special_end: usize,
    pub due: usize,
    pub derate: usize,
    pub paid: usize,
    pub fee_state: usize,
    pub result: usize,
    pub done_time: usize,
    pub is_fee: usize,
    pub receive_time: usize,
}

/// The indexes, looked up once.
pub(super) static FIELDS: LazyLock<Fields> = LazyLock::new(|| {
    let at = |element: ElementId, name| element.spec().field_index(name).unwrap_or(usize::MAX);
    use ElementId as E;
    Fields {
        organ_region: at(E::Organ, "region"),
        legal_limit: at(E::Item, "legal_limit"),
        legal_unit: at(E::Item, "legal_unit"),
        promise_limit: at(E::Item, "promise_limit"),
        promise_unit: at(E::Item, "promise_unit"),
        apply_time: at(E::CaseBase, "apply_time"),
        case_region: at(E::CaseBase, "region"),
        accept_state: at(E::Acceptance, "accept_state"),
        accept_time: at(E::Acceptance, "accept_time"),
        step_no: at(E::Process, "step_no"),
        step_code: at(E::Process, "step_code"),
        step_pos: at(E::Process, "step_pos"),
        handler_no: at(E::Process, "handler_no"),
        unit_code: at(E::Process, "unit_code"),
        step_start: at(E::Process, "start_time"),
        step_end: at(E::Process, "end_time"),
        notice_time: at(E::Correction, "notice_time"),
        corrected_time: at(E::Correction, "received_time"),
        special_start: at(E::Special, "start_time"),
        special_end: at(E::Special, "end_time"),
        due: at(E::Fee, "due"),
        derate: at(E::Fee, "derate"),
        paid: at(E::Fee, "paid"),
        fee_state: at(E::Fee, "state"),
        result: at(E::Conclusion, "result"),
        done_time: at(E::Conclusion, "done_time"),
        is_fee: at(E::Conclusion, "is_fee"),
        receive_time: at(E::Delivery, "receive_time"),
    }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_a_condition_is_a_field() {
        for id in ElementId::ALL {
            let count = id.spec().fields.len();
            assert!(count <= MAX_FIELDS, "{id}");
            for (plan, field) in of(id).iter().zip(id.spec().fields) {
                let named = match &plan.need {
                    PlanNeed::Always | PlanNeed::Optional => Vec::new(),
                    PlanNeed::Is(i, _) | PlanNeed::IsNot(i, _) | PlanNeed::Positive(i) => vec![*i],
                    PlanNeed::AnyOf(group) => group.clone(),
                };
                for i in named.into_iter().chain(plan.id_type) {
                    assert!(i < count, "{id}.{}", field.name);
                }
                // Values are read in the order of the spec: the type stands before the number.
                let own = id.spec().field_index(field.name);
                assert!(
                    plan.id_type.is_none_or(|i| Some(i) < own),
                    "{id}.{}",
                    field.name
                );
            }
        }
        for (id, name) in PLANNED {
            assert!(id.spec().field_index(name).is_some(), "{id}.{name}");
        }
        let f = &*FIELDS;
        for i in [
            f.organ_region,
            f.legal_limit,
            f.legal_unit,
            f.promise_limit,
            f.promise_unit,
            f.apply_time,
            f.case_region,
            f.accept_state,
            f.accept_time,
            f.step_no,
            f.step_code,
            f.step_pos,
            f.handler_no,
            f.unit_code,
            f.step_start,
            f.step_end,
            f.notice_time,
            f.corrected_time,
            f.special_start,
            f.special_end,
            f.due,
            f.derate,
            f.paid,
            f.fee_state,
            f.result,
            f.done_time,
            f.is_fee,
            f.receive_time,
        ] {
            assert_ne!(i, usize::MAX);
        }
    }
}
