//! The same contract over ODBC, with the drivers of SQLite, PostgreSQL and MariaDB (unixODBC,
//! libsqliteodbc, odbc-postgresql, odbc-mariadb): a table by its watermark and by its flag.

use crate::NOW;
use crate::contract::keeps;
use crate::flags::{self, FlagRig};
use crate::tables::{self, Lite, Maria, Pg, Table, TableRig};
use async_trait::async_trait;
use sqlx::{Connection as _, Executor as _};
use tongcha_adapters::source::Source as _;
use tongcha_adapters::sources::db_table::{Database, DbTable, DbTableConfig};

/// A table whose source reaches it over ODBC.
pub struct Over<T>(T, String);

#[async_trait]
impl<T: Table> Table for Over<T> {
    fn database(&self) -> Database {
        Database::Odbc(self.1.clone())
    }
    fn direct(&self) -> Database {
        self.0.database()
    }
    async fn run(&self, sql: &str) {
        self.0.run(sql).await;
    }
}

/// User, password, host, port and database of an address.
fn parts(url: &str) -> [String; 5] {
    let (_, rest) = url.split_once("://").unwrap();
    let (account, place) = rest.split_once('@').unwrap();
    let (user, password) = account.split_once(':').unwrap();
    let (server, database) = place.split_once('/').unwrap();
    let (host, port) = server.split_once(':').unwrap();
    let database = database.split('?').next().unwrap();
    [user, password, host, port, database].map(str::to_owned)
}

async fn lite() -> Over<Lite> {
    let lite = Lite::new().await;
    let Database::Sqlite(file) = lite.database() else {
        panic!("a file");
    };
    let text = format!(
        "Driver={{SQLite3}};Database={};Timeout=30000;",
        file.display()
    );
    Over(lite, text)
}

async fn pg(name: &str) -> Option<Over<Pg>> {
    let pg = Pg::new(name).await?;
    let url = std::env::var("TONGCHA_PG_TCP_URL").unwrap();
    let [user, password, host, port, database] = parts(&url);
    let text = format!(
        "Driver={{PostgreSQL Unicode}};Server={host};Port={port};Database={database};UID={user};PWD={password};"
    );
    Some(Over(pg, text))
}

async fn maria(name: &str) -> Option<Over<Maria>> {
    let maria = Maria::new(name).await?;
    let [user, password, host, port, _] = parts(&maria.url);
    let text = format!(
        "Driver={{MariaDB Unicode}};Server={host};Port={port};Database={};UID={user};PWD={password};",
        maria.schema
    );
    Some(Over(maria, text))
}

fn rig<T: Table>(table: T, name: String) -> TableRig<T> {
    TableRig {
        table,
        name,
        count: 0,
    }
}

#[tokio::test]
async fn sqlite_over_odbc() {
    keeps(rig(lite().await, "t".into())).await;
    tables::late_changed_and_equal_rows(rig(lite().await, "t".into())).await;
    tables::a_plateau_is_passed_row_by_row(rig(lite().await, "t".into())).await;
    flags_of(async || Some((lite().await, None))).await;
}

#[tokio::test]
async fn postgres_over_odbc() {
    let fresh = async |name: &str| {
        let over = pg(name).await?;
        let schema = over.0.schema.clone();
        Some((over, schema))
    };
    server_over_odbc(fresh).await;
}

#[tokio::test]
async fn mariadb_over_odbc() {
    let fresh = async |name: &str| {
        let over = maria(name).await?;
        let schema = over.0.schema.clone();
        Some((over, schema))
    };
    server_over_odbc(fresh).await;
}

/// Everything, each on a table of its own; nothing where no server was provided.
async fn server_over_odbc<T: Table + 'static>(
    fresh: impl AsyncFn(&str) -> Option<(Over<T>, String)>,
) {
    let Some((over, schema)) = fresh("odbc_contract").await else {
        return;
    };
    keeps(rig(over, format!("{schema}.t"))).await;
    let (over, schema) = fresh("odbc_late").await.unwrap();
    tables::late_changed_and_equal_rows(rig(over, format!("{schema}.t"))).await;
    let (over, schema) = fresh("odbc_plateau").await.unwrap();
    tables::a_plateau_is_passed_row_by_row(rig(over, format!("{schema}.t"))).await;
    let count = std::cell::Cell::new(0);
    flags_of(async || {
        count.set(count.get() + 1);
        let (over, schema) = fresh(&format!("odbc_flag{}", count.get())).await?;
        Some((over, Some(schema)))
    })
    .await;
}

/// The stories of a flag, each on a table of its own.
async fn flags_of<T: Table + 'static>(fresh: impl AsyncFn() -> Option<(Over<T>, Option<String>)>) {
    let rig = async || {
        let (over, schema) = fresh().await.unwrap();
        FlagRig::new(over, schema.as_deref()).await
    };
    keeps(rig().await).await;
    flags::rows_are_answered_in_place(rig().await).await;
    flags::a_row_that_changes_on_its_way_is_not_answered(rig().await).await;
    flags::lots_follow_each_other(rig().await).await;
}

#[tokio::test]
async fn values_come_as_texts_and_a_long_one_is_never_cut() {
    let Some(over) = pg("odbc_values").await else {
        return;
    };
    let table = format!("\"{}\".v", over.0.schema);
    let create = format!(
        "create table {table} (id varchar(10) primary key, n numeric(20,6), d date, at timestamp(6), \
         yes boolean, bytes bytea, tz timestamptz, body text, wm bigint)"
    );
    over.run(&create).await;
    let insert = format!(
        "insert into {table} values ('甲', 12.500000, '2026-01-05', '2026-01-05 09:30:00.123456', \
         true, '\\x00ff', '2026-01-05 01:30:00+00', repeat('长', 20000), 1), ('乙', null, null, null, null, null, null, '', 2)"
    );
    over.run(&insert).await;
    let name = format!("{}.v", over.0.schema);
    let config = DbTableConfig::new("table", over.database(), &name, "wm");
    let lots = DbTable::new(config.clone()).poll(NOW, None).await.unwrap();
    let got = tables::rows(&lots);
    assert_eq!(got.len(), 2);
    for (column, value) in [
        ("id", "甲"),
        ("n", "12.500000"),
        ("d", "2026-01-05"),
        ("at", "2026-01-05 09:30:00.123456"),
        ("yes", "1"),
        ("bytes", "00ff"),
        ("tz", "2026-01-05 09:30:00"),
        ("wm", "1"),
    ] {
        assert_eq!(
            got[0][column].as_str(),
            Some(value),
            "{column}: {:?}",
            got[0]["id"]
        );
    }
    assert_eq!(got[0]["body"].as_str().unwrap().chars().count(), 20_000);
    assert!(got[1]["at"].is_null());
    let longer = format!("insert into {table} (id, body, wm) values ('丙', repeat('x', 70000), 3)");
    over.run(&longer).await;
    let fault = DbTable::new(config).poll(NOW, None).await.unwrap_err();
    assert!(fault.to_string().contains("truncation"), "{fault}");
}

#[tokio::test]
async fn the_right_on_the_flag_columns_is_enough_over_odbc() {
    let Some(over) = pg("odbc_rights").await else {
        return;
    };
    let schema = over.0.schema.clone();
    let rig = FlagRig::new(over, Some(&schema)).await;
    let admin = std::env::var("TONGCHA_PG_ADMIN_URL").unwrap();
    let role = format!("odbc_flagger_{}", std::process::id());
    let mut link = sqlx::PgConnection::connect(&admin).await.unwrap();
    let sql = format!(
        "create role {role} login password 'only-for-this-test';
         grant usage on schema \"{schema}\" to {role}; grant select on {0} to {role};
         grant update (rec_flag, responsetime, msg) on {0} to {role}",
        rig.quoted()
    );
    link.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    let url = std::env::var("TONGCHA_PG_TCP_URL").unwrap();
    let [_, _, host, port, database] = parts(&url);
    let limited = |password: &str| {
        Database::Odbc(format!(
            "Driver={{PostgreSQL Unicode}};Server={host};Port={port};Database={database};\
             UID={role};PWD={password};"
        ))
    };
    let config = rig.config(rig.table.database());
    flags::with_least_rights(config, &rig, limited("only-for-this-test")).await;
    let wrong = DbTableConfig::new("table", limited("hunter2"), "t", "wm");
    let fault = DbTable::new(wrong).poll(NOW, None).await.unwrap_err();
    assert!(!fault.to_string().contains("hunter2"), "{fault}");
    let sql = format!("drop owned by {role}; drop role {role}");
    link.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
}

#[tokio::test]
async fn a_driver_that_is_not_there_is_a_mistake_of_the_configuration() {
    let database = Database::Odbc("Driver={No such driver};Server=nowhere;PWD=secret;".into());
    let config = DbTableConfig::new("table", database, "t", "wm");
    let fault = DbTable::new(config).poll(NOW, None).await.unwrap_err();
    let told = fault.to_string();
    assert!(!fault.is_transient() && !told.contains("secret"), "{told}");
}
