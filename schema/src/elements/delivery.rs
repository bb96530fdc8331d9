//! Element 13: 领取送达信息, the delivery.

use crate::element::{Cardinality, Due, ElementId, ElementSpec};

/// The spec of 领取送达信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Delivery,
    number: 13,
    name: "delivery",
    node: "Delivery",
    zh: "领取送达信息",
    en: "delivery",
    cardinality: Cardinality::ZeroOrMore,
    due: Due::Delivered,
    ground: "",
    fields: &[],
};
