//! Crash points: everything dies between two hops, and after the restart each record is in exactly
//! one state.

use super::model::Arrival;
use super::paper::{ORGAN, arrival, document_of};
use super::place::{everywhere, production};
use super::rig::Rig;
use async_trait::async_trait;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use tongcha::world::COUNTY;
use tongcha_adapters::agent::{Agent, AgentConfig};
use tongcha_adapters::outbox::{Outbox, Parcel};
use tongcha_adapters::source::{Lot, Source, SourceError};
use tongcha_adapters::sources::xml_dir::{XmlDir, XmlDirConfig};
use tongcha_adapters::uplink::{Heartbeat, SendFault, Uplink};
use tongcha_adapters::uplink_http::{HttpUplink, HttpUplinkConfig};
use tongcha_hub::bus::Claim;
use tongcha_hub::exchange::NodeEntry;
use tongcha_hub::{inbox, ingest, schedule};
use tongcha_schema::clock::{Clock, ManualClock};
use tongcha_schema::element::ElementId;
use tongcha_schema::receipt::Receipt;
use tongcha_schema::seal::{NodeKey, Sealed, public_text};

const NODE: &str = "431321/crash";

fn arrivals() -> Vec<Arrival> {
    (0..30)
        .map(|n| {
            arrival(
                NODE,
                &format!("C-{n}"),
                ElementId::Process,
                (1, 1),
                &format!("step {n}"),
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hub_dies_between_commit_and_publish() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        rig.county().bus.close().await;
        rig.drop_file(NODE, "a.xml", document_of(&arrivals()).as_bytes());
        rig.expect(&arrivals());
        rig.exhaust(NODE).await;
        let waiting = inbox::waiting(rig.county()).await.unwrap();
        assert_eq!(waiting.1, 30, "admitted and committed, nothing passed");
        rig.restart().await;
        sweep_later(&mut rig).await;
        rig.end().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_broker_loses_what_it_has_confirmed() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        rig.county().bus.close().await;
        rig.drop_file(NODE, "a.xml", document_of(&arrivals()).as_bytes());
        rig.expect(&arrivals());
        rig.exhaust(NODE).await;
        let every = tongcha_hub::args![i64::MAX, 0_i64, 0_i64, 100_i64];
        let held = rig.county().store.rows("inbox.held", every).await.unwrap();
        let keys = inbox::keys(held.iter().map(|r| (r.int(0), r.int(1))));
        let sent = tongcha_hub::args![keys, rig.county().now_ms()];
        assert!(
            rig.county().store.run("inbox.sent", sent).await.unwrap() > 0,
            "confirmed"
        );
        rig.restart().await;
        sweep_later(&mut rig).await;
        rig.end().await;
    })
    .await;
}

/// The county's virtual host goes with all its queues and comes back empty, under the running hub.
#[tokio::test(flavor = "multi_thread")]
async fn the_broker_is_wiped_under_the_running_hub() {
    let Some(servers) = production() else { return };
    let ctl = |args: &[&str]| {
        let mut words = servers.rabbitmqctl.split_whitespace();
        let mut command = std::process::Command::new(words.next().unwrap());
        assert!(
            command
                .args(words)
                .args(args)
                .output()
                .unwrap()
                .status
                .success(),
            "{args:?}"
        );
    };
    let user = servers
        .bus_url
        .split("://")
        .nth(1)
        .unwrap()
        .split(':')
        .next()
        .unwrap();
    let vhost = format!("tongcha_{}_county", servers.tag);
    let mut rig = Rig::start(tongcha::world::Place::Production(servers.clone())).await;
    rig.machine(NODE).await;
    for round in 0..2 {
        let many: Vec<Arrival> = (0..50)
            .map(|n| {
                arrival(
                    NODE,
                    &format!("W-{n}"),
                    ElementId::Process,
                    (1, round + 1),
                    "step",
                )
            })
            .collect();
        rig.expect(&many);
        rig.drop_file(NODE, &format!("{round}.xml"), document_of(&many).as_bytes());
        rig.exhaust(NODE).await;
        if round == 0 {
            ctl(&["delete_vhost", &vhost]);
            ctl(&["add_vhost", &vhost]);
            ctl(&["set_permissions", "-p", &vhost, user, ".*", ".*", ".*"]);
        }
    }
    // A line that gives no answer is given up after half a minute.
    let patience = std::time::Duration::from_secs(150);
    let drained = tokio::time::timeout(patience, rig.world().county.hub.drain()).await;
    assert!(
        matches!(drained, Ok(Ok(()))),
        "the hub finds its way back to the broker: {drained:?}"
    );
    rig.end().await;
}

/// The sweep of the running hub, a minute later.
async fn sweep_later(rig: &mut Rig) {
    rig.clock.advance(Duration::seconds(61));
    schedule::sweep(rig.county()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hub_dies_between_ingest_and_acknowledgement() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        rig.county().bus.close().await;
        rig.drop_file(NODE, "a.xml", document_of(&arrivals()).as_bytes());
        rig.expect(&arrivals());
        rig.exhaust(NODE).await;
        let every = tongcha_hub::args![i64::MAX, 0_i64, 0_i64, 100_i64];
        let held = rig.county().store.rows("inbox.held", every);
        let claims: Vec<Claim> = held
            .await
            .unwrap()
            .iter()
            .map(|r| Claim {
                envelope_no: r.int(0),
                part: r.int(1),
                partition: u32::try_from(r.int(2)).unwrap(),
            })
            .collect();
        let first = ingest::ingest(rig.county(), &claims).await.unwrap();
        assert_eq!(
            (first.records, first.stored),
            (30, 30),
            "committed, never acknowledged"
        );
        rig.restart().await;
        // They are delivered again: once more by the sweep's publishing, and straight away.
        sweep_later(&mut rig).await;
        let again = ingest::ingest(rig.county(), &[claims.clone(), claims].concat())
            .await
            .unwrap();
        assert_eq!((again.records, again.stored), (0, 0), "no effect");
        rig.end().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_hubs_die_while_much_is_on_its_way() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        for round in 0..4 {
            let many: Vec<Arrival> = (0..120)
                .map(|n| {
                    let content = format!("step {n} of {round}");
                    arrival(
                        NODE,
                        &format!("C-{n}"),
                        ElementId::Process,
                        (1, round + 1),
                        &content,
                    )
                })
                .collect();
            rig.expect(&many);
            rig.drop_file(NODE, &format!("{round}.xml"), document_of(&many).as_bytes());
            rig.exhaust(NODE).await;
            // Whatever ingest and forwarding are doing now, they are cut off.
            rig.restart().await;
        }
        sweep_later(&mut rig).await;
        rig.end().await;
    })
    .await;
}

/// Where the agent dies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Dies {
    Nowhere,
    /// The line is cut before a byte leaves.
    BeforeSend,
    /// The hub has answered, the answer is lost.
    BeforeReceipt,
    /// The receipt is in the outbox, the department has not got it.
    BeforeSettle,
}

struct Line(HttpUplink, Dies);

#[async_trait]
impl Uplink for Line {
    async fn send(&self, parcel: &Parcel) -> Result<Receipt, SendFault> {
        let cut = || SendFault::Line {
            why: "cut".to_owned(),
            wish: None,
        };
        if self.1 == Dies::BeforeSend {
            return Err(cut());
        }
        let receipt = self.0.send(parcel).await?;
        if self.1 == Dies::BeforeReceipt {
            Err(cut())
        } else {
            Ok(receipt)
        }
    }

    async fn completion(&self, number: &str) -> Result<Option<Receipt>, SendFault> {
        self.0.completion(number).await
    }

    async fn heartbeat(&self, heartbeat: Heartbeat) -> Result<(), SendFault> {
        self.0.heartbeat(heartbeat).await
    }
}

struct Directory(XmlDir, Dies);

#[async_trait]
impl Source for Directory {
    fn name(&self) -> &str {
        self.0.name()
    }
    async fn poll(
        &mut self,
        now: OffsetDateTime,
        position: Option<&str>,
    ) -> Result<Vec<Lot>, SourceError> {
        self.0.poll(now, position).await
    }
    async fn packed(&mut self, key: &str) {
        self.0.packed(key).await;
    }
    async fn settle(&mut self, key: &str, receipt: &Receipt) -> Result<(), SourceError> {
        if self.1 == Dies::BeforeSettle {
            let (source_name, what) = (self.0.name().to_owned(), "cut".to_owned());
            return Err(SourceError::Other {
                source_name,
                what,
                transient: true,
            });
        }
        self.0.settle(key, receipt).await
    }
    async fn complete(&mut self, key: &str, receipt: &Receipt) -> Result<(), SourceError> {
        self.0.complete(key, receipt).await
    }
    async fn probe(&mut self) -> Result<String, SourceError> {
        self.0.probe().await
    }
}

/// An agent that dies there; the next one on the same folder is the machine after its restart.
async fn agent(rig: &mut Rig, dies: Dies) -> Agent {
    let key = NodeKey::from_bytes(&[8; 32]);
    let dir = rig.folder().join("by-hand");
    std::fs::create_dir_all(&dir).unwrap();
    let entry = NodeEntry {
        name: NODE.to_owned(),
        public_key: public_text(&key.public()),
        ..NodeEntry::default()
    };
    rig.world().county.hub.register(&entry).await.unwrap();
    let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&rig.clock);
    let file = rig.folder().join("by-hand.db");
    let outbox = Outbox::open(&file, NODE, Sealed::new([1; 32]), clock.now())
        .await
        .unwrap();
    let url = rig.world().county.url();
    let config = HttpUplinkConfig {
        url,
        node: NODE.to_owned(),
        key,
        authority_pem: None,
        identity_pem: None,
    };
    let uplink = HttpUplink::new(config, Arc::clone(&clock)).unwrap();
    let mut config = XmlDirConfig::new("files", dir);
    config.quiet = Duration::ZERO;
    let source = Directory(XmlDir::new(config), dies);
    let config = AgentConfig::new(COUNTY, ORGAN);
    Agent::new(
        config,
        Box::new(source),
        Arc::new(Line(uplink, dies)),
        outbox,
        clock,
    )
}

async fn dies_once(rig: &mut Rig, dies: Dies) {
    let mut dying = agent(rig, dies).await;
    let mut faults = Vec::new();
    for _ in 0..6 {
        faults.extend(dying.step().await.unwrap().faults);
    }
    assert!(
        faults.iter().any(|f| f.contains("cut")),
        "{dies:?}: {faults:?}"
    );
    drop(dying);
    rig.clock.advance(Duration::seconds(5));
    let mut next = agent(rig, Dies::Nowhere).await;
    for _ in 0..6 {
        let report = next.step().await.unwrap();
        assert!(report.faults.is_empty(), "{dies:?}: {:?}", report.faults);
    }
    assert_eq!(next.outbox().depth(None).await.unwrap().waiting, 0);
    let done = rig.folder().join("by-hand/done");
    let receipts = std::fs::read_dir(done)
        .unwrap()
        .map(|e| e.unwrap().file_name());
    let receipts = receipts
        .filter(|n| n.to_str().unwrap().ends_with(".receipt.json"))
        .count();
    assert_eq!(
        receipts as u64,
        rig.sent.admitted + 1,
        "{dies:?}: each file has its one receipt"
    );
    next.outbox().close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_dies_between_pack_send_and_settle() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        let points = [Dies::BeforeSend, Dies::BeforeReceipt, Dies::BeforeSettle];
        for (n, dies) in (1..).zip(points) {
            let one = arrival(
                NODE,
                &format!("{dies:?}"),
                ElementId::Process,
                (n, 1),
                "step",
            );
            let dir = rig.folder().join("by-hand");
            std::fs::create_dir_all(&dir).unwrap();
            let text = document_of(std::slice::from_ref(&one));
            std::fs::write(dir.join(format!("{n}.xml")), text).unwrap();
            rig.expect(std::slice::from_ref(&one));
            dies_once(&mut rig, dies).await;
            rig.sent.admitted += 1;
            rig.sent.repeated += u64::from(dies == Dies::BeforeReceipt);
        }
        rig.end().await;
    })
    .await;
}
