//! A plausible record as texts: a value for every field by its kind, and those conditional fields
//! whose condition holds. Refuses to be wrong: what a bad sample needs is put in by hand afterwards.

use crate::check::{CITIZEN_TYPES, ORG_TYPE, USCC_TYPE};
use crate::element::ElementId;
use crate::field::{Cond, FieldSpec, Kind, Need};
use crate::sample::node;
use crate::xml::native::field_nodes;
use crate::xml::write::write_field;
use std::collections::{BTreeMap, BTreeSet};
use time::{Date, Duration};

/// A synthetic social credit code that passes both checks.
pub(super) const USCC: &str = "11431321009000015L";
/// The organisation code inside of [`USCC`].
pub(super) const ORG: &str = "009000015";
/// A synthetic citizen number that passes its check.
pub(super) const CITIZEN: &str = "431321198001010012";
/// A case number of the national layout: implementation code, day, sequence.
pub(super) const CASE_NO: &str = "11431321009000015L4430131001000202603020001";

/// Values where the kind alone gives none that reads well or fits its neighbours.
const READABLE: &[(ElementId, &str, &str)] = &[
    (ElementId::Organ, "org_name", "双峰县示例局"),
    (ElementId::Organ, "org_level", "4"),
    (ElementId::Organ, "supervise_phone", "0738-0000000"),
    (
        ElementId::Item,
        "item_code",
        "11431321009000015L4430131001000",
    ),
    (ElementId::Item, "item_type", "01"),
    (ElementId::Item, "item_name", "示例经营许可"),
    (ElementId::Item, "use_level", "4"),
    (ElementId::Item, "legal_limit", "20"),
    (ElementId::Item, "promise_limit", "10"),
    (ElementId::Item, "is_fee", "1"),
    (ElementId::CaseBase, "case_type", "2"),
    (ElementId::CaseBase, "project_name", "示例商店经营许可申请"),
    (ElementId::Applicant, "name", "张示例"),
    (ElementId::Applicant, "mobile", "13000000000"),
    (ElementId::Material, "material_name", "申请表"),
    (ElementId::Material, "must_have", "1"),
    (ElementId::Material, "received", "1"),
    (ElementId::Acceptance, "accept_person", "王示例"),
    (ElementId::Acceptance, "promise_date", "2026-03-18"),
    (ElementId::Process, "step_name", "承办"),
    (ElementId::Process, "state", "2"),
    (ElementId::Process, "result", "1"),
    (ElementId::Process, "handler", "王示例"),
    (ElementId::Process, "handler_no", "HB-011"),
    (ElementId::Fee, "due", "120.00"),
    (ElementId::Fee, "derate", "20.00"),
    (ElementId::Fee, "paid", "100.00"),
    (ElementId::Conclusion, "is_fee", "1"),
    (ElementId::Conclusion, "person", "李示例"),
    (ElementId::ResultDoc, "valid_to", "长期"),
    (ElementId::Delivery, "receiver", "张示例"),
];

/// Day on which each element tells its first time, in days after [`START`].
const DAYS: [i64; 14] = [0, 0, 0, 0, 0, 2, 3, 1, 4, 7, 8, 8, 9, 10];
const START: Date = time::macros::date!(2026 - 03 - 02);
/// Days between one record of an element and the next.
const APART: i64 = 4;

/// A record in the making.
#[derive(Clone)]
pub(super) struct Draft {
    pub element: ElementId,
    pub seq: i64,
    /// Texts by the index of their field.
    pub fields: BTreeMap<usize, String>,
}

impl Draft {
    /// A record with these values and plausible ones beside: all required and optional fields, and
    /// the conditional ones whose condition holds.
    pub(super) fn new(element: ElementId, seq: i64, given: &[(usize, String)]) -> Draft {
        Draft::fill(element, seq, given, true)
    }

    /// The same with the required fields only.
    pub(super) fn minimal(element: ElementId, seq: i64, given: &[(usize, String)]) -> Draft {
        Draft::fill(element, seq, given, false)
    }

    /// The same as [`Draft::new`], by the names of the fields.
    pub(super) fn named(element: ElementId, seq: i64, given: &[(&str, &str)]) -> Draft {
        let spec = element.spec();
        let given: Vec<(usize, String)> = given
            .iter()
            .filter_map(|(name, text)| Some((spec.field_index(name)?, (*text).to_owned())))
            .collect();
        Draft::new(element, seq, &given)
    }

    fn fill(element: ElementId, seq: i64, given: &[(usize, String)], full: bool) -> Draft {
        let mut draft = Draft {
            element,
            seq,
            fields: given.iter().cloned().collect(),
        };
        let fixed: BTreeSet<usize> = draft.fields.keys().copied().collect();
        let fields = element.spec().fields;
        let plain = |f: &FieldSpec| match f.need {
            Need::Always => true,
            Need::Optional => full,
            Need::When(Cond::AnyOf(_)) => full,
            Need::When(_) => false,
        };
        for (index, field) in fields.iter().enumerate() {
            if plain(field) && !fixed.contains(&index) {
                let text = draft.base(index);
                draft.fields.insert(index, text);
            }
        }
        for (index, field) in fields.iter().enumerate() {
            if let Need::When(cond) = field.need
                && !fixed.contains(&index)
                && !draft.fields.contains_key(&index)
                && draft.holds(cond)
            {
                let text = draft.base(index);
                draft.fields.insert(index, text);
            }
        }
        draft.settle(&fixed);
        draft
    }

    fn text(&self, name: &str) -> Option<&str> {
        let index = self.element.spec().field_index(name)?;
        self.fields.get(&index).map(String::as_str)
    }

    fn set(&mut self, name: &str, text: String) {
        if let Some(index) = self.element.spec().field_index(name) {
            self.fields.insert(index, text);
        }
    }

    /// Whether a condition holds over the texts.
    pub(super) fn holds(&self, cond: Cond) -> bool {
        match cond {
            Cond::Is(name, codes) => self.text(name).is_some_and(|t| codes.contains(&t)),
            Cond::IsNot(name, codes) => self.text(name).is_some_and(|t| !codes.contains(&t)),
            Cond::Positive(name) => self
                .text(name)
                .and_then(|t| crate::money::parse(t).ok())
                .is_some_and(|fen| fen > 0),
            Cond::AnyOf(group) => group.iter().any(|name| self.text(name).is_some()),
        }
    }

    /// A plausible text for a field, given the texts before it.
    pub(super) fn base(&self, index: usize) -> String {
        let field = &self.element.spec().fields[index];
        let known = |(element, name, _): &&(ElementId, &str, &str)| {
            *element == self.element && *name == field.name
        };
        if let Some((_, _, text)) = READABLE.iter().find(known) {
            return (*text).to_owned();
        }
        match field.kind {
            Kind::Text(limit) => cut(&format!("示例{}", field.zh), usize::from(limit)),
            Kind::Code(set) => set.codes.first().map_or("", |(c, _, _)| c).to_owned(),
            Kind::Exact(length) if self.is_id_type(field.name) => {
                cut(CITIZEN_TYPES[0], usize::from(length))
            }
            Kind::Exact(length) => "4".repeat(usize::from(length)),
            Kind::DateTime => self.stamp(index),
            Kind::Date | Kind::DateOrForever => crate::stamp::canonical_date(self.day()),
            Kind::Int(low, high) => self.seq.clamp(low, high).to_string(),
            Kind::Money => "0.00".to_owned(),
            Kind::Flag => "0".to_owned(),
            Kind::Region => "431321".to_owned(),
            Kind::Uscc => USCC.to_owned(),
            Kind::LegacyOrg => ORG.to_owned(),
            Kind::IdNo(_, type_field) => id_no(self.text(type_field)).to_owned(),
            Kind::Hex(length) => "0123456789abcdef"
                .chars()
                .cycle()
                .take(usize::from(length))
                .collect(),
        }
    }

    /// Whether the field says what kind of identity number another one is.
    fn is_id_type(&self, name: &str) -> bool {
        let mut fields = self.element.spec().fields.iter();
        fields.any(|f| matches!(f.kind, Kind::IdNo(_, of) if of == name))
    }

    fn day(&self) -> Date {
        START + Duration::days(DAYS[self.element.index()] + (self.seq - 1) * APART)
    }

    /// Fields tell their times in their order, seven minutes apart, from nine o'clock.
    fn stamp(&self, index: usize) -> String {
        let minutes = 9 * 60 + 7 * index;
        format!(
            "{}T{:02}:{:02}:00+08:00",
            crate::stamp::canonical_date(self.day()),
            minutes / 60,
            minutes % 60
        )
    }

    /// Fits the fields that were not given to those that were: limits and sums.
    fn settle(&mut self, fixed: &BTreeSet<usize>) {
        let is_fixed = |name| {
            let index = self.element.spec().field_index(name);
            index.is_some_and(|i| fixed.contains(&i))
        };
        let number = |text: Option<&str>| text.and_then(|t| t.parse::<i64>().ok()).unwrap_or(0);
        let fen = |text: Option<&str>| text.and_then(|t| crate::money::parse(t).ok()).unwrap_or(0);
        match self.element {
            ElementId::Item => {
                let legal = number(self.text("legal_limit"));
                let promise = number(self.text("promise_limit"));
                if promise > legal && is_fixed("promise_limit") {
                    self.set("legal_limit", promise.to_string());
                } else if promise > legal {
                    self.set("promise_limit", legal.to_string());
                }
            }
            ElementId::Fee => {
                let (due, derate) = (fen(self.text("due")), fen(self.text("derate")));
                let paid = fen(self.text("paid"));
                if is_fixed("due") {
                    if self.text("derate").is_some() && !is_fixed("derate") {
                        self.set("derate", crate::money::canonical(0));
                        self.drop_unheld();
                    }
                    let derate = fen(self.text("derate"));
                    self.set("paid", crate::money::canonical(due - derate));
                } else if is_fixed("paid") && self.text("derate").is_some() {
                    self.set("derate", crate::money::canonical(0));
                    self.drop_unheld();
                    self.set("due", crate::money::canonical(paid));
                } else if is_fixed("derate") {
                    self.set("due", crate::money::canonical(derate));
                    self.set("paid", crate::money::canonical(0));
                } else {
                    self.set("paid", crate::money::canonical(due - derate));
                }
            }
            _ => {}
        }
    }

    /// Takes out conditional fields whose condition no longer holds.
    fn drop_unheld(&mut self) {
        for (index, field) in self.element.spec().fields.iter().enumerate() {
            if let Need::When(cond) = field.need
                && !self.holds(cond)
            {
                self.fields.remove(&index);
            }
        }
    }

    /// The fields as XML.
    pub(super) fn fields_xml(&self) -> String {
        let mut out = String::new();
        for (index, text) in &self.fields {
            let node = &field_nodes(self.element)[*index];
            write_field(&mut out, "        ", node, text);
        }
        out
    }

    /// The record as XML.
    pub(super) fn xml(&self) -> String {
        node(self.element, self.seq, "", &self.fields_xml())
    }
}

/// A number that fits the type of identity document.
fn id_no(id_type: Option<&str>) -> &'static str {
    match id_type {
        Some(t) if CITIZEN_TYPES.contains(&t) => CITIZEN,
        Some(USCC_TYPE) => USCC,
        Some(ORG_TYPE) => ORG,
        _ => "E00000000",
    }
}

fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}
