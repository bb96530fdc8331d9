//! Frames that do not fit in memory: a file without a name, which is gone with the process whatever
//! ends it. Refuses to seal: its callers hand in sealed bytes, for they stand on the disk.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

/// Frames in the order in which they were appended.
#[derive(Debug)]
pub struct Spill {
    file: Arc<File>,
    end: u64,
}

impl Spill {
    /// An empty one on the file system of a folder.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn new(folder: &Path) -> io::Result<Spill> {
        Ok(Spill {
            file: Arc::new(tempfile::tempfile_in(folder)?),
            end: 0,
        })
    }

    /// Appends one frame of less than 4 GiB.
    ///
    /// # Errors
    /// The disk is full or broken, or the frame is too long.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let len = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        let frame = [len.to_be_bytes().as_slice(), bytes].concat();
        self.file.write_all_at(&frame, self.end)?;
        self.end += frame.len() as u64;
        Ok(())
    }

    /// Where the next frame will begin.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// A reader from the first frame to the last of this moment; any number may read at once.
    pub fn frames(&self) -> Frames {
        self.span(0).frames()
    }

    /// The frames from a position that [`Spill::end`] gave to the last of this moment.
    pub fn span(&self, from: u64) -> Span {
        Span {
            file: Arc::clone(&self.file),
            from,
            to: self.end,
        }
    }
}

/// Some frames that follow each other.
#[derive(Clone, Debug)]
pub struct Span {
    file: Arc<File>,
    from: u64,
    to: u64,
}

impl Span {
    /// A reader of them; any number may read at once.
    pub fn frames(&self) -> Frames {
        let window = Window {
            file: Arc::clone(&self.file),
            at: self.from,
            end: self.to,
        };
        Frames(BufReader::new(window))
    }
}

/// Frames, one at a time.
#[derive(Debug)]
pub struct Frames(BufReader<Window>);

impl Frames {
    /// The next frame; `None` after the last.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        let file = self.0.get_ref();
        if self.0.buffer().is_empty() && file.at == file.end {
            return Ok(None);
        }
        // Whatever ends before that is no end: the file was cut under our hands.
        let mut len = [0; 4];
        self.0.read_exact(&mut len)?;
        let mut bytes = vec![0; u32::from_be_bytes(len) as usize];
        self.0.read_exact(&mut bytes)?;
        Ok(Some(bytes))
    }
}

/// The file from a position of its own: the readers do not move each other's.
#[derive(Debug)]
struct Window {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Read for Window {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let room = out.len().min(left);
        let n = self.file.read_at(&mut out[..room], self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step is the test's failure")]
mod tests {
    use super::*;

    #[test]
    fn two_readers_see_every_frame_and_no_file_has_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut spill = Spill::new(folder.path()).unwrap();
        spill.append(b"one").unwrap();
        spill.append(b"").unwrap();
        let mut early = spill.frames();
        assert_eq!(early.next_frame().unwrap().unwrap(), b"one");
        spill.append(&[7; 100_000]).unwrap();
        let mut late = spill.frames();
        assert_eq!(late.next_frame().unwrap().unwrap(), b"one");
        assert_eq!(early.next_frame().unwrap().unwrap(), b"");
        assert_eq!(early.next_frame().unwrap(), None, "as of its beginning");
        assert_eq!(late.next_frame().unwrap().unwrap(), b"");
        assert_eq!(late.next_frame().unwrap().unwrap(), [7; 100_000]);
        assert_eq!(late.next_frame().unwrap(), None);
        let mut cut = spill.frames();
        spill.file.set_len(9).unwrap();
        assert_eq!(cut.next_frame().unwrap().unwrap(), b"one");
        assert!(cut.next_frame().is_err(), "no silent end");
        let names = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, 0, "a killed process leaves nothing behind");
    }
}
