//! `tongcha import --config FILE PATH...` and `--source NAME`: a history of years through the agent's
//! own way, with its progress. Refuses to run beside an agent on the same outbox.

mod text;

use super::check::Language;
use crate::exit::WrongUsage;
use anyhow::Result;
use serde_json::json;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use text::{Progress, summary_text};
use tongcha_adapters::clock::SystemClock;
use tongcha_adapters::import::{Import, Subject, Travel};
use tongcha_adapters::randomness::SystemRandomness;
use tongcha_adapters::settings::{Settings, SourceSettings};
use tongcha_adapters::sources::history::FileList;
use tongcha_schema::limits;

/// Arguments of `import`.
#[derive(clap::Args)]
pub struct Args {
    /// 前置机的配置文件 · The configuration of the front-end machine.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// 文件、压缩包或文件夹；只读，不移动不改动 · Files, archives or folders; they stay as they are.
    #[arg(value_name = "PATH", required_unless_present = "source")]
    paths: Vec<PathBuf>,
    /// 从头导入配置中的库表来源 · A table of the configuration, from its beginning.
    #[arg(long, value_name = "NAME", conflicts_with = "paths")]
    source: Option<String>,
    /// 已完成的导入再送一次（只会重复） · Send a finished import once more (its records repeat).
    #[arg(long)]
    again: bool,
    /// 每个信封最多多少个文件 · Files of one envelope at most.
    #[arg(long, value_name = "N", default_value_t = 200,
          value_parser = clap::value_parser!(u64).range(1..=10_000))]
    files_per_envelope: u64,
    /// 文件的方言，缺省自动识别 · Dialect of the files; recognised by itself unless named.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "auto",
        conflicts_with = "source"
    )]
    dialect: String,
    /// 结果输出为一行JSON · The result as one line of JSON.
    #[arg(long)]
    json: bool,
    /// 输出语言 · Language of the text.
    #[arg(long, value_enum, default_value_t = Language::Zh)]
    lang: Language,
}

/// Imports; true if nothing was rejected and nothing left out.
///
/// # Errors
/// Whatever keeps it from starting or from going on.
pub fn run(args: &Args) -> Result<bool> {
    let settings = super::agent::settings(&args.config)?;
    let (subject, left_out) = subject(args, &settings)?;
    for (path, why) in &left_out {
        eprintln!("{}: {why}", path.display());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (clock, randomness) = (Arc::new(SystemClock), Arc::new(SystemRandomness));
        let mut import = Import::begin(settings, subject, args.again, clock, randomness).await?;
        let ended = tokio::select! {
            ended = work(&mut import, args) => ended?,
            () = super::agent::ended() => false,
        };
        let clean = finish(&mut import, args, ended, left_out.len()).await?;
        import.close().await;
        Ok(clean)
    })
}

type LeftOut = Vec<(PathBuf, String)>;

fn subject(args: &Args, settings: &Settings) -> Result<(Subject, LeftOut)> {
    let Some(name) = &args.source else {
        let list = FileList::of(&args.paths, limits::IMPORT_FILES)?;
        if list.is_empty() {
            let text = "没有可导入的文件 · there is no file to import";
            return Err(WrongUsage(text.to_owned()).into());
        }
        let left_out = list.left_out.clone();
        let lot_files = usize::try_from(args.files_per_envelope).unwrap_or(200);
        let travel = Travel {
            lot_files,
            dialect: args.dialect.clone(),
        };
        return Ok((Subject::Files(list, travel), left_out));
    };
    match settings.sources.iter().find(|s| s.name() == name) {
        #[cfg(feature = "source-table")]
        Some(SourceSettings::DbTable(config)) => Ok((Subject::Table(config.clone()), Vec::new())),
        _ => {
            let text = format!(
                "“{name}”不是带 watermark 的库表来源 · {name} is no table source with a watermark; \
                 hint: 文件请直接写路径 · of files name the PATH itself"
            );
            Err(WrongUsage(text).into())
        }
    }
}

/// Steps until all is decided.
#[expect(
    clippy::disallowed_methods,
    reason = "the one pause of the import's outermost loop, where a step had nothing to do"
)]
async fn work(import: &mut Import, args: &Args) -> Result<bool> {
    if import.was_finished && args.source.is_none() {
        return Ok(true);
    }
    let terminal = std::io::stderr().is_terminal();
    let before = import.summary().await?;
    let mut progress = Progress::new(args.lang, terminal, import.total, before.done);
    let began = Instant::now();
    let mut idle = 0u32;
    loop {
        let step = import.step().await?;
        let now = import.summary().await?;
        progress.show(began.elapsed(), &now);
        for fault in &step.faults {
            progress.fault(fault);
        }
        if import.is_done(&step).await? {
            progress.end();
            return Ok(true);
        }
        // Nothing under way and nothing to take: the files themselves are at fault.
        let stuck = !step.faults.is_empty() && step.retry_at.is_none() && step.waiting == 0;
        idle = if stuck && !step.moved() { idle + 1 } else { 0 };
        if idle >= 3 {
            progress.end();
            return Ok(false);
        }
        if !step.moved() && step.offered == 0 {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }
}

async fn finish(import: &mut Import, args: &Args, ended: bool, left_out: usize) -> Result<bool> {
    let summary = import.summary().await?;
    let clean = ended && left_out == 0 && summary.is_clean();
    if args.json {
        let line = json!({
            "complete": ended, "already": import.was_finished, "total": import.total,
            "left_out": left_out, "done": summary.done, "envelopes": summary.envelopes,
            "refused": summary.refused, "records": summary.counts, "findings": summary.findings,
            "rejected_items": summary.rejected_items, "rejected": summary.rejected,
        });
        println!("{line}");
    } else {
        print!(
            "{}",
            summary_text(args.lang, import.total, ended, left_out, &summary)
        );
    }
    Ok(clean)
}
