//! One running hub: store, bus, workers, jobs and routes put together from options, and taken down in
//! order. Refuses to read configuration files (`config.rs`) and to serve pages (admin).

use crate::bus::memory::MemoryBus;
use crate::bus::rabbit::RabbitBus;
use crate::bus::{Bus, BusError};
use crate::core::Core;
use crate::demands::Demands;
use crate::feed::{Event, Feed};
use crate::passing::{self, Passing};
use crate::push::Intake;
use crate::repartition::repartition;
use crate::store::claim::{Claim, ClaimError};
use crate::store::engine::{Store, StoreError};
use crate::store::sources::Names;
use crate::{inbox, ingest, reception, route};
use axum::Router;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use time::{OffsetDateTime, UtcOffset};
use tokio::task::JoinHandle;
use tongcha_adapters::amqp::{Reception, ReceptionConfig};
use tongcha_decode::dialect::Registry;
use tongcha_schema::clock::{Clock, unix_ms};
use tongcha_schema::limits;
use tongcha_schema::seal::Sealed;
use tongcha_supervision::{Calendar, Profile};

/// Where the central supervision database is.
#[derive(Clone, Debug)]
pub enum Database {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A schema of a PostgreSQL database.
    Postgres {
        /// `postgres://user:password@host:port/database`; `?host=/folder` for a Unix socket.
        url: String,
        /// Name of the schema.
        schema: String,
    },
}

/// Which bus.
#[derive(Clone, Debug)]
pub enum BusKind {
    /// In process.
    Memory,
    /// RabbitMQ, `amqp://user:password@host:port/vhost`.
    Rabbit(String),
}

/// What a hub is started with.
#[derive(Clone)]
pub struct Options {
    /// Node name, `region/node`.
    pub name: String,
    /// Database.
    pub database: Database,
    /// Bus.
    pub bus: BusKind,
    /// Partitions of the bus, and ingest workers: one each.
    pub partitions: u32,
    /// Profile of rules.
    pub profile: Profile,
    /// Working-day calendar.
    pub calendar: Calendar,
    /// The hub's zone.
    pub zone: UtcOffset,
    /// Folder for large items while they arrive; it is made.
    pub spool: PathBuf,
    /// Whether what is stored goes up to another hub.
    pub forwards: bool,
    /// Whether it issues cards.
    pub issues_cards: bool,
    /// Seals raw bytes and personal values.
    pub sealed: Sealed,
    /// The dialects.
    pub registry: Arc<Registry>,
    /// What is taken in, and how much of it at a time.
    pub intake: Intake,
    /// The broker of nodes that send over AMQP.
    pub reception: Option<ReceptionConfig>,
}

/// Why a hub did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bus's address cannot be read. A broker that is away is no reason: the inbox holds what is admitted.
    #[error("{0}\n  hint: check [bus] url: amqp://user:password@host:port/vhost")]
    Bus(#[from] BusError),
    /// Another hub works on the database with another number of partitions.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// The spool folder.
    #[error("the folder {folder} cannot be made: {cause}")]
    Spool {
        /// Its path.
        folder: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
}

/// A node to be registered.
#[derive(Clone, Debug, Default)]
pub struct NodeEntry {
    /// Name, `region/node`.
    pub name: String,
    /// Whether it is a lower hub.
    pub is_hub: bool,
    /// Public key, as text.
    pub public_key: String,
    /// Organ code, or empty.
    pub organ_code: String,
    /// Organ name, or empty.
    pub organ_name: String,
    /// What is demanded of it.
    pub demands: Demands,
    /// Until when its key is good; `None`: without an end.
    pub until: Option<OffsetDateTime>,
    /// The dialects that were agreed with it; none: any.
    pub dialects: Vec<String>,
}

/// Pause between two looks at the connection that holds the hub's word on partitions.
const CLAIM_PAUSE: Duration = Duration::from_secs(10);

/// A running hub.
pub struct Hub {
    /// What its parts share.
    pub core: Arc<Core>,
    workers: Vec<JoinHandle<()>>,
}

impl Hub {
    /// Opens store and bus, divides what waits where the number of partitions is another one, starts the
    /// ingest workers, and passes what was held when the last process ended. A broker that is away is waited
    /// for behind this call.
    ///
    /// # Errors
    /// Store or spool folder cannot be used; another hub works there with another number of partitions.
    pub async fn start(options: Options, clock: Arc<dyn Clock>) -> Result<Hub, StartError> {
        std::fs::create_dir_all(&options.spool).map_err(|cause| StartError::Spool {
            folder: options.spool.clone(),
            cause,
        })?;
        let partitions = options.partitions;
        let (store, mut claim) = match &options.database {
            Database::Sqlite(file) => (Store::open_sqlite(file).await?, None),
            Database::Postgres { url, schema } => {
                let store = Store::open_postgres(url, schema).await?;
                (store, Some(Claim::take(url, schema, partitions).await?))
            }
        };
        repartition(&store, partitions).await?;
        if let Some(claim) = &mut claim {
            claim.settled().await?;
        }
        let bus: Arc<dyn Bus> = match &options.bus {
            BusKind::Memory => Arc::new(MemoryBus::new(partitions)),
            BusKind::Rabbit(url) => Arc::new(RabbitBus::new(url, partitions)?),
        };
        let (passing, errands) = Passing::new();
        let core = Arc::new(Core {
            name: options.name,
            door: store.apart(limits::DOOR_CONNECTIONS),
            store,
            names: Names::default(),
            bus,
            passing,
            clock,
            sealed: Arc::new(options.sealed),
            registry: options.registry,
            zone: options.zone,
            spool: options.spool,
            forwards: options.forwards,
            intake: options.intake,
            registered: tokio::sync::Notify::new(),
            feed: Feed::default(),
            profile: Arc::new(options.profile),
            calendar: Arc::new(options.calendar),
            issues_cards: options.issues_cards,
            faults: Mutex::new(Vec::new()),
        });
        crate::watch::begin(&core).await?;
        inbox::release(&core).await?;
        let mut workers = Vec::new();
        for partition in 0..core.bus.partitions() {
            let deliveries = core.bus.deliveries(partition).await?;
            workers.push(tokio::spawn(ingest::work(Arc::clone(&core), deliveries)));
        }
        if let Some(config) = options.reception {
            let reception = Reception::new(config);
            workers.push(tokio::spawn(reception::run(Arc::clone(&core), reception)));
        }
        if let Some(claim) = claim {
            workers.push(tokio::spawn(keep_claim(Arc::clone(&core), claim)));
        }
        core.passing.waiting(i64::MAX);
        workers.push(tokio::spawn(passing::run(Arc::clone(&core), errands)));
        Ok(Hub { core, workers })
    }

    /// The protocol's routes.
    pub fn routes(&self) -> Router {
        route::routes(Arc::clone(&self.core))
    }

    /// Registers a node, or changes its key, its organ and what is demanded of it.
    ///
    /// # Errors
    /// The store.
    pub async fn register(&self, node: &NodeEntry) -> Result<(), StoreError> {
        let kind = if node.is_hub { "hub" } else { "front" };
        let args = crate::args![
            &node.name,
            kind,
            &node.public_key,
            &node.organ_code,
            &node.organ_name,
            self.core.now_ms(),
            node.demands.suite_name(),
            node.demands.encrypted_flag(),
            node.until.map(unix_ms)
        ];
        let mut tx = self.core.store.begin().await?;
        tx.run("nodes.put", args).await?;
        let agreed = node.dialects.join(",");
        tx.run("nodes.agree", crate::args![&node.name, agreed])
            .await?;
        tx.commit().await?;
        self.core.registered.notify_one();
        Ok(())
    }

    /// Waits until nothing is pending: every admitted record is decided. What the bus has lost in the
    /// meantime is published again.
    ///
    /// # Errors
    /// The store.
    pub async fn drain(&self) -> Result<(), StoreError> {
        let mut events = self.core.feed.listen();
        let mut quiet_rounds = 0_u32;
        loop {
            if inbox::waiting(&self.core).await?.0 == 0 {
                return Ok(());
            }
            let event = tokio::time::timeout(Duration::from_millis(200), events.recv()).await;
            match event {
                Ok(Ok(Event::Ingested { .. })) => quiet_rounds = 0,
                _ => quiet_rounds += 1,
            }
            if quiet_rounds >= 25 {
                inbox::sweep(&self.core, i64::MAX);
                quiet_rounds = 0;
            }
        }
    }

    /// Stops: no more deliveries, the workers end what they have, then the store closes.
    pub async fn stop(self) {
        self.halt().await;
        self.core.door.close().await;
        self.core.store.close().await;
    }

    /// Stops, and removes everything that it stored, with its schema; for runs of their own only.
    ///
    /// # Errors
    /// The schema cannot be dropped.
    pub async fn remove(self, schema: &str) -> Result<(), StoreError> {
        self.halt().await;
        self.core.door.close().await;
        self.core.store.clone().drop_postgres(schema).await
    }

    async fn halt(&self) {
        self.core.bus.close().await;
        for worker in &self.workers {
            worker.abort();
        }
    }
}

/// Gives the hub's word again where its connection broke. Where other hubs have come meanwhile with another number
/// of partitions, this one takes nothing from the bus any more and says so.
#[expect(
    clippy::disallowed_methods,
    reason = "the outermost loop of a worker; not a storm of tries"
)]
async fn keep_claim(core: Arc<Core>, mut claim: Claim) {
    loop {
        tokio::time::sleep(CLAIM_PAUSE).await;
        match claim.renew().await {
            Ok(()) => {}
            Err(ClaimError::Store(error)) => {
                tracing::warn!(%error, "the database does not answer; its lock is taken again later");
            }
            Err(error @ ClaimError::Others { .. }) => {
                tracing::error!(%error, "this hub takes nothing from the bus any more");
                core.bus.close().await;
                return;
            }
        }
    }
}

/// A hub that is dropped without [`Hub::stop`] dies as in a crash: its workers take nothing more.
impl Drop for Hub {
    fn drop(&mut self) {
        for worker in &self.workers {
            worker.abort();
        }
    }
}
