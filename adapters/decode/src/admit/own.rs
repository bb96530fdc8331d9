//! The sender's own words for the place of a finding: its column or tag beside our field, and the cell where
//! a table is a sheet of a workbook. Refuses to change what a finding says.

use crate::dialect::Dialect;
use tongcha_schema::check::CheckedCase;
use tongcha_schema::finding::Finding;

/// Endings of workbooks whose sheets travel as tables; their lines are the sheet's rows.
const WORKBOOKS: [&str; 4] = [".xlsx/", ".xlsm/", ".xlsb/", ".xls/"];

/// Names the sender's own places in all findings of a case.
pub(super) fn name_own(dialect: &Dialect, file: &str, case: &mut CheckedCase) {
    if case.findings.is_empty() && case.rejected.is_empty() {
        return;
    }
    let lower = file.to_lowercase();
    let is_sheet = WORKBOOKS.iter().any(|end| lower.contains(end));
    let rejected = case.rejected.iter_mut().flat_map(|r| &mut r.findings);
    for finding in case.findings.iter_mut().chain(rejected) {
        let own = own(dialect, is_sheet, finding);
        finding.place.own = own;
    }
}

fn own(dialect: &Dialect, is_sheet: bool, finding: &Finding) -> String {
    let place = &finding.place;
    let Some(element) = place.element.filter(|_| !place.field.is_empty()) else {
        return String::new();
    };
    let names = dialect.places_of(element, &place.field).join(" | ");
    let is_cell = is_sheet && place.line > 0 && place.column > 0;
    match (is_cell && !names.is_empty(), place.column) {
        (true, column) => format!("{names} {}{}", letters(column), place.line),
        (false, _) => names,
    }
}

/// The letters of a sheet's column, counted from 1: A, Z, AA.
fn letters(column: u32) -> String {
    let mut left = column;
    let mut out = Vec::new();
    while left > 0 {
        let digit = u8::try_from((left - 1) % 26).unwrap_or(0);
        out.push(char::from(b'A' + digit));
        left = (left - 1) / 26;
    }
    out.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn columns_of_a_sheet_have_letters() {
        let shown = [1, 26, 27, 52, 53, 702, 703].map(letters);
        assert_eq!(shown, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
