//! The working-day calendar: facts per year as data, counting in constant time. Refuses to guess
//! quietly: a year without data is counted as Monday to Friday and named as a [`CalendarGap`].

use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use time::{Date, Month};

mod year_file;

pub use year_file::{YearFault, YearFile};

/// The shipped calendar of mainland China, 2004-2026.
const CN: &str = include_str!("../calendar/cn.toml");

/// A year for which the calendar has no data: what was counted through it is provisional.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CalendarGap {
    /// The first such year.
    pub year: i32,
}

impl fmt::Display for CalendarGap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "calendar has no data for {}", self.year)
    }
}

/// Why a calendar text was refused.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    /// It is no TOML of the expected shape.
    #[error("calendar: {0}; hint: compare with calendar/cn.toml")]
    Shape(String),
    /// A day that does not exist, or is listed on the wrong side of the week.
    #[error("calendar year {year}: `{day}` {fault}; hint: month-day, e.g. 02-09")]
    Day {
        /// Year.
        year: i32,
        /// The text.
        day: String,
        /// What is wrong.
        fault: &'static str,
    },
    /// A year outside 1900-2200, listed twice, or no year at all.
    #[error("calendar: year {0} is out of range or listed twice; hint: 1900-2200, once each")]
    Year(i32),
}

impl CalendarError {
    /// Never: the same text fails again.
    pub fn is_transient(&self) -> bool {
        false
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    edition: u32,
    #[serde(default)]
    year: Vec<Year>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    year: i32,
    #[serde(default)]
    work: Vec<String>,
    #[serde(default)]
    off: Vec<String>,
}

/// A working-day calendar. Cheap to ask: counting and adding take constant time.
#[derive(Clone, Debug)]
pub struct Calendar {
    name: String,
    edition: u32,
    /// First 12 hexadecimal digits of the SHA-256 over years and departures.
    digest: String,
    years: BTreeSet<i32>,
    departs: BTreeMap<Date, bool>,
    /// Julian day of the first day of the table.
    first: i32,
    /// Per day of the table: working days from `first` up to and including it.
    upto: Vec<i32>,
    /// Julian days of the working days of the table, in order.
    working: Vec<i32>,
}

impl Calendar {
    /// The shipped calendar of mainland China.
    ///
    /// # Errors
    /// Only if the shipped text were broken; a test holds that it is not.
    pub fn cn() -> Result<Calendar, CalendarError> {
        Self::parse(CN)
    }

    /// Reads a calendar from the product's own format.
    ///
    /// # Errors
    /// When the text is no calendar, or names a day or year that cannot be.
    pub fn parse(text: &str) -> Result<Calendar, CalendarError> {
        let file: File = toml::from_str(text).map_err(|e| CalendarError::Shape(e.to_string()))?;
        let mut years = BTreeSet::new();
        let mut departs = BTreeMap::new();
        for year in &file.year {
            if !(1900..=2200).contains(&year.year) || !years.insert(year.year) {
                return Err(CalendarError::Year(year.year));
            }
            departures(year, &mut departs)?;
        }
        if years.is_empty() {
            return Err(CalendarError::Year(0));
        }
        Ok(Self::build(file.name, file.edition, years, departs))
    }

    /// The same calendar with a region's departures laid over it (minority festivals and the like):
    /// days that the overlay names win, its years add to the known ones only if they were known.
    ///
    /// # Errors
    /// As [`Calendar::parse`].
    pub fn overlaid(&self, text: &str) -> Result<Calendar, CalendarError> {
        let over = Self::parse(text)?;
        let mut departs = self.departs.clone();
        departs.extend(over.departs);
        let name = format!("{}+{}", self.name, over.name);
        Ok(Self::build(name, self.edition, self.years.clone(), departs))
    }

    /// The same calendar with a year laid in from a file: its days win. Of a year that was known, what the
    /// file does not name any more is plain again, but for its December, which the next year's notice
    /// rules.
    pub fn with_year(&self, file: &YearFile) -> Calendar {
        let (mut years, mut departs) = (self.years.clone(), self.departs.clone());
        departs.retain(|day, _| day.year() != file.year || day.month() == Month::December);
        for (day, works) in &file.days {
            match is_weekday(day.to_julian_day()) == *works {
                true => departs.remove(day),
                false => departs.insert(*day, *works),
            };
        }
        years.insert(file.year);
        Self::build(self.name.clone(), self.edition, years, departs)
    }

    fn build(
        name: String,
        edition: u32,
        years: BTreeSet<i32>,
        departs: BTreeMap<Date, bool>,
    ) -> Calendar {
        let first = years.first().map_or(1, |y| new_year(*y));
        let end = years.last().map_or(1, |y| new_year(y + 1));
        let (mut upto, mut working) = (Vec::new(), Vec::new());
        for julian in first..end {
            let date = from_julian(julian);
            if departs.get(&date).copied().unwrap_or(is_weekday(julian)) {
                working.push(julian);
            }
            upto.push(i32::try_from(working.len()).unwrap_or(i32::MAX));
        }
        let mut digest = Sha256::new();
        for year in &years {
            digest.update(format!("{year}\n"));
        }
        for (day, works) in &departs {
            digest.update(format!("{day} {works}\n"));
        }
        let digest = digest.finalize();
        Calendar {
            name,
            edition,
            digest: digest[..6].iter().map(|b| format!("{b:02x}")).collect(),
            years,
            departs,
            first,
            upto,
            working,
        }
    }

    /// Name and edition, e.g. `cn/1`.
    pub fn label(&self) -> String {
        format!("{}/{}", self.name, self.edition)
    }

    /// Name, edition and digest of its days, e.g. `cn/1#0f3a5c7e9b1d`: two calendars of one version count
    /// every day alike. Recorded with each card.
    pub fn version(&self) -> String {
        format!("{}#{}", self.label(), self.digest)
    }

    /// The years it has data for.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        self.years.iter().copied()
    }

    /// Whether the day is a working day; in a year without data: Monday to Friday.
    pub fn is_working(&self, day: Date) -> bool {
        self.departs
            .get(&day)
            .copied()
            .unwrap_or_else(|| is_weekday(day.to_julian_day()))
    }

    /// The first year without data that `from..=to` touches.
    pub fn gap(&self, from: Date, to: Date) -> Option<CalendarGap> {
        (from.year()..=to.year())
            .find(|year| !self.years.contains(year))
            .map(|year| CalendarGap { year })
    }

    /// Number of working days in (from, to]; negative when `to` is before `from`.
    pub fn working_between(&self, from: Date, to: Date) -> i64 {
        self.count(to.to_julian_day()) - self.count(from.to_julian_day())
    }

    /// The n-th working day after `from`, which is not counted; `from` itself for n = 0 or less.
    pub fn add(&self, from: Date, n: i64) -> Date {
        if n <= 0 {
            return from;
        }
        let start = from.to_julian_day();
        let target = self.count(start).saturating_add(n);
        if target <= 0 {
            return from_julian(plain_add(start, n));
        }
        let rest = target - i64::try_from(self.working.len()).unwrap_or(i64::MAX);
        if rest > 0 {
            return from_julian(plain_add((self.end() - 1).max(start), rest.min(n)));
        }
        usize::try_from(target - 1)
            .ok()
            .and_then(|i| self.working.get(i))
            .map_or(from, |julian| from_julian(*julian))
    }

    /// The day itself when it is a working day, else the next one.
    pub fn roll(&self, day: Date) -> Date {
        if self.is_working(day) {
            day
        } else {
            self.add(day, 1)
        }
    }

    /// First Julian day after the table.
    fn end(&self) -> i32 {
        self.first + i32::try_from(self.upto.len()).unwrap_or(i32::MAX)
    }

    /// Working days from the table's first day up to and including a day; negative before it.
    fn count(&self, julian: i32) -> i64 {
        if julian < self.first {
            return plain_count(julian) - plain_count(self.first - 1);
        }
        let last = self.end() - 1;
        let inside = usize::try_from(julian.min(last) - self.first)
            .ok()
            .and_then(|i| self.upto.get(i))
            .map_or(0, |n| i64::from(*n));
        if julian > last {
            inside + plain_count(julian) - plain_count(last)
        } else {
            inside
        }
    }
}

/// Enters a year's departures from Monday to Friday.
fn departures(year: &Year, into: &mut BTreeMap<Date, bool>) -> Result<(), CalendarError> {
    for (days, works) in [(&year.work, true), (&year.off, false)] {
        for text in days {
            let fault = |fault| CalendarError::Day {
                year: year.year,
                day: text.clone(),
                fault,
            };
            let day = month_day(year.year, text).ok_or_else(|| fault("is no day of that year"))?;
            if is_weekday(day.to_julian_day()) == works {
                return Err(fault("stands on the wrong side of the week"));
            }
            into.insert(day, works);
        }
    }
    Ok(())
}

fn month_day(year: i32, text: &str) -> Option<Date> {
    let (month, day) = text.split_once('-')?;
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year, month, day.parse().ok()?).ok()
}

fn new_year(year: i32) -> i32 {
    Date::from_ordinal_date(year, 1).map_or(1, Date::to_julian_day)
}

/// The day of a Julian day number, clipped to the years that exist.
pub(crate) fn from_julian(julian: i32) -> Date {
    Date::from_julian_day(julian).unwrap_or(if julian < 0 { Date::MIN } else { Date::MAX })
}

/// Monday to Friday; Julian day 0 is a Monday.
fn is_weekday(julian: i32) -> bool {
    julian.rem_euclid(7) < 5
}

/// Mondays to Fridays since a fixed Monday, up to and including the day.
fn plain_count(julian: i32) -> i64 {
    let julian = i64::from(julian);
    julian.div_euclid(7) * 5 + (julian.rem_euclid(7) + 1).min(5)
}

/// The n-th Monday-to-Friday after a day.
fn plain_add(julian: i32, n: i64) -> i32 {
    let julian = i64::from(julian);
    let weekday = julian.rem_euclid(7);
    let friday_or_day = julian - (weekday - 4).max(0);
    let total = weekday.min(4).saturating_add(n);
    let monday = friday_or_day - weekday.min(4);
    let day = monday
        .saturating_add((total / 5).saturating_mul(7))
        .saturating_add(total % 5);
    i32::try_from(day).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests;
