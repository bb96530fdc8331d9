//! `GET /ledger`: the conservation ledger, line by line and in sum.

use super::identity::{Identity, identity};
use crate::chip;
use crate::shell::{Asked, Choice, Ctx, Key, Pager, Shell, Shown, choices, html, show};
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use tongcha_hub::view::{Paging, ledger as view};

#[derive(Deserialize)]
pub(crate) struct LedgerQuery {
    #[serde(default)]
    source: String,
    #[serde(default)]
    day: String,
    page: Option<u64>,
}

struct LedgerRow {
    day: String,
    source: String,
    element: &'static str,
    counts: Identity,
    has_rejected: bool,
    has_pending: bool,
}

#[derive(Template)]
#[template(path = "ledger.html")]
struct Page {
    s: Shell,
    sources: Vec<Choice>,
    days: Vec<Choice>,
    sums: Identity,
    rows: Vec<LedgerRow>,
    pager: Pager,
}

/// The page.
pub(crate) async fn ledger(ctx: Ctx, Asked(query): Asked<LedgerQuery>) -> Response {
    show(&ctx, "ledger", Key::None, make(&ctx, query)).await
}

async fn make(ctx: &Ctx, query: LedgerQuery) -> Shown {
    let paging = Paging::new(query.page);
    let found = view::ledger(&ctx.core, &query.source, &query.day, paging).await?;
    let mut lines = found.lines.clone();
    let place = |name: &str| {
        tongcha_schema::element::ElementId::parse(name).map_or(usize::MAX, |e| e.index())
    };
    // Within a day and source the elements stand in the order of the field's numbering.
    lines.rows.sort_by(|a, b| {
        (&b.day, &a.source, place(&a.element)).cmp(&(&a.day, &b.source, place(&b.element)))
    });
    let pair = |text: String| (text.clone(), text);
    html(&Page {
        s: ctx.shell("/ledger", ctx.t.nav_ledger),
        pager: ctx.pager(&found.lines, "page"),
        sources: choices(ctx.t, &query.source, found.sources.into_iter().map(pair)),
        days: choices(ctx.t, &query.day, found.days.into_iter().map(pair)),
        sums: identity(&found.sums),
        rows: lines
            .rows
            .into_iter()
            .map(|line| LedgerRow {
                element: chip::element_name(ctx.lang, &line.element),
                counts: identity(&line.counts),
                has_rejected: line.counts.rejected > 0,
                has_pending: line.counts.pending > 0,
                day: line.day,
                source: line.source,
            })
            .collect(),
    })
}
