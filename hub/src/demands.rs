//! What a hub demands of a node besides a key that fits: a suite of algorithms, encrypted envelopes, a last
//! day. Refuses to look at anything but the head.

use crate::store::row::Row;
use time::macros::format_description;
use time::{Date, OffsetDateTime};
use tongcha_schema::clock::CHINA;
use tongcha_schema::code::transport;
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::seal::{Secrecy, Suite};

/// What is demanded of one node; nothing by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demands {
    /// The suite of its key, and of its encryption where it encrypts.
    pub suite: Option<Suite>,
    /// Whether every envelope must be encrypted.
    pub encrypted: bool,
}

impl Demands {
    /// From the columns `suite` and `encrypted` of a row.
    pub(crate) fn of(row: &Row, suite: usize, encrypted: usize) -> Demands {
        Demands {
            suite: Suite::parse(row.text(suite)),
            encrypted: row.int(encrypted) != 0,
        }
    }

    /// The name of the suite, or empty.
    pub fn suite_name(&self) -> &'static str {
        self.suite.map_or("", Suite::name)
    }

    /// 1 where encryption is demanded, as the tables keep it.
    pub(crate) fn encrypted_flag(&self) -> i64 {
        i64::from(self.encrypted)
    }

    /// The fault of a head whose secrecy is not what is demanded.
    pub fn fault(&self, secrecy: Option<&Secrecy>) -> Option<Finding> {
        let found = match secrecy {
            None if self.encrypted => ("未加密", "not encrypted"),
            Some(secrecy) if self.suite.is_some() && secrecy.family() != self.suite => {
                (secrecy.suite.as_str(), secrecy.suite.as_str())
            }
            _ => return None,
        };
        let wanted = match self.suite {
            None => ("加密", "encryption"),
            Some(Suite::Ed25519) => ("X25519/AES-256-GCM加密", "X25519 with AES-256-GCM"),
            Some(Suite::Sm2) => ("国密SM2/SM4加密", "SM2 with SM4-GCM"),
        };
        let finding = Finding::new(transport::NOT_AS_DEMANDED, Place::default());
        let finding = finding
            .with("wanted_zh", wanted.0)
            .with("wanted_en", wanted.1);
        Some(finding.with("found_zh", found.0).with("found_en", found.1))
    }
}

/// The end of a day `YYYY-MM-DD` in China: from then on a key whose last day it was is not taken. `None`
/// where it is no date.
pub fn end_of_day(day: &str) -> Option<OffsetDateTime> {
    let date = Date::parse(day, format_description!("[year]-[month]-[day]")).ok()?;
    Some(date.next_day()?.midnight().assume_offset(CHINA))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    fn secrecy(suite: &str) -> Secrecy {
        Secrecy {
            suite: suite.to_owned(),
            to: String::new(),
            key: String::new(),
        }
    }

    #[test]
    fn an_envelope_is_as_demanded_or_it_is_said_what_is_missing() {
        let (aes, sm4) = (secrecy("x25519-aes256gcm"), secrecy("sm2-sm4gcm"));
        let table = [
            (None, false, [true, true, true]),
            (None, true, [false, true, true]),
            (Some(Suite::Sm2), false, [true, false, true]),
            (Some(Suite::Sm2), true, [false, false, true]),
            (Some(Suite::Ed25519), true, [false, true, false]),
        ];
        for (suite, encrypted, good) in table {
            let demands = Demands { suite, encrypted };
            let found = [None, Some(&aes), Some(&sm4)].map(|s| demands.fault(s).is_none());
            assert_eq!(found, good, "{demands:?}");
        }
        let demands = Demands {
            suite: Some(Suite::Sm2),
            encrypted: true,
        };
        let told = demands.fault(None).unwrap();
        assert!(told.cause_zh().contains("国密SM2/SM4加密") && told.cause_zh().contains("未加密"));
    }

    #[test]
    fn the_last_day_is_whole() {
        let end = end_of_day("2026-12-31").unwrap();
        assert_eq!(end, time::macros::datetime!(2027-01-01 0:00 +8));
        assert!(end_of_day("2026-02-30").is_none() && end_of_day("soon").is_none());
    }
}
