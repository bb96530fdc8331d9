//! The work list: what the sources have declared that they cannot supply, and the codes lowered for
//! them, each with a count. Refuses to list single records.

use crate::core::Core;
use crate::store::engine::StoreError;
use serde::Serialize;
use time::OffsetDateTime;
use tongcha_schema::clock::from_unix_ms;
use tongcha_schema::code::Code;
use tongcha_schema::element::ElementId;

/// One line of the work list.
#[derive(Clone, Debug, Serialize)]
pub struct WorkLine {
    /// Dialect that declares it.
    pub dialect: String,
    /// Code that was waived or lowered.
    pub code: Option<Code>,
    /// Element.
    pub element: Option<ElementId>,
    /// Field of the spec, or empty for the whole element.
    pub field: String,
    /// How often it happened.
    pub count: u64,
    /// First time.
    pub first: OffsetDateTime,
    /// Last time.
    pub last: OffsetDateTime,
    /// Reason that the dialect gives for the absence, or empty.
    pub reason: String,
}

/// The work list.
///
/// # Errors
/// The store.
pub async fn worklist(core: &Core) -> Result<Vec<WorkLine>, StoreError> {
    let rows = core.store.rows("pages.worklist", Vec::new()).await?;
    Ok(rows
        .iter()
        .map(|row| {
            let element = ElementId::parse(row.text(2));
            WorkLine {
                dialect: row.text(0).to_owned(),
                code: Code::parse(row.text(1)),
                element,
                field: row.text(3).to_owned(),
                count: row.count(4),
                first: from_unix_ms(row.int(5)),
                last: from_unix_ms(row.int(6)),
                reason: reason(core, row.text(0), element, row.text(3)),
            }
        })
        .collect())
}

/// The reason that a dialect gives for an absence.
fn reason(core: &Core, dialect: &str, element: Option<ElementId>, field: &str) -> String {
    let (Some(dialect), Some(element)) = (core.registry.get(dialect), element) else {
        return String::new();
    };
    let index = element.spec().field_index(field);
    let absents = dialect.absents();
    let exact = absents
        .iter()
        .find(|a| a.element == element && a.field == index);
    let whole = || {
        absents
            .iter()
            .find(|a| a.element == element && a.field.is_none())
    };
    exact
        .or_else(whole)
        .map(|a| a.reason.to_string())
        .unwrap_or_default()
}
