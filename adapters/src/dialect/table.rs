//! The form of a table, by its bytes: text, a dBase file, or markup (a web page, an XML spreadsheet). One
//! dialect reads the same table in each of them. It refuses to read rows: each form has its reader.

use super::read_markup::{self, Markup};
use super::{read_csv, read_dbf};
use encoding_rs::Encoding;
use std::io::{self, BufRead, BufReader, Read};
use tongcha_schema::finding::Finding;
use tongcha_schema::xml::Undeclared;

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
    /// The first look at a whole table: its form, or why it is refused whole.
    ///
    /// # Errors
    /// Only what reading the bytes reports.
    pub fn survey(
        file: &str,
        start: &[u8],
        open: &mut dyn FnMut() -> io::Result<Box<dyn Read + Send>>,
    ) -> io::Result<Result<Form, Finding>> {
        if read_dbf::Head::at(start).is_some() || read_dbf::looks(start) {
            let found = read_dbf::survey(file, &mut BufReader::new(open()?))?;
            return Ok(found.map(Form::Dbf));
        }
        let Some(markup) = Markup::of(start) else {
            return Ok(read_csv::survey(file, open, &read_csv::scan)?.map(Form::Text));
        };
        let look = |file: &str, text: &mut dyn BufRead| read_markup::survey(file, markup, text);
        let found = read_csv::survey(file, open, &look)?;
        Ok(found.map(|encoding| Form::Markup(markup, encoding)))
    }
}
