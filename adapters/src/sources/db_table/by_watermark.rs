//! A table read by its watermark: which look is due, what it found, and what of that is told. Refuses to write
//! into the department's database.

use super::found::Found;
use super::group::Groups;
use super::link::{self, Link};
use super::plan::Order;
use super::position::{Position, Taking};
use super::remark::{Remarks, remark};
use super::watermark::{Look, Plan};
use super::{DbTableConfig, LOT_BYTES, Sink, instant, misread, unreadable};
use crate::source::{Lot, Source, SourceError, item_name};
use async_trait::async_trait;
use time::{Duration, OffsetDateTime};
use tongcha_schema::code::{Code, transport};
use tongcha_schema::finding::Finding;
use tongcha_schema::limits;
use tongcha_schema::receipt::Receipt;

/// How often all that is remembered is looked at again: the longest that a row which came too late waits.
const WIDE_EVERY: Duration = Duration::minutes(10);
/// How far after now a watermark may lie: clocks and zones differ, and a day without a time is its end.
const AHEAD: Duration = Duration::days(1);

/// A table as a source.
pub struct DbTable {
    config: DbTableConfig,
    open: Option<(Link, Plan)>,
    /// When all that is remembered was looked at last.
    looked_wide: Option<OffsetDateTime>,
    /// The last row, where the table was found to end before it: looked at once.
    suspected: Option<Vec<String>>,
    /// Known rows that the last near look met.
    overlapping: usize,
    /// The last look took rows and did not come to the end of the table.
    more: bool,
    remarks: Remarks,
}

impl DbTable {
    /// The source; the database is opened with the first poll.
    pub fn new(config: DbTableConfig) -> DbTable {
        DbTable {
            config,
            open: None,
            looked_wide: None,
            suspected: None,
            overlapping: 0,
            more: false,
            remarks: Remarks::default(),
        }
    }

    /// Rows of the table that have a watermark now.
    ///
    /// # Errors
    /// The database cannot be reached or refuses, or the table is set up wrongly.
    pub async fn rows(&mut self) -> Result<u64, SourceError> {
        let (link, plan) = self.open().await?;
        match link.count(plan.count_seen()).await {
            Ok(rows) => Ok(u64::try_from(rows).unwrap_or(0)),
            Err(cause) => Err(self.fault(cause)),
        }
    }

    async fn open(&mut self) -> Result<&(Link, Plan), SourceError> {
        let open = match self.open.take() {
            Some(open) => open,
            None => {
                let (link, columns) = Link::open(&self.config, false).await?;
                self.remarks.recognise(&self.config, &columns);
                (link, Plan::new(&self.config, columns)?)
            }
        };
        Ok(self.open.insert(open))
    }

    fn fault(&mut self, cause: sqlx::Error) -> SourceError {
        // A table that was altered, a server that went away: looked at anew with the next poll.
        self.open = None;
        link::fault(&self.config, cause)
    }

    /// Rows of a look, until a lot is full. It is asked for as many as a look meets that finds known rows as the
    /// last one did: what is not wanted of an answer is made and sent all the same. Where that was too few, for
    /// as many as there may be.
    async fn look(
        &mut self,
        position: &Position,
        look: Look,
        now: OffsetDateTime,
    ) -> Result<Found, SourceError> {
        let rows = self.config.lot_rows.clamp(1, limits::ENVELOPE_ITEMS);
        let most = rows + position.known(look) + limits::ROWS_AHEAD + 1;
        let few = rows + 2 * self.overlapping + 1;
        if look == Look::Near && few < most {
            let found = self.look_at(position, look, now, few).await?;
            let groups = &found.groups;
            if found.ended || groups.rows >= rows || groups.bytes >= LOT_BYTES {
                return Ok(found);
            }
        }
        self.look_at(position, look, now, most).await
    }

    async fn look_at(
        &mut self,
        position: &Position,
        look: Look,
        now: OffsetDateTime,
        most: usize,
    ) -> Result<Found, SourceError> {
        let rows = self.config.lot_rows.clamp(1, limits::ENVELOPE_ITEMS);
        let (table, zone) = (self.config.table.clone(), self.config.zone);
        let (link, plan) = self.open().await?;
        let groups = Groups::new(&table, &plan.columns);
        let mut found = Found::of(Taking::new(position, look), groups);
        let mut read = 0;
        let by_time = plan.watermark.order != Order::Number;
        let sink: &mut Sink<'_> = &mut |row| {
            read += 1;
            let at = by_time
                .then(|| instant::instant_of(&row.watermark, zone))
                .flatten();
            if found.misread.is_none() {
                found.misread.clone_from(&row.misread);
            }
            if !found.takes(row, at.is_some_and(|at| at > now + AHEAD)) {
                return true;
            }
            found.groups.push(row);
            found.ended = found.groups.rows < rows && found.groups.bytes < LOT_BYTES;
            found.ended
        };
        let place = position.place();
        let done = async {
            // Asked before the rows: whoever has ended by then is seen in them.
            let open = link.open_transactions().await?;
            let until = match plan.bound(&place, look, most) {
                Some((sql, values)) => link.texts(&sql, &values, 1).await?,
                None => None,
            };
            let until = until.and_then(|row| row.into_iter().next().flatten());
            let (sql, values) = plan.select(&place, look, most, until);
            link.read(&plan.columns, sql, values, sink).await?;
            Ok(open)
        };
        match done.await {
            Ok(open) => {
                found.open = open;
                found.ended &= read < most;
                if look == Look::Near {
                    self.overlapping = found.taking.met;
                }
                Ok(found)
            }
            Err(cause) => Err(self.fault(cause)),
        }
    }

    /// Looks from the position on, as far back as is due; a table that is another than the position is of is
    /// read from its beginning.
    async fn find(&mut self, kept: Position, now: OffsetDateTime) -> Result<Found, SourceError> {
        let zone = self.config.zone;
        let last = kept.cursor.as_ref().and_then(|c| c.first()).cloned();
        let (_, plan) = self.open().await?;
        let by_time = plan.watermark.order != Order::Number;
        let at = last.as_ref().filter(|_| by_time);
        let at = at.and_then(|text| instant::instant_of(text, zone));
        if at.is_some_and(|at| at > now + AHEAD) {
            return self.begin_anew(kept, String::new(), now).await;
        }
        let every = |at: OffsetDateTime| now - at >= WIDE_EVERY || now < at;
        if !self.looked_wide.is_none_or(every) {
            let found = self.look(&kept, Look::Near, now).await?;
            let suspect = kept.cursor.is_some() && found.ended && !found.taking.reached;
            if !suspect || self.suspected == kept.cursor {
                return Ok(found);
            }
        }
        let found = self.look(&kept, Look::Wide, now).await?;
        if found.taking.is_gone() && (found.taking.behind > 0 || found.taking.is_empty()) {
            // Below the floor nothing was looked for: the table may stand there now, or be empty.
            let top = self.top().await?;
            if let Some(top) = top {
                return self.begin_anew(kept, top, now).await;
            }
        }
        if found.ended || found.taking.passed() {
            self.looked_wide = Some(now);
            self.suspected = kept.cursor.clone().filter(|_| !found.taking.is_empty());
            self.tell(transport::LOADED_ANEW, None);
            self.tell_late(&found);
            self.tell_absent().await?;
        }
        Ok(found)
    }

    /// The largest watermark of the table; none where it has no row with one.
    async fn top(&mut self) -> Result<Option<String>, SourceError> {
        let (link, plan) = self.open().await?;
        match link.texts(&plan.top(), &[], 1).await {
            Ok(row) => Ok(row.and_then(|row| row.into_iter().next().flatten())),
            Err(cause) => Err(self.fault(cause)),
        }
    }

    async fn begin_anew(
        &mut self,
        kept: Position,
        top: String,
        now: OffsetDateTime,
    ) -> Result<Found, SourceError> {
        let last = kept.cursor.as_ref().and_then(|c| c.first());
        let last = last.map_or("", String::as_str);
        let args = [("position", last), ("last", top.as_str())];
        let finding = remark(transport::LOADED_ANEW, &self.config.table, &args);
        self.tell(transport::LOADED_ANEW, Some(finding));
        let begin = kept.anew();
        self.looked_wide = Some(now);
        self.look(&begin, Look::Near, now).await
    }

    fn tell(&mut self, code: Code, finding: Option<Finding>) {
        self.remarks.set(&self.config.name, code, finding);
    }

    fn tell_late(&mut self, found: &Found) {
        let (rows, first) = (found.late.0.to_string(), found.late.1.as_str());
        let args = [("rows", rows.as_str()), ("first", first)];
        let finding = remark(transport::WATERMARK_BEHIND, &self.config.table, &args);
        let finding = (found.late.0 > 0).then_some(finding);
        self.tell(transport::WATERMARK_BEHIND, finding);
    }

    fn tell_ahead(&mut self, found: &Found) {
        if found.ahead.0 == 0 && !found.ended {
            // Not seen this time.
            return;
        }
        let (rows, last) = (found.ahead.0.to_string(), found.ahead.1.as_str());
        let column = self.config.watermark.clone();
        let args = [("rows", rows.as_str()), ("column", &column), ("last", last)];
        let finding = remark(transport::WATERMARK_AHEAD, &self.config.table, &args);
        let finding = (found.ahead.0 > 0).then_some(finding);
        self.tell(transport::WATERMARK_AHEAD, finding);
    }

    async fn tell_absent(&mut self) -> Result<(), SourceError> {
        let (link, plan) = self.open().await?;
        let rows = match link.count(plan.count_unseen()).await {
            Ok(rows) => rows,
            Err(cause) => return Err(self.fault(cause)),
        };
        let column = self.config.watermark.clone();
        let shown = rows.to_string();
        let args = [("rows", shown.as_str()), ("column", &column)];
        let finding = remark(transport::WATERMARK_ABSENT, &self.config.table, &args);
        self.tell(transport::WATERMARK_ABSENT, (rows > 0).then_some(finding));
        Ok(())
    }
}

#[async_trait]
impl Source for DbTable {
    fn name(&self) -> &str {
        &self.config.name
    }

    async fn poll(
        &mut self,
        now: OffsetDateTime,
        position: Option<&str>,
    ) -> Result<Vec<Lot>, SourceError> {
        let kept = Position::parse(position).ok_or_else(|| unreadable(&self.config))?;
        self.more = false;
        let found = self.find(kept, now).await?;
        self.more = !found.ended && found.ends.is_some();
        self.tell_ahead(&found);
        if found.misread.is_some() {
            let finding = found
                .misread
                .as_ref()
                .map(|m| misread(&self.config.table, m));
            self.tell(transport::OTHER_CHARSET, finding);
        }
        let Some((first, last)) = found.ends else {
            return Ok(Vec::new());
        };
        let most = self.config.remembered;
        let next = found.taking.finish(found.ended, most, found.open);
        let label = format!(
            "{} {first} … {last} ({})",
            self.config.table, found.groups.rows
        );
        Ok(vec![Lot {
            key: format!("{}", next.lot),
            position: Some(next.to_text()),
            label: item_name(&label),
            dialect: self.config.dialect.clone(),
            items: found.groups.end(),
            findings: self.remarks.all().to_vec(),
            ..Lot::default()
        }])
    }

    fn has_more(&self) -> bool {
        self.more
    }

    fn reads_ahead(&self) -> bool {
        true
    }

    /// The receipt stays in the outbox: nothing is written into the department's database.
    async fn settle(&mut self, _key: &str, _receipt: &Receipt) -> Result<(), SourceError> {
        Ok(())
    }

    fn remarks(&self) -> &[Finding] {
        self.remarks.all()
    }

    async fn examine(
        &mut self,
        now: OffsetDateTime,
        position: Option<&str>,
    ) -> Result<Vec<Finding>, SourceError> {
        self.poll(now, position).await?;
        // A table that was never read has nothing to look at again.
        self.tell_absent().await?;
        Ok(self.remarks.all().to_vec())
    }

    async fn probe(&mut self) -> Result<String, SourceError> {
        let table = self.config.table.clone();
        let (link, plan) = self.open().await?;
        let counted = link.count(plan.count_unseen()).await;
        let columns = plan.columns.columns.len();
        match counted {
            Ok(_) => Ok(self.remarks.told(&table, columns)),
            Err(cause) => Err(self.fault(cause)),
        }
    }
}
