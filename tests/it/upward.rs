//! Upward when something is lost or refused: a county restored from its dump beside a newer outbox, a county whose
//! outbox was lost, a province that refuses a batch, a province restored from its dump. Each story ends with every
//! record at the province, once.

use super::model::Arrival;
use super::paper::{ORGAN, arrival, document_of};
use super::place::everywhere;
use super::rig::{Rig, number, rows};
use async_trait::async_trait;
use sha2::Digest as _;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use tongcha::world::{COUNTY, PROVINCE, Place};
use tongcha_adapters::agent::{Agent, AgentConfig};
use tongcha_adapters::outbox::Outbox;
use tongcha_adapters::source::{Lot, LotItem, Source, SourceError};
use tongcha_adapters::uplink::Uplink;
use tongcha_adapters::uplink_http::{HttpUplink, HttpUplinkConfig};
use tongcha_hub::core::Core;
use tongcha_hub::doctor::look_inside;
use tongcha_hub::forward::{Forward, Progress, held, progress};
use tongcha_hub::store::cases::{self as store, FileKey};
use tongcha_schema::clock::{Clock, ManualClock};
use tongcha_schema::element::ElementId;
use tongcha_schema::receipt::Receipt;
use tongcha_schema::record::Version;
use tongcha_schema::seal::{NodeKey, Sealed};

const NODE: &str = "431321/up";

fn steps(numbers: std::ops::Range<u32>, version: i64) -> Vec<Arrival> {
    let says = format!("step of version {version}");
    let key = (1, version);
    let one = |n| arrival(NODE, &format!("U-{n}"), ElementId::Process, key, &says);
    numbers.map(one).collect()
}

/// Drops files of ten steps each, and has each decided at the county before the next.
async fn bring(rig: &mut Rig, numbers: std::ops::Range<u32>, version: i64) {
    for first in numbers.clone().step_by(10) {
        let some = steps(first..(first + 10).min(numbers.end), version);
        rig.expect(&some);
        let name = format!("{first}-{version}.xml");
        rig.drop_file(NODE, &name, document_of(&some).as_bytes());
        rig.exhaust(NODE).await;
        rig.world().county.hub.drain().await.unwrap();
    }
}

/// The cases with a live step; each has one.
async fn cases(core: &Core) -> BTreeSet<String> {
    let live = "select case_no from process_history where row_state = 'live'";
    let found = rows(core, live).await;
    let set: BTreeSet<String> = found.iter().map(|r| r.text(0).to_owned()).collect();
    assert_eq!(set.len(), found.len(), "each once at {}", core.name);
    set
}

fn named(numbers: impl Iterator<Item = u32>) -> BTreeSet<String> {
    numbers.map(|n| format!("U-{n}")).collect()
}

async fn upward(rig: &Rig) -> Progress {
    progress(&rig.county().store).await.unwrap()
}

/// A hub's database as it is now, as the runbook keeps it.
struct Dump {
    file: PathBuf,
    role: &'static str,
    schema: Option<(String, String)>,
}

fn run(program: &str, args: &[&str]) {
    let done = Command::new(program).args(args).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{program}: {said}");
}

impl Dump {
    async fn take(rig: &Rig, role: &'static str) -> Dump {
        let core = if role == "county" {
            rig.county()
        } else {
            rig.province()
        };
        let file = rig.folder().join(format!("{role}.dump"));
        let at = file.to_str().unwrap().to_owned();
        let schema = match &rig.place {
            Place::Embedded => {
                rows(core, &format!("vacuum into '{at}'")).await;
                None
            }
            Place::Production(p) => {
                let schema = format!("tongcha_{}_{role}", p.tag);
                let (only, out) = (format!("--schema={schema}"), format!("--file={at}"));
                let url = p.database_url.as_str();
                run("pg_dump", &["--format=custom", &only, &out, url]);
                Some((url.to_owned(), schema))
            }
        };
        Dump { file, role, schema }
    }

    /// Puts it in the place of the database, while the hubs are dead.
    fn restore(self, rig: &Rig) {
        match self.schema {
            None => {
                let folder = rig.folder().join(self.role);
                for end in ["", "-wal", "-shm"] {
                    let _ = std::fs::remove_file(folder.join(format!("tongcha.db{end}")));
                }
                std::fs::rename(self.file, folder.join("tongcha.db")).unwrap();
            }
            Some((url, schema)) => {
                let drop = format!("drop schema \"{schema}\" cascade");
                run("psql", &["--quiet", "--command", &drop, &url]);
                let (file, url) = (self.file.to_str().unwrap(), format!("--dbname={url}"));
                run("pg_restore", &["--exit-on-error", &url, file]);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_county_restored_beside_a_newer_outbox_sends_everything() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        bring(&mut rig, 0..20, 1).await;
        rig.settle().await;
        // Some stand decided and not yet sent in the dump; what follows goes up and is lost here.
        bring(&mut rig, 20..40, 1).await;
        let dump = Dump::take(&rig, "county").await;
        bring(&mut rig, 40..100, 1).await;
        rig.settle().await;
        assert_eq!(cases(rig.province()).await, named(0..100));
        rig.die();
        dump.restore(&rig);
        rig.restart().await;
        assert_eq!(cases(rig.county()).await, named(0..40), "the dump");
        bring(&mut rig, 100..220, 1).await;
        rig.settle().await;
        assert_eq!(cases(rig.province()).await, named(0..220));
        assert_eq!(cases(rig.county()).await, named((0..40).chain(100..220)));
        let p = upward(&rig).await;
        assert_eq!((p.stored_above, p.held, p.batches), (160, 0, p.settled));
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}

/// An agent of the county that packs and reaches nobody: its outbox is lost with it.
async fn packs_and_is_lost(rig: &Rig) {
    let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&rig.clock);
    let file = rig.folder().join("lost.db");
    let outbox = Outbox::open(&file, COUNTY, Sealed::new([1; 32]), clock.now());
    let config = HttpUplinkConfig {
        url: "http://127.0.0.1:9".to_owned(),
        node: COUNTY.to_owned(),
        key: NodeKey::from_bytes(&[8; 32]),
        authority_pem: None,
        identity_pem: None,
    };
    let uplink: Arc<dyn Uplink> = Arc::new(HttpUplink::new(config, Arc::clone(&clock)).unwrap());
    let source = Forward::new(Arc::clone(rig.county()), PROVINCE, ORGAN);
    let config = AgentConfig::new(PROVINCE, ORGAN);
    let mut agent = Agent::new(
        config,
        Box::new(source),
        uplink,
        outbox.await.unwrap(),
        clock,
    );
    let report = agent.step().await.unwrap();
    assert!(!report.packed.is_empty() && report.receipts.is_empty());
    // The next look notes what is packed.
    agent.step().await.unwrap();
    agent.outbox().close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_county_whose_outbox_was_lost_sends_everything() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        bring(&mut rig, 0..30, 1).await;
        packs_and_is_lost(&rig).await;
        let packed = "select count(*) from outgoing where state = 'packed'";
        assert!(number(rig.county(), packed).await > 0);
        rig.settle().await;
        assert_eq!(cases(rig.province()).await, named(0..30));
        // The province has answered at its door and decided nothing yet when the next outbox is lost.
        rig.province().bus.close().await;
        bring(&mut rig, 30..50, 1).await;
        while rig
            .world()
            .forward
            .step()
            .await
            .unwrap()
            .receipts
            .is_empty()
        {}
        let answered = "select count(*) from outgoing where state = 'settled'";
        assert!(number(rig.county(), answered).await > 0);
        let kept = "select count(*) from outgoing where state <> 'stored' and kept = 0";
        assert_eq!(
            number(rig.county(), kept).await,
            0,
            "nothing is erased before"
        );
        rig.die();
        for entry in std::fs::read_dir(rig.folder().join("outbox")).unwrap() {
            let path = entry.unwrap().path();
            if path.to_str().unwrap().contains("431321-hub.db") {
                std::fs::remove_file(path).unwrap();
            }
        }
        rig.restart().await;
        rig.clock.advance(Duration::minutes(11));
        rig.world().province.hub.drain().await.unwrap();
        rig.settle().await;
        let p = upward(&rig).await;
        assert_eq!((p.stored_above, p.held, p.batches), (50, 0, p.settled));
        rig.end().await;
    })
    .await;
}

/// The county's source, whose first document comes out as nothing that a hub reads: as if the hub above were of
/// another version.
struct Foreign(Forward);

#[async_trait]
impl Source for Foreign {
    fn name(&self) -> &str {
        self.0.name()
    }
    fn follows_parcels(&self) -> bool {
        self.0.follows_parcels()
    }
    fn note_in_flight(&mut self, lots: &[String]) {
        self.0.note_in_flight(lots);
    }
    async fn poll(
        &mut self,
        now: OffsetDateTime,
        position: Option<&str>,
    ) -> Result<Vec<Lot>, SourceError> {
        let mut lots = self.0.poll(now, position).await?;
        for lot in &mut lots {
            lot.record_count = None;
            for item in lot.items.iter_mut().filter(|i| i.name.ends_with("01.xml")) {
                *item = LotItem::of_bytes(&item.name, b"<Future/>".to_vec());
            }
        }
        Ok(lots)
    }
    async fn packed(&mut self, key: &str) {
        self.0.packed(key).await;
    }
    async fn settle(&mut self, key: &str, receipt: &Receipt) -> Result<(), SourceError> {
        self.0.settle(key, receipt).await
    }
    async fn complete(&mut self, key: &str, receipt: &Receipt) -> Result<(), SourceError> {
        self.0.complete(key, receipt).await
    }
    async fn probe(&mut self) -> Result<String, SourceError> {
        self.0.probe().await
    }
}

/// The county forwards from this source from now on, over its outbox and with its key.
fn forwards(rig: &mut Rig, source: Box<dyn Source>) {
    let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&rig.clock);
    // As the world derives it from its secret.
    let key: [u8; 32] = sha2::Sha256::new()
        .chain_update([9; 32])
        .chain_update(COUNTY)
        .finalize()
        .into();
    let config = HttpUplinkConfig {
        url: rig.world().province.url(),
        node: COUNTY.to_owned(),
        key: NodeKey::from_bytes(&key),
        authority_pem: None,
        identity_pem: None,
    };
    let uplink = Arc::new(HttpUplink::new(config, Arc::clone(&clock)).unwrap());
    let mut config = AgentConfig::new(PROVINCE, ORGAN);
    config.completion_after = Some(Duration::ZERO);
    let outbox = rig.world().forward.outbox().clone();
    rig.world().forward = Agent::new(config, source, uplink, outbox, clock);
}

/// Whether the doctor finds the batches upward well, and what it says.
async fn doctor(rig: &Rig) -> (bool, String) {
    let found = look_inside(&rig.county().store, true, &*rig.clock)
        .await
        .unwrap();
    let upward = found.iter().find(|c| c.what.1 == "batches upward").unwrap();
    (upward.well, upward.found.1.clone())
}

/// The one record of a case has another version from now on, in the tables and in the file of the case.
async fn renumber(core: &Core, case_no: &str, version: i64) {
    let id = format!("select id from cases where case_no = '{case_no}'");
    let id = rows(core, &id).await[0].int(0);
    let mut tx = core.store.begin().await.unwrap();
    let text = format!("update el_process set version = {version} where case_id = {id}");
    tx.run_text("story", &text, Vec::new()).await.unwrap();
    let (_, mut file) = store::files(&mut tx, &[id]).await.unwrap().remove(0);
    file.entries[0].record.version = Version::Given(version);
    let file = vec![(FileKey::case(id), file.to_bytes(0))];
    store::put_files(&mut tx, file, false).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_province_refuses_is_held_and_goes_again() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        bring(&mut rig, 0..20, 1).await;
        let foreign = Foreign(Forward::new(Arc::clone(rig.county()), PROVINCE, ORGAN));
        forwards(&mut rig, Box::new(foreign));
        rig.settle().await;
        let p = upward(&rig).await;
        assert!(p.held == 1 && p.held_records > 0, "{p:?}");
        assert_eq!(p.stored_above + p.held_records, 20, "the others went on");
        let (well, said) = doctor(&rig).await;
        assert!(!well && said.contains("X301"), "{said}");
        let bytes = "select count(*) from outgoing where state = 'held' and length(payload) > 0";
        assert_eq!(number(rig.county(), bytes).await, 1, "it is kept");
        // The province is mended: its hour comes by itself.
        let source = Forward::new(Arc::clone(rig.county()), PROVINCE, ORGAN);
        forwards(&mut rig, Box::new(source));
        rig.settle().await;
        assert_eq!(cases(rig.province()).await, named(0..20));
        assert!(doctor(&rig).await.0);

        // A conflict that only the province's store can see: known with the completion receipt.
        renumber(rig.province(), "U-3", 2).await;
        bring(&mut rig, 0..10, 2).await;
        rig.settle().await;
        let p = upward(&rig).await;
        assert_eq!(
            (p.held, p.held_records, p.stored_above),
            (1, 1, 29),
            "{p:?}"
        );
        let cause = held(&rig.county().store, 1)
            .await
            .unwrap()
            .remove(0)
            .cause
            .unwrap();
        assert!(cause.cause_en().contains("X314"), "{}", cause.cause_en());
        renumber(rig.province(), "U-3", 1).await;
        rig.settle().await;
        assert_eq!(upward(&rig).await.held, 1, "not at once");
        rig.clock.advance(Duration::hours(6));
        rig.settle().await;
        let p = upward(&rig).await;
        assert_eq!(
            (p.held, p.stored_above, p.batches),
            (0, 30, p.settled),
            "{p:?}"
        );
        let second =
            "select count(*) from process_history where version = 2 and row_state = 'live'";
        assert_eq!(number(rig.province(), second).await, 10);
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_province_restored_from_its_dump_gets_again_what_it_lost() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        bring(&mut rig, 0..20, 1).await;
        rig.settle().await;
        let dump = Dump::take(&rig, "province").await;
        bring(&mut rig, 20..60, 1).await;
        rig.settle().await;
        rig.die();
        dump.restore(&rig);
        rig.restart().await;
        assert_eq!(cases(rig.province()).await, named(0..20), "the dump");
        rig.clock.advance(Duration::minutes(2));
        rig.settle().await;
        assert_eq!(cases(rig.province()).await, named(0..60));
        rig.end().await;
    })
    .await;
}
