//! `tongcha check FILE...`: what admission would find in a file, offline, before it is sent. It
//! refuses to change, move or send anything.

mod text;

use crate::exit::WrongUsage;
use anyhow::Context;
use clap::ValueEnum;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use text::{Lang, Text};
use tongcha_adapters::clock::SystemClock;
use tongcha_adapters::settings::{Collector, dialects};
use tongcha_adapters::sources::archive::{ArchiveKind, ArchiveLimits, unpack};
use tongcha_decode::admit::{ItemContext, ItemOutcome, admit_item};
use tongcha_decode::dialect::{AUTO, Registry};
use tongcha_schema::check::CheckedCase;
use tongcha_schema::clock::Clock;
use tongcha_schema::code::transport::ARCHIVE_UNOPENED;
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::limits;
use tongcha_schema::receipt::Verdict;

/// Arguments of `check`.
#[derive(clap::Args)]
pub struct Args {
    /// 文件、压缩包（gz、zip、tar）、工作簿或文件夹 · Files, archives, workbooks or folders.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// 每个文件输出一行JSON · One line of JSON a file.
    #[arg(long)]
    json: bool,
    /// 指定方言，默认自动识别 · Name the dialect; recognised by itself otherwise.
    #[arg(long, value_name = "NAME", default_value = AUTO)]
    dialect: String,
    /// 本单位方言的目录，与中心的 [hub] dialects 相同 · Folder of the office's own dialects, as at the hub.
    #[arg(long, value_name = "FOLDER")]
    dialects: Option<PathBuf>,
    /// 输出语言 · Language of the text.
    #[arg(long, value_enum, default_value_t = Language::Zh)]
    lang: Language,
    /// 每个文件最多列出多少条问题 · Findings listed a file in the text; JSON lists all.
    #[arg(long, value_name = "N", default_value_t = 100)]
    most: usize,
}

/// Language of a text for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// 中文
    Zh,
    /// English
    En,
}

/// The node whose files these would be: nobody's.
const NOBODY: &str = "000000/check";

/// Checks every file; true if all are accepted.
pub fn run(args: &Args) -> anyhow::Result<bool> {
    let own = match &args.dialects {
        Some(folder) => {
            let mut all = Collector::default();
            let own = dialects::registry(Some(folder), "--dialects", &mut all);
            Some(own.ok_or_else(|| super::mistakes(folder, &all.mistakes))?)
        }
        None => None,
    };
    let registry = own.as_deref().unwrap_or(Registry::shipped());
    let mut asked = args.dialect.split(',').map(str::trim);
    if let Some(unknown) = asked.find(|d| *d != AUTO && registry.get(d).is_none()) {
        let names: Vec<&str> = registry.names().collect();
        let text = format!(
            "没有方言“{unknown}” · there is no dialect \"{unknown}\"\nhint: {AUTO}, {}",
            names.join(", ")
        );
        return Err(WrongUsage(text).into());
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let mut all = true;
    for file in &files(&args.files)? {
        let checked = if args.json {
            check(registry, args, file, &mut Json::begin(&mut out, file)?)
        } else {
            let lang = match args.lang {
                Language::Zh => Lang::Zh,
                Language::En => Lang::En,
            };
            check(
                registry,
                args,
                file,
                &mut Text::begin(&mut out, file, lang, args.most)?,
            )
        };
        match checked {
            Ok(verdict) => all &= verdict == Verdict::Accepted,
            Err(error) => {
                all = false;
                out.flush()?;
                eprintln!("tongcha: {}: {error:#}", file.display());
            }
        }
    }
    out.flush()?;
    Ok(all)
}

/// The files that are named, and those of the folders that are named, in order of name; hidden ones are
/// passed over, as a front-end machine does.
fn files(named: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for path in named {
        match path.is_dir() {
            true => below(path, 0, &mut out)?,
            false => out.push(path.clone()),
        }
    }
    Ok(out)
}

fn below(folder: &Path, depth: usize, out: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let shown = || folder.display().to_string();
    anyhow::ensure!(depth < limits::FOLDER_DEPTH, "{}: nested too deep", shown());
    let entries = std::fs::read_dir(folder).with_context(shown)?;
    let mut paths = entries
        .map(|entry| entry.map(|e| e.path()))
        .collect::<io::Result<Vec<PathBuf>>>()
        .with_context(shown)?;
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match (name.starts_with('.'), path.is_dir()) {
            (true, _) => {}
            (false, true) => below(&path, depth + 1, out)?,
            (false, false) => out.push(path.clone()),
        }
    }
    Ok(())
}

/// Takes the findings of one file as they come, and its verdict at the end.
pub trait Reporter {
    /// One finding, of an archive's entry where there is one.
    fn finding(&mut self, entry: Option<&str>, finding: &Finding) -> io::Result<()>;
    /// One item has been read.
    fn item(&mut self, entry: Option<&str>, outcome: &ItemOutcome) -> io::Result<()>;
    /// The file has been read; `None`: it could not be.
    fn end(&mut self, verdict: Option<Verdict>) -> io::Result<()>;
}

fn check(
    registry: &Registry,
    args: &Args,
    file: &Path,
    report: &mut dyn Reporter,
) -> anyhow::Result<Verdict> {
    let verdict = items(registry, args, file, report);
    report.end(verdict.as_ref().ok().copied())?;
    verdict
}

/// Checks the file, or each entry of the archive that it is.
fn items(
    registry: &Registry,
    args: &Args,
    file: &Path,
    report: &mut dyn Reporter,
) -> anyhow::Result<Verdict> {
    let name = file
        .file_name()
        .unwrap_or(file.as_os_str())
        .to_string_lossy();
    let kind = ArchiveKind::of_file(&name, file).context("cannot be read")?;
    if kind.is_none() {
        return one(registry, args, &name, file, None, report);
    }
    let spool = Spool::new()?;
    let unpacked = match unpack(&name, file, &spool.0, ArchiveLimits::default()) {
        Ok(unpacked) => unpacked,
        Err(fault) if fault.is_transient() => return Err(fault.into()),
        // What cannot be opened travels as it is, and is judged as it is; the front-end machine tells of it.
        Err(fault) => {
            let place = Place {
                file: name.clone().into_owned(),
                ..Place::default()
            };
            let mark = Finding::new(ARCHIVE_UNOPENED, place).with("detail", fault);
            report.finding(None, &mark)?;
            return one(registry, args, &name, file, None, report);
        }
    };
    let entries = &unpacked.entries;
    let alone = kind == Some(ArchiveKind::Gzip) && entries.len() == 1;
    let mut verdicts = Vec::with_capacity(entries.len());
    for entry in entries {
        let label = (!alone).then_some(entry.name.as_str());
        verdicts.push(one(
            registry,
            args,
            &entry.name,
            &entry.path,
            label,
            report,
        )?);
    }
    for finding in unpacked.findings() {
        report.finding(Some(&finding.place.file), &finding)?;
    }
    Ok(together(&verdicts))
}

/// Accepted or refused if all are, else partly.
fn together(verdicts: &[Verdict]) -> Verdict {
    match verdicts.split_first() {
        Some((first, rest)) if rest.iter().all(|v| v == first) => *first,
        _ => Verdict::Partly,
    }
}

fn one(
    registry: &Registry,
    args: &Args,
    name: &str,
    path: &Path,
    entry: Option<&str>,
    report: &mut dyn Reporter,
) -> anyhow::Result<Verdict> {
    let ctx = ItemContext {
        source: NOBODY,
        target: NOBODY,
        envelope: "",
        item: 0,
        name,
        dialect: &args.dialect,
        received_at: SystemClock.now(),
        forwards: false,
    };
    let mut open = || -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(File::open(path)?)) };
    let mut failed = None;
    let mut sink = |case: CheckedCase| {
        for finding in in_order(&case) {
            if failed.is_none() {
                failed = report.finding(entry, finding).err();
            }
        }
    };
    let outcome = admit_item(registry, &ctx, &mut open, &mut sink).context("cannot be read")?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    for finding in &outcome.findings {
        report.finding(entry, finding)?;
    }
    report.item(entry, &outcome)?;
    Ok(outcome.verdict)
}

/// All findings of a case in the order of its records.
fn in_order(case: &CheckedCase) -> Vec<&Finding> {
    let rejected = case.rejected.iter().flat_map(|r| &r.findings);
    let mut all: Vec<&Finding> = case.findings.iter().chain(rejected).collect();
    all.sort_by_key(|f| (f.place.record, f.place.line, f.place.column));
    all
}

/// A folder for an archive's entries, removed when done.
pub struct Spool(PathBuf);

impl Spool {
    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Makes one among the temporary files.
    ///
    /// # Errors
    /// None can be made there.
    pub fn new() -> anyhow::Result<Spool> {
        let base = std::env::temp_dir();
        for n in 0..1000_u32 {
            let path = base.join(format!("tongcha-check-{}-{n}", std::process::id()));
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(Spool(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).context(path.display().to_string()),
            }
        }
        anyhow::bail!("{}: no free name for a spool folder", base.display())
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // A folder that stays behind in the temporary folder harms nothing.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// One line of JSON a file, written as findings come: memory stays flat.
struct Json<'o> {
    out: &'o mut dyn Write,
    first: bool,
    dialects: Vec<String>,
    records: [u64; 2],
}

impl<'o> Json<'o> {
    fn begin(out: &'o mut dyn Write, file: &Path) -> io::Result<Json<'o>> {
        write!(
            out,
            "{{\"file\":{},\"findings\":[",
            json!(file.to_string_lossy())
        )?;
        Ok(Json {
            out,
            first: true,
            dialects: Vec::new(),
            records: [0; 2],
        })
    }
}

impl Reporter for Json<'_> {
    fn finding(&mut self, entry: Option<&str>, finding: &Finding) -> io::Result<()> {
        if !std::mem::take(&mut self.first) {
            self.out.write_all(b",")?;
        }
        write!(self.out, "{}", as_json(entry, finding))
    }

    fn item(&mut self, _entry: Option<&str>, outcome: &ItemOutcome) -> io::Result<()> {
        let total = outcome.total();
        self.records[0] += total.received;
        self.records[1] += total.rejected;
        if !self.dialects.contains(&outcome.dialect) {
            self.dialects.push(outcome.dialect.clone());
        }
        Ok(())
    }

    fn end(&mut self, verdict: Option<Verdict>) -> io::Result<()> {
        let verdict = verdict.map_or("unreadable", Verdict::name);
        let dialect = self.dialects.join(",");
        let [received, rejected] = self.records;
        writeln!(
            self.out,
            "],\"verdict\":\"{verdict}\",\"dialect\":{},\"received\":{received},\"rejected\":{rejected}}}",
            json!(dialect)
        )
    }
}

fn as_json(entry: Option<&str>, finding: &Finding) -> Value {
    let place = &finding.place;
    let mut out = json!({
        "code": finding.code.to_string(),
        "severity": finding.severity.name(),
        "line": place.line,
        "column": place.column,
        "record": place.record,
        "case_no": place.case_no,
        "element": place.element.map(|e| e.name()),
        "field": place.field,
        "value": finding.value.as_deref(),
        "cause": { "zh": finding.cause_zh(), "en": finding.cause_en() },
        "hint": { "zh": finding.hint_zh(), "en": finding.hint_en() },
    });
    if let (Some(entry), Some(map)) = (entry, out.as_object_mut()) {
        map.insert("entry".to_owned(), json!(entry));
    }
    out
}
