//! Merged cells of a sheet: a range that spans rows holds its first cell's value in each of them, since
//! that is what its reader sees. Refuses to spread a value over columns: a title is no row of values.

use calamine::Dimensions;
use std::collections::VecDeque;

/// The merged ranges of a sheet that span rows, in order of their first row.
pub(super) struct Merged {
    ahead: VecDeque<Dimensions>,
    /// Ranges that the present row may lie in: last row, column, value.
    open: Vec<(u32, usize, String)>,
}

impl Merged {
    /// The ranges of one sheet, in any order.
    pub fn of(mut ranges: Vec<Dimensions>) -> Merged {
        ranges.retain(|r| r.end.0 > r.start.0);
        ranges.sort_by_key(|r| r.start);
        Merged {
            ahead: ranges.into(),
            open: Vec::new(),
        }
    }

    /// Gives a row what it shows of the ranges that it lies in, and notes those that begin in it. Rows come
    /// in order.
    pub fn fill(&mut self, row: u32, texts: &mut Vec<String>) {
        self.open.retain(|(last, ..)| *last >= row);
        for (_, column, text) in &self.open {
            if texts.len() <= *column {
                texts.resize(column + 1, String::new());
            }
            texts[*column].clone_from(text);
        }
        while let Some(range) = self.ahead.pop_front_if(|r| r.start.0 <= row) {
            let column = range.start.1 as usize;
            // One that began in a row without any content shows nothing.
            if let Some(text) = texts.get(column).filter(|t| !t.is_empty())
                && range.start.0 == row
            {
                self.open.push((range.end.0, column, text.clone()));
            }
        }
    }
}

/// Counts the tags of merged ranges in bytes that come piece by piece.
#[derive(Default)]
pub(in crate::sources) struct Tags(usize);

impl Tags {
    /// Those that end in the next bytes.
    pub fn count(&mut self, bytes: &[u8]) -> usize {
        const TAG: &[u8] = b"mergeCell ";
        let mut found = 0;
        for byte in bytes {
            // No beginning of the tag stands within it, but for its first letter.
            self.0 = match TAG.get(self.0) {
                Some(next) if next == byte => self.0 + 1,
                _ => usize::from(*byte == TAG[0]),
            };
            if self.0 == TAG.len() {
                found += 1;
                self.0 = 0;
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_counted_over_the_ends_of_pieces() {
        let text = br#"<mergeCells count="2"><mergeCell ref="A1:A2"/><mergeCell ref="B1:B2"/>"#;
        for cut in 0..text.len() {
            let (first, second) = text.split_at(cut);
            let mut tags = Tags::default();
            assert_eq!(tags.count(first) + tags.count(second), 2);
        }
    }

    #[test]
    fn rows_of_a_range_show_its_first_value() {
        let range = |start, end| Dimensions { start, end };
        let ranges = vec![
            range((5, 1), (6, 1)),
            range((2, 0), (4, 0)),
            range((0, 0), (0, 7)),
        ];
        let mut merged = Merged::of(ranges);
        let mut row = |number, texts: &[&str]| {
            let mut texts: Vec<String> = texts.iter().map(|t| (*t).to_owned()).collect();
            merged.fill(number, &mut texts);
            texts.join("|")
        };
        assert_eq!(row(0, &["title"]), "title");
        assert_eq!(row(2, &["A-1", "x"]), "A-1|x");
        assert_eq!(row(3, &["", "y"]), "A-1|y");
        assert_eq!(row(4, &["hidden", "z"]), "A-1|z");
        assert_eq!(row(5, &["A-2", "v"]), "A-2|v");
        assert_eq!(row(6, &["A-3"]), "A-3|v");
        assert_eq!(row(7, &["A-4"]), "A-4");
    }
}
