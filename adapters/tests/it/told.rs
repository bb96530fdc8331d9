//! What a table does not fit reaches the technician: the report of a step (from which log and status page
//! have it), the receipts that the machine keeps, and the doctor, who asks beside it.

use crate::machine::settings;
use crate::receiver::Receiver;
use crate::tables::{Lite, OWN, Table};
use crate::{NOW, clock};
use std::path::Path;
use std::sync::Arc;
use tongcha_adapters::doctor::examine;
use tongcha_adapters::machine::Machine;
use tongcha_adapters::settings::{Settings, SourceSettings};
use tongcha_adapters::sources::db_table::DbTableConfig;
use tongcha_schema::randomness::Seeded;

fn of(folder: &Path, url: &str, table: &Lite, dialect: &str) -> Settings {
    let mut config = DbTableConfig::new("table", table.database(), "t", "wm");
    config.dialect = dialect.to_owned();
    Settings {
        status: None,
        sources: vec![SourceSettings::DbTable(config)],
        ..settings(folder, url)
    }
}

#[tokio::test]
async fn what_a_table_does_not_fit_is_told_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, table) = (Receiver::start().await, Lite::new().await);
    let rows = "(1, 'a', '2026-01-05 08:00:00'), (2, 'b', '2037-01-01 00:00:00'), (3, 'c', null)";
    table.run(&format!("insert into t values {rows}")).await;
    let open = async |dialect| {
        let settings = of(folder.path(), &receiver.url, &table, dialect);
        let randomness = Arc::new(Seeded::new(1));
        Machine::open(settings, clock(), randomness).await.unwrap()
    };
    // Its columns fit no dialect that comes with the product.
    let reports = open("auto").await.once().await.unwrap();
    let codes = |texts: &[String]| -> Vec<String> {
        let code = |text: &String| text.split(' ').next().unwrap_or_default().to_owned();
        texts.iter().map(code).collect()
    };
    let report = &reports[0].1;
    assert_eq!(codes(&report.remarks), ["X108", "X130", "X133"]);
    assert!(
        report.faults.is_empty() && report.receipts.len() == 1,
        "{report:?}"
    );

    let looks = examine(of(folder.path(), &receiver.url, &table, "auto"), clock()).await;
    let ill = looks
        .iter()
        .filter(|l| l.what.1 == "source table" && !l.well);
    let found: Vec<String> = ill.map(|l| l.found.1.clone()).collect();
    assert_eq!(codes(&found), ["X108", "X130", "X133"]);

    // Mended: the last row is given a time, the far one another, and the source the hub's own dialect.
    table
        .run("update t set wm = '2026-01-05 08:30:00' where id > 1")
        .await;
    let reports = open(OWN).await.once().await.unwrap();
    assert_eq!(reports[0].1.remarks, Vec::<String>::new());
    let looks = examine(of(folder.path(), &receiver.url, &table, OWN), clock()).await;
    assert!(
        looks.iter().any(|l| l.what.1 == "source table" && l.well),
        "{looks:?} at {NOW}"
    );
}
