//! A department with Guangdong's tables: an ExInfo document that is dropped and rows of its table
//! EX_GDBS_SL become the hub's records, without a word of configuration about the format.

use super::model::Arrival;
use super::paper::{arrival, document_of};
use super::place::{everywhere, production};
use super::rig::{Rig, number, rows};
use super::sources::{NODE, Parts, exhaust};
use sqlx::Executor as _;
use tongcha_adapters::sources::db_table::{Database, DbTable, DbTableConfig};
use tongcha_hub::watch;
use tongcha_schema::element::ElementId;
use tongcha_schema::receipt::Verdict;

const DROPS: &str = "431321/drops";
const SECRET: &str = "314159265";

fn info(process: &str, fields: &[(&str, &str)]) -> String {
    let mut out = format!("<standardInfo process=\"{process}\">");
    for (name, text) in fields {
        out.push_str(&format!("<Field FieldName=\"{name}\">{text}</Field>"));
    }
    out + "</standardInfo>"
}

fn document() -> String {
    let applied = info(
        "EX_GDBS_SB",
        &[
            ("SBLSH", "XK000000100900001512601050001"),
            ("SXBM", "ITEM-1"),
            ("SXMC", "取水许可"),
            ("SQRLX", "3"),
            ("SQRMC", "某某合作社"),
            ("SQRZJHM", "91431321MA90000113"),
            ("SBSJ", "2026-1-5 9:00:00"),
            ("YWCXMM", SECRET),
            ("VERSION", "1"),
        ],
    );
    let concluded = info(
        "EX_GDBS_BJ",
        &[
            ("SBLSH", "XK000000100900001512601050001"),
            ("BJJGDM", "1"),
            ("ZFHTHYY", "申请人撤回"),
            ("BJBMZZJGDM", "009000015"),
            ("BJBMMC", "水利局"),
            ("BJSJ", "2026-1-9 16:00:00"),
        ],
    );
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><ExInfo>{applied}{concluded}</ExInfo>")
}

fn told(source: &str, case_no: &str, element: ElementId, version: i64, content: &str) -> Arrival {
    arrival(source, case_no, element, (1, version), content)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_exinfo_document_is_stored() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(DROPS).await;
        rig.drop_file(DROPS, "gd.xml", document().as_bytes());
        rig.exhaust(DROPS).await;
        let of =
            |element, content| told(DROPS, "XK000000100900001512601050001", element, 1, content);
        rig.expect(&[
            of(ElementId::Item, "item"),
            of(ElementId::CaseBase, "case"),
            of(ElementId::Applicant, "applicant"),
            of(ElementId::Conclusion, "sent back"),
            of(ElementId::ResultDoc, "none"),
        ]);
        rig.settle().await;
        let (side, receipt) = rig.receipt(DROPS, "gd.xml");
        assert_eq!((side, receipt.verdict), ("done", Verdict::Accepted));
        assert_eq!(receipt.counts.stored, 5, "{receipt:?}");
        for core in [rig.county(), rig.province()] {
            let ask = "select count(*) from conclusion_history where result = '40'";
            assert_eq!(number(core, ask).await, 1, "1 is 退回 in this family");
            let ask = "select count(*) from case_base_history where query_pwd_hash like 'sha256:%'";
            assert_eq!(number(core, ask).await, 1);
            let ask = format!(
                "select count(*) from case_base_history where query_pwd_hash like '%{SECRET}%'"
            );
            assert_eq!(number(core, &ask).await, 0);
        }
        rig.end().await;
    })
    .await;
}

const CREATE: &str = "create table ex_gdbs_sl (sblsh varchar(50) primary key, ywlsh varchar(50), \
    ywcxmm varchar(50), slbmmc varchar(100), slbmzzjgdm varchar(18), xzqhdm varchar(12), \
    blrxm varchar(30), blrgh varchar(32), slztdm varchar(2), bslyy varchar(200), slhzh varchar(50), \
    slsj varchar(30), version integer, rec_flag varchar(2), inserttime varchar(30))";

fn insert(case_no: &str, person: &str, state: &str, at: &str) -> String {
    format!(
        "insert into ex_gdbs_sl values ('{case_no}', 'YW-{case_no}', '{SECRET}', '水利局', \
         '009000015', '431321', '{person}', 'G1', '{state}', null, 'SL-1', '2026-1-5 10:00:00', 1, \
         '0', '{at}')"
    )
}

/// Rows appear and are reported again with a raised VERSION.
async fn rows_story(rig: &mut Rig, database: Database, run: impl AsyncFn(String)) {
    let parts = Parts::of(rig).await;
    run(CREATE.to_owned()).await;
    run(insert(
        "XK000000100900001512601050003",
        "某乙",
        "1",
        "2026-01-05 10:00:01",
    ))
    .await;
    // 4 is 不予受理 and asks for no other column; 5 is no code of the family.
    run(insert(
        "XK000000100900001512601050004",
        "某乙",
        "5",
        "2026-01-05 10:00:02",
    ))
    .await;
    let config = DbTableConfig::new("accepted", database, "ex_gdbs_sl", "inserttime");
    let mut agent = parts.agent(Box::new(DbTable::new(config)));
    let ids = exhaust(rig, &mut agent).await;
    let of = |case_no, element, version, content| told(NODE, case_no, element, version, content);
    rig.expect(&[
        of(
            "XK000000100900001512601050003",
            ElementId::Organ,
            1,
            "organ",
        ),
        of(
            "XK000000100900001512601050003",
            ElementId::Acceptance,
            1,
            "某乙",
        ),
        of(
            "XK000000100900001512601050004",
            ElementId::Organ,
            1,
            "organ",
        ),
        Arrival {
            sound: false,
            ..of(
                "XK000000100900001512601050004",
                ElementId::Acceptance,
                1,
                "x",
            )
        },
    ]);
    let receipt = parts.outbox.receipt_of(&ids[0]).await.unwrap().unwrap();
    let codes: Vec<_> = receipt
        .findings
        .iter()
        .map(|f| f.code.to_string())
        .collect();
    assert!(codes.contains(&"X406".to_owned()), "{codes:?}");
    let shown = format!("{receipt:?}");
    assert!(!shown.contains(SECRET), "{shown}");
    run(
        "update ex_gdbs_sl set version = 2, blrxm = '某丁', rec_flag = '1', \
         inserttime = '2026-01-05 10:30:00' where sblsh = 'XK000000100900001512601050003'"
            .to_owned(),
    )
    .await;
    exhaust(rig, &mut agent).await;
    rig.expect(&[
        of(
            "XK000000100900001512601050003",
            ElementId::Organ,
            2,
            "organ",
        ),
        of(
            "XK000000100900001512601050003",
            ElementId::Acceptance,
            2,
            "某丁",
        ),
    ]);
    rig.settle().await;
    parts.outbox.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_familys_sqlite_table_are_stored() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        let file = rig.folder().join("front.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true);
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        let run = async |text: String| {
            pool.execute(sqlx::AssertSqlSafe(text)).await.unwrap();
        };
        rows_story(&mut rig, Database::Sqlite(file), run).await;
        rig.end().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_familys_postgres_table_are_stored() {
    let Some(servers) = production() else { return };
    let mut rig = Rig::start(tongcha::world::Place::Embedded).await;
    let schema = format!("family_{}", servers.tag);
    let bare = sqlx::PgPool::connect(&servers.database_url).await.unwrap();
    let make = format!("create schema {schema}");
    bare.execute(sqlx::AssertSqlSafe(make)).await.unwrap();
    let url = servers.database_url.clone();
    let separator = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{separator}options[search_path]={schema}");
    let pool = sqlx::PgPool::connect(&url).await.unwrap();
    let run = async |text: String| {
        pool.execute(sqlx::AssertSqlSafe(text)).await.unwrap();
    };
    rows_story(&mut rig, Database::Postgres(url), run).await;
    pool.close().await;
    let remove = format!("drop schema {schema} cascade");
    bare.execute(sqlx::AssertSqlSafe(remove)).await.unwrap();
    rig.end().await;
}

/// A document of the tables of one case.
fn ex_info(tables: &[String]) -> String {
    let tables = tables.concat();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><ExInfo>{tables}</ExInfo>")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_is_dropped_days_later_ends_the_pause() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(DROPS).await;
        // The family has no limits: the item comes in our own format.
        let item = told(
            DROPS,
            "XK000000100900001512601050002",
            ElementId::Item,
            1,
            "item",
        );
        rig.drop_file(DROPS, "item.xml", document_of(&[item]).as_bytes());
        rig.exhaust(DROPS).await;
        rig.settle().await;
        let case = ("SBLSH", "XK000000100900001512601050002");
        let organ = [("SLBMZZJGDM", "009000015"), ("SLBMMC", "水利局")];
        let accepted = [case, ("SLZTDM", "1"), ("SLSJ", "2026-1-5 9:00:00")];
        let accepted = [
            &accepted[..],
            &organ,
            &[("BLRXM", "王示例"), ("SLHZH", "水受1号")],
        ]
        .concat();
        let asked = info(
            "EX_GDBS_TBCXSQ",
            &[
                case,
                ("TBCXZL", "B"),
                ("TBCXKSRQ", "2026-1-7 9:00:00"),
                ("TBCXPZR", "李示例"),
                ("TBCXQDLY", "专家评审"),
                ("SQNR", "现场勘验"),
                ("TBCXSX", "10"),
                ("TBCXSXDW", "G"),
            ],
        );
        let begin = ex_info(&[info("EX_GDBS_SL", &accepted), asked]);
        let end = info(
            "EX_GDBS_TBCXJG",
            &[
                case,
                ("TBCXJG", "评审通过"),
                ("TBCXJSRQ", "2026-1-14 9:00:00"),
            ],
        );
        for (name, text, stage) in [
            ("a.xml", begin, "paused"),
            ("b.xml", ex_info(&[end]), "accepted"),
        ] {
            rig.drop_file(DROPS, name, text.as_bytes());
            rig.exhaust(DROPS).await;
            rig.settle().await;
            let (_, receipt) = rig.receipt(DROPS, name);
            assert_eq!(receipt.counts.rejected, 0, "{:?}", receipt.findings);
            watch::look(rig.county()).await.unwrap();
            let ask = "select stage from cases where case_no = 'XK000000100900001512601050002'";
            assert_eq!(
                rows(rig.county(), ask).await[0].text(0),
                stage,
                "after {name}"
            );
        }
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}
