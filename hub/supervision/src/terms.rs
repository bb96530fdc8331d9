//! The terms of a case (期限): acceptance, conclusion, pauses, extension, and the due days that
//! follow from them. Refuses to know the present instant: only the glance of it (`terms/glance.rs`) is asked for
//! one.

use crate::calendar::{Calendar, CalendarGap};
use crate::card::Bilingual;
use crate::clock_budget::{Budget, Due, Extension, Limit, Pause, Reckoning, Unit, reckon};
use crate::profile::Profile;
use crate::summary::{DueBasis, Stage};
use crate::timeline::Timeline;
use time::{Date, OffsetDateTime, Time, UtcOffset};
use tongcha_schema::element::ElementId;
use tongcha_schema::record::Record;
use tongcha_schema::stamp::canonical_date;
use tongcha_schema::value::Value;

mod facts;
mod glance;

use facts::{acceptance, conclusion, extension, item_in_force, limit_of, pauses, restated};

/// The due day in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueDay {
    /// The day.
    pub day: Date,
    /// The instant, of limits in hours or minutes. Lateness goes by the day (WORDS, "Time").
    pub at: Option<OffsetDateTime>,
    /// Where it came from.
    pub basis: DueBasis,
}

/// The terms of one case.
#[derive(Clone, Debug)]
pub struct Terms<'a> {
    /// The source's zone: the offset of the case's latest stamp (a zone with summer time has two),
    /// else the profile's.
    pub zone: UtcOffset,
    /// How far it has come.
    pub stage: Stage,
    /// The acceptance in force: the earliest with state 1, else the last one known.
    pub acceptance: Option<&'a Record>,
    /// Day 0 of the clock: the time of an acceptance with state 1.
    pub accepted: Option<OffsetDateTime>,
    /// The conclusion in force (50 转报 is none).
    pub conclusion: Option<&'a Record>,
    /// Its time.
    pub concluded: Option<OffsetDateTime>,
    /// The item in force at acceptance.
    pub item: Option<&'a Record>,
    /// The promised limit of the item.
    pub promise_limit: Option<Limit>,
    /// The clock of the promised limit, by our own computation.
    pub promise: Option<Reckoning>,
    /// The clock of the legal limit.
    pub legal: Option<Reckoning>,
    /// The promised date that the department reported.
    pub reported: Option<Date>,
    /// The due day in force; none before acceptance and while the clock stands.
    pub due: Option<DueDay>,
    /// A year without calendar data in which the due day in force lies, or through which it was counted.
    pub due_gap: Option<CalendarGap>,
    /// The arithmetic of the due day.
    pub lines: Vec<Bilingual>,
    /// The computed and the reported day differ.
    pub warning: Option<Bilingual>,
    /// The clock stands.
    pub stands: bool,
    /// Pauses of the clock.
    pub pauses: Vec<Pause>,
    /// The extension, if one is recorded.
    pub extension: Option<Extension>,
    day_ends: Option<Time>,
}

impl<'a> Terms<'a> {
    /// The terms that follow from the facts in force.
    pub fn of(timeline: &Timeline<'a>, profile: &Profile, calendar: &Calendar) -> Terms<'a> {
        let acceptance = acceptance(timeline);
        let accepted = acceptance
            .filter(|r| r.text("accept_state").is_none_or(|state| state == "1"))
            .and_then(|r| r.stamp("accept_time"));
        let conclusion = conclusion(timeline);
        let item = item_in_force(timeline);
        let mut terms = Terms {
            zone: timeline
                .latest_stamp()
                .map_or(profile.zone, OffsetDateTime::offset),
            stage: Stage::Applied,
            acceptance,
            accepted,
            conclusion,
            concluded: conclusion.and_then(|r| r.stamp("done_time")),
            item,
            promise_limit: limit_of(item, "promise_limit", "promise_unit"),
            promise: None,
            legal: None,
            reported: acceptance
                .and_then(|r| r.get("promise_date"))
                .and_then(Value::day),
            due: None,
            due_gap: None,
            lines: Vec::new(),
            warning: None,
            stands: false,
            pauses: pauses(timeline, profile),
            extension: extension(timeline),
            day_ends: profile.day_ends,
        };
        if let Some(start) = accepted {
            terms.reckon(start, timeline, calendar);
        }
        terms.stage = terms.stage();
        terms
    }

    /// Fills the clocks of an accepted case.
    fn reckon(&mut self, start: OffsetDateTime, timeline: &Timeline<'_>, calendar: &Calendar) {
        let clock = |limit| {
            let (extension, pauses) = (self.extension, self.pauses.as_slice());
            reckon(
                &Budget {
                    start,
                    limit,
                    extension,
                    pauses,
                },
                calendar,
            )
        };
        let promise = self.promise_limit.map(clock);
        let legal = limit_of(self.item, "legal_limit", "legal_unit").map(clock);
        let reported = self.reported.filter(|_| promise.is_none()).map(|day| {
            let moved = self.extension.is_some() || !self.pauses.is_empty();
            if moved && !restated(timeline) {
                let count = calendar.working_between(start.date(), day);
                let clock = clock(Limit::new(count, Unit::WorkingDays));
                (clock.due, clock.gap, clock.lines)
            } else {
                let due = Due::On { day, at: None };
                (due, calendar.gap(day, day), Vec::new())
            }
        });
        let (due, gap, basis, mut lines) = match (&promise, reported) {
            (Some(clock), _) => {
                let lines = clock.lines.clone();
                (clock.due, clock.gap, DueBasis::Computed, lines)
            }
            (None, Some((due, gap, lines))) => (due, gap, DueBasis::Reported, lines),
            (None, None) => return self.legal = legal,
        };
        self.due_gap = gap;
        lines.extend(self.reported.map(|day| reported_line(day, basis)));
        match due {
            Due::On { day, at } => self.due = Some(DueDay { day, at, basis }),
            Due::Stands { .. } => self.stands = true,
        }
        self.warning = promise
            .as_ref()
            .and_then(|clock| difference(clock, self.reported));
        lines.extend(self.warning.clone());
        self.lines = lines;
        (self.promise, self.legal) = (promise, legal);
    }

    fn stage(&self) -> Stage {
        if self.concluded.is_some() {
            return Stage::Concluded;
        }
        match (
            self.accepted,
            self.acceptance.and_then(|r| r.text("accept_state")),
        ) {
            (Some(_), _) if self.stands => Stage::Paused,
            (Some(_), _) => Stage::Accepted,
            (None, Some("2" | "4")) => Stage::Refused,
            (None, Some("3")) => Stage::Correcting,
            (None, _) => Stage::Applied,
        }
    }

    /// The day that an event counts for: its date in its own zone, the next one after office close
    /// where the profile ends the day there.
    pub fn day_of(&self, event: OffsetDateTime) -> Date {
        let after_close = self.day_ends.is_some_and(|close| event.time() >= close);
        let day = event.date();
        if after_close {
            day.next_day().unwrap_or(day)
        } else {
            day
        }
    }

    /// Whether an event is late against a due day: its day is after it (WORDS, "Time").
    pub fn is_late(&self, event: OffsetDateTime, due: Date) -> bool {
        self.day_of(event) > due
    }

    /// The first instant after a day: 24:00, or office close where the profile says so.
    pub fn end_of(&self, day: Date) -> OffsetDateTime {
        match self.day_ends {
            Some(close) => day.with_time(close).assume_offset(self.zone),
            None => {
                let next = day.next_day().unwrap_or(day);
                next.midnight().assume_offset(self.zone)
            }
        }
    }

    /// Organ code: of the organ, else of acceptance or conclusion; empty where nobody says.
    pub fn organ_code(&self, timeline: &Timeline<'a>) -> &'a str {
        self.organ(timeline, ["org_code", "accept_org", "org_code"])
    }

    /// Organ name, likewise; at last the unit of the first step.
    pub fn organ_name(&self, timeline: &Timeline<'a>) -> &'a str {
        let name = self.organ(timeline, ["org_name", "accept_org_name", "org_name"]);
        if !name.is_empty() {
            return name;
        }
        let mut steps = timeline.live(ElementId::Process);
        steps.find_map(|r| r.text("unit_name")).unwrap_or_default()
    }

    fn organ(&self, timeline: &Timeline<'a>, fields: [&str; 3]) -> &'a str {
        let organ = timeline.first(ElementId::Organ);
        [organ, self.acceptance, self.conclusion]
            .into_iter()
            .zip(fields)
            .find_map(|(record, field)| record.and_then(|r| r.text(field)))
            .unwrap_or_default()
    }

    /// A text field of the item; empty where it is unknown.
    pub fn item_text(&self, field: &str) -> &'a str {
        self.item.and_then(|r| r.text(field)).unwrap_or_default()
    }
}

fn reported_line(day: Date, basis: DueBasis) -> Bilingual {
    let day = canonical_date(day);
    match basis {
        DueBasis::Computed => Bilingual::new(
            format!("部门上报的承诺日期 {day}"),
            format!("promised date as reported {day}"),
        ),
        DueBasis::Reported => Bilingual::new(
            format!("事项时限未知,以部门上报的承诺日期 {day} 为准"),
            format!("no limit is known: the reported promised date {day} counts"),
        ),
    }
}

/// The warning when the reported day is neither the computed one nor the plain one without pauses
/// and extension.
fn difference(clock: &Reckoning, reported: Option<Date>) -> Option<Bilingual> {
    let (reported, due) = (reported?, clock.due.day()?);
    if reported == due || Some(reported) == clock.plain.day() {
        return None;
    }
    let (reported, due) = (canonical_date(reported), canonical_date(due));
    Some(Bilingual::new(
        format!("上报日期 {reported} 与计算日期 {due} 不一致"),
        format!("reported {reported} and computed {due} differ"),
    ))
}

#[cfg(test)]
mod tests;
