//! A bulk import: the agent's own steps over a history, until every lot is answered and decided. What
//! it has done stands in the outbox alone, so that a run that was killed goes on. Refuses to share the
//! outbox with a running agent, and to sleep.

use crate::agent::{Agent, AgentConfig, AgentError, StepReport};
use crate::machine::MachineError;
use crate::outbox::{Outbox, OutboxError, OutboxLock};
use crate::settings::Settings;
use crate::source::{Source, SourceError};
#[cfg(feature = "source-table")]
use crate::sources::db_table::{DbTable, DbTableConfig};
use crate::sources::history::{FileList, History, files_of_lot};
use crate::sources::xml_dir::XmlDirConfig;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use time::Duration;
use tongcha_schema::clock::Clock;
use tongcha_schema::randomness::Randomness;
use tongcha_schema::receipt::{Counts, Receipt, Verdict};

/// Lots that wait for a receipt at most, so that a long history does not fill the outbox's disk.
const MOST_WAITING: u64 = 8;
/// Lots sent in one step, so that progress is told often.
const SENDS: u32 = 4;
/// Places of rejected records that a summary names; all of them are counted.
const PLACES: usize = 1_000;

/// What is imported.
pub enum Subject {
    /// Files, and how they travel.
    Files(FileList, Travel),
    /// A configured table from its beginning.
    #[cfg(feature = "source-table")]
    Table(DbTableConfig),
}

/// How files travel.
#[derive(Clone, Debug)]
pub struct Travel {
    /// Files of one envelope at most.
    pub lot_files: usize,
    /// Their dialect, or `auto`.
    pub dialect: String,
}

impl Subject {
    /// Its name in the outbox, without the number of the run.
    fn base(&self) -> String {
        match self {
            Subject::Files(list, _) => format!("import-{}", list.digest()),
            #[cfg(feature = "source-table")]
            Subject::Table(config) => format!("import/{}", config.name),
        }
    }
}

/// Where rejected records stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// Item: file, archive's entry or row.
    pub item: String,
    /// Records rejected in it.
    pub records: u64,
    /// Number of the receipt that tells why.
    pub receipt: String,
}

/// What became of an import so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Files or rows that have a receipt.
    pub done: u64,
    /// Envelopes that have a receipt.
    pub envelopes: u64,
    /// Envelopes refused as a whole.
    pub refused: u64,
    /// Records by what became of them.
    pub counts: Counts,
    /// Findings by code.
    pub findings: BTreeMap<String, u64>,
    /// Where rejected records stand, the first thousand places.
    pub rejected: Vec<Rejected>,
    /// Items with rejected records.
    pub rejected_items: u64,
}

impl Summary {
    /// Whether nothing was rejected or refused.
    pub fn is_clean(&self) -> bool {
        self.counts.rejected == 0 && self.refused == 0 && self.rejected_items == 0
    }

    fn add(&mut self, units: u64, receipt: &Receipt) {
        self.done += units;
        self.envelopes += 1;
        self.refused += u64::from(receipt.verdict == Verdict::Refused);
        let (sum, one) = (&mut self.counts, &receipt.counts);
        sum.received += one.received;
        sum.stored += one.stored;
        sum.rejected += one.rejected;
        sum.duplicate += one.duplicate;
        sum.pending += one.pending;
        for finding in &receipt.findings {
            *self.findings.entry(finding.code.to_string()).or_default() += 1;
        }
        for (code, count) in &receipt.unlisted {
            *self.findings.entry(code.clone()).or_default() += count;
        }
        for item in &receipt.items {
            if item.rejected == 0 && item.verdict == Verdict::Accepted {
                continue;
            }
            if item.rows.is_empty() {
                self.place(&item.name, item.rejected, receipt);
            }
            for row in &item.rows {
                self.place(&row.name, row.rejected, receipt);
            }
        }
    }

    fn place(&mut self, item: &str, records: u64, receipt: &Receipt) {
        self.rejected_items += 1;
        if self.rejected.len() < PLACES {
            self.rejected.push(Rejected {
                item: item.to_owned(),
                records,
                receipt: receipt.number.clone(),
            });
        }
    }
}

/// An import, ready to step.
pub struct Import {
    _lock: OutboxLock,
    agent: Agent,
    source: String,
    of_files: bool,
    /// What the lots up to a sequence came to, all of them complete.
    summed: (i64, Summary),
    /// Files, or rows when it began.
    pub total: u64,
    /// An earlier run had finished and is only summed up.
    pub was_finished: bool,
}

/// Why an import cannot begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The machine cannot be put together.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// The outbox fails.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// The files or the table cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
}

impl ImportError {
    /// Whether the same may succeed later without anybody's help.
    pub fn is_transient(&self) -> bool {
        match self {
            ImportError::Machine(cause) => cause.is_transient(),
            ImportError::Agent(cause) => cause.is_transient(),
            ImportError::Source(cause) => cause.is_transient(),
        }
    }
}

impl From<OutboxError> for ImportError {
    fn from(cause: OutboxError) -> ImportError {
        ImportError::Machine(cause.into())
    }
}

impl Import {
    /// Begins an import, or goes on with the one of the same files or table that has not finished.
    /// With `again` a finished one is sent once more, under a number of its own.
    ///
    /// # Errors
    /// [`ImportError`].
    pub async fn begin(
        settings: Settings,
        subject: Subject,
        again: bool,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Import, ImportError> {
        let uplink = settings
            .uplink(Arc::clone(&clock))
            .map_err(MachineError::from)?;
        let hold = OutboxLock::take(&settings.outbox)?;
        let base = subject.base();
        let (file, node) = (settings.outbox, settings.node);
        let outbox = Outbox::open(&file, &node, settings.seal, clock.now()).await?;
        let outbox = outbox.secret_to(settings.secrecy, randomness);
        let mut run = outbox.last_run(&base).await?.max(1);
        let mut name = format!("{base}#{run}");
        let mut spool = file.into_os_string();
        spool.push(".import");
        let of_files = matches!(subject, Subject::Files(..));
        let total = total(&subject).await?;
        let mut was_finished = is_finished(&outbox, &name, of_files, total).await?;
        if again && was_finished {
            run += 1;
            name = format!("{base}#{run}");
            was_finished = false;
        }
        let source = source_of(subject, &name, spool.into());
        let mut config = AgentConfig::new(settings.hub, settings.sender_org);
        config.most_waiting = MOST_WAITING.min(settings.most_waiting);
        config.sends_per_step = SENDS;
        config.keep = settings.keep;
        config.completion_after = Some(Duration::SECOND);
        Ok(Import {
            _lock: hold,
            agent: Agent::new(config, source, uplink, outbox, clock),
            source: name,
            of_files,
            summed: (0, Summary::default()),
            total,
            was_finished,
        })
    }

    /// One step of the agent.
    ///
    /// # Errors
    /// The outbox fails.
    pub async fn step(&mut self) -> Result<StepReport, ImportError> {
        Ok(self.agent.step().await?)
    }

    /// Whether after that step nothing is left to take, to answer or to decide.
    ///
    /// # Errors
    /// The outbox fails.
    pub async fn is_done(&self, step: &StepReport) -> Result<bool, ImportError> {
        if step.moved() || step.offered > 0 || step.held_back || !step.faults.is_empty() {
            return Ok(false);
        }
        Ok(self.agent.outbox().unfinished(&self.source).await? == 0)
    }

    /// Files or rows that have a receipt, and the records in them.
    ///
    /// # Errors
    /// The outbox fails.
    pub async fn summary(&mut self) -> Result<Summary, ImportError> {
        let of_files = self.of_files;
        let outbox = self.agent.outbox();
        let (after, mut summary) = self.summed.clone();
        let (mut whole, summed) = (true, &mut self.summed);
        let mut add = |one: crate::outbox::Unsettled, complete: Option<i64>| {
            let units = match of_files {
                true => files_of_lot(&one.lot_key),
                false => rows_in(&one.receipt),
            };
            summary.add(units, &one.receipt);
            // What is complete to the last is not opened again.
            match complete.filter(|_| whole) {
                Some(sequence) => *summed = (sequence, summary.clone()),
                None => whole = false,
            }
        };
        outbox.each_receipt(&self.source, after, &mut add).await?;
        Ok(summary)
    }

    /// Closes the outbox.
    pub async fn close(self) {
        self.agent.outbox().close().await;
    }
}

/// Rows of a table that a receipt is for.
fn rows_in(receipt: &Receipt) -> u64 {
    #[cfg(feature = "source-table")]
    let rows = |name: &str| crate::sources::db_table::rows_of(name);
    #[cfg(not(feature = "source-table"))]
    let rows = |_: &str| 1;
    receipt.items.iter().map(|item| rows(&item.name)).sum()
}

async fn total(subject: &Subject) -> Result<u64, SourceError> {
    match subject {
        Subject::Files(list, _) => Ok(list.len() as u64),
        #[cfg(feature = "source-table")]
        Subject::Table(config) => DbTable::new(config.clone()).rows().await,
    }
}

/// Whether the files were taken to the last and every lot is decided. A table may have new rows: it is
/// always looked at.
async fn is_finished(
    outbox: &Outbox,
    name: &str,
    of_files: bool,
    total: u64,
) -> Result<bool, OutboxError> {
    let Some(position) = outbox.position(name).await? else {
        return Ok(false);
    };
    let all = !of_files || position.parse() == Ok(total);
    Ok(all && outbox.unfinished(name).await? == 0)
}

fn source_of(subject: Subject, name: &str, spool: std::path::PathBuf) -> Box<dyn Source> {
    match subject {
        Subject::Files(list, travel) => {
            let mut config = XmlDirConfig::new(name, spool);
            config.lot_files = travel.lot_files;
            config.dialect = travel.dialect;
            Box::new(History::new(config, Arc::new(list)))
        }
        #[cfg(feature = "source-table")]
        Subject::Table(mut config) => {
            config.name = name.to_owned();
            Box::new(DbTable::new(config))
        }
    }
}
