//! The pages of envelopes: the list, and one envelope with its receipt, items and findings. Refuses to
//! open raw bytes (`raw.rs`).

use super::{Listed, PAGE_ROWS, Paging, anywhere, counts_at, instant_at, parsed};
use crate::core::Core;
use crate::store::engine::StoreError;
use crate::store::row::{Arg, Row};
use serde::Serialize;
use time::{Date, OffsetDateTime, UtcOffset};
use tongcha_schema::clock::{from_unix_ms, unix_ms};
use tongcha_schema::finding::Finding;
use tongcha_schema::receipt::{Counts, Receipt};

/// Conflicts and refused documents listed for one envelope.
const CONFLICTS: u64 = 50;

/// One envelope of a list.
#[derive(Clone, Debug, Serialize)]
pub struct EnvelopeLine {
    /// Id.
    pub id: String,
    /// Sending node.
    pub node: String,
    /// Number of its receipt.
    pub number: String,
    /// Dialect that the sender named, or `auto`.
    pub dialect: String,
    /// The sender's label.
    pub label: String,
    /// When it was received.
    pub received_at: OffsetDateTime,
    /// When everything was decided.
    pub completed_at: Option<OffsetDateTime>,
    /// `accepted`, `partly` or `refused`.
    pub verdict: String,
    /// How often it came.
    pub seen: u64,
    /// Its records as of now.
    pub counts: Counts,
}

/// One item of an envelope.
#[derive(Clone, Debug, Serialize)]
pub struct ItemLine {
    /// Position, 0-based.
    pub item: u32,
    /// Name.
    pub name: String,
    /// SHA-256 of the bytes that travelled.
    pub digest: String,
    /// Size in bytes at the source.
    pub size: u64,
    /// Dialect that read it, or empty.
    pub dialect: String,
    /// Version of that dialect.
    pub dialect_version: String,
    /// Verdict.
    pub verdict: String,
    /// Records found.
    pub received: u64,
    /// Records rejected at admission.
    pub rejected: u64,
}

/// A record that was kept aside.
#[derive(Clone, Debug, Serialize)]
pub struct KeptAside {
    /// Item, 0-based.
    pub item: u32,
    /// Record in the item, 1-based.
    pub record: u64,
    /// Element, or `unknown`.
    pub element: String,
    /// Case number, or empty.
    pub case_no: String,
    /// `conflict` or `document`.
    pub reason: String,
}

/// One envelope.
#[derive(Clone, Debug)]
pub struct EnvelopeView {
    /// Its line.
    pub line: EnvelopeLine,
    /// The admission receipt.
    pub receipt: Receipt,
    /// One page of its items.
    pub items: Listed<ItemLine>,
    /// One page of its findings.
    pub findings: Listed<Finding>,
    /// Findings by severity and code, with their count.
    pub kinds: Vec<(String, String, u64)>,
    /// Conflicts and refused documents.
    pub aside: Vec<KeptAside>,
}

/// What a list of envelopes is filtered by; empty is no filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvelopeFilter {
    /// Sending node.
    pub node: String,
    /// Verdict.
    pub verdict: String,
    /// Number of the envelope or of its receipt, or part of its label or of a file's name.
    pub sought: String,
    /// First day on which it was received, in the hub's zone.
    pub from: Option<Date>,
    /// Last day on which it was received, in the hub's zone.
    pub to: Option<Date>,
}

impl EnvelopeFilter {
    fn args(&self, zone: UtcOffset) -> Vec<Arg> {
        let begin = |day: Date| unix_ms(day.midnight().assume_offset(zone));
        let before = self.to.map(|day| day.next_day().map_or(i64::MAX, begin));
        crate::args![
            &self.node,
            &self.verdict,
            &self.sought,
            anywhere(&self.sought),
            self.from.map_or(0, begin),
            before.unwrap_or(i64::MAX)
        ]
    }
}

fn line(row: &Row) -> EnvelopeLine {
    EnvelopeLine {
        id: row.text(0).to_owned(),
        node: row.text(1).to_owned(),
        number: row.text(2).to_owned(),
        dialect: row.text(3).to_owned(),
        label: row.text(4).to_owned(),
        received_at: from_unix_ms(row.int(5)),
        completed_at: instant_at(row, 6),
        verdict: row.text(7).to_owned(),
        seen: row.count(8),
        counts: counts_at(row, 9),
    }
}

/// The latest envelopes.
///
/// # Errors
/// The store.
pub async fn latest(core: &Core, rows: u64) -> Result<Vec<EnvelopeLine>, StoreError> {
    let mut args = EnvelopeFilter::default().args(core.zone);
    args.extend(crate::args![rows, 0_u64]);
    Ok(core
        .store
        .rows("pages.envelopes", args)
        .await?
        .iter()
        .map(line)
        .collect())
}

/// One page of envelopes, newest first.
///
/// # Errors
/// The store.
pub async fn envelopes(
    core: &Core,
    filter: &EnvelopeFilter,
    paging: Paging,
) -> Result<Listed<EnvelopeLine>, StoreError> {
    let mut args = filter.args(core.zone);
    let total = core
        .store
        .row("pages.envelope_count", args.clone())
        .await?
        .map_or(0, |r| r.count(0));
    args.extend(crate::args![PAGE_ROWS, paging.offset()]);
    let rows = core
        .store
        .rows("pages.envelopes", args)
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

fn item_line(row: &Row) -> ItemLine {
    ItemLine {
        item: u32::try_from(row.int(0)).unwrap_or(0),
        name: row.text(1).to_owned(),
        digest: row.text(2).to_owned(),
        size: row.count(3),
        dialect: row.text(4).to_owned(),
        dialect_version: row.text(5).to_owned(),
        verdict: row.text(6).to_owned(),
        received: row.count(7),
        rejected: row.count(8),
    }
}

/// One item of an envelope.
///
/// # Errors
/// The store.
pub async fn item(core: &Core, envelope: &str, item: u32) -> Result<Option<ItemLine>, StoreError> {
    let row = core
        .store
        .row("pages.item", crate::args![envelope, item])
        .await?;
    Ok(row.as_ref().map(item_line))
}

/// What the findings of an envelope are filtered by; empty is no filter.
#[derive(Clone, Debug, Default)]
pub struct FindingFilter {
    /// Severity.
    pub severity: String,
    /// Code, e.g. `X401`.
    pub code: String,
}

/// One envelope; findings filtered, items and findings by page.
///
/// # Errors
/// The store.
pub async fn envelope(
    core: &Core,
    id: &str,
    filter: &FindingFilter,
    findings: Paging,
    items: Paging,
) -> Result<Option<EnvelopeView>, StoreError> {
    let store = &core.store;
    let Some(row) = store.row("pages.envelope", crate::args![id]).await? else {
        return Ok(None);
    };
    let receipt: Receipt = parsed(row.text(14), "receipt")?;
    let item_total = store.row("pages.item_count", crate::args![id]).await?;
    let args = crate::args![id, PAGE_ROWS, items.offset()];
    let item_rows = store.rows("pages.items", args).await?;
    let kinds: Vec<(String, String, u64)> = store
        .rows("pages.finding_counts", crate::args![id])
        .await?
        .iter()
        .map(|row| (row.text(0).to_owned(), row.text(1).to_owned(), row.count(2)))
        .collect();
    let (severity, code) = (&filter.severity, &filter.code);
    let args = crate::args![id, severity, code, PAGE_ROWS, findings.offset()];
    let mut found = Vec::new();
    for row in store.rows("pages.findings", args).await? {
        found.push(parsed::<Finding>(row.text(0), "finding")?);
    }
    let aside = store
        .rows("pages.conflicts", crate::args![id, CONFLICTS])
        .await?;
    let chosen = kinds.iter().filter(|(s, c, _)| {
        (severity.is_empty() || s == severity) && (code.is_empty() || c == code)
    });
    let total = chosen.map(|(_, _, count)| count).sum();
    Ok(Some(EnvelopeView {
        line: line(&row),
        receipt,
        items: Listed {
            rows: item_rows.iter().map(item_line).collect(),
            total: item_total.map_or(0, |r| r.count(0)),
            page: items.number(),
        },
        findings: Listed {
            rows: found,
            total,
            page: findings.number(),
        },
        kinds,
        aside: aside
            .iter()
            .map(|row| KeptAside {
                item: u32::try_from(row.int(0)).unwrap_or(0),
                record: row.count(1),
                element: row.text(2).to_owned(),
                case_no: row.text(3).to_owned(),
                reason: row.text(4).to_owned(),
            })
            .collect(),
    }))
}
