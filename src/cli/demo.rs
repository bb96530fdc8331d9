//! `tongcha demo`: the main job, embedded or on the configured servers. `--once` takes files, runs
//! them through every hop to both tiers, prints one line of JSON and ends. Refuses to know how a hop
//! works.

mod live;
mod once;

use crate::exit::WrongUsage;
use anyhow::{Context, Result};
use clap::Args as Arguments;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use time::Date;
use tongcha::world::{Place, Production};
use tongcha_adapters::settings::{Collector, Surroundings, dialects};
use tongcha_decode::dialect::Registry;
use tongcha_hub::config::Services;

/// Arguments of `demo`.
#[derive(Arguments, Debug)]
pub struct Args {
    /// 运行一次后退出并输出结果 · Run once, print the result and end.
    #[arg(long)]
    once: bool,
    /// 以一行JSON输出 · Print one JSON object on one line (with --once).
    #[arg(long, requires = "once")]
    json: bool,
    /// 以该日24时为准 · Judge as of the end of that day, YYYY-MM-DD (with --once).
    #[arg(long, value_name = "DATE", requires = "once")]
    as_of: Option<String>,
    /// 数据文件、压缩包或文件夹，可多次 · A file, archive or folder; may be repeated.
    #[arg(long, value_name = "PATH", requires = "once")]
    data: Vec<PathBuf>,
    /// 指定方言 · The dialect of the data, where it is not recognised.
    #[arg(long, value_name = "NAME", default_value = "auto")]
    dialect: String,
    /// 本单位方言的目录 · Folder of the office's own dialects, as at the hub.
    #[arg(long, value_name = "FOLDER")]
    dialects: Option<PathBuf>,
    /// 规则方案 · The profile of rules.
    #[arg(long, value_name = "NAME", default_value = "huating")]
    profile: String,
    /// 仅县级一层，不设省级 · The county hub alone, no province above it; adds `rejected_cases`, and
    /// `phases_ms`: ingest (first read to last commit) and judge (how much later all is judged).
    #[arg(long, requires = "once")]
    alone: bool,
    /// 使用配置的PostgreSQL与RabbitMQ · Use the configured PostgreSQL and RabbitMQ.
    #[arg(long, requires = "once")]
    production: bool,
    /// 配置文件 · Configuration of the servers (else the environment's TONGCHA_CONFIG).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// 数据文件夹 · The one folder that the demo keeps its data in.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// Whatever stops the demo, with a hint.
pub fn run(args: &Args) -> Result<bool> {
    let known: Vec<&str> = tongcha_supervision::Profile::names().collect();
    if !known.contains(&args.profile.as_str()) {
        let hint = known.join(", ");
        return Err(WrongUsage(format!(
            "no profile {}\n  hint: one of {hint}",
            args.profile
        ))
        .into());
    }
    let registry = registry(args)?;
    if args.dialect != "auto" && registry.get(&args.dialect).is_none() {
        let hint = registry.names().collect::<Vec<_>>().join(", ");
        return Err(WrongUsage(format!(
            "no dialect {}\n  hint: one of {hint}",
            args.dialect
        ))
        .into());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        if args.once {
            once::run(args).await
        } else {
            live::run(args).await
        }
    })
}

/// The shipped dialects and the office's own.
fn registry(args: &Args) -> Result<Arc<Registry>> {
    let mut all = Collector::default();
    let folder = args.dialects.as_deref();
    let registry = dialects::registry(folder, "--dialects", &mut all);
    let shown = folder.unwrap_or(Path::new("--dialects"));
    registry.ok_or_else(|| super::mistakes(shown, &all.mistakes))
}

fn as_of(text: &str) -> Result<Date> {
    tongcha_schema::stamp::parse_date(text)
        .map_err(|_| WrongUsage(format!("--as-of {text} is no day\n  hint: YYYY-MM-DD")).into())
}

fn place(args: &Args) -> Result<Place> {
    if !args.production {
        return Ok(Place::Embedded);
    }
    let file = args
        .config
        .clone()
        .or_else(|| std::env::var_os("TONGCHA_CONFIG").map(PathBuf::from));
    let file = file
        .context("--production needs a configuration\n  hint: --config FILE or TONGCHA_CONFIG")?;
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("the configuration {} cannot be read", file.display()))?;
    let base = file.parent().unwrap_or(Path::new("."));
    let env = |name: &str| std::env::var(name).ok();
    let around = Surroundings { base, env: &env };
    let services = Services::read(&text, &around).map_err(|m| super::mistakes(&file, &m))?;
    let tag: String = super::random()?[..5]
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    Ok(Place::Production(Production {
        database_url: services.database_url,
        bus_url: services.bus_url,
        rabbitmqctl: services.rabbitmqctl,
        tag,
    }))
}
