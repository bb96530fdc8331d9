//! A watermark's text as an instant, and the same text some seconds earlier in its own layout. Pure. Refuses
//! layouts that do not sort as time does (`2026-3-2`, `3/2/2026`): by them a table cannot be read in order.

use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// The instant that a text of digits in a fixed layout means: `2026-01-05`, `2026/01/05 09:30:00`,
/// `2026-01-05T09:30:00.5+08:00`, `20260105093000`. Without a zone of its own it is in the given one.
pub(super) fn instant_of(text: &str, zone: UtcOffset) -> Option<OffsetDateTime> {
    let (at, rest) = parse(text)?;
    Some(at.assume_offset(zone_of(rest).unwrap_or(zone)))
}

/// The text of an instant so many seconds before, in the same layout; fractions are cut.
pub(super) fn earlier(text: &str, seconds: u32) -> Option<String> {
    let (at, _) = parse(text)?;
    let at = at.checked_sub(Duration::seconds(i64::from(seconds)))?;
    let digits = format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    );
    let mut digits = digits.chars();
    let whole = whole_of(text);
    let layout = whole.chars();
    Some(
        layout
            .map(|sign| match sign.is_ascii_digit() {
                true => digits.next().unwrap_or('0'),
                false => sign,
            })
            .collect(),
    )
}

/// The part of a text to the second at most: without fraction and zone.
fn whole_of(text: &str) -> &str {
    let digits = text.len() >= 14 && text.bytes().take(14).all(|b| b.is_ascii_digit());
    let length = match () {
        () if digits => 14,
        () if is_time(text, 19) => 19,
        () if is_time(text, 16) => 16,
        () => 10,
    };
    text.get(..length).unwrap_or(text)
}

/// The local time, and what stands behind it.
fn parse(text: &str) -> Option<(PrimitiveDateTime, &str)> {
    let whole = whole_of(text);
    let rest = text.get(whole.len()..)?;
    let at = |from: usize| whole.get(from..from + 2)?.parse::<u8>().ok();
    let year = whole.get(..4)?.parse().ok()?;
    let (month, day, time) = match whole.len() {
        14 if rest.is_empty() => (at(4)?, at(6)?, (at(8)?, at(10)?, at(12)?)),
        10 if is_date(whole) && rest.is_empty() => (at(5)?, at(8)?, (0, 0, 0)),
        16 => (at(5)?, at(8)?, (at(11)?, at(14)?, 0)),
        19 => (at(5)?, at(8)?, (at(11)?, at(14)?, at(17)?)),
        _ => return None,
    };
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    let time = Time::from_hms(time.0, time.1, time.2).ok()?;
    Some((PrimitiveDateTime::new(date, time), rest))
}

/// `Z`, `+08:00`, `+08`, behind a fraction or at once.
fn zone_of(rest: &str) -> Option<UtcOffset> {
    let rest = rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    if rest == "Z" {
        return Some(UtcOffset::UTC);
    }
    let sign = match rest.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours: i8 = rest.get(1..3)?.parse().ok()?;
    let minutes: i8 = rest.get(4..6).and_then(|m| m.parse().ok()).unwrap_or(0);
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()
}

/// `2026-01-05` or `2026/01/05`.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mark = bytes.get(4).copied();
    bytes.len() >= 10
        && (mark == Some(b'-') || mark == Some(b'/'))
        && bytes.get(7).copied() == mark
        && (0..10).all(|at| at == 4 || at == 7 || bytes[at].is_ascii_digit())
}

/// A date and a time of day, `length` bytes to the minute (16) or to the second (19).
fn is_time(text: &str, length: usize) -> bool {
    let bytes = text.as_bytes();
    let colon = |at: usize| bytes[at] == b':';
    is_date(text)
        && bytes.len() >= length
        && matches!(bytes[10], b' ' | b'T')
        && (11..length).all(|at| (at == 13 || at == 16) == colon(at))
        && (11..length).all(|at| colon(at) || bytes[at].is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{datetime, offset};

    #[test]
    fn texts_in_a_layout_that_sorts_are_instants_and_are_set_back_in_it() {
        let at = datetime!(2026-01-05 09:30 +8);
        for (text, back) in [
            ("2026-01-05 09:30:00", "2026-01-05 09:20:00"),
            ("2026/01/05 09:30", "2026/01/05 09:20"),
            ("20260105093000", "20260105092000"),
            ("2026-01-05T09:30:00.000000+08:00", "2026-01-05T09:20:00"),
            ("2026-01-05T09:30:00.0", "2026-01-05T09:20:00"),
        ] {
            assert_eq!(instant_of(text, offset!(+8)), Some(at), "{text}");
            assert_eq!(earlier(text, 600).as_deref(), Some(back), "{text}");
        }
        assert_eq!(instant_of("2026-01-05T01:30:00Z", offset!(+8)), Some(at));
        assert_eq!(earlier("2026-01-05", 86_400).as_deref(), Some("2026-01-04"));
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "",
            "2026-3-2",
            "3/2/2026",
            "20260105",
            "A-2026-01-05",
            "2026-13-05",
            "0000-00-00 00:00:00",
            "2026-01-05x",
            "日期2026-01-05",
        ] {
            assert_eq!(instant_of(text, offset!(+8)), None, "{text}");
            assert_eq!(earlier(text, 600), None, "{text}");
        }
    }
}
