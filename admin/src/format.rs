//! How figures, instants and addresses are written on pages. Refuses texts of any language.

use std::fmt::Write as _;
use time::{OffsetDateTime, UtcOffset};

/// `12,345`.
pub(crate) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `2026-01-31 17:05:09` in a zone.
pub(crate) fn instant(at: OffsetDateTime, zone: UtcOffset) -> String {
    written(at.to_offset(zone))
}

/// The same to the minute, without seconds.
pub(crate) fn minute(at: OffsetDateTime, zone: UtcOffset) -> String {
    let mut text = instant(at, zone);
    text.truncate(16);
    text
}

/// An instant in the zone that its source wrote; the zone is named where it is not the hub's.
pub(crate) fn as_written(at: OffsetDateTime, hub: UtcOffset) -> String {
    let mut text = written(at);
    if at.offset() != hub {
        let minutes = at.offset().whole_minutes();
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, rest) = (minutes.unsigned_abs() / 60, minutes.unsigned_abs() % 60);
        // Writing to a String cannot fail.
        let _ = write!(text, " {sign}{hours:02}:{rest:02}");
    }
    text
}

fn written(at: OffsetDateTime) -> String {
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// `1.5 MiB`.
pub(crate) fn size(bytes: u64) -> String {
    let mut value = bytes;
    let mut rest = 0;
    for unit in ["B", "KiB", "MiB"] {
        if value < 1024 {
            return if unit == "B" || value >= 10 {
                format!("{value} {unit}")
            } else {
                format!("{value}.{} {unit}", rest * 10 / 1024)
            };
        }
        rest = value % 1024;
        value /= 1024;
    }
    format!("{value}.{} GiB", rest * 10 / 1024)
}

/// A path with a query of these pairs; pairs with an empty value are left out.
pub(crate) fn href(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut out = path.to_owned();
    let mut divider = '?';
    for (key, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        out.push(divider);
        out.push_str(key);
        out.push('=');
        push_encoded(&mut out, value);
        divider = '&';
    }
    out
}

fn push_encoded(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/@:,".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{datetime, offset};

    #[test]
    fn figures_are_grouped() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (12_345_678, "12,345,678"),
        ];
        for (n, text) in cases {
            assert_eq!(number(n), text);
        }
        let sizes = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1536, "1.5 KiB"),
            (20 << 20, "20 MiB"),
        ];
        for (n, text) in sizes {
            assert_eq!(size(n), text);
        }
        assert_eq!(size(3 << 30), "3.0 GiB");
    }

    #[test]
    fn a_foreign_zone_is_named() {
        let at = datetime!(2026-01-31 23:30 +1);
        assert_eq!(instant(at, offset!(+8)), "2026-02-01 06:30:00");
        assert_eq!(minute(at, offset!(+8)), "2026-02-01 06:30");
        assert_eq!(as_written(at, offset!(+8)), "2026-01-31 23:30:00 +01:00");
        assert_eq!(as_written(at, offset!(+1)), "2026-01-31 23:30:00");
        assert_eq!(
            as_written(at.to_offset(offset!(-3:30)), offset!(+8)),
            "2026-01-31 19:00:00 -03:30"
        );
    }

    #[test]
    fn addresses_are_encoded() {
        assert_eq!(
            href("/case", &[("space", "cn"), ("no", "甲 1&2"), ("x", "")]),
            "/case?space=cn&no=%E7%94%B2%201%262"
        );
        assert_eq!(href("/a", &[("id", "430102/n@1.2")]), "/a?id=430102/n@1.2");
    }
}
