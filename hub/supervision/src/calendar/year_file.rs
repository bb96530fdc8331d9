//! A year of the calendar as an office adds it, without a build: the JSON of one holiday notice (国务院办公厅关于
//! 部分节假日安排的通知) as holiday-cn publishes it: `{"year": 2027, "papers": [..], "days": [{"name", "date",
//! "isOffDay"}]}`. Refuses a file that cannot be a whole year, with all of its mistakes at once.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use time::{Date, Month};
use tongcha_schema::stamp::parse_date;

/// Greatest number of days that a year's file may list: more than any notice, less than would hurt.
pub const MOST_DAYS: usize = 366;

/// What is wrong in a year's file, in Chinese and English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearFault {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl YearFault {
    fn new(zh: impl Into<String>, en: impl Into<String>) -> YearFault {
        YearFault {
            zh: zh.into(),
            en: en.into(),
        }
    }
}

impl fmt::Display for YearFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} · {}", self.zh, self.en)
    }
}

/// A year's departures from Monday to Friday, as a file names them. A notice also names days of the
/// December before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearFile {
    /// The year.
    pub year: i32,
    /// The days that it names: worked (true) or off (false).
    pub days: BTreeMap<Date, bool>,
}

#[derive(Deserialize)]
struct Json {
    year: i32,
    days: Vec<Day>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Day {
    #[serde(default)]
    name: String,
    date: String,
    is_off_day: bool,
}

impl YearFile {
    /// Reads a file. `None`: the year is there by name only, with no day in it, as holiday-cn publishes a
    /// year whose notice is not out yet.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(text: &str) -> Result<Option<YearFile>, Vec<YearFault>> {
        let json: Json =
            serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|e| {
                vec![YearFault::new(
                    format!("不是 holiday-cn 格式的 JSON：{e}"),
                    format!("no JSON of holiday-cn's form: {e}"),
                )]
            })?;
        let year = json.year;
        if !(1900..=2200).contains(&year) {
            return Err(vec![YearFault::new(
                format!("年份 {year} 不在 1900 至 2200 之间"),
                format!("the year {year} is not within 1900 to 2200"),
            )]);
        }
        if json.days.is_empty() {
            return Ok(None);
        }
        let mut faults = Vec::new();
        if json.days.len() > MOST_DAYS {
            faults.push(YearFault::new(
                format!("列了 {} 天，多于 {MOST_DAYS} 天", json.days.len()),
                format!("{} days are listed, more than {MOST_DAYS}", json.days.len()),
            ));
        }
        let mut days = BTreeMap::new();
        for day in json.days.iter().take(MOST_DAYS) {
            if let Err(fault) = enter(year, day, &mut days) {
                faults.push(fault);
            }
        }
        faults.extend(unlikely(year, &days));
        match faults.is_empty() {
            true => Ok(Some(YearFile { year, days })),
            false => Err(faults),
        }
    }

    /// How many days of the file are off, and how many weekend days are worked.
    pub fn counts(&self) -> (usize, usize) {
        let worked = self.days.values().filter(|works| **works).count();
        (self.days.len() - worked, worked)
    }
}

/// Enters one day.
fn enter(year: i32, day: &Day, into: &mut BTreeMap<Date, bool>) -> Result<(), YearFault> {
    let (text, name) = (&day.date, &day.name);
    let date = parse_date(text).map_err(|_| {
        YearFault::new(
            format!("“{text}”（{name}）不是日期，应写作 {year}-01-01"),
            format!("\"{text}\" ({name}) is no day; write it like {year}-01-01"),
        )
    })?;
    let before = date.year() == year - 1 && date.month() == Month::December;
    if date.year() != year && !before {
        return Err(YearFault::new(
            format!("{text}（{name}）不属于 {year} 年，也不是上一年12月"),
            format!("{text} ({name}) is neither in {year} nor in the December before"),
        ));
    }
    match into.insert(date, !day.is_off_day) {
        Some(other) if other == day.is_off_day => Err(YearFault::new(
            format!("{text}（{name}）既列为放假又列为上班"),
            format!("{text} ({name}) is listed both as off and as worked"),
        )),
        _ => Ok(()),
    }
}

/// Half a notice would make due days wrong without a word: New Year's Day and the National Day are off
/// in every year (全国年节及纪念日放假办法).
fn unlikely(year: i32, days: &BTreeMap<Date, bool>) -> Vec<YearFault> {
    let always = [
        (Month::January, "元旦", "New Year's Day"),
        (Month::October, "国庆节", "the National Day"),
    ];
    always
        .into_iter()
        .filter_map(|(month, zh, en)| {
            let day = Date::from_calendar_date(year, month, 1).ok()?;
            (days.get(&day) != Some(&false)).then(|| {
                YearFault::new(
                    format!("没有把 {day}（{zh}）列为放假，文件不完整"),
                    format!("{day} ({en}) is not listed as off: the file is not whole"),
                )
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use crate::calendar::Calendar;
    use time::macros::date;

    fn file(days: &[(&str, bool)]) -> String {
        let days: Vec<String> = days
            .iter()
            .map(|(date, off)| format!(r#"{{"name":"节","date":"{date}","isOffDay":{off}}}"#))
            .collect();
        format!(r#"{{"year":2027,"papers":[],"days":[{}]}}"#, days.join(","))
    }

    const WHOLE: [(&str, bool); 6] = [
        ("2026-12-31", true),
        ("2027-01-01", true),
        ("2027-01-02", true),
        ("2027-01-09", false),
        ("2027-02-08", true),
        ("2027-10-01", true),
    ];

    #[test]
    fn a_year_added_by_a_file_is_counted_by_it() {
        let cn = Calendar::cn().unwrap();
        let year = YearFile::read(&file(&WHOLE)).unwrap().unwrap();
        assert_eq!((year.year, year.counts()), (2027, (5, 1)));
        let with = cn.with_year(&year);
        assert_eq!(with.gap(date!(2026 - 12 - 01), date!(2027 - 12 - 31)), None);
        assert!(
            cn.gap(date!(2026 - 12 - 01), date!(2027 - 12 - 31))
                .is_some()
        );
        assert!(
            !with.is_working(date!(2026 - 12 - 31)),
            "the notice's December"
        );
        assert!(
            with.is_working(date!(2027 - 01 - 09)),
            "a Saturday that is worked"
        );
        assert!(!with.is_working(date!(2027 - 02 - 08)));
        assert_eq!(with.add(date!(2026 - 12 - 30), 1), date!(2027 - 01 - 04));
        assert!(with.is_working(date!(2026 - 10 - 10)), "other years stay");
    }

    #[test]
    fn a_calendars_version_is_that_of_its_days() {
        let cn = Calendar::cn().unwrap();
        let year = YearFile::read(&file(&WHOLE)).unwrap().unwrap();
        let with = cn.with_year(&year);
        assert_ne!(with.version(), cn.version());
        assert_eq!(with.version(), cn.with_year(&year).version());
        assert_eq!(with.with_year(&year).version(), with.version());
        let other = YearFile::read(&file(
            &WHOLE[..4]
                .iter()
                .chain(&WHOLE[5..])
                .copied()
                .collect::<Vec<_>>(),
        ));
        assert_ne!(
            cn.with_year(&other.unwrap().unwrap()).version(),
            with.version()
        );
        assert!(cn.version().starts_with("cn/1#"), "{}", cn.version());
    }

    #[test]
    fn a_later_notice_of_a_known_year_replaces_what_it_said() {
        let cn = Calendar::cn().unwrap();
        let first = YearFile::read(&file(&WHOLE)).unwrap().unwrap();
        let mut days = WHOLE.to_vec();
        days[4] = ("2027-02-09", true);
        let second = YearFile::read(&file(&days)).unwrap().unwrap();
        let with = cn.with_year(&first).with_year(&second);
        assert!(with.is_working(date!(2027 - 02 - 08)));
        assert!(!with.is_working(date!(2027 - 02 - 09)));
    }

    #[test]
    fn a_year_without_a_day_is_not_published_yet() {
        assert_eq!(YearFile::read(&file(&[])), Ok(None));
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let bad = file(&[
            ("2027-02-30", true),
            ("2028-01-01", true),
            ("2027-05-01", true),
            ("2027-05-01", false),
            ("2027-10-01", true),
        ]);
        let faults = YearFile::read(&bad).unwrap_err();
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 4, "{told:?}");
        for (fault, part) in told
            .iter()
            .zip(["2027-02-30", "2028-01-01", "both", "元旦"])
        {
            assert!(fault.contains(part), "{part}: {fault}");
        }
        assert_eq!(YearFile::read("{}").unwrap_err().len(), 1);
        let many: Vec<(&str, bool)> = vec![("2027-01-01", true); MOST_DAYS + 1];
        assert!(
            YearFile::read(&file(&many)).unwrap_err()[0]
                .en
                .contains("more than")
        );
    }
}
