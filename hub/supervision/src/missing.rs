//! Which elements are due at a case's stage and missing (要素全覆盖). Refuses to judge it: rule D-01 does, and the
//! case at a glance shows it.

use crate::calendar::Calendar;
use crate::scene::Scene;
use crate::terms::Terms;
use crate::timeline::Timeline;
use time::OffsetDateTime;
use tongcha_schema::element::{Due, ElementId};
use tongcha_schema::record::Record;

/// Working days after a positive conclusion within which delivery is due (行政许可法 art. 44).
const DELIVERY_DAYS: i64 = 10;

/// An element that is due at the case's stage and not there.
pub(crate) struct Missing<'a> {
    /// The missing element.
    pub element: ElementId,
    /// Since when it is due.
    pub since: OffsetDateTime,
    /// The record that tells of the stage.
    pub told_by: &'a Record,
    /// Instant from which it was counted in working days, where it was.
    pub counted_from: Option<OffsetDateTime>,
}

/// Results that end a case without a decision (不予受理, 退回/撤回, 补正逾期, 作废, 删除): what only handling
/// produces may rightly not be there.
const UNDECIDED: [&str; 5] = ["30", "40", "41", "90", "91"];
/// The one result that hands out a certificate (准予并出证); 11 grants without one.
const CERTIFIED: &str = "10";

/// The elements that are due and neither there, nor declared none, nor declared absent by every
/// source.
pub(crate) fn missing<'a>(
    scene: &Scene<'_>,
    timeline: &Timeline<'a>,
    terms: &Terms<'a>,
    calendar: &Calendar,
) -> Vec<Missing<'a>> {
    let covered = |element| {
        timeline.first(element).is_some()
            || timeline.declared_none(element)
            || timeline.absent(scene.absents, element)
    };
    ElementId::ALL
        .into_iter()
        .filter_map(|element| {
            let due = due_of(element, timeline, terms, calendar)?;
            (!covered(element)).then_some(due)
        })
        .collect()
}

/// What makes an element due in this case, if the case has come so far.
fn due_of<'a>(
    element: ElementId,
    timeline: &Timeline<'a>,
    terms: &Terms<'a>,
    calendar: &Calendar,
) -> Option<Missing<'a>> {
    let due = |since: OffsetDateTime, told_by| Missing {
        element,
        since,
        told_by,
        counted_from: None,
    };
    let result = terms.conclusion.and_then(|r| r.text("result"));
    let concluded = terms.concluded.zip(terms.conclusion);
    let decided = concluded.filter(|_| result.is_none_or(|r| !UNDECIDED.contains(&r)));
    let certified = concluded.filter(|_| result.is_none_or(|r| r == CERTIFIED));
    match element.spec().due {
        Due::Accepted => {
            let (since, told_by) = terms.accepted.zip(terms.acceptance).or(decided)?;
            Some(due(since, told_by))
        }
        Due::Concluded if element == ElementId::ResultDoc => certified.map(|(s, r)| due(s, r)),
        Due::EachStep | Due::Concluded => decided.map(|(since, told_by)| due(since, told_by)),
        Due::WhenItHappens => {
            let asks = if element == ElementId::Correction {
                "5"
            } else {
                "6"
            };
            timeline
                .live(ElementId::Process)
                .filter(|step| step.text("result") == Some(asks))
                .filter_map(|step| {
                    Some((step.stamp("end_time").or(step.stamp("start_time"))?, step))
                })
                .min_by_key(|(at, _)| *at)
                .map(|(since, step)| due(since, step))
        }
        Due::Delivered => {
            let (done, told_by) = certified.filter(|_| result.is_some())?;
            let since = terms.end_of(calendar.add(done.date(), DELIVERY_DAYS));
            Some(Missing {
                counted_from: Some(done),
                ..due(since, told_by)
            })
        }
        Due::Never => None,
    }
}
