//! The story of one case: when what happens, and which records its department then reports. Office
//! days are Monday to Friday: the departments' own arithmetic, the hub's calendar knows better.

mod records;

use super::numbers::{Dice, citizen_number, mobile, social_credit_code};
use super::numbers::{compact, iso};
use super::{Department, Matter, REGION};
use time::{Date, Duration, OffsetDateTime, Time, Weekday};
use tongcha_schema::clock::CHINA;

/// How a case ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    OnTime,
    Refused,
    Late,
    /// Never concluded.
    Stuck,
    /// On time, after materials were asked for.
    Corrected,
    /// On time, after an expert review that stops the clock.
    Special,
}

/// What is wrong with the report of a case; it is put right the next office day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// Check character of the organ's code.
    OrganCode,
    /// A code that no list has.
    UnknownCode,
    /// No mobile number.
    NoMobile,
    /// 30 February.
    NoSuchDay,
    /// Accepted before applied for.
    Order,
    /// The document breaks off.
    Truncated,
    /// The document has a DTD.
    Dtd,
}

impl Fate {
    fn thrown(dice: &mut Dice) -> Fate {
        match dice.below(100) {
            0..70 => Fate::OnTime,
            70..76 => Fate::Refused,
            76..84 => Fate::Late,
            84..91 => Fate::Stuck,
            91..96 => Fate::Corrected,
            _ => Fate::Special,
        }
    }
}

impl Fault {
    /// Two cases in a hundred have one.
    fn thrown(dice: &mut Dice) -> Fault {
        match dice.below(350) {
            0 => Fault::OrganCode,
            1 => Fault::UnknownCode,
            2 => Fault::NoMobile,
            3 => Fault::NoSuchDay,
            4 => Fault::Order,
            5 => Fault::Truncated,
            6 => Fault::Dtd,
            _ => Fault::None,
        }
    }
}

/// How a document as a whole is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Damage {
    /// It breaks off before its end.
    Truncated,
    /// It has a document type declaration.
    Dtd,
}

/// One record as the department reports it: field names of the spec and their texts.
#[derive(Clone, Debug)]
pub(super) struct ReportedRecord {
    /// Node name of the element.
    pub node: &'static str,
    pub seq: u32,
    pub version: u32,
    /// Reason of a declared none; then there are no fields.
    pub none: Option<&'static str>,
    pub fields: Vec<(&'static str, String)>,
}

/// Records of one case that are reported at one instant.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub at: OffsetDateTime,
    pub case_no: String,
    pub bus_no: String,
    pub reports: Vec<ReportedRecord>,
    pub damage: Option<Damage>,
}

/// Whether the departments work on the day.
pub(super) fn is_office_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn office_days_after(mut day: Date, days: u32) -> Date {
    let mut left = days;
    while left > 0 {
        day += Duration::DAY;
        if is_office_day(day) {
            left -= 1;
        }
    }
    day
}

fn at(day: Date, since_nine: Duration) -> OffsetDateTime {
    day.with_time(Time::MIDNIGHT).assume_offset(CHINA) + Duration::hours(9) + since_nine
}

/// A case with everything that is fixed from its beginning.
pub(super) struct Plot<'a> {
    of: &'a Department,
    matter: &'a Matter,
    fate: Fate,
    fault: Fault,
    case_no: String,
    bus_no: String,
    apply: OffsetDateTime,
    accept: OffsetDateTime,
    /// Ends of the steps 承办, 审核, 批准.
    ends: [OffsetDateTime; 3],
    promised: Date,
    delivered: Option<OffsetDateTime>,
    evaluated: bool,
    /// Kind, name, type and number of the document, legal representative.
    applicant: (&'static str, String, &'static str, String, Option<String>),
    mobile: String,
    number: u64,
}

impl<'a> Plot<'a> {
    /// The case of that number of the department's day. `before` the demo's own time, the first one
    /// is late or stuck with the shortest promise: soon there is a card.
    pub fn new(
        of: &'a Department,
        day: Date,
        number: u64,
        before: bool,
        dice: &mut Dice,
    ) -> Plot<'a> {
        let chosen = usize::try_from(dice.below(of.matters.len() as u64)).unwrap_or(0);
        let mut matter = &of.matters[chosen];
        let mut fate = Fate::thrown(dice);
        let mut fault = Fault::thrown(dice);
        if before && number == 1 {
            matter = of
                .matters
                .iter()
                .min_by_key(|s| s.promise_days)
                .unwrap_or(matter);
            let odd = day.ordinal() % 2 == 1;
            fate = if odd { Fate::Late } else { Fate::Stuck };
            fault = Fault::None;
        }
        let apply = at(day, dice.minutes(0, 300));
        let accept = apply + dice.minutes(20, 120);
        let promised = office_days_after(day, matter.promise_days);
        let last = match fate {
            Fate::Late => {
                office_days_after(promised, 1 + u32::try_from(dice.below(5)).unwrap_or(0))
            }
            _ => {
                let most = u64::from(matter.promise_days);
                office_days_after(day, u32::try_from(1 + dice.below(most)).unwrap_or(1))
            }
        };
        let last = at(last, dice.minutes(120, 420));
        let first = (accept + dice.minutes(30, 90)).min(last - Duration::hours(2));
        let first = first.max(accept + Duration::minutes(5));
        let second = first + (last - first) / 2;
        let applicant = applicant(dice);
        Plot {
            of,
            matter,
            fate,
            fault,
            case_no: format!(
                "{}4{}{}{number:04}",
                of.org_code,
                matter.code,
                &compact(apply)[..8]
            ),
            bus_no: format!("YW{}{number:04}", &compact(apply)[..8]),
            apply,
            accept,
            ends: [first, second, last],
            promised,
            delivered: dice
                .percent(80)
                .then(|| last + Duration::days(1) + dice.minutes(0, 3_000)),
            evaluated: dice.percent(50),
            applicant,
            mobile: mobile(dice),
            number,
        }
    }

    /// What the department reports, in order of time.
    pub fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        let opening = self.opening();
        let reported = self.accept + Duration::minutes(10);
        let amended = reported + Duration::DAY;
        match self.fault {
            Fault::None => events.push(self.event(reported, opening)),
            Fault::Truncated | Fault::Dtd => {
                let mut broken = self.event(reported, opening.clone());
                broken.damage = Some(match self.fault {
                    Fault::Dtd => Damage::Dtd,
                    _ => Damage::Truncated,
                });
                events.push(broken);
                events.push(self.event(amended, opening));
            }
            _ => {
                let mut wrong = opening.clone();
                self.spoil(&mut wrong);
                events.push(self.event(reported, wrong));
                let amend = |mut r: ReportedRecord| {
                    r.version = 2;
                    r
                };
                events.push(self.event(amended, opening.into_iter().map(amend).collect()));
            }
        }
        self.tell_steps(&mut events);
        events
    }

    fn tell_steps(&self, events: &mut Vec<Event>) {
        let minute = Duration::minutes(2);
        let mut first = vec![self.step(1)];
        let [_, middle, last] = self.ends;
        match self.fate {
            Fate::Corrected => first.extend(self.correction()),
            Fate::Special => first.extend(self.special()),
            _ => {}
        }
        events.push(self.event(self.ends[0] + minute, first));
        if self.fate == Fate::Stuck {
            return;
        }
        events.push(self.event(middle + minute, vec![self.step(2)]));
        let mut closing = vec![self.step(3), self.fee(last), self.conclusion(last)];
        closing.push(self.result_doc(last));
        events.push(self.event(last + minute, closing));
        let Some(delivered) = self.delivered.filter(|_| self.fate != Fate::Refused) else {
            return;
        };
        let mut after = vec![self.delivery(delivered)];
        if self.evaluated {
            after.push(self.evaluation(delivered));
        }
        events.push(self.event(delivered + minute, after));
    }

    fn event(&self, at: OffsetDateTime, reports: Vec<ReportedRecord>) -> Event {
        Event {
            at,
            case_no: self.case_no.clone(),
            bus_no: self.bus_no.clone(),
            reports,
            damage: None,
        }
    }

    /// Puts the fault into the first report.
    fn spoil(&self, reports: &mut [ReportedRecord]) {
        for report in reports {
            match (self.fault, report.node) {
                (Fault::OrganCode, "Organ") => {
                    let wrong = if self.of.org_code.ends_with('0') {
                        "1"
                    } else {
                        "0"
                    };
                    let code = format!("{}{wrong}", &self.of.org_code[..17]);
                    set(report, "org_code", code);
                }
                (Fault::UnknownCode, "CaseBase") => set(report, "source_form", "7".into()),
                (Fault::NoMobile, "Applicant") => report.fields.retain(|f| f.0 != "mobile"),
                (Fault::NoSuchDay, "Acceptance") => {
                    let day = format!("{}-02-30", self.accept.year());
                    set(report, "promise_date", day);
                }
                (Fault::Order, "CaseBase") => {
                    set(
                        report,
                        "apply_time",
                        iso(self.accept + Duration::minutes(7)),
                    );
                }
                _ => {}
            }
        }
    }
}

fn set(report: &mut ReportedRecord, field: &str, text: String) {
    for (name, value) in &mut report.fields {
        if *name == field {
            value.clone_from(&text);
        }
    }
}

fn applicant(dice: &mut Dice) -> (&'static str, String, &'static str, String, Option<String>) {
    let number = dice.below(90_000_000);
    if dice.percent(60) {
        let birth = format!(
            "{}{:02}{:02}",
            1950 + dice.below(55),
            1 + dice.below(12),
            1 + dice.below(28)
        );
        let name = format!("演示申请人{:04}", number % 10_000);
        ("1", name, "111", citizen_number(REGION, &birth), None)
    } else {
        let code = social_credit_code("91", REGION, number);
        let name = format!("演示企业{:04}有限公司", number % 10_000);
        ("2", name, "001", code, Some("演示法人".to_owned()))
    }
}
