//! Instants and days: every layout of DOMAIN 3.5 in, one canonical layout out.

use time::{Date, OffsetDateTime};

/// Canonical text of an instant: `2026-01-31T08:05:09+08:00`, with milliseconds when not zero.
pub fn canonical(stamp: OffsetDateTime) -> String {
    let (h, m, _) = stamp.offset().as_hms();
    let sign = if stamp.offset().is_negative() {
        '-'
    } else {
        '+'
    };
    let ms = stamp.millisecond();
    let fraction = if ms == 0 {
        String::new()
    } else {
        format!(".{ms:03}")
    };
    format!(
        "{}T{:02}:{:02}:{:02}{fraction}{sign}{:02}:{:02}",
        canonical_date(stamp.date()),
        stamp.hour(),
        stamp.minute(),
        stamp.second(),
        h.abs(),
        m.abs()
    )
}

/// Canonical text of a day: `2026-01-31`.
pub fn canonical_date(date: Date) -> String {
    format!(
        "{:04}-{:02}-{:02}",
        date.year(),
        u8::from(date.month()),
        date.day()
    )
}
