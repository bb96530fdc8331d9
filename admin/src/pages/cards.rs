//! `GET /cards` and `GET /card`: the list, and one card with the arithmetic that made it, its rule and
//! law, its evidence and its life. Refuses to change a card.

use crate::chip::{self, Chip, occurrence, rule_name};
use crate::format::{as_written, href};
use crate::shell::{Asked, Choice, Ctx, Key, PageError, Pager, Shell, Shown, choices, html, show};
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use tongcha_hub::view::Paging;
use tongcha_hub::view::cards::{self as view, CardFilter, CardLine, NoticeLine};
use tongcha_supervision::card::Evidence;
use tongcha_supervision::{Bilingual, Card, CardState, rules};

/// One card of a list.
pub(crate) struct CardRow {
    pub(crate) href: String,
    pub(crate) id: String,
    pub(crate) colour: Chip,
    pub(crate) state: Chip,
    pub(crate) is_open: bool,
    pub(crate) rule: String,
    pub(crate) rule_name: &'static str,
    pub(crate) occurrence: String,
    pub(crate) case_no: String,
    pub(crate) case_href: String,
    pub(crate) organ: String,
    pub(crate) at: String,
}

/// Where a case is shown; empty where there is none.
pub(crate) fn case_href(space: &str, case_no: &str) -> String {
    if case_no.is_empty() {
        String::new()
    } else {
        href("/case", &[("space", space), ("no", case_no)])
    }
}

/// An organ by its name, else by its code.
pub(crate) fn organ(name: &str, code: &str) -> String {
    if name.is_empty() {
        code.to_owned()
    } else {
        name.to_owned()
    }
}

/// One card of a list.
pub(crate) fn card_row(ctx: &Ctx, line: &CardLine) -> CardRow {
    CardRow {
        href: href("/card", &[("id", &line.id)]),
        id: line.id.clone(),
        colour: chip::colour(ctx.t, &line.colour),
        state: chip::card_state(ctx.t, &line.state),
        is_open: line.state == "open",
        rule: line.rule.clone(),
        rule_name: rule_name(ctx.lang, &line.rule),
        occurrence: occurrence(ctx.lang, &line.occurrence),
        case_no: line.case_no.clone(),
        case_href: case_href(&line.space, &line.case_no),
        organ: organ(&line.organ_name, &line.organ_code),
        at: ctx.at(line.issued_at),
    }
}

#[derive(Deserialize)]
pub(crate) struct ListQuery {
    #[serde(default)]
    colour: String,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    organ: String,
    page: Option<u64>,
}

#[derive(Template)]
#[template(path = "cards.html")]
struct ListPage {
    s: Shell,
    colours: Vec<Choice>,
    rules: Vec<Choice>,
    states: Vec<Choice>,
    organ: String,
    rows: Vec<CardRow>,
    pager: Pager,
}

/// The list.
pub(crate) async fn list(ctx: Ctx, Asked(query): Asked<ListQuery>) -> Response {
    show(&ctx, "cards", Key::None, make_list(&ctx, query)).await
}

async fn make_list(ctx: &Ctx, query: ListQuery) -> Shown {
    let organ = query.organ.trim().to_owned();
    let filter = CardFilter {
        colour: query.colour,
        rule: query.rule,
        state: query.state,
        organ,
    };
    let found = view::cards(&ctx.core, &filter, Paging::new(query.page)).await?;
    let t = ctx.t;
    let colours = ["red", "yellow", "warn", "fault"].map(|c| (c, chip::colour(t, c).text));
    let states = ["open", "lifted", "withdrawn"].map(|s| (s, chip::card_state(t, s).text));
    let rules = rules::RULES.iter().map(|r| {
        (
            r.code,
            format!("{} {}", r.code, ctx.lang.pick(r.title.0, r.title.1)),
        )
    });
    html(&ListPage {
        s: ctx.shell("/cards", t.nav_cards),
        colours: choices(t, &filter.colour, colours),
        rules: choices(t, &filter.rule, rules),
        states: choices(t, &filter.state, states),
        organ: filter.organ.clone(),
        rows: found.rows.iter().map(|c| card_row(ctx, c)).collect(),
        pager: ctx.pager(&found, "page"),
    })
}

#[derive(Deserialize)]
pub(crate) struct OneQuery {
    id: String,
}

struct EvidenceRow {
    element: &'static str,
    seq: i64,
    version: i64,
    source: String,
    envelope: String,
    envelope_href: String,
    item: u32,
    record: u32,
    line: u32,
    raw_href: String,
}

struct LifeRow {
    at: String,
    kind: &'static str,
    note: String,
}

struct RuleText {
    name: &'static str,
    kind: &'static str,
    trigger: &'static str,
    ground: &'static str,
}

#[derive(Template)]
#[template(path = "card.html")]
struct OnePage {
    s: Shell,
    card: Card,
    colour: Chip,
    state: Chip,
    case_no: String,
    case_href: String,
    organ: String,
    begins: String,
    issued: String,
    issued_late: bool,
    known: String,
    occurrence: String,
    lines: Vec<String>,
    rule: Option<RuleText>,
    evidence: Vec<EvidenceRow>,
    life: Vec<LifeRow>,
}

/// One card.
pub(crate) async fn one(ctx: Ctx, Asked(query): Asked<OneQuery>) -> Response {
    show(&ctx, "card", Key::None, make_one(&ctx, &query.id)).await
}

async fn make_one(ctx: &Ctx, id: &str) -> Shown {
    let (card, notices) = view::card(&ctx.core, id)
        .await?
        .ok_or(PageError::NotFound)?;
    let (space, case_no) = card.case().unwrap_or_default();
    let state = card.state.name();
    let title = format!("{} {}", card.rule, rule_name(ctx.lang, card.rule.as_str()));
    html(&OnePage {
        s: ctx.shell("/cards", &title),
        colour: chip::colour(ctx.t, card.colour.name()),
        state: chip::card_state(ctx.t, state),
        case_no: case_no.to_owned(),
        case_href: case_href(space, case_no),
        organ: organ(&card.organ_name, &card.organ_code),
        begins: as_written(card.begins_at, ctx.zone()),
        issued: as_written(card.issued_at, ctx.zone()),
        issued_late: card.issued_late(&ctx.core.calendar),
        known: ctx.at_option(card.known_at),
        occurrence: occurrence(ctx.lang, &card.occurrence),
        lines: said(ctx, &card.lines),
        rule: rules::by_code(card.rule.as_str()).map(|r| RuleText {
            name: ctx.lang.pick(r.title.0, r.title.1),
            kind: ctx.lang.pick(r.kind.title().0, r.kind.title().1),
            trigger: ctx.lang.pick(r.trigger.0, r.trigger.1),
            ground: ctx.lang.pick(r.ground.0, r.ground.1),
        }),
        evidence: card.evidence.iter().map(|e| evidence_row(ctx, e)).collect(),
        life: life(ctx, &card, &notices),
        card,
    })
}

/// Lines in the reader's language.
pub(crate) fn said(ctx: &Ctx, lines: &[Bilingual]) -> Vec<String> {
    lines
        .iter()
        .map(|l| ctx.lang.pick(&l.zh, &l.en).clone())
        .collect()
}

/// The bytes of an item, opened at a line.
pub(crate) fn raw_at(envelope: &str, item: &str, line: u32) -> String {
    let line = match line {
        0 => String::new(),
        line => line.to_string(),
    };
    let pairs = [("envelope", envelope), ("item", item), ("line", &line)];
    href("/raw", &pairs) + if line.is_empty() { "" } else { "#line" }
}

fn evidence_row(ctx: &Ctx, evidence: &Evidence) -> EvidenceRow {
    let item = evidence.item.to_string();
    let spec = evidence.element.spec();
    EvidenceRow {
        element: ctx.lang.pick(spec.zh, spec.en),
        seq: evidence.seq,
        version: evidence.version,
        source: evidence.source.clone(),
        envelope: evidence.envelope.clone(),
        envelope_href: href("/envelope", &[("id", &evidence.envelope)]),
        item: evidence.item + 1,
        record: evidence.record,
        line: evidence.line,
        raw_href: raw_at(&evidence.envelope, &item, evidence.line),
    }
}

fn life(ctx: &Ctx, card: &Card, notices: &[NoticeLine]) -> Vec<LifeRow> {
    let t = ctx.t;
    let mut rows: Vec<LifeRow> = notices
        .iter()
        .map(|notice| LifeRow {
            at: ctx.at(notice.at),
            kind: match notice.kind.as_str() {
                "issued" => t.k_issued,
                "reissued" => t.k_reissued,
                "lifted" => t.k_lifted,
                _ => t.k_withdrawn,
            },
            note: String::new(),
        })
        .collect();
    match &card.state {
        CardState::Open => {}
        CardState::Lifted { reason, .. } => {
            if let Some(last) = rows.last_mut() {
                let title = reason.title();
                last.note = ctx.lang.pick(title.0, title.1).to_owned();
            }
        }
        CardState::Withdrawn { at, reason } => rows.push(LifeRow {
            at: ctx.at(*at),
            kind: t.k_withdrawn,
            note: reason.clone(),
        }),
    }
    rows
}
