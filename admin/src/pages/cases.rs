//! `GET /cases` and `GET /case`: the list, and one case with its clock, its cards and the timeline of
//! all versions of its records. Refuses to change a case fact; no page can.

use super::cards::{CardRow, card_row, case_href, organ, said};
use super::facts::{FactRow, fact_row};
use crate::chip::{self, Chip};
use crate::format::{as_written, href, minute};
use crate::shell::{Asked, Choice, Ctx, Key, PageError, Pager, Shell, Shown, choices, html, show};
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use tongcha_hub::view::cases::{self as view, CaseFilter, CaseLine};
use tongcha_hub::view::{Listed, PAGE_ROWS, Paging};
use tongcha_schema::stamp::canonical_date;
use tongcha_supervision::summary::DueBasis;
use tongcha_supervision::{CaseSummary, Hold};

struct CaseRow {
    href: String,
    case_no: String,
    source: String,
    title: String,
    organ: String,
    stage: Chip,
    lateness: Option<Chip>,
    held: Option<Chip>,
    colour: Option<Chip>,
    accepted: String,
    due: String,
    concluded: String,
    updated: String,
}

fn case_row(ctx: &Ctx, line: &CaseLine) -> CaseRow {
    let at =
        |at: Option<time::OffsetDateTime>| at.map(|at| minute(at, ctx.zone())).unwrap_or_default();
    CaseRow {
        href: case_href(&line.space, &line.case_no),
        case_no: line.case_no.clone(),
        source: line.source.clone(),
        title: line.title.clone(),
        organ: organ(&line.organ_name, &line.organ_code),
        stage: chip::stage(ctx.t, &line.stage),
        lateness: chip::lateness(ctx.t, line),
        held: chip::held(ctx.t, &line.held),
        colour: (!line.colour.is_empty()).then(|| chip::colour(ctx.t, &line.colour)),
        accepted: at(line.accepted_at),
        due: line.due_day.clone(),
        concluded: at(line.concluded_at),
        updated: at(Some(line.updated_at)),
    }
}

#[derive(Deserialize)]
pub(crate) struct ListQuery {
    #[serde(default)]
    stage: String,
    #[serde(default)]
    colour: String,
    #[serde(default)]
    organ: String,
    #[serde(default)]
    no: String,
    page: Option<u64>,
}

#[derive(Template)]
#[template(path = "cases.html")]
struct ListPage {
    s: Shell,
    stages: Vec<Choice>,
    colours: Vec<Choice>,
    organ: String,
    no: String,
    rows: Vec<CaseRow>,
    pager: Pager,
}

/// The list.
pub(crate) async fn list(ctx: Ctx, Asked(query): Asked<ListQuery>) -> Response {
    show(&ctx, "cases", Key::None, make_list(&ctx, query)).await
}

async fn make_list(ctx: &Ctx, query: ListQuery) -> Shown {
    let filter = CaseFilter {
        stage: query.stage,
        colour: query.colour,
        organ: query.organ.trim().to_owned(),
        case_no: query.no.trim().to_owned(),
    };
    let found = view::cases(&ctx.core, &filter, Paging::new(query.page)).await?;
    let t = ctx.t;
    let groups = [
        ("open", t.cases_open),
        ("overdue", t.cases_overdue),
        ("late", t.cases_late),
        ("held", t.h_any),
        ("held_refused", t.h_refused),
        ("held_calendar", t.h_calendar),
        ("held_fault", t.h_fault),
    ];
    let stages = [
        "applied",
        "correcting",
        "refused",
        "accepted",
        "paused",
        "concluded",
    ];
    let stages = stages.map(|s| (s, chip::stage(t, s).text));
    let colours = ["red", "yellow", "warn", "fault"].map(|c| (c, chip::colour(t, c).text));
    html(&ListPage {
        s: ctx.shell("/cases", t.nav_cases),
        stages: choices(t, &filter.stage, groups.into_iter().chain(stages)),
        colours: choices(
            t,
            &filter.colour,
            [("any", t.colour_any)].into_iter().chain(colours),
        ),
        organ: filter.organ.clone(),
        no: filter.case_no.clone(),
        rows: found.rows.iter().map(|c| case_row(ctx, c)).collect(),
        pager: ctx.pager(&found, "page"),
    })
}

#[derive(Deserialize)]
pub(crate) struct OneQuery {
    #[serde(default)]
    space: String,
    no: String,
    page: Option<u64>,
}

struct Clock {
    applied: String,
    accepted: String,
    due: String,
    due_basis: &'static str,
    others: Vec<(&'static str, String)>,
    remaining: Option<i64>,
    concluded: String,
    result: String,
    warning: String,
    provisional: Option<i32>,
    missing: String,
    lines: Vec<String>,
    /// Why no card is issued, with the envelope whose record was refused.
    holds: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "case.html")]
struct OnePage {
    s: Shell,
    row: CaseRow,
    space: String,
    not_judged: Vec<(String, &'static str)>,
    waits: bool,
    next_look: String,
    item: String,
    project: String,
    clock: Option<Clock>,
    cards: Vec<CardRow>,
    facts: Vec<FactRow>,
    pager: Pager,
}

/// One case.
pub(crate) async fn one(ctx: Ctx, Asked(query): Asked<OneQuery>) -> Response {
    let case_no = query.no.clone();
    show(&ctx, "case", Key::Case(&case_no), make_one(&ctx, query)).await
}

async fn make_one(ctx: &Ctx, query: OneQuery) -> Shown {
    let found = view::case(&ctx.core, &query.space, &query.no)
        .await?
        .ok_or(PageError::NotFound)?;
    let summary = found.summary.as_ref();
    let page = Paging::new(query.page).number();
    let skip = usize::try_from((page - 1) * PAGE_ROWS).unwrap_or(usize::MAX);
    let take = usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX);
    let list = Listed::<()> {
        rows: Vec::new(),
        total: found.facts.len() as u64,
        page,
    };
    let rules = found.line.not_judged.iter();
    html(&OnePage {
        s: ctx.shell("/cases", &found.line.case_no),
        row: case_row(ctx, &found.line),
        space: found.line.space.clone(),
        not_judged: rules
            .map(|r| (r.clone(), chip::rule_name(ctx.lang, r)))
            .collect(),
        waits: found.waits_for_look,
        next_look: ctx.at_option(found.next_look),
        item: summary.map(|s| s.item_name.clone()).unwrap_or_default(),
        project: summary.map(|s| s.project_name.clone()).unwrap_or_default(),
        clock: summary.map(|s| clock(ctx, s)),
        cards: found.cards.iter().map(|c| card_row(ctx, c)).collect(),
        facts: found
            .facts
            .iter()
            .skip(skip)
            .take(take)
            .map(|f| fact_row(ctx, f))
            .collect(),
        pager: ctx.pager(&list, "page"),
    })
}

fn clock(ctx: &Ctx, s: &CaseSummary) -> Clock {
    let t = ctx.t;
    let at = |at: Option<time::OffsetDateTime>| {
        at.map(|at| as_written(at, ctx.zone())).unwrap_or_default()
    };
    let day = |day: Option<time::Date>| day.map(canonical_date).unwrap_or_default();
    let others = [
        (t.computed_due, s.computed_due),
        (t.reported_due, s.reported_due),
        (t.legal_due, s.legal_due),
    ];
    let missing: Vec<&str> = s
        .missing
        .iter()
        .map(|e| ctx.lang.pick(e.spec().zh, e.spec().en))
        .collect();
    Clock {
        applied: at(s.applied_at),
        accepted: at(s.accepted_at),
        due: if s.due_at.is_some() {
            at(s.due_at)
        } else {
            day(s.due_date)
        },
        due_basis: match s.due_basis {
            Some(DueBasis::Computed) => t.due_computed,
            Some(DueBasis::Reported) => t.due_reported,
            None => "",
        },
        others: others
            .into_iter()
            .filter(|(_, d)| d.is_some())
            .map(|(w, d)| (w, day(d)))
            .collect(),
        remaining: s.remaining,
        concluded: at(s.concluded_at),
        result: result(ctx, &s.result),
        warning: s
            .due_warning
            .as_ref()
            .map(|w| ctx.lang.pick(&w.zh, &w.en).clone())
            .unwrap_or_default(),
        provisional: s.provisional,
        missing: missing.join(ctx.lang.pick("、", ", ")),
        lines: said(ctx, &s.due_lines),
        holds: s.holds.iter().map(|h| hold(ctx, h)).collect(),
    }
}

/// Why a case is held, and where the refused record can be seen; empty where there is none.
fn hold(ctx: &Ctx, hold: &Hold) -> (String, String) {
    let line = hold.line();
    let link = match hold {
        Hold::Refused { envelope, .. } if !envelope.is_empty() => {
            href("/envelope", &[("id", envelope)])
        }
        _ => String::new(),
    };
    (ctx.lang.pick(&line.zh, &line.en).clone(), link)
}

/// The meaning of a conclusion's result code, with the code.
fn result(ctx: &Ctx, code: &str) -> String {
    use tongcha_schema::element::ElementId;
    use tongcha_schema::field::Kind;
    let spec = ElementId::Conclusion.spec();
    let meaning = spec.fields.iter().find_map(|field| match field.kind {
        Kind::Code(set) if field.name.contains("result") => set.meaning(code),
        _ => None,
    });
    match meaning {
        Some((zh, en)) => format!("{} {code}", ctx.lang.pick(zh, en)),
        None => code.to_owned(),
    }
}
