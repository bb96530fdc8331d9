//! The store's contract on both engines: every statement is prepared, and every good sample of
//! every element goes in and comes out with each of its values, personal ones sealed in between.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use sqlx::{AssertSqlSafe, Executor as _, SqlSafeStr as _};
use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;
use time::OffsetDateTime;
use tongcha_decode::admit::{ItemContext, admit_item};
use tongcha_decode::dialect::Registry;
use tongcha_hub::bundle::{seal, unseal};
use tongcha_hub::sql::{self, Dialect};
use tongcha_hub::store::elements::{
    Insert, NewRow, StoredRow, of_case, remove, restate, version_of,
};
use tongcha_hub::store::engine::{Store, Tx};
use tongcha_schema::element::ElementId;
use tongcha_schema::record::{CaseHead, Op, Record, Version};
use tongcha_schema::sample;
use tongcha_schema::seal::Sealed;
use tongcha_schema::value::Value;
use tongcha_supervision::RowState;

/// A SQLite store in a folder, and a PostgreSQL one in a schema of its own where a server is named.
async fn stores(tag: &str) -> Vec<(Store, String, tempfile::TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    let lite = Store::open_sqlite(&folder.path().join("store.db"))
        .await
        .unwrap();
    let mut all = vec![(lite, String::new(), folder)];
    match std::env::var("TONGCHA_PG_URL") {
        Ok(url) => {
            let schema = format!("tongcha_store_{}_{tag}", std::process::id());
            let store = Store::open_postgres(&url, &schema).await.unwrap();
            all.push((store, schema, tempfile::tempdir().unwrap()));
        }
        Err(_) => {
            let required = std::env::var_os("TONGCHA_REQUIRE_SERVICES").is_some();
            assert!(!required, "TONGCHA_PG_URL is required");
            println!("production was not provided (TONGCHA_PG_URL): SQLite only");
        }
    }
    all
}

async fn close(store: Store, schema: &str) {
    match &store {
        Store::Pg(_) => store.drop_postgres(schema).await.unwrap(),
        Store::Lite { .. } => store.close().await,
    }
}

#[tokio::test]
async fn every_statement_is_prepared() {
    for (store, schema, _folder) in stores("sql").await {
        let mut names = BTreeSet::new();
        for (name, text) in sql::all(store.dialect()) {
            let text = AssertSqlSafe(text).into_sql_str();
            let prepared = match &store {
                Store::Pg(pool) => pool.prepare(text).await.map(|_| ()),
                Store::Lite { write, .. } => write.prepare(text).await.map(|_| ()),
            };
            assert!(
                prepared.is_ok(),
                "{name} on {:?}: {prepared:?}",
                store.dialect()
            );
            names.insert(name);
        }
        assert!(names.len() > 80, "{} statements", names.len());
        close(store, &schema).await;
    }
    let names = |d| sql::all(d).map(|(n, _)| n).collect::<BTreeSet<_>>();
    let (pg, mut lite) = (names(Dialect::Pg), names(Dialect::Lite));
    for copied in COPIED {
        assert!(lite.remove(copied), "{copied} is one of SQLite's");
    }
    assert_eq!(pg, lite, "each other one has a text for both engines");
}

/// What PostgreSQL takes by COPY, without a statement.
const COPIED: [&str; 1] = ["cases.put_new"];

/// The source files below a folder, whole.
fn sources(folder: &std::path::Path, out: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|end| end == "rs") {
            out.push(std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_statement_is_used_and_every_name_that_is_used_is_one() {
    let mut files = Vec::new();
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["src", "../src", "../admin/src", "../tests"] {
        sources(&top.join(folder), &mut files);
    }
    let names: BTreeSet<&str> = sql::all(Dialect::Lite).map(|(name, _)| name).collect();
    let aggregates: BTreeSet<&str> = names
        .iter()
        .filter_map(|n| n.split_once('.'))
        .map(|(a, _)| a)
        .collect();
    let mut used = BTreeSet::new();
    for text in files.iter().flat_map(|file| file.split('"')) {
        let is_word = |word: &str| {
            word.bytes()
                .all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit())
        };
        if let Some((aggregate, name)) = text.split_once('.')
            && aggregates.contains(aggregate)
            && is_word(name)
            && !name.is_empty()
            && !["rs", "sql", "toml", "html"].contains(&name)
        {
            used.insert(text);
        }
    }
    let unknown: Vec<_> = used.difference(&names).collect();
    assert!(unknown.is_empty(), "no such statement: {unknown:?}");
    // Some names are put together where they are used; the rest stands there as it is.
    let whole = files.concat();
    let stray = |name: &&&str| {
        let last = name.split_once('.').map_or("", |(_, last)| last);
        !whole.contains(&format!("\"{last}\""))
    };
    let unused: Vec<_> = names.difference(&used).filter(stray).collect();
    assert!(unused.is_empty(), "nobody runs: {unused:?}");
}

/// Number of the case in these tests.
const CASE: i64 = 7;

fn row(record: &Record, state: RowState) -> NewRow<'_> {
    NewRow {
        case_id: CASE,
        source_id: 3,
        envelope_no: 5,
        record,
        state,
    }
}

async fn insert(tx: &mut Tx, element: ElementId, rows: &[NewRow<'_>]) {
    for insert in Insert::of(tx.dialect(), element, rows) {
        insert.run(tx).await.unwrap();
    }
}

/// The records of all good samples, each under a key of its own; decoded once for all tests.
fn records() -> &'static [Record] {
    static RECORDS: std::sync::OnceLock<Vec<Record>> = std::sync::OnceLock::new();
    RECORDS.get_or_init(decode)
}

fn decode() -> Vec<Record> {
    let registry = Registry::shipped();
    let mut all = Vec::new();
    for sample in sample::samples().into_iter().filter(|s| s.good) {
        let ctx = ItemContext {
            source: "431321/samples",
            target: "431321/hub",
            envelope: "431321/samples@1.1",
            item: 3,
            name: &sample.name,
            dialect: "auto",
            received_at: sample::RECEIVED_AT,
            forwards: false,
        };
        let mut open = || -> std::io::Result<Box<dyn Read + Send>> {
            Ok(Box::new(std::io::Cursor::new(
                sample.xml.clone().into_bytes(),
            )))
        };
        let outcome = admit_item(registry, &ctx, &mut open, &mut |case| {
            assert!(
                case.rejected.is_empty(),
                "{}: {:?}",
                sample.name,
                case.rejected
            );
            all.extend(case.records);
        });
        outcome.unwrap();
    }
    for (seq, record) in (1..).zip(&mut all) {
        record.seq = seq;
        record.marks = vec![502, 308];
        record.version = Version::Given(1);
    }
    all
}

#[tokio::test]
async fn every_value_of_every_element_comes_back() {
    let sealed = Sealed::new([2; 32]);
    for (store, schema, _folder) in stores("values").await {
        let wanted = records();
        let mut with_value: BTreeSet<(ElementId, usize)> = BTreeSet::new();
        let mut tx = store.begin().await.unwrap();
        for element in ElementId::ALL {
            let of_element = wanted.iter().filter(|r| r.element == element);
            let records: Vec<Record> = of_element
                .map(|record| {
                    let mut record = record.clone();
                    seal(&mut record, &sealed);
                    let personal = record.values.iter().zip(element.spec().fields);
                    for (value, field) in personal.filter(|(v, f)| f.personal && v.is_some()) {
                        assert!(matches!(value, Some(Value::Sealed(_))), "{}", field.name);
                    }
                    record
                })
                .collect();
            assert!(!records.is_empty(), "{element}");
            let rows: Vec<NewRow> = records.iter().map(|r| row(r, RowState::Live)).collect();
            insert(&mut tx, element, &rows).await;
        }
        tx.commit().await.unwrap();
        let rows = of_case(&mut store.snapshot().await.unwrap(), CASE).await;
        let mut found: Vec<Record> = rows
            .unwrap()
            .into_iter()
            .map(|found| {
                assert_eq!((found.source_id, found.envelope_no), (3, 5));
                let mut record = found.record;
                unseal(&mut record, &sealed);
                record
            })
            .collect();
        found.sort_by_key(|r| r.seq);
        assert_eq!(found.len(), wanted.len());
        for (found, wanted) in found.iter().zip(wanted) {
            for (index, value) in wanted.values.iter().enumerate() {
                let field = wanted.element.spec().fields[index].name;
                assert_eq!(found.values[index], *value, "{}.{field}", wanted.element);
                if value.is_some() {
                    with_value.insert((wanted.element, index));
                }
            }
            let head = CaseHead {
                org_bus_no: wanted.head.org_bus_no.clone(),
                item: wanted.head.item,
                ..CaseHead::bare("", "", "", OffsetDateTime::UNIX_EPOCH)
            };
            let wanted = Record {
                head: Arc::new(head),
                ..wanted.clone()
            };
            assert_eq!(*found, wanted);
            assert_eq!(
                found.compute_digest(),
                wanted.digest,
                "what is read is what was digested"
            );
        }
        let fields: usize = ElementId::ALL.iter().map(|e| e.spec().fields.len()).sum();
        assert_eq!(with_value.len(), fields, "every field had a value");
        close(store, &schema).await;
    }
}

#[tokio::test]
async fn versions_change_their_state_and_rows_are_written_anew() {
    for (store, schema, _folder) in stores("versions").await {
        for element in ElementId::ALL {
            let record = records().iter().find(|r| r.element == element).unwrap();
            let version = |number, op| Record {
                op,
                version: Version::Given(number),
                ..record.clone()
            };
            let versions = [
                version(1, Op::Insert),
                version(3, Op::Delete),
                version(2, Op::Update),
            ];
            let states = [RowState::Live, RowState::Deleted, RowState::Late];
            let rows: Vec<NewRow> = versions
                .iter()
                .zip(states)
                .map(|(r, s)| row(r, s))
                .collect();
            let mut tx = store.begin().await.unwrap();
            insert(&mut tx, element, &rows).await;
            let key = (CASE, 3, record.seq);
            let changes = [(key, 1, RowState::Superseded)];
            restate(&mut tx, element, &changes).await.unwrap();
            let of = |rows: Vec<StoredRow>| {
                let rows = rows.into_iter().filter(|r| r.record.element == element);
                rows.map(|r| (version_of(&r.record), r.state))
                    .collect::<Vec<_>>()
            };
            let found = of(of_case(&mut tx, CASE).await.unwrap());
            let wanted = [
                (1, RowState::Superseded),
                (2, RowState::Late),
                (3, RowState::Deleted),
            ];
            assert_eq!(found, wanted, "{element}");
            remove(&mut tx, element, &[key]).await.unwrap();
            assert!(of(of_case(&mut tx, CASE).await.unwrap()).is_empty());
            tx.commit().await.unwrap();
        }
        close(store, &schema).await;
    }
}

/// Hubs that start in the same moment on an empty database all find its tables.
#[tokio::test(flavor = "multi_thread")]
async fn stores_opened_at_once_on_nothing_do_not_meet() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.db");
    let opened = futures_util::future::join_all((0..4).map(|_| Store::open_sqlite(&file))).await;
    for store in opened {
        store.unwrap().close().await;
    }
    let Ok(url) = std::env::var("TONGCHA_PG_URL") else {
        return;
    };
    let schema = format!("tongcha_race_{}", std::process::id());
    let opening = (0..4).map(|_| Store::open_postgres(&url, &schema));
    let mut opened = futures_util::future::join_all(opening).await;
    for store in opened.drain(1..) {
        store.unwrap().close().await;
    }
    close(opened.remove(0).unwrap(), &schema).await;
}
