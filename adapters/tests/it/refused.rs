//! Every failure is the line's, the machine's or the parcel's; that of a parcel holds up no other and does not
//! circle for ever.

use crate::agent::{drop_file, source};
use crate::receiver::{Mischief, Receiver};
use crate::{NOW, agent, clock};
use time::Duration;
use tongcha_schema::code::transport;
use tongcha_schema::receipt::Verdict;

/// Drops a file and has it packed; the next step sends it.
async fn packed(folder: &std::path::Path, agent: &mut tongcha_adapters::agent::Agent, name: &str) {
    drop_file(folder, name, b"<a/>");
    agent.step().await.unwrap();
}

#[tokio::test]
async fn what_the_hub_can_never_take_is_set_aside_and_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, clock) = (Receiver::start().await, clock());
    let mut agent = agent(folder.path(), source(folder.path()), &receiver.url, &clock).await;
    drop_file(folder.path(), "b.xml", b"<b/>");
    packed(folder.path(), &mut agent, "a.xml").await;
    receiver.will(&[Mischief::TurnsAway(422, transport::OVER_LIMIT)]);
    let report = agent.step().await.unwrap();
    let verdicts: Vec<Verdict> = report.receipts.iter().map(|r| r.1).collect();
    assert_eq!(verdicts, [Verdict::Refused, Verdict::Accepted]);
    assert_eq!(
        (report.waiting, report.settled, report.refused()),
        (0, 2, 1)
    );
    let bad = folder.path().join("inbox/bad");
    let text = std::fs::read_to_string(bad.join("a.xml.回执.txt")).unwrap();
    for part in ["未接收", "[X105]", "[X125]"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(bad.join("a.xml").exists());
    let traffic = agent.outbox().traffic("dir").await.unwrap();
    assert_eq!(
        (traffic.aside, traffic.refused, traffic.receipts),
        (1, 1, 2)
    );
    assert!(traffic.last_aside.unwrap().1.contains("X105"));
    // Nobody asks for its completion, and its claim is forgotten; the other's is awaited.
    clock.advance(Duration::hours(9));
    receiver.look(|seen| seen.completed = true);
    let report = agent.step().await.unwrap();
    assert_eq!((report.completed, report.incomplete), (1, 0));
    let work = std::fs::read_dir(folder.path().join("inbox/work")).unwrap();
    let left: Vec<_> = work.map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, [".last"]);
    assert_eq!(receiver.look(|seen| seen.requests), 2, "sent once each");
}

#[tokio::test]
async fn numbers_that_were_given_away_before_are_passed() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, clock) = (Receiver::start().await, clock());
    let mut agent = agent(folder.path(), source(folder.path()), &receiver.url, &clock).await;
    packed(folder.path(), &mut agent, "a.xml").await;
    // The machine was set back: the hub knows the next numbers with other content.
    receiver.will(&[Mischief::TurnsAway(409, transport::CHANGED_REPEAT); 3]);
    let report = agent.step().await.unwrap();
    assert_eq!((report.settled, report.waiting), (1, 0), "{report:?}");
    let sequence = receiver.look(|seen| seen.arrived.values().next().unwrap().head.id.sequence);
    assert_eq!(sequence, 1 + 1 + 2 + 4);
    let done = folder.path().join("inbox/done/a.xml");
    assert_eq!(std::fs::read(done).unwrap(), b"<a/>");
    // Who knows the first number learns of the receipt all the same.
    let mut first = report.packed[0].clone();
    first.sequence = 1;
    let receipt = agent.outbox().receipt_of(&first).await.unwrap().unwrap();
    assert_eq!(receipt.verdict, Verdict::Accepted);
    // It does not go on for ever.
    packed(folder.path(), &mut agent, "b.xml").await;
    receiver.will(&[Mischief::TurnsAway(409, transport::CHANGED_REPEAT); 30]);
    let report = agent.step().await.unwrap();
    assert_eq!((report.waiting, report.refused()), (0, 1), "{report:?}");
    assert!(folder.path().join("inbox/bad/b.xml").exists());
}

#[tokio::test]
async fn what_was_packed_while_the_clock_was_ahead_gets_the_right_time() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, clock) = (Receiver::start().await, clock());
    let mut agent = agent(folder.path(), source(folder.path()), &receiver.url, &clock).await;
    clock.set(NOW + Duration::days(4_000));
    receiver.will(&[Mischief::TurnsAway(400, transport::CLOCK_SKEW)]);
    drop_file(folder.path(), "a.xml", b"<a/>");
    let report = agent.step().await.unwrap();
    // As long as it is ahead, the machine waits as a whole, and says so.
    assert_eq!(report.waiting, 1);
    assert!(
        report.retry_at.is_some() && report.faults[0].contains("X114"),
        "{report:?}"
    );
    clock.set(NOW);
    drop(agent);
    let mut agent = crate::agent(folder.path(), source(folder.path()), &receiver.url, &clock).await;
    receiver.will(&[Mischief::TurnsAway(400, transport::CLOCK_SKEW)]);
    let report = agent.step().await.unwrap();
    assert_eq!((report.settled, report.waiting), (1, 0), "{report:?}");
    let sent_at = receiver.look(|seen| seen.arrived.values().next().unwrap().head.sent_at.clone());
    assert_eq!(sent_at, "2026-01-05T09:00:00+08:00");
}

#[tokio::test]
async fn what_is_wrong_with_the_machine_sets_nothing_aside() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, clock) = (Receiver::start().await, clock());
    let mut agent = agent(folder.path(), source(folder.path()), &receiver.url, &clock).await;
    drop_file(folder.path(), "b.xml", b"<b/>");
    packed(folder.path(), &mut agent, "a.xml").await;
    for _ in 0..30 {
        receiver.will(&[Mischief::TurnsAway(400, transport::NOT_AS_DEMANDED)]);
        let report = agent.step().await.unwrap();
        assert_eq!((report.waiting, report.receipts.len()), (2, 0));
        assert!(report.faults[0].contains("X117"), "{report:?}");
        clock.advance(Duration::hours(1));
    }
    assert_eq!(agent.step().await.unwrap().settled, 2);
}

#[tokio::test]
async fn a_hundred_lots_that_cannot_be_given_back_hide_none_behind_them() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, clock) = (Receiver::start().await, clock());
    let mut agent = agent(folder.path(), source(folder.path()), &receiver.url, &clock).await;
    for n in 0..101 {
        drop_file(folder.path(), &format!("sub/{n:03}.xml"), b"<a/>");
    }
    drop_file(folder.path(), "z.xml", b"<a/>");
    // A file stands where the folder would be.
    let done = folder.path().join("inbox/done");
    std::fs::create_dir(&done).unwrap();
    std::fs::write(done.join("sub"), b"").unwrap();
    let mut settled = 0;
    for _ in 0..4 {
        let report = agent.step().await.unwrap();
        settled += report.settled;
        clock.advance(Duration::seconds(30));
    }
    assert_eq!(settled, 1);
    assert!(done.join("z.xml").exists());
    let traffic = agent.outbox().traffic("dir").await.unwrap();
    assert!(traffic.fault.unwrap().contains("sub/000.xml"));
    std::fs::remove_file(done.join("sub")).unwrap();
    clock.advance(Duration::hours(1));
    let mut given = 0;
    for _ in 0..3 {
        given += agent.step().await.unwrap().settled;
        clock.advance(Duration::hours(1));
    }
    assert_eq!(given, 101);
}

#[cfg(unix)]
#[tokio::test]
async fn what_the_agent_keeps_is_closed_to_others_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    std::fs::create_dir(&state).unwrap();
    // Somebody has opened it to all.
    std::fs::write(state.join("outbox.db"), b"").unwrap();
    let open = std::fs::Permissions::from_mode(0o666);
    std::fs::set_permissions(state.join("outbox.db"), open).unwrap();
    let hold = tongcha_adapters::outbox::OutboxLock::take(&state.join("outbox.db")).unwrap();
    let outbox = crate::outbox(&state).await;
    outbox.depth(None).await.unwrap();
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&state).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        let name = entry.file_name().into_string().unwrap();
        assert_eq!(mode & 0o007, 0, "{name}: {mode:o}");
        names.push(name);
    }
    assert!(names.len() >= 4, "{names:?}");
    let fresh = folder.path().join("fresh");
    drop((hold, crate::outbox(&fresh).await));
    let mode = std::fs::metadata(&fresh).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}
