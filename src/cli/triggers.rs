//! `tongcha triggers --config FILE --source NAME`: the SQL that writes every change of a department's
//! table into a change table. It is printed for review; only `--apply` runs it, with an account of its
//! own. It refuses to touch a source of another kind.

use crate::exit::WrongUsage;
use anyhow::Result;
use std::path::{Path, PathBuf};
use tongcha_adapters::settings::{Collector, Section, Settings, SourceSettings, Surroundings};
use tongcha_adapters::sources::db_table::{ChangeConfig, Database, Triggers};

/// Arguments of `triggers`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// 前置机的配置文件 · The front-end machine's configuration.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// 来源名称（kind = "db_trigger"）· Name of the source.
    #[arg(long, value_name = "NAME")]
    source: String,
    /// 把已有的行也写入变更表 · Write the rows that are there already as changes too.
    #[arg(long, conflicts_with = "remove")]
    first_load: bool,
    /// 去除触发器和变更表 · Take triggers and change table away.
    #[arg(long)]
    remove: bool,
    /// 以文件中的另一账号执行，而不只是打印（SQLite无账号，任写一个-）· Run it with the account whose
    /// address is in this file, instead of printing it (SQLite has no accounts: write -).
    #[arg(long, value_name = "URL_FILE")]
    apply: Option<PathBuf>,
}

/// Prints the statements, or runs them.
///
/// # Errors
/// A mistake of the configuration, or what the database says.
pub fn run(args: &Args) -> Result<bool> {
    let settings = super::agent::settings(&args.config)?;
    let config = source(settings, &args.source)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let triggers = config.triggers().await?;
        let compound = triggers.compound;
        let statements = chosen(args, triggers);
        match &args.apply {
            None => print(&statements, compound),
            Some(file) => {
                let config = with_account(config, file)?;
                config.run(&statements).await?;
                eprintln!(
                    "已执行{0}条语句 · {0} statements were run",
                    statements.len()
                );
            }
        }
        Ok(true)
    })
}

fn source(settings: Settings, name: &str) -> Result<ChangeConfig> {
    let found = settings.sources.into_iter().find(|s| s.name() == name);
    match found {
        Some(SourceSettings::ChangeTable(config)) => Ok(config),
        Some(_) => Err(WrongUsage(format!(
            "来源{name}不是db_trigger · source {name} is no db_trigger\n\
             hint: 在配置中写 kind = \"db_trigger\" · write it in the configuration"
        ))
        .into()),
        None => Err(WrongUsage(format!(
            "配置中没有来源{name} · the configuration has no source {name}"
        ))
        .into()),
    }
}

fn chosen(args: &Args, triggers: Triggers) -> Vec<String> {
    if args.remove {
        return triggers.remove;
    }
    let mut statements = triggers.install;
    if args.first_load {
        statements.extend(triggers.first_load);
    }
    statements
}

fn print(statements: &[String], compound: bool) {
    println!("-- 请数据库管理员审核后执行 · for review by the database's administrator");
    let end = if compound { "$$" } else { ";" };
    if compound {
        println!("delimiter {end}");
    }
    for statement in statements {
        println!("{statement}{end}\n");
    }
    if compound {
        println!("delimiter ;");
    }
}

/// The same table, reached by another account.
fn with_account(mut config: ChangeConfig, file: &Path) -> Result<ChangeConfig> {
    let address = match file.to_str() {
        Some("-") => None,
        _ => Some(account(file)?),
    };
    match (&mut config.table.database, address) {
        #[cfg(feature = "source-sqlite")]
        (Database::Sqlite(_), _) => Ok(config),
        #[cfg(feature = "source-mysql")]
        (Database::MySql(url), Some(address)) => {
            *url = address;
            Ok(config)
        }
        #[cfg(feature = "source-postgres")]
        (Database::Postgres(url), Some(address)) => {
            *url = address;
            Ok(config)
        }
        #[cfg(feature = "source-odbc")]
        (Database::Odbc(_), _) => {
            let text = "ODBC没有触发器来源 · there are no triggers over ODBC";
            Err(WrongUsage(text.to_owned()).into())
        }
        #[cfg(any(feature = "source-mysql", feature = "source-postgres"))]
        (_, None) => Err(WrongUsage(
            "--apply须指明账号文件 · --apply needs the file of an account".to_owned(),
        )
        .into()),
    }
}

/// The address in a file that others must not read, as any secret of a configuration.
fn account(file: &Path) -> Result<String> {
    let name = toml::Value::String(file.display().to_string());
    let table = toml::Table::from_iter([("url_file".to_owned(), name)]);
    let env = |_: &str| None;
    let around = Surroundings {
        base: Path::new("."),
        env: &env,
    };
    let mut all = Collector::default();
    let url = Section::new("--apply", table).secret("url", &around, &mut all);
    url.ok_or_else(|| super::mistakes(file, &all.mistakes))
}
