//! Tests of the calendar: the field's vectors, and the laws of counting.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]
use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;
use time::macros::date;

#[test]
fn the_nth_working_day_after_a_day() {
    let calendar = Calendar::cn().unwrap();
    let vectors = [
        (date!(2020 - 01 - 23), 5, date!(2020 - 02 - 07)),
        (date!(2023 - 09 - 28), 2, date!(2023 - 10 - 08)),
        (date!(2024 - 02 - 05), 5, date!(2024 - 02 - 18)),
        (date!(2024 - 02 - 08), 1, date!(2024 - 02 - 09)),
        (date!(2024 - 09 - 27), 5, date!(2024 - 10 - 10)),
        (date!(2024 - 12 - 31), 1, date!(2025 - 01 - 02)),
        (date!(2025 - 01 - 24), 3, date!(2025 - 02 - 05)),
        (date!(2025 - 01 - 24), 20, date!(2025 - 02 - 27)),
        (date!(2025 - 09 - 26), 5, date!(2025 - 10 - 10)),
        (date!(2025 - 09 - 30), 1, date!(2025 - 10 - 09)),
        (date!(2026 - 02 - 12), 20, date!(2026 - 03 - 18)),
        (date!(2026 - 02 - 13), 1, date!(2026 - 02 - 14)),
        (date!(2026 - 09 - 24), 3, date!(2026 - 09 - 30)),
        (date!(2026 - 09 - 30), 5, date!(2026 - 10 - 13)),
    ];
    for (from, n, to) in vectors {
        assert_eq!(calendar.add(from, n), to, "{from} + {n}");
        assert_eq!(calendar.working_between(from, to), n, "({from}, {to}]");
    }
}

#[test]
fn working_days_of_each_year() {
    let calendar = Calendar::cn().unwrap();
    let known = [
        (2007, 249),
        (2008, 251),
        (2009, 250),
        (2010, 250),
        (2011, 250),
        (2012, 249),
        (2013, 250),
        (2014, 250),
        (2015, 249),
        (2016, 250),
        (2017, 249),
        (2018, 250),
        (2019, 250),
        (2020, 249),
        (2021, 250),
        (2022, 249),
        (2023, 249),
        (2024, 251),
        (2025, 248),
        (2026, 248),
    ];
    for (year, days) in known {
        let from = from_julian(new_year(year) - 1);
        let to = from_julian(new_year(year + 1) - 1);
        assert_eq!(calendar.working_between(from, to), days, "{year}");
    }
}

#[test]
fn new_years_eve_was_worked_in_2024_and_free_in_2025() {
    let calendar = Calendar::cn().unwrap();
    assert!(calendar.is_working(date!(2024 - 02 - 09)));
    assert!(!calendar.is_working(date!(2025 - 01 - 28)));
    assert!(
        calendar.is_working(date!(2026 - 10 - 10)),
        "a Saturday that is worked"
    );
    assert_eq!(calendar.roll(date!(2026 - 10 - 01)), date!(2026 - 10 - 08));
    assert_eq!(calendar.roll(date!(2026 - 10 - 10)), date!(2026 - 10 - 10));
}

#[test]
fn a_year_without_data_is_named() {
    let calendar = Calendar::cn().unwrap();
    assert_eq!(
        calendar.gap(date!(2004 - 01 - 01), date!(2026 - 12 - 31)),
        None
    );
    let gap = calendar.gap(date!(2026 - 12 - 30), date!(2027 - 01 - 05));
    assert_eq!(gap, Some(CalendarGap { year: 2027 }));
    assert_eq!(
        calendar.add(date!(2026 - 12 - 31), 1),
        date!(2027 - 01 - 01),
        "a plain Friday"
    );
    assert_eq!(
        calendar.add(date!(2026 - 12 - 31), 2),
        date!(2027 - 01 - 04)
    );
    let before = calendar.gap(date!(2003 - 12 - 31), date!(2004 - 01 - 02));
    assert_eq!(before, Some(CalendarGap { year: 2003 }));
    assert_eq!(
        calendar.add(date!(2003 - 12 - 30), 1),
        date!(2003 - 12 - 31)
    );
    assert_eq!(
        calendar.add(date!(2003 - 12 - 31), 1),
        date!(2004 - 01 - 02)
    );
}

#[test]
fn a_year_missing_in_the_middle_is_a_gap_too() {
    let text = "name = \"t\"\nedition = 1\n[[year]]\nyear = 2020\n[[year]]\nyear = 2022\n";
    let calendar = Calendar::parse(text).unwrap();
    let gap = calendar.gap(date!(2020 - 12 - 31), date!(2022 - 01 - 01));
    assert_eq!(gap, Some(CalendarGap { year: 2021 }));
}

#[test]
fn a_regional_overlay_wins_where_it_speaks() {
    let calendar = Calendar::cn().unwrap();
    let text = "name = \"xiangxi\"\nedition = 1\n[[year]]\nyear = 2024\noff = [\"09-20\"]\n";
    let local = calendar.overlaid(text).unwrap();
    assert!(!local.is_working(date!(2024 - 09 - 20)));
    assert!(local.is_working(date!(2024 - 09 - 19)));
    assert!(!local.is_working(date!(2024 - 10 - 01)));
    assert_eq!(local.label(), "cn+xiangxi/1");
    assert_eq!(local.add(date!(2024 - 09 - 19), 1), date!(2024 - 09 - 23));
}

#[test]
fn impossible_calendars_are_refused() {
    let bad = [
        "name = 1",
        "name = \"t\"\nedition = 1\n",
        "name = \"t\"\nedition = 1\n[[year]]\nyear = 2023\noff = [\"02-29\"]\n",
        "name = \"t\"\nedition = 1\n[[year]]\nyear = 2023\nwork = [\"02-28\"]\n",
        "name = \"t\"\nedition = 1\n[[year]]\nyear = 2023\n[[year]]\nyear = 2023\n",
        "name = \"t\"\nedition = 1\n[[year]]\nyear = 99999\n",
    ];
    for text in bad {
        let error = Calendar::parse(text).unwrap_err();
        assert!(
            !error.is_transient() && error.to_string().contains("hint:"),
            "{error}"
        );
    }
}

static CN_ONCE: LazyLock<Calendar> = LazyLock::new(|| Calendar::cn().unwrap());

proptest! {
    #[test]
    fn adding_lands_on_the_working_day_that_counting_says(
        start in 2_451_000i32..2_463_000, n in 1i64..400,
    ) {
        let calendar = &*CN_ONCE;
        let from = from_julian(start);
        let to = calendar.add(from, n);
        prop_assert!(calendar.is_working(to));
        prop_assert_eq!(calendar.working_between(from, to), n);
        prop_assert_eq!(calendar.add(calendar.add(from, n / 2), n - n / 2), to);
        let day_before = to.previous_day().unwrap();
        prop_assert_eq!(calendar.working_between(from, day_before), n - 1);
    }

    #[test]
    fn counting_is_additive_and_counts_days_one_by_one(
        start in 2_451_000i32..2_463_000, first in 0i32..90, second in 0i32..90,
    ) {
        let calendar = &*CN_ONCE;
        let (a, b, c) = (start, start + first, start + first + second);
        let (a, b, c) = (from_julian(a), from_julian(b), from_julian(c));
        let whole = calendar.working_between(a, c);
        prop_assert_eq!(calendar.working_between(a, b) + calendar.working_between(b, c), whole);
        let slow = (start + 1..=start + first + second)
            .filter(|j| calendar.is_working(from_julian(*j)))
            .count();
        prop_assert_eq!(whole, i64::try_from(slow).unwrap());
        prop_assert_eq!(calendar.working_between(c, a), -whole);
    }
}
