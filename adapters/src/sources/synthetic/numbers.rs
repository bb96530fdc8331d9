//! Dice, made-up numbers (valid by their check characters, assigned to nobody) and the texts of instants.

use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tongcha_schema::clock::CHINA;

/// `2026-01-05T09:00:00+08:00`.
pub(super) fn iso(at: OffsetDateTime) -> String {
    let at = at.to_offset(CHINA);
    let (y, mo, d) = (at.year(), u8::from(at.month()), at.day());
    let (h, mi, s) = (at.hour(), at.minute(), at.second());
    format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}+08:00")
}

/// `20260105090000`.
pub(super) fn compact(at: OffsetDateTime) -> String {
    iso(at)
        .chars()
        .filter(char::is_ascii_digit)
        .take(14)
        .collect()
}

/// Repeatable dice: a stream of hashes of a text.
pub(super) struct Dice {
    text: String,
    thrown: u64,
}

impl Dice {
    pub fn new(text: &str) -> Dice {
        Dice {
            text: text.to_owned(),
            thrown: 0,
        }
    }

    /// A number in `0..limit`; 0 where the limit is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.thrown += 1;
        let digest = Sha256::digest(format!("{}#{}", self.text, self.thrown));
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&digest[..8]);
        u64::from_be_bytes(bytes).checked_rem(limit).unwrap_or(0)
    }

    /// True in so many of a hundred throws.
    pub fn percent(&mut self, of_hundred: u64) -> bool {
        self.below(100) < of_hundred
    }

    pub fn minutes(&mut self, from: i64, to: i64) -> time::Duration {
        let span = u64::try_from(to - from).unwrap_or(0);
        time::Duration::minutes(from + i64::try_from(self.below(span + 1)).unwrap_or(0))
    }
}

/// Organisation code of eight digits and their check character (GB 11714).
fn org_code(number: u64) -> String {
    let digits = format!("{:08}", number % 100_000_000);
    let weights = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits
        .bytes()
        .zip(weights)
        .map(|(d, w)| u32::from(d - b'0') * w)
        .sum();
    let check = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        n => char::from(b'0' + u8::try_from(n).unwrap_or(0)),
    };
    format!("{digits}{check}")
}

/// Social credit code (GB 32100): kind of two characters, division, organisation code, check.
pub(super) fn social_credit_code(kind: &str, region: &str, number: u64) -> String {
    const SET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("{kind}{region}{}", org_code(number));
    let mut weight = 1;
    let mut sum = 0;
    for byte in body.bytes() {
        let value = SET.iter().position(|c| *c == byte).unwrap_or(0);
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    let check = SET[(31 - sum % 31) % 31];
    format!("{body}{}", char::from(check))
}

/// Citizen number (GB 11643) of the sequence 000, which is given to nobody.
pub(super) fn citizen_number(region: &str, birth: &str) -> String {
    let body = format!("{region}{birth}000");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: usize = body
        .bytes()
        .zip(weights)
        .map(|(d, w)| usize::from(d - b'0') * w)
        .sum();
    format!("{body}{}", char::from(b"10X98765432"[sum % 11]))
}

/// A number of eleven digits that no network gives out: mobiles begin with 13 to 19.
pub(super) fn mobile(dice: &mut Dice) -> String {
    format!("100{:08}", dice.below(100_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongcha_schema::idcheck;

    #[test]
    fn made_up_numbers_pass_their_checks() {
        for n in 0..500 {
            let code = social_credit_code("91", "431321", 10_000_000 + n * 7_919);
            assert_eq!(idcheck::uscc(&code), Ok(()), "{code}");
            let birth = format!("19{:02}0{}1{}", 50 + n % 50, 1 + n % 9, n % 10);
            let citizen = citizen_number("431321", &birth);
            assert_eq!(idcheck::citizen(&citizen), Ok(()), "{citizen}");
        }
    }

    #[test]
    fn dice_repeat_themselves_and_spread() {
        let throw = |text: &str| {
            let mut dice = Dice::new(text);
            (0..50).map(|_| dice.below(1_000)).collect::<Vec<_>>()
        };
        assert_eq!(throw("a"), throw("a"));
        assert_ne!(throw("a"), throw("b"));
        assert!(throw("a").iter().any(|n| *n > 800) && throw("a").iter().any(|n| *n < 200));
    }
}
