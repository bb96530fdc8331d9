//! Layout hints for dates and times that are not among the canonical layouts (`DD/MM/YYYY hh:mm`), and
//! the small turns of a text that a dialect may ask for. Refuses to judge whether a date exists (the
//! check does, on the canonical layout that comes out), and to choose where two layouts of a list read
//! one text as two days.

use super::spec::Unit;
use tongcha_schema::stamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DatePart {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Sign(char),
}

/// A date or time layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout(Vec<DatePart>);

impl Layout {
    /// Reads a layout: `YYYY`, `MM`, `DD`, `hh`, `mm`, `ss` (or `M`, `D`, `h`, `m`, `s`: a number is read
    /// with or without its leading zero either way), each at most once, the day's three always; every
    /// other character stands for itself. `None` for anything else.
    pub fn parse(text: &str) -> Option<Layout> {
        const TOKENS: [(&str, DatePart); 11] = [
            ("YYYY", DatePart::Year),
            ("MM", DatePart::Month),
            ("DD", DatePart::Day),
            ("hh", DatePart::Hour),
            ("mm", DatePart::Minute),
            ("ss", DatePart::Second),
            ("M", DatePart::Month),
            ("D", DatePart::Day),
            ("h", DatePart::Hour),
            ("m", DatePart::Minute),
            ("s", DatePart::Second),
        ];
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if let Some((token, part)) = TOKENS.iter().find(|(t, _)| rest.starts_with(t)) {
                if parts.contains(part) {
                    return None;
                }
                parts.push(*part);
                rest = &rest[token.len()..];
            } else if first.is_ascii_alphanumeric() && first != 'T' {
                return None;
            } else {
                parts.push(DatePart::Sign(first));
                rest = &rest[first.len_utf8()..];
            }
        }
        let has = |p: DatePart| parts.contains(&p);
        let whole = has(DatePart::Year) && has(DatePart::Month) && has(DatePart::Day);
        let time = has(DatePart::Hour) || !(has(DatePart::Minute) || has(DatePart::Second));
        (whole && time).then_some(Layout(parts))
    }

    /// The canonical layout (`2026-01-31` or `2026-01-31T08:05:00`) of a text that fits; `None` else.
    pub fn apply(&self, text: &str) -> Option<String> {
        let mut rest = text;
        let mut found = [0_u32; 6];
        for part in &self.0 {
            let (slot, most) = match part {
                DatePart::Sign(sign) => {
                    rest = rest.strip_prefix(*sign)?;
                    continue;
                }
                DatePart::Year => (0, 4),
                DatePart::Month => (1, 2),
                DatePart::Day => (2, 2),
                DatePart::Hour => (3, 2),
                DatePart::Minute => (4, 2),
                DatePart::Second => (5, 2),
            };
            let len = rest
                .bytes()
                .take(most)
                .take_while(u8::is_ascii_digit)
                .count();
            found[slot] = rest.get(..len)?.parse().ok()?;
            rest = &rest[len..];
        }
        if !rest.is_empty() {
            return None;
        }
        let [y, mo, d, h, mi, s] = found;
        Some(if self.0.contains(&DatePart::Hour) {
            format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}")
        } else {
            format!("{y:04}-{mo:02}-{d:02}")
        })
    }
}

/// The canonical layout of a text by those of a list that fit it; `None` where none fits, or where they
/// read different instants: `03/02/2026` is no day under both `DD/MM/YYYY` and `MM/DD/YYYY`.
pub(crate) fn by_any(list: &[Layout], text: &str) -> Option<String> {
    let exists = |text: &String| stamp::parse_date(text).is_ok();
    let read: Vec<String> = list.iter().filter_map(|l| l.apply(text)).collect();
    let mut real = read.iter().filter(|t| exists(t));
    match real.next() {
        Some(first) => real.all(|t| t == first).then(|| first.clone()),
        // A day that does not exist is told as such by the check.
        None => read.into_iter().next(),
    }
}

/// A number of the unit as a number of yuan; a text that is no plain decimal stays as it is.
pub(crate) fn yuan(text: &str, unit: Unit) -> String {
    let (sign, plain) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return text.to_owned();
    }
    let (whole, fraction) = match unit {
        Unit::Fen => {
            let padded = format!("{whole:0>3}");
            let cut = padded.len() - 2;
            (
                padded[..cut].to_owned(),
                padded[cut..].to_owned() + fraction,
            )
        }
        Unit::Wan => {
            let padded = format!("{fraction:0<4}");
            (format!("{whole}{}", &padded[..4]), padded[4..].to_owned())
        }
    };
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    };
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn layouts_read_what_they_say_and_nothing_else() {
        let dutch = Layout::parse("DD/MM/YYYY hh:mm").unwrap();
        assert_eq!(
            dutch.apply("3/11/2025 9:05").unwrap(),
            "2025-11-03T09:05:00"
        );
        assert_eq!(dutch.apply("2025-11-03"), None);
        assert_eq!(dutch.apply("3/11/2025 9:05 x"), None);
        let chinese = Layout::parse("YYYY年MM月DD日").unwrap();
        assert_eq!(chinese.apply("2025年1月3日").unwrap(), "2025-01-03");
        assert_eq!(Layout::parse("YYYY年M月D日").unwrap(), chinese);
        for wrong in ["", "YYYY", "YYYY-MM-DD YYYY", "YY-MM-DD", "YYYY-MM-DD mm"] {
            assert_eq!(Layout::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_list_reads_what_one_of_it_reads_and_chooses_between_no_two() {
        let list = ["DD/MM/YYYY", "MM/DD/YYYY", "DD-MM-YYYY hh:mm"];
        let list: Vec<Layout> = list.iter().map(|l| Layout::parse(l).unwrap()).collect();
        let read = |text| by_any(&list, text);
        assert_eq!(read("25/12/2026").as_deref(), Some("2026-12-25"));
        assert_eq!(read("12/25/2026").as_deref(), Some("2026-12-25"));
        assert_eq!(read("02/02/2026").as_deref(), Some("2026-02-02"));
        assert_eq!(read("03/02/2026"), None);
        assert_eq!(
            read("3-2-2026 9:30").as_deref(),
            Some("2026-02-03T09:30:00")
        );
        assert_eq!(read("31/31/2026").as_deref(), Some("2026-31-31"));
        assert_eq!(read("31.1.2026"), None);
    }

    #[test]
    fn units_shift_the_point_exactly() {
        for (text, unit, want) in [
            ("12050", Unit::Fen, "120.5"),
            ("5", Unit::Fen, "0.05"),
            ("-7", Unit::Fen, "-0.07"),
            ("1.5", Unit::Wan, "15000"),
            ("0.00015", Unit::Wan, "1.5"),
            ("many", Unit::Wan, "many"),
            ("1,5", Unit::Fen, "1,5"),
        ] {
            assert_eq!(yuan(text, unit), want, "{text}");
        }
    }
}
