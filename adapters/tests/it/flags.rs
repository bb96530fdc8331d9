//! Tables with a state flag: the contract over SQLite, PostgreSQL and MariaDB, what is written back, and
//! rows that change while they are on their way.

use crate::NOW;
use crate::contract::{Rig, keeps, receipt};
use crate::tables::{Lite, Maria, Pg, Table, ids, rows};
use async_trait::async_trait;
use sqlx::{AssertSqlSafe, Connection, Executor, Row};
use std::str::FromStr;
use tongcha_adapters::source::{Lot, Source};
use tongcha_adapters::sources::db_table::{Database, DbTableConfig, FlagConfig, FlagTable};
use tongcha_schema::code::field as x4;
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::receipt::{Receipt, RowReceipt, Verdict};

/// A table `sl (id, content, rec_flag, responsetime, msg)`.
pub struct FlagRig<T> {
    pub table: T,
    name: String,
    count: u32,
}

const COLUMNS: &str =
    "content varchar(40), rec_flag varchar(2), responsetime varchar(25), msg varchar(60)";

impl<T: Table> FlagRig<T> {
    pub async fn new(table: T, schema: Option<&str>) -> FlagRig<T> {
        let name = schema.map_or("sl".to_owned(), |s| format!("{s}.sl"));
        let rig = FlagRig {
            table,
            name,
            count: 0,
        };
        let quoted = rig.quoted();
        let create = format!("create table {quoted} (id bigint primary key, {COLUMNS})");
        rig.table.run(&create).await;
        rig
    }

    pub fn quoted(&self) -> String {
        let parts: Vec<String> = self.name.split('.').map(|p| format!("\"{p}\"")).collect();
        parts.join(".")
    }

    pub fn config(&self, database: Database) -> FlagConfig {
        let table = DbTableConfig::new("flags", database, &self.name, "");
        let mut config = FlagConfig::new(table, "rec_flag");
        config.answered_at = Some("responsetime".into());
        config.answer = Some("msg".into());
        config.answer_chars = 60;
        config
    }

    fn flag_table(&self) -> FlagTable {
        FlagTable::new(self.config(self.table.database()))
    }

    async fn run(&self, sql: &str) {
        self.table.run(&sql.replace("{}", &self.quoted())).await;
    }
}

#[async_trait]
impl<T: Table> Rig for FlagRig<T> {
    fn source(&self) -> Box<dyn Source> {
        Box::new(self.flag_table())
    }
    fn broken(&self) -> Box<dyn Source> {
        let mut config = self.config(self.table.database());
        config.flag = "nothing".into();
        Box::new(FlagTable::new(config))
    }
    async fn add(&mut self, content: &str) {
        self.count += 1;
        // A row that never was taken has 0 in one system and nothing in another.
        let flag = ["'0'", "null", "''"][(self.count % 3) as usize];
        let (id, quoted) = (self.count, self.quoted());
        let insert = format!("insert into {quoted} values ({id}, '{content}', {flag}, null, null)");
        self.table.run(&insert).await;
    }
}

/// The flag columns of each row, in order of id.
pub async fn flags(database: &Database, quoted: &str) -> Vec<(String, String, String)> {
    let sql = format!(
        "select coalesce(rec_flag, ''), coalesce(responsetime, ''), coalesce(msg, '') from {quoted} order by id"
    );
    let sql = AssertSqlSafe(sql);
    macro_rules! read {
        ($link:expr) => {{
            let mut link = $link;
            let rows = link.fetch_all(sqlx::query(sql)).await.unwrap();
            let text = |row: &_, at: usize| Row::get::<String, _>(row, at);
            rows.iter()
                .map(|row| (text(row, 0), text(row, 1), text(row, 2)))
                .collect()
        }};
    }
    match database {
        Database::Sqlite(file) => {
            let url = format!("sqlite://{}", file.display());
            read!(sqlx::SqliteConnection::connect(&url).await.unwrap())
        }
        Database::Postgres(url) => read!(sqlx::PgConnection::connect(url).await.unwrap()),
        Database::MySql(url) => {
            let options = sqlx::mysql::MySqlConnectOptions::from_str(url).unwrap();
            let mut link = sqlx::MySqlConnection::connect_with(&options).await.unwrap();
            link.execute("set session sql_mode = 'ANSI_QUOTES'")
                .await
                .unwrap();
            read!(link)
        }
        #[cfg(feature = "source-odbc")]
        Database::Odbc(_) => panic!("looked at directly"),
    }
}

async fn take(source: &mut FlagTable, position: &mut Option<String>, open: &[&str]) -> Vec<Lot> {
    let open: Vec<String> = open.iter().map(|key| (*key).to_owned()).collect();
    source.note_in_flight(&open);
    let lots = source.poll(NOW, position.as_deref()).await.unwrap();
    if let Some(lot) = lots.last() {
        *position = lot.position.clone();
    }
    source.note_position(position.as_deref());
    lots
}

/// The receipt of a lot of which the second row was refused.
fn second_refused(lot: &Lot) -> Receipt {
    let mut receipt = receipt(lot);
    receipt.number = "R1-000001".into();
    receipt.verdict = Verdict::Partly;
    receipt.items[0].verdict = Verdict::Partly;
    let name = "sl/8".to_owned();
    let place = Place {
        file: name.clone(),
        line: 3,
        ..Place::default()
    };
    receipt.items[0].rows.push(RowReceipt {
        name,
        line: 3,
        verdict: Verdict::Refused,
        rejected: 1,
    });
    let finding = Finding::new(x4::REQUIRED, place).with("zh", "办理人");
    receipt.findings.push(finding);
    receipt
}

pub async fn rows_are_answered_in_place(rig: FlagRig<impl Table>) {
    let (database, quoted) = (rig.table.direct(), rig.quoted());
    rig.run("insert into {} values (7, 'a', '0', null, null), (8, 'b', null, null, null), (9, 'c', '1', null, 'old')")
        .await;
    let (mut source, mut position) = (rig.flag_table(), None);
    let lots = take(&mut source, &mut position, &[]).await;
    assert_eq!(ids(&rows(&lots)), ["7", "8"], "in order of the key");
    let first = &rows(&lots)[0];
    let mut columns: Vec<&String> = first.as_object().unwrap().keys().collect();
    columns.sort();
    assert_eq!(
        columns,
        ["content", "id"],
        "what is written back is no part of the row"
    );
    assert!(
        take(&mut source, &mut position, &["1"]).await.is_empty(),
        "under way"
    );
    let answer = second_refused(&lots[0]);
    source.settle("1", &answer).await.unwrap();
    let told = flags(&database, &quoted).await;
    let at = "2026-01-05 09:00:01".to_owned();
    assert_eq!(told[0], ("1".into(), at.clone(), "R1-000001".into()));
    let why = "R1-000001 X401 必填字段“办理人”缺失或为空（请补填后以更高的数据版本号重新报送）";
    assert_eq!(told[1], ("2".into(), at, why.chars().take(60).collect()));
    assert_eq!(
        told[2],
        ("1".into(), String::new(), "old".into()),
        "not ours"
    );
    // Mended and marked again: it goes again. The other, marked again as it is, too.
    rig.run("update {} set content = 'b2', rec_flag = '0' where id = 8")
        .await;
    rig.run("update {} set rec_flag = null where id = 7").await;
    let again = take(&mut source, &mut position, &[]).await;
    assert_eq!(ids(&rows(&again)), ["7", "8"]);
    assert_eq!(again[0].key, "2");
    assert!(source.probe().await.unwrap().contains("3 rows"));
}

pub async fn a_row_that_changes_on_its_way_is_not_answered(rig: FlagRig<impl Table>) {
    let (database, quoted) = (rig.table.direct(), rig.quoted());
    rig.run("insert into {} values (1, 'a', '0', null, null), (2, 'b', '0', null, null)")
        .await;
    let (mut source, mut position) = (rig.flag_table(), None);
    let first = take(&mut source, &mut position, &[]).await;
    rig.run("update {} set content = 'a2' where id = 1").await;
    // A restart between: the outbox knows which lots are under way, and the position their rows.
    let mut source = rig.flag_table();
    let second = take(&mut source, &mut position, &["1"]).await;
    assert_eq!(ids(&rows(&second)), ["1"], "its new content goes at once");
    source.settle("1", &receipt(&first[0])).await.unwrap();
    let told: Vec<String> = flags(&database, &quoted)
        .await
        .into_iter()
        .map(|f| f.0)
        .collect();
    assert_eq!(
        told,
        ["0", "1"],
        "the old content's receipt answers the other row only"
    );
    source.settle("2", &receipt(&second[0])).await.unwrap();
    source.settle("1", &receipt(&first[0])).await.unwrap();
    let told: Vec<String> = flags(&database, &quoted)
        .await
        .into_iter()
        .map(|f| f.0)
        .collect();
    assert_eq!(told, ["1", "1"]);
    assert!(take(&mut source, &mut position, &[]).await.is_empty());
}

pub async fn lots_follow_each_other(rig: FlagRig<impl Table>) {
    let values: Vec<String> = (1..=450)
        .map(|n| format!("({n}, 'x', '0', null, null)"))
        .collect();
    rig.run(&format!("insert into {{}} values {}", values.join(",")))
        .await;
    let mut config = rig.config(rig.table.database());
    config.table.lot_rows = 300;
    let (mut source, mut position) = (FlagTable::new(config), None);
    let first = take(&mut source, &mut position, &[]).await;
    assert!(rows(&first).len() == 300 && source.has_more());
    let second = take(&mut source, &mut position, &["1"]).await;
    assert!(rows(&second).len() == 150 && !source.has_more());
    assert!(
        take(&mut source, &mut position, &["1", "2"])
            .await
            .is_empty()
    );
    source.settle("2", &receipt(&second[0])).await.unwrap();
    source.settle("1", &receipt(&first[0])).await.unwrap();
    assert!(take(&mut source, &mut position, &[]).await.is_empty());
    let told = flags(&rig.table.direct(), &rig.quoted()).await;
    assert!(told.len() == 450 && told.iter().all(|f| f.0 == "1"));
}

async fn lite() -> FlagRig<Lite> {
    FlagRig::new(Lite::new().await, None).await
}

async fn pg(name: &str) -> Option<FlagRig<Pg>> {
    let table = Pg::new(name).await?;
    let schema = table.schema.clone();
    Some(FlagRig::new(table, Some(&schema)).await)
}

async fn maria(name: &str) -> Option<FlagRig<Maria>> {
    let table = Maria::new(name).await?;
    let schema = table.schema.clone();
    Some(FlagRig::new(table, Some(&schema)).await)
}

#[tokio::test]
async fn flags_of_sqlite() {
    keeps(lite().await).await;
    rows_are_answered_in_place(lite().await).await;
    a_row_that_changes_on_its_way_is_not_answered(lite().await).await;
    lots_follow_each_other(lite().await).await;
}

#[tokio::test]
async fn flags_of_postgres() {
    let Some(rig) = pg("flag_contract").await else {
        return;
    };
    keeps(rig).await;
    rows_are_answered_in_place(pg("flag_answer").await.unwrap()).await;
    a_row_that_changes_on_its_way_is_not_answered(pg("flag_change").await.unwrap()).await;
    lots_follow_each_other(pg("flag_lots").await.unwrap()).await;
}

#[tokio::test]
async fn flags_of_mariadb() {
    let Some(rig) = maria("flag_contract").await else {
        return;
    };
    keeps(rig).await;
    rows_are_answered_in_place(maria("flag_answer").await.unwrap()).await;
    a_row_that_changes_on_its_way_is_not_answered(maria("flag_change").await.unwrap()).await;
    lots_follow_each_other(maria("flag_lots").await.unwrap()).await;
}

/// An account with SELECT, and UPDATE on the three columns only, suffices; without it `probe` says so.
pub async fn with_least_rights(
    mut config: FlagConfig,
    rig: &FlagRig<impl Table>,
    limited: Database,
) {
    rig.run("insert into {} values (1, 'a', '0', null, null)")
        .await;
    config.table.database = limited;
    let (mut source, mut position) = (FlagTable::new(config.clone()), None);
    assert!(source.probe().await.unwrap().contains("1 rows"));
    let lots = take(&mut source, &mut position, &[]).await;
    source.settle("1", &receipt(&lots[0])).await.unwrap();
    let told = flags(&rig.table.direct(), &rig.quoted()).await;
    assert_eq!(told[0].0, "1");
    config.flag = "content".into();
    let fault = FlagTable::new(config).probe().await.unwrap_err();
    assert!(fault.to_string().contains("hint: grant UPDATE"), "{fault}");
}

#[tokio::test]
async fn postgres_needs_the_right_on_the_flag_columns_only() {
    let Some(rig) = pg("flag_rights").await else {
        return;
    };
    let admin = std::env::var("TONGCHA_PG_ADMIN_URL").unwrap();
    let role = format!("flagger_{}", std::process::id());
    let mut link = sqlx::PgConnection::connect(&admin).await.unwrap();
    let sql = format!(
        "create role {role} login password 'only-for-this-test';
         grant usage on schema \"{0}\" to {role}; grant select on {1} to {role};
         grant update (rec_flag, responsetime, msg) on {1} to {role}",
        rig.table.schema,
        rig.quoted()
    );
    link.execute(AssertSqlSafe(sql)).await.unwrap();
    let (_, place) = rig.table.url.split_once('@').unwrap();
    let limited = format!("postgres://{role}:only-for-this-test@{place}");
    let config = rig.config(rig.table.database());
    with_least_rights(config, &rig, Database::Postgres(limited)).await;
    let sql = format!("drop owned by {role}; drop role {role}");
    link.execute(AssertSqlSafe(sql)).await.unwrap();
}

#[tokio::test]
async fn mariadb_needs_the_right_on_the_flag_columns_only() {
    let Some(rig) = maria("flag_rights").await else {
        return;
    };
    let role = format!("f{}", std::process::id());
    let quoted = rig.quoted();
    for sql in [
        format!("create or replace user '{role}'@'127.0.0.1' identified by 'only-for-this-test'"),
        format!(
            "grant select, update (rec_flag, responsetime, msg) on {quoted} to '{role}'@'127.0.0.1'"
        ),
    ] {
        rig.table.run(&sql).await;
    }
    let (_, place) = rig.table.url.split_once('@').unwrap();
    let (server, _) = place.split_once('/').unwrap();
    let schema = &rig.table.schema;
    let limited = format!("mysql://{role}:only-for-this-test@{server}/{schema}");
    let config = rig.config(rig.table.database());
    with_least_rights(config, &rig, Database::MySql(limited)).await;
    rig.table
        .run(&format!("drop user '{role}'@'127.0.0.1'"))
        .await;
}
