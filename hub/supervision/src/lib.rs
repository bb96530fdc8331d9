//! What is right and wrong: clocks, rules, cards and scores over the facts of one case. Pure: it
//! refuses every kind of IO, every clock and every source of randomness; `now` is handed in, and
//! one file ([`docket`]) compares it with what the rules say.

pub mod blind;
pub mod calendar;
pub mod card;
pub mod clock_budget;
pub mod docket;
pub mod hold;
mod missing;
pub mod notice;
pub mod profile;
pub mod rule;
pub mod rules;
pub mod scene;
pub mod score;
#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test notation may fail loudly"
)]
mod sketch;
pub mod summary;
pub mod terms;
pub mod timeline;

pub use calendar::{Calendar, CalendarGap};
pub use card::{Bilingual, Card, CardId, CardState, Colour, RuleId};
pub use docket::{Judgement, Move, apply, judge};
pub use hold::Hold;
pub use profile::Profile;
pub use scene::{Absents, Fact, FaultWindow, Refusal, RowState, Scene};
pub use summary::{CaseSummary, Stage};
