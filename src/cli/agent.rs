//! `tongcha agent --config FILE`: the front-end machine. Refuses to start with a mistake in its
//! configuration; ends on Ctrl-C or SIGTERM.

use anyhow::{Context, Result};
use clap::Args as Arguments;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::watch;
use tongcha_adapters::agent::StepReport;
use tongcha_adapters::clock::SystemClock;
use tongcha_adapters::machine::Machine;
use tongcha_adapters::randomness::SystemRandomness;
use tongcha_adapters::settings::{Settings, Surroundings};

/// Arguments of `agent`.
#[derive(Arguments, Debug)]
pub struct Args {
    /// 配置文件 · The configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// 处理完现有的数据即退出（供计划任务使用） · End when there is nothing left to do now (for cron).
    #[arg(long)]
    once: bool,
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
    runtime.block_on(async {
        let mut machine =
            Machine::open(settings, Arc::new(SystemClock), Arc::new(SystemRandomness)).await?;
        if args.once {
            return Ok(told(&machine.once().await?));
        }
        for (name, answer) in machine.probe().await {
            match answer {
                Ok(line) => eprintln!("{name}: {line}"),
                Err(error) => eprintln!("{name}: {error}"),
            }
        }
        let (stop, stopped) = watch::channel(false);
        let signal = tokio::spawn(async move {
            ended().await;
            // The machine may have ended by itself.
            let _ = stop.send(true);
        });
        machine.run(stopped).await;
        signal.abort();
        Ok(true)
    })
}

/// A line for each source; true if nothing went wrong, nothing was refused and nothing waits.
fn told(reports: &[(String, StepReport)]) -> bool {
    let mut well = true;
    for (name, report) in reports {
        let refused = report.refused();
        println!(
            "{name}: 收到回执 receipts {}, 其中被拒 refused {refused}, 待发送 waiting {}",
            report.receipts.len(),
            report.waiting
        );
        if refused > 0 {
            eprintln!(
                "{name}: {refused}件被拒绝或部分拒绝，原因见 bad/ 中文件旁的回执 · \
                 refused wholly or partly: the receipts beside the files in bad/ say why"
            );
        }
        for fault in report.faults.iter().chain(&report.remarks) {
            eprintln!("{name}: {fault}");
        }
        well &= report.faults.is_empty() && report.waiting == 0 && refused == 0;
    }
    well
}

/// Reads a front-end machine's configuration.
///
/// # Errors
/// All its mistakes at once, or what keeps the file from being read.
pub fn settings(file: &Path) -> Result<Settings> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("the configuration {} cannot be read", file.display()))?;
    let base = file.parent().unwrap_or(Path::new("."));
    let env = |name: &str| std::env::var(name).ok();
    Settings::read(&text, &Surroundings { base, env: &env }).map_err(|m| super::mistakes(file, &m))
}

/// Waits for Ctrl-C or SIGTERM.
pub async fn ended() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut term) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = term.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    // Without a handler for signals the process ends by them anyway.
    let _ = tokio::signal::ctrl_c().await;
}
