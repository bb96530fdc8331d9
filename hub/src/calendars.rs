//! The working-day calendar in force: the shipped one, and the years that an office has added as files of a
//! folder (`[hub] calendars`). Says which year is missing, and what a new year would change. Refuses to start
//! with half a year.

use crate::case_file::CaseFile;
use crate::core::Core;
use crate::store::cases;
use crate::store::engine::{Store, StoreError};
use crate::watch;
use std::collections::BTreeMap;
use std::path::Path;
use time::{Date, Month, UtcOffset};
use tongcha_adapters::settings::Collector;
use tongcha_schema::clock::CHINA;
use tongcha_supervision::calendar::YearFile;
use tongcha_supervision::scene::into_zone;
use tongcha_supervision::terms::Terms;
use tongcha_supervision::timeline::Timeline;
use tongcha_supervision::{Calendar, Fact, Profile};

/// Cases that a preview reads at once.
const PART: usize = 200;

/// The calendar of a folder of year files over the shipped one; every mistake of every file is told. Files
/// are laid in by name, so that of two notices of one year the later name wins.
pub fn calendar(folder: Option<&Path>, at: &str, all: &mut Collector) -> Option<Calendar> {
    let mut calendar = match Calendar::cn() {
        Ok(calendar) => calendar,
        Err(error) => {
            let hint = (
                "程序不完整，请重新安装",
                "the program is damaged; install it again",
            );
            let fault = error.to_string();
            all.bad(at, ("随附的年历有误", &fault), hint);
            return None;
        }
    };
    let files = match folder.map(texts).transpose() {
        Ok(files) => files.unwrap_or_default(),
        Err(fault) => {
            let zh = format!("年历目录或文件无法读取：{fault}");
            let en = format!("the folder of calendars, or a file in it, cannot be read: {fault}");
            let hint = (
                "核对目录与权限",
                "check that the folder exists and may be read",
            );
            all.bad(at, (&zh, &en), hint);
            return None;
        }
    };
    let mut whole = true;
    for (name, text) in &files {
        match YearFile::read(text) {
            Ok(Some(year)) => calendar = calendar.with_year(&year),
            // The notice of that year is not out yet: the year stays missing, and is told as such.
            Ok(None) => {}
            Err(faults) => {
                whole = false;
                for fault in faults {
                    let zh = format!("{name}：{}", fault.zh);
                    let en = format!("{name}: {}", fault.en);
                    let hint = (
                        "用 tongcha calendar check 检验",
                        "try it with `tongcha calendar check`",
                    );
                    all.bad(at, (&zh, &en), hint);
                }
            }
        }
    }
    whole.then_some(calendar)
}

/// Name and text of each `.json` file of a folder, in order of name.
fn texts(folder: &Path) -> std::io::Result<Vec<(String, String)>> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "json") {
            let text = std::fs::read_to_string(&path)?;
            out.push((path.display().to_string(), text));
        }
    }
    out.sort();
    Ok(out)
}

/// The years that the calendar should have and has not: this one, from 1 December on the next, and those in
/// which due days of open cases lie; with how many such cases.
///
/// # Errors
/// The store.
pub async fn missing(
    store: &Store,
    calendar: &Calendar,
    today: Date,
) -> Result<BTreeMap<i32, u64>, StoreError> {
    let mut years = expected(calendar, today);
    for row in store.rows("cases.due_years", Vec::new()).await? {
        if let Ok(year) = row.text(0).parse()
            && calendar.years().all(|known| known != year)
        {
            *years.entry(year).or_default() += row.count(1);
        }
    }
    Ok(years)
}

/// The same without a look at the cases.
pub fn expected(calendar: &Calendar, today: Date) -> BTreeMap<i32, u64> {
    let next = (today.month() == Month::December).then_some(today.year() + 1);
    [Some(today.year()), next]
        .into_iter()
        .flatten()
        .filter(|year| calendar.years().all(|known| known != *year))
        .map(|year| (year, 0))
        .collect()
}

/// One open case whose due day another calendar moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Numbering space.
    pub space: String,
    /// Case number.
    pub case_no: String,
    /// Its due day now; `None`: the year is missing, it is provisional and held.
    pub from: Option<Date>,
    /// Its due day by the other calendar; `None` likewise.
    pub to: Option<Date>,
}

/// What is judged by, when a preview compares two calendars.
pub struct Preview<'a> {
    /// The store of the hub.
    pub store: &'a Store,
    /// Its profile.
    pub profile: &'a Profile,
    /// Zones of the sources.
    pub zones: &'a BTreeMap<String, UtcOffset>,
}

impl Preview<'_> {
    /// The open cases whose due day moves, in order.
    ///
    /// # Errors
    /// The store.
    pub async fn moved(&self, now: &Calendar, then: &Calendar) -> Result<Vec<Moved>, StoreError> {
        let mut moved = Vec::new();
        let mut after = (String::new(), String::new());
        loop {
            let args = crate::args![&after.0, &after.1, PART];
            let mut tx = self.store.snapshot().await?;
            let rows = tx.rows("cases.open_due", args).await?;
            let Some(last) = rows.last() else {
                return Ok(moved);
            };
            after = (last.text(0).to_owned(), last.text(1).to_owned());
            let ids: Vec<i64> = rows.iter().map(|row| row.int(2)).collect();
            let files = cases::files(&mut tx, &ids).await?;
            let mut files: BTreeMap<i64, CaseFile> = files.into_iter().collect();
            for row in &rows {
                let facts = self.facts(files.remove(&row.int(2)).unwrap_or_default());
                let (from, to) = (self.due(&facts, now), self.due(&facts, then));
                if from != to {
                    moved.push(Moved {
                        space: row.text(0).to_owned(),
                        case_no: row.text(1).to_owned(),
                        from,
                        to,
                    });
                }
            }
        }
    }

    fn facts(&self, file: CaseFile) -> Vec<Fact> {
        let mut facts = watch::load::facts(file);
        for fact in &mut facts {
            let zone = self.zones.get(&*fact.record.head.source);
            into_zone(&mut fact.record, zone.copied().unwrap_or(CHINA));
        }
        facts
    }

    fn due(&self, facts: &[Fact], calendar: &Calendar) -> Option<Date> {
        let terms = Terms::of(&Timeline::new(facts), self.profile, calendar);
        let due = terms.due.filter(|_| terms.due_gap.is_none());
        due.map(|due| due.day)
    }
}

/// The years that a running hub misses.
///
/// # Errors
/// The store.
pub async fn missing_here(core: &Core) -> Result<BTreeMap<i32, u64>, StoreError> {
    let today = core.clock.now().to_offset(core.zone).date();
    missing(&core.store, &core.calendar, today).await
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is the test's failure")]
    use super::*;
    use time::macros::date;

    #[test]
    fn the_next_year_is_asked_for_from_the_first_of_december() {
        let calendar = Calendar::cn().unwrap();
        let years = |today| expected(&calendar, today).into_keys().collect::<Vec<_>>();
        assert_eq!(years(date!(2026 - 11 - 30)), [0; 0]);
        assert_eq!(years(date!(2026 - 12 - 01)), [2027]);
        assert_eq!(years(date!(2027 - 01 - 01)), [2027]);
        assert_eq!(years(date!(2025 - 12 - 01)), [0; 0]);
    }

    #[test]
    fn a_folder_adds_its_years_and_tells_all_mistakes_of_all_files() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("readme.txt", "no calendar");
        write("2028.json", r#"{"year":2028,"papers":[],"days":[]}"#);
        let day = |year, month: &str| {
            format!(r#"{{"name":"节","date":"{year}-{month}-01","isOffDay":true}}"#)
        };
        let good = format!(
            r#"{{"year":2027,"days":[{},{}]}}"#,
            day(2027, "01"),
            day(2027, "10")
        );
        write("2027.json", &good);
        let mut all = Collector::default();
        let found = calendar(Some(folder.path()), "[hub] calendars", &mut all).unwrap();
        assert!(all.mistakes.is_empty());
        assert_eq!(found.years().last(), Some(2027), "an empty year is none");
        write(
            "2029.json",
            r#"{"year":2029,"days":[{"name":"","date":"x","isOffDay":true}]}"#,
        );
        write("2030.json", "[]");
        let mut all = Collector::default();
        assert!(calendar(Some(folder.path()), "[hub] calendars", &mut all).is_none());
        assert_eq!(all.mistakes.len(), 4, "{:?}", all.mistakes);
        let mut all = Collector::default();
        assert!(calendar(Some(Path::new("/nonexistent")), "calendars", &mut all).is_none());
        assert_eq!(all.mistakes.len(), 1);
    }
}
