//! The work list: what the sources have declared that they cannot supply, the codes lowered for them, and
//! what a dialect does not map yet, each with a count. Refuses to list single records.

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
    /// Field of the spec, the source's own name of a place that maps to none, or empty for the whole
    /// element.
    pub field: String,
    /// The code that is meant, where lines are told apart by it; else empty.
    pub value: String,
    /// How often it happened.
    pub count: u64,
    /// First time.
    pub first: OffsetDateTime,
    /// Last time.
    pub last: OffsetDateTime,
    /// Reason that the dialect gives for the absence or the lowered code. Without one the line is open: it
    /// rejects records until the dialect maps it or the source sends it.
    pub reason: String,
}

/// Lines that a page shows.
const LINES: usize = 5_000;

/// The work list, [`LINES`] at most.
///
/// # Errors
/// The store.
pub async fn worklist(core: &Core) -> Result<Vec<WorkLine>, StoreError> {
    let most = crate::args![LINES];
    let rows = core.store.rows("pages.worklist", most).await?;
    Ok(rows
        .iter()
        .map(|row| {
            let element = ElementId::parse(row.text(2));
            WorkLine {
                dialect: row.text(0).to_owned(),
                code: Code::parse(row.text(1)),
                element,
                field: row.text(3).to_owned(),
                value: row.text(4).to_owned(),
                count: row.count(5),
                first: from_unix_ms(row.int(6)),
                last: from_unix_ms(row.int(7)),
                reason: reason(core, row.text(0), row.text(1), element, row.text(3)),
            }
        })
        .collect())
}

/// The reason that a dialect gives for a lowered code or an absence.
fn reason(
    core: &Core,
    dialect: &str,
    code: &str,
    element: Option<ElementId>,
    field: &str,
) -> String {
    let (Some(dialect), Some(element)) = (core.registry.get(dialect), element) else {
        return String::new();
    };
    let code = Code::parse(code);
    if let Some((_, why)) = dialect
        .lowered()
        .find(|(lowered, _)| Some(*lowered) == code)
    {
        return why.to_owned();
    }
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
