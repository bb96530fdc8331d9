//! Element 12: 结果证照信息, the result document.

use crate::element::{Cardinality, Due, ElementId, ElementSpec};

/// The spec of 结果证照信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::ResultDoc,
    number: 12,
    name: "result_doc",
    node: "ResultDoc",
    zh: "结果证照信息",
    en: "result document",
    cardinality: Cardinality::ZeroOrMore,
    due: Due::Concluded,
    ground: "",
    fields: &[],
};
