//! What a source is: something that a department fills and the agent empties. A source claims and
//! names; it never alters what it takes. Refuses to pack, to send and to keep positions: those stand
//! in the outbox, in one transaction with the parcel.

use async_trait::async_trait;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use thiserror::Error;
use time::OffsetDateTime;
use tokio::sync::Notify;
use tongcha_schema::digest::hex;
use tongcha_schema::envelope::ItemHead;
use tongcha_schema::finding::Finding;
use tongcha_schema::limits;
use tongcha_schema::receipt::Receipt;

/// Where an item's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// In memory: rows, pushed documents.
    Bytes(Vec<u8>),
    /// In a file that stays as it is until the lot is settled.
    File(PathBuf),
}

impl Body {
    /// Opens the bytes for reading.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(match self {
            Body::Bytes(bytes) => Box::new(bytes.as_slice()),
            Body::File(path) => Box::new(std::fs::File::open(path)?),
        })
    }
}

/// One item of a lot: a file, an archive's entry, a group of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotItem {
    /// Name as the department knows it, at most 255 bytes, no control characters.
    pub name: String,
    /// The bytes.
    pub body: Body,
    /// Size of the bytes, before compression.
    pub size: u64,
    /// SHA-256 of the bytes, lower-case hexadecimal.
    pub sha256: String,
    /// Over [`limits::ITEM_BYTES`]: only the beginning travels.
    pub withheld: bool,
}

impl LotItem {
    /// An item of bytes in memory.
    pub fn of_bytes(name: &str, bytes: Vec<u8>) -> LotItem {
        use sha2::{Digest, Sha256};
        LotItem {
            name: item_name(name),
            size: bytes.len() as u64,
            sha256: hex(&Sha256::digest(&bytes)),
            withheld: false,
            body: Body::Bytes(bytes),
        }
    }

    /// An item of a file, read once for its size and digest. Larger than `limit` it is withheld.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn of_file(name: &str, path: PathBuf, limit: u64) -> io::Result<LotItem> {
        let mut file = std::fs::File::open(&path)?;
        let (size, sha256) = measure(&mut file)?;
        Ok(LotItem {
            name: item_name(name),
            size,
            sha256,
            withheld: size > limit,
            body: Body::File(path),
        })
    }

    /// Its entry in the envelope's head; `part` is the digest of the beginning, if withheld.
    pub fn head(&self, part: Option<String>) -> ItemHead {
        ItemHead {
            name: self.name.clone(),
            size: self.size,
            sha256: self.sha256.clone(),
            withheld: self.withheld,
            part_sha256: part.filter(|_| self.withheld),
        }
    }
}

/// Size and SHA-256 of what a reader gives, with a flat buffer.
///
/// # Errors
/// Whatever the reader says.
pub fn measure(input: &mut dyn Read) -> io::Result<(u64, String)> {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    let mut size = 0u64;
    loop {
        let n = match input.read(&mut buffer) {
            Ok(0) => return Ok((size, hex(&hash.finalize()))),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        hash.update(&buffer[..n]);
        size += n as u64;
    }
}

/// A name as heads take it: no control characters, at most 255 bytes (the end is kept, where the
/// file's own name stands), never empty.
pub fn item_name(name: &str) -> String {
    let clean: String = name
        .chars()
        .map(|c| if c.is_control() { '_' } else { c })
        .collect();
    let mut start = clean.len().saturating_sub(255);
    while !clean.is_char_boundary(start) {
        start += 1;
    }
    match &clean[start..] {
        "" => "unnamed".to_owned(),
        text => text.to_owned(),
    }
}

/// What a source hands over at once: it becomes one envelope.
#[derive(Clone, Debug, Default)]
pub struct Lot {
    /// Names the lot within its source as long as it is not settled: a second offer under the same
    /// key is the same lot.
    pub key: String,
    /// How far the source has been read with this lot; kept by the outbox in the transaction that
    /// packs it, and given back to the next poll. `None` changes nothing.
    pub position: Option<String>,
    /// What it was at its source, for people: path, archive with digest, table and range.
    pub label: String,
    /// Dialect name, or `auto`.
    pub dialect: String,
    /// Declared number of records; native documents of a forwarding hub only.
    pub record_count: Option<u64>,
    /// The items, 1 to [`limits::ENVELOPE_ITEMS`].
    pub items: Vec<LotItem>,
    /// What the source or the local guard noticed. They mark, they do not withhold.
    pub findings: Vec<Finding>,
}

impl Lot {
    /// Bytes of all items that travel, before compression.
    pub fn bytes(&self) -> u64 {
        let part = limits::WITHHELD_HEAD_BYTES as u64;
        let travels = |i: &LotItem| if i.withheld { i.size.min(part) } else { i.size };
        self.items.iter().map(travels).sum()
    }
}

/// Why a source could not be read. Bad data is never an error: it travels.
#[derive(Debug, Error)]
pub enum SourceError {
    /// A file or folder cannot be used.
    #[error("source {source_name}: {what}: {cause}")]
    Io {
        /// Name of the source.
        source_name: String,
        /// What was being done, with the path.
        what: String,
        /// What the system said.
        cause: io::Error,
    },
    /// The database cannot be reached or refuses.
    #[error("source {source_name}: database {place}: {cause}")]
    Database {
        /// Name of the source.
        source_name: String,
        /// Where the database is: engine, host, port and name, or the file.
        place: String,
        /// What the database said.
        cause: sqlx::Error,
    },
    /// The source is set up wrongly; a person must act.
    #[error("source {source_name}: {what}; hint: {hint}")]
    Setup {
        /// Name of the source.
        source_name: String,
        /// What is wrong.
        what: String,
        /// What to do.
        hint: String,
    },
    /// The source of a crate further up failed.
    #[error("source {source_name}: {what}")]
    Other {
        /// Name of the source.
        source_name: String,
        /// What failed.
        what: String,
        /// Whether it may pass by itself.
        transient: bool,
    },
}

impl SourceError {
    /// Whether the same poll may succeed later without anybody's help.
    pub fn is_transient(&self) -> bool {
        match self {
            SourceError::Io { cause, .. } => !matches!(
                cause.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::NotFound
            ),
            SourceError::Database { cause, .. } => !matches!(
                cause,
                sqlx::Error::Configuration(_) | sqlx::Error::ColumnNotFound(_)
            ),
            SourceError::Setup { .. } => false,
            SourceError::Other { transient, .. } => *transient,
        }
    }
}

/// Something that a department fills and the agent empties.
#[async_trait]
pub trait Source: Send {
    /// Its name in the outbox and in logs; unique on its machine.
    fn name(&self) -> &str;

    /// Whether lots come into the outbox without a poll, so that its news should wake the agent.
    fn wakes(&self) -> bool {
        false
    }

    /// Rung when there may be something new, so that a poll need not wait for its turn. Polling stays the
    /// truth: an alarm that never rings costs the pause. Asked once, before a long run.
    fn alarm(&mut self) -> Option<Arc<Notify>> {
        None
    }

    /// Whether the last poll saw something that is not ready yet: then the next look comes soon.
    fn looks_again(&self) -> bool {
        false
    }

    /// Claims what is ready at `now`. `position` is what the outbox kept of this source's last packed
    /// lot. A lot that was offered and not reported as packed is offered again.
    ///
    /// # Errors
    /// Where nothing could be read at all; what is readable is returned, the rest comes later.
    async fn poll(
        &mut self,
        now: OffsetDateTime,
        position: Option<&str>,
    ) -> Result<Vec<Lot>, SourceError>;

    /// Whether the last poll held lots back that are at hand, to keep itself short: then it is polled
    /// again in the same step, while the first lots are sent.
    fn has_more(&self) -> bool {
        false
    }

    /// Whether it may be polled from the position of a lot that is being packed: then the next lot is read
    /// meanwhile. What such a poll offers is dropped where that lot could not be packed.
    fn reads_ahead(&self) -> bool {
        false
    }

    /// What the last poll could not take, one line each, for people: it holds up nothing else, and it may have
    /// passed with the next poll.
    fn troubles(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether the source wants to know which of its lots are on their way.
    fn follows_parcels(&self) -> bool {
        false
    }

    /// Before receipts are handed over: what the outbox keeps of its last packed lot. Only where it
    /// [`Source::follows_parcels`].
    fn note_position(&mut self, _position: Option<&str>) {}

    /// Before a poll: the keys of its lots that are in the outbox and not settled. Only where it
    /// [`Source::follows_parcels`].
    fn note_in_flight(&mut self, _lots: &[String]) {}

    /// The lot of that key is in the outbox now.
    async fn packed(&mut self, _key: &str) {}

    /// The hub has answered for the lot of that key: put its receipt where the department looks. May
    /// be called again for the same lot after a crash, with the same effect.
    ///
    /// # Errors
    /// Then it is called again later.
    async fn settle(&mut self, key: &str, receipt: &Receipt) -> Result<(), SourceError>;

    /// The completion receipt of a lot that was settled before.
    ///
    /// # Errors
    /// Then it is called again later.
    async fn complete(&mut self, _key: &str, _receipt: &Receipt) -> Result<(), SourceError> {
        Ok(())
    }

    /// What the last poll found wrong with what it reads, for the technician: each stands until a poll finds it
    /// no more. What was taken nevertheless is taken.
    fn remarks(&self) -> &[Finding] {
        &[]
    }

    /// What a poll from that position would find wrong, asked beside a running agent: nothing is claimed.
    ///
    /// # Errors
    /// Where nothing could be read at all.
    async fn examine(
        &mut self,
        _now: OffsetDateTime,
        _position: Option<&str>,
    ) -> Result<Vec<Finding>, SourceError> {
        Ok(Vec::new())
    }

    /// Whether the source can be used: one line for the status page and `doctor`.
    ///
    /// # Errors
    /// What a person must mend.
    async fn probe(&mut self) -> Result<String, SourceError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_at_the_front_and_cleaned() {
        assert_eq!(item_name("a\tb.xml"), "a_b.xml");
        assert_eq!(item_name(""), "unnamed");
        let long = format!("{}/尾.xml", "长".repeat(100));
        let cut = item_name(&long);
        assert!(cut.len() <= 255 && cut.len() > 250 && cut.ends_with("/尾.xml"));
    }

    #[test]
    fn an_item_knows_its_digest_and_what_travels() {
        let item = LotItem::of_bytes("x", b"abc".to_vec());
        assert!(
            item.sha256
                .starts_with("ba7816bf8f01cfea414140de5dae2223b003")
        );
        let mut lot = Lot {
            items: vec![item.clone(), item],
            ..Lot::default()
        };
        lot.items[1].size = limits::ITEM_BYTES + 1;
        lot.items[1].withheld = true;
        assert_eq!(lot.bytes(), 3 + limits::WITHHELD_HEAD_BYTES as u64);
    }
}
