//! Element 4: 申请人信息, the applicant.

use crate::element::{Cardinality, Due, ElementId, ElementSpec};

/// The spec of 申请人信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Applicant,
    number: 4,
    name: "applicant",
    node: "Applicant",
    zh: "申请人信息",
    en: "applicant",
    cardinality: Cardinality::OneOrMore,
    due: Due::Accepted,
    ground: "",
    fields: &[],
};
