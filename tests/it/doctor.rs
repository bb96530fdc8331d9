//! `tongcha doctor` as a technician types it: a front-end machine before and after its registration, with
//! sources that are well and one that is not; a hub on its servers.

use super::paper::{ORGAN, arrival, document_of};
use super::place::everywhere;
use super::rig::{Rig, number};
use serde_json::Value;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use tongcha::world::{COUNTY, Place};
use tongcha_hub::exchange::NodeEntry;
use tongcha_schema::element::ElementId;
use tongcha_schema::seal::{NodeKey, public_text};

const NODE: &str = "431321/sick";

/// Writes a file that only its owner reads.
pub fn close(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// What the doctor says: exit code, and by what was looked at whether it is well and what to do.
pub async fn ask(config: &Path) -> (Option<i32>, BTreeMap<String, (bool, String)>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tongcha"));
    command.args(["doctor", "--json", "--config"]).arg(config);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let told = told.lines().map(|line| {
        let one: Value = serde_json::from_str(line).unwrap();
        for key in ["what", "found"] {
            assert!(!one[key][0].as_str().unwrap().is_empty(), "{one}");
        }
        let next = one["next"][1].as_str().unwrap().to_owned();
        assert_eq!(one["well"].as_bool().unwrap(), next.is_empty(), "{one}");
        let what = one["what"][1].as_str().unwrap().to_owned();
        (what, (next.is_empty(), next))
    });
    (output.status.code(), told.collect())
}

fn agent_config(folder: &Path, url: &str, more: &str) -> std::path::PathBuf {
    close(
        &folder.join("node.key"),
        &NodeKey::from_bytes(&[8; 32]).to_pem(),
    );
    close(&folder.join("seal.key"), &format!("{}=\n", "A".repeat(43)));
    let config = folder.join("agent.toml");
    let text = format!(
        "[node]\nname = \"{NODE}\"\norg = \"{ORGAN}\"\nkey_file = \"node.key\"\n\
         [hub]\nname = \"{COUNTY}\"\nurl = \"{url}\"\n\
         [outbox]\nfile = \"outbox.db\"\nseal_file = \"seal.key\"\n\
         [[source]]\nname = \"files\"\nkind = \"xml_dir\"\ndir = \"drop\"\nquiet_seconds = 0\n{more}"
    );
    std::fs::write(&config, text).unwrap();
    config
}

/// Runs the agent once; gives its exit code and what it said.
async fn once(config: &Path) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tongcha"));
    command.args(["agent", "--once", "--config"]).arg(config);
    let done = tokio::task::spawn_blocking(move || command.output().unwrap());
    let done = done.await.unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    (done.status.code(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_what_keeps_a_machine_from_running() {
    let mut rig = Rig::start(Place::Embedded).await;
    let folder = rig.folder().join("desk");
    std::fs::create_dir_all(folder.join("drop")).unwrap();
    let url = rig.world().county.url();
    let table = "[[source]]\nname = \"rows\"\nkind = \"db_table\"\ndatabase = \"sqlite\"\n\
        file = \"nowhere.db\"\ntable = \"t\"\nwatermark = \"m\"\n";
    let config = agent_config(&folder, &url, table);
    // The clocks of machine and hub are months apart: that is said, before anything about the key.
    let (_, told) = ask(&config).await;
    assert!(told["registration"].1.contains("NTP"), "{told:?}");
    rig.clock.set(tongcha_schema::clock::Clock::now(
        &tongcha_adapters::clock::SystemClock,
    ));
    let (code, told) = ask(&config).await;
    assert_eq!(code, Some(1));
    let ill: Vec<&str> = told
        .iter()
        .filter(|t| !t.1.0)
        .map(|t| t.0.as_str())
        .collect();
    assert_eq!(ill, ["registration", "source rows"], "{told:?}");
    let key = public_text(&NodeKey::from_bytes(&[8; 32]).public());
    assert!(told["registration"].1.contains(&key), "{told:?}");

    let entry = NodeEntry {
        name: NODE.to_owned(),
        public_key: key,
        ..NodeEntry::default()
    };
    rig.world().county.hub.register(&entry).await.unwrap();
    let config = agent_config(&folder, &url, "");
    let (code, told) = ask(&config).await;
    assert_eq!((code, told.len()), (Some(0), 6), "{told:?}");

    // A machine that runs by the clock: it does what there is to do, and ends.
    let one = arrival(NODE, "once", ElementId::CaseBase, (1, 1), "a");
    let text = document_of(std::slice::from_ref(&one));
    let dropped = std::fs::File::create(folder.join("drop/a.xml")).unwrap();
    std::io::Write::write_all(&mut &dropped, text.as_bytes()).unwrap();
    let minute_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(60);
    dropped.set_modified(minute_ago).unwrap();
    let (code, said) = once(&config).await;
    let taken = folder.join("drop/done/a.xml.receipt.json").is_file();
    assert!(
        code == Some(0) && !taken,
        "it is still open for writing: {said}"
    );
    drop(dropped);
    let (code, said) = once(&config).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(
        folder.join("drop/done/a.xml.receipt.json").is_file(),
        "{said}"
    );
    let (code, told) = ask(&config).await;
    assert_eq!((code, told.len()), (Some(0), 7), "{told:?}");
    // A refusal is a failure of that run, and the doctor counts it.
    std::fs::write(folder.join("drop/bad.xml"), "<!DOCTYPE a []><a/>").unwrap();
    let (code, said) = once(&config).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("refused") && folder.join("drop/bad/bad.xml").is_file(),
        "{said}"
    );
    let (code, told) = ask(&config).await;
    let sent = &told["what source files sent"];
    assert_eq!((code, sent.0), (Some(1), false), "{told:?}");

    let heard = format!("select count(*) from node where name = '{NODE}' and heard_ms > 0");
    assert_eq!(number(rig.county(), &heard).await, 1, "it told how it is");

    let config = agent_config(&folder, "http://127.0.0.1:9", "");
    let (code, told) = ask(&config).await;
    assert_eq!((code, told["hub"].0), (Some(1), false), "{told:?}");
    rig.world.take().unwrap().stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_sees_the_servers_of_a_hub() {
    everywhere(|place| async move {
        let folder = tempfile::tempdir().unwrap();
        let (database, bus) = match &place {
            Place::Production(p) => (p.database_url.clone(), p.bus_url.clone()),
            // Nobody listens there.
            Place::Embedded => (
                "postgres://nobody@127.0.0.1:9/none".to_owned(),
                "amqp://nobody:x@127.0.0.1:9/none".to_owned(),
            ),
        };
        for (name, text) in [
            ("db.url", database),
            ("bus.url", bus),
            ("seal.key", format!("{}=", "A".repeat(43))),
        ] {
            close(&folder.path().join(name), &text);
        }
        let config = folder.path().join("hub.toml");
        let text = "[hub]\nname = \"431321/hub\"\nspool = \"spool\"\nseal_file = \"seal.key\"\n\
            [database]\nurl_file = \"db.url\"\n[bus]\nurl_file = \"bus.url\"\n";
        std::fs::write(&config, text).unwrap();
        let (code, told) = ask(&config).await;
        let runs = matches!(place, Place::Production(_));
        assert_eq!(
            (told["database"].0, told["bus"].0),
            (runs, runs),
            "{told:?}"
        );
        assert!(told["spool"].0, "{told:?}");
        let all = told.values().all(|t| t.0);
        assert_eq!(code, Some(i32::from(!all)));
    })
    .await;
}
