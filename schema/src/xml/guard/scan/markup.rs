//! Comments, CDATA sections, processing instructions and references (productions 15 to 21, 66 to
//! 68), and the DTD, which is refused wherever it stands.

use super::super::class;
use super::super::refuse::{COMMENT, INSTRUCTION, Scan, TEXT, finding, name_text};
use super::Scanner;
use crate::code::xml as code;

/// The entities that exist without a DTD (section 4.6).
const PREDEFINED: [&[u8]; 5] = [b"&amp;", b"&lt;", b"&gt;", b"&quot;", b"&apos;"];

impl Scanner<'_, '_> {
    /// At `<!`.
    pub(super) fn bang(&mut self) -> Scan<()> {
        if self.looking_at(b"<!--")? {
            return self.comment();
        }
        if self.looking_at(b"<![CDATA[")? {
            return self.cdata();
        }
        let code = if self.looking_at(b"<!DOCTYPE")? {
            code::DTD
        } else {
            code::BAD_MARKUP
        };
        Err(self.here(code).into())
    }

    fn comment(&mut self) -> Scan<()> {
        let start = self.w.here();
        self.limit_to(COMMENT, 0);
        self.w.pass(4);
        loop {
            match self.run(class::COMMENT)? {
                Some(b'-') => {
                    if self.looking_at(b"-->")? {
                        self.w.pass(3);
                        return Ok(());
                    }
                    match self.w.rest() {
                        [b'-', b'-', _, ..] => return Err(self.here(code::BAD_COMMENT).into()),
                        [b'-', b'-'] => self.w.pass(2),
                        _ => self.w.pass(1),
                    }
                }
                Some(_) => self.unusual()?,
                None => return Err(self.breaks_off(start, ("一个注释", "a comment"))),
            }
        }
    }

    fn cdata(&mut self) -> Scan<()> {
        if self.opens.is_empty() {
            let found = self.here(code::OUTSIDE_ROOT);
            return Err(found.with("found", "“<![CDATA[”").into());
        }
        let start = self.w.here();
        let from = self.w.offset();
        self.limit_to(TEXT, self.text_used);
        self.w.pass(9);
        loop {
            match self.run(class::CDATA)? {
                Some(b']') => {
                    if self.looking_at(b"]]>")? {
                        self.w.pass(3);
                        self.text_used += self.w.offset() - from;
                        return Ok(());
                    }
                    self.w.pass(1);
                }
                Some(_) => self.unusual()?,
                None => {
                    return Err(self.breaks_off(start, ("一个CDATA段", "a CDATA section")));
                }
            }
        }
    }

    /// At `<?`, but for the declaration.
    pub(super) fn instruction(&mut self) -> Scan<()> {
        let start = self.w.here();
        let what = ("一个处理指令", "an instruction");
        self.limit_to(INSTRUCTION, 0);
        self.w.pass(2);
        let n = self.name()?;
        if n == 0 {
            return Err(self.bad_name(("处理指令的名称", "the name of an instruction")));
        }
        let name = self.w.rest().get(..n).unwrap_or_default();
        if name.eq_ignore_ascii_case(b"xml") {
            let name = name_text(name);
            return Err(finding(self.file, code::RESERVED_TARGET, start)
                .with_value(&name, false)
                .with("name", name)
                .into());
        }
        if name.contains(&b':') {
            return Err(self.no_qualified_name(name));
        }
        self.w.pass(n);
        let spaced = self.space()?;
        if self.looking_at(b"?>")? {
            self.w.pass(2);
            return Ok(());
        }
        match self.peek()? {
            None => return Err(self.breaks_off(start, what)),
            Some(_) if !spaced => return Err(self.here(code::BAD_MARKUP).into()),
            Some(_) => {}
        }
        loop {
            match self.run(class::INSTRUCTION)? {
                Some(b'?') => {
                    if self.looking_at(b"?>")? {
                        self.w.pass(2);
                        return Ok(());
                    }
                    self.w.pass(1);
                }
                Some(_) => self.unusual()?,
                None => return Err(self.breaks_off(start, what)),
            }
        }
    }

    /// At `&`: one of the five entities, or the number of a character that XML allows.
    pub(super) fn reference(&mut self) -> Scan<()> {
        self.w.want(6)?;
        let rest = self.w.rest();
        if let Some(known) = PREDEFINED.iter().find(|k| rest.starts_with(k)) {
            self.w.pass(known.len());
            return Ok(());
        }
        let place = self.w.here();
        if self.w.rest().starts_with(b"&#") {
            let number = self.number()?;
            return match number {
                Some(number) if class::is_char(number) => Ok(()),
                Some(number) => Err(finding(self.file, code::BAD_CHARACTER, place)
                    .with("char", format!("U+{number:04X}"))
                    .into()),
                None => Err(finding(self.file, code::BAD_REFERENCE, place).into()),
            };
        }
        self.w.pass(1);
        let n = self.name()?;
        self.w.want(n + 1)?;
        let rest = self.w.rest();
        let ended = rest.get(n) == Some(&b';');
        if n == 0 || !ended {
            return Err(finding(self.file, code::BAD_REFERENCE, place).into());
        }
        let name = name_text(rest.get(..n).unwrap_or_default());
        Err(finding(self.file, code::UNKNOWN_ENTITY, place)
            .with_value(&name, false)
            .with("name", name)
            .into())
    }

    /// Passes `&#..;`; its number (the largest where it is larger), none if it is no reference.
    fn number(&mut self) -> Scan<Option<u32>> {
        let hex = self.looking_at(b"&#x")?;
        let base = if hex { 16 } else { 10 };
        self.w.pass(if hex { 3 } else { 2 });
        let mut number = None;
        loop {
            let Some(byte) = self.peek()? else {
                return Ok(None);
            };
            match char::from(byte).to_digit(base) {
                Some(digit) => {
                    let so_far: u32 = number.unwrap_or(0);
                    number = Some(so_far.saturating_mul(base).saturating_add(digit));
                    self.w.pass(1);
                }
                None if byte == b';' => {
                    if number.is_some() {
                        self.w.pass(1);
                    }
                    return Ok(number);
                }
                None => return Ok(None),
            }
        }
    }
}
