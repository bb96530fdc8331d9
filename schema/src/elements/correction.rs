//! Element 8: 补正信息, the correction.

use crate::element::{Cardinality, Due, ElementId, ElementSpec};

/// The spec of 补正信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Correction,
    number: 8,
    name: "correction",
    node: "Correction",
    zh: "补正信息",
    en: "correction",
    cardinality: Cardinality::ZeroOrMore,
    due: Due::WhenItHappens,
    ground: "",
    fields: &[],
};
