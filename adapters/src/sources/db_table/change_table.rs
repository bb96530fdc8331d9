//! A table whose changes a trigger writes down: the change table is read by its number, as any table by
//! its watermark, and what is done and old is deleted from it. The department's own table is neither read
//! nor written here.

use super::change::{CHANGE, Capture, changes_of};
use super::link::{self, Link};
use super::plan::quote;
use super::{DbTable, DbTableConfig};
use crate::source::{Lot, Source, SourceError};
use async_trait::async_trait;
use std::sync::Arc;
use time::OffsetDateTime;
use tokio::sync::Notify;
use tongcha_schema::receipt::Receipt;

/// How the changes of a table are read. [`ChangeConfig::new`] gives what suits most.
#[derive(Clone)]
pub struct ChangeConfig {
    /// The department's table; its watermark and overlap are not used.
    pub table: DbTableConfig,
    /// The change table; unless named, `tongcha_change_<table>` beside it.
    pub changes: String,
    /// Numbers read again behind the last one: transactions that began before and ended after it.
    pub overlap: u32,
    /// Changes kept behind the last one that was answered; the older ones are deleted.
    pub keep: u64,
}

impl ChangeConfig {
    /// The usual configuration of a table.
    pub fn new(table: DbTableConfig) -> ChangeConfig {
        ChangeConfig {
            changes: changes_of(&table.table),
            table,
            overlap: 1_000,
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
        config.overlap = self.overlap;
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
        let reader = link.reader().await;
        let reader = reader.map_err(|cause| link::fault(&self.table, cause))?;
        let capture = Capture {
            engine,
            table: &self.table.table,
            changes: &self.changes,
            columns: &columns,
            reader: &reader,
        };
        Ok(Triggers {
            install: capture.install(),
            remove: capture.remove(),
            first_load: capture.first_load(),
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
    /// Writes the rows that are there already as changes.
    pub first_load: String,
}

/// The changes of a table as a source.
pub struct ChangeTable {
    config: ChangeConfig,
    reading: DbTable,
    deleting: Option<Link>,
    #[cfg(feature = "source-postgres")]
    bell: Option<super::listen::Bell>,
}

impl ChangeTable {
    /// The source; the database is opened with the first poll.
    pub fn new(config: ChangeConfig) -> ChangeTable {
        ChangeTable {
            reading: DbTable::new(config.reading()),
            config,
            deleting: None,
            #[cfg(feature = "source-postgres")]
            bell: None,
        }
    }

    /// Deletes the changes up to a number.
    async fn forget(&mut self, until: u64) -> Result<(), SourceError> {
        let link = match self.deleting.take() {
            Some(link) => link,
            None => Link::connect(&self.config.table, true).await?,
        };
        let parts: Vec<String> = self.config.changes.split('.').map(quote).collect();
        let table = parts.join(".");
        let sql = format!("delete from {table} where {} <= {until}", quote(CHANGE));
        let done = link.run(sql).await;
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
        self.reading.poll(now, position).await
    }

    /// PostgreSQL tells of each change; the others are polled.
    fn alarm(&mut self) -> Option<Arc<Notify>> {
        #[cfg(feature = "source-postgres")]
        if let super::Database::Postgres(url) = &self.config.table.database {
            let bell = super::listen::Bell::on(url.clone());
            return Some(Arc::clone(&self.bell.insert(bell).alarm));
        }
        None
    }

    /// Deletes what is done and old. The receipt's items are named by table and number.
    async fn settle(&mut self, _key: &str, receipt: &Receipt) -> Result<(), SourceError> {
        let number = |name: &str| name.rsplit_once('/')?.1.parse::<u64>().ok();
        let last = receipt.items.iter().filter_map(|i| number(&i.name)).max();
        let keep = self.config.keep.max(u64::from(self.config.overlap));
        match last.and_then(|last| last.checked_sub(keep)) {
            Some(until) if until > 0 => self.forget(until).await,
            _ => Ok(()),
        }
    }

    async fn probe(&mut self) -> Result<String, SourceError> {
        self.reading.probe().await.map_err(|fault| match fault {
            SourceError::Setup {
                source_name, what, ..
            } => SourceError::Setup {
                hint: format!(
                    "install the triggers: tongcha triggers --config FILE --source {source_name}"
                ),
                source_name,
                what,
            },
            other => other,
        })
    }
}
