//! Running a count through the stops of a clock, in days and in instants. Refuses to know limits of
//! law, extensions and due days (`clock_budget.rs`).

use super::{Due, Limit, Pause, Unit};
use crate::calendar::{Calendar, from_julian};
use crate::card::Bilingual;
use time::{Date, Duration, Month, OffsetDateTime};
use tongcha_schema::stamp::canonical_date;

/// A stop of the clock: merged pauses, clipped to after the start.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    /// Names of the pauses that it merges.
    pub name: Bilingual,
    /// Beginning.
    pub from: OffsetDateTime,
    /// End; `None`: it lasts.
    pub until: Option<OffsetDateTime>,
}

impl Stop {
    /// What it removes from a limit of that unit.
    pub(super) fn line(&self, unit: Unit, calendar: &Calendar) -> Bilingual {
        let (zh, en) = unit.title();
        let from = self.from.date();
        let Some(until) = self.until else {
            return Bilingual::new(
                format!(
                    "暂停({})自 {} 起,尚未结束",
                    self.name.zh,
                    canonical_date(from)
                ),
                format!(
                    "pause ({}) since {}, still lasting",
                    self.name.en,
                    canonical_date(from)
                ),
            );
        };
        let to = until.date();
        let (removed, zh, en) = match unit {
            Unit::WorkingDays => (calendar.working_between(from, to), zh, en),
            Unit::Days | Unit::Months => ((to - from).whole_days(), "个自然日", "natural days"),
            Unit::Hours | Unit::Minutes => ((until - self.from).whole_minutes(), "分钟", "minutes"),
        };
        let span = (canonical_date(from), canonical_date(to));
        Bilingual::new(
            format!(
                "暂停({}){} 至 {},扣除 {removed} {zh}",
                self.name.zh, span.0, span.1
            ),
            format!(
                "pause ({}) {} to {} removes {removed} {en}",
                self.name.en, span.0, span.1
            ),
        )
    }
}

/// Pauses as disjoint stops in order, after the start.
pub(super) fn merged(pauses: &[Pause], start: OffsetDateTime) -> Vec<Stop> {
    let mut sorted: Vec<&Pause> = pauses
        .iter()
        .filter(|p| p.until.is_none_or(|until| until > start.max(p.from)))
        .collect();
    sorted.sort_by(|a, b| {
        let end = |p: &Pause| (p.until.is_none(), p.until);
        (a.from, end(a), &a.name.zh).cmp(&(b.from, end(b), &b.name.zh))
    });
    let mut stops: Vec<Stop> = Vec::new();
    for pause in sorted {
        match stops.last_mut() {
            Some(last) if last.until.is_none_or(|until| pause.from <= until) => {
                if last.name != pause.name {
                    last.name.zh = format!("{}、{}", last.name.zh, pause.name.zh);
                    last.name.en = format!("{}, {}", last.name.en, pause.name.en);
                }
                last.until = match (last.until, pause.until) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    _ => None,
                };
            }
            _ => stops.push(Stop {
                name: pause.name.clone(),
                from: pause.from.max(start),
                until: pause.until,
            }),
        }
    }
    stops
}

/// How days are counted.
pub(super) enum Days<'a> {
    /// By the calendar.
    Working(&'a Calendar),
    /// Every day.
    Natural,
}

impl Days<'_> {
    /// Days in (from, to].
    pub(super) fn between(&self, from: Date, to: Date) -> i64 {
        match self {
            Days::Working(calendar) => calendar.working_between(from, to),
            Days::Natural => (to - from).whole_days(),
        }
    }

    /// The n-th day after `from`.
    pub(super) fn add(&self, from: Date, n: i64) -> Date {
        match self {
            Days::Working(calendar) => calendar.add(from, n),
            Days::Natural => {
                let n = i32::try_from(n).unwrap_or(i32::MAX);
                from_julian(from.to_julian_day().saturating_add(n))
            }
        }
    }
}

/// Runs a count of days through the stops.
pub(super) fn run_days(start: Date, count: i64, stops: &[Stop], days: &Days<'_>) -> Due {
    let (mut cursor, mut left) = (start, count);
    for stop in stops {
        let from = stop.from.date().max(cursor);
        let before = days.between(cursor, from);
        if before >= left {
            break;
        }
        left -= before;
        match stop.until {
            Some(until) => cursor = until.date().max(from),
            None => return Due::Stands { since: from },
        }
    }
    Due::On {
        day: days.add(cursor, left),
        at: None,
    }
}

/// Runs a count of minutes through the stops.
pub(super) fn run_instants(start: OffsetDateTime, count: i64, stops: &[Stop]) -> Due {
    let (mut cursor, mut left) = (start, Duration::minutes(count));
    for stop in stops {
        let from = stop.from.max(cursor);
        if from - cursor >= left {
            break;
        }
        left -= from - cursor;
        match stop.until {
            Some(until) => cursor = until.max(from),
            None => {
                return Due::Stands {
                    since: from.to_offset(start.offset()).date(),
                };
            }
        }
    }
    let at = cursor
        .checked_add(left)
        .unwrap_or(cursor)
        .to_offset(start.offset());
    Due::On {
        day: at.date(),
        at: Some(at),
    }
}

/// Minutes of a limit in hours or minutes.
pub(super) fn minutes(limit: Limit) -> i64 {
    if limit.unit == Unit::Hours {
        limit.count * 60
    } else {
        limit.count
    }
}

/// Natural days of a limit in days or months that starts on a day.
pub(super) fn natural_days(start: Date, limit: Limit) -> i64 {
    if limit.unit == Unit::Months {
        (add_months(start, limit.count) - start).whole_days()
    } else {
        limit.count
    }
}

/// The same day number so many months on, clipped to the month's length.
fn add_months(start: Date, months: i64) -> Date {
    let index = i64::from(start.year()) * 12 + i64::from(u8::from(start.month())) - 1 + months;
    let year = i32::try_from(index.div_euclid(12)).unwrap_or(i32::MAX);
    let month = u8::try_from(index.rem_euclid(12) + 1)
        .ok()
        .and_then(|m| Month::try_from(m).ok())
        .unwrap_or(Month::December);
    (1..=start.day())
        .rev()
        .find_map(|day| Date::from_calendar_date(year, month, day).ok())
        .unwrap_or(Date::MAX)
}
