//! Tables: the contract over SQLite, PostgreSQL and MariaDB, and what only tables have (late rows, changed
//! rows, equal watermarks, types).

use crate::NOW;
use crate::contract::{Rig, keeps};
use async_trait::async_trait;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor};
use std::path::PathBuf;
use std::str::FromStr;
use time::Duration;
use tongcha_adapters::source::{Body, Lot, LotItem, Source};
use tongcha_adapters::sources::db_table::{Database, DbTable, DbTableConfig};
use tongcha_schema::finding::Finding;

/// A table `t (id, content, wm)` of one engine.
#[async_trait]
pub trait Table: Send + Sync {
    fn database(&self) -> Database;
    /// The same without a driver between, for looking at what was written.
    fn direct(&self) -> Database {
        self.database()
    }
    async fn run(&self, sql: &str);
}

pub struct Lite {
    _folder: tempfile::TempDir,
    file: PathBuf,
}

impl Lite {
    pub async fn new() -> Lite {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("department.db");
        std::fs::write(&file, b"").unwrap();
        let lite = Lite {
            _folder: folder,
            file,
        };
        lite.run("create table t (id integer primary key, content text, wm datetime)")
            .await;
        lite
    }
}

#[async_trait]
impl Table for Lite {
    fn database(&self) -> Database {
        Database::Sqlite(self.file.clone())
    }
    async fn run(&self, sql: &str) {
        let url = format!("sqlite://{}", self.file.display());
        let mut link = sqlx::SqliteConnection::connect(&url).await.unwrap();
        link.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
        link.close().await.unwrap();
    }
}

pub struct Pg {
    pub url: String,
    pub schema: String,
}

impl Pg {
    /// `None` where no server is given and none is required.
    pub async fn new(name: &str) -> Option<Pg> {
        let Ok(url) = std::env::var("TONGCHA_PG_URL") else {
            let required = std::env::var_os("TONGCHA_REQUIRE_SERVICES").is_some();
            assert!(
                !required,
                "TONGCHA_PG_URL is not set, and services are required"
            );
            println!("not run: no PostgreSQL was provided (TONGCHA_PG_URL)");
            return None;
        };
        let schema = format!("Agent_{name}_{}", std::process::id());
        let pg = Pg { url, schema };
        pg.run(&format!("drop schema if exists \"{}\" cascade", pg.schema))
            .await;
        pg.run(&format!("create schema \"{}\"", pg.schema)).await;
        let create = "create table \"{}\".t (id bigint primary key, content text, wm timestamptz)";
        pg.run(&create.replace("{}", &pg.schema)).await;
        Some(pg)
    }
}

#[async_trait]
impl Table for Pg {
    fn database(&self) -> Database {
        Database::Postgres(self.url.clone())
    }
    async fn run(&self, sql: &str) {
        let mut link = sqlx::PgConnection::connect(&self.url).await.unwrap();
        link.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
        link.close().await.unwrap();
    }
}

pub struct Maria {
    pub url: String,
    pub schema: String,
}

impl Maria {
    /// `None` where no server is given and none is required.
    pub async fn new(name: &str) -> Option<Maria> {
        let url = std::env::var("TONGCHA_MYSQL_URL").unwrap_or_default();
        if url.is_empty() {
            let required = std::env::var_os("TONGCHA_REQUIRE_SERVICES").is_some();
            assert!(
                !required,
                "TONGCHA_MYSQL_URL is not set, and services are required"
            );
            println!("not run: no MariaDB was provided (TONGCHA_MYSQL_URL)");
            return None;
        }
        let schema = format!("department_{name}_{}", std::process::id());
        let maria = Maria { url, schema };
        for sql in [
            "drop database if exists {}",
            "create database {} character set utf8mb4",
            "create table {}.t (id bigint primary key, content text, wm timestamp null)",
        ] {
            maria.run(&sql.replace("{}", &maria.schema)).await;
        }
        Some(maria)
    }
}

#[async_trait]
impl Table for Maria {
    fn database(&self) -> Database {
        Database::MySql(self.url.clone())
    }
    async fn run(&self, sql: &str) {
        let options = sqlx::mysql::MySqlConnectOptions::from_str(&self.url).unwrap();
        let options = options.timezone(Some("+08:00".to_owned()));
        let mut link = sqlx::MySqlConnection::connect_with(&options).await.unwrap();
        let quotes = "set session sql_mode = concat(@@sql_mode, ',ANSI_QUOTES')";
        link.execute(quotes).await.unwrap();
        link.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
        link.close().await.unwrap();
    }
}

/// A dialect of the office's own, which only its hub knows.
pub const OWN: &str = "rows-of-the-office";

pub struct TableRig<T> {
    pub table: T,
    pub name: String,
    pub count: u32,
}

impl<T: Table> TableRig<T> {
    pub fn config(&self) -> DbTableConfig {
        let mut config = DbTableConfig::new("table", self.table.database(), &self.name, "wm");
        config.dialect = OWN.to_owned();
        config
    }
    /// The name as SQL wants it.
    pub fn quoted(&self) -> String {
        self.name
            .split('.')
            .map(|p| format!("\"{p}\""))
            .collect::<Vec<_>>()
            .join(".")
    }
    pub async fn insert(&self, id: u32, content: &str, wm: &str) {
        let table = self.quoted();
        let sql = format!("insert into {table} values ({id}, '{content}', '{wm}')");
        self.table.run(&sql).await;
    }
}

#[async_trait]
impl<T: Table> Rig for TableRig<T> {
    fn source(&self) -> Box<dyn Source> {
        Box::new(DbTable::new(self.config()))
    }
    fn broken(&self) -> Box<dyn Source> {
        let mut config = self.config();
        config.table = "nowhere".into();
        Box::new(DbTable::new(config))
    }
    async fn add(&mut self, content: &str) {
        self.count += 1;
        let wm = format!(
            "2026-01-05 08:{:02}:{:02}",
            self.count / 60,
            self.count % 60
        );
        self.insert(self.count, content, &wm).await;
    }
}

/// The text of a group of rows.
pub fn text(item: &LotItem) -> String {
    match &item.body {
        Body::Bytes(bytes) => String::from_utf8(bytes.clone()).unwrap(),
        Body::File(_) => panic!("rows are in memory"),
    }
}

/// All rows of lots as objects, whatever groups they travel in.
pub fn rows(lots: &[Lot]) -> Vec<Value> {
    let mut all = Vec::new();
    for item in lots.iter().flat_map(|l| &l.items) {
        let text = text(item);
        let mut lines = text.lines();
        let head: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
        for line in lines {
            let values: Vec<Value> = serde_json::from_str(line).unwrap();
            let names = head["columns"].as_array().unwrap().iter();
            let names = names.map(|name| name.as_str().unwrap().to_owned());
            all.push(Value::Object(names.zip(values).collect()));
        }
    }
    all
}

/// Polls once from the position and moves it on.
pub async fn poll(source: &mut dyn Source, position: &mut Option<String>) -> Vec<Value> {
    let lots = source.poll(NOW, position.as_deref()).await.unwrap();
    if let Some(lot) = lots.last() {
        *position = lot.position.clone();
    }
    rows(&lots)
}

pub fn codes(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|f| f.code.to_string()).collect()
}

pub fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|r| r["id"].as_str().unwrap()).collect()
}

pub async fn late_changed_and_equal_rows(mut rig: TableRig<impl Table>) {
    rig.count = 100;
    let (mut source, mut position) = (rig.source(), None);
    rig.insert(2, "a", "2026-01-05 08:00:00").await;
    rig.insert(10, "b", "2026-01-05 08:00:00").await;
    assert_eq!(ids(&poll(&mut *source, &mut position).await), ["2", "10"]);
    // A transaction that began before and commits now, within the overlap of ten minutes.
    rig.insert(1, "late", "2026-01-05 07:55:00").await;
    assert_eq!(ids(&poll(&mut *source, &mut position).await), ["1"]);
    // Changed without a new watermark.
    let table = rig.quoted();
    rig.table
        .run(&format!("update {table} set content = 'c' where id = 10"))
        .await;
    let changed = poll(&mut *source, &mut position).await;
    assert_eq!(
        (ids(&changed), changed[0]["content"].as_str()),
        (vec!["10"], Some("c"))
    );
    // Too late for the overlap: the next wide look finds it, and says so; a row without a time is told.
    rig.insert(3, "too late", "2026-01-05 07:30:00").await;
    rig.table
        .run(&format!("insert into {table} values (4, 'unseen', null)"))
        .await;
    assert!(poll(&mut *source, &mut position).await.is_empty());
    let later = NOW + Duration::minutes(10);
    let lots = source.poll(later, position.as_deref()).await.unwrap();
    assert_eq!(ids(&rows(&lots)), ["3"]);
    position = lots[0].position.clone();
    assert_eq!(codes(&lots[0].findings), ["X131", "X133"]);
    assert_eq!(codes(source.remarks()), ["X131", "X133"]);
    // Far on: the old rows leave the overlap.
    rig.insert(5, "new", "2026-01-05 12:00:00").await;
    assert_eq!(ids(&poll(&mut *source, &mut position).await), ["5"]);
    assert!(poll(&mut *source, &mut position).await.is_empty());
}

/// More equal watermarks than one lot takes and than are remembered: each row comes once.
pub async fn a_plateau_is_passed_row_by_row(rig: TableRig<impl Table>) {
    let mut config = rig.config();
    (config.lot_rows, config.remembered) = (7, 5);
    for id in 1..=40 {
        rig.insert(id, "x", "2026-01-05 08:00:00").await;
    }
    let mut source = DbTable::new(config);
    let (mut position, mut all) = (None, Vec::new());
    for _ in 0..8 {
        let rows = poll(&mut source, &mut position).await;
        assert!(rows.len() <= 7);
        all.extend(ids(&rows).iter().map(|id| id.parse::<u32>().unwrap()));
    }
    assert_eq!(all, (1..=40).collect::<Vec<u32>>());
}

pub async fn lite() -> TableRig<Lite> {
    TableRig {
        table: Lite::new().await,
        name: "t".into(),
        count: 0,
    }
}

pub async fn pg(name: &str) -> Option<TableRig<Pg>> {
    let table = Pg::new(name).await?;
    Some(TableRig {
        name: format!("{}.t", table.schema),
        table,
        count: 0,
    })
}

pub async fn maria(name: &str) -> Option<TableRig<Maria>> {
    let table = Maria::new(name).await?;
    Some(TableRig {
        name: format!("{}.t", table.schema),
        table,
        count: 0,
    })
}

#[tokio::test]
async fn a_mariadb_table_keeps_the_contract() {
    if let Some(rig) = maria("contract").await {
        keeps(rig).await;
    }
}

#[tokio::test]
async fn late_and_changed_rows_of_mariadb() {
    if let Some(rig) = maria("late").await {
        late_changed_and_equal_rows(rig).await;
    }
}

#[tokio::test]
async fn a_plateau_of_mariadb() {
    if let Some(rig) = maria("plateau").await {
        a_plateau_is_passed_row_by_row(rig).await;
    }
}

#[tokio::test]
async fn a_zero_date_of_mariadb_does_not_stop_the_table() {
    let Some(rig) = maria("zero").await else {
        return;
    };
    let name = format!("{}.z", rig.table.schema);
    let table = format!("\"{}\".z", rig.table.schema);
    rig.table
        .run(&format!(
            "create table {table} (id bigint primary key, wm datetime)"
        ))
        .await;
    let insert = format!("set sql_mode = 'ANSI_QUOTES'; insert into {table} values (1, 0)");
    rig.table.run(&insert).await;
    let mut source = DbTable::new(DbTableConfig::new(
        "table",
        rig.table.database(),
        name,
        "wm",
    ));
    let mut position = None;
    assert_eq!(ids(&poll(&mut source, &mut position).await), ["1"]);
    rig.table
        .run(&format!(
            "insert into {table} values (2, '2026-01-05 08:00:00')"
        ))
        .await;
    assert_eq!(ids(&poll(&mut source, &mut position).await), ["2"]);
}

/// Texts in GBK among them: the server gives UTF-8.
#[tokio::test]
async fn mariadb_values_become_texts_under_fixed_settings() {
    let Some(rig) = maria("types").await else {
        return;
    };
    let table = format!("\"{}\".v", rig.table.schema);
    rig.table
        .run(&format!(
            "create table {table} (\"办件号\" varchar(20) character set gbk, step int unsigned,
             at timestamp(6) null, local datetime, day date, sum decimal(16,2), yes tinyint(1),
             raw varbinary(8), flags bit(4), kind enum('甲','乙'), wm datetime(3),
             primary key (step, \"办件号\")) character set gbk"
        ))
        .await;
    rig.table
        .run(&format!(
            "insert into {table} values
             ('双-1', 4000000000, '2026-01-05 08:00:00.25', '2026-01-05 08:00:00',
              '2026-01-05', 1234.50, 1, x'00ff', b'1010', '乙', '2026-01-05 08:00:00.125'),
             ('双-2', 2, null, null, null, null, null, null, null, null,
              '2026-01-05 08:00:00.126')"
        ))
        .await;
    let name = format!("{}.v", rig.table.schema);
    let mut source = DbTable::new(DbTableConfig::new(
        "table",
        rig.table.database(),
        name,
        "wm",
    ));
    let lots = source.poll(NOW, None).await.unwrap();
    let got = rows(&lots);
    assert_eq!(
        got[0],
        serde_json::json!({"办件号": "双-1", "step": "4000000000",
            "at": "2026-01-05T08:00:00.250000+08:00", "local": "2026-01-05T08:00:00.000000",
            "day": "2026-01-05", "sum": "1234.50", "yes": "1", "raw": "00ff", "flags": "10",
            "kind": "乙", "wm": "2026-01-05T08:00:00.125000"})
    );
    assert_eq!(got[1]["at"], Value::Null);
    let refused = format!("\"{}\".listed", rig.table.schema);
    let create = format!("create table {refused} (id enum('b','a') primary key, wm datetime)");
    rig.table.run(&create).await;
    let listed = format!("{}.listed", rig.table.schema);
    let config = DbTableConfig::new("table", rig.table.database(), listed, "wm");
    let fault = DbTable::new(config).poll(NOW, None).await.unwrap_err();
    assert!(
        fault.to_string().contains("hint: name other columns"),
        "{fault}"
    );
    // Nothing new: the position holds the watermark and the key to the last digit.
    let next = source.poll(NOW, lots[0].position.as_deref()).await.unwrap();
    assert!(next.is_empty());
}

#[tokio::test]
async fn a_sqlite_table_keeps_the_contract() {
    keeps(lite().await).await;
}

#[tokio::test]
async fn a_postgres_table_keeps_the_contract() {
    if let Some(rig) = pg("contract").await {
        keeps(rig).await;
    }
}

#[tokio::test]
async fn late_and_changed_rows_of_sqlite() {
    late_changed_and_equal_rows(lite().await).await;
}

#[tokio::test]
async fn late_and_changed_rows_of_postgres() {
    if let Some(rig) = pg("late").await {
        late_changed_and_equal_rows(rig).await;
    }
}

#[tokio::test]
async fn a_plateau_of_sqlite() {
    a_plateau_is_passed_row_by_row(lite().await).await;
}

#[tokio::test]
async fn a_plateau_of_postgres() {
    if let Some(rig) = pg("plateau").await {
        a_plateau_is_passed_row_by_row(rig).await;
    }
}

#[tokio::test]
async fn sqlite_values_become_texts_in_the_order_of_the_columns() {
    let rig = lite().await;
    rig.table
        .run("create table v (b blob, r real, n text, z integer, id text primary key, wm integer)")
        .await;
    rig.table
        .run("insert into v values (x'00ff', 12.5, null, -7, '办\"件', 9), (null, 1e3, '', 0, 'k', 10)")
        .await;
    let mut config = DbTableConfig::new("table", rig.table.database(), "v", "wm");
    config.overlap = 5;
    let mut source = DbTable::new(config.clone());
    let lots = source.poll(NOW, None).await.unwrap();
    let [group] = &lots[0].items[..] else {
        panic!("{:?}", lots[0].items);
    };
    assert_eq!(
        text(group),
        r#"{"table":"v","key":["id"],"columns":["b","r","n","z","id","wm"]}
["00ff","12.5",null,"-7","办\"件","9"]
[null,"1000.0","","0","k","10"]
"#
    );
    assert_eq!(group.name, "v/办\"件 … k (2)");
    // 9 and 10 compare as numbers, not as texts.
    rig.table
        .run("insert into v (id, wm) values ('late', 6), ('new', 11)")
        .await;
    let next = source.poll(NOW, lots[0].position.as_deref()).await.unwrap();
    assert_eq!(ids(&rows(&next)), ["late", "new"]);
    config.columns = vec!["id".into(), "r".into()];
    let lots = DbTable::new(config.clone()).poll(NOW, None).await.unwrap();
    assert_eq!(rows(&lots)[0], serde_json::json!({"id": "late", "r": null}));
    config.columns = vec!["r".into()];
    let lots = DbTable::new(config.clone()).poll(NOW, None).await.unwrap();
    assert!(
        text(&lots[0].items[0]).starts_with(
            "{\"table\":\"v\",\"key\":[\"id\"],\"columns\":[\"r\"]}\n[null,\"late\"]\n"
        ),
        "a key that is no column of the row stands behind it"
    );
    config.key = vec!["nothing".into()];
    let fault = DbTable::new(config).poll(NOW, None).await.unwrap_err();
    assert!(
        fault
            .to_string()
            .contains("hint: it has: b, r, n, z, id, wm"),
        "{fault}"
    );
    assert!(!fault.is_transient());
}

#[tokio::test]
async fn postgres_values_become_texts_under_fixed_settings() {
    let Some(rig) = pg("types").await else {
        return;
    };
    let table = format!("\"{}\".v", rig.table.schema);
    rig.table
        .run(&format!(
            "create table {table} (\"办件号\" varchar(20), step int, at timestamptz, local timestamp,
             day date, sum numeric(16,2), yes boolean, raw bytea, ch char(4), wm timestamptz,
             primary key (step, \"办件号\"))"
        ))
        .await;
    rig.table
        .run(&format!(
            "insert into {table} values ('B1', 2, '2026-01-05 01:00:00.25+00', '2026-01-05 09:00',
             '2026-01-05', 12.5, true, '\\x00ff', 'ab', '2026-01-05 01:00:00+00'),
             ('B2', 10, null, null, null, null, false, null, null, '2026-01-05 01:00:00+00')"
        ))
        .await;
    let name = format!("{}.v", rig.table.schema);
    let config = DbTableConfig::new("table", rig.table.database(), name, "wm");
    let lots = DbTable::new(config).poll(NOW, None).await.unwrap();
    let group = text(&lots[0].items[0]);
    assert_eq!(
        group.lines().nth(1).unwrap(),
        "[\"B1\",\"2\",\"2026-01-05T09:00:00.250000+08:00\",\"2026-01-05T09:00:00.000000\",\
         \"2026-01-05\",\"12.50\",\"1\",\"\\\\x00ff\",\"ab\",\"2026-01-05T09:00:00.000000+08:00\"]"
    );
    assert!(
        lots[0].items[0].name.ends_with(".v/2,B1 … 10,B2 (2)"),
        "key in the order of the primary key"
    );
    assert_eq!(rows(&lots)[1]["yes"], "0");
}

#[tokio::test]
async fn a_time_watermark_keeps_its_layout() {
    let rig = lite().await;
    for (table, early, late) in [
        (
            "iso",
            "2026-01-05T08:00:00+08:00",
            "2026-01-05T07:55:00+08:00",
        ),
        ("day", "2026-01-05", "2026-01-05"),
        ("odd", "20260105080000", "20260105080000"),
    ] {
        rig.table
            .run(&format!(
                "create table {table} (id integer primary key, wm text)"
            ))
            .await;
        rig.table
            .run(&format!("insert into {table} values (1, '{early}')"))
            .await;
        let config = DbTableConfig::new("table", rig.table.database(), table, "wm");
        let (mut source, mut position) = (DbTable::new(config), None);
        assert_eq!(poll(&mut source, &mut position).await.len(), 1, "{table}");
        rig.table
            .run(&format!("insert into {table} values (2, '{late}')"))
            .await;
        assert_eq!(
            ids(&poll(&mut source, &mut position).await),
            ["2"],
            "{table}"
        );
        assert!(poll(&mut source, &mut position).await.is_empty(), "{table}");
    }
}
