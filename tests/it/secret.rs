//! Encrypted envelopes, of both suites: what travels shows nothing, the hub opens it after it has verified
//! the head, and what is altered or meant for another key is refused before it is parsed.

use super::door::post;
use super::paper::{ORGAN, arrival, document_of, opening};
use super::place::everywhere;
use super::rig::{Rig, number, rows};
use super::sources::{NODE, Parts};
use futures_util::TryStreamExt as _;
use std::sync::Arc;
use tongcha::world::COUNTY;
use tongcha_adapters::outbox::{Outbox, Waybill};
use tongcha_adapters::source::{Lot, LotItem};
use tongcha_hub::demands::Demands;
use tongcha_hub::enrol::{EnrolError, demand};
use tongcha_schema::clock::Clock as _;
use tongcha_schema::element::ElementId;
use tongcha_schema::envelope::Head;
use tongcha_schema::randomness::Seeded;
use tongcha_schema::receipt::Verdict;
use tongcha_schema::seal::{NodeKey, OpeningKey, Sealed, Suite};

/// The frame of a lot of two files, encrypted for that key.
async fn frame(rig: &Rig, parts: &Parts, key: Option<&OpeningKey>, case: &str) -> Vec<u8> {
    let recipient = key.map(OpeningKey::recipient);
    let randomness = Arc::new(Seeded::new(1));
    let outbox = parts.outbox.clone().secret_to(recipient, randomness);
    let item = |name: &str| {
        let one = arrival(
            NODE,
            &format!("{case}-{name}"),
            ElementId::CaseBase,
            (1, 1),
            "a",
        );
        let text = document_of(std::slice::from_ref(&one));
        LotItem::of_bytes(&format!("{name}.xml"), text.into_bytes())
    };
    let waybill = Waybill {
        source: case.to_owned(),
        target: COUNTY.to_owned(),
        sender_org: ORGAN.to_owned(),
    };
    let lot = Lot {
        key: "1".to_owned(),
        items: vec![item("one"), item("two")],
        ..Lot::default()
    };
    let now = rig.clock.now();
    outbox.pack(&waybill, lot, now).await.unwrap();
    let parcel = outbox.next_due(case, now).await.unwrap().unwrap();
    let signer = NodeKey::from_bytes(&[6; 32]);
    let pieces: Vec<_> = parcel.frame(&signer).try_collect().await.unwrap();
    let again: Vec<_> = parcel.frame(&signer).try_collect().await.unwrap();
    assert_eq!(pieces, again, "sent again, the same bytes");
    // Nothing is left of the key once the source knows its receipt.
    outbox.note_settled(parcel.number(), now).await.unwrap();
    let late: Result<Vec<_>, _> = parcel.frame(&signer).try_collect().await;
    assert_eq!(late.is_err(), key.is_some());
    pieces.concat()
}

/// Whether a zstd frame begins somewhere: each chunk does so, unless it is encrypted.
fn is_open(bytes: &[u8]) -> bool {
    bytes.windows(4).any(|w| w == [0x28, 0xb5, 0x2f, 0xfd])
}

#[tokio::test(flavor = "multi_thread")]
async fn encrypted_envelopes_are_opened_by_the_hub_alone() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        let parts = Parts::of(&mut rig).await;
        assert!(
            is_open(&frame(&rig, &parts, None, "open").await),
            "for comparison"
        );
        for (key, suite) in opening().iter().zip(["x25519-aes256gcm", "sm2-sm4gcm"]) {
            let bytes = frame(&rig, &parts, Some(key), suite).await;
            let head = bytes
                .windows(suite.len())
                .position(|w| w == suite.as_bytes());
            assert!(head.is_some(), "the head names its suite");
            assert!(!is_open(&bytes), "{suite}: a chunk travels open");
            for at in [bytes.len() - 20, bytes.len() - 60] {
                let mut altered = bytes.clone();
                altered[at] ^= 1;
                let (status, receipt) = post(&rig, altered).await;
                let code = receipt.findings[0].code.to_string();
                assert_eq!((status, code.as_str()), (400, "X115"), "{suite}");
                rig.sent.refused += 1;
            }
            let (status, receipt) = post(&rig, bytes.clone()).await;
            assert_eq!(
                (status, receipt.verdict),
                (200, Verdict::Accepted),
                "{receipt:?}"
            );
            assert_eq!(receipt.counts.received, 2);
            let (_, again) = post(&rig, bytes).await;
            assert!(again.repeated);
            let expected = ["one", "two"].map(|name| {
                arrival(
                    NODE,
                    &format!("{suite}-{name}"),
                    ElementId::CaseBase,
                    (1, 1),
                    "a",
                )
            });
            rig.expect(&expected);
            rig.sent.admitted += 1;
            rig.sent.repeated += 1;
        }
        // An outbox that is restored from a copy gives an id twice, and never the same key.
        let randomness = Arc::new(Seeded::new(2));
        let key = &opening()[0];
        let file = rig.folder().join("copy.db");
        let mut keys = Vec::new();
        for content in ["one", "one"] {
            let sealed = Sealed::new([1; 32]);
            let outbox = Outbox::open(&file, NODE, sealed, rig.clock.now())
                .await
                .unwrap();
            let outbox = outbox.secret_to(Some(key.recipient()), randomness.clone());
            let lot = Lot {
                key: "1".to_owned(),
                items: vec![LotItem::of_bytes("a.xml", content.as_bytes().to_vec())],
                ..Lot::default()
            };
            let waybill = Waybill {
                source: "copy".to_owned(),
                target: COUNTY.to_owned(),
                sender_org: ORGAN.to_owned(),
            };
            let now = rig.clock.now();
            outbox.pack(&waybill, lot, now).await.unwrap();
            let parcel = outbox.next_due("copy", now).await.unwrap().unwrap();
            let head: Head = serde_json::from_slice(parcel.head()).unwrap();
            keys.push((head.id.sequence, head.secrecy.unwrap().key));
            outbox.close().await;
            for name in ["copy.db", "copy.db-wal", "copy.db-shm"] {
                let _ = std::fs::remove_file(rig.folder().join(name));
            }
        }
        assert_eq!(keys[0].0, keys[1].0, "the same number");
        assert_ne!(keys[0].1, keys[1].1);
        let stranger = OpeningKey::of(Suite::Sm2, &[0x52; 32]).unwrap();
        let foreign = frame(&rig, &parts, Some(&stranger), "foreign").await;
        let (status, receipt) = post(&rig, foreign).await;
        assert_eq!(
            (status, receipt.findings[0].code.to_string().as_str()),
            (400, "X115")
        );
        rig.sent.refused += 1;
        // What the hub demands of the node is refused where it is missing, in words that name it.
        let demands = |suite, encrypted| Demands { suite, encrypted };
        let store = rig.county().store.clone();
        for (case, asked, key, good) in [
            ("bare", demands(None, true), None, false),
            (
                "other",
                demands(Some(Suite::Sm2), true),
                Some(&opening()[0]),
                false,
            ),
            (
                "right",
                demands(Some(Suite::Sm2), true),
                Some(&opening()[1]),
                true,
            ),
        ] {
            demand(&store, NODE, asked).await.unwrap();
            let (status, receipt) = post(&rig, frame(&rig, &parts, key, case).await).await;
            let found = receipt.findings.first();
            let found = found.map(|f| (status, f.code.to_string()));
            match good {
                true => assert_eq!(found, None, "{case}"),
                false => assert_eq!(found, Some((400, "X117".to_owned())), "{case}"),
            }
            rig.sent.refused += u64::from(!good);
            rig.sent.admitted += u64::from(good);
        }
        let one = ["one", "two"].map(|name| {
            arrival(
                NODE,
                &format!("right-{name}"),
                ElementId::CaseBase,
                (1, 1),
                "a",
            )
        });
        rig.expect(&one);
        let nobody = demand(&store, "431321/none", demands(None, true)).await;
        assert!(matches!(nobody, Err(EnrolError::Unknown(_))));
        let told = rows(rig.county(), "select code from turned_away").await;
        let of = |code: &str| told.iter().filter(|r| r.text(0) == code).count();
        assert_eq!((of("X115"), of("X117"), told.len()), (5, 2, 7));
        // The raw bytes are kept as ever, and found again by their digest.
        assert!(number(rig.county(), "select count(*) from raw_chunk").await >= 4);
        rig.end().await;
    })
    .await;
}
