//! Checks on source places that map to no field of ours: presence, length, code set, type. Refuses to
//! know why a source asks for them; the dialect says so.

use super::plan::RequirePlan;
use super::spec::Want;
use time::UtcOffset;
use tongcha_schema::idcheck::{self, IdFault};
use tongcha_schema::short::same;
use tongcha_schema::stamp::{self, StampFault};

/// What is wrong with a source place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing there.
    Missing,
    /// Too many characters.
    TooLong {
        /// Characters found.
        found: usize,
        /// Most characters.
        limit: usize,
    },
    /// Not in the list.
    Code,
    /// No whole number.
    Int,
    /// No amount.
    Money,
    /// No organ's code, or a legacy one.
    Organ(IdFault),
    /// No date or time.
    Stamp(StampFault),
}

/// The fault of a text under a rule, if it has one.
pub(crate) fn fault(rule: &RequirePlan, text: Option<&str>) -> Option<Fault> {
    let Some(text) = text else {
        return rule.needed.then_some(Fault::Missing);
    };
    match &rule.want {
        Want::Text(limit) => {
            // Bytes are never fewer than characters: most texts need no count.
            let found = if text.len() <= *limit {
                0
            } else {
                text.chars().count()
            };
            (found > *limit).then_some(Fault::TooLong {
                found,
                limit: *limit,
            })
        }
        Want::Codes(codes) => {
            let is = |c: &String| same(c.as_bytes(), text.as_bytes());
            (!codes.iter().any(is)).then_some(Fault::Code)
        }
        Want::Int => (!is_int(text)).then_some(Fault::Int),
        Want::Organ => organ(text).err().map(Fault::Organ),
        Want::Money => (!is_money(text)).then_some(Fault::Money),
        Want::Date => stamp::parse_date(text).err().map(Fault::Stamp),
        // The zone moves the instant only, never whether there is one.
        Want::DateTime => stamp::parse(text, UtcOffset::UTC).err().map(Fault::Stamp),
    }
}

/// A legacy code is one with its hyphen too: 12345678-9.
fn organ(text: &str) -> Result<(), IdFault> {
    match idcheck::uscc(text) {
        Err(IdFault::Shape) if idcheck::org_code(&text.replace('-', "")).is_ok() => {
            Err(IdFault::Legacy)
        }
        other => other,
    }
}

fn is_int(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (1..=18).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

fn is_money(text: &str) -> bool {
    let plain = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    (1..=14).contains(&whole.len()) && fraction.len() <= 2 && digits(whole) && digits(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_organs_old_and_new() {
        assert_eq!(organ("12441500196720244T"), Ok(()));
        assert_eq!(organ("12441500196720244t"), Ok(()));
        for legacy in ["19672024-4", "196720244"] {
            let expected = idcheck::org_code(&legacy.replace('-', ""));
            assert_eq!(organ(legacy).is_err(), true, "{legacy}");
            assert_eq!(
                expected.is_ok(),
                organ(legacy) == Err(IdFault::Legacy),
                "{legacy}"
            );
        }
        assert_eq!(organ("00698857-4"), Err(IdFault::Legacy));
        assert_eq!(organ("006988575"), Err(IdFault::Shape));
        assert_eq!(organ("12441500196720244X"), Err(IdFault::Check));
    }

    #[test]
    fn whole_numbers_and_amounts() {
        for good in ["0", "-12", "007", "999999999999999999"] {
            assert!(is_int(good), "{good}");
        }
        for bad in ["", "-", "1.0", "1 000", "9999999999999999999", "一"] {
            assert!(!is_int(bad), "{bad}");
        }
        for good in ["0.00", "-5.5", "12345678901234.00", "7"] {
            assert!(is_money(good), "{good}");
        }
        for bad in ["", ".5", "1.005", "1,200.00", "¥5", "123456789012345"] {
            assert!(!is_money(bad), "{bad}");
        }
    }
}
