//! A row of a table that is a case of its own: one that cannot be taken apart, and what became of one in a group
//! of rows. Refuses to check what a row says.

use tongcha_schema::check::CheckedCase;
use tongcha_schema::code::element as x3;
use tongcha_schema::finding::{Finding, Severity};
use tongcha_schema::receipt::{RowReceipt, Verdict};
use tongcha_schema::record::RawCase;

/// Whether it is a row of a table that could not be taken apart: there is nothing in it to check.
pub(super) fn is_no_row(raw: &RawCase) -> bool {
    let told = |f: &Finding| f.code == x3::ROW_LENGTH;
    raw.records.is_empty() && raw.findings.iter().any(|(_, f)| told(f))
}

/// Whether a finding of a case stands for a record of no element.
pub(super) fn is_unknown(finding: &Finding) -> bool {
    finding.code == x3::UNKNOWN_ELEMENT || finding.code == x3::ROW_LENGTH
}

/// Names the row of a group in the findings of its case; what became of it where something was rejected.
pub(super) fn of_row(name: String, line: u32, case: &mut CheckedCase) -> Option<RowReceipt> {
    let of_records = case.rejected.iter_mut().flat_map(|r| &mut r.findings);
    let (mut faulty, mut unknown) = (false, 0);
    for finding in case.findings.iter_mut().chain(of_records) {
        finding.place.file.clone_from(&name);
        faulty |= finding.severity == Severity::Error;
        unknown += u64::from(is_unknown(finding));
    }
    let rejected = case.rejected.len() as u64 + unknown;
    (faulty || rejected > 0).then(|| RowReceipt {
        name,
        line,
        verdict: match case.records.is_empty() {
            true => Verdict::Refused,
            false => Verdict::Partly,
        },
        rejected,
    })
}
