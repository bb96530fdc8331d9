//! Watermarks that would fool us: a row dated far ahead, a table that was loaded anew, a column of texts, rows
//! that commit later than the overlap allows. None ends the source, and each is told.

use crate::NOW;
use crate::changes::{self, ChangeRig, shown, take};
use crate::contract::Rig;
use crate::tables::{self, Table, TableRig, codes, ids, poll, rows};
use sqlx::{AssertSqlSafe, Connection, Executor};
use std::str::FromStr;
use time::Duration;
use tongcha_adapters::source::Source;
use tongcha_adapters::sources::db_table::DbTable;

async fn a_row_far_ahead(rig: TableRig<impl Table>) {
    let (mut source, mut position) = (rig.source(), None);
    rig.insert(1, "a", "2026-01-05 08:00:00").await;
    rig.insert(2, "far", "2037-12-31 00:00:00").await;
    assert_eq!(ids(&poll(&mut *source, &mut position).await), ["1", "2"]);
    assert_eq!(codes(source.remarks()), ["X130"]);
    for id in 3..=6 {
        rig.insert(id, "later", &format!("2026-01-05 08:{id:02}:00"))
            .await;
    }
    assert_eq!(
        ids(&poll(&mut *source, &mut position).await),
        ["3", "4", "5", "6"]
    );
    assert!(poll(&mut *source, &mut position).await.is_empty());
    assert_eq!(codes(source.remarks()), ["X130"], "told in every poll");
    // Doctor asks beside the running agent, from the kept position.
    let found = rig
        .source()
        .examine(NOW, position.as_deref())
        .await
        .unwrap();
    assert_eq!(codes(&found), ["X130"]);
    let table = rig.quoted();
    let mend = format!("update {table} set wm = '2026-01-05 08:10:00' where id = 2");
    rig.table.run(&mend).await;
    assert_eq!(ids(&poll(&mut *source, &mut position).await), ["2"]);
    assert_eq!(codes(source.remarks()), Vec::<String>::new());
}

/// A position that an older version let run ahead is given up.
async fn a_position_far_ahead(rig: TableRig<impl Table>) {
    for id in 1..=3 {
        rig.insert(id, "a", &format!("2026-01-05 08:0{id}:00"))
            .await;
    }
    let kept = r#"{"v":1,"lot":4,"cursor":["2037-12-31 00:00:00","9"],"seen":[]}"#;
    let (mut source, mut position) = (rig.source(), Some(kept.to_owned()));
    assert_eq!(
        ids(&poll(&mut *source, &mut position).await),
        ["1", "2", "3"]
    );
    assert_eq!(codes(source.remarks()), ["X132"]);
    assert!(poll(&mut *source, &mut position).await.is_empty());
}

/// Emptied and filled again with older rows, more of them than are remembered: the floor falls.
async fn a_table_loaded_anew(rig: TableRig<impl Table>) {
    let mut config = rig.config();
    (config.lot_rows, config.remembered) = (7, 8);
    let (mut source, mut position) = (DbTable::new(config), None);
    let mut all = Vec::new();
    for id in 1..=20 {
        rig.insert(id, "first", &format!("2026-01-05 08:{id:02}:00"))
            .await;
    }
    for _ in 0..4 {
        all.extend(poll(&mut source, &mut position).await);
    }
    assert_eq!(all.len(), 20);
    let table = rig.quoted();
    rig.table.run(&format!("delete from {table}")).await;
    assert!(poll(&mut source, &mut position).await.is_empty());
    for id in 1..=20 {
        rig.insert(id, "second", &format!("2026-01-04 08:{id:02}:00"))
            .await;
    }
    let mut again = Vec::new();
    for _ in 0..3 {
        again.extend(poll(&mut source, &mut position).await);
        assert_eq!(codes(source.remarks()), ["X132"]);
    }
    assert_eq!(
        ids(&again),
        (1..=20).map(|id| id.to_string()).collect::<Vec<_>>()
    );
    assert!(poll(&mut source, &mut position).await.is_empty());
    let later = NOW + Duration::minutes(10);
    assert!(
        source
            .poll(later, position.as_deref())
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(codes(source.remarks()), Vec::<String>::new());
}

/// The overlap works for texts too, where their layout sorts as time does.
async fn a_column_of_texts(rig: TableRig<impl Table>) {
    let table = rig.quoted().replace("t\"", "texts\"");
    let create = format!("create table {table} (id bigint primary key, wm varchar(30))");
    rig.table.run(&create).await;
    let mut config = rig.config();
    config.table = format!("{}exts", rig.name);
    let (mut source, mut position) = (DbTable::new(config), None);
    let insert = |id: u32, wm: &str| format!("insert into {table} values ({id}, '{wm}')");
    rig.table.run(&insert(1, "2026/01/05 08:30:00")).await;
    assert_eq!(ids(&poll(&mut source, &mut position).await), ["1"]);
    rig.table.run(&insert(2, "2026/01/05 08:25:00")).await;
    assert_eq!(ids(&poll(&mut source, &mut position).await), ["2"]);
    rig.table.run(&insert(3, "2026/01/05 07:00:00")).await;
    rig.table.run(&insert(4, "2037/01/05 07:00:00")).await;
    assert_eq!(ids(&poll(&mut source, &mut position).await), ["4"]);
    let later = NOW + Duration::minutes(10);
    let lots = source.poll(later, position.as_deref()).await.unwrap();
    assert_eq!(ids(&rows(&lots)), ["3"]);
    assert_eq!(codes(source.remarks()), ["X130", "X131"]);
}

#[tokio::test]
async fn sqlite_is_not_fooled() {
    a_row_far_ahead(tables::lite().await).await;
    a_position_far_ahead(tables::lite().await).await;
    a_table_loaded_anew(tables::lite().await).await;
    a_column_of_texts(tables::lite().await).await;
}

#[tokio::test]
async fn postgres_is_not_fooled() {
    let Some(rig) = tables::pg("fooled_ahead").await else {
        return;
    };
    a_row_far_ahead(rig).await;
    a_position_far_ahead(tables::pg("fooled_position").await.unwrap()).await;
    a_table_loaded_anew(tables::pg("fooled_anew").await.unwrap()).await;
    a_column_of_texts(tables::pg("fooled_texts").await.unwrap()).await;
}

#[tokio::test]
async fn mariadb_is_not_fooled() {
    let Some(rig) = tables::maria("fooled_ahead").await else {
        return;
    };
    a_row_far_ahead(rig).await;
    a_position_far_ahead(tables::maria("fooled_position").await.unwrap()).await;
    a_table_loaded_anew(tables::maria("fooled_anew").await.unwrap()).await;
    a_column_of_texts(tables::maria("fooled_texts").await.unwrap()).await;
}

const AT: &str = "'2026-01-05 08:00:00', '2026-01-05'";

/// Three changes of a transaction that ends long after others, and of one that is undone. `begin` runs in
/// sessions of their own, `end` in the same.
async fn late_commits<T: Table>(
    rig: ChangeRig<T>,
    mut slow: impl AsyncFnMut(&str),
    mut undone: impl AsyncFnMut(&str),
) {
    let mut config = rig.config();
    config.keep = 0;
    let mut source = tongcha_adapters::sources::db_table::ChangeTable::new(config);
    let mut position = None;
    rig.run(&format!("insert into {{}} values (1, {AT}, 'first')"))
        .await;
    assert_eq!(take(&mut source, &mut position).await.len(), 1);
    slow("begin").await;
    undone("begin").await;
    for id in 2..=4 {
        slow(&format!("insert into {{}} values ({id}, {AT}, 'late')")).await;
        undone(&format!("insert into {{}} values (1{id}, {AT}, 'undone')")).await;
    }
    let mut more = String::from("insert into {} values ");
    let values = (100..2_100).map(|id| format!("({id}, {AT}, 'x')"));
    more.push_str(&values.collect::<Vec<_>>().join(", "));
    rig.run(&more).await;
    let lots = take(&mut source, &mut position).await;
    assert_eq!(rows(&lots).len(), 2_000);
    let receipt = crate::contract::receipt(&lots[0]);
    // What was taken is deleted at once here, and nothing that may still come.
    source.settle(&lots[0].key, &receipt).await.unwrap();
    undone("rollback").await;
    slow("commit").await;
    let lots = take(&mut source, &mut position).await;
    assert_eq!(shown(&rows(&lots)), ["I 2 late", "I 3 late", "I 4 late"]);
    assert!(take(&mut source, &mut position).await.is_empty());
}

#[tokio::test]
async fn late_commits_of_postgres() {
    let Some(rig) = changes::pg("late_commit").await else {
        return;
    };
    let name = rig
        .name
        .split('.')
        .map(|p| format!("\"{p}\""))
        .collect::<Vec<_>>()
        .join(".");
    let mut slow =
        Session::<sqlx::Postgres>(sqlx::PgConnection::connect(&rig.table.url).await.unwrap());
    let mut undone =
        Session::<sqlx::Postgres>(sqlx::PgConnection::connect(&rig.table.url).await.unwrap());
    let (one, two) = (name.clone(), name);
    late_commits(
        rig,
        async |sql: &str| slow.run(&sql.replace("{}", &one)).await,
        async |sql: &str| undone.run(&sql.replace("{}", &two)).await,
    )
    .await;
}

#[tokio::test]
async fn late_commits_of_mariadb() {
    let Some(rig) = changes::maria("late_commit").await else {
        return;
    };
    let name = rig.name.clone();
    let options = sqlx::mysql::MySqlConnectOptions::from_str(&rig.table.url).unwrap();
    let link = async || sqlx::MySqlConnection::connect_with(&options).await.unwrap();
    let mut slow = Session::<sqlx::MySql>(link().await);
    let mut undone = Session::<sqlx::MySql>(link().await);
    let (one, two) = (name.clone(), name);
    late_commits(
        rig,
        async |sql: &str| slow.run(&sql.replace("{}", &one)).await,
        async |sql: &str| undone.run(&sql.replace("{}", &two)).await,
    )
    .await;
}

/// A transaction that is open while more rows come than are remembered, and commits far below the others:
/// PostgreSQL tells of it, so the floor waits.
#[tokio::test]
async fn a_late_commit_below_all_that_is_remembered_of_postgres() {
    let Some(rig) = tables::pg("late_deep").await else {
        return;
    };
    let mut slow =
        Session::<sqlx::Postgres>(sqlx::PgConnection::connect(&rig.table.url).await.unwrap());
    let insert = format!("insert into {} values", rig.quoted());
    slow.run("begin").await;
    let late = format!("{insert} (100, 'late', '2026-01-04 08:00:00')");
    slow.run(&late).await;
    for id in 1..=20 {
        let at = format!("2026-01-05 08:{id:02}:00");
        rig.insert(id, "first", &at).await;
    }
    let mut config = rig.config();
    (config.lot_rows, config.remembered) = (7, 8);
    let (mut source, mut position) = (DbTable::new(config), None);
    let mut now = NOW;
    for (step, wanted) in [7, 7, 6, 0, 0].into_iter().enumerate() {
        now = NOW + Duration::minutes(11 * i64::try_from(step).unwrap());
        let lots = source.poll(now, position.as_deref()).await.unwrap();
        assert_eq!(rows(&lots).len(), wanted);
        position = lots.last().and_then(|l| l.position.clone()).or(position);
    }
    slow.run("commit").await;
    let lots = source
        .poll(now + Duration::minutes(11), position.as_deref())
        .await
        .unwrap();
    assert_eq!(ids(&rows(&lots)), ["100"]);
    assert_eq!(codes(source.remarks()), ["X131"]);
}

/// A session of the department that stays open.
struct Session<D: sqlx::Database>(D::Connection);

impl Session<sqlx::Postgres> {
    async fn run(&mut self, sql: &str) {
        self.0.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
    }
}

impl Session<sqlx::MySql> {
    async fn run(&mut self, sql: &str) {
        // Not prepared: `begin` cannot be.
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut self.0)
            .await
            .unwrap();
    }
}
