//! Scores per organ and month: base parts, deductions per card and for incomplete data, floors,
//! grade. Every deduction names its cards, so a score can be replayed and argued. Refuses to choose
//! cases: the counts are handed in.

use crate::card::{Bilingual, Card, CardId, CardState, Colour, LiftReason, Subject};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

mod scheme;

pub use scheme::{Component, Grade, Scheme, SchemeError};

/// A month, written `2024-03`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Month {
    /// Year.
    pub year: i32,
    /// Month, 1..=12.
    pub month: u8,
}

impl Month {
    /// The month in which a card was issued, in the source's zone.
    pub fn of(card: &Card) -> Month {
        Month {
            year: card.issued_at.year(),
            month: card.issued_at.month().into(),
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// Counts of an organ's month that no card holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completeness {
    /// Cases concluded in the month.
    pub concluded: u64,
    /// Of these, cases with an element that was due and missing.
    pub incomplete: u64,
    /// Of these, cases concluded before their due day.
    pub early: u64,
}

/// What is left of one part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartScore {
    /// Identifier of the part.
    pub id: String,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// Base points.
    pub base: i64,
    /// Points left, never below 0.
    pub left: i64,
    /// Whether anything measures it; what nothing measures is no part of the sum.
    #[serde(default = "yes")]
    pub measured: bool,
}

/// Scores of an edition that did not tell measured parts apart counted all of them.
fn yes() -> bool {
    true
}

/// One deduction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deduction {
    /// Part.
    pub part: String,
    /// Points by the scheme.
    pub points: i64,
    /// Points that the part still had.
    pub applied: i64,
    /// Why.
    pub reason: Bilingual,
    /// The cards that it rests on.
    pub cards: Vec<CardId>,
}

/// The score of one organ in one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Name and edition of the scheme.
    pub scheme: String,
    /// The organ, as [`Card::organ_key`] names it.
    pub organ: String,
    /// The month.
    pub month: Month,
    /// The parts.
    pub parts: Vec<PartScore>,
    /// The deductions, in the order in which they were applied.
    pub deductions: Vec<Deduction>,
    /// Points for early conclusion.
    pub bonus: i64,
    /// What is left of the measured parts, brought to a hundred, and the bonus.
    pub total: i64,
    /// Grade.
    pub grade: Grade,
    /// Why the grade is lower than the total alone would give.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capped: Vec<Bilingual>,
}

impl Score {
    /// SHA-256 over the JSON, in hexadecimal: a recomputed month gives the same.
    pub fn digest(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        let digest = Sha256::digest(json.as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Scores an organ's month. `cards` are all cards of the organ (others are passed over), in any
/// order, those of earlier months included: an incident that scored then costs only what its higher
/// card adds. `judged` are the codes of the rules that were judged in a case of the organ: a part of
/// which none was, and on which no deduction stands, is not measured and left out. `None` where no part
/// is measured.
pub fn score(
    scheme: &Scheme,
    month: Month,
    organ: &str,
    cards: &[Card],
    counts: Completeness,
    judged: &BTreeSet<String>,
) -> Option<Score> {
    let mut own: Vec<&Card> = cards
        .iter()
        .filter(|c| c.organ_key() == organ && counts_for(c) && Month::of(c) <= month)
        .collect();
    own.sort_by(|a, b| (a.issued_at, &a.id).cmp(&(b.issued_at, &b.id)));
    let mut sheet = Sheet::new(scheme);
    sheet.incidents(&own, month);
    sheet.warnings(&own, month);
    sheet.incomplete(&own, month, counts);
    sheet.measure(judged, counts);
    let measured = || sheet.parts.iter().filter(|p| p.measured);
    let possible: i64 = measured().map(|p| p.base).sum();
    let left: i64 = measured().map(|p| p.left).sum();
    let share = percent(counts.early, counts.concluded);
    let bonus = i64::try_from(share / scheme.early_step_percent).unwrap_or(0);
    let total = (left * 100).checked_div(possible)? + bonus;
    let (grade, capped) = sheet.grade(total, counts);
    Some(Score {
        scheme: format!("{}/{}", scheme.name, scheme.edition),
        organ: organ.to_owned(),
        month,
        parts: sheet.parts,
        deductions: sheet.deductions,
        bonus,
        total,
        grade,
        capped,
    })
}

/// Whether a card counts: it stands, or its cause merely ended. A false alarm or an approved appeal
/// takes it out.
fn counts_for(card: &Card) -> bool {
    matches!(
        card.state,
        CardState::Open
            | CardState::Lifted {
                reason: LiftReason::Settled,
                ..
            }
    )
}

fn percent(part: u64, whole: u64) -> u64 {
    part.saturating_mul(100).checked_div(whole).unwrap_or(0)
}

/// One incident: subject, incident name and occurrence.
fn incident(card: &Card) -> (&Subject, &str, &str) {
    (&card.subject, &card.incident, &card.occurrence)
}

/// A score in the making.
struct Sheet<'a> {
    scheme: &'a Scheme,
    parts: Vec<PartScore>,
    deductions: Vec<Deduction>,
}

impl<'a> Sheet<'a> {
    fn new(scheme: &'a Scheme) -> Sheet<'a> {
        let part = |p: &Component| PartScore {
            id: p.id.clone(),
            zh: p.zh.clone(),
            en: p.en.clone(),
            base: p.base,
            left: p.base,
            measured: false,
        };
        let parts = scheme.parts.iter().map(part).collect();
        Sheet {
            scheme,
            parts,
            deductions: Vec::new(),
        }
    }

    fn deduct(&mut self, part: usize, points: i64, reason: Bilingual, cards: Vec<CardId>) {
        let Some(part) = self.parts.get_mut(part) else {
            return;
        };
        let applied = points.min(part.left);
        part.left -= applied;
        self.deductions.push(Deduction {
            part: part.id.clone(),
            points,
            applied,
            reason,
            cards,
        });
    }

    /// Yellow and red: the highest card of each incident, less what an earlier month scored.
    fn incidents(&mut self, own: &[&Card], month: Month) {
        let mut scored = BTreeMap::new();
        let mut highest: Vec<&Card> = Vec::new();
        let mut places = BTreeMap::new();
        for card in own {
            let points = self.scheme.points(card.colour);
            let key = incident(card);
            if Month::of(card) < month {
                let before = scored.entry(key).or_insert(0);
                *before = points.max(*before);
                continue;
            }
            let place = *places.entry(key).or_insert(highest.len());
            match highest.get_mut(place) {
                Some(known) if (known.colour, known.rung) < (card.colour, card.rung) => {
                    *known = card;
                }
                Some(_) => {}
                None => highest.push(card),
            }
        }
        for card in highest {
            let before = scored.get(&incident(card)).copied().unwrap_or(0);
            let points = self.scheme.points(card.colour) - before;
            if points > 0 {
                let part = self.scheme.part_of(card.rule.as_str());
                let reason = Bilingual::new(
                    format!("{} {}", card.colour.zh(), card.rule),
                    format!("{} {}", card.colour.name(), card.rule),
                );
                self.deduct(part, points, reason, vec![card.id.clone()]);
            }
        }
    }

    /// Runs of warnings of the month without a yellow or red card between them. A warning whose
    /// incident rose to a card is no warning of its own.
    fn warnings(&mut self, own: &[&Card], month: Month) {
        let risen: BTreeSet<_> = own
            .iter()
            .filter(|c| c.colour > Colour::Warn)
            .map(|c| incident(c))
            .collect();
        let mut run: Vec<&Card> = Vec::new();
        for card in own.iter().filter(|c| Month::of(c) == month) {
            match card.colour {
                Colour::Fault => continue,
                Colour::Yellow | Colour::Red => run.clear(),
                Colour::Warn if risen.contains(&incident(card)) => continue,
                Colour::Warn => run.push(card),
            }
            if run.len() == self.scheme.warn_run {
                let part = self.scheme.part_of(card.rule.as_str());
                let ids = run.drain(..).map(|c| c.id.clone()).collect();
                let count = self.scheme.warn_run;
                let reason = Bilingual::new(
                    format!("连续 {count} 次预警"),
                    format!("{count} warnings in a row"),
                );
                self.deduct(part, self.scheme.warn_run_points, reason, ids);
            }
        }
    }

    /// Which parts anything measures.
    fn measure(&mut self, judged: &BTreeSet<String>, counts: Completeness) {
        let mut measured: BTreeSet<usize> = judged
            .iter()
            .map(|rule| self.scheme.part_of(rule))
            .collect();
        if counts.concluded > 0 {
            measured.insert(self.scheme.position(&self.scheme.incomplete_part));
        }
        for (at, part) in self.parts.iter_mut().enumerate() {
            part.measured = measured.contains(&at) || part.left < part.base;
        }
    }

    /// The highest grade whose conditions all hold, and which of those above failed by something else
    /// than the total.
    fn grade(&self, total: i64, counts: Completeness) -> (Grade, Vec<Bilingual>) {
        let worst = self.parts.iter().filter(|p| p.measured);
        let worst = worst.min_by_key(|p| (p.left * 100).checked_div(p.base).unwrap_or(100));
        let share = worst.map_or(100, |p| (p.left * 100).checked_div(p.base).unwrap_or(100));
        let incomplete = percent(counts.incomplete, counts.concluded);
        let mut capped = Vec::new();
        for grade in self.scheme.grades.iter().filter(|g| total >= g.least) {
            let low = share < grade.least_part_percent;
            let holes = incomplete > grade.most_incomplete_percent;
            if !low && !holes {
                return (grade.clone(), capped);
            }
            if let Some(part) = worst.filter(|_| low) {
                let (left, base, least) = (part.left, part.base, grade.least_part_percent);
                capped.push(Bilingual::new(
                    format!(
                        "{}仅余 {left}/{base}，{}须不低于 {least}%",
                        part.zh, grade.zh
                    ),
                    format!(
                        "{} has {left}/{base} left, {} asks for {least}%",
                        part.en, grade.en
                    ),
                ));
            }
            if holes {
                let most = grade.most_incomplete_percent;
                capped.push(Bilingual::new(
                    format!("数据不完整 {incomplete}%，{}不得超过 {most}%", grade.zh),
                    format!(
                        "{incomplete}% of the data incomplete, {} allows {most}%",
                        grade.en
                    ),
                ));
            }
        }
        (Grade::lowest(), capped)
    }

    fn incomplete(&mut self, own: &[&Card], month: Month, counts: Completeness) {
        let share = percent(counts.incomplete, counts.concluded);
        let points = i64::try_from(share)
            .unwrap_or(i64::MAX)
            .min(self.scheme.incomplete_most);
        if points == 0 {
            return;
        }
        let cards = own
            .iter()
            .filter(|c| c.colour == Colour::Fault && Month::of(c) == month)
            .map(|c| c.id.clone())
            .collect();
        let (incomplete, concluded) = (counts.incomplete, counts.concluded);
        let reason = Bilingual::new(
            format!("数据不完整 {incomplete}/{concluded},{share}%"),
            format!("incomplete data {incomplete}/{concluded}, {share}%"),
        );
        let part = self.scheme.position(&self.scheme.incomplete_part);
        self.deduct(part, points, reason, cards);
    }
}

#[cfg(test)]
mod tests;
