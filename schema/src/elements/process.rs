//! Element 7: 审批过程信息, the process step.

use crate::element::{Cardinality, Due, ElementId, ElementSpec};

/// The spec of 审批过程信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Process,
    number: 7,
    name: "process",
    node: "Process",
    zh: "审批过程信息",
    en: "process step",
    cardinality: Cardinality::OneOrMore,
    due: Due::EachStep,
    ground: "",
    fields: &[],
};
