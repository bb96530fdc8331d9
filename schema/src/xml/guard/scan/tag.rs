//! Start and end tags: productions 40 to 44, unique attributes, matching names.

use super::super::class;
use super::super::refuse::{ATTRIBUTES, DEPTH, Scan, Stop, TAG, VALUE, Words, name_text};
use super::super::window::Ahead;
use super::Scanner;
use crate::code::xml as code;
use crate::short::{holds, same};
use crate::xml::native;
use crate::xml::position::Position;

impl Scanner<'_, '_> {
    /// At `<` of a start tag or an empty element.
    pub(super) fn start_tag(&mut self) -> Scan<()> {
        if self.opens.is_empty() && self.root_seen {
            return Err(self.about_char(code::OUTSIDE_ROOT).into());
        }
        self.limit_to(TAG, 0);
        self.w.pass(1);
        let n = self.element_name()?;
        self.open(n)?;
        if self.w.rest().first() == Some(&b'>') {
            self.resolve_names()?;
            self.w.pass(1);
            return Ok(());
        }
        loop {
            let spaced = self.space()?;
            match self.peek()? {
                Some(b'>') => {
                    self.resolve_names()?;
                    self.w.pass(1);
                    return Ok(());
                }
                Some(b'/') => {
                    if !self.looking_at(b"/>")? {
                        self.w.pass(1);
                        self.peek()?;
                        return Err(self.bad_tag());
                    }
                    self.resolve_names()?;
                    self.w.pass(2);
                    self.close();
                    return Ok(());
                }
                Some(_) => self.attribute(spaced)?,
                None => return Err(self.bad_tag()),
            }
        }
    }

    /// At `</`.
    pub(super) fn end_tag(&mut self) -> Scan<()> {
        let Some(start) = self.opens.last() else {
            return Err(self.here(code::OUTSIDE_ROOT).with("found", "“</”").into());
        };
        let open = self.names.get(*start..).unwrap_or_default();
        let whole = open.len() + 3;
        if matches!(self.w.want(whole)?, Ahead::Enough)
            && let Some(rest) = self.w.rest().get(2..whole)
            && rest.last() == Some(&b'>')
            && same(rest.get(..open.len()).unwrap_or_default(), open)
        {
            self.w.pass(whole);
            self.close();
            return Ok(());
        }
        self.limit_to(TAG, 0);
        self.w.pass(2);
        let n = self.element_name()?;
        let name = self.w.rest().get(..n).unwrap_or_default();
        let open = self.names.get(*self.opens.last().unwrap_or(&0)..);
        if open != Some(name) {
            let close = name_text(name);
            return Err(self
                .here(code::TAG_MISMATCH)
                .with_value(&close, false)
                .with("close", close)
                .with("open", name_text(open.unwrap_or_default()))
                .into());
        }
        self.w.pass(n);
        self.space()?;
        if self.peek()? != Some(b'>') {
            return Err(self.bad_tag());
        }
        self.w.pass(1);
        self.close();
        Ok(())
    }

    fn element_name(&mut self) -> Scan<usize> {
        match self.name()? {
            0 => Err(self.bad_name(("元素名称", "an element name"))),
            n => Ok(n),
        }
    }

    /// The element whose name of `n` bytes stands here is open.
    fn open(&mut self, n: usize) -> Scan<()> {
        if self.opens.len() == DEPTH.size {
            return Err(self.over(DEPTH, self.w.place_at(0)));
        }
        let rest = self.w.rest();
        let name = rest.get(..n).unwrap_or_default();
        match self.opens.len() {
            2 => self.in_case = is_case(&self.names, &self.opens, name),
            3 if self.in_case => self.records += 1,
            _ => {}
        }
        let has_colon = holds(name, b':');
        let start = self.names.len();
        self.opens.push(start);
        match rest.first_chunk::<16>() {
            // Sixteen bytes are copied without a call.
            Some(more) if n <= more.len() => {
                self.names.extend_from_slice(more);
                self.names.truncate(start + n);
            }
            _ => self.names.extend_from_slice(name),
        }
        if has_colon {
            self.qualified_element(n)?;
        }
        self.w.pass(n);
        self.root_seen = true;
        self.text_used = 0;
        self.attributes.clear();
        Ok(())
    }

    /// The innermost element has ended.
    fn close(&mut self) {
        let start = self.opens.pop().unwrap_or(0);
        self.names.truncate(start);
        self.namespaces.leave(self.opens.len());
        self.text_used = 0;
    }

    /// Production 41, and the constraints that no name stands twice and that each is qualified.
    fn attribute(&mut self, spaced: bool) -> Scan<()> {
        let n = self.name()?;
        if n == 0 {
            return Err(self.bad_tag());
        }
        let name = self.w.rest().get(..n).unwrap_or_default();
        if !spaced {
            let detail = ("其前缺少空白", "white space before it is missing");
            return Err(self.bad_attribute(name, detail));
        }
        if self.attributes.holds(name) {
            let name = name_text(name);
            return Err(self
                .here(code::DOUBLED_ATTRIBUTE)
                .with_value(&name, false)
                .with("name", name)
                .into());
        }
        if self.attributes.len() == ATTRIBUTES.size {
            return Err(self.over(ATTRIBUTES, self.w.place_at(0)));
        }
        self.attributes.add(name);
        let (mut declared, mut place) = (None, Position::default());
        if holds(name, b':') || same(name, b"xmlns") {
            declared = self.qualified_attribute(n)?;
            place = self.w.place_at(0);
        }
        self.w.pass(n);
        self.space()?;
        if self.peek()? != Some(b'=') {
            return Err(self.bad_last_attribute(("缺少“=”", "= is missing")));
        }
        self.w.pass(1);
        self.space()?;
        match declared {
            Some(prefix) => self.declares(&prefix, place),
            None => self.value(),
        }
    }

    /// Production 10.
    pub(super) fn value(&mut self) -> Scan<()> {
        let (quote, stop) = match self.peek()? {
            Some(b'"') => (b'"', class::DOUBLE),
            Some(b'\'') => (b'\'', class::SINGLE),
            _ => {
                let detail = ("值没有引号", "its value is not in quotes");
                return Err(self.bad_last_attribute(detail));
            }
        };
        self.w.pass(1);
        let tag = self.cap;
        self.limit_within(VALUE);
        loop {
            match self.run(stop)? {
                Some(b) if b == quote => break,
                Some(b'&') => self.reference()?,
                Some(b'<') => return Err(self.here(code::LESS_THAN_IN_VALUE).into()),
                Some(_) => self.unusual()?,
                None => {
                    let what = ("一个属性值", "an attribute value");
                    return Err(self.breaks_off(self.w.place_at(0), what));
                }
            }
        }
        self.w.pass(1);
        self.cap = tag;
        Ok(())
    }

    fn bad_attribute(&self, name: &[u8], (zh, en): Words) -> Stop {
        let name = name_text(name);
        self.here(code::BAD_ATTRIBUTE)
            .with_value(&name, false)
            .with("name", name)
            .with("detail_zh", zh)
            .with("detail_en", en)
            .into()
    }

    /// Something is wrong after the name of the attribute that was added last.
    fn bad_last_attribute(&self, detail: Words) -> Stop {
        if self.w.rest().is_empty() {
            return self.bad_tag();
        }
        self.bad_attribute(self.attributes.last(), detail)
    }
}

/// Whether an element of that name below the two that are open is a case or catalogue of a native body.
fn is_case(names: &[u8], opens: &[usize], name: &[u8]) -> bool {
    let (Some(body), Some(package)) = (opens.get(1), opens.first()) else {
        return false;
    };
    let local = |name: &[u8], wanted: &str| {
        let start = name.iter().position(|b| *b == b':').map_or(0, |n| n + 1);
        name.get(start..) == Some(wanted.as_bytes())
    };
    let of = |from: usize, to: usize| names.get(from..to).unwrap_or_default();
    (local(name, native::CASE) || local(name, native::CATALOG))
        && local(of(*body, names.len()), native::BODY)
        && local(of(*package, *body), native::PACKAGE)
}

/// The names of one tag's attributes.
#[derive(Default)]
pub(super) struct Names {
    /// The names, one after the other, and where each ends.
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// A bit for each name by its hash: a name whose bit is clear is new, without comparing.
    seen: [u64; 16],
}

impl Names {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn clear(&mut self) {
        if !self.ends.is_empty() {
            self.bytes.clear();
            self.ends.clear();
            self.seen = [0; 16];
        }
    }

    fn holds(&self, name: &[u8]) -> bool {
        let (word, bit) = slot(name);
        if self.seen.get(word).is_none_or(|w| w & bit == 0) {
            return false;
        }
        let mut start = 0;
        self.ends.iter().any(|end| {
            let known = self.bytes.get(start..*end);
            start = *end;
            known == Some(name)
        })
    }

    fn add(&mut self, name: &[u8]) {
        let (word, bit) = slot(name);
        if let Some(w) = self.seen.get_mut(word) {
            *w |= bit;
        }
        self.bytes.extend_from_slice(name);
        self.ends.push(self.bytes.len());
    }

    /// The name added last.
    fn last(&self) -> &[u8] {
        let before = self.ends.len().checked_sub(2);
        let start = before.and_then(|i| self.ends.get(i)).copied();
        self.bytes.get(start.unwrap_or(0)..).unwrap_or_default()
    }
}

/// Word and bit of a name in [`Names::seen`].
#[inline]
fn slot(name: &[u8]) -> (usize, u64) {
    // FNV-1a over the last bytes, where names differ most, and the length.
    let tail = name.get(name.len().saturating_sub(8)..).unwrap_or_default();
    let mut hash = name.len() as u64 ^ 0xCBF2_9CE4_8422_2325;
    for b in tail {
        hash = (hash ^ u64::from(*b)).wrapping_mul(0x0100_0000_01B3);
    }
    (((hash >> 40) & 15) as usize, 1 << ((hash >> 48) & 63))
}
