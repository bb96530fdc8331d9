//! `demo --once`: files dropped on one front-end machine, through every hop, to both tiers.

use super::Args;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use time::{OffsetDateTime, Time};
use tongcha::world::{Alone, Setup, World, drop_in};
use tongcha_adapters::clock::SystemClock;
use tongcha_adapters::sources::xml_dir::{XmlDir, XmlDirConfig};
use tongcha_hub::push::Intake;
use tongcha_hub::tally::{Tally, tally};
use tongcha_schema::clock::{CHINA, Clock, ManualClock};

/// Node name of the machine that the data is dropped on.
const NODE: &str = "431321/data";

#[derive(serde::Serialize)]
struct Output {
    #[serde(flatten)]
    tally: Tally,
    elapsed_ms: u64,
    #[serde(flatten)]
    alone: Option<OfOne>,
}

/// What a run of one hub tells beside.
#[derive(serde::Serialize)]
struct OfOne {
    /// Cases with a refused record.
    rejected_cases: u64,
    phases_ms: Phases,
}

/// How long the parts of a run of one hub took, in milliseconds.
#[derive(serde::Serialize)]
struct Phases {
    /// From the agent's first read to the last commit of records.
    ingest: u64,
    /// From there until every case is judged and its cards are written.
    judge: u64,
}

pub async fn run(args: &Args) -> Result<bool> {
    let started = Instant::now();
    let now = match &args.as_of {
        Some(text) => super::as_of(text)?
            .with_time(end_of_day())
            .assume_offset(CHINA),
        None => SystemClock.now(),
    };
    let folder = match &args.folder {
        Some(folder) => folder.clone(),
        None => fresh_folder()?,
    };
    eprintln!("数据文件夹 · data folder: {}", folder.display());
    let result = run_in(args, &folder, now).await;
    // A folder of our own is of no use to anybody once the figures are known.
    if args.folder.is_none()
        && let Err(error) = std::fs::remove_dir_all(&folder)
    {
        tracing::warn!(folder = %folder.display(), %error, "the run's folder stays");
    }
    let (tally, alone) = result?;
    let elapsed_ms = ms_since(started);
    let output = Output {
        tally,
        elapsed_ms,
        alone,
    };
    if args.json {
        println!("{}", serde_json::to_string(&output)?);
    } else {
        println!("{}", serde_json::to_string_pretty(&output)?);
    }
    Ok(true)
}

fn ms_since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn end_of_day() -> Time {
    time::macros::time!(23:59:59.999)
}

fn fresh_folder() -> Result<PathBuf> {
    let tag: String = crate::cli::random()?[..6]
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let folder = std::env::temp_dir().join(format!("tongcha-once-{tag}"));
    std::fs::create_dir(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    Ok(folder)
}

async fn run_in(args: &Args, folder: &Path, now: OffsetDateTime) -> Result<(Tally, Option<OfOne>)> {
    let setup = Setup {
        folder: folder.to_owned(),
        place: super::place(args)?,
        profile: args.profile.clone(),
        clock: Arc::new(ManualClock::at(now)),
        secret: crate::cli::random()?,
        registry: super::registry(args)?,
        intake: Intake::default(),
        reception: None,
        pages: None,
    };
    if args.alone {
        let alone = Alone::start(setup).await?;
        let done = through_one(args, folder, &alone).await;
        let stopped = alone.stop().await;
        let (tally, of_one) = done?;
        stopped?;
        return Ok((tally, Some(of_one)));
    }
    let mut world = World::start(setup).await?;
    let done = through(args, folder, &mut world).await;
    let stopped = world.stop().await;
    let tally = done?;
    stopped?;
    Ok((tally, None))
}

/// Drops the data into the machine's exchange directory; the source over it.
fn dropped(args: &Args, folder: &Path) -> Result<Box<XmlDir>> {
    let drop_folder = folder.join("exchange");
    std::fs::create_dir_all(&drop_folder)?;
    for path in &args.data {
        drop_in(path, &drop_folder)?;
    }
    let mut config = XmlDirConfig::new("data", &drop_folder);
    config.dialect.clone_from(&args.dialect);
    // What was dropped lies there whole, and the demo's clock stands.
    config.quiet = time::Duration::ZERO;
    Ok(Box::new(XmlDir::new(config)))
}

/// The county hub alone: the agent reads, the hub admits, ingests and then judges, each timed.
async fn through_one(args: &Args, folder: &Path, alone: &Alone) -> Result<(Tally, OfOne)> {
    let mut agent = alone.machine(NODE, dropped(args, folder)?).await?;
    let first_read = Instant::now();
    World::exhaust(&mut agent).await?;
    alone.county.hub.drain().await?;
    let ingest = ms_since(first_read);
    let last_commit = Instant::now();
    tongcha_hub::watch::look(&alone.county.hub.core).await?;
    tongcha_hub::score::compute(&alone.county.hub.core).await?;
    let judge = ms_since(last_commit);
    agent.outbox().close().await;
    let core = &alone.county.hub.core;
    let row = core.store.row("envelopes.rejected_cases", Vec::new());
    let rejected_cases = row.await?.map_or(0, |r| r.count(0));
    let phases_ms = Phases { ingest, judge };
    Ok((
        tally(core).await?,
        OfOne {
            rejected_cases,
            phases_ms,
        },
    ))
}

async fn through(args: &Args, folder: &Path, world: &mut World) -> Result<Tally> {
    let source = dropped(args, folder)?;
    let mut agent = world.machine(NODE, ("", ""), source).await?;
    World::exhaust(&mut agent).await?;
    world.settle().await?;
    tongcha_hub::watch::look(&world.county.hub.core).await?;
    tongcha_hub::watch::look(&world.province.hub.core).await?;
    tongcha_hub::score::compute(&world.county.hub.core).await?;
    agent.outbox().close().await;
    Ok(tally(&world.county.hub.core).await?)
}
