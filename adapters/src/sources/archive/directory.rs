//! The central directory of a zip file, record by record: the zip crate keeps one entry a name, so that of two
//! entries of one name the first is hidden. Here each record is opened by itself, and files that stand in the
//! archive without a record are found. The format is that of PKWARE's APPNOTE 6.3.10, sections 4.3.7 and 4.3.12.
//! Refuses to unpack.

use std::io::{self, Read, Seek, SeekFrom};

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const RECORD: [u8; 4] = *b"PK\x01\x02";
const LOCAL_BYTES: usize = 30;
const RECORD_BYTES: usize = 46;

/// Where the records of a directory are.
pub(super) struct Directory {
    /// Where the directory begins in the file.
    begins: u64,
    /// How many bytes stand before the archive in the file (a self-extracting program).
    before: u64,
    /// Place and length of each record.
    records: Vec<(u64, usize)>,
}

impl Directory {
    /// Walks the records from where the directory begins, at most `most` and one more.
    ///
    /// # Errors
    /// Whatever the reader says; a record that breaks off.
    pub fn walk<R: Read + Seek>(
        file: &mut R,
        (begins, before): (u64, u64),
        most: usize,
    ) -> io::Result<Directory> {
        let mut records = Vec::new();
        let mut at = begins;
        let mut head = [0; RECORD_BYTES];
        while records.len() <= most {
            file.seek(SeekFrom::Start(at))?;
            if !fills(file, &mut head[..4])? || head[..4] != RECORD {
                break;
            }
            file.read_exact(&mut head[4..])?;
            let [name, extra, comment] = [28, 30, 32].map(|n| two(&head, n));
            let length = RECORD_BYTES + name + extra + comment;
            records.push((at, length));
            at += length as u64;
        }
        Ok(Directory {
            begins,
            before,
            records,
        })
    }

    /// How many files and folders it names.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// The archive as if it held that one entry.
    ///
    /// # Errors
    /// Whatever the reader says.
    pub fn alone<R: Read + Seek>(&self, mut file: R, index: usize) -> io::Result<Alone<R>> {
        let (at, length) = self.records[index];
        let mut tail = vec![0; length];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut tail)?;
        let begins = u32::try_from(self.begins - self.before)
            .map_err(|_| io::Error::other("two entries of one name in an archive over 4 GiB"))?;
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        // The end of a directory of one record: section 4.3.16.
        tail.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
        tail.extend_from_slice(&length.to_le_bytes());
        tail.extend_from_slice(&begins.to_le_bytes());
        tail.extend_from_slice(&[0, 0]);
        Ok(Alone {
            file,
            begins: self.begins,
            tail,
            at: 0,
        })
    }
}

/// The bytes before a directory, and another directory behind them.
pub(super) struct Alone<R> {
    file: R,
    begins: u64,
    tail: Vec<u8>,
    at: u64,
}

impl<R: Read + Seek> Read for Alone<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = if self.at < self.begins {
            let most = usize::try_from(self.begins - self.at).unwrap_or(usize::MAX);
            let most = most.min(buffer.len());
            self.file.seek(SeekFrom::Start(self.at))?;
            self.file.read(&mut buffer[..most])?
        } else {
            let from = usize::try_from(self.at - self.begins).unwrap_or(usize::MAX);
            let rest = self.tail.get(from..).unwrap_or_default();
            let n = rest.len().min(buffer.len());
            buffer[..n].copy_from_slice(&rest[..n]);
            n
        };
        self.at += n as u64;
        Ok(n)
    }
}

impl<R> Seek for Alone<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let end = self.begins + self.tail.len() as u64;
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => end.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

/// Names of entries that stand in the file and in no record. `known` are the places of those that have one: where
/// their local header begins and where their bytes end.
///
/// # Errors
/// Whatever the reader says.
pub(super) fn unlisted<R: Read + Seek>(
    file: &mut R,
    mut known: Vec<(u64, u64)>,
    begins: u64,
) -> io::Result<Vec<Vec<u8>>> {
    known.sort_unstable();
    let starts: Vec<u64> = known.iter().map(|k| k.0).chain([begins]).collect();
    let mut names = Vec::new();
    let mut end = 0;
    for (index, start) in starts.into_iter().enumerate() {
        if let Some(name) = hidden(file, end, start)? {
            names.push(name);
        }
        end = known.get(index).map_or(start, |k| k.1.max(end));
    }
    Ok(names)
}

/// The name in the local header that begins between two entries, if one does: at once, or behind the first one's
/// data descriptor (section 4.3.9: 12 to 24 bytes).
fn hidden<R: Read + Seek>(file: &mut R, from: u64, to: u64) -> io::Result<Option<Vec<u8>>> {
    for skipped in [0, 12, 16, 20, 24] {
        let at = from + skipped;
        if at + LOCAL_BYTES as u64 > to {
            break;
        }
        let mut head = [0; LOCAL_BYTES];
        file.seek(SeekFrom::Start(at))?;
        if fills(file, &mut head)? && head[..4] == LOCAL {
            let mut name = vec![0; two(&head, 26)];
            return Ok(Some(match fills(file, &mut name)? {
                true => name,
                false => Vec::new(),
            }));
        }
    }
    Ok(None)
}

/// Whether there was enough to fill the buffer.
fn fills<R: Read>(file: &mut R, buffer: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(e) => Err(e),
    }
}

/// Two bytes as a number, the lower one first.
fn two(bytes: &[u8], at: usize) -> usize {
    usize::from(bytes[at]) | usize::from(bytes[at + 1]) << 8
}
