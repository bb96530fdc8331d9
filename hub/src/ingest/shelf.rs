//! The files that a batch opens: of cases that are known, of new ones, and of records outside any case. Refuses to
//! decide.

use super::Taken;
use crate::case_file::CaseFile;
use crate::core::Core;
use crate::store::cases::{self, FileKey, Stand};
use crate::store::engine::{StoreError, Tx};
use crate::store::sources::Numbers;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use tongcha_schema::element::ElementId;
use tongcha_schema::limits;
use tongcha_schema::record::{CaseHead, Record};

/// An open file.
pub(super) struct Open {
    pub key: FileKey,
    /// There was none before.
    pub is_new: bool,
    /// Its case; of a record outside any case an empty one.
    pub stand: Stand,
    pub file: CaseFile,
    /// The source that spoke last.
    pub source: Box<str>,
    /// Number of the newest envelope of this batch that speaks of it.
    pub envelope_no: i64,
    /// It goes on in a later part of that envelope, which is not in this batch.
    pub goes_on: bool,
    /// Something in it was stored, or stands otherwise than before.
    pub is_changed: bool,
    /// Its file says something else than before: an arrival that came again is noted too.
    pub came: bool,
}

impl Open {
    /// Whether it is the file of a case.
    pub fn is_case(&self) -> bool {
        self.key.element == 0
    }
}

/// All open files of a batch.
#[derive(Default)]
pub(super) struct Shelf {
    pub open: Vec<Open>,
    pub sources: Numbers,
    pub spaces: Numbers,
    cases: HashMap<(Box<str>, Box<str>), usize>,
    outside: HashMap<FileKey, usize>,
    last: Option<(Arc<CaseHead>, usize)>,
}

impl Shelf {
    /// Opens the files of all records of a batch.
    ///
    /// # Errors
    /// The store; a file that cannot be read; several bundles whose cases hold more than memory is given for.
    pub async fn load(core: &Core, tx: &mut Tx, taken: &[Taken]) -> Result<Shelf, StoreError> {
        let records = || taken.iter().flat_map(|t| &t.bundle.records);
        let heads = || records().map(|r| &*r.head);
        let sources: BTreeSet<&str> = heads().map(|h| &*h.source).collect();
        let outside = || records().filter(|r| r.is_outside());
        let spaces: BTreeSet<&str> = outside().map(|r| &*r.head.space).collect();
        let mut shelf = Shelf {
            sources: core.names.sources(tx, sources).await?,
            spaces: core.names.spaces(tx, spaces).await?,
            ..Shelf::default()
        };
        shelf.open_outside(tx, outside()).await?;
        let cases: BTreeSet<(&str, &str)> = heads()
            .filter(|h| !h.case_no.is_empty())
            .map(|h| (&*h.space, &*h.case_no))
            .collect();
        let keys: Vec<(&str, &str)> = cases.into_iter().collect();
        if taken.len() > 1 {
            let stored = cases::stored_records(tx, &keys).await?;
            if stored > limits::BATCH_STORED {
                return Err(StoreError::TooMuch(stored));
            }
        }
        shelf.open_cases(tx, &keys).await?;
        Ok(shelf)
    }

    async fn open_cases(&mut self, tx: &mut Tx, keys: &[(&str, &str)]) -> Result<(), StoreError> {
        if keys.is_empty() {
            return Ok(());
        }
        for (stand, file) in cases::known(tx, keys).await? {
            let key = (stand.space.as_str().into(), stand.case_no.as_str().into());
            self.cases.insert(key, self.open.len());
            self.open
                .push(opened(FileKey::case(stand.id), false, stand, file));
        }
        let is_known = |key: &&(&str, &str)| {
            let key = (Box::from(key.0), Box::from(key.1));
            self.cases.contains_key(&key)
        };
        let new: Vec<(&str, &str)> = keys.iter().filter(|k| !is_known(k)).copied().collect();
        let ids = cases::next_ids(tx, new.len()).await?;
        for ((space, case_no), id) in new.into_iter().zip(ids) {
            let stand = Stand {
                id,
                space: space.to_owned(),
                case_no: case_no.to_owned(),
                ..Stand::default()
            };
            self.cases
                .insert((space.into(), case_no.into()), self.open.len());
            self.open
                .push(opened(FileKey::case(id), true, stand, CaseFile::default()));
        }
        Ok(())
    }

    async fn open_outside<'a>(
        &mut self,
        tx: &mut Tx,
        records: impl Iterator<Item = &'a Record>,
    ) -> Result<(), StoreError> {
        let keys: BTreeSet<FileKey> = records.map(|r| self.key_outside(r)).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let keys: Vec<FileKey> = keys.into_iter().collect();
        let mut known: BTreeMap<FileKey, CaseFile> =
            cases::outside(tx, &keys).await?.into_iter().collect();
        for key in keys {
            let file = known.remove(&key);
            self.outside.insert(key, self.open.len());
            let is_new = file.is_none();
            self.open.push(opened(
                key,
                is_new,
                Stand::default(),
                file.unwrap_or_default(),
            ));
        }
        Ok(())
    }

    fn key_outside(&self, record: &Record) -> FileKey {
        let number = |numbers: &Numbers, name: &str| numbers.get(name).copied().unwrap_or(0);
        FileKey {
            case_id: -number(&self.spaces, &record.head.space),
            source_id: number(&self.sources, &record.head.source),
            element: i64::from(record.element.spec().number),
            seq: record.seq,
        }
    }

    /// Number of a source of this batch.
    pub fn source_id(&self, source: &str) -> i64 {
        self.sources.get(source).copied().unwrap_or(0)
    }

    /// The position of a record's file.
    ///
    /// # Errors
    /// It was not opened: a fault of this program.
    pub fn find(&mut self, record: &Record) -> Result<usize, StoreError> {
        if record.is_outside() {
            let found = self.outside.get(&self.key_outside(record));
            return found.copied().ok_or_else(not_open);
        }
        // Records of a case stand together.
        if let Some((head, at)) = &self.last
            && Arc::ptr_eq(head, &record.head)
        {
            return Ok(*at);
        }
        let key = (record.head.space.clone(), record.head.case_no.clone());
        let at = *self.cases.get(&key).ok_or_else(not_open)?;
        self.last = Some((Arc::clone(&record.head), at));
        Ok(at)
    }
}

fn not_open() -> StoreError {
    StoreError::Shape("a file that is not open".to_owned())
}

fn opened(key: FileKey, is_new: bool, stand: Stand, file: CaseFile) -> Open {
    Open {
        key,
        is_new,
        stand,
        file,
        source: Box::default(),
        envelope_no: 0,
        goes_on: false,
        is_changed: false,
        came: false,
    }
}

/// A record within an open file: what its rows are found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RecordKey {
    pub open: usize,
    pub element: ElementId,
    pub source: Box<str>,
    pub seq: i64,
}
