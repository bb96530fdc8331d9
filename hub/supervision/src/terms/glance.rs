//! The case at a glance, as of an instant, out of its terms. Refuses to keep the instant.

use super::Terms;
use crate::calendar::Calendar;
use crate::missing::missing;
use crate::scene::Scene;
use crate::summary::CaseSummary;
use crate::timeline::Timeline;
use time::OffsetDateTime;
use tongcha_schema::element::ElementId;

impl<'a> Terms<'a> {
    /// The case at a glance, as of an instant.
    pub fn summary(
        &self,
        scene: &Scene<'_>,
        timeline: &Timeline<'a>,
        calendar: &Calendar,
        now: OffsetDateTime,
    ) -> CaseSummary {
        let base = timeline.first(ElementId::CaseBase);
        let base_text = |field| base.and_then(|r| r.text(field)).unwrap_or_default();
        let today = self.day_of(now.to_offset(self.zone));
        let due = self.due;
        let open = self.concluded.is_none() && self.accepted.is_some();
        let missing = missing(scene, timeline, self, calendar);
        CaseSummary {
            space: scene.space.to_owned(),
            case_no: scene.case_no.to_owned(),
            organ_code: self.organ_code(timeline).to_owned(),
            organ_name: self.organ_name(timeline).to_owned(),
            item_code: self.item_text("item_code").to_owned(),
            item_name: self.item_text("item_name").to_owned(),
            project_name: base_text("project_name").to_owned(),
            stage: self.stage,
            applied_at: base.and_then(|r| r.stamp("apply_time")),
            accepted_at: self.accepted,
            due_date: due.map(|d| d.day),
            due_at: due.and_then(|d| d.at),
            due_basis: due.map(|d| d.basis),
            computed_due: self.promise.as_ref().and_then(|c| c.due.day()),
            reported_due: self.reported,
            legal_due: self.legal.as_ref().and_then(|c| c.due.day()),
            due_lines: self.lines.clone(),
            due_warning: self.warning.clone(),
            provisional: self.due_gap.map(|gap| gap.year),
            concluded_at: self.concluded,
            result: self
                .conclusion
                .and_then(|r| r.text("result"))
                .unwrap_or_default()
                .to_owned(),
            late: self.due_gap.is_none()
                && due
                    .zip(self.concluded)
                    .is_some_and(|(due, done)| self.is_late(done, due.day)),
            overdue: open && due.is_some_and(|due| today > due.day),
            remaining: due
                .filter(|_| open)
                .map(|due| calendar.working_between(today, due.day)),
            missing: missing
                .into_iter()
                .filter(|missing| missing.since <= now)
                .map(|missing| missing.element)
                .collect(),
            holds: Vec::new(),
        }
    }
}
