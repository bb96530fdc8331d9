//! `demo --once`: files dropped on one front-end machine, through every hop, to both tiers.

use super::Args;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use time::{OffsetDateTime, Time};
use tongcha::world::{Setup, World};
use tongcha_adapters::clock::SystemClock;
use tongcha_adapters::sources::xml_dir::{XmlDir, XmlDirConfig};
use tongcha_hub::tally::{Tally, tally};
use tongcha_schema::clock::{CHINA, Clock, ManualClock};

/// Node name of the machine that the data is dropped on.
const NODE: &str = "431321/data";

#[derive(serde::Serialize)]
struct Output {
    #[serde(flatten)]
    tally: Tally,
    elapsed_ms: u64,
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
    let (tally, took) = (result?, started.elapsed());
    let elapsed_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let output = Output { tally, elapsed_ms };
    if args.json {
        println!("{}", serde_json::to_string(&output)?);
    } else {
        println!("{}", serde_json::to_string_pretty(&output)?);
    }
    Ok(true)
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

async fn run_in(args: &Args, folder: &Path, now: OffsetDateTime) -> Result<Tally> {
    let setup = Setup {
        folder: folder.to_owned(),
        place: super::place(args)?,
        profile: args.profile.clone(),
        clock: Arc::new(ManualClock::at(now)),
        secret: crate::cli::random()?,
        pages: None,
    };
    let mut world = World::start(setup).await?;
    let done = through(args, folder, &mut world).await;
    let stopped = world.stop().await;
    let tally = done?;
    stopped?;
    Ok(tally)
}

async fn through(args: &Args, folder: &Path, world: &mut World) -> Result<Tally> {
    let drop_folder = folder.join("exchange");
    std::fs::create_dir_all(&drop_folder)?;
    for path in &args.data {
        drop_in(path, &drop_folder)?;
    }
    let mut config = XmlDirConfig::new("data", &drop_folder);
    config.dialect.clone_from(&args.dialect);
    let mut agent = world
        .machine(NODE, ("", ""), Box::new(XmlDir::new(config)))
        .await?;
    World::exhaust(&mut agent).await?;
    world.settle().await?;
    tongcha_hub::watch::look(&world.county.hub.core).await?;
    tongcha_hub::watch::look(&world.province.hub.core).await?;
    tongcha_hub::score::compute(&world.county.hub.core).await?;
    agent.outbox().close().await;
    Ok(tally(&world.county.hub.core).await?)
}

/// Hop drop: the department's system writes its file into the exchange directory.
fn drop_in(path: &Path, folder: &Path) -> Result<()> {
    let _span = tracing::info_span!("drop", path = %path.display()).entered();
    let name = path
        .file_name()
        .with_context(|| format!("{} has no name", path.display()))?;
    let target = folder.join(name);
    if path.is_dir() {
        std::fs::create_dir_all(&target)?;
        let mut entries: Vec<PathBuf> = std::fs::read_dir(path)?
            .map(|entry| entry.map(|e| e.path()))
            .collect::<std::io::Result<_>>()
            .with_context(|| format!("the folder {} cannot be read", path.display()))?;
        entries.sort();
        return entries.iter().try_for_each(|entry| drop_in(entry, &target));
    }
    std::fs::copy(path, &target)
        .with_context(|| format!("{} cannot be read\n  hint: check the path", path.display()))?;
    Ok(())
}
