//! How one text is taken and turned, its places resolved. Refuses to turn it (`take.rs`).

use super::layout::Layout;
use super::plan::Slot;
use super::spec::{Test, Unit, Unmapped};
use std::collections::HashMap;

/// A [`super::spec::Take`] with its places resolved.
#[derive(Debug)]
pub(crate) struct TakePlan {
    pub constant: Option<String>,
    pub from: Vec<Slot>,
    pub when: Vec<ConditionPlan>,
    pub blank: Vec<String>,
    pub drop: String,
    pub digits: bool,
    pub hash: bool,
    pub layouts: Vec<Layout>,
    pub unit: Option<Unit>,
    pub map: HashMap<String, String>,
    pub unmapped: Unmapped,
    pub present: Option<String>,
    pub default: Option<String>,
    /// Nothing but a place: the text is taken as it is.
    pub plain: bool,
}

/// A [`super::spec::Condition`] with its places resolved.
#[derive(Debug)]
pub(crate) struct ConditionPlan {
    pub from: Vec<Slot>,
    pub test: Test,
}
