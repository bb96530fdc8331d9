//! The 14 elements, one file each; this is their list.

use crate::element::ElementSpec;

mod acceptance;
mod applicant;
mod case_base;
mod conclusion;
mod correction;
mod delivery;
mod evaluation;
mod fee;
mod item;
mod material;
mod organ;
mod process;
mod result_doc;
mod special;

/// The specs in order of number.
pub static SPECS: [&ElementSpec; 14] = [
    &organ::SPEC,
    &item::SPEC,
    &case_base::SPEC,
    &applicant::SPEC,
    &material::SPEC,
    &acceptance::SPEC,
    &process::SPEC,
    &correction::SPEC,
    &special::SPEC,
    &fee::SPEC,
    &conclusion::SPEC,
    &result_doc::SPEC,
    &delivery::SPEC,
    &evaluation::SPEC,
];
