//! The findings that decoding itself makes, each with its place. Refuses to invent codes: they are the
//! schema's.

use super::gather::{CASE_TEXT_BYTES, Cell, Spot};
use super::plan::RequirePlan;
use super::require::Fault;
use super::spec::Want;
use tongcha_schema::code::Code;
use tongcha_schema::code::element as x3;
use tongcha_schema::code::field as x4;
use tongcha_schema::element::ElementId;
use tongcha_schema::field::Kind;
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::idcheck::IdFault;
use tongcha_schema::stamp::StampFault;

/// Makes findings of one case.
pub(crate) struct Faults<'f> {
    pub file: &'f str,
    pub case_no: String,
}

impl Faults<'_> {
    fn place(&self, element: Option<ElementId>, field: &str, at: (u32, u32)) -> Place {
        Place {
            file: self.file.to_owned(),
            line: at.0,
            column: at.1,
            record: 0,
            case_no: self.case_no.clone(),
            element,
            field: field.to_owned(),
            own: String::new(),
        }
    }

    /// A code that the dialect's map does not know.
    pub fn unknown_code(&self, e: ElementId, field: usize, text: &str, cell: Cell) -> Finding {
        let spec = &e.spec().fields[field];
        let set = match spec.kind {
            Kind::Code(set) => set.name,
            _ => "dialect",
        };
        let place = self.place(Some(e), spec.name, (cell.line, cell.column));
        Finding::new(x4::UNKNOWN_CODE, place)
            .with_value(text, spec.personal)
            .with("zh", spec.zh)
            .with("en", spec.en)
            .with("set", set)
    }

    /// An operation that is none of I, U, D.
    pub fn bad_op(&self, e: ElementId, text: &str, cell: Option<Cell>) -> Finding {
        let at = cell.map_or((0, 0), |c| (c.line, c.column));
        Finding::new(x3::BAD_OP, self.place(Some(e), "op", at)).with_value(text, false)
    }

    /// A version that is no number.
    pub fn bad_version(&self, e: ElementId, text: &str, line: u32, column: u32) -> Finding {
        let place = self.place(Some(e), "data_ver", (line, column));
        given(Finding::new(x3::BAD_VERSION, place), text)
    }

    /// A sequence number that is no number.
    pub fn bad_seq(&self, e: ElementId, text: &str, line: u32, column: u32) -> Finding {
        let place = self.place(Some(e), "seq", (line, column));
        given(Finding::new(x3::BAD_SEQ, place), text)
    }

    /// Rows under one key that differ.
    pub fn same_key(&self, e: ElementId, line: u32, column: u32) -> Finding {
        Finding::new(x3::SAME_KEY, self.place(Some(e), "seq", (line, column)))
    }

    /// A place of the source that comes twice, holds half a character or was cut.
    pub fn spoilt(&self, code: Code, e: Option<ElementId>, name: &str, spot: &Spot) -> Finding {
        Finding::new(code, self.place(e, name, (spot.line, spot.column)))
            .with("zh", name)
            .with("en", name)
            .with("column", name)
    }

    /// A repeated node, or a row, of which no record comes.
    pub fn unmapped(&self, name: &str, at: (u32, u32)) -> Finding {
        Finding::new(x3::UNMAPPED, self.place(None, "", at)).with("found", name)
    }

    /// A case beyond the limits of one case.
    pub fn too_large(&self, e: ElementId, line: u32) -> Finding {
        Finding::new(x4::TOO_LONG, self.place(Some(e), "case", (line, 1)))
            .with("zh", "办件全文")
            .with("en", "the whole case")
            .with("found", format!(">{CASE_TEXT_BYTES}"))
            .with("limit", CASE_TEXT_BYTES)
    }

    /// A check on a source place that failed.
    pub fn required(
        &self,
        rule: &RequirePlan,
        fault: Fault,
        element: Option<ElementId>,
        text: Option<&str>,
        at: (u32, u32),
    ) -> Finding {
        let place = self.place(element, &rule.name, at);
        let finding = match fault {
            Fault::Missing => Finding::new(x4::REQUIRED, place),
            Fault::TooLong { found, limit } => Finding::new(x4::TOO_LONG, place)
                .with("found", found)
                .with("limit", limit),
            Fault::Code => {
                let set = match &rule.want {
                    Want::Codes(codes) => codes.join("|"),
                    _ => String::new(),
                };
                Finding::new(x4::UNKNOWN_CODE, place).with("set", set)
            }
            Fault::Int => Finding::new(x4::BAD_INTEGER, place),
            Fault::Money => Finding::new(x4::BAD_MONEY, place),
            Fault::Organ(IdFault::Legacy) => Finding::new(x4::LEGACY_ORG, place),
            Fault::Organ(IdFault::Check) => Finding::new(x4::USCC_CHECK, place),
            Fault::Organ(IdFault::Inner) => Finding::new(x4::USCC_INNER, place),
            Fault::Organ(_) => Finding::new(x4::USCC_SHAPE, place),
            Fault::Stamp(StampFault::Layout) => Finding::new(x4::BAD_STAMP, place),
            Fault::Stamp(StampFault::NoSuch) => Finding::new(x4::NO_SUCH_TIME, place),
            Fault::Stamp(StampFault::DayOnly(_)) => Finding::new(x4::NO_TIME_OF_DAY, place),
        };
        let finding = finding.with("zh", &rule.name).with("en", &rule.name);
        match text {
            Some(text) => finding.with_value(text, rule.personal),
            None => finding,
        }
    }
}

fn given(finding: Finding, text: &str) -> Finding {
    if text.is_empty() {
        finding
    } else {
        finding.with_value(text, false)
    }
}
