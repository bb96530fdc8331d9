//! A system without a front-end machine posts its documents straight to the county: the answer is the
//! receipt of what is committed, a repeat is known by its key, and what the hub does not take is said
//! before it is read.

use super::described::Answer;
use super::model::Arrival;
use super::paper::{MOST_WAITING, POSTER, POSTER_TOKEN, arrival, document_of};
use super::place::everywhere;
use super::rig::{Rig, number, rows};
use tongcha_hub::exchange::NodeEntry;
use tongcha_schema::element::ElementId;
use tongcha_schema::limits;
use tongcha_schema::receipt::{Receipt, Verdict};

fn entry() -> NodeEntry {
    NodeEntry {
        name: POSTER.to_owned(),
        ..NodeEntry::default()
    }
}

/// A document that nothing is read of: one rejected record of no element.
fn unread() -> Arrival {
    Arrival {
        element: "unknown",
        sound: false,
        ..arrival(POSTER, "", ElementId::CaseBase, (1, 1), "a")
    }
}

/// Posts with the token, unless that is empty, and the key.
pub async fn post(rig: &Rig, token: &str, key: &str, body: Vec<u8>) -> Answer {
    let county = rig.world.as_ref().unwrap().county.url();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client
        .post(format!("{county}/v1/documents?name=a.xml"))
        .body(body);
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    if !key.is_empty() {
        request = request.header("idempotency-key", key);
    }
    Answer::of(request.send().await.unwrap(), "post", "/v1/documents").await
}

pub fn receipt(answer: &Answer) -> (u16, Receipt) {
    (answer.status, answer.json())
}

/// The receipt of that number as of now, asked for with the token.
async fn ask(rig: &Rig, (token, accept): (&str, &str), number: &str) -> Answer {
    let county = rig.world.as_ref().unwrap().county.url();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.get(format!("{county}/v1/receipts/{number}"));
    let sent = request.bearer_auth(token).header("accept", accept).send();
    Answer::of(sent.await.unwrap(), "get", "/v1/receipts/{number}").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_posted_document_is_committed_and_answered_and_a_repeat_is_known() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.world().county.hub.register(&entry()).await.unwrap();
        let one = arrival(POSTER, "posted", ElementId::CaseBase, (1, 1), "a");
        let item = document_of(std::slice::from_ref(&one)).into_bytes();
        let (status, first) = receipt(&post(&rig, POSTER_TOKEN, "k1", item.clone()).await);
        assert_eq!(
            (status, first.verdict),
            (200, Verdict::Accepted),
            "{first:?}"
        );
        assert_eq!(
            (first.counts.received, first.items[0].name.as_str()),
            (1, "a.xml")
        );
        rig.expect(std::slice::from_ref(&one));
        let kept = rows(rig.county(), "select node, number from envelope").await;
        assert_eq!(
            (kept[0].text(0), kept[0].text(1)),
            (POSTER, first.number.as_str())
        );

        // The answer was lost: the same key and content, later, is the same document.
        rig.clock.advance(time::Duration::HOUR);
        let (status, again) = receipt(&post(&rig, POSTER_TOKEN, "k1", item.clone()).await);
        assert_eq!(
            (status, again.repeated, &again.number),
            (200, true, &first.number)
        );
        let other = [item.clone(), b"\n".to_vec()].concat();
        let (status, changed) = receipt(&post(&rig, POSTER_TOKEN, "k1", other).await);
        assert_eq!(
            (status, changed.findings[0].code.to_string().as_str()),
            (409, "X106")
        );
        // Without a key it is a new envelope of duplicates.
        let (status, new) = receipt(&post(&rig, POSTER_TOKEN, "", item.clone()).await);
        assert_eq!((status, new.repeated), (200, false));
        assert_ne!(new.number, first.number);
        rig.expect(std::slice::from_ref(&one));

        // A refused document is kept and answered like one from a front-end machine.
        let broken = item[..item.len() / 2].to_vec();
        let (status, refused) = receipt(&post(&rig, POSTER_TOKEN, "k2", broken).await);
        assert_eq!((status, refused.verdict), (200, Verdict::Refused));
        assert_eq!(refused.findings[0].code.to_string(), "X212");
        rig.expect(&[unread()]);

        // The same answer as XML, and with cause and next step.
        let xml = ask(&rig, (POSTER_TOKEN, "application/xml"), &refused.number)
            .await
            .body;
        assert!(
            xml.starts_with("<?xml") && xml.contains("<NextZh>"),
            "{xml}"
        );

        rig.settle().await;
        let (status, done) = receipt(&ask(&rig, (POSTER_TOKEN, "*/*"), &new.number).await);
        assert_eq!(
            (status, done.counts.duplicate, done.counts.pending),
            (200, 1, 0)
        );
        rig.sent.admitted += 3;
        rig.sent.repeated += 1;
        rig.sent.refused += 1;
        rig.end().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_in_json_are_taken_like_rows_of_a_table() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.world().county.hub.register(&entry()).await.unwrap();
        let golden =
            include_bytes!("../../adapters/decode/dialects/golden/row-process.json").to_vec();
        let (status, found) = receipt(&post(&rig, POSTER_TOKEN, "", golden).await);
        assert_eq!(
            (status, found.verdict),
            (200, Verdict::Accepted),
            "{found:?}"
        );
        rig.world().settle().await.unwrap();
        let stored = number(rig.county(), "select count(*) from process").await;
        assert!(stored > 0 && stored == found.counts.received, "{found:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn senders_are_put_off_while_too_much_waits() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.world().county.hub.register(&entry()).await.unwrap();
        let one = arrival(POSTER, "first", ElementId::CaseBase, (1, 1), "a");
        let item = document_of(std::slice::from_ref(&one)).into_bytes();
        let (status, _) = receipt(&post(&rig, POSTER_TOKEN, "k", item.clone()).await);
        assert_eq!(status, 200);
        rig.expect(std::slice::from_ref(&one));
        rig.settle().await;
        // Bundles that nobody takes, as after a long stop of the ingest.
        let envelope = &rows(rig.county(), "select no from envelope").await[0];
        let parts = || (1_000..=1_000 + MOST_WAITING).map(|part| (envelope.int(0), part as i64));
        let mut tx = rig.county().store.begin().await.unwrap();
        for (no, part) in parts() {
            let args = tongcha_hub::args![
                no,
                part,
                1_i64,
                b"x".to_vec(),
                1_u64,
                i64::MAX,
                Some(Vec::new())
            ];
            tx.run("inbox.put", args).await.unwrap();
        }
        tx.commit().await.unwrap();
        let answer = post(&rig, POSTER_TOKEN, "k2", item.clone()).await;
        assert_eq!((answer.status, answer.wait.as_str()), (429, "30"));
        // A front-end machine keeps its parcel meanwhile, and sends it again by itself.
        rig.machine("431321/gtj").await;
        let two = arrival("431321/gtj", "second", ElementId::CaseBase, (1, 1), "a");
        let text = document_of(std::slice::from_ref(&two));
        rig.drop_file("431321/gtj", "b.xml", text.as_bytes());
        let faults = rig.step_until_fault("431321/gtj").await;
        assert!(faults.contains("429"), "{faults}");
        let taken = tongcha_hub::args![tongcha_hub::inbox::keys(parts())];
        rig.county().store.run("inbox.drop", taken).await.unwrap();
        rig.clock.advance(time::Duration::HOUR);
        rig.exhaust("431321/gtj").await;
        rig.expect(std::slice::from_ref(&two));
        rig.sent.admitted += 1;
        rig.end().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_hub_does_not_take_is_said_before_it_is_read() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.world().county.hub.register(&entry()).await.unwrap();
        for token in ["", "not-the-token-at-all", &POSTER_TOKEN[1..]] {
            let (status, found) = receipt(&post(&rig, token, "", b"<a/>".to_vec()).await);
            assert_eq!(
                (status, found.findings[0].code.to_string().as_str()),
                (401, "X120")
            );
            rig.sent.refused += 1;
        }
        let told = rows(rig.county(), "select code from turned_away").await;
        assert!(told.len() == 3 && told.iter().all(|r| r.text(0) == "X120"));
        let status = post(&rig, POSTER_TOKEN, "", Vec::new()).await.status;
        assert_eq!(status, 400, "an empty body");
        let long = vec![b' '; limits::DOCUMENT_BYTES + 1];
        let status = post(&rig, POSTER_TOKEN, "", long).await.status;
        assert_eq!(status, 413, "too large");
        let form =
            b"--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n<a/>\r\n--x--".to_vec();
        for (body, what) in [
            (form, "upload form"),
            (b"xml=%3Ca%2F%3E".to_vec(), "url-encoded"),
            (vec![0x1f, 0x8b, 8, 0], "compressed"),
        ] {
            let answer = post(&rig, POSTER_TOKEN, "", body).await;
            assert_eq!(answer.status, 415, "{what}");
            assert!(answer.body.contains(what), "{}", answer.body);
        }
        let status = ask(&rig, ("not-the-token-at-all", "*/*"), "R1")
            .await
            .status;
        assert_eq!(status, 401);
        rig.sent.refused += 1;
        let status = ask(&rig, (POSTER_TOKEN, "*/*"), "R1").await.status;
        assert_eq!(status, 404);
        rig.end().await;
    })
    .await;
}
