//! `demo`: the synthetic front-end machines of one county drop files, two hubs work, the pages show
//! it. The demo's clock runs fast, so that the first yellow and red cards come within a minute.
//! Refuses any address but loopback.

mod state;

use super::Args;
use anyhow::{Context, Result};
use state::State;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use time::{Date, Duration, Month, OffsetDateTime};
use tokio::sync::{Mutex, RwLock};
use tongcha::world::{Place, Setup, World};
use tongcha_adapters::agent::Agent;
use tongcha_adapters::clock::SystemClock;
use tongcha_adapters::sources::synthetic::{Department, Synthetic};
use tongcha_adapters::sources::xml_dir::{XmlDir, XmlDirConfig};
use tongcha_admin::Token;
use tongcha_hub::push::Intake;
use tongcha_hub::schedule::Jobs;
use tongcha_schema::clock::{CHINA, Clock, ManualClock};
use tongcha_supervision::Calendar;

/// Hours of the demo's clock in one second of ours: 60 s are 15 days.
const HOURS_A_SECOND: i64 = 6;
/// Years at the end of the calendar that a demo has before it: 24 minutes each.
const YEARS_AHEAD: i32 = 5;
/// Every second, as a cron text.
const EVERY_SECOND: &str = "* * * * * *";

pub async fn run(args: &Args) -> Result<bool> {
    let folder = match &args.folder {
        Some(folder) => folder.clone(),
        None => usual_folder()?,
    };
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let state = State::load_or_make(&folder, beginning(SystemClock.now())?)?;
    if state.clock + Duration::hours(HOURS_A_SECOND) >= end_of_calendar()? {
        eprintln!(
            "演示的时钟已到年历末端，不再前进；删去数据文件夹即可重来 · the demo's clock stands at the end of the calendar; remove the data folder to begin again"
        );
    }
    let clock = Arc::new(ManualClock::at(state.clock));
    let token = Token::new(&crate::cli::random()?);
    let address_token = token.text().to_owned();
    let setup = Setup {
        folder: folder.clone(),
        place: Place::Embedded,
        profile: args.profile.clone(),
        clock: Arc::<ManualClock>::clone(&clock),
        secret: state.secret,
        registry: super::registry(args)?,
        intake: Intake::default(),
        reception: None,
        pages: Some(Box::new(move |hub| {
            tongcha_admin::routes(Arc::clone(&hub.core), token)
        })),
    };
    let world = World::start(setup).await?;
    eprintln!("数据文件夹 · data folder: {}", folder.display());
    println!(
        "页面 · pages: {}/login?token={address_token}",
        world.county.url()
    );
    println!("按 Ctrl-C 结束 · Ctrl-C ends it");
    let Running {
        jobs,
        forward,
        county,
        province,
    } = start(world, &folder, clock, state).await?;
    crate::cli::agent::ended().await;
    jobs.stop().await;
    forward.lock().await.outbox().close().await;
    county.hub.stop().await;
    province.hub.stop().await;
    Ok(true)
}

/// When a new demo's history begins: today's day and hour, in a year from which the calendar reaches far
/// enough for a clock that runs a month in two minutes.
fn beginning(now: OffsetDateTime) -> Result<OffsetDateTime> {
    let last = Calendar::cn()?.years().last().unwrap_or(now.year());
    let year = now.year().min(last - YEARS_AHEAD);
    // 29 February is 28 February in another year.
    let begun = now
        .replace_year(year)
        .or_else(|_| now.replace_day(28)?.replace_year(year));
    Ok(begun?)
}

/// The demo's own folder of this user.
fn usual_folder() -> Result<PathBuf> {
    let home = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let home =
        home.or_else(|| std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".local/share")));
    let home = home.context("no home folder\n  hint: name one with --folder")?;
    Ok(home.join("tongcha").join("demo"))
}

struct Running {
    jobs: Jobs,
    forward: Arc<Mutex<Agent>>,
    county: tongcha::world::Tier,
    province: tongcha::world::Tier,
}

async fn start(
    world: World,
    folder: &Path,
    clock: Arc<ManualClock>,
    state: State,
) -> Result<Running> {
    // The clock moves only between two steps of the agents: a signed request does not age in flight.
    let still = Arc::new(RwLock::new(()));
    let mut agents = Vec::new();
    for department in Synthetic::departments() {
        agents.push(machine(&world, folder, department).await?);
    }
    let start = tongcha_schema::digest::hex(&crate::cli::random()?[..8]);
    let jobs = Jobs::start(&world.county.hub.core, &format!("demo#{start}")).await?;
    let World {
        county,
        province,
        forward,
        ..
    } = world;
    let forward = Arc::new(Mutex::new(forward));
    for agent in agents.into_iter().chain([Arc::clone(&forward)]) {
        add_steps(&jobs, agent, &still).await?;
    }
    add_time(&jobs, folder, clock, state, &still).await?;
    Ok(Running {
        jobs,
        forward,
        county,
        province,
    })
}

async fn machine(
    world: &World,
    folder: &Path,
    department: &Department,
) -> Result<Arc<Mutex<Agent>>> {
    let dir = exchange_folder(folder, &department.node);
    std::fs::create_dir_all(&dir)?;
    let mut config = XmlDirConfig::new("exchange", &dir);
    config.quiet = Duration::ZERO;
    let organ = (department.org_code.as_str(), department.org_name.as_str());
    let agent = world
        .machine(&department.node, organ, Box::new(XmlDir::new(config)))
        .await?;
    Ok(Arc::new(Mutex::new(agent)))
}

fn exchange_folder(folder: &Path, node: &str) -> PathBuf {
    folder.join("exchange").join(node.replace('/', "-"))
}

/// The poll of an agent as a job.
async fn add_steps(jobs: &Jobs, agent: Arc<Mutex<Agent>>, still: &Arc<RwLock<()>>) -> Result<()> {
    let still = Arc::clone(still);
    jobs.add(EVERY_SECOND, move || {
        let (agent, still) = (Arc::clone(&agent), Arc::clone(&still));
        Box::pin(async move {
            let _time_stands = still.read().await;
            if let Err(error) = agent.lock().await.step().await {
                tracing::error!(%error, "an agent's step failed");
            }
        })
    })
    .await?;
    Ok(())
}

/// The demo's time as a job: the clock moves on, and the machines drop what has become due.
async fn add_time(
    jobs: &Jobs,
    folder: &Path,
    clock: Arc<ManualClock>,
    state: State,
    still: &Arc<RwLock<()>>,
) -> Result<()> {
    let synthetic = Synthetic::new(state.seed(), state.begun, folder.join("exchange"));
    let shared = Arc::new(Mutex::new((synthetic, state)));
    let (still, folder) = (Arc::clone(still), folder.to_owned());
    let end = end_of_calendar()?;
    jobs.add(EVERY_SECOND, move || {
        let (shared, still) = (Arc::clone(&shared), Arc::clone(&still));
        let (clock, folder) = (Arc::clone(&clock), folder.clone());
        Box::pin(async move {
            let _nobody_steps = still.write().await;
            // Where the calendar ends the demo's time stands: beyond it every case would be held.
            if clock.now() + Duration::hours(HOURS_A_SECOND) >= end {
                return;
            }
            clock.advance(Duration::hours(HOURS_A_SECOND));
            let mut shared = shared.lock().await;
            let (synthetic, state) = &mut *shared;
            if let Err(error) = synthetic.step(clock.now()) {
                tracing::error!(%error, "the synthetic machines cannot drop their files");
            }
            state.clock = clock.now();
            if let Err(error) = state.save(&folder) {
                tracing::error!(%error, "the demo's state cannot be kept");
            }
        })
    })
    .await?;
    Ok(())
}

/// First instant of the last month of the calendar: due days reach into the next year from there.
fn end_of_calendar() -> Result<OffsetDateTime> {
    let last = Calendar::cn()?.years().last().unwrap_or_default();
    let day = Date::from_calendar_date(last, Month::December, 1)?;
    Ok(day.midnight().assume_offset(CHINA))
}
