//! `tongcha calendar`: the year that an office adds. `check` reads a file as the hub would, `preview` shows
//! which due days it moves. Refuses to change anything: the file is put into the hub's folder by hand.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use tongcha_hub::calendars::{Moved, Preview};
use tongcha_hub::config::HubSettings;
use tongcha_hub::store::engine::Store;
use tongcha_schema::stamp::canonical_date;
use tongcha_supervision::calendar::YearFile;

/// Cases that are listed one by one; the rest is counted.
const LISTED: usize = 200;

/// Arguments of `calendar`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand, Debug)]
enum Action {
    /// 检验年历文件（holiday-cn 格式的 JSON） · Check a year's file, the JSON of holiday-cn.
    Check {
        /// 年历文件 · The file.
        file: PathBuf,
    },
    /// 预览：哪些在办件的到期日会变 · Preview which due days of open cases it moves.
    Preview {
        /// 年历文件 · The file.
        file: PathBuf,
        /// 中心的配置文件 · The configuration of the hub.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
}

/// Runs it; false where the file has mistakes.
///
/// # Errors
/// What cannot be read, or a store that does not answer.
pub fn run(args: &Args) -> Result<bool> {
    match &args.action {
        Action::Check { file } => Ok(read(file)?.is_some()),
        Action::Preview { file, config } => {
            let Some(year) = read(file)? else {
                return Ok(false);
            };
            let settings = super::hub::settings(config)?;
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()?;
            runtime.block_on(preview(&settings, &year))?;
            Ok(true)
        }
    }
}

/// Reads a file and says what it is; `None` where it cannot be used, with everything that is wrong.
fn read(file: &Path) -> Result<Option<YearFile>> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("the file {} cannot be read", file.display()))?;
    match YearFile::read(&text) {
        Ok(Some(year)) => {
            let (off, worked) = year.counts();
            println!(
                "✓ {0} 年：放假 {off} 天，调休上班 {worked} 天 · {0}: {off} days off, {worked} weekend days worked",
                year.year
            );
            Ok(Some(year))
        }
        Ok(None) => {
            println!(
                "✗ 文件里没有一天：该年放假安排尚未公布 · no day in it: the notice of that year is not out yet"
            );
            Ok(None)
        }
        Err(faults) => {
            for fault in &faults {
                println!("✗ {fault}");
            }
            println!("共 {0} 处错误 · {0} mistakes", faults.len());
            Ok(None)
        }
    }
}

async fn preview(settings: &HubSettings, year: &YearFile) -> Result<()> {
    let services = &settings.services;
    let store = Store::look_postgres(&services.database_url, &services.schema).await?;
    let store = store.context("no hub has run in this schema yet\n  hint: check [database]")?;
    let zones = tongcha_hub::watch::zones_of(&store, &settings.registry).await?;
    let preview = Preview {
        store: &store,
        profile: &settings.profile,
        zones: &zones,
    };
    let then = settings.calendar.with_year(year);
    let moved = preview.moved(&settings.calendar, &then).await?;
    store.close().await;
    println!(
        "年历 · calendar {} → {}",
        settings.calendar.version(),
        then.version()
    );
    for case in moved.iter().take(LISTED) {
        println!("{}", line(case));
    }
    println!(
        "到期日变动 {0} 件 · {0} due days of open cases move",
        moved.len()
    );
    Ok(())
}

fn line(case: &Moved) -> String {
    let day = |day: Option<time::Date>| day.map_or("缺年历 · missing".to_owned(), canonical_date);
    format!(
        "{} {}  {} → {}",
        case.space,
        case.case_no,
        day(case.from),
        day(case.to)
    )
}
