//! `GET /`: the overview. Refuses filters; every figure leads to the page that explains it.

use super::cards::{CardRow, card_row};
use super::envelopes::{EnvelopeRow, envelope_row};
use super::identity::{Identity, identity};
use super::nodes::{AlarmRow, alarm_row};
use crate::chart::{self, Chart};
use crate::chip::{self, Chip};
use crate::format::{href, number};
use crate::shell::{Ctx, Key, Shell, Shown, html, show};
use askama::Template;
use axum::response::Response;
use tongcha_hub::view::overview::{self as view, Overview};

struct Colour {
    chip: Chip,
    figure: String,
    href: String,
}

/// What stands still until somebody acts: what, how much, why and what to do.
struct Trouble {
    what: &'static str,
    much: String,
    why: String,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Page {
    s: Shell,
    total: Identity,
    today: String,
    cases: [(&'static str, String, &'static str); 4],
    all_cases: String,
    unjudged: String,
    /// Reason, figure and address of the cases that are held.
    held: Vec<(&'static str, String, String)>,
    /// Years without a calendar, with the open cases that fall due in them where there are any.
    no_calendar: Vec<(i32, String)>,
    colours: Vec<Colour>,
    nodes: (String, String),
    inbox: Option<(String, String)>,
    alarms: Vec<AlarmRow>,
    troubles: Vec<Trouble>,
    forward: Option<(String, u64)>,
    chart: Chart,
    envelopes: Vec<EnvelopeRow>,
    cards: Vec<CardRow>,
}

/// The page.
pub(crate) async fn overview(ctx: Ctx) -> Response {
    show(&ctx, "overview", Key::None, make(&ctx)).await
}

async fn make(ctx: &Ctx) -> Shown {
    let found = view::overview(&ctx.core).await?;
    let t = ctx.t;
    let tally = &found.tally;
    html(&Page {
        s: ctx.shell("/", t.nav_overview),
        total: identity(&found.total),
        today: number(found.today.received),
        cases: [
            (t.cases_open, number(tally.open), "/cases?stage=open"),
            (
                t.cases_overdue,
                number(tally.open_overdue),
                "/cases?stage=overdue",
            ),
            (
                t.cases_concluded,
                number(tally.concluded),
                "/cases?stage=concluded",
            ),
            (
                t.cases_late,
                number(tally.concluded_late),
                "/cases?stage=late",
            ),
        ],
        all_cases: number(tally.cases),
        unjudged: if found.unjudged > 0 {
            number(found.unjudged)
        } else {
            String::new()
        },
        held: held(ctx, &found),
        no_calendar: no_calendar(&found),
        colours: colours(ctx, &found),
        nodes: (number(found.nodes.1), number(found.nodes.0)),
        inbox: (found.inbox.0 > 0).then(|| (number(found.inbox.1), number(found.inbox.0))),
        alarms: found.alarms.iter().map(|a| alarm_row(ctx, a)).collect(),
        troubles: troubles(ctx, &found),
        forward: ctx.core.forwards.then(|| {
            let f = &found.forward;
            (number(f.stored_above), f.batches.saturating_sub(f.settled))
        }),
        chart: chart::elements(ctx.lang, &found.elements),
        envelopes: found
            .envelopes
            .iter()
            .map(|e| envelope_row(ctx, e))
            .collect(),
        cards: found.cards.iter().map(|c| card_row(ctx, c)).collect(),
    })
}

/// Reason, figure and address of the cases that are held.
fn held(ctx: &Ctx, found: &Overview) -> Vec<(&'static str, String, String)> {
    let row = |(name, cases): &(String, u64)| {
        let chip = chip::held(ctx.t, name)?;
        let stage = format!("held_{name}");
        Some((
            chip.text,
            number(*cases),
            href("/cases", &[("stage", &stage)]),
        ))
    };
    found.held.iter().filter_map(row).collect()
}

/// Years without a calendar, with the open cases that fall due in them where there are any.
fn no_calendar(found: &Overview) -> Vec<(i32, String)> {
    let cases = |cases: u64| (cases > 0).then(|| number(cases)).unwrap_or_default();
    let years = found.no_calendar.iter();
    years.map(|(year, due)| (*year, cases(*due))).collect()
}

fn troubles(ctx: &Ctx, found: &Overview) -> Vec<Trouble> {
    let (t, mut all) = (ctx.t, Vec::new());
    if found.forward.held > 0 {
        let why = found
            .held_above
            .iter()
            .filter_map(|held| held.cause.as_ref());
        let why = why.map(|f| {
            let zh = || format!("{}；{}", f.cause_zh(), f.hint_zh());
            let en = || format!("{}; {}", f.cause_en(), f.hint_en());
            ctx.lang.pick(zh(), en())
        });
        all.push(Trouble {
            what: t.trouble_held,
            much: number(found.forward.held_records),
            why: why.take(1).collect(),
        });
    }
    if found.quarantine.bundles > 0 {
        all.push(Trouble {
            what: t.trouble_quarantine,
            much: number(found.quarantine.records),
            why: found.quarantine.cause.clone(),
        });
    }
    for job in &found.failing {
        all.push(Trouble {
            what: t.trouble_job,
            much: format!("{} ×{}", job.name, job.fails),
            why: job.cause.clone(),
        });
    }
    all
}

fn colours(ctx: &Ctx, found: &Overview) -> Vec<Colour> {
    ["red", "yellow", "warn", "fault"]
        .into_iter()
        .map(|name| Colour {
            chip: chip::colour(ctx.t, name),
            figure: number(found.tally.cards.by_colour.get(name).copied().unwrap_or(0)),
            href: href("/cards", &[("colour", name)]),
        })
        .collect()
}
