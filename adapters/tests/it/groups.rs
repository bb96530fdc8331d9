//! The process dies between any two calls while rows of a table travel in groups: afterwards every row has gone
//! once, and a row with a flag has its own answer.

use crate::crash::live_until_death;
use crate::flags::{self, FlagRig};
use crate::receiver::Receiver;
use crate::tables::{Lite, Table, TableRig};
use crate::{agent, clock};
use std::path::Path;
use tongcha_adapters::source::Source;
use tongcha_adapters::sources::db_table::{DbTable, FlagTable};

/// Rows of a table, of one lot and of one group: of each lot the last group is a short one.
const ROWS: usize = 2_400;
const LOT: usize = 1_200;

/// `(1, 'x', ..), (2, ..`: of every hundredth row the hub refuses the content.
fn values(rest: &str) -> String {
    let content = |n: usize| if n.is_multiple_of(100) { "bad" } else { "x" };
    let row = |n: usize| format!("({n}, '{}', {rest})", content(n));
    (1..=ROWS).map(row).collect::<Vec<_>>().join(", ")
}

/// Ids of all rows that the hub has, in order, and how many items they came in.
fn arrived(receiver: &Receiver) -> (Vec<usize>, usize) {
    let items = receiver.items();
    let mut ids = Vec::new();
    for (_, bytes) in &items {
        for line in String::from_utf8_lossy(bytes).lines().skip(1) {
            let row: Vec<Option<String>> = serde_json::from_str(line).unwrap();
            ids.push(row[0].as_ref().unwrap().parse().unwrap());
        }
    }
    ids.sort_unstable();
    (ids, items.len())
}

async fn heir(folder: &Path, source: impl Source + 'static, receiver: &Receiver, calls: i64) {
    let mut heir = agent(folder, source, &receiver.url, &clock()).await;
    for _ in 0..5 {
        let report = heir.step().await.unwrap();
        assert!(report.faults.is_empty(), "after {calls} calls: {report:?}");
    }
    let (ids, items) = arrived(receiver);
    assert!(ids.into_iter().eq(1..=ROWS), "after {calls} calls");
    assert_eq!(items, 4, "after {calls} calls");
}

#[tokio::test]
async fn death_at_every_call_loses_and_doubles_no_row() {
    let rig = TableRig {
        table: Lite::new().await,
        name: "t".into(),
        count: 0,
    };
    let insert = format!("insert into t values {}", values("'2026-01-05 08:00:00'"));
    rig.table.run(&insert).await;
    let source = || {
        let mut config = rig.config();
        config.lot_rows = LOT;
        DbTable::new(config)
    };
    for calls in 0.. {
        let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::start().await);
        let survived =
            live_until_death(folder.path(), Box::new(source()), &receiver.url, calls).await;
        heir(folder.path(), source(), &receiver, calls).await;
        if survived {
            assert!(calls > 12, "only {calls} places to die at");
            return;
        }
    }
}

#[tokio::test]
async fn death_at_every_call_leaves_every_row_its_own_answer() {
    let rig = FlagRig::new(Lite::new().await, None).await;
    let insert = format!("insert into sl values {}", values("'0', null, null"));
    let source = || {
        let mut config = rig.config(rig.table.database());
        config.table.lot_rows = LOT;
        FlagTable::new(config)
    };
    for calls in 0.. {
        rig.table.run("delete from sl").await;
        rig.table.run(&insert).await;
        let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::start().await);
        let survived =
            live_until_death(folder.path(), Box::new(source()), &receiver.url, calls).await;
        heir(folder.path(), source(), &receiver, calls).await;
        let told = flags::flags(&rig.table.database(), "sl").await;
        for (n, (flag, at, _)) in (1..).zip(&told) {
            let wanted = if n % 100 == 0 { "2" } else { "1" };
            assert!(
                flag == wanted && !at.is_empty(),
                "row {n} after {calls} calls: {flag}"
            );
        }
        if survived {
            assert!(calls > 12, "only {calls} places to die at");
            return;
        }
    }
}
