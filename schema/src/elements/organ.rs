//! Element 1: 机构信息, the organ.

use crate::element::{Cardinality, Due, ElementId, ElementSpec};

/// The spec of 机构信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Organ,
    number: 1,
    name: "organ",
    node: "Organ",
    zh: "机构信息",
    en: "organ",
    cardinality: Cardinality::One,
    due: Due::Accepted,
    ground: "",
    fields: &[],
};
