//! The configuration of a front-end machine: one TOML file, read whole. All mistakes are reported at
//! once, in Chinese and English with a hint, before anything starts. Secrets stand in files or in the
//! environment, never in the TOML, and have no defaults.

mod address;
pub mod collect;
pub mod dialects;
mod secret;
mod sources;

pub use address::address;
pub use collect::Mistake;
pub use sources::{PushListen, SourceSettings};

use crate::pace::Hours;
use crate::reach::HubAddress;
use crate::uplink::Uplink;
use crate::uplink_http::{HttpUplinkConfig, UplinkError};
pub use collect::{Collector, Section};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use time::Duration;
use tongcha_schema::clock::CHINA;
use tongcha_schema::clock::Clock;
use tongcha_schema::id::is_node_name;
use tongcha_schema::idcheck;
use tongcha_schema::seal::{NodeKey, Recipient, Sealed};

/// What surrounds the file: where relative paths begin, and the environment.
pub struct Surroundings<'a> {
    /// Folder of the configuration file.
    pub base: &'a Path,
    /// Reads an environment variable.
    pub env: &'a dyn Fn(&str) -> Option<String>,
}

/// The configuration, checked, with its secrets read.
#[derive(Clone)]
pub struct Settings {
    /// Name of the node, `region/node`.
    pub node: String,
    /// Organ that provides the data.
    pub sender_org: String,
    /// The node's secret key.
    pub key: NodeKey,
    /// Hub that is meant, `region/node`.
    pub hub: String,
    /// Where it is.
    pub address: HubAddress,
    /// The hub's key for which envelopes are encrypted.
    pub secrecy: Option<Recipient>,
    /// File of the outbox.
    pub outbox: PathBuf,
    /// Codec of the outbox.
    pub seal: Sealed,
    /// How long receipts are kept.
    pub keep: Duration,
    /// Parcels without a receipt above which nothing more is taken.
    pub most_waiting: u64,
    /// Their bytes above which nothing more is taken.
    pub most_bytes: u64,
    /// When is sent; `None`: always.
    pub hours: Option<Hours>,
    /// Bytes sent in a second at most; `None`: as fast as the line is.
    pub most_per_second: Option<u64>,
    /// Where the page of this machine's state is; loopback only. `None`: there is none.
    pub status: Option<SocketAddr>,
    /// Pause between polls that found nothing.
    pub pause: std::time::Duration,
    /// The sources.
    pub sources: Vec<SourceSettings>,
}

impl Settings {
    /// How its hub is reached over HTTP.
    pub fn http(&self) -> HttpUplinkConfig {
        self.address.http(&self.node, &self.key)
    }

    /// The uplink to its hub.
    ///
    /// # Errors
    /// [`UplinkError`].
    pub fn uplink(&self, clock: Arc<dyn Clock>) -> Result<Arc<dyn Uplink>, UplinkError> {
        let most = self.most_per_second;
        self.address.uplink(&self.node, &self.key, clock, most)
    }

    /// Reads the configuration.
    ///
    /// # Errors
    /// Every mistake of the file, in its order.
    pub fn read(text: &str, around: &Surroundings<'_>) -> Result<Settings, Vec<Mistake>> {
        let table: toml::Table = match text.parse() {
            Ok(table) => table,
            Err(fault) => return Err(vec![Mistake::syntax(text, &fault)]),
        };
        let mut all = Collector::default();
        let mut root = Section::new("", table);
        let node = node(root.section("node", &mut all), around, &mut all);
        let hub = hub(root.section("hub", &mut all), around, &mut all);
        let outbox = outbox(root.section("outbox", &mut all), around, &mut all);
        let line = match root.has("line") {
            true => line(root.section("line", &mut all), &mut all),
            false => Some((None, None)),
        };
        let status = match root.has("status") {
            true => status(root.section("status", &mut all), &mut all).map(Some),
            false => Some(None),
        };
        let pause = root.whole("pause_seconds", 1..=3_600, Some(5), &mut all);
        let most_waiting = outbox.as_ref().map_or(0, |o| o.most_waiting);
        let known = (node.as_ref(), hub.as_ref());
        let sources = match known {
            (Some(node), Some(hub)) => sources::read(
                &mut root,
                around,
                &sources::Common {
                    hub: &hub.0,
                    org: &node.1,
                    most_waiting,
                },
                &mut all,
            ),
            // Their own mistakes are told all the same.
            _ => sources::read(&mut root, around, &sources::Common::default(), &mut all),
        };
        root.finish(&mut all);
        match (node, hub, outbox, pause.zip(line).zip(status)) {
            (Some(node), Some(hub), Some(outbox), Some(((pause, line), status)))
                if all.mistakes.is_empty() =>
            {
                Ok(Settings {
                    node: node.0,
                    sender_org: node.1,
                    key: node.2,
                    hub: hub.0,
                    address: hub.1,
                    secrecy: hub.2,
                    outbox: outbox.file,
                    seal: outbox.seal,
                    keep: outbox.keep,
                    most_waiting: outbox.most_waiting,
                    most_bytes: outbox.most_bytes,
                    hours: line.0,
                    most_per_second: line.1,
                    status,
                    pause: std::time::Duration::from_secs(pause),
                    sources,
                })
            }
            _ => Err(all.mistakes),
        }
    }
}

fn node(
    section: Option<Section>,
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<(String, String, NodeKey)> {
    let mut section = section?;
    let name = section.text("name", None, all);
    let name = name.filter(|name| {
        let good = is_node_name(name);
        if !good {
            all.bad(
                &section.at("name"),
                ("节点名称无效", "no node name"),
                (
                    "写作“区划/名称”，如 431321/zwzx，名称用小写字母、数字、-、_",
                    "write region/name, e.g. 431321/zwzx; lower case, digits, - and _",
                ),
            );
        }
        good
    });
    let org = section.text("org", None, all).filter(|org| {
        let good = match org.len() {
            9 => idcheck::org_code(org).is_ok(),
            _ => idcheck::uscc(org).is_ok(),
        };
        if !good {
            all.bad(
                &section.at("org"),
                ("机构代码校验不通过", "the organ's code fails its check"),
                (
                    "填18位统一社会信用代码，或9位组织机构代码",
                    "give the 18-character social credit code, or the 9-character one",
                ),
            );
        }
        good
    });
    let key = section.secret("key", around, all).and_then(|text| {
        let key = NodeKey::parse(&text);
        if key.is_none() {
            all.bad(
                &section.at("key_file"),
                ("不是私钥", "no private key"),
                (
                    "用“tongcha keys node”生成",
                    "make one with `tongcha keys node`",
                ),
            );
        }
        key
    });
    section.finish(all);
    Some((name?, org?, key?))
}

/// Name, address, key for secrecy.
type HubSection = (String, HubAddress, Option<Recipient>);

fn hub(
    section: Option<Section>,
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<HubSection> {
    let mut section = section?;
    let name = section.text("name", None, all).filter(|name| {
        let good = is_node_name(name);
        if !good {
            all.bad(
                &section.at("name"),
                ("中心名称无效", "no hub name"),
                (
                    "写作“区划/名称”，如 431321/hub",
                    "write region/name, e.g. 431321/hub",
                ),
            );
        }
        good
    });
    let address = address(&mut section, around, all);
    let secrecy = secrecy_key(&mut section, all);
    section.finish(all);
    Some((name?, address?, secrecy))
}

/// A hub's key for which envelopes are encrypted, if there is one.
pub fn secrecy_key(section: &mut Section, all: &mut Collector) -> Option<Recipient> {
    let text = section.text("secrecy_key", Some(""), all);
    text.filter(|text| !text.is_empty()).and_then(|text| {
        let key = Recipient::parse(&text);
        if key.is_none() {
            let what = ("不是中心的加密公钥", "no key of a hub");
            let hint = (
                "填中心“tongcha keys hub”所示的一行",
                "the line that `tongcha keys hub` showed at the hub",
            );
            all.bad(&section.at("secrecy_key"), what, hint);
        }
        key
    })
}

/// `[line]`: hours in which is sent, and bytes per second.
fn line(section: Option<Section>, all: &mut Collector) -> Option<(Option<Hours>, Option<u64>)> {
    let mut section = section?;
    let texts = section.texts("hours", all);
    let rate = section.whole("most_kib_per_second", 0..=10_000_000, Some(0), all);
    let hours = Hours::parse(&texts, CHINA);
    if hours.is_none() {
        let hint = (
            "如 hours = [\"18:00-08:00\"]，北京时间",
            "e.g. hours = [\"18:00-08:00\"], China's time",
        );
        all.bad(
            &section.at("hours"),
            ("时段无效", "no hours of the day"),
            hint,
        );
    }
    section.finish(all);
    let rate = rate? << 10;
    Some((
        hours.filter(|_| !texts.is_empty()),
        (rate > 0).then_some(rate),
    ))
}

/// `[status]`: the page of this machine's state.
fn status(section: Option<Section>, all: &mut Collector) -> Option<SocketAddr> {
    let mut section = section?;
    let text = section.text("listen", Some("127.0.0.1:8610"), all)?;
    let address: Option<SocketAddr> = text.parse().ok();
    let address = address.filter(|a| a.ip().is_loopback());
    if address.is_none() {
        let what = (
            "状态页只可监听本机",
            "the page of the state listens on loopback only",
        );
        let hint = ("写作 127.0.0.1:8610", "write 127.0.0.1:8610");
        all.bad(&section.at("listen"), what, hint);
    }
    section.finish(all);
    address
}

struct OutboxSettings {
    file: PathBuf,
    seal: Sealed,
    keep: Duration,
    most_waiting: u64,
    most_bytes: u64,
}

fn outbox(
    section: Option<Section>,
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<OutboxSettings> {
    let mut section = section?;
    let file = section.path("file", true, around, all);
    let seal = section.secret("seal", around, all).and_then(|text| {
        let seal = Sealed::parse(&text);
        if seal.is_none() {
            all.bad(
                &section.at("seal_file"),
                ("不是32字节的base64密钥", "no base64 key of 32 bytes"),
                (
                    "用“tongcha keys seal”生成",
                    "make one with `tongcha keys seal`",
                ),
            );
        }
        seal
    });
    let keep = section.whole("keep_days", 1..=3_650, Some(30), all);
    let most = section.whole("most_waiting", 10..=1_000_000, Some(10_000), all);
    let most_gib = section.whole("most_gib", 1..=10_000, Some(20), all);
    section.finish(all);
    Some(OutboxSettings {
        most_bytes: most_gib? << 30,
        file: file?,
        seal: seal?,
        keep: Duration::days(i64::try_from(keep?).unwrap_or(30)),
        most_waiting: most?,
    })
}

#[cfg(test)]
mod tests;
