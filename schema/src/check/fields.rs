//! The check of one record by itself: key, declared none, every field's value, what is required,
//! and the fields among themselves. Refuses to look at other records (`logic.rs`).

use super::kind::{self, Args, Faults, Given};
use super::plan::{self, FieldPlan, MAX_FIELDS, PlanNeed};
use super::tell::{At, Teller};
use crate::code::{Code, element as x3, field as x4, logic as x5};
use crate::codeset;
use crate::conceal;
use crate::element::{Cardinality, ElementId};
use crate::field::{Cond, FieldSpec, Need};
use crate::finding::{Finding, Severity};
use crate::limits::RECORD_FINDINGS;
use crate::record::{Op, RawField, RawRecord, Version};
use crate::short::{same, trim};
use crate::value::Value;
use time::Date;

/// Electronic exchange of cases is younger; earlier years are typing errors (DOMAIN, cross checks).
const EARLIEST: Date = time::macros::date!(2000 - 01 - 01);

/// A record under check, and what it became.
pub(super) struct Checked<'t, 'c> {
    teller: &'t mut Teller<'c>,
    /// Values in the order of the spec, as far as they are read.
    pub values: Vec<Option<Value>>,
    /// Numbers of the codes that mark it: its warnings, and what was lowered.
    pub marks: Vec<u16>,
    /// Findings, at most [`RECORD_FINDINGS`].
    pub findings: Vec<Finding>,
    /// Whether one of them (kept or not) is an error.
    pub rejected: bool,
}

impl<'t, 'c> Checked<'t, 'c> {
    /// Nothing checked yet.
    pub(super) fn new(teller: &'t mut Teller<'c>, element: ElementId) -> Checked<'t, 'c> {
        Checked {
            teller,
            values: Vec::with_capacity(element.spec().fields.len()),
            marks: Vec::new(),
            findings: Vec::new(),
            rejected: false,
        }
    }

    /// Checks key and content. `decoded` are the findings of the decoder for this record.
    pub(super) fn run(&mut self, at: At, decoded: Vec<Finding>) {
        let mut told = [false; MAX_FIELDS];
        let (mut bad_seq, mut bad_version) = (false, false);
        for finding in decoded {
            // Of a deletion no field is read, so none is at fault.
            if at.raw.op == Op::Delete && (400..500).contains(&finding.code.number()) {
                continue;
            }
            bad_seq |= finding.code == x3::BAD_SEQ;
            bad_version |= finding.code == x3::BAD_VERSION;
            let field = at.raw.element.spec().field_index(&finding.place.field);
            // An unknown field may bear a known name in another spelling: only errors count.
            let error = finding.code.spec().severity == Severity::Error;
            if let Some(slot) = field.filter(|_| error).and_then(|i| told.get_mut(i)) {
                *slot = true;
            }
            self.adopt(at, field, finding);
        }
        if at.raw.seq < 1 && !bad_seq {
            self.fault(at, x3::BAD_SEQ, &[], Some(&at.raw.seq.to_string()));
        }
        if let Version::Given(number) = at.raw.version
            && number < 1
            && !bad_version
        {
            self.fault(at, x3::BAD_VERSION, &[], Some(&number.to_string()));
        }
        if at.raw.op == Op::Delete {
            // It takes the fact back; what it repeats of the fact is not stored again.
            return;
        }
        if at.raw.none.is_some() {
            self.declared_none(at);
            return;
        }
        let rises = |two: &[RawField]| matches!(two, [a, b] if a.index < b.index);
        match at.raw.fields.windows(2).all(rises) {
            true => self.read_in_order(at),
            false => {
                let slots = self.slots(at);
                self.read_values(at, |index| slots.get(index).copied().flatten());
            }
        }
        self.required(at, &told);
        if at.raw.element == ElementId::Item {
            self.promise_within_law(at);
        }
    }

    /// Tells a fault; true if the source has the code lowered.
    pub(super) fn fault(&mut self, at: At, code: Code, args: Args, value: Option<&str>) -> bool {
        match self.teller.tell(at, code, args, value) {
            Some(finding) => {
                self.keep(finding);
                false
            }
            None => {
                self.marks.push(code.number());
                true
            }
        }
    }

    fn keep(&mut self, finding: Finding) {
        if finding.severity == Severity::Error {
            self.rejected = true;
        } else {
            self.marks.push(finding.code.number());
        }
        // The list is bounded, but never without the error that rejects.
        if self.findings.len() < RECORD_FINDINGS {
            self.findings.push(finding);
        } else if finding.severity == Severity::Error
            && !self.findings.iter().any(|f| f.severity == Severity::Error)
            && let Some(last) = self.findings.last_mut()
        {
            *last = finding;
        }
    }

    /// Takes over a finding of the decoder, with what it could not know of the place.
    fn adopt(&mut self, at: At, field: Option<usize>, mut finding: Finding) {
        if self.teller.ctx.lowers(finding.code) {
            let (place, value) = (&finding.place.field, finding.value.as_deref());
            let at = At { field, ..at };
            self.teller.count(at, finding.code, place, value);
            self.marks.push(finding.code.number());
            return;
        }
        let place = &mut finding.place;
        place.record = at.record;
        place.element = Some(at.raw.element);
        if place.line == 0 {
            (place.line, place.column) = (at.raw.line, at.raw.column);
        }
        self.keep(finding);
    }

    fn declared_none(&mut self, at: At) {
        if at.raw.element.spec().cardinality != Cardinality::ZeroOrMore {
            self.fault(at, x3::NONE_NOT_ALLOWED, &[], None);
        }
        let reason = at.raw.none.as_deref().unwrap_or_default().trim();
        if !codeset::NONE_REASON.has(reason) {
            self.fault(at, x3::BAD_NONE_REASON, &[], Some(reason));
        }
        if at.raw.fields.iter().any(|f| !trim(&f.text).is_empty()) {
            self.fault(at, x3::NONE_WITH_FIELDS, &[], None);
        }
    }

    /// The record's fields by their index; the first counts where there are several.
    fn slots<'r>(&mut self, at: At<'r>) -> [Option<&'r RawField>; MAX_FIELDS] {
        let mut slots = [None; MAX_FIELDS];
        let count = at.raw.element.spec().fields.len();
        for field in at.raw.fields.iter().filter(|f| f.index < count) {
            match slots.get_mut(field.index) {
                Some(slot @ None) => *slot = Some(field),
                Some(Some(_)) => {
                    let text = trim(&field.text);
                    self.fault(at.field(field.index), x3::DOUBLED_FIELD, &[], Some(text));
                }
                None => {}
            }
        }
        slots
    }

    /// Values of fields that stand in the order of the spec, each once.
    fn read_in_order(&mut self, at: At) {
        let mut rest = at.raw.fields.iter().peekable();
        self.read_values(at, |index| rest.next_if(|field| field.index == index));
    }

    fn read_values<'r>(
        &mut self,
        at: At<'r>,
        mut given: impl FnMut(usize) -> Option<&'r RawField>,
    ) {
        let plans = plan::of(at.raw.element);
        for (index, (spec, plan)) in at.raw.element.spec().fields.iter().zip(plans).enumerate() {
            let value =
                given(index).and_then(|field| self.read_value(at.field(index), field, spec, plan));
            self.values.push(value);
        }
    }

    /// The value of one field; `None` where it has none.
    #[inline]
    fn read_value(
        &mut self,
        at: At,
        field: &RawField,
        spec: &FieldSpec,
        plan: &FieldPlan,
    ) -> Option<Value> {
        let text = trim(&field.text);
        if text.is_empty() {
            return None;
        }
        let odd = is_odd(text);
        if odd && text.contains(char::REPLACEMENT_CHARACTER) {
            // What the character was is lost: nothing of it is stored.
            self.fault(at, x3::BROKEN_TEXT, &[], Some(text));
            return None;
        }
        // The type of an identity number stands before it in the spec: it is read already.
        let id_type = match plan.id_type.and_then(|i| self.values.get(i)) {
            Some(Some(Value::Text(id_type))) => Some(id_type.clone()),
            _ => None,
        };
        let zone = self.teller.ctx.offset;
        let mut faults = FieldFaults {
            record: self,
            at,
            text,
        };
        if odd && kind::has_controls(text) {
            return kind::no_text(&mut faults);
        }
        let whole = &field.text;
        let given = Given { text, whole };
        let value = kind::read(spec.kind, given, id_type.as_deref(), zone, &mut faults)?;
        match &value {
            Value::Stamp(_) | Value::Date(_) => self.plausible(at, plan, &value, text),
            // A password in clear goes no further than here.
            Value::Text(text) if spec.secret && !conceal::is_concealed(text) => {
                let hash = conceal::concealed(self.teller.case_no, text);
                return Some(Value::Text(hash.into()));
            }
            _ => {}
        }
        Some(value)
    }

    /// Times before 2000, and times that are told as done and lie in the future.
    fn plausible(&mut self, at: At, plan: &FieldPlan, value: &Value, text: &str) {
        let (day, ahead) = match value {
            Value::Stamp(stamp) => {
                // In any zone a day is at most one ahead of that in UTC: most need no comparing.
                let (latest, before) = self.teller.latest;
                (stamp.date(), stamp.date() >= before && *stamp > latest)
            }
            Value::Date(day) => (*day, *day > self.teller.today),
            _ => return,
        };
        if day < EARLIEST {
            self.fault(at, x5::BEFORE_2000, &[], Some(text));
        }
        if ahead && !plan.planned {
            let received = crate::stamp::canonical(self.teller.ctx.received_at);
            self.fault(at, x5::IN_FUTURE, &[("received", &received)], Some(text));
        }
    }

    fn required(&mut self, at: At, told: &[bool; MAX_FIELDS]) {
        let plans = plan::of(at.raw.element);
        for (index, plan) in plans.iter().enumerate() {
            // A text that is there and wrong has its finding already.
            let given = |f: &RawField| f.index == index && !trim(&f.text).is_empty();
            if self.has(index)
                || !self.demanded(&plan.need)
                || told.get(index) == Some(&true)
                || at.raw.fields.iter().any(given)
            {
                continue;
            }
            let code = plan.need.code();
            if self.teller.ctx.waive.absent(at.raw.element, Some(index)) {
                self.teller.count_absent(at.raw.element, index);
                continue;
            }
            let at = at.field(index);
            let (zh, en) = condition(at.raw, index);
            self.fault(at, code, &[("when_zh", &zh), ("when_en", &en)], None);
        }
    }

    fn has(&self, index: usize) -> bool {
        matches!(self.values.get(index), Some(Some(_)))
    }

    fn demanded(&self, need: &PlanNeed) -> bool {
        let is = |index: usize, codes: &[&str]| match self.values.get(index) {
            Some(Some(Value::Text(code))) => {
                let is = |c: &&str| same(c.as_bytes(), code.as_bytes());
                Some(codes.iter().any(is))
            }
            Some(Some(value)) => Some(codes.contains(&value.canonical().as_str())),
            _ => None,
        };
        match need {
            PlanNeed::Always => true,
            PlanNeed::Optional => false,
            PlanNeed::Is(index, codes) => is(*index, codes) == Some(true),
            PlanNeed::IsNot(index, codes) => is(*index, codes) == Some(false),
            PlanNeed::Positive(index) => match self.values.get(*index) {
                Some(Some(value)) => value.int().is_some_and(|n| n > 0),
                _ => false,
            },
            PlanNeed::AnyOf(group) => group.iter().any(|i| self.has(*i)),
        }
    }

    fn promise_within_law(&mut self, at: At) {
        let f = &*plan::FIELDS;
        let get = |index: usize| self.values.get(index).and_then(Option::as_ref);
        let (legal, promise) = (get(f.legal_limit), get(f.promise_limit));
        let (Some(legal), Some(promise)) =
            (legal.and_then(Value::int), promise.and_then(Value::int))
        else {
            return;
        };
        let unit = get(f.legal_unit);
        if promise > legal && unit.is_some() && unit == get(f.promise_unit) {
            let args: Args = &[("found", &promise), ("limit", &legal)];
            let value = promise.to_string();
            self.fault(
                at.field(f.promise_limit),
                x4::PROMISE_OVER_LEGAL,
                args,
                Some(&value),
            );
        }
    }
}

/// Whether a text may hold a control or U+FFFD: it has a byte below 0x20, 0x7F, or 0xEF.
fn is_odd(text: &str) -> bool {
    let odd = |b: u8| (b < 0x20) | (b == 0x7F) | (b == 0xEF);
    text.bytes().fold(false, |any, b| any | odd(b))
}

/// The faults of one field's text.
struct FieldFaults<'f, 'r, 't, 'c> {
    record: &'f mut Checked<'t, 'c>,
    at: At<'r>,
    text: &'f str,
}

impl Faults for FieldFaults<'_, '_, '_, '_> {
    fn lowered(&mut self, code: Code, args: Args) -> bool {
        self.record.fault(self.at, code, args, Some(self.text))
    }
}

/// A field's condition in words, Chinese and English; empty where it has none.
fn condition(raw: &RawRecord, index: usize) -> (String, String) {
    let spec = raw.element.spec();
    let Some(Need::When(cond)) = spec.fields.get(index).map(|f| f.need) else {
        return (String::new(), String::new());
    };
    let names = |name: &str| {
        spec.fields
            .iter()
            .find(|f| f.name == name)
            .map_or(("", ""), |f| (f.zh, f.en))
    };
    match cond {
        Cond::Is(name, codes) => {
            let (zh, en) = names(name);
            (
                format!("{zh}为{}", codes.join("、")),
                format!("{en} is {}", codes.join(" or ")),
            )
        }
        Cond::IsNot(name, codes) => {
            let (zh, en) = names(name);
            (
                format!("{zh}不为{}", codes.join("、")),
                format!("{en} is not {}", codes.join(" or ")),
            )
        }
        Cond::Positive(name) => {
            let (zh, en) = names(name);
            (format!("{zh}大于0"), format!("{en} is over 0"))
        }
        Cond::AnyOf(_) => (String::new(), String::new()),
    }
}
