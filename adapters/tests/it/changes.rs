//! Change tables: the contract over SQLite, PostgreSQL and MariaDB, and what a trigger must catch: every
//! version, deletions, changed keys, values as the table itself would read.

use crate::NOW;
use crate::contract::{Rig, keeps, receipt};
use crate::tables::{Lite, Maria, OWN, Pg, Table, rows};
use async_trait::async_trait;
use serde_json::Value;
use tongcha_adapters::source::{Lot, Source};
use tongcha_adapters::sources::db_table::{ChangeConfig, ChangeTable, DbTable, DbTableConfig};

/// A table `b (id, at, day, content)` with its triggers.
pub struct ChangeRig<T> {
    pub table: T,
    pub name: String,
    count: u32,
    /// SQL before every statement of the department: its session's own settings.
    session: &'static str,
}

impl<T: Table> ChangeRig<T> {
    pub async fn bare(
        table: T,
        schema: Option<&str>,
        kinds: &str,
        session: &'static str,
    ) -> ChangeRig<T> {
        let name = schema.map_or("b".to_owned(), |s| format!("{s}.b"));
        let rig = ChangeRig {
            table,
            name,
            count: 0,
            session,
        };
        rig.run(&format!(
            "create table {{}} (id bigint primary key, {kinds}, content varchar(40))"
        ))
        .await;
        rig
    }

    pub async fn installed(self) -> ChangeRig<T> {
        let config = self.config();
        let triggers = config.triggers().await.unwrap();
        config.run(&triggers.install).await.unwrap();
        self
    }

    pub fn config(&self) -> ChangeConfig {
        let mut table = DbTableConfig::new("changes", self.table.database(), &self.name, "");
        table.dialect = OWN.to_owned();
        ChangeConfig::new(table)
    }

    pub async fn run(&self, sql: &str) {
        let parts: Vec<String> = self.name.split('.').map(|p| format!("\"{p}\"")).collect();
        let sql = sql.replace("{}", &parts.join("."));
        self.table.run(&format!("{}{sql}", self.session)).await;
    }
}

#[async_trait]
impl<T: Table> Rig for ChangeRig<T> {
    fn source(&self) -> Box<dyn Source> {
        Box::new(ChangeTable::new(self.config()))
    }
    fn broken(&self) -> Box<dyn Source> {
        let mut config = self.config();
        config.changes = "nowhere".into();
        Box::new(ChangeTable::new(config))
    }
    async fn add(&mut self, content: &str) {
        self.count += 1;
        let values = format!(
            "({}, '2026-01-05 08:00:00', '2026-01-05', '{content}')",
            self.count
        );
        self.run(&format!("insert into {{}} values {values}")).await;
    }
}

pub async fn take(source: &mut dyn Source, position: &mut Option<String>) -> Vec<Lot> {
    let lots = source.poll(NOW, position.as_deref()).await.unwrap();
    if let Some(lot) = lots.last() {
        *position = lot.position.clone();
    }
    lots
}

/// Operation, id and content of each change.
pub fn shown(rows: &[Value]) -> Vec<String> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or("-").to_owned();
    rows.iter()
        .map(|r| {
            format!(
                "{} {} {}",
                text(r, "tongcha_op"),
                text(r, "id"),
                text(r, "content")
            )
        })
        .collect()
}

async fn every_change_is_caught(rig: ChangeRig<impl Table>) {
    let (mut source, mut position) = (rig.source(), None);
    let at = "'2026-01-05 08:00:00', '2026-01-05'";
    rig.run(&format!(
        "insert into {{}} values (1, {at}, 'a'), (2, {at}, null)"
    ))
    .await;
    rig.run("update {} set content = 'a2' where id = 1").await;
    rig.run("update {} set content = 'a3' where id = 1").await;
    rig.run("update {} set id = 3 where id = 2").await;
    rig.run("delete from {} where id = 1").await;
    let lots = take(&mut *source, &mut position).await;
    let changes = rows(&lots);
    assert_eq!(
        shown(&changes),
        [
            "I 1 a", "I 2 -", "U 1 a2", "U 1 a3", "D 2 -", "U 3 -", "D 1 a3"
        ]
    );
    // A value reads as the table itself would give it, whatever the writer's session.
    let mut plain = DbTableConfig::new("plain", rig.table.database(), &rig.name, "id");
    plain.overlap = 0;
    let direct = rows(&DbTable::new(plain).poll(NOW, None).await.unwrap());
    for (name, value) in direct[0].as_object().unwrap() {
        assert_eq!(changes[5][name], *value, "{name}");
    }
    assert!(take(&mut *source, &mut position).await.is_empty());
}

async fn what_is_done_and_old_is_deleted(rig: ChangeRig<impl Table>) {
    let at = "'2026-01-05 08:00:00', '2026-01-05'";
    let mut config = rig.config();
    config.keep = 2;
    let (mut source, mut position) = (ChangeTable::new(config.clone()), None);
    for id in 1..=5 {
        rig.run(&format!("insert into {{}} values ({id}, {at}, 'x')"))
            .await;
    }
    let lots = take(&mut source, &mut position).await;
    assert_eq!((lots[0].items.len(), rows(&lots).len()), (1, 5));
    // Nothing is deleted before the outbox is known to have it.
    source
        .settle(&lots[0].key, &receipt(&lots[0]))
        .await
        .unwrap();
    assert!(take(&mut source, &mut position).await.is_empty());
    source
        .settle(&lots[0].key, &receipt(&lots[0]))
        .await
        .unwrap();
    let mut left = ChangeTable::new(config.clone());
    let kept = rows(&left.poll(NOW, None).await.unwrap());
    assert_eq!(shown(&kept), ["I 4 x", "I 5 x"]);
    // The rows that were there before can be taken as changes; and all of it can be taken away again.
    let triggers = config.triggers().await.unwrap();
    config.run(&triggers.first_load).await.unwrap();
    let loaded = take(&mut source, &mut position).await;
    assert_eq!(rows(&loaded).len(), 5);
    config.run(&triggers.remove).await.unwrap();
    rig.run("delete from {}").await;
    let fault = ChangeTable::new(config).probe().await.unwrap_err();
    assert!(fault.to_string().contains("tongcha triggers"), "{fault}");
}

const TEXTS: &str = "at varchar(30), day varchar(10)";

pub async fn lite() -> ChangeRig<Lite> {
    let rig = ChangeRig::bare(Lite::new().await, None, TEXTS, "").await;
    rig.installed().await
}

pub async fn pg(name: &str) -> Option<ChangeRig<Pg>> {
    let table = Pg::new(name).await?;
    let schema = table.schema.clone();
    let session = "set datestyle = 'SQL, DMY'; set time zone '+08'; ";
    let rig = ChangeRig::bare(table, Some(&schema), "at timestamptz, day date", session).await;
    Some(rig.installed().await)
}

pub async fn maria(name: &str) -> Option<ChangeRig<Maria>> {
    let table = Maria::new(name).await?;
    let schema = table.schema.clone();
    let session = "set time_zone = '+03:00'; ";
    let rig = ChangeRig::bare(
        table,
        Some(&schema),
        "at timestamp(3) null, day date",
        session,
    )
    .await;
    Some(rig.installed().await)
}

#[tokio::test]
async fn changes_of_sqlite() {
    keeps(lite().await).await;
    every_change_is_caught(lite().await).await;
    what_is_done_and_old_is_deleted(lite().await).await;
}

#[tokio::test]
async fn changes_of_postgres() {
    let Some(rig) = pg("change_contract").await else {
        return;
    };
    keeps(rig).await;
    every_change_is_caught(pg("change_ops").await.unwrap()).await;
    what_is_done_and_old_is_deleted(pg("change_old").await.unwrap()).await;
}

#[tokio::test]
async fn changes_of_mariadb() {
    let Some(rig) = maria("change_contract").await else {
        return;
    };
    keeps(rig).await;
    every_change_is_caught(maria("change_ops").await.unwrap()).await;
    what_is_done_and_old_is_deleted(maria("change_old").await.unwrap()).await;
}
