//! What becomes of the records of one batch: each is decided against what is stored and against the
//! ones before it. Refuses every IO.

use crate::bundle::Bundle;
use crate::settle::{Outcome, Stored, settle};
use crate::store::elements::{NewRow, VersionKey};
use std::collections::{BTreeMap, HashMap};
use time::OffsetDateTime;
use tongcha_schema::element::ElementId;
use tongcha_schema::record::{Record, Version};

#[derive(Default)]
pub(super) struct Decided {
    pub new: BTreeMap<ElementId, Vec<NewRow>>,
    pub replaced: BTreeMap<ElementId, Vec<VersionKey>>,
    pub conflicts: Vec<Record>,
    // By (source, element, day) and by envelope and element: stored, rejected, duplicate.
    pub ledger: BTreeMap<(String, &'static str, String), [u64; 3]>,
    pub envelopes: BTreeMap<(String, &'static str), [u64; 3]>,
    // By envelope and item: duplicates and conflicts, where there are any.
    pub items: BTreeMap<(String, u32), [u64; 2]>,
    // By space, case number and element the latest arrival of a record that is known: accepted, though
    // nothing in it is new.
    pub again: BTreeMap<(String, String, &'static str), OffsetDateTime>,
    // What goes up, in the order of arrival.
    pub forward: Vec<Record>,
}

/// What is known of the keys of a batch; case and source of a key stand once, not once a record.
#[derive(Default)]
pub(super) struct History {
    cases: HashMap<[Box<str>; 3], u32>,
    last: Option<([Box<str>; 3], u32)>,
    versions: HashMap<(ElementId, u32, i64), Vec<Stored>>,
}

impl History {
    /// The versions of a key, ascending.
    pub fn of(
        &mut self,
        element: ElementId,
        space: &str,
        case_no: &str,
        source: &str,
        seq: i64,
    ) -> &mut Vec<Stored> {
        let is_last =
            |[s, c, o]: &[Box<str>; 3]| **c == *case_no && **s == *space && **o == *source;
        // Records of a case mostly stand together.
        let number = match &self.last {
            Some((case, number)) if is_last(case) => *number,
            _ => {
                let case: [Box<str>; 3] = [space.into(), case_no.into(), source.into()];
                let next = u32::try_from(self.cases.len()).unwrap_or(u32::MAX);
                let number = *self.cases.entry(case.clone()).or_insert(next);
                self.last = Some((case, number));
                number
            }
        };
        self.versions.entry((element, number, seq)).or_default()
    }
}

fn same_key(a: &Record, b: &Record) -> bool {
    a.seq == b.seq
        && a.head.case_no == b.head.case_no
        && a.head.space == b.head.space
        && a.head.source == b.head.source
}

/// Decides every record of a batch; what goes up is kept only where this hub forwards.
pub(super) fn decide(bundles: Vec<Bundle>, history: &mut History, forwards: bool) -> Decided {
    let mut decided = Decided::default();
    for bundle in bundles {
        // Few lines a bundle: looked through rather than hashed, and without a copy a record.
        let mut lines: Vec<(Box<str>, ElementId, [u64; 3])> = Vec::new();
        for record in bundle.records {
            let known = history.of(
                record.element,
                &record.head.space,
                &record.head.case_no,
                &record.head.source,
                record.seq,
            );
            let outcome = settle(known, record.version, record.digest, record.op);
            let column = match outcome {
                Outcome::Stored { .. } => 0,
                Outcome::Conflict => 1,
                Outcome::Duplicate => 2,
            };
            let same =
                |l: &(Box<str>, ElementId, _)| l.1 == record.element && l.0 == record.head.source;
            match lines.iter_mut().find(|l| same(l)) {
                Some(line) => line.2[column] += 1,
                None => {
                    let mut counts = [0; 3];
                    counts[column] = 1;
                    lines.push((record.head.source.clone(), record.element, counts));
                }
            }
            match outcome {
                Outcome::Stored {
                    version,
                    state,
                    replaces,
                } => {
                    decided.replace(&record, replaces);
                    if forwards {
                        decided.forward.push(Record {
                            version: Version::Given(version),
                            ..record.clone()
                        });
                    }
                    decided.new.entry(record.element).or_default().push(NewRow {
                        record,
                        version,
                        state,
                    });
                }
                Outcome::Conflict => {
                    decided.item(&bundle.envelope, record.head.item)[1] += 1;
                    decided.conflicts.push(record);
                }
                Outcome::Duplicate => {
                    decided.item(&bundle.envelope, record.head.item)[0] += 1;
                    decided.came_again(&record);
                }
            }
        }
        decided.count(&bundle.envelope, &bundle.day, lines);
    }
    decided
}

impl Decided {
    fn item(&mut self, envelope: &str, item: u32) -> &mut [u64; 2] {
        self.items.entry((envelope.to_owned(), item)).or_default()
    }

    /// Notes that a record is known already.
    fn came_again(&mut self, record: &Record) {
        if !record.is_outside() {
            let (space, case_no) = (
                record.head.space.to_string(),
                record.head.case_no.to_string(),
            );
            let key = (space, case_no, record.element.name());
            let latest = self.again.entry(key).or_insert(record.head.received_at);
            *latest = record.head.received_at.max(*latest);
        }
    }

    /// Adds the counts of one bundle.
    fn count(&mut self, envelope: &str, day: &str, lines: Vec<(Box<str>, ElementId, [u64; 3])>) {
        for (source, element, counts) in lines {
            let line = (source.into_string(), element.name(), day.to_owned());
            let of_envelope = (envelope.to_owned(), element.name());
            for sums in [
                self.ledger.entry(line).or_default(),
                self.envelopes.entry(of_envelope).or_default(),
            ] {
                for (sum, count) in sums.iter_mut().zip(counts) {
                    *sum += count;
                }
            }
        }
    }

    /// Notes that a version is replaced: a stored one, or one that is new in the same batch.
    fn replace(&mut self, record: &Record, replaces: Option<i64>) {
        let Some(old) = replaces else { return };
        let rows = self.new.entry(record.element).or_default();
        match rows
            .iter_mut()
            .rev()
            .find(|r| r.version == old && same_key(&r.record, record))
        {
            Some(row) => row.state = tongcha_supervision::RowState::Superseded,
            None => {
                let list = self.replaced.entry(record.element).or_default();
                list.push((
                    record.head.space.to_string(),
                    record.head.case_no.to_string(),
                    record.head.source.to_string(),
                    record.seq,
                    old,
                ));
            }
        }
    }
}
