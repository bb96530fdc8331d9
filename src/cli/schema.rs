//! `tongcha schema ...`: what is generated from the one spec of the elements. It refuses to hold a
//! list of its own.

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tongcha_schema::{ddl, reference, sample, xsd};

/// Arguments of `schema`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// 原生格式的XML Schema · The XML Schema of the native format.
    Xsd,
    /// 14张要素表的建表语句 · The 14 tables with their comments.
    Ddl {
        /// 数据库 · The engine.
        engine: Engine,
    },
    /// 原生格式样例 · A sample case in the native format.
    Sample {
        /// 将全部正反样例写入目录 · Write every good and bad sample into this folder instead.
        #[arg(long, value_name = "DIR")]
        into: Option<PathBuf>,
    },
    /// 参考文档（Markdown） · The reference pages in Markdown.
    Reference {
        /// 哪一页 · Which page.
        #[arg(default_value = "elements")]
        page: Page,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Engine {
    /// PostgreSQL
    Pg,
    /// SQLite
    Sqlite,
}

#[derive(Clone, Copy, ValueEnum)]
enum Page {
    /// 要素、字段与代码集 · Elements, fields and code sets.
    Elements,
    /// 检查结果代码 · Finding codes.
    Codes,
}

/// Prints it on stdout.
pub fn run(args: &Args) -> anyhow::Result<bool> {
    let text = match &args.what {
        What::Xsd => xsd::xsd(),
        What::Ddl { engine: Engine::Pg } => ddl::tables(ddl::Engine::Pg),
        What::Ddl {
            engine: Engine::Sqlite,
        } => ddl::tables(ddl::Engine::Sqlite),
        What::Sample { into: None } => sample::whole_case(),
        What::Sample { into: Some(dir) } => samples(dir)?,
        What::Reference {
            page: Page::Elements,
        } => reference::elements(),
        What::Reference { page: Page::Codes } => reference::codes(),
    };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(true)
}

/// Writes every sample as a file; gives a list of name and expected code, `ok` for the good ones.
fn samples(dir: &Path) -> anyhow::Result<String> {
    std::fs::create_dir_all(dir).with_context(|| format!("folder {}", dir.display()))?;
    let mut list = String::new();
    for sample in sample::samples() {
        let name = format!("{}.xml", sample.name);
        let path = dir.join(&name);
        std::fs::write(&path, &sample.xml).with_context(|| path.display().to_string())?;
        let code = sample.expect.map_or("ok".to_owned(), |c| c.to_string());
        list.push_str(&format!("{code}\t{name}\n"));
    }
    Ok(list)
}
