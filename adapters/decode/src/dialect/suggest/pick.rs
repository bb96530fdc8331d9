//! Which place is which field: every place is weighed against every target and against none, fields of
//! elements that the sample speaks of count for more, and each target of a scope is given once, the
//! surest first. Refuses to give a sureness that was not weighed.

use super::Pick;
use super::names::Names;
use super::sample::Sample;
use super::values::{Texts, field};
use tongcha_schema::field::Need;

/// Weight of each target before anything is known: one among some 170.
const PRIOR: f64 = -5.1;
/// Weight of "no field of ours": nearly half of real columns are of no use here.
const NONE: f64 = -1.4;
/// Weight of a node above that is named like the element.
const ABOVE: f64 = 2.5;
/// Less than this is not picked.
const LEAST: f64 = 0.2;
/// Elements of which a case has one each are found in its own row more often than below it.
const BELOW: [&str; 6] = [
    "material",
    "process",
    "correction",
    "special",
    "fee",
    "result_doc",
];

/// A place, and the weight of each target for it.
struct Weighed<'s> {
    scope: usize,
    each: &'s str,
    place: &'s str,
    targets: Vec<(String, f64)>,
    taken: bool,
}

impl Weighed<'_> {
    /// The targets with their probabilities, the likeliest first; what is missing to 1 is "none".
    fn odds(&self) -> Vec<(&str, f64)> {
        let all: f64 = self.targets.iter().map(|(_, w)| w.exp()).sum::<f64>() + NONE.exp();
        let odds = self
            .targets
            .iter()
            .map(|(t, w)| (t.as_str(), w.exp() / all));
        let mut odds: Vec<(&str, f64)> = odds.collect();
        odds.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        odds
    }

    fn pick(&self) -> Option<Pick> {
        let odds = self.odds();
        let (target, sure) = *odds.first()?;
        let others = odds.iter().skip(1).take(2).filter(|(_, p)| *p > 0.05);
        Some(Pick {
            each: self.each.to_owned(),
            place: self.place.to_owned(),
            target: target.to_owned(),
            sure,
            others: others.map(|(t, p)| ((*t).to_owned(), *p)).collect(),
        })
    }
}

/// Picks, the surest first, and what is left.
pub(super) fn pick(sample: &Sample, names: &Names) -> (Vec<Pick>, Vec<Pick>) {
    let mut all = Vec::new();
    for (scope, s) in sample.scopes.iter().enumerate() {
        for place in &s.places {
            let texts = Texts::of(&place.texts);
            let alike = names.alike(&s.each, &place.name);
            let targets = alike.into_iter().filter_map(|alike| {
                let target = alike.target;
                if !s.each.is_empty() && target.starts_with("case.") {
                    return None;
                }
                let mut weight = PRIOR + of_name(alike.name) + texts.weigh(target);
                weight += ABOVE * (2.0 * alike.above - 1.0).max(0.0);
                if field(target).is_some_and(|f| matches!(f.need, Need::Always)) {
                    weight += 0.2;
                }
                let element = target.split('.').next().unwrap_or_default();
                if !s.each.is_empty() && !BELOW.contains(&element) {
                    weight -= 1.0;
                }
                Some((target.to_owned(), weight))
            });
            all.push(Weighed {
                scope,
                each: &s.each,
                place: &place.name,
                targets: targets.collect(),
                taken: false,
            });
        }
    }
    in_context(sample, &mut all);
    give(&mut all)
}

/// The logarithm of the odds that a name so alike is the field's.
fn of_name(alike: f64) -> f64 {
    const CURVE: [(f64, f64); 6] = [
        (0.0, -3.0),
        (0.3, -2.0),
        (0.5, 0.7),
        (0.7, 3.3),
        (0.85, 5.0),
        (1.0, 7.0),
    ];
    let pairs = CURVE.windows(2).find(|w| alike <= w[1].0);
    let Some([(x0, y0), (x1, y1)]) = pairs else {
        return 7.0;
    };
    y0 + (y1 - y0) * (alike - x0) / (x1 - x0)
}

/// Fields of elements that the rest of the scope speaks of gain, the others lose.
fn in_context(sample: &Sample, all: &mut [Weighed<'_>]) {
    for scope in 0..sample.scopes.len() {
        let mut told: Vec<(String, f64)> = Vec::new();
        for place in all.iter().filter(|w| w.scope == scope) {
            for (target, odds) in place.odds() {
                let element = target.split('.').next().unwrap_or_default();
                match told.iter_mut().find(|(e, _)| e == element) {
                    Some((_, sum)) => *sum += odds,
                    None => told.push((element.to_owned(), odds)),
                }
            }
        }
        let most = told.iter().filter(|(e, _)| e != "case").map(|(_, n)| *n);
        let most = most.fold(0.01, f64::max);
        for place in all.iter_mut().filter(|w| w.scope == scope) {
            for (target, weight) in &mut place.targets {
                let element = target.split('.').next().unwrap_or_default();
                let share = told.iter().find(|(e, _)| e == element);
                let share = share.map_or(0.0, |(_, n)| (n / most).min(1.0));
                if element != "case" {
                    *weight += (0.2 + 0.8 * share).ln();
                }
            }
        }
    }
}

/// Gives targets away, the surest place first; a target of a scope is given once.
fn give(all: &mut [Weighed<'_>]) -> (Vec<Pick>, Vec<Pick>) {
    let mut picks = Vec::new();
    loop {
        let open = all.iter().enumerate().filter(|(_, w)| !w.taken);
        let best = open
            .filter_map(|(at, w)| Some((at, w.pick()?)))
            .max_by(|a, b| a.1.sure.total_cmp(&b.1.sure).then(b.0.cmp(&a.0)));
        let Some((at, pick)) = best.filter(|(_, p)| p.sure >= LEAST) else {
            break;
        };
        let scope = all[at].scope;
        all[at].taken = true;
        for other in all.iter_mut().filter(|w| w.scope == scope && !w.taken) {
            other.targets.retain(|(t, _)| *t != pick.target);
        }
        picks.push(pick);
    }
    let left = all.iter().filter(|w| !w.taken).filter_map(Weighed::pick);
    let left = left.collect();
    (picks, left)
}
