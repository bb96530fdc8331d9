//! The facts of a case in one order, and which of them are in force. Refuses to interpret them
//! (`terms.rs`) and to trust the order in which they came.

use crate::card::version_number;
use crate::scene::{Absents, Fact, RowState};
use time::OffsetDateTime;
use tongcha_schema::element::ElementId;
use tongcha_schema::record::{Op, Record};
use tongcha_schema::value::Value;

/// The facts of one case, sorted by element, source, seq, version and arrival.
#[derive(Clone, Debug)]
pub struct Timeline<'a> {
    facts: Vec<&'a Fact>,
    /// Positions in `facts` of the records in force, by element.
    live: Vec<&'a Record>,
    sources: Vec<&'a str>,
}

impl<'a> Timeline<'a> {
    /// The timeline of all facts as the store sees them.
    pub fn new(facts: &'a [Fact]) -> Timeline<'a> {
        let sorted = sorted(facts);
        let live = sorted
            .iter()
            .filter(|f| f.state == RowState::Live && f.record.op != Op::Delete)
            .map(|f| &f.record)
            .collect();
        Self::with(sorted, live)
    }

    /// The timeline against which a card issued at an instant is defended (WORDS, "Evidence
    /// order"): what had been received by then, and of what came later only first-ever records of
    /// events. A later higher version or deletion, and a later pause or correction, do not count.
    pub fn as_evidence(facts: &'a [Fact], issued_at: OffsetDateTime) -> Timeline<'a> {
        let mut sorted = sorted(facts);
        let first_ever: Vec<bool> = sorted
            .iter()
            .map(|fact| {
                let pause = matches!(
                    fact.record.element,
                    ElementId::Special | ElementId::Correction
                );
                let earliest = sorted
                    .iter()
                    .filter(|other| same_key(other, fact))
                    .min_by_key(|other| {
                        (other.record.head.received_at, version_number(&other.record))
                    });
                !pause
                    && fact.record.op != Op::Delete
                    && earliest.is_some_and(|e| std::ptr::eq(*e, *fact))
            })
            .collect();
        let mut position = 0;
        sorted.retain(|fact| {
            position += 1;
            fact.record.head.received_at <= issued_at || first_ever[position - 1]
        });
        let mut live: Vec<&'a Record> = Vec::new();
        for (at, fact) in sorted.iter().enumerate() {
            let newest = sorted.get(at + 1).is_none_or(|next| !same_key(next, fact));
            if newest && fact.record.op != Op::Delete {
                live.push(&fact.record);
            }
        }
        Self::with(sorted, live)
    }

    fn with(facts: Vec<&'a Fact>, live: Vec<&'a Record>) -> Timeline<'a> {
        let mut sources: Vec<&'a str> = facts.iter().map(|f| &*f.record.head.source).collect();
        sources.sort_unstable();
        sources.dedup();
        Timeline {
            facts,
            live,
            sources,
        }
    }

    /// Every version, sorted by element, source, seq and version.
    pub fn facts(&self) -> impl Iterator<Item = &'a Fact> {
        self.facts.iter().copied()
    }

    /// The records of an element in force, sorted by source and seq; declared "none" is left out.
    pub fn live(&self, element: ElementId) -> impl Iterator<Item = &'a Record> {
        self.live
            .iter()
            .copied()
            .filter(move |r| r.element == element && r.none.is_none())
    }

    /// The first record of an element in force.
    pub fn first(&self, element: ElementId) -> Option<&'a Record> {
        self.live(element).next()
    }

    /// Every stored version of an element's records that says something (no deletion, no "none").
    pub fn versions(&self, element: ElementId) -> impl Iterator<Item = &'a Record> {
        self.facts
            .iter()
            .map(|f| &f.record)
            .filter(move |r| r.element == element && r.op != Op::Delete && r.none.is_none())
    }

    /// When the first version of a record arrived.
    pub fn first_arrival(&self, record: &Record) -> OffsetDateTime {
        let same = |f: &&&Fact| {
            let r = &f.record;
            (r.element, r.seq) == (record.element, record.seq)
                && r.head.source == record.head.source
        };
        let arrivals = self
            .facts
            .iter()
            .filter(same)
            .map(|f| f.record.head.received_at);
        arrivals.min().unwrap_or(record.head.received_at)
    }

    /// Whether an element is declared "none" by a record in force.
    pub fn declared_none(&self, element: ElementId) -> bool {
        self.live
            .iter()
            .any(|r| r.element == element && r.none.is_some())
    }

    /// The sources that feed the case.
    pub fn sources(&self) -> &[&'a str] {
        &self.sources
    }

    /// Whether every source of the case has declared the element absent.
    pub fn absent(&self, absents: &Absents, element: ElementId) -> bool {
        !self.sources.is_empty() && self.sources.iter().all(|s| absents.element(s, element))
    }

    /// Whether a field is nowhere in force and every source of the case has declared it absent.
    pub fn lacks(&self, absents: &Absents, element: ElementId, field: &str) -> bool {
        !self.sources.is_empty()
            && self
                .sources
                .iter()
                .all(|s| absents.field(s, element, field))
            && self.live(element).all(|r| r.get(field).is_none())
    }

    /// The latest instant that any record in force states, with the offset that its source wrote.
    pub fn latest_stamp(&self) -> Option<OffsetDateTime> {
        self.live
            .iter()
            .flat_map(|r| r.values.iter().flatten())
            .filter_map(Value::stamp)
            .max_by_key(|s| (*s, s.offset().whole_seconds()))
    }
}

/// Whether two facts are versions of one record.
fn same_key(a: &Fact, b: &Fact) -> bool {
    let (a, b) = (&a.record, &b.record);
    (a.element, a.seq) == (b.element, b.seq) && a.head.source == b.head.source
}

fn sorted(facts: &[Fact]) -> Vec<&Fact> {
    let mut sorted: Vec<&Fact> = facts.iter().collect();
    sorted.sort_by(|a, b| {
        let key = |f: &Fact| {
            let r = &f.record;
            (r.seq, version_number(r), r.head.received_at, r.digest)
        };
        (a.record.element, &a.record.head.source)
            .cmp(&(b.record.element, &b.record.head.source))
            .then_with(|| key(a).cmp(&key(b)))
    });
    sorted
}
