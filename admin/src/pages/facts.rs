//! One line of a case's timeline: one stored version of one record, with its state and its fields.

use crate::chip::{self, Chip};
use crate::format::{as_written, href};
use crate::shell::Ctx;
use tongcha_hub::view::facts::{FactLine, FieldLine};
use tongcha_supervision::RowState;

/// One field.
pub(crate) struct FieldRow {
    pub(crate) title: &'static str,
    pub(crate) name: &'static str,
    pub(crate) text: String,
    pub(crate) code: String,
    pub(crate) masked: bool,
    pub(crate) changed: bool,
}

/// One stored version of one record.
pub(crate) struct FactRow {
    /// Part of the id of its place on the page, the same at every visit.
    pub(crate) anchor: String,
    pub(crate) element: &'static str,
    pub(crate) seq: i64,
    pub(crate) version: i64,
    pub(crate) state: Chip,
    pub(crate) in_force: bool,
    pub(crate) deletes: bool,
    pub(crate) none: String,
    pub(crate) at: String,
    pub(crate) received: String,
    pub(crate) source: String,
    pub(crate) org_bus_no: String,
    pub(crate) marks: Vec<(String, &'static str)>,
    pub(crate) fields: Vec<FieldRow>,
    pub(crate) envelope: String,
    pub(crate) envelope_href: String,
    pub(crate) record: u32,
    pub(crate) line: u32,
}

/// One line of the timeline.
pub(crate) fn fact_row(ctx: &Ctx, fact: &FactLine) -> FactRow {
    let spec = fact.element.spec();
    FactRow {
        anchor: format!(
            "{}-{}-{}-{}",
            spec.name, fact.seq, fact.version, fact.source
        ),
        element: ctx.lang.pick(spec.zh, spec.en),
        seq: fact.seq,
        version: fact.version,
        state: chip::row_state(ctx.t, fact.state),
        in_force: fact.state == RowState::Live,
        deletes: fact.deletes,
        none: fact.none.clone(),
        at: fact
            .at
            .map(|at| as_written(at, ctx.zone()))
            .unwrap_or_default(),
        received: ctx.at(fact.received_at),
        source: fact.source.clone(),
        org_bus_no: fact.org_bus_no.clone(),
        marks: fact
            .marks
            .iter()
            .map(|code| {
                let title = code.spec().title;
                (code.to_string(), ctx.lang.pick(title.0, title.1))
            })
            .collect(),
        fields: fact.fields.iter().map(|f| field_row(ctx, f)).collect(),
        envelope: fact.envelope.clone(),
        envelope_href: href("/envelope", &[("id", &fact.envelope)]),
        record: fact.record,
        line: fact.line,
    }
}

fn field_row(ctx: &Ctx, field: &FieldLine) -> FieldRow {
    let (text, code) = match (field.at, field.meaning) {
        (Some(at), _) => (as_written(at, ctx.zone()), String::new()),
        (None, Some((zh, en))) => (ctx.lang.pick(zh, en).to_owned(), field.text.clone()),
        (None, None) => (field.text.clone(), String::new()),
    };
    FieldRow {
        title: ctx.lang.pick(field.title.0, field.title.1),
        name: field.name,
        text,
        code,
        masked: field.masked,
        changed: field.changed,
    }
}
