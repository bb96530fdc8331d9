//! Which dialects may read an item: any, one by name, or some that were agreed on. Refuses to look at the
//! item but through the registry.

use super::ItemContext;
use crate::dialect::{AUTO, Dialect, Registry};
use tongcha_schema::case_no::is_shared;
use tongcha_schema::code::{element as x3, transport as x1};
use tongcha_schema::finding::{Finding, Place};

/// What a source says of its dialect.
pub(super) enum Wanted<'c> {
    /// Nothing: it is recognised by itself.
    Auto,
    /// One, by name.
    One(&'c str),
    /// One of these, recognised among them.
    Among(Vec<&'c str>),
}

impl<'c> Wanted<'c> {
    /// Of the text: a name, several with commas, or `auto`.
    pub fn of(text: &'c str) -> Wanted<'c> {
        let names: Vec<&str> = text.split(',').map(str::trim).collect();
        match names[..] {
            ["" | AUTO] => Wanted::Auto,
            [one] => Wanted::One(one),
            _ => Wanted::Among(names),
        }
    }

    /// Whether somebody has said which dialects these are, so that their numbering space holds.
    pub fn is_declared(&self) -> bool {
        !matches!(self, Wanted::Auto)
    }

    /// The dialect that reads an item with these first bytes.
    pub fn find<'r>(&self, registry: &'r Registry, start: &[u8]) -> Option<&'r Dialect> {
        match self {
            Wanted::Auto => registry.recognise_among(start, |_| true),
            Wanted::One(name) => registry.get(name),
            Wanted::Among(names) => registry.recognise_among(start, |n| names.contains(&n)),
        }
    }

    /// The finding of a name that the registry does not have.
    pub fn no_such(&self, registry: &Registry, file: &str) -> Option<Finding> {
        let Wanted::One(name) = self else { return None };
        if registry.get(name).is_some() {
            return None;
        }
        let known = registry.names().collect::<Vec<_>>().join(", ");
        let finding = Finding::new(x1::NO_SUCH_DIALECT, at(file));
        Some(finding.with("found", name).with("known", known))
    }
}

impl Wanted<'_> {
    /// The finding of an item that no dialect fits, or one that was not agreed on.
    pub fn stranger(&self, registry: &Registry, file: &str, start: &[u8]) -> Finding {
        if let Wanted::Among(names) = self
            && let Some(other) = registry.recognise_among(start, |_| true)
        {
            return not_agreed(file, &other.name, names);
        }
        let stranger = registry.stranger(start);
        let finding = Finding::new(x1::UNKNOWN_DIALECT, at(file));
        finding
            .with("seen_zh", stranger.seen.0)
            .with("seen_en", stranger.seen.1)
            .with("near_zh", stranger.near.0)
            .with("near_en", stranger.near.1)
    }
}

/// Which dialect of a registry reads items that begin so, of a source that names its dialects like that: `None`
/// where it names one that only another registry may have.
///
/// # Errors
/// The finding of an item that none fits.
pub fn reads<'r>(
    registry: &'r Registry,
    dialect: &'r str,
    file: &str,
    start: &[u8],
) -> Result<Option<&'r str>, Box<Finding>> {
    let wanted = Wanted::of(dialect);
    let known = |names: &[&str]| names.iter().all(|name| registry.get(name).is_some());
    match &wanted {
        Wanted::One(name) => return Ok(registry.get(name).map(|d| d.name.as_str())),
        Wanted::Among(names) if !known(names) => return Ok(None),
        Wanted::Auto | Wanted::Among(_) => {}
    }
    let found = wanted.find(registry, start).map(|d| Some(d.name.as_str()));
    found.ok_or_else(|| Box::new(wanted.stranger(registry, file, start)))
}

/// The finding of an item in a dialect that is none of those that were agreed on.
pub fn not_agreed(file: &str, found: &str, agreed: &[impl AsRef<str>]) -> Finding {
    let agreed: Vec<&str> = agreed.iter().map(AsRef::as_ref).collect();
    let finding = Finding::new(x1::DIALECT_NOT_AGREED, at(file));
    finding
        .with("found", found)
        .with("agreed", agreed.join(", "))
}

fn at(file: &str) -> Place {
    Place {
        file: file.to_owned(),
        ..Place::default()
    }
}

/// The numbering space of each case of an item.
pub(super) struct Spaces<'p> {
    dialect: &'p Dialect,
    source: &'p str,
    of_dialect: String,
    /// Nobody has said that these are national numbers.
    doubted: bool,
    own: u64,
    first: String,
}

impl<'p> Spaces<'p> {
    pub fn of(dialect: &'p Dialect, ctx: &ItemContext<'p>, declared: bool) -> Spaces<'p> {
        Spaces {
            dialect,
            source: ctx.source,
            of_dialect: dialect.space(ctx.source),
            doubted: !declared && !dialect.declares_space(),
            own: 0,
            first: String::new(),
        }
    }

    /// The space of a case number; one that any system may have given is the source's own unless somebody
    /// has declared the dialect.
    pub fn of_case(&self, case_no: &str) -> &str {
        match self.is_own(case_no) {
            true => self.source,
            false => &self.of_dialect,
        }
    }

    /// Whether a case number stays in the source's own space although its dialect names another.
    pub fn is_own(&self, case_no: &str) -> bool {
        self.doubted && !case_no.is_empty() && !is_shared(case_no)
    }

    /// Notes a case that was kept as the source's own.
    pub fn note(&mut self, case_no: String) {
        if self.own == 0 {
            self.first = case_no;
        }
        self.own += 1;
    }

    /// Tells of numbers that were kept as the source's own.
    pub fn finding(&self, file: &str) -> Option<Finding> {
        let finding = || {
            Finding::new(x3::OWN_NUMBERS, at(file))
                .with_value(&self.first, false)
                .with("dialect", &self.dialect.name)
                .with("count", self.own)
        };
        (self.own > 0).then(finding)
    }
}
