//! A table read by a state flag and answered in place, as the front-end tables of the provinces want it
//! (REC_FLAG, SIGNSTATE, CLZT): waiting rows are taken in the order of their key, and once the hub has
//! answered, flag, time and answer are written back. Nothing else of the table is ever written, so the
//! account needs UPDATE on those columns only.
//!
//! A row that the department changed after it was taken is not answered: it waits still, and goes again
//! with its new content.

use super::flag::{Answer, FlagConfig, FlagPlan, Sent, UnderWay};
use super::group::Groups;
use super::link::{self, Link};
use super::remark::Remarks;
use super::{LOT_BYTES, Sink};
use crate::source::{Lot, Source, SourceError, item_name};
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use time::OffsetDateTime;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use tongcha_schema::finding::{Finding, Severity};
use tongcha_schema::limits;
use tongcha_schema::receipt::{Receipt, Verdict};

/// Rows of one statement: an expression of more would be too deep for SQLite (1,000).
const CHUNK: usize = 200;
/// What is written into a column of time or text.
const STAMP: StaticFormatDescription =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

/// A table with a state flag as a source.
pub struct FlagTable {
    config: FlagConfig,
    open: Option<(Link, FlagPlan)>,
    /// Lots that the outbox holds and whose receipt is not written back.
    in_flight: BTreeSet<u64>,
    /// Their rows, as the outbox keeps them.
    under_way: UnderWay,
    remarks: Remarks,
    more: bool,
}

impl FlagTable {
    /// The source; the database is opened with the first poll.
    pub fn new(config: FlagConfig) -> FlagTable {
        FlagTable {
            config,
            open: None,
            in_flight: BTreeSet::new(),
            under_way: UnderWay::default(),
            remarks: Remarks::default(),
            more: false,
        }
    }

    async fn open(&mut self) -> Result<&(Link, FlagPlan), SourceError> {
        let open = match self.open.take() {
            Some(open) => open,
            None => {
                let (link, columns) = Link::open(&self.config.table, true).await?;
                let plan = FlagPlan::new(&self.config, columns)?;
                self.remarks.recognise(&self.config.table, &plan.columns);
                (link, plan)
            }
        };
        Ok(self.open.insert(open))
    }

    fn fault(&mut self, cause: sqlx::Error) -> SourceError {
        // A table that was altered, a server that went away: looked at anew next time.
        self.open = None;
        link::fault(&self.config.table, cause)
    }

    fn setup(&self, what: &str, hint: &str) -> SourceError {
        super::plan::setup(&self.config.table, what.to_owned(), hint)
    }

    /// Rows that wait and are not on their way, and whether there may be more.
    async fn take(&mut self, known: &HashSet<&str>) -> Result<Taken, SourceError> {
        let rows = self.config.table.lot_rows.clamp(1, limits::ENVELOPE_ITEMS);
        let most = rows + known.len() + 1;
        let table = self.config.table.table.clone();
        let (link, plan) = self.open().await?;
        let mut taken = Taken {
            groups: Groups::new(&table, &plan.columns),
            sent: Vec::new(),
            more: false,
        };
        let (sql, values) = (plan.select(most), plan.waiting());
        let sink: &mut Sink<'_> = &mut |row| {
            if known.contains(row.hash().as_str()) {
                return true;
            }
            if taken.groups.push(row) {
                taken.sent.push(Sent::default());
            }
            if let Some(sent) = taken.sent.last_mut() {
                sent.push(row);
            }
            let groups = &taken.groups;
            taken.more = groups.rows >= rows || groups.bytes >= LOT_BYTES;
            !taken.more
        };
        match link.read(&plan.columns, sql, values, sink).await {
            Ok(()) => Ok(taken),
            Err(cause) => Err(self.fault(cause)),
        }
    }

    /// The answers to the rows of a lot that are as they were taken, each with its rows: key and content.
    async fn answers(&mut self, lot: u64, receipt: &Receipt) -> Result<Answers, SourceError> {
        let at = OffsetDateTime::parse(
            &receipt.received_at,
            &time::format_description::well_known::Rfc3339,
        );
        let at = at.map(|at| at.to_offset(self.config.table.zone));
        let at = at.ok().and_then(|at| at.format(STAMP).ok());
        let at = at.unwrap_or_else(|| receipt.received_at.clone());
        let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in &receipt.findings {
            let of_row = findings.entry(finding.place.file.as_str()).or_default();
            of_row.push(finding);
        }
        let mut answers = Answers::new();
        let groups = self.under_way.groups.get(&lot).cloned();
        for (item, sent) in receipt.items.iter().zip(groups.unwrap_or_default()) {
            for (key, hash, line) in self.still_there(&sent).await? {
                let refused = item.rows.iter().find(|row| row.line == line);
                let name = refused.map_or(&item.name, |row| &row.name);
                let verdict = item.verdict_of_row(line);
                let found = findings.get(name.as_str()).map_or(&[][..], Vec::as_slice);
                let text = self.text(receipt, verdict, found);
                let flag = match verdict {
                    Verdict::Accepted => &self.config.taken,
                    Verdict::Partly | Verdict::Refused => &self.config.refused,
                };
                let (flag, at) = (flag.clone(), at.clone());
                let rows = answers.entry(Answer { flag, at, text }).or_default();
                rows.push((key, hash));
            }
        }
        Ok(answers)
    }

    /// Rows of a group that are as they were taken: key, hash and line in the group.
    async fn still_there(
        &mut self,
        sent: &Sent,
    ) -> Result<Vec<(Vec<String>, String, u32)>, SourceError> {
        let (lines, mut there) = (sent.lines(), Vec::new());
        let (link, plan) = self.open().await?;
        let (sql, values) = plan.between(&sent.from, &sent.to);
        let sink: &mut Sink<'_> = &mut |row| {
            let hash = row.hash();
            if let Some(line) = lines.get(hash.as_str()) {
                there.push((row.key.clone(), hash, *line));
            }
            true
        };
        match link.read(&plan.columns, sql, values, sink).await {
            Ok(()) => Ok(there),
            Err(cause) => Err(self.fault(cause)),
        }
    }

    /// The receipt's number; of a refused row also what was wrong and what to do, errors first.
    fn text(&self, receipt: &Receipt, verdict: Verdict, found: &[&Finding]) -> String {
        let mut text = receipt.number.clone();
        if verdict != Verdict::Accepted {
            let mut found = found.to_vec();
            found.sort_by_key(|f| f.severity != Severity::Error);
            for finding in found {
                let (cause, hint) = (finding.cause_zh(), finding.hint_zh());
                text.push_str(&format!(" {} {cause}（{hint}）", finding.code));
            }
        }
        text.chars().take(self.config.answer_chars).collect()
    }
}

/// What one poll took.
struct Taken {
    groups: Groups,
    /// Which rows stand in each of them.
    sent: Vec<Sent>,
    more: bool,
}

/// Answers, each with the keys and hashes of its rows.
type Answers = BTreeMap<Answer, Vec<(Vec<String>, String)>>;

#[async_trait]
impl Source for FlagTable {
    fn name(&self) -> &str {
        &self.config.table.name
    }

    fn follows_parcels(&self) -> bool {
        true
    }

    fn note_in_flight(&mut self, lots: &[String]) {
        self.in_flight = lots.iter().filter_map(|key| key.parse().ok()).collect();
    }

    fn note_position(&mut self, position: Option<&str>) {
        // One that cannot be read is told by the poll.
        self.under_way = UnderWay::parse(position).unwrap_or_default();
    }

    async fn poll(
        &mut self,
        _now: OffsetDateTime,
        position: Option<&str>,
    ) -> Result<Vec<Lot>, SourceError> {
        self.more = false;
        let Some(mut position) = UnderWay::parse(position) else {
            let hint = "it was written by another kind of source or a newer version: give the source \
                 a new name";
            return Err(self.setup("the position in the outbox cannot be read", hint));
        };
        position.only(&self.in_flight);
        let known = position.hashes();
        if known.len() >= self.config.table.remembered {
            // So many rows wait for their answer: the next are taken when it has come.
            return Ok(Vec::new());
        }
        let taken = self.take(&known).await?;
        let rows = taken.groups.rows;
        if rows == 0 {
            return Ok(Vec::new());
        }
        self.more = taken.more;
        position.lot += 1;
        position.groups.insert(position.lot, taken.sent);
        let label = format!("{} ({rows})", self.config.table.table);
        Ok(vec![Lot {
            key: position.lot.to_string(),
            position: Some(position.to_text()),
            label: item_name(&label),
            dialect: self.config.table.dialect.clone(),
            items: taken.groups.end(),
            ..Lot::default()
        }])
    }

    fn has_more(&self) -> bool {
        self.more
    }

    async fn settle(&mut self, key: &str, receipt: &Receipt) -> Result<(), SourceError> {
        let answers = self.answers(key.parse().unwrap_or(0), receipt).await?;
        let (link, plan) = self.open().await?;
        let done = write(link, plan, &answers).await;
        done.map_err(|cause| self.fault(cause))
    }

    fn remarks(&self) -> &[Finding] {
        self.remarks.all()
    }

    /// Nothing is read: what a poll finds wrong stands in the rows' answers, but for the columns.
    async fn examine(
        &mut self,
        _now: OffsetDateTime,
        _position: Option<&str>,
    ) -> Result<Vec<Finding>, SourceError> {
        self.open().await?;
        Ok(self.remarks.all().to_vec())
    }

    async fn probe(&mut self) -> Result<String, SourceError> {
        let table = self.config.table.table.clone();
        let (link, plan) = self.open().await?;
        let counted = link.count(plan.count()).await;
        let may_write = async {
            let mut tx = link.begin().await?;
            tx.run(plan.touch_nothing(), Vec::new()).await?;
            tx.commit().await
        };
        let may_write = may_write.await;
        let columns = plan.columns.columns.len();
        match (counted, may_write) {
            (Ok(rows), Ok(())) => {
                let told = self.remarks.told(&table, columns);
                Ok(format!("{told}, {rows} rows"))
            }
            (Ok(_), Err(cause)) => {
                let what = format!("flag and answer cannot be written back: {cause}");
                let hint = "grant UPDATE on those columns to the account";
                self.open = None;
                Err(self.setup(&what, hint))
            }
            (Err(cause), _) => Err(self.fault(cause)),
        }
    }
}

/// Writes the answers into the rows that are as they were taken, some hundred a transaction.
async fn write(link: &Link, plan: &FlagPlan, answers: &Answers) -> Result<(), sqlx::Error> {
    for (answer, rows) in answers {
        for chunk in rows.chunks(CHUNK) {
            let keys: Vec<Vec<String>> = chunk.iter().map(|(key, _)| key.clone()).collect();
            let hashes: BTreeSet<&str> = chunk.iter().map(|(_, hash)| hash.as_str()).collect();
            let mut tx = link.begin().await?;
            let (sql, values) = plan.still_waiting(&keys, link.locks());
            let found = tx.rows(&plan.columns, sql, values).await?;
            let same = found.iter().filter(|row| hashes.contains(&*row.hash()));
            let same: Vec<Vec<String>> = same.map(|row| row.key.clone()).collect();
            if !same.is_empty() {
                let (sql, values) = plan.write(answer, &same);
                tx.run(sql, values).await?;
            }
            tx.commit().await?;
        }
    }
    Ok(())
}
