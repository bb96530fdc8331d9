//! Taking records out of the 14 element tables. Refuses to balance the ledger (`take_back.rs`).

use crate::store::engine::{StoreError, Tx};
use tongcha_schema::element::ElementId;

/// How many records of an item, of one element and source.
pub(super) struct Moved {
    pub envelope: String,
    pub item: i64,
    pub source: String,
    pub element: ElementId,
    pub records: u64,
}

/// The rows of an alias that are of the items that are meant.
fn of(alias: &str) -> String {
    format!(
        "exists (select 1 from take_back_item i where i.take_back = $1 \
         and i.envelope = {alias}.envelope and i.item_no = {alias}.item_no)"
    )
}

fn same_key(a: &str, b: &str) -> String {
    format!(
        "{a}.space = {b}.space and {a}.case_no = {b}.case_no and {a}.source = {b}.source and {a}.seq = {b}.seq"
    )
}

/// Takes the rows out of the 14 tables. A version that one of them had replaced counts again.
pub(super) async fn records(tx: &mut Tx, id: i64) -> Result<Vec<Moved>, StoreError> {
    let mut moved = Vec::new();
    for element in ElementId::ALL {
        let table = element.spec().table();
        let (mine, others, doomed) = (of("t"), of("o"), of("d"));
        let label = format!("take back {element}");
        if matches!(tx, Tx::Pg(_)) {
            // Nobody adds a version of these keys meanwhile; reading goes on.
            let lock = format!("lock table {table} in share row exclusive mode");
            tx.run_text(&label, &lock, Vec::new()).await?;
        }
        let counts = format!(
            "select t.envelope, t.item_no, t.source, count(*) from {table} t where {mine} \
             group by t.envelope, t.item_no, t.source order by 1, 2, 3"
        );
        let rows = tx.rows_of(&label, &counts, crate::args![id]).await?;
        if rows.is_empty() {
            continue;
        }
        moved.extend(rows.iter().map(|row| Moved {
            envelope: row.text(0).to_owned(),
            item: row.int(1),
            source: row.text(2).to_owned(),
            element,
            records: u64::try_from(row.int(3)).unwrap_or(0),
        }));
        let (key, higher) = (same_key("d", "t"), same_key("o", "t"));
        let name = element.name();
        for text in [
            format!(
                "insert into take_back_case (take_back, space, case_no) select distinct cast($1 as bigint), \
                 t.space, t.case_no from {table} t where t.case_no <> '' and {mine} on conflict do nothing"
            ),
            format!(
                "insert into take_back_record (take_back, envelope, item_no, record_no, element, case_no) \
                 select cast($1 as bigint), t.envelope, t.item_no, t.record_no, '{name}', t.case_no \
                 from {table} t where {mine}"
            ),
            format!("update {table} as t set row_state = 'superseded' where {mine}"),
            format!(
                "update {table} as t set row_state = case when t.op = 'D' then 'deleted' else 'live' end \
                 where not {mine} and exists (select 1 from {table} d where {key} and {doomed}) \
                 and not exists (select 1 from {table} o where {higher} and o.version > t.version and not {others})"
            ),
            format!("delete from {table} as t where {mine}"),
        ] {
            tx.run_text(&label, &text, crate::args![id]).await?;
        }
    }
    Ok(moved)
}
