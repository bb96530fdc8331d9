//! Element 9: 特别程序信息, the special procedure.

use crate::element::{Cardinality, Due, ElementId, ElementSpec};

/// The spec of 特别程序信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Special,
    number: 9,
    name: "special",
    node: "Special",
    zh: "特别程序信息",
    en: "special procedure",
    cardinality: Cardinality::ZeroOrMore,
    due: Due::WhenItHappens,
    ground: "",
    fields: &[],
};
