//! One source, one outbox, one line: what a step does, and what it does when the line is bad.

use crate::receiver::{Mischief, Receiver};
use crate::{HUB, NOW, ORG, agent, clock};
use std::path::Path;
use time::Duration;
use tongcha_adapters::agent::Agent;
use tongcha_adapters::outbox::{Outbox, OutboxError};
use tongcha_adapters::pace::Hours;
use tongcha_adapters::sources::xml_dir::{XmlDir, XmlDirConfig};
use tongcha_schema::clock::CHINA;
use tongcha_schema::limits;
use tongcha_schema::receipt::Verdict;
use tongcha_schema::seal::Sealed;

pub fn source(folder: &Path) -> XmlDir {
    let inbox = folder.join("inbox");
    std::fs::create_dir_all(&inbox).unwrap();
    let mut config = XmlDirConfig::new("dir", inbox);
    config.quiet = Duration::ZERO;
    config.lot_files = 1;
    config.guard = false;
    XmlDir::new(config)
}

pub fn drop_file(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join("inbox").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn a_file_travels_and_its_receipts_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, clock) = (Receiver::start().await, clock());
    let mut agent = agent(folder.path(), source(folder.path()), &receiver.url, &clock).await;
    drop_file(folder.path(), "a.xml", b"<a/>");
    // The file is younger than the standing clock: two polls find it the same.
    assert_eq!(agent.step().await.unwrap().offered, 0);
    let report = agent.step().await.unwrap();
    assert_eq!(
        (report.offered, report.packed.len(), report.settled),
        (1, 1, 1)
    );
    assert_eq!(report.receipts[0].1, Verdict::Accepted);
    assert_eq!(
        (report.waiting, report.completed, report.incomplete),
        (0, 0, 1)
    );
    receiver.look(|seen| {
        let arrived = seen.arrived.values().next().unwrap();
        assert_eq!(arrived.items, [b"<a/>".to_vec()]);
        assert_eq!(
            (
                arrived.head.target.as_str(),
                arrived.head.sender_org.as_str()
            ),
            (HUB, ORG)
        );
        assert_eq!(arrived.head.sent_at, "2026-01-05T09:00:00+08:00");
        assert_eq!(
            (arrived.head.label.as_str(), arrived.head.id.sequence),
            ("a.xml", 1)
        );
        seen.completed = true;
    });
    assert_eq!(agent.step().await.unwrap().completed, 1);
    let done = folder.path().join("inbox/done");
    assert_eq!(std::fs::read(done.join("a.xml")).unwrap(), b"<a/>");
    let text = std::fs::read_to_string(done.join("a.xml.回执.txt")).unwrap();
    assert!(
        text.contains("已接收") && text.contains("入库1条"),
        "{text}"
    );
    let quiet = agent.step().await.unwrap();
    assert!(!quiet.moved() && quiet.incomplete == 0, "{quiet:?}");
}

#[tokio::test]
async fn a_busy_hub_is_left_alone_until_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, clock) = (Receiver::start().await, clock());
    let mut agent = agent(folder.path(), source(folder.path()), &receiver.url, &clock).await;
    drop_file(folder.path(), "a.xml", b"<a/>");
    agent.step().await.unwrap();
    receiver.will(&[Mischief::Busy]);
    let report = agent.step().await.unwrap();
    assert_eq!(report.waiting, 1);
    assert_eq!(report.retry_at, Some(NOW + Duration::seconds(7)));
    agent.step().await.unwrap();
    assert_eq!(receiver.look(|seen| seen.requests), 1, "asked too early");
    clock.advance(Duration::seconds(7));
    let report = agent.step().await.unwrap();
    assert_eq!((report.waiting, report.settled), (0, 1));
}

#[tokio::test]
async fn a_swallowed_receipt_makes_a_repeat_and_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, clock) = (Receiver::start().await, clock());
    let mut agent = agent(folder.path(), source(folder.path()), &receiver.url, &clock).await;
    drop_file(folder.path(), "a.xml", b"<a/>");
    agent.step().await.unwrap();
    receiver.will(&[Mischief::SwallowReceipt]);
    let report = agent.step().await.unwrap();
    assert_eq!((report.waiting, report.receipts.len()), (1, 0));
    clock.advance(Duration::minutes(5));
    let report = agent.step().await.unwrap();
    assert!(report.receipts[0].2, "repeated");
    assert_eq!(
        receiver.look(|seen| (seen.arrived.len(), seen.repeats)),
        (1, 1)
    );
}

#[tokio::test]
async fn one_parcel_that_the_hub_cannot_take_does_not_hold_up_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, clock) = (Receiver::start().await, clock());
    let mut agent = agent(folder.path(), source(folder.path()), &receiver.url, &clock).await;
    drop_file(folder.path(), "a.xml", b"<a/>");
    drop_file(folder.path(), "b.xml", b"<b/>");
    agent.step().await.unwrap();
    for mischief in [
        Mischief::Misunderstands,
        Mischief::SeesDamage,
        Mischief::WrongReceipt,
    ] {
        receiver.will(&[mischief]);
        let report = agent.step().await.unwrap();
        assert_eq!(report.waiting, 1, "{mischief:?}: {report:?}");
        assert!(!report.faults.is_empty(), "{mischief:?}");
        clock.advance(Duration::hours(2));
    }
    let report = agent.step().await.unwrap();
    assert_eq!((report.waiting, report.settled), (0, 1));
    let names: Vec<String> = receiver.items().into_iter().map(|i| i.0).collect();
    assert_eq!(names, ["a.xml", "b.xml"]);
}

#[tokio::test]
async fn damage_that_stays_is_settled_as_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, clock) = (Receiver::start().await, clock());
    let mut agent = agent(folder.path(), source(folder.path()), &receiver.url, &clock).await;
    drop_file(folder.path(), "a.xml", b"<a/>");
    agent.step().await.unwrap();
    receiver.will(&[Mischief::SeesDamage; 5]);
    for _ in 0..4 {
        assert_eq!(agent.step().await.unwrap().waiting, 1);
        clock.advance(Duration::hours(2));
    }
    let report = agent.step().await.unwrap();
    assert_eq!(
        (report.waiting, report.receipts[0].1),
        (0, Verdict::Refused)
    );
    assert!(folder.path().join("inbox/bad/a.xml").exists());
}

#[tokio::test]
async fn an_unknown_node_waits_long_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, clock) = (Receiver::start().await, clock());
    let mut agent = agent(folder.path(), source(folder.path()), &receiver.url, &clock).await;
    drop_file(folder.path(), "a.xml", b"<a/>");
    agent.step().await.unwrap();
    receiver.will(&[Mischief::UnknownNode]);
    let report = agent.step().await.unwrap();
    assert!(
        report.faults[0].contains("X101") && report.faults[0].contains("hint:"),
        "{report:?}"
    );
    assert_eq!(report.retry_at, Some(NOW + Duration::minutes(5)));
    clock.advance(Duration::minutes(5));
    assert_eq!(agent.step().await.unwrap().settled, 1);
}

#[tokio::test]
async fn a_hub_that_is_down_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let closed = "http://127.0.0.1:9";
    let mut down = agent(folder.path(), source(folder.path()), closed, &clock).await;
    drop_file(folder.path(), "a.xml", b"<a/>");
    down.step().await.unwrap();
    let report = down.step().await.unwrap();
    assert_eq!(report.waiting, 1);
    assert!(report.faults[0].contains("refused"), "{report:?}");
    drop(down);
    let receiver = Receiver::start().await;
    let mut up = agent(folder.path(), source(folder.path()), &receiver.url, &clock).await;
    assert_eq!(up.step().await.unwrap().settled, 1);
}

#[tokio::test]
async fn a_full_outbox_holds_the_source_back() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let mut config = crate::config();
    config.most_waiting = 2;
    let outbox = crate::outbox(folder.path()).await;
    let uplink = crate::uplink("http://127.0.0.1:9", &clock);
    let source = Box::new(source(folder.path()));
    let mut agent = Agent::new(config, source, uplink, outbox, clock);
    for name in ["a.xml", "b.xml"] {
        drop_file(folder.path(), name, b"<a/>");
    }
    agent.step().await.unwrap();
    assert_eq!(agent.step().await.unwrap().waiting, 2);
    drop_file(folder.path(), "c.xml", b"<a/>");
    for _ in 0..3 {
        let report = agent.step().await.unwrap();
        assert!(report.held_back && report.waiting == 2);
    }
    assert!(folder.path().join("inbox/c.xml").exists());
}

#[tokio::test]
async fn a_large_item_passes_in_bounded_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, clock) = (Receiver::start().await, clock());
    let mut agent = agent(folder.path(), source(folder.path()), &receiver.url, &clock).await;
    // 20 MB that hardly compress.
    let mut state = 1u64;
    let mut noise = Vec::with_capacity(20_000_000);
    while noise.len() < 20_000_000 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        noise.extend_from_slice(&state.to_be_bytes());
    }
    drop_file(folder.path(), "large.bin", &noise);
    agent.step().await.unwrap();
    let report = agent.step().await.unwrap();
    assert_eq!(report.settled, 1, "{report:?}");
    let (largest, same) = receiver.look(|seen| {
        let arrived = seen.arrived.values().next().unwrap();
        (arrived.largest, arrived.items[0] == noise)
    });
    assert!(same);
    assert!(
        largest <= limits::CHUNK_BYTES + limits::CHUNK_BYTES / 128 + 1024,
        "{largest}"
    );
    // Its bytes are gone from the outbox, its receipt stays.
    let outbox = agent.outbox().clone();
    let id = report.packed[0].clone();
    assert!(outbox.receipt_of(&id).await.unwrap().is_some());
    outbox.sweep(NOW, Duration::days(1)).await.unwrap();
    outbox.close().await;
    let size = std::fs::metadata(folder.path().join("outbox.db"))
        .unwrap()
        .len();
    assert!(size < 16_000_000, "{size}");
}

#[tokio::test]
async fn nothing_of_a_parcel_lies_open_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock();
    let mut agent = agent(
        folder.path(),
        source(folder.path()),
        "http://127.0.0.1:9",
        &clock,
    )
    .await;
    drop_file(
        folder.path(),
        "zhangsan-canary.xml",
        b"<a>canary-13800000000</a>",
    );
    agent.step().await.unwrap();
    assert_eq!(agent.step().await.unwrap().packed.len(), 1);
    agent.outbox().close().await;
    for name in ["outbox.db", "outbox.db-wal"] {
        let bytes = std::fs::read(folder.path().join(name)).unwrap_or_default();
        assert!(!bytes.windows(6).any(|w| w == b"canary"), "{name}");
    }
    let file = folder.path().join("outbox.db");
    let again = Outbox::open(&file, crate::NODE, Sealed::new([6; 32]), NOW);
    let fault = again
        .await
        .unwrap()
        .next_due("dir", NOW + Duration::DAY)
        .await
        .unwrap_err();
    assert!(matches!(fault, OutboxError::Sealed { .. }), "{fault}");
}

#[tokio::test]
async fn an_outbox_made_anew_has_a_higher_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let first = crate::outbox(folder.path()).await;
    let epoch = first.epoch();
    first.close().await;
    assert_eq!(
        crate::outbox(folder.path()).await.epoch(),
        epoch,
        "the same file"
    );
    for name in ["outbox.db", "outbox.db-wal", "outbox.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(name));
    }
    let second = crate::outbox(folder.path()).await;
    assert_eq!(
        second.epoch(),
        epoch + 1,
        "the clock stands, the file beside remembers"
    );
    second.close().await;
    let file = folder.path().join("outbox.db");
    let other = Outbox::open(&file, "431321/other", Sealed::new([5; 32]), NOW).await;
    assert!(matches!(other, Err(OutboxError::OtherNode { .. })));
    std::fs::remove_dir_all(folder.path()).unwrap();
    let later = Outbox::open(
        &file,
        crate::NODE,
        Sealed::new([5; 32]),
        NOW + Duration::DAY,
    )
    .await;
    assert!(later.unwrap().epoch() > epoch + 1, "the folder was lost");
}

#[tokio::test]
async fn run_stops_when_told_and_moves_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, clock) = (Receiver::start().await, clock());
    let mut config = crate::config();
    config.pause = std::time::Duration::from_millis(5);
    let outbox = crate::outbox(folder.path()).await;
    let mut news = outbox.news();
    let uplink = crate::uplink(&receiver.url, &clock);
    let source = Box::new(source(folder.path()));
    drop_file(folder.path(), "a.xml", b"<a/>");
    let mut agent = Agent::new(config, source, uplink, outbox, clock);
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let running = tokio::spawn(async move { agent.run(stopped).await });
    // Packed, then receipted.
    news.wait_for(|n| *n >= 2).await.unwrap();
    stop.send(true).unwrap();
    running.await.unwrap();
    assert_eq!(receiver.items().len(), 1);
}

#[tokio::test]
async fn outside_its_hours_a_machine_takes_and_does_not_send() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, clock) = (Receiver::start().await, clock());
    let outbox = crate::outbox(folder.path()).await;
    let mut config = crate::config();
    config.hours = Hours::parse(&["18:00-08:00"], CHINA);
    let uplink = crate::uplink(&receiver.url, &clock);
    let source = Box::new(source(folder.path()));
    let mut agent = Agent::new(config, source, uplink, outbox, clock.clone());
    drop_file(folder.path(), "a.xml", b"<a/>");
    // It is nine in the morning.
    let report = agent.exhaust().await.unwrap();
    assert_eq!(
        (report.packed.len(), report.receipts.len(), report.waiting),
        (1, 0, 1)
    );
    assert_eq!(receiver.look(|seen| seen.arrived.len()), 0);
    clock.advance(Duration::hours(9));
    let report = agent.exhaust().await.unwrap();
    assert_eq!((report.receipts.len(), report.waiting), (1, 0));
}
