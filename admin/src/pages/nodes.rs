//! `GET /nodes`: who may send, who is silent, whom the door turned away.

use crate::chip::Chip;
use crate::format::{href, number};
use crate::pages::overview::{Identity, identity};
use crate::shell::{Ctx, Key, Shell, Shown, html, show};
use askama::Template;
use axum::response::Response;
use tongcha_hub::view::nodes as view;

struct Row {
    name: String,
    kind: &'static str,
    organ: String,
    organ_code: String,
    alive: Chip,
    last_seen: String,
    last_href: String,
    heard: String,
    waiting: String,
    has_waiting: bool,
    envelopes: String,
    envelopes_href: String,
    repeats: u64,
    counts: Identity,
    has_rejected: bool,
    fingerprint: String,
    dialects: String,
    registered: String,
}

struct Away {
    at: String,
    node: String,
    code: String,
    cause: String,
    hint: String,
}

#[derive(Template)]
#[template(path = "nodes.html")]
struct Page {
    s: Shell,
    rows: Vec<Row>,
    away: Vec<Away>,
}

/// The page.
pub(crate) async fn nodes(ctx: Ctx) -> Response {
    show(&ctx, "nodes", Key::None, make(&ctx)).await
}

async fn make(ctx: &Ctx) -> Shown {
    let (nodes, away) = view::nodes(&ctx.core).await?;
    html(&Page {
        s: ctx.shell("/nodes", ctx.t.nav_nodes),
        rows: nodes.into_iter().map(|n| row(ctx, n)).collect(),
        away: away.into_iter().map(|a| away_row(ctx, a)).collect(),
    })
}

fn row(ctx: &Ctx, node: view::NodeLine) -> Row {
    let t = ctx.t;
    Row {
        kind: if node.is_hub {
            t.node_hub
        } else {
            t.node_front
        },
        alive: if node.alive {
            Chip {
                class: "good",
                text: t.alive,
            }
        } else {
            Chip {
                class: "part",
                text: t.silent,
            }
        },
        last_seen: node
            .last_seen
            .map_or_else(|| t.never.to_owned(), |at| ctx.at(at)),
        heard: node.heard.map(|at| ctx.at(at)).unwrap_or_default(),
        waiting: waiting(&node),
        has_waiting: node.waiting > 0,
        last_href: match node.last_envelope.as_str() {
            "" => String::new(),
            id => href("/envelope", &[("id", id)]),
        },
        envelopes: number(node.envelopes),
        envelopes_href: href("/envelopes", &[("node", &node.name)]),
        repeats: node.repeats,
        counts: identity(&node.counts),
        has_rejected: node.counts.rejected > 0,
        fingerprint: spaced(&node.fingerprint),
        dialects: node.dialects.join(ctx.lang.pick("、", ", ")),
        registered: ctx.at(node.registered_at),
        organ: node.organ_name,
        organ_code: node.organ_code,
        name: node.name,
    }
}

/// Parcels and mebibytes that wait at the machine.
fn waiting(node: &view::NodeLine) -> String {
    let mib = node.waiting_bytes.div_ceil(1 << 20);
    format!("{} · {} MiB", number(node.waiting), number(mib))
}

/// Groups of four, to be compared by eye.
fn spaced(digits: &str) -> String {
    let chars: Vec<char> = digits.chars().collect();
    chars
        .chunks(4)
        .map(|c| c.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

fn away_row(ctx: &Ctx, away: view::TurnedAway) -> Away {
    let finding = away.finding.as_ref();
    Away {
        at: ctx.at(away.at),
        cause: finding
            .map(|f| ctx.lang.pick(f.cause_zh(), f.cause_en()))
            .unwrap_or_default(),
        hint: finding
            .map(|f| ctx.lang.pick(f.hint_zh(), f.hint_en()))
            .unwrap_or_default(),
        node: away.node,
        code: away.code,
    }
}
