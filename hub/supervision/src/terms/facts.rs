//! Which facts the terms of a case rest on: acceptance, conclusion, item, pauses, extension.
//! Refuses to reckon with them (`terms.rs`, `clock_budget.rs`).

use crate::card::Bilingual;
use crate::clock_budget::{Extension, Limit, Pause, Unit};
use crate::profile::Profile;
use crate::timeline::Timeline;
use time::{Date, OffsetDateTime};
use tongcha_schema::codeset;
use tongcha_schema::element::ElementId;
use tongcha_schema::record::Record;
use tongcha_schema::value::Value;

/// The acceptance in force: the earliest with state 1 (or none stated), else the last by time.
pub(super) fn acceptance<'a>(timeline: &Timeline<'a>) -> Option<&'a Record> {
    let accepted = |r: &&Record| r.text("accept_state").is_none_or(|state| state == "1");
    let time = |r: &&Record| r.stamp("accept_time");
    timeline
        .live(ElementId::Acceptance)
        .filter(accepted)
        .min_by_key(|r| (time(r).is_none(), time(r)))
        .or_else(|| timeline.live(ElementId::Acceptance).max_by_key(time))
}

/// The earliest conclusion in force that ends the case and says when.
pub(super) fn conclusion<'a>(timeline: &Timeline<'a>) -> Option<&'a Record> {
    timeline
        .live(ElementId::Conclusion)
        .filter(|r| r.text("result") != Some("50") && r.stamp("done_time").is_some())
        .min_by_key(|r| r.stamp("done_time"))
}

/// The item in force at acceptance: a new item version that was received after the acceptance does
/// not count, a correction of the same item version does.
pub(super) fn item_in_force<'a>(timeline: &Timeline<'a>) -> Option<&'a Record> {
    let live = timeline.first(ElementId::Item)?;
    let accepted = timeline
        .versions(ElementId::Acceptance)
        .map(|r| r.head.received_at)
        .min();
    let version = |r: &Record| r.get("item_ver").and_then(Value::int);
    let same = |r: &&Record| r.head.source == live.head.source && r.seq == live.seq;
    let known: Vec<&Record> = timeline.versions(ElementId::Item).filter(same).collect();
    let at_acceptance = known
        .iter()
        .rfind(|r| accepted.is_none_or(|at| r.head.received_at <= at))
        .or_else(|| known.first())?;
    known
        .iter()
        .rfind(|r| version(r) == version(at_acceptance))
        .copied()
        .or(Some(live))
}

/// A limit of the item, if it states count and unit.
pub(super) fn limit_of(item: Option<&Record>, count: &str, unit: &str) -> Option<Limit> {
    let item = item?;
    let count = item.get(count)?.int()?;
    Some(Limit::new(count, Unit::parse(item.text(unit)?)?))
}

/// Name of the step by which a special procedure ends where its result comes apart from its beginning, in
/// another row, file or day, and names neither start nor kind (Guangdong `EX_GDBS_TBCXJG`; the dialect gives it).
const SPECIAL_RESULT: &str = "特别程序结果";

/// Ends each open pause by the first result that came after it began; of two open ones the later began inside
/// the earlier and ends first.
fn end_by_results(timeline: &Timeline<'_>, pauses: &mut [Pause]) {
    let mut results: Vec<OffsetDateTime> = timeline
        .live(ElementId::Process)
        .filter(|r| r.text("step_name") == Some(SPECIAL_RESULT))
        .filter_map(|r| r.stamp("end_time"))
        .collect();
    results.sort_unstable();
    for result in results {
        let open = pauses
            .iter_mut()
            .filter(|p| p.until.is_none() && p.from <= result);
        if let Some(pause) = open.max_by_key(|p| p.from) {
            pause.until = Some(result);
        }
    }
}

/// What stops the clock: special procedures of the profile's kinds, and corrections asked after
/// acceptance where the profile says so.
pub(super) fn pauses(timeline: &Timeline<'_>, profile: &Profile) -> Vec<Pause> {
    let mut pauses: Vec<Pause> = timeline
        .live(ElementId::Special)
        .filter_map(|r| {
            let kind = r.text("kind")?;
            let stops = profile.pause_kinds.iter().any(|k| k == kind);
            let (zh, en) = codeset::SPECIAL_KIND.meaning(kind).unwrap_or((kind, kind));
            stops.then_some(Pause {
                name: Bilingual::new(zh, en),
                from: r.stamp("start_time")?,
                until: r.stamp("end_time"),
            })
        })
        .collect();
    end_by_results(timeline, &mut pauses);
    if profile.correction_pauses {
        pauses.extend(timeline.live(ElementId::Correction).filter_map(|r| {
            Some(Pause {
                name: Bilingual::new("补正", "correction"),
                from: r.stamp("notice_time")?,
                until: r.stamp("received_time"),
            })
        }));
    }
    pauses
}

/// The first extension by time; a second one is another rule's business and lengthens nothing.
pub(super) fn extension(timeline: &Timeline<'_>) -> Option<Extension> {
    timeline
        .live(ElementId::Special)
        .filter(|r| r.text("kind") == Some("01"))
        .filter_map(|r| {
            let count = r.get("limit")?.int()?;
            let by = Limit::new(count, Unit::parse(r.text("limit_unit")?)?);
            Some((r.stamp("start_time")?, by))
        })
        .min_by_key(|(start, _)| *start)
        .map(|(start, by)| Extension {
            by,
            approved: start.date(),
        })
}

/// Whether the department itself moved its promised date after the last special procedure came in:
/// then the reported date already holds it.
pub(super) fn restated(timeline: &Timeline<'_>) -> bool {
    let mut dates: Vec<(Option<Date>, OffsetDateTime)> = timeline
        .versions(ElementId::Acceptance)
        .map(|r| {
            (
                r.get("promise_date").and_then(Value::day),
                r.head.received_at,
            )
        })
        .collect();
    let special = [ElementId::Special, ElementId::Correction]
        .into_iter()
        .flat_map(|e| timeline.versions(e))
        .map(|r| r.head.received_at)
        .max();
    let Some((last, received)) = dates.pop() else {
        return false;
    };
    special.is_none_or(|special| received >= special) && dates.iter().any(|(d, _)| *d != last)
}
