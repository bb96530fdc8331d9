//! What only an exchange directory has: writers that are not done, links, archives, names.

use crate::NOW;
use crate::agent::drop_file;
use crate::contract::receipt;
use std::io::Write;
use std::path::{Path, PathBuf};
use time::{Duration, OffsetDateTime};
use tongcha_adapters::source::{Lot, Source};
use tongcha_adapters::sources::xml_dir::{XmlDir, XmlDirConfig};
use tongcha_schema::clock::unix_ms;
use tongcha_schema::receipt::{ItemReceipt, Verdict};

fn config(folder: &Path) -> XmlDirConfig {
    let inbox = folder.join("inbox");
    std::fs::create_dir_all(&inbox).unwrap();
    let mut config = XmlDirConfig::new("dir", inbox);
    config.quiet = Duration::ZERO;
    config
}

async fn poll(source: &mut XmlDir) -> Vec<Lot> {
    source.poll(NOW, None).await.unwrap()
}

/// Two polls: whatever stands still is claimed.
async fn claim(source: &mut XmlDir) -> Vec<Lot> {
    poll(source).await;
    poll(source).await
}

fn names(lots: &[Lot]) -> Vec<&str> {
    let items = lots.iter().flat_map(|l| &l.items);
    items.map(|i| i.name.as_str()).collect()
}

/// Paths below the inbox, without the receipts.
fn tree(folder: &Path) -> Vec<String> {
    fn walk(at: &Path, base: &Path, all: &mut Vec<String>) {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                walk(&path, base, all);
            } else {
                all.push(path.strip_prefix(base).unwrap().display().to_string());
            }
        }
    }
    let (base, mut all) = (folder.join("inbox"), Vec::new());
    walk(&base, &base, &mut all);
    all.sort();
    all
}

/// When a file was last changed, by its own stamps.
fn touched(folder: &Path, name: &str) -> OffsetDateTime {
    use std::os::unix::fs::MetadataExt;
    let meta = folder.join("inbox").join(name).metadata().unwrap();
    let changed = OffsetDateTime::from(meta.modified().unwrap());
    changed.max(OffsetDateTime::from_unix_timestamp(meta.ctime() + 1).unwrap())
}

#[tokio::test]
async fn quiet_means_quiet_whatever_the_polls() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    config.quiet = Duration::minutes(2);
    let mut source = XmlDir::new(config);
    // The agent's clock is behind the file's: its own looks alone count.
    let at = |seconds| NOW + Duration::seconds(seconds);
    let mut grown = b"<a>".to_vec();
    for seconds in [0, 100, 200] {
        grown.push(b'x');
        drop_file(folder.path(), "a.xml", &grown);
        // Looks in a row, as an inotify event after another makes them.
        for _ in 0..20 {
            assert!(source.poll(at(seconds), None).await.unwrap().is_empty());
        }
    }
    assert!(source.poll(at(319), None).await.unwrap().is_empty());
    // The clock was put back: nothing is taken the earlier for it.
    assert!(source.poll(at(0), None).await.unwrap().is_empty());
    assert!(source.poll(at(119), None).await.unwrap().is_empty());
    let lots = source.poll(at(120), None).await.unwrap();
    assert_eq!(names(&lots), ["a.xml"]);
    assert_eq!(lots[0].items[0].size, grown.len() as u64);
}

#[tokio::test]
async fn a_file_that_is_old_enough_is_claimed_at_first_sight() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    config.quiet = Duration::minutes(2);
    drop_file(folder.path(), "a.xml", b"<a/>");
    // A copy "with dates": the time of change is last year's, the copy is not a minute old.
    let path = folder.path().join("inbox/a.xml");
    let file = std::fs::File::options().write(true).open(path).unwrap();
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    file.set_modified(long_ago).unwrap();
    drop(file);
    let touched = touched(folder.path(), "a.xml");
    let mut source = XmlDir::new(config.clone());
    let soon = touched + Duration::seconds(110);
    assert!(source.poll(soon, None).await.unwrap().is_empty());
    let mut source = XmlDir::new(config);
    let later = touched + Duration::seconds(121);
    let lots = source.poll(later, None).await.unwrap();
    assert_eq!(names(&lots), ["a.xml"]);
    assert_eq!(lots[0].key, format!("{:013}-0000", unix_ms(later)));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_that_somebody_holds_open_for_writing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = XmlDir::new(config(folder.path()));
    drop_file(folder.path(), "a.csv", b"one\n");
    drop_file(folder.path(), "b.csv", b"two\n");
    let path = folder.path().join("inbox/a.csv");
    let mut writer = std::fs::File::options().append(true).open(path).unwrap();
    let lots = claim(&mut source).await;
    assert_eq!(names(&lots), ["b.csv"], "the other one's upload stalls");
    source.packed(&lots[0].key).await;
    assert!(claim(&mut source).await.is_empty());
    writer.write_all(b"more\n").unwrap();
    drop(writer);
    let lots = claim(&mut source).await;
    assert_eq!((names(&lots), lots[0].items[0].size), (vec!["a.csv"], 9));
}

#[tokio::test]
async fn a_marker_says_that_a_file_is_whole_and_goes_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    (config.marker, config.quiet) = (Some(".ok".into()), Duration::hours(9));
    let mut source = XmlDir::new(config);
    drop_file(folder.path(), "old.xml.ok", b"");
    for name in ["a.xml", "b.xml", "c.xml", "old.xml"] {
        drop_file(folder.path(), name, b"<a/>");
    }
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
    let path = folder.path().join("inbox/old.xml");
    let old = std::fs::File::options().write(true).open(path).unwrap();
    old.set_modified(later).unwrap();
    drop(old);
    assert!(
        claim(&mut source).await.is_empty(),
        "none is marked, one marker is older"
    );
    let told = source.probe().await.unwrap();
    assert!(
        told.contains("4 files wait, 4 of them without their .ok file"),
        "{told}"
    );
    drop_file(folder.path(), "a.xml.ok", b"");
    drop_file(folder.path(), "b.OK", b"");
    drop_file(folder.path(), "b.ok", b"");
    let lots = poll(&mut source).await;
    assert_eq!(names(&lots), ["a.xml", "b.xml"]);
    source.packed(&lots[0].key).await;
    source
        .settle(&lots[0].key, &receipt(&lots[0]))
        .await
        .unwrap();
    let files = tree(folder.path());
    for name in [
        "done/a.xml",
        "done/a.xml.ok",
        "done/b.xml",
        "done/b.ok",
        "c.xml",
        "b.OK",
    ] {
        assert!(files.contains(&name.to_owned()), "{name}: {files:?}");
    }
    // The same name again is not whole by the marker of before.
    drop_file(folder.path(), "a.xml", b"<a>");
    assert!(claim(&mut source).await.is_empty());
}

#[tokio::test]
async fn a_file_that_grew_after_it_was_read_goes_again_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = XmlDir::new(config(folder.path()));
    drop_file(folder.path(), "march.csv", b"1\n2\n3\n");
    drop_file(folder.path(), "other.csv", b"1\n");
    let first = claim(&mut source).await.remove(0);
    source.packed(&first.key).await;
    // A writer whom nobody sees: it goes on where the file now lies.
    let work = folder.path().join("inbox/work").join(&first.key);
    append(&work.join("march.csv"), b"4\n");
    let answer = receipt(&first);
    source.settle(&first.key, &answer).await.unwrap();
    let files = tree(folder.path());
    assert!(files.contains(&"done/other.csv".to_owned()), "{files:?}");
    assert!(!files.contains(&"done/march.csv".to_owned()), "{files:?}");
    let again = claim(&mut source).await.remove(0);
    assert_eq!(names(std::slice::from_ref(&again)), ["march.csv"]);
    assert_eq!(again.items[0].size, 8);
    let finding = &again.findings[0];
    assert_eq!(finding.code.number(), 123);
    assert!(finding.cause_en().contains(&answer.number), "{finding:?}");
    source.packed(&again.key).await;
    let mut second = receipt(&again);
    second.number.push_str("second");
    source.settle(&again.key, &second).await.unwrap();
    let done = folder.path().join("inbox/done/march.csv");
    assert_eq!(std::fs::read(&done).unwrap(), b"1\n2\n3\n4\n");
    // And where it is given back already, up to the completion receipt.
    append(&done, b"5\n");
    second.completed_at = Some("2026-01-05T09:00:09+08:00".into());
    source.complete(&again.key, &second).await.unwrap();
    let third = claim(&mut source).await.remove(0);
    assert_eq!(
        (third.items[0].size, third.findings[0].code.number()),
        (10, 123)
    );
    assert!(!done.exists());
}

fn append(path: &Path, bytes: &[u8]) {
    let file = std::fs::File::options().append(true).open(path);
    file.unwrap().write_all(bytes).unwrap();
}

#[tokio::test]
async fn no_claim_has_the_name_of_another_under_a_clock_that_stands() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = XmlDir::new(config(folder.path()));
    let mut keys = std::collections::BTreeSet::new();
    let mut given = Vec::new();
    for name in ["a.xml", "b.xml", "c.xml"] {
        drop_file(folder.path(), name, format!("<{name}/>").as_bytes());
        let lot = claim(&mut source).await.remove(0);
        source.packed(&lot.key).await;
        // No completion receipt comes between.
        source.settle(&lot.key, &receipt(&lot)).await.unwrap();
        assert!(keys.insert(lot.key.clone()), "{keys:?}");
        given.push(lot);
        // The process dies; the clock goes an hour back.
        source = XmlDir::new(config(folder.path()));
    }
    for lot in &given {
        let mut answer = receipt(lot);
        answer.completed_at = Some("2026-01-05T09:00:09+08:00".into());
        source.complete(&lot.key, &answer).await.unwrap();
    }
    for name in ["a.xml", "b.xml", "c.xml"] {
        let done = folder.path().join("inbox/done").join(name);
        assert_eq!(std::fs::read_to_string(done).unwrap(), format!("<{name}/>"));
    }
}

#[tokio::test]
async fn what_the_agent_did_not_read_is_never_removed() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = XmlDir::new(config(folder.path()));
    drop_file(folder.path(), "a.xml", b"<a/>");
    drop_file(folder.path(), "sub/linked.xml", b"<linked/>");
    let lots = claim(&mut source).await;
    source.packed(&lots[0].key).await;
    let work = folder.path().join("inbox/work").join(&lots[0].key);
    // Put there by somebody else; and a second name that keeps a file from being taken.
    std::fs::write(work.join("late.xml"), b"<late/>").unwrap();
    let elsewhere = folder.path().join("elsewhere.xml");
    std::fs::write(&elsewhere, b"<hard/>").unwrap();
    std::fs::hard_link(&elsewhere, work.join("hard.xml")).unwrap();
    source
        .settle(&lots[0].key, &receipt(&lots[0]))
        .await
        .unwrap();
    // What is a file goes as a new one, under a name of its own.
    source.note_in_flight(&[]);
    let late = poll(&mut source).await;
    assert_eq!(names(&late), ["late.xml"]);
    assert_ne!(late[0].key, lots[0].key);
    let troubles = source.troubles();
    assert!(
        troubles.iter().any(|t| t.contains("hard.xml")),
        "{troubles:?}"
    );
    source.packed(&late[0].key).await;
    source
        .settle(&late[0].key, &receipt(&late[0]))
        .await
        .unwrap();
    assert!(tree(folder.path()).iter().any(|f| f.ends_with("hard.xml")));
    // The other name is gone: now it is a file like any.
    std::fs::remove_file(elsewhere).unwrap();
    assert_eq!(names(&poll(&mut source).await), ["hard.xml"]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_name_as_long_as_names_may_be_comes_back_with_its_receipts() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = XmlDir::new(config(folder.path()));
    let mut dropped = Vec::new();
    for bytes in [238, 240, 242, 243, 248, 251, 252, 255] {
        let mut name = "关于上报取水许可事项的函".repeat(9);
        let mut room = bytes - 4;
        while !name.is_char_boundary(room) {
            room -= 1;
        }
        name.truncate(room);
        name.push_str(&"x".repeat(bytes - 4 - room));
        name.push_str(".csv");
        dropped.push(name);
    }
    for round in 1..=2 {
        for name in &dropped {
            drop_file(folder.path(), name, b"a,b\n1,2\n");
        }
        let lots = claim(&mut source).await;
        assert_eq!(names(&lots).len(), dropped.len());
        source.packed(&lots[0].key).await;
        let mut answer = receipt(&lots[0]);
        answer.number.push_str(&format!("round-{round}"));
        source.settle(&lots[0].key, &answer).await.unwrap();
        answer.completed_at = Some("2026-01-05T09:00:09+08:00".into());
        source.complete(&lots[0].key, &answer).await.unwrap();
        let files = tree(folder.path());
        let of = |end: &str| files.iter().filter(|f| f.ends_with(end)).count();
        let all = dropped.len() * round;
        assert_eq!(
            (of(".receipt.json"), of(".receipt.xml"), of(".回执.txt")),
            (all, all, all)
        );
        let left = files
            .iter()
            .filter(|f| f.starts_with("work/") && !f.starts_with("work/."));
        assert_eq!(left.count(), 0, "{files:?}");
    }
    for name in &dropped {
        assert!(
            folder.path().join("inbox/done").join(name).exists(),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_given_back_does_not_keep_its_neighbours() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = XmlDir::new(config(folder.path()));
    for name in ["a.xml", "sub/b.xml", "z.xml"] {
        drop_file(folder.path(), name, b"<a/>");
    }
    let lots = claim(&mut source).await;
    source.packed(&lots[0].key).await;
    // A file stands where the folder would be.
    let way = folder.path().join("inbox/done/sub");
    std::fs::write(&way, b"").unwrap();
    let fault = source.settle(&lots[0].key, &receipt(&lots[0])).await;
    let fault = fault.unwrap_err().to_string();
    assert!(fault.contains("sub/b.xml"), "{fault}");
    let files = tree(folder.path());
    assert!(files.contains(&"done/a.xml".to_owned()) && files.contains(&"done/z.xml".to_owned()));
    std::fs::remove_file(way).unwrap();
    source
        .settle(&lots[0].key, &receipt(&lots[0]))
        .await
        .unwrap();
    assert!(folder.path().join("inbox/done/sub/b.xml").exists());
}

#[tokio::test]
async fn locked_unfinished_and_hidden_files_wait() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = XmlDir::new(config(folder.path()));
    for name in ["a.xml.tmp", "b.part", ".c.xml", "~d.xml", "e.xml~", "f.xml"] {
        drop_file(folder.path(), name, b"<a/>");
    }
    let writer = std::fs::File::open(folder.path().join("inbox/f.xml")).unwrap();
    writer.lock().unwrap();
    claim(&mut source).await;
    assert!(claim(&mut source).await.is_empty());
    writer.unlock().unwrap();
    assert_eq!(names(&poll(&mut source).await), ["f.xml"]);
}

#[cfg(unix)]
#[tokio::test]
async fn links_and_devices_are_never_followed() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = XmlDir::new(config(folder.path()));
    let secret = folder.path().join("secret");
    std::fs::write(&secret, b"secret").unwrap();
    std::fs::create_dir(folder.path().join("outside")).unwrap();
    std::fs::write(folder.path().join("outside/x.xml"), b"<x/>").unwrap();
    let inbox = folder.path().join("inbox");
    std::os::unix::fs::symlink(&secret, inbox.join("link.xml")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("outside"), inbox.join("linked")).unwrap();
    std::fs::hard_link(&secret, inbox.join("hard.xml")).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(inbox.join("socket.xml")).unwrap();
    drop_file(folder.path(), "good.xml", b"<a/>");
    assert_eq!(names(&claim(&mut source).await), ["good.xml"]);
    assert!(inbox.join("hard.xml").exists() && inbox.join("link.xml").exists());
    drop(socket);
    // A work folder that is a link leads elsewhere.
    let other = tempfile::tempdir().unwrap();
    let mut led = XmlDir::new(config(other.path()));
    std::os::unix::fs::symlink(folder.path(), other.path().join("inbox/work")).unwrap();
    assert!(led.poll(NOW, None).await.is_err());
}

#[tokio::test]
async fn several_files_travel_together_and_come_back_each_with_its_part() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = XmlDir::new(config(folder.path()));
    for name in ["a.xml", "b.xml", "sub/deep/c.xml"] {
        drop_file(folder.path(), name, b"<a/>");
    }
    let lots = claim(&mut source).await;
    assert_eq!(lots.len(), 1);
    assert_eq!(names(&lots), ["a.xml", "b.xml", "sub/deep/c.xml"]);
    let mut answer = receipt(&lots[0]);
    answer.verdict = Verdict::Partly;
    answer.items = lots[0]
        .items
        .iter()
        .enumerate()
        .map(|(n, item)| ItemReceipt {
            name: item.name.clone(),
            verdict: if n == 1 {
                Verdict::Partly
            } else {
                Verdict::Accepted
            },
            dialect: "native".into(),
            received: 10,
            rejected: if n == 1 { 4 } else { 0 },
            duplicate: 0,
            rows: Vec::new(),
        })
        .collect();
    let place = tongcha_schema::finding::Place {
        file: "b.xml".into(),
        line: 12,
        ..Default::default()
    };
    let code = tongcha_schema::code::field::REQUIRED;
    answer.findings = vec![tongcha_schema::finding::Finding::new(code, place)];
    source.packed(&lots[0].key).await;
    source.settle(&lots[0].key, &answer).await.unwrap();
    let files: Vec<String> = tree(folder.path());
    for name in ["done/a.xml", "bad/b.xml", "done/sub/deep/c.xml"] {
        for end in ["", ".receipt.json", ".回执.txt"] {
            assert!(
                files.contains(&format!("{name}{end}")),
                "{name}{end}: {files:?}"
            );
        }
    }
    let inbox = folder.path().join("inbox");
    let good = std::fs::read_to_string(inbox.join("done/a.xml.回执.txt")).unwrap();
    assert!(good.contains("已接收") && good.contains("收到10条") && !good.contains("X401"));
    let bad = std::fs::read_to_string(inbox.join("bad/b.xml.回执.txt")).unwrap();
    for part in ["部分接收", "拒绝4条", "[X401]", "第12行"] {
        assert!(bad.contains(part), "{part}: {bad}");
    }
}

#[tokio::test]
async fn a_name_that_is_taken_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = XmlDir::new(config(folder.path()));
    for round in 1..=3 {
        drop_file(folder.path(), "a.xml", format!("<a>{round}</a>").as_bytes());
        let lots = claim(&mut source).await;
        assert_eq!(lots.len(), 1, "the same name is a new arrival");
        source.packed(&lots[0].key).await;
        let mut receipt = receipt(&lots[0]);
        receipt.number.push_str(&format!("round-{round}"));
        source.settle(&lots[0].key, &receipt).await.unwrap();
    }
    let done = folder.path().join("inbox/done");
    for (name, round) in [("a.xml", 1), ("a.xml~2", 2), ("a.xml~3", 3)] {
        let text = std::fs::read_to_string(done.join(name)).unwrap();
        assert_eq!(text, format!("<a>{round}</a>"));
        let json = std::fs::read_to_string(done.join(format!("{name}.receipt.json"))).unwrap();
        assert!(json.contains(&format!("round-{round}")));
    }
}

fn archive_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[tokio::test]
async fn an_archives_entries_are_the_items_and_its_digest_the_label() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = XmlDir::new(config(folder.path()));
    let archive = archive_of(&[("甲.xml", b"<a/>"), ("b/乙.xml", b"<b/>")]);
    drop_file(folder.path(), "month.zip", &archive);
    drop_file(folder.path(), "plain.xml", b"<a/>");
    let lots = claim(&mut source).await;
    assert_eq!(lots.len(), 2, "an archive is a lot of its own");
    let zip = lots.iter().find(|l| l.items.len() == 2).unwrap();
    assert_eq!(names(std::slice::from_ref(zip)), ["甲.xml", "b/乙.xml"]);
    let digest = tongcha_adapters::source::LotItem::of_bytes("x", archive.clone()).sha256;
    assert_eq!(zip.label, format!("month.zip sha256:{digest}"));
    // After a crash the claim is unpacked anew.
    let mut heir = XmlDir::new(config(folder.path()));
    assert_eq!(poll(&mut heir).await.len(), 2);
    for lot in &lots {
        source.packed(&lot.key).await;
        source.settle(&lot.key, &receipt(lot)).await.unwrap();
    }
    let inbox = folder.path().join("inbox");
    assert_eq!(
        std::fs::read(inbox.join("done/month.zip")).unwrap(),
        archive
    );
}

#[tokio::test]
async fn a_bomb_travels_closed_with_a_mark() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = XmlDir::new(config(folder.path()));
    let bomb = archive_of(&[("a.xml", &vec![b' '; 4 << 20])]);
    drop_file(folder.path(), "bomb.zip", &bomb);
    let lots = claim(&mut source).await;
    assert_eq!(names(&lots), ["bomb.zip"]);
    assert_eq!(lots[0].items[0].size, bomb.len() as u64);
    assert_eq!(lots[0].findings[0].code.number(), 111);
    let left: Vec<PathBuf> = std::fs::read_dir(folder.path().join("inbox/work"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.display().to_string().contains("spool"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn what_is_too_large_is_withheld_and_what_the_guard_refuses_travels() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    config.item_bytes = 100_000;
    let mut source = XmlDir::new(config);
    drop_file(folder.path(), "dtd.xml", b"<!DOCTYPE a []><a/>");
    drop_file(folder.path(), "large.xml", &vec![b'x'; 100_001]);
    let lots = claim(&mut source).await;
    let items = &lots[0].items;
    assert_eq!(
        (items[0].withheld, items[1].withheld, items[1].size),
        (false, true, 100_001)
    );
    let codes: Vec<u16> = lots[0].findings.iter().map(|f| f.code.number()).collect();
    assert_eq!(codes, [201, 109]);
    let outbox = crate::outbox(folder.path()).await;
    let waybill = tongcha_adapters::outbox::Waybill {
        source: "dir".into(),
        target: crate::HUB.into(),
        sender_org: crate::ORG.into(),
    };
    outbox.pack(&waybill, lots[0].clone(), NOW).await.unwrap();
    let parcel = outbox.next_due("dir", NOW).await.unwrap().unwrap();
    let head = tongcha_schema::envelope::Head::parse(crate::NODE, parcel.head()).unwrap();
    assert_eq!(head.items[1].travelling(), 64 << 10);
    let beginning = vec![b'x'; 64 << 10];
    let digest = tongcha_adapters::source::LotItem::of_bytes("x", beginning).sha256;
    assert_eq!(head.items[1].part_sha256.as_deref(), Some(digest.as_str()));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_name_in_gbk_is_read_as_one_and_its_file_comes_back() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let mut source = XmlDir::new(config(folder.path()));
    // 办件.xml in GBK.
    let raw = std::ffi::OsStr::from_bytes(b"\xb0\xec\xbc\xfe.xml");
    std::fs::write(folder.path().join("inbox").join(raw), b"<a/>").unwrap();
    let lots = claim(&mut source).await;
    assert_eq!(names(&lots), ["办件.xml"]);
    source.packed(&lots[0].key).await;
    let mut answer = receipt(&lots[0]);
    source.settle(&lots[0].key, &answer).await.unwrap();
    answer.completed_at = Some("2026-01-05T09:00:09+08:00".into());
    source.complete(&lots[0].key, &answer).await.unwrap();
    assert!(folder.path().join("inbox/done").join(raw).exists());
    let json = std::ffi::OsStr::from_bytes(b"\xb0\xec\xbc\xfe.xml.receipt.json");
    let json = std::fs::read_to_string(folder.path().join("inbox/done").join(json)).unwrap();
    assert!(json.contains("completed_at"));
}
