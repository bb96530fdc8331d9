//! What becomes of the records of one batch: each is decided against the file of its case, in the order in which
//! they came. Refuses every IO.

use super::Taken;
use super::shelf::{RecordKey, Shelf};
use crate::bundle::hash_of;
use crate::case_file::Entry;
use crate::core::Core;
use crate::settle::{Outcome, Settled, settle};
use crate::store::engine::StoreError;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use time::OffsetDateTime;
use tongcha_schema::element::ElementId;
use tongcha_schema::record::{CaseHead, Record};

/// Counts of stored, rejected and duplicate records; what is numbered anew is taken from one and added to another.
pub(super) type Counts = [i64; 3];

const STORED: usize = 0;
const REJECTED: usize = 1;
const DUPLICATE: usize = 2;

#[derive(Default)]
pub(super) struct Decided {
    /// Rows to be written: position of the file, position in it.
    pub new: BTreeSet<(usize, usize)>,
    /// Rows of before whose state is another one.
    pub changed: BTreeSet<(usize, usize)>,
    /// Records all of whose rows are written anew.
    pub anew: BTreeSet<RecordKey>,
    pub conflicts: Vec<Record>,
    /// By (source, element, day) and by envelope and element.
    pub ledger: BTreeMap<(Box<str>, &'static str, String), Counts>,
    pub envelopes: BTreeMap<(Box<str>, &'static str), Counts>,
    /// By envelope and item: duplicates and conflicts, where there are any.
    pub items: BTreeMap<(Box<str>, u32), [i64; 2]>,
    /// By space, case number and element the latest arrival of a record that is known: accepted, though
    /// nothing in it is new.
    pub again: BTreeMap<(String, String, &'static str), OffsetDateTime>,
    /// What goes up, in the order of arrival: positions as in `new`.
    pub forward: Vec<(usize, usize)>,
    /// Records decided.
    pub records: u64,
}

/// Decides every record of a batch.
///
/// # Errors
/// A file was not opened.
pub(super) fn decide(
    core: &Core,
    taken: Vec<Taken>,
    shelf: &mut Shelf,
) -> Result<Decided, StoreError> {
    let mut decided = Decided::default();
    for part in taken {
        // Few lines a bundle: looked through rather than hashed, and without a copy a record.
        let mut lines: Vec<(Arc<CaseHead>, ElementId, Counts)> = Vec::new();
        let mut last: Option<Arc<CaseHead>> = None;
        for record in part.bundle.records {
            let at = shelf.find(&record)?;
            let (head, element, seq) = (Arc::clone(&record.head), record.element, record.seq);
            let open = &mut shelf.open[at];
            let position = open.file.entries.len();
            let settled = settle(
                &mut open.file,
                Entry {
                    record,
                    envelope_no: part.envelope_no,
                    by_arrival: false,
                    state: None,
                },
            );
            open.is_changed |= settled.outcome == Outcome::Stored || settled.anew;
            open.came |= open.is_changed || open.file.entries.len() > position;
            if !last.as_ref().is_some_and(|l| Arc::ptr_eq(l, &head)) {
                last = Some(Arc::clone(&head));
                open.source.clone_from(&head.source);
                open.envelope_no = open.envelope_no.max(part.envelope_no);
                open.goes_on = part.goes_on.as_ref().is_none_or(|cases| {
                    !cases.is_empty() && cases.contains(&hash_of(&head.space, &head.case_no))
                });
            }
            let column = decided.note(at, position, &settled, &head, element);
            count(&mut lines, &head, element, column);
            if settled.anew {
                let source = head.source.clone();
                let key = RecordKey {
                    open: at,
                    element,
                    source,
                    seq,
                };
                decided.renumbered(core, key, &settled.moved);
            }
            decided.conflicts.extend(settled.conflict.map(|r| *r));
            decided.records += 1;
        }
        for (head, element, counts) in lines {
            decided.add(&head, element, &part.bundle.day, counts);
        }
    }
    Ok(decided)
}

fn count(
    lines: &mut Vec<(Arc<CaseHead>, ElementId, Counts)>,
    head: &Arc<CaseHead>,
    element: ElementId,
    column: usize,
) {
    let same = |l: &(Arc<CaseHead>, ElementId, _)| {
        l.1 == element && l.0.source == head.source && l.0.envelope == head.envelope
    };
    match lines.iter_mut().find(|l| same(l)) {
        Some(line) => line.2[column] += 1,
        None => {
            let mut counts = [0; 3];
            counts[column] = 1;
            lines.push((Arc::clone(head), element, counts));
        }
    }
}

impl Decided {
    /// Notes what became of one arrival; gives the column in which it counts.
    fn note(
        &mut self,
        at: usize,
        position: usize,
        settled: &Settled,
        head: &CaseHead,
        element: ElementId,
    ) -> usize {
        for changed in &settled.changed {
            if !self.new.contains(&(at, *changed)) {
                self.changed.insert((at, *changed));
            }
        }
        match settled.outcome {
            Outcome::Stored => {
                self.new.insert((at, position));
                self.forward.push((at, position));
                STORED
            }
            Outcome::Conflict => {
                self.item(head)[1] += 1;
                REJECTED
            }
            Outcome::Duplicate => {
                self.item(head)[0] += 1;
                if !head.case_no.is_empty() {
                    let key = (
                        head.space.to_string(),
                        head.case_no.to_string(),
                        element.name(),
                    );
                    let latest = self.again.entry(key).or_insert(head.received_at);
                    *latest = head.received_at.max(*latest);
                }
                DUPLICATE
            }
        }
    }

    fn item(&mut self, head: &CaseHead) -> &mut [i64; 2] {
        let key = (head.envelope.clone(), head.item);
        self.items.entry(key).or_default()
    }

    /// Adds counts to the lines of the ledger and of the envelope.
    fn add(&mut self, head: &CaseHead, element: ElementId, day: &str, counts: Counts) {
        let line = (head.source.clone(), element.name(), day.to_owned());
        let of_envelope = (head.envelope.clone(), element.name());
        for sums in [
            self.ledger.entry(line).or_default(),
            self.envelopes.entry(of_envelope).or_default(),
        ] {
            for (sum, count) in sums.iter_mut().zip(counts) {
                *sum += count;
            }
        }
    }

    /// An arrival that was received before others changes what became of them.
    fn renumbered(&mut self, core: &Core, key: RecordKey, moved: &[(Arc<CaseHead>, bool)]) {
        for (head, is_stored) in moved {
            let step = if *is_stored { 1 } else { -1 };
            let mut counts = [0; 3];
            counts[STORED] = step;
            counts[DUPLICATE] = -step;
            self.add(head, key.element, &core.day(head.received_at), counts);
            self.item(head)[0] -= step;
        }
        self.anew.insert(key);
    }
}
