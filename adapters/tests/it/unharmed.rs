//! The department's own statements go on, whatever is wrong with what captures them: the table named without
//! its schema, the change table dropped, full, without rights; TRUNCATE. What was not written down is counted
//! and told.

use crate::NOW;
use crate::changes::{ChangeRig, lite, maria, pg, shown, take};
use crate::contract::Rig;
use crate::tables::{Pg, Table, codes, rows};
use tongcha_adapters::source::Source;
use tongcha_adapters::sources::db_table::DbTable;

const AT: &str = "'2026-01-05 08:00:00', '2026-01-05'";

/// Ids of the department's own rows.
async fn own(rig: &ChangeRig<impl Table>) -> Vec<String> {
    let mut plain = rig.config().table;
    plain.watermark = "id".into();
    let lots = DbTable::new(plain).poll(NOW, None).await.unwrap();
    let rows = rows(&lots);
    rows.iter()
        .map(|r| {
            format!(
                "{} {}",
                r["id"].as_str().unwrap(),
                r["content"].as_str().unwrap_or("-")
            )
        })
        .collect()
}

async fn writes_go_on(rig: &ChangeRig<impl Table>, from: u32) {
    for id in [from, from + 1] {
        rig.run(&format!("insert into {{}} values ({id}, {AT}, 'a')"))
            .await;
    }
    rig.run(&format!("update {{}} set content = 'b' where id = {from}"))
        .await;
    rig.run(&format!("delete from {{}} where id = {}", from + 1))
        .await;
    assert!(own(rig).await.contains(&format!("{from} b")));
}

/// `hinder` makes the change table useless, `mend` makes it good again.
async fn is_told_and_made_up_for(rig: ChangeRig<impl Table>, hinder: &str, mend: &str) {
    let (mut source, mut position) = (rig.source(), None);
    rig.run(&format!("insert into {{}} values (1, {AT}, 'x')"))
        .await;
    assert_eq!(take(&mut *source, &mut position).await.len(), 1);
    let changes = rig.name.replace("b", "tongcha_change_b");
    let quoted = changes
        .split('.')
        .map(|p| format!("\"{p}\""))
        .collect::<Vec<_>>()
        .join(".");
    rig.table.run(&hinder.replace("{}", &quoted)).await;
    writes_go_on(&rig, 10).await;
    rig.table.run(&mend.replace("{}", &quoted)).await;
    assert!(take(&mut *source, &mut position).await.is_empty());
    assert_eq!(codes(source.remarks()), ["X135"]);
    // The first load makes up for it.
    let triggers = rig.config().triggers().await.unwrap();
    rig.config().run(&triggers.first_load).await.unwrap();
    let lots = take(&mut *source, &mut position).await;
    assert_eq!(shown(&rows(&lots)), ["I 1 x", "I 10 b"]);
    assert_eq!(codes(source.remarks()), Vec::<String>::new());
    writes_go_on(&rig, 20).await;
    let lots = take(&mut *source, &mut position).await;
    assert_eq!(
        shown(&rows(&lots)),
        ["I 20 a", "I 21 a", "U 20 b", "D 21 a"]
    );
}

/// Without the change table, and with triggers installed again over what is left.
async fn a_dropped_change_table(rig: ChangeRig<impl Table>) {
    let changes = rig.name.replace("b", "tongcha_change_b");
    let quoted = changes
        .split('.')
        .map(|p| format!("\"{p}\""))
        .collect::<Vec<_>>()
        .join(".");
    rig.table.run(&format!("drop table {quoted}")).await;
    writes_go_on(&rig, 1).await;
    let mut source = rig.source();
    let fault = source.probe().await.unwrap_err();
    assert!(fault.to_string().contains("tongcha triggers"), "{fault}");
    let rig = rig.installed().await;
    writes_go_on(&rig, 5).await;
    let mut position = None;
    let lots = take(&mut *source, &mut position).await;
    assert_eq!(shown(&rows(&lots)), ["I 5 a", "I 6 a", "U 5 b", "D 6 a"]);
    assert_eq!(codes(source.remarks()), ["X135"]);
}

const REFUSES: &str = "alter table {} add constraint full_up check (content = 'x')";
const TAKES: &str = "alter table {} drop constraint full_up";

#[tokio::test]
async fn postgres_goes_on_without_its_change_table() {
    let Some(rig) = pg("unharmed_dropped").await else {
        return;
    };
    a_dropped_change_table(rig).await;
    is_told_and_made_up_for(pg("unharmed_full").await.unwrap(), REFUSES, TAKES).await;
    // The owner of the function has no rights on it any more.
    let revoke = "revoke all on table {} from current_user";
    let grant = "grant all on table {} to current_user";
    is_told_and_made_up_for(pg("unharmed_rights").await.unwrap(), revoke, grant).await;
}

#[tokio::test]
async fn mariadb_goes_on_without_its_change_table() {
    let Some(rig) = maria("unharmed_dropped").await else {
        return;
    };
    a_dropped_change_table(rig).await;
    is_told_and_made_up_for(maria("unharmed_full").await.unwrap(), REFUSES, TAKES).await;
}

/// SQLite has no handler for a missing table; what a constraint refuses is counted.
#[tokio::test]
async fn sqlite_goes_on_with_a_full_change_table() {
    let refuse = "create unique index full_up on {} (\"content\")";
    let rig = lite().await;
    let (mut source, mut position) = (rig.source(), None);
    rig.table
        .run(&refuse.replace("{}", "tongcha_change_b"))
        .await;
    writes_go_on(&rig, 1).await;
    let lots = take(&mut *source, &mut position).await;
    assert_eq!(shown(&rows(&lots)), ["I 1 a", "U 1 b"]);
    assert_eq!(codes(source.remarks()), ["X135"]);
}

/// The table is found by the path of the account that prints the SQL; the function has another one.
#[tokio::test]
async fn a_postgres_table_without_its_schema_is_captured_and_truncated() {
    let Some(table) = Pg::new("unharmed_path").await else {
        return;
    };
    let kinds = "at timestamptz, day date";
    let name = format!("b_{}", std::process::id());
    let mut rig = ChangeRig::bare(table, None, kinds, "").await;
    rig.run("drop table if exists {}").await;
    rig.name = name;
    rig.run(&format!(
        "create table {{}} (id bigint primary key, {kinds}, content varchar(40))"
    ))
    .await;
    let rig = rig.installed().await;
    let sql = rig.config().triggers().await.unwrap().install.join(";");
    assert!(
        sql.contains(&format!(
            "insert into \"public\".\"tongcha_change_{}\"",
            rig.name
        )),
        "{sql}"
    );
    writes_go_on(&rig, 1).await;
    rig.run(&format!(
        "insert into {{}} select n, {AT}, 'many' from generate_series(100, 102) n"
    ))
    .await;
    rig.run("update {} set id = id + 1000 where id >= 100")
        .await;
    rig.run("truncate {}").await;
    let (mut source, mut position) = (rig.source(), None);
    let lots = take(&mut *source, &mut position).await;
    assert_eq!(
        shown(&rows(&lots)),
        [
            "I 1 a",
            "I 2 a",
            "U 1 b",
            "D 2 a",
            "I 100 many",
            "I 101 many",
            "I 102 many",
            "D 100 many",
            "D 101 many",
            "D 102 many",
            "U 1100 many",
            "U 1101 many",
            "U 1102 many",
            "D 1 b",
            "D 1100 many",
            "D 1101 many",
            "D 1102 many",
        ]
    );
    let triggers = rig.config().triggers().await.unwrap();
    rig.config().run(&triggers.remove).await.unwrap();
    rig.run("drop table {}").await;
}
