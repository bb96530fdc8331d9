//! What a rule is: a code, its ground, and a function that says *when* its colour begins. Refuses
//! to know the present instant; `docket.rs` alone compares a beginning with now.

use crate::calendar::{Calendar, CalendarGap};
use crate::card::{Bilingual, Card, Colour, Evidence, RuleId};
use crate::profile::{Profile, RuleSettings};
use crate::scene::Scene;
use crate::terms::Terms;
use crate::timeline::Timeline;
use time::{Date, OffsetDateTime};
use tongcha_schema::record::Record;

/// The five types of supervision (seed article 7, DOMAIN 4.3), and the ones added to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 时限监察: time limits.
    Time,
    /// 逻辑(过程)监察: logic and process.
    Process,
    /// 收费监察: fees.
    Fee,
    /// 异常监察: anomalies.
    Anomaly,
    /// 数据监察: completeness of the 14 elements.
    Data,
}

impl Kind {
    /// Chinese and English name.
    pub fn title(self) -> (&'static str, &'static str) {
        match self {
            Kind::Time => ("时限", "time limit"),
            Kind::Process => ("逻辑", "process"),
            Kind::Fee => ("收费", "fee"),
            Kind::Anomaly => ("异常", "anomaly"),
            Kind::Data => ("数据", "data"),
        }
    }
}

/// A rule as shipped. What a region may change (on or off, colour, numbers) stands in its profile.
#[derive(Debug)]
pub struct Rule {
    /// Code, e.g. `T-02`.
    pub code: &'static str,
    /// Version of its logic; recorded on the card, no part of its identity.
    pub version: u32,
    /// Type of supervision.
    pub kind: Kind,
    /// Chinese and English name.
    pub title: (&'static str, &'static str),
    /// What triggers it, in Chinese and English.
    pub trigger: (&'static str, &'static str),
    /// The law, regulation or published rule that it rests on, in Chinese and English.
    pub ground: (&'static str, &'static str),
    /// Colour unless the profile says otherwise.
    pub colour: Colour,
    /// Rung on the incident's ladder: reminder 0, card 1, escalated card 2.
    pub rung: u8,
    /// The incident whose ladder it stands on; rules with one name share one incident per
    /// occurrence.
    pub incident: &'static str,
    /// The rule whose standing card it is built on, if any.
    pub built_on: Option<&'static str>,
    /// The card ends with its cause (a reminder, a missing element), and begins again with it.
    pub ends_with_cause: bool,
    /// When its colour begins, given everything but the present instant.
    pub begins: fn(&Case<'_>) -> Verdict,
}

impl Rule {
    /// Its id.
    pub const fn id(&self) -> RuleId {
        RuleId::of(self.code)
    }
}

/// What a rule may look at.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The facts, absences and fault windows.
    pub scene: &'a Scene<'a>,
    /// The facts in order, and those in force.
    pub timeline: &'a Timeline<'a>,
    /// Acceptance, conclusion, clocks.
    pub terms: &'a Terms<'a>,
    /// The region's numbers.
    pub profile: &'a Profile,
    /// The region's numbers for this rule.
    pub settings: &'a RuleSettings,
    /// Working days.
    pub calendar: &'a Calendar,
    /// The case's cards as they stand after the rules before this one.
    pub cards: &'a [Card],
}

impl Case<'_> {
    /// The day from which an absence is counted and the last day of grace for it: grace runs from the
    /// event, or from the first arrival of the record that tells of it, whichever is later. A late or
    /// historic delivery has its day of grace like any other.
    pub fn grace(&self, event: Date, told_by: &Record) -> (Date, Date) {
        let arrived = self.timeline.first_arrival(told_by);
        let from = event.max(arrived.to_offset(self.terms.zone).date());
        (from, self.calendar.add(from, self.profile.grace_days))
    }

    /// A standing card of a rule.
    pub fn standing(&self, code: &str) -> Option<&Card> {
        self.cards
            .iter()
            .find(|c| c.rule.as_str() == code && c.is_open())
    }
}

/// What a rule says about a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Judged; the beginnings of its colour, past or to come, if any.
    Judged(Vec<Onset>),
    /// Not judged: the facts that it needs are declared absent by the case's sources.
    NotJudged,
}

impl Verdict {
    /// Judged, and nothing to say.
    pub const QUIET: Verdict = Verdict::Judged(Vec::new());
}

/// The beginning of a colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Onset {
    /// Occurrence within the case: empty, or a step, fee row or element.
    pub occurrence: String,
    /// First instant of the colour.
    pub begins: OffsetDateTime,
    /// End of the colour, exclusive (a reminder ends when the due day is over).
    pub until: Option<OffsetDateTime>,
    /// The facts that make it; see [`Card::basis`].
    pub basis: String,
    /// A year without calendar data in which its day lies or through which it was counted: then no card
    /// is issued, and the case is held as "calendar missing".
    pub gap: Option<CalendarGap>,
    /// It rests on silence (no conclusion, no end of a step, a missing record): an exchange fault
    /// inhibits it. What a record states is never silence.
    pub silence: bool,
    /// The arithmetic.
    pub lines: Vec<Bilingual>,
    /// The records it rests on.
    pub evidence: Vec<Evidence>,
}
