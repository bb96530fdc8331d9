//! The rig of a story: a world in a folder of its own, a clock that stands, front-end machines with
//! exchange directories, the model beside it. Its end is where the world is dropped and everything
//! must be in exactly one state.

use super::disk::Disk;
use super::model::{Arrival, Fate, Line, LineKey, Model, RowKey};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tongcha::world::{Pages, Place, Setup, World};
use tongcha_adapters::agent::{Agent, AgentError, StepReport};
use tongcha_adapters::amqp::ReceptionConfig;
use tongcha_adapters::sources::xml_dir::{BAD, DONE, RECEIPT_JSON, XmlDir, XmlDirConfig};
use tongcha_admin::Token;
use tongcha_decode::dialect::Registry;
use tongcha_hub::agreement;
use tongcha_hub::core::Core;
use tongcha_hub::store::row::Row;
use tongcha_schema::clock::ManualClock;
use tongcha_schema::element::ElementId;
use tongcha_schema::receipt::Receipt;

/// When stories happen, unless they move the clock.
pub const START: OffsetDateTime = datetime!(2026-01-20 10:00 +8);
/// The receive day of [`START`].
pub const DAY: &str = "2026-01-20";

/// Envelopes by what the door made of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Envelopes {
    pub admitted: u64,
    pub refused: u64,
    pub repeated: u64,
}

pub struct Rig {
    pub clock: Arc<ManualClock>,
    pub world: Option<World>,
    pub model: Model,
    /// Envelopes that a story sent by itself; those of the machines are counted here too.
    pub sent: Envelopes,
    machines: BTreeMap<String, Machine>,
    reception: Option<ReceptionConfig>,
    pub place: Place,
    // Before the folder: it is unmounted first.
    pub disk: Option<Disk>,
    folder: tempfile::TempDir,
}

struct Machine {
    dir: PathBuf,
    agent: Agent,
}

impl Rig {
    pub async fn start(place: Place) -> Rig {
        Rig::begin(place, None, None).await
    }

    /// The same, with a part of its folder on a small disk of its own (`county`: store and spool of the county;
    /// `outbox`: the outboxes of all agents).
    pub async fn start_on_a_disk(place: Place, part: &str, mib: u32) -> Rig {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::mount(&folder.path().join(part), mib);
        let mut rig = Rig::in_folder(place, None, folder);
        rig.disk = Some(disk);
        rig.open(None).await;
        rig
    }

    /// The same with the county's pages, which that token opens.
    pub async fn start_with_pages(place: Place, token: Token) -> Rig {
        Rig::begin(place, Some(token), None).await
    }

    /// The same with a county that nodes reach over AMQP.
    pub async fn start_with_reception(place: Place, reception: ReceptionConfig) -> Rig {
        Rig::begin(place, None, Some(reception)).await
    }

    async fn begin(place: Place, token: Option<Token>, reception: Option<ReceptionConfig>) -> Rig {
        let mut rig = Rig::in_folder(place, reception, tempfile::tempdir().unwrap());
        rig.open(token).await;
        rig
    }

    fn in_folder(
        place: Place,
        reception: Option<ReceptionConfig>,
        folder: tempfile::TempDir,
    ) -> Rig {
        Rig {
            clock: Arc::new(ManualClock::at(START)),
            world: None,
            model: Model::default(),
            sent: Envelopes::default(),
            machines: BTreeMap::new(),
            reception,
            place,
            disk: None,
            folder,
        }
    }

    async fn open(&mut self, token: Option<Token>) {
        let pages = |token| -> Pages {
            Box::new(move |hub| tongcha_admin::routes(Arc::clone(&hub.core), token))
        };
        let setup = Setup {
            folder: self.folder.path().to_owned(),
            place: self.place.clone(),
            profile: "huating".to_owned(),
            clock: Arc::<ManualClock>::clone(&self.clock),
            secret: [9; 32],
            registry: Arc::new(Registry::with([]).unwrap()),
            intake: super::paper::intake(),
            reception: self.reception.clone(),
            pages: token.map(pages),
        };
        self.world = Some(World::start(setup).await.unwrap());
    }

    /// Everything dies at once and is started again on the same folder and servers.
    pub async fn restart(&mut self) {
        self.die();
        self.open(None).await;
        let nodes: Vec<String> = std::mem::take(&mut self.machines).into_keys().collect();
        for node in nodes {
            self.machine(&node).await;
        }
    }

    /// Both hubs and all agents die.
    pub fn die(&mut self) {
        drop(self.world.take());
    }

    pub fn world(&mut self) -> &mut World {
        self.world.as_mut().unwrap()
    }

    pub fn county(&self) -> &Arc<Core> {
        &self.world.as_ref().unwrap().county.hub.core
    }

    pub fn province(&self) -> &Arc<Core> {
        &self.world.as_ref().unwrap().province.hub.core
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A front-end machine with an exchange directory.
    pub async fn machine(&mut self, node: &str) {
        let dir = self
            .folder
            .path()
            .join(format!("exchange-{}", node.replace('/', "-")));
        std::fs::create_dir_all(&dir).unwrap();
        let mut config = XmlDirConfig::new("files", &dir);
        config.quiet = Duration::ZERO;
        let source = Box::new(XmlDir::new(config));
        let agent = self.world().machine(node, ("", ""), source).await.unwrap();
        self.machines
            .insert(node.to_owned(), Machine { dir, agent });
    }

    /// A machine's exchange directory.
    pub fn exchange(&self, node: &str) -> PathBuf {
        self.machines[node].dir.clone()
    }

    /// The department's system writes a file.
    pub fn drop_file(&self, node: &str, name: &str, bytes: &[u8]) {
        std::fs::write(self.machines[node].dir.join(name), bytes).unwrap();
    }

    /// Steps a machine until nothing moves and nothing waits.
    pub async fn exhaust(&mut self, node: &str) {
        let agent = &mut self.machines.get_mut(node).unwrap().agent;
        let mut quiet = 0;
        while quiet < 2 {
            let report = agent.step().await.unwrap();
            assert!(report.faults.is_empty(), "{:?}", report.faults);
            for (_, _, repeated) in &report.receipts {
                self.sent.admitted += u64::from(!repeated);
                self.sent.repeated += u64::from(*repeated);
            }
            quiet = if report.moved() || report.waiting > 0 {
                0
            } else {
                quiet + 1
            };
        }
    }

    /// One step of a machine, whatever comes of it.
    pub async fn step(&mut self, node: &str) -> Result<StepReport, AgentError> {
        let report = self.machines.get_mut(node).unwrap().agent.step().await;
        for (_, _, repeated) in report.iter().flat_map(|r| &r.receipts) {
            self.sent.admitted += u64::from(!repeated);
            self.sent.repeated += u64::from(*repeated);
        }
        report
    }

    /// Steps a machine until something goes wrong; gives what it says.
    pub async fn step_until_fault(&mut self, node: &str) -> String {
        let agent = &mut self.machines.get_mut(node).unwrap().agent;
        for _ in 0..10 {
            let report = agent.step().await.unwrap();
            if !report.faults.is_empty() {
                return report.faults.join("; ");
            }
        }
        panic!("nothing goes wrong at {node}");
    }

    /// Tells the model what arrives; gives what it makes of it.
    pub fn expect(&mut self, arrivals: &[Arrival]) -> Vec<Fate> {
        arrivals.iter().map(|a| self.model.arrive(DAY, a)).collect()
    }

    /// Decides everything in both tiers, and fetches the completion receipts.
    pub async fn settle(&mut self) {
        self.world().settle().await.unwrap();
        self.clock.advance(Duration::MINUTE);
        for machine in self.machines.values_mut() {
            while machine.agent.step().await.unwrap().completed > 0 {}
        }
    }

    /// The receipt beside a dropped file, and the folder that it lies in.
    pub fn receipt(&self, node: &str, name: &str) -> (&'static str, Receipt) {
        for side in [DONE, BAD] {
            let file = self.machines[node].dir.join(side).join(name);
            let receipt = file.with_file_name(format!("{name}{RECEIPT_JSON}"));
            if let Ok(text) = std::fs::read(&receipt) {
                assert!(file.is_file(), "{name} lies beside its receipt");
                return (side, serde_json::from_slice(&text).unwrap());
            }
        }
        panic!("{name} of {node} has no receipt");
    }

    /// What is waiting at a machine.
    pub async fn waiting(&self, node: &str) -> u64 {
        self.machines[node]
            .agent
            .outbox()
            .depth(None)
            .await
            .unwrap()
            .waiting
    }

    /// The end of a story of the county alone.
    pub async fn end_at_the_county(mut self) {
        compare(self.county(), &self.model).await;
        identities(self.county(), Some(self.sent)).await;
        self.world.take().unwrap().stop().await.unwrap();
    }

    /// The end of every story: settles, compares both hubs with the model and with each other, and
    /// takes the world down.
    pub async fn end(mut self) {
        self.settle().await;
        for (node, machine) in &self.machines {
            let depth = machine.agent.outbox().depth(None).await.unwrap();
            assert_eq!(depth.waiting, 0, "parcels left at {node}");
        }
        let forward = self.world().forward.outbox().depth(None).await.unwrap();
        assert_eq!(forward.waiting, 0, "parcels left between the hubs");
        let above = self.model.above(DAY);
        let county = compare(self.county(), &self.model).await;
        let province = compare(self.province(), &above).await;
        assert_eq!(county, province, "the hubs differ");
        identities(self.county(), Some(self.sent)).await;
        identities(self.province(), None).await;
        let progress = tongcha_hub::forward::progress(&self.county().store)
            .await
            .unwrap();
        assert_eq!(progress.stored_above, self.model.stored.len() as u64);
        assert_eq!(progress.batches, progress.settled);
        for machine in self.machines.into_values() {
            machine.agent.outbox().close().await;
        }
        self.world.unwrap().stop().await.unwrap();
    }
}

/// All rows of a query that is written for the story.
pub async fn rows(core: &Core, text: &str) -> Vec<Row> {
    core.store.rows_of("story", text, Vec::new()).await.unwrap()
}

/// The one number of a query.
pub async fn number(core: &Core, text: &str) -> u64 {
    rows(core, text).await[0].count(0)
}

/// What is said of a row besides its key: state and digest.
type Said = BTreeMap<(RowKey, i64), (String, Vec<u8>)>;

async fn stored(core: &Core) -> Said {
    let mut said = Said::new();
    for element in ElementId::ALL {
        let table = format!("{element}_history");
        let text =
            format!("select space, case_no, source, seq, version, row_state, digest from {table}");
        for row in rows(core, &text).await {
            let space = if row.text(0) == "cn" { "cn" } else { "source" };
            let (case_no, source) = (row.text(1).to_owned(), row.text(2).to_owned());
            let key = (element.name(), space, case_no, source, row.int(3));
            let value = (row.text(5).to_owned(), row.bytes(6).to_vec());
            said.insert((key, row.int(4)), value);
        }
    }
    said
}

/// A hub at rest against its model: ledger lines, rows with their states, digests that are equal
/// exactly where the contents are.
async fn compare(core: &Core, model: &Model) -> Said {
    assert_eq!(
        tongcha_hub::inbox::waiting(core).await.unwrap(),
        (0, 0),
        "inbox rows left"
    );
    let mut ledger: BTreeMap<LineKey, Line> = BTreeMap::new();
    for row in core.store.rows("ledger.lines", Vec::new()).await.unwrap() {
        let key = (
            row.text(0).to_owned(),
            row.text(1).to_owned(),
            row.text(2).to_owned(),
        );
        assert_eq!(row.int(7), 0, "pending of {key:?}");
        ledger.insert(
            key,
            [row.count(3), row.count(4), row.count(5), row.count(6)],
        );
    }
    assert_eq!(ledger, model.ledger, "ledger of {}", core.name);
    let stored = stored(core).await;
    let states = |((key, version), (state, _)): (&(RowKey, i64), &(String, Vec<u8>))| {
        (key.clone(), *version, state.clone())
    };
    let found: Vec<_> = stored.iter().map(states).collect();
    let mut wanted = Vec::new();
    let mut digests: BTreeMap<(&str, &str), &[u8]> = BTreeMap::new();
    for (key, versions) in &model.rows {
        for (version, (content, state)) in versions {
            wanted.push((key.clone(), *version, (*state).to_owned()));
            let Some((_, digest)) = stored.get(&(key.clone(), *version)) else {
                continue;
            };
            let known = digests.entry((key.0, content)).or_insert(digest);
            assert_eq!(*known, digest.as_slice(), "{content} of {key:?}");
        }
    }
    assert_eq!(found, wanted, "rows of {}", core.name);
    let different: std::collections::BTreeSet<_> = digests.values().collect();
    assert_eq!(
        different.len(),
        digests.len(),
        "one digest for two contents"
    );
    stored
}

/// The identities of the contract, from the tables alone.
async fn identities(core: &Core, sent: Option<Envelopes>) {
    let mut by_state: BTreeMap<String, u64> = BTreeMap::new();
    for (state, _) in stored(core).await.into_values() {
        *by_state.entry(state).or_default() += 1;
    }
    let sum =
        |column: &str| format!("select cast(coalesce(sum({column}), 0) as bigint) from ledger");
    let in_ledger = number(core, &sum("stored")).await;
    assert_eq!(in_ledger, by_state.values().sum::<u64>(), "{by_state:?}");
    let (received, rejected) = (
        number(core, &sum("received")).await,
        number(core, &sum("rejected")).await,
    );
    let duplicate = number(core, &sum("duplicate")).await;
    assert_eq!(received, in_ledger + rejected + duplicate);
    let kept = number(core, "select count(*) from rejected").await;
    assert_eq!(kept, rejected, "every rejected record is kept");
    let found = Envelopes {
        admitted: number(core, "select count(*) from envelope").await,
        refused: number(
            core,
            "select cast(coalesce(sum(value), 0) as bigint) from counter where name like 'turned_away.%'",
        )
        .await,
        repeated: number(core, "select cast(coalesce(sum(seen - 1), 0) as bigint) from envelope").await,
    };
    let apart = agreement::apart(&core.store, i64::MAX).await.unwrap();
    assert!(apart.is_empty(), "files and tables differ: {apart:?}");
    if let Some(sent) = sent {
        assert_eq!(found, sent, "envelopes = admitted + refused + repeated");
    }
}
