//! The one binary `tongcha`: a list of subcommands and a match. It refuses to do any work itself.

mod cli;
mod exit;
mod log;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// 通察 Tongcha: exchange of government-service case data, and its supervision.
#[derive(Parser)]
#[command(name = "tongcha", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// 离线检查待报送的文件 · Check files offline, exactly as admission would.
    Check(cli::check::Args),
    /// 方言：列表、起草、检验 · Dialects: list them, draft one, test them.
    Dialect(cli::dialect::Args),
    /// 输出由要素规格生成的文件 · Print what is generated from the element specs.
    Schema(cli::schema::Args),
    /// 生成节点密钥 · Make the keys of a node.
    Keys(cli::keys::Args),
    /// 运行前置机 · Run a front-end machine.
    Agent(cli::agent::Args),
    /// 检查前置机或中心能否运行 · See whether a front-end machine or a hub is fit to run.
    Doctor(cli::doctor::Args),
    /// 以邀请码登记前置机 · Enrol a front-end machine with a code.
    Enrol(cli::enrol::Args),
    /// 管理中心的节点 · The nodes of a hub.
    #[cfg(feature = "server")]
    Node(cli::node::Args),
    /// 进入运行中的中心的页面 · The way to the pages of a hub that runs.
    #[cfg(feature = "server")]
    Admin(cli::admin::Args),
    /// 批量导入历史数据 · Import a history of files or rows.
    Import(cli::import::Args),
    /// 打印或执行记录变更的触发器 · Print, or run, the triggers that write changes down.
    #[cfg(feature = "source-table")]
    Triggers(cli::triggers::Args),
    /// 年历：检验、预览 · A year of the calendar: check it, see what it moves.
    #[cfg(feature = "server")]
    Calendar(cli::calendar::Args),
    /// 运行交换中心 · Run a hub.
    #[cfg(feature = "server")]
    Hub(cli::hub::Args),
    /// 演示主要流程 · The main job, embedded or on configured servers.
    #[cfg(feature = "server")]
    Demo(cli::demo::Args),
}

fn main() -> ExitCode {
    log::start();
    let command = match Cli::try_parse() {
        Ok(cli) => cli.command,
        Err(error) => return exit::usage(&error),
    };
    let done = match command {
        Command::Check(args) => cli::check::run(&args),
        Command::Dialect(args) => cli::dialect::run(&args),
        Command::Schema(args) => cli::schema::run(&args),
        Command::Keys(args) => cli::keys::run(&args),
        Command::Agent(args) => cli::agent::run(&args),
        Command::Doctor(args) => cli::doctor::run(&args),
        Command::Enrol(args) => cli::enrol::run(&args),
        #[cfg(feature = "server")]
        Command::Node(args) => cli::node::run(&args),
        #[cfg(feature = "server")]
        Command::Admin(args) => cli::admin::run(&args),
        Command::Import(args) => cli::import::run(&args),
        #[cfg(feature = "source-table")]
        Command::Triggers(args) => cli::triggers::run(&args),
        #[cfg(feature = "server")]
        Command::Calendar(args) => cli::calendar::run(&args),
        #[cfg(feature = "server")]
        Command::Hub(args) => cli::hub::run(&args),
        #[cfg(feature = "server")]
        Command::Demo(args) => cli::demo::run(&args),
    };
    exit::of(done)
}
