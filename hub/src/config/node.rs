//! `[[node]]`: who may send envelopes, and who may post documents with a token.

use super::name;
use crate::demands::{Demands, end_of_day};
use crate::exchange::NodeEntry;
use crate::push::{PushDoor, token_sha256};
use std::collections::BTreeSet;
use time::OffsetDateTime;
use tongcha_adapters::settings::{Collector, Section, Surroundings};
use tongcha_decode::dialect::Registry;
use tongcha_schema::envelope::AUTO;
use tongcha_schema::idcheck::is_organ_code;
use tongcha_schema::seal::{OpeningKey, Suite, parse_public};

/// Characters of a token at least.
const TOKEN_CHARS: usize = 16;

/// The nodes, and the doors of those that post.
pub(super) fn nodes(
    sections: Vec<Section>,
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> (Vec<NodeEntry>, Vec<PushDoor>) {
    let mut nodes = Vec::new();
    let mut doors: Vec<PushDoor> = Vec::new();
    let mut tokens = BTreeSet::new();
    for section in sections {
        let at = section.at("token_file");
        let Some((node, door)) = node(section, around, all) else {
            continue;
        };
        nodes.push(node);
        let Some(door) = door else { continue };
        if !tokens.insert(door.token_sha256) {
            let hint = ("每个节点用自己的令牌", "give each node a token of its own");
            all.bad(
                &at,
                ("两个节点用同一令牌", "two nodes have one token"),
                hint,
            );
        }
        doors.push(door);
    }
    (nodes, doors)
}

/// Whether the dialects of doors and nodes exist.
pub(super) fn known_dialects(
    doors: &[PushDoor],
    nodes: &[NodeEntry],
    registry: &Registry,
    all: &mut Collector,
) {
    let of_doors = doors.iter().filter(|d| d.dialect != AUTO).flat_map(|d| {
        let names = d.dialect.split(',').map(str::trim);
        names.map(|name| (&d.node, "dialect", name))
    });
    let of_nodes = nodes
        .iter()
        .flat_map(|n| n.dialects.iter().map(|d| (&n.name, "dialects", &**d)));
    for (node, key, name) in of_doors.chain(of_nodes) {
        if registry.get(name).is_none() {
            let known = registry.names().collect::<Vec<_>>().join(", ");
            let what = ("没有此方言", "no such dialect");
            all.bad(&format!("node {node}: {key}"), what, (&known, &known));
        }
    }
}

fn node(
    mut section: Section,
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<(NodeEntry, Option<PushDoor>)> {
    let name = name(&mut section, "name", all);
    let is_hub = section.flag("hub", false, all);
    let posts = section.has("token_file") || section.has("token_env") || section.has("token");
    // A node that only posts documents signs nothing.
    let key = match posts && !section.has("public_key_file") {
        true => Some(String::new()),
        false => public_key(&mut section, around, all),
    };
    let organ_code = organ(&mut section, Some(""), all);
    let organ_name = section.text("org_name", Some(""), all);
    let door = match posts {
        true => {
            let token = token(&mut section, around, all);
            let dialect = section.text("dialect", Some(AUTO), all);
            Some(PushDoor {
                node: name.clone()?,
                organ: organ_code.clone()?,
                dialect: dialect?,
                token_sha256: token?,
            })
        }
        false => None,
    };
    let demands = demands(&mut section, key.as_deref(), all);
    if posts && demands.is_some_and(|d| d.encrypted) {
        let hint = (
            "上报文档的节点只靠TLS保密；须加密则用前置机报送",
            "what is posted is protected by TLS alone; to encrypt, send through an agent",
        );
        let what = ("上报的文档不加密", "posted documents are not encrypted");
        all.bad(&section.at("encrypted"), what, hint);
    }
    let until = until(&mut section, all);
    let dialects = section.texts("dialects", all);
    section.finish(all);
    let entry = NodeEntry {
        name: name?,
        is_hub,
        public_key: key?,
        organ_code: organ_code?,
        organ_name: organ_name?,
        demands: demands?,
        until: until?,
        dialects,
    };
    Some((entry, door))
}

/// `org`: the code of an organ, whose check character fits; empty where that is the default.
pub(super) fn organ(
    section: &mut Section,
    or: Option<&str>,
    all: &mut Collector,
) -> Option<String> {
    let code = section.text("org", or, all)?;
    if is_organ_code(&code) || or == Some(code.as_str()) {
        return Some(code);
    }
    let hint = (
        "填18位统一社会信用代码（或9位机构代码）",
        "the social credit code of 18 characters, or the older code of 9",
    );
    let what = ("机构代码校验不通过", "the organ's code fails its check");
    all.bad(&section.at("org"), what, hint);
    None
}

/// What is demanded of the node: `suite`, `encrypted`.
fn demands(section: &mut Section, key: Option<&str>, all: &mut Collector) -> Option<Demands> {
    let encrypted = section.flag("encrypted", false, all);
    let name = section.text("suite", Some(""), all)?;
    let suite = Suite::parse(&name);
    let mistake = match (suite, key.and_then(parse_public)) {
        (None, _) if !name.is_empty() => ("没有此算法套件", "no such suite"),
        (Some(suite), Some(key)) if key.suite() != suite => (
            "节点的公钥属于另一套件",
            "the node's public key is of the other suite",
        ),
        _ => return Some(Demands { suite, encrypted }),
    };
    all.bad(
        &section.at("suite"),
        mistake,
        ("ed25519, sm2", "ed25519, sm2"),
    );
    None
}

/// `until`: the last day of the node's key, in China.
fn until(section: &mut Section, all: &mut Collector) -> Option<Option<OffsetDateTime>> {
    let day = section.text("until", Some(""), all)?;
    let end = end_of_day(&day);
    if end.is_none() && !day.is_empty() {
        let hint = ("写作2027-12-31", "write 2027-12-31");
        all.bad(&section.at("until"), ("不是日期", "no date"), hint);
        return None;
    }
    Some(end)
}

/// Whether there is a key for what the nodes are told to encrypt.
pub(super) fn openable(nodes: &[NodeEntry], opening: &[OpeningKey], all: &mut Collector) {
    for node in nodes.iter().filter(|n| n.demands.encrypted) {
        let fits = |key: &OpeningKey| node.demands.suite.is_none_or(|suite| key.suite() == suite);
        if !opening.iter().any(fits) {
            let hint = (
                "用“tongcha keys hub”生成，填入[hub] opening_key_file",
                "make one with `tongcha keys hub` and name it in [hub] opening_key_file",
            );
            let what = (
                "要求加密，但中心没有该套件的解密私钥",
                "encryption is demanded, and the hub has no key of that suite to open it",
            );
            all.bad(&format!("node {}: encrypted", node.name), what, hint);
        }
    }
}

fn public_key(
    section: &mut Section,
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<String> {
    let file = section.path("public_key_file", true, around, all)?;
    let text = section.read_file("public_key_file", &file, all)?;
    if parse_public(&text).is_none() {
        let hint = (
            "用“tongcha keys node”生成",
            "make one with `tongcha keys node`",
        );
        let what = ("不是公钥", "no public key");
        all.bad(&section.at("public_key_file"), what, hint);
        return None;
    }
    Some(text.trim().to_owned())
}

fn token(
    section: &mut Section,
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<[u8; 32]> {
    let token = section.secret("token", around, all)?;
    if token.len() < TOKEN_CHARS {
        let hint = (
            "用“openssl rand -hex 32”生成",
            "make one with `openssl rand -hex 32`",
        );
        let what = ("令牌少于16个字符", "the token has under 16 characters");
        all.bad(&section.at("token_file"), what, hint);
        return None;
    }
    Some(token_sha256(&token))
}

/// The keys that open encrypted envelopes: the one in use and the one before.
pub(super) fn opening_keys(
    section: &mut Section,
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<Vec<OpeningKey>> {
    let mut keys = Vec::new();
    for name in ["opening_key", "old_opening_key"] {
        let file = format!("{name}_file");
        if ![name.to_owned(), file.clone(), format!("{name}_env")]
            .iter()
            .any(|k| section.has(k))
        {
            continue;
        }
        let text = section.secret(name, around, all)?;
        let Some(key) = OpeningKey::parse(&text) else {
            let hint = (
                "用“tongcha keys hub”生成",
                "make one with `tongcha keys hub`",
            );
            let what = ("不是解密私钥", "no key that opens envelopes");
            all.bad(&section.at(&file), what, hint);
            return None;
        };
        keys.push(key);
    }
    Some(keys)
}
