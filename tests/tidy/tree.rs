//! The files of the repository as git sees them (tracked, and new ones that are not ignored), and
//! the shape of a report. Owns reading; refuses to judge.

use std::path::{Path, PathBuf};
use std::process::Command;

/// One text file of the repository.
pub struct Text {
    /// Path from the root of the repository, with `/`.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl Text {
    /// Numbered lines from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line))
    }

    /// Numbered lines before the unit tests of the file; all of them where it has none. A test
    /// module in a file of its own (`mod tests;`) is passed over.
    pub fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines: Vec<&str> = self.text.lines().collect();
        let mut end = lines.len();
        let mut elsewhere = Vec::new();
        for at in (0..lines.len()).filter(|at| lines[*at].trim() == "#[cfg(test)]") {
            let item = (at + 1..lines.len()).find(|next| {
                let line = lines[*next].trim_start();
                line.starts_with("mod ") || line.starts_with("pub(crate) mod ")
            });
            match item {
                Some(item) if lines[item].trim_end().ends_with('{') => {
                    end = at;
                    break;
                }
                Some(item) => elsewhere.push(at..=item),
                None => {}
            }
        }
        lines
            .into_iter()
            .enumerate()
            .take(end)
            .filter(move |(at, _)| !elsewhere.iter().any(|range| range.contains(at)))
            .map(|(at, line)| (at + 1, line))
    }

    /// Is the whole file test code?
    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.path.ends_with("_tests.rs")
            || self.path.ends_with("/tests.rs")
    }
}

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Paths of all files, sorted, that still exist.
pub fn paths() -> Vec<String> {
    let output = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z"])
        .args(["--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap_or_else(|error| panic!("git ls-files: {error}; hint: install git"));
    assert!(
        output.status.success(),
        "git ls-files failed; hint: run the tidy tests in a clone\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut paths: Vec<String> = String::from_utf8_lossy(&output.stdout)
        .split('\0')
        .filter(|path| !path.is_empty() && root().join(path).is_file())
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    assert!(
        paths.len() > 50,
        "git ls-files named only {} files",
        paths.len()
    );
    paths
}

/// Absolute path of a file of the repository.
pub fn absolute(path: &str) -> PathBuf {
    root().join(path)
}

/// One file; a missing one is a failure that names it.
pub fn text(path: &str) -> String {
    std::fs::read_to_string(absolute(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files with one of the extensions, or with one of them as the whole name.
pub fn texts(extensions: &[&str]) -> Vec<Text> {
    let found: Vec<Text> = paths()
        .into_iter()
        .filter(|path| {
            let name = path.rsplit('/').next().unwrap_or(path);
            let extension = name
                .rsplit_once('.')
                .map_or(name, |(_, extension)| extension);
            extensions.contains(&extension) || extensions.contains(&name)
        })
        .map(|path| Text {
            text: text(&path),
            path,
        })
        .collect();
    assert!(
        !found.is_empty(),
        "no file with an extension of {extensions:?}"
    );
    found
}

/// All Rust sources.
pub fn sources() -> Vec<Text> {
    texts(&["rs"])
}

/// Fails with the list of problems and with what to do about them.
pub fn none(problems: &[String], advice: &str) {
    assert!(
        problems.is_empty(),
        "\n{} problem(s):\n  {}\nwhat to do: {advice}\n",
        problems.len(),
        problems.join("\n  ")
    );
}
