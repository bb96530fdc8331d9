//! The synthetic front-end machines of the demo: six departments of one county that write native
//! files into their exchange directories as departments do. Deterministic from a seed: cases on
//! time, late and stuck, corrections, special procedures, and some faulty files. Refuses real data:
//! every organ, person and number is made up.

mod document;
mod numbers;
mod plot;

use document::Document;
use numbers::Dice;
use plot::{Event, Plot};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use time::{Date, Duration, OffsetDateTime};
use tongcha_schema::clock::{CHINA, from_unix_ms, unix_ms};

/// Division of the demo's county: 双峰县.
pub const REGION: &str = "431321";
/// Hub that the machines write to in the heads of their documents.
pub const TARGET: &str = "431321/hub";
/// Cases have begun so many days before the demo, so that there is something to see at once.
const DAYS_BEFORE: i64 = 6;
/// A case is told of within so many days, or never.
const LIFE_DAYS: i64 = 35;
/// How far the machines have written: milliseconds since 1970, in the folder of all of them.
const WRITTEN: &str = ".written";

/// An item that a department handles.
#[derive(Clone, Debug)]
pub struct Matter {
    /// Basic code, 12 characters.
    pub code: String,
    /// Name.
    pub name: &'static str,
    /// Promised working days; the law gives four times as many.
    pub promise_days: u32,
    /// Charge in fen; 0: none.
    pub fee_fen: i64,
    /// Name of the document that a grant produces.
    pub document: &'static str,
}

/// A department with its front-end machine.
#[derive(Clone, Debug)]
pub struct Department {
    /// Name of its node, `region/node`.
    pub node: String,
    /// Synthetic social credit code.
    pub org_code: String,
    /// Name of the organ.
    pub org_name: String,
    /// Whether its system writes GB18030 instead of UTF-8.
    pub gb18030: bool,
    /// What it handles.
    pub matters: Vec<Matter>,
}

type Matters = [(&'static str, u32, i64, &'static str); 2];

const DEPARTMENTS: [(&str, &str, bool, Matters); 6] = [
    (
        "gtj",
        "双峰县自然资源局（演示）",
        false,
        [
            ("不动产转移登记", 3, 8_000, "不动产权证书"),
            ("临时用地审批", 10, 0, "临时用地批复"),
        ],
    ),
    (
        "gsj",
        "双峰县市场监督管理局（演示）",
        false,
        [
            ("企业设立登记", 1, 0, "营业执照"),
            ("食品经营许可", 5, 0, "食品经营许可证"),
        ],
    ),
    (
        "wjj",
        "双峰县卫生健康局（演示）",
        true,
        [
            ("公共场所卫生许可", 5, 0, "卫生许可证"),
            ("医师执业注册", 3, 0, "医师执业证书"),
        ],
    ),
    (
        "zjj",
        "双峰县住房和城乡建设局（演示）",
        false,
        [
            ("建筑工程施工许可", 3, 0, "建筑工程施工许可证"),
            ("商品房预售许可", 5, 0, "商品房预售许可证"),
        ],
    ),
    (
        "gaj",
        "双峰县公安局（演示）",
        true,
        [
            ("旅馆业特种行业许可", 7, 0, "特种行业许可证"),
            ("户口迁移", 2, 1_000, "准予迁入证明"),
        ],
    ),
    (
        "mzj",
        "双峰县民政局（演示）",
        false,
        [
            ("社会团体成立登记", 10, 0, "社会团体法人登记证书"),
            ("最低生活保障确认", 8, 0, "低保证"),
        ],
    ),
];

static ALL: LazyLock<Vec<Department>> = LazyLock::new(|| {
    let make = |(index, row): (usize, &(&str, &str, bool, Matters))| {
        let (node, name, gb18030, matters) = row;
        let matter = |(n, s): (usize, &(&'static str, u32, i64, &'static str))| Matter {
            code: format!("0001{:02}{:06}", index + 1, n + 1),
            name: s.0,
            promise_days: s.1,
            fee_fen: s.2,
            document: s.3,
        };
        Department {
            node: format!("{REGION}/{node}"),
            org_code: numbers::social_credit_code("11", REGION, 90_000_001 + index as u64),
            org_name: (*name).to_owned(),
            gb18030: *gb18030,
            matters: matters.iter().enumerate().map(matter).collect(),
        }
    };
    DEPARTMENTS.iter().enumerate().map(make).collect()
});

/// The machines together.
#[derive(Debug)]
pub struct Synthetic {
    seed: u64,
    begun: OffsetDateTime,
    folder: PathBuf,
}

impl Synthetic {
    /// The departments.
    pub fn departments() -> &'static [Department] {
        &ALL
    }

    /// The machines of a seed, whose history begins a few days before `begun`. Each writes below
    /// `folder`, into a folder named like its node with `-` for `/`.
    pub fn new(seed: u64, begun: OffsetDateTime, folder: impl Into<PathBuf>) -> Synthetic {
        Synthetic {
            seed,
            begun,
            folder: folder.into(),
        }
    }

    /// Drops what has become due up to `now`, and gives the files. What was dropped before is noted
    /// in the folder: after a restart the machines go on where they were.
    ///
    /// # Errors
    /// A folder or file cannot be written.
    pub fn step(&mut self, now: OffsetDateTime) -> io::Result<Vec<PathBuf>> {
        let noted = self.folder.join(WRITTEN);
        let since = match fs::read_to_string(&noted) {
            Ok(text) => text.trim().parse().map_or(self.begin(), from_unix_ms),
            Err(e) if e.kind() == io::ErrorKind::NotFound => self.begin(),
            Err(e) => return Err(e),
        };
        let mut files = Vec::new();
        if now <= since {
            return Ok(files);
        }
        for department in Self::departments() {
            let folder = self.folder.join(department.node.replace('/', "-"));
            fs::create_dir_all(&folder)?;
            let mut by_day: BTreeMap<Date, Vec<Event>> = BTreeMap::new();
            for event in self.events(department, since, now) {
                let day = event.at.to_offset(CHINA).date();
                by_day.entry(day).or_default().push(event);
            }
            for mut events in by_day.into_values() {
                events.sort_by(|a, b| (a.at, &a.case_no).cmp(&(b.at, &b.case_no)));
                files.extend(write_day(department, &folder, &events)?);
            }
        }
        write(&noted, unix_ms(now).to_string().as_bytes())?;
        Ok(files)
    }

    fn begin(&self) -> OffsetDateTime {
        self.begun - Duration::days(DAYS_BEFORE + 1)
    }

    /// Everything that happens to a department's cases in `(since, now]`.
    fn events(&self, of: &Department, since: OffsetDateTime, now: OffsetDateTime) -> Vec<Event> {
        let first = self.begun.to_offset(CHINA).date() - Duration::days(DAYS_BEFORE);
        let last = now.to_offset(CHINA).date();
        let mut day = first.max(since.to_offset(CHINA).date() - Duration::days(LIFE_DAYS));
        let mut events = Vec::new();
        while day <= last {
            if plot::is_office_day(day) {
                let text = format!("{}/{}/{day}", self.seed, of.node);
                let mut dice = Dice::new(&text);
                let before = day < self.begun.to_offset(CHINA).date();
                for number in 1..=2 + dice.below(3) {
                    let plot = Plot::new(of, day, number, before, &mut dice);
                    let due = |e: &Event| e.at > since && e.at <= now;
                    events.extend(plot.events().into_iter().filter(due));
                }
            }
            day += Duration::DAY;
        }
        events
    }
}

/// The files of one department's day: one of all good events, one of each damaged document.
fn write_day(of: &Department, folder: &Path, events: &[Event]) -> io::Result<Vec<PathBuf>> {
    let (damaged, good): (Vec<&Event>, Vec<&Event>) =
        events.iter().partition(|e| e.damage.is_some());
    let mut files = Vec::new();
    if let Some(last) = good.last() {
        files.push(drop_file(of, folder, "办件", last, &good)?);
    }
    for event in damaged {
        files.push(drop_file(of, folder, "补报", event, &[event])?);
    }
    Ok(files)
}

/// Hop 1, drop: a department's system writes a file on its front-end machine.
fn drop_file(
    of: &Department,
    folder: &Path,
    name: &str,
    last: &Event,
    events: &[&Event],
) -> io::Result<PathBuf> {
    let stamp = numbers::compact(last.at);
    let end = last.case_no.get(39..).unwrap_or("0000");
    let path = folder.join(format!("{name}-{stamp}-{end}.xml"));
    let span = tracing::info_span!("drop", file = %path.display());
    let _entered = span.enter();
    let mut document = Document::new(of, last.at, &format!("{stamp}{end}"));
    for event in events {
        document.add(event);
    }
    write(
        &path,
        &document.bytes(last.damage.filter(|_| events.len() == 1)),
    )?;
    Ok(path)
}

/// Writes under another name first, as a well-behaved system does.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".tmp");
    fs::write(&draft, bytes)?;
    fs::rename(draft, path)
}

#[cfg(test)]
mod tests;
