//! `tongcha hub --config FILE`: a hub in production. Refuses to start with a mistake in its
//! configuration; ends on Ctrl-C or SIGTERM, after what is in hand.

use super::agent::ended;
use super::take_back;
use anyhow::{Context, Result};
use clap::Args as Arguments;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::watch;
use tongcha_adapters::agent::{Agent, AgentConfig};
use tongcha_adapters::clock::SystemClock;
use tongcha_adapters::outbox::Outbox;
use tongcha_adapters::randomness::SystemRandomness;
use tongcha_adapters::settings::Surroundings;
use tongcha_hub::config::{ForwardSettings, HubSettings};
use tongcha_hub::exchange::{BusKind, Database, Hub, Options};
use tongcha_hub::forward::Forward;
use tongcha_hub::schedule::Jobs;
use tongcha_hub::serve::{self, Doorman};
use tongcha_schema::clock::{CHINA, Clock};
use tongcha_schema::seal::Sealed;

/// Arguments of `hub`.
#[derive(Arguments, Debug)]
pub struct Args {
    /// 配置文件 · The configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(clap::Subcommand, Debug)]
enum Task {
    /// 收回错误方言产生的记录、办件和监察牌：先预览，核对条数并写明理由后执行 · Take back what a wrong dialect
    /// made: shows it first, does it with the number of records and a reason.
    TakeBack(take_back::Args),
}

/// Runs it until it is told to end.
///
/// # Errors
/// Whatever keeps it from starting.
pub fn run(args: &Args) -> Result<bool> {
    let settings = settings(&args.config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    match &args.task {
        Some(Task::TakeBack(args)) => runtime.block_on(take_back::run(&settings, args)),
        None => runtime.block_on(serve(settings)),
    }
}

/// Reads a hub's configuration.
///
/// # Errors
/// All its mistakes at once, or what keeps the file from being read.
pub fn settings(file: &Path) -> Result<HubSettings> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("the configuration {} cannot be read", file.display()))?;
    let base = file.parent().unwrap_or(Path::new("."));
    let env = |name: &str| std::env::var(name).ok();
    HubSettings::read(&text, &Surroundings { base, env: &env })
        .map_err(|m| super::mistakes(file, &m))
}

async fn serve(settings: HubSettings) -> Result<bool> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let forward = settings.forward.clone();
    let hub = Hub::start(options(&settings)?, Arc::clone(&clock)).await?;
    for node in &settings.nodes {
        hub.register(node).await?;
    }
    let token = tongcha_admin::Token::new(&super::random()?);
    let protocol = listen(settings.listen).await?;
    tongcha_admin::require_loopback(settings.pages)?;
    let pages = listen(settings.pages).await?;
    eprintln!("中心 · hub {}: http://{}", settings.name, settings.listen);
    eprintln!(
        "页面 · pages: http://{}/login?token={}",
        settings.pages,
        token.text()
    );
    // Of this start alone: numbers of processes come again.
    let start = tongcha_schema::digest::hex(&super::random()?[..8]);
    let jobs = Jobs::start(&hub.core, &format!("{}#{start}", settings.name)).await?;
    let (stop, stopped) = watch::channel(false);
    let above = match &forward {
        Some(forward) => Some(send_up(&hub, forward, &settings.sealed, &clock, stopped).await?),
        None => None,
    };
    let routes = tongcha_admin::routes(Arc::clone(&hub.core), token);
    let protocol = tokio::spawn(serve::serve(protocol, hub.routes(), Doorman::protocol()));
    let pages = tokio::spawn(serve::serve(pages, routes, Doorman::pages()));
    ended().await;
    // A forwarding agent that has ended already does not hear it.
    let _ = stop.send(true);
    if let Some(task) = above {
        task.await.context("the forwarding agent")?;
    }
    protocol.abort();
    pages.abort();
    jobs.stop().await;
    hub.stop().await;
    Ok(true)
}

fn options(settings: &HubSettings) -> Result<Options> {
    let services = &settings.services;
    Ok(Options {
        name: settings.name.clone(),
        database: Database::Postgres {
            url: services.database_url.clone(),
            schema: services.schema.clone(),
        },
        bus: BusKind::Rabbit(services.bus_url.clone()),
        partitions: services.partitions,
        profile: settings.profile.clone(),
        calendar: settings.calendar.clone(),
        zone: CHINA,
        spool: settings.spool.clone(),
        forwards: settings.forward.is_some(),
        issues_cards: settings.issues_cards,
        sealed: settings.sealed.clone(),
        registry: Arc::clone(&settings.registry),
        intake: settings.intake.clone(),
        reception: settings.reception.clone(),
    })
}

async fn listen(address: SocketAddr) -> Result<tokio::net::TcpListener> {
    tokio::net::TcpListener::bind(address)
        .await
        .with_context(|| format!("{address} cannot be listened on\n  hint: is it in use?"))
}

async fn send_up(
    hub: &Hub,
    forward: &ForwardSettings,
    sealed: &Sealed,
    clock: &Arc<dyn Clock>,
    stopped: watch::Receiver<bool>,
) -> Result<tokio::task::JoinHandle<()>> {
    let name = hub.core.name.clone();
    let outbox = Outbox::open(&forward.outbox, &name, sealed.clone(), clock.now()).await?;
    let outbox = outbox.secret_to(forward.secrecy, Arc::new(SystemRandomness));
    let above = &forward.address;
    let uplink = above.uplink(&name, &forward.key, Arc::clone(clock), None)?;
    let source = Forward::new(Arc::clone(&hub.core), &forward.hub, &forward.org)
        .comparing(Arc::clone(&uplink))
        .held_by(format!("{name}@{}", outbox.epoch()));
    let config = AgentConfig::new(&forward.hub, &forward.org);
    let mut agent = Agent::new(config, Box::new(source), uplink, outbox, Arc::clone(clock));
    Ok(tokio::spawn(async move { agent.run(stopped).await }))
}
