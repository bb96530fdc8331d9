//! Two gigabytes of one element, as a stream through the door and the gate: refused with its
//! receipt, kept, and with flat memory. A process of its own, for its memory is what is measured.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use sha2::{Digest, Sha256};
use std::sync::Arc;
use tongcha_decode::dialect::Registry;
use tongcha_hub::exchange::{BusKind, Database, Hub, NodeEntry, Options};
use tongcha_hub::gate;
use tongcha_hub::push::Intake;
use tongcha_schema::clock::{CHINA, ManualClock};
use tongcha_schema::digest::hex;
use tongcha_schema::envelope::{FRAME_END, Head, ITEM_END, ItemHead, chunk_header, preamble};
use tongcha_schema::id::EnvelopeId;
use tongcha_schema::limits::CHUNK_BYTES;
use tongcha_schema::receipt::Verdict;
use tongcha_schema::seal::{NodeKey, Sealed, public_text};
use tongcha_supervision::{Calendar, Profile};

const NODE: &str = "431321/flood";
const HUB: &str = "431321/hub";
const BYTES: usize = 2 << 30;
/// Growth of the process that is no growth with the item: buffers, pools, the guard's window.
const FLAT_BYTES: u64 = 192 << 20;

const START: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Package version=\"1.0\"><Head><MsgId>M1</MsgId>\
    </Head><Body><Case caseId=\"1\" op=\"I\" dataVer=\"1\"><Material seq=\"1\"><MaterialName>";
const END: &str = "</MaterialName></Material></Case></Body></Package>";

async fn hub(folder: &std::path::Path) -> Hub {
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
        intake: Intake::default(),
        reception: None,
    };
    let clock = ManualClock::at(time::macros::datetime!(2026-01-20 10:00 +8));
    Hub::start(options, Arc::new(clock)).await.unwrap()
}

/// Most memory that this process has had, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gigabytes_of_one_element_are_refused_with_flat_memory() {
    let folder = tempfile::tempdir().unwrap();
    let hub = hub(folder.path()).await;
    let key = NodeKey::from_bytes(&[3; 32]);
    let entry = NodeEntry {
        name: NODE.to_owned(),
        public_key: public_text(&key.public()),
        ..NodeEntry::default()
    };
    hub.register(&entry).await.unwrap();
    let filling = vec![b'a'; CHUNK_BYTES];
    let chunks = BYTES / CHUNK_BYTES;
    let mut hash = Sha256::new().chain_update(START);
    for _ in 0..chunks {
        hash.update(&filling);
    }
    let digest = hex(&hash.chain_update(END).finalize());
    let size = (START.len() + BYTES + END.len()) as u64;
    let head = Head {
        v: 1,
        id: EnvelopeId {
            node: NODE.to_owned(),
            epoch: 1,
            sequence: 1,
        },
        target: HUB.to_owned(),
        sender_org: "11431321009000015L".to_owned(),
        std_ver: "1.0".to_owned(),
        sent_at: "2026-01-20T10:00:00+08:00".to_owned(),
        dialect: "auto".to_owned(),
        label: "flood.xml".to_owned(),
        record_count: None,
        secrecy: None,
        items: vec![ItemHead::whole("flood.xml", size, digest)],
    };
    let bytes = head.to_bytes();
    let framed = |plain: &[u8]| {
        let chunk = tongcha_adapters::package::compress(plain).unwrap();
        [chunk_header(chunk.len()).as_slice(), &chunk].concat()
    };
    let middle = framed(&filling);
    let before = std::iter::once(preamble(NODE, &key.sign(&bytes), &bytes));
    let before = before.chain(std::iter::once(framed(START.as_bytes())));
    let after = [
        framed(END.as_bytes()),
        ITEM_END.to_vec(),
        FRAME_END.to_vec(),
    ];
    let all = before
        .chain(std::iter::repeat_n(middle, chunks))
        .chain(after);
    let stream = futures_util::stream::iter(all.map(Ok::<_, std::io::Error>));
    let at_rest = peak();
    let answer = gate::admit(&hub.core, None, stream).await.unwrap();
    let receipt = answer.receipt;
    assert_eq!(
        (answer.status, receipt.verdict),
        (200, Verdict::Refused),
        "{receipt:?}"
    );
    let codes: Vec<String> = receipt
        .findings
        .iter()
        .map(|f| f.code.to_string())
        .collect();
    assert_eq!(codes, ["X224"], "one finding");
    assert_eq!((receipt.counts.received, receipt.counts.rejected), (1, 1));
    let grown = peak().zip(at_rest).map(|(now, then)| now - then);
    assert!(
        grown.is_none_or(|bytes| bytes < FLAT_BYTES),
        "grown by {grown:?} bytes"
    );
    let kept = "select count(*) from raw_chunk";
    let rows = hub
        .core
        .store
        .rows_of("kept", kept, Vec::new())
        .await
        .unwrap();
    assert_eq!(
        rows[0].count(0),
        chunks as u64 + 2,
        "kept for the operator, every chunk"
    );
    // The hub is well and takes the next one.
    let next = hub
        .core
        .store
        .row("inbox.waiting", Vec::new())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(next.count(0), 0);
    hub.stop().await;
}
