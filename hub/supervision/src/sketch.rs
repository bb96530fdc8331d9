//! A compact notation for cases in tests, so that they read like a story:
//!
//! ```text
//! item 5W legal 20W free
//! accept 2024-03-04 09:00 by 2024-03-11   | got 2024-03-04 10:00
//! step 1 承办 2024-03-05 09:00 to 2024-03-06 10:00 limit 2W
//! pause 02 2024-03-06 09:00 to 2024-03-08 09:00
//! conclude 2024-03-12 09:00 result 10     | got 2024-03-12 09:05 v 2
//! ```
//!
//! Times are +08:00 unless written `2024-03-05T15:30Z` or with an offset. What follows `|` belongs
//! to the record: `got` (received; else its latest time), `v` (version), `seq`, `deleted`, `from`
//! (source). Refuses, by panicking, what it does not know.

use crate::calendar::Calendar;
use crate::card::{Card, CardState};
use crate::docket::{Judgement, Move, apply, judge};
use crate::hold::Hold;
use crate::profile::Profile;
use crate::scene::{Absents, Fact, FaultWindow, Refusal, RowState, Scene, into_zone};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tongcha_schema::element::ElementId;
use tongcha_schema::record::Op;
use tongcha_schema::stamp::canonical;

mod words;

use words::Words;

/// The source of every record unless it says otherwise.
pub const DESK: &str = "430102/desk";

/// A case in the making, with its cards.
#[derive(Clone)]
pub struct Sketch {
    pub facts: Vec<Fact>,
    pub cards: Vec<Card>,
    pub absents: Absents,
    pub faults: Vec<FaultWindow>,
    pub refusals: Vec<Refusal>,
    pub profile: Profile,
    pub calendar: Calendar,
}

impl Sketch {
    /// A case told line by line, under profile huating without D-01.
    pub fn read(text: &str) -> Sketch {
        let profile = "name = \"test\"\nedition = 1\nextends = \"huating\"\n";
        let mut sketch = Sketch {
            facts: Vec::new(),
            cards: Vec::new(),
            absents: Absents::default(),
            faults: Vec::new(),
            refusals: Vec::new(),
            profile: Profile::parse(&format!("{profile}[rules.D-01]\nenabled = false\n")).unwrap(),
            calendar: Calendar::cn().unwrap(),
        };
        sketch.add(text);
        sketch
    }

    /// Judges D-01 too.
    pub fn judge_data(&mut self) {
        self.profile = Profile::shipped("huating").unwrap();
    }

    /// Adds lines.
    pub fn add(&mut self, text: &str) {
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
            let mut record = Words::of(line).record();
            into_zone(&mut record, time::macros::offset!(+8));
            let state = match record.op {
                Op::Delete => RowState::Deleted,
                Op::Insert | Op::Update => RowState::Live,
            };
            for fact in &mut self.facts {
                let (old, new) = (&fact.record, &record);
                if (old.element, old.seq, &old.head.source)
                    == (new.element, new.seq, &new.head.source)
                {
                    fact.state = RowState::Superseded;
                }
            }
            self.facts.push(Fact { record, state });
        }
    }

    /// Declares `element` or `element.field` absent.
    pub fn absent(&mut self, what: &str) {
        let (element, field) = match what.split_once('.') {
            Some((element, field)) => (element, Some(field)),
            None => (what, None),
        };
        let element = ElementId::parse(element).unwrap();
        assert!(self.absents.declare(DESK, element, field), "{what}");
    }

    /// The feed was unhealthy.
    pub fn fault(&mut self, from: &str, until: Option<&str>) {
        let window = FaultWindow {
            source: DESK.into(),
            from: stamp(from),
            until: until.map(stamp),
        };
        self.faults.push(window);
    }

    /// A record of an element was refused.
    pub fn refuse(&mut self, element: &str, at: &str) {
        self.refusals.push(Refusal {
            element: ElementId::parse(element).unwrap(),
            at: stamp(at),
            code: "X402".into(),
            envelope: "430102/desk/1/7".into(),
            answered: false,
        });
    }

    /// Forgets facts and cards.
    pub fn clear(&mut self) {
        self.facts.clear();
        self.cards.clear();
    }

    /// An appeal withdraws the cards of a rule.
    pub fn withdraw(&mut self, rule: &str) {
        for card in self.cards.iter_mut().filter(|c| c.rule.as_str() == rule) {
            card.state = CardState::Withdrawn {
                at: card.issued_at,
                reason: "申诉成立".into(),
            };
        }
    }

    /// Looks at an instant.
    pub fn look(&self, now: &str) -> Look {
        self.look_at(stamp(now))
    }

    /// Looks at an instant.
    pub fn look_at(&self, now: OffsetDateTime) -> Look {
        let scene = Scene {
            space: "cn",
            case_no: "A-1",
            facts: &self.facts,
            absents: &self.absents,
            faults: &self.faults,
            refusals: &self.refusals,
        };
        let judgement = judge(&scene, &self.profile, &self.calendar, &self.cards, now);
        Look {
            judgement,
            before: self.cards.clone(),
        }
    }
}

/// What a look found, in words that a test can compare.
pub struct Look {
    pub judgement: Judgement,
    before: Vec<Card>,
}

impl Look {
    /// `T-02 yellow`, with the occurrence behind it, per card issued or issued again.
    pub fn cards(&self) -> Vec<String> {
        let issued = self.judgement.moves.iter().filter_map(|m| match m {
            Move::Issue(card) | Move::Reissue(card) => Some(card),
            Move::Lift { .. } => None,
        });
        issued
            .map(|c| {
                format!("{} {} {}", c.rule, c.colour.name(), c.occurrence)
                    .trim()
                    .to_owned()
            })
            .collect()
    }

    /// `T-02 false_alarm` per card lifted.
    pub fn lifts(&self) -> Vec<String> {
        let rule = |id| {
            self.before
                .iter()
                .find(|c| c.id == id)
                .unwrap()
                .rule
                .to_string()
        };
        let lifts = self.judgement.moves.iter().filter_map(|m| match m {
            Move::Lift { id, reason, .. } => {
                let reason = serde_json::to_string(reason).unwrap();
                Some(format!("{} {}", rule(id.clone()), reason.trim_matches('"')))
            }
            Move::Issue(_) | Move::Reissue(_) => None,
        });
        lifts.collect()
    }

    /// Rules not judged.
    pub fn not_judged(&self) -> Vec<String> {
        self.judgement
            .not_judged
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    /// Rules held back by an exchange fault.
    pub fn suspended(&self) -> Vec<String> {
        self.judgement
            .suspended
            .iter()
            .map(|s| s.rule.to_string())
            .collect()
    }

    /// Why the case is held.
    pub fn holds(&self) -> Vec<&'static str> {
        self.judgement
            .summary
            .holds
            .iter()
            .map(Hold::name)
            .collect()
    }

    /// The next look, empty where there is none.
    pub fn next(&self) -> String {
        self.judgement.next_look.map(canonical).unwrap_or_default()
    }

    /// Stores the moves in the sketch.
    pub fn settle(&self, sketch: &mut Sketch) {
        apply(&mut sketch.cards, &self.judgement.moves);
    }
}

/// An instant: `2024-03-04 09:00[:ss]` in +08:00, or one word with its own offset.
pub fn stamp(text: &str) -> OffsetDateTime {
    let text = text.replace(' ', "T");
    let (day, clock) = text.split_once('T').unwrap();
    let zone = clock
        .find(['Z', '+', '-'])
        .map_or("+08:00", |at| &clock[at..]);
    let clock = clock.trim_end_matches(zone);
    let seconds = if clock.len() == 5 { ":00" } else { "" };
    let text = format!("{day}T{clock}{seconds}{zone}");
    OffsetDateTime::parse(&text, &Rfc3339).unwrap_or_else(|e| panic!("{text}: {e}"))
}
