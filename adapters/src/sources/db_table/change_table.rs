//! A table whose changes a trigger writes down: the change table is read by its number, missing numbers are
//! asked for until their transactions have ended, and what is done and old is deleted from it. The
//! department's own table is neither read nor written here.

use super::change::{AT, CHANGE, Capture, Engine, changes_of, count_lost, lost_of};
use super::group::{Groups, first_of, last_of};
use super::link::{self, Link};
use super::numbers::Numbers;
use super::plan::{Column, Columns, quote, quoted_table};
use super::remark::{Remarks, remark};
use super::{DbTableConfig, LOT_BYTES, Sink, misread, unreadable};
use crate::source::{Lot, Source, SourceError, item_name};
use async_trait::async_trait;
use time::OffsetDateTime;
use tongcha_schema::code::transport;
use tongcha_schema::finding::Finding;
use tongcha_schema::limits;
use tongcha_schema::receipt::Receipt;

/// How the changes of a table are read. [`ChangeConfig::new`] gives what suits most.
#[derive(Clone)]
pub struct ChangeConfig {
    /// The department's table; its watermark and overlap are not used.
    pub table: DbTableConfig,
    /// The change table; unless named, `tongcha_change_<table>` beside it.
    pub changes: String,
    /// Changes kept behind the last one that was answered; the older ones are deleted.
    pub keep: u64,
}

impl ChangeConfig {
    /// The usual configuration of a table.
    pub fn new(table: DbTableConfig) -> ChangeConfig {
        ChangeConfig {
            changes: changes_of(&table.table),
            table,
            keep: 100_000,
        }
    }

    /// How the change table itself is read.
    fn reading(&self) -> DbTableConfig {
        let mut config = self.table.clone();
        config.table.clone_from(&self.changes);
        config.watermark = CHANGE.to_owned();
        config.key = vec![CHANGE.to_owned()];
        config.columns = Vec::new();
        config.overlap = 0;
        config
    }

    /// Opens the database with the configured account and gives the SQL that captures the table's changes
    /// for it.
    ///
    /// # Errors
    /// [`SourceError`] where the table cannot be read.
    pub async fn triggers(&self) -> Result<Triggers, SourceError> {
        let (link, columns) = Link::open(&self.table, false).await?;
        let Some(engine) = link.engine() else {
            let what = "there are no triggers over ODBC".to_owned();
            let hint = "use kind = \"db_table\" with a watermark or a flag";
            return Err(super::plan::setup(&self.table, what, hint));
        };
        let fault = |cause| link::fault(&self.table, cause);
        let reader = link.reader().await.map_err(fault)?;
        let table = link.resolved(&self.table.table).await.map_err(fault)?;
        let changes = match table.rsplit_once('.') {
            Some((schema, _)) if !self.changes.contains('.') => {
                format!("{schema}.{}", self.changes)
            }
            _ => self.changes.clone(),
        };
        let capture = Capture {
            engine,
            table: &table,
            changes: &changes,
            columns: &columns,
            reader: &reader,
        };
        Ok(Triggers {
            install: capture.install(),
            remove: capture.remove(),
            first_load: capture.first_load(),
            compound: engine == Engine::MySql,
        })
    }

    /// Runs statements in the table's database.
    ///
    /// # Errors
    /// [`SourceError`]; what ran before the failing one has run (few engines take a trigger back).
    pub async fn run(&self, statements: &[String]) -> Result<(), SourceError> {
        let fault = |cause| link::fault(&self.table, cause);
        let link = Link::connect(&self.table, true).await?;
        for statement in statements {
            link.run(statement.clone()).await.map_err(fault)?;
        }
        Ok(())
    }
}

/// The SQL that captures a table's changes.
#[derive(Clone, Debug)]
pub struct Triggers {
    /// Makes change table and triggers, in order.
    pub install: Vec<String>,
    /// Takes them away again.
    pub remove: Vec<String>,
    /// Writes the rows that are there already as changes, and forgets the count of lost ones.
    pub first_load: Vec<String>,
    /// Statements hold semicolons that a command line would take for their end.
    pub compound: bool,
}

/// A change table, opened.
struct Reading {
    link: Link,
    columns: Columns,
    number: Column,
    at: Column,
}

/// The changes of a table as a source.
pub struct ChangeTable {
    config: ChangeConfig,
    /// How the change table itself is read.
    reading: DbTableConfig,
    open: Option<Reading>,
    deleting: Option<Link>,
    /// Changes up to this number may be deleted, as far as a poll has told.
    done: u64,
    remarks: Remarks,
}

impl ChangeTable {
    /// The source; the database is opened with the first poll.
    pub fn new(config: ChangeConfig) -> ChangeTable {
        ChangeTable {
            reading: config.reading(),
            config,
            open: None,
            deleting: None,
            done: 0,
            remarks: Remarks::default(),
        }
    }

    async fn open(&mut self) -> Result<&Reading, SourceError> {
        let open = match self.open.take() {
            Some(open) => open,
            None => {
                let (link, columns) = Link::open(&self.reading, false).await?;
                self.remarks.recognise(&self.reading, &columns);
                let number = columns.find(&self.reading, CHANGE)?;
                Reading {
                    at: columns.find(&self.reading, AT)?,
                    link,
                    columns: columns.watermarked(&number),
                    number,
                }
            }
        };
        Ok(self.open.insert(open))
    }

    fn fault(&mut self, cause: sqlx::Error) -> SourceError {
        // A table that was altered, a server that went away: looked at anew with the next poll.
        self.open = None;
        link::fault(&self.config.table, cause)
    }

    /// Whether the table is another one than the position is of: its numbers end before it, or the change
    /// taken last was made at another time.
    async fn is_another(&mut self, position: &Numbers) -> Result<bool, SourceError> {
        let last = position.last;
        if last == 0 {
            return Ok(false);
        }
        let open = self.open().await?;
        let found = async {
            let top = open.columns.count_top(&open.number);
            let top = open.link.count(top).await?;
            let sql = position.last_at(&open.columns, &open.number, &open.at);
            let at = open.link.texts(&sql, &[], 1).await?;
            Ok((top, at.and_then(|row| row.into_iter().next().flatten())))
        };
        let (top, at) = match found.await {
            Ok(found) => found,
            Err(cause) => return Err(self.fault(cause)),
        };
        let top = u64::try_from(top).unwrap_or(0);
        let same = at.is_none() || position.at.is_none() || at == position.at;
        let another = (top > 0 && top < last) || !same;
        if another {
            let (position, last) = (last.to_string(), top.to_string());
            let args = [("position", position.as_str()), ("last", last.as_str())];
            let finding = remark(transport::LOADED_ANEW, &self.config.changes, &args);
            self.tell(transport::LOADED_ANEW, Some(finding));
        }
        Ok(another)
    }

    /// Changes that the triggers could not write down are told until they were made up for.
    async fn look_for_lost(&mut self) -> Result<(), SourceError> {
        let lost = lost_of(&self.config.changes, &self.config.table.table);
        let open = self.open().await?;
        let Some(engine) = open.link.engine() else {
            return Ok(());
        };
        // Triggers of before do not count: nothing is known of theirs.
        let rows = open
            .link
            .count(count_lost(engine, &lost))
            .await
            .unwrap_or(0);
        let rows = rows.to_string();
        let finding = remark(
            transport::CHANGES_LOST,
            &self.config.table.table,
            &[("rows", &rows)],
        );
        self.tell(transport::CHANGES_LOST, (rows != "0").then_some(finding));
        Ok(())
    }

    fn tell(&mut self, code: tongcha_schema::code::Code, finding: Option<Finding>) {
        self.remarks.set(&self.config.table.name, code, finding);
    }

    /// The next changes, and the position behind them.
    async fn take(
        &mut self,
        mut position: Numbers,
        now: OffsetDateTime,
    ) -> Result<(Groups, Numbers), SourceError> {
        let rows = self.reading.lot_rows.clamp(1, limits::ENVELOPE_ITEMS);
        let table = self.config.changes.clone();
        let mut looks = None;
        let open = self.open().await?;
        let mut groups = Groups::new(&table, &open.columns);
        let read = async {
            // Asked before the rows: whoever has ended by then is seen in them.
            let transactions = open.link.open_transactions().await?;
            let sql = position.select(&open.columns, &open.number, rows + 1);
            let sink: &mut Sink<'_> = &mut |row| {
                if looks.is_none() {
                    looks.clone_from(&row.misread);
                }
                position.take(row.watermark.parse().unwrap_or(0), now);
                groups.push(row);
                groups.rows < rows && groups.bytes < LOT_BYTES
            };
            let none = Vec::new();
            open.link.read(&open.columns, sql, none, sink).await?;
            let sql = position.last_at(&open.columns, &open.number, &open.at);
            let at = open.link.texts(&sql, &[], 1).await?;
            Ok((transactions, at))
        };
        match read.await {
            Ok((transactions, at)) => {
                position.at = at.and_then(|row| row.into_iter().next().flatten());
                position.settle(transactions, now);
                if let Some(looks) = looks {
                    let finding = misread(&self.config.table.table, &looks);
                    self.tell(transport::OTHER_CHARSET, Some(finding));
                }
                Ok((groups, position))
            }
            Err(cause) => Err(self.fault(cause)),
        }
    }

    /// Deletes the changes up to a number.
    async fn forget(&mut self, until: u64) -> Result<(), SourceError> {
        let link = match self.deleting.take() {
            Some(link) => link,
            None => Link::connect(&self.config.table, true).await?,
        };
        let which = format!(
            "from {} where {} <= {until}",
            quoted_table(&self.config.changes),
            quote(CHANGE)
        );
        let done = async {
            if link.engine() != Some(Engine::MySql) {
                return link.run(format!("delete {which}")).await;
            }
            // It would lock the first row behind as well, and wait for whoever is writing that: with the exact
            // number it stops before.
            let rows = link.count(format!("select count(*) {which}")).await?;
            let order = quote(CHANGE);
            let delete = format!("delete {which} order by {order} limit {rows}");
            link.run(delete).await
        };
        let done = done.await;
        done.map_err(|cause| link::fault(&self.config.table, cause))?;
        self.deleting = Some(link);
        Ok(())
    }
}

#[async_trait]
impl Source for ChangeTable {
    fn name(&self) -> &str {
        &self.config.table.name
    }

    async fn poll(
        &mut self,
        now: OffsetDateTime,
        position: Option<&str>,
    ) -> Result<Vec<Lot>, SourceError> {
        let position = Numbers::parse(position, now);
        let mut position = position.ok_or_else(|| unreadable(&self.config.table))?;
        self.look_for_lost().await?;
        let another = self.is_another(&position).await?;
        if another {
            position = position.anew();
        }
        // By what the outbox keeps: what is offered now may not be packed.
        self.done = position.done();
        let (groups, mut next) = self.take(position, now).await?;
        let rows = groups.rows;
        if rows == 0 {
            return Ok(Vec::new());
        }
        next.lot += 1;
        let items = groups.end();
        let ends = [items.first(), items.last()].map(|i| i.map_or("", |i| i.name.as_str()));
        let last = last_of(ends[1]).unwrap_or_default();
        let label = format!("{} … {last} ({rows})", first_of(ends[0]));
        let findings = self.remarks.all().to_vec();
        if !another {
            self.tell(transport::LOADED_ANEW, None);
        }
        Ok(vec![Lot {
            key: next.lot.to_string(),
            position: Some(next.to_text()),
            label: item_name(&label),
            dialect: self.config.table.dialect.clone(),
            items,
            findings,
            ..Lot::default()
        }])
    }

    /// Deletes what is done and old: nothing of which a number before may still come. The receipt's items are
    /// named by table and numbers.
    async fn settle(&mut self, _key: &str, receipt: &Receipt) -> Result<(), SourceError> {
        let number = |name: &str| last_of(name)?.parse::<u64>().ok();
        let last = receipt.items.iter().filter_map(|i| number(&i.name)).max();
        let until = last.and_then(|last| last.checked_sub(self.config.keep));
        match until.map(|until| until.min(self.done)) {
            Some(until) if until > 0 => self.forget(until).await,
            _ => Ok(()),
        }
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
        Ok(self.remarks.all().to_vec())
    }

    async fn probe(&mut self) -> Result<String, SourceError> {
        let changes = self.config.changes.clone();
        match self.open().await {
            Ok(open) => {
                let columns = open.columns.columns.len();
                Ok(self.remarks.told(&changes, columns))
            }
            Err(SourceError::Setup {
                source_name, what, ..
            }) => Err(SourceError::Setup {
                hint: format!(
                    "install the triggers: tongcha triggers --config FILE --source {source_name}"
                ),
                source_name,
                what,
            }),
            Err(other) => Err(other),
        }
    }
}
