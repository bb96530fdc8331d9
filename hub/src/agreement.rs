//! Whether the files of cases and the 14 tables say the same: both are written in one transaction, and whoever reads
//! one must find the other. Refuses to mend anything.

use crate::store::elements::{self, StoredRow, state_number, version_of};
use crate::store::engine::{Store, StoreError};
use crate::store::{cases, row::Row};
use std::collections::BTreeSet;
use tongcha_schema::record::Record;
use tongcha_supervision::RowState;

/// The cases whose file and rows differ, among so many of the newest: space and case number.
///
/// # Errors
/// The store; a file that cannot be read.
pub async fn apart(store: &Store, newest: i64) -> Result<Vec<String>, StoreError> {
    let mut apart = Vec::new();
    for case in store.rows("cases.newest", crate::args![newest]).await? {
        if !agrees(store, &case).await? {
            apart.push(format!("{} {}", case.text(1), case.text(2)));
        }
    }
    Ok(apart)
}

/// Element, seq, version, state, envelope, digest and image of a row.
type Said = (&'static str, i64, i64, i16, i64, [u8; 32], Vec<u8>);

fn said(record: &Record, envelope_no: i64, state: RowState) -> Said {
    let mut image = Vec::new();
    tongcha_schema::image::write(record, &mut image);
    (
        record.element.name(),
        record.seq,
        version_of(record),
        state_number(state),
        envelope_no,
        record.digest,
        image,
    )
}

async fn agrees(store: &Store, case: &Row) -> Result<bool, StoreError> {
    let mut tx = store.snapshot().await?;
    let rows = elements::of_case(&mut tx, case.int(0)).await?;
    let file = cases::files(&mut tx, &[case.int(0)]).await?.pop();
    let of_row = |row: &StoredRow| said(&row.record, row.envelope_no, row.state);
    let rows: BTreeSet<Said> = rows.iter().map(of_row).collect();
    let entries = file.iter().flat_map(|(_, file)| &file.entries);
    let entries = entries.filter_map(|e| Some(said(&e.record, e.envelope_no, e.state?)));
    Ok(rows == entries.collect())
}
