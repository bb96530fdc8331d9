//! Element 14: 服务评价信息, the evaluation.

use crate::element::{Cardinality, Due, ElementId, ElementSpec};

/// The spec of 服务评价信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Evaluation,
    number: 14,
    name: "evaluation",
    node: "Evaluation",
    zh: "服务评价信息",
    en: "evaluation",
    cardinality: Cardinality::ZeroOrMore,
    due: Due::Never,
    ground: "",
    fields: &[],
};
