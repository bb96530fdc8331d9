//! What arrives has bounded room, and whoever is silent is not waited for: strangers, slow heads and bodies, idle
//! connections, one node's many envelopes, and fifty senders at once on little memory and disk.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use futures_util::{StreamExt as _, stream};
use sha2::{Digest, Sha256};
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tongcha_adapters::package::whole_frame;
use tongcha_decode::dialect::Registry;
use tongcha_hub::exchange::{BusKind, Database, Hub, NodeEntry, Options};
use tongcha_hub::gate::{self, Answer, GateError};
use tongcha_hub::push::{Intake, PushDoor, token_sha256};
use tongcha_hub::room::{Bounds, Patience};
use tongcha_hub::serve::{Doorman, serve};
use tongcha_schema::clock::{CHINA, ManualClock};
use tongcha_schema::digest::hex;
use tongcha_schema::envelope::{Head, ItemHead, chunk_header, preamble};
use tongcha_schema::id::EnvelopeId;
use tongcha_schema::limits;
use tongcha_schema::receipt::Verdict;
use tongcha_schema::seal::{NodeKey, Sealed, public_text};
use tongcha_supervision::{Calendar, Profile};

const HUB: &str = "431321/hub";
const NODE: &str = "431321/one";
const TOKEN: &str = "story-token-of-431321-one";
/// Long enough for two machines and a disk, too short for a person.
const SOON: Duration = Duration::from_millis(30);

fn key() -> NodeKey {
    NodeKey::from_bytes(&[3; 32])
}

async fn hub(folder: &Path, bounds: Bounds) -> Hub {
    let door = PushDoor {
        node: NODE.to_owned(),
        organ: String::new(),
        dialect: "auto".to_owned(),
        token_sha256: token_sha256(TOKEN),
    };
    let options = Options {
        name: HUB.to_owned(),
        database: Database::Sqlite(folder.join("store.db")),
        bus: BusKind::Memory,
        partitions: 1,
        profile: Profile::shipped("huating").unwrap(),
        calendar: Calendar::cn().unwrap(),
        zone: CHINA,
        spool: folder.join("spool"),
        forwards: false,
        issues_cards: true,
        sealed: Sealed::new([1; 32]),
        registry: Arc::new(Registry::with([]).unwrap()),
        intake: Intake::new(vec![door], limits::MOST_WAITING_BUNDLES).bounded(bounds),
        reception: None,
    };
    let clock = ManualClock::at(time::macros::datetime!(2026-01-20 10:00 +8));
    let hub = Hub::start(options, Arc::new(clock)).await.unwrap();
    register(&hub, NODE).await;
    hub
}

async fn register(hub: &Hub, node: &str) {
    let entry = NodeEntry {
        name: node.to_owned(),
        public_key: public_text(&key().public()),
        ..NodeEntry::default()
    };
    hub.register(&entry).await.unwrap();
}

fn head(node: &str, sequence: u64, item: &[u8]) -> Head {
    let digest = hex(&Sha256::digest(item));
    Head {
        v: 1,
        id: EnvelopeId {
            node: node.to_owned(),
            epoch: 1,
            sequence,
        },
        target: HUB.to_owned(),
        sender_org: "11431321009000015L".to_owned(),
        std_ver: "1.0".to_owned(),
        sent_at: "2026-01-20T10:00:00+08:00".to_owned(),
        dialect: "auto".to_owned(),
        label: "rooms".to_owned(),
        record_count: None,
        secrecy: None,
        items: vec![ItemHead::whole("a.xml", item.len() as u64, digest)],
    }
}

fn frame(node: &str, sequence: u64, item: &[u8]) -> Vec<u8> {
    whole_frame(&key(), &head(node, sequence, item), &[item]).unwrap()
}

/// A good document of some size that does not compress.
fn document(bytes: usize, mut state: u64) -> Vec<u8> {
    let mut text = tongcha_schema::sample::whole_case();
    text.push_str("<!--");
    for _ in 0..bytes {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        text.push(char::from(b'a' + (state >> 33) as u8 % 26));
    }
    text.push_str("-->");
    text.into_bytes()
}

async fn admit(hub: &Hub, frame: Vec<u8>) -> Result<Answer, GateError> {
    let pieces: Vec<_> = frame.chunks(10_000).map(<[u8]>::to_vec).collect();
    let body = stream::iter(pieces.into_iter().map(Ok::<_, Error>));
    gate::admit(&hub.core, None, body).await
}

/// Sends the beginning of a request and falls silent; what comes back until the hub closes.
async fn silent(address: SocketAddr, start: &[u8]) -> String {
    let mut line = TcpStream::connect(address).await.unwrap();
    line.write_all(start).await.unwrap();
    let mut answer = Vec::new();
    if let Err(error) = line.read_to_end(&mut answer).await {
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// The head of a request whose body never ends, and the body's beginning.
fn post(path: &str, body: &[u8]) -> Vec<u8> {
    let start = format!(
        "POST {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: 9000000\r\n\r\n"
    );
    [start.as_bytes(), body].concat()
}

async fn served(hub: &Hub, doorman: Doorman) -> (SocketAddr, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    (
        address,
        tokio::spawn(serve(listener, hub.routes(), doorman)),
    )
}

/// What a silent sender is told by a hub of that patience.
async fn told(patience: Patience, start: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let bounds = Bounds {
        patience,
        ..Bounds::default()
    };
    let hub = hub(folder.path(), bounds).await;
    let (address, server) = served(&hub, Doorman::protocol()).await;
    let answer = silent(address, start).await;
    let held = hub.core.intake.rooms.held();
    assert_eq!((held.0, held.1), (0, 0), "nothing is held for the silent");
    server.abort();
    hub.stop().await;
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_falls_silent_is_answered_and_closed_at_every_place() {
    let item = document(1_000, 1);
    let bytes = head(NODE, 1, &item).to_bytes();
    let known = preamble(NODE, &key().sign(&bytes), &bytes);
    let chunk = [known.as_slice(), &chunk_header(1_000), b"few"].concat();
    let usual = Patience::default();
    let stranger = Patience {
        stranger: SOON,
        ..usual
    };
    let slow_head = Patience {
        head: SOON,
        ..usual
    };
    let silence = Patience {
        silence: SOON,
        ..usual
    };
    for (what, patience, path, body, item) in [
        ("no sender", stranger, "/v1/envelopes", b"TCE1".to_vec(), 0),
        (
            "half a head",
            slow_head,
            "/v1/envelopes",
            known[..known.len() - 9].to_vec(),
            0,
        ),
        ("half an item", silence, "/v1/envelopes", chunk, 1),
    ] {
        let answer = told(patience, &post(path, &body)).await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{what}: {answer}");
        let place = format!("[\"item\",\"{item}\"]");
        assert!(
            answer.contains("X104") && answer.contains(&place),
            "{what}: {answer}"
        );
    }
    let answer = told(silence, &post("/v1/documents", b"<Package>")).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "a document: {answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_told_before_his_head_is_read() {
    let bytes = vec![b' '; limits::HEAD_BYTES];
    let whole = preamble("431321/nobody", &[7; 64], &bytes);
    // Only the length of the head is here: a hub that wanted it would wait.
    let start = &whole[..whole.len() - bytes.len()];
    let answer = told(Patience::default(), &post("/v1/envelopes", start)).await;
    assert!(
        answer.starts_with("HTTP/1.1 401") && answer.contains("X101"),
        "{answer}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_end_and_the_next_has_its_turn() {
    let folder = tempfile::tempdir().unwrap();
    let hub = hub(folder.path(), Bounds::default()).await;
    let doorman = Doorman {
        connections: 2,
        idle: SOON,
    };
    let (address, server) = served(&hub, doorman).await;
    let idle: Vec<_> = (0..5)
        .map(|_| tokio::spawn(silent(address, b"GET /v1/")))
        .collect();
    let asked = b"GET /v1/health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let answer = silent(address, asked).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    for idle in idle {
        let answer = idle.await.unwrap();
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    server.abort();
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_node_takes_no_more_than_its_share() {
    let folder = tempfile::tempdir().unwrap();
    let bounds = Bounds {
        node_at_once: 1,
        ..Bounds::default()
    };
    let hub = Arc::new(hub(folder.path(), bounds).await);
    register(&hub, "431321/two").await;
    let item = document(100, 1);
    let half = frame(NODE, 1, &item);
    let half = half[..half.len() - 8].to_vec();
    let (heard, at_work) = tokio::sync::oneshot::channel();
    // Asked for more, the hub has taken what came: then it is told, and nothing comes any more.
    let never = async move {
        heard.send(()).unwrap();
        std::future::pending().await
    };
    let body = stream::iter([Ok::<_, Error>(half)]).chain(stream::once(never));
    let core = Arc::clone(&hub.core);
    let first = tokio::spawn(async move { gate::admit(&core, None, body).await.map(|_| ()) });
    at_work.await.unwrap();
    let second = admit(&hub, frame(NODE, 2, &item)).await;
    assert!(
        second.is_err_and(|error| error.is_busy()),
        "its share is used up"
    );
    let other = admit(&hub, frame("431321/two", 1, &item)).await.unwrap();
    assert_eq!(
        (other.status, other.receipt.verdict),
        (200, Verdict::Accepted)
    );
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    let second = admit(&hub, frame(NODE, 2, &item)).await.unwrap();
    assert_eq!(second.status, 200, "its turn came back");
    Arc::into_inner(hub).unwrap().stop().await;
}

/// Fifty senders with a room for a few: who finds none is put off and comes again, all are taken, and no
/// bound is passed.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_senders_share_little_room() {
    let folder = tempfile::tempdir().unwrap();
    let bounds = Bounds {
        memory: 256 << 10,
        envelope_memory: 64 << 10,
        disk: 1 << 20,
        examined: 2,
        ..Bounds::default()
    };
    let hub = Arc::new(hub(folder.path(), bounds).await);
    let (left, _) = tokio::sync::watch::channel(50);
    let mut senders = tokio::task::JoinSet::new();
    for number in 0..50_u64 {
        let node = format!("431321/n{number}");
        register(&hub, &node).await;
        let (hub, left) = (Arc::clone(&hub), left.clone());
        senders.spawn(async move {
            let frame = frame(&node, 1, &document(200_000, number + 1));
            let mut put_off = 0_u32;
            loop {
                let mut others = left.subscribe();
                match admit(&hub, frame.clone()).await {
                    Ok(answer) => {
                        left.send_modify(|left| *left -= 1);
                        return (answer.receipt.verdict, put_off);
                    }
                    Err(error) if error.is_busy() => put_off += 1,
                    Err(error) => panic!("{error}"),
                }
                // Whoever holds the room gives it back by being taken.
                others.changed().await.unwrap();
            }
        });
    }
    let mut put_off = 0;
    while let Some(done) = senders.join_next().await {
        let (verdict, times) = done.unwrap();
        assert_eq!(verdict, Verdict::Accepted);
        put_off += times;
    }
    assert!(put_off > 0, "some had to come again");
    let (memory, disk, most) = hub.core.intake.rooms.held();
    assert_eq!((memory, disk), (0, 0), "all is given back");
    assert!(most <= 256 << 10, "{most}");
    // One that is larger than all of the disk's room is told so for good.
    let large = admit(&hub, frame(NODE, 1, &document(2 << 20, 99)))
        .await
        .unwrap();
    assert_eq!(large.status, 422, "{large:?}");
    assert_eq!(large.receipt.findings[0].code.to_string(), "X105");
    Arc::into_inner(hub).unwrap().stop().await;
}
