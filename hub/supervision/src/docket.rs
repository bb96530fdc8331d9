//! The docket: the only place where now meets a rule. It compares the beginnings that the rules
//! name with the present instant and with the cards that exist, and says what must change. Refuses
//! to know any rule by name, and to store anything.

mod look;

use crate::calendar::Calendar;
use crate::card::{Card, CardId, CardState, Colour, LiftReason, RuleId};
use crate::profile::Profile;
use crate::scene::Scene;
use crate::summary::CaseSummary;
use crate::terms::Terms;
use crate::timeline::Timeline;
use look::Look;
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
        if profile.rule(rule.code).enabled {
            look.rule(rule, &timeline, &terms);
        } else {
            look.close(rule, LiftReason::RuleOff);
        }
    }
    let summary = terms.summary(scene, &timeline, calendar, now.to_offset(terms.zone));
    look.end(&terms, summary)
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

#[cfg(test)]
mod tests;
