//! The case at a glance, for lists and pages: who, what, how far, by when. Refuses to compute a
//! clock (`terms.rs`) or to hold personal data.

use crate::card::Bilingual;
use crate::hold::Hold;
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use tongcha_schema::element::ElementId;

time::serde::format_description!(day, Date, "[year]-[month]-[day]");

/// How far a case has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Something is known, no decision on acceptance yet.
    Applied,
    /// Sent back for correction before acceptance (补齐补正): the clock has not begun.
    Correcting,
    /// Not accepted (不受理, 不予受理).
    Refused,
    /// Accepted: the clock runs.
    Accepted,
    /// Accepted, and a special procedure stops the clock.
    Paused,
    /// Concluded.
    Concluded,
}

impl Stage {
    /// `applied`, `correcting`, `refused`, `accepted`, `paused` or `concluded`.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Applied => "applied",
            Stage::Correcting => "correcting",
            Stage::Refused => "refused",
            Stage::Accepted => "accepted",
            Stage::Paused => "paused",
            Stage::Concluded => "concluded",
        }
    }

    /// Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            Stage::Applied => "已申请",
            Stage::Correcting => "补正中",
            Stage::Refused => "未受理",
            Stage::Accepted => "办理中",
            Stage::Paused => "暂停计时",
            Stage::Concluded => "已办结",
        }
    }
}

/// Where the due day came from (WORDS, "Time").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueBasis {
    /// Our own computation from the item's promised limit and the acceptance.
    Computed,
    /// The date that the department reported; no limit is known.
    Reported,
}

/// One case at a glance. Lateness and what remains are as of the look that made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseSummary {
    /// Numbering space.
    pub space: String,
    /// Case number.
    pub case_no: String,
    /// Organ code; empty where the source supplies none.
    pub organ_code: String,
    /// Organ name; empty where unknown.
    pub organ_name: String,
    /// Item code; empty where unknown.
    pub item_code: String,
    /// Item name; empty where unknown.
    pub item_name: String,
    /// Project name; empty where unknown.
    pub project_name: String,
    /// How far it has come.
    pub stage: Stage,
    /// Application.
    #[serde(with = "time::serde::rfc3339::option")]
    pub applied_at: Option<OffsetDateTime>,
    /// Acceptance (state 1): day 0 of the clock.
    #[serde(with = "time::serde::rfc3339::option")]
    pub accepted_at: Option<OffsetDateTime>,
    /// The due day in force; none before acceptance and while the clock stands.
    #[serde(with = "day::option")]
    pub due_date: Option<Date>,
    /// The due instant, for limits in hours or minutes.
    #[serde(with = "time::serde::rfc3339::option")]
    pub due_at: Option<OffsetDateTime>,
    /// Where it came from.
    pub due_basis: Option<DueBasis>,
    /// Our own computation.
    #[serde(with = "day::option")]
    pub computed_due: Option<Date>,
    /// What the department reported.
    #[serde(with = "day::option")]
    pub reported_due: Option<Date>,
    /// The legal limit's due day.
    #[serde(with = "day::option")]
    pub legal_due: Option<Date>,
    /// The arithmetic of the due day.
    pub due_lines: Vec<Bilingual>,
    /// The computed and the reported day differ.
    pub due_warning: Option<Bilingual>,
    /// A year without calendar data that the clock ran through: the due day is provisional.
    pub provisional: Option<i32>,
    /// Conclusion (50 转报 is none).
    #[serde(with = "time::serde::rfc3339::option")]
    pub concluded_at: Option<OffsetDateTime>,
    /// Canonical result code of the conclusion; empty while open or unknown.
    pub result: String,
    /// Concluded on a day after the due day; never against a due day of a year without a calendar.
    pub late: bool,
    /// Open, and the due day is over; never while the case is held as refused or without a calendar.
    pub overdue: bool,
    /// Working days from today to the due day while open; negative when overdue; none while the case is
    /// held as refused or without a calendar.
    pub remaining: Option<i64>,
    /// Elements that are due at this stage and missing.
    pub missing: Vec<ElementId>,
    /// Why no card of it is issued, if it is held; in order.
    #[serde(default)]
    pub holds: Vec<Hold>,
}
