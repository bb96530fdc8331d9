//! Namespaces in XML 1.0 (third edition, 2009), judged while the tags pass: qualified names, what
//! `xmlns` may say, prefixes in force, attributes with one expanded name. It keeps no binding beyond
//! its element, and judges no element by its namespace.

use super::super::class;
use super::super::refuse::{NAMESPACE, NAMESPACES, Scan, Stop, Words, finding, name_text};
use super::super::window::Ahead;
use super::Scanner;
use crate::code::xml as code;
use crate::xml::position::Position;
use crate::xml::text;
use std::ops::Range;

/// The namespace of the prefix `xml` (section 3, Reserved Prefixes).
const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of the prefix `xmlns`.
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// A prefix and its namespace name, as places in [`Namespaces::bytes`].
struct Binding {
    prefix: Range<usize>,
    name: Range<usize>,
    /// Elements that are open with the one that declares it.
    depth: usize,
}

/// An attribute with a prefix, of the present tag.
struct Prefixed {
    name: Vec<u8>,
    /// Bytes of the prefix.
    prefix: usize,
    place: Position,
}

/// Prefixes in force, and what of the present tag waits for its end: a declaration may stand behind
/// the names that use it.
#[derive(Default)]
pub(super) struct Namespaces {
    bytes: Vec<u8>,
    bound: Vec<Binding>,
    /// Names whose prefix nothing outside of the tag binds.
    unbound: Vec<(Vec<u8>, Position)>,
    attributes: Vec<Prefixed>,
}

impl Namespaces {
    /// The namespace of a prefix in force.
    fn of(&self, prefix: &[u8]) -> Option<&[u8]> {
        if prefix == b"xml" {
            return Some(XML.as_bytes());
        }
        let is = |b: &&Binding| self.bytes.get(b.prefix.clone()) == Some(prefix);
        let found = self.bound.iter().rev().find(is)?;
        self.bytes.get(found.name.clone())
    }

    fn bind(&mut self, prefix: &[u8], name: &str, depth: usize) {
        let start = self.bytes.len();
        let middle = start + prefix.len();
        self.bytes.extend_from_slice(prefix);
        self.bytes.extend_from_slice(name.as_bytes());
        self.bound.push(Binding {
            prefix: start..middle,
            name: middle..self.bytes.len(),
            depth,
        });
    }

    /// Only so many elements are open now: what was bound within is forgotten.
    #[inline]
    pub(super) fn leave(&mut self, depth: usize) {
        while let Some(last) = self.bound.last().filter(|b| b.depth > depth) {
            self.bytes.truncate(last.prefix.start);
            self.bound.pop();
        }
    }

    /// The later of two attributes of the tag with one expanded name, and the earlier.
    fn doubled(&self) -> Option<(&Prefixed, &Prefixed)> {
        let expanded = |a: &Prefixed| {
            let (prefix, rest) = a.name.split_at_checked(a.prefix)?;
            Some((self.of(prefix)?, rest.to_vec()))
        };
        let mut all: Vec<_> = self
            .attributes
            .iter()
            .map(expanded)
            .zip(0_usize..)
            .collect();
        all.sort();
        let (one, other) = all.iter().zip(all.iter().skip(1)).find_map(|(a, b)| {
            let same = a.0.is_some() && a.0 == b.0;
            same.then_some((a.1, b.1))
        })?;
        self.attributes.get(other).zip(self.attributes.get(one))
    }
}

/// Bytes of a name's prefix, 0 where it has none; none where it is no qualified name (productions 7
/// to 11). It is a name of XML 1.0.
fn prefix(name: &[u8]) -> Option<usize> {
    let Some(colon) = name.iter().position(|b| *b == b':') else {
        return Some(0);
    };
    let local = name.get(colon + 1..).unwrap_or_default();
    let begins = class::first_char(local).is_some_and(|(c, _)| class::is_name_start(c));
    (colon > 0 && begins && !local.contains(&b':')).then_some(colon)
}

impl Scanner<'_, '_> {
    /// The element whose name of `n` bytes stands here has a colon in it.
    pub(super) fn qualified_element(&mut self, n: usize) -> Scan<()> {
        let name = self.w.rest().get(..n).unwrap_or_default();
        let prefix = match prefix(name) {
            Some(n) => name.get(..n).unwrap_or_default(),
            None => return Err(self.no_qualified_name(name)),
        };
        if prefix == b"xmlns" {
            let name = name.to_vec();
            let detail = (
                "元素名称不得以xmlns为前缀",
                "no element has the prefix xmlns",
            );
            return Err(self.bad_namespace(&name, detail, self.w.place_at(0)));
        }
        if self.namespaces.of(prefix).is_none() {
            let waits = (name.to_vec(), self.w.place_at(0));
            self.namespaces.unbound.push(waits);
        }
        Ok(())
    }

    /// The attribute whose name of `n` bytes stands here has a colon in it or is `xmlns`. Whether it
    /// declares a namespace, and of which prefix: the empty one is the default.
    pub(super) fn qualified_attribute(&mut self, n: usize) -> Scan<Option<Vec<u8>>> {
        let name = self.w.rest().get(..n).unwrap_or_default();
        if name == b"xmlns" {
            return Ok(Some(Vec::new()));
        }
        let Some(prefix) = prefix(name) else {
            return Err(self.no_qualified_name(name));
        };
        let (before, local) = name.split_at_checked(prefix).unwrap_or_default();
        if before == b"xmlns" {
            return Ok(Some(local.get(1..).unwrap_or_default().to_vec()));
        }
        let attribute = Prefixed {
            name: name.to_vec(),
            prefix,
            place: self.w.place_at(0),
        };
        if self.namespaces.of(before).is_none() {
            let waits = (attribute.name.clone(), attribute.place);
            self.namespaces.unbound.push(waits);
        }
        self.namespaces.attributes.push(attribute);
        Ok(None)
    }

    /// At the value of a namespace declaration, whose name stands at a place.
    pub(super) fn declares(&mut self, prefix: &[u8], place: Position) -> Scan<()> {
        let ahead = self.w.want(NAMESPACE.size + 2)?;
        let rest = self.w.rest();
        let raw = rest.split_first().and_then(|(quote, rest)| {
            let rest = rest.get(..NAMESPACE.size + 1).unwrap_or(rest);
            rest.get(..memchr::memchr(*quote, rest)?)
                .map(<[u8]>::to_vec)
        });
        if raw.is_none() && matches!(ahead, Ahead::Enough) {
            return Err(self.over(NAMESPACE, place));
        }
        self.value()?;
        let raw = String::from_utf8(raw.unwrap_or_default()).unwrap_or_default();
        let name = text::attribute(&raw);
        if let Some(detail) = forbidden(prefix, &name) {
            let whole = [b"xmlns:".as_slice(), prefix].concat();
            let whole = whole.get(..if prefix.is_empty() { 5 } else { whole.len() });
            return Err(self.bad_namespace(whole.unwrap_or_default(), detail, place));
        }
        if prefix.is_empty() || prefix == b"xml" {
            return Ok(());
        }
        if self.namespaces.bound.len() == NAMESPACES.size {
            return Err(self.over(NAMESPACES, place));
        }
        self.namespaces.bind(prefix, &name, self.opens.len());
        Ok(())
    }

    /// At the end of a start tag: what had to wait for its declarations.
    #[inline]
    pub(super) fn resolve_names(&mut self) -> Scan<()> {
        if self.namespaces.unbound.is_empty() && self.namespaces.attributes.is_empty() {
            return Ok(());
        }
        self.resolve_waiting()
    }

    fn resolve_waiting(&mut self) -> Scan<()> {
        for (name, place) in &self.namespaces.unbound {
            let before = prefix(name).and_then(|n| name.get(..n)).unwrap_or_default();
            if self.namespaces.of(before).is_none() {
                return Err(finding(self.file, code::UNBOUND_PREFIX, *place)
                    .with_value(&name_text(name), false)
                    .with("name", name_text(name))
                    .with("prefix", name_text(before))
                    .into());
            }
        }
        if self.namespaces.attributes.len() > 1
            && let Some((later, earlier)) = self.namespaces.doubled()
        {
            let (later_name, earlier) = (name_text(&later.name), name_text(&earlier.name));
            return Err(finding(self.file, code::SAME_EXPANDED_NAME, later.place)
                .with_value(&later_name, false)
                .with("name", &later_name)
                .with("other", earlier)
                .into());
        }
        self.namespaces.unbound.clear();
        self.namespaces.attributes.clear();
        Ok(())
    }

    /// A name here that is no qualified one.
    pub(super) fn no_qualified_name(&self, name: &[u8]) -> Stop {
        let name = name_text(name);
        self.here(code::NO_QUALIFIED_NAME)
            .with_value(&name, false)
            .with("name", name)
            .into()
    }

    fn bad_namespace(&self, name: &[u8], (zh, en): Words, place: Position) -> Stop {
        let name = name_text(name);
        finding(self.file, code::BAD_NAMESPACE, place)
            .with_value(&name, false)
            .with("name", name)
            .with("detail_zh", zh)
            .with("detail_en", en)
            .into()
    }
}

/// What a declaration must not say (section 3, Reserved Prefixes; section 5, No Prefix Undeclaring).
fn forbidden(prefix: &[u8], name: &str) -> Option<Words> {
    match (prefix, name) {
        (b"xmlns", _) => Some(("前缀xmlns不可声明", "the prefix xmlns must not be declared")),
        (b"xml", XML) => None,
        (b"xml", _) => Some((
            "前缀xml只能声明为它自己的命名空间",
            "the prefix xml has a namespace of its own",
        )),
        (_, XML | XMLNS) => Some((
            "xml和xmlns的命名空间不可用于其他前缀",
            "the namespaces of xml and xmlns belong to no other prefix",
        )),
        ([_, ..], "") => Some((
            "前缀的命名空间不可为空（XML 1.0）",
            "a prefix needs a namespace that is not empty (XML 1.0)",
        )),
        _ => None,
    }
}
