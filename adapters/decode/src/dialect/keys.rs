//! Which places of a dialect say which record it is: a value that is spoilt there spoils the whole record.
//! Refuses to read values.

use super::plan::{RecordPlan, SeqPlan, Slot, TakePlan, VersionPlan};

/// The places of case number, business number, operation, version and number.
pub(crate) fn keys(
    case_no: &TakePlan,
    others: [&Option<TakePlan>; 2],
    version: &VersionPlan,
    records: &[RecordPlan],
) -> Vec<Slot> {
    let numbered = |v: &VersionPlan| match v {
        VersionPlan::Arrival => Vec::new(),
        VersionPlan::Number(take) => take.from.clone(),
    };
    let mut slots = case_no.from.clone();
    slots.extend(others.into_iter().flatten().flat_map(|t| t.from.clone()));
    slots.extend(numbered(version));
    for record in records {
        slots.extend(record.version.as_ref().map(numbered).unwrap_or_default());
        match &record.seq {
            SeqPlan::Number(take) => slots.extend(take.from.clone()),
            SeqPlan::Key(places) => slots.extend(places.clone()),
            SeqPlan::Fixed(_) | SeqPlan::Order => {}
        }
    }
    slots
}
