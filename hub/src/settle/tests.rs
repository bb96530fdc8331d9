//! The decision alone: versions that a source numbers, versions by arrival, and any order of ingest.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use super::*;
use proptest::prelude::*;
use time::OffsetDateTime;
use tongcha_schema::element::ElementId;
use tongcha_schema::record::Record;

fn entry(rank: (i64, u32), version: Version, digest: u8, op: Op) -> Entry {
    let head = CaseHead::bare("431321/a", "cn", "1", OffsetDateTime::UNIX_EPOCH);
    Entry {
        record: Record {
            head: Arc::new(head),
            element: ElementId::Process,
            seq: 7,
            version,
            op,
            none: None,
            values: Vec::new(),
            digest: [digest; 32],
            marks: Vec::new(),
            number: rank.1,
            line: 1,
        },
        envelope_no: rank.0,
        by_arrival: false,
        state: None,
    }
}

/// Versions, digests and states of the rows, in the order of versions.
fn rows(file: &CaseFile) -> Vec<(i64, u8, RowState)> {
    let mut rows: Vec<_> = file
        .rows()
        .map(|(record, state)| {
            let Version::Given(version) = record.version else {
                panic!("a version that is not given");
            };
            (version, record.digest[0], state)
        })
        .collect();
    rows.sort_by_key(|row| row.0);
    rows
}

type Told = (Settled, Vec<(i64, RowState)>);

fn run(arrivals: &[(i64, Version, u8, Op)]) -> (Vec<Told>, Vec<(i64, u8, RowState)>) {
    let mut file = CaseFile::default();
    let mut all = Vec::new();
    for (no, version, digest, op) in arrivals {
        let settled = settle(&mut file, entry((*no, 1), *version, *digest, *op));
        let changed = settled.changed.iter().map(|at| {
            let entry = &file.entries[*at];
            (version_of(&entry.record), entry.state.unwrap())
        });
        all.push((settled.clone(), changed.collect()));
    }
    (all, rows(&file))
}

#[test]
fn a_higher_version_replaces_and_an_older_one_never_overwrites() {
    use Version::Given;
    let (settled, rows) = run(&[
        (1, Given(2), 1, Op::Insert),
        (2, Given(2), 1, Op::Insert),
        (3, Given(2), 9, Op::Insert),
        (4, Given(3), 2, Op::Update),
        (5, Given(1), 3, Op::Insert),
        (6, Given(4), 4, Op::Delete),
    ]);
    let outcomes: Vec<Outcome> = settled.iter().map(|s| s.0.outcome).collect();
    use Outcome::{Conflict, Duplicate, Stored};
    assert_eq!(
        outcomes,
        [Stored, Duplicate, Conflict, Stored, Stored, Stored]
    );
    assert_eq!(settled[3].1, [(2, RowState::Superseded)]);
    assert_eq!(settled[4].1, []);
    assert_eq!(settled[5].1, [(3, RowState::Superseded)]);
    let wanted = [
        (1, 3, RowState::Late),
        (2, 1, RowState::Superseded),
        (3, 2, RowState::Superseded),
        (4, 4, RowState::Deleted),
    ];
    assert_eq!(rows, wanted);
}

#[test]
fn versions_by_arrival_are_never_in_conflict() {
    use Version::Arrival;
    let (settled, rows) = run(&[
        (1, Arrival, 1, Op::Insert),
        (2, Arrival, 1, Op::Insert),
        (3, Arrival, 2, Op::Insert),
        (4, Arrival, 1, Op::Insert),
    ]);
    let outcomes: Vec<Outcome> = settled.iter().map(|s| s.0.outcome).collect();
    use Outcome::{Duplicate, Stored};
    assert_eq!(outcomes, [Stored, Duplicate, Stored, Stored]);
    let wanted = [
        (1, 1, RowState::Superseded),
        (2, 2, RowState::Superseded),
        (3, 1, RowState::Live),
    ];
    assert_eq!(rows, wanted);
}

#[test]
fn what_was_received_between_two_that_are_stored_gets_its_place() {
    use Version::Arrival;
    let (settled, rows) = run(&[
        (1, Arrival, 1, Op::Insert),
        (3, Arrival, 1, Op::Insert),
        (2, Arrival, 2, Op::Insert),
    ]);
    assert_eq!(settled[1].0.outcome, Outcome::Duplicate);
    assert_eq!(settled[2].0.outcome, Outcome::Stored);
    assert!(settled[2].0.anew);
    let moved: Vec<bool> = settled[2].0.moved.iter().map(|m| m.1).collect();
    assert_eq!(moved, [true], "the third has a row of its own now");
    let wanted = [
        (1, 1, RowState::Superseded),
        (2, 2, RowState::Superseded),
        (3, 1, RowState::Live),
    ];
    assert_eq!(rows, wanted);
}

#[test]
fn an_older_version_is_late_by_the_order_in_which_it_was_received() {
    use Version::Given;
    let arrivals = [(1, Given(1), 1, Op::Insert), (2, Given(2), 2, Op::Update)];
    let (_, in_order) = run(&arrivals);
    let (_, shuffled) = run(&[arrivals[1], arrivals[0]]);
    assert_eq!(in_order, shuffled);
    assert_eq!(in_order[0].2, RowState::Superseded);
}

proptest! {
    /// Whatever the order in which arrivals are ingested, and however often: the same rows, and each arrival
    /// counted as the same.
    #[test]
    fn the_order_of_ingest_does_not_matter(
        digests in proptest::collection::vec((0..3_u8, 0..8_u8), 1..12),
        shuffle in any::<prop::sample::Index>(),
        seed in any::<u64>(),
    ) {
        let arrivals: Vec<Entry> = (1..)
            .zip(&digests)
            .map(|(no, (digest, op))| {
                let op = if *op == 0 { Op::Delete } else { Op::Update };
                let digest = digest + if op == Op::Delete { 100 } else { 0 };
                entry((no, 1), Version::Arrival, digest, op)
            })
            .collect();
        let ingest = |order: &[usize]| {
            let mut file = CaseFile::default();
            for at in order {
                settle(&mut file, arrivals[*at].clone());
            }
            let mut entries: Vec<_> = file
                .entries
                .iter()
                .map(|e| (e.rank(), e.record.version, e.state))
                .collect();
            entries.sort_by_key(|e| e.0);
            (entries, rows(&file))
        };
        let straight: Vec<usize> = (0..arrivals.len()).collect();
        let mut order = straight.clone();
        let mut state = seed | 1;
        for at in (1..order.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            order.swap(at, usize::try_from(state >> 33).unwrap() % (at + 1));
        }
        order.push(order[shuffle.index(order.len())]);
        prop_assert_eq!(ingest(&straight), ingest(&order));
    }
}
