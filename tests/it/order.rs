//! Order: what is newest is decided by the order in which the hub received everything, whatever the order in
//! which it is ingested, and however often a bundle is claimed.

use super::model::Arrival;
use super::paper::{arrival, case, document, document_of, record, write};
use super::place::everywhere;
use super::rig::{Rig, number};
use time::macros::datetime;
use tongcha_hub::bus::Claim;
use tongcha_hub::{ingest, watch};
use tongcha_schema::element::ElementId;

const NODE: &str = "431321/order";

/// Each case says something, then something else, then the first again; versions are numbered by arrival.
fn round(says: &str) -> Vec<Arrival> {
    let one = |n: u32| Arrival {
        version: None,
        ..arrival(
            NODE,
            &format!("O-{n}"),
            ElementId::Process,
            (1, 1),
            &format!("{says} {}", n % 3),
        )
    };
    (0..12).map(one).collect()
}

/// What waits at the county, in the order in which it came.
async fn waiting(rig: &Rig) -> Vec<Claim> {
    let every = tongcha_hub::args![i64::MAX, 0_i64, 0_i64, 100_i64];
    let held = rig.county().store.rows("inbox.held", every).await.unwrap();
    let claim = |r: &tongcha_hub::store::row::Row| Claim {
        envelope_no: r.int(0),
        part: r.int(1),
        partition: u32::try_from(r.int(2)).unwrap(),
    };
    held.iter().map(claim).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_receipt_decides_whatever_the_order_of_ingest() {
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
        everywhere(|place| async move {
            let mut rig = Rig::start(place).await;
            rig.machine(NODE).await;
            rig.county().bus.close().await;
            let mut envelopes: Vec<Vec<Claim>> = Vec::new();
            for (n, says) in ["first", "second", "first", "third"].iter().enumerate() {
                let arrivals = round(says);
                rig.drop_file(NODE, &format!("{n}.xml"), document_of(&arrivals).as_bytes());
                rig.expect(&arrivals);
                rig.exhaust(NODE).await;
                let known: usize = envelopes.iter().map(Vec::len).sum();
                envelopes.push(waiting(&rig).await.split_off(known));
            }
            for n in order {
                for claim in &envelopes[n] {
                    ingest::ingest(rig.county(), &[*claim]).await.unwrap();
                    // It is claimed once more: nothing happens.
                    let again = ingest::ingest(rig.county(), &[*claim]).await.unwrap();
                    assert_eq!((again.records, again.stored), (0, 0));
                }
            }
            rig.end_at_the_county().await;
        })
        .await;
    }
}

/// A case stands at both ends of a document: by its beginning alone it would be overdue.
#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_goes_on_in_a_later_part_is_not_judged_by_a_half() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.clock.set(datetime!(2026-01-30 10:00 +8));
        rig.machine(NODE).await;
        rig.county().bus.close().await;
        let begun = record(ElementId::CaseBase, "seq=\"1\"", &[])
            + &record(ElementId::Acceptance, "seq=\"1\"", &[]);
        let in_time = [("DoneTime", "2026-01-19T09:00:00+08:00")];
        let ended = record(ElementId::Conclusion, "seq=\"1\"", &in_time);
        let between: String = (0..2_600)
            .map(|n| {
                let no = format!("B-{n}");
                let one = arrival(NODE, &no, ElementId::Process, (1, 1), "a");
                case(&no, &write(&one))
            })
            .collect();
        let cases = case("HALF-1", &begun) + &between + &case("HALF-1", &ended);
        rig.drop_file(NODE, "long.xml", document(2_603, &cases).as_bytes());
        rig.exhaust(NODE).await;
        let claims = waiting(&rig).await;
        let last = |of: &Claim| claims.iter().rfind(|c| c.partition == of.partition) == Some(of);
        assert!(claims.len() > 3, "several parts a partition: {claims:?}");
        let judged = "select count(*) from cases where case_no = 'HALF-1' and judged_rev > 0";
        let stored = "select count(*) from cases where case_no = 'HALF-1'";
        for claim in claims.iter().filter(|c| !last(c)) {
            ingest::ingest(rig.county(), &[*claim]).await.unwrap();
        }
        watch::look(rig.county()).await.unwrap();
        assert_eq!(number(rig.county(), stored).await, 1);
        assert_eq!(number(rig.county(), judged).await, 0, "its end waits");
        for claim in claims.iter().filter(|c| last(c)) {
            ingest::ingest(rig.county(), &[*claim]).await.unwrap();
        }
        assert_eq!(number(rig.county(), judged).await, 1);
        let late =
            "select count(*) from card where case_no = 'HALF-1' and rule in ('T-02', 'T-03')";
        assert_eq!(number(rig.county(), late).await, 0, "it was in time");
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}

/// The files of known cases are read whole: a batch whose cases hold too much is taken in smaller parts.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_cases_hold_too_much_is_halved() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        rig.drop_file(NODE, "1.xml", document_of(&round("first")).as_bytes());
        rig.expect(&round("first"));
        rig.exhaust(NODE).await;
        rig.settle().await;
        rig.county().bus.close().await;
        let mut tx = rig.county().store.begin().await.unwrap();
        let many = "update cases set records = 1000000";
        tx.run_text("story", many, Vec::new()).await.unwrap();
        tx.commit().await.unwrap();
        rig.drop_file(NODE, "2.xml", document_of(&round("second")).as_bytes());
        rig.expect(&round("second"));
        rig.exhaust(NODE).await;
        let claims = waiting(&rig).await;
        assert!(claims.len() > 1, "{claims:?}");
        let refused = ingest::ingest(rig.county(), &claims).await.unwrap_err();
        assert!(refused.is_of_the_rows(), "{refused}");
        assert!(refused.to_string().contains("smaller parts"), "{refused}");
        // A bundle alone is taken, and what a restart passes is halved by itself.
        ingest::ingest(rig.county(), &claims[..1]).await.unwrap();
        rig.restart().await;
        rig.end().await;
    })
    .await;
}
