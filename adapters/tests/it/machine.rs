//! A whole front-end machine from its settings: three sources, one outbox, one line.

use crate::receiver::Receiver;
use crate::{HUB, NODE, ORG, key};
use std::sync::Arc;
use tongcha_adapters::clock::SystemClock;
use tongcha_adapters::machine::Machine;
use tongcha_adapters::reach::HubAddress;
use tongcha_adapters::settings::{PushListen, Settings, SourceSettings};
use tongcha_adapters::sources::db_table::{Database, DbTableConfig};
use tongcha_adapters::sources::http_push::HttpPushConfig;
use tongcha_adapters::sources::xml_dir::XmlDirConfig;
use tongcha_schema::randomness::Seeded;
use tongcha_schema::receipt::{Receipt, Verdict};
use tongcha_schema::seal::Sealed;

const TOKEN: &str = "0123456789abcdef";

pub fn settings(folder: &std::path::Path, url: &str) -> Settings {
    let inbox = folder.join("inbox");
    std::fs::create_dir_all(&inbox).unwrap();
    std::fs::write(inbox.join("a.xml"), b"<a/>").unwrap();
    let mut dir = XmlDirConfig::new("dir", inbox);
    dir.quiet = time::Duration::ZERO;
    let nowhere = Database::Sqlite(folder.join("nowhere.db"));
    let push = PushListen {
        config: HttpPushConfig::new("push", HUB, ORG, TOKEN),
        listen: "127.0.0.1:0".parse().unwrap(),
    };
    Settings {
        node: NODE.into(),
        sender_org: ORG.into(),
        key: key(),
        hub: HUB.into(),
        address: HubAddress {
            url: url.into(),
            ..Default::default()
        },
        most_bytes: 1 << 30,
        hours: None,
        most_per_second: None,
        status: Some("127.0.0.1:0".parse().unwrap()),
        secrecy: None,
        outbox: folder.join("state/outbox.db"),
        seal: Sealed::new([5; 32]),
        keep: time::Duration::days(30),
        most_waiting: 100,
        pause: std::time::Duration::from_millis(5),
        sources: vec![
            SourceSettings::XmlDir(dir),
            SourceSettings::DbTable(DbTableConfig::new("table", nowhere, "t", "wm")),
            SourceSettings::HttpPush(push),
        ],
    }
}

#[tokio::test]
async fn three_sources_share_an_outbox_and_a_broken_one_stops_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let settings = settings(folder.path(), &receiver.url);
    let randomness = Arc::new(Seeded::new(1));
    let mut machine = Machine::open(settings, Arc::new(SystemClock), randomness)
        .await
        .unwrap();
    let answers = machine.probe().await;
    let good: Vec<(&str, bool)> = answers
        .iter()
        .map(|(n, a)| (n.as_str(), a.is_ok()))
        .collect();
    assert_eq!(good, [("dir", true), ("table", false), ("push", true)]);
    let address = machine.addresses()[0];
    let status = machine.status_address().unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let running = tokio::spawn(machine.run(stopped));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{address}/v1/push?name=b.xml&wait=60");
    let answer = client
        .post(url)
        .bearer_auth(TOKEN)
        .body("<b/>")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), reqwest::StatusCode::OK);
    let receipt: Receipt = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(receipt.verdict, Verdict::Accepted);
    receiver.wait_for(2).await;

    // The page of the machine: what was answered, and why one source does not work; to this machine alone.
    let of = |path: &str| client.get(format!("http://{status}{path}"));
    let sources = loop {
        let told = of("/status.json").send().await.unwrap();
        let told: serde_json::Value = serde_json::from_slice(&told.bytes().await.unwrap()).unwrap();
        let sources = told["sources"].as_array().unwrap().clone();
        if sources.iter().filter(|s| s["receipts"] == 1).count() == 2
            && sources.iter().all(|s| s["looked_at"].is_string())
        {
            break sources;
        }
    };
    let states: Vec<_> = sources
        .iter()
        .map(|s| s["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["well", "fault", "well"], "{sources:?}");
    let page = of("/").send().await.unwrap().bytes().await.unwrap();
    let page = String::from_utf8(page.to_vec()).unwrap();
    if let Ok(file) = std::env::var("TONGCHA_STATUS_PAGE") {
        std::fs::write(file, &page).unwrap();
    }
    assert!(page.contains("有问题 fault") && page.contains(NODE));
    let foreign = of("/status.json").header("host", "evil.example");
    assert_eq!(
        foreign.send().await.unwrap().status(),
        reqwest::StatusCode::FORBIDDEN
    );
    stop.send(true).unwrap();
    running.await.unwrap();
    let mut names: Vec<String> = receiver.items().into_iter().map(|i| i.0).collect();
    names.sort();
    assert_eq!(names, ["a.xml", "b.xml"]);
    assert!(
        folder.path().join("inbox/done/a.xml").exists(),
        "a step is ended, not cut"
    );
}
