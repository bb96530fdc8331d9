//! One running hub: store, bus, workers, jobs and routes put together from options, and taken down in
//! order. Refuses to read configuration files (`config.rs`) and to serve pages (admin).

use crate::bus::memory::MemoryBus;
use crate::bus::rabbit::RabbitBus;
use crate::bus::{Bus, BusError};
use crate::core::Core;
use crate::demands::Demands;
use crate::feed::{Event, Feed};
use crate::push::Intake;
use crate::store::engine::{Store, StoreError};
use crate::{inbox, ingest, reception, route};
use axum::Router;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use time::{OffsetDateTime, UtcOffset};
use tokio::task::JoinHandle;
use tongcha_adapters::amqp::{Reception, ReceptionConfig};
use tongcha_adapters::dialect::Registry;
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
    /// The bus.
    #[error(
        "{0}\n  hint: check [bus] url, and that RabbitMQ runs and knows this user and virtual host"
    )]
    Bus(#[from] BusError),
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
}

/// A running hub.
pub struct Hub {
    /// What its parts share.
    pub core: Arc<Core>,
    workers: Vec<JoinHandle<()>>,
}

impl Hub {
    /// Opens store and bus, publishes again what was held when the last process ended, and starts the
    /// ingest workers.
    ///
    /// # Errors
    /// Store, bus or spool folder cannot be used.
    pub async fn start(options: Options, clock: Arc<dyn Clock>) -> Result<Hub, StartError> {
        std::fs::create_dir_all(&options.spool).map_err(|cause| StartError::Spool {
            folder: options.spool.clone(),
            cause,
        })?;
        let store = match &options.database {
            Database::Sqlite(file) => Store::open_sqlite(file).await?,
            Database::Postgres { url, schema } => Store::open_postgres(url, schema).await?,
        };
        let bus: Arc<dyn Bus> = match &options.bus {
            BusKind::Memory => Arc::new(MemoryBus::new(options.partitions)),
            BusKind::Rabbit(url) => Arc::new(RabbitBus::connect(url, options.partitions).await?),
        };
        let core = Arc::new(Core {
            name: options.name,
            door: store.apart(limits::DOOR_CONNECTIONS),
            store,
            bus,
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
        let mut workers = Vec::new();
        for partition in 0..core.bus.partitions() {
            let deliveries = core.bus.deliveries(partition).await?;
            workers.push(tokio::spawn(ingest::work(Arc::clone(&core), deliveries)));
        }
        if let Some(config) = options.reception {
            let reception = Reception::new(config);
            workers.push(tokio::spawn(reception::run(Arc::clone(&core), reception)));
        }
        let hub = Hub { core, workers };
        if !hub.core.bus.is_durable() {
            inbox::sweep(&hub.core, i64::MAX).await?;
        }
        Ok(hub)
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
        self.core.store.run("nodes.put", args).await?;
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
                inbox::sweep(&self.core, i64::MAX).await?;
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

/// A hub that is dropped without [`Hub::stop`] dies as in a crash: its workers take nothing more.
impl Drop for Hub {
    fn drop(&mut self) {
        for worker in &self.workers {
            worker.abort();
        }
    }
}
