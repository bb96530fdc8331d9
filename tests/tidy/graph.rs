//! Arrows between the crates, and what the builds may depend on, over `cargo metadata`.
//! Refuses to look into sources: a dependency that is not used counts as well.

use super::tree::{none, root, text};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Every crate of the workspace and the crates of the workspace it may import.
const ARROWS: [(&str, &[&str]); 7] = [
    ("tongcha-schema", &[]),
    ("tongcha-supervision", &["tongcha-schema"]),
    ("tongcha-decode", &["tongcha-schema"]),
    ("tongcha-adapters", &["tongcha-decode", "tongcha-schema"]),
    (
        "tongcha-hub",
        &[
            "tongcha-adapters",
            "tongcha-decode",
            "tongcha-schema",
            "tongcha-supervision",
        ],
    ),
    (
        "tongcha-admin",
        &["tongcha-hub", "tongcha-schema", "tongcha-supervision"],
    ),
    (
        "tongcha",
        &[
            "tongcha-adapters",
            "tongcha-admin",
            "tongcha-decode",
            "tongcha-hub",
            "tongcha-schema",
            "tongcha-supervision",
        ],
    ),
];

/// Crates that mean input, output or waiting: never below schema, decode or supervision.
const IO_CRATES: [&str; 9] = [
    "async-std",
    "axum",
    "hyper",
    "lapin",
    "mio",
    "reqwest",
    "socket2",
    "sqlx",
    "tokio",
];

/// Native code that the default build compiles, with nothing but a C compiler. The value of `links`.
const NATIVE: [&str; 3] = ["ring_core_", "sqlite3", "zstd"];

/// Crates whose work is to find or build native code by tools that a bare machine lacks.
const BUILD_TOOLS: [&str; 8] = [
    "autotools",
    "bindgen",
    "cmake",
    "nasm-rs",
    "openssl-src",
    "pkg-config",
    "system-deps",
    "vcpkg",
];

/// The one pair that may stay: linked into the build script, and not asked where `bundled` is on.
const TOOLS_NOT_ASKED: [(&str, &str, &str); 3] = [
    (
        "libsqlite3-sys",
        "pkg-config",
        "feature `bundled` compiles the C file that it carries",
    ),
    (
        "libsqlite3-sys",
        "vcpkg",
        "only asked on Windows, without `bundled`",
    ),
    (
        "zstd-sys",
        "pkg-config",
        "only asked with the feature of that name or its variable",
    ),
];

fn host() -> String {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let output = Command::new(rustc).arg("-vV").output().expect("rustc -vV");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("rustc -vV names the host")
        .to_owned()
}

struct Graph {
    metadata: Metadata,
}

impl Graph {
    /// The graph of this machine's default build, features united over the workspace.
    fn of_the_workspace() -> Graph {
        let mut command = MetadataCommand::new();
        command
            .manifest_path(root().join("Cargo.toml"))
            .other_options(vec![
                "--locked".to_owned(),
                "--filter-platform".to_owned(),
                host(),
            ]);
        Graph {
            metadata: command.exec().expect("cargo metadata --locked"),
        }
    }

    fn package(&self, id: &PackageId) -> &Package {
        self.metadata
            .packages
            .iter()
            .find(|package| &package.id == id)
            .expect("known package")
    }

    fn member(&self, name: &str) -> &Package {
        self.metadata
            .workspace_packages()
            .into_iter()
            .find(|package| package.name.as_str() == name)
            .unwrap_or_else(|| panic!("no crate {name} in the workspace"))
    }

    /// What a crate reaches by its normal and build dependencies, itself left out.
    fn reach(&self, name: &str) -> BTreeSet<&PackageId> {
        let nodes = &self.metadata.resolve.as_ref().expect("resolved").nodes;
        let by_id: BTreeMap<_, _> = nodes.iter().map(|node| (&node.id, node)).collect();
        let start = &self.member(name).id;
        let mut seen = BTreeSet::new();
        let mut open = vec![start];
        while let Some(id) = open.pop() {
            for dependency in &by_id[id].deps {
                let counts = dependency
                    .dep_kinds
                    .iter()
                    .any(|kind| kind.kind != DependencyKind::Development);
                if counts && seen.insert(&dependency.pkg) {
                    open.push(&dependency.pkg);
                }
            }
        }
        seen
    }

    fn names(&self, name: &str) -> BTreeSet<String> {
        self.reach(name)
            .into_iter()
            .map(|id| self.package(id).name.to_string())
            .collect()
    }
}

#[test]
fn crates_import_only_along_the_arrows() {
    let graph = Graph::of_the_workspace();
    let mut problems = Vec::new();
    for member in graph.metadata.workspace_packages() {
        let name = member.name.as_str();
        let Some((_, allowed)) = ARROWS.iter().find(|(crate_name, _)| *crate_name == name) else {
            problems.push(format!("{name}: a crate that the map does not know"));
            continue;
        };
        for dependency in &member.dependencies {
            let ours = dependency.name.starts_with("tongcha");
            let counts = dependency.kind != DependencyKind::Development;
            if ours && counts && !allowed.contains(&dependency.name.as_str()) {
                problems.push(format!("{name} -> {}", dependency.name));
            }
        }
    }
    none(
        &problems,
        "move the code to the crate that may see both, or pass a value or a closure downwards; a \
         new crate needs a line in ARROWS and in ARCHITECTURE.md",
    );
}

#[test]
fn the_pure_crates_reach_no_io() {
    let graph = Graph::of_the_workspace();
    let mut problems = Vec::new();
    for pure in ["tongcha-schema", "tongcha-decode", "tongcha-supervision"] {
        let reached = graph.names(pure);
        for name in IO_CRATES.iter().filter(|name| reached.contains(**name)) {
            problems.push(format!("{pure} reaches {name}"));
        }
    }
    none(
        &problems,
        "schema, decode and supervision are functions of values: do the IO in adapters or hub",
    );
}

#[test]
fn the_pages_neither_speak_sql_nor_amqp() {
    let graph = Graph::of_the_workspace();
    let problems: Vec<String> = graph
        .member("tongcha-admin")
        .dependencies
        .iter()
        .filter(|dependency| ["sqlx", "lapin", "reqwest"].contains(&dependency.name.as_str()))
        .map(|dependency| format!("tongcha-admin -> {}", dependency.name))
        .collect();
    none(
        &problems,
        "ask the hub: a question to the store is a function of tongcha-hub",
    );
}

/// Names of what the binary is built from with these features and no default ones. `cargo tree`
/// resolves the one package alone, as `cargo build -p tongcha` does.
fn built_from(features: &str) -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["tree", "--locked", "-p", "tongcha", "--no-default-features"])
        .args([
            "--features",
            features,
            "-e",
            "normal,build",
            "--prefix",
            "none",
        ])
        .current_dir(root())
        .output()
        .expect("cargo tree");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "cargo tree --features {features}: {errors}"
    );
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect()
}

#[test]
fn the_agent_builds_without_hub_pages_and_supervision() {
    let reached = built_from("agent");
    assert!(
        reached.contains("tongcha-adapters"),
        "the agent's build holds the adapters"
    );
    let forbidden = [
        "tongcha-hub",
        "tongcha-admin",
        "tongcha-supervision",
        "askama",
        "tokio-cron-scheduler",
    ];
    let problems: Vec<String> = forbidden
        .iter()
        .filter(|name| reached.contains(**name))
        .map(|name| format!("the agent's build contains {name}"))
        .collect();
    none(
        &problems,
        "put the dependency behind the feature `server` in the root Cargo.toml",
    );
}

#[test]
fn each_database_source_and_the_broker_are_features_of_their_own() {
    let drivers = [
        ("uplink-amqp", "lapin"),
        ("source-postgres", "sqlx-postgres"),
        ("source-mysql", "sqlx-mysql"),
        ("source-odbc", "odbc-api"),
    ];
    for feature in [
        "source-sqlite",
        "source-postgres",
        "source-mysql",
        "source-odbc",
        "uplink-amqp",
    ] {
        let built = built_from(feature);
        for (own, driver) in drivers {
            assert_eq!(
                built.contains(driver),
                own == feature,
                "what {feature} alone builds; what to do: put each driver of sqlx behind the feature \
                 of its source in tongcha-adapters"
            );
        }
    }
}

#[test]
fn the_default_build_needs_rustc_cargo_and_a_c_compiler() {
    let graph = Graph::of_the_workspace();
    let nodes = &graph.metadata.resolve.as_ref().expect("resolved").nodes;
    let mut problems = Vec::new();
    for id in graph.reach("tongcha") {
        let package = graph.package(id);
        if let Some(links) = &package.links
            && !NATIVE.iter().any(|known| links.starts_with(known))
        {
            problems.push(format!("{} links {links}", package.name));
        }
        let node = nodes.iter().find(|node| &node.id == id).expect("resolved");
        for dependency in &node.deps {
            let tool = graph.package(&dependency.pkg).name.as_str();
            let known = TOOLS_NOT_ASKED
                .iter()
                .any(|(owner, name, _)| *owner == package.name.as_str() && *name == tool);
            let builds = dependency
                .dep_kinds
                .iter()
                .any(|kind| kind.kind == DependencyKind::Build);
            if builds && BUILD_TOOLS.contains(&tool) && !known {
                problems.push(format!("the build script of {} uses {tool}", package.name));
            }
        }
        let features: Vec<&str> = node.features.iter().map(|name| name.as_ref()).collect();
        match package.name.as_str() {
            "libsqlite3-sys" if !features.contains(&"bundled") => {
                problems.push("libsqlite3-sys without `bundled` asks pkg-config".to_owned());
            }
            "zstd-sys" if features.contains(&"pkg-config") || features.contains(&"bindgen") => {
                problems.push("zstd-sys with `pkg-config` or `bindgen`".to_owned());
            }
            _ => {}
        }
    }
    none(
        &problems,
        "choose a crate in pure Rust or one that carries its C source, turn the feature off, or \
         make it an optional feature that the default build leaves out",
    );
}

#[test]
fn one_crate_owns_sqlite() {
    let graph = Graph::of_the_workspace();
    let versions: Vec<String> = graph
        .metadata
        .packages
        .iter()
        .filter(|package| package.name.as_str() == "libsqlite3-sys")
        .map(|package| package.version.to_string())
        .collect();
    assert_eq!(
        versions.len(),
        1,
        "versions of libsqlite3-sys: {versions:?}; what to do: remove the crate that brings the \
         other one (`cargo tree -i libsqlite3-sys`)"
    );
}

/// Does the SPDX expression hold with these licences? `OR`, `AND`, parentheses and the old slash.
fn licence_holds(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let holds = any_of(&tokens, &mut at, allowed);
    holds && at == tokens.len()
}

fn any_of(tokens: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let mut holds = all_of(tokens, at, allowed);
    while tokens.get(*at) == Some(&"OR") {
        *at += 1;
        let right = all_of(tokens, at, allowed);
        holds = holds || right;
    }
    holds
}

fn all_of(tokens: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let mut holds = one(tokens, at, allowed);
    while tokens.get(*at) == Some(&"AND") {
        *at += 1;
        let right = one(tokens, at, allowed);
        holds = holds && right;
    }
    holds
}

fn one(tokens: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let Some(token) = tokens.get(*at) else {
        return false;
    };
    *at += 1;
    if *token == "(" {
        let inside = any_of(tokens, at, allowed);
        *at += 1;
        return inside;
    }
    let mut name = (*token).to_owned();
    if tokens.get(*at) == Some(&"WITH") {
        name = format!("{name} WITH {}", tokens.get(*at + 1).unwrap_or(&""));
        *at += 2;
    }
    allowed.contains(&name)
}

fn deny_list(section: &str, key: &str) -> Vec<String> {
    let deny: toml::Table = text("deny.toml").parse().expect("deny.toml is TOML");
    deny[section][key]
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| {
            entry
                .get("crate")
                .unwrap_or(entry)
                .as_str()
                .expect("a text")
                .to_owned()
        })
        .collect()
}

#[test]
fn licences_and_banned_crates_are_those_of_deny_toml() {
    let allowed = deny_list("licenses", "allow");
    let banned = deny_list("bans", "deny");
    assert!(licence_holds("(MIT OR GPL-3.0) AND ISC", &allowed));
    assert!(!licence_holds("MIT AND GPL-3.0-only", &allowed));
    let graph = Graph::of_the_workspace();
    let mut problems = Vec::new();
    for package in &graph.metadata.packages {
        let licence = package.license.as_deref().unwrap_or("none");
        if !licence_holds(licence, &allowed) {
            problems.push(format!("{} is under {licence}", package.name));
        }
        if banned.iter().any(|name| name == package.name.as_str()) {
            problems.push(format!("{} is banned (deny.toml says why)", package.name));
        }
    }
    none(
        &problems,
        "choose another crate; a new permissive licence is added to deny.toml",
    );
}

#[test]
fn no_dependency_asks_for_a_newer_compiler() {
    let graph = Graph::of_the_workspace();
    let ours = graph
        .member("tongcha")
        .rust_version
        .clone()
        .expect("rust-version is set");
    let problems: Vec<String> = graph
        .metadata
        .packages
        .iter()
        .filter_map(|package| {
            let theirs = package.rust_version.as_ref()?;
            (*theirs > ours).then(|| format!("{} asks for Rust {theirs}", package.name))
        })
        .collect();
    none(
        &problems,
        "take an older version, or raise rust-version and the README together",
    );
}

#[test]
fn every_crate_obeys_the_lints_of_the_workspace() {
    let workspace: toml::Table = text("Cargo.toml").parse().expect("Cargo.toml is TOML");
    let lints = &workspace["workspace"]["lints"];
    assert_eq!(
        lints["rust"]["unsafe_code"].as_str(),
        Some("forbid"),
        "unsafe code is forbidden"
    );
    let mut problems = Vec::new();
    for (family, name) in [
        ("rust", "missing_docs"),
        ("clippy", "unwrap_used"),
        ("clippy", "expect_used"),
        ("clippy", "panic"),
        ("clippy", "todo"),
        ("clippy", "dbg_macro"),
        ("clippy", "allow_attributes_without_reason"),
    ] {
        if !matches!(
            lints[family].get(name).and_then(toml::Value::as_str),
            Some("warn" | "deny" | "forbid")
        ) {
            problems.push(format!("Cargo.toml: lint {family}::{name} is off"));
        }
    }
    for member in Graph::of_the_workspace().metadata.workspace_packages() {
        let manifest = std::fs::read_to_string(&member.manifest_path).expect("a manifest");
        let manifest: toml::Table = manifest.parse().expect("a manifest is TOML");
        let obeys = manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"))
            .and_then(toml::Value::as_bool);
        if obeys != Some(true) {
            problems.push(format!(
                "{}: no `[lints] workspace = true`",
                member.manifest_path
            ));
        }
    }
    none(
        &problems,
        "add the lint to [workspace.lints], or the two lines to the manifest",
    );
}
