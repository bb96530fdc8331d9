//! What is wrong with a dialect file: every mistake at once, each with its line, cause and hint.
//! Refuses to stop at the first.

use std::fmt;

/// One mistake in a dialect file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Line in the file, 1-based.
    pub line: usize,
    /// What is wrong.
    pub cause: String,
    /// What to do.
    pub hint: String,
}

/// All mistakes of one dialect file. Never transient: only an edit repairs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialectError {
    /// Name of the dialect, or of its file where the name itself cannot be read.
    pub dialect: String,
    /// The mistakes in order of line; never empty.
    pub mistakes: Vec<Mistake>,
}

impl DialectError {
    /// False: trying again changes nothing.
    pub fn is_transient(&self) -> bool {
        false
    }
}

impl fmt::Display for DialectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "dialect {}: {} mistake(s)",
            self.dialect,
            self.mistakes.len()
        )?;
        for m in &self.mistakes {
            write!(f, "\n  line {}: {}\n    hint: {}", m.line, m.cause, m.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for DialectError {}

/// The known name nearest to a wrong one, if it is near enough to be meant.
pub(crate) fn nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (distance(wrong, name), name))
        .filter(|(d, name)| *d <= 1 + name.len().min(wrong.len()) / 4)
        .min()
        .map(|(_, name)| name)
}

/// Edit distance in bytes (insert, delete, replace).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let cost = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
