//! A full disk under a running agent: it says so, takes nothing back that it promised, and goes on by itself once
//! there is room. The disk is a small one in memory, in a name space of the process's own (`unshare`), so that the
//! story needs no rights.

use super::doctor::close;
use super::paper::{ORGAN, arrival, document_of};
use super::rig::Rig;
use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tongcha::world::{COUNTY, Place};
use tongcha_hub::exchange::NodeEntry;
use tongcha_schema::element::ElementId;
use tongcha_schema::seal::{NodeKey, public_text};

const NODE: &str = "431321/full";

/// A running agent; it ends with the test.
struct Running {
    child: Child,
    status: String,
    client: reqwest::Client,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(folder: &Path, url: &str) -> Running {
        close(
            &folder.join("node.key"),
            &NodeKey::from_bytes(&[8; 32]).to_pem(),
        );
        close(&folder.join("seal.key"), &format!("{}=\n", "A".repeat(43)));
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let status = free.local_addr().unwrap();
        drop(free);
        let text = format!(
            "pause_seconds = 1\n[node]\nname = \"{NODE}\"\norg = \"{ORGAN}\"\nkey_file = \"node.key\"\n\
             [hub]\nname = \"{COUNTY}\"\nurl = \"{url}\"\n[status]\nlisten = \"{status}\"\n\
             [outbox]\nfile = \"state/outbox.db\"\nseal_file = \"seal.key\"\n\
             [[source]]\nname = \"files\"\nkind = \"xml_dir\"\ndir = \"drop\"\nquiet_seconds = 0\n"
        );
        std::fs::write(folder.join("agent.toml"), text).unwrap();
        let script =
            "mount -t tmpfs -o size=2m,mode=700 tmpfs \"$1\" && exec \"$2\" agent --config \"$3\"";
        let child = Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c", script, "sh"])
            .arg(folder.join("state"))
            .arg(env!("CARGO_BIN_EXE_tongcha"))
            .arg(folder.join("agent.toml"))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Running {
            child,
            status: format!("http://{status}/status.json"),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// The agent's disk, seen from outside its name space.
    fn disk(&self, folder: &Path) -> PathBuf {
        let inside = folder.join("state");
        let inside = inside.strip_prefix("/").unwrap();
        Path::new("/proc")
            .join(self.child.id().to_string())
            .join("root")
            .join(inside)
    }

    /// What it says of its source once that is so; it must not end meanwhile.
    async fn until(&mut self, so: impl Fn(&Value) -> bool) -> Value {
        loop {
            assert!(
                self.child.try_wait().unwrap().is_none(),
                "the agent has ended"
            );
            let Ok(answer) = self.client.get(&self.status).send().await else {
                tokio::task::yield_now().await;
                continue;
            };
            let body = answer.bytes().await.unwrap_or_default();
            let told = serde_json::from_slice::<Value>(&body).unwrap_or_default();
            if so(&told["sources"][0]) {
                return told["sources"][0].clone();
            }
        }
    }
}

/// A document of half a megabyte that hardly compresses.
fn large(name: &str) -> String {
    use sha2::{Digest, Sha256};
    let one = arrival(NODE, name, ElementId::CaseBase, (1, 1), "a");
    let mut text = document_of(std::slice::from_ref(&one));
    text.push_str("<!--");
    for n in 0..8_000u32 {
        let digest = Sha256::digest([name.as_bytes(), &n.to_be_bytes()].concat());
        text.push_str(&tongcha_schema::digest::hex(&digest));
    }
    text.push_str("-->\n");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_goes_on_by_itself_once_its_disk_has_room_again() {
    let mut rig = Rig::start(Place::Embedded).await;
    rig.clock.set(tongcha_schema::clock::Clock::now(
        &tongcha_adapters::clock::SystemClock,
    ));
    let folder = rig.folder().join("desk");
    for inner in ["drop", "state"] {
        std::fs::create_dir_all(folder.join(inner)).unwrap();
    }
    let entry = NodeEntry {
        name: NODE.to_owned(),
        public_key: public_text(&NodeKey::from_bytes(&[8; 32]).public()),
        ..NodeEntry::default()
    };
    rig.world().county.hub.register(&entry).await.unwrap();
    let url = rig.world().county.url();
    let mut agent = Running::start(&folder, &url);
    agent.until(|source| source["looked_at"].is_string()).await;

    let filler = agent.disk(&folder).join("filler");
    let mut file = std::fs::File::create(&filler).unwrap();
    while file.write_all(&[1; 4_096]).is_ok() {}
    drop(file);
    for name in ["a", "b", "c"] {
        std::fs::write(folder.join(format!("drop/{name}.xml")), large(name)).unwrap();
    }
    let says_full = |source: &Value| source["faults"].to_string().contains("full");
    let told = agent.until(says_full).await;
    assert_eq!(
        (told["state"].as_str(), &told["receipts"]),
        (Some("fault"), &0.into())
    );
    // It fails again and again; all the same nothing stays behind in its connections.
    for _ in 0..3 {
        let at = agent.until(says_full).await["looked_at"].clone();
        agent.until(|source| source["looked_at"] != at).await;
    }

    std::fs::remove_file(&filler).unwrap();
    let told = agent
        .until(|source| source["receipts"].as_u64() >= Some(1) && source["waiting"] == 0)
        .await;
    assert_eq!(told["refused"], 0, "{told}");
    for name in ["a", "b", "c"] {
        let receipt = folder.join(format!("drop/done/{name}.xml.receipt.json"));
        agent.until(|_| receipt.is_file()).await;
    }
    drop(agent);
    rig.world.take().unwrap().stop().await.unwrap();
}
