//! `GET /scores`: every organ of a month under scheme S100: total, parts, and each deduction with the
//! cards that it rests on.

use super::cards::{organ, said};
use crate::format::href;
use crate::shell::{Asked, Choice, Ctx, Key, Shell, Shown, html, show};
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use tongcha_hub::view::scores as view;
use tongcha_supervision::score::Deduction;

/// Deductions without effect that are listed for one organ; the cards page has all of them.
const SPENT_ROWS: usize = 200;

#[derive(Deserialize)]
pub(crate) struct ScoresQuery {
    #[serde(default)]
    month: String,
}

struct PartRow {
    name: String,
    left: i64,
    base: i64,
    less: bool,
    measured: bool,
}

struct DeductionRow {
    part: String,
    applied: i64,
    points: i64,
    reason: String,
    cards: Vec<(String, String)>,
}

struct OrganRow {
    organ: String,
    code: String,
    total: i64,
    grade: String,
    grade_class: &'static str,
    scheme: String,
    bonus: i64,
    capped: Vec<String>,
    parts: Vec<PartRow>,
    deductions: Vec<DeductionRow>,
    /// Deductions that cost nothing because their part was used up, and the first of them.
    spent: usize,
    spent_rows: Vec<DeductionRow>,
    anchor: String,
    cards_href: String,
    computed: String,
}

#[derive(Template)]
#[template(path = "scores.html")]
struct Page {
    s: Shell,
    months: Vec<Choice>,
    month: String,
    issues_cards: bool,
    rows: Vec<OrganRow>,
}

/// The page.
pub(crate) async fn list(ctx: Ctx, Asked(query): Asked<ScoresQuery>) -> Response {
    show(&ctx, "scores", Key::None, make(&ctx, query)).await
}

async fn make(ctx: &Ctx, query: ScoresQuery) -> Shown {
    let found = view::scores(&ctx.core, &query.month).await?;
    let months = found.months.iter().map(|m| Choice {
        value: m.clone(),
        name: m.clone(),
        chosen: *m == found.month,
    });
    html(&Page {
        s: ctx.shell("/scores", ctx.t.nav_scores),
        months: months.collect(),
        rows: found
            .lines
            .iter()
            .map(|line| organ_row(ctx, line))
            .collect(),
        month: found.month,
        issues_cards: found.issues_cards,
    })
}

fn organ_row(ctx: &Ctx, line: &view::ScoreLine) -> OrganRow {
    let (score, lang) = (&line.score, ctx.lang);
    let part_name = |id: &str| {
        score
            .parts
            .iter()
            .find(|p| p.id == id)
            .map_or(id, |p| lang.pick(&p.zh, &p.en))
            .to_owned()
    };
    let row = |d: &Deduction| DeductionRow {
        part: part_name(&d.part),
        applied: d.applied,
        points: d.points,
        reason: lang.pick(&d.reason.zh, &d.reason.en).clone(),
        cards: d
            .cards
            .iter()
            .map(|c| (c.0.clone(), href("/card", &[("id", &c.0)])))
            .collect(),
    };
    let (costly, spent): (Vec<&Deduction>, Vec<_>) =
        score.deductions.iter().partition(|d| d.applied > 0);
    OrganRow {
        organ: match organ(&line.organ_name, &line.organ_code) {
            name if name.is_empty() => ctx.t.organ_unknown.to_owned(),
            name => name,
        },
        code: line.organ_code.clone(),
        total: score.total,
        grade: lang.pick(&score.grade.zh, &score.grade.en).clone(),
        grade_class: match score.grade.least {
            80.. => "good",
            60..80 => "part",
            _ => "bad",
        },
        scheme: score.scheme.clone(),
        bonus: score.bonus,
        capped: said(ctx, &score.capped),
        parts: score
            .parts
            .iter()
            .map(|p| PartRow {
                name: lang.pick(&p.zh, &p.en).clone(),
                left: p.left,
                base: p.base,
                less: p.left < p.base,
                measured: p.measured,
            })
            .collect(),
        deductions: costly.into_iter().map(row).collect(),
        spent: spent.len(),
        spent_rows: spent.into_iter().take(SPENT_ROWS).map(row).collect(),
        anchor: format!("spent-{}", score.organ),
        cards_href: match organ(&line.organ_name, &line.organ_code) {
            name if name.is_empty() => String::new(),
            name => href("/cards", &[("organ", &name)]),
        },
        computed: ctx.at(line.computed_at),
    }
}
