//! The fields of one record: each text is taken, mapped and concealed as the plan says. Refuses to type one.

use super::CaseBuilder;
use crate::dialect::faults::Faults;
use crate::dialect::gather::Gathered;
use crate::dialect::plan::RecordPlan;
use crate::dialect::take::{Got, taken};
use tongcha_schema::conceal::concealed;
use tongcha_schema::record::{RawCase, RawField, RawRecord};

impl CaseBuilder<'_> {
    /// Fills a record that is not among its case's yet; a code that no map knows is a finding of the case.
    pub(super) fn fill(
        &mut self,
        record: &mut RawRecord,
        rule: &RecordPlan,
        (g, row): (&Gathered, usize),
        faults: &Faults<'_>,
        case: &mut RawCase,
    ) {
        let index = case.records.len();
        let (line, column) = (record.line, record.column);
        for (field, take) in &rule.fields {
            if take.plain {
                // Most fields: a text as it stands, with its place.
                if let Some((text, cell)) = g.first(&take.from, row) {
                    record.fields.push(RawField {
                        index: *field,
                        text: text.into(),
                        line: cell.line,
                        column: cell.column,
                    });
                }
                continue;
            }
            let (text, cell) = match taken(take, g, row) {
                Got::Void => continue,
                Got::Text(text, cell) if take.hash => {
                    (concealed(&case.case_no, &text).into(), cell)
                }
                Got::Text(text, cell) => (text.as_ref().into(), cell),
                Got::Unknown(text, cell) => {
                    let finding = faults.unknown_code(rule.element, *field, text, cell);
                    // A row has no places: nothing to tell apart by them.
                    if cell.line > 0 {
                        self.origins.told.insert((cell.line, cell.column));
                    }
                    case.findings.push((Some(index), finding));
                    continue;
                }
            };
            let at = cell.map_or((line, column), |c| (c.line, c.column));
            record.fields.push(RawField {
                index: *field,
                text,
                line: at.0,
                column: at.1,
            });
        }
    }
}
