//! What the gate keeps of an envelope, in one transaction: raw bytes, inbox, refused records,
//! findings, ledger, work list, items, the envelope with its receipt. Refuses to examine.

use super::harvest::{Piece, RejectedRow};
use super::listed::Listed;
use super::rows::Rows;
use super::scattered::Scattered;
use super::{GateError, Part};
use crate::core::Core;
use crate::receive::Received;
use crate::store::engine::Tx;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use time::OffsetDateTime;
use tongcha_decode::admit::ItemOutcome;
use tongcha_schema::check::WorkItem;
use tongcha_schema::clock::unix_ms;
use tongcha_schema::digest::hex;
use tongcha_schema::envelope::receipt_number;
use tongcha_schema::finding::Finding;
use tongcha_schema::limits;
use tongcha_schema::receipt::{Counts, ItemReceipt, Receipt, Verdict};
use tongcha_schema::stamp;

pub struct Keeper<'a> {
    core: &'a Core,
    /// Number of the envelope: its place in the order in which the hub received all.
    no: i64,
    received: &'a Received,
    scattered: &'a Scattered,
    now: OffsetDateTime,
    tx: Tx,
    ledger: BTreeMap<(String, Cow<'static, str>), Counts>,
    items: Vec<ItemReceipt>,
    item_rows: Rows,
    listed: Listed,
    next_finding: i64,
    // Rows that wait for the next statement.
    rejected_rows: Rows,
    finding_rows: Rows,
    // By (space, case number, element) the code that refused a record of it.
    refusals: BTreeMap<(String, String, String), String>,
    // Dialects of the items, and by (dialect, line of the work list) how often.
    spoken: BTreeSet<String>,
    worked: BTreeMap<(String, WorkItem), u64>,
    any_error: bool,
    any_stored: bool,
}

impl<'a> Keeper<'a> {
    /// Begins the transaction and keeps the raw bytes first.
    pub async fn begin(
        core: &'a Arc<Core>,
        received: &'a Arc<Received>,
        scattered: &'a Scattered,
        now: OffsetDateTime,
    ) -> Result<Keeper<'a>, GateError> {
        let mut tx = core.door.begin().await?;
        let next = tx.rows("envelopes.next_no", Vec::new()).await?;
        let no = next.first().map_or(0, |row| row.int(0));
        put_raw(&mut tx, received).await?;
        Ok(Keeper {
            core,
            no,
            received,
            scattered,
            now,
            tx,
            ledger: BTreeMap::new(),
            items: Vec::new(),
            item_rows: Rows::default(),
            listed: Listed::default(),
            next_finding: 1,
            rejected_rows: Rows::default(),
            finding_rows: Rows::default(),
            refusals: BTreeMap::new(),
            spoken: BTreeSet::new(),
            worked: BTreeMap::new(),
            any_error: false,
            any_stored: false,
        })
    }

    fn id(&self) -> String {
        self.received.head.id.to_string()
    }

    /// Keeps one piece.
    pub async fn take(&mut self, piece: Piece) -> Result<(), GateError> {
        match piece {
            Piece::Bundle {
                part,
                records,
                counts,
            } => self.bundle(part, records, counts).await,
            Piece::Rejected(rows) => self.rejected(rows).await,
            Piece::Findings(item, findings) => self.keep_findings(item, findings).await,
        }
    }

    async fn bundle(
        &mut self,
        part: Part,
        records: u64,
        counts: BTreeMap<(String, Cow<'static, str>), u64>,
    ) -> Result<(), GateError> {
        let args = crate::args![
            self.no,
            part.part,
            i64::from(part.partition),
            part.payload,
            records,
            unix_ms(self.now),
            self.scattered.of(part.part)
        ];
        self.tx.run("inbox.put", args).await?;
        for (key, n) in counts {
            let line = self.ledger.entry(key).or_default();
            line.received += n;
            line.pending += n;
        }
        self.any_stored = true;
        Ok(())
    }

    async fn rejected(&mut self, rows: Vec<RejectedRow>) -> Result<(), GateError> {
        for row in rows {
            let line = self
                .ledger
                .entry((self.received.sender.name.clone(), row.element.clone()))
                .or_default();
            line.received += 1;
            line.rejected += 1;
            if !row.case_no.is_empty() && !row.space.is_empty() {
                let case = (row.space, row.case_no.clone(), row.element.to_string());
                self.refusals.entry(case).or_insert(row.code);
            }
            self.rejected_rows.push(&serde_json::json!({
                "item_no": row.item, "record_no": row.record, "element": row.element,
                "case_no": row.case_no, "reason": row.reason, "payload": hex(&row.payload),
            }));
        }
        self.any_error = true;
        if self.rejected_rows.are_many() {
            self.put_rejected().await?;
        }
        Ok(())
    }

    async fn keep_findings(&mut self, item: u32, findings: Vec<String>) -> Result<(), GateError> {
        for body in findings {
            let finding: Finding = serde_json::from_str(&body)
                .map_err(|_| GateError::Examine("a finding does not read back".to_owned()))?;
            self.finding_rows.push(&serde_json::json!({
                "ord": self.next_finding, "item_no": item, "record_no": finding.place.record,
                "code": finding.code.to_string(), "severity": finding.severity.name(),
                "body": body,
            }));
            self.next_finding += 1;
            self.listed.note(finding);
        }
        if self.finding_rows.are_many() {
            self.put_findings().await?;
        }
        Ok(())
    }

    async fn put_rejected(&mut self) -> Result<(), GateError> {
        for rows in self.rejected_rows.take() {
            let args = crate::args![self.id(), rows, unix_ms(self.now)];
            self.tx.run("envelopes.put_rejections", args).await?;
        }
        let mut held = Rows::default();
        for ((space, case_no, element), code) in std::mem::take(&mut self.refusals) {
            held.push(&serde_json::json!({"space": space, "case_no": case_no,
                "element": element, "code": code}));
        }
        for rows in held.take() {
            let args = crate::args![self.id(), rows, unix_ms(self.now)];
            self.tx.run("refusals.put", args).await?;
        }
        Ok(())
    }

    async fn put_findings(&mut self) -> Result<(), GateError> {
        for rows in self.finding_rows.take() {
            let args = crate::args![self.id(), rows];
            self.tx.run("envelopes.put_findings", args).await?;
        }
        Ok(())
    }

    /// Keeps what became of an item.
    pub fn item(&mut self, item: u32, outcome: &ItemOutcome) {
        let head = &self.received.head.items[item as usize];
        let received: u64 = outcome.counts.values().map(|c| c.received).sum();
        let rejected: u64 = outcome.counts.values().map(|c| c.rejected).sum();
        self.any_error |= outcome.verdict != Verdict::Accepted;
        self.item_rows.push(&serde_json::json!({
            "item_no": item, "name": head.name, "digest": head.travelling_sha256(), "size": head.size,
            "dialect": outcome.dialect, "dialect_version": outcome.dialect_version,
            "verdict": outcome.verdict.name(), "received": received, "rejected": rejected,
        }));
        self.items.push(ItemReceipt {
            name: head.name.clone(),
            verdict: outcome.verdict,
            dialect: outcome.dialect.clone(),
            received,
            rejected,
            duplicate: 0,
            rows: outcome.rows.clone(),
        });
        if !outcome.dialect.is_empty() {
            self.spoken.insert(outcome.dialect.clone());
        }
        for (item, count) in &outcome.work {
            let line = (outcome.dialect.clone(), item.clone());
            *self.worked.entry(line).or_default() += count;
        }
    }

    /// Dialects and work list of the whole envelope: once, not once an item.
    async fn put_worked(&mut self) -> Result<(), GateError> {
        for dialect in std::mem::take(&mut self.spoken) {
            let args = crate::args![&self.received.sender.name, dialect];
            self.tx.run("nodes.speaks", args).await?;
        }
        let mut lines = Rows::default();
        for ((dialect, item), count) in std::mem::take(&mut self.worked) {
            let value: String = item.value.chars().filter(|c| !c.is_control()).collect();
            lines.push(
                &serde_json::json!({"dialect": dialect, "code": item.code.to_string(),
                "element": item.element.name(), "field": item.field, "value": value,
                "count": count}),
            );
        }
        for lines in lines.take() {
            let most = limits::WORK_LINES;
            let args = crate::args![lines, unix_ms(self.now), most];
            self.tx.run("envelopes.worked", args).await?;
        }
        Ok(())
    }

    fn verdict(&self) -> Verdict {
        match (self.any_error, self.any_stored) {
            (false, _) => Verdict::Accepted,
            (true, true) => Verdict::Partly,
            (true, false) => Verdict::Refused,
        }
    }

    fn receipt(&mut self) -> Receipt {
        let mut elements: BTreeMap<String, Counts> = BTreeMap::new();
        let mut total = Counts::default();
        for ((_, element), counts) in &self.ledger {
            for sum in [elements.entry(element.to_string()).or_default(), &mut total] {
                sum.received += counts.received;
                sum.rejected += counts.rejected;
                sum.pending += counts.pending;
            }
        }
        let (findings, unlisted) = std::mem::take(&mut self.listed).end();
        Receipt {
            v: 1,
            number: receipt_number(&self.core.name, &self.received.head.id),
            envelope: self.id(),
            hub: self.core.name.clone(),
            received_at: stamp::canonical(self.now.to_offset(self.core.zone)),
            completed_at: None,
            verdict: self.verdict(),
            repeated: false,
            counts: total,
            elements,
            items: std::mem::take(&mut self.items),
            findings,
            unlisted,
        }
    }

    /// Commits, and gives the envelope's number and the receipt.
    pub async fn finish(mut self) -> Result<(i64, Receipt), GateError> {
        self.put_rejected().await?;
        self.put_findings().await?;
        let receipt = self.receipt();
        let (head, now_ms, id) = (&self.received.head, unix_ms(self.now), self.id());
        let day = self.core.day(self.now);
        let completed = (receipt.counts.pending == 0).then_some(now_ms);
        let args = crate::args![
            &id,
            self.no,
            &self.received.sender.name,
            &receipt.number,
            &self.received.head_text,
            &self.received.head_digest,
            &head.dialect,
            &head.label,
            now_ms,
            completed,
            receipt.verdict.name(),
            serde_json::to_string(&receipt).unwrap_or_default(),
            receipt.counts.received,
            receipt.counts.rejected,
            receipt.counts.pending
        ];
        self.tx.run("envelopes.put", args).await?;
        for items in self.item_rows.take() {
            let args = crate::args![&id, items];
            self.tx.run("envelopes.put_items", args).await?;
        }
        let mut counts = Rows::default();
        for (element, c) in &receipt.elements {
            counts.push(
                &serde_json::json!({"element": element, "received": c.received, "rejected": c.rejected,
                "pending": c.pending}),
            );
        }
        for counts in counts.take() {
            let args = crate::args![&id, counts];
            self.tx.run("envelopes.put_counts", args).await?;
        }
        // Lines that every envelope of a source or a dialect changes come last: others wait for them shortly.
        self.put_worked().await?;
        let mut lines = Rows::default();
        for ((source, element), c) in &self.ledger {
            lines.push(
                &serde_json::json!({"source": source, "element": element, "day": day, "received": c.received,
                "stored": 0, "rejected": c.rejected, "duplicate": 0, "pending": c.pending}),
            );
        }
        for lines in lines.take() {
            self.tx.run("ledger.add", crate::args![lines]).await?;
        }
        self.tx
            .run(
                "nodes.seen",
                crate::args![&self.received.sender.name, now_ms, &id],
            )
            .await?;
        self.tx.commit().await?;
        Ok((self.no, receipt))
    }
}

/// Keeps the raw bytes. One content has one chunking, that of whoever brought it first; contents go in the
/// order of their digests, so that two envelopes never wait for each other in a ring.
async fn put_raw(tx: &mut Tx, received: &Received) -> Result<(), GateError> {
    let items: BTreeMap<&str, _> = received.items.iter().map(|s| (s.digest(), s)).collect();
    for (digest, item) in items {
        let mut chunks = item.sealed_chunks();
        let mut number = 0_i64;
        while let Some(chunk) = chunks.next_chunk().map_err(GateError::disk)? {
            let args = crate::args![digest, number, chunk];
            if tx.run("envelopes.put_chunk", args).await? == 0 {
                break;
            }
            number += 1;
        }
    }
    Ok(())
}
