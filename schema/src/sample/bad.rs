//! Bad samples of one field each: what its kind refuses, and its absence where it is required.

use super::draft::{CITIZEN, Draft, ORG, USCC};
use super::good::{Given, holding};
use super::{Sample, Shows, single};
use crate::check::{CITIZEN_TYPES, ORG_TYPE, USCC_TYPE};
use crate::code::{Code, field as x4};
use crate::element::ElementId;
use crate::field::{Cond, Kind, Need};
use crate::idcheck::{self, IdFault};

/// A text that a kind refuses.
struct Wrong {
    text: String,
    code: Code,
    schema_refuses: bool,
    /// Texts of other fields under which it is wrong.
    given: Given,
}

fn wrong(text: impl Into<String>, code: Code, schema_refuses: bool) -> Wrong {
    Wrong {
        text: text.into(),
        code,
        schema_refuses,
        given: Vec::new(),
    }
}

/// The bad samples of an element's fields.
pub(super) fn element(element: ElementId, all: &mut Vec<Sample>) {
    for (index, field) in element.spec().fields.iter().enumerate() {
        let condition = match field.need {
            Need::When(cond) => holding(element, cond),
            _ => vec![Vec::new()],
        };
        for (n, wrong) in wrongs(element, index).into_iter().enumerate() {
            let mut given = condition.first().cloned().unwrap_or_default();
            given.extend(wrong.given);
            let mut draft = Draft::new(element, 1, &given);
            draft.fields.insert(index, wrong.text);
            let shows = match field.kind {
                Kind::Code(_) => Shows::Code(""),
                _ => Shows::Value,
            };
            all.push(Sample {
                name: format!("{element}.{}.bad{n}.{}", field.name, wrong.code),
                element: Some(element),
                field: Some(index),
                shows,
                xml: single(&draft.xml()),
                good: false,
                expect: Some(wrong.code),
                schema_refuses: wrong.schema_refuses,
            });
        }
        let (code, schema_refuses) = match field.need {
            Need::Always => (x4::REQUIRED, true),
            Need::Optional => continue,
            Need::When(Cond::AnyOf(_)) => (x4::INCOMPLETE_GROUP, false),
            Need::When(_) => (x4::REQUIRED_WHEN, false),
        };
        for (n, given) in condition.into_iter().enumerate() {
            let mut draft = Draft::new(element, 1, &given);
            draft.fields.remove(&index);
            all.push(Sample {
                name: format!("{element}.{}.missing{n}.{code}", field.name),
                element: Some(element),
                field: Some(index),
                shows: Shows::Need,
                xml: single(&draft.xml()),
                good: false,
                expect: Some(code),
                schema_refuses,
            });
        }
    }
}

/// What a field's kind refuses, one text for each way to be wrong.
fn wrongs(element: ElementId, index: usize) -> Vec<Wrong> {
    match element.spec().fields[index].kind {
        Kind::Text(limit) => vec![
            wrong("字".repeat(usize::from(limit) + 1), x4::TOO_LONG, true),
            wrong("\u{7F}", x4::BAD_CHARACTER, false),
        ],
        Kind::Code(_) => vec![wrong("?", x4::UNKNOWN_CODE, true)],
        Kind::Exact(n) => vec![wrong(
            "9".repeat(usize::from(n) + 1),
            x4::WRONG_LENGTH,
            true,
        )],
        Kind::DateTime => vec![
            wrong("三月二日", x4::BAD_STAMP, true),
            wrong("2026-02-30T08:00:00+08:00", x4::NO_SUCH_TIME, true),
            wrong("2026-03-02", x4::NO_TIME_OF_DAY, true),
        ],
        Kind::Date | Kind::DateOrForever => vec![
            wrong("三月二日", x4::BAD_STAMP, true),
            wrong("2026-02-30", x4::NO_SUCH_TIME, true),
        ],
        Kind::Int(low, high) => vec![
            wrong("1.5", x4::BAD_INTEGER, true),
            wrong((low - 1).to_string(), x4::OUT_OF_RANGE, true),
            wrong((high + 1).to_string(), x4::OUT_OF_RANGE, true),
        ],
        Kind::Money => vec![
            wrong("1,200.00", x4::BAD_MONEY, true),
            wrong("1.234", x4::BAD_MONEY, true),
            wrong("100000000000000.00", x4::OUT_OF_RANGE, true),
        ],
        Kind::Flag => vec![wrong("2", x4::BAD_FLAG, true)],
        Kind::Region => vec![
            wrong("43132", x4::REGION_SHAPE, true),
            wrong("990000", x4::REGION_UNKNOWN, false),
        ],
        Kind::Uscc => social(true),
        Kind::LegacyOrg => vec![
            wrong("00900001I0", x4::ORG_SHAPE, true),
            wrong("009000016", x4::ORG_CHECK, false),
        ],
        Kind::IdNo(limit, type_field) => id_no(element, usize::from(limit), type_field),
        Kind::Hex(n) => vec![
            wrong("0".repeat(usize::from(n) - 1), x4::BAD_HEX, true),
            wrong("g".repeat(usize::from(n)), x4::BAD_HEX, true),
        ],
    }
}

/// Social credit codes. `typed`: the schema knows that the field holds one.
fn social(typed: bool) -> Vec<Wrong> {
    vec![
        wrong("11431321I09000015L", x4::USCC_SHAPE, typed),
        wrong("11431321009000015A", x4::USCC_CHECK, false),
        wrong(inner_fault(), x4::USCC_INNER, false),
        wrong(ORG, x4::LEGACY_ORG, typed),
    ]
}

/// A code whose own check character fits and whose organisation code is wrong.
fn inner_fault() -> String {
    let stem = format!("{}9", &USCC[..16]);
    let fits = |c: &char| idcheck::uscc(&format!("{stem}{c}")) == Err(IdFault::Inner);
    let check = "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().find(fits);
    stem + &check.map_or(String::new(), String::from)
}

fn id_no(element: ElementId, limit: usize, type_field: &str) -> Vec<Wrong> {
    let of = element.spec().field_index(type_field);
    let with = |id_type: &str, list: Vec<Wrong>| {
        let given: Given = of.map(|i| (i, id_type.to_owned())).into_iter().collect();
        let set = move |w: Wrong| Wrong {
            given: given.clone(),
            ..w
        };
        list.into_iter().map(set).collect::<Vec<_>>()
    };
    let citizen = vec![
        wrong(&CITIZEN[..17], x4::CITIZEN_SHAPE, false),
        wrong(CITIZEN.replacen("43", "99", 1), x4::CITIZEN_DIVISION, false),
        wrong(
            CITIZEN.replacen("0101", "0230", 1),
            x4::CITIZEN_BIRTH,
            false,
        ),
        wrong(
            CITIZEN.replacen("0012", "0013", 1),
            x4::CITIZEN_CHECK,
            false,
        ),
    ];
    let organ = vec![
        wrong("12345", x4::ORG_SHAPE, false),
        wrong("009000016", x4::ORG_CHECK, false),
    ];
    [
        with(CITIZEN_TYPES[0], citizen),
        with(USCC_TYPE, social(false)),
        with(ORG_TYPE, organ),
        with(
            "414",
            vec![wrong("E".repeat(limit + 1), x4::TOO_LONG, true)],
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}
