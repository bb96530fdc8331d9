//! Whether a front-end machine is fit to run: outbox, hub, clock, registration and each source, looked at
//! one by one, with the next step where one is not. May be asked beside a running agent. Refuses to change
//! anything: folders that a source needs are made, as by the agent itself.

mod traffic;

use crate::machine::{Opened, open};
use crate::outbox::{OutboxError, OutboxLock, position_in};
use crate::reach::HubAddress;
use crate::settings::{Settings, SourceSettings};
use crate::uplink::{SendFault, Uplink};
use crate::uplink_http::HttpUplink;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use tongcha_schema::clock::Clock;
use tongcha_schema::code::transport;
use tongcha_schema::finding::Finding;
use tongcha_schema::seal::{NodeKey, REQUEST_WINDOW, public_text};

/// One look: what was looked at, what was found, and what to do where it is not well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checkup {
    /// What was looked at, in Chinese and English.
    pub what: (String, String),
    /// Whether it is well.
    pub well: bool,
    /// What was found.
    pub found: (String, String),
    /// The next step, empty where it is well.
    pub next: (String, String),
}

impl Checkup {
    /// It is well.
    pub fn well(what: (&str, &str), found: (&str, &str)) -> Checkup {
        Checkup::new(what, found, ("", ""), true)
    }

    /// It is not, and what to do.
    pub fn ill(what: (&str, &str), found: (&str, &str), next: (&str, &str)) -> Checkup {
        Checkup::new(what, found, next, false)
    }

    fn new(what: (&str, &str), found: (&str, &str), next: (&str, &str), well: bool) -> Checkup {
        let both = |t: (&str, &str)| (t.0.to_owned(), t.1.to_owned());
        Checkup {
            what: both(what),
            well,
            found: both(found),
            next: both(next),
        }
    }
}

/// Whether a file can be made and written in a folder, which is made where it is missing; a full disk is told.
pub fn folder(what: (&str, &str), folder: &Path) -> Checkup {
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    let shown = folder.display().to_string();
    let probe = folder.join(format!(".tongcha-{}", std::process::id()));
    let made = std::fs::create_dir_all(folder).and_then(|()| {
        let written = std::fs::write(&probe, [0; PROBE_BYTES]);
        // On a full disk half of it may be there.
        written.and(std::fs::remove_file(&probe).or_else(absent))
    });
    match made {
        Ok(()) => {
            let found = (format!("{shown}可写"), format!("{shown} can be written"));
            Checkup::well(what, (&found.0, &found.1))
        }
        Err(cause) => {
            let found = format!("{shown}: {cause}");
            let next = match cause.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => (
                    "磁盘已满：请腾出空间，程序会自动继续",
                    "the disk is full: make room, and the program goes on by itself",
                ),
                _ => (
                    "请给运行本程序的用户写权限，并检查磁盘",
                    "let this program's user write there, and check the disk",
                ),
            };
            Checkup::ill(what, (&found, &found), next)
        }
    }
}

/// More than a file system keeps beside a name: a full disk shows.
const PROBE_BYTES: usize = 64 << 10;

fn absent(cause: std::io::Error) -> std::io::Result<()> {
    match cause.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(cause),
    }
}

/// Looks at everything that the agent of these settings needs.
pub async fn examine(settings: Settings, clock: Arc<dyn Clock>) -> Vec<Checkup> {
    let mut found = Vec::new();
    let beside = settings.outbox.parent().unwrap_or(Path::new("."));
    found.push(folder(("发件库", "outbox"), beside));
    let runs = match OutboxLock::take(&settings.outbox) {
        Ok(_) => false,
        Err(cause) => matches!(cause, OutboxError::InUse { .. }),
    };
    found.push(match runs {
        true => Checkup::well(("代理", "agent"), ("正在运行", "it runs")),
        false => Checkup::well(("代理", "agent"), ("未在运行", "it does not run")),
    });
    let above = HubAbove {
        name: &settings.hub,
        address: &settings.address,
        node: &settings.node,
        key: &settings.key,
        in_use: runs,
    };
    found.extend(hub_above(&above, &clock).await);
    let now = clock.now();
    for source in settings.sources {
        let name = source.name().to_owned();
        let position = position_in(&settings.outbox, &name).await;
        // An outbox that is not there yet, or is damaged, is told above.
        let position = position.unwrap_or_default();
        found.extend(source_of(source, runs, position, now).await);
        found.extend(traffic::look(&settings.outbox, &name, now).await);
    }
    if let (true, Some(address)) = (runs, settings.status) {
        found.extend(traffic::running(address).await);
    }
    found
}

/// A hub that this node sends to.
pub struct HubAbove<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where it is.
    pub address: &'a HubAddress,
    /// This node.
    pub node: &'a str,
    /// Its key.
    pub key: &'a NodeKey,
    /// Whether the line is in use: then nobody else may read this node's answers at the broker.
    pub in_use: bool,
}

/// The hub of an uplink: whether it answers, is the one that is meant, has the same time, and knows this
/// node; over a broker whether that lets this node in, and whether the hub answers through it.
pub async fn hub_above(above: &HubAbove<'_>, clock: &Arc<dyn Clock>) -> Vec<Checkup> {
    #[cfg(feature = "uplink-amqp")]
    if let Some(url) = &above.address.amqp {
        return through_broker(above, url, clock).await;
    }
    let (name, what) = (above.name, ("中心", "hub"));
    let (node, public) = (above.node, public_text(&above.key.public()));
    let config = above.address.http(node, above.key);
    let uplink = match HttpUplink::new(config, Arc::clone(clock)) {
        Ok(uplink) => uplink,
        Err(cause) => {
            let next = (
                "请改正 [hub] 的地址或证书",
                "mend address or certificate in [hub]",
            );
            let cause = cause.to_string();
            return vec![Checkup::ill(what, (&cause, &cause), next)];
        }
    };
    let health = match uplink.health().await {
        Ok(health) => health,
        Err(cause) => {
            let next = (
                "请检查地址、网络、防火墙和证书，以及中心是否在运行",
                "check address, line, firewall and certificate, and whether the hub runs",
            );
            let cause = cause.to_string();
            return vec![Checkup::ill(what, (&cause, &cause), next)];
        }
    };
    let mut found = vec![match health.hub == name {
        true => Checkup::well(what, (&health.hub, &health.hub)),
        false => {
            let told = (
                format!("该地址是{}，配置为{name}", health.hub),
                format!("{} answers, {name} is configured", health.hub),
            );
            let next = ("请改正 [hub] 的 name 或 url", "mend name or url in [hub]");
            Checkup::ill(what, (&told.0, &told.1), next)
        }
    }];
    found.extend(health.date.map(|theirs| skew(theirs - clock.now())));
    found.push(registration(node, &public, &uplink).await);
    found
}

/// The difference of the clocks, told in whole seconds.
fn skew(ahead: Duration) -> Checkup {
    let what = ("时钟", "clock");
    let seconds = ahead.whole_seconds();
    let told = match seconds.abs() {
        0..=2 => ("与中心一致".to_owned(), "as the hub's".to_owned()),
        _ => (
            format!("中心比本机快{seconds}秒"),
            format!("the hub's is {seconds} seconds ahead"),
        ),
    };
    // A half of what a signed request may differ by: the rest is for the drift of weeks.
    if ahead.abs() * 2 <= REQUEST_WINDOW {
        return Checkup::well(what, (&told.0, &told.1));
    }
    let next = ("请启用NTP校时", "let NTP set the clock");
    Checkup::ill(what, (&told.0, &told.1), next)
}

#[cfg(feature = "uplink-amqp")]
async fn through_broker(above: &HubAbove<'_>, url: &str, clock: &Arc<dyn Clock>) -> Vec<Checkup> {
    let what = ("消息中间件", "broker");
    let authority = above.address.authority_pem.as_deref();
    if let Err(cause) = crate::amqp::probe(url, authority).await {
        let next = (
            "请检查地址、端口、防火墙、证书，以及中心为本节点建立的用户和口令",
            "check address, port, firewall, certificate, and the user that the hub made for this node",
        );
        let cause = cause.to_string();
        return vec![Checkup::ill(what, (&cause, &cause), next)];
    }
    let mut found = vec![Checkup::well(
        what,
        ("允许本节点登录", "it lets this node in"),
    )];
    let uplink = above
        .address
        .uplink(above.node, above.key, Arc::clone(clock), None);
    if let (false, Ok(uplink)) = (above.in_use, uplink) {
        let public = public_text(&above.key.public());
        found.push(registration(above.node, &public, &*uplink).await);
    }
    found
}

/// Whether the node itself, or its key, is unknown at the hub.
fn is_stranger(finding: &Finding) -> bool {
    [transport::UNKNOWN_NODE, transport::BAD_SIGNATURE].contains(&finding.code)
}

async fn registration(node: &str, public: &str, uplink: &dyn Uplink) -> Checkup {
    let what = ("节点登记", "registration");
    // A receipt of no number: a known node learns that there is none.
    match uplink.completion("R0").await {
        Ok(_) => {
            let found = (format!("{node}已登记"), format!("{node} is registered"));
            Checkup::well(what, (&found.0, &found.1))
        }
        // The hub says what is wrong with the key or the clock, and what to do.
        Err(SendFault::Node { findings }) if findings.iter().any(|f| !is_stranger(f)) => {
            let all = |text: &dyn Fn(&Finding) -> String| {
                findings.iter().map(text).collect::<Vec<_>>().join("；")
            };
            let found = (all(&Finding::cause_zh), all(&Finding::cause_en));
            let next = (all(&Finding::hint_zh), all(&Finding::hint_en));
            Checkup::ill(what, (&found.0, &found.1), (&next.0, &next.1))
        }
        Err(SendFault::Node { .. }) => {
            let found = (
                format!("中心不认{node}的签名"),
                format!("the hub does not know {node} by this key"),
            );
            let next = (
                format!("请中心管理员登记该节点的公钥：{public}"),
                format!("have the hub's administrator register this public key: {public}"),
            );
            Checkup::ill(what, (&found.0, &found.1), (&next.0, &next.1))
        }
        Err(cause) => {
            let cause = cause.to_string();
            let next = ("请稍后再试", "try again later");
            Checkup::ill(what, (&cause, &cause), next)
        }
    }
}

/// The source itself, and what a poll of it from its position would find wrong.
async fn source_of(
    settings: SourceSettings,
    runs: bool,
    position: Option<String>,
    now: OffsetDateTime,
) -> Vec<Checkup> {
    let name = settings.name().to_owned();
    let what = (format!("来源{name}"), format!("source {name}"));
    let what = (what.0.as_str(), what.1.as_str());
    match open(settings) {
        Opened::Source(mut source) => {
            let examined = match source.probe().await {
                Ok(told) => {
                    let found = source.examine(now, position.as_deref()).await;
                    found.map(|found| (told, found))
                }
                Err(cause) => Err(cause),
            };
            match examined {
                Ok((told, found)) if found.is_empty() => {
                    vec![Checkup::well(what, (&told, &told))]
                }
                Ok((_, found)) => found.iter().map(|f| remarked(what, f)).collect(),
                Err(cause) => {
                    let cause = cause.to_string();
                    let next = ("请按上述提示处理后重试", "do what it says, and ask again");
                    vec![Checkup::ill(what, (&cause, &cause), next)]
                }
            }
        }
        Opened::Push(push) => {
            let address = push.listen.to_string();
            // The agent itself listens there when it runs.
            vec![match tokio::net::TcpListener::bind(push.listen).await {
                Err(cause) if !runs => {
                    let cause = format!("{address}: {cause}");
                    let next = (
                        "该端口被其他程序占用，请更换",
                        "another program has this port: choose another",
                    );
                    Checkup::ill(what, (&cause, &cause), next)
                }
                _ => Checkup::well(what, (&address, &address)),
            }]
        }
    }
}

fn remarked(what: (&str, &str), finding: &Finding) -> Checkup {
    let code = finding.code;
    let cause = (
        format!("{code} {}", finding.cause_zh()),
        format!("{code} {}", finding.cause_en()),
    );
    let hint = (finding.hint_zh(), finding.hint_en());
    Checkup::ill(what, (&cause.0, &cause.1), (&hint.0, &hint.1))
}
