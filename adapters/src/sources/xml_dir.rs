//! The exchange directory: a department's system drops files, the agent claims them into `work/`, and
//! after the receipt they lie in `done/` (accepted) or `bad/` (partly or refused), the receipt beside
//! them as JSON and as a short Chinese text. Refuses symbolic links, hard links and devices, and
//! files that are still written; it never alters a byte, and removes no file but those that it made.

pub(super) mod claim;
mod folder;
mod give_back;
pub(super) mod lot;
mod manifest;
mod names;
pub(super) mod ready;
mod wake;
mod writers;

use crate::source::{Lot, Source, SourceError};
use crate::sources::archive::ArchiveLimits;
use async_trait::async_trait;
use ready::Seen;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use tokio::sync::Notify;
use tongcha_schema::limits;
use tongcha_schema::receipt::Receipt;

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
    /// Unchanged that long by the agent's clock, a file is whole: by its time stamps, or as polls have seen it.
    pub quiet: Duration,
    /// End of the name of a file that says that another is whole (`.ok`); then `quiet` says nothing.
    pub marker: Option<String>,
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
            marker: None,
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
    wake: Option<wake::Wake>,
}

/// What is remembered from poll to poll; nothing is lost with it.
#[derive(Default)]
struct Memory {
    /// Files of the last poll that were not claimed.
    seen: BTreeMap<PathBuf, Seen>,
    /// Files of claims that were changed after their reading and have not come to rest.
    changed: BTreeMap<PathBuf, Seen>,
    /// Claims that are in the outbox.
    packed: BTreeSet<String>,
    /// Paths that were complained about.
    warned: BTreeSet<PathBuf>,
    /// What the last poll could not take.
    troubles: Vec<String>,
    /// What the poll before could not take: it is in the log already.
    logged: Vec<String>,
    /// The last poll gave as many lots as it may: the claim after which the next one goes on.
    more: Option<String>,
}

impl Memory {
    /// Notes what could not be taken; the log hears of it once.
    fn tell(&mut self, config: &XmlDirConfig, what: String) {
        if !self.logged.contains(&what) && !self.troubles.contains(&what) {
            tracing::warn!(source = %config.name, %what, "not taken");
        }
        self.troubles.push(what);
    }
}

impl XmlDir {
    /// The source; the directory is looked at with the first poll.
    pub fn new(config: XmlDirConfig) -> XmlDir {
        XmlDir {
            config: Arc::new(config),
            memory: Memory::default(),
            wake: None,
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
        match wake::Wake::over(&self.config.dir) {
            Ok(wake) => Some(Arc::clone(&self.wake.insert(wake).alarm)),
            Err(fault) => {
                tracing::info!(source = %self.config.name, %fault, "not watched; polled only");
                None
            }
        }
    }

    fn looks_again(&self) -> bool {
        !self.memory.seen.is_empty() || !self.memory.changed.is_empty()
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
                    memory.logged = std::mem::take(&mut memory.troubles);
                    claim::claim_ready(config, &mut memory, now)?;
                }
                let lots = lot::lots(config, &mut memory, now)?;
                Ok((memory, lots))
            })
            .await?;
        self.memory = memory;
        Ok(lots)
    }

    fn has_more(&self) -> bool {
        self.memory.more.is_some()
    }

    fn troubles(&self) -> Vec<String> {
        self.memory.troubles.clone()
    }

    fn follows_parcels(&self) -> bool {
        true
    }

    fn note_in_flight(&mut self, lots: &[String]) {
        self.memory.packed = lots.iter().cloned().collect();
    }

    async fn packed(&mut self, key: &str) {
        self.memory.packed.insert(key.to_owned());
        let spool = lot::spool(&self.config, key);
        // Left-overs are removed with the next unpacking; the disk merely fills a little.
        let _ = tokio::task::spawn_blocking(move || super::archive::clear(&spool)).await;
    }

    async fn settle(&mut self, key: &str, receipt: &Receipt) -> Result<(), SourceError> {
        let (claim, receipt) = (key.to_owned(), receipt.clone());
        self.blocking("giving back", move |config| {
            give_back::settle(config, &claim, &receipt)?;
            match receipt.completed_at {
                // It was set aside: no other receipt will come.
                Some(_) => manifest::forget(config, &claim),
                None => Ok(()),
            }
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
            claim::try_folders(config)?;
            let (files, unmarked) = claim::waiting(config)?;
            let mut told = format!("{}: {files} files wait", config.dir.display());
            if let (Some(end), true) = (&config.marker, unmarked > 0) {
                told.push_str(&format!(", {unmarked} of them without their {end} file"));
            }
            Ok(told)
        })
        .await
    }
}
