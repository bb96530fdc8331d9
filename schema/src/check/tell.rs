//! How a fault is told: as a finding with its place, or, where the source has the code lowered, as
//! a count of the work list. Refuses to decide what is a fault.

use super::kind::Args;
use super::plan::{self, MAX_FIELDS};
use super::{Context, WorkItem};
use crate::code::Code;
use crate::element::{ElementId, ElementSpec};
use crate::finding::{Finding, Place};
use crate::record::RawRecord;
use time::{Date, Duration, OffsetDateTime, UtcOffset};

/// How far a time may lie after its arrival before it counts as in the future: clocks differ.
const CLOCK_DIFFERENCE: Duration = Duration::minutes(5);

/// A record, or a field of it, as a place.
#[derive(Clone, Copy)]
pub(super) struct At<'r> {
    /// Record in the item, 1-based.
    pub record: u32,
    /// The record.
    pub raw: &'r RawRecord,
    /// The field, as an index of the spec.
    pub field: Option<usize>,
}

impl<'r> At<'r> {
    fn spec(self) -> &'static ElementSpec {
        self.raw.element.spec()
    }

    /// Whether the field is a secret.
    fn is_secret(self) -> bool {
        let field = self.field.and_then(|i| self.spec().fields.get(i));
        field.is_some_and(|f| f.secret)
    }

    /// The same record, at a field.
    pub(super) fn field(self, index: usize) -> At<'r> {
        At {
            field: Some(index),
            ..self
        }
    }
}

/// Tells the faults of one case.
pub(super) struct Teller<'c> {
    /// Where the case comes from.
    pub ctx: &'c Context<'c>,
    /// Its number.
    pub case_no: &'c str,
    /// What was met and is waived.
    pub work: Vec<(WorkItem, u64)>,
    /// What is later is in the future, and the day before.
    pub latest: (OffsetDateTime, Date),
    /// The day of arrival in the source's zone.
    pub today: Date,
    /// How often a field was absent that the source cannot supply, by element and field.
    absent: [u32; ElementId::ALL.len() * MAX_FIELDS],
}

impl<'c> Teller<'c> {
    /// Nothing told yet.
    pub(super) fn new(ctx: &'c Context<'c>, case_no: &'c str) -> Teller<'c> {
        let latest = ctx.received_at.saturating_add(CLOCK_DIFFERENCE);
        let before = latest.to_offset(UtcOffset::UTC).date();
        Teller {
            ctx,
            case_no,
            latest: (latest, before.previous_day().unwrap_or(before)),
            today: ctx.received_at.to_offset(ctx.offset).date(),
            work: Vec::new(),
            absent: [0; ElementId::ALL.len() * MAX_FIELDS],
        }
    }

    /// What was met and is waived, in lines.
    pub(super) fn into_work(mut self) -> Vec<(WorkItem, u64)> {
        let lines = self.absent.iter().filter(|count| **count > 0).count();
        self.work.reserve_exact(lines);
        for (element, counts) in ElementId::ALL
            .into_iter()
            .zip(self.absent.chunks(MAX_FIELDS))
        {
            let plans = plan::of(element).iter().zip(element.spec().fields);
            for (count, (plan, field)) in counts.iter().zip(plans).filter(|(n, _)| **n > 0) {
                let line = WorkItem {
                    code: plan.need.code(),
                    element,
                    field: field.name.into(),
                    value: String::new(),
                };
                self.work.push((line, u64::from(*count)));
            }
        }
        self.work
    }

    /// Counts the absence of a field that the source cannot supply.
    pub(super) fn count_absent(&mut self, element: ElementId, field: usize) {
        if let Some(count) = self.absent.get_mut(element.index() * MAX_FIELDS + field) {
            *count += 1;
        }
    }

    /// A finding, or `None` where the code is lowered (then it is counted).
    pub(super) fn tell(
        &mut self,
        at: At,
        code: Code,
        args: Args,
        value: Option<&str>,
    ) -> Option<Finding> {
        if self.ctx.lowers(code) {
            self.count(at, code, "", value);
            return None;
        }
        let mut finding = Finding::new(code, self.place(at));
        let named = match at.field.and_then(|i| at.spec().fields.get(i)) {
            Some(field) => (field.zh, field.en, field.personal),
            None => (at.spec().zh, at.spec().en, false),
        };
        finding = finding.with("zh", named.0).with("en", named.1);
        for (name, value) in args {
            finding = finding.with(name, value);
        }
        Some(match value {
            Some(_) if at.is_secret() => finding.with_secret(),
            Some(text) => finding.with_value(text, named.2),
            None => finding,
        })
    }

    /// Counts a waived fault: of a field, of a place of the source that maps to none, or of the element.
    pub(super) fn count(&mut self, at: At, code: Code, place: &str, value: Option<&str>) {
        let field = at.field.and_then(|i| at.spec().fields.get(i));
        let line = WorkItem {
            code,
            element: at.raw.element,
            field: field.map_or_else(|| place.to_owned().into(), |f| f.name.into()),
            value: super::work_value(code, value.filter(|_| field.is_none_or(|f| !f.personal))),
        };
        match self.work.iter_mut().find(|(known, _)| known.is(&line)) {
            Some((_, count)) => *count += 1,
            None => self.work.push((line, 1)),
        }
    }

    fn place(&self, at: At) -> Place {
        let own = at
            .field
            .and_then(|i| at.raw.fields.iter().find(|f| f.index == i))
            .filter(|f| f.line != 0);
        Place {
            file: self.ctx.file.to_owned(),
            line: own.map_or(at.raw.line, |f| f.line),
            column: own.map_or(at.raw.column, |f| f.column),
            record: at.record,
            case_no: self.case_no.to_owned(),
            element: Some(at.raw.element),
            field: at
                .field
                .and_then(|i| at.spec().fields.get(i))
                .map_or(String::new(), |f| f.name.to_owned()),
            own: String::new(),
        }
    }
}
