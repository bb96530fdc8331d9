//! Nodes that send over AMQP, on a real RabbitMQ: a dropped file and its receipts over TLS with a private
//! authority, in the national suite of ciphers; a broker that vouches for each node; a department that cannot
//! stop all; a hub that dies and a line that is cut meanwhile.

use super::door::head;
use super::line::{DESK, Line, answers, key, opened, part, publish, register};
use super::paper::{ORGAN, arrival, document_of, opening};
use super::rig::{Rig, number, rows};
use lapin::BasicProperties;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use sha2::Digest as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;
use tongcha::world::{COUNTY, Place};
use tongcha_adapters::agent::{Agent, AgentConfig};
use tongcha_adapters::amqp::{ASK, AmqpUplink, AmqpUplinkConfig, MOST_PART_BYTES, up};
use tongcha_adapters::clock::SystemClock;
use tongcha_adapters::outbox::Outbox;
use tongcha_adapters::package::whole_frame;
use tongcha_adapters::sources::xml_dir::{XmlDir, XmlDirConfig};
use tongcha_adapters::uplink::{SendFault, Uplink};
use tongcha_schema::clock::Clock;
use tongcha_schema::element::ElementId;
use tongcha_schema::receipt::Receipt;
use tongcha_schema::seal::Sealed;

const ONE: &str = "431321/one";
const OTHER: &str = "431321/other";
/// Of the story of a full queue.
const LARGE: &str = "431321/large";
const SMALL: &str = "431321/small";

async fn uplink(rig: &Rig, address: &str, node: &str) -> AmqpUplink {
    let config = AmqpUplinkConfig {
        url: address.to_owned(),
        node: node.to_owned(),
        key: key(node),
        authority_pem: None,
        patience: Duration::from_secs(2),
    };
    let clock: Arc<dyn Clock> = Arc::clone(&rig.clock) as _;
    AmqpUplink::new(config, clock, None)
}

async fn agent(rig: &Rig, address: &str, node: &str) -> (PathBuf, Agent) {
    let folder = rig.folder().join(node.replace('/', "-"));
    let dir = folder.join("drop");
    std::fs::create_dir_all(&dir).unwrap();
    let clock: Arc<dyn Clock> = Arc::clone(&rig.clock) as _;
    let file = folder.join("outbox.db");
    let outbox = Outbox::open(&file, node, Sealed::new([1; 32]), clock.now());
    let mut source = XmlDirConfig::new("files", &dir);
    source.quiet = time::Duration::ZERO;
    let mut config = AgentConfig::new(COUNTY, ORGAN);
    config.backoff = (time::Duration::ZERO, time::Duration::ZERO);
    config.completion_after = Some(time::Duration::ZERO);
    let agent = Agent::new(
        config,
        Box::new(XmlDir::new(source)),
        Arc::new(uplink(rig, address, node).await),
        outbox.await.unwrap(),
        clock,
    );
    (dir, agent)
}

async fn tongcha(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tongcha"));
    command.args(args);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    output.await.unwrap()
}

/// What a program wrote, for a test that fails.
fn told(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&both).into_owned()
}

/// The configurations of a hub and of a machine whose line is the broker.
fn configure(folder: &Path, line: &Line) -> (PathBuf, PathBuf) {
    std::fs::create_dir_all(folder.join("drop")).unwrap();
    for (name, text) in [
        ("hub.url", line.config.url.clone()),
        ("db.url", "postgres://nobody@127.0.0.1:9/none".to_owned()),
        ("node.key", key(DESK).to_pem()),
        ("seal.key", format!("{}=", "A".repeat(43))),
    ] {
        super::doctor::close(&folder.join(name), &text);
    }
    let hub = folder.join("hub.toml");
    let text = format!(
        "[hub]\nname = \"{COUNTY}\"\nspool = \"spool\"\nseal_file = \"seal.key\"\n\
         [database]\nurl_file = \"db.url\"\n[bus]\nurl_file = \"hub.url\"\n\
         [amqp]\nurl_file = \"hub.url\"\nrabbitmqctl = \"{}\"\n",
        line.ctl
    );
    std::fs::write(&hub, text).unwrap();
    let agent = folder.join("agent.toml");
    let authority = std::env::var("TONGCHA_AMQPS_CA").unwrap();
    let secrecy = opening()[1].recipient().text();
    let text = format!(
        "[node]\nname = \"{DESK}\"\norg = \"{ORGAN}\"\nkey_file = \"node.key\"\n\
         [hub]\nname = \"{COUNTY}\"\namqp_file = \"amqp.url\"\nca_file = \"{authority}\"\n\
         secrecy_key = \"{secrecy}\"\n\
         [outbox]\nfile = \"outbox.db\"\nseal_file = \"seal.key\"\n\
         [[source]]\nname = \"files\"\nkind = \"xml_dir\"\ndir = \"drop\"\nquiet_seconds = 0\n"
    );
    std::fs::write(&agent, text).unwrap();
    (hub, agent)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_file_travels_through_a_broker_and_its_receipt_comes_back() {
    let Some(line) = Line::make() else { return };
    let mut rig = Rig::start_with_reception(Place::Embedded, line.config.clone()).await;
    rig.clock.set(SystemClock.now());
    let folder = rig.folder().join("desk");
    let (hub, config) = configure(&folder, &line);
    let (hub, config) = (hub.to_str().unwrap(), config.to_str().unwrap());
    let address = std::env::var("TONGCHA_AMQPS_ADDRESS").unwrap();
    let url = folder.join("amqp.url");
    let make = [
        "node",
        "amqp",
        DESK,
        "--config",
        hub,
        "--address",
        &address,
        "--out",
    ];
    let make = [&make[..], &[url.to_str().unwrap(), "--apply"]].concat();
    let made = tongcha(&make).await;
    assert!(made.status.success(), "{}", told(&made));
    let password = std::fs::read_to_string(&url).unwrap();
    let password = password
        .split(':')
        .nth(2)
        .unwrap()
        .split('@')
        .next()
        .unwrap();
    assert!(!told(&made).contains(password), "a password is not shown");
    let again = tongcha(&make).await;
    assert!(!again.status.success(), "an address is never overwritten");

    // Before the registration the broker lets the node in, and nobody answers there.
    let (code, found) = super::doctor::ask(Path::new(config)).await;
    assert_eq!(
        (code, found["broker"].0, found["registration"].0),
        (Some(1), true, false)
    );
    register(&mut rig, DESK).await;
    let plain = line.plain(&std::fs::read_to_string(&url).unwrap());
    drop(opened(&plain, DESK).await);
    let (code, found) = super::doctor::ask(Path::new(config)).await;
    assert_eq!(code, Some(0), "{found:?}");

    let one = arrival(DESK, "amqp-1", ElementId::CaseBase, (1, 1), "a");
    let text = document_of(std::slice::from_ref(&one));
    for (name, text) in [("a.xml", text.as_str()), ("b.xml", "<none/>")] {
        std::fs::write(folder.join("drop").join(name), text).unwrap();
    }
    let done = tongcha(&["agent", "--once", "--config", config]).await;
    let well = told(&done);
    let receipt = |name: &str| {
        let file = folder.join("drop").join(name);
        let text = std::fs::read(&file).unwrap_or_else(|_| panic!("{name}: {well}"));
        serde_json::from_slice::<Receipt>(&text).unwrap()
    };
    let heard = format!("select count(*) from node where name = '{DESK}' and heard_ms > 0");
    while number(rig.county(), &heard).await == 0 {}
    let good = receipt("done/a.xml.receipt.json");
    assert!(!good.number.is_empty() && good.counts.received > 0);
    let bad = receipt("bad/b.xml.receipt.json");
    assert_eq!(bad.findings[0].code.to_string(), "X301");
    rig.world().county.hub.drain().await.unwrap();
    for (like, some) in [("like", true), ("not like", false)] {
        let of = format!("select count(*) from envelope where head {like} '%sm2-sm4gcm%'");
        let found = number(rig.county(), &of).await;
        assert_eq!(found > 0, some, "nothing travelled open");
    }

    // The receipt of completion, asked for through the broker; to nobody but the node itself.
    let uplink = uplink(&rig, &plain, DESK).await;
    let whole = uplink.completion(&good.number).await.unwrap().unwrap();
    assert_eq!(whole.counts.stored, good.counts.received);
    assert!(uplink.completion("R0").await.unwrap().is_none());
    drop(uplink);
    rig.world.take().unwrap().stop().await.unwrap();
    line.remove(&[DESK]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_broker_vouches_for_every_node() {
    let Some(line) = Line::make() else { return };
    let mut rig = Rig::start_with_reception(Place::Embedded, line.config.clone()).await;
    let (one, other) = (line.user(ONE), line.user(OTHER));
    for node in [ONE, OTHER] {
        register(&mut rig, node).await;
        drop(opened(&line.config.url, node).await);
    }
    // A node's user reads and writes its own alone; and says of itself who it is, or the broker hangs up.
    let stolen = uplink(&rig, &other, ONE).await.completion("R0").await;
    assert!(
        matches!(&stolen, Err(SendFault::Line { why, .. }) if why.contains("ACCESS_REFUSED")),
        "{stolen:?}"
    );
    let (connection, channel) = opened(&other, OTHER).await;
    let select = ConfirmSelectOptions::default();
    let forging = connection.create_channel().await.unwrap();
    forging.confirm_select(select).await.unwrap();
    let options = BasicPublishOptions::default();
    let exchange = up(OTHER);
    let confirm = forging
        .basic_publish(
            exchange.as_str().into(),
            "".into(),
            options,
            b"",
            part(ONE, "f", 0, true),
        )
        .await
        .unwrap();
    assert!(confirm.await.is_err(), "the broker takes no other's name");

    channel.confirm_select(select).await.unwrap();
    let send = |properties, body: Vec<u8>| {
        let channel = channel.clone();
        async move { publish(&channel, OTHER, properties, &body).await }
    };
    // Of nobody; another node's frame, well signed; too large; no kind; parts without a beginning.
    let item = b"<a/>".to_vec();
    let frame = |node: &str| whole_frame(&key(node), &head(node, 1, &item), &[&item]).unwrap();
    let nobody = BasicProperties::default().with_type(ASK.into());
    send(nobody.with_correlation_id("nobody".into()), Vec::new()).await;
    send(part(OTHER, "stolen", 0, true), frame(ONE)).await;
    let large = vec![0; MOST_PART_BYTES + 1];
    send(part(OTHER, "large", 0, true), large).await;
    let kind = part(OTHER, "kind", 0, true).with_type("rumour".into());
    send(kind, Vec::new()).await;
    for n in 3..6 {
        send(part(OTHER, "stray", n, n == 5), vec![1; 9]).await;
    }
    // A question that nobody signed. A frame that breaks off, and the same from its beginning.
    let ask = part(OTHER, "R1", -1, false).with_type(ASK.into());
    send(ask, Vec::new()).await;
    // What its head says can never be taken.
    let mut never = head(OTHER, 2, &item);
    never.label = "a\0b".to_owned();
    let never = whole_frame(&key(OTHER), &never, &[&item]).unwrap();
    send(part(OTHER, "never", 0, true), never).await;
    let whole = frame(OTHER);
    let (begin, rest) = whole.split_at(40);
    send(part(OTHER, "own", 0, false), begin.to_vec()).await;
    send(part(OTHER, "own", 0, false), begin.to_vec()).await;
    send(part(OTHER, "own", 1, true), rest.to_vec()).await;
    let found = answers(&other, OTHER, 8).await;
    let found: Vec<(&str, i64, &str)> =
        found.iter().map(|(a, b, c)| (&a[..], *b, &c[..])).collect();
    assert_eq!(
        found,
        [
            ("nobody", 401, "X116"),
            ("stolen", 401, "X116"),
            ("large", 400, "X105"),
            ("kind", 400, "X107"),
            ("stray", 408, ""),
            ("R1", 401, "X120"),
            ("never", 422, "X146"),
            ("own", 200, "X301"),
        ]
    );
    let counted = "select value from counter where name = 'turned_away.X116'";
    assert_eq!(number(rig.county(), counted).await, 2);
    assert_eq!(rows(rig.county(), "select id from envelope").await.len(), 1);
    drop((connection, one));
    rig.world.take().unwrap().stop().await.unwrap();
    line.remove(&[ONE, OTHER]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_stops_its_node_alone_and_a_hub_that_died_takes_all_once() {
    let Some(line) = Line::make() else { return };
    let mut rig = Rig::start_with_reception(Place::Embedded, line.config.clone()).await;
    let mut agents = Vec::new();
    for node in [LARGE, SMALL] {
        let address = line.user(node);
        register(&mut rig, node).await;
        drop(opened(&address, node).await);
        agents.push(agent(&rig, &address, node).await);
    }
    rig.die();
    // Noise that does not shrink: six MiB of it are more than a queue holds.
    let mut noise = String::new();
    let mut seed = [7_u8; 32];
    while noise.len() < 12 << 20 {
        seed = sha2::Sha256::digest(seed).into();
        let hex = tongcha_schema::digest::hex(&seed);
        noise.push_str(&format!("<!--{hex}-->"));
    }
    let one = arrival(LARGE, "large", ElementId::CaseBase, (1, 1), "a");
    let other = arrival(SMALL, "small", ElementId::CaseBase, (1, 1), "a");
    let text = document_of(std::slice::from_ref(&one));
    let text = format!("{text}{noise}");
    std::fs::write(agents[0].0.join("a.xml"), text).unwrap();
    let text = document_of(std::slice::from_ref(&other));
    std::fs::write(agents[1].0.join("a.xml"), text).unwrap();
    for (at, why) in [(0, "is full"), (1, "has not answered yet")] {
        let mut said = String::new();
        while !said.contains(why) {
            let report = agents[at].1.step().await.unwrap();
            said = report.faults.join("; ");
            assert!(report.receipts.is_empty());
        }
    }
    line.cut();
    // The hub comes back: what the broker kept is taken, and what broke off comes again from its beginning.
    rig.restart().await;
    rig.expect(&[one, other]);
    for (dir, agent) in &mut agents {
        while !dir.join("done/a.xml.receipt.json").is_file() {
            assert!(!dir.join("bad/a.xml").is_file(), "refused");
            agent.step().await.unwrap();
        }
        rig.sent.admitted += 1;
    }
    rig.world().county.hub.drain().await.unwrap();
    for (dir, agent) in &mut agents {
        let file = dir.join("done/a.xml.receipt.json");
        let receipt = || serde_json::from_slice::<Receipt>(&std::fs::read(&file).unwrap()).unwrap();
        while receipt().completed_at.is_none() {
            agent.step().await.unwrap();
        }
        assert_eq!(receipt().counts.stored, 1);
        agent.outbox().close().await;
    }
    let again = "select coalesce(sum(value), 0) from counter where name like 'turned_away.%'";
    rig.sent.refused = number(rig.county(), again).await;
    assert!(rig.sent.refused <= 2, "only what broke off");
    rig.end().await;
    line.remove(&[LARGE, SMALL]);
}
