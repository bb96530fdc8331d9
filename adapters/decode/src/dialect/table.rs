//! The form of a table, by its bytes: text, a dBase file, or markup (a web page, an XML spreadsheet). One
//! dialect reads the same table in each of them. It refuses to read rows: each form has its reader.

use super::read_markup::{self, Markup};
use super::{Shape, encoded, read_csv, read_dbf};
use encoding_rs::Encoding;
use std::io::{self, BufRead, BufReader, Read};
use tongcha_schema::finding::Finding;
use tongcha_schema::xml::{TextEncoding, Undeclared};

/// How a table is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// As text, in this encoding unless a mark names another.
    Text(Undeclared),
    /// As a table in markup, in this encoding unless a mark names another.
    Markup(Markup, Undeclared),
    /// As a dBase file, its texts in this encoding.
    Dbf(&'static Encoding),
}

impl Form {
    /// The first look at a whole table of that shape, row or csv, in the encoding that its dialect tells
    /// or by the bytes: its form and warnings, or why it is refused whole.
    ///
    /// # Errors
    /// Only what reading the bytes reports.
    pub fn survey(
        shape: Shape,
        told: Option<TextEncoding>,
        file: &str,
        start: &[u8],
        open: &mut dyn FnMut() -> io::Result<Box<dyn Read + Send>>,
    ) -> io::Result<Result<(Form, Vec<Finding>), Finding>> {
        if shape == Shape::Row {
            let found = encoded::survey_rows(file, told, open)?;
            return Ok(as_text(found));
        }
        if read_dbf::Head::at(start).is_some() || read_dbf::looks(start) {
            let found = read_dbf::survey(file, told, &mut BufReader::new(open()?))?;
            let found = found.map(|(encoding, told)| (Form::Dbf(encoding), told));
            return Ok(found.map_err(|finding| *finding));
        }
        let Some(markup) = Markup::of(start) else {
            return Ok(as_text(encoded::survey(file, told, open, &read_csv::scan)?));
        };
        let look = |file: &str, text: &mut dyn BufRead| read_markup::survey(file, markup, text);
        let found = encoded::survey(file, told, open, &look)?;
        let found = found.map(|(encoding, told)| (Form::Markup(markup, encoding), told));
        Ok(found.map_err(|finding| *finding))
    }
}

/// A table as text, settled.
#[expect(
    clippy::result_large_err,
    reason = "one finding a document, handed on at once"
)]
fn as_text(found: encoded::Chosen) -> Result<(Form, Vec<Finding>), Finding> {
    let found = found.map(|(encoding, told)| (Form::Text(encoding), told));
    found.map_err(|finding| *finding)
}
