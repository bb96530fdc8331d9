//! Versions, duplicates, conflicts, deletions: as lists of arrivals and what becomes of each.

use super::model::Fate::{self, Conflict, Deleted, Duplicate, Late, Stored};
use super::paper::{arrival, case, document, document_of, record, write};
use super::place::everywhere;
use super::rig::{Rig, rows};
use tongcha_schema::element::ElementId;
use tongcha_schema::receipt::Verdict;

const NODE: &str = "431321/dept";

type Story = (
    &'static str,
    &'static [(i64, &'static str)],
    &'static [Fate],
);

/// Case, versions and contents in the order of their files (an empty content deletes), fates.
const STORIES: &[Story] = &[
    ("twice", &[(1, "a"), (1, "a")], &[Stored, Duplicate]),
    (
        "three times",
        &[(1, "a"), (1, "a"), (1, "a")],
        &[Stored, Duplicate, Duplicate],
    ),
    ("conflict", &[(1, "a"), (1, "b")], &[Stored, Conflict]),
    (
        "conflict, then raised",
        &[(1, "a"), (1, "b"), (2, "b")],
        &[Stored, Conflict, Stored],
    ),
    (
        "later replaces",
        &[(1, "a"), (2, "b"), (3, "c")],
        &[Stored, Stored, Stored],
    ),
    (
        "later says the same",
        &[(1, "a"), (2, "a")],
        &[Stored, Stored],
    ),
    ("older late", &[(2, "b"), (1, "a")], &[Stored, Late]),
    (
        "between late",
        &[(1, "a"), (3, "c"), (2, "b"), (2, "b")],
        &[Stored, Stored, Late, Duplicate],
    ),
    (
        "late in conflict",
        &[(3, "c"), (1, "a"), (1, "x")],
        &[Stored, Late, Conflict],
    ),
    ("deletion", &[(1, "a"), (2, "")], &[Stored, Deleted]),
    (
        "deleted twice",
        &[(1, "a"), (2, ""), (2, "")],
        &[Stored, Deleted, Duplicate],
    ),
    ("deletion first", &[(2, ""), (1, "a")], &[Deleted, Late]),
    (
        "back after deletion",
        &[(1, "a"), (2, ""), (3, "a")],
        &[Stored, Deleted, Stored],
    ),
    (
        "deletion against content",
        &[(1, "a"), (1, "")],
        &[Stored, Conflict],
    ),
    ("late deletion", &[(2, "b"), (1, "")], &[Stored, Late]),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_arrival_is_in_exactly_one_state() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        let most = STORIES.iter().map(|s| s.1.len()).max().unwrap();
        // The first file holds the first arrival of every story, and so on.
        for round in 0..most {
            let mut arrivals = Vec::new();
            for (name, steps, fates) in STORIES {
                let Some((version, content)) = steps.get(round) else {
                    continue;
                };
                let one = arrival(NODE, name, ElementId::Process, (1, *version), content);
                assert_eq!(
                    rig.expect(std::slice::from_ref(&one)),
                    [fates[round]],
                    "{name}"
                );
                arrivals.push(one);
            }
            let file = format!("round-{round}.xml");
            rig.drop_file(NODE, &file, document_of(&arrivals).as_bytes());
            rig.exhaust(NODE).await;
            // The next round comes after this one was decided.
            rig.settle().await;
            let (side, receipt) = rig.receipt(NODE, &file);
            let fates = STORIES.iter().filter_map(|s| s.2.get(round));
            let conflicts = fates.clone().filter(|f| **f == Conflict).count();
            let expected = match conflicts {
                0 => ("done", Verdict::Accepted),
                n if n == fates.clone().count() => ("bad", Verdict::Refused),
                _ => ("bad", Verdict::Partly),
            };
            assert_eq!((side, receipt.verdict), expected, "{receipt:?}");
            let duplicates = fates.filter(|f| **f == Duplicate).count() as u64;
            assert!(receipt.completed_at.is_some(), "{receipt:?}");
            assert_eq!(receipt.counts.rejected, conflicts as u64);
            assert_eq!(receipt.counts.duplicate, duplicates);
            assert_eq!(
                (receipt.counts.pending, receipt.counts.balances()),
                (0, true)
            );
            let told: Vec<_> = receipt
                .findings
                .iter()
                .map(|f| f.code.to_string())
                .collect();
            assert_eq!(told, vec!["X314"; conflicts], "one finding per conflict");
            let process = receipt.elements["process"];
            assert_eq!(
                process, receipt.counts,
                "the elements are counted anew, too"
            );
        }
        every_version_is_readable(&rig).await;
        both_of_a_conflict_are_kept(&rig).await;
        rig.end().await;
    })
    .await;
}

async fn every_version_is_readable(rig: &Rig) {
    let text = "select step_name, row_state from process_history where case_no = 'later replaces' \
                order by version";
    let timeline = rows(rig.county(), text).await;
    let timeline: Vec<_> = timeline
        .iter()
        .map(|row| (row.text(0).to_owned(), row.text(1).to_owned()))
        .collect();
    let wanted = [("a", "superseded"), ("b", "superseded"), ("c", "live")];
    assert_eq!(timeline, wanted.map(|(t, s)| (t.to_owned(), s.to_owned())));
}

async fn both_of_a_conflict_are_kept(rig: &Rig) {
    let text = "select payload, reason from rejected where case_no = 'conflict'";
    let kept = rows(rig.county(), text).await;
    assert_eq!((kept.len(), kept[0].text(1)), (1, "conflict"));
    let plain = rig
        .county()
        .sealed
        .open("rejected/conflict", kept[0].bytes(0))
        .unwrap();
    assert!(
        String::from_utf8(plain)
            .unwrap()
            .contains("\"step_name\":\"b\"")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_file_may_hold_what_contradicts_itself() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        // All in one file, in one transaction: the same order, the same states.
        let arrivals: Vec<_> = [(1, "a"), (2, "b"), (2, "b"), (2, "c"), (1, "a"), (3, "")]
            .into_iter()
            .map(|(version, content)| {
                arrival(NODE, "one", ElementId::Process, (1, version), content)
            })
            .collect();
        let fates = rig.expect(&arrivals);
        assert_eq!(
            fates,
            [Stored, Stored, Duplicate, Conflict, Duplicate, Deleted]
        );
        rig.drop_file(NODE, "all.xml", document_of(&arrivals).as_bytes());
        rig.exhaust(NODE).await;
        rig.settle().await;
        let (_, receipt) = rig.receipt(NODE, "all.xml");
        let c = receipt.counts;
        assert_eq!(
            (c.received, c.stored, c.rejected, c.duplicate, c.pending),
            (6, 3, 1, 2, 0)
        );
        rig.end().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_machines_and_one_case_do_not_disturb_each_other() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        for node in ["431321/dept", "431321/desk"] {
            rig.machine(node).await;
            let base = arrival(node, "shared", ElementId::CaseBase, (1, 1), node);
            let step = arrival(node, "shared", ElementId::Process, (1, 1), "step");
            let rejected = super::model::Arrival {
                sound: false,
                ..step.clone()
            };
            let bad = record(ElementId::Process, "seq=\"2\"", &[("State", "7")]);
            let both = format!("{}{}{bad}", write(&base), write(&step));
            rig.drop_file(
                node,
                "x.xml",
                document(3, &case("shared", &both)).as_bytes(),
            );
            rig.expect(&[base, step, rejected]);
            rig.exhaust(node).await;
        }
        rig.end().await;
    })
    .await;
}
