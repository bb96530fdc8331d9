//! `[[node]]`: who may send envelopes, and who may post documents with a token.

use super::name;
use crate::exchange::NodeEntry;
use crate::push::{PushDoor, token_sha256};
use std::collections::BTreeSet;
use tongcha_adapters::dialect::Registry;
use tongcha_adapters::settings::{Collector, Section, Surroundings};
use tongcha_schema::envelope::AUTO;
use tongcha_schema::seal::{OpeningKey, parse_public};

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

/// Whether the doors' dialects exist.
pub(super) fn known_dialects(doors: &[PushDoor], registry: &Registry, all: &mut Collector) {
    for door in doors {
        if door.dialect != AUTO && registry.get(&door.dialect).is_none() {
            let known = registry.names().collect::<Vec<_>>().join(", ");
            let hint = format!("auto, {known}");
            let what = ("没有此方言", "no such dialect");
            all.bad(
                &format!("node {}: dialect", door.node),
                what,
                (&hint, &hint),
            );
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
    let organ_code = section.text("org", Some(""), all);
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
    section.finish(all);
    let entry = NodeEntry {
        name: name?,
        is_hub,
        public_key: key?,
        organ_code: organ_code?,
        organ_name: organ_name?,
    };
    Some((entry, door))
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
