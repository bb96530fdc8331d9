//! Element 3: 审批基本信息, the case base.

use crate::element::{Cardinality, Due, ElementId, ElementSpec};

/// The spec of 审批基本信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::CaseBase,
    number: 3,
    name: "case_base",
    node: "CaseBase",
    zh: "审批基本信息",
    en: "case base",
    cardinality: Cardinality::One,
    due: Due::Accepted,
    ground: "",
    fields: &[],
};
