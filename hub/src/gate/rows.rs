//! Rows on their way into the store, gathered into statements that are neither many nor too large. Refuses to
//! know what they say.

use tongcha_schema::limits;

/// Rows of one statement: a round trip each would cost more than their rows.
const ROWS: usize = 500;

/// Rows that wait for a statement, each as JSON.
#[derive(Default)]
pub(super) struct Rows {
    rows: Vec<String>,
    bytes: usize,
}

impl Rows {
    /// Adds a row.
    pub(super) fn push(&mut self, row: &serde_json::Value) {
        let text = row.to_string();
        self.bytes += text.len();
        self.rows.push(text);
    }

    /// Whether a statement is full.
    pub(super) fn are_many(&self) -> bool {
        self.rows.len() >= ROWS || self.bytes >= limits::STATEMENT_BYTES
    }

    /// All rows as JSON lists, each for one statement; none are left.
    pub(super) fn take(&mut self) -> Vec<String> {
        self.bytes = 0;
        let mut lists: Vec<String> = Vec::new();
        let mut rows_of_last = ROWS;
        for row in std::mem::take(&mut self.rows) {
            match lists.last_mut() {
                Some(list) if rows_of_last < ROWS && list.len() < limits::STATEMENT_BYTES => {
                    list.push(',');
                    list.push_str(&row);
                    rows_of_last += 1;
                }
                _ => {
                    lists.push(format!("[{row}"));
                    rows_of_last = 1;
                }
            }
        }
        for list in &mut lists {
            list.push(']');
        }
        lists
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step is the test's failure")]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_for_one_statement_goes_in_several_and_in_order() {
        let mut rows = Rows::default();
        assert!(rows.take().is_empty());
        let large = "x".repeat(limits::STATEMENT_BYTES / 2);
        let mut number = 0;
        let mut push = |text: &str| {
            rows.push(&serde_json::json!({"n": number, "text": text}));
            number += 1;
            rows.are_many()
        };
        assert!(
            !push(&large) && push(&large),
            "two of them fill a statement"
        );
        for _ in 0..=ROWS {
            push("");
        }
        let lists = rows.take();
        let read =
            |list: &String| -> Vec<serde_json::Value> { serde_json::from_str(list).unwrap() };
        let lengths: Vec<usize> = lists.iter().map(|list| read(list).len()).collect();
        assert_eq!(lengths, [2, ROWS, 1]);
        assert!(rows.take().is_empty(), "none are left");
        let numbers = lists.iter().flat_map(read);
        assert!(numbers.zip(0..).all(|(row, at)| row["n"] == at), "in order");
    }
}
