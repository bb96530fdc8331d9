//! What is to be written of a batch, as the bytes that are written: rows, files, and the facts that are judged. No
//! statement runs here, so that it may take as long as it takes on a thread of its own.

use super::decide::Decided;
use super::shelf::{Open, RecordKey, Shelf};
use crate::case_file::Entry;
use crate::sql::Dialect;
use crate::store::cases::FileKey;
use crate::store::elements::{Insert, Key, NewRow, version_of};
use std::collections::BTreeMap;
use tongcha_schema::element::ElementId;
use tongcha_schema::record::Record;
use tongcha_supervision::RowState;

/// Rows and files, ready to be written.
#[derive(Default)]
pub(super) struct Prepared {
    pub inserts: Vec<Insert>,
    pub restated: BTreeMap<ElementId, Vec<(Key, i64, RowState)>>,
    pub removed: BTreeMap<ElementId, Vec<Key>>,
    pub new_files: Vec<(FileKey, Vec<u8>)>,
    pub files: Vec<(FileKey, Vec<u8>)>,
    pub forward: Vec<Record>,
}

/// Prepares what is to be written; `settled`: the envelope before which nothing waits any more.
pub(super) fn prepare(
    decided: &Decided,
    shelf: &Shelf,
    engine: Dialect,
    forwards: bool,
    settled: i64,
) -> Prepared {
    let mut prepared = Prepared::default();
    let anew = Anew(decided);
    for (element, rows) in &rows(&anew, shelf) {
        prepared.inserts.extend(Insert::of(engine, *element, rows));
    }
    for key in &decided.anew {
        let removed = prepared.removed.entry(key.element).or_default();
        let case_id = shelf.open[key.open].key.case_id;
        removed.push((case_id, shelf.source_id(&key.source), key.seq));
    }
    for (at, position) in &decided.changed {
        let open = &shelf.open[*at];
        let entry = &open.file.entries[*position];
        if let Some(state) = entry.state
            && !anew.has(*at, &entry.record)
        {
            let source_id = shelf.source_id(&entry.record.head.source);
            let key = (open.key.case_id, source_id, entry.record.seq);
            let list = prepared.restated.entry(entry.record.element).or_default();
            list.push((key, version_of(&entry.record), state));
        }
    }
    if forwards {
        let stored = decided.forward.iter().filter_map(|(at, position)| {
            let entry = &shelf.open[*at].file.entries[*position];
            entry.state.map(|_| entry.record.clone())
        });
        prepared.forward = stored.collect();
    }
    for open in shelf.open.iter().filter(|open| open.came) {
        let bytes = open.file.to_bytes(settled);
        match open.is_new {
            true if open.is_changed => prepared.new_files.push((open.key, bytes)),
            true => {}
            false => prepared.files.push((open.key, bytes)),
        }
    }
    prepared
}

/// The records all of whose rows are written anew.
struct Anew<'a>(&'a Decided);

impl Anew<'_> {
    /// Asked only where there is one: most batches have none.
    fn has(&self, open: usize, record: &Record) -> bool {
        if self.0.anew.is_empty() {
            return false;
        }
        self.0.anew.contains(&RecordKey {
            open,
            element: record.element,
            source: record.head.source.clone(),
            seq: record.seq,
        })
    }
}

/// The rows to be written, by element.
fn rows<'a>(anew: &Anew<'_>, shelf: &'a Shelf) -> BTreeMap<ElementId, Vec<NewRow<'a>>> {
    let mut rows: BTreeMap<ElementId, Vec<NewRow>> = BTreeMap::new();
    let mut add = |open: &'a Open, entry: &'a Entry, state: RowState| {
        rows.entry(entry.record.element).or_default().push(NewRow {
            case_id: open.key.case_id,
            source_id: shelf.source_id(&entry.record.head.source),
            envelope_no: entry.envelope_no,
            record: &entry.record,
            state,
        });
    };
    for (at, position) in &anew.0.new {
        let open = &shelf.open[*at];
        let entry = &open.file.entries[*position];
        if let Some(state) = entry.state
            && !anew.has(*at, &entry.record)
        {
            add(open, entry, state);
        }
    }
    for key in &anew.0.anew {
        let open = &shelf.open[key.open];
        for entry in &open.file.entries {
            if let Some(state) = entry.state
                && entry.is_of(key.element, &key.source, key.seq)
            {
                add(open, entry, state);
            }
        }
    }
    rows
}

/// The stand of a case once this batch is stored.
pub(super) fn stored(open: &Open) -> crate::store::cases::Stand {
    let rows = open.file.entries.iter().filter(|e| e.state.is_some());
    crate::store::cases::Stand {
        rev: open.stand.rev + 1,
        records: i64::try_from(rows.count()).unwrap_or(i64::MAX),
        ..open.stand.clone()
    }
}
