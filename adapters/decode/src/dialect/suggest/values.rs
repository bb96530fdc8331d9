//! What the texts of a place say for or against a field: check digits, dates, numbers, code sets. The
//! weights are logarithms of odds, judged from real exports, not measured. Refuses to look at names.

use super::super::layout::Layout;
use std::collections::BTreeSet;
use time::UtcOffset;
use tongcha_schema::codeset::CodeSet;
use tongcha_schema::element::ElementId;
use tongcha_schema::field::{FieldSpec, Kind};
use tongcha_schema::stamp::{self, StampFault};
use tongcha_schema::{idcheck, region};

/// Layouts of dates that need to be named, the likelier first.
const LAYOUTS: [&str; 8] = [
    "YYYY年MM月DD日 hh:mm:ss",
    "YYYY年MM月DD日 hh:mm",
    "YYYY年MM月DD日",
    "YYYY.MM.DD hh:mm:ss",
    "YYYY.MM.DD",
    "YYYY-MM-DD hh:mm",
    "DD/MM/YYYY hh:mm",
    "DD/MM/YYYY",
];
/// Most texts of a code.
const CODES: usize = 12;
/// Nearly all: a few faulty rows are no counter-evidence.
const NEARLY: f64 = 0.9;

/// What the texts of a place are like; shares are of all texts.
#[derive(Debug)]
pub(super) struct Texts<'t> {
    distinct: BTreeSet<&'t str>,
    count: usize,
    instants: f64,
    days: f64,
    whole: f64,
    amounts: f64,
    decimals: f64,
    social: f64,
    /// Of the social credit codes those that a market authority gave: enterprises.
    market: f64,
    old_org: f64,
    citizen: f64,
    region: f64,
    mobile: f64,
    persons: f64,
    chinese: f64,
    longest: usize,
    lengths: BTreeSet<usize>,
    /// The layout that most of them have, where it is none of the known ones.
    pub layout: Option<&'static str>,
}

impl<'t> Texts<'t> {
    /// Looks at the texts of a place.
    pub fn of(texts: &'t [String]) -> Texts<'t> {
        let share = |is: &dyn Fn(&str) -> bool| {
            let hits = texts.iter().filter(|t| is(t)).count();
            hits as f64 / texts.len().max(1) as f64
        };
        let layout = LAYOUTS.into_iter().find(|l| {
            let layout = Layout::parse(l);
            layout.is_some_and(|l| share(&|t| l.apply(t).is_some()) >= NEARLY)
        });
        let turned = |t: &str| {
            let layout = layout.and_then(Layout::parse);
            layout
                .and_then(|l| l.apply(t))
                .unwrap_or_else(|| t.to_owned())
        };
        let stamp = |t: &str| stamp::parse(&turned(t), UtcOffset::UTC);
        let chars = |t: &str| t.chars().count();
        Texts {
            distinct: texts.iter().map(String::as_str).collect(),
            count: texts.len(),
            instants: share(&|t| stamp(t).is_ok()),
            days: share(&|t| matches!(stamp(t), Err(StampFault::DayOnly(_)))),
            whole: share(&|t| t.len() < 10 && t.bytes().all(|b| b.is_ascii_digit())),
            amounts: share(&is_amount),
            decimals: share(&|t| t.contains('.') && is_amount(t)),
            social: share(&|t| idcheck::uscc(t).is_ok()),
            market: share(&|t| t.starts_with('9') && idcheck::uscc(t).is_ok()),
            old_org: share(&|t| idcheck::org_code(t).is_ok()),
            citizen: share(&|t| idcheck::citizen(t).is_ok()),
            region: share(&|t| region::check(t).is_ok()),
            mobile: share(&is_mobile),
            persons: share(&|t| (2..=4).contains(&chars(t)) && t.chars().all(is_chinese)),
            chinese: share(&|t| t.chars().any(is_chinese)),
            longest: texts.iter().map(|t| chars(t)).max().unwrap_or(0),
            lengths: texts.iter().map(|t| chars(t)).collect(),
            layout: layout.filter(|_| !texts.is_empty()),
        }
    }

    /// The weight of the texts for a target.
    pub fn weigh(&self, target: &str) -> f64 {
        if self.count == 0 {
            return 0.0;
        }
        match target {
            "case.case_no" | "case.org_bus_no" => self.number(),
            "case.version" => fits(self.whole, 0.8),
            "case.op" => fits(self.share_in(&["I", "U", "D", "i", "u", "d"]), 2.5),
            _ => field(target).map_or(0.0, |f| self.weigh_field(f)),
        }
    }

    /// A case number: some length, no sentence, no time.
    fn number(&self) -> f64 {
        let sentence = self.longest > 50 || self.chinese > 0.9 && self.distinct.len() > 1;
        if sentence || self.instants > NEARLY || self.longest < 3 {
            return -4.0;
        }
        if self.citizen > NEARLY || self.social > NEARLY || self.mobile > NEARLY {
            return -3.0;
        }
        0.5
    }

    fn share_in(&self, set: &[&str]) -> f64 {
        let hits = self.distinct.iter().filter(|t| set.contains(t)).count();
        hits as f64 / self.distinct.len().max(1) as f64
    }

    fn weigh_field(&self, field: &FieldSpec) -> f64 {
        let times = self.instants + self.days;
        match field.kind {
            Kind::DateTime if self.instants >= NEARLY => 1.5,
            Kind::DateTime => fits(times, 0.4),
            Kind::Date | Kind::DateOrForever if self.days >= NEARLY => 1.4,
            Kind::Date | Kind::DateOrForever => fits(times, 0.6),
            Kind::Uscc if self.old_org >= NEARLY => 2.0,
            // Organs have codes of the organisation office (1..), enterprises of the market (9..).
            Kind::Uscc if self.market >= 0.5 => 0.5,
            Kind::Uscc => fits(self.social, 4.0),
            Kind::LegacyOrg => fits(self.old_org, 4.0),
            Kind::IdNo(..) if self.citizen > 0.0 && self.citizen + self.social >= NEARLY => 4.0,
            Kind::IdNo(..) if self.market >= 0.5 => 3.0,
            Kind::IdNo(..) => fits(self.social, 0.0).max(-2.5),
            Kind::Region => fits(self.region, 3.0),
            Kind::Code(set) => self.weigh_codes(set),
            Kind::Flag if self.distinct.len() <= 2 => {
                let set = ["0", "1", "是", "否", "Y", "N", "true", "false"];
                fits(self.share_in(&set), 0.9)
            }
            Kind::Flag => -5.0,
            Kind::Int(..) if self.days >= NEARLY => -3.0,
            Kind::Int(..) => fits(self.whole, 0.6),
            Kind::Money => fits(self.amounts, if self.decimals > 0.0 { 1.6 } else { 0.5 }),
            Kind::Hex(n) => fits(
                f64::from(u8::from(self.lengths == BTreeSet::from([usize::from(n)]))),
                3.0,
            ),
            Kind::Exact(n) => match self.lengths == BTreeSet::from([usize::from(n)]) {
                true if self.chinese == 0.0 => 1.0,
                _ => -3.5,
            },
            Kind::Text(limit) => self.weigh_text(field.name, usize::from(limit)),
        }
    }

    fn weigh_codes(&self, set: &CodeSet) -> f64 {
        if self.distinct.len() > CODES {
            return -5.0;
        }
        let known = self.distinct.iter().filter(|t| set.has(t)).count();
        let meant = self
            .distinct
            .iter()
            .filter(|t| code_of(set, t).is_some())
            .count();
        let all = self.distinct.len().max(1) as f64;
        if meant as f64 / all >= NEARLY {
            return 3.0;
        }
        if known as f64 / all >= NEARLY {
            return if known > 1 { 1.2 } else { 0.6 };
        }
        let share = (known.max(meant)) as f64 / all;
        if share >= 0.5 {
            0.2
        } else if self.longest <= 2 {
            -0.7
        } else {
            -2.5
        }
    }

    fn weigh_text(&self, name: &str, limit: usize) -> f64 {
        const PERSONS: [&str; 10] = [
            "handler",
            "person",
            "accept_person",
            "approver",
            "receiver",
            "contact_name",
            "notice_person",
            "received_person",
            "derate_approver",
            "legal_person",
        ];
        let checked = self.social.max(self.citizen);
        if self.longest > limit || self.instants + self.days >= NEARLY && self.whole < NEARLY {
            return -5.0;
        }
        if checked >= NEARLY || self.decimals >= NEARLY {
            return -3.0;
        }
        if name == "mobile" {
            return fits(self.mobile, 4.0);
        }
        if self.mobile >= NEARLY {
            return -3.0;
        }
        if PERSONS.contains(&name) {
            return if self.persons >= 0.8 { 1.8 } else { -2.5 };
        }
        let is_number = name.ends_with("_no") || name.ends_with("_code");
        match (is_number, self.chinese) {
            (true, c) if c > 0.8 => -1.0,
            (true, _) => 0.3,
            // Titles, opinions and reasons are Chinese texts.
            (false, c) if c > 0.8 => 0.6,
            (false, _) => -1.2,
        }
    }

    /// The code map that the texts ask for, where they are meanings rather than codes; what has no
    /// code is left out.
    pub fn map(&self, target: &str) -> Vec<(String, &'static str)> {
        let Some(field) = field(target) else {
            return Vec::new();
        };
        let pairs = |code: &dyn Fn(&str) -> Option<&'static str>| {
            let one = |t: &&str| Some(((*t).to_owned(), code(t)?));
            self.distinct.iter().filter_map(one).collect::<Vec<_>>()
        };
        match field.kind {
            Kind::Code(set) if !self.distinct.iter().all(|t| set.has(t)) => {
                pairs(&|t| code_of(set, t))
            }
            Kind::Flag if !self.distinct.iter().all(|t| ["0", "1"].contains(t)) => {
                pairs(&|t| match t {
                    "是" | "Y" | "true" | "1" => Some("1"),
                    "否" | "N" | "false" | "0" => Some("0"),
                    _ => None,
                })
            }
            _ => Vec::new(),
        }
    }
}

/// The field of a target `element.field`.
pub(super) fn field(target: &str) -> Option<&'static FieldSpec> {
    let (element, name) = target.split_once('.')?;
    let spec = ElementId::parse(element)?.spec();
    spec.fields.get(spec.field_index(name)?)
}

/// The code whose meaning a text is, or nearly; else the code itself.
fn code_of(set: &CodeSet, text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let means = |zh: &str, en: &str| {
        let core = zh.split('（').next().unwrap_or(zh);
        lower == *en
            || zh == text
            || core == text
            || core.trim_end_matches('件') == text.trim_end_matches('件')
    };
    let found = set
        .codes
        .iter()
        .find(|(code, zh, en)| *code == text || means(zh, en));
    found.map(|(code, _, _)| *code)
}

/// The weight where nearly all texts fit; else against.
fn fits(share: f64, weight: f64) -> f64 {
    if share >= NEARLY {
        weight
    } else if share >= 0.5 {
        -1.0
    } else {
        -5.0
    }
}

fn is_chinese(c: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&c)
}

fn is_mobile(text: &str) -> bool {
    let b = text.as_bytes();
    b.len() == 11
        && b[0] == b'1'
        && (b'3'..=b'9').contains(&b[1])
        && b.iter().all(u8::is_ascii_digit)
}

fn is_amount(text: &str) -> bool {
    let plain = text.strip_prefix('-').unwrap_or(text);
    let (whole, rest) = plain.split_once('.').unwrap_or((plain, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    (1..=12).contains(&whole.len()) && rest.len() <= 4 && digits(whole) && digits(rest)
}
