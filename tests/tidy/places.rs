//! What may stand in which file: clocks, drivers, SQL, printing. Refuses to follow imports; it
//! reads text, with comments taken out.

use super::tree::{Text, none, sources, texts};
use std::collections::{BTreeMap, BTreeSet};

/// Where the pure crates stand.
const PURE: [&str; 3] = [
    "schema/src/",
    "adapters/decode/src/",
    "hub/supervision/src/",
];

/// The crate a source belongs to: its folder before `/src/`, or the root.
fn crate_of(path: &str) -> Option<&str> {
    if path.starts_with("src/") {
        return Some("");
    }
    path.split_once("/src/").map(|(folder, _)| folder)
}

/// The line without its comment. Good enough for `//` outside of texts with `://`.
fn code(line: &str) -> &str {
    let mut from = 0;
    while let Some(at) = line[from..].find("//") {
        let at = from + at;
        if !line[..at].ends_with(':') {
            return &line[..at];
        }
        from = at + 2;
    }
    line
}

/// Product code of the library crates and the binary, without tests.
fn product() -> Vec<Text> {
    sources()
        .into_iter()
        .filter(|text| !text.is_test() && crate_of(&text.path).is_some())
        .collect()
}

fn places<'a>(product: &'a [Text], pattern: &str) -> Vec<(&'a str, usize)> {
    let mut found = Vec::new();
    for source in product {
        for (number, line) in source.product_lines() {
            if code(line).contains(pattern) {
                found.push((source.path.as_str(), number));
            }
        }
    }
    found
}

/// `a.rs` and everything below `a/` are one place.
fn one_place(paths: &BTreeSet<&str>) -> bool {
    let Some(shortest) = paths.iter().min_by_key(|path| path.len()) else {
        return true;
    };
    let stem = shortest.trim_end_matches(".rs");
    paths
        .iter()
        .all(|path| path == shortest || path.starts_with(&format!("{stem}/")))
}

#[test]
fn drivers_and_the_clock_stand_in_one_file_of_a_crate() {
    let product = product();
    let mut problems = Vec::new();
    for pattern in [
        "lapin::",
        "tokio_cron_scheduler::",
        "SystemTime::now",
        "getrandom::",
    ] {
        let mut by_crate: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (path, _) in places(&product, pattern) {
            by_crate
                .entry(crate_of(path).unwrap_or(""))
                .or_default()
                .insert(path);
        }
        for files in by_crate.into_values().filter(|files| !one_place(files)) {
            problems.push(format!("{pattern} in {files:?}"));
        }
    }
    none(
        &problems,
        "go through the trait of the one file (Bus, the schedule, Clock) instead of the crate itself",
    );
}

#[test]
fn the_pure_crates_touch_neither_files_nor_network_nor_clock() {
    let product = product();
    let mut problems = Vec::new();
    for pattern in [
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "std::thread",
        "tokio",
        "Instant::now",
        "SystemTime",
        "OffsetDateTime::now",
        "getrandom",
        "println!",
    ] {
        for (path, number) in places(&product, pattern) {
            if PURE.iter().any(|folder| path.starts_with(folder)) {
                problems.push(format!("{path}:{number}: {pattern}"));
            }
        }
    }
    none(
        &problems,
        "take a value, a reader or a Clock as an argument",
    );
}

#[test]
fn rules_do_not_ask_what_time_it_is() {
    let mut problems = Vec::new();
    for source in product() {
        if !source.path.starts_with("hub/supervision/src/rules/") {
            continue;
        }
        for (number, line) in source.product_lines() {
            let words = code(line).split(|c: char| !c.is_alphanumeric() && c != '_');
            if words
                .into_iter()
                .any(|word| word == "now" || word == "Clock")
            {
                problems.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    none(
        &problems,
        "a rule says when each colour begins; only the docket compares with now",
    );
}

#[test]
fn the_pages_hold_no_sql() {
    let mut problems = Vec::new();
    for source in product()
        .iter()
        .filter(|source| source.path.starts_with("admin/"))
    {
        for (number, line) in source.product_lines() {
            let low = code(line).to_lowercase();
            let sql = (low.contains("\"select ") && !low.contains("<select"))
                || low.contains("insert into ")
                || low.contains("delete from ")
                || low.contains("create table")
                || low.contains("sqlx::")
                || low.contains("lapin::");
            if sql {
                problems.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    none(
        &problems,
        "put the question into hub/src and call it from the page",
    );
}

#[test]
fn only_the_binary_writes_to_the_terminal() {
    let product = product();
    let mut problems = Vec::new();
    for pattern in ["println!(", "eprintln!(", "print!(", "process::exit("] {
        for (path, number) in places(&product, pattern) {
            if !path.starts_with("src/") {
                problems.push(format!("{path}:{number}: {pattern}"));
            }
        }
    }
    none(
        &problems,
        "return the text or a tracing event; src/ decides where it goes",
    );
}

#[test]
fn anyhow_stays_at_the_rim() {
    let problems: Vec<String> = places(&product(), "anyhow")
        .into_iter()
        .filter(|(path, _)| !path.starts_with("src/"))
        .map(|(path, number)| format!("{path}:{number}"))
        .collect();
    none(
        &problems,
        "a library names its errors: a thiserror enum with is_transient()",
    );
}

#[test]
fn sql_is_lower_case() {
    let mut problems = Vec::new();
    for file in texts(&["sql"]) {
        for (number, line) in file.lines() {
            let statement = line.split("--").next().unwrap_or("");
            let quoted: String = statement.split('\'').step_by(2).collect();
            let loud = quoted
                .split(|c: char| !c.is_ascii_alphabetic())
                .find(|word| word.len() > 2 && word.chars().all(|c| c.is_ascii_uppercase()));
            if let Some(word) = loud {
                problems.push(format!("{}:{number}: {word}", file.path));
            }
        }
    }
    none(&problems, "write SQL in lower case");
}

#[test]
fn comments_are_told_from_code() {
    assert_eq!(code("let a = 1; // SystemTime::now"), "let a = 1; ");
    assert_eq!(code("\"http://x\" // y"), "\"http://x\" ");
    assert!(one_place(&BTreeSet::from([
        "hub/src/bus/rabbit.rs",
        "hub/src/bus/rabbit/topology.rs"
    ])));
    assert!(!one_place(&BTreeSet::from([
        "hub/src/bus.rs",
        "hub/src/busy.rs"
    ])));
}
