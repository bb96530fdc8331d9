//! Tables in markup that spreadsheet programs open: the web page that many systems call `.xls`, and the
//! XML spreadsheet of Excel 2003. One table in the file is read, row by row; a cell that spans rows holds
//! its value in each of them. Refuses a file with no table or with several: which one is meant is not
//! guessed; and to judge the markup itself (a page needs not be well-formed).

mod cells;

use super::document;
use super::plan::Plan;
use super::rows::{self, RowReader, TOP_ROWS, TableRow};
use cells::Cells;
use std::io::{self, BufRead};
use std::ops::ControlFlow;
use tongcha_schema::code::xml as x2;
use tongcha_schema::finding::Finding;
use tongcha_schema::record::RawCase;

/// Which markup it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Markup {
    /// A web page.
    Page,
    /// The XML spreadsheet of Excel 2003.
    Sheet,
}

impl Markup {
    /// What the first bytes of a file are, if one of these.
    pub fn of(start: &[u8]) -> Option<Markup> {
        let start = &start[..start.len().min(4 << 10)];
        let text = String::from_utf8_lossy(start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start));
        let text = text.to_ascii_lowercase();
        let mut rest = text.trim_start();
        loop {
            let end = match rest {
                r if r.starts_with("<?") => "?>",
                r if r.starts_with("<!--") => "-->",
                _ => break,
            };
            rest = rest.split_once(end)?.1.trim_start();
        }
        let name: String = rest.strip_prefix('<')?.chars().take(14).collect();
        let is = |tag: &str| {
            name.strip_prefix(tag)
                .is_some_and(|r| !r.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
        };
        if [
            "html",
            "!doctype html",
            "head",
            "body",
            "meta",
            "table",
            "style",
        ]
        .iter()
        .any(|t| is(t))
        {
            return Some(Markup::Page);
        }
        let sheet = rest.contains("urn:schemas-microsoft-com:office:spreadsheet");
        (sheet && name.trim_start_matches("ss:").starts_with("workbook")).then_some(Markup::Sheet)
    }

    /// What it is in Chinese and English.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Markup::Page => ("网页（HTML）", "a web page (HTML)"),
            Markup::Sheet => ("Excel 2003的XML表格", "an XML spreadsheet of Excel 2003"),
        }
    }

    /// The finding about a file of this kind that nobody reads.
    pub fn told(self, file: &str, tables: u64) -> Finding {
        let (zh, en) = self.names();
        document::at(x2::MARKUP_TABLE, file, 1, 1)
            .with("what_zh", zh)
            .with("what_en", en)
            .with("tables", tables)
    }
}

/// Reads the rows of the one table of a file that passed its survey. Places are the line and number of the
/// cell.
pub(crate) fn read(
    plan: &Plan,
    file: &str,
    markup: Markup,
    input: &mut dyn BufRead,
    sink: &mut dyn FnMut(RawCase) -> ControlFlow<()>,
) -> Vec<Finding> {
    rows::read(plan, file, &mut Cells::of(markup, input), sink)
}

/// The first rows of the table by the first bytes of its file as text.
pub(super) fn top(markup: Markup, start: &str) -> Vec<Vec<String>> {
    let mut input = start.as_bytes();
    let mut cells = Cells::of(markup, &mut input);
    let (mut top, mut row) = (Vec::new(), TableRow::default());
    while top.len() < TOP_ROWS && cells.next(&mut row) {
        top.push(row.texts.iter().map(str::to_owned).collect());
    }
    top
}

/// Reads the text to its end: one table, rows within their limit.
///
/// # Errors
/// Only what reading reports.
pub(crate) fn survey(
    file: &str,
    markup: Markup,
    input: &mut dyn BufRead,
) -> io::Result<Option<Finding>> {
    let mut cells = Cells::of(markup, input);
    let mut row = TableRow::default();
    let (mut tables, mut last) = (0, 0);
    while cells.next(&mut row) {
        if row.texts.len() > 1 && cells.table != last {
            last = cells.table;
            tables += 1;
        }
    }
    if let Some(error) = cells.error {
        return Err(error);
    }
    if let Some((zh, en, limit)) = cells.over {
        let told = document::at(x2::XML_OVER_LIMIT, file, cells.line, 1)
            .with("what_zh", zh)
            .with("what_en", en)
            .with("limit", limit);
        return Ok(Some(told));
    }
    Ok((tables != 1 || cells.nested).then(|| markup.told(file, tables)))
}
