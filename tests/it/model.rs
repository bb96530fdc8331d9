//! The reference model of the ledger: plain maps from a list of arrivals to states and counts. It
//! is the contract in executable form and shares no line with the product.

use std::collections::BTreeMap;

/// What becomes of an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Stored,
    Late,
    Deleted,
    Duplicate,
    Conflict,
    Rejected,
}

/// One record as it arrives.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub source: String,
    pub space: &'static str,
    pub case_no: String,
    /// Name of the element, or `unknown`.
    pub element: &'static str,
    pub seq: i64,
    /// `None`: the source numbers no versions.
    pub version: Option<i64>,
    pub delete: bool,
    /// What it says; two records say the same exactly if these texts are equal.
    pub content: String,
    /// Whether the gate takes it.
    pub sound: bool,
}

/// Received, stored, rejected, duplicate: at rest nothing is pending.
pub type Line = [u64; 4];
/// Source, element, receive day.
pub type LineKey = (String, String, String);
/// Element, space, case, source, seq.
pub type RowKey = (&'static str, &'static str, String, String, i64);

/// One hub at rest.
#[derive(Debug, Default)]
pub struct Model {
    pub ledger: BTreeMap<LineKey, Line>,
    /// Every stored version of every key: content and state.
    pub rows: BTreeMap<RowKey, BTreeMap<i64, (String, &'static str)>>,
    /// What goes up, in order.
    pub stored: Vec<Arrival>,
}

impl Model {
    /// One record arrives on a day.
    pub fn arrive(&mut self, day: &str, a: &Arrival) -> Fate {
        let fate = self.decide(a);
        let key = (a.source.clone(), a.element.to_owned(), day.to_owned());
        let line = self.ledger.entry(key).or_default();
        line[0] += 1;
        line[match fate {
            Fate::Stored | Fate::Late | Fate::Deleted => 1,
            Fate::Rejected | Fate::Conflict => 2,
            Fate::Duplicate => 3,
        }] += 1;
        fate
    }

    fn decide(&mut self, a: &Arrival) -> Fate {
        if !a.sound {
            return Fate::Rejected;
        }
        let key = (
            a.element,
            a.space,
            a.case_no.clone(),
            a.source.clone(),
            a.seq,
        );
        let versions = self.rows.entry(key).or_default();
        let newest = versions
            .last_key_value()
            .map(|(n, (said, _))| (*n, said.clone()));
        let number = match (a.version, &newest) {
            (Some(number), _) => number,
            (None, None) => 1,
            (None, Some((_, said))) if *said == a.content => return Fate::Duplicate,
            (None, Some((last, _))) => last + 1,
        };
        if let Some((said, _)) = versions.get(&number) {
            return if *said == a.content {
                Fate::Duplicate
            } else {
                Fate::Conflict
            };
        }
        let fate = match newest {
            Some((last, _)) if last > number => Fate::Late,
            _ if a.delete => Fate::Deleted,
            _ => Fate::Stored,
        };
        if let Some((last, _)) = newest.filter(|_| fate != Fate::Late) {
            versions.entry(last).and_modify(|v| v.1 = "superseded");
        }
        let state = match fate {
            Fate::Late => "late",
            Fate::Deleted => "deleted",
            _ => "live",
        };
        versions.insert(number, (a.content.clone(), state));
        self.stored.push(Arrival {
            version: Some(number),
            ..a.clone()
        });
        fate
    }

    /// The hub above, after everything that was stored here came there on one day.
    pub fn above(&self, day: &str) -> Model {
        let mut above = Model::default();
        for arrival in &self.stored {
            above.arrive(day, arrival);
        }
        above
    }
}
