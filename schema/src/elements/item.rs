//! Element 2: 事项信息, the item.

use crate::element::{Cardinality, Due, ElementId, ElementSpec};

/// The spec of 事项信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Item,
    number: 2,
    name: "item",
    node: "Item",
    zh: "事项信息",
    en: "item",
    cardinality: Cardinality::One,
    due: Due::Accepted,
    ground: "",
    fields: &[],
};
