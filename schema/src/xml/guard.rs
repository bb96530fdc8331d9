//! The guard at the gate: it refuses every document with a DTD, every document that is not
//! well-formed XML 1.0 (fifth edition) and namespace-well-formed by Namespaces in XML 1.0 (third
//! edition), and what exceeds `limits`; it accepts all others. It reads once, in a fixed 200 KiB or so
//! (and the namespaces in force, 512 KiB at most), never panics, judges no meaning, and changes
//! nothing. Its findings are the X2xx codes: one error where it refuses, else warnings at most.
//!
//! It is a scanner of its own because quick-xml checks little of the recommendation (characters,
//! names, references, comments, the declaration), so that a guard on its events would scan every
//! text a second time.

mod class;
pub(super) mod refuse;
mod scan;
mod window;

use super::encoding::{Broken, Mending, OpenError, TextEncoding, Transcoder};
use super::position::Position;
use crate::code::xml as code;
use crate::finding::{Finding, Severity};
use refuse::Stop;
use scan::Scanner;
use std::io;
use window::Window;

/// What the guard says of one document.
#[derive(Clone, Debug)]
pub struct Guarded {
    /// X2xx: exactly one, of severity error, if the document is refused, else warnings.
    pub findings: Vec<Finding>,
    /// Name of the encoding that was read (`UTF-8`, `UTF-16LE`, `GB18030`, ..); empty where it
    /// could not be settled, which is a refusal.
    pub encoding: &'static str,
    /// Elements that stand where a native document has its records: in a case or catalogue of the body. Of an
    /// accepted document it is their number, but where a second head or body stands.
    pub records: u64,
    /// The encoding that the document declares, with line and column, where another was told and read.
    pub overruled: Option<(String, u32, u32)>,
}

impl Guarded {
    /// Whether the document is refused, as a whole.
    pub fn refused(&self) -> bool {
        self.findings.iter().any(|f| f.severity == Severity::Error)
    }
}

/// Reads a document to its end, or to the first thing that refuses it; `file` names it in findings.
/// How the reader cuts the bytes does not change the answer.
///
/// Of a document in GB18030 (GBK, GB2312) bytes within its contents that are no character, half a
/// character mostly, are warned of (X234): the decoders' reader gives U+FFFD there, and the check
/// refuses the record that holds one.
///
/// # Errors
/// Only what the reader reports; a bad document is a finding.
pub fn guard(input: &mut dyn io::Read, file: &str) -> io::Result<Guarded> {
    guard_as(input, file, None)
}

/// The same of a document whose encoding somebody tells; a byte-order mark is believed before.
///
/// # Errors
/// As [`guard`].
pub fn guard_as(
    input: &mut dyn io::Read,
    file: &str,
    told: Option<TextEncoding>,
) -> io::Result<Guarded> {
    let source = match Transcoder::open(Box::new(input), told) {
        Ok(source) => source.mending(Mending::Gb),
        Err(OpenError::Io(error)) => return Err(error),
        Err(OpenError::Fault(fault)) => {
            return Ok(Guarded {
                findings: vec![refuse::of_fault(file, &fault, Position::default())],
                encoding: "",
                records: 0,
                overruled: None,
            });
        }
    };
    let encoding = source.encoding();
    let overruled = source.declared().filter(|(label, _)| {
        let declared = TextEncoding::named(label);
        told.is_some() && declared.is_none_or(|d| d.name() != encoding)
    });
    let overruled = overruled.cloned();
    let mut scanner = Scanner::new(Window::new(source), file);
    let findings = match scanner.document() {
        Ok(()) => scanner.accepted(),
        Err(Stop::Refused(finding)) => vec![scanner.refused(*finding)],
        Err(Stop::Io(error)) => return Err(error),
    };
    Ok(Guarded {
        findings,
        encoding,
        records: scanner.records,
        overruled: overruled.map(|(label, place)| (label, place.line, place.column)),
    })
}

impl Scanner<'_, '_> {
    /// The warnings of a document that nothing stopped; one error where its encoding is another.
    fn accepted(&self) -> Vec<Finding> {
        let source = self.w.source();
        if source.is_utf8(true) {
            return vec![self.is_utf8()];
        }
        let half = |code| {
            let told = move |(place, broken): &(Position, Broken)| {
                let bytes = (broken.bytes.as_slice(), broken.offset);
                refuse::of_bytes(code, self.file, source.encoding(), bytes, *place)
            };
            self.broken.iter().map(told)
        };
        if source.is_broken_throughout() {
            return half(code::UNDECODABLE).take(1).collect();
        }
        let mut findings = self.warnings();
        findings.extend(half(code::HALF_CHARACTER));
        findings
    }

    /// What a document is refused with: that it is in another encoding explains all but a DTD.
    fn refused(&self, finding: Finding) -> Finding {
        if finding.code != code::DTD && self.w.source().is_utf8(false) {
            return self.is_utf8();
        }
        finding
    }

    fn is_utf8(&self) -> Finding {
        let source = self.w.source();
        let declared = source.declared();
        let place = declared.map_or_else(Position::default, |(_, place)| *place);
        let label = declared.map(|(label, _)| label.as_str());
        refuse::otherwise(self.file, label, source.encoding(), "UTF-8", place)
    }

    fn warnings(&self) -> Vec<Finding> {
        let mut warnings = Vec::new();
        if let Some(version) = &self.version {
            let start = Position::default();
            warnings.push(
                refuse::finding(self.file, code::READ_AS_XML_10, start)
                    .with_value(version, false)
                    .with("version", version),
            );
        }
        if let Some(beyond) = self.w.exceeded() {
            let mut warning = refuse::finding(self.file, code::BEYOND_DECLARED_SET, beyond.place)
                .with("label", &beyond.label);
            if let Some(c) = beyond.character {
                warning = warning.with_value(c.encode_utf8(&mut [0; 4]), false);
            }
            warnings.push(warning);
        }
        warnings
    }
}
