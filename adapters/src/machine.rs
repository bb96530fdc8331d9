//! A front-end machine put together from its settings: one outbox, one uplink, an agent per source,
//! and the listener of each push. Refuses to read configuration files (`settings.rs`).

use crate::agent::{Agent, AgentConfig, AgentError, StepReport};
use crate::outbox::{Outbox, OutboxError, OutboxLock};
use crate::pace::Hours;
use crate::settings::{PushListen, Settings, SourceSettings};
use crate::source::{Source, SourceError};
#[cfg(feature = "source-table")]
use crate::sources::db_table::{ChangeTable, DbTable, FlagTable};
use crate::sources::http_push::HttpPush;
use crate::sources::xml_dir::XmlDir;
use crate::status::{LastSteps, Status};
use crate::uplink::{Heartbeat, Uplink};
use crate::uplink_http::UplinkError;
use std::net::SocketAddr;
use std::sync::Arc;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tongcha_schema::clock::Clock;
use tongcha_schema::randomness::Randomness;

/// Why a machine cannot start.
#[derive(Debug, Error)]
pub enum MachineError {
    /// The outbox cannot be opened.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The uplink cannot be set up.
    #[error(transparent)]
    Uplink(#[from] UplinkError),
    /// A push cannot listen.
    #[error("source {source_name} cannot listen on {address}: {cause}; hint: is it in use?")]
    Listen {
        /// Name of the source.
        source_name: String,
        /// The address.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
}

impl MachineError {
    /// Whether the same start may succeed later without anybody's help.
    pub fn is_transient(&self) -> bool {
        match self {
            MachineError::Outbox(cause) => cause.is_transient(),
            MachineError::Uplink(cause) => cause.is_transient(),
            MachineError::Listen { .. } => false,
        }
    }
}

async fn bind(name: &str, address: SocketAddr) -> Result<TcpListener, MachineError> {
    let listen = TcpListener::bind(address).await;
    listen.map_err(|cause| MachineError::Listen {
        source_name: name.to_owned(),
        address,
        cause,
    })
}

/// A source of the settings, made.
pub(crate) enum Opened {
    /// One that is polled.
    Source(Box<dyn Source>),
    /// One that needs the outbox, and listens.
    Push(PushListen),
}

/// Makes the source of the settings; nothing is read yet.
pub(crate) fn open(settings: SourceSettings) -> Opened {
    Opened::Source(match settings {
        SourceSettings::XmlDir(config) => Box::new(XmlDir::new(config)),
        #[cfg(feature = "source-table")]
        SourceSettings::DbTable(config) => Box::new(DbTable::new(config)),
        #[cfg(feature = "source-table")]
        SourceSettings::FlagTable(config) => Box::new(FlagTable::new(config)),
        #[cfg(feature = "source-table")]
        SourceSettings::ChangeTable(config) => Box::new(ChangeTable::new(config)),
        SourceSettings::HttpPush(push) => return Opened::Push(push),
    })
}

/// What tells the hub how this machine is.
struct Heartbeats {
    uplink: Arc<dyn Uplink>,
    outbox: Outbox,
    clock: Arc<dyn Clock>,
    hours: Option<Hours>,
}

impl Heartbeats {
    /// Tells it once; nothing depends on it.
    async fn tell(&self) -> Result<(), AgentError> {
        let open = self.hours.as_ref();
        if !open.is_none_or(|hours| hours.open_at(self.clock.now())) {
            return Ok(());
        }
        let depth = self.outbox.depth(None).await?;
        let heartbeat = Heartbeat {
            waiting: depth.waiting,
            bytes: depth.bytes,
        };
        if let Err(fault) = self.uplink.heartbeat(heartbeat).await {
            tracing::debug!(%fault, "the hub did not hear the heartbeat");
        }
        Ok(())
    }

    /// Tells it every minute until `stop` says true.
    #[expect(
        clippy::disallowed_methods,
        reason = "the outermost loop of a task: a heartbeat has no event"
    )]
    async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(fault) = self.tell().await {
                tracing::error!(%fault, "the outbox cannot be read");
            }
            tokio::select! {
                () = tokio::time::sleep(HEARTBEAT_EVERY) => {}
                changed = stop.changed() => if changed.is_err() { return },
            }
        }
    }
}

/// How often the hub is told.
const HEARTBEAT_EVERY: std::time::Duration = std::time::Duration::from_secs(60);

/// A front-end machine, ready to run.
pub struct Machine {
    _lock: OutboxLock,
    outbox: Outbox,
    heartbeats: Heartbeats,
    status: Option<(TcpListener, axum::Router)>,
    agents: Vec<(String, Agent)>,
    listeners: Vec<(TcpListener, axum::Router)>,
}

impl Machine {
    /// Opens the outbox, sets up the uplink and listens for pushes.
    ///
    /// # Errors
    /// [`MachineError`].
    pub async fn open(
        settings: Settings,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Machine, MachineError> {
        let now = clock.now();
        let uplink = settings.uplink(Arc::clone(&clock))?;
        let hold = OutboxLock::take(&settings.outbox)?;
        let outbox = Outbox::open(&settings.outbox, &settings.node, settings.seal, now).await?;
        let outbox = outbox.secret_to(settings.secrecy, randomness);
        let mut config = AgentConfig::new(settings.hub, settings.sender_org);
        config.pause = settings.pause;
        config.most_waiting = settings.most_waiting;
        config.keep = settings.keep;
        config.most_bytes = settings.most_bytes;
        config.hours = settings.hours;
        let last_steps = LastSteps::default();
        let status = Status {
            node: settings.node,
            hub: config.target.clone(),
            sources: settings
                .sources
                .iter()
                .map(|s| s.name().to_owned())
                .collect(),
            last_steps: last_steps.clone(),
            outbox: outbox.clone(),
            clock: Arc::clone(&clock),
        };
        let mut machine = Machine {
            _lock: hold,
            heartbeats: Heartbeats {
                uplink: Arc::clone(&uplink),
                outbox: outbox.clone(),
                clock: Arc::clone(&clock),
                hours: config.hours.clone(),
            },
            status: match settings.status {
                Some(address) => Some((bind("status", address).await?, status.router())),
                None => None,
            },
            outbox: outbox.clone(),
            agents: Vec::new(),
            listeners: Vec::new(),
        };
        for source in settings.sources {
            let name = source.name().to_owned();
            let source: Box<dyn Source> = match open(source) {
                Opened::Source(source) => source,
                Opened::Push(push) => {
                    let listener = bind(&name, push.listen).await?;
                    let source = HttpPush::new(push.config, outbox.clone(), Arc::clone(&clock));
                    machine.listeners.push((listener, source.router()));
                    Box::new(source)
                }
            };
            let agent = Agent::new(
                config.clone(),
                source,
                Arc::clone(&uplink),
                outbox.clone(),
                clock.clone(),
            );
            machine.agents.push((name, agent.on(last_steps.clone())));
        }
        Ok(machine)
    }

    /// Where pushes are taken.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let listeners = self.listeners.iter();
        listeners.filter_map(|(l, _)| l.local_addr().ok()).collect()
    }

    /// Where the page of its state is.
    pub fn status_address(&self) -> Option<SocketAddr> {
        self.status.as_ref().and_then(|(l, _)| l.local_addr().ok())
    }

    /// Asks every source whether it can be used: name and answer.
    pub async fn probe(&mut self) -> Vec<(String, Result<String, SourceError>)> {
        let mut answers = Vec::new();
        for (name, agent) in &mut self.agents {
            answers.push((name.clone(), agent.probe().await));
        }
        answers
    }

    /// Does what there is to do now and ends: the report of each source by its name. Push is not listened
    /// for.
    ///
    /// # Errors
    /// The outbox fails.
    pub async fn once(mut self) -> Result<Vec<(String, StepReport)>, AgentError> {
        let mut reports = Vec::new();
        for (name, agent) in &mut self.agents {
            reports.push((name.clone(), agent.exhaust().await?));
        }
        self.heartbeats.tell().await?;
        self.outbox.close().await;
        Ok(reports)
    }

    /// Runs until `stop` says true, then ends each step and closes the outbox.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(self.heartbeats.run(stop.clone()));
        for (_, mut agent) in self.agents {
            let stop = stop.clone();
            tasks.spawn(async move { agent.run(stop).await });
        }
        for (listener, router) in self.listeners.into_iter().chain(self.status) {
            let mut stop = stop.clone();
            tasks.spawn(async move {
                let ended = async move {
                    // An error means that the sender is gone: the same as a stop.
                    let _ = stop.wait_for(|stop| *stop).await;
                };
                let serve = axum::serve(listener, router).with_graceful_shutdown(ended);
                if let Err(cause) = serve.await {
                    tracing::error!(%cause, "push listener ended");
                }
            });
        }
        while tasks.join_next().await.is_some() {}
        self.outbox.close().await;
    }
}
