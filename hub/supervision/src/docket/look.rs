//! One look at a case in progress: what each rule's beginnings mean at the present instant for the cards
//! that exist. Refuses to know any rule by name, and to store anything.

use super::{Judgement, Move, Suspension, apply};
use crate::calendar::Calendar;
use crate::card::{Card, CardId, CardState, LiftReason, RuleId, Subject, version_number};
use crate::hold::Hold;
use crate::profile::Profile;
use crate::rule::{Case, Onset, Rule, Verdict};
use crate::scene::{Fact, FaultWindow, Scene};
use crate::summary::CaseSummary;
use crate::terms::Terms;
use crate::timeline::Timeline;
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// One look in progress.
pub(super) struct Look<'a> {
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
    /// A refusal is open: no card is issued.
    refused: bool,
    /// Years without calendar data on which a colour would rest.
    gaps: BTreeSet<i32>,
}

impl<'a> Look<'a> {
    pub(super) fn new(
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
            refused: !scene.open_refusals().is_empty(),
            gaps: BTreeSet::new(),
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

    pub(super) fn rule(&mut self, rule: &Rule, timeline: &Timeline<'_>, terms: &Terms<'_>) {
        let onsets = match self.verdict(rule, timeline, terms) {
            Verdict::NotJudged => {
                self.not_judged.insert(rule.id());
                return self.no_longer_judged(rule);
            }
            Verdict::Judged(onsets) => onsets,
        };
        let subject = self.subject();
        let (mut wanted, mut uncounted) = (BTreeSet::new(), BTreeSet::new());
        for onset in onsets {
            let id = CardId::of(&subject, &rule.id(), &onset.occurrence, rule.rung);
            if onset.gap.is_some() {
                uncounted.insert(id.clone());
            }
            if onset.until.is_some_and(|until| until <= self.now) {
                continue;
            }
            if onset.begins > self.now {
                self.look_again(onset.begins);
                continue;
            }
            if let Some(until) = onset.until {
                self.look_again(until);
            }
            if let Some(gap) = onset.gap {
                self.gaps.insert(gap.year);
                continue;
            }
            wanted.insert(id.clone());
            self.raise(rule, &subject, id, onset, timeline, terms);
        }
        self.release(rule, &wanted, &uncounted);
    }

    /// What was found.
    pub(super) fn end(mut self, terms: &Terms<'_>, mut summary: CaseSummary) -> Judgement {
        self.hold(terms, &mut summary);
        self.suspended.sort();
        self.contested.sort();
        Judgement {
            summary,
            moves: self.moves,
            next_look: self.next,
            not_judged: self.not_judged,
            suspended: self.suspended,
            contested: self.contested,
        }
    }

    /// What holds the case, and what may not be said of it meanwhile.
    fn hold(&mut self, terms: &Terms<'_>, summary: &mut CaseSummary) {
        let open = terms.concluded.is_none();
        self.gaps
            .extend(terms.due_gap.filter(|_| open).map(|g| g.year));
        let refused = self
            .scene
            .open_refusals()
            .into_iter()
            .map(|r| Hold::Refused {
                element: r.element,
                at: r.at.to_offset(terms.zone),
                code: r.code.clone(),
                envelope: r.envelope.clone(),
            });
        let gaps = self.gaps.iter().map(|year| Hold::Calendar { year: *year });
        let faults = self.suspended.iter().map(|s| Hold::Fault {
            rule: s.rule.clone(),
        });
        summary.holds = refused.chain(gaps).chain(faults).collect();
        summary.holds.sort();
        summary.holds.dedup();
        if self.refused || terms.due_gap.is_some() {
            (summary.overdue, summary.remaining) = (false, None);
        }
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
        if self.refused {
            return;
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
        let known_at = self.arrival(&onset);
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
            calendar: self.calendar.version(),
            known_at,
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

    /// When the last of the records on which a colour rests arrived.
    fn arrival(&self, onset: &Onset) -> Option<OffsetDateTime> {
        let arrived = onset.evidence.iter().filter_map(|e| {
            let same = |f: &&Fact| {
                let r = &f.record;
                (r.element, r.seq, version_number(r)) == (e.element, e.seq, e.version)
                    && *r.head.source == *e.source
            };
            self.scene.facts.iter().find(same)
        });
        let arrived = arrived.map(|f| f.record.head.received_at.to_offset(self.now.offset()));
        arrived.max()
    }

    /// The rule's open cards.
    fn open_cards(&self, rule: &Rule) -> Vec<Card> {
        let open = |c: &&Card| c.rule == rule.id() && c.is_open();
        self.cards.iter().filter(open).cloned().collect()
    }

    /// Lifts all open cards of a rule that the profile in force does not judge.
    pub(super) fn close(&mut self, rule: &Rule, reason: LiftReason) {
        for card in self.open_cards(rule) {
            self.lift(card.id, reason);
        }
    }

    fn lift(&mut self, id: CardId, reason: LiftReason) {
        let step = Move::Lift {
            id,
            at: self.now,
            reason,
        };
        apply(&mut self.cards, std::slice::from_ref(&step));
        self.moves.push(step);
    }

    /// Closes the open cards of a rule that can no longer be judged; but one that only a later version or
    /// deletion made so stays until an appeal decides.
    fn no_longer_judged(&mut self, rule: &Rule) {
        for card in self.open_cards(rule) {
            match self.defence(rule, &card) {
                None => self.lift(card.id, LiftReason::NotJudged),
                Some(true) => self.contested.push(card.id),
                Some(false) => self.lift(card.id, LiftReason::FalseAlarm),
            }
        }
    }

    /// Looks at the rule's open cards whose cause is no longer there, or whose day cannot be counted.
    fn release(&mut self, rule: &Rule, wanted: &BTreeSet<CardId>, uncounted: &BTreeSet<CardId>) {
        for card in self.open_cards(rule) {
            if wanted.contains(&card.id) {
                continue;
            }
            let reason = if uncounted.contains(&card.id) {
                Some(LiftReason::NoCalendar)
            } else if rule.ends_with_cause {
                Some(LiftReason::Settled)
            } else if self.ground_is_gone(rule) {
                Some(LiftReason::GroundGone)
            } else if self.defence(rule, &card) == Some(false) {
                Some(LiftReason::FalseAlarm)
            } else {
                None
            };
            match reason {
                Some(reason) => self.lift(card.id, reason),
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
    /// corrections are set aside (then the card stays); `None`: it cannot be judged even so.
    fn defence(&self, rule: &Rule, card: &Card) -> Option<bool> {
        let timeline = Timeline::as_evidence(self.scene.facts, card.issued_at);
        let terms = Terms::of(&timeline, self.profile, self.calendar);
        match self.verdict(rule, &timeline, &terms) {
            Verdict::NotJudged => None,
            Verdict::Judged(onsets) => Some(
                onsets
                    .iter()
                    .any(|o| o.occurrence == card.occurrence && o.begins <= self.now),
            ),
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
