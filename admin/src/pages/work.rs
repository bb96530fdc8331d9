//! `GET /work`: what the dialects do not map yet, and what the sources have declared that they cannot
//! supply.

use crate::chip::rule_name;
use crate::format::{minute, number};
use crate::shell::{Ctx, Key, Shell, Shown, html, show};
use askama::Template;
use axum::response::Response;
use tongcha_hub::view::{blind, work as view};

struct WorkRow {
    dialect: String,
    element: &'static str,
    field: String,
    field_name: String,
    value: String,
    code: String,
    title: &'static str,
    reason: String,
    count: String,
    first: String,
    last: String,
}

#[derive(Template)]
#[template(path = "work.html")]
struct Page {
    s: Shell,
    /// Lines that reject records until somebody mends them.
    open: Vec<WorkRow>,
    declared: Vec<WorkRow>,
    blind: Vec<BlindRow>,
}

/// A rule that is not judged for a source.
struct BlindRow {
    source: String,
    rule: String,
    rule_name: &'static str,
    cases: String,
    /// What is absent, and why the dialect says so.
    causes: Vec<(String, String)>,
}

/// The page.
pub(crate) async fn worklist(ctx: Ctx) -> Response {
    show(&ctx, "work", Key::None, make(&ctx)).await
}

async fn make(ctx: &Ctx) -> Shown {
    let found = view::worklist(&ctx.core).await?;
    let (mut open, declared): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|line| line.reason.is_empty());
    open.sort_by_key(|line| std::cmp::Reverse(line.count));
    let rows = |lines: Vec<view::WorkLine>| lines.into_iter().map(|line| row(ctx, line)).collect();
    let blind = blind::sources(&ctx.core).await?;
    html(&Page {
        blind: blind.iter().flat_map(|s| blind_rows(ctx, s)).collect(),
        s: ctx.shell("/work", ctx.t.nav_work),
        open: rows(open),
        declared: rows(declared),
    })
}

fn row(ctx: &Ctx, line: view::WorkLine) -> WorkRow {
    let lang = ctx.lang;
    let spec = line.element.map(|e| e.spec());
    let field = spec.and_then(|s| s.fields.iter().find(|f| f.name == line.field));
    WorkRow {
        element: spec.map_or(ctx.t.unknown_element, |s| lang.pick(s.zh, s.en)),
        field: match (field, &*line.field) {
            (Some(f), _) => lang.pick(f.zh, f.en).to_owned(),
            (None, "") => ctx.t.whole_element.to_owned(),
            (None, _) => ctx.t.source_place.to_owned(),
        },
        field_name: line.field,
        value: line.value,
        code: line.code.map(|c| c.to_string()).unwrap_or_default(),
        title: line
            .code
            .map_or("", |c| lang.pick(c.spec().title.0, c.spec().title.1)),
        reason: line.reason,
        count: number(line.count),
        first: minute(line.first, ctx.zone()),
        last: minute(line.last, ctx.zone()),
        dialect: line.dialect,
    }
}

fn blind_rows<'a>(ctx: &'a Ctx, of: &'a blind::BlindSource) -> impl Iterator<Item = BlindRow> + 'a {
    of.rules.iter().map(move |rule| BlindRow {
        source: of.source.clone(),
        rule: rule.rule.clone(),
        rule_name: rule_name(ctx.lang, &rule.rule),
        cases: number(rule.cases),
        causes: rule.causes.iter().map(|c| cause(ctx, c)).collect(),
    })
}

/// What is absent in words, with dialect and reason.
fn cause(ctx: &Ctx, cause: &blind::Cause) -> (String, String) {
    let (lang, spec) = (ctx.lang, cause.element.spec());
    let element = lang.pick(spec.zh, spec.en);
    let field = cause
        .field
        .and_then(|name| spec.fields.iter().find(|f| f.name == name));
    let what = match field {
        Some(field) => format!("{element} · {}", lang.pick(field.zh, field.en)),
        None => format!("{element} ({})", ctx.t.whole_element),
    };
    (what, format!("{}: {}", cause.dialect, cause.reason))
}
