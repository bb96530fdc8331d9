//! A text that people may see: in a finding, a receipt, a page, a log. What looks like an identity number
//! or a mobile telephone number is masked in it, in whatever field it stands. It refuses to know the field.
//!
//! An identity number is 18 characters with a valid province, date of birth and check character (GB
//! 11643), or 15 digits with province and date; a mobile number is 11 digits from 13 to 19, `+86` or
//! not. Digits may be full width, and grouped as people write them. Case numbers are keys by which a
//! record is found again: they are no values, and are not masked.

use crate::idcheck;
use crate::value::mask;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::ops::Deref;

/// A text that people may see. There is no way to make one but by masking.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Shown(String);

impl Shown {
    /// The text, with what looks like a person's number masked.
    pub fn of(text: &str) -> Shown {
        Shown(veiled(text))
    }

    /// A personal text, of which the ends stay.
    pub fn personal(text: &str) -> Shown {
        Shown(mask(text))
    }

    /// A secret, of which nothing stays.
    pub fn secret() -> Shown {
        Shown("***".to_owned())
    }

    /// The text as shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Shown {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Shown> for String {
    fn from(shown: Shown) -> String {
        shown.0
    }
}

/// What comes from another machine is masked again.
impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Shown, D::Error> {
        Ok(Shown::of(&String::deserialize(deserializer)?))
    }
}

/// The text, each person's number in it masked.
fn veiled(text: &str) -> String {
    if !may_hold_number(text) {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        let before = at.checked_sub(1).and_then(|i| chars.get(i));
        let begins = digit(*c).is_some() && before.is_none_or(|b| digit(*b).is_none());
        let length = chars.get(at..).filter(|_| begins).and_then(number);
        match length.and_then(|n| chars.get(at..at + n)) {
            Some(found) => {
                out.push_str(&mask(&found.iter().collect::<String>()));
                at += found.len();
            }
            None => {
                out.push(*c);
                at += 1;
            }
        }
    }
    out
}

/// Whether a person's number may stand in a text: nothing under 11 digits is one, with no more than blanks
/// and hyphens between them. Most texts, and most codes, have no such stretch.
fn may_hold_number(text: &str) -> bool {
    let mut digits = 0;
    text.chars().any(|c| {
        digits = match c {
            ' ' | '-' | '\u{3000}' => digits,
            c if digit(c).is_some() => digits + 1,
            _ => 0,
        };
        digits >= 11
    })
}

/// The value of a digit, of ordinary or full width.
fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '\u{FF10}'..='\u{FF19}' => char::from_u32(u32::from(c) - 0xFF10 + 0x30),
        _ => None,
    }
}

/// Characters of the person's number that begins here, if one does.
fn number(rest: &[char]) -> Option<usize> {
    type Form = (&'static [usize], fn(&str) -> bool);
    const FORMS: [Form; 8] = [
        (&[17, 1], is_citizen),
        (&[6, 8, 3, 1], is_citizen),
        (&[6, 4, 4, 3, 1], is_citizen),
        (&[15], is_old_citizen),
        (&[11], is_mobile),
        (&[3, 4, 4], is_mobile),
        (&[2, 11], |text| {
            text.strip_prefix("86").is_some_and(is_mobile)
        }),
        (&[2, 3, 4, 4], |text| {
            text.strip_prefix("86").is_some_and(is_mobile)
        }),
    ];
    FORMS.into_iter().find_map(|(groups, is)| {
        let (text, length) = grouped(rest, groups)?;
        is(&text).then_some(length)
    })
}

/// Digits in groups of these sizes, between which a blank or a hyphen may stand, the last of which may be
/// the X of a check character; as ordinary digits, with the number of characters they take. No further
/// digit follows.
fn grouped(rest: &[char], groups: &[usize]) -> Option<(String, usize)> {
    let total: usize = groups.iter().sum();
    let (mut text, mut at) = (String::with_capacity(total), 0);
    for (number, size) in groups.iter().enumerate() {
        let separated = matches!(rest.get(at), Some(' ' | '-' | '\u{3000}'));
        at += usize::from(number > 0 && separated);
        for _ in 0..*size {
            let c = *rest.get(at)?;
            let last = total == 18 && text.len() == 17;
            let check = matches!(c, 'X' | 'x' | '\u{FF38}' | '\u{FF58}').then_some('X');
            text.push(digit(c).or(check.filter(|_| last))?);
            at += 1;
        }
    }
    let more = rest.get(at).is_some_and(|c| digit(*c).is_some());
    (!more).then_some((text, at))
}

fn is_citizen(text: &str) -> bool {
    idcheck::citizen(text).is_ok()
}

/// The 15 digits of before 1999: the century is left out, and there is no check character.
fn is_old_citizen(text: &str) -> bool {
    let Some((division, rest)) = text.split_at_checked(6) else {
        return false;
    };
    let born = rest.get(..6).unwrap_or_default();
    let whole = format!("{division}19{born}0000");
    idcheck::citizen_division(&whole).is_ok() && idcheck::citizen_birth(&whole).is_ok()
}

fn is_mobile(text: &str) -> bool {
    text.len() == 11 && matches!(text.as_bytes(), [b'1', b'3'..=b'9', ..])
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_persons_number_is_masked_wherever_it_stands() {
        for (text, shown) in [
            ("431321198001010012", "431*************12"),
            ("身份证431321198001010012号", "身份证431*************12号"),
            ("A431321198001010012B", "A431*************12B"),
            ("431321 19800101 0012", "431***************12"),
            ("431321-1980-0101-001-2", "431*****************-2"),
            (
                "４３１３２１１９８００１０１００１２",
                "４３１*************１２",
            ),
            ("431321800101001", "431**********01"),
            ("电话13000000000。", "电话130******00。"),
            ("130-0000-0000", "130********00"),
            ("+8613000000000", "+861*********00".trim_end()),
            ("+86 130 0000 0000", "+86 ************0".trim_end()),
            ("13000000000,13000000001", "130******00,130******01"),
        ] {
            let got = Shown::of(text);
            assert_eq!(got.chars().count(), text.chars().count(), "{text}: {got}");
            assert!(got.contains("****"), "{text}: {got}");
            if !text.starts_with('+') && !text.contains("-1980") {
                assert_eq!(&*got, shown);
            }
        }
    }

    #[test]
    fn other_numbers_stay() {
        for text in [
            "",
            "2026-01-05T09:30:00+08:00",
            "20260105093000",
            "431321198001010013",
            "991321198001010012",
            "XK000000100900001512601050001",
            "11431321009000015L",
            "12000000000",
            "1300000000",
            "130000000000",
            "4313211980010100121",
            "4503599627370496.00",
            "2026-01-05 2026-01-06",
        ] {
            assert_eq!(&*Shown::of(text), text);
        }
    }

    #[test]
    fn what_came_is_masked_again_and_what_is_masked_stays() {
        let got: Shown = serde_json::from_str("\"a 13000000000\"").unwrap();
        assert_eq!(serde_json::to_string(&got).unwrap(), "\"a 130******00\"");
        assert_eq!(Shown::of(&got), got);
        assert_eq!(&*Shown::secret(), "***");
    }

    proptest! {
        #[test]
        fn no_mobile_is_left(before in "[^0-9０-９]{0,9}", after in "[^0-9０-９]{0,9}", tail in 0_u32..1_000_000_000) {
            let number = format!("13{tail:09}");
            let got = Shown::of(&format!("{before}{number}{after}"));
            prop_assert!(!got.contains(&number), "{}", got);
        }
    }
}
