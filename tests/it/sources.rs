//! The other doors of a front-end machine: a posted document and a row of a department's table,
//! each from there to a stored record and its receipt.

use super::described::Answer;
use super::model::Arrival;
use super::paper::{ORGAN, arrival, document_of};
use super::place::{everywhere, production};
use super::rig::Rig;
use sqlx::Executor as _;
use std::sync::Arc;
use time::Duration;
use tongcha::world::COUNTY;
use tongcha_adapters::agent::{Agent, AgentConfig};
use tongcha_adapters::outbox::Outbox;
use tongcha_adapters::source::Source;
use tongcha_adapters::sources::db_table::{
    ChangeConfig, ChangeTable, Database, DbTable, DbTableConfig, FlagConfig, FlagTable,
};
use tongcha_adapters::sources::http_push::{HttpPush, HttpPushConfig, Kept};
use tongcha_adapters::uplink_http::{HttpUplink, HttpUplinkConfig};
use tongcha_hub::exchange::NodeEntry;
use tongcha_schema::clock::{Clock, ManualClock};
use tongcha_schema::element::ElementId;
use tongcha_schema::id::EnvelopeId;
use tongcha_schema::receipt::{Receipt, Verdict};
use tongcha_schema::seal::{NodeKey, Sealed, public_text};

pub const NODE: &str = "431321/other";
const TOKEN: &str = "a-token-of-more-than-16";

/// What an agent needs besides its source.
pub struct Parts {
    pub outbox: Outbox,
    clock: Arc<dyn Clock>,
    uplink: Arc<HttpUplink>,
}

impl Parts {
    pub async fn of(rig: &mut Rig) -> Parts {
        let key = NodeKey::from_bytes(&[6; 32]);
        let entry = NodeEntry {
            name: NODE.to_owned(),
            public_key: public_text(&key.public()),
            ..NodeEntry::default()
        };
        rig.world().county.hub.register(&entry).await.unwrap();
        let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&rig.clock);
        let file = rig.folder().join("other.db");
        let outbox = Outbox::open(&file, NODE, Sealed::new([1; 32]), clock.now())
            .await
            .unwrap();
        let url = rig.world().county.url();
        let config = HttpUplinkConfig {
            url,
            node: NODE.to_owned(),
            key,
            authority_pem: None,
            identity_pem: None,
        };
        let uplink = Arc::new(HttpUplink::new(config, Arc::clone(&clock)).unwrap());
        Parts {
            outbox,
            clock,
            uplink,
        }
    }

    pub fn agent(&self, source: Box<dyn Source>) -> Agent {
        let config = AgentConfig::new(COUNTY, ORGAN);
        let (uplink, clock) = (self.uplink.clone(), Arc::clone(&self.clock));
        Agent::new(config, source, uplink, self.outbox.clone(), clock)
    }
}

/// Steps until nothing moves; gives the receipts' envelopes.
pub async fn exhaust(rig: &mut Rig, agent: &mut Agent) -> Vec<EnvelopeId> {
    let (mut ids, mut quiet) = (Vec::new(), 0);
    while quiet < 2 {
        let report = agent.step().await.unwrap();
        assert!(report.faults.is_empty(), "{:?}", report.faults);
        rig.sent.admitted += report.receipts.len() as u64;
        ids.extend(report.receipts.iter().map(|r| r.0.clone()));
        quiet = if report.moved() || report.waiting > 0 {
            0
        } else {
            quiet + 1
        };
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_posted_document_is_stored_and_answered() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        let parts = Parts::of(&mut rig).await;
        let config = HttpPushConfig::new("push", COUNTY, ORGAN, TOKEN);
        let push = HttpPush::new(config, parts.outbox.clone(), Arc::clone(&parts.clock));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let url = format!("http://{}/v1/push", listener.local_addr().unwrap());
        let router = push.router();
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let mut agent = parts.agent(Box::new(push));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let one = arrival(NODE, "PUSH-1", ElementId::CaseBase, (1, 1), "posted");
        let text = document_of(std::slice::from_ref(&one));
        let post = |token: &str, body: String| {
            client
                .post(format!("{url}?name=a.xml"))
                .bearer_auth(token)
                .body(body)
                .send()
        };
        let stranger = post("some-other-token", text.clone()).await.unwrap();
        let stranger = Answer::of(stranger, "post", "/v1/push").await;
        assert_eq!(stranger.status, 401);
        let answer = Answer::of(post(TOKEN, text).await.unwrap(), "post", "/v1/push").await;
        assert_eq!(answer.status, 202, "kept before the hub has answered");
        let kept: Kept = answer.json();
        rig.expect(std::slice::from_ref(&one));
        exhaust(&mut rig, &mut agent).await;
        rig.settle().await;
        while agent.step().await.unwrap().completed > 0 {}
        let ask = client.get(format!("{url}/receipt?envelope={}", kept.envelope));
        let asked = ask.bearer_auth(TOKEN).send().await.unwrap();
        let receipt: Receipt = Answer::of(asked, "get", "/v1/push/receipt").await.json();
        assert_eq!(receipt.number, kept.number, "the number that was promised");
        assert_eq!(
            (receipt.verdict, receipt.counts.stored),
            (Verdict::Accepted, 1)
        );
        // A post that waits gets the receipt itself; rubbish is a receipt too.
        let waits = tokio::spawn(
            client
                .post(format!("{url}?name=b.xml&wait=60"))
                .bearer_auth(TOKEN)
                .body("<a>")
                .send(),
        );
        let mut stop = false;
        while !stop {
            stop = !exhaust(&mut rig, &mut agent).await.is_empty();
            tokio::task::yield_now().await;
        }
        let answer = waits.await.unwrap().unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        let receipt: Receipt = answer.json().await.unwrap();
        assert_eq!(receipt.verdict, Verdict::Refused, "{receipt:?}");
        rig.expect(&[Arrival {
            element: "unknown",
            sound: false,
            ..one
        }]);
        server.abort();
        parts.outbox.close().await;
        rig.end().await;
    })
    .await;
}

pub const COLUMNS: [&str; 10] = [
    "case_no",
    "accept_state",
    "accept_org",
    "accept_org_name",
    "accept_person",
    "accept_time",
    "accept_doc_no",
    "promise_date",
    "region",
    "data_ver",
];

pub fn insert(case_no: &str, person: &str, (version, mark): (i64, i64), promise: &str) -> String {
    format!(
        "insert into accepted values ('{case_no}', '1', '{ORGAN}', '水利局', '{person}', \
         '2026-01-05T10:00:00+08:00', 'A-1', '{promise}', '431321', {version}, {mark})"
    )
}

/// The dialect of these rows: named, so that their numbers are the national ones.
pub const DIALECT: &str = "row-acceptance";

pub const CREATE: &str = "create table accepted (case_no varchar(50), accept_state varchar(2), \
    accept_org varchar(18), accept_org_name varchar(100), accept_person varchar(30), \
    accept_time varchar(40), accept_doc_no varchar(30), promise_date varchar(20), region varchar(12), \
    data_ver integer, mark integer, primary key (case_no, data_ver))";

fn told(case_no: &str, version: i64, person: &str) -> Arrival {
    arrival(NODE, case_no, ElementId::Acceptance, (1, version), person)
}

/// Rows appear, change and come late; each becomes a record once.
async fn table_story(rig: &mut Rig, database: Database, run: impl AsyncFn(String)) {
    let parts = Parts::of(rig).await;
    let mut config = DbTableConfig::new("table", database, "accepted", "mark");
    config.dialect = DIALECT.to_owned();
    config.columns = COLUMNS.iter().map(|c| (*c).to_owned()).collect();
    config.overlap = 10;
    let mut agent = parts.agent(Box::new(DbTable::new(config.clone())));
    run(CREATE.to_owned()).await;
    exhaust(rig, &mut agent).await;
    run(insert("ROW-1", "某乙", (1, 100), "2026-01-19")).await;
    run(insert("ROW-2", "某乙", (1, 101), "2026-02-30")).await;
    let ids = exhaust(rig, &mut agent).await;
    rig.expect(&[
        told("ROW-1", 1, "某乙"),
        Arrival {
            sound: false,
            ..told("ROW-2", 1, "x")
        },
    ]);
    let receipt = parts.outbox.receipt_of(&ids[0]).await.unwrap().unwrap();
    let codes: Vec<_> = receipt
        .findings
        .iter()
        .map(|f| f.code.to_string())
        .collect();
    assert_eq!(
        (ids.len(), receipt.verdict, codes),
        (1, Verdict::Partly, vec!["X408".to_owned()])
    );
    // Both rows travel as one item; the bad one is known by its key.
    let (item, place) = (&receipt.items[0], &receipt.findings[0].place);
    assert_eq!(item.name, "accepted/ROW-1,1 … ROW-2,1 (2)");
    assert_eq!((place.file.as_str(), place.line), ("accepted/ROW-2,1", 3));
    assert_eq!((item.rows.len(), &item.rows[0].name), (1, &place.file));
    // One that committed late, behind the watermark; a new version; the machine starts again.
    run(insert("ROW-3", "某丙", (1, 99), "2026-01-19")).await;
    run(insert("ROW-1", "某丁", (2, 102), "2026-01-19")).await;
    drop(agent);
    let mut agent = parts.agent(Box::new(DbTable::new(config)));
    exhaust(rig, &mut agent).await;
    rig.expect(&[told("ROW-3", 1, "某丙"), told("ROW-1", 2, "某丁")]);
    rig.settle().await;
    rig.clock.advance(Duration::MINUTE);
    while agent.step().await.unwrap().completed > 0 {}
    let receipt = parts.outbox.receipt_of(&ids[0]).await.unwrap().unwrap();
    assert!(receipt.completed_at.is_some());
    parts.outbox.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_sqlite_table_are_stored_and_answered() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        let file = rig.folder().join("department.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true);
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        let run = async |text: String| {
            pool.execute(sqlx::AssertSqlSafe(text)).await.unwrap();
        };
        table_story(&mut rig, Database::Sqlite(file), run).await;
        rig.end().await;
    })
    .await;
}

#[cfg(feature = "source-odbc")]
#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_table_over_odbc_are_stored_and_answered() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        let file = rig.folder().join("department.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true);
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        let run = async |text: String| {
            pool.execute(sqlx::AssertSqlSafe(text)).await.unwrap();
        };
        let text = format!(
            "Driver={{SQLite3}};Database={};Timeout=30000;",
            file.display()
        );
        table_story(&mut rig, Database::Odbc(text), run).await;
        rig.end().await;
    })
    .await;
}

/// The printed SQL is run by the database's administrator; from then on every version of a row is stored,
/// and a deleted row is a deletion.
#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_a_table_with_triggers_is_stored() {
    let mut rig = Rig::start(tongcha::world::Place::Embedded).await;
    let parts = Parts::of(&mut rig).await;
    let file = rig.folder().join("department.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let run = async |text: &str| {
        pool.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned())))
            .await
            .unwrap();
    };
    run(CREATE).await;
    let config = trigger_settings(rig.folder(), &file);
    let print = |more: &[&str]| {
        let config = config.to_str().unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tongcha"));
        command.args(["triggers", "--config", config, "--source", "yewu"]);
        let output = command.args(more).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{told}");
        String::from_utf8(output.stdout).unwrap()
    };
    run(&print(&[])).await;
    let mut table = DbTableConfig::new("yewu", Database::Sqlite(file.clone()), "accepted", "");
    table.dialect = DIALECT.to_owned();
    let mut agent = parts.agent(Box::new(ChangeTable::new(ChangeConfig::new(table))));
    run(&insert("ROW-1", "某乙", (1, 0), "2026-01-19")).await;
    run("update accepted set accept_person = '某丁'").await;
    run(&insert("ROW-2", "某丙", (1, 0), "2026-01-19")).await;
    run("delete from accepted where case_no = 'ROW-2'").await;
    exhaust(&mut rig, &mut agent).await;
    rig.expect(&[
        told("ROW-1", 1, "某乙"),
        told("ROW-1", 2, "某丁"),
        told("ROW-2", 3, "某丙"),
        told("ROW-2", 4, ""),
    ]);
    assert!(print(&["--remove", "--apply", "-"]).is_empty());
    run("delete from accepted").await;
    rig.settle().await;
    parts.outbox.close().await;
    pool.close().await;
    rig.end().await;
}

/// The configuration of a front-end machine with one table that has triggers.
fn trigger_settings(folder: &std::path::Path, file: &std::path::Path) -> std::path::PathBuf {
    let key = NodeKey::from_bytes(&[6; 32]).to_pem();
    let seal = format!("{}=\n", "A".repeat(43));
    for (name, text) in [("node.key", key.as_str()), ("seal.key", seal.as_str())] {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
    let text = format!(
        "[node]\nname = \"{NODE}\"\norg = \"{ORGAN}\"\nkey_file = \"node.key\"\n\
         [hub]\nname = \"{COUNTY}\"\nurl = \"http://127.0.0.1:9\"\n\
         [outbox]\nfile = \"unused.db\"\nseal_file = \"seal.key\"\n\
         [[source]]\nname = \"yewu\"\nkind = \"db_trigger\"\ndatabase = \"sqlite\"\n\
         file = {file:?}\ntable = \"accepted\"\n"
    );
    let path = folder.join("triggers.toml");
    std::fs::write(&path, text).unwrap();
    path
}

/// Rows that wait by their flag are stored, and answered in their own table: the good one is taken, the
/// bad one says why.
#[tokio::test(flavor = "multi_thread")]
async fn flagged_rows_are_answered_in_the_departments_table() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        let parts = Parts::of(&mut rig).await;
        let file = rig.folder().join("department.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true);
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        let run = async |text: &str| {
            pool.execute(sqlx::AssertSqlSafe(text.to_owned()))
                .await
                .unwrap();
        };
        run(CREATE).await;
        run("alter table accepted add column signstate varchar(1) default '0'").await;
        run("alter table accepted add column errmsg varchar(200)").await;
        let columns = COLUMNS.join(", ");
        for (case_no, promise) in [
            ("ROW-1", "2026-01-19"),
            ("ROW-2", "2026-02-30"),
            ("ROW-3", "2026-01-19"),
        ] {
            let values = insert(case_no, "某乙", (1, 100), promise);
            let (_, values) = values.split_once(" values ").unwrap();
            run(&format!("insert into accepted ({columns}, mark) values {values}")).await;
        }
        let mut table = DbTableConfig::new("flags", Database::Sqlite(file), "accepted", "");
        table.dialect = DIALECT.to_owned();
        let mut config = FlagConfig::new(table, "signstate");
        config.answer = Some("errmsg".to_owned());
        let mut agent = parts.agent(Box::new(FlagTable::new(config)));
        let ids = exhaust(&mut rig, &mut agent).await;
        rig.expect(&[
            told("ROW-1", 1, "某乙"),
            Arrival {
                sound: false,
                ..told("ROW-2", 1, "x")
            },
            told("ROW-3", 1, "某乙"),
        ]);
        let receipt = parts.outbox.receipt_of(&ids[0]).await.unwrap().unwrap();
        assert_eq!((ids.len(), receipt.items.len()), (1, 1));
        let rows: Vec<(String, String)> =
            sqlx::query_as("select signstate, errmsg from accepted order by case_no")
                .fetch_all(&pool)
                .await
                .unwrap();
        assert_eq!(rows[0], ("1".to_owned(), receipt.number.clone()));
        assert_eq!((rows[1].0.as_str(), &rows[2]), ("2", &rows[0]));
        let why = &rows[1].1;
        assert!(why.starts_with(&format!("{} X408 ", receipt.number)), "{why}");
        // The technician mends the row and lets it wait again.
        run("update accepted set promise_date = '2026-01-19', data_ver = 2, signstate = '0' where case_no = 'ROW-2'")
            .await;
        exhaust(&mut rig, &mut agent).await;
        rig.expect(&[told("ROW-2", 2, "某乙")]);
        rig.settle().await;
        parts.outbox.close().await;
        pool.close().await;
        rig.end().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_postgres_table_are_stored_and_answered() {
    let Some(servers) = production() else { return };
    let mut rig = Rig::start(tongcha::world::Place::Embedded).await;
    let schema = format!("dept_{}", servers.tag);
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
    table_story(&mut rig, Database::Postgres(url), run).await;
    pool.close().await;
    let remove = format!("drop schema {schema} cascade");
    bare.execute(sqlx::AssertSqlSafe(remove)).await.unwrap();
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_mariadb_table_are_stored_and_answered() {
    let Some(servers) = production() else { return };
    let url = std::env::var("TONGCHA_MYSQL_URL").unwrap_or_default();
    assert!(!url.is_empty(), "TONGCHA_MYSQL_URL: run tests/services");
    let mut rig = Rig::start(tongcha::world::Place::Embedded).await;
    let schema = format!("department_{}", servers.tag);
    let bare = sqlx::MySqlPool::connect(&url).await.unwrap();
    let make = format!("create database {schema} character set utf8mb4");
    bare.execute(sqlx::AssertSqlSafe(make)).await.unwrap();
    let (server, _) = url.rsplit_once('/').unwrap();
    let url = format!("{server}/{schema}");
    let pool = sqlx::MySqlPool::connect(&url).await.unwrap();
    let run = async |text: String| {
        pool.execute(sqlx::AssertSqlSafe(text)).await.unwrap();
    };
    table_story(&mut rig, Database::MySql(url), run).await;
    pool.close().await;
    let remove = format!("drop database {schema}");
    bare.execute(sqlx::AssertSqlSafe(remove)).await.unwrap();
    rig.end().await;
}
