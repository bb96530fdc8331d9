//! The outbox: the local durable queue of a front-end machine, one SQLite file (WAL, synchronous
//! FULL: what is answered for is on the disk). It owns parcels, positions, receipts and the epoch.
//! Refuses to read sources, to sign and to send.

mod aside;
mod epoch;
mod lock;
mod mine;
mod pack;
mod parcel;
mod peek;
mod receipts;
mod tally;

pub use lock::OutboxLock;
pub use pack::{Packed, Waybill};
pub use parcel::Parcel;
pub use peek::position_in;
pub use receipts::Unsettled;
pub use tally::Traffic;

use crate::clean_pool;
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use std::path::Path;
use std::sync::Arc;
use thiserror::Error;
use time::{Duration, OffsetDateTime};
use tokio::sync::watch;
use tongcha_schema::clock::unix_ms;
use tongcha_schema::id::EnvelopeId;
use tongcha_schema::randomness::Randomness;
use tongcha_schema::seal::{Recipient, Sealed};

/// Nothing waits longer than that for its next try: what does was put off while the clock was ahead.
const LONGEST_WAIT: Duration = Duration::hours(2);

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// Why the outbox cannot do what was asked.
#[derive(Debug, Error)]
pub enum OutboxError {
    /// SQLite refuses: disk full, file damaged, locked for long.
    #[error("outbox: {0}")]
    Database(#[from] sqlx::Error),
    /// The file has a newer or damaged shape.
    #[error("outbox: {0}; hint: the file was written by a newer version, or was damaged")]
    Shape(#[from] sqlx::migrate::MigrateError),
    /// The file belongs to another node.
    #[error("outbox {file} belongs to node {found}, not to {wanted}; hint: one file per node")]
    OtherNode {
        /// The file.
        file: String,
        /// The node in the file.
        found: String,
        /// The configured node.
        wanted: String,
    },
    /// Another process works on the file.
    #[error(
        "发件库{file}正被另一进程使用 · outbox {file} is in use by another process; hint: \
         先停止前置机或另一次导入 · end the agent or the other import first"
    )]
    InUse {
        /// The file.
        file: String,
    },
    /// Sealed bytes do not open: the seal key was changed.
    #[error("outbox: {what} does not open; hint: was the seal key of this outbox replaced?")]
    Sealed {
        /// What was read.
        what: &'static str,
    },
    /// The lot's bytes cannot be read or have changed.
    #[error(transparent)]
    Package(#[from] crate::package::PackageError),
    /// The lot is empty, too long, or its reader died.
    #[error("outbox: {0}")]
    Lot(String),
    /// The machine has no randomness, or the hub's key is a weak one: nothing is sent open instead.
    #[error(
        "outbox: no key for an encrypted envelope; hint: check secrecy_key, then the machine's randomness"
    )]
    NoKey,
    /// The epoch file beside the outbox cannot be read or written.
    #[error("outbox epoch file {file}: {cause}")]
    Epoch {
        /// The file.
        file: String,
        /// What the system said.
        cause: std::io::Error,
    },
}

impl OutboxError {
    /// Whether the same call may succeed later without anybody's help.
    pub fn is_transient(&self) -> bool {
        match self {
            OutboxError::Database(_) | OutboxError::Epoch { .. } => true,
            OutboxError::Package(cause) => cause.is_transient(),
            _ => false,
        }
    }
}

/// How full the outbox is: parcels without a receipt, and their bytes on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Parcels queued or sent, without a receipt.
    pub waiting: u64,
    /// Their sealed, compressed bytes.
    pub bytes: u64,
}

/// The outbox of one node; clones share the file.
#[derive(Clone)]
pub struct Outbox {
    pub(crate) pool: SqlitePool,
    pub(crate) sealed: Arc<Sealed>,
    node: Arc<str>,
    epoch: u32,
    secrecy: Option<(Recipient, Arc<dyn Randomness>)>,
    news: watch::Sender<u64>,
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outbox({}, epoch {})", self.node, self.epoch)
    }
}

impl Outbox {
    /// Opens the file, or makes it (with its folder). A new file begins a new epoch: the seconds
    /// since 1970 at `now`, or one more than the epoch file beside it says, whichever is larger; so it
    /// rises even where the whole folder was lost.
    ///
    /// # Errors
    /// [`OutboxError`]: cannot be opened, newer shape, other node.
    pub async fn open(
        file: &Path,
        node: &str,
        sealed: Sealed,
        now: OffsetDateTime,
    ) -> Result<Outbox, OutboxError> {
        mine::folder_of(file)
            .and_then(|()| mine::file(file).map(drop))
            .map_err(|cause| OutboxError::Epoch {
                file: file.display().to_string(),
                cause,
            })?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // What is deleted is overwritten where that costs no write of its own.
            .pragma("secure_delete", "fast")
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            .foreign_keys(true)
            .busy_timeout(std::time::Duration::from_secs(30));
        let pool = clean_pool::kept_clean(SqlitePoolOptions::new())
            .max_connections(4)
            .connect_with(options)
            .await?;
        MIGRATIONS.run(&pool).await?;
        let epoch = epoch::claim(&pool, file, node, now).await?;
        // What was being packed when the process died is offered again by its source.
        sqlx::query("delete from parcel where state = 'packing'")
            .execute(&pool)
            .await?;
        Ok(Outbox {
            pool,
            sealed: Arc::new(sealed),
            node: node.into(),
            epoch,
            secrecy: None,
            news: watch::Sender::new(0),
        })
    }

    /// What is packed from now on is encrypted for this key, if one is given, each envelope with a secret of
    /// its own.
    #[must_use]
    pub fn secret_to(
        mut self,
        recipient: Option<Recipient>,
        randomness: Arc<dyn Randomness>,
    ) -> Outbox {
        self.secrecy = recipient.map(|recipient| (recipient, randomness));
        self
    }

    /// The node that it belongs to.
    pub fn node(&self) -> &str {
        &self.node
    }

    /// Its epoch.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Tells of every change (a parcel packed, a receipt come), so that nobody has to poll.
    pub fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    pub(crate) fn changed(&self) {
        self.news.send_modify(|n| *n += 1);
    }

    /// Closes the file after what runs has ended.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// How far the source has been read.
    ///
    /// # Errors
    /// [`OutboxError::Database`].
    pub async fn position(&self, source: &str) -> Result<Option<String>, OutboxError> {
        let row = sqlx::query_scalar("select position from source_position where source = $1");
        Ok(row.bind(source).fetch_optional(&self.pool).await?)
    }

    /// How full it is: of one source, or of all.
    ///
    /// # Errors
    /// [`OutboxError::Database`].
    pub async fn depth(&self, source: Option<&str>) -> Result<Depth, OutboxError> {
        let (waiting, bytes): (i64, i64) = sqlx::query_as(
            "select count(*), coalesce(sum(wire_bytes), 0) from parcel
             where state in ('queued', 'sent') and ($1 is null or source = $1)",
        )
        .bind(source)
        .fetch_one(&self.pool)
        .await?;
        Ok(Depth {
            waiting: u64::try_from(waiting).unwrap_or(0),
            bytes: u64::try_from(bytes).unwrap_or(0),
        })
    }

    /// The next parcel of the source that may be sent at `now`, in order of sequence.
    ///
    /// # Errors
    /// [`OutboxError`].
    pub async fn next_due(
        &self,
        source: &str,
        now: OffsetDateTime,
    ) -> Result<Option<Parcel>, OutboxError> {
        let row: Option<(i64, i64, Vec<u8>, i64)> = sqlx::query_as(
            "select parcel, sequence, head, tries from parcel
             where source = $1 and state in ('queued', 'sent')
             and (not_before <= $2 or not_before > $3) order by sequence limit 1",
        )
        .bind(source)
        .bind(unix_ms(now))
        .bind(unix_ms(now + LONGEST_WAIT))
        .fetch_optional(&self.pool)
        .await?;
        let Some((parcel, sequence, head, tries)) = row else {
            return Ok(None);
        };
        let id = self.envelope_id(sequence);
        let head = self.unseal(&head_context(&id), &head, "a head")?;
        let tries = u32::try_from(tries).unwrap_or(u32::MAX);
        Ok(Some(Parcel::new(self.clone(), parcel, id, head, tries)))
    }

    /// When the next parcel of the source may be sent, if one waits.
    ///
    /// # Errors
    /// [`OutboxError::Database`].
    pub async fn next_at(&self, source: &str) -> Result<Option<OffsetDateTime>, OutboxError> {
        let ms: Option<i64> = sqlx::query_scalar(
            "select min(not_before) from parcel where source = $1 and state in ('queued', 'sent')",
        )
        .bind(source)
        .fetch_one(&self.pool)
        .await?;
        Ok(ms.map(tongcha_schema::clock::from_unix_ms))
    }

    /// Notes that a parcel went out and no receipt came: tried again from `not_before` on.
    ///
    /// # Errors
    /// [`OutboxError::Database`].
    pub async fn note_failure(
        &self,
        parcel: i64,
        not_before: OffsetDateTime,
        fault: &str,
    ) -> Result<(), OutboxError> {
        sqlx::query(
            "update parcel set state = 'sent', tries = tries + 1, not_before = $2, fault = $3
             where parcel = $1 and state in ('queued', 'sent')",
        )
        .bind(parcel)
        .bind(unix_ms(not_before))
        .bind(fault.chars().take(500).collect::<String>())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Forgets settled parcels older than `keep`, and gives free pages back to the disk. Gives the
    /// number forgotten.
    ///
    /// # Errors
    /// [`OutboxError::Database`].
    pub async fn sweep(&self, now: OffsetDateTime, keep: Duration) -> Result<u64, OutboxError> {
        let gone = sqlx::query("delete from parcel where state = 'settled' and settled_at < $1")
            .bind(unix_ms(now - keep))
            .execute(&self.pool)
            .await?
            .rows_affected();
        sqlx::query("pragma incremental_vacuum(4096)")
            .execute(&self.pool)
            .await?;
        Ok(gone)
    }

    pub(crate) fn envelope_id(&self, sequence: i64) -> EnvelopeId {
        EnvelopeId {
            node: self.node.to_string(),
            epoch: self.epoch,
            sequence: u64::try_from(sequence).unwrap_or(0),
        }
    }

    pub(crate) fn unseal(
        &self,
        context: &str,
        bytes: &[u8],
        what: &'static str,
    ) -> Result<Vec<u8>, OutboxError> {
        self.sealed
            .open(context, bytes)
            .ok_or(OutboxError::Sealed { what })
    }
}

pub(crate) fn head_context(id: &EnvelopeId) -> String {
    format!("outbox/head/{id}")
}

pub(crate) fn secret_context(id: &EnvelopeId) -> String {
    format!("outbox/secret/{id}")
}
