//! A card (监察牌): its identity, colour, arithmetic and life. Refuses to decide when one begins (the
//! rules) or whether it stands (`docket.rs`).

use crate::calendar::Calendar;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt;
use time::OffsetDateTime;
use tongcha_schema::element::ElementId;
use tongcha_schema::record::{Record, Version};

/// Code of a rule, e.g. `T-02`; fits 监察规则编号 (20 characters, GB/T 39046 Table 11).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleId(pub Cow<'static, str>);

impl RuleId {
    /// The id of a shipped rule.
    pub const fn of(code: &'static str) -> RuleId {
        RuleId(Cow::Borrowed(code))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Colour of a card, in rising gravity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// 数据缺失: an element is missing; it counts for data completeness, not as a card of conduct.
    Fault,
    /// 预警: a reminder.
    Warn,
    /// 黄牌.
    Yellow,
    /// 红牌.
    Red,
}

impl Colour {
    /// `fault`, `warn`, `yellow` or `red`.
    pub fn name(self) -> &'static str {
        match self {
            Colour::Fault => "fault",
            Colour::Warn => "warn",
            Colour::Yellow => "yellow",
            Colour::Red => "red",
        }
    }

    /// Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            Colour::Fault => "数据缺失",
            Colour::Warn => "预警",
            Colour::Yellow => "黄牌",
            Colour::Red => "红牌",
        }
    }

    /// 监察预警类型代码 (n1, GB/T 39046 Table 11; the standard lists no codes, these are ours).
    pub fn code(self) -> char {
        match self {
            Colour::Warn => '1',
            Colour::Yellow => '2',
            Colour::Red => '3',
            Colour::Fault => '9',
        }
    }

    /// Reads [`Colour::name`].
    pub fn parse(text: &str) -> Option<Colour> {
        [Self::Fault, Self::Warn, Self::Yellow, Self::Red]
            .into_iter()
            .find(|c| c.name() == text)
    }
}

/// Whom a card is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// One case.
    Case {
        /// Numbering space.
        space: String,
        /// Case number.
        case_no: String,
    },
    /// One organ, by its code.
    Organ {
        /// Unified social credit code.
        code: String,
    },
    /// One complaint, by its number.
    Complaint {
        /// Complaint number.
        no: String,
    },
}

impl Subject {
    /// Text that enters the identity: kind and parts, divided by an unprintable character.
    fn key(&self) -> String {
        match self {
            Subject::Case { space, case_no } => format!("case\u{1f}{space}\u{1f}{case_no}"),
            Subject::Organ { code } => format!("organ\u{1f}{code}"),
            Subject::Complaint { no } => format!("complaint\u{1f}{no}"),
        }
    }
}

/// 监察编号: deterministic, at most 20 characters of `A-Z 0-9 -`, e.g. `T02-9M4KQ0Z1B6T7RXWD`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CardId(pub String);

impl CardId {
    /// The identity of subject + rule + occurrence + rung (WORDS, "Cards"): the rule's letters and
    /// digits (at most 3), then 80 bits of SHA-256 in base 32. The rule's version is no part of it.
    pub fn of(subject: &Subject, rule: &RuleId, occurrence: &str, rung: u8) -> CardId {
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let text = format!(
            "{}\u{1e}{rule}\u{1e}{occurrence}\u{1e}{rung}",
            subject.key()
        );
        let digest = Sha256::digest(text.as_bytes());
        let bits = digest[..10]
            .iter()
            .fold(0u128, |acc, b| acc << 8 | u128::from(*b));
        let mut id: String = rule
            .as_str()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(3)
            .collect();
        id.push('-');
        for place in (0..16).rev() {
            let five = usize::try_from(bits >> (place * 5) & 31).unwrap_or(0);
            id.push(char::from(ALPHABET[five]));
        }
        CardId(id)
    }
}

impl fmt::Display for CardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One line of arithmetic for a clerk, in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bilingual {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// A line.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Bilingual {
        Bilingual {
            zh: zh.into(),
            en: en.into(),
        }
    }
}

/// The record that a card rests on: enough to open it and its raw bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Originating node.
    pub source: String,
    /// Element.
    pub element: ElementId,
    /// Sequence number in element and case.
    pub seq: i64,
    /// Version.
    pub version: i64,
    /// Envelope that brought it.
    pub envelope: String,
    /// Item in the envelope, 0-based.
    pub item: u32,
    /// Record in the item, 1-based.
    pub record: u32,
    /// Line in the item, 1-based.
    pub line: u32,
}

impl Evidence {
    /// Points to a record.
    pub fn of(record: &Record) -> Evidence {
        Evidence {
            source: record.head.source.to_string(),
            element: record.element,
            seq: record.seq,
            version: version_number(record),
            envelope: record.head.envelope.to_string(),
            item: record.head.item,
            record: record.number,
            line: record.line,
        }
    }
}

/// The record's version as a number; 0 where ingest has not numbered it yet.
pub fn version_number(record: &Record) -> i64 {
    match record.version {
        Version::Given(number) => number,
        Version::Arrival => 0,
    }
}

/// Why a card was lifted by the judge itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LiftReason {
    /// 误报: a first-ever record that arrived late proves that there was no cause.
    FalseAlarm,
    /// The cause has ended: a reminder after conclusion, a missing element that arrived.
    Settled,
    /// The card on which it was built no longer stands (a red whose yellow was withdrawn).
    GroundGone,
    /// The profile in force no longer judges its rule.
    RuleOff,
    /// The case's sources have declared absent what its rule needs: it can no longer be judged.
    NotJudged,
    /// Its due day lies in, or was counted through, a year without calendar data.
    NoCalendar,
}

impl LiftReason {
    /// Chinese and English name.
    pub fn title(self) -> (&'static str, &'static str) {
        match self {
            LiftReason::FalseAlarm => ("误报解除", "false alarm"),
            LiftReason::Settled => ("事由消除", "settled"),
            LiftReason::GroundGone => ("前牌已撤", "ground gone"),
            LiftReason::RuleOff => ("规则已停用", "the rule is switched off"),
            LiftReason::NotJudged => (
                "来源声明不提供所需数据，不再研判",
                "no longer judged: the source declares the facts absent",
            ),
            LiftReason::NoCalendar => ("缺少年历", "calendar missing"),
        }
    }
}

/// The life of a card. It is never deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum CardState {
    /// It stands.
    Open,
    /// Lifted by the judge.
    Lifted {
        /// When.
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
        /// Why.
        reason: LiftReason,
    },
    /// Withdrawn by an approved appeal (申诉).
    Withdrawn {
        /// When.
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
        /// The reason that the appeal's decision gives.
        reason: String,
    },
}

impl CardState {
    /// `open`, `lifted` or `withdrawn`.
    pub fn name(&self) -> &'static str {
        match self {
            CardState::Open => "open",
            CardState::Lifted { .. } => "lifted",
            CardState::Withdrawn { .. } => "withdrawn",
        }
    }
}

/// A card as issued. JSON with RFC 3339 times is its stored and travelling form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Identity.
    pub id: CardId,
    /// Whom it is about.
    pub subject: Subject,
    /// The rule.
    pub rule: RuleId,
    /// The rule's version when issued; no part of the identity.
    pub rule_version: u32,
    /// Occurrence within the subject: empty, or a step, fee row, element, month, round.
    pub occurrence: String,
    /// Rung of the incident's ladder, 0 lowest: reminder 0, card 1, escalated card 2.
    pub rung: u8,
    /// Colour.
    pub colour: Colour,
    /// The incident within the subject; one incident scores its highest card only.
    pub incident: String,
    /// The facts that made it, e.g. `due=2012-01-20`: a withdrawn card is not raised again on them.
    pub basis: String,
    /// When its colour began.
    #[serde(with = "time::serde::rfc3339")]
    pub begins_at: OffsetDateTime,
    /// When it was issued (发出), in the source's zone.
    #[serde(with = "time::serde::rfc3339")]
    pub issued_at: OffsetDateTime,
    /// Organ code; empty where the source supplies none.
    pub organ_code: String,
    /// Organ name; empty where unknown.
    pub organ_name: String,
    /// Item name; empty where unknown.
    pub item_name: String,
    /// Item type code (GB/T 39046 A.1); empty where unknown.
    pub item_type: String,
    /// Name and edition of the profile that was in force, e.g. `huating/1`.
    pub profile: String,
    /// Version of the working-day calendar that was in force ([`Calendar::version`]); empty on a card of
    /// an edition that did not record it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub calendar: String,
    /// When the last of the records that it rests on arrived: before, nobody could issue it. `None` on a
    /// card of an edition that did not record it.
    #[serde(
        default,
        with = "time::serde::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub known_at: Option<OffsetDateTime>,
    /// The arithmetic, line by line.
    pub lines: Vec<Bilingual>,
    /// The records it rests on.
    pub evidence: Vec<Evidence>,
    /// Its life.
    #[serde(flatten)]
    pub state: CardState,
}

impl Card {
    /// Whether it stands.
    pub fn is_open(&self) -> bool {
        self.state == CardState::Open
    }

    /// The case it is about, `(space, case number)`.
    pub fn case(&self) -> Option<(&str, &str)> {
        match &self.subject {
            Subject::Case { space, case_no } => Some((space, case_no)),
            Subject::Organ { .. } | Subject::Complaint { .. } => None,
        }
    }

    /// What its scores are gathered by: the organ's code, its name where it has none, else empty.
    pub fn organ_key(&self) -> &str {
        if self.organ_code.is_empty() {
            &self.organ_name
        } else {
            &self.organ_code
        }
    }

    /// Whether the supervisor was late: issued more than one working day after the colour had begun and
    /// the records that show it were there (WORDS, "Cards"; seed rule of Huating). What arrives years
    /// later is judged on its own dates, and nobody was late with it.
    pub fn issued_late(&self, calendar: &Calendar) -> bool {
        let issued = self.issued_at.date();
        let could = self
            .known_at
            .map_or(self.begins_at, |known| known.max(self.begins_at));
        let began = could.to_offset(self.issued_at.offset()).date();
        calendar.working_between(began, issued) > 1
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use time::macros::datetime;

    fn case(no: &str) -> Subject {
        Subject::Case {
            space: "cn".into(),
            case_no: no.into(),
        }
    }

    fn card() -> Card {
        let subject = case("A-1");
        let rule = RuleId::of("T-02");
        Card {
            id: CardId::of(&subject, &rule, "", 1),
            subject,
            rule,
            rule_version: 1,
            occurrence: String::new(),
            rung: 1,
            colour: Colour::Yellow,
            incident: "deadline".into(),
            basis: "due=2024-02-18".into(),
            begins_at: datetime!(2024-02-19 0:00 +8),
            issued_at: datetime!(2024-02-19 9:00 +8),
            organ_code: String::new(),
            organ_name: String::new(),
            item_name: String::new(),
            item_type: String::new(),
            profile: "huating/1".into(),
            calendar: String::new(),
            known_at: None,
            lines: vec![Bilingual::new("到期日", "due date")],
            evidence: Vec::new(),
            state: CardState::Open,
        }
    }

    #[test]
    fn the_identity_is_fixed_short_and_touches_every_part() {
        let rule = RuleId::of("T-02");
        let id = CardId::of(&case("A-1"), &rule, "", 1);
        assert_eq!(
            id.0, "T02-EP28HEJJQB319FN1",
            "an issued number never changes"
        );
        assert_eq!(id.0.len(), 20);
        let others = [
            CardId::of(&case("A-2"), &rule, "", 1),
            CardId::of(&case("A-1"), &RuleId::of("T-03"), "", 1),
            CardId::of(&case("A-1"), &rule, "step", 1),
            CardId::of(&case("A-1"), &rule, "", 2),
            CardId::of(&Subject::Organ { code: "A-1".into() }, &rule, "", 1),
        ];
        for other in others {
            assert_ne!(other, id);
        }
    }

    #[test]
    fn a_card_reads_back_from_json_in_every_state() {
        let mut card = card();
        let at = datetime!(2024-02-20 9:00 +8);
        let states = [
            CardState::Open,
            CardState::Lifted {
                at,
                reason: LiftReason::FalseAlarm,
            },
            CardState::Withdrawn {
                at,
                reason: "申诉成立".into(),
            },
        ];
        for state in states {
            card.state = state;
            let json = serde_json::to_string(&card).unwrap();
            assert!(
                json.contains("\"issued_at\":\"2024-02-19T09:00:00+08:00\""),
                "{json}"
            );
            assert_eq!(serde_json::from_str::<Card>(&json).unwrap(), card);
        }
    }

    #[test]
    fn issuing_later_than_one_working_day_is_the_supervisors_lateness() {
        let calendar = Calendar::cn().unwrap();
        let mut card = card();
        assert!(!card.issued_late(&calendar));
        card.issued_at = datetime!(2024-02-20 23:00 +8);
        assert!(!card.issued_late(&calendar));
        card.issued_at = datetime!(2024-02-21 0:00 +8);
        assert!(card.issued_late(&calendar));
        card.known_at = Some(datetime!(2024-02-20 23:59 +8));
        assert!(
            !card.issued_late(&calendar),
            "its records came the day before"
        );
        card.known_at = Some(datetime!(2024-02-19 0:00 +8));
        assert!(card.issued_late(&calendar));
    }
}
