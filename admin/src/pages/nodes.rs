//! `GET /nodes`: who may send, who is silent, whom the door turned away.

use super::identity::{Identity, identity};
use crate::chip::{Chip, chip};
use crate::format::{href, number};
use crate::shell::{Ctx, Key, Shell, Shown, html, show};
use askama::Template;
use axum::response::Response;
use std::collections::BTreeMap;
use tongcha_hub::alarm::{self, Alarm};
use tongcha_hub::enrol;
use tongcha_hub::view::nodes as view;
use tongcha_schema::code::Code;
use tongcha_schema::id::is_node_name;

struct NodeRow {
    name: String,
    kind: &'static str,
    organ: String,
    organ_code: String,
    alive: Chip,
    alarmed: bool,
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

/// A key that waits for a person.
struct Pending {
    name: String,
    organ: String,
    fingerprint: String,
    command: String,
}

/// A reason for which a node's envelopes are turned away.
pub(super) struct AlarmRow {
    pub(super) node: String,
    pub(super) code: String,
    pub(super) title: &'static str,
    pub(super) times: String,
    pub(super) last: String,
    pub(super) hint: String,
    /// Its place on the page of nodes.
    pub(super) anchor: String,
    /// What puts it aside.
    pub(super) command: String,
}

#[derive(Template)]
#[template(path = "nodes.html")]
struct Page {
    s: Shell,
    alarms: Vec<AlarmRow>,
    ever: Vec<(String, &'static str, String)>,
    pending: Vec<Pending>,
    rows: Vec<NodeRow>,
    away: Vec<Away>,
}

/// The page.
pub(crate) async fn nodes(ctx: Ctx) -> Response {
    show(&ctx, "nodes", Key::None, make(&ctx)).await
}

async fn make(ctx: &Ctx) -> Shown {
    let nodes = view::nodes(&ctx.core).await?;
    let away = view::away(&ctx.core).await?;
    let (store, now) = (&ctx.core.store, ctx.core.clock.now());
    let alarms = alarm::standing(store, now).await?;
    let alarmed = alarm::nodes(&alarms);
    let title = |code: Code| ctx.lang.pick(code.spec().title.0, code.spec().title.1);
    let ever = alarm::ever(store).await?.into_iter();
    let all = enrol::list(store, now).await?;
    let states: BTreeMap<&str, &str> = all.iter().map(|n| (&*n.name, n.state)).collect();
    let pending = all.iter().filter(|n| n.state == "pending").map(pending);
    html(&Page {
        s: ctx.shell("/nodes", ctx.t.nav_nodes),
        alarms: alarms.iter().map(|a| alarm_row(ctx, a)).collect(),
        ever: ever
            .map(|(code, times)| (code.to_string(), title(code), number(times)))
            .collect(),
        pending: pending.collect(),
        rows: nodes
            .into_iter()
            .map(|n| {
                let state = states.get(&*n.name).copied().unwrap_or_default();
                let alarmed = alarmed.contains(n.name.as_str());
                row(ctx, n, state, alarmed)
            })
            .collect(),
        away: away.into_iter().map(|a| away_row(ctx, a)).collect(),
    })
}

/// A key with the command that approves it, to be typed after its fingerprint was compared by voice.
fn pending(node: &enrol::NodeLine) -> Pending {
    Pending {
        command: format!(
            "tongcha node approve {} {} --config hub.toml",
            node.name, node.fingerprint
        ),
        name: node.name.clone(),
        organ: node.organ_name.clone(),
        fingerprint: spaced(&node.fingerprint),
    }
}

fn row(ctx: &Ctx, node: view::NodeLine, state: &str, alarmed: bool) -> NodeRow {
    let t = ctx.t;
    NodeRow {
        kind: if node.is_hub {
            t.node_hub
        } else {
            t.node_front
        },
        alive: match (state, node.alive) {
            ("revoked", _) => chip("bad", t.key_revoked),
            ("expired", _) => chip("bad", t.key_expired),
            (_, true) => chip("good", t.alive),
            (_, false) => chip("part", t.silent),
        },
        alarmed,
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

/// An alarm in words.
pub(super) fn alarm_row(ctx: &Ctx, alarm: &Alarm) -> AlarmRow {
    let title = alarm.code.spec().title;
    let safe = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let place: String = alarm.node.chars().map(safe).collect();
    // What a stranger calls itself is never pasted into a shell.
    let name = match alarm.node.as_str() {
        "" => "-",
        node if is_node_name(node) => node,
        _ => "NODE",
    };
    AlarmRow {
        anchor: format!("alarm-{}-{place}", alarm.code),
        command: format!(
            "tongcha node aside {name} {} --reason {} --config hub.toml",
            alarm.code,
            ctx.lang.pick("理由", "REASON")
        ),
        node: alarm.node.clone(),
        code: alarm.code.to_string(),
        title: ctx.lang.pick(title.0, title.1),
        times: number(alarm.times),
        last: ctx.at(alarm.last),
        hint: alarm
            .finding
            .as_ref()
            .map(|f| ctx.lang.pick(f.hint_zh(), f.hint_en()))
            .unwrap_or_default(),
    }
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
