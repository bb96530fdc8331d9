//! The bytes of one item while its envelope is admitted: sealed chunks in memory, or in a file once
//! they are many. Memory stays flat whatever the item's size; nothing stands in clear on the disk.

use crate::spill::{Frames, Spill};
use sha2::{Digest, Sha256};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tongcha_schema::limits;
use tongcha_schema::seal::Sealed;

/// Sealed bytes that one spool holds in memory before it moves to a file.
const MEMORY_BYTES: usize = 16 << 20;

/// Why a chunk was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The chunk is no zstd frame of at most [`limits::CHUNK_BYTES`].
    #[error("a chunk is no zstd frame of at most {} bytes", limits::CHUNK_BYTES)]
    Chunk,
    /// More bytes than the signed head declares.
    #[error("more bytes than the head declares")]
    TooLong,
    /// The disk.
    #[error("the spool cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// Seal context of a chunk of raw bytes: the digest and the chunk's number are bound in.
pub fn context(digest: &str, chunk: u64) -> String {
    format!("raw/{digest}/{chunk}")
}

/// An item that arrives.
pub struct Spool {
    sealed: Arc<Sealed>,
    digest: String,
    declared: u64,
    size: u64,
    hash: Sha256,
    held: Arc<Vec<Vec<u8>>>,
    held_bytes: usize,
    chunks: u64,
    file: Option<Spill>,
    folder: PathBuf,
}

impl Spool {
    /// A spool for an item of the declared digest and size, with room in `folder`.
    pub fn new(sealed: Arc<Sealed>, digest: &str, declared: u64, folder: &Path) -> Spool {
        Spool {
            sealed,
            digest: digest.to_owned(),
            declared,
            size: 0,
            hash: Sha256::new(),
            held: Arc::new(Vec::new()),
            held_bytes: 0,
            chunks: 0,
            file: None,
            folder: folder.to_owned(),
        }
    }

    /// Takes the next chunk as framed.
    ///
    /// # Errors
    /// A chunk that is no zstd frame, more bytes than declared, or a full disk.
    pub fn push(&mut self, compressed: &[u8]) -> Result<(), SpoolError> {
        let plain = zstd::bulk::decompress(compressed, limits::CHUNK_BYTES)
            .map_err(|_| SpoolError::Chunk)?;
        self.size += plain.len() as u64;
        if self.size > self.declared {
            return Err(SpoolError::TooLong);
        }
        self.hash.update(&plain);
        let sealed = self
            .sealed
            .seal(&context(&self.digest, self.chunks), compressed);
        self.chunks += 1;
        self.held_bytes += sealed.len();
        if let Some(file) = &mut self.file {
            file.append(&sealed)?;
        } else {
            // Nobody reads before the item is whole, so the spool is the only owner.
            Arc::make_mut(&mut self.held).push(sealed);
            if self.held_bytes > MEMORY_BYTES {
                self.spill()?;
            }
        }
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        let mut file = Spill::new(&self.folder)?;
        for chunk in std::mem::take(&mut self.held).iter() {
            file.append(chunk)?;
        }
        self.file = Some(file);
        Ok(())
    }

    /// Whether size and digest are those that the head declares.
    pub fn is_whole(&self) -> bool {
        self.size == self.declared
            && tongcha_schema::envelope::hex(&self.hash.clone().finalize()) == self.digest
    }

    /// The digest.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Bytes so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The sealed chunks in order, one at a time.
    pub fn sealed_chunks(&self) -> SealedChunks {
        match &self.file {
            None => SealedChunks::Memory(Arc::clone(&self.held), 0),
            Some(file) => SealedChunks::File(file.frames()),
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

    fn filled(folder: &Path, bytes: &[u8]) -> Spool {
        let digest = tongcha_schema::envelope::hex(&Sha256::digest(bytes));
        let sealed = Arc::new(Sealed::new([7; 32]));
        let mut spool = Spool::new(sealed, &digest, bytes.len() as u64, folder);
        for chunk in bytes.chunks(limits::CHUNK_BYTES) {
            spool
                .push(&zstd::bulk::compress(chunk, 1).unwrap())
                .unwrap();
        }
        spool
    }

    #[test]
    fn what_was_spooled_to_a_file_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        // Bytes that do not compress, so that the spool leaves memory.
        let mut state = 1u32;
        let bytes: Vec<u8> = (0..MEMORY_BYTES + 100_000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        let spool = filled(folder.path(), &bytes);
        assert!(spool.is_whole());
        assert!(spool.file.is_some(), "it went to a file");
        for _ in 0..2 {
            let mut back = Vec::new();
            spool.open().read_to_end(&mut back).unwrap();
            assert!(back == bytes, "the bytes come back");
        }
    }

    #[test]
    fn more_bytes_than_declared_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = filled(folder.path(), b"abc");
        assert!(matches!(
            spool.push(&zstd::bulk::compress(b"d", 1).unwrap()),
            Err(SpoolError::TooLong)
        ));
        assert!(matches!(spool.push(b"no frame"), Err(SpoolError::Chunk)));
    }
}
