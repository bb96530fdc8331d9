//! `tongcha dialect ...`: which dialects there are, a draft of a new one, and whether one reads its
//! samples as its author meant. Refuses to change a dialect, and to send anything.

mod differences;

use super::check::Spool;
use crate::exit::WrongUsage;
use anyhow::{Context, Result};
use clap::Subcommand;
use differences::differences;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use tongcha_adapters::clock::SystemClock;
use tongcha_adapters::sources::archive::{ArchiveEntry, ArchiveKind, ArchiveLimits, unpack};
use tongcha_decode::admit::{ItemContext, admit_item};
use tongcha_decode::dialect::golden::{SAMPLES, decoded};
use tongcha_decode::dialect::suggest::suggest;
use tongcha_decode::dialect::{Dialect, Registry};
use tongcha_schema::check::CheckedCase;
use tongcha_schema::clock::Clock;

/// Arguments of `dialect`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// 列出方言 · List the dialects.
    List,
    /// 由样例起草方言 · Draft a dialect from a sample (XML, JSON, CSV, dBase, a workbook, an archive).
    #[command(after_long_help = DRAFT)]
    Suggest(Suggest),
    /// 用样例检验方言 · Test dialects by their samples.
    #[command(after_long_help = HELP)]
    Test(Test),
}

const HELP: &str = "\
不带文件时检验随附的方言。自己的方言 mine.toml 的样例放在它旁边或其下的 golden/ 中，
与方言同名（mine.xml、mine.json、mine.csv）；mine.txt 是应得的结果。
第一次用 --write 写出结果，逐行看过之后再用它检验。样例请用虚构的数据。
Without a file the shipped dialects are tested. The sample of your own mine.toml lies beside it,
or in golden/ below it, and has the dialect's name (mine.xml, mine.json, mine.csv); mine.txt is
the expected text. Write it the first time with --write and read it line by line; from then on it
is the test. Take invented data for samples.

  tongcha dialect test
  tongcha dialect test mine.toml --write
  tongcha dialect test mine.toml
  tongcha dialect test mine.toml --sample export.csv --expected export.txt

退出码 exit code: 0 全部相同 all agree, 1 有不同 one differs, 64 用法错误 wrong usage";

const DRAFT: &str = "\
按列名（本系统字段的名称及其拼音、随附方言用过的名称）和取值（校验位、日期、代码集）推断，
每行注明把握；读完改好，再用 tongcha dialect test 检验。样例留在本机。
It goes by names (our titles and their pinyin, what shipped dialects call a field) and by values
(check digits, dates, code sets), and says of each line how sure it is. Read and repair it, then
test it with `tongcha dialect test`. The sample stays on this machine.

  tongcha dialect suggest export.csv --name mine > mine.toml
  tongcha dialect test mine.toml --sample export.csv --expected mine.txt --write";

#[derive(clap::Args)]
struct Suggest {
    /// 样例 · The sample.
    #[arg(value_name = "SAMPLE")]
    sample: PathBuf,
    /// 方言的名称 · Name of the dialect.
    #[arg(long, value_name = "NAME", default_value = "mine")]
    name: String,
}

#[derive(clap::Args)]
struct Test {
    /// 方言文件 · Dialect files (TOML).
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// 样例，而不是旁边的 · A sample, instead of the one beside the file.
    #[arg(long, value_name = "FILE")]
    sample: Option<PathBuf>,
    /// 应得的结果，而不是样例旁的 · The expected text, instead of the one beside the sample.
    #[arg(long, value_name = "FILE", requires = "sample")]
    expected: Option<PathBuf>,
    /// 写出结果，不比较 · Write what comes out instead of comparing.
    #[arg(long, requires = "files")]
    write: bool,
}

/// Runs it; true if nothing differs.
pub fn run(args: &Args) -> Result<bool> {
    let mut out = io::stdout().lock();
    match &args.what {
        What::List => list(&mut out),
        What::Suggest(args) => draft(args, &mut out),
        What::Test(test) if test.files.is_empty() && test.sample.is_none() => shipped(&mut out),
        What::Test(test) => own(test, &mut out),
    }
}

fn list(out: &mut dyn Write) -> Result<bool> {
    for dialect in Registry::shipped().all() {
        let (zh, en) = &dialect.title;
        let kind = dialect.shape().name();
        writeln!(
            out,
            "{}\t{kind}\tv{}\t{zh} · {en}",
            dialect.name, dialect.version
        )?;
    }
    Ok(true)
}

/// Drafts from the sample, or from the entries of the archive or the sheets of the workbook that it is: one
/// draft, of the first that looks like ours.
fn draft(args: &Suggest, out: &mut dyn Write) -> Result<bool> {
    let shown = args.sample.display().to_string();
    for (name, bytes) in opened(&args.sample).with_context(|| shown.clone())? {
        let registry = Registry::shipped();
        if let Some(known) = registry.recognise(&name, &bytes) {
            let (zh, en) = &known.title;
            eprintln!(
                "随附的方言“{0}”已能读取{name}（{zh}），一般不必另写 · the shipped dialect \"{0}\" reads {name} ({en}); \
                 try: tongcha check --dialect {0} {shown}",
                known.name
            );
        }
        let draft = suggest(registry, &args.name, &bytes, None).with_context(|| name.clone())?;
        let Some(draft) = draft else {
            eprintln!("没有像本系统字段的列或节点 · nothing in {name} looks like a field of ours");
            continue;
        };
        if let Err(error) = Dialect::parse(&args.name, &draft.toml) {
            return Err(WrongUsage(error.to_string()).into());
        }
        out.write_all(draft.toml.as_bytes())?;
        let sure = draft.picks.iter().filter(|p| p.sure >= 0.9).count();
        eprintln!(
            "采用 picked {}（把握90%以上 sure to 90 %: {sure}；不足60%的写成注释 below 60 % as comments）  未用 not used {}",
            draft.picks.len(),
            draft.left.len()
        );
        return Ok(true);
    }
    Ok(false)
}

/// The sample itself, or what is in it where sources open it.
fn opened(sample: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let name = sample.file_name().unwrap_or(sample.as_os_str());
    let name = name.to_string_lossy().into_owned();
    if ArchiveKind::of_file(&name, sample)?.is_none() {
        return Ok(vec![(name, std::fs::read(sample)?)]);
    }
    let spool = Spool::new()?;
    let unpacked = unpack(&name, sample, spool.path(), ArchiveLimits::default())?;
    let entries = unpacked.entries.into_iter();
    let read = |entry: ArchiveEntry| Ok((entry.name, std::fs::read(entry.path)?));
    entries.map(read).collect()
}

fn shipped(out: &mut dyn Write) -> Result<bool> {
    let mut all = true;
    for sample in SAMPLES {
        let found = Registry::shipped().get(sample.dialect);
        let dialect = found.with_context(|| format!("no dialect {}", sample.dialect))?;
        let got = decoded(dialect, sample.file, sample.bytes)?;
        all &= tell(out, dialect, sample.file, sample.expected, &got)?;
    }
    Ok(all)
}

fn own(test: &Test, out: &mut dyn Write) -> Result<bool> {
    if test.sample.is_some() && test.files.len() != 1 {
        let text = "--sample 只能配一个方言文件 · --sample goes with one dialect file";
        return Err(WrongUsage(text.to_owned()).into());
    }
    let mut all = true;
    for file in &test.files {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let name = file.display().to_string();
        match Dialect::parse(&name, &text) {
            Ok(dialects) => all &= one(test, file, &text, &dialects, out)?,
            Err(error) => {
                all = false;
                writeln!(out, "错误 mistakes  {name}\n{error}")?;
            }
        }
    }
    Ok(all)
}

/// One dialect file against its samples.
fn one(
    test: &Test,
    file: &Path,
    text: &str,
    dialects: &[Dialect],
    out: &mut dyn Write,
) -> Result<bool> {
    let samples = match &test.sample {
        Some(sample) => vec![sample.clone()],
        None => beside(file, dialects)?,
    };
    if samples.is_empty() {
        let names: Vec<&str> = dialects.iter().map(|d| d.name.as_str()).collect();
        writeln!(
            out,
            "没有样例 no sample  {}\n  hint: {}.xml|json|csv 放在旁边或 golden/ 中 · beside it or in golden/",
            file.display(),
            names.join(" | ")
        )?;
        return Ok(false);
    }
    let name = file.display().to_string();
    let registry = Registry::with([(name.as_str(), text)])
        .map_err(|e| anyhow::anyhow!("the shipped dialects: {e:?}"))?;
    let mut all = true;
    for sample in &samples {
        let bytes = std::fs::read(sample).with_context(|| sample.display().to_string())?;
        let dialect = reader_of(sample, &bytes, dialects, &registry);
        let shown = sample.display().to_string();
        let got = decoded(dialect, &shown, &bytes).with_context(|| shown.clone())?;
        let expected = match &test.expected {
            Some(path) => path.clone(),
            None => sample.with_extension("txt"),
        };
        if test.write {
            std::fs::write(&expected, &got).with_context(|| expected.display().to_string())?;
            writeln!(
                out,
                "已写出 written  {}  {}",
                dialect.name,
                expected.display()
            )?;
        } else {
            let wanted = std::fs::read_to_string(&expected).with_context(|| {
                let hint = "先用 --write 写出 · write it first with --write";
                format!("{}\n  hint: {hint}", expected.display())
            })?;
            all &= tell(out, dialect, &shown, &wanted, &got)?;
        }
        admission(out, &registry, dialect, &shown, &bytes)?;
    }
    Ok(all)
}

/// The dialect of the file that reads a sample: the one of its name, else the one that recognises it,
/// else the first.
fn reader_of<'d>(
    sample: &Path,
    bytes: &[u8],
    dialects: &'d [Dialect],
    registry: &Registry,
) -> &'d Dialect {
    let stem = sample.file_stem().unwrap_or_default().to_string_lossy();
    let found = registry.recognise(&stem, bytes);
    let named = dialects.iter().find(|d| d.name == stem);
    let known = || {
        dialects
            .iter()
            .find(|d| found.is_some_and(|f| f.name == d.name))
    };
    named.or_else(known).unwrap_or(&dialects[0])
}

/// The samples of a dialect file: files of a dialect's name beside it, or in `golden/` below.
fn beside(file: &Path, dialects: &[Dialect]) -> Result<Vec<PathBuf>> {
    let folder = match file.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let mut found = Vec::new();
    for folder in [folder.to_owned(), folder.join("golden")] {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.with_context(|| folder.display().to_string())?.path();
            let ending = path.extension().unwrap_or_default();
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let other = ending == "toml" || ending == "txt" || !path.is_file();
            if !other && dialects.iter().any(|d| d.name == stem) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Tells whether two texts agree, and where they do not.
fn tell(
    out: &mut dyn Write,
    dialect: &Dialect,
    sample: &str,
    wanted: &str,
    got: &str,
) -> Result<bool> {
    let name = &dialect.name;
    if wanted == got {
        let cases = got.lines().filter(|l| l.starts_with("case ")).count();
        let records = got.lines().filter(|l| is_record(l)).count();
        writeln!(
            out,
            "相同 agrees   {name}  {sample}  办件 cases {cases}  记录 records {records}"
        )?;
        return Ok(true);
    }
    writeln!(out, "不同 differs  {name}  {sample}")?;
    writeln!(out, "  - 应为 expected   + 实为 found")?;
    for line in differences(wanted, got) {
        writeln!(out, "  {line}")?;
    }
    Ok(false)
}

/// Whether a line of a golden text is a record's.
fn is_record(line: &str) -> bool {
    line.starts_with("  ") && !line.starts_with("   ") && !line.starts_with("  !")
}

/// What the hub would say to the sample: the verdict, and each finding's code with its count.
fn admission(
    out: &mut dyn Write,
    registry: &Registry,
    dialect: &Dialect,
    name: &str,
    bytes: &[u8],
) -> Result<()> {
    let ctx = ItemContext {
        source: "000000/check",
        target: "000000/check",
        envelope: "",
        item: 0,
        name,
        dialect: &dialect.name,
        received_at: SystemClock.now(),
        forwards: false,
    };
    let mut open =
        || -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(Cursor::new(bytes.to_vec()))) };
    let mut codes: BTreeMap<String, u64> = BTreeMap::new();
    let mut count = |findings: &mut dyn Iterator<Item = String>| {
        for code in findings {
            *codes.entry(code).or_default() += 1;
        }
    };
    let mut sink = |case: CheckedCase| {
        let rejected = case.rejected.iter().flat_map(|r| &r.findings);
        let all = case.findings.iter().chain(rejected);
        count(&mut all.map(|f| format!("{} {}", f.code, f.place.field)));
    };
    let outcome = admit_item(registry, &ctx, &mut open, &mut sink)?;
    count(&mut outcome.findings.iter().map(|f| f.code.to_string()));
    let total = outcome.total();
    writeln!(
        out,
        "  准入 admission: {}  收到 received {}  拒收 rejected {}",
        outcome.verdict.name(),
        total.received,
        total.rejected
    )?;
    for (code, times) in codes {
        writeln!(out, "    {code}  ×{times}")?;
    }
    Ok(())
}
