//! The clock as a budget: a limit, the pauses that stop it, one extension, and the due day that
//! follows, with its arithmetic in words. Refuses to know where they came from (`terms.rs`) and
//! what time it is now.
//!
//! Day 0 (acceptance) is not counted. A pause from day s to day e removes the days in (s, e].
//! Natural days and months that end on a day off run to the next working day; a month ends on the
//! same day number, clipped (WORDS, "Time"). Hours and minutes run on, days off included; only
//! pauses stop them.

use crate::calendar::{Calendar, CalendarGap};
use crate::card::Bilingual;
use time::{Date, Duration, OffsetDateTime};
use tongcha_schema::stamp::{canonical, canonical_date};

mod run;

use run::{Days, Stop, merged, minutes, natural_days, run_days, run_instants};

/// Greatest count of a limit that is used as it stands: a hundred years of days; more is clipped.
const GREATEST: i64 = 36_600;

/// Unit of a limit; the code is that of the field `promise_unit` (DOMAIN section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// `W` 工作日.
    WorkingDays,
    /// `D` 自然日.
    Days,
    /// `H` 小时.
    Hours,
    /// `N` 分钟.
    Minutes,
    /// `M` 月.
    Months,
}

impl Unit {
    /// Reads the unit's code.
    pub fn parse(code: &str) -> Option<Unit> {
        Some(match code {
            "W" => Unit::WorkingDays,
            "D" => Unit::Days,
            "H" => Unit::Hours,
            "N" => Unit::Minutes,
            "M" => Unit::Months,
            _ => return None,
        })
    }

    /// Chinese and English name.
    pub fn title(self) -> (&'static str, &'static str) {
        match self {
            Unit::WorkingDays => ("个工作日", "working days"),
            Unit::Days => ("个自然日", "natural days"),
            Unit::Hours => ("小时", "hours"),
            Unit::Minutes => ("分钟", "minutes"),
            Unit::Months => ("个月", "months"),
        }
    }
}

/// A time limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub count: i64,
    /// Of what.
    pub unit: Unit,
}

impl Limit {
    /// A limit; a negative count is taken as 0, an absurd one clipped at a hundred years of days.
    pub fn new(count: i64, unit: Unit) -> Limit {
        Limit {
            count: count.clamp(0, GREATEST),
            unit,
        }
    }

    /// `5 个工作日` / `5 working days`.
    pub fn words(self) -> Bilingual {
        let (zh, en) = self.unit.title();
        Bilingual::new(
            format!("{} {zh}", self.count),
            format!("{} {en}", self.count),
        )
    }
}

/// A time in which the clock stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Its name in both languages, e.g. 听证 / hearing.
    pub name: Bilingual,
    /// Beginning.
    pub from: OffsetDateTime,
    /// End; `None`: it lasts.
    pub until: Option<OffsetDateTime>,
}

/// A lengthening of the limit (延长审批).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension {
    /// By how much.
    pub by: Limit,
    /// Day of the approval; it counts only before the due day.
    pub approved: Date,
}

/// What a clock is made of.
#[derive(Clone, Copy, Debug)]
pub struct Budget<'a> {
    /// Day 0, with the source's offset.
    pub start: OffsetDateTime,
    /// The limit.
    pub limit: Limit,
    /// An extension, if one was approved.
    pub extension: Option<Extension>,
    /// Pauses in any order; they may overlap.
    pub pauses: &'a [Pause],
}

/// Where a clock ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// On that day; for hours and minutes at that instant of it.
    On {
        /// The due day.
        day: Date,
        /// The due instant of a limit in hours or minutes.
        at: Option<OffsetDateTime>,
    },
    /// It stands: a pause lasts.
    Stands {
        /// Since when.
        since: Date,
    },
}

impl Due {
    /// The due day, unless the clock stands.
    pub fn day(self) -> Option<Date> {
        match self {
            Due::On { day, .. } => Some(day),
            Due::Stands { .. } => None,
        }
    }
}

/// A clock that was reckoned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reckoning {
    /// Where it ends.
    pub due: Due,
    /// Where it would end without the extension and without pauses.
    pub plain: Due,
    /// A year without calendar data that it ran through.
    pub gap: Option<CalendarGap>,
    /// The arithmetic.
    pub lines: Vec<Bilingual>,
}

/// Reckons a clock.
pub fn reckon(budget: &Budget<'_>, calendar: &Calendar) -> Reckoning {
    let stops = merged(budget.pauses, budget.start);
    let plain = run(budget, &[], 0, calendar);
    let base = run(budget, &stops, 0, calendar);
    let extension = budget
        .extension
        .filter(|e| base.day().is_none_or(|due| e.approved < due));
    let due = match extension {
        Some(extension) => extended(budget, extension, &stops, calendar),
        None => base,
    };
    let start = budget.start.date();
    let end = [plain.day(), due.day()].into_iter().flatten().max();
    let mut lines = vec![Bilingual::new(
        format!("起算 {}(当日不计入)", canonical(budget.start)),
        format!(
            "starts {} (that day is not counted)",
            canonical(budget.start)
        ),
    )];
    let words = budget.limit.words();
    lines.push(Bilingual::new(
        format!("时限 {}", words.zh),
        format!("limit {}", words.en),
    ));
    lines.extend(
        stops
            .iter()
            .map(|stop| stop.line(budget.limit.unit, calendar)),
    );
    lines.extend(
        budget
            .extension
            .map(|e| extension_line(e, base, extension.is_some())),
    );
    lines.push(match due {
        Due::On { day, at } => {
            let text = at.map_or_else(|| canonical_date(day), canonical);
            Bilingual::new(format!("到期 {text}"), format!("due {text}"))
        }
        Due::Stands { since } => Bilingual::new(
            format!("自 {} 起暂停计时", canonical_date(since)),
            format!("the clock stands since {}", canonical_date(since)),
        ),
    });
    let gap = end.and_then(|end| calendar.gap(start, end));
    lines.extend(gap.map(|gap| {
        Bilingual::new(
            format!("{} 年工作日历缺失,到期日为暂定", gap.year),
            format!("no calendar for {}: the due day is provisional", gap.year),
        )
    }));
    Reckoning {
        due,
        plain,
        gap,
        lines,
    }
}

/// The first instant at which what remains is no more than `share` percent of the limit, and at
/// least `least` of its unit (days; hours and minutes have no least); midnight of that day for
/// limits in days, but never on day 0. `None` while the clock stands.
pub fn reminder(
    budget: &Budget<'_>,
    share: i64,
    least: i64,
    calendar: &Calendar,
) -> Option<OffsetDateTime> {
    let stops = merged(budget.pauses, budget.start);
    let due = reckon(budget, calendar).due;
    let total = match (budget.limit.unit, due) {
        (_, Due::Stands { .. }) => return None,
        (Unit::Months, Due::On { .. }) => natural_days(budget.start.date(), budget.limit),
        (Unit::Hours | Unit::Minutes, Due::On { at, .. }) => {
            let before = Duration::minutes(minutes(budget.limit) * share / 100);
            return at.map(|at| at - before);
        }
        (Unit::WorkingDays | Unit::Days, Due::On { .. }) => budget.limit.count,
    };
    let near = (total * share / 100).max(least);
    let day = if budget.extension.is_none() {
        run(budget, &stops, near, calendar).day()?
    } else {
        back(due.day()?, near, budget.limit.unit, calendar)
    };
    let first = day.max(budget.start.date().next_day()?);
    Some(first.midnight().assume_offset(budget.start.offset()))
}

/// Runs the limit, less `short` of its unit, through the stops.
fn run(budget: &Budget<'_>, stops: &[Stop], short: i64, calendar: &Calendar) -> Due {
    let (start, limit) = (budget.start, budget.limit);
    match limit.unit {
        Unit::Hours | Unit::Minutes => run_instants(start, minutes(limit), stops),
        Unit::WorkingDays => {
            let count = (limit.count - short).max(0);
            run_days(start.date(), count, stops, &Days::Working(calendar))
        }
        Unit::Days | Unit::Months => {
            let count = (natural_days(start.date(), limit) - short).max(0);
            let end = run_days(start.date(), count, stops, &Days::Natural);
            if short > 0 {
                end
            } else {
                rolled(end, calendar)
            }
        }
    }
}

/// Runs the limit and then the extension; one unit runs as a sum, two units one after the other.
fn extended(budget: &Budget<'_>, by: Extension, stops: &[Stop], calendar: &Calendar) -> Due {
    if by.by.unit == budget.limit.unit {
        let limit = Limit::new(budget.limit.count.saturating_add(by.by.count), by.by.unit);
        return run(&Budget { limit, ..*budget }, stops, 0, calendar);
    }
    let Due::On { day, at } = run(budget, stops, 0, calendar) else {
        return run(budget, stops, 0, calendar);
    };
    let start = at.unwrap_or_else(|| day.midnight().assume_offset(budget.start.offset()));
    let rest: Vec<Stop> = stops
        .iter()
        .filter(|s| s.until.is_none_or(|until| until > start))
        .map(|s| Stop {
            from: s.from.max(start),
            ..s.clone()
        })
        .collect();
    let second = Budget {
        start,
        limit: by.by,
        extension: None,
        pauses: &[],
    };
    run(&second, &rest, 0, calendar)
}

fn rolled(due: Due, calendar: &Calendar) -> Due {
    match due {
        Due::On { day, at } => Due::On {
            day: calendar.roll(day),
            at,
        },
        Due::Stands { .. } => due,
    }
}

/// The first day on which no more than `n` days remain up to and including `due`.
fn back(due: Date, n: i64, unit: Unit, calendar: &Calendar) -> Date {
    let days = if unit == Unit::WorkingDays {
        Days::Working(calendar)
    } else {
        Days::Natural
    };
    let mut day = due;
    while days.between(day, due) < n {
        match day.previous_day() {
            Some(before) => day = before,
            None => break,
        }
    }
    day
}

fn extension_line(extension: Extension, base: Due, counts: bool) -> Bilingual {
    let words = extension.by.words();
    let day = canonical_date(extension.approved);
    if counts {
        return Bilingual::new(
            format!("延长 {}({day} 批准)", words.zh),
            format!("extended by {} (approved {day})", words.en),
        );
    }
    let due = base.day().map_or_else(String::new, canonical_date);
    Bilingual::new(
        format!("{day} 批准的延长不在到期日 {due} 之前,不计"),
        format!("the extension approved {day} is not before the due day {due}: not counted"),
    )
}

#[cfg(test)]
mod tests;
