//! Element 6: 受理信息, the acceptance.

use crate::element::{Cardinality, Due, ElementId, ElementSpec};

/// The spec of 受理信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Acceptance,
    number: 6,
    name: "acceptance",
    node: "Acceptance",
    zh: "受理信息",
    en: "acceptance",
    cardinality: Cardinality::One,
    due: Due::Accepted,
    ground: "",
    fields: &[],
};
