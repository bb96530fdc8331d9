//! Which rules cannot be judged for which source, and why: supervision that is switched off by what a dialect
//! declares absent must be seen. Refuses to switch anything on.

use crate::core::Core;
use crate::store::engine::StoreError;
use std::collections::BTreeMap;
use tongcha_schema::element::ElementId;
use tongcha_supervision::blind::{Declared, blind};

/// A declared absence that keeps a rule from being judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Dialect that declares it.
    pub dialect: String,
    /// Element.
    pub element: ElementId,
    /// Name of the field in the spec; `None`: the whole element.
    pub field: Option<&'static str>,
    /// Reason that the dialect gives.
    pub reason: String,
}

/// A rule that is not judged for a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlindRule {
    /// The rule's code.
    pub rule: String,
    /// Cases of the source that were passed over for it.
    pub cases: u64,
    /// Why; empty where it depends on what the single case has.
    pub causes: Vec<Cause>,
}

/// A source with the rules that are not judged for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlindSource {
    /// The source, `region/node`.
    pub source: String,
    /// The rules, by code.
    pub rules: Vec<BlindRule>,
}

/// Every source for which a rule cannot be judged, by name.
///
/// # Errors
/// The store.
pub async fn sources(core: &Core) -> Result<Vec<BlindSource>, StoreError> {
    let mut passed: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for row in core.store.rows("cases.blind", Vec::new()).await? {
        let of_source = passed.entry(row.text(0).to_owned()).or_default();
        for rule in row.text(1).split(',') {
            *of_source.entry(rule.to_owned()).or_default() += row.count(2);
        }
    }
    let mut declared: BTreeMap<String, Vec<(Declared, Cause)>> = BTreeMap::new();
    for row in core.store.rows("nodes.dialects", Vec::new()).await? {
        let Some(dialect) = core.registry.get(row.text(1)) else {
            continue;
        };
        let of_source = declared.entry(row.text(0).to_owned()).or_default();
        of_source.extend(dialect.absents().iter().map(|absent| {
            let field = |index: usize| absent.element.spec().fields.get(index).map(|f| f.name);
            let cause = Cause {
                dialect: row.text(1).to_owned(),
                element: absent.element,
                field: absent.field.and_then(field),
                reason: absent.reason.to_string(),
            };
            ((absent.element, absent.field), cause)
        }));
    }
    let mut found: BTreeMap<String, BTreeMap<String, BlindRule>> = BTreeMap::new();
    for (source, declared) in declared {
        let what: Vec<Declared> = declared.iter().map(|(what, _)| *what).collect();
        for one in blind(&what, &core.profile, &core.calendar) {
            let causes = one.causes.iter().filter_map(|at| declared.get(*at));
            let rule = BlindRule {
                rule: one.rule.to_string(),
                cases: 0,
                causes: causes.map(|(_, cause)| cause.clone()).collect(),
            };
            let of_source = found.entry(source.clone()).or_default();
            of_source.insert(rule.rule.clone(), rule);
        }
    }
    for (source, rules) in passed {
        let of_source = found.entry(source).or_default();
        for (rule, cases) in rules {
            let entry = of_source.entry(rule.clone()).or_insert(BlindRule {
                rule,
                cases: 0,
                causes: Vec::new(),
            });
            entry.cases = cases;
        }
    }
    let list = found.into_iter().map(|(source, rules)| BlindSource {
        source,
        rules: rules.into_values().collect(),
    });
    Ok(list.filter(|s| !s.rules.is_empty()).collect())
}
