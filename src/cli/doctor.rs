//! `tongcha doctor --config FILE`: whether a front-end machine, or a hub, is fit to run. Refuses to start
//! anything.

use super::check::Language;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tongcha_adapters::clock::SystemClock;
use tongcha_adapters::doctor::{Checkup, examine};

/// Arguments of `doctor`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// 前置机或中心的配置文件 · The configuration of a front-end machine or of a hub.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// 每项一行JSON · One line of JSON for each thing looked at.
    #[arg(long)]
    json: bool,
    /// 输出语言 · Language of the text.
    #[arg(long, value_enum, default_value_t = Language::Zh)]
    lang: Language,
}

/// Looks at everything; true if all is well.
///
/// # Errors
/// All mistakes of the configuration.
pub fn run(args: &Args) -> Result<bool> {
    let text = std::fs::read_to_string(&args.config)
        .with_context(|| format!("the configuration {} cannot be read", args.config.display()))?;
    let table: toml::Table = text.parse().unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let found = match table.contains_key("database") {
        true => of_hub(&args.config, &runtime)?,
        false => {
            let settings = super::agent::settings(&args.config)?;
            runtime.block_on(examine(settings, Arc::new(SystemClock)))
        }
    };
    for one in &found {
        match args.json {
            true => println!("{}", serde_json::to_string(one)?),
            false => print!("{}", text_of(one, args.lang)),
        }
    }
    Ok(found.iter().all(|one| one.well))
}

#[cfg(feature = "server")]
fn of_hub(config: &Path, runtime: &tokio::runtime::Runtime) -> Result<Vec<Checkup>> {
    let settings = super::hub::settings(config)?;
    Ok(runtime.block_on(tongcha_hub::doctor::examine(
        &settings,
        Arc::new(SystemClock),
    )))
}

#[cfg(not(feature = "server"))]
fn of_hub(_: &Path, _: &tokio::runtime::Runtime) -> Result<Vec<Checkup>> {
    let text = "本程序不含中心 · this build has no hub; hint: use the full program there";
    Err(crate::exit::WrongUsage(text.to_owned()).into())
}

/// A line, and the next step below it where something is not well.
fn text_of(one: &Checkup, lang: Language) -> String {
    let say = |both: &(String, String)| match lang {
        Language::Zh => both.0.clone(),
        Language::En => both.1.clone(),
    };
    let (what, found) = (say(&one.what), say(&one.found));
    if one.well {
        return format!("✓ {what}  {found}\n");
    }
    let step = match lang {
        Language::Zh => "处理：",
        Language::En => "next: ",
    };
    format!("✗ {what}  {found}\n    {step}{}\n", say(&one.next))
}
