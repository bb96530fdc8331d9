//! Workbooks (`.xlsx`, `.xlsm`) become texts: each visible sheet that holds a table is one CSV, its line
//! numbers those of the sheet's rows. Dates come out as ISO texts by the cell's format (1900 and 1904
//! alike), formulas by their last value; one that has none comes out as the formula, and a number of more
//! digits than Excel keeps with an exponent: reading the text, both are told by their cell. Merged rows of
//! a column all hold the first one's value. Refuses to run formulas or macros, to read hidden sheets, and
//! to guess a header: it is the first of the top rows that is about as wide as the widest of them.

mod merged;

use calamine::{
    DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError,
    XlsxFormulaMetadata as Formula,
};
use merged::Merged;
pub(super) use merged::Tags;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, Read};
use time::{Date, Duration, Month};

/// Rows from the top among which the header is looked for: titles and remarks stand above it.
const TOP_ROWS: usize = 20;

/// A workbook that was opened.
pub(super) struct Workbook(Xlsx<BufReader<File>>);

impl Workbook {
    /// Opens a workbook whose parts were measured before: its texts are held in memory.
    ///
    /// # Errors
    /// What is damaged, encrypted or no workbook.
    pub fn open(file: File) -> Result<Workbook, XlsxError> {
        Ok(Workbook(Xlsx::new(BufReader::new(file))?))
    }

    /// Names of the sheets of cells, in their order, and whether each is shown.
    pub fn sheets(&self) -> Vec<(String, bool)> {
        let plain = |typ: &SheetType| matches!(typ, SheetType::WorkSheet);
        let all = self.0.sheets_metadata().iter();
        all.filter(|s| plain(&s.typ))
            .map(|s| (s.name.clone(), s.visible == SheetVisible::Visible))
            .collect()
    }

    /// A sheet as text; `None` where it holds no table: fewer than two columns, or a header alone.
    ///
    /// # Errors
    /// What is damaged.
    pub fn text(&mut self, sheet: &str) -> Result<Option<SheetText<'_>>, XlsxError> {
        let merged = Merged::of(self.0.merge_cells_by_sheet_name(sheet)?);
        let mut rows = SheetRows {
            from_1904: self.0.has_1904_epoch(),
            merged,
            cells: Some(self.0.worksheet_cells_reader(sheet)?),
            ahead: None,
        };
        let mut top = VecDeque::new();
        while top.len() < TOP_ROWS
            && let Some(row) = rows.next()?
        {
            top.push_back(row);
        }
        let widest = top.iter().map(SheetRow::filled).max().unwrap_or(0);
        let is_header = |row: &SheetRow| row.filled() >= 2 && row.filled() * 10 >= widest * 6;
        while top.front().is_some_and(|row| !is_header(row)) {
            top.pop_front();
        }
        let width = top.front().map_or(0, |header| header.texts.len());
        if top.len() < 2 {
            return Ok(None);
        }
        Ok(Some(SheetText {
            rows,
            top,
            width,
            line: 0,
            out: Vec::new(),
            given: 0,
        }))
    }
}

/// A row with something in it: its number from 0, and its cells from the first column.
struct SheetRow {
    number: u32,
    texts: Vec<String>,
}

impl SheetRow {
    fn filled(&self) -> usize {
        self.texts.iter().filter(|t| !t.is_empty()).count()
    }
}

/// Rows out of cells; those without any content are passed over.
struct SheetRows<'w> {
    from_1904: bool,
    merged: Merged,
    /// None after the last one.
    cells: Option<XlsxCellReader<'w, BufReader<File>>>,
    ahead: Option<(u32, u32, String)>,
}

impl SheetRows<'_> {
    fn cell(&mut self) -> Result<Option<(u32, u32, String)>, XlsxError> {
        let Some(cells) = &mut self.cells else {
            return Ok(None);
        };
        while let Some(cell) = cells.next_cell_with_formula_metadata()? {
            let mut text = text_of(&cell.value, self.from_1904);
            if matches!(cell.value, DataRef::Empty)
                && let Some(formula) = &cell.formula
            {
                text = uncalculated(formula);
            }
            if !text.is_empty() {
                let (row, column) = cell.pos;
                return Ok(Some((row, column, text)));
            }
        }
        self.cells = None;
        Ok(None)
    }

    fn next(&mut self) -> Result<Option<SheetRow>, XlsxError> {
        let first = match self.ahead.take() {
            Some(cell) => Some(cell),
            None => self.cell()?,
        };
        let Some((number, column, text)) = first else {
            return Ok(None);
        };
        let mut row = SheetRow {
            number,
            texts: Vec::new(),
        };
        row.put(column, text)?;
        while let Some((at, column, text)) = self.cell()? {
            if at < number {
                return Err(XlsxError::Unexpected("rows in no order"));
            }
            if at > number {
                self.ahead = Some((at, column, text));
                break;
            }
            row.put(column, text)?;
        }
        self.merged.fill(row.number, &mut row.texts);
        Ok(Some(row))
    }
}

/// What stands for a formula that its writer never calculated.
fn uncalculated(formula: &Formula) -> String {
    match formula {
        Formula::Normal { formula } | Formula::Shared { formula, .. } => {
            format!("={}", one_line(formula.trim_start_matches('=')))
        }
        _ => "=?".to_owned(),
    }
}

impl SheetRow {
    fn put(&mut self, column: u32, text: String) -> Result<(), XlsxError> {
        let at = column as usize;
        if at < self.texts.len() {
            return Err(XlsxError::Unexpected("cells in no order"));
        }
        self.texts.resize(at, String::new());
        self.texts.push(text);
        Ok(())
    }
}

/// A sheet's text, made row by row as it is read.
pub(super) struct SheetText<'w> {
    rows: SheetRows<'w>,
    top: VecDeque<SheetRow>,
    width: usize,
    /// Lines that were written.
    line: u32,
    out: Vec<u8>,
    given: usize,
}

impl SheetText<'_> {
    /// The next row as a line; false at the end. Rows that are empty or above the header are empty lines.
    fn fill(&mut self) -> io::Result<bool> {
        self.out.clear();
        self.given = 0;
        let row = match self.top.pop_front() {
            Some(row) => Some(row),
            None => self.rows.next().map_err(io::Error::other)?,
        };
        let Some(row) = row else {
            return Ok(false);
        };
        for _ in self.line..row.number {
            self.out.push(b'\n');
        }
        self.line = row.number + 1;
        for at in 0..self.width.max(row.texts.len()) {
            if at > 0 {
                self.out.push(b',');
            }
            quote(row.texts.get(at).map_or("", String::as_str), &mut self.out);
        }
        self.out.push(b'\n');
        Ok(true)
    }
}

impl Read for SheetText<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.out.len() {
            if !self.fill()? {
                return Ok(0);
            }
        }
        let n = buffer.len().min(self.out.len() - self.given);
        buffer[..n].copy_from_slice(&self.out[self.given..self.given + n]);
        self.given += n;
        Ok(n)
    }
}

/// A field of RFC 4180, in quotes where it needs them.
fn quote(text: &str, out: &mut Vec<u8>) {
    if !text.contains(['"', ',', ';', '\t', '|']) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

/// A cell as text. A line break within it becomes a blank, so that a line stays a row.
fn text_of(cell: &DataRef<'_>, from_1904: bool) -> String {
    match cell {
        DataRef::Empty => String::new(),
        DataRef::String(text) => one_line(text),
        DataRef::SharedString(text) => one_line(text),
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(n) => number(*n),
        DataRef::Bool(yes) => (if *yes { "1" } else { "0" }).to_owned(),
        DataRef::DateTime(at) => stamp(at, from_1904),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => one_line(text),
        DataRef::Error(error) => error.to_string(),
    }
}

fn one_line(text: &str) -> String {
    let text = text.trim();
    if !text.contains(['\r', '\n']) {
        return text.to_owned();
    }
    text.replace("\r\n", " ").replace(['\r', '\n'], " ")
}

/// A whole number from which on Excel writes zeros for digits that it did not keep (sixteen digits).
const NOT_KEPT: f64 = 1e15;

/// A number in full, as far as Excel keeps its digits; one of sixteen and more with an exponent, as Excel
/// shows it, so that nobody takes it for the number that was typed.
fn number(n: f64) -> String {
    if n.abs() >= NOT_KEPT {
        return format!("{n:.14E}").replace('E', "E+");
    }
    let text = n.to_string();
    // What adding tenths of a yuan leaves behind: the fifteen digits that Excel shows.
    if text.len() <= 16 {
        return text;
    }
    let magnitude = n.abs().log10().floor();
    let places = (14.0 - magnitude).clamp(0.0, 30.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 30"
    )]
    let short = format!("{n:.*}", places as usize);
    match short.contains('.') {
        true => short.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => short,
    }
}

/// A date, a date with its time, a time alone (a serial below one day), or a length of time in hours;
/// what is no day of this calendar stays a number.
fn stamp(at: &ExcelDateTime, from_1904: bool) -> String {
    let seconds = (at.as_f64() * 86_400.0).round();
    if !(0.0..1e12).contains(&seconds) {
        return number(at.as_f64());
    }
    #[expect(clippy::cast_possible_truncation, reason = "whole, and in the range")]
    let seconds = seconds as i64;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let clock = |hours: i64| format!("{hours:02}:{:02}:{:02}", rest / 60 % 60, rest % 60);
    if at.is_duration() {
        return clock(seconds / 3_600);
    }
    let time = clock(rest / 3_600);
    if days == 0 {
        return time;
    }
    // 1900 was no leap year, but Excel counts its 29 February as day 60.
    let first = match (from_1904, days > 60) {
        (true, _) => Date::from_calendar_date(1904, Month::January, 1),
        (false, true) => Date::from_calendar_date(1899, Month::December, 30),
        (false, false) => Date::from_calendar_date(1899, Month::December, 31),
    };
    let date = first.ok().and_then(|d| d.checked_add(Duration::days(days)));
    match date {
        Some(date) if rest == 0 => date.to_string(),
        Some(date) => format!("{date}T{time}"),
        None => number(at.as_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType::{DateTime, TimeDelta};

    #[test]
    fn serials_are_days_of_the_calendar() {
        let at = |n: f64, from_1904| stamp(&ExcelDateTime::new(n, DateTime, false), from_1904);
        // ECMA-376 18.17.4: both systems' first days, and the day that never was.
        assert_eq!(at(1.0, false), "1900-01-01");
        assert_eq!(at(59.0, false), "1900-02-28");
        assert_eq!(at(61.0, false), "1900-03-01");
        assert_eq!(at(46_027.0, false), "2026-01-05");
        assert_eq!(at(46_027.395_833_333_3, false), "2026-01-05T09:30:00");
        assert_eq!(at(46_027.999_999_99, false), "2026-01-06");
        assert_eq!(at(44_565.0, true), "2026-01-05");
        assert_eq!(at(0.75, false), "18:00:00");
        assert_eq!(at(-1.0, false), "-1");
        assert_eq!(at(3e6, false), "3000000");
        let long = ExcelDateTime::new(1.5, TimeDelta, false);
        assert_eq!(stamp(&long, false), "36:00:00");
    }

    #[test]
    fn numbers_are_written_in_full() {
        assert_eq!(number(20_260_105.0), "20260105");
        assert_eq!(number(0.1 + 0.2), "0.3");
        assert_eq!(number(-12.5), "-12.5");
        assert_eq!(number(999_999_999_999_999.0), "999999999999999");
        assert_eq!(number(1e15), "1.00000000000000E+15");
        assert_eq!(number(431_321_202_603_020_001.0), "4.31321202603020E+17");
        assert_eq!(number(1e-7), "0.0000001");
        assert_eq!(number(1234.1 + 0.000_000_000_000_3), "1234.1");
    }

    #[test]
    fn what_would_break_a_line_or_a_field_is_kept_apart() {
        let mut out = Vec::new();
        quote("a,\"b\"", &mut out);
        assert_eq!(out, b"\"a,\"\"b\"\"\"");
        assert_eq!(one_line(" a\r\nb\nc "), "a b c");
    }
}
