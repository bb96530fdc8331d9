//! A front-end machine gets to know its hub: code, key made on the machine, approval by fingerprint; then
//! what a key that lapsed, was revoked, or has a wrong clock is told.

use super::door::{head, post};
use super::paper::{ORGAN, arrival, document_of, opening};
use super::place::everywhere;
use super::rig::{Rig, number, rows};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use time::Duration;
use tongcha::world::COUNTY;
use tongcha_adapters::clock::SystemClock;
use tongcha_adapters::package::whole_frame;
use tongcha_adapters::sources::archive::{ArchiveLimits, unpack};
use tongcha_hub::alarm;
use tongcha_hub::demands::Demands;
use tongcha_hub::enrol::{EnrolError, Invitation, approve, invite, list, revoke, withdraw};
use tongcha_hub::exchange::{Database, NodeEntry};
use tongcha_schema::clock::Clock as _;
use tongcha_schema::element::ElementId;
use tongcha_schema::receipt::Verdict;
use tongcha_schema::seal::NodeKey;
use tongcha_schema::stamp;

const NODE: &str = "431321/new";

fn configure(folder: &Path, url: &str) -> PathBuf {
    std::fs::create_dir_all(folder.join("drop")).unwrap();
    let config = folder.join("agent.toml");
    let text = format!(
        "[node]\nname = \"{NODE}\"\norg = \"{ORGAN}\"\nkey_file = \"node.key\"\n\
         [hub]\nname = \"{COUNTY}\"\nurl = \"{url}\"\n\
         [outbox]\nfile = \"outbox.db\"\nseal_file = \"seal.key\"\n\
         [[source]]\nname = \"files\"\nkind = \"xml_dir\"\ndir = \"drop\"\nquiet_seconds = 0\n"
    );
    std::fs::write(&config, text).unwrap();
    config
}

async fn enrol(config: &Path, code: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tongcha"));
    command
        .args(["enrol", "--code", code, "--config"])
        .arg(config);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    output.await.unwrap()
}

/// The states of all nodes.
async fn states(rig: &Rig) -> Vec<(String, &'static str)> {
    let lines = list(&rig.county().store, rig.clock.now()).await.unwrap();
    lines.into_iter().map(|l| (l.name, l.state)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_enrols_is_approved_and_is_revoked() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.clock.set(SystemClock.now());
        let folder = rig.folder().join("desk");
        let config = configure(&folder, &rig.world().county.url());
        let store = rig.county().store.clone();
        let who = Invitation {
            node: NODE,
            is_hub: false,
            organ_code: ORGAN,
            organ_name: "水利局",
            demands: Demands::default(),
        };
        let code = tongcha_schema::enrol::code(&[9; 32]);
        invite(&store, &who, &code, rig.clock.now()).await.unwrap();
        // Invited once more, as by a second pack: the first code works all the same.
        let second = tongcha_schema::enrol::code(&[7; 32]);
        invite(&store, &who, &second, rig.clock.now())
            .await
            .unwrap();
        let of_new =
            |all: Vec<(String, &'static str)>| all.into_iter().find(|n| n.0 == NODE).map(|n| n.1);
        assert_eq!(of_new(states(&rig).await), Some("invited"));

        // A wrong code is refused with its next step; the key stays for the next try.
        let refused = enrol(&config, "00000-00000-00000-00000").await;
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(
            !refused.status.success() && told.contains("[X121]"),
            "{told}"
        );
        let done = enrol(&config, &code.to_lowercase()).await;
        let told = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{told} {:?}", done.stderr);
        let key = std::fs::read_to_string(folder.join("node.key")).unwrap();
        let key = NodeKey::parse(&key).unwrap();
        let fingerprint = tongcha_schema::seal::fingerprint(&key.public());
        assert!(told.contains(&fingerprint), "{told}");
        assert_eq!(of_new(states(&rig).await), Some("pending"));
        let third = tongcha_schema::enrol::code(&[5; 32]);
        let waits = invite(&store, &who, &third, rig.clock.now()).await;
        assert!(
            matches!(waits, Err(EnrolError::Waits(_))),
            "no key is thrown away"
        );
        // The answer was lost: the same key again. Another key with the same code is refused.
        assert!(enrol(&config, &code).await.status.success());
        std::fs::rename(folder.join("node.key"), folder.join("kept.key")).unwrap();
        assert!(!enrol(&config, &code).await.status.success(), "used once");
        std::fs::rename(folder.join("kept.key"), folder.join("node.key")).unwrap();

        // Nothing passes before the approval, which compares the fingerprint.
        let one = arrival(NODE, "n-1", ElementId::CaseBase, (1, 1), "a");
        let item = document_of(std::slice::from_ref(&one)).into_bytes();
        let clock = std::sync::Arc::clone(&rig.clock);
        let frame = |sequence: u64, ahead: Duration| {
            let mut head = head(NODE, sequence, &item);
            head.sent_at = stamp::canonical(clock.now() + ahead);
            whole_frame(&key, &head, &[&item]).unwrap()
        };
        let code_of = |answer: &(u16, tongcha_schema::receipt::Receipt)| {
            let first = answer.1.findings.first();
            (
                answer.0,
                first.map(|f| f.code.to_string()).unwrap_or_default(),
            )
        };
        let answer = post(&rig, frame(1, Duration::ZERO)).await;
        assert_eq!(code_of(&answer), (401, "X148".to_owned()));
        let alarms = alarm::standing(&store, rig.clock.now()).await.unwrap();
        let codes: Vec<String> = alarms.iter().map(|a| a.code.to_string()).collect();
        assert_eq!(codes, ["X121"], "who waits for approval is no alarm");
        let now = rig.clock.now();
        let wrong = approve(&store, NODE, "0123456789abcdef", None, now).await;
        assert!(matches!(wrong, Err(EnrolError::OtherKey { found }) if found == fingerprint));
        let until = Some(now + Duration::days(365));
        approve(&store, NODE, &fingerprint, until, now)
            .await
            .unwrap();
        let again = approve(&store, NODE, &fingerprint, until, now).await;
        assert!(matches!(again, Err(EnrolError::Nobody(_))));
        assert_eq!(of_new(states(&rig).await), Some("active"));
        let (code_left, told) = super::doctor::ask(&config).await;
        assert_eq!(code_left, Some(0), "{told:?}");
        assert!(
            !enrol(&config, &code).await.status.success(),
            "the code is used up"
        );
        assert!(
            !enrol(&config, &second).await.status.success(),
            "so is the other"
        );
        // An invitation that is taken back.
        let who = Invitation {
            node: "431321/mistaken",
            ..who
        };
        invite(&store, &who, &third, rig.clock.now()).await.unwrap();
        withdraw(&store, who.node).await.unwrap();
        assert!(states(&rig).await.iter().all(|(name, _)| name != who.node));
        let again = withdraw(&store, who.node).await;
        assert!(matches!(again, Err(EnrolError::Nobody(_))));

        // A clock that is ahead is told; then it passes.
        let answer = post(&rig, frame(1, Duration::hours(1))).await;
        assert_eq!(code_of(&answer), (400, "X114".to_owned()));
        let (status, receipt) = post(&rig, frame(1, Duration::minutes(4))).await;
        assert_eq!((status, receipt.verdict), (200, Verdict::Accepted));
        // After its year the key is refused, and a revoked one at once, also for receipts.
        rig.clock.advance(Duration::days(366));
        assert_eq!(of_new(states(&rig).await), Some("expired"));
        let late = post(&rig, frame(2, Duration::ZERO)).await;
        assert_eq!(code_of(&late), (401, "X112".to_owned()));
        rig.clock.set(SystemClock.now());
        revoke(&store, NODE, rig.clock.now()).await.unwrap();
        let late = post(&rig, frame(2, Duration::ZERO)).await;
        assert_eq!(code_of(&late), (401, "X113".to_owned()));
        let (_, told) = super::doctor::ask(&config).await;
        assert!(!told["registration"].0, "{told:?}");
        assert_eq!(of_new(states(&rig).await), Some("revoked"));
        // Registered again from the configuration, the revoked key stays revoked.
        let entry = NodeEntry {
            name: NODE.to_owned(),
            public_key: tongcha_schema::seal::public_text(&key.public()),
            ..NodeEntry::default()
        };
        rig.world().county.hub.register(&entry).await.unwrap();
        assert_eq!(of_new(states(&rig).await), Some("revoked"));
        let turned = rows(rig.county(), "select code from turned_away").await;
        let turned: Vec<&str> = turned.iter().map(|r| r.text(0)).collect();
        assert_eq!(turned.len(), 9, "{turned:?}");
        assert_eq!(
            number(rig.county(), "select count(*) from envelope").await,
            1
        );
        rig.world().settle().await.unwrap();
        assert_eq!(
            number(rig.county(), "select count(*) from el_case_base").await,
            1
        );
    })
    .await;
}

/// The commands of an administrator, as they are typed: a pack, unpacked by the department, enrols.
#[tokio::test(flavor = "multi_thread")]
async fn a_pack_is_all_that_a_department_needs() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.clock.set(SystemClock.now());
        let folder = rig.folder().join("office");
        std::fs::create_dir_all(&folder).unwrap();
        let Database::Postgres { url, schema } = rig.place.database("county", &folder) else {
            return;
        };
        for (name, text) in [
            ("db.url", url),
            ("bus.url", "amqp://x:x@127.0.0.1:9/x".to_owned()),
            ("seal.key", format!("{}=", "A".repeat(43))),
            ("open.key", opening()[1].to_pem()),
        ] {
            super::doctor::close(&folder.join(name), &text);
        }
        let config = folder.join("hub.toml");
        let text = format!(
            "[hub]\nname = \"{COUNTY}\"\nspool = \"spool\"\nseal_file = \"seal.key\"\n\
             opening_key_file = \"open.key\"\n[database]\nurl_file = \"db.url\"\nschema = \"{schema}\"\n[bus]\nurl_file = \"bus.url\"\n"
        );
        std::fs::write(&config, text).unwrap();
        let node = async |args: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_tongcha"));
            command.args(["node", "--config"]).arg(&config).args(args);
            let output = tokio::task::spawn_blocking(move || command.output().unwrap());
            let output = output.await.unwrap();
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{told}");
            String::from_utf8(output.stdout).unwrap()
        };
        let county = rig.world().county.url();
        let pack = folder.join("pack.zip");
        let out = pack.to_str().unwrap();
        let ca = folder.join("ca.pem");
        std::fs::write(&ca, "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n").unwrap();
        let url = ["--url", county.as_str(), "--ca", ca.to_str().unwrap(), "--out", out];
        let who = ["pack", "431321/slj", "--org", ORGAN, "--org-name", "水利局 <甲>"];
        // An organ's code is checked before anybody is invited.
        let mut command = Command::new(env!("CARGO_BIN_EXE_tongcha"));
        command.args(["node", "--config"]).arg(&config);
        command.args(["invite", "431321/slj", "--org", "11431321009000015M"]);
        let refused = tokio::task::spawn_blocking(move || command.output().unwrap());
        let refused = refused.await.unwrap();
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && told.contains("11431321009000015M"), "{told}");
        let must = ["--suite", "sm2", "--encrypted"];
        node(&[&who[..], &must[..], &url[..]].concat()).await;
        // Packed again, for whatever reason: the first pack goes on working.
        let other = folder.join("again.zip");
        let again = ["--url", county.as_str(), "--out", other.to_str().unwrap()];
        node(&[&who[..], &must[..], &again[..]].concat()).await;
        node(&["invite", "431321/mistaken"]).await;
        node(&["withdraw", "431321/mistaken"]).await;
        assert!(!node(&["list"]).await.contains("mistaken"));

        let desk = rig.folder().join("desk");
        let entries = unpack("pack.zip", &pack, &desk, ArchiveLimits::default()).unwrap().entries;
        let read = |name: &str| {
            let entry = entries.iter().find(|e| e.name == name);
            std::fs::read_to_string(&entry.unwrap().path).unwrap()
        };
        let guide = read("接入说明.html");
        assert!(!guide.contains("{{") && guide.contains("水利局 &lt;甲&gt;"), "{guide}");
        let (_, code) = guide.split_once("<code class=\"code\">").unwrap();
        let code = code.split('<').next().unwrap();
        std::fs::create_dir(desk.join("exchange")).unwrap();
        let agent = desk.join("agent.toml");
        // The authority stands beside the configuration that names it; this story speaks plain HTTP.
        assert!(read("ca.pem").contains("BEGIN CERTIFICATE"));
        let named = "ca_file = \"ca.pem\"";
        assert!(read("agent.toml").contains(named));
        std::fs::write(&agent, read("agent.toml").replace(named, "")).unwrap();
        for (sample, good) in [("samples/good.xml", true), ("samples/bad.xml", false)] {
            let file = desk.join(sample.replace('/', "-"));
            std::fs::write(&file, read(sample)).unwrap();
            let mut check = Command::new(env!("CARGO_BIN_EXE_tongcha"));
            let done = check.arg("check").arg(&file).output().unwrap();
            assert_eq!(done.status.success(), good, "{sample}");
        }
        // A department that must use the national suite, and does not read to the end of the line.
        assert!(guide.contains(&format!("--code {code} --suite sm2")), "{guide}");
        let refused = enrol(&agent, code).await;
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && told.contains("[X118]"), "{told}");
        std::fs::remove_file(desk.join("node.key")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tongcha"));
        command.args(["enrol", "--suite", "sm2", "--code", code, "--config"]);
        command.arg(&agent);
        let done = tokio::task::spawn_blocking(move || command.output().unwrap());
        let done = done.await.unwrap();
        let told = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{told}");
        let listed = node(&["list"]).await;
        let line = listed.lines().find(|l| l.contains("pending")).unwrap();
        let fingerprint = line.split_whitespace().nth(3).unwrap();
        assert!(told.contains(fingerprint), "{line}");
        let approve = ["approve", "431321/slj", fingerprint, "--until", "2099-12-31"];
        node(&approve).await;
        let (code_left, told) = super::doctor::ask(&agent).await;
        assert_eq!(code_left, Some(0), "{told:?}");
        // What it signs with SM2 is taken, and its receipts come back; it is encrypted, or it were refused.
        let one = arrival("431321/slj", "sm-1", ElementId::CaseBase, (1, 1), "a");
        let file = desk.join("history.xml");
        std::fs::write(&file, document_of(std::slice::from_ref(&one))).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tongcha"));
        command.args(["import", "--config"]).arg(&agent).arg(&file);
        let done = tokio::task::spawn_blocking(move || command.output().unwrap());
        let done = done.await.unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(number(rig.county(), "select count(*) from el_case_base").await, 1);
        // The office hears of the try with the other suite.
        let mut command = Command::new(env!("CARGO_BIN_EXE_tongcha"));
        command.args(["doctor", "--lang", "en", "--config"]).arg(&config);
        let done = tokio::task::spawn_blocking(move || command.output().unwrap());
        let done = done.await.unwrap();
        let told = String::from_utf8_lossy(&done.stdout).into_owned();
        assert_eq!(done.status.code(), Some(1), "{told}");
        assert!(told.contains("alarms of the door  431321/slj X118 another suite: 1"), "{told}");
        node(&["revoke", "431321/slj"]).await;
        assert!(node(&["list"]).await.contains("revoked"));
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}
