//! Good samples: the edges of every kind, every code, every condition that holds and that does not,
//! a record with all fields and one with the required ones only.

use super::draft::{CITIZEN, Draft, ORG, USCC};
use super::{Sample, Shows, single};
use crate::check::{CITIZEN_TYPES, FOREVER, ORG_TYPE, USCC_TYPE};
use crate::element::ElementId;
use crate::field::{Cond, Kind, Need};

/// Texts of other fields, by their index.
pub(super) type Given = Vec<(usize, String)>;

fn sample(draft: &Draft, name: String, field: Option<usize>, shows: Shows) -> Sample {
    Sample {
        name,
        element: Some(draft.element),
        field,
        shows,
        xml: single(&draft.xml()),
        good: true,
        expect: None,
        schema_refuses: false,
    }
}

/// The good samples of an element.
pub(super) fn element(element: ElementId, all: &mut Vec<Sample>) {
    let full = Draft::new(element, 1, &[]);
    all.push(sample(&full, format!("{element}.full"), None, Shows::Shape));
    let minimal = Draft::minimal(element, 1, &[]);
    let name = format!("{element}.minimal");
    all.push(sample(&minimal, name, None, Shows::Shape));
    for (index, field) in element.spec().fields.iter().enumerate() {
        for (n, (text, other)) in edges(element, index).into_iter().enumerate() {
            let shows = match field.kind {
                Kind::Code(set) => Shows::Code(set.codes.get(n).map_or("", |c| c.0)),
                _ => Shows::Value,
            };
            let mut given = other;
            // A conditional field stands where its condition holds.
            if let Need::When(cond) = field.need
                && let Some(first) = holding(element, cond).into_iter().next()
            {
                given.extend(first);
            }
            given.push((index, text));
            let draft = Draft::new(element, 1, &given);
            let name = format!("{element}.{}.good{n}", field.name);
            all.push(sample(&draft, name, Some(index), shows));
        }
        needs(element, index, all);
    }
}

/// Conditions: with the field where it is required, without it where it is not.
fn needs(element: ElementId, index: usize, all: &mut Vec<Sample>) {
    let field = &element.spec().fields[index];
    let mut add = |draft: &Draft, what: String| {
        let name = format!("{element}.{}.{what}", field.name);
        all.push(sample(draft, name, Some(index), Shows::Need));
    };
    match field.need {
        Need::Always => {}
        Need::Optional => {
            // Without the conditional fields: none of them may ask for what is left out.
            let mut draft = Draft::minimal(element, 1, &[]);
            draft.fields.remove(&index);
            add(&draft, "absent".to_owned());
        }
        Need::When(cond) => {
            for (n, given) in holding(element, cond).into_iter().enumerate() {
                add(&Draft::new(element, 1, &given), format!("held{n}"));
            }
            for (n, given) in quiet(element, cond).into_iter().enumerate() {
                let mut draft = match cond {
                    Cond::AnyOf(_) => Draft::minimal(element, 1, &given),
                    _ => Draft::new(element, 1, &given),
                };
                draft.fields.remove(&index);
                add(&draft, format!("quiet{n}"));
            }
        }
    }
}

/// Texts of other fields under which a condition holds, each once.
pub(super) fn holding(element: ElementId, cond: Cond) -> Vec<Given> {
    match cond {
        Cond::Is(name, codes) => choose(element, name, |c| codes.contains(&c)),
        Cond::IsNot(name, codes) => choose(element, name, |c| !codes.contains(&c)),
        Cond::Positive(name) => one(element, name, "20.00"),
        // A full record has the group.
        Cond::AnyOf(_) => vec![Vec::new()],
    }
}

/// Texts of other fields under which a condition does not hold.
fn quiet(element: ElementId, cond: Cond) -> Vec<Given> {
    match cond {
        Cond::Is(name, codes) => choose(element, name, |c| !codes.contains(&c)),
        Cond::IsNot(name, codes) => choose(element, name, |c| codes.contains(&c)),
        Cond::Positive(name) => one(element, name, "0.00"),
        // A minimal record has none of it.
        Cond::AnyOf(_) => vec![Vec::new()],
    }
}

fn one(element: ElementId, name: &str, text: &str) -> Vec<Given> {
    let index = element.spec().field_index(name);
    index
        .map(|i| vec![(i, text.to_owned())])
        .into_iter()
        .collect()
}

fn choose(element: ElementId, name: &str, wanted: impl Fn(&str) -> bool) -> Vec<Given> {
    let Some(index) = element.spec().field_index(name) else {
        return Vec::new();
    };
    let codes: Vec<&str> = match element.spec().fields[index].kind {
        Kind::Code(set) => set.codes.iter().map(|c| c.0).collect(),
        Kind::Flag => vec!["0", "1"],
        _ => Vec::new(),
    };
    let wanted = codes.into_iter().filter(|c| wanted(c));
    wanted.map(|c| vec![(index, c.to_owned())]).collect()
}

/// Good texts at the edges of a field's kind, each with what it needs in other fields.
fn edges(element: ElementId, index: usize) -> Vec<(String, Given)> {
    let field = &element.spec().fields[index];
    let texts: Vec<String> = match field.kind {
        Kind::Text(limit) => vec!["一".to_owned(), "字".repeat(usize::from(limit))],
        Kind::Code(set) => set.codes.iter().map(|c| c.0.to_owned()).collect(),
        Kind::Exact(length) => vec!["9".repeat(usize::from(length))],
        Kind::DateTime => {
            // Later times of the record are the same: none contradicts it.
            let fields = element.spec().fields.iter().enumerate();
            let later: Vec<usize> = fields
                .filter(|(i, f)| *i > index && matches!(f.kind, Kind::DateTime))
                .map(|(i, _)| i)
                .collect();
            let with = |text: &str| {
                let given = later.iter().map(|i| (*i, text.to_owned()));
                (text.to_owned(), given.collect::<Given>())
            };
            return vec![
                with("2026-03-31T00:00:00+08:00"),
                with("2026-03-31T23:59:59.999+08:00"),
                with("2026-03-31T15:59:59Z"),
            ];
        }
        Kind::Date => vec!["2024-02-29".to_owned()],
        Kind::DateOrForever => vec!["2024-02-29".to_owned(), FOREVER.to_owned()],
        Kind::Int(low, high) => vec![low.to_string(), high.to_string()],
        Kind::Money => {
            let most = crate::money::canonical(crate::money::MAX_FEN);
            ["0", "0.5", "12.34", &most].map(str::to_owned).to_vec()
        }
        Kind::Flag => vec!["0".to_owned(), "1".to_owned()],
        Kind::Region => ["430000", "431300", "431321", "431321101", "431321101001"]
            .map(str::to_owned)
            .to_vec(),
        Kind::Uscc => [USCC, "1243132100900004XY", "N2431321MF900001XK"]
            .map(str::to_owned)
            .to_vec(),
        Kind::LegacyOrg => vec![ORG.to_owned(), "D2143569X".to_owned()],
        Kind::IdNo(limit, type_field) => {
            let of = element.spec().field_index(type_field);
            let with = |id_type: &str, text: String| {
                let given = of.map(|i| (i, id_type.to_owned()));
                (text, given.into_iter().collect::<Given>())
            };
            return vec![
                with(CITIZEN_TYPES[0], CITIZEN.to_owned()),
                with(CITIZEN_TYPES[1], CITIZEN.to_owned()),
                with(USCC_TYPE, USCC.to_owned()),
                with(ORG_TYPE, ORG.to_owned()),
                with("414", "E".repeat(usize::from(limit))),
            ];
        }
        Kind::Hex(length) => vec!["F".repeat(usize::from(length))],
    };
    texts.into_iter().map(|text| (text, Vec::new())).collect()
}
