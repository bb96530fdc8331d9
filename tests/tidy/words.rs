//! Words that must not stand in a source: unfinished work, silenced lints, sleeps in tests, paths of
//! one machine, empty names. The patterns are put together here so that this file passes itself.

use super::tree::{none, sources, texts};

fn hits(pattern: &str, extensions: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in texts(extensions) {
        for (number, line) in file.lines() {
            if line.contains(pattern) {
                found.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    found
}

fn all_hits(patterns: &[&str], extensions: &[&str]) -> Vec<String> {
    patterns
        .iter()
        .flat_map(|pattern| hits(pattern, extensions))
        .collect()
}

#[test]
fn nothing_is_left_unfinished() {
    none(
        &all_hits(
            &[
                concat!("todo", "!("),
                concat!("unimpl", "emented!("),
                concat!("d", "bg!("),
                concat!("FIX", "ME"),
                concat!("TO", "DO:"),
                concat!("XX", "X "),
            ],
            &["rs", "toml", "sql", "html", "js", "md", "sh"],
        ),
        "finish it, or leave the part out and say so in the README",
    );
}

#[test]
fn no_test_is_switched_off_and_no_lint_silenced() {
    none(
        &all_hits(
            &[
                concat!("#[ign", "ore"),
                concat!("#[al", "low("),
                concat!("#![al", "low("),
            ],
            &["rs"],
        ),
        "repair the test; use #[expect(lint, reason = \"...\")] where the lint is wrong",
    );
}

#[test]
fn every_expectation_gives_its_reason() {
    let mut problems = Vec::new();
    for source in sources() {
        let mut from = 0;
        while let Some(at) = source.text[from..].find(concat!("#[exp", "ect(")) {
            let start = from + at;
            let end = source.text[start..]
                .find(")]")
                .map_or(source.text.len(), |at| start + at);
            if !source.text[start..end].contains("reason") {
                let line = source.text[..start].lines().count() + 1;
                problems.push(format!("{}:{line}", source.path));
            }
            from = end;
        }
    }
    none(
        &problems,
        "say after `reason =` why the lint does not apply here",
    );
}

#[test]
fn no_test_sleeps() {
    let mut problems = Vec::new();
    for source in sources() {
        let tests_from = if source.is_test() {
            0
        } else {
            source
                .product_lines()
                .last()
                .map_or(0, |(number, _)| number)
        };
        for (number, line) in source.lines().filter(|(number, _)| *number > tests_from) {
            let code = line.split("//").next().unwrap_or("");
            if code.contains(concat!("sle", "ep(")) || code.contains(concat!("sleep_", "until(")) {
                problems.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    none(
        &problems,
        "wait for the event itself (a channel, a readiness answer, a condition asked again under a \
         deadline with yield), or move the ManualClock",
    );
}

#[test]
fn no_path_of_one_machine() {
    let patterns = [
        concat!("/wo", "rk/"),
        concat!("\"/t", "mp"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
    ];
    none(
        &all_hits(&patterns, &["rs", "toml", "sql", "html", "js", "sh"]),
        "take the folder from the configuration, from tempfile, or from CARGO_MANIFEST_DIR",
    );
}

#[test]
fn names_say_what_a_thing_is() {
    let empty = [
        concat!("Man", "ager"),
        concat!("Hel", "per"),
        concat!("Ut", "il"),
        concat!("Ser", "vice"),
    ];
    let mut problems = Vec::new();
    for source in sources() {
        for (number, line) in source.lines() {
            let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            while let Some(word) = words.next() {
                if !["struct", "enum", "trait", "type", "mod", "union"].contains(&word) {
                    continue;
                }
                let name = words.next().unwrap_or("");
                let low = name.to_lowercase();
                let bad = empty.iter().any(|word| {
                    name.ends_with(word)
                        || low == word.to_lowercase()
                        || name == format!("{}s", word.to_lowercase())
                });
                if bad && !line.trim_start().starts_with("//") {
                    problems.push(format!("{}:{number}: {name}", source.path));
                }
            }
        }
    }
    none(&problems, "name it after what it is or what it keeps");
}

#[test]
fn sources_do_not_mention_trackers() {
    let mut problems = Vec::new();
    for file in texts(&["rs", "toml", "sql", "md", "html", "js", "sh", "yml"]) {
        for (number, line) in file.lines() {
            let low = line.to_lowercase();
            for word in ["issue #", "issue-", "pull request #", "ticket #"] {
                let follows = low.split(word).nth(1).and_then(|rest| rest.chars().next());
                if follows.is_some_and(|c| c.is_ascii_digit()) {
                    problems.push(format!("{}:{number}: {}", file.path, line.trim()));
                }
            }
        }
    }
    none(
        &problems,
        "give the reason itself; a number in a tracker is not one",
    );
}
