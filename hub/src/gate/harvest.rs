//! What an examination finds, piece by piece; and a place where the pieces wait until all of them are
//! known, in memory, or sealed in a spill once they are many: the store is asked only when nothing remains but
//! to write.

use super::Part;
use crate::room::{Held, Rooms};
use crate::spill::{Frames, Spill};
use crate::spool::SpoolError;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tongcha_schema::finding::Finding;
use tongcha_schema::seal::Sealed;

/// What one finding counts for.
const FINDING_BYTES: usize = 512;
/// Seal context of a piece on the disk.
const CONTEXT: &str = "harvest";

/// A rejected record on its way into the store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// Item, 0-based.
    pub item: u32,
    /// Record in the item, 1-based; negative for what is no record of an element.
    pub record: i64,
    /// Element name, or `unknown`.
    pub element: Cow<'static, str>,
    /// Numbering space of the case number; empty where there is none.
    pub space: String,
    /// Case number.
    pub case_no: String,
    /// Code of the finding that refuses it; empty where it is the document's.
    pub code: String,
    /// `error` or `document`.
    pub reason: Cow<'static, str>,
    /// What was decoded, as sealed JSON.
    pub payload: Vec<u8>,
}

/// A piece of what the examination found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Piece {
    /// A bundle, with its records counted by source and element.
    Bundle {
        /// Its bytes.
        part: Part,
        /// Records.
        records: u64,
        /// By (source, element).
        counts: BTreeMap<(String, Cow<'static, str>), u64>,
    },
    /// Rejected records.
    Rejected(Vec<RejectedRow>),
    /// Findings of an item, each as JSON (their shape leaves out what is empty).
    Findings(u32, Vec<String>),
}

impl Piece {
    /// Findings of an item.
    pub fn findings(item: u32, findings: &[Finding]) -> Piece {
        let json = findings
            .iter()
            .map(|f| serde_json::to_string(f).unwrap_or_default());
        Piece::Findings(item, json.collect())
    }

    fn size(&self) -> usize {
        match self {
            Piece::Bundle { part, .. } => part.payload.len(),
            Piece::Rejected(rows) => rows.iter().map(|r| r.payload.len() + 128).sum(),
            Piece::Findings(_, findings) => findings.len() * FINDING_BYTES,
        }
    }
}

/// All that an examination found, in its order.
pub struct Harvest {
    sealed: Arc<Sealed>,
    folder: PathBuf,
    held: VecDeque<Piece>,
    room: Held,
    spill: Option<Spill>,
    reading: Option<Frames>,
}

impl Harvest {
    /// An empty one, with room in `folder`.
    pub fn new(sealed: Arc<Sealed>, folder: &Path, rooms: &Arc<Rooms>) -> Harvest {
        Harvest {
            sealed,
            folder: folder.to_owned(),
            held: VecDeque::new(),
            room: rooms.hold(),
            spill: None,
            reading: None,
        }
    }

    /// Adds a piece.
    ///
    /// # Errors
    /// The disk, or no room on it.
    pub fn push(&mut self, piece: Piece) -> Result<(), SpoolError> {
        if self.spill.is_none() && self.room.take_memory(piece.size()) {
            self.held.push_back(piece);
            return Ok(());
        }
        let plain = postcard::to_allocvec(&piece).map_err(io::Error::other)?;
        let frame = self.sealed.seal(CONTEXT, &plain);
        self.room.take_disk(frame.len())?;
        let spill = match &mut self.spill {
            Some(spill) => spill,
            None => self.spill.insert(Spill::new(&self.folder)?),
        };
        Ok(spill.append(&frame)?)
    }

    /// Takes the next piece; `None` after the last. Nothing may be added any more.
    ///
    /// # Errors
    /// The disk.
    pub fn next(&mut self) -> io::Result<Option<Piece>> {
        if let Some(piece) = self.held.pop_front() {
            self.room.give_memory(piece.size());
            return Ok(Some(piece));
        }
        if self.reading.is_none() {
            self.reading = self.spill.as_ref().map(Spill::frames);
        }
        let Some(frames) = &mut self.reading else {
            return Ok(None);
        };
        let Some(frame) = frames.next_frame()? else {
            return Ok(None);
        };
        let plain = self
            .sealed
            .open(CONTEXT, &frame)
            .ok_or_else(|| io::Error::other("a sealed piece does not open"))?;
        postcard::from_bytes(&plain)
            .map(Some)
            .map_err(io::Error::other)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step is the test's failure")]
mod tests {
    use super::*;
    use crate::room::Bounds;
    use tongcha_schema::code::transport;
    use tongcha_schema::finding::Place;
    use tongcha_schema::limits::ENVELOPE_MEMORY_BYTES;

    fn piece(number: i64, bytes: usize) -> Piece {
        Piece::Bundle {
            part: Part {
                part: number,
                partition: 3,
                payload: vec![7; bytes],
            },
            records: 5,
            counts: BTreeMap::from([(("a/b".to_owned(), Cow::Borrowed("process")), 5)]),
        }
    }

    #[test]
    fn pieces_come_back_in_order_from_memory_and_from_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let rooms = Rooms::new(Bounds::default());
        let mut harvest = Harvest::new(Arc::new(Sealed::new([1; 32])), folder.path(), &rooms);
        let finding = Finding::new(transport::WITHHELD, Place::default()).with("found", 7);
        let mut pieces: Vec<Piece> = (0..20)
            .map(|n| piece(n, ENVELOPE_MEMORY_BYTES as usize / 10))
            .collect();
        pieces.push(Piece::findings(2, std::slice::from_ref(&finding)));
        pieces.push(Piece::Rejected(vec![RejectedRow {
            item: 1,
            record: -1,
            element: Cow::Borrowed("unknown"),
            space: String::new(),
            case_no: String::new(),
            code: String::new(),
            reason: Cow::Borrowed("document"),
            payload: vec![1, 2, 3],
        }]));
        for piece in &pieces {
            harvest.push(piece.clone()).unwrap();
        }
        assert!(harvest.spill.is_some(), "it is more than memory holds");
        assert!(harvest.held.len() < pieces.len());
        let mut back = Vec::new();
        while let Some(piece) = harvest.next().unwrap() {
            back.push(piece);
        }
        assert!(back == pieces, "all of them, in their order");
        let Piece::Findings(_, json) = &back[20] else {
            panic!("the findings stand where they were put")
        };
        assert_eq!(serde_json::from_str::<Finding>(&json[0]).unwrap(), finding);
    }

    #[test]
    fn little_needs_no_file() {
        let gone = Path::new("/nonexistent");
        let rooms = Rooms::new(Bounds::default());
        let mut harvest = Harvest::new(Arc::new(Sealed::new([1; 32])), gone, &rooms);
        harvest.push(piece(1, 1000)).unwrap();
        assert!(harvest.next().unwrap().is_some());
        assert!(harvest.next().unwrap().is_none());
    }
}
