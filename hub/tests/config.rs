//! The shipped configurations of hubs are read as they stand, and a bad one tells all its mistakes at
//! once. Refuses to start a hub.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::path::Path;
use tongcha_adapters::settings::{Mistake, Surroundings};
use tongcha_hub::config::{HubSettings, Services};
use tongcha_schema::seal::{NodeKey, public_text};

const SAMPLES: [(&str, &str); 4] = [
    ("hub", include_str!("../../deploy/config/hub.toml")),
    ("county", include_str!("../../deploy/config/county.toml")),
    ("city", include_str!("../../deploy/config/city.toml")),
    (
        "province",
        include_str!("../../deploy/config/province.toml"),
    ),
];

/// A folder with every secret and key that the samples name.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("nodes")).unwrap();
    let key = NodeKey::from_bytes(&[1; 32]);
    for (name, text) in [
        ("hub.key", key.to_pem()),
        ("seal.key", format!("{}=\n", "A".repeat(43))),
        (
            "db.url",
            "postgresql://owner:x@127.0.0.1:5432/tongcha\n".to_owned(),
        ),
        (
            "bus.url",
            "amqp://tongcha:x@127.0.0.1:5672/tongcha\n".to_owned(),
        ),
    ] {
        close(&folder.path().join(name), &text);
    }
    for node in ["431321-zwzx", "431321-gtj", "431321-hub", "431300-hub"] {
        let file = folder.path().join("nodes").join(format!("{node}.pub"));
        fs::write(file, format!("{}\n", public_text(&key.public()))).unwrap();
    }
    folder
}

/// Writes a secret that only its owner reads.
fn close(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// The text with its folder of secrets led into the given one.
fn led_into(text: &str, folder: &Path) -> String {
    text.replace("/etc/tongcha", &folder.display().to_string())
}

fn read(text: &str, folder: &Path) -> Result<HubSettings, Vec<Mistake>> {
    let around = Surroundings {
        base: folder,
        env: &|_| None,
    };
    HubSettings::read(text, &around)
}

fn places(mistakes: &[Mistake]) -> Vec<&str> {
    mistakes.iter().map(|m| m.at.as_str()).collect()
}

#[test]
fn every_sample_is_read() {
    let folder = folder();
    for (name, text) in SAMPLES {
        let settings = match read(&led_into(text, folder.path()), folder.path()) {
            Ok(settings) => settings,
            Err(mistakes) => panic!("{name}.toml: {}", mistakes[0]),
        };
        assert!(!settings.nodes.is_empty(), "{name}.toml has no node");
        assert!(settings.pages.ip().is_loopback(), "{name}.toml");
        assert_eq!(
            settings.services.schema, "tongcha",
            "{name}.toml: the runbook names that schema"
        );
        let top = ["hub", "province"].contains(&name);
        assert_eq!(settings.forward.is_none(), top, "{name}.toml");
        let owner = ["hub", "county"].contains(&name);
        assert_eq!(settings.issues_cards, owner, "{name}.toml");
    }
}

#[test]
fn the_tiers_know_each_other() {
    let folder = folder();
    let [_, county, city, province] =
        SAMPLES.map(
            |(name, text)| match read(&led_into(text, folder.path()), folder.path()) {
                Ok(settings) => settings,
                Err(mistakes) => panic!("{name}.toml: {}", mistakes[0]),
            },
        );
    for (lower, upper) in [(&county, &city), (&city, &province)] {
        let above = lower.forward.as_ref().unwrap();
        assert_eq!(above.hub, upper.name);
        let node = upper.nodes.iter().find(|n| n.name == lower.name).unwrap();
        assert!(node.is_hub, "{} is a hub", node.name);
    }
}

#[test]
fn without_its_secrets_a_sample_names_each_missing_file() {
    let empty = tempfile::tempdir().unwrap();
    for (name, text) in SAMPLES {
        let mistakes = read(&led_into(text, empty.path()), empty.path())
            .err()
            .unwrap();
        for mistake in &mistakes {
            assert!(mistake.at.ends_with("_file"), "{name}.toml: {mistake}");
            assert!(mistake.what.1.contains("cannot be read"), "{mistake}");
        }
        let at = places(&mistakes);
        for key in ["hub.seal_file", "database.url_file", "bus.url_file"] {
            assert!(at.contains(&key), "{name}.toml: {key} is not told");
        }
    }
}

#[test]
fn all_mistakes_are_told_at_once_with_hints() {
    let folder = folder();
    close(
        &folder.path().join("mysql.url"),
        "mysql://root:hunter2@db/tongcha\n",
    );
    let text = r#"
        [hub]
        name = "HUB"
        listen = "0.0.0.0:8443"
        pages = "0.0.0.0:8080"
        profile = "nowhere"
        issue_cards = true
        seal = "c2VjcmV0"
        seal_file = "hub.key"
        [database]
        url_file = "mysql.url"
        schema = "a b"
        [bus]
        partitions = 0
        [[node]]
        name = "431321/gtj"
        public_key_file = "mysql.url"
        [[node]]
        name = "gtj"
        public_key_file = "nodes/nobody.pub"
        [forward]
        hub = "430000/hub"
        url = "ftp://hub.example"
        key_env = "NOT_SET"
        [mail]
    "#;
    let mistakes = read(text, folder.path()).err().unwrap();
    assert_eq!(
        places(&mistakes),
        [
            "hub.name",
            "hub.listen",
            "hub.pages",
            "hub.spool",
            "hub.profile",
            "hub.seal",
            "hub.seal_file",
            "hub.issue_cards",
            "database.url_file",
            "database.schema",
            "bus.url_file",
            "bus.partitions",
            "node[1].public_key_file",
            "node[2].name",
            "node[2].public_key_file",
            "forward.url",
            "forward.org",
            "forward.key_env",
            "forward.outbox",
            "mail",
        ]
    );
    for mistake in &mistakes {
        let texts = [&mistake.what, &mistake.hint];
        let full = texts.iter().all(|t| !t.0.is_empty() && !t.1.is_empty());
        assert!(full, "{mistake}");
    }
    assert!(
        mistakes[7].hint.1.contains("issues_cards"),
        "{}",
        mistakes[7]
    );
    let told = mistakes.iter().map(ToString::to_string).collect::<String>();
    assert!(!told.contains("hunter2"), "a password is shown");
    assert!(!told.contains("c2VjcmV0"), "a secret is shown");
}

#[test]
fn an_empty_file_names_every_missing_section() {
    let folder = folder();
    let mistakes = read("", folder.path()).err().unwrap();
    assert_eq!(places(&mistakes), ["hub", "database", "bus"]);
    assert_eq!(read("[hub", folder.path()).err().unwrap().len(), 1);
}

#[test]
fn the_servers_alone_are_read_for_a_run_of_their_own() {
    let folder = folder();
    let around = Surroundings {
        base: folder.path(),
        env: &|_| None,
    };
    let services = Services::read(&led_into(SAMPLES[0].1, folder.path()), &around)
        .ok()
        .unwrap();
    assert!(services.database_url.starts_with("postgresql://"));
    assert!(services.bus_url.ends_with("/tongcha"));
    assert_eq!(services.partitions, 2);
    assert_eq!(services.rabbitmqctl, "");
}

#[test]
fn dialects_of_the_office_are_read_and_all_their_mistakes_told() {
    const OWN: &str = r#"
        name = "county-steps"
        version = "1"
        title_zh = "甲"
        title_en = "a"
        kind = ["csv", "row"]
        space = "source"
        [recognise]
        columns = ["编号", "环节"]
        [case]
        case_no = "编号"
        version = "arrival"
        [[record]]
        element = "process"
        seq = ["环节"]
        fields = { step_name = "环节" }
    "#;
    let folder = folder();
    let dialects = folder.path().join("dialects");
    let text = led_into(SAMPLES[0].1, folder.path()).replace(
        "[hub]\n",
        &format!("[hub]\ndialects = \"{}\"\n", dialects.display()),
    );
    let mistakes = read(&text, folder.path()).err().unwrap();
    assert_eq!(
        places(&mistakes),
        ["hub.dialects"],
        "there is no such folder"
    );
    fs::create_dir(&dialects).unwrap();
    fs::write(dialects.join("steps.toml"), OWN).unwrap();
    fs::write(dialects.join("notes.txt"), "no dialect").unwrap();
    let settings = read(&text, folder.path()).ok().unwrap();
    for name in ["county-steps", "county-steps-row", "guangdong", "native"] {
        assert!(settings.registry.get(name).is_some(), "{name}");
    }
    let table = "编号,环节\nA-1,受理\n";
    let found = settings.registry.recognise("a.csv", table.as_bytes());
    assert_eq!(found.map(|d| d.name.as_str()), Some("county-steps"));
    for (file, from, to) in [
        ("a.toml", "step_name", "step_nam"),
        ("b.toml", "process", "proces"),
    ] {
        fs::write(dialects.join(file), OWN.replace(from, to)).unwrap();
    }
    let mistakes = read(&text, folder.path()).err().unwrap();
    assert_eq!(places(&mistakes), ["hub.dialects", "hub.dialects"]);
    let told = mistakes.iter().map(ToString::to_string).collect::<String>();
    for part in [
        "a.toml",
        "did you mean `step_name`?",
        "did you mean `process`?",
        "line 1",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}

#[test]
fn a_node_may_post_with_a_token_of_its_own() {
    let folder = folder();
    let token = "0123456789abcdef";
    for (name, text) in [
        ("a.token", token),
        ("b.token", "fedcba9876543210"),
        ("short.token", "x"),
    ] {
        close(&folder.path().join(name), text);
    }
    let node = |name: &str, more: &str| format!("\n[[node]]\nname = \"{name}\"\n{more}\n");
    let base =
        led_into(SAMPLES[0].1, folder.path()).replace("[hub]\n", "[hub]\nmost_waiting = 500\n");
    let good = format!(
        "{base}{}{}",
        node(
            "431321/slj",
            "token_file = \"a.token\"\norg = \"11431321009000015L\""
        ),
        node(
            "431321/gaj",
            "token_file = \"b.token\"\ndialect = \"row-process, native\""
        ),
    );
    let settings = read(&good, folder.path()).ok().unwrap();
    let door = settings.intake.door(&format!("Bearer {token}")).unwrap();
    assert_eq!(
        (door.node.as_str(), door.organ.as_str()),
        ("431321/slj", "11431321009000015L")
    );
    let mistyped = good.replace("11431321009000015L", "11431321009000015M");
    let mistakes = read(&mistyped, folder.path()).err().unwrap();
    assert!(places(&mistakes)[0].ends_with("org"), "{}", mistakes[0]);
    assert!(settings.intake.door(&format!("Basic {token}")).is_none());
    assert!(settings.intake.door("Bearer 0123456789abcdeF").is_none());
    assert_eq!(
        (settings.intake.doors.len(), settings.intake.most_waiting),
        (2, 500)
    );
    let bad = format!(
        "{base}{}{}{}",
        node("431321/slj", "token_file = \"a.token\""),
        node(
            "431321/gaj",
            "token_file = \"a.token\"\ndialect = \"nobody\""
        ),
        node("431321/mzj", "token_file = \"short.token\""),
    );
    let mistakes = read(&bad, folder.path()).err().unwrap();
    let told: Vec<&str> = mistakes.iter().map(|m| m.what.1.as_str()).collect();
    assert_eq!(
        told,
        [
            "two nodes have one token",
            "the token has under 16 characters",
            "no such dialect"
        ]
    );
}

#[test]
fn keys_that_open_envelopes_are_read_and_another_kind_of_key_is_told() {
    use tongcha_schema::seal::{OpeningKey, Suite};
    let folder = folder();
    let keys = [Suite::Ed25519, Suite::Sm2].map(|s| OpeningKey::of(s, &[2; 32]).unwrap());
    close(&folder.path().join("one.key"), &keys[0].to_pem());
    close(&folder.path().join("two.key"), &keys[1].to_pem());
    let text = |more: &str| {
        led_into(SAMPLES[0].1, folder.path()).replace("[hub]\n", &format!("[hub]\n{more}\n"))
    };
    let both = text("opening_key_file = \"two.key\"\nold_opening_key_file = \"one.key\"");
    let settings = read(&both, folder.path()).ok().unwrap();
    let opening = settings.intake.opening.iter().map(OpeningKey::recipient);
    assert_eq!(
        opening.collect::<Vec<_>>(),
        [keys[1].recipient(), keys[0].recipient()]
    );
    // A signing key opens nothing.
    let mistakes = read(&text("opening_key_file = \"hub.key\""), folder.path());
    assert_eq!(places(&mistakes.err().unwrap()), ["hub.opening_key_file"]);
}

#[test]
fn what_is_demanded_of_a_node_is_read_and_what_cannot_be_is_told() {
    use tongcha_hub::demands::Demands;
    use tongcha_schema::seal::{NodeKey, OpeningKey, Suite, public_text};
    let folder = folder();
    let opening = OpeningKey::of(Suite::Sm2, &[2; 32]).unwrap();
    let signing = NodeKey::of(Suite::Sm2, &[3; 32]).unwrap();
    for (name, text) in [
        ("open.key", opening.to_pem()),
        ("sm.pub", public_text(&signing.public())),
        ("a.token", "0123456789abcdef".to_owned()),
    ] {
        close(&folder.path().join(name), &text);
    }
    let node = |name: &str, more: &str| format!("\n[[node]]\nname = \"431321/{name}\"\n{more}\n");
    let base = led_into(SAMPLES[0].1, folder.path());
    let opens = base.replace("[hub]\n", "[hub]\nopening_key_file = \"open.key\"\n");
    let key = "public_key_file = \"sm.pub\"\n";
    let all = format!("{key}suite = \"sm2\"\nencrypted = true\nuntil = \"2026-12-31\"");
    let settings = read(&format!("{opens}{}", node("slj", &all)), folder.path());
    let settings = settings.ok().unwrap();
    let read_node = settings.nodes.last().unwrap();
    let demands = Demands {
        suite: Some(Suite::Sm2),
        encrypted: true,
    };
    assert_eq!(read_node.demands, demands);
    let end = time::macros::datetime!(2027-01-01 0:00 +8);
    assert_eq!(read_node.until, Some(end));
    let told = |base: &str, more: &str| {
        let mistakes = read(&format!("{base}{}", node("slj", more)), folder.path());
        let mistakes = mistakes.err().unwrap();
        mistakes
            .iter()
            .map(|m| m.what.1.clone())
            .collect::<Vec<_>>()
    };
    let no_key = "encryption is demanded, and the hub has no key of that suite to open it";
    assert_eq!(told(&base, &all), [no_key]);
    let other = format!("{key}suite = \"ed25519\"\nuntil = \"soon\"");
    let wrong = ["the node's public key is of the other suite", "no date"];
    assert_eq!(told(&opens, &other), wrong);
    assert_eq!(
        told(&opens, &format!("{key}suite = \"rsa\"")),
        ["no such suite"]
    );
    let posts = "token_file = \"a.token\"\nencrypted = true";
    assert_eq!(told(&opens, posts), ["posted documents are not encrypted"]);
}
