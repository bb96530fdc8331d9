//! Element 5: 材料信息, the material.

use crate::element::{Cardinality, Due, ElementId, ElementSpec};

/// The spec of 材料信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Material,
    number: 5,
    name: "material",
    node: "Material",
    zh: "材料信息",
    en: "material",
    cardinality: Cardinality::ZeroOrMore,
    due: Due::Accepted,
    ground: "",
    fields: &[],
};
