//! The dialects that are known, by name: those that ship with the product, and an office's own. Refuses to read an
//! item beyond its first bytes.

use super::recognise::Looks;
use super::{Dialect, DialectError};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The dialects that come with the product: a name for messages, and the text.
const SHIPPED: [(&str, &str); 12] = [
    ("native.toml", include_str!("../../dialects/native.toml")),
    ("bench14.toml", include_str!("../../dialects/bench14.toml")),
    ("xes.toml", include_str!("../../dialects/xes.toml")),
    (
        "gbt39046.toml",
        include_str!("../../dialects/gbt39046.toml"),
    ),
    (
        "guangdong.toml",
        include_str!("../../dialects/guangdong.toml"),
    ),
    (
        "shandong.toml",
        include_str!("../../dialects/shandong.toml"),
    ),
    ("up-pro.toml", include_str!("../../dialects/up-pro.toml")),
    (
        "xes-permit.toml",
        include_str!("../../dialects/xes-permit.toml"),
    ),
    (
        "csv-items.toml",
        include_str!("../../dialects/csv-items.toml"),
    ),
    (
        "csv-permit.toml",
        include_str!("../../dialects/csv-permit.toml"),
    ),
    (
        "row-acceptance.toml",
        include_str!("../../dialects/row-acceptance.toml"),
    ),
    (
        "row-process.toml",
        include_str!("../../dialects/row-process.toml"),
    ),
];

/// The dialects that are known, by name.
#[derive(Debug, Default)]
pub struct Registry {
    dialects: BTreeMap<String, Dialect>,
}

impl Registry {
    /// The dialects that come with the product.
    pub fn shipped() -> &'static Registry {
        static SHIPPED_REGISTRY: OnceLock<Registry> = OnceLock::new();
        SHIPPED_REGISTRY.get_or_init(|| {
            let mut registry = Registry::default();
            for (file, text) in SHIPPED {
                // A test reads each of them; a mistake would only leave that one out here.
                for dialect in Dialect::parse(file, text).unwrap_or_default() {
                    registry.dialects.insert(dialect.name.clone(), dialect);
                }
            }
            registry
        })
    }

    /// A registry of the shipped dialects and of these texts, each with the name of its file; a text
    /// replaces a shipped dialect of the same name.
    ///
    /// # Errors
    /// All mistakes of all texts, one error per text.
    pub fn with<'t>(
        texts: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<Registry, Vec<DialectError>> {
        let mut registry = Registry::default();
        let mut errors = Vec::new();
        for (file, text) in SHIPPED.into_iter().chain(texts) {
            match Dialect::parse(file, text) {
                Ok(dialects) => {
                    let named = dialects.into_iter().map(|d| (d.name.clone(), d));
                    registry.dialects.extend(named);
                }
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() {
            Ok(registry)
        } else {
            Err(errors)
        }
    }

    /// The dialect of that name.
    pub fn get(&self, name: &str) -> Option<&Dialect> {
        self.dialects.get(name)
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.dialects.keys().map(String::as_str)
    }

    /// All dialects, in order of name.
    pub fn all(&self) -> impl Iterator<Item = &Dialect> {
        self.dialects.values()
    }

    /// The dialect that fits the first bytes of an item and asks for the most; `None` where none fits.
    /// 64 KiB or more of the start show a log's attributes.
    pub fn recognise(&self, _item_name: &str, start: &[u8]) -> Option<&Dialect> {
        self.recognise_among(start, |_| true)
    }

    /// The same among the dialects of some names.
    pub fn recognise_among(&self, start: &[u8], among: impl Fn(&str) -> bool) -> Option<&Dialect> {
        let looks = Looks::at(start);
        let agreed = self.dialects.values().filter(|d| among(&d.name));
        agreed
            .filter_map(|d| {
                let met = match d.encoding() {
                    None => looks.meet(d)?,
                    told => Looks::told(start, told).meet(d)?,
                };
                Some((met, d))
            })
            .max_by_key(|(met, _)| *met)
            .map(|(_, d)| d)
    }
}
