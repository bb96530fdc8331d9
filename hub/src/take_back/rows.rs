//! Taking records out of the 14 element tables and out of the files of their cases. Refuses to balance the ledger
//! (`take_back.rs`).

use crate::case_file::CaseFile;
use crate::store::cases::{self, FileKey};
use crate::store::elements::version_of;
use crate::store::engine::{StoreError, Tx};
use std::collections::BTreeSet;
use tongcha_schema::element::ElementId;
use tongcha_schema::record::Op;
use tongcha_supervision::RowState;

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
        "exists (select 1 from take_back_item i join envelope e on e.id = i.envelope where i.take_back = $1 \
         and e.no = {alias}.envelope_no and i.item_no = {alias}.item_no)"
    )
}

fn same_key(a: &str, b: &str) -> String {
    format!("{a}.case_id = {b}.case_id and {a}.source_id = {b}.source_id and {a}.seq = {b}.seq")
}

/// Takes the records out. A version that one of them had replaced counts again.
pub(super) async fn records(tx: &mut Tx, id: i64) -> Result<Vec<Moved>, StoreError> {
    let files = concerned(tx, id).await?;
    let ids: Vec<i64> = files
        .iter()
        .map(|f| f.case_id)
        .filter(|id| *id > 0)
        .collect();
    let locked = serde_json::to_string(&ids).unwrap_or_default();
    tx.rows("cases.lock", crate::args![locked]).await?;
    let mut moved = Vec::new();
    for element in ElementId::ALL {
        moved.extend(of_element(tx, id, element).await?);
    }
    shorten(tx, id, &ids, &files).await?;
    Ok(moved)
}

/// The files that have records of the items that are meant.
async fn concerned(tx: &mut Tx, id: i64) -> Result<BTreeSet<FileKey>, StoreError> {
    let mut files = BTreeSet::new();
    for element in ElementId::ALL {
        let (table, mine) = (element.spec().table(), of("t"));
        let text = format!(
            "select distinct t.case_id, t.source_id, t.seq from {table} t where {mine} order by 1, 2, 3"
        );
        let label = format!("take back {element}");
        for row in tx.rows_of(&label, &text, crate::args![id]).await? {
            files.insert(match row.int(0) {
                case_id if case_id > 0 => FileKey::case(case_id),
                case_id => FileKey {
                    case_id,
                    source_id: row.int(1),
                    element: i64::from(element.spec().number),
                    seq: row.int(2),
                },
            });
        }
    }
    Ok(files)
}

async fn of_element(tx: &mut Tx, id: i64, element: ElementId) -> Result<Vec<Moved>, StoreError> {
    let table = element.spec().table();
    let (mine, others, doomed) = (of("t"), of("o"), of("d"));
    let label = format!("take back {element}");
    let counts = format!(
        "select v.id, t.item_no, s.name, count(*) from {table} t join envelope v on v.no = t.envelope_no \
         join source s on s.id = t.source_id where {mine} group by v.id, t.item_no, s.name order by 1, 2, 3"
    );
    let rows = tx.rows_of(&label, &counts, crate::args![id]).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let (key, higher) = (same_key("d", "t"), same_key("o", "t"));
    let name = element.name();
    for text in [
        format!(
            "insert into take_back_case (take_back, space, case_no) select distinct cast($1 as bigint), \
             c.space, c.case_no from {table} t join cases c on c.id = t.case_id where {mine} on conflict do nothing"
        ),
        format!(
            "insert into take_back_record (take_back, envelope, item_no, record_no, element, case_no) \
             select cast($1 as bigint), v.id, t.item_no, t.record_no, '{name}', coalesce(c.case_no, '') \
             from {table} t join envelope v on v.no = t.envelope_no left join cases c on c.id = t.case_id where {mine}"
        ),
        format!("update {table} as t set row_state = 2 where {mine}"),
        format!(
            "update {table} as t set row_state = case when t.op = 3 then 4 else 1 end \
             where not {mine} and exists (select 1 from {table} d where {key} and {doomed}) \
             and not exists (select 1 from {table} o where {higher} and o.version > t.version and not {others})"
        ),
        format!("delete from {table} as t where {mine}"),
    ] {
        tx.run_text(&label, &text, crate::args![id]).await?;
    }
    let moved = rows.iter().map(|row| Moved {
        envelope: row.text(0).to_owned(),
        item: row.int(1),
        source: row.text(2).to_owned(),
        element,
        records: row.count(3),
    });
    Ok(moved.collect())
}

/// Takes the same records out of the files.
async fn shorten(
    tx: &mut Tx,
    id: i64,
    ids: &[i64],
    files: &BTreeSet<FileKey>,
) -> Result<(), StoreError> {
    let meant = tx.rows("take_back.meant", crate::args![id]).await?;
    let meant: BTreeSet<(i64, i64)> = meant.iter().map(|r| (r.int(0), r.int(1))).collect();
    let mut all: Vec<(FileKey, CaseFile)> = Vec::new();
    for some in ids.chunks(500) {
        let found = cases::files(tx, some).await?.into_iter();
        all.extend(found.map(|(id, file)| (FileKey::case(id), file)));
    }
    let outside: Vec<FileKey> = files.iter().filter(|f| f.case_id < 0).copied().collect();
    for some in outside.chunks(500) {
        all.extend(cases::outside(tx, some).await?);
    }
    let mut kept = Vec::new();
    for (key, mut file) in all {
        without(&mut file, &meant);
        match file.entries.is_empty() {
            true => {
                let args = crate::args![key.case_id, key.source_id, key.element, key.seq];
                tx.run("cases.drop_file", args).await?;
            }
            false => kept.push((key, file.to_bytes(0))),
        }
    }
    cases::put_files(tx, kept, false).await
}

/// The file without what came in these items (envelope, item); the highest version that is left of a record from
/// which something is gone counts again.
fn without(file: &mut CaseFile, meant: &BTreeSet<(i64, i64)>) {
    let is_meant = |e: &crate::case_file::Entry| {
        meant.contains(&(e.envelope_no, i64::from(e.record.head.item)))
    };
    let key = |e: &crate::case_file::Entry| {
        (e.record.element, e.record.head.source.clone(), e.record.seq)
    };
    let gone = file
        .entries
        .iter()
        .filter(|e| is_meant(e) && e.state.is_some());
    let gone: BTreeSet<_> = gone.map(key).collect();
    let mut kept = CaseFile::default();
    for entry in std::mem::take(&mut file.entries) {
        if !is_meant(&entry) {
            kept.add(entry);
        }
    }
    for (element, source, seq) in gone {
        let mut mine = kept.of(element, &source, seq);
        mine.retain(|at| kept.entries[*at].state.is_some());
        let last = mine
            .iter()
            .max_by_key(|at| version_of(&kept.entries[**at].record));
        if let Some(last) = last {
            let entry = &mut kept.entries[*last];
            entry.state = Some(match entry.record.op {
                Op::Delete => RowState::Deleted,
                Op::Insert | Op::Update => RowState::Live,
            });
        }
    }
    *file = kept;
}
