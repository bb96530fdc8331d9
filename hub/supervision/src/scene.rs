//! What a judgement looks at: every stored version of every fact of one case, what its sources
//! cannot supply, and when their feeds were unhealthy. Refuses to interpret any of it
//! (`timeline.rs`, `terms.rs`, the rules).

use schema::element::ElementId;
use schema::record::Record;
use schema::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::{OffsetDateTime, UtcOffset};
use tongcha_schema as schema;

/// The state of a stored version (WORDS, "Versions"); the text stands in the column `row_state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowState {
    /// The newest version, in force.
    Live,
    /// An earlier version, replaced by a higher one.
    Superseded,
    /// An older version that arrived after a higher one; it never overwrote anything.
    Late,
    /// The newest version, and it deletes.
    Deleted,
}

impl RowState {
    /// `live`, `superseded`, `late` or `deleted`.
    pub fn name(self) -> &'static str {
        match self {
            RowState::Live => "live",
            RowState::Superseded => "superseded",
            RowState::Late => "late",
            RowState::Deleted => "deleted",
        }
    }

    /// Reads the text of the column.
    pub fn parse(text: &str) -> Option<RowState> {
        [Self::Live, Self::Superseded, Self::Late, Self::Deleted]
            .into_iter()
            .find(|s| s.name() == text)
    }
}

/// One stored version of one record. The record's version is `Given`: ingest has numbered it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// What the source said.
    pub record: Record,
    /// What the store made of it.
    pub state: RowState,
}

/// A time in which the feed of a source was unhealthy (exchange fault, not the department's fault).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultWindow {
    /// The originating node, `region/node`; empty: every source of the hub.
    pub source: String,
    /// First unhealthy instant.
    #[serde(with = "time::serde::rfc3339")]
    pub from: OffsetDateTime,
    /// End, exclusive: the feed is healthy again and its backlog is in. `None`: still unhealthy.
    #[serde(with = "time::serde::rfc3339::option")]
    pub until: Option<OffsetDateTime>,
}

impl FaultWindow {
    /// Whether the window holds the instant.
    pub fn covers(&self, at: OffsetDateTime) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// A record of the case that was refused or set aside, and of which no later one of its element has been
/// accepted as far as the store knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Refusal {
    /// Its element.
    pub element: ElementId,
    /// When it arrived.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Code of the finding that refused it, e.g. `X402`; empty where unknown.
    pub code: String,
    /// Envelope that brought it.
    pub envelope: String,
    /// A record of its element came again later and was accepted, though nothing in it was new.
    pub answered: bool,
}

/// What sources have declared that they cannot supply (dialect `absent`), by source. One value may
/// serve every case of a hub.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Absents {
    by_source: BTreeMap<Box<str>, Declared>,
}

/// The declarations of one source: whole elements, and per element a bit per field index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Declared {
    elements: u16,
    fields: [u128; ElementId::ALL.len()],
}

impl Absents {
    /// Declares an element (`field` none) or one field of it absent for a source. Returns whether
    /// the field is known; an unknown one is not declared.
    pub fn declare(&mut self, source: &str, element: ElementId, field: Option<&str>) -> bool {
        let Some(name) = field else {
            self.entry(source).elements |= 1 << element.index();
            return true;
        };
        match element.spec().field_index(name) {
            Some(index) => self.declare_index(source, element, index),
            None => false,
        }
    }

    /// The same by the field's position in the spec; false beyond 127.
    pub fn declare_index(&mut self, source: &str, element: ElementId, field: usize) -> bool {
        let Some(bit) = u32::try_from(field).ok().and_then(|f| 1u128.checked_shl(f)) else {
            return false;
        };
        self.entry(source).fields[element.index()] |= bit;
        true
    }

    fn entry(&mut self, source: &str) -> &mut Declared {
        self.by_source.entry(source.into()).or_default()
    }

    /// Whether a source has declared the whole element absent.
    pub fn element(&self, source: &str, element: ElementId) -> bool {
        self.by_source
            .get(source)
            .is_some_and(|d| d.elements & (1 << element.index()) != 0)
    }

    /// Whether a source has declared the field absent, alone or with its whole element.
    pub fn field(&self, source: &str, element: ElementId, field: &str) -> bool {
        self.by_source.get(source).is_some_and(|d| {
            d.elements & (1 << element.index()) != 0
                || element
                    .spec()
                    .field_index(field)
                    .and_then(|i| u32::try_from(i).ok())
                    .and_then(|i| 1u128.checked_shl(i))
                    .is_some_and(|bit| d.fields[element.index()] & bit != 0)
        })
    }
}

/// One case as the judge sees it. The order of `facts` does not matter.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// Numbering space.
    pub space: &'a str,
    /// Case number.
    pub case_no: &'a str,
    /// Every stored version of every record of the case.
    pub facts: &'a [Fact],
    /// What the sources cannot supply.
    pub absents: &'a Absents,
    /// When feeds were unhealthy.
    pub faults: &'a [FaultWindow],
    /// Records of the case that were refused.
    pub refusals: &'a [Refusal],
}

impl Scene<'_> {
    /// The refusals that are open: nothing of their element was accepted in a later delivery, neither as a
    /// new record nor as one that is known. In order.
    pub fn open_refusals(&self) -> Vec<&Refusal> {
        let accepted_after = |refusal: &Refusal| {
            self.facts.iter().any(|f| {
                f.record.element == refusal.element && f.record.head.received_at > refusal.at
            })
        };
        let mut open: Vec<&Refusal> = self
            .refusals
            .iter()
            .filter(|r| !r.answered && !accepted_after(r))
            .collect();
        open.sort();
        open
    }
}

/// Brings the stamps that were written in UTC into the zone of their source: a system that writes `Z`
/// still stands where it stands, and its days are the days of that place. The instants stay the same;
/// a stamp with any other offset stays as it was written.
pub fn into_zone(record: &mut Record, zone: UtcOffset) {
    for value in record.values.iter_mut().flatten() {
        if let Value::Stamp(stamp) = value
            && stamp.offset().is_utc()
        {
            *stamp = stamp.to_offset(zone);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_whole_element_hides_its_fields_and_other_sources_are_untouched() {
        let mut absents = Absents::default();
        assert!(absents.declare("430102/a", ElementId::Item, None));
        assert!(absents.element("430102/a", ElementId::Item));
        assert!(absents.field("430102/a", ElementId::Item, "promise_limit"));
        assert!(!absents.element("430102/b", ElementId::Item));
        assert!(!absents.declare("430102/a", ElementId::Item, Some("no_such_field")));
        assert!(absents.declare("430102/b", ElementId::Item, Some("promise_limit")));
        assert!(absents.field("430102/b", ElementId::Item, "promise_limit"));
        assert!(!absents.field("430102/b", ElementId::Item, "legal_limit"));
        assert!(!absents.element("430102/b", ElementId::Item));
        assert!(!absents.declare_index("430102/b", ElementId::Item, 128));
    }

    #[test]
    fn a_window_ends_before_its_end() {
        let window = FaultWindow {
            source: String::new(),
            from: datetime!(2024-01-01 0:00 +8),
            until: Some(datetime!(2024-01-02 0:00 +8)),
        };
        assert!(window.covers(window.from));
        assert!(!window.covers(datetime!(2024-01-02 0:00 +8)));
        assert!(!window.covers(datetime!(2023-12-31 23:59 +8)));
    }

    #[test]
    fn row_states_read_back() {
        for state in [
            RowState::Live,
            RowState::Superseded,
            RowState::Late,
            RowState::Deleted,
        ] {
            assert_eq!(RowState::parse(state.name()), Some(state));
        }
        assert_eq!(RowState::parse("gone"), None);
    }
}
