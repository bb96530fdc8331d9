//! The `[[source]]` sections of a configuration, one function a kind.

#[cfg(feature = "source-table")]
mod table;

use super::Surroundings;
use super::collect::{Collector, Section};
#[cfg(feature = "source-table")]
use crate::sources::db_table::{ChangeConfig, DbTableConfig, FlagConfig};
use crate::sources::http_push::HttpPushConfig;
use crate::sources::xml_dir::XmlDirConfig;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use time::Duration;
use tongcha_schema::envelope::AUTO;

/// Push and the address on which it listens.
#[derive(Clone)]
pub struct PushListen {
    /// The source.
    pub config: HttpPushConfig,
    /// Where departments' systems post to.
    pub listen: SocketAddr,
}

/// One configured source.
#[derive(Clone)]
pub enum SourceSettings {
    /// An exchange directory.
    XmlDir(XmlDirConfig),
    /// A table.
    #[cfg(feature = "source-table")]
    DbTable(DbTableConfig),
    /// A table whose changes triggers write down.
    #[cfg(feature = "source-table")]
    ChangeTable(ChangeConfig),
    /// A table whose rows carry a state flag.
    #[cfg(feature = "source-table")]
    FlagTable(FlagConfig),
    /// Documents that are posted.
    HttpPush(PushListen),
}

impl SourceSettings {
    /// Name of the source.
    pub fn name(&self) -> &str {
        match self {
            SourceSettings::XmlDir(config) => &config.name,
            #[cfg(feature = "source-table")]
            SourceSettings::DbTable(config) => &config.name,
            #[cfg(feature = "source-table")]
            SourceSettings::FlagTable(config) => &config.table.name,
            #[cfg(feature = "source-table")]
            SourceSettings::ChangeTable(config) => &config.table.name,
            SourceSettings::HttpPush(push) => &push.config.name,
        }
    }
}

/// What the sources take from the other sections.
#[derive(Default)]
pub(super) struct Common<'a> {
    pub hub: &'a str,
    pub org: &'a str,
    pub most_waiting: u64,
}

pub(super) fn read(
    root: &mut Section,
    around: &Surroundings<'_>,
    common: &Common<'_>,
    all: &mut Collector,
) -> Vec<SourceSettings> {
    let sections = root.sections("source", all);
    if sections.is_empty() {
        let hint = ("加上一节 [[source]]", "add a section [[source]]");
        all.bad("source", ("没有来源", "there is no source"), hint);
    }
    let mut sources: Vec<SourceSettings> = Vec::new();
    let mut names = BTreeSet::new();
    for mut section in sections {
        if let Some(source) = source(&mut section, around, common, all) {
            if names.insert(source.name().to_owned()) {
                sources.push(source);
            } else {
                let hint = (
                    "每个来源取不同的名称",
                    "give every source a name of its own",
                );
                all.bad(&section.at("name"), ("名称重复", "the name is taken"), hint);
            }
        }
        section.finish(all);
    }
    sources
}

fn source(
    section: &mut Section,
    around: &Surroundings<'_>,
    common: &Common<'_>,
    all: &mut Collector,
) -> Option<SourceSettings> {
    let name = section.text("name", None, all);
    let dialect = section.text("dialect", Some(AUTO), all);
    let kind = section.text("kind", None, all)?;
    match kind.as_str() {
        "xml_dir" => {
            let config = xml_dir(section, around, all);
            let mut config = config?;
            (config.name, config.dialect) = (name?, dialect?);
            Some(SourceSettings::XmlDir(config))
        }
        #[cfg(feature = "source-table")]
        "db_table" => table::db_table(section, (name, dialect), around, all),
        #[cfg(feature = "source-table")]
        "db_trigger" => table::db_trigger(section, (name, dialect), around, all),
        "http_push" => {
            let push = http_push(section, around, common, all);
            let mut push = push?;
            (push.config.name, push.config.dialect) = (name?, dialect?);
            Some(SourceSettings::HttpPush(push))
        }
        _ => {
            let hint = (
                "可用：xml_dir、db_table、db_trigger、http_push",
                "known: xml_dir, db_table, db_trigger, http_push",
            );
            all.bad(
                &section.at("kind"),
                ("未知的来源类型", "no such kind"),
                hint,
            );
            None
        }
    }
}

fn xml_dir(
    section: &mut Section,
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<XmlDirConfig> {
    let dir = section.path("dir", true, around, all);
    let quiet = section.whole("quiet_seconds", 0..=86_400, Some(120), all);
    let files = section.whole("files_per_envelope", 1..=10_000, Some(200), all);
    let guard = section.flag("guard", true, all);
    let marker = section.text("marker", Some(""), all).filter(|end| {
        let good = end.is_empty() || is_marker(end);
        if !good {
            let what = ("不是标记文件的后缀", "no ending of marker files");
            let hint = ("写作 .ok 或 .done", "write .ok or .done");
            all.bad(&section.at("marker"), what, hint);
        }
        good
    });
    let dir = dir.filter(|dir| {
        if !dir.is_dir() {
            let what = (
                format!("{}不是文件夹", dir.display()),
                format!("{} is no folder", dir.display()),
            );
            let hint = (
                "先建立该文件夹并授权",
                "make the folder, and give the agent its rights",
            );
            all.bad(&section.at("dir"), (&what.0, &what.1), hint);
        }
        dir.is_dir()
    });
    let mut config = XmlDirConfig::new("", dir?);
    config.quiet = Duration::seconds(i64::try_from(quiet?).unwrap_or(120));
    config.lot_files = usize::try_from(files?).unwrap_or(200);
    config.guard = guard;
    config.marker = marker.filter(|end| !end.is_empty());
    Some(config)
}

/// A full stop and 1 to 20 letters or digits.
fn is_marker(end: &str) -> bool {
    let rest = end.strip_prefix('.').unwrap_or_default();
    (1..=20).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn http_push(
    section: &mut Section,
    around: &Surroundings<'_>,
    common: &Common<'_>,
    all: &mut Collector,
) -> Option<PushListen> {
    let listen = section.text("listen", None, all).and_then(|text| {
        let address = text.parse().ok();
        if address.is_none() {
            let hint = ("写作 127.0.0.1:8071", "write 127.0.0.1:8071");
            all.bad(
                &section.at("listen"),
                ("监听地址无效", "no address to listen on"),
                hint,
            );
        }
        address
    });
    let token = section.secret("token", around, all).filter(|token| {
        let good = token.len() >= 16;
        if !good {
            let hint = (
                "用“head -c 24 /dev/urandom | base64”生成",
                "make one with `head -c 24 /dev/urandom | base64`",
            );
            let what = ("令牌少于16个字符", "the token has under 16 characters");
            all.bad(&section.at("token_file"), what, hint);
        }
        good
    });
    let most = section.whole("most_mib", 1..=256, Some(16), all);
    let mut config = HttpPushConfig::new("", common.hub, common.org, token?);
    config.body_bytes = usize::try_from(most?).unwrap_or(16) << 20;
    config.most_waiting = common.most_waiting;
    Some(PushListen {
        config,
        listen: listen?,
    })
}
