//! A world: a county hub and a province hub above it, each with its own store, bus and HTTP address on
//! loopback, and the agents of front-end machines that send to the county. The same parts as in
//! production; no call skips a hop. Owns their start and their end; refuses to know what is sent.

mod alone;
mod drop;
mod place;

pub use alone::Alone;
pub use drop::drop_in;
pub use place::{Place, Production};

use anyhow::{Context, Result};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use time::Duration;
use tokio::task::JoinHandle;
use tongcha_adapters::agent::{Agent, AgentConfig};
use tongcha_adapters::amqp::ReceptionConfig;
use tongcha_adapters::outbox::Outbox;
use tongcha_adapters::source::Source;
use tongcha_adapters::uplink::Uplink;
use tongcha_adapters::uplink_http::{HttpUplink, HttpUplinkConfig};
use tongcha_decode::dialect::Registry;
use tongcha_hub::exchange::{Hub, NodeEntry, Options};
use tongcha_hub::forward::Forward;
use tongcha_hub::push::Intake;
use tongcha_hub::serve::{Doorman, serve};
use tongcha_schema::clock::{CHINA, Clock};
use tongcha_schema::seal::{NodeKey, Sealed, public_text};
use tongcha_supervision::{Calendar, Profile};

/// Name of the county hub.
pub const COUNTY: &str = "431321/hub";
/// Name of the province hub.
pub const PROVINCE: &str = "430000/hub";
/// Organ code of the office that runs the county hub; synthetic.
const OFFICE: &str = "11431321009000015L";
/// Partitions of a hub's bus.
const PARTITIONS: u32 = 2;

/// What a world is made with.
pub struct Setup {
    /// Its one folder.
    pub folder: PathBuf,
    /// Where stores and buses are.
    pub place: Place,
    /// Name of the profile of rules.
    pub profile: String,
    /// Time, for everything in it.
    pub clock: Arc<dyn Clock>,
    /// Secret bytes; handed in by whoever may ask the machine for randomness.
    pub secret: [u8; 32],
    /// The dialects.
    pub registry: Arc<Registry>,
    /// Who may post documents straight to the county.
    pub intake: Intake,
    /// The broker of nodes that send to the county over AMQP.
    pub reception: Option<ReceptionConfig>,
    /// Routes beside the county's protocol (pages); made from the county hub.
    pub pages: Option<Pages>,
}

/// Makes the routes of the pages from a hub.
pub type Pages = Box<dyn FnOnce(&Hub) -> axum::Router + Send>;

/// One hub with its address.
pub struct Tier {
    /// The hub.
    pub hub: Hub,
    /// Its address.
    pub address: SocketAddr,
    server: Server,
}

/// The task that serves an address; it ends with whoever holds it.
struct Server(JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Tier {
    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// The world.
pub struct World {
    /// The county hub.
    pub county: Tier,
    /// The province hub.
    pub province: Tier,
    /// The county's own agent, which sends up what the county stored.
    pub forward: Agent,
    folder: PathBuf,
    place: Place,
    clock: Arc<dyn Clock>,
    secret: [u8; 32],
}

/// A key for a purpose, derived from the world's secret.
fn derive(secret: &[u8; 32], purpose: &str) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::new()
        .chain_update(secret)
        .chain_update(purpose)
        .finalize()
        .into()
}

impl World {
    /// Starts both hubs and the forwarding agent. Started again on the same folder with the same
    /// secret, it goes on where it was.
    ///
    /// # Errors
    /// A store, bus, folder or port cannot be used.
    pub async fn start(mut setup: Setup) -> Result<World> {
        std::fs::create_dir_all(&setup.folder)
            .with_context(|| format!("the folder {} cannot be made", setup.folder.display()))?;
        let pages = setup.pages.take();
        // Beside each other: each waits for its broker and its tables.
        let (county, province) = tokio::try_join!(
            start_tier(&setup, "county", COUNTY, true, pages),
            start_tier(&setup, "province", PROVINCE, false, None),
        )?;
        let (folder, place) = (setup.folder, setup.place);
        let (clock, secret) = (setup.clock, setup.secret);
        let base = Base {
            folder: &folder,
            clock: &clock,
            secret: &secret,
        };
        let line = uplink(&base, &province, COUNTY)?;
        let source = Forward::new(Arc::clone(&county.hub.core), PROVINCE, OFFICE);
        let source = source.comparing(line);
        let registration = Registration {
            node: COUNTY,
            is_hub: true,
            organ: ("", ""),
        };
        let mut config = AgentConfig::new(PROVINCE, OFFICE);
        config.completion_after = Some(Duration::ZERO);
        let forward = make_agent(&base, &province, registration, config, Box::new(source)).await?;
        Ok(World {
            county,
            province,
            forward,
            folder,
            place,
            clock,
            secret,
        })
    }

    /// Registers a front-end machine at the county hub and gives its agent.
    ///
    /// # Errors
    /// The store or the agent's outbox cannot be used.
    pub async fn machine(
        &self,
        node: &str,
        organ: (&str, &str),
        source: Box<dyn Source>,
    ) -> Result<Agent> {
        let sender = if organ.0.is_empty() { OFFICE } else { organ.0 };
        let config = AgentConfig::new(COUNTY, sender);
        let base = Base {
            folder: &self.folder,
            clock: &self.clock,
            secret: &self.secret,
        };
        let registration = Registration {
            node,
            is_hub: false,
            organ,
        };
        make_agent(&base, &self.county, registration, config, source).await
    }

    /// Steps the agent until nothing moves and nothing waits for a receipt.
    ///
    /// # Errors
    /// The outbox fails, or the line does.
    pub async fn exhaust(agent: &mut Agent) -> Result<()> {
        let mut quiet = 0;
        while quiet < 2 {
            let report = agent.step().await?;
            if let Some(fault) = report.faults.first() {
                anyhow::bail!("the agent cannot go on: {fault}");
            }
            quiet = if report.moved() || report.waiting > 0 {
                0
            } else {
                quiet + 1
            };
        }
        Ok(())
    }

    /// Waits until every admitted record is decided in the county, and everything that the county
    /// stored is decided in the province and confirmed by completion receipts.
    ///
    /// # Errors
    /// A store, an outbox or the line fails.
    pub async fn settle(&mut self) -> Result<()> {
        self.county.hub.drain().await?;
        Self::exhaust(&mut self.forward).await?;
        self.province.hub.drain().await?;
        loop {
            let report = self.forward.step().await?;
            if report.incomplete == 0 && !report.moved() {
                return Ok(());
            }
        }
    }

    /// Stops everything; in a place of its own it also removes what it made there.
    ///
    /// # Errors
    /// A schema or virtual host of its own cannot be removed.
    pub async fn stop(self) -> Result<()> {
        let World {
            county,
            province,
            forward,
            place,
            ..
        } = self;
        forward.outbox().close().await;
        for tier in [&county, &province] {
            tier.server.0.abort();
        }
        tokio::try_join!(
            place.end("county", county.hub),
            place.end("province", province.hub),
        )?;
        place.remove(&["county", "province"])
    }
}

async fn start_tier(
    setup: &Setup,
    role: &'static str,
    name: &str,
    forwards: bool,
    pages: Option<Pages>,
) -> Result<Tier> {
    let folder = setup.folder.join(role);
    std::fs::create_dir_all(&folder)?;
    let place = setup.place.clone();
    let bus = tokio::task::spawn_blocking(move || place.bus(role)).await??;
    let profile = Profile::shipped(&setup.profile)?;
    let options = Options {
        name: name.to_owned(),
        database: setup.place.database(role, &folder),
        bus,
        partitions: PARTITIONS,
        profile,
        calendar: Calendar::cn()?,
        zone: CHINA,
        spool: folder.join("spool"),
        forwards,
        issues_cards: role == "county",
        sealed: Sealed::new(derive(&setup.secret, role)),
        registry: Arc::clone(&setup.registry),
        intake: match role {
            "county" => setup.intake.clone(),
            _ => Intake::default(),
        },
        reception: setup.reception.clone().filter(|_| role == "county"),
    };
    let hub = Hub::start(options, Arc::clone(&setup.clock)).await?;
    let mut routes = hub.routes();
    if let Some(pages) = pages {
        routes = routes.merge(pages(&hub));
    }
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(serve(listener, routes, Doorman::protocol()));
    Ok(Tier {
        hub,
        address,
        server: Server(server),
    })
}

struct Base<'a> {
    folder: &'a Path,
    clock: &'a Arc<dyn Clock>,
    secret: &'a [u8; 32],
}

struct Registration<'a> {
    node: &'a str,
    is_hub: bool,
    organ: (&'a str, &'a str),
}

async fn make_agent(
    base: &Base<'_>,
    tier: &Tier,
    registration: Registration<'_>,
    config: AgentConfig,
    source: Box<dyn Source>,
) -> Result<Agent> {
    let node = registration.node;
    let key = NodeKey::from_bytes(&derive(base.secret, node));
    tier.hub
        .register(&NodeEntry {
            name: node.to_owned(),
            is_hub: registration.is_hub,
            public_key: public_text(&key.public()),
            organ_code: registration.organ.0.to_owned(),
            organ_name: registration.organ.1.to_owned(),
            ..NodeEntry::default()
        })
        .await?;
    let file = base
        .folder
        .join("outbox")
        .join(format!("{}.db", node.replace('/', "-")));
    let sealed = Sealed::new(derive(base.secret, &format!("outbox {node}")));
    let outbox = Outbox::open(&file, node, sealed, base.clock.now()).await?;
    let uplink = uplink(base, tier, node)?;
    Ok(Agent::new(
        config,
        source,
        uplink,
        outbox,
        Arc::clone(base.clock),
    ))
}

/// A node's line to a hub.
fn uplink(base: &Base<'_>, tier: &Tier, node: &str) -> Result<Arc<dyn Uplink>> {
    let config = HttpUplinkConfig {
        url: tier.url(),
        node: node.to_owned(),
        key: NodeKey::from_bytes(&derive(base.secret, node)),
        authority_pem: None,
        identity_pem: None,
    };
    Ok(Arc::new(HttpUplink::new(config, Arc::clone(base.clock))?))
}
