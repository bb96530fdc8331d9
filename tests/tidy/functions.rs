//! Length of files, functions and lines, over formatted Rust sources. Refuses to count the unit
//! tests of a file: what is long there is data.

use super::tree::{Text, none, sources};

/// Lines of a file before its tests.
const FILE_LINES: usize = 400;
/// Lines of a function, its signature and closing brace included.
const FUNCTION_LINES: usize = 70;
/// Columns of a line of code; a text that cannot be broken may be longer.
const COLUMNS: usize = 100;

/// Files that are allowed to be longer, each with its reason. One that is no longer needed is a
/// failure too.
const LONG_FILES: [(&str, &str); 0] = [];

/// Functions that are allowed to be longer: file, name, reason.
const LONG_FUNCTIONS: [(&str, &str, &str); 0] = [];

#[test]
fn files_are_short() {
    let mut problems = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        let lines = source.product_lines().count();
        let excused = LONG_FILES.iter().any(|(path, _)| *path == source.path);
        if lines > FILE_LINES && !excused {
            problems.push(format!("{}: {lines} lines before its tests", source.path));
        }
        if lines <= FILE_LINES && excused {
            problems.push(format!(
                "{}: its exception is no longer needed",
                source.path
            ));
        }
    }
    none(
        &problems,
        "one file, one job: take a part that has a name of its own to `<file>/<part>.rs`",
    );
}

/// Name of the function that a line begins, if it does.
fn function_name(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    loop {
        let word = rest.split_whitespace().next()?;
        if word == "fn" {
            let name = rest.trim_start_matches("fn ").trim_start();
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_')?;
            return Some(&name[..end]);
        }
        let qualifier = ["const", "async", "unsafe", "extern"].contains(&word)
            || word.starts_with("pub")
            || word.starts_with("in")
            || word.ends_with(')');
        if !qualifier {
            return None;
        }
        rest = rest[word.len()..].trim_start();
    }
}

/// Functions of a formatted file: name, first line, number of lines.
fn functions(source: &Text) -> Vec<(&str, usize, usize)> {
    let mut found = Vec::new();
    let mut open: Vec<(&str, usize, String)> = Vec::new();
    for (number, line) in source.product_lines() {
        if let Some((name, first, closing)) = open.last()
            && line == closing
        {
            found.push((*name, *first, number - first + 1));
            open.pop();
            continue;
        }
        if let Some(name) = function_name(line) {
            let indent = &line[..line.len() - line.trim_start().len()];
            if !line.trim_end().ends_with('}') && !line.trim_end().ends_with(';') {
                open.push((name, number, format!("{indent}}}")));
            }
        } else if open.last().is_some_and(|(_, first, closing)| {
            // A signature over several lines that ends without a body (in a trait).
            let only_signature = line.len() == closing.len() + 1 && line.trim_start() == ");";
            only_signature && number > *first
        }) {
            open.pop();
        }
    }
    found
}

#[test]
fn functions_are_short() {
    let sources = sources();
    let mut counted = 0;
    let mut problems = Vec::new();
    for source in sources.iter().filter(|source| !source.is_test()) {
        for (name, first, lines) in functions(source) {
            counted += 1;
            let excused = LONG_FUNCTIONS
                .iter()
                .any(|(path, known, _)| *path == source.path && *known == name);
            if lines > FUNCTION_LINES && !excused {
                problems.push(format!(
                    "{}:{first}: fn {name} has {lines} lines",
                    source.path
                ));
            }
        }
    }
    assert!(
        counted > 200,
        "only {counted} functions were recognised: is the tree formatted?"
    );
    none(
        &problems,
        "give a part of the function a name; then it can be tested alone as well",
    );
}

#[test]
fn lines_fit_the_page() {
    let mut problems = Vec::new();
    for source in sources() {
        let mut continued = false;
        for (number, line) in source.lines() {
            let columns = line.chars().count();
            let comment = line.trim_start().starts_with("//");
            let text = continued || line.contains('"') || line.ends_with('\\') || comment;
            let limit = if text { COLUMNS * 3 } else { COLUMNS };
            if columns > limit {
                problems.push(format!("{}:{number}: {columns} columns", source.path));
            }
            continued = line.ends_with('\\');
        }
    }
    none(
        &problems,
        "run `cargo fmt --all`; break a long text with `\\` at the end of its line",
    );
}

#[test]
fn the_function_counter_counts() {
    let source = Text {
        path: "x.rs".to_owned(),
        text:
            "pub(crate) async fn one(\n    a: u8,\n) -> u8 {\n    a\n}\n\nimpl A {\n    fn two() \
               {\n        fn three() {\n        }\n    }\n}\ntrait T {\n    fn four(\n        a: \
               u8,\n    );\n    fn five() {\n    }\n}\n"
                .to_owned(),
    };
    let mut found = functions(&source);
    found.sort_unstable();
    assert_eq!(
        found,
        vec![
            ("five", 17, 2),
            ("one", 1, 5),
            ("three", 9, 2),
            ("two", 8, 4)
        ]
    );
}
