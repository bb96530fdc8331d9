//! Golden samples: what a sample decodes to, as a text that can be kept beside it and compared. The
//! shipped dialects bring theirs with the program. Refuses to check values: that is admission's work.

use super::{Dialect, Form, Shape};
use std::fmt::Write as _;
use std::io::{self, BufReader, Cursor, Read};
use std::ops::ControlFlow;
use tongcha_schema::record::{RawCase, Version};
use tongcha_schema::xml::{Mending, Transcoder};

/// A sample of a shipped dialect and what it decodes to.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// The dialect that reads it.
    pub dialect: &'static str,
    /// Name of its file: the dialect's, with the format's ending.
    pub file: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
    /// What it decodes to.
    pub expected: &'static str,
}

macro_rules! samples {
    ($(($name:literal, $ending:literal)),* $(,)?) => {
        /// The samples of the shipped dialects.
        pub const SAMPLES: &[Sample] = &[$(Sample {
            dialect: $name,
            file: concat!($name, ".", $ending),
            bytes: include_bytes!(concat!("../../dialects/golden/", $name, ".", $ending)),
            expected: include_str!(concat!("../../dialects/golden/", $name, ".txt")),
        }),*];
    };
}

samples![
    ("bench14", "xml"),
    ("csv-items", "csv"),
    ("csv-permit", "csv"),
    ("gbt39046", "json"),
    ("gbt39046-csv", "csv"),
    ("gbt39046-xml", "xml"),
    ("guangdong", "json"),
    ("guangdong-csv", "csv"),
    ("guangdong-xml", "xml"),
    ("native", "xml"),
    ("row-acceptance", "json"),
    ("row-process", "json"),
    ("shandong", "json"),
    ("shandong-csv", "csv"),
    ("up-pro", "json"),
    ("up-pro-csv", "csv"),
    ("xes", "xes"),
    ("xes-permit", "xes"),
];

/// Bytes of a document that show its form.
const START: usize = tongcha_schema::limits::CHUNK_BYTES;

/// What a document decodes to: a line per case, record, field and finding, in document order.
///
/// # Errors
/// The bytes are in no encoding that the kind of text knows.
pub fn decoded(dialect: &Dialect, name: &str, bytes: &[u8]) -> io::Result<String> {
    let mut out = String::new();
    let mut sink = |case: RawCase| {
        render(&case, &mut out);
        ControlFlow::Continue(())
    };
    let findings = match dialect.shape() {
        Shape::Row => dialect.decode(name, &mut BufReader::new(bytes), &mut sink),
        Shape::Csv => {
            let mut open = || -> io::Result<Box<dyn Read + Send>> {
                Ok(Box::new(Cursor::new(bytes.to_vec())))
            };
            let start = &bytes[..bytes.len().min(START)];
            match Form::survey(dialect.shape(), dialect.encoding(), name, start, &mut open)? {
                Err(finding) => vec![finding],
                Ok((Form::Text(encoding), _)) => {
                    let mut text = Transcoder::undeclared(open()?, encoding)?.mending(Mending::All);
                    dialect.decode(name, &mut text, &mut sink)
                }
                Ok((form, _)) => {
                    dialect.decode_form(name, form, &mut BufReader::new(bytes), &mut sink)
                }
            }
        }
        _ => {
            let text = Transcoder::told(Box::new(bytes), dialect.encoding())?;
            let mut text = text.mending(Mending::Gb);
            dialect.decode(name, &mut text, &mut sink)
        }
    };
    for finding in findings {
        // Writing into a text never fails.
        let _ = writeln!(out, "! {} {}", finding.code, finding.place.line);
    }
    Ok(out)
}

fn render(case: &RawCase, out: &mut String) {
    let _ = writeln!(
        out,
        "case {} [{}] line {}",
        case.case_no, case.org_bus_no, case.line
    );
    for record in &case.records {
        let version = match record.version {
            Version::Given(n) => n.to_string(),
            Version::Arrival => "arrival".to_owned(),
        };
        let (name, seq, op) = (record.element, record.seq, record.op.code());
        let _ = write!(out, "  {name} {seq} v{version} {op} line {}", record.line);
        if let Some(reason) = &record.none {
            let _ = write!(out, " none={reason}");
        }
        out.push('\n');
        for field in &record.fields {
            let spec = &record.element.spec().fields[field.index];
            let (text, line, column) = (&field.text, field.line, field.column);
            let _ = writeln!(out, "    {} = {text} @{line}:{column}", spec.name);
        }
    }
    for (record, finding) in &case.findings {
        let (code, field) = (finding.code, &finding.place.field);
        let _ = writeln!(out, "  ! {record:?} {code} {field}");
    }
}
