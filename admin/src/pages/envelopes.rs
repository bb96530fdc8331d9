//! `GET /envelopes` and `GET /envelope`: the list, and one envelope with its receipt, items and
//! findings. Refuses raw bytes; those have a page of their own.

use super::identity::{Identity, identity};
use crate::chip::{self, Chip};
use crate::format::{href, number, size};
use crate::shell::{Asked, Choice, Ctx, Key, PageError, Pager, Shell, Shown, choices, html, show};
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use tongcha_hub::view::envelopes::{self as view, EnvelopeFilter, EnvelopeLine, FindingFilter};
use tongcha_hub::view::{Paging, nodes};
use tongcha_schema::code::Code;
use tongcha_schema::finding::Finding;
use tongcha_schema::stamp;

/// One envelope of a list.
pub(crate) struct EnvelopeRow {
    pub(crate) href: String,
    pub(crate) id: String,
    pub(crate) node: String,
    pub(crate) label: String,
    pub(crate) at: String,
    pub(crate) verdict: Chip,
    pub(crate) counts: Identity,
    pub(crate) has_rejected: bool,
    pub(crate) has_pending: bool,
    pub(crate) seen: u64,
}

/// One envelope of a list.
pub(crate) fn envelope_row(ctx: &Ctx, line: &EnvelopeLine) -> EnvelopeRow {
    EnvelopeRow {
        href: href("/envelope", &[("id", &line.id)]),
        id: line.id.clone(),
        node: line.node.clone(),
        label: line.label.clone(),
        at: ctx.at(line.received_at),
        verdict: chip::verdict(ctx.t, &line.verdict),
        counts: identity(&line.counts),
        has_rejected: line.counts.rejected > 0,
        has_pending: line.counts.pending > 0,
        seen: line.seen,
    }
}

#[derive(Deserialize)]
pub(crate) struct ListQuery {
    #[serde(default)]
    node: String,
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    find: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    page: Option<u64>,
}

#[derive(Template)]
#[template(path = "envelopes.html")]
struct ListPage {
    s: Shell,
    find: String,
    from: String,
    to: String,
    /// Something was asked for.
    asked: bool,
    nodes: Vec<Choice>,
    verdicts: Vec<Choice>,
    rows: Vec<EnvelopeRow>,
    pager: Pager,
}

/// The list.
pub(crate) async fn list(ctx: Ctx, Asked(query): Asked<ListQuery>) -> Response {
    show(&ctx, "envelopes", Key::None, make_list(&ctx, query)).await
}

async fn make_list(ctx: &Ctx, query: ListQuery) -> Shown {
    let filter = EnvelopeFilter {
        node: query.node,
        verdict: query.verdict,
        sought: query.find.trim().to_owned(),
        from: stamp::parse_date(&query.from).ok(),
        to: stamp::parse_date(&query.to).ok(),
    };
    let found = view::envelopes(&ctx.core, &filter, Paging::new(query.page)).await?;
    let names = nodes::names(&ctx.core).await?;
    let words = ["accepted", "partly", "refused"].map(|v| (v, chip::verdict(ctx.t, v).text));
    html(&ListPage {
        s: ctx.shell("/envelopes", ctx.t.nav_envelopes),
        asked: filter != EnvelopeFilter::default(),
        find: filter.sought.clone(),
        from: filter.from.map(stamp::canonical_date).unwrap_or_default(),
        to: filter.to.map(stamp::canonical_date).unwrap_or_default(),
        nodes: choices(
            ctx.t,
            &filter.node,
            names.into_iter().map(|n| (n.clone(), n)),
        ),
        verdicts: choices(ctx.t, &filter.verdict, words),
        rows: found.rows.iter().map(|e| envelope_row(ctx, e)).collect(),
        pager: ctx.pager(&found, "page"),
    })
}

#[derive(Deserialize)]
pub(crate) struct OneQuery {
    id: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    code: String,
    page: Option<u64>,
    items: Option<u64>,
}

struct ItemRow {
    no: u32,
    name: String,
    size: String,
    digest: String,
    dialect: String,
    verdict: Chip,
    received: String,
    rejected: u64,
    view: String,
    download: String,
}

struct ElementRow {
    name: &'static str,
    counts: Identity,
}

struct FindingRow {
    severity: Chip,
    code: String,
    title: &'static str,
    place: Vec<(&'static str, String)>,
    case_no: String,
    element: &'static str,
    field: String,
    value: String,
    cause: String,
    hint: String,
    cause_other: String,
}

struct KindRow {
    chip: Chip,
    code: String,
    title: &'static str,
    count: String,
    href: String,
    chosen: bool,
}

struct AsideRow {
    item: u32,
    name: String,
    record: String,
    element: &'static str,
    case_no: String,
    reason: &'static str,
}

#[derive(Template)]
#[template(path = "envelope.html")]
struct OnePage {
    s: Shell,
    row: EnvelopeRow,
    number: String,
    dialect: String,
    completed: String,
    elements: Vec<ElementRow>,
    items: Vec<ItemRow>,
    item_pager: Pager,
    kinds: Vec<KindRow>,
    filtered: bool,
    findings: Vec<FindingRow>,
    finding_pager: Pager,
    unlisted: Vec<(String, String)>,
    aside: Vec<AsideRow>,
}

/// One envelope.
pub(crate) async fn one(ctx: Ctx, Asked(query): Asked<OneQuery>) -> Response {
    let id = query.id.clone();
    show(&ctx, "envelope", Key::Envelope(&id), make_one(&ctx, query)).await
}

async fn make_one(ctx: &Ctx, query: OneQuery) -> Shown {
    let (page, items) = (Paging::new(query.page), Paging::new(query.items));
    let filter = FindingFilter {
        severity: query.severity,
        code: query.code,
    };
    let found = view::envelope(&ctx.core, &query.id, &filter, page, items).await?;
    let found = found.ok_or(PageError::NotFound)?;
    let kinds = found.kinds.iter().map(|(severity, code, count)| KindRow {
        chip: chip::severity(ctx.t, severity),
        title: Code::parse(code).map_or("", |c| ctx.lang.pick(c.spec().title.0, c.spec().title.1)),
        count: number(*count),
        href: ctx.with("code", code),
        chosen: *code == filter.code,
        code: code.clone(),
    });
    html(&OnePage {
        s: ctx.shell("/envelopes", &found.line.id),
        row: envelope_row(ctx, &found.line),
        number: found.line.number.clone(),
        dialect: found.line.dialect.clone(),
        completed: ctx.at_option(found.line.completed_at),
        elements: elements(ctx, &found),
        items: found
            .items
            .rows
            .iter()
            .map(|i| item_row(ctx, &found.line.id, i))
            .collect(),
        item_pager: ctx.pager(&found.items, "items"),
        kinds: kinds.collect(),
        filtered: !filter.code.is_empty() || !filter.severity.is_empty(),
        findings: found
            .findings
            .rows
            .iter()
            .map(|f| finding_row(ctx, f))
            .collect(),
        finding_pager: ctx.pager(&found.findings, "page"),
        unlisted: found
            .receipt
            .unlisted
            .iter()
            .map(|(c, n)| (c.clone(), number(*n)))
            .collect(),
        aside: found
            .aside
            .iter()
            .map(|a| aside_row(ctx, a, &found.items.rows))
            .collect(),
    })
}

/// The receipt's counts by element, in the order of the field's numbering.
fn elements(ctx: &Ctx, found: &view::EnvelopeView) -> Vec<ElementRow> {
    let mut lines: Vec<_> = found.receipt.elements.iter().collect();
    lines.sort_by_key(|(name, _)| {
        tongcha_schema::element::ElementId::parse(name).map_or(usize::MAX, |e| e.index())
    });
    lines
        .into_iter()
        .map(|(name, counts)| ElementRow {
            name: chip::element_name(ctx.lang, name),
            counts: identity(counts),
        })
        .collect()
}

fn item_row(ctx: &Ctx, envelope: &str, item: &view::ItemLine) -> ItemRow {
    let no = item.item.to_string();
    let pairs = [("envelope", envelope), ("item", no.as_str())];
    ItemRow {
        no: item.item + 1,
        name: item.name.clone(),
        size: size(item.size),
        digest: item.digest.clone(),
        dialect: format!("{} {}", item.dialect, item.dialect_version)
            .trim()
            .to_owned(),
        verdict: chip::verdict(ctx.t, &item.verdict),
        received: number(item.received),
        rejected: item.rejected,
        view: href("/raw", &pairs),
        download: href("/raw/download", &pairs),
    }
}

fn finding_row(ctx: &Ctx, finding: &Finding) -> FindingRow {
    let (t, lang, place) = (ctx.t, ctx.lang, &finding.place);
    let numbers = [
        (t.record, place.record),
        (t.line, place.line),
        (t.column, place.column),
    ];
    let numbers = numbers
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(|(w, n)| (w, n.to_string()));
    let file = (!place.file.is_empty()).then(|| (t.file, place.file.clone()));
    let spec = finding.code.spec();
    let field = place
        .element
        .and_then(|e| e.spec().fields.iter().find(|f| f.name == place.field))
        .map_or_else(
            || place.field.clone(),
            |f| format!("{} {}", lang.pick(f.zh, f.en), f.name),
        );
    let field = match place.own.as_str() {
        "" => field,
        own => format!("{field} ← {own}"),
    };
    FindingRow {
        severity: chip::severity(t, finding.severity.name()),
        code: finding.code.to_string(),
        title: lang.pick(spec.title.0, spec.title.1),
        place: file.into_iter().chain(numbers).collect(),
        case_no: place.case_no.clone(),
        element: place
            .element
            .map_or("", |e| lang.pick(e.spec().zh, e.spec().en)),
        field,
        value: finding.value.clone().unwrap_or_default().into(),
        cause: lang.pick(finding.cause_zh(), finding.cause_en()),
        hint: lang.pick(finding.hint_zh(), finding.hint_en()),
        cause_other: lang.pick(
            format!("{} · {}", finding.cause_en(), finding.hint_en()),
            format!("{} · {}", finding.cause_zh(), finding.hint_zh()),
        ),
    }
}

fn aside_row(ctx: &Ctx, aside: &view::KeptAside, items: &[view::ItemLine]) -> AsideRow {
    // Items of another page of the list are named by their number alone.
    let item = items.iter().find(|i| i.item == aside.item);
    AsideRow {
        name: item.map(|i| i.name.clone()).unwrap_or_default(),
        item: aside.item + 1,
        record: if aside.record > 0 {
            number(aside.record)
        } else {
            String::new()
        },
        element: chip::element_name(ctx.lang, &aside.element),
        case_no: aside.case_no.clone(),
        reason: if aside.reason == "conflict" {
            ctx.t.r_conflict
        } else {
            ctx.t.r_document
        },
    }
}
