//! What spreadsheets do to the text of a cell: what can be undone is (`="…"`, a leading apostrophe), what
//! cannot is told. Refuses to guess digits that are gone, and to know which field a cell fills.

use super::document;
use tongcha_schema::code::element as x3;
use tongcha_schema::finding::Finding;

/// The texts of Excel's and WPS's error values.
const ERROR_VALUES: [&str; 8] = [
    "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!",
];

/// The text that was meant: without the `="…"` or the apostrophe by which people keep a spreadsheet from
/// reading a number. Other texts stay as they are.
pub(crate) fn undone(text: &str) -> &str {
    let trimmed = text.trim();
    let quoted = trimmed
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'));
    if let Some(inner) = quoted.filter(|inner| !inner.contains('"')) {
        return inner;
    }
    let code = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | ':' | '.' | ' ');
    match trimmed.strip_prefix('\'') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_alphanumeric()) => {
            if rest.chars().all(code) { rest } else { text }
        }
        _ => text,
    }
}

/// What a cell holds in place of what was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoilt {
    /// A number with an exponent: its last digits are gone.
    Exponent,
    /// A formula that was never calculated.
    Formula,
    /// An error value.
    Error,
}

impl Spoilt {
    /// What is wrong with the text of a cell, if anything is.
    pub fn of(text: &str) -> Option<Spoilt> {
        let text = text.trim();
        match text.as_bytes().first()? {
            b'=' if text.len() > 1 => Some(Spoilt::Formula),
            b'#' if ERROR_VALUES.contains(&text) => Some(Spoilt::Error),
            b'0'..=b'9' | b'-' | b'+' if is_exponent(text) => Some(Spoilt::Exponent),
            _ => None,
        }
    }

    pub fn finding(self, file: &str, line: u32, column: u32) -> Finding {
        let (code, zh, en) = match self {
            Spoilt::Exponent => return document::at(x3::NUMBER_SPOILT, file, line, column),
            Spoilt::Formula => (
                x3::CELL_WITHOUT_VALUE,
                "没有计算结果的公式",
                "a formula that was never calculated",
            ),
            Spoilt::Error => (x3::CELL_WITHOUT_VALUE, "错误值", "an error value"),
        };
        document::at(code, file, line, column)
            .with("what_zh", zh)
            .with("what_en", en)
    }
}

/// Whether a text is a number as programs write it with an exponent: one digit before the point, and a
/// point or a sign (`4.31321E+17`, `1E+20`, `4.3e17`), so that codes like `3E12` are none.
fn is_exponent(text: &str) -> bool {
    let plain = text.strip_prefix(['+', '-']).unwrap_or(text);
    let Some((mantissa, power)) = plain.split_once(['e', 'E']) else {
        return false;
    };
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let (first, rest) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let unsigned = power.strip_prefix(['+', '-']).unwrap_or(power);
    first.len() == 1
        && digits(first)
        && digits(rest)
        && digits(unsigned)
        && unsigned.len() <= 3
        && (mantissa.contains('.') || power != unsigned)
}

/// The name of a cell as spreadsheets show it: `B7`, of a workbook's sheet `表1!B7`.
pub(crate) fn name(file: &str, column: u32, line: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column;
    while let Some(before) = rest.checked_sub(1) {
        letters.push(char::from(b'A' + u8::try_from(before % 26).unwrap_or(0)));
        rest = before / 26;
    }
    let letters: String = letters.iter().rev().collect();
    match sheet(file) {
        Some(sheet) => format!("{sheet}!{letters}{line}"),
        None => format!("{letters}{line}"),
    }
}

/// The sheet that a workbook's text is of, by the text's name (`book.xlsx/表1.csv`).
fn sheet(file: &str) -> Option<&str> {
    let (book, sheet) = file.strip_suffix(".csv")?.rsplit_once('/')?;
    let book = book.to_ascii_lowercase();
    let is_book = book.ends_with(".xlsx") || book.ends_with(".xlsm");
    is_book.then_some(sheet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_a_number_a_text_is_undone() {
        for (text, meant) in [
            ("=\"431321202603020003\"", "431321202603020003"),
            (" =\"2026-03-02 09:30:00\" ", "2026-03-02 09:30:00"),
            ("'431321202603020004", "431321202603020004"),
            ("'2026/3/2 9:30", "2026/3/2 9:30"),
            ("=\"\"", ""),
            ("'一件事'改革", "'一件事'改革"),
            ("'a'b", "'a'b"),
            ("同意", "同意"),
            ("=\"a\"&\"b\"", "=\"a\"&\"b\""),
        ] {
            assert_eq!(undone(text), meant, "{text}");
        }
    }

    #[test]
    fn exponents_formulas_and_error_values_are_told_from_codes() {
        for text in [
            "4.31321E+17",
            "1E+20",
            "-1.2e-07",
            "4.31321202603E17",
            "9.0E+05",
        ] {
            assert_eq!(Spoilt::of(text), Some(Spoilt::Exponent), "{text}");
        }
        assert_eq!(Spoilt::of("=A1&B1"), Some(Spoilt::Formula));
        assert_eq!(Spoilt::of("#N/A"), Some(Spoilt::Error));
        for text in [
            "3E12",
            "12E+3",
            "1E5",
            "E+17",
            "4.3E+",
            "",
            "=",
            "#12",
            "1.5",
            "4.3E+1234",
        ] {
            assert_eq!(Spoilt::of(text), None, "{text}");
        }
    }

    #[test]
    fn cells_are_named_as_a_spreadsheet_names_them() {
        assert_eq!(name("a.csv", 2, 7), "B7");
        assert_eq!(name("台账.xlsx/三月.csv", 27, 12), "三月!AA12");
        assert_eq!(name("a.csv", 703, 1), "AAA1");
    }
}
