//! The cells of tables in markup, tag by tag: texts, what a cell spans, scripts and notes left out. It holds
//! one row at a time. Refuses to choose a table.

use super::super::rows::{RowReader, TableRow};
use super::Markup;
use std::collections::BTreeMap;
use std::io::{self, BufRead, Read};
use tongcha_schema::limits::{MARKUP_COLUMNS, MARKUP_SPANNED_BYTES, ROW_BYTES};

/// A cell as it is written.
struct Written {
    text: String,
    /// Its column from 1, where it says so itself.
    at: Option<usize>,
    /// Columns and rows that it spans beyond its own.
    across: usize,
    down: usize,
}

/// A value that rows below show too, in its column.
struct Span {
    rows: usize,
    text: String,
}

/// The cells of all tables of a text, row by row.
pub(super) struct Cells<'r> {
    markup: Markup,
    input: &'r mut dyn BufRead,
    /// Line where reading is.
    pub line: u32,
    /// Tables that have begun.
    pub table: u64,
    depth: u32,
    /// A table stands in another one.
    pub nested: bool,
    /// Rows of the present table that have begun.
    row: u32,
    row_line: u32,
    in_row: bool,
    in_cell: bool,
    written: Vec<Written>,
    /// The row that has ended.
    texts: Vec<String>,
    bytes: u64,
    spans: BTreeMap<usize, Span>,
    /// The sign that begins a tag is taken already.
    at_tag: bool,
    /// What is over a limit, in Chinese and English, and the limit.
    pub over: Option<(&'static str, &'static str, u64)>,
    /// What reading reported.
    pub error: Option<io::Error>,
}

impl<'r> Cells<'r> {
    /// The cells of a text, none of which is read yet.
    pub fn of(markup: Markup, input: &'r mut dyn BufRead) -> Cells<'r> {
        Cells {
            markup,
            input,
            line: 1,
            table: 0,
            depth: 0,
            nested: false,
            row: 0,
            row_line: 1,
            in_row: false,
            in_cell: false,
            written: Vec::new(),
            texts: Vec::new(),
            bytes: 0,
            spans: BTreeMap::new(),
            at_tag: false,
            over: None,
            error: None,
        }
    }

    /// The text up to a sign, which is taken and left out; `None` at the end.
    fn until(&mut self, sign: u8) -> Option<String> {
        let mut bytes = Vec::new();
        let most = ROW_BYTES + 1;
        if let Err(error) = Read::take(&mut *self.input, most).read_until(sign, &mut bytes) {
            self.error = Some(error);
            return None;
        }
        let breaks = bytes.iter().filter(|b| **b == b'\n').count();
        self.line = self
            .line
            .saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
        self.bytes += bytes.len() as u64;
        if self.bytes > ROW_BYTES {
            self.over = Some(("一行的字节数", "a row in bytes", ROW_BYTES));
            return None;
        }
        if bytes.is_empty() {
            return None;
        }
        if bytes.last() == Some(&sign) {
            bytes.pop();
        }
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// What stands between `<` and `>`, quotes and comments whole.
    fn tag(&mut self) -> Option<String> {
        let mut tag = self.until(b'>')?;
        let quotes = |piece: &str| piece.matches('"').count();
        let mut odd = quotes(&tag) % 2;
        loop {
            let open = if tag.starts_with("!--") {
                tag.len() < 5 || !tag.ends_with("--")
            } else if tag.starts_with("![CDATA[") {
                !tag.ends_with("]]")
            } else {
                odd == 1
            };
            if !open {
                return Some(tag);
            }
            let piece = self.until(b'>')?;
            odd = (odd + quotes(&piece)) % 2;
            tag.push('>');
            tag.push_str(&piece);
        }
    }

    /// Takes one tag; true where a row has ended.
    fn take(&mut self, tag: &str) -> bool {
        let (closes, body) = match tag.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, tag),
        };
        let name = local_name(body);
        let name = name.as_str();
        let alone = body.ends_with('/');
        let (table, row, cells): (_, _, &[&str]) = match self.markup {
            Markup::Page => ("table", "tr", &["td", "th"]),
            Markup::Sheet => ("worksheet", "row", &["cell"]),
        };
        if name == table {
            if closes {
                self.depth = self.depth.saturating_sub(1);
            } else {
                self.nested |= self.depth > 0;
                self.depth += u32::from(!alone);
                self.table += 1;
                self.row = 0;
                self.spans.clear();
            }
            return self.end_row();
        }
        if name == row {
            let ended = self.end_row();
            if !closes {
                self.row = index(body).unwrap_or(self.row + 1);
                self.row_line = self.line;
                self.in_row = !alone;
            }
            return ended;
        }
        if cells.contains(&name) {
            self.in_cell = false;
            if !closes && self.in_row {
                self.begin_cell(body);
                self.in_cell = !alone;
            }
        } else if self.in_cell && matches!(name, "br" | "p" | "div" | "li") {
            self.push(" ");
        }
        false
    }

    fn begin_cell(&mut self, body: &str) {
        let number = |name: &str| attribute(body, name).and_then(|t| t.parse::<usize>().ok());
        let (across, down) = match self.markup {
            Markup::Page => (
                number("colspan").unwrap_or(1).saturating_sub(1),
                number("rowspan").unwrap_or(1).saturating_sub(1),
            ),
            Markup::Sheet => (
                number("mergeacross").unwrap_or(0),
                number("mergedown").unwrap_or(0),
            ),
        };
        self.written.push(Written {
            text: String::new(),
            at: number("index"),
            across: across.min(MARKUP_COLUMNS),
            down,
        });
    }

    fn push(&mut self, text: &str) {
        if let Some(cell) = self.written.last_mut() {
            cell.text.push_str(text);
        }
    }

    /// Lays the row out in columns, with what rows above show in it; true where there was one.
    fn end_row(&mut self) -> bool {
        let ended = std::mem::take(&mut self.in_row);
        self.in_cell = false;
        self.bytes = 0;
        if !ended {
            return false;
        }
        let mut texts: Vec<String> = Vec::new();
        let mut begun = BTreeMap::new();
        let above = &self.spans;
        let shown = |texts: &mut Vec<String>| {
            while let Some(span) = above.get(&texts.len()) {
                texts.push(span.text.clone());
            }
        };
        for cell in self.written.drain(..) {
            shown(&mut texts);
            while cell
                .at
                .is_some_and(|at| texts.len() + 1 < at.min(MARKUP_COLUMNS))
            {
                texts.push(String::new());
                shown(&mut texts);
            }
            let text = cell.text.split_whitespace().collect::<Vec<_>>().join(" ");
            if cell.down > 0 {
                let rows = cell.down.saturating_add(1);
                let text = text.clone();
                begun.insert(texts.len(), Span { rows, text });
            }
            texts.push(text);
            texts.extend(std::iter::repeat_n(String::new(), cell.across));
            if texts.len() > MARKUP_COLUMNS {
                self.over = Some(("一行的列数", "columns of a row", MARKUP_COLUMNS as u64));
                break;
            }
        }
        shown(&mut texts);
        self.spans.append(&mut begun);
        self.spans.retain(|_, span| {
            span.rows -= 1;
            span.rows > 0
        });
        let spanned: usize = self.spans.values().map(|s| s.text.len() + 1).sum();
        if spanned > MARKUP_SPANNED_BYTES {
            let limit = MARKUP_SPANNED_BYTES as u64;
            self.over = Some(("跨行单元格的字节数", "cells that span rows in bytes", limit));
        }
        self.texts = texts;
        true
    }
}

impl RowReader for Cells<'_> {
    fn next(&mut self, row: &mut TableRow) -> bool {
        row.unread.clear();
        let mut ended = false;
        while !ended && self.over.is_none() {
            let tag = self.next_tag();
            // Before the tag that begins the next one.
            (row.line, row.sheet_row) = (self.row_line, self.row);
            let Some(tag) = tag else {
                ended = self.end_row();
                break;
            };
            if let Some(data) = tag.strip_prefix("![CDATA[") {
                if self.in_cell {
                    self.push(data.strip_suffix("]]").unwrap_or(data));
                }
            } else if let Some(name) = skipped(&tag) {
                self.skip(name);
            } else {
                ended = self.take(&tag);
            }
        }
        if !ended || self.over.is_some() || self.error.is_some() {
            return false;
        }
        row.texts.clear();
        self.texts.iter().for_each(|t| row.texts.push_field(t));
        true
    }
}

impl Cells<'_> {
    /// The next tag; the text before it goes into the open cell.
    fn next_tag(&mut self) -> Option<String> {
        if !std::mem::take(&mut self.at_tag) {
            let text = self.until(b'<')?;
            if self.in_cell {
                self.push(&plain(&text));
            }
        }
        self.tag()
    }

    /// Passes over what stands in an element whose content is no text of the table, up to its end tag.
    fn skip(&mut self, name: &str) {
        while let Some(piece) = self.until(b'<') {
            self.bytes = 0;
            let end = piece.strip_prefix('/').map(local_name);
            if end.is_some_and(|end| end == name) {
                // The sign before the next tag was taken with the text.
                self.at_tag = true;
                return;
            }
        }
    }
}

/// The local name of a tag in small letters.
fn local_name(tag: &str) -> String {
    let name = tag
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == ':');
    let name = name.collect::<String>().to_ascii_lowercase();
    name.rsplit(':').next().unwrap_or_default().to_owned()
}

/// The name of a tag whose content is no text of the table: scripts, styles, and notes on a cell.
fn skipped(tag: &str) -> Option<&'static str> {
    let name = local_name(tag);
    let found = ["script", "style", "comment"]
        .into_iter()
        .find(|n| *n == name);
    found.filter(|_| !tag.ends_with('/'))
}

/// The number under an attribute `index` (`ss:Index`).
fn index(tag: &str) -> Option<u32> {
    attribute(tag, "index")?.parse().ok()
}

/// The value of a tag's attribute, by its local name in small letters.
fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once('=') {
        let name = before
            .trim_end()
            .rsplit(|c: char| c.is_whitespace() || c == ':')
            .next()?;
        let after = after.trim_start();
        let (value, next) = match after.chars().next()? {
            quote @ ('"' | '\'') => after[1..].split_once(quote)?,
            _ => after.split_at(
                after
                    .find(|c: char| c.is_whitespace())
                    .unwrap_or(after.len()),
            ),
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value.trim_end_matches('/').to_owned());
        }
        rest = next;
    }
    None
}

/// A text with its references resolved; what is no known one stays.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let found = after.split_once(';').and_then(|(name, next)| {
            let c = match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                "nbsp" => ' ',
                _ => {
                    let digits = name.strip_prefix('#')?;
                    let hex = digits.strip_prefix(['x', 'X']);
                    let code = match hex {
                        Some(hex) => u32::from_str_radix(hex, 16),
                        None => digits.parse(),
                    };
                    char::from_u32(code.ok()?).filter(|c| !c.is_control())?
                }
            };
            Some((c, next))
        });
        match found {
            Some((c, next)) => {
                out.push(c);
                rest = next;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out + rest
}
