//! `tongcha schema ...`: what is generated from the one spec of the elements. It refuses to hold a
//! list of its own.

use clap::{Subcommand, ValueEnum};
use std::io::{self, Write};
use tongcha_schema::ddl;

/// Arguments of `schema`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// 14张要素表的建表语句 · The 14 tables with their comments.
    Ddl {
        /// 数据库 · The engine.
        engine: Engine,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Engine {
    /// PostgreSQL
    Pg,
    /// SQLite
    Sqlite,
}

/// Prints it on stdout.
pub fn run(args: &Args) -> anyhow::Result<bool> {
    let text = match args.what {
        What::Ddl { engine: Engine::Pg } => ddl::tables(ddl::Engine::Pg),
        What::Ddl { engine: Engine::Sqlite } => ddl::tables(ddl::Engine::Sqlite),
    };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(true)
}
