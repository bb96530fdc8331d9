//! Which version wins: the pure decision of ingest for one arrival against the file of its case (WORDS,
//! "Versions", "The ledger"). What is newest is decided by the order in which the hub received it, never by the
//! order in which it is ingested. Refuses every IO.

use crate::case_file::{CaseFile, Entry};
use crate::store::elements::version_of;
use std::sync::Arc;
use tongcha_schema::record::{CaseHead, Op, Record, Version};
use tongcha_supervision::RowState;

/// What becomes of an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has a row.
    Stored,
    /// Same version, same digest as one stored; or, numbered by arrival, the same as what stood before it.
    Duplicate,
    /// Same version, other digest: rejected, both are kept.
    Conflict,
}

/// What an arrival does to its record.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// What became of it.
    pub outcome: Outcome,
    /// Positions in the file of rows that have another state now.
    pub changed: Vec<usize>,
    /// It was received before what is stored already, and versions are numbered by arrival: all rows of the
    /// record are to be written anew.
    pub anew: bool,
    /// Arrivals of before that are stored now and were duplicates (true), or the other way round.
    pub moved: Vec<(Arc<CaseHead>, bool)>,
    /// The record that is in conflict.
    pub conflict: Option<Box<Record>>,
}

impl Settled {
    fn plain(outcome: Outcome) -> Settled {
        Settled {
            outcome,
            changed: Vec::new(),
            anew: false,
            moved: Vec::new(),
            conflict: None,
        }
    }
}

/// Decides one arrival. What is stored, and what came again, is added to the file; its version is then given.
pub fn settle(file: &mut CaseFile, arrival: Entry) -> Settled {
    let key = (arrival.record.element, arrival.record.seq);
    let mine = file.of(key.0, &arrival.record.head.source, key.1);
    let by_arrival = arrival.record.version == Version::Arrival
        && mine.iter().all(|at| file.entries[*at].by_arrival);
    if by_arrival {
        in_order(file, &mine, arrival)
    } else {
        by_number(file, &mine, arrival)
    }
}

/// The version that an entry of the file has.
fn number(entry: &Entry) -> i64 {
    version_of(&entry.record)
}

fn newest(op: Op) -> RowState {
    match op {
        Op::Delete => RowState::Deleted,
        Op::Insert | Op::Update => RowState::Live,
    }
}

/// The source numbers its versions. One that it does not number, of a record whose others it does, comes behind
/// them all.
fn by_number(file: &mut CaseFile, mine: &[usize], mut arrival: Entry) -> Settled {
    let rows = || {
        let entries = mine.iter().map(|at| &file.entries[*at]);
        entries.filter(|e| e.state.is_some())
    };
    let last = rows().max_by_key(|e| number(e));
    let version = match (arrival.record.version, last) {
        (Version::Given(version), _) => version,
        (Version::Arrival, None) => 1,
        (Version::Arrival, Some(l)) if l.record.digest == arrival.record.digest => {
            return Settled::plain(Outcome::Duplicate);
        }
        (Version::Arrival, Some(l)) => number(l) + 1,
    };
    if let Some(same) = rows().find(|e| number(e) == version) {
        if same.record.digest == arrival.record.digest {
            return Settled::plain(Outcome::Duplicate);
        }
        return Settled {
            conflict: Some(Box::new(arrival.record)),
            ..Settled::plain(Outcome::Conflict)
        };
    }
    arrival.record.version = Version::Given(version);
    arrival.by_arrival = false;
    arrival.state = Some(RowState::Live);
    let new = file.entries.len();
    file.add(arrival);
    let mut all: Vec<usize> = mine.to_vec();
    all.push(new);
    all.retain(|at| file.entries[*at].state.is_some());
    all.sort_by_key(|at| number(&file.entries[*at]));
    let mut changed = Vec::new();
    // From the highest version down: one that was received after a higher one came late.
    let mut earliest = None;
    for at in all.iter().rev() {
        let entry = &mut file.entries[*at];
        let rank = entry.rank();
        let state = match earliest {
            None => newest(entry.record.op),
            Some(first) if first < rank => RowState::Late,
            Some(_) => RowState::Superseded,
        };
        earliest = Some(earliest.map_or(rank, |first: crate::case_file::Rank| first.min(rank)));
        if entry.state != Some(state) {
            entry.state = Some(state);
            changed.push(*at);
        }
    }
    changed.retain(|at| *at != new);
    Settled {
        changed,
        ..Settled::plain(Outcome::Stored)
    }
}

/// Versions are numbered in the order of arrival: one that says the same as the one before it is a duplicate.
fn in_order(file: &mut CaseFile, mine: &[usize], mut arrival: Entry) -> Settled {
    let rank = arrival.rank();
    let last = mine
        .iter()
        .copied()
        .max_by_key(|at| file.entries[*at].rank());
    arrival.by_arrival = true;
    arrival.record.version = Version::Given(0);
    let Some(last) = last else {
        arrival.record.version = Version::Given(1);
        arrival.state = Some(newest(arrival.record.op));
        file.add(arrival);
        return Settled::plain(Outcome::Stored);
    };
    if mine.iter().any(|at| file.entries[*at].rank() == rank) {
        return Settled::plain(Outcome::Duplicate);
    }
    if file.entries[last].rank() > rank {
        return afresh(file, mine, arrival);
    }
    let before = &file.entries[last].record;
    let version = number(&file.entries[last]);
    if before.digest == arrival.record.digest {
        arrival.record.version = Version::Given(version);
        file.add(arrival);
        return Settled::plain(Outcome::Duplicate);
    }
    let mut changed = Vec::new();
    for at in mine {
        let entry = &mut file.entries[*at];
        if entry.state.is_some() && number(entry) == version {
            entry.state = Some(RowState::Superseded);
            changed.push(*at);
        }
    }
    arrival.record.version = Version::Given(version + 1);
    arrival.state = Some(newest(arrival.record.op));
    file.add(arrival);
    Settled {
        changed,
        ..Settled::plain(Outcome::Stored)
    }
}

/// An arrival was received before others that are in the file: all arrivals of the record are numbered again.
fn afresh(file: &mut CaseFile, mine: &[usize], arrival: Entry) -> Settled {
    file.add(arrival);
    let new = file.entries.len() - 1;
    let mut all: Vec<usize> = mine.to_vec();
    all.push(new);
    all.sort_by_key(|at| file.entries[*at].rank());
    let mut settled = Settled {
        anew: true,
        ..Settled::plain(Outcome::Duplicate)
    };
    let (mut version, mut before) = (0, None);
    for (position, at) in all.iter().enumerate() {
        let newest_of_all = !all[position..]
            .iter()
            .any(|later| file.entries[*later].record.digest != file.entries[*at].record.digest);
        let entry = &mut file.entries[*at];
        let is_row = before != Some(entry.record.digest);
        before = Some(entry.record.digest);
        version += i64::from(is_row);
        entry.record.version = Version::Given(version);
        let was_row = entry.state.is_some();
        entry.state = is_row.then(|| match newest_of_all {
            true => newest(entry.record.op),
            false => RowState::Superseded,
        });
        if *at == new {
            if is_row {
                settled.outcome = Outcome::Stored;
            }
        } else if was_row != is_row {
            settled.moved.push((Arc::clone(&entry.record.head), is_row));
        }
    }
    settled
}

#[cfg(test)]
mod tests;
