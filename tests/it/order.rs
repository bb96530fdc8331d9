//! Order: what is newest is decided by the order in which the hub received everything, whatever the order in
//! which it is ingested, and however often a bundle is claimed.

use super::model::Arrival;
use super::paper::{arrival, document_of};
use super::place::everywhere;
use super::rig::Rig;
use tongcha_hub::bus::Claim;
use tongcha_hub::ingest;
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
