//! Under strain: a bundle that the tables do not take, another number of partitions, a broker that comes late and
//! goes, disks that are full, a lease that a wrong clock wrote. Each goes on by itself, without a restart.

use super::disk::Disk;
use super::model::Arrival;
use super::paper::{arrival, document_of};
use super::place::{everywhere, production};
use super::proxy::Proxy;
use super::rig::{Rig, number, rows};
use std::process::Command;
use std::sync::Arc;
use time::Duration;
use tongcha::world::{Place, Production};
use tongcha_decode::dialect::Registry;
use tongcha_hub::bundle::{Bundle, partition_of};
use tongcha_hub::core::Core;
use tongcha_hub::doctor::look_inside;
use tongcha_hub::exchange::{BusKind, Database, Hub, Options};
use tongcha_hub::lease::{lease, under};
use tongcha_hub::push::Intake;
use tongcha_hub::repartition::repartition;
use tongcha_hub::schedule;
use tongcha_hub::sql::Dialect;
use tongcha_hub::store::engine::Store;
use tongcha_hub::{inbox, watch};
use tongcha_schema::clock::{CHINA, Clock, ManualClock};
use tongcha_schema::element::ElementId;
use tongcha_schema::seal::Sealed;
use tongcha_supervision::{Calendar, Profile};

const NODE: &str = "431321/strain";

fn step(case: &str) -> Arrival {
    arrival(NODE, case, ElementId::Process, (1, 1), "step")
}

fn many(tag: &str, count: u32) -> Vec<Arrival> {
    (0..count).map(|n| step(&format!("{tag}-{n}"))).collect()
}

async fn write(core: &Core, text: &str) {
    let mut tx = core.store.begin().await.unwrap();
    tx.run_text("story", text, Vec::new()).await.unwrap();
    tx.commit().await.unwrap();
}

/// Whether the doctor finds that well.
async fn well(rig: &Rig, what: &str) -> bool {
    let found = look_inside(&rig.county().store, true, &*rig.clock)
        .await
        .unwrap();
    found.iter().find(|c| c.what.1 == what).unwrap().well
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_the_tables_do_not_take_stands_alone() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        let (make, undo) = match rig.county().store.dialect() {
            Dialect::Pg => (
                "alter table el_process add constraint poison check (step_name <> 'poison')",
                "alter table el_process drop constraint poison",
            ),
            Dialect::Lite => (
                "create trigger poison before insert on el_process when new.step_name = 'poison'
                 begin select raise(abort, 'poison'); end",
                "drop trigger poison",
            ),
        };
        write(rig.county(), make).await;
        let mut all = many("P", 40);
        all[7].content = "poison".to_owned();
        for (n, some) in all.chunks(10).enumerate() {
            rig.drop_file(NODE, &format!("{n}.xml"), document_of(some).as_bytes());
        }
        rig.expect(&all);
        rig.exhaust(NODE).await;
        rig.world().county.hub.drain().await.unwrap();
        let stored = number(rig.county(), "select count(*) from process_history").await;
        assert_eq!(stored, 39, "its neighbours go on");
        let aside = inbox::quarantined(&rig.county().store).await.unwrap();
        assert_eq!((aside.bundles, aside.records), (1, 1), "{aside:?}");
        assert!(aside.cause.contains("poison"), "{}", aside.cause);
        let pending = "select cast(sum(pending) as bigint) from ledger";
        assert_eq!(
            number(rig.county(), pending).await,
            1,
            "it counts as pending"
        );
        let told = "select count(*) from finding where code = 'X154'";
        assert_eq!(number(rig.county(), told).await, 1);
        assert!(!well(&rig, "quarantine").await);
        // The cause is mended: the next start tries once more.
        write(rig.county(), undo).await;
        rig.restart().await;
        rig.settle().await;
        assert!(well(&rig, "quarantine").await);
        assert_eq!(number(rig.county(), told).await, 0);
        rig.end().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_that_cannot_be_read_stands_alone() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        rig.county().bus.close().await;
        rig.drop_file(NODE, "1.xml", document_of(&many("R", 40)).as_bytes());
        rig.exhaust(NODE).await;
        let spoil = match rig.county().store.dialect() {
            Dialect::Pg => "update inbox set payload = '\\x00' where part = 1",
            Dialect::Lite => "update inbox set payload = x'00' where part = 1",
        };
        write(rig.county(), spoil).await;
        rig.restart().await;
        rig.world().county.hub.drain().await.unwrap();
        let aside = inbox::quarantined(&rig.county().store).await.unwrap();
        assert_eq!(aside.bundles, 1, "{aside:?}");
        let pending = "select cast(sum(pending) as bigint) from ledger";
        assert_eq!(number(rig.county(), pending).await, aside.records);
        let stored = number(rig.county(), "select count(*) from process_history").await;
        assert_eq!(stored + aside.records, 40, "its neighbours go on");
        assert!(
            stored > 0 && aside.records > 0,
            "two partitions have some each"
        );
        assert!(!well(&rig, "quarantine").await);
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_of_two_partitions_in_one_envelope_are_all_kept() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        let first = many("K", 40);
        let mut second = first.clone();
        for one in &mut second {
            one.content = "another".to_owned();
        }
        for (name, all) in [("1.xml", &first), ("2.xml", &second)] {
            rig.drop_file(NODE, name, document_of(all).as_bytes());
            rig.expect(all);
            rig.exhaust(NODE).await;
            rig.settle().await;
        }
        let (side, receipt) = rig.receipt(NODE, "2.xml");
        assert_eq!((side, receipt.counts.rejected), ("bad", 40));
        let found =
            "select count(*), cast(count(distinct ord) as bigint) from finding where code = 'X314'";
        let found = rows(rig.county(), found).await;
        assert_eq!((found[0].int(0), found[0].int(1)), (40, 40));
        rig.end().await;
    })
    .await;
}

/// The bundles that wait, each where its cases belong.
async fn divided(store: &Store, partitions: u32) -> usize {
    let mut records = 0;
    let text = "select payload, part_of, records from inbox";
    for row in store.rows_of("story", text, Vec::new()).await.unwrap() {
        let bundle = Bundle::parse(row.bytes(0)).unwrap();
        assert_eq!(bundle.records.len() as u64, row.count(2));
        for record in &bundle.records {
            let own = partition_of(&record.head.space, &record.head.case_no, partitions);
            assert_eq!(i64::from(own), row.int(1));
        }
        records += bundle.records.len();
    }
    records
}

async fn open(place: &Place, rig: &Rig) -> Store {
    match place.database("county", &rig.folder().join("county")) {
        Database::Sqlite(file) => Store::open_sqlite(&file).await.unwrap(),
        Database::Postgres { url, schema } => Store::open_postgres(&url, &schema).await.unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_of_partitions_divides_what_waits() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place.clone()).await;
        rig.machine(NODE).await;
        rig.county().bus.close().await;
        let all = many("D", 60);
        for (n, some) in all.chunks(20).enumerate() {
            rig.drop_file(NODE, &format!("{n}.xml"), document_of(some).as_bytes());
        }
        rig.expect(&all);
        rig.exhaust(NODE).await;
        rig.die();
        let store = open(&place, &rig).await;
        for partitions in [5, 1, 2] {
            repartition(&store, partitions).await.unwrap();
            assert_eq!(divided(&store, partitions).await, 60);
        }
        store.close().await;
        rig.restart().await;
        rig.end().await;
    })
    .await;
}

/// A second hub on the county's database.
async fn second(rig: &Rig, partitions: u32) -> Result<Hub, String> {
    let options = Options {
        name: rig.county().name.clone(),
        database: rig.place.database("county", &rig.folder().join("county")),
        bus: BusKind::Memory,
        partitions,
        profile: Profile::shipped("huating").unwrap(),
        calendar: Calendar::cn().unwrap(),
        zone: CHINA,
        spool: rig.folder().join("second"),
        forwards: true,
        issues_cards: true,
        sealed: Sealed::new([1; 32]),
        registry: Arc::new(Registry::with([]).unwrap()),
        intake: Intake::default(),
        reception: None,
    };
    let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&rig.clock);
    Hub::start(options, clock).await.map_err(|e| e.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_hub_with_another_number_of_partitions_does_not_start() {
    let Some(servers) = production() else { return };
    let mut rig = Rig::start(Place::Production(servers)).await;
    let refused = second(&rig, 3).await.err().unwrap();
    assert!(
        refused.contains("2 partitions") && refused.contains('3'),
        "{refused}"
    );
    let same = second(&rig, 2).await.unwrap();
    same.stop().await;
    rig.world.take().unwrap().stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_one_live_row_at_most() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        rig.drop_file(NODE, "1.xml", document_of(&many("L", 1)).as_bytes());
        rig.exhaust(NODE).await;
        rig.settle().await;
        let columns: Vec<String> = tongcha_schema::ddl::columns(ElementId::Process)
            .iter()
            .map(|c| c.quoted())
            .collect();
        let columns = columns.join(", ");
        let twice = columns.replace("\"version\"", "version + 1");
        let text = format!("insert into el_process ({columns}) select {twice} from el_process");
        let mut tx = rig.county().store.begin().await.unwrap();
        let refused = tx.run_text("story", &text, Vec::new()).await.unwrap_err();
        assert!(refused.is_unique(), "{refused}");
        drop(tx);
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}

/// The servers, with the broker behind a door.
fn behind(servers: &Production, proxy: &Proxy) -> Production {
    let (login, _) = servers.bus_url.rsplit_once('@').unwrap();
    Production {
        bus_url: format!("{login}@127.0.0.1:{}/", proxy.port),
        ..servers.clone()
    }
}

fn items(name: &str) -> String {
    format!(
        "department,main_item,item_name,area_code,item_code,task_type,dept_code\n\
         示例县卫健局,许可,{name},431321000000,511A00001001,1,12441500196720244t\n"
    )
}

/// The versions of the item, as (version, name, state).
async fn versions(core: &Core) -> Vec<(i64, String, String)> {
    let text = "select version, item_name, row_state from item_history order by version";
    let found = rows(core, text).await;
    let one =
        |r: &tongcha_hub::store::row::Row| (r.int(0), r.text(1).to_owned(), r.text(2).to_owned());
    found.iter().map(one).collect()
}

/// A hub starts without its broker, answers meanwhile, and goes on when it comes and when it comes back; what the
/// hub numbers by arrival is numbered in the order of arrival, at county and province.
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_comes_late_and_goes_changes_no_order() {
    let Some(servers) = production() else { return };
    let address = servers.bus_url.rsplit_once('@').unwrap().1;
    let address = address.split('/').next().unwrap().parse().unwrap();
    let mut proxy = Proxy::shut(address).await;
    let mut rig = Rig::start(Place::Production(behind(&servers, &proxy))).await;
    rig.machine(NODE).await;
    let mut wanted = Vec::new();
    for round in 0..3 {
        for name in ["甲", "乙", "丙"] {
            let name = format!("许可{round}{name}");
            rig.drop_file(NODE, &format!("{name}.csv"), items(&name).as_bytes());
            rig.exhaust(NODE).await;
            wanted.push(name);
        }
        // The first time it comes late, the second time it is there, the third time it comes back.
        if round != 1 {
            proxy.open().await;
        }
        let drained = rig.world().county.hub.drain();
        let drained = tokio::time::timeout(std::time::Duration::from_secs(150), drained).await;
        drained.unwrap().unwrap();
        if round == 1 {
            proxy.close().await;
        }
    }
    rig.settle().await;
    let last = wanted.len() - 1;
    let wanted: Vec<_> = (1..)
        .zip(wanted.into_iter().enumerate())
        .map(|(version, (at, name))| {
            let state = if at == last { "live" } else { "superseded" };
            (version, name, state.to_owned())
        })
        .collect();
    assert_eq!(versions(rig.county()).await, wanted);
    assert_eq!(versions(rig.province()).await, wanted);
    rig.world.take().unwrap().stop().await.unwrap();
}

/// Everything is tried while the disk is full, and nothing of it is believed afterwards.
async fn through_a_full_disk(rig: &mut Rig) {
    rig.machine(NODE).await;
    let before = many("B", 20);
    rig.drop_file(NODE, "before.xml", document_of(&before).as_bytes());
    rig.expect(&before);
    rig.exhaust(NODE).await;
    rig.settle().await;
    let during = many("F", 1_200);
    for (n, some) in during.chunks(300).enumerate() {
        rig.drop_file(
            NODE,
            &format!("during-{n}.xml"),
            document_of(some).as_bytes(),
        );
    }
    rig.expect(&during);
    rig.disk.as_ref().unwrap().fill();
    let mut faults = 0;
    for _ in 0..6 {
        let steps = [rig.step(NODE).await, rig.world().forward.step().await];
        let ill = |s: &Result<_, _>| match s {
            Ok(tongcha_adapters::agent::StepReport { faults, .. }) => !faults.is_empty(),
            Err(_) => true,
        };
        faults += steps.iter().filter(|s| ill(s)).count();
        rig.clock.advance(Duration::minutes(6));
        // Whatever it says: the store may not take it.
        let _ = schedule::sweep(rig.county()).await;
    }
    let waits = inbox::waiting(rig.county()).await.unwrap().0;
    assert!(faults > 0 || waits > 0, "the disk was full");
    rig.disk.as_ref().unwrap().clear();
    rig.clock.advance(Duration::minutes(6));
    schedule::sweep(rig.county()).await.unwrap();
    while rig.waiting(NODE).await > 0 || rig.exchange(NODE).join("during-3.xml").exists() {
        rig.step(NODE).await.unwrap();
        rig.clock.advance(Duration::minutes(6));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_of_the_embedded_hub_is_got_over() {
    let mut rig = Rig::start_on_a_disk(Place::Embedded, "county", 24).await;
    through_a_full_disk(&mut rig).await;
    finish(rig, 1_220).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_of_the_outboxes_is_got_over() {
    let mut rig = Rig::start_on_a_disk(Place::Embedded, "outbox", 24).await;
    through_a_full_disk(&mut rig).await;
    finish(rig, 1_220).await;
}

/// Every record is at county and province, once.
async fn finish(mut rig: Rig, records: u64) {
    rig.settle().await;
    rig.settle().await;
    for core in [rig.county(), rig.province()] {
        let live = "select count(*) from process_history where row_state = 'live'";
        assert_eq!(number(core, live).await, records, "{}", core.name);
        assert_eq!(inbox::waiting(core).await.unwrap(), (0, 0));
    }
    rig.world.take().unwrap().stop().await.unwrap();
}

fn psql(text: &str) {
    let admin = std::env::var("TONGCHA_PG_ADMIN_URL").unwrap();
    let done = Command::new("psql")
        .args([
            "--quiet",
            "--set",
            "ON_ERROR_STOP=1",
            "--command",
            text,
            &admin,
        ])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{text}: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_of_postgresql_is_got_over() {
    let Some(mut servers) = production() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut disk = Disk::mount(&folder.path().join("space"), 24);
    disk.serves = true;
    let space = disk.at().join("tables");
    std::fs::create_dir(&space).unwrap();
    // The server's own user keeps its tables there.
    for (mode, path) in [("755", folder.path()), ("777", disk.at()), ("700", &space)] {
        let done = Command::new("chmod").arg(mode).arg(path).status().unwrap();
        assert!(done.success());
    }
    let done = Command::new("chown")
        .arg("postgres")
        .arg(&space)
        .status()
        .unwrap();
    assert!(done.success());
    let name = format!("full_{}", servers.tag);
    let at = space.display();
    psql(&format!("create tablespace {name} location '{at}'"));
    psql(&format!("grant create on tablespace {name} to tongcha"));
    let more = format!("options=-c%20default_tablespace%3D{name}");
    let sign = if servers.database_url.contains('?') {
        '&'
    } else {
        '?'
    };
    servers.database_url = format!("{}{sign}{more}", servers.database_url);
    let mut rig = Rig::start(Place::Production(servers)).await;
    rig.disk = Some(disk);
    through_a_full_disk(&mut rig).await;
    let disk = rig.disk.take();
    finish(rig, 1_220).await;
    psql(&format!("drop tablespace {name}"));
    drop(disk);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_a_wrong_clock_wrote_binds_nobody() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        let now = rig.clock.now();
        rig.clock.set(now + Duration::days(1));
        assert!(lease(rig.county(), "look", "dead").await.unwrap());
        rig.clock.set(now);
        assert!(lease(rig.county(), "look", "next").await.unwrap());
        assert!(!lease(rig.county(), "look", "other").await.unwrap());
        // Whoever lost the lease while it worked writes nothing.
        rig.machine(NODE).await;
        rig.drop_file(NODE, "1.xml", document_of(&many("W", 3)).as_bytes());
        rig.exhaust(NODE).await;
        rig.world().county.hub.drain().await.unwrap();
        // Ingest has judged them; something else changes, so that a look has its work.
        write(rig.county(), "update cases set facts_rev = facts_rev + 1").await;
        let (core, clock) = (Arc::clone(rig.county()), Arc::clone(&rig.clock));
        let stale = async {
            clock.advance(Duration::minutes(2));
            assert!(lease(&core, "look", "other").await.unwrap());
            watch::look(&core)
                .await
                .map(|_| ())
                .map_err(|e| e.to_string())
        };
        let refused = under(&core, "look", "next", stale).await.unwrap_err();
        assert!(refused.contains("lost"), "{refused}");
        let judged = "select count(*) from cases where judged_rev = facts_rev";
        assert_eq!(number(&core, judged).await, 0);
        let own = async {
            watch::look(&core)
                .await
                .map(|_| ())
                .map_err(|e| e.to_string())
        };
        under(&core, "look", "other", own).await.unwrap();
        assert_eq!(number(&core, judged).await, 3);
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}
