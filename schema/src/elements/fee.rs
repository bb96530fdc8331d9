//! Element 10: 收费信息, the fee.

use crate::element::{Cardinality, Due, ElementId, ElementSpec};

/// The spec of 收费信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Fee,
    number: 10,
    name: "fee",
    node: "Fee",
    zh: "收费信息",
    en: "fee",
    cardinality: Cardinality::ZeroOrMore,
    due: Due::Concluded,
    ground: "",
    fields: &[],
};
