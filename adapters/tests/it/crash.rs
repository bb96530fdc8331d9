//! The process dies between any two calls of a step: afterwards a new one loses nothing, sends
//! nothing twice as new, and leaves nothing behind.

use crate::agent::{drop_file, source};
use crate::receiver::Receiver;
use crate::{HUB, NOW, ORG, agent, clock};
use async_trait::async_trait;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use time::{Duration, OffsetDateTime};
use tongcha_adapters::agent::Agent;
use tongcha_adapters::outbox::{Packed, Parcel, Waybill};
use tongcha_adapters::source::{Body, Lot, LotItem, Source, SourceError};
use tongcha_adapters::uplink::{Heartbeat, SendFault, Uplink};
use tongcha_schema::receipt::Receipt;

/// Never returns once the count of calls has run out: the task is then dropped, as by a kill.
async fn gate(left: &AtomicI64) {
    if left.fetch_sub(1, Ordering::SeqCst) <= 0 {
        std::future::pending::<()>().await;
    }
}

struct DyingSource(Box<dyn Source>, Arc<AtomicI64>);

#[async_trait]
impl Source for DyingSource {
    fn name(&self) -> &str {
        self.0.name()
    }
    async fn poll(
        &mut self,
        now: OffsetDateTime,
        p: Option<&str>,
    ) -> Result<Vec<Lot>, SourceError> {
        gate(&self.1).await;
        let lots = self.0.poll(now, p).await;
        gate(&self.1).await;
        lots
    }
    fn has_more(&self) -> bool {
        self.0.has_more()
    }
    fn reads_ahead(&self) -> bool {
        self.0.reads_ahead()
    }
    fn follows_parcels(&self) -> bool {
        self.0.follows_parcels()
    }
    fn note_position(&mut self, position: Option<&str>) {
        self.0.note_position(position);
    }
    fn note_in_flight(&mut self, lots: &[String]) {
        self.0.note_in_flight(lots);
    }
    async fn packed(&mut self, key: &str) {
        gate(&self.1).await;
        self.0.packed(key).await;
    }
    async fn settle(&mut self, key: &str, receipt: &Receipt) -> Result<(), SourceError> {
        gate(&self.1).await;
        let settled = self.0.settle(key, receipt).await;
        gate(&self.1).await;
        settled
    }
    async fn complete(&mut self, key: &str, receipt: &Receipt) -> Result<(), SourceError> {
        gate(&self.1).await;
        let completed = self.0.complete(key, receipt).await;
        gate(&self.1).await;
        completed
    }
    async fn probe(&mut self) -> Result<String, SourceError> {
        self.0.probe().await
    }
}

struct DyingUplink(Arc<dyn Uplink>, Arc<AtomicI64>);

#[async_trait]
impl Uplink for DyingUplink {
    async fn send(&self, parcel: &Parcel) -> Result<Receipt, SendFault> {
        gate(&self.1).await;
        let receipt = self.0.send(parcel).await;
        gate(&self.1).await;
        receipt
    }
    async fn completion(&self, number: &str) -> Result<Option<Receipt>, SendFault> {
        self.0.completion(number).await
    }

    async fn heartbeat(&self, heartbeat: Heartbeat) -> Result<(), SendFault> {
        self.0.heartbeat(heartbeat).await
    }
}

/// Steps of an agent of that source until so many calls are over; whether they were too many.
pub async fn live_until_death(
    folder: &Path,
    source: Box<dyn Source>,
    url: &str,
    calls: i64,
) -> bool {
    let clock = clock();
    let left = Arc::new(AtomicI64::new(calls));
    let uplink = DyingUplink(crate::uplink(url, &clock), Arc::clone(&left));
    let mortal = DyingSource(source, Arc::clone(&left));
    let outbox = crate::outbox(folder).await;
    let held = outbox.clone();
    let mut agent = Agent::new(
        crate::config(),
        Box::new(mortal),
        Arc::new(uplink),
        outbox,
        clock,
    );
    let life = async {
        for _ in 0..4 {
            agent.step().await.unwrap();
        }
    };
    let dying = async {
        while left.load(Ordering::SeqCst) >= 0 {
            tokio::task::yield_now().await;
        }
    };
    let survived = tokio::select! {
        biased;
        () = life => true,
        () = dying => false,
    };
    held.close().await;
    survived
}

#[tokio::test]
async fn death_at_every_call_loses_nothing() {
    let mut calls = 0;
    loop {
        let folder = tempfile::tempdir().unwrap();
        let receiver = Receiver::start().await;
        receiver.look(|seen| seen.completed = true);
        source(folder.path());
        drop_file(folder.path(), "a.xml", b"<a/>");
        drop_file(folder.path(), "sub/b.xml", b"<bad/>");
        let survived = live_until_death(
            folder.path(),
            Box::new(source(folder.path())),
            &receiver.url,
            calls,
        )
        .await;
        let clock = clock();
        let mut heir = agent(folder.path(), source(folder.path()), &receiver.url, &clock).await;
        for _ in 0..4 {
            let report = heir.step().await.unwrap();
            assert!(report.faults.is_empty(), "after {calls} calls: {report:?}");
        }
        let mut names: Vec<String> = receiver.items().into_iter().map(|i| i.0).collect();
        names.sort();
        assert_eq!(names, ["a.xml", "sub/b.xml"], "after {calls} calls");
        let inbox = folder.path().join("inbox");
        for name in [
            "done/a.xml",
            "done/a.xml.receipt.json",
            "bad/sub/b.xml",
            "bad/sub/b.xml.回执.txt",
        ] {
            assert!(inbox.join(name).exists(), "after {calls} calls: {name}");
        }
        assert!(
            !inbox.join("done/a.xml~2").exists()
                && !inbox.join("done/a.xml~2.receipt.json").exists()
        );
        let done = std::fs::read_to_string(inbox.join("done/a.xml.receipt.json")).unwrap();
        assert!(done.contains("completed_at"), "after {calls} calls: {done}");
        let rest = std::fs::read_dir(inbox.join("work")).unwrap();
        let rest: Vec<_> = rest.map(|e| e.unwrap().file_name()).collect();
        assert_eq!(rest, [".last"], "after {calls} calls");
        if survived {
            break;
        }
        calls += 1;
    }
    assert!(calls > 12, "only {calls} places to die at");
}

#[tokio::test]
async fn a_file_that_changes_before_it_is_packed_is_not_packed() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = crate::outbox(folder.path()).await;
    let path = folder.path().join("a.xml");
    std::fs::write(&path, b"<a/>").unwrap();
    let item = LotItem::of_file("a.xml", path.clone(), u64::MAX).unwrap();
    assert_eq!(item.body, Body::File(path.clone()));
    let lot = Lot {
        key: "1".into(),
        position: Some("after".into()),
        items: vec![item],
        ..Lot::default()
    };
    let waybill = Waybill {
        source: "dir".into(),
        target: HUB.into(),
        sender_org: ORG.into(),
    };
    std::fs::write(&path, b"<a></a>").unwrap();
    assert!(outbox.pack(&waybill, lot.clone(), NOW).await.is_err());
    assert_eq!(outbox.depth(None).await.unwrap().waiting, 0);
    assert_eq!(
        outbox.position("dir").await.unwrap(),
        None,
        "position only with the parcel"
    );
    std::fs::write(&path, b"<a/>").unwrap();
    let packed = outbox.pack(&waybill, lot.clone(), NOW).await.unwrap();
    assert!(
        matches!(packed, Packed::New(ref id) if id.sequence == 1),
        "{packed:?}"
    );
    assert_eq!(
        outbox.position("dir").await.unwrap().as_deref(),
        Some("after")
    );
    assert_eq!(
        outbox.pack(&waybill, lot, NOW).await.unwrap(),
        Packed::Known
    );
    let due = outbox
        .next_due("dir", NOW + Duration::SECOND)
        .await
        .unwrap();
    assert_eq!(due.unwrap().id().sequence, 1, "a failed pack leaves no gap");
}
