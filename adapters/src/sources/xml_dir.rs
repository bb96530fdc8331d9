//! The exchange directory: a department's system drops files, the agent claims them into `work/`, and
//! after the receipt they lie in `done/` (accepted) or `bad/` (partly or refused), the receipt beside
//! them as JSON and as a short Chinese text. Refuses symbolic links, hard links and devices, and
//! files that are still written; it never alters a byte.

pub(super) mod claim;
mod give_back;
pub(super) mod lot;
mod watch;

use crate::source::{Lot, Source, SourceError};
use crate::sources::archive::ArchiveLimits;
use async_trait::async_trait;
use claim::Stamp;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use tokio::sync::Notify;
use tongcha_schema::limits;
use tongcha_schema::receipt::Receipt;

pub use give_back::receipt_text;

/// Folder of claimed files.
pub const WORK: &str = "work";
/// Folder of accepted files.
pub const DONE: &str = "done";
/// Folder of files that need a person: partly or wholly refused.
pub const BAD: &str = "bad";
/// What is added to a file's name for its receipt.
pub const RECEIPT_JSON: &str = ".receipt.json";
/// What is added to a file's name for its receipt as XML.
pub const RECEIPT_XML: &str = ".receipt.xml";
/// What is added to a file's name for its receipt in words.
pub const RECEIPT_TEXT: &str = ".回执.txt";

/// How an exchange directory is read. [`XmlDirConfig::new`] gives what suits a department.
#[derive(Clone, Debug)]
pub struct XmlDirConfig {
    /// Name of the source.
    pub name: String,
    /// The directory; it must exist and be writable.
    pub dir: PathBuf,
    /// Dialect of its files, or `auto`.
    pub dialect: String,
    /// Unchanged that long by its time stamp, a file is claimed at first sight; else when two polls
    /// find it the same.
    pub quiet: Duration,
    /// Files that travel in one envelope.
    pub lot_files: usize,
    /// Bytes above which an envelope takes no further file.
    pub lot_bytes: u64,
    /// Bytes above which an item is withheld.
    pub item_bytes: u64,
    /// What an archive may cost.
    pub archive: ArchiveLimits,
    /// Whether the guard looks at each item and marks it for the local status.
    pub guard: bool,
}

impl XmlDirConfig {
    /// The usual configuration of a directory.
    pub fn new(name: impl Into<String>, dir: impl Into<PathBuf>) -> XmlDirConfig {
        XmlDirConfig {
            name: name.into(),
            dir: dir.into(),
            dialect: tongcha_schema::envelope::AUTO.to_owned(),
            quiet: Duration::minutes(2),
            lot_files: 200,
            lot_bytes: 4 << 20,
            item_bytes: limits::ITEM_BYTES,
            archive: ArchiveLimits::default(),
            guard: true,
        }
    }
}

/// The exchange directory as a source.
pub struct XmlDir {
    config: Arc<XmlDirConfig>,
    memory: Memory,
    watch: Option<watch::Watch>,
}

/// What is remembered from poll to poll; nothing is lost with it.
#[derive(Default)]
struct Memory {
    /// Files of the last poll that were not claimed.
    seen: BTreeMap<PathBuf, Stamp>,
    /// Claims that are in the outbox.
    packed: BTreeSet<String>,
    /// Paths that were complained about.
    warned: BTreeSet<PathBuf>,
    /// The last poll gave as many lots as it may: the claim after which the next one goes on.
    more: Option<String>,
}

impl XmlDir {
    /// The source; the directory is looked at with the first poll.
    pub fn new(config: XmlDirConfig) -> XmlDir {
        XmlDir {
            config: Arc::new(config),
            memory: Memory::default(),
            watch: None,
        }
    }

    fn fault(&self, what: String, cause: io::Error) -> SourceError {
        SourceError::Io {
            source_name: self.config.name.clone(),
            what,
            cause,
        }
    }

    async fn blocking<T: Send + 'static>(
        &self,
        what: &str,
        work: impl FnOnce(&XmlDirConfig) -> io::Result<T> + Send + 'static,
    ) -> Result<T, SourceError> {
        let config = Arc::clone(&self.config);
        let what = format!("{what} {}", config.dir.display());
        match tokio::task::spawn_blocking(move || work(&config)).await {
            Ok(result) => result.map_err(|cause| self.fault(what, cause)),
            Err(died) => Err(self.fault(what, io::Error::other(died))),
        }
    }
}

#[async_trait]
impl Source for XmlDir {
    fn name(&self) -> &str {
        &self.config.name
    }

    fn alarm(&mut self) -> Option<Arc<Notify>> {
        match watch::Watch::over(&self.config.dir) {
            Ok(watch) => Some(Arc::clone(&self.watch.insert(watch).alarm)),
            Err(fault) => {
                tracing::info!(source = %self.config.name, %fault, "not watched; polled only");
                None
            }
        }
    }

    fn looks_again(&self) -> bool {
        !self.memory.seen.is_empty()
    }

    async fn poll(
        &mut self,
        now: OffsetDateTime,
        _position: Option<&str>,
    ) -> Result<Vec<Lot>, SourceError> {
        let mut memory = std::mem::take(&mut self.memory);
        let (memory, lots) = self
            .blocking("reading", move |config| {
                // A poll that only goes on looks at no files: two looks tell which have come to rest.
                if memory.more.is_none() {
                    claim::claim_ready(config, &mut memory, now)?;
                }
                let lots = lot::lots(config, &mut memory)?;
                Ok((memory, lots))
            })
            .await?;
        self.memory = memory;
        Ok(lots)
    }

    fn has_more(&self) -> bool {
        self.memory.more.is_some()
    }

    async fn packed(&mut self, key: &str) {
        self.memory.packed.insert(key.to_owned());
        let spool = lot::spool(&self.config, key);
        // Left-overs are removed with the next unpacking; the disk merely fills a little.
        let _ = tokio::fs::remove_dir_all(spool).await;
    }

    async fn settle(&mut self, key: &str, receipt: &Receipt) -> Result<(), SourceError> {
        let (claim, receipt) = (key.to_owned(), receipt.clone());
        self.blocking("giving back", move |config| {
            give_back::settle(config, &claim, &receipt)
        })
        .await?;
        self.memory.packed.remove(key);
        Ok(())
    }

    async fn complete(&mut self, key: &str, receipt: &Receipt) -> Result<(), SourceError> {
        let (claim, receipt) = (key.to_owned(), receipt.clone());
        self.blocking("completing", move |config| {
            give_back::complete(config, &claim, &receipt)
        })
        .await
    }

    async fn probe(&mut self) -> Result<String, SourceError> {
        self.blocking("probing", |config| {
            claim::make_folders(config)?;
            let files = claim::scan(config)?.files.len();
            Ok(format!("{}: {files} files wait", config.dir.display()))
        })
        .await
    }
}
