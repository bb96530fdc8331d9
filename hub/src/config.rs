//! The hub's configuration: read whole, every mistake told at once with its hint, before anything
//! starts. Secrets stand in files or in the environment, never in the TOML, and have no defaults.

mod amqp;
mod node;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tongcha_adapters::amqp::ReceptionConfig;
use tongcha_adapters::reach::HubAddress;
use tongcha_adapters::settings::{
    Collector, Mistake, Section, Surroundings, dialects, secrecy_key,
};
use tongcha_decode::dialect::Registry;
use tongcha_schema::id::is_node_name;
use tongcha_schema::limits;
use tongcha_schema::seal::{NodeKey, OpeningKey, Recipient, Sealed};
use tongcha_supervision::{Calendar, Profile};

use crate::calendars;
use crate::exchange::NodeEntry;
use crate::push::Intake;
use crate::room::Bounds;

/// Where the servers of production are: `[database]` and `[bus]`.
#[derive(Clone)]
pub struct Services {
    /// PostgreSQL (`[database] url_file` or `url_env`).
    pub database_url: String,
    /// Schema of that database (`[database] schema`, default `tongcha`).
    pub schema: String,
    /// RabbitMQ (`[bus] url_file` or `url_env`).
    pub bus_url: String,
    /// Partitions, and ingest workers (`[bus] partitions`, 1 to 64, default 2).
    pub partitions: u32,
    /// Command line of `rabbitmqctl` (`[bus] rabbitmqctl`), for runs that make a virtual host of their
    /// own; empty where not given.
    pub rabbitmqctl: String,
}

/// The hub above: `[forward]`.
#[derive(Clone)]
pub struct ForwardSettings {
    /// Its name, `region/node`.
    pub hub: String,
    /// Where it is.
    pub address: HubAddress,
    /// Organ that runs this hub.
    pub org: String,
    /// This hub's secret key.
    pub key: NodeKey,
    /// The upper hub's key for which envelopes are encrypted.
    pub secrecy: Option<Recipient>,
    /// File of the outbox.
    pub outbox: PathBuf,
}

/// The configuration, checked, with its secrets read.
#[derive(Clone)]
pub struct HubSettings {
    /// Name of the hub, `region/node`.
    pub name: String,
    /// Where the protocol is served.
    pub listen: SocketAddr,
    /// Where the pages are served; loopback only.
    pub pages: SocketAddr,
    /// Folder for large items while they arrive.
    pub spool: PathBuf,
    /// The shipped dialects and those of the folder `[hub] dialects`; one of a shipped name replaces it.
    pub registry: Arc<Registry>,
    /// Profile of rules.
    pub profile: Profile,
    /// The working-day calendar: the shipped one with the years of the folder `[hub] calendars`.
    pub calendar: Calendar,
    /// Whether this hub owns organs and issues their cards.
    pub issues_cards: bool,
    /// Seals raw bytes and personal values.
    pub sealed: Sealed,
    /// Servers.
    pub services: Services,
    /// Nodes that may send.
    pub nodes: Vec<NodeEntry>,
    /// Those that may post documents, and how much may wait.
    pub intake: Intake,
    /// The broker of nodes that send over AMQP.
    pub reception: Option<ReceptionConfig>,
    /// Command line of `rabbitmqctl` of that broker (`[amqp] rabbitmqctl`), for `tongcha node amqp`; empty
    /// where not given.
    pub reception_ctl: String,
    /// The hub above, if there is one.
    pub forward: Option<ForwardSettings>,
}

impl Services {
    /// Reads only `[database]` and `[bus]` of a configuration.
    ///
    /// # Errors
    /// All mistakes of these sections.
    pub fn read(text: &str, around: &Surroundings<'_>) -> Result<Services, Vec<Mistake>> {
        let mut all = Collector::default();
        let mut root = root(text)?;
        let services = services(&mut root, around, &mut all);
        services
            .filter(|_| all.mistakes.is_empty())
            .ok_or(all.mistakes)
    }
}

impl HubSettings {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every mistake of the file.
    pub fn read(text: &str, around: &Surroundings<'_>) -> Result<HubSettings, Vec<Mistake>> {
        let mut all = Collector::default();
        let mut root = root(text)?;
        let hub = hub(root.section("hub", &mut all), around, &mut all);
        let services = services(&mut root, around, &mut all);
        let nodes = root.sections("node", &mut all);
        let (nodes, doors) = node::nodes(nodes, around, &mut all);
        if let Some(own) = &hub {
            node::known_dialects(&doors, &nodes, &own.registry, &mut all);
            node::openable(&nodes, &own.opening, &mut all);
        }
        let forward = match root.has("forward") {
            true => forward(root.section("forward", &mut all), around, &mut all),
            false => None,
        };
        let (reception, reception_ctl) = match root.has("amqp") {
            true => {
                let section = root.section("amqp", &mut all);
                amqp::reception(section, nodes.len(), around, &mut all).unzip()
            }
            false => (None, None),
        };
        root.finish(&mut all);
        match (hub, services) {
            (Some(own), Some(services)) if all.mistakes.is_empty() => Ok(HubSettings {
                name: own.name,
                listen: own.listen,
                pages: own.pages,
                spool: own.spool,
                registry: own.registry,
                profile: own.profile,
                calendar: own.calendar,
                issues_cards: own.issues_cards,
                sealed: own.sealed,
                services,
                nodes,
                intake: Intake::new(doors, own.most_waiting)
                    .opening(own.opening)
                    .bounded(Bounds {
                        disk: own.spool_mib << 20,
                        ..Bounds::default()
                    }),
                reception,
                reception_ctl: reception_ctl.unwrap_or_default(),
                forward,
            }),
            _ => Err(all.mistakes),
        }
    }
}

fn root(text: &str) -> Result<Section, Vec<Mistake>> {
    match text.parse::<toml::Table>() {
        Ok(table) => Ok(Section::new("", table)),
        Err(fault) => Err(vec![Mistake::syntax(text, &fault)]),
    }
}

fn services(
    root: &mut Section,
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<Services> {
    let database = root.section("database", all).map(|mut section| {
        let url = url(&mut section, &["postgres://", "postgresql://"], around, all);
        let schema = section.text("schema", Some("tongcha"), all).filter(|name| {
            let plain =
                name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !plain {
                let hint = ("只用字母、数字和下划线", "letters, digits and _ only");
                all.bad(
                    &section.at("schema"),
                    ("模式名无效", "no schema name"),
                    hint,
                );
            }
            plain
        });
        section.finish(all);
        Some((url?, schema?))
    });
    let bus = root.section("bus", all).map(|mut section| {
        let url = url(&mut section, &["amqp://", "amqps://"], around, all);
        let partitions = section.whole("partitions", 1..=64, Some(2), all);
        let rabbitmqctl = section.text("rabbitmqctl", Some(""), all);
        section.finish(all);
        Some((url?, u32::try_from(partitions?).ok()?, rabbitmqctl?))
    });
    let ((database_url, schema), (bus_url, partitions, rabbitmqctl)) = (database??, bus??);
    Some(Services {
        database_url,
        schema,
        bus_url,
        partitions,
        rabbitmqctl,
    })
}

/// An address that may hold a password: from a file or the environment; never shown.
fn url(
    section: &mut Section,
    schemes: &[&str],
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<String> {
    let text = section.secret_address("url", around, all)?;
    let good = schemes.iter().any(|s| text.starts_with(s));
    if !good {
        let hint = format!("{}…", schemes[0]);
        all.bad(
            &section.at("url_file"),
            ("地址协议不对", "the address has the wrong scheme"),
            (&hint, &hint),
        );
    }
    good.then_some(text)
}

/// What `[hub]` says.
struct Own {
    name: String,
    listen: SocketAddr,
    pages: SocketAddr,
    spool: PathBuf,
    registry: Arc<Registry>,
    profile: Profile,
    calendar: Calendar,
    issues_cards: bool,
    sealed: Sealed,
    most_waiting: u64,
    spool_mib: u64,
    opening: Vec<OpeningKey>,
}

fn hub(section: Option<Section>, around: &Surroundings<'_>, all: &mut Collector) -> Option<Own> {
    let mut section = section?;
    let name = name(&mut section, "name", all);
    let (listen, pages) = addresses(&mut section, all);
    let spool = section.path("spool", true, around, all);
    let folder = section.path("dialects", false, around, all);
    let registry = dialects::registry(folder.as_deref(), &section.at("dialects"), all);
    let profile = profile(&mut section, all);
    let folder = section.path("calendars", false, around, all);
    let calendar = calendars::calendar(folder.as_deref(), &section.at("calendars"), all);
    let issues_cards = section.flag("issues_cards", true, all);
    let sealed = section.secret("seal", around, all).and_then(|text| {
        let key = Sealed::parse(&text);
        if key.is_none() {
            let hint = (
                "用“tongcha keys seal”生成",
                "make one with `tongcha keys seal`",
            );
            all.bad(
                &section.at("seal_file"),
                ("不是密封密钥", "no seal key"),
                hint,
            );
        }
        key
    });
    let opening = node::opening_keys(&mut section, around, all);
    let usual = Some(limits::MOST_WAITING_BUNDLES);
    let most_waiting = section.whole("most_waiting", 100..=1_000_000, usual, all);
    let usual = Some(limits::SPOOL_BYTES >> 20);
    let spool_mib = section.whole("spool_mib", 256..=10_000_000, usual, all);
    section.finish(all);
    Some(Own {
        name: name?,
        listen: listen?,
        pages: pages?,
        spool: spool?,
        registry: registry?,
        profile: profile?,
        calendar: calendar?,
        issues_cards,
        sealed: sealed?,
        most_waiting: most_waiting?,
        spool_mib: spool_mib?,
        opening: opening?,
    })
}

/// Where the protocol and the pages are served.
fn addresses(
    section: &mut Section,
    all: &mut Collector,
) -> (Option<SocketAddr>, Option<SocketAddr>) {
    let listen = address(section, "listen", "127.0.0.1:8081", all);
    let proxied = section.flag("behind_tls_proxy", false, all);
    if listen.is_some_and(|a| !a.ip().is_loopback()) && !proxied {
        let hint = (
            "在前面放TLS代理并设 behind_tls_proxy = true，或只监听本机",
            "put a TLS proxy in front and set behind_tls_proxy = true, or listen on loopback",
        );
        let what = ("明文不得离开本机", "plain HTTP must not leave this machine");
        all.bad(&section.at("listen"), what, hint);
    }
    let pages = address(section, "pages", "127.0.0.1:8080", all);
    if pages.is_some_and(|a| !a.ip().is_loopback()) {
        let hint = (
            "在建立账户之前页面只监听本机",
            "until there are accounts, pages listen on loopback only",
        );
        let what = ("页面只可监听本机", "pages bind to loopback only");
        all.bad(&section.at("pages"), what, hint);
    }
    (listen, pages)
}

fn profile(section: &mut Section, all: &mut Collector) -> Option<Profile> {
    let name = section.text("profile", Some("huating"), all)?;
    let profile = Profile::shipped(&name).ok();
    if profile.is_none() {
        let known = Profile::names().collect::<Vec<_>>().join(", ");
        all.bad(
            &section.at("profile"),
            ("没有此规则方案", "no such profile"),
            (&known, &known),
        );
    }
    profile
}

fn name(section: &mut Section, key: &str, all: &mut Collector) -> Option<String> {
    section.text(key, None, all).filter(|name| {
        let good = is_node_name(name);
        if !good {
            let hint = (
                "写作“区划/名称”，如 431321/hub",
                "write region/name, e.g. 431321/hub",
            );
            all.bad(&section.at(key), ("名称无效", "no node name"), hint);
        }
        good
    })
}

fn address(section: &mut Section, key: &str, or: &str, all: &mut Collector) -> Option<SocketAddr> {
    let text = section.text(key, Some(or), all)?;
    let address = text.parse().ok();
    if address.is_none() {
        let hint = ("形如 127.0.0.1:8081", "like 127.0.0.1:8081");
        all.bad(&section.at(key), ("地址无效", "no address"), hint);
    }
    address
}

fn forward(
    section: Option<Section>,
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<ForwardSettings> {
    let mut section = section?;
    let hub = name(&mut section, "hub", all);
    let address = tongcha_adapters::settings::address(&mut section, around, all);
    let org = node::organ(&mut section, None, all);
    let key = section.secret("key", around, all).and_then(|text| {
        let key = NodeKey::parse(&text);
        if key.is_none() {
            let hint = (
                "用“tongcha keys node”生成",
                "make one with `tongcha keys node`",
            );
            all.bad(
                &section.at("key_file"),
                ("不是私钥", "no private key"),
                hint,
            );
        }
        key
    });
    let outbox = section.path("outbox", true, around, all);
    let secrecy = secrecy_key(&mut section, all);
    section.finish(all);
    Some(ForwardSettings {
        secrecy,
        hub: hub?,
        address: address?,
        org: org?,
        key: key?,
        outbox: outbox?,
    })
}
