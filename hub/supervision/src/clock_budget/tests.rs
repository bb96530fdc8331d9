//! Tests of the clock: every unit, pauses, extension, gaps, and the laws that hold for all of them.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]
use super::*;
use crate::sketch::stamp;
use proptest::prelude::*;
use std::sync::LazyLock;
use time::macros::date;

fn limit(text: &str) -> Limit {
    let (count, unit) = text.split_at(text.len() - 1);
    Limit::new(count.parse().unwrap(), Unit::parse(unit).unwrap())
}

fn pause(from: &str, until: Option<&str>) -> Pause {
    let name = Bilingual::new("听证", "hearing");
    Pause {
        name,
        from: stamp(from),
        until: until.map(stamp),
    }
}

fn clock(start: &str, text: &str, pauses: &[Pause], extension: Option<Extension>) -> Reckoning {
    let calendar = Calendar::cn().unwrap();
    let budget = Budget {
        start: stamp(start),
        limit: limit(text),
        extension,
        pauses,
    };
    reckon(&budget, &calendar)
}

fn due(start: &str, text: &str, pauses: &[Pause]) -> Date {
    clock(start, text, pauses, None).due.day().unwrap()
}

#[test]
fn working_days_do_not_count_day_0() {
    assert_eq!(due("2024-02-05 09:00", "5W", &[]), date!(2024 - 02 - 18));
    assert_eq!(due("2024-02-05 23:59:59", "5W", &[]), date!(2024 - 02 - 18));
    assert_eq!(
        due("2024-03-09 09:00", "1W", &[]),
        date!(2024 - 03 - 11),
        "accepted on Saturday"
    );
    assert_eq!(
        due("2024-03-04 09:00", "0W", &[]),
        date!(2024 - 03 - 04),
        "at once"
    );
}

#[test]
fn natural_days_and_months_run_to_the_next_working_day() {
    assert_eq!(due("2024-03-04 09:00", "4D", &[]), date!(2024 - 03 - 08));
    assert_eq!(
        due("2024-03-04 09:00", "5D", &[]),
        date!(2024 - 03 - 11),
        "Saturday"
    );
    assert_eq!(
        due("2024-01-31 09:00", "1M", &[]),
        date!(2024 - 02 - 29),
        "clipped"
    );
    assert_eq!(due("2023-01-31 09:00", "1M", &[]), date!(2023 - 02 - 28));
    assert_eq!(due("2024-03-02 09:00", "1M", &[]), date!(2024 - 04 - 02));
    assert_eq!(
        due("2024-03-06 09:00", "1M", &[]),
        date!(2024 - 04 - 07),
        "a Sunday that is worked"
    );
    assert_eq!(
        due("2024-09-01 09:00", "1M", &[]),
        date!(2024 - 10 - 08),
        "the holiday week"
    );
    assert_eq!(due("2023-11-30 09:00", "15M", &[]), date!(2025 - 02 - 28));
}

#[test]
fn hours_and_minutes_run_to_an_instant() {
    let reckoning = clock("2024-03-04 15:30", "20H", &[], None);
    let at = stamp("2024-03-05 11:30");
    assert_eq!(
        reckoning.due,
        Due::On {
            day: date!(2024 - 03 - 05),
            at: Some(at)
        }
    );
    let stop = [pause("2024-03-04 16:00", Some("2024-03-04 17:00"))];
    let reckoning = clock("2024-03-04 15:30", "90N", &stop, None);
    let at = stamp("2024-03-04 18:00");
    assert_eq!(
        reckoning.due,
        Due::On {
            day: date!(2024 - 03 - 04),
            at: Some(at)
        }
    );
}

#[test]
fn a_pause_from_s_to_e_removes_the_working_days_after_s_up_to_e() {
    let start = "2024-03-04 09:00";
    let one = [pause("2024-03-06 09:00", Some("2024-03-08 17:00"))];
    assert_eq!(
        due(start, "5W", &one),
        date!(2024 - 03 - 13),
        "Thursday and Friday removed"
    );
    let same_day = [pause("2024-03-06 09:00", Some("2024-03-06 17:00"))];
    assert_eq!(due(start, "5W", &same_day), date!(2024 - 03 - 11));
    let weekend = [pause("2024-03-08 09:00", Some("2024-03-10 17:00"))];
    assert_eq!(due(start, "5W", &weekend), date!(2024 - 03 - 11));
    let natural = [pause("2024-03-05 09:00", Some("2024-03-07 17:00"))];
    assert_eq!(
        due(start, "4D", &natural),
        date!(2024 - 03 - 11),
        "4 + 2 natural days, Sunday"
    );
}

#[test]
fn overlapping_pauses_count_once() {
    let start = "2024-03-04 09:00";
    let both = [
        pause("2024-03-07 09:00", Some("2024-03-08 17:00")),
        pause("2024-03-06 09:00", Some("2024-03-07 17:00")),
        pause("2024-03-06 10:00", Some("2024-03-08 09:00")),
    ];
    assert_eq!(due(start, "5W", &both), date!(2024 - 03 - 13));
}

#[test]
fn pauses_outside_the_clock_change_nothing() {
    let start = "2024-03-04 09:00";
    let outside = [
        pause("2024-02-26 09:00", Some("2024-03-01 17:00")),
        pause("2024-03-11 09:00", Some("2024-03-29 17:00")),
    ];
    assert_eq!(due(start, "5W", &outside), date!(2024 - 03 - 11));
    let over_day_0 = [pause("2024-02-26 09:00", Some("2024-03-05 17:00"))];
    assert_eq!(due(start, "5W", &over_day_0), date!(2024 - 03 - 12));
}

#[test]
fn a_pause_that_lasts_stops_the_clock_unless_the_due_day_came_first() {
    let start = "2024-03-04 09:00";
    let lasting = [pause("2024-03-06 09:00", None)];
    let reckoning = clock(start, "5W", &lasting, None);
    assert_eq!(
        reckoning.due,
        Due::Stands {
            since: date!(2024 - 03 - 06)
        }
    );
    assert_eq!(reckoning.plain.day(), Some(date!(2024 - 03 - 11)));
    let too_late = [pause("2024-03-12 09:00", None)];
    assert_eq!(
        due(start, "5W", &too_late),
        date!(2024 - 03 - 11),
        "no clock is tampered with"
    );
}

#[test]
fn an_extension_counts_only_when_approved_before_the_due_day() {
    let by = |approved| {
        Some(Extension {
            by: limit("10W"),
            approved,
        })
    };
    let start = "2024-03-04 09:00";
    let in_time = clock(start, "5W", &[], by(date!(2024 - 03 - 10)));
    assert_eq!(in_time.due.day(), Some(date!(2024 - 03 - 25)));
    let on_the_day = clock(start, "5W", &[], by(date!(2024 - 03 - 11)));
    assert_eq!(on_the_day.due.day(), Some(date!(2024 - 03 - 11)));
    assert!(
        on_the_day.lines.iter().any(|l| l.zh.contains("不计")),
        "{:?}",
        on_the_day.lines
    );
    let other_unit = clock(start, "7D", &[], by(date!(2024 - 03 - 08)));
    assert_eq!(
        other_unit.due.day(),
        Some(date!(2024 - 03 - 25)),
        "7 days, then 10 working days"
    );
}

#[test]
fn the_reminder_begins_when_a_share_remains() {
    let calendar = Calendar::cn().unwrap();
    let near = |text: &str, pauses: &[Pause], extension| {
        let start = stamp("2024-03-04 09:00");
        let budget = Budget {
            start,
            limit: limit(text),
            extension,
            pauses,
        };
        reminder(&budget, 20, 1, &calendar)
            .map(canonical)
            .unwrap_or_default()
    };
    assert_eq!(
        near("20W", &[], None),
        "2024-03-26T00:00:00+08:00",
        "due 04-01, 4 remain"
    );
    assert_eq!(near("5W", &[], None), "2024-03-08T00:00:00+08:00");
    assert_eq!(
        near("0W", &[], None),
        "2024-03-05T00:00:00+08:00",
        "never on day 0"
    );
    assert_eq!(near("10D", &[], None), "2024-03-12T00:00:00+08:00");
    assert_eq!(near("10H", &[], None), "2024-03-04T17:00:00+08:00");
    let extension = Extension {
        by: limit("5W"),
        approved: date!(2024 - 03 - 05),
    };
    assert_eq!(
        near("10W", &[], Some(extension)),
        "2024-03-21T00:00:00+08:00",
        "due 03-25"
    );
    let paused = [pause("2024-03-06 09:00", None)];
    assert_eq!(near("10W", &paused, None), "");
}

#[test]
fn a_clock_through_a_year_without_data_is_provisional() {
    let reckoning = clock("2026-12-30 09:00", "5W", &[], None);
    assert_eq!(reckoning.gap, Some(CalendarGap { year: 2027 }));
    assert!(reckoning.lines.iter().any(|l| l.en.contains("provisional")));
    assert_eq!(clock("2026-12-21 09:00", "5W", &[], None).gap, None);
}

#[test]
fn an_absurd_limit_is_clipped_and_ends() {
    let calendar = Calendar::cn().unwrap();
    for unit in [
        Unit::WorkingDays,
        Unit::Days,
        Unit::Hours,
        Unit::Minutes,
        Unit::Months,
    ] {
        let limit = Limit::new(i64::MAX, unit);
        let budget = Budget {
            start: stamp("2024-03-04 09:00"),
            limit,
            extension: None,
            pauses: &[],
        };
        assert!(reckon(&budget, &calendar).due.day().unwrap() > date!(2024 - 03 - 04));
        assert_eq!(Limit::new(-5, unit).count, 0);
    }
}

#[test]
fn the_arithmetic_can_be_read() {
    let one = [pause("2024-03-06 09:00", Some("2024-03-08 17:00"))];
    let lines = clock("2024-03-04 09:00", "5W", &one, None).lines;
    let zh: Vec<&str> = lines.iter().map(|l| l.zh.as_str()).collect();
    let expected = [
        "起算 2024-03-04T09:00:00+08:00(当日不计入)",
        "时限 5 个工作日",
        "暂停(听证)2024-03-06 至 2024-03-08,扣除 2 个工作日",
        "到期 2024-03-13",
    ];
    assert_eq!(zh, expected);
}

static CN_ONCE: LazyLock<Calendar> = LazyLock::new(|| Calendar::cn().unwrap());

proptest! {
    #[test]
    fn what_elapsed_without_the_pauses_is_the_limit(
        start in 0i64..3000, count in 1i64..60,
        spans in proptest::collection::vec((0i64..90, 0i64..20), 0..5),
    ) {
        let calendar = &*CN_ONCE;
        let start = stamp("2015-01-01 10:00") + Duration::days(start);
        let pauses: Vec<Pause> = spans
            .iter()
            .map(|(from, days)| {
                let from = start + Duration::days(*from);
                let name = Bilingual::new("听证", "hearing");
                Pause { name, from, until: Some(from + Duration::days(*days)) }
            })
            .collect();
        let limit = Limit::new(count, Unit::WorkingDays);
        let budget = Budget { start, limit, extension: None, pauses: &pauses };
        let due = reckon(&budget, calendar).due.day().unwrap();
        // Counted the slow way: working days in (start, due] that no pause covers.
        let mut day = start.date();
        let mut elapsed = 0;
        while day < due {
            day = day.next_day().unwrap();
            let covered = pauses
                .iter()
                .any(|p| p.from.date() < day && day <= p.until.unwrap().date());
            if calendar.is_working(day) && !covered {
                elapsed += 1;
            }
        }
        prop_assert_eq!(elapsed, count);
        prop_assert!(calendar.is_working(due));
        let mut turned = pauses.clone();
        turned.reverse();
        let again = reckon(&Budget { pauses: &turned, ..budget }, calendar);
        prop_assert_eq!(again.due.day(), Some(due));
    }
}
