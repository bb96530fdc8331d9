//! One text of a gathered case, taken and turned as its rule says. Refuses to number, and to type
//! values.

use super::gather::{Cell, Gathered};
use super::layout;
use super::plan::{ConditionPlan, TakePlan};
use super::spec::{Test, Unmapped};
use std::borrow::Cow;
use tongcha_schema::short::same;

/// What a take gives.
pub(crate) enum Got<'g> {
    /// A text, and the cell that it came from (`None`: a constant).
    Text(Cow<'g, str>, Option<Cell>),
    /// Nothing.
    Void,
    /// A code that the map does not know.
    Unknown(&'g str, Cell),
}

/// Whether all conditions hold, seen from a row.
pub(crate) fn holds(conditions: &[ConditionPlan], g: &Gathered, row: usize) -> bool {
    conditions.iter().all(|c| {
        let text = g.first(&c.from, row).map(|(text, _)| text);
        match &c.test {
            Test::Present(wanted) => text.is_some() == *wanted,
            Test::Is(list) => text.is_some_and(|t| list.iter().any(|l| l == t)),
            Test::IsNot(list) => !text.is_some_and(|t| list.iter().any(|l| l == t)),
        }
    })
}

/// Takes a text and turns it, in the order that [`super::spec::Take`] lists the steps.
pub(crate) fn taken<'g>(take: &'g TakePlan, g: &'g Gathered, row: usize) -> Got<'g> {
    if take.plain {
        return match g.first(&take.from, row) {
            Some((text, cell)) => Got::Text(Cow::Borrowed(text), Some(cell)),
            None => Got::Void,
        };
    }
    if !holds(&take.when, g, row) {
        return Got::Void;
    }
    if let Some(constant) = &take.constant {
        return Got::Text(Cow::Borrowed(constant), None);
    }
    let is_blank = |text: &str| take.blank.iter().any(|b| b == text);
    let found = take
        .from
        .iter()
        .find_map(|slot| g.get(*slot, row).filter(|(text, _)| !is_blank(text)));
    let Some((raw, cell)) = found else {
        return match &take.default {
            Some(text) => Got::Text(Cow::Borrowed(text), None),
            None => Got::Void,
        };
    };
    let turned = turn(take, raw);
    if !take.map.is_empty() {
        return match mapped(&take.map, &turned) {
            Some(code) if code.is_empty() => Got::Void,
            Some(code) => Got::Text(Cow::Borrowed(code), Some(cell)),
            None => match &take.unmapped {
                Unmapped::Fault => Got::Unknown(raw, cell),
                Unmapped::Keep => Got::Text(turned, Some(cell)),
                Unmapped::Other(text) if text.is_empty() => Got::Void,
                Unmapped::Other(text) => Got::Text(Cow::Borrowed(text), Some(cell)),
            },
        };
    }
    match &take.present {
        Some(text) => Got::Text(Cow::Borrowed(text), Some(cell)),
        None => Got::Text(turned, Some(cell)),
    }
}

/// So many codes are compared one by one more quickly than searched.
const FEW: usize = 16;

/// Our code for one of the source's.
fn mapped<'m>(map: &'m [(String, String)], text: &str) -> Option<&'m String> {
    let is = |(known, _): &&(String, String)| same(known.as_bytes(), text.as_bytes());
    if map.len() <= FEW {
        return map.iter().find(is).map(|(_, code)| code);
    }
    let found = map.binary_search_by(|(known, _)| known.as_str().cmp(text));
    map.get(found.ok()?).map(|(_, code)| code)
}

fn turn<'g>(take: &TakePlan, raw: &'g str) -> Cow<'g, str> {
    let mut text = Cow::Borrowed(raw);
    if !take.drop.is_empty() {
        text = Cow::Owned(raw.chars().filter(|c| !take.drop.contains(*c)).collect());
    }
    if take.digits {
        text = Cow::Owned(text.chars().filter(char::is_ascii_digit).collect());
    }
    if let Some(turned) = layout::by_any(&take.layouts, &text) {
        text = Cow::Owned(turned);
    }
    if let Some(unit) = take.unit {
        text = Cow::Owned(layout::yuan(&text, unit));
    }
    text
}
