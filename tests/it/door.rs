//! What does not pass the door: unknown node, bad signature, bad digest, cut and altered frames,
//! an envelope id with other content. The answer has one finding, the operator sees it, nothing
//! else is written; and a machine whose node is registered late loses nothing.

use super::paper::{ORGAN, arrival, document_of};
use super::place::everywhere;
use super::rig::{Rig, number, rows};
use sha2::{Digest, Sha256};
use tongcha::world::COUNTY;
use tongcha_adapters::package::{compress, whole_frame};
use tongcha_hub::exchange::NodeEntry;
use tongcha_hub::gate;
use tongcha_hub::sql::Dialect;
use tongcha_hub::view::raw::{RawError, RawReader};
use tongcha_schema::code::transport;
use tongcha_schema::digest::hex;
use tongcha_schema::element::ElementId;
use tongcha_schema::envelope::{
    FRAME_END, Head, ITEM_END, ItemHead, MEDIA_TYPE, chunk_header, preamble,
};
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::id::EnvelopeId;
use tongcha_schema::limits;
use tongcha_schema::receipt::{Receipt, Verdict};
use tongcha_schema::seal::{NodeKey, public_text};

const NODE: &str = "431321/post";

fn key() -> NodeKey {
    NodeKey::from_bytes(&[3; 32])
}

fn entry(node: &str) -> NodeEntry {
    NodeEntry {
        name: node.to_owned(),
        public_key: public_text(&key().public()),
        ..NodeEntry::default()
    }
}

pub fn head(node: &str, sequence: u64, item: &[u8]) -> Head {
    Head {
        v: 1,
        id: EnvelopeId {
            node: node.to_owned(),
            epoch: 1,
            sequence,
        },
        target: COUNTY.to_owned(),
        sender_org: ORGAN.to_owned(),
        std_ver: "1.0".to_owned(),
        sent_at: "2026-01-20T10:00:00+08:00".to_owned(),
        dialect: "auto".to_owned(),
        label: "by hand".to_owned(),
        record_count: None,
        secrecy: None,
        items: vec![ItemHead::whole(
            "a.xml",
            item.len() as u64,
            hex(&Sha256::digest(item)),
        )],
    }
}

pub async fn post(rig: &Rig, frame: Vec<u8>) -> (u16, Receipt) {
    let url = format!("{}/v1/envelopes", rig.world.as_ref().unwrap().county.url());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let sent = client
        .post(url)
        .header("content-type", MEDIA_TYPE)
        .body(frame)
        .send();
    let answer = sent.await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Frames that are turned away: what is wrong, status, code, frame.
fn away(item: &[u8]) -> Vec<(&'static str, u16, &'static str, Vec<u8>)> {
    let good = whole_frame(&key(), &head(NODE, 9, item), &[item]).unwrap();
    let unknown = whole_frame(&key(), &head("431321/nobody", 1, item), &[item]).unwrap();
    let nul = preamble("431321/a\0b", &[7; 64], b"{}");
    let stranger = NodeKey::from_bytes(&[4; 32]);
    let forged = whole_frame(&stranger, &head(NODE, 9, item), &[item]).unwrap();
    let mut altered = good.clone();
    let at = altered.windows(7).position(|w| w == b"by hand").unwrap();
    altered[at] ^= 1;
    let other = item.iter().map(u8::to_ascii_uppercase).collect::<Vec<u8>>();
    let damaged = whole_frame(&key(), &head(NODE, 9, item), &[&other]).unwrap();
    let longer = [item, b"more".as_slice()].concat();
    let longer = whole_frame(&key(), &head(NODE, 9, item), &[&longer]).unwrap();
    let shorter = whole_frame(&key(), &head(NODE, 9, item), &[&item[1..]]).unwrap();
    let two_items = whole_frame(&key(), &head(NODE, 9, item), &[item, item]).unwrap();
    let no_item = whole_frame(&key(), &head(NODE, 9, item), &[]).unwrap();
    let mut elsewhere = head(NODE, 9, item);
    elsewhere.target = "431300/hub".to_owned();
    let elsewhere = whole_frame(&key(), &elsewhere, &[item]).unwrap();
    let mut garbage = good.clone();
    let end = garbage.len();
    garbage[end - 40..end - 8].fill(7);
    let in_item = good.len() - 20;
    // The signature stripped, and a head that names another node than the frame.
    let bytes = head(NODE, 9, item).to_bytes();
    let rest = &good[preamble(NODE, &key().sign(&bytes), &bytes).len()..];
    let stripped = [preamble(NODE, &[], &bytes), rest.to_vec()].concat();
    let foreign = head("431321/other", 9, item).to_bytes();
    let foreign = [
        preamble(NODE, &key().sign(&foreign), &foreign),
        rest.to_vec(),
    ]
    .concat();
    vec![
        ("unknown node", 401, "X101", unknown),
        ("a name with a NUL", 401, "X101", nul),
        ("another's key", 401, "X102", forged),
        ("altered head", 401, "X102", altered),
        ("no signature", 401, "X102", stripped),
        ("the head of another node", 422, "X107", foreign),
        ("altered item", 400, "X103", damaged),
        ("longer item", 400, "X103", longer),
        ("shorter item", 400, "X103", shorter),
        ("cut in the item", 400, "X104", good[..in_item].to_vec()),
        ("cut in the head", 400, "X104", good[..60].to_vec()),
        ("nothing", 400, "X104", Vec::new()),
        ("no frame", 400, "X107", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        ("a chunk of noise", 400, "X107", garbage),
        ("an item too many", 400, "X107", two_items),
        ("an item too few", 400, "X107", no_item),
        ("meant for another hub", 400, "X107", elsewhere),
        (
            "bytes after the end",
            400,
            "X107",
            [good, b"x".to_vec()].concat(),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_pass_the_door_is_answered_and_told() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.world().county.hub.register(&entry(NODE)).await.unwrap();
        let one = arrival(NODE, "door", ElementId::CaseBase, (1, 1), "a");
        let item = document_of(std::slice::from_ref(&one)).into_bytes();
        for (what, status, code, frame) in away(&item) {
            let (found, receipt) = post(&rig, frame).await;
            assert_eq!(found, status, "{what}: {receipt:?}");
            let codes: Vec<String> = receipt
                .findings
                .iter()
                .map(|f| f.code.to_string())
                .collect();
            assert_eq!(codes, [code], "{what}");
            assert_eq!(
                (receipt.verdict, receipt.counts.received),
                (Verdict::Refused, 0),
                "{what}"
            );
            rig.sent.refused += 1;
            let told = rows(rig.county(), "select code, node from turned_away").await;
            assert_eq!(
                told.len() as u64,
                rig.sent.refused,
                "{what}: told to the operator"
            );
            assert!(told.iter().any(|r| r.text(0) == code), "{what}");
        }
        let text = "select (select count(*) from envelope) + (select count(*) from raw_chunk)";
        assert_eq!(
            rows(rig.county(), text).await[0].count(0),
            0,
            "nothing else is written"
        );

        // The hub is well: the good one passes, again it is a repeat, changed it is refused.
        let good = whole_frame(&key(), &head(NODE, 9, &item), &[&item]).unwrap();
        let (status, first) = post(&rig, good.clone()).await;
        assert_eq!(
            (status, first.verdict, first.repeated),
            (200, Verdict::Accepted, false)
        );
        rig.expect(std::slice::from_ref(&one));
        let (status, again) = post(&rig, good).await;
        assert_eq!(
            (status, again.repeated, &again.number),
            (200, true, &first.number)
        );
        let mut changed = head(NODE, 9, &item);
        changed.label = "changed".to_owned();
        let changed = whole_frame(&key(), &changed, &[&item]).unwrap();
        let (status, receipt) = post(&rig, changed).await;
        assert_eq!(
            (status, receipt.findings[0].code.to_string().as_str()),
            (409, "X106")
        );
        rig.sent.admitted += 1;
        rig.sent.repeated += 1;
        rig.sent.refused += 1;
        rig.end().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_of_an_unknown_node_keeps_its_file_until_it_is_registered() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        // Somebody changed the registered key: the machine is not let in.
        rig.world().county.hub.register(&entry(NODE)).await.unwrap();
        let one = arrival(NODE, "late", ElementId::CaseBase, (1, 1), "a");
        rig.drop_file(
            NODE,
            "a.xml",
            document_of(std::slice::from_ref(&one)).as_bytes(),
        );
        let faults = rig.step_until_fault(NODE).await;
        assert!(faults.contains("X102"), "{faults}");
        assert_eq!(rig.waiting(NODE).await, 1, "the parcel waits");
        rig.sent.refused += 1;
        // The right key is registered; the file passes without anybody touching it.
        rig.clock.advance(time::Duration::HOUR);
        rig.machine(NODE).await;
        rig.exhaust(NODE).await;
        let (side, receipt) = rig.receipt(NODE, "a.xml");
        assert_eq!((side, receipt.verdict), ("done", Verdict::Accepted));
        rig.expect(std::slice::from_ref(&one));
        rig.end().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_knocks_all_day_is_counted_and_fills_no_table() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        let most = limits::TURNED_AWAY_AN_HOUR;
        let kept = "select count(*) from turned_away where node = ''";
        let core = rig.county().clone();
        let knock = async |times: i64| {
            for _ in 0..times {
                let finding = Finding::new(transport::UNKNOWN_NODE, Place::default());
                gate::turned_away(&core, 401, "", "", finding)
                    .await
                    .unwrap();
            }
        };
        knock(most + 3).await;
        assert_eq!(number(&core, kept).await, most as u64);
        // Another reason is noted all the same, a node of its own, and a stranger an hour later.
        let guess = Finding::new(transport::BAD_CODE, Place::default());
        gate::turned_away(&core, 401, "", "", guess).await.unwrap();
        assert_eq!(number(&core, kept).await, most as u64 + 1);
        let finding = Finding::new(transport::BAD_SIGNATURE, Place::default());
        gate::turned_away(&core, 401, NODE, "", finding)
            .await
            .unwrap();
        rig.clock.advance(time::Duration::minutes(61));
        knock(1).await;
        assert_eq!(number(&core, kept).await, most as u64 + 2);
        let counted = "select value from counter where name = 'turned_away.X101'";
        assert_eq!(number(&core, counted).await, most as u64 + 4);
        assert_eq!(
            number(&core, "select count(*) from turned_away").await,
            most as u64 + 3
        );
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}

/// What a signed head says, or the database refuses, is the same each time: it is refused for good, leaves
/// nothing behind, and keeps nobody waiting.
#[tokio::test(flavor = "multi_thread")]
async fn what_can_never_be_taken_is_refused_for_good_and_the_next_passes() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.world().county.hub.register(&entry(NODE)).await.unwrap();
        let one = arrival(NODE, "never", ElementId::CaseBase, (1, 1), "a");
        let item = document_of(std::slice::from_ref(&one)).into_bytes();
        let edits: [(&str, &str, fn(&mut Head)); 5] = [
            ("a NUL", "X146", |h| h.label = "a\0b".to_owned()),
            ("a line feed", "X146", |h| h.items[0].name = "a\n.xml".to_owned()),
            ("no instant", "X107", |h| h.sent_at = "yesterday".to_owned()),
            ("the hub's epoch", "X107", |h| h.id.epoch = u32::MAX),
            ("a value refused", "X147", |h| h.items[0].name = "refused.xml".to_owned()),
        ];
        // A rule of the table stands for whatever an engine refuses.
        let refusing = match rig.county().store.dialect() {
            Dialect::Pg => "alter table envelope_item add check (name <> 'refused.xml')",
            Dialect::Lite => {
                "create trigger refusing before insert on envelope_item when new.name = 'refused.xml' \
                 begin select raise(abort, 'refused'); end"
            }
        };
        let mut tx = rig.county().store.begin().await.unwrap();
        tx.run_text("refusing", refusing, Vec::new()).await.unwrap();
        tx.commit().await.unwrap();
        for (what, code, edit) in edits {
            let mut never = head(NODE, 7, &item);
            edit(&mut never);
            let frame = whole_frame(&key(), &never, &[&item]).unwrap();
            for _ in 0..2 {
                let (status, receipt) = post(&rig, frame.clone()).await;
                let found = receipt.findings[0].code.to_string();
                assert_eq!((status, found.as_str()), (422, code), "{what}: {receipt:?}");
                assert_eq!((receipt.verdict, receipt.number.as_str()), (Verdict::Refused, ""));
                rig.sent.refused += 1;
            }
        }
        let text = "select (select count(*) from envelope) + (select count(*) from raw_chunk)";
        assert_eq!(number(rig.county(), text).await, 0, "nothing is kept");
        let good = whole_frame(&key(), &head(NODE, 8, &item), &[&item]).unwrap();
        let (status, receipt) = post(&rig, good).await;
        assert_eq!((status, receipt.verdict), (200, Verdict::Accepted));
        rig.expect(std::slice::from_ref(&one));
        rig.sent.admitted += 1;
        rig.end().await;
    })
    .await;
}

/// A frame whose item is cut into chunks of that many bytes.
fn cut(sequence: u64, item: &[u8], size: usize) -> Vec<u8> {
    let bytes = head(NODE, sequence, item).to_bytes();
    let mut frame = preamble(NODE, &key().sign(&bytes), &bytes);
    for chunk in item.chunks(size) {
        let packed = compress(chunk).unwrap();
        frame.extend_from_slice(&chunk_header(packed.len()));
        frame.extend_from_slice(&packed);
    }
    frame.extend_from_slice(&ITEM_END);
    frame.extend_from_slice(&FRAME_END);
    frame
}

/// All that is kept under a digest.
async fn kept(rig: &Rig, digest: &str) -> Result<Vec<u8>, RawError> {
    let mut reader = RawReader::new(rig.county(), digest);
    let mut bytes = Vec::new();
    while let Some(chunk) = reader.next().await? {
        bytes.extend(chunk);
    }
    Ok(bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_cut_in_two_ways_are_kept_once_and_read_back() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.world().county.hub.register(&entry(NODE)).await.unwrap();
        let mut sequence = 0;
        for (name, sizes) in [("few first", [2_000, 300]), ("many first", [300, 2_000])] {
            let one = arrival(NODE, name, ElementId::CaseBase, (1, 1), "a");
            let padding = format!("<!-- {name} {} -->", "x".repeat(3_000));
            let item = document_of(std::slice::from_ref(&one)) + &padding;
            let (item, digest) = (item.as_bytes(), hex(&Sha256::digest(&item)));
            for size in sizes {
                sequence += 1;
                let (status, receipt) = post(&rig, cut(sequence, item, size)).await;
                assert_eq!((status, receipt.verdict), (200, Verdict::Accepted));
                assert_eq!(kept(&rig, &digest).await.unwrap(), item, "{name}, {size}");
            }
            let chunks = format!("select count(*) from raw_chunk where digest = '{digest}'");
            let first = item.len().div_ceil(sizes[0]) as u64;
            assert_eq!(
                number(rig.county(), &chunks).await,
                first,
                "{name}: one chunking"
            );

            // What an earlier version left behind the end is passed over; what is lost is told.
            let change = async |text: String| {
                let mut tx = rig.county().store.begin().await.unwrap();
                let changed = tx.run_text("change", &text, Vec::new()).await.unwrap();
                tx.commit().await.unwrap();
                assert_eq!(changed, 1);
            };
            change(format!(
                "insert into raw_chunk (digest, chunk_no, bytes) select digest, {first}, bytes \
                 from raw_chunk where digest = '{digest}' and chunk_no = 0"
            ))
            .await;
            assert_eq!(
                kept(&rig, &digest).await.unwrap(),
                item,
                "{name}: its end is known"
            );
            let of = format!("where digest = '{digest}' and chunk_no");
            change(format!("delete from raw_chunk {of} = {first}")).await;
            change(format!("delete from raw_chunk {of} = {}", first - 1)).await;
            let lost = kept(&rig, &digest).await;
            assert!(matches!(lost, Err(RawError::Differs { .. })), "{lost:?}");
        }
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}
