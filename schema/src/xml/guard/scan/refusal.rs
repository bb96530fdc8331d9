//! What the scanner says where it refuses: a finding at the place where it stands. Refuses to decide that
//! it refuses.

use super::super::class;
use super::super::refuse::{Limit, Stop, Words, finding, of_bytes, of_fault};
use super::Scanner;
use crate::code::{Code, xml as code};
use crate::finding::Finding;
use crate::xml::position::Position;

impl Scanner<'_, '_> {
    /// A finding at this place.
    pub(super) fn here(&self, code: Code) -> Finding {
        finding(self.file, code, self.w.place_at(0))
    }

    /// A finding at this place about the character that stands here.
    pub(super) fn about_char(&self, code: Code) -> Finding {
        let half = self.half_a_char();
        half.unwrap_or_else(|| self.here(code).with("found", self.w.shown()))
    }

    /// Bytes that are no character stand here, where none is passed over: in markup.
    fn half_a_char(&self) -> Option<Finding> {
        let broken = self.w.broken()?;
        let bytes = (broken.bytes.as_slice(), broken.offset);
        let encoding = self.w.source().encoding();
        let place = self.w.place_at(0);
        Some(of_bytes(
            code::UNDECODABLE,
            self.file,
            encoding,
            bytes,
            place,
        ))
    }

    pub(super) fn bad_char(&self) -> Stop {
        if let Some(half) = self.half_a_char() {
            return half.into();
        }
        let found = self.w.shown();
        self.here(code::BAD_CHARACTER).with("char", found).into()
    }

    pub(super) fn bad_name(&self, (zh, en): Words) -> Stop {
        if self.w.rest().is_empty() {
            return self.breaks_off(self.w.place_at(0), (zh, en));
        }
        if self.stands_on_bad_char() {
            return self.bad_char();
        }
        self.about_char(code::BAD_NAME)
            .with("what_zh", zh)
            .with("what_en", en)
            .into()
    }

    /// A character that must not stand here in a tag.
    pub(super) fn bad_tag(&self) -> Stop {
        if self.w.rest().is_empty() {
            return self.breaks_off(self.w.place_at(0), ("一个标签", "a tag"));
        }
        if self.stands_on_bad_char() {
            return self.bad_char();
        }
        self.about_char(code::BAD_TAG).into()
    }

    pub(super) fn breaks_off(&self, place: Position, (zh, en): Words) -> Stop {
        finding(self.file, code::BREAKS_OFF, place)
            .with("what_zh", zh)
            .with("what_en", en)
            .into()
    }

    pub(super) fn over(&self, limit: Limit, place: Position) -> Stop {
        finding(self.file, code::XML_OVER_LIMIT, place)
            .with("what_zh", limit.what.0)
            .with("what_en", limit.what.1)
            .with("limit", limit.size)
            .into()
    }

    /// The text is followed by what is none.
    pub(super) fn no_text(&self) -> Stop {
        let place = self.w.place_at(self.w.rest().len());
        match self.w.fault() {
            Some(fault) => of_fault(self.file, fault, place).into(),
            None => finding(self.file, code::BAD_CHARACTER, place)
                .with("char", "U+007F..U+009F (XML 1.1)")
                .into(),
        }
    }

    fn stands_on_bad_char(&self) -> bool {
        class::first_char(self.w.rest()).is_some_and(|(c, _)| !class::is_char(u32::from(c)))
    }
}
