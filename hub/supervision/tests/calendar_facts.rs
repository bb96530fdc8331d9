//! The shipped calendar against the day lists and holiday notices of the shared data, where they
//! are there (folder named by `TONGCHA_SHARED`, or `../shared` beside the workspace).

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::PathBuf;
use time::{Date, Month};
use tongcha_supervision::Calendar;

fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("TONGCHA_SHARED").map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let mut places = named.into_iter().chain([beside]);
    places.find(|p| p.join("data/cn/cn_workdays.csv").is_file())
}

fn day(text: &str) -> Date {
    let month = Month::try_from(text[5..7].parse::<u8>().unwrap()).unwrap();
    Date::from_calendar_date(
        text[..4].parse().unwrap(),
        month,
        text[8..10].parse().unwrap(),
    )
    .unwrap()
}

#[test]
fn every_day_agrees() {
    let Some(shared) = shared() else { return };
    let calendar = Calendar::cn().unwrap();
    let text = std::fs::read_to_string(shared.join("data/cn/cn_workdays.csv")).unwrap();
    let mut days = 0;
    for line in text.lines().skip(1) {
        let mut cells = line.split(',');
        let date = day(cells.next().unwrap());
        assert_eq!(
            calendar.is_working(date),
            cells.nth(1).unwrap() == "1",
            "{date}"
        );
        assert_eq!(calendar.gap(date, date), None, "{date}");
        days += 1;
    }
    assert_eq!(days, 8401);
}

#[test]
fn every_notice_agrees() {
    let Some(shared) = shared() else { return };
    let calendar = Calendar::cn().unwrap();
    for year in calendar.years().filter(|y| *y >= 2007) {
        let path = shared.join(format!("data/cn/holiday-cn/{year}.json"));
        let text = std::fs::read_to_string(path).unwrap();
        let notice: serde_json::Value = serde_json::from_str(&text).unwrap();
        for entry in notice["days"].as_array().unwrap() {
            let date = day(entry["date"].as_str().unwrap());
            assert_eq!(
                calendar.is_working(date),
                !entry["isOffDay"].as_bool().unwrap(),
                "{date}"
            );
        }
    }
}
