//! Which version wins: the pure decision of ingest for one arrival against what is stored (WORDS,
//! "Versions", "The ledger"). Refuses every IO.

use tongcha_schema::record::{Op, Version};
use tongcha_supervision::RowState;

/// One stored version of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Version.
    pub version: i64,
    /// Digest.
    pub digest: [u8; 32],
}

/// What becomes of an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A row of that version and state; the named version, if any, becomes superseded.
    Stored {
        /// Version of the new row.
        version: i64,
        /// Its state.
        state: RowState,
        /// The version that it replaces.
        replaces: Option<i64>,
    },
    /// Same version, same digest as one stored.
    Duplicate,
    /// Same version, other digest: rejected, both are kept.
    Conflict,
}

/// Decides one arrival and adds it to the history (ascending by version) when it is stored.
pub fn settle(history: &mut Vec<Stored>, version: Version, digest: [u8; 32], op: Op) -> Outcome {
    let last = history.last().cloned();
    let number = match (version, &last) {
        (Version::Given(v), _) => v,
        (Version::Arrival, None) => 1,
        (Version::Arrival, Some(l)) if l.digest == digest => return Outcome::Duplicate,
        (Version::Arrival, Some(l)) => l.version + 1,
    };
    if let Some(same) = history.iter().find(|s| s.version == number) {
        return if same.digest == digest {
            Outcome::Duplicate
        } else {
            Outcome::Conflict
        };
    }
    let at = history.partition_point(|s| s.version < number);
    history.insert(
        at,
        Stored {
            version: number,
            digest,
        },
    );
    if last.as_ref().is_some_and(|l| l.version > number) {
        return Outcome::Stored {
            version: number,
            state: RowState::Late,
            replaces: None,
        };
    }
    let state = if op == Op::Delete {
        RowState::Deleted
    } else {
        RowState::Live
    };
    Outcome::Stored {
        version: number,
        state,
        replaces: last.map(|l| l.version),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(arrivals: &[(Version, u8, Op)]) -> Vec<Outcome> {
        let mut history = Vec::new();
        arrivals
            .iter()
            .map(|(v, d, op)| settle(&mut history, *v, [*d; 32], *op))
            .collect()
    }

    fn stored(version: i64, state: RowState, replaces: Option<i64>) -> Outcome {
        Outcome::Stored {
            version,
            state,
            replaces,
        }
    }

    #[test]
    fn a_higher_version_replaces_and_an_older_one_never_overwrites() {
        use Version::Given;
        let got = run(&[
            (Given(2), 1, Op::Insert),
            (Given(2), 1, Op::Insert),
            (Given(2), 9, Op::Insert),
            (Given(3), 2, Op::Update),
            (Given(1), 3, Op::Insert),
            (Given(4), 4, Op::Delete),
        ]);
        assert_eq!(
            got,
            [
                stored(2, RowState::Live, None),
                Outcome::Duplicate,
                Outcome::Conflict,
                stored(3, RowState::Live, Some(2)),
                stored(1, RowState::Late, None),
                stored(4, RowState::Deleted, Some(3)),
            ]
        );
    }

    #[test]
    fn versions_by_arrival_are_never_in_conflict() {
        use Version::Arrival;
        let got = run(&[
            (Arrival, 1, Op::Insert),
            (Arrival, 1, Op::Insert),
            (Arrival, 2, Op::Insert),
            (Arrival, 1, Op::Insert),
        ]);
        assert_eq!(
            got,
            [
                stored(1, RowState::Live, None),
                Outcome::Duplicate,
                stored(2, RowState::Live, Some(1)),
                stored(3, RowState::Live, Some(2)),
            ]
        );
    }
}
