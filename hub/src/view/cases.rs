//! The pages of cases: the list, and one case with its clock, all versions of its records and its
//! cards. Personal values leave here masked; nothing else does.

use super::{Listed, PAGE_ROWS, Paging, anywhere, cards, facts, instant_at};
use crate::core::Core;
use crate::store::cases as store;
use crate::store::engine::StoreError;
use crate::store::row::Row;
use crate::watch;
use serde::Serialize;
use time::OffsetDateTime;
use tongcha_schema::clock::from_unix_ms;
use tongcha_supervision::CaseSummary;

/// One case of a list.
#[derive(Clone, Debug, Serialize)]
pub struct CaseLine {
    /// Numbering space.
    pub space: String,
    /// Case number.
    pub case_no: String,
    /// The source that named it first.
    pub source: String,
    /// Organ code, or empty.
    pub organ_code: String,
    /// Organ name, or empty.
    pub organ_name: String,
    /// Item or project.
    pub title: String,
    /// Name of the stage; empty before the first look.
    pub stage: String,
    /// Acceptance.
    pub accepted_at: Option<OffsetDateTime>,
    /// Due day, `YYYY-MM-DD`, or empty.
    pub due_day: String,
    /// Conclusion.
    pub concluded_at: Option<OffsetDateTime>,
    /// Concluded after the due day.
    pub late: bool,
    /// Open after the due day.
    pub overdue: bool,
    /// Gravest open card, or empty.
    pub colour: String,
    /// Rules that were not judged.
    pub not_judged: Vec<String>,
    /// When its facts last changed.
    pub updated_at: OffsetDateTime,
    /// Why no card of it is issued: `refused`, `calendar`, `fault`, or empty.
    pub held: String,
}

/// What a list of cases is filtered by; empty is no filter.
#[derive(Clone, Debug, Default)]
pub struct CaseFilter {
    /// A stage, or `open`, `overdue`, `late`, `held`, or `held_` with a reason.
    pub stage: String,
    /// A colour, or `any`.
    pub colour: String,
    /// Organ code, or part of its name.
    pub organ: String,
    /// Part of the case number.
    pub case_no: String,
}

/// One case.
#[derive(Clone, Debug)]
pub struct CaseView {
    /// Its line.
    pub line: CaseLine,
    /// What the last look found; none before the first look.
    pub summary: Option<CaseSummary>,
    /// Facts changed since the last look.
    pub waits_for_look: bool,
    /// When it is looked at again without new facts.
    pub next_look: Option<OffsetDateTime>,
    /// Every stored version of every record, masked.
    pub facts: Vec<facts::FactLine>,
    /// Its cards.
    pub cards: Vec<cards::CardLine>,
}

fn line(row: &Row) -> CaseLine {
    CaseLine {
        space: row.text(0).to_owned(),
        case_no: row.text(1).to_owned(),
        source: row.text(2).to_owned(),
        organ_code: row.text(3).to_owned(),
        organ_name: row.text(4).to_owned(),
        title: row.text(5).to_owned(),
        stage: row.text(6).to_owned(),
        accepted_at: instant_at(row, 7),
        due_day: row.text(8).to_owned(),
        concluded_at: instant_at(row, 9),
        late: row.int(10) == 1,
        overdue: row.int(11) == 1,
        colour: row.text(12).to_owned(),
        not_judged: row
            .text(13)
            .split(',')
            .filter(|r| !r.is_empty())
            .map(str::to_owned)
            .collect(),
        updated_at: from_unix_ms(row.int(14)),
        held: row.text(15).to_owned(),
    }
}

/// One page of cases, the latest changes first; of overdue ones the longest overdue first.
///
/// # Errors
/// The store.
pub async fn cases(
    core: &Core,
    filter: &CaseFilter,
    paging: Paging,
) -> Result<Listed<CaseLine>, StoreError> {
    let mut args = crate::args![
        &filter.stage,
        &filter.colour,
        &filter.organ,
        anywhere(&filter.organ),
        &filter.case_no,
        anywhere(&filter.case_no)
    ];
    let total = core
        .store
        .row("pages.case_count", args.clone())
        .await?
        .map_or(0, |r| r.count(0));
    args.extend(crate::args![PAGE_ROWS, paging.offset()]);
    let statement = if filter.stage == "overdue" {
        "pages.cases_overdue"
    } else {
        "pages.cases"
    };
    let rows = core
        .store
        .rows(statement, args)
        .await?
        .iter()
        .map(line)
        .collect();
    Ok(Listed {
        rows,
        total,
        page: paging.number(),
    })
}

/// One case.
///
/// # Errors
/// The store.
pub async fn case(core: &Core, space: &str, case_no: &str) -> Result<Option<CaseView>, StoreError> {
    let Some(row) = core
        .store
        .row("pages.case", crate::args![space, case_no])
        .await?
    else {
        return Ok(None);
    };
    let mut tx = core.store.snapshot().await?;
    let file = store::files(&mut tx, &[row.int(20)]).await?.pop();
    drop(tx);
    let facts = file.map(|(_, file)| watch::load::facts(file));
    Ok(Some(CaseView {
        line: line(&row),
        // A case that no look has seen yet has an empty summary.
        summary: serde_json::from_str(row.text(16)).ok(),
        waits_for_look: row.int(17) > row.int(18),
        next_look: instant_at(&row, 19),
        facts: facts::lines(facts.unwrap_or_default(), &core.sealed),
        cards: cards::of_case(core, space, case_no).await?,
    }))
}
