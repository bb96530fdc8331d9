//! `tongcha admin ..`: the way to the pages of a hub that runs. Refuses whoever may not read the hub's
//! configuration and its secrets: they are the right to ask.

use anyhow::Result;
use clap::Subcommand;
use std::path::PathBuf;
use tongcha_adapters::clock::SystemClock;
use tongcha_hub::entry;
use tongcha_hub::store::engine::Store;
use tongcha_schema::clock::Clock as _;

/// Arguments of `admin`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// 再取一个一次性令牌，10 分钟内有效，不必重启 · Another one-time token for the pages, good for 10 minutes,
    /// without a restart.
    Token {
        /// 中心的配置文件 · The configuration of the hub.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
}

/// Runs the subcommand.
///
/// # Errors
/// The configuration's mistakes, or the store.
pub fn run(args: &Args) -> Result<bool> {
    let Command::Token { config } = &args.command;
    let settings = super::hub::settings(config)?;
    let secret = super::random()?;
    let token = tongcha_schema::digest::hex(&secret[..16]);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let services = &settings.services;
        let store = Store::open_postgres(&services.database_url, &services.schema).await?;
        let done = entry::issue(&store, &token, SystemClock.now()).await;
        store.close().await;
        done
    })?;
    println!(
        "页面 · pages: http://{}/login?token={token}",
        settings.pages
    );
    println!("10 分钟内有效，只用一次 · works once, within 10 minutes");
    Ok(true)
}
