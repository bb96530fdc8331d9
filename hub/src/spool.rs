//! The bytes of an envelope's items while it is admitted: sealed chunks in memory as far as there is room, then
//! in one file. Memory stays flat whatever the size and number of the items; nothing stands in clear on the disk.

use crate::room::{Held, NoRoom, Rooms};
use crate::spill::{Frames, Span, Spill};
use sha2::{Digest, Sha256};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tongcha_schema::limits;
use tongcha_schema::seal::Sealed;

/// What a chunk in memory costs besides its bytes.
const OVERHEAD: usize = 64;

/// Why a chunk was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The chunk is no zstd frame of at most [`limits::CHUNK_BYTES`].
    #[error("a chunk is no zstd frame of at most {} bytes", limits::CHUNK_BYTES)]
    Chunk,
    /// More bytes than the signed head declares.
    #[error("more bytes than the head declares")]
    TooLong,
    /// The spool is full.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// The disk.
    #[error("the spool cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// Seal context of a chunk of raw bytes: the digest and the chunk's number are bound in.
pub fn context(digest: &str, chunk: u64) -> String {
    format!("raw/{digest}/{chunk}")
}

/// Where the items of one envelope wait, one after another: its memory, and its file once that is used up.
pub struct Tray {
    sealed: Arc<Sealed>,
    folder: PathBuf,
    held: Held,
    file: Option<Spill>,
}

impl Tray {
    /// An empty one, with room in `folder`.
    pub fn new(sealed: Arc<Sealed>, folder: &Path, rooms: &Arc<Rooms>) -> Tray {
        Tray {
            sealed,
            folder: folder.to_owned(),
            held: rooms.hold(),
            file: None,
        }
    }

    fn append(&mut self, frame: &[u8]) -> Result<(), SpoolError> {
        self.held.take_disk(frame.len())?;
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(Spill::new(&self.folder)?),
        };
        Ok(file.append(frame)?)
    }
}

/// An item that arrives.
pub struct Spool {
    digest: String,
    declared: u64,
    size: u64,
    hash: Sha256,
    held: Vec<Vec<u8>>,
    chunks: u64,
    /// Where it begins in the tray's file, once it went there.
    from: Option<u64>,
}

impl Spool {
    /// A spool for an item of the declared digest and size.
    pub fn new(digest: &str, declared: u64) -> Spool {
        Spool {
            digest: digest.to_owned(),
            declared,
            size: 0,
            hash: Sha256::new(),
            held: Vec::new(),
            chunks: 0,
            from: None,
        }
    }

    /// Takes the next chunk as framed. The items of a tray come one after another, each whole.
    ///
    /// # Errors
    /// A chunk that is no zstd frame, more bytes than declared, no room, or a full disk.
    pub fn push(&mut self, tray: &mut Tray, compressed: &[u8]) -> Result<(), SpoolError> {
        let plain = zstd::bulk::decompress(compressed, limits::CHUNK_BYTES)
            .map_err(|_| SpoolError::Chunk)?;
        self.size += plain.len() as u64;
        if self.size > self.declared {
            return Err(SpoolError::TooLong);
        }
        self.hash.update(&plain);
        let context = context(&self.digest, self.chunks);
        let sealed = tray.sealed.seal(&context, compressed);
        self.chunks += 1;
        if self.from.is_none() && tray.held.take_memory(sealed.len() + OVERHEAD) {
            self.held.push(sealed);
            return Ok(());
        }
        if self.from.is_none() {
            self.from = Some(tray.file.as_ref().map_or(0, Spill::end));
            for chunk in std::mem::take(&mut self.held) {
                tray.append(&chunk)?;
                tray.held.give_memory(chunk.len() + OVERHEAD);
            }
        }
        tray.append(&sealed)
    }

    /// The item, if size and digest are those that the head declares.
    pub fn whole(self, tray: &Tray) -> Option<Item> {
        let digest = tongcha_schema::digest::hex(&self.hash.finalize());
        if self.size != self.declared || digest != self.digest {
            return None;
        }
        let span = self
            .from
            .and_then(|from| tray.file.as_ref().map(|file| file.span(from)));
        Some(Item {
            sealed: Arc::clone(&tray.sealed),
            digest,
            kept: match span {
                Some(span) => Kept::File(span),
                None => Kept::Memory(Arc::new(self.held)),
            },
        })
    }
}

enum Kept {
    Memory(Arc<Vec<Vec<u8>>>),
    File(Span),
}

/// An item that is here whole; it lasts no longer than its tray counts it.
pub struct Item {
    sealed: Arc<Sealed>,
    digest: String,
    kept: Kept,
}

impl Item {
    /// The digest.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The sealed chunks in order, one at a time.
    pub fn sealed_chunks(&self) -> SealedChunks {
        match &self.kept {
            Kept::Memory(chunks) => SealedChunks::Memory(Arc::clone(chunks), 0),
            Kept::File(span) => SealedChunks::File(span.frames()),
        }
    }

    /// A reader of the item's bytes; any number of readers may be open.
    pub fn open(&self) -> SpoolReader {
        SpoolReader {
            sealed: Arc::clone(&self.sealed),
            digest: self.digest.clone(),
            chunks: self.sealed_chunks(),
            next: 0,
            plain: io::Cursor::new(Vec::new()),
        }
    }
}

/// Sealed chunks, one at a time.
pub enum SealedChunks {
    /// From memory, and the next one's index.
    Memory(Arc<Vec<Vec<u8>>>, usize),
    /// From the spool's file.
    File(Frames),
}

impl SealedChunks {
    /// The next chunk.
    ///
    /// # Errors
    /// The spool's file cannot be read.
    pub fn next_chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        match self {
            SealedChunks::Memory(chunks, next) => {
                *next += 1;
                Ok(chunks.get(*next - 1).cloned())
            }
            SealedChunks::File(frames) => frames.next_frame(),
        }
    }
}

/// Reads an item's bytes back.
pub struct SpoolReader {
    sealed: Arc<Sealed>,
    digest: String,
    chunks: SealedChunks,
    next: u64,
    plain: io::Cursor<Vec<u8>>,
}

impl Read for SpoolReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.plain.read(out)?;
            if n > 0 || out.is_empty() {
                return Ok(n);
            }
            let Some(chunk) = self.chunks.next_chunk()? else {
                return Ok(0);
            };
            let compressed = self
                .sealed
                .open(&context(&self.digest, self.next), &chunk)
                .ok_or_else(|| io::Error::other("a sealed chunk does not open"))?;
            self.next += 1;
            self.plain = io::Cursor::new(zstd::bulk::decompress(&compressed, limits::CHUNK_BYTES)?);
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step is the test's failure")]
mod tests {
    use super::*;
    use crate::room::Bounds;

    fn tray(folder: &Path, bounds: Bounds) -> (Tray, Arc<Rooms>) {
        let rooms = Rooms::new(bounds);
        let sealed = Arc::new(Sealed::new([7; 32]));
        (Tray::new(sealed, folder, &rooms), rooms)
    }

    fn filled(tray: &mut Tray, bytes: &[u8]) -> Result<Spool, SpoolError> {
        let digest = tongcha_schema::digest::hex(&Sha256::digest(bytes));
        let mut spool = Spool::new(&digest, bytes.len() as u64);
        for chunk in bytes.chunks(limits::CHUNK_BYTES) {
            spool.push(tray, &zstd::bulk::compress(chunk, 1).unwrap())?;
        }
        Ok(spool)
    }

    /// Bytes that do not compress, so that a spool leaves memory.
    fn noise(bytes: usize, mut state: u32) -> Vec<u8> {
        let next = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..bytes).map(next).collect()
    }

    #[test]
    fn items_read_back_from_memory_and_from_their_places_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let bounds = Bounds {
            envelope_memory: 700 << 10,
            ..Bounds::default()
        };
        let (mut tray, rooms) = tray(folder.path(), bounds);
        let contents: Vec<Vec<u8>> = [300_000, 900_000, 0, 200_000, 600_000]
            .into_iter()
            .zip(1..)
            .map(|(bytes, state)| noise(bytes, state))
            .collect();
        let mut items = Vec::new();
        for content in &contents {
            let spool = filled(&mut tray, content).unwrap();
            items.push(spool.whole(&tray).unwrap());
        }
        let in_file: Vec<bool> = items
            .iter()
            .map(|item| matches!(item.kept, Kept::File(_)))
            .collect();
        assert_eq!(in_file, [false, true, false, false, true]);
        for (item, content) in items.iter().zip(&contents) {
            for _ in 0..2 {
                let mut back = Vec::new();
                item.open().read_to_end(&mut back).unwrap();
                assert!(back == *content, "the bytes come back");
            }
        }
        let (memory, disk, most) = rooms.held();
        assert!(memory <= 700 << 10 && most <= 700 << 10 && disk > 1_500_000);
        drop((items, tray));
        assert_eq!((rooms.held().0, rooms.held().1), (0, 0), "given back");
    }

    #[test]
    fn what_has_no_room_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let bounds = Bounds {
            envelope_memory: 0,
            disk: 100_000,
            ..Bounds::default()
        };
        let (mut small, rooms) = tray(folder.path(), bounds);
        let ever = filled(&mut small, &noise(200_000, 1));
        assert!(matches!(ever, Err(SpoolError::NoRoom(NoRoom::Ever))));
        let sealed = Arc::new(Sealed::new([7; 32]));
        let mut other = Tray::new(sealed, folder.path(), &rooms);
        filled(&mut small, &noise(60_000, 1)).unwrap();
        let now = filled(&mut other, &noise(60_000, 2));
        assert!(matches!(now, Err(SpoolError::NoRoom(NoRoom::Now))));
        drop(small);
        filled(&mut other, &noise(60_000, 2)).unwrap();
    }

    #[test]
    fn more_bytes_than_declared_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (mut tray, _) = tray(folder.path(), Bounds::default());
        let mut spool = filled(&mut tray, b"abc").unwrap();
        assert!(matches!(
            spool.push(&mut tray, &zstd::bulk::compress(b"d", 1).unwrap()),
            Err(SpoolError::TooLong)
        ));
        let noise = spool.push(&mut tray, b"no frame");
        assert!(matches!(noise, Err(SpoolError::Chunk)));
        assert!(spool.whole(&tray).is_none());
    }
}
