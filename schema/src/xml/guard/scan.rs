//! The document as a whole: declaration, prolog, content, end; and the runs of text between markup.
//! Each byte is looked at once; what is passed is gone.

mod markup;
mod namespace;
mod refusal;
mod tag;

use super::class::{self, class, is_space};
use super::refuse::{DECLARATION, Limit, NAME, Scan, TEXT, name_text};
use super::window::{Ahead, Window};
use crate::code::xml as code;
use crate::limits::BROKEN_PLACES;
use crate::xml::declaration;
use crate::xml::encoding::Broken;
use crate::xml::position::Position;
use namespace::Namespaces;
use tag::Names;

/// Up to which offset the present construct may reach, and by which limit.
#[derive(Clone, Copy)]
pub(super) struct Cap {
    until: u64,
    limit: Limit,
}

/// The scanner over one document.
pub(super) struct Scanner<'w, 'f> {
    pub w: Window<'w>,
    pub file: &'f str,
    /// Names of the open elements, one after the other, and where each begins.
    pub names: Vec<u8>,
    pub opens: Vec<usize>,
    /// Names of the present tag's attributes.
    attributes: Names,
    namespaces: Namespaces,
    pub root_seen: bool,
    /// Whether the element open at the third level is a case or catalogue of a native body.
    pub in_case: bool,
    pub records: u64,
    /// Bytes of text since the last tag.
    pub text_used: u64,
    pub cap: Cap,
    /// The declared version, if it is not 1.0.
    pub version: Option<String>,
    /// The first half characters, with their places.
    pub broken: Vec<(Position, Broken)>,
}

impl<'w, 'f> Scanner<'w, 'f> {
    pub(super) fn new(w: Window<'w>, file: &'f str) -> Scanner<'w, 'f> {
        Scanner {
            w,
            file,
            names: Vec::new(),
            opens: Vec::new(),
            attributes: Names::default(),
            namespaces: Namespaces::default(),
            root_seen: false,
            in_case: false,
            records: 0,
            text_used: 0,
            cap: Cap {
                until: 0,
                limit: TEXT,
            },
            version: None,
            broken: Vec::new(),
        }
    }

    /// Production 1, without a DTD.
    pub(super) fn document(&mut self) -> Scan<()> {
        self.declaration()?;
        loop {
            let from = self.w.offset();
            self.limit_to(TEXT, self.text_used);
            if self.opens.is_empty() {
                self.outside()?;
            } else {
                self.text()?;
            }
            self.text_used += self.w.offset() - from;
            if self.w.rest().is_empty() {
                break;
            }
            self.markup()?;
        }
        if let Some(start) = self.opens.last() {
            let name = name_text(self.names.get(*start..).unwrap_or_default());
            let place = self.w.place_at(0);
            let finding = super::refuse::finding(self.file, code::BREAKS_OFF, place)
                .with_value(&name, false)
                .with("what_zh", format!("元素“{name}”"))
                .with("what_en", format!("the element \"{name}\""));
            return Err(finding.into());
        }
        if !self.root_seen {
            return Err(self.here(code::NO_ROOT).into());
        }
        Ok(())
    }

    fn declaration(&mut self) -> Scan<()> {
        let size = DECLARATION.size;
        let ahead = self.w.want(size)?;
        let rest = self.w.rest();
        let text = rest.get(..size).unwrap_or(rest);
        if !declaration::begins(text) {
            return Ok(());
        }
        match declaration::parse(text) {
            Ok(found) => {
                let len = found.len;
                let version = found.version.to_owned();
                self.w.pass(len);
                if version == "1.1" {
                    self.w.forbid_controls();
                }
                self.version = (version != "1.0").then_some(version);
                Ok(())
            }
            Err(bad) if bad.cut && matches!(ahead, Ahead::Enough) => {
                Err(self.over(DECLARATION, Position::default()))
            }
            Err(bad) if bad.cut && matches!(ahead, Ahead::Fault) => Err(self.no_text()),
            Err(bad) => {
                let finding = super::refuse::finding(
                    self.file,
                    code::BAD_DECLARATION,
                    self.w.place_at(bad.at),
                )
                .with("detail_zh", bad.why.0)
                .with("detail_en", bad.why.1);
                Err(finding.into())
            }
        }
    }

    /// White space around the root element, up to `<` or the end.
    fn outside(&mut self) -> Scan<()> {
        self.space()?;
        match self.peek()? {
            None | Some(b'<') => Ok(()),
            Some(b) if b < 0x20 => Err(self.bad_char()),
            Some(_) => Err(self.about_char(code::OUTSIDE_ROOT).into()),
        }
    }

    /// Character data (production 14) and references, up to `<` or the end.
    fn text(&mut self) -> Scan<()> {
        loop {
            match self.run(class::TEXT)? {
                None | Some(b'<') => return Ok(()),
                Some(b'&') => self.reference()?,
                Some(b']') => {
                    if self.looking_at(b"]]>")? {
                        return Err(self.here(code::SECTION_END_IN_TEXT).into());
                    }
                    self.w.pass(1);
                }
                Some(_) => self.unusual()?,
            }
        }
    }

    /// At `<`.
    fn markup(&mut self) -> Scan<()> {
        self.w.want(2)?;
        match self.w.rest().get(1) {
            Some(b'/') => self.end_tag(),
            Some(b'!') => self.bang(),
            Some(b'?') => self.instruction(),
            _ => self.start_tag(),
        }
    }

    /// Passes what is no stop of that class; the byte that stands here then, none at the end.
    #[inline]
    pub(super) fn run(&mut self, stop: u8) -> Scan<Option<u8>> {
        loop {
            let rest = self.w.rest();
            let found = rest.iter().position(|b| class(*b) & stop != 0);
            let byte = found.and_then(|n| rest.get(n).copied());
            let n = found.unwrap_or(rest.len());
            self.w.pass(n);
            if byte.is_some() {
                self.within_cap()?;
                return Ok(byte);
            }
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// At a stop that is a control or 0xEF: passes the character if it is allowed, or half a one.
    pub(super) fn unusual(&mut self) -> Scan<()> {
        match self.w.rest() {
            [0xEF, 0xBF, 0xBE | 0xBF, ..] => {
                let Some(broken) = self.w.broken().cloned() else {
                    return Err(self.bad_char());
                };
                if self.broken.len() < BROKEN_PLACES {
                    let place = self.w.here();
                    self.broken.push((place, broken));
                }
                self.w.pass_broken();
                Ok(())
            }
            [0xEF, ..] => {
                self.w.pass(3);
                Ok(())
            }
            _ => Err(self.bad_char()),
        }
    }

    /// Passes white space; whether there was any.
    #[inline]
    pub(super) fn space(&mut self) -> Scan<bool> {
        match self.w.rest() {
            [b, ..] if !is_space(*b) => Ok(false),
            [b' ', b, ..] if !is_space(*b) => {
                self.w.pass(1);
                Ok(true)
            }
            _ => self.more_space(),
        }
    }

    fn more_space(&mut self) -> Scan<bool> {
        let mut any = false;
        loop {
            let rest = self.w.rest();
            let n = rest.iter().take_while(|b| is_space(**b)).count();
            let stopped = n < rest.len();
            self.w.pass(n);
            any |= n > 0;
            if stopped {
                self.within_cap()?;
                return Ok(any);
            }
            if !self.more()? {
                return Ok(any);
            }
        }
    }

    /// Length of the name that stands here, 0 if none does; it is not passed and stays in the
    /// window.
    pub(super) fn name(&mut self) -> Scan<usize> {
        let mut n = 0;
        loop {
            let rest = self.w.rest();
            n = ascii_name(rest, n);
            match rest.get(n) {
                Some(0x80..) => {
                    let good = class::first_char(rest.get(n..).unwrap_or_default())
                        .filter(|(c, _)| class::is_name(*c) && (n > 0 || class::is_name_start(*c)));
                    match good {
                        Some((_, len)) => n += len,
                        None => break,
                    }
                }
                Some(_) => break,
                None if n > NAME.size => break,
                None => match self.w.want(n + 1)? {
                    Ahead::Enough => {}
                    Ahead::End => break,
                    Ahead::Fault => return Err(self.no_text()),
                },
            }
        }
        if n > NAME.size {
            return Err(self.over(NAME, self.w.place_at(0)));
        }
        Ok(n)
    }

    /// The byte that stands here, none at the end.
    #[inline]
    pub(super) fn peek(&mut self) -> Scan<Option<u8>> {
        if self.w.rest().is_empty() && !self.more()? {
            return Ok(None);
        }
        Ok(self.w.rest().first().copied())
    }

    /// Whether these bytes stand here.
    #[inline]
    pub(super) fn looking_at(&mut self, bytes: &[u8]) -> Scan<bool> {
        self.w.want(bytes.len())?;
        Ok(self.w.rest().starts_with(bytes))
    }

    /// Fetches text where none is left in the window; whether there is any.
    fn more(&mut self) -> Scan<bool> {
        self.within_cap()?;
        match self.w.want(1)? {
            Ahead::Enough => Ok(true),
            Ahead::End => Ok(false),
            Ahead::Fault => Err(self.no_text()),
        }
    }

    /// From here on the construct may have the limit's bytes, less those already used.
    pub(super) fn limit_to(&mut self, limit: Limit, used: u64) {
        self.cap = Cap {
            until: (self.w.offset() + limit.size as u64).saturating_sub(used),
            limit,
        };
    }

    /// The narrower of the present limit and another that begins here.
    pub(super) fn limit_within(&mut self, limit: Limit) {
        let until = self.w.offset() + limit.size as u64;
        if until < self.cap.until {
            self.cap = Cap { until, limit };
        }
    }

    #[inline]
    pub(super) fn within_cap(&self) -> Scan<()> {
        if self.w.offset() > self.cap.until {
            let place = self.w.place_of(self.cap.until);
            return Err(self.over(self.cap.limit, place));
        }
        Ok(())
    }
}

/// Where the run of ASCII name characters from `n` on ends; at 0 it must begin as a name does.
#[inline]
fn ascii_name(text: &[u8], n: usize) -> usize {
    if n == 0
        && text
            .first()
            .is_none_or(|b| class(*b) & class::NAME_START == 0)
    {
        return 0;
    }
    let rest = text.get(n..).unwrap_or_default();
    n + rest
        .iter()
        .position(|b| class(*b) & class::NAME == 0)
        .unwrap_or(rest.len())
}
