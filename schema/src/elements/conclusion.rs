//! Element 11: 办结信息, the conclusion.

use crate::element::{Cardinality, Due, ElementId, ElementSpec};

/// The spec of 办结信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Conclusion,
    number: 11,
    name: "conclusion",
    node: "Conclusion",
    zh: "办结信息",
    en: "conclusion",
    cardinality: Cardinality::One,
    due: Due::Concluded,
    ground: "",
    fields: &[],
};
