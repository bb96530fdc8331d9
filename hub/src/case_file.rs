//! The file of a case (办件卷宗): every version of every record in one value, enough to decide what arrives and
//! to judge by. Records outside any case have a file each. Owns its bytes; refuses to decide (`settle.rs`) and
//! to judge.

use crate::shape::{HeadShape, RecordShape};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use tongcha_schema::element::ElementId;
use tongcha_schema::record::{CaseHead, Record};
use tongcha_supervision::RowState;

/// First byte of a file's bytes: version of the shape.
const SHAPE: u8 = 1;

/// Why bytes are no file of a case.
#[derive(Debug, thiserror::Error)]
#[error("these bytes are no file of a case of version {SHAPE}")]
pub struct NoFile;

/// The place of an arrival in the order in which the hub received everything: number of the envelope, item,
/// record.
pub type Rank = (i64, u32, u32);

/// One arrival of a record that is stored, or was the same as what stood before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The record; personal values are sealed; its version is given.
    pub record: Record,
    /// Number of the envelope that brought it.
    pub envelope_no: i64,
    /// Whether its version was numbered by arrival.
    pub by_arrival: bool,
    /// State of its row; `None`: it came again and has none. Such an arrival is kept as long as one that was
    /// received before it may still be ingested.
    pub state: Option<RowState>,
}

impl Entry {
    /// Its place in the order of arrivals.
    pub fn rank(&self) -> Rank {
        (self.envelope_no, self.record.head.item, self.record.number)
    }

    /// Whether it is a version of that record.
    pub fn is_of(&self, element: ElementId, source: &str, seq: i64) -> bool {
        let r = &self.record;
        r.element == element && r.seq == seq && *r.head.source == *source
    }
}

/// The file of a case, or of one record outside any case.
#[derive(Clone, Debug, Default)]
pub struct CaseFile {
    /// All arrivals that are kept, in no order; added to by [`CaseFile::add`] alone.
    pub entries: Vec<Entry>,
    // Positions by element and seq, once there are many.
    index: Option<HashMap<(ElementId, i64), Vec<usize>>>,
}

/// Entries beyond which a file is looked through by an index.
const MANY: usize = 64;

#[derive(Serialize, Deserialize)]
struct Shape<'a> {
    #[serde(borrow)]
    parts: Vec<PartShape<'a>>,
}

/// What came of a case in one item.
#[derive(Serialize, Deserialize)]
struct PartShape<'a> {
    envelope_no: i64,
    #[serde(borrow)]
    head: HeadShape<'a>,
    #[serde(borrow)]
    entries: Vec<EntryShape<'a>>,
}

#[derive(Serialize, Deserialize)]
struct EntryShape<'a> {
    by_arrival: bool,
    state: Option<RowState>,
    #[serde(borrow)]
    record: RecordShape<'a>,
}

impl CaseFile {
    /// Its bytes. Arrivals that came again and were received before envelope `settled` are left out: nothing
    /// older than they can still come.
    pub fn to_bytes(&self, settled: i64) -> Vec<u8> {
        let mut parts: Vec<PartShape> = Vec::new();
        let mut last: Option<&Arc<CaseHead>> = None;
        let kept = |e: &&Entry| e.state.is_some() || e.envelope_no >= settled;
        for entry in self.entries.iter().filter(kept) {
            if !last.is_some_and(|head| Arc::ptr_eq(head, &entry.record.head)) {
                parts.push(PartShape {
                    envelope_no: entry.envelope_no,
                    head: HeadShape::of(&entry.record.head),
                    entries: Vec::new(),
                });
                last = Some(&entry.record.head);
            }
            if let Some(part) = parts.last_mut() {
                part.entries.push(EntryShape {
                    by_arrival: entry.by_arrival,
                    state: entry.state,
                    record: RecordShape::of(&entry.record),
                });
            }
        }
        let mut out = vec![SHAPE];
        // Plain data always serialises into memory.
        out.extend(postcard::to_allocvec(&Shape { parts }).unwrap_or_default());
        out
    }

    /// Reads its bytes.
    ///
    /// # Errors
    /// Bytes of another shape or version.
    pub fn parse(bytes: &[u8]) -> Result<CaseFile, NoFile> {
        let shape = match bytes.split_first() {
            Some((&SHAPE, rest)) => postcard::from_bytes::<Shape>(rest).map_err(|_| NoFile)?,
            _ => return Err(NoFile),
        };
        let mut entries = Vec::new();
        for part in &shape.parts {
            let head = Arc::new(part.head.read());
            for entry in &part.entries {
                entries.push(Entry {
                    record: entry.record.read(&head).map_err(|_| NoFile)?,
                    envelope_no: part.envelope_no,
                    by_arrival: entry.by_arrival,
                    state: entry.state,
                });
            }
        }
        Ok(CaseFile {
            entries,
            index: None,
        })
    }

    /// Adds an arrival.
    pub fn add(&mut self, entry: Entry) {
        let key = (entry.record.element, entry.record.seq);
        if let Some(index) = &mut self.index {
            index.entry(key).or_default().push(self.entries.len());
        }
        self.entries.push(entry);
    }

    /// Positions of the arrivals of a record.
    pub fn of(&mut self, element: ElementId, source: &str, seq: i64) -> Vec<usize> {
        let is_of = |entries: &[Entry], at: &usize| entries[*at].is_of(element, source, seq);
        if self.entries.len() < MANY {
            let all = 0..self.entries.len();
            return all.filter(|at| is_of(&self.entries, at)).collect();
        }
        let entries = &self.entries;
        let index = self.index.get_or_insert_with(|| {
            let mut index: HashMap<_, Vec<usize>> = HashMap::new();
            for (at, entry) in entries.iter().enumerate() {
                let key = (entry.record.element, entry.record.seq);
                index.entry(key).or_default().push(at);
            }
            index
        });
        let found = index.get(&(element, seq)).into_iter().flatten();
        found.copied().filter(|at| is_of(entries, at)).collect()
    }

    /// The entries that have a row.
    pub fn rows(&self) -> impl Iterator<Item = (&Record, RowState)> {
        self.entries
            .iter()
            .filter_map(|e| Some((&e.record, e.state?)))
    }
}
