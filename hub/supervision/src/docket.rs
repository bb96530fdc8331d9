//! The docket: the only place where now meets a rule. It compares the beginnings that the rules
//! name with the present instant and with the cards that exist, and says what must change. Refuses
//! to know any rule by name, and to store anything.

use crate::calendar::Calendar;
use crate::card::{Card, CardId, CardState, Colour, LiftReason, RuleId, Subject};
use crate::profile::Profile;
use crate::rule::{Case, Onset, Rule, Verdict};
use crate::scene::{FaultWindow, Scene};
use crate::summary::CaseSummary;
use crate::terms::Terms;
use crate::timeline::Timeline;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// One change to the cards of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// A new card; no card of that id exists.
    Issue(Card),
    /// A lifted or withdrawn card begins again, on other facts or because its cause came back: the
    /// stored card of that id is replaced (its history stays in the log of moves).
    Reissue(Card),
    /// An open card is lifted.
    Lift {
        /// Which.
        id: CardId,
        /// When.
        at: OffsetDateTime,
        /// Why.
        reason: LiftReason,
    },
}

/// A colour that is held back because the feed is unhealthy ("suspended: exchange fault").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Suspension {
    /// The rule.
    pub rule: RuleId,
    /// Occurrence within the case.
    pub occurrence: String,
    /// The colour that would have been shown.
    pub colour: Colour,
    /// When it would have begun.
    #[serde(with = "time::serde::rfc3339")]
    pub begins: OffsetDateTime,
}

/// What one look at a case found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The case at a glance.
    pub summary: CaseSummary,
    /// Changes to its cards; empty when looked at again at the same instant.
    pub moves: Vec<Move>,
    /// The next instant at which a rule may begin or end if nothing new arrives; none: only new
    /// facts (or the end of a fault window) can change anything.
    pub next_look: Option<OffsetDateTime>,
    /// Rules whose facts are declared absent by the case's sources.
    pub not_judged: BTreeSet<RuleId>,
    /// Colours held back by an exchange fault.
    pub suspended: Vec<Suspension>,
    /// Open cards that the present facts would clear, but only by a higher version, a deletion, a
    /// pause or a correction received after the card: they stay until an appeal decides.
    pub contested: Vec<CardId>,
}

/// Judges one case at an instant. `cards` are the stored cards of the case (others are passed
/// over), in any order, as are the facts; the same input gives the same answer.
pub fn judge(
    scene: &Scene<'_>,
    profile: &Profile,
    calendar: &Calendar,
    cards: &[Card],
    now: OffsetDateTime,
) -> Judgement {
    let timeline = Timeline::new(scene.facts);
    let terms = Terms::of(&timeline, profile, calendar);
    let mut look = Look::new(scene, profile, calendar, cards, now.to_offset(terms.zone));
    for rule in crate::rules::RULES {
        let settings = profile.rule(rule.code);
        if settings.enabled {
            look.rule(rule, &timeline, &terms);
        }
    }
    let summary = terms.summary(scene, &timeline, calendar, look.now);
    look.suspended.sort();
    look.contested.sort();
    Judgement {
        summary,
        moves: look.moves,
        next_look: look.next,
        not_judged: look.not_judged,
        suspended: look.suspended,
        contested: look.contested,
    }
}

/// Carries moves out on a list of cards: what a store does, for tests and previews.
pub fn apply(cards: &mut Vec<Card>, moves: &[Move]) {
    for step in moves {
        match step {
            Move::Issue(card) | Move::Reissue(card) => {
                cards.retain(|c| c.id != card.id);
                cards.push(card.clone());
            }
            Move::Lift { id, at, reason } => {
                for card in cards.iter_mut().filter(|c| c.id == *id) {
                    card.state = CardState::Lifted {
                        at: *at,
                        reason: *reason,
                    };
                }
            }
        }
    }
}

/// One look in progress.
struct Look<'a> {
    scene: &'a Scene<'a>,
    profile: &'a Profile,
    calendar: &'a Calendar,
    now: OffsetDateTime,
    /// The case's cards as they stand after the moves so far.
    cards: Vec<Card>,
    moves: Vec<Move>,
    next: Option<OffsetDateTime>,
    not_judged: BTreeSet<RuleId>,
    suspended: Vec<Suspension>,
    contested: Vec<CardId>,
}

impl<'a> Look<'a> {
    fn new(
        scene: &'a Scene<'a>,
        profile: &'a Profile,
        calendar: &'a Calendar,
        cards: &[Card],
        now: OffsetDateTime,
    ) -> Look<'a> {
        let own = |c: &&Card| c.case() == Some((scene.space, scene.case_no));
        let mut cards: Vec<Card> = cards.iter().filter(own).cloned().collect();
        cards.sort_by(|a, b| a.id.cmp(&b.id));
        Look {
            scene,
            profile,
            calendar,
            now,
            cards,
            moves: Vec::new(),
            next: None,
            not_judged: BTreeSet::new(),
            suspended: Vec::new(),
            contested: Vec::new(),
        }
    }

    fn verdict(&self, rule: &Rule, timeline: &Timeline<'_>, terms: &Terms<'_>) -> Verdict {
        (rule.begins)(&Case {
            scene: self.scene,
            timeline,
            terms,
            profile: self.profile,
            settings: self.profile.rule(rule.code),
            calendar: self.calendar,
            cards: &self.cards,
        })
    }

    fn rule(&mut self, rule: &Rule, timeline: &Timeline<'_>, terms: &Terms<'_>) {
        let onsets = match self.verdict(rule, timeline, terms) {
            Verdict::NotJudged => {
                self.not_judged.insert(rule.id());
                return;
            }
            Verdict::Judged(onsets) => onsets,
        };
        let subject = self.subject();
        let mut wanted = BTreeSet::new();
        for onset in onsets {
            if onset.until.is_some_and(|until| until <= self.now) {
                continue;
            }
            if onset.begins > self.now {
                self.look_again(onset.begins);
                continue;
            }
            let id = CardId::of(&subject, &rule.id(), &onset.occurrence, rule.rung);
            if let Some(until) = onset.until {
                self.look_again(until);
            }
            wanted.insert(id.clone());
            self.raise(rule, &subject, id, onset, timeline, terms);
        }
        self.release(rule, &wanted);
    }

    /// Issues a card whose colour has begun, unless it exists or an exchange fault holds it back.
    fn raise(
        &mut self,
        rule: &Rule,
        subject: &Subject,
        id: CardId,
        onset: Onset,
        timeline: &Timeline<'_>,
        terms: &Terms<'_>,
    ) {
        let known = self.cards.iter().position(|c| c.id == id);
        if let Some(card) = known.and_then(|at| self.cards.get(at)) {
            let again = match &card.state {
                CardState::Open => false,
                CardState::Lifted { .. } => true,
                CardState::Withdrawn { .. } => card.basis != onset.basis,
            };
            if !again {
                return;
            }
        }
        let colour = self.profile.rule(rule.code).colour.unwrap_or(rule.colour);
        if onset.silence && self.feed_is_ill(timeline) {
            self.suspended.push(Suspension {
                rule: rule.id(),
                occurrence: onset.occurrence,
                colour,
                begins: onset.begins,
            });
            return;
        }
        let card = Card {
            id,
            subject: subject.clone(),
            rule: rule.id(),
            rule_version: rule.version,
            occurrence: onset.occurrence,
            rung: rule.rung,
            colour,
            incident: rule.incident.to_owned(),
            basis: onset.basis,
            begins_at: onset.begins,
            issued_at: self.now,
            organ_code: terms.organ_code(timeline).to_owned(),
            organ_name: terms.organ_name(timeline).to_owned(),
            item_name: terms.item_text("item_name").to_owned(),
            item_type: terms.item_text("item_type").to_owned(),
            profile: self.profile.label(),
            lines: onset.lines,
            evidence: onset.evidence,
            state: CardState::Open,
        };
        let step = match known {
            Some(_) => Move::Reissue(card),
            None => Move::Issue(card),
        };
        apply(&mut self.cards, std::slice::from_ref(&step));
        self.moves.push(step);
    }

    /// Looks at the rule's open cards whose cause is no longer there.
    fn release(&mut self, rule: &Rule, wanted: &BTreeSet<CardId>) {
        let gone: Vec<Card> = self
            .cards
            .iter()
            .filter(|c| c.rule == rule.id() && c.is_open() && !wanted.contains(&c.id))
            .cloned()
            .collect();
        for card in gone {
            let reason = if rule.settles {
                Some(LiftReason::Settled)
            } else if self.ground_is_gone(rule) {
                Some(LiftReason::GroundGone)
            } else if self.is_defended(rule, &card) {
                None
            } else {
                Some(LiftReason::FalseAlarm)
            };
            match reason {
                Some(reason) => {
                    let step = Move::Lift {
                        id: card.id,
                        at: self.now,
                        reason,
                    };
                    apply(&mut self.cards, std::slice::from_ref(&step));
                    self.moves.push(step);
                }
                None => self.contested.push(card.id),
            }
        }
    }

    fn ground_is_gone(&self, rule: &Rule) -> bool {
        rule.built_on.is_some_and(|code| {
            !self
                .cards
                .iter()
                .any(|c| c.rule.as_str() == code && c.is_open())
        })
    }

    /// Whether the card's cause is still there once later higher versions, deletions, pauses and
    /// corrections are set aside (then the card stays).
    fn is_defended(&self, rule: &Rule, card: &Card) -> bool {
        let timeline = Timeline::as_evidence(self.scene.facts, card.issued_at);
        let terms = Terms::of(&timeline, self.profile, self.calendar);
        match self.verdict(rule, &timeline, &terms) {
            Verdict::NotJudged => true,
            Verdict::Judged(onsets) => onsets
                .iter()
                .any(|o| o.occurrence == card.occurrence && o.begins <= self.now),
        }
    }

    fn subject(&self) -> Subject {
        Subject::Case {
            space: self.scene.space.to_owned(),
            case_no: self.scene.case_no.to_owned(),
        }
    }

    /// Whether the feed of one of the case's sources is unhealthy now.
    fn feed_is_ill(&mut self, timeline: &Timeline<'_>) -> bool {
        let now = self.now;
        let ill = |w: &&FaultWindow| {
            w.covers(now)
                && (w.source.is_empty() || timeline.sources().contains(&w.source.as_str()))
        };
        let mut windows = self.scene.faults.iter().filter(ill).peekable();
        if windows.peek().is_none() {
            return false;
        }
        let ends: Vec<OffsetDateTime> = windows.filter_map(|w| w.until).collect();
        for end in ends {
            self.look_again(end);
        }
        true
    }

    fn look_again(&mut self, at: OffsetDateTime) {
        let at = at.to_offset(self.now.offset());
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }
}

#[cfg(test)]
mod tests;
