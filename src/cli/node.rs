//! `tongcha node ..`: the nodes of a hub. Invited with a code, approved by fingerprint, limited, revoked.
//! Refuses to approve a key that nobody compared.

mod agree;
mod amqp;
mod pack;

use super::keys::SuiteName;
use crate::exit::WrongUsage;
use agree::agree;
use amqp::Wish;
use anyhow::{Context, Result};
use clap::Subcommand;
use pack::Pack;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use tongcha_adapters::clock::SystemClock;
use tongcha_hub::alarm;
use tongcha_hub::config::HubSettings;
use tongcha_hub::demands::{Demands, end_of_day};
use tongcha_hub::enrol::{self, Invitation, NodeLine};
use tongcha_hub::store::engine::Store;
use tongcha_schema::clock::{CHINA, Clock as _, from_unix_ms};
use tongcha_schema::code::Code;
use tongcha_schema::id::is_node_name;
use tongcha_schema::idcheck::is_organ_code;
use tongcha_schema::seal::Suite;
use tongcha_schema::stamp;

/// Arguments of `node`.
#[derive(clap::Args)]
pub struct Args {
    /// 中心的配置文件 · The configuration of the hub.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// 邀请节点：生成一天内有效、只用一次的邀请码 · Invite a node: prints a code that works once, for a day.
    Invite(Who),
    /// 列出节点及待批准的登记 · List nodes, and what waits for approval.
    List,
    /// 核对指纹后批准 · Approve a key whose fingerprint was compared.
    Approve {
        /// 节点名 · The node.
        name: String,
        /// 前置机显示的指纹 · The fingerprint that the front-end machine shows.
        fingerprint: String,
        /// 密钥有效期止（含当日） · Last day of the key.
        #[arg(long, value_name = "YYYY-MM-DD")]
        until: Option<String>,
    },
    /// 邀请节点并生成接入包：邀请码、配置、样例、中文说明 · Invite a node and write all that it needs into a zip.
    Pack {
        #[command(flatten)]
        who: Who,
        /// 部门访问中心的地址 · The hub's address as departments reach it.
        #[arg(long)]
        url: String,
        /// 自建机构的证书（PEM），放入包中 · Certificate of an authority of your own, for the pack.
        #[arg(long, value_name = "FILE")]
        ca: Option<PathBuf>,
        /// 压缩包，不得已存在 · The zip; it must not be there yet.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// 为经消息中间件报送的节点建立用户 · A user of the broker for a node that sends over AMQP.
    Amqp {
        /// 节点名 · The node.
        name: String,
        /// 部门访问消息中间件的地址，如 amqps://mq.example:5671 · The broker as departments reach it.
        #[arg(long)]
        address: String,
        /// 写入地址与口令的文件，不得已存在 · The file for address and password; it must not be there yet.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// 立即建立用户，否则只显示命令 · Make the user now; otherwise the commands are shown.
        #[arg(long)]
        apply: bool,
    },
    /// 规定节点须用的算法套件、须否加密，自下一信封起生效 · Say what is demanded of a node from its next envelope on.
    Demand {
        /// 节点名 · The node.
        name: String,
        #[command(flatten)]
        demands: Demanded,
    },
    /// 搁置一个告警：此前的不再提示，再发生仍会提示 · Put an alarm aside: what came until now rings no more.
    Aside {
        /// 节点名，不是节点的写“-” · The node; `-` for whoever is none.
        name: String,
        /// 原因代码，如 X102 · The code, e.g. X102.
        code: String,
        /// 搁置的理由，记入审计日志 · Why; it is written down.
        #[arg(long)]
        reason: String,
    },
    /// 撤回邀请：邀请码立即失效，待批准的密钥作废 · Withdraw an invitation: its codes work no more, a key that waits is
    /// forgotten.
    Withdraw {
        /// 节点名 · The node.
        name: String,
    },
    /// 约定节点的方言，自下一信封起只收这些；不写则不限 · Agree on the dialects of a node from its next envelope
    /// on; none: any.
    Agree {
        /// 节点名 · The node.
        name: String,
        /// 方言 · The dialects.
        #[arg(value_name = "DIALECT")]
        dialects: Vec<String>,
    },
    /// 吊销节点的密钥，立即生效 · Revoke a node's key, at once.
    Revoke {
        /// 节点名 · The node.
        name: String,
    },
}

/// Who is invited.
#[derive(clap::Args)]
pub struct Who {
    /// 节点名，如 431321/slj · The node's name.
    pub name: String,
    /// 部门的机构代码 · Code of its organ.
    #[arg(long, default_value = "")]
    pub org: String,
    /// 部门名称 · Name of its organ.
    #[arg(long, default_value = "")]
    pub org_name: String,
    /// 是下级中心 · It is a lower hub.
    #[arg(long)]
    pub lower_hub: bool,
    #[command(flatten)]
    pub demands: Demanded,
}

/// What is demanded of a node.
#[derive(clap::Args, Default)]
pub struct Demanded {
    /// 须用的算法套件，不写则不限 · The suite it must use; without it: either.
    #[arg(long, value_enum)]
    pub suite: Option<SuiteName>,
    /// 信封须加密 · Its envelopes must be encrypted.
    #[arg(long)]
    pub encrypted: bool,
}

impl Demanded {
    /// As the hub keeps it.
    ///
    /// # Errors
    /// The hub has no key to open what it demands.
    fn checked(&self, settings: &HubSettings) -> Result<Demands> {
        let demands = Demands {
            suite: self.suite.map(SuiteName::suite),
            encrypted: self.encrypted,
        };
        if demands.encrypted && opening(settings, demands.suite).is_none() {
            let text = "中心没有该套件的解密私钥，先用“tongcha keys hub”生成，填入[hub] opening_key_file · the hub has no \
                        key of that suite to open envelopes: make one with `tongcha keys hub` and name it in [hub] \
                        opening_key_file";
            return Err(WrongUsage(text.to_owned()).into());
        }
        Ok(demands)
    }
}

/// The line of the hub's key for envelopes of a node of that suite.
fn opening(settings: &HubSettings, suite: Option<Suite>) -> Option<String> {
    let mut keys = settings.intake.opening.iter();
    let key = keys.find(|key| suite.is_none_or(|suite| key.suite() == suite))?;
    Some(key.recipient().text())
}

/// Runs the subcommand.
///
/// # Errors
/// The configuration's mistakes, the store, a name or fingerprint that does not fit.
pub fn run(args: &Args) -> Result<bool> {
    let Some(config) = &args.config else {
        let text = "须用 --config 指明中心的配置 · name the hub's configuration: --config FILE";
        return Err(WrongUsage(text.to_owned()).into());
    };
    let settings = super::hub::settings(config)?;
    if let Command::Amqp {
        name,
        address,
        out,
        apply,
    } = &args.command
    {
        let wish = Wish {
            node: name,
            address,
            out,
            apply: *apply,
        };
        return amqp::run(&wish, &settings);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let services = &settings.services;
        let store = Store::open_postgres(&services.database_url, &services.schema).await?;
        let done = act(&args.command, &settings, &store).await;
        store.close().await;
        done
    })
}

async fn act(command: &Command, settings: &HubSettings, store: &Store) -> Result<bool> {
    let now = SystemClock.now();
    match command {
        Command::Invite(who) => {
            let demands = who.demands.checked(settings)?;
            let code = invite(store, who, demands, now).await?;
            println!("节点 node    {}", who.name);
            println!("邀请码 code  {code}");
            println!(
                "一天内有效，只用一次，请当面或电话告知 · works once, within a day: tell it by voice, not by mail\n\
                 前置机上运行 · on the front-end machine:  tongcha enrol --config agent.toml --code {code}{}",
                suite_option(demands)
            );
        }
        Command::List => {
            for line in enrol::list(store, now).await? {
                println!("{}", text_of(&line));
            }
        }
        Command::Approve {
            name,
            fingerprint,
            until,
        } => {
            let until = until.as_deref().map(end_of).transpose()?;
            enrol::approve(store, name, fingerprint, until, now).await?;
            println!("已批准 · approved: {name} -> {}", settings.name);
        }
        Command::Pack { who, url, ca, out } => {
            let authority = ca.as_deref().map(pack::authority).transpose()?;
            let for_whom = (url.as_str(), authority.as_deref().unwrap_or_default());
            pack(settings, store, who, for_whom, (out, now)).await?;
        }
        Command::Demand { name, demands } => {
            enrol::demand(store, name, demands.checked(settings)?).await?;
            println!("已规定，自下一信封起生效 · demanded from the next envelope on: {name}");
        }
        Command::Aside { name, code, reason } => {
            return aside(store, name, code, reason, now).await;
        }
        Command::Agree { name, dialects } => {
            return agree(settings, store, name, dialects).await;
        }
        // It needs no store.
        Command::Amqp { .. } => {}
        Command::Withdraw { name } => {
            enrol::withdraw(store, name).await?;
            println!("已撤回邀请 · invitation withdrawn: {name}");
        }
        Command::Revoke { name } => {
            enrol::revoke(store, name, now).await?;
            println!("已吊销 · revoked: {name}");
        }
    }
    Ok(true)
}

/// Puts an alarm aside; false where none stands.
async fn aside(
    store: &Store,
    name: &str,
    code: &str,
    reason: &str,
    now: OffsetDateTime,
) -> Result<bool> {
    let node = if name == "-" { "" } else { name };
    let known =
        Code::parse(code).with_context(|| format!("没有代码{code} · there is no code {code}"))?;
    let done = alarm::put_aside(store, node, known, reason, now).await?;
    let said = if done {
        "已搁置 · put aside"
    } else {
        "没有这样的告警 · no such alarm stands"
    };
    println!("{said}: {name} {code}");
    Ok(done)
}

/// Invites a node and writes its pack.
async fn pack(
    settings: &HubSettings,
    store: &Store,
    who: &Who,
    (url, authority): (&str, &str),
    (out, now): (&Path, OffsetDateTime),
) -> Result<()> {
    if !(url.starts_with("https://") || url.starts_with("http://")) {
        let text = "地址以 https:// 开头 · the address begins with https://";
        return Err(WrongUsage(text.to_owned()).into());
    }
    let demands = who.demands.checked(settings)?;
    pack::must_be_new(out)?;
    let code = invite(store, who, demands, now).await?;
    let secrecy = opening(settings, demands.suite).unwrap_or_default();
    let pack = Pack {
        secrecy: &secrecy,
        node: &who.name,
        org: &who.org,
        org_name: &who.org_name,
        hub: &settings.name,
        url,
        code: &code,
        authority,
        suite: suite_option(demands),
        now,
    };
    pack.write(out)?;
    println!("接入包 · pack: {}", out.display());
    println!("内含一次性邀请码，请当面交付 · it holds the code: hand it over in person");
    Ok(())
}

/// Invites, and gives the code.
///
/// # Errors
/// The name is none, the organ's code fails its check, a key waits for approval, or the store fails.
pub async fn invite(
    store: &Store,
    who: &Who,
    demands: Demands,
    now: OffsetDateTime,
) -> Result<String> {
    if !is_node_name(&who.name) {
        let text = format!(
            "{}不是节点名，写作“区划/名称” · {} is no node name: write region/name, e.g. 431321/slj",
            who.name, who.name
        );
        return Err(WrongUsage(text).into());
    }
    if !who.org.is_empty() && !is_organ_code(&who.org) {
        let text = format!(
            "机构代码{}校验不通过 · the organ's code {} fails its check: write the social credit code of 18 characters, \
             or the older code of 9",
            who.org, who.org
        );
        return Err(WrongUsage(text).into());
    }
    let code = tongcha_schema::enrol::code(&super::random()?);
    let invitation = Invitation {
        node: &who.name,
        is_hub: who.lower_hub,
        organ_code: &who.org,
        organ_name: &who.org_name,
        demands,
    };
    enrol::invite(store, &invitation, &code, now).await?;
    Ok(code)
}

/// The end of a day in China.
fn end_of(day: &str) -> Result<OffsetDateTime> {
    end_of_day(day).with_context(|| format!("“{day}”不是日期 · {day} is no date: write 2027-12-31"))
}

/// What `tongcha enrol` needs besides the code.
fn suite_option(demands: Demands) -> &'static str {
    match demands.suite {
        Some(Suite::Sm2) => " --suite sm2",
        _ => "",
    }
}

fn text_of(line: &NodeLine) -> String {
    let state = match line.state {
        "invited" => "已邀请 invited",
        "pending" => "待批准 pending",
        "expired" => "已过期 expired",
        "revoked" => "已吊销 revoked",
        _ => "有效 active",
    };
    let shown = |ms: Option<i64>| {
        ms.map_or("-".to_owned(), |ms| {
            stamp::canonical(from_unix_ms(ms).to_offset(CHINA))
        })
    };
    format!(
        "{:<24} {state:<16} {:<16} 至 until {}  最近 last {}  {}",
        line.name,
        line.fingerprint,
        shown(line.until_ms),
        shown(line.last_seen_ms),
        line.organ_name
    )
}
