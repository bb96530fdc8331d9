//! Idle costs nothing: over a silent minute every kind of source is looked at once a pause, and no step wakes the
//! next one.

use crate::{HUB, ORG, clock, config};
use time::Duration;
use tongcha_adapters::agent::Agent;
use tongcha_adapters::source::Source;
use tongcha_adapters::sources::db_table::{
    ChangeConfig, ChangeTable, Database, DbTable, DbTableConfig, FlagConfig, FlagTable,
};
use tongcha_adapters::sources::http_push::{HttpPush, HttpPushConfig};
use tongcha_adapters::sources::xml_dir::{XmlDir, XmlDirConfig};
use tongcha_schema::clock::Clock;

/// A database with an empty table.
async fn table(folder: &std::path::Path) -> DbTableConfig {
    use sqlx::Connection as _;
    let file = folder.join("office.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true);
    let mut office = sqlx::SqliteConnection::connect_with(&options)
        .await
        .unwrap();
    let make = "create table if not exists t (id integer primary key, wm integer, flag text)";
    sqlx::query(make).execute(&mut office).await.unwrap();
    office.close().await.unwrap();
    DbTableConfig::new("rows", Database::Sqlite(file), "t", "wm")
}

#[tokio::test]
async fn a_silent_minute_costs_one_look_a_pause_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("inbox")).unwrap();
    let outbox = crate::outbox(folder.path()).await;
    let changes = ChangeConfig::new(table(folder.path()).await);
    let triggers = changes.triggers().await.unwrap();
    changes.run(&triggers.install).await.unwrap();
    let push = HttpPushConfig::new("push", HUB, ORG, "0123456789abcdef");
    let sources: [Box<dyn Source>; 5] = [
        Box::new(XmlDir::new(XmlDirConfig::new(
            "dir",
            folder.path().join("inbox"),
        ))),
        Box::new(HttpPush::new(push, outbox.clone(), clock())),
        Box::new(DbTable::new(table(folder.path()).await)),
        Box::new(FlagTable::new(FlagConfig::new(
            table(folder.path()).await,
            "flag",
        ))),
        Box::new(ChangeTable::new(changes)),
    ];
    for source in sources {
        let name = source.name().to_owned();
        let clock = clock();
        let mut config = config();
        config.pause = std::time::Duration::from_secs(5);
        // A hub that is asked would be a wake as well: there is none.
        let line = crate::uplink("http://127.0.0.1:9", &clock);
        let mut agent = Agent::new(config, source, line, outbox.clone(), clock.clone());
        let mut news = outbox.news();
        agent.step().await.unwrap();
        let end = clock.now() + Duration::MINUTE;
        let mut looks = 0;
        while clock.now() < end {
            news.mark_unchanged();
            let stepped = agent.step().await;
            looks += 1;
            assert!(
                !news.has_changed().unwrap(),
                "{name}: an idle step wakes the next one"
            );
            let report = stepped.as_ref().unwrap();
            assert!(report.faults.is_empty(), "{name}: {report:?}");
            let pause = agent.pause_after(&stepped).unwrap();
            clock.advance(Duration::try_from(pause).unwrap());
        }
        assert_eq!(looks, 12, "{name}");
    }
}
