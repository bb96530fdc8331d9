//! Instants and days: every layout of GB/T 7408 and of real sources in, one canonical layout out.
//! Refuses what does not exist (24:00:00, 30 February) and to guess a missing time of day.
//!
//! Accepted days: `YYYYMMDD`, `YYYY-M-D`, `YYYY/M/D`, `YYYY.M.D`, `YYYY年M月D日`. Accepted instants: such
//! a day, then `T`, a space or (after `YYYYMMDD` and 日) nothing, then `hhmmss`, `h:mm:ss`, `h:mm` (as
//! spreadsheets save times: second 0) or `h时m分s秒`, with up to nine decimals; 上午, 下午, `AM` or `PM`
//! before or after the time. Then nothing, `Z`, `+hh`, `+hhmm` or `+hh:mm`, which a day alone may
//! carry too (XML Schema's `date`). Decimals beyond the millisecond are cut off. The year stands first
//! in all of them: `03/02/2026` is two different days, and refused.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// Why a text is no instant or day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StampFault {
    /// In no accepted layout.
    Layout,
    /// In a layout, but the day, hour or zone does not exist (or the year is 0).
    NoSuch,
    /// A day alone where an instant is asked; holds its midnight in the default zone.
    DayOnly(OffsetDateTime),
}

/// Reads an instant; a text without a zone is in `default`.
///
/// # Errors
/// A [`StampFault`]; a day alone is [`StampFault::DayOnly`].
pub fn parse(text: &str, default: UtcOffset) -> Result<OffsetDateTime, StampFault> {
    if let Some(stamp) = usual(text.as_bytes(), default) {
        return Ok(stamp);
    }
    let parts = split(text)?;
    let stamp = PrimitiveDateTime::new(parts.date, parts.time.unwrap_or(Time::MIDNIGHT))
        .assume_offset(parts.offset.unwrap_or(default));
    // Its instant must stand in the years that stores and layouts know.
    let utc = stamp.checked_to_offset(UtcOffset::UTC);
    if !utc.is_some_and(|u| (1..=9999).contains(&u.year())) {
        return Err(StampFault::NoSuch);
    }
    if parts.time.is_none() {
        return Err(StampFault::DayOnly(stamp));
    }
    Ok(stamp)
}

/// Reads a day; of an instant the day as written, in its own zone.
///
/// # Errors
/// [`StampFault::Layout`] or [`StampFault::NoSuch`].
pub fn parse_date(text: &str) -> Result<Date, StampFault> {
    split(text).map(|p| p.date)
}

/// An instant in the layout in which most are written, `YYYY-MM-DDThh:mm:ss` or with a space, with or without
/// `+hh:mm`; `None` where it is in another one, does not exist, or stands at the ends of the years.
fn usual(text: &[u8], default: UtcOffset) -> Option<OffsetDateTime> {
    let (stamp, zone) = text.split_first_chunk::<19>()?;
    let signs = [stamp[4], stamp[7], stamp[13], stamp[16]];
    if signs != *b"--::" || !matches!(stamp[10], b'T' | b' ') {
        return None;
    }
    let two = |text: &[u8]| {
        let (tens, ones) = (text[0].wrapping_sub(b'0'), text[1].wrapping_sub(b'0'));
        (tens < 10 && ones < 10).then(|| tens * 10 + ones)
    };
    let year = i32::from(two(&stamp[..2])?) * 100 + i32::from(two(&stamp[2..4])?);
    let offset = match zone {
        [] => default,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let (hours, minutes) = (two(&zone[1..3])?, two(&zone[4..])?);
            make_offset(*sign == b'-', hours.into(), minutes.into()).ok()?
        }
        _ => return None,
    };
    if !(2..=9998).contains(&year) {
        return None;
    }
    let month = Month::try_from(two(&stamp[5..7])?).ok()?;
    let date = Date::from_calendar_date(year, month, two(&stamp[8..10])?).ok()?;
    let (hour, minute, second) = (&stamp[11..13], &stamp[14..16], &stamp[17..]);
    let time = Time::from_hms(two(hour)?, two(minute)?, two(second)?).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_offset(offset))
}

/// A text taken apart; each part exists.
struct Parts {
    date: Date,
    time: Option<Time>,
    offset: Option<UtcOffset>,
}

fn split(text: &str) -> Result<Parts, StampFault> {
    let mut s = Scan(text.as_bytes());
    let (date, joins) = s.date()?;
    let zone_next = matches!(s.0.first(), Some(b'Z' | b'+' | b'-'));
    let (mut time, mut offset) = (None, None);
    if !s.0.is_empty() && !zone_next {
        let gap = s.eat(b'T') || s.spaces();
        if !gap && !joins {
            return Err(StampFault::Layout);
        }
        time = Some(s.time()?);
    }
    if !s.0.is_empty() {
        offset = s.offset()?;
    }
    if !s.0.is_empty() {
        return Err(StampFault::Layout);
    }
    Ok(Parts {
        date: date?,
        time: time.transpose()?,
        offset: offset.transpose()?,
    })
}

/// The half of a day that a time of twelve hours is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
}

const HALVES: [(&str, Half); 6] = [
    ("上午", Half::Morning),
    ("下午", Half::Afternoon),
    ("AM", Half::Morning),
    ("PM", Half::Afternoon),
    ("am", Half::Morning),
    ("pm", Half::Afternoon),
];

/// What is left to read. The outer `Result` of its methods is about layout, the inner about
/// existence, so that `2024-02-30x` is a layout fault and `2024-02-30` is not.
struct Scan<'a>(&'a [u8]);

impl Scan<'_> {
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        if found {
            self.0 = &self.0[1..];
        }
        found
    }

    fn eat_text(&mut self, text: &str) -> bool {
        let found = self.0.starts_with(text.as_bytes());
        if found {
            self.0 = &self.0[text.len()..];
        }
        found
    }

    fn spaces(&mut self) -> bool {
        let mut found = false;
        while self.eat(b' ') {
            found = true;
        }
        found
    }

    /// Between `min` and `max` digits.
    fn number(&mut self, min: usize, max: usize) -> Result<u32, StampFault> {
        let (mut value, mut count) = (0_u32, 0);
        while count < max
            && let Some(digit) = self.0.first().filter(|b| b.is_ascii_digit())
        {
            value = value * 10 + u32::from(digit - b'0');
            count += 1;
            self.0 = &self.0[1..];
        }
        if count < min {
            return Err(StampFault::Layout);
        }
        Ok(value)
    }

    /// A day, and whether a time may follow it without a gap.
    fn date(&mut self) -> Result<(Result<Date, StampFault>, bool), StampFault> {
        let year = self.number(4, 4)?;
        let (month, day, joins) = match self.0.first() {
            Some(&sep @ (b'-' | b'/' | b'.')) => {
                self.eat(sep);
                let month = self.number(1, 2)?;
                if !self.eat(sep) {
                    return Err(StampFault::Layout);
                }
                (month, self.number(1, 2)?, false)
            }
            Some(byte) if !byte.is_ascii() => {
                self.need("年")?;
                let month = self.number(1, 2)?;
                self.need("月")?;
                let day = self.number(1, 2)?;
                self.need("日")?;
                (month, day, true)
            }
            _ => (self.number(2, 2)?, self.number(2, 2)?, true),
        };
        Ok((make_date(year, month, day), joins))
    }

    fn need(&mut self, text: &str) -> Result<(), StampFault> {
        match self.eat_text(text) {
            true => Ok(()),
            false => Err(StampFault::Layout),
        }
    }

    /// 上午, 下午, `AM` or `PM`, with blanks around it.
    fn half(&mut self) -> Option<Half> {
        let before = self.0;
        self.spaces();
        let found = HALVES.iter().find(|(text, _)| self.eat_text(text));
        match found {
            Some((_, half)) => {
                self.spaces();
                Some(*half)
            }
            None => {
                self.0 = before;
                None
            }
        }
    }

    fn time(&mut self) -> Result<Result<Time, StampFault>, StampFault> {
        let mut half = self.half();
        let (hour, minute, second) = self.clock()?;
        let ms = self.fraction()?;
        half = half.or_else(|| self.half());
        let hour = match (half, hour) {
            (None, hour) => hour,
            (Some(Half::Morning), 12) => 0,
            (Some(Half::Morning), 13..) => return Ok(Err(StampFault::NoSuch)),
            (Some(Half::Afternoon), 0..12) => hour + 12,
            (Some(_), hour) => hour,
        };
        Ok(make_time(hour, minute, second, ms))
    }

    /// Hour, minute and second.
    fn clock(&mut self) -> Result<(u32, u32, u32), StampFault> {
        let digits = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits > 2 {
            return Ok((self.number(2, 2)?, self.number(2, 2)?, self.number(2, 2)?));
        }
        let hour = self.number(1, 2)?;
        if self.eat(b':') || self.eat_text("：") {
            let minute = self.number(2, 2)?;
            let more = self.eat(b':') || self.eat_text("：");
            let second = if more { self.number(2, 2)? } else { 0 };
            return Ok((hour, minute, second));
        }
        if !self.eat_text("时") && !self.eat_text("点") {
            return Err(StampFault::Layout);
        }
        let mut rest = [0; 2];
        for (part, unit) in rest.iter_mut().zip(["分", "秒"]) {
            if self.0.first().is_some_and(u8::is_ascii_digit) {
                *part = self.number(1, 2)?;
                self.need(unit)?;
            } else {
                break;
            }
        }
        Ok((hour, rest[0], rest[1]))
    }

    /// Decimals of a second as milliseconds; 0 where there are none.
    fn fraction(&mut self) -> Result<u16, StampFault> {
        if !self.eat(b'.') && !self.eat(b',') {
            return Ok(0);
        }
        let before = self.0.len();
        let nanos = self.number(1, 9)?;
        let digits = before - self.0.len();
        let mut scaled = u64::from(nanos);
        for _ in digits..9 {
            scaled *= 10;
        }
        u16::try_from(scaled / 1_000_000).map_err(|_| StampFault::Layout)
    }

    fn offset(&mut self) -> Result<Option<Result<UtcOffset, StampFault>>, StampFault> {
        if self.0.is_empty() {
            return Ok(None);
        }
        self.spaces();
        if self.eat(b'Z') {
            return Ok(Some(Ok(UtcOffset::UTC)));
        }
        let negative = self.eat(b'-');
        if !negative && !self.eat(b'+') {
            return Err(StampFault::Layout);
        }
        let hours = self.number(2, 2)?;
        let colon = self.eat(b':');
        let minutes = if colon || !self.0.is_empty() {
            self.number(2, 2)?
        } else {
            0
        };
        Ok(Some(make_offset(negative, hours, minutes)))
    }
}

fn make_date(year: u32, month: u32, day: u32) -> Result<Date, StampFault> {
    let make = || {
        let year = i32::try_from(year).ok().filter(|y| *y > 0)?;
        let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
        Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()
    };
    make().ok_or(StampFault::NoSuch)
}

fn make_time(hour: u32, minute: u32, second: u32, ms: u16) -> Result<Time, StampFault> {
    let byte = |n: u32| u8::try_from(n).map_err(|_| StampFault::NoSuch);
    Time::from_hms_milli(byte(hour)?, byte(minute)?, byte(second)?, ms)
        .map_err(|_| StampFault::NoSuch)
}

/// A zone of at most 14 hours, as XML Schema has it.
fn make_offset(negative: bool, hours: u32, minutes: u32) -> Result<UtcOffset, StampFault> {
    if minutes > 59 || hours * 60 + minutes > 14 * 60 {
        return Err(StampFault::NoSuch);
    }
    let seconds = i32::try_from((hours * 60 + minutes) * 60).map_err(|_| StampFault::NoSuch)?;
    UtcOffset::from_whole_seconds(if negative { -seconds } else { seconds })
        .map_err(|_| StampFault::NoSuch)
}

/// Canonical text of an instant: `2026-01-31T08:05:09+08:00`, with milliseconds when not zero.
pub fn canonical(stamp: OffsetDateTime) -> String {
    let mut out = String::with_capacity(29);
    write(&mut out, stamp);
    out
}

/// Appends [`canonical`] to a text.
pub fn write(out: &mut String, stamp: OffsetDateTime) {
    write_date(out, stamp.date());
    for (mark, number) in [
        ('T', stamp.hour()),
        (':', stamp.minute()),
        (':', stamp.second()),
    ] {
        out.push(mark);
        write_digits(out, u32::from(number), 2);
    }
    if stamp.millisecond() != 0 {
        out.push('.');
        write_digits(out, u32::from(stamp.millisecond()), 3);
    }
    let (hours, minutes, _) = stamp.offset().as_hms();
    out.push(if stamp.offset().is_negative() {
        '-'
    } else {
        '+'
    });
    write_digits(out, u32::from(hours.unsigned_abs()), 2);
    out.push(':');
    write_digits(out, u32::from(minutes.unsigned_abs()), 2);
}

/// Canonical text of a day: `2026-01-31`.
pub fn canonical_date(date: Date) -> String {
    let mut out = String::with_capacity(10);
    write_date(&mut out, date);
    out
}

/// Appends [`canonical_date`] to a text.
pub fn write_date(out: &mut String, date: Date) {
    write_digits(out, date.year().unsigned_abs(), 4);
    out.push('-');
    write_digits(out, u32::from(u8::from(date.month())), 2);
    out.push('-');
    write_digits(out, u32::from(date.day()), 2);
}

/// The last `count` decimal digits of a number, padded with zeros.
fn write_digits(out: &mut String, number: u32, count: u32) {
    for place in (0..count).rev() {
        let digit = number / 10_u32.pow(place) % 10;
        out.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests stop at the first surprise"
)]
mod tests {
    use super::*;
    use crate::clock::CHINA;
    use proptest::prelude::*;

    #[test]
    fn every_layout_is_read_as_the_same_instant() {
        for text in [
            "20260131080509",
            "20260131T080509",
            "2026013108:05:09",
            "20260131 080509",
            "20260131 08:05:09",
            "20260131T08:05:09",
            "2026-01-31 08:05:09",
            "2026-01-31T08:05:09",
            "2026-1-31 8:05:09",
            "2026/01/31 08:05:09",
            "2026/1/31 8:05:09",
            "2026-01-31 08:05:09.0",
            "2026-01-31T08:05:09.000999",
            "2026-01-31T08:05:09,000",
            "2026-01-31T08:05:09+08:00",
            "2026-01-31T08:05:09+0800",
            "2026-01-31 08:05:09+08",
            "2026-01-31 08:05:09 +0800",
            "20260131T080509+0800",
            "2026-01-31T00:05:09Z",
            "20260131T000509Z",
            "2026-01-31T01:05:09.000+01:00",
            "2026-01-30T19:05:09-05:00",
            "2026.1.31 8:05:09",
            "2026年1月31日 8:05:09",
            "2026年01月31日08时05分09秒",
            "2026年1月31日 8点5分9秒",
            "2026/1/31 上午 8:05:09",
            "2026/1/31 上午8:05:09",
            "2026/1/31 8:05:09 AM",
            "2026-01-31 08:05:09.0000000",
            "2026-01-31 8：05：09",
        ] {
            let stamp = parse(text, CHINA).unwrap_or_else(|e| panic!("{text}: {e:?}"));
            assert_eq!(stamp.unix_timestamp(), 1_769_817_909, "{text}");
        }
    }

    #[test]
    fn the_zone_of_the_source_is_kept() {
        let stamp = parse("2012-01-23T23:30:00.125+01:00", CHINA).unwrap();
        assert_eq!(canonical(stamp), "2012-01-23T23:30:00.125+01:00");
        assert_eq!(stamp.date(), time::macros::date!(2012 - 01 - 23));
        let local = parse("2012-01-23 23:30:00", CHINA).unwrap();
        assert_eq!(canonical(local), "2012-01-23T23:30:00+08:00");
        let west = parse("2012-01-23T23:30:00-03:30", CHINA).unwrap();
        assert_eq!(canonical(west), "2012-01-23T23:30:00-03:30");
    }

    #[test]
    fn times_as_a_spreadsheet_saves_them() {
        let minute = parse("2026-03-02T09:30:00+08:00", CHINA).unwrap();
        for text in [
            "2026/3/2 9:30",
            "2026-03-02 09:30",
            "2026年3月2日 9时30分",
            "2026年3月2日 9:30",
            "2026/3/2 上午 9:30",
            "2026-03-02T09:30+08:00",
        ] {
            assert_eq!(parse(text, CHINA), Ok(minute), "{text}");
        }
        for (text, want) in [
            ("2026/3/2 下午 1:05:00", "2026-03-02T13:05:00+08:00"),
            ("2026/3/2 13:05 下午", "2026-03-02T13:05:00+08:00"),
            ("2026/3/2 下午 12:30", "2026-03-02T12:30:00+08:00"),
            ("2026/3/2 上午 12:30", "2026-03-02T00:30:00+08:00"),
            ("2026/3/2 12:30 PM +01:00", "2026-03-02T12:30:00+01:00"),
            ("2026年3月2日 9时", "2026-03-02T09:00:00+08:00"),
        ] {
            assert_eq!(canonical(parse(text, CHINA).unwrap()), want, "{text}");
        }
        assert_eq!(parse("2026/3/2 上午 13:05", CHINA), Err(StampFault::NoSuch));
    }

    #[test]
    fn a_day_with_a_zone_is_a_day_of_that_zone() {
        for (text, midnight) in [
            ("2024-06-07+01:00", "2024-06-07T00:00:00+01:00"),
            ("2024-06-07Z", "2024-06-07T00:00:00+00:00"),
            ("20240607-0500", "2024-06-07T00:00:00-05:00"),
        ] {
            let midnight = parse(midnight, CHINA).unwrap();
            assert_eq!(parse(text, CHINA), Err(StampFault::DayOnly(midnight)));
            assert_eq!(canonical_date(parse_date(text).unwrap()), "2024-06-07");
        }
    }

    #[test]
    fn what_does_not_exist_is_refused() {
        for text in [
            "2024/13/01 00:00:00",
            "2024-02-30 08:00:00",
            "2023-02-29T08:00:00",
            "2024-01-01 24:00:00",
            "2024-01-01 08:60:00",
            "2024-06-30T23:59:60Z",
            "20240101240000",
            "0000-01-01 00:00:00",
            "2024-00-10 00:00:00",
            "2024-01-01T00:00:00+14:01",
            "2024-01-01T00:00:00+08:60",
            "9999-12-31T23:59:59-01:00",
            "0001-01-01T00:00:00+01:00",
        ] {
            assert_eq!(parse(text, CHINA), Err(StampFault::NoSuch), "{text}");
        }
    }

    #[test]
    fn other_layouts_are_refused() {
        for text in [
            "",
            "2024",
            "202406",
            "2024-06-07T",
            "03/02/2026",
            "02.03.2026 09:30:00",
            "2024-06-07 8",
            "2024-06-07 下午",
            "2024-06-07 8:5",
            "2024年6月",
            "2024年6月7",
            "2024-06-07+8",
            "2024-06-0708:00:00",
            "2024-06/07 08:00:00",
            "24-06-07 08:00:00",
            "2024-06-07T08:00:00x",
            "2024-06-07T08:00:00.",
            "2024-06-07T08:00:00+8",
            "2024-06-07T08:00:00+08:",
            "2024-06-07T08:00:00 ",
            "２０２４-06-07 08:00:00",
            "1717718400",
            "20240230T",
            "2024-02-30x",
        ] {
            assert_eq!(parse(text, CHINA), Err(StampFault::Layout), "{text}");
        }
    }

    #[test]
    fn a_day_is_no_instant_and_an_instant_has_a_day() {
        let midnight = parse("2024-06-07 00:00:00", CHINA).unwrap();
        for text in [
            "2024-06-07",
            "20240607",
            "2024/6/7",
            "2024.6.7",
            "2024年6月7日",
        ] {
            assert_eq!(
                parse(text, CHINA),
                Err(StampFault::DayOnly(midnight)),
                "{text}"
            );
            assert_eq!(canonical_date(parse_date(text).unwrap()), "2024-06-07");
        }
        let day = parse_date("2024-06-07T23:30:00+01:00").unwrap();
        assert_eq!(canonical_date(day), "2024-06-07");
        assert_eq!(parse_date("2024/13/01"), Err(StampFault::NoSuch));
        assert_eq!(parse_date("07.06.2024"), Err(StampFault::Layout));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,40}", digits in "[0-9TZ:./+ 年月日时分秒上下午-]{0,32}") {
            let _ = (parse(&text, CHINA), parse_date(&text));
            let _ = (parse(&digits, CHINA), parse_date(&digits));
        }

        #[test]
        fn canonical_text_is_read_as_itself(
            seconds in -62_000_000_000_i64..253_000_000_000,
            ms in 0..1000_i64,
            zone in -840..=840_i32,
        ) {
            let offset = UtcOffset::from_whole_seconds(zone * 60).unwrap();
            let stamp = crate::clock::from_unix_ms(seconds * 1000 + ms).to_offset(offset);
            let text = canonical(stamp);
            let again = parse(&text, CHINA).unwrap();
            prop_assert_eq!(again, stamp);
            prop_assert_eq!(again.offset(), offset);
            prop_assert_eq!(canonical(again), text);
        }
    }
}
