//! A table of a dialect file together with its place, and the list that collects every mistake.
//! Refuses to know what a dialect is (`parse.rs`).

use super::mistake::{Mistake, nearest};
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Code maps that rules use by name.
pub(crate) type Maps = BTreeMap<String, BTreeMap<String, String>>;

/// Collects mistakes, and keeps what any rule may name; shared by all views of one file.
pub(crate) struct Mistakes<'t> {
    text: &'t str,
    list: RefCell<Vec<Mistake>>,
    /// The named code maps of the file.
    pub maps: OnceCell<Maps>,
}

impl<'t> Mistakes<'t> {
    /// An empty list for that text.
    pub fn of(text: &'t str) -> Mistakes<'t> {
        Mistakes {
            text,
            list: RefCell::new(Vec::new()),
            maps: OnceCell::new(),
        }
    }

    /// Adds a mistake at a byte range of the text.
    pub fn add(&self, at: &Range<usize>, cause: impl Into<String>, hint: impl Into<String>) {
        let before = self.text.as_bytes().get(..at.start).unwrap_or_default();
        self.list.borrow_mut().push(Mistake {
            line: 1 + before.iter().filter(|b| **b == b'\n').count(),
            cause: cause.into(),
            hint: hint.into(),
        });
    }

    /// The mistakes in order of line.
    pub fn sorted(self) -> Vec<Mistake> {
        let mut list = self.list.into_inner();
        list.sort_by_key(|m| m.line);
        list
    }
}

/// One table of the file.
pub(crate) struct View<'a> {
    table: &'a DeTable<'a>,
    /// Where it stands.
    pub at: Range<usize>,
    /// Its name in messages, e.g. `[case]`.
    pub what: String,
    /// Where mistakes go.
    pub out: &'a Mistakes<'a>,
}

impl<'a> View<'a> {
    /// A view of a table.
    pub fn of(
        table: &'a DeTable<'a>,
        at: Range<usize>,
        what: impl Into<String>,
        out: &'a Mistakes<'a>,
    ) -> View<'a> {
        let what = what.into();
        View {
            table,
            at,
            what,
            out,
        }
    }

    /// Reports every key that is not one of these.
    pub fn known(&self, keys: &[&str]) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !keys.contains(&name) {
                let hint = nearest(name, keys.iter().copied()).map_or_else(
                    || format!("known keys: {}", keys.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                let cause = format!("{}: unknown key `{name}`", self.what);
                self.out.add(&key.span(), cause, hint);
            }
        }
    }

    /// All keys with their values, in order of name.
    pub fn entries(&self) -> impl Iterator<Item = (&'a str, &'a Spanned<DeValue<'a>>)> {
        self.table.iter().map(|(k, v)| (k.get_ref().as_ref(), v))
    }

    /// The value of a key.
    pub fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.entries().find(|(k, _)| *k == key).map(|(_, v)| v)
    }

    /// A mistake at a key's value, or at the table where it has none.
    pub fn fault(&self, key: &str, cause: impl AsRef<str>, hint: impl Into<String>) {
        let at = self.value(key).map_or(self.at.clone(), Spanned::span);
        let cause = format!("{}: `{key}` {}", self.what, cause.as_ref());
        self.out.add(&at, cause, hint);
    }

    /// A text.
    pub fn text(&self, key: &str) -> Option<String> {
        let value = self.value(key)?;
        match scalar(value.get_ref()) {
            Some(text) => Some(text),
            None => {
                self.fault(key, "must be a text", "write it in quotes");
                None
            }
        }
    }

    /// A text that must be there and not empty.
    pub fn need(&self, key: &str) -> String {
        match self.text(key) {
            Some(text) if !text.is_empty() => text,
            Some(_) => {
                self.fault(key, "is empty", "give it a value");
                String::new()
            }
            None => {
                if self.value(key).is_none() {
                    self.fault(key, "is missing", format!("add `{key} = \"...\"`"));
                }
                String::new()
            }
        }
    }

    /// One text or a list of texts.
    pub fn texts(&self, key: &str) -> Vec<String> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let list = match value.get_ref() {
            DeValue::Array(items) => items.iter().map(|i| scalar(i.get_ref())).collect(),
            one => scalar(one).map(|t| vec![t]),
        };
        list.unwrap_or_else(|| {
            let hint = "write \"A\" or [\"A\", \"B\"]";
            self.fault(key, "must be a text or a list of texts", hint);
            Vec::new()
        })
    }

    /// A flag, false where it is not given.
    pub fn flag(&self, key: &str) -> Option<bool> {
        let value = self.value(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.fault(key, "must be true or false", "write it without quotes");
        }
        flag
    }

    /// A whole number.
    pub fn whole(&self, key: &str) -> Option<i64> {
        let value = self.value(key)?;
        let number = whole(value.get_ref());
        if number.is_none() {
            self.fault(key, "must be a whole number", "write it without quotes");
        }
        number
    }

    /// A table.
    pub fn table(&self, key: &str) -> Option<View<'a>> {
        let value = self.value(key)?;
        match value.get_ref().as_table() {
            Some(table) => Some(View::of(table, value.span(), format!("[{key}]"), self.out)),
            None => {
                self.fault(key, "must be a table", format!("write `[{key}]` on a line"));
                None
            }
        }
    }

    /// An array of tables; each is named `[[key]] n`.
    pub fn tables(&self, key: &str) -> Vec<View<'a>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let views: Option<Vec<View<'a>>> = value.get_ref().as_array().and_then(|items| {
            let view = |(n, item): (usize, &'a Spanned<DeValue<'a>>)| {
                let what = format!("[[{key}]] {}", n + 1);
                Some(View::of(
                    item.get_ref().as_table()?,
                    item.span(),
                    what,
                    self.out,
                ))
            };
            items.iter().enumerate().map(view).collect()
        });
        views.unwrap_or_else(|| {
            let hint = format!("write `[[{key}]]` on a line before each");
            self.fault(key, "must be a list of tables", hint);
            Vec::new()
        })
    }

    /// A table of texts.
    pub fn pairs(&self, key: &str) -> BTreeMap<String, String> {
        let Some(table) = self.table(key) else {
            return BTreeMap::new();
        };
        let mut out = BTreeMap::new();
        for (name, value) in table.entries() {
            match scalar(value.get_ref()) {
                Some(text) => {
                    out.insert(name.to_owned(), text);
                }
                None => table.fault(name, "must be a text", "write it in quotes"),
            }
        }
        out
    }
}

/// The text of a string or of a whole number.
pub(crate) fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(_) => whole(value).map(|n| n.to_string()),
        _ => None,
    }
}

/// The number of a whole number.
pub(crate) fn whole(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}
