//! A first draft of a dialect from a sample: which place may be which of our fields, how sure that is,
//! and the TOML that says so. It weighs names (our titles, their sounds, what shipped dialects call
//! the same field) and values (check digits, dates, code sets). Refuses to decide: a person reads it.

mod draft;
mod names;
mod pick;
mod pinyin;
mod sample;
mod tree;
mod values;
mod words;

use super::{Dialect, Registry};
use std::io;

/// What one place of the sample may be.
#[derive(Clone, Debug, PartialEq)]
pub struct Pick {
    /// The repeated node that the place is below; empty: the case or row itself.
    pub each: String,
    /// The place, as a dialect file writes it.
    pub place: String,
    /// `element.field`, or `case.case_no` and the like.
    pub target: String,
    /// Probability that it is right, 0 to 1: its weight against every other field and against none.
    pub sure: f64,
    /// The next likely targets with theirs, at most two, above 5 %.
    pub others: Vec<(String, f64)>,
}

/// A drafted dialect.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The dialect file; it reads without a mistake.
    pub toml: String,
    /// What was picked, the surest first.
    pub picks: Vec<Pick>,
    /// Places for which nothing is likely enough, with the likeliest target.
    pub left: Vec<Pick>,
}

/// Drafts a dialect called `name` from a sample: XML, rows as JSON, or a table as text. `without`
/// leaves out what the shipped dialects of a file say, so that a test can ask about its own sample.
/// `None`: the sample shows no place that is likely enough to be a field of ours.
///
/// # Errors
/// The bytes are in no encoding that is known.
pub fn suggest(
    registry: &Registry,
    name: &str,
    bytes: &[u8],
    without: Option<&str>,
) -> io::Result<Option<Draft>> {
    let Some(sample) = sample::Sample::of(bytes)? else {
        return Ok(None);
    };
    let is_out = |d: &Dialect| without.is_some_and(|w| d.name.split('-').next() == Some(w));
    let known = registry
        .all()
        .filter(|d| !is_out(d))
        .flat_map(Dialect::mapped);
    let names = names::Names::new(known);
    let (picks, left) = pick::pick(&sample, &names);
    if !picks
        .iter()
        .any(|p| !p.target.starts_with("case.") && p.sure >= draft::LIVE)
    {
        return Ok(None);
    }
    let toml = draft::write(name, &sample, &picks, &left);
    Ok(Some(Draft { toml, picks, left }))
}
