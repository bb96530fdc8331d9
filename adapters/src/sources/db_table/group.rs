//! Rows gathered into groups, each of which travels as one item: a line that names table, key and columns, then
//! a line a row. Refuses to know which rows are new.

use super::plan::Columns;
use super::row::Row;
use crate::source::{LotItem, item_name};

/// Rows of one group: so many cost no more of digest, compression and seal than one of them alone did.
const ROWS: usize = 1_000;
/// Bytes of one group, unless a single row is larger: a hub holds it in memory whole.
const BYTES: usize = 1 << 20;
/// What stands between the keys of the first and of the last row in a group's name.
const TO: &str = " … ";

/// Groups of one lot as they grow.
pub(super) struct Groups {
    table: String,
    head: String,
    text: String,
    /// Rows of the group that grows.
    of_group: usize,
    first: String,
    last: String,
    items: Vec<LotItem>,
    /// Rows of all groups, and their bytes.
    pub rows: usize,
    pub bytes: usize,
}

impl Groups {
    /// Of a table's rows; nothing is gathered yet.
    pub fn new(table: &str, columns: &Columns) -> Groups {
        Groups {
            table: table.to_owned(),
            head: columns.head(table),
            text: String::new(),
            of_group: 0,
            first: String::new(),
            last: String::new(),
            items: Vec::new(),
            rows: 0,
            bytes: 0,
        }
    }

    /// Adds a row behind the others; says whether it begins a group.
    pub fn push(&mut self, row: &Row) -> bool {
        if self.of_group >= ROWS || self.text.len() + row.line.len() > BYTES {
            self.close();
        }
        let begins = self.of_group == 0;
        if begins {
            self.text.push_str(&self.head);
            join(&mut self.first, &row.key);
        }
        join(&mut self.last, &row.key);
        self.text.push('\n');
        self.text.push_str(&row.line);
        self.of_group += 1;
        self.rows += 1;
        self.bytes += row.line.len();
        begins
    }

    /// The groups as items of a lot.
    pub fn end(mut self) -> Vec<LotItem> {
        self.close();
        self.items
    }

    fn close(&mut self) {
        if self.of_group == 0 {
            return;
        }
        self.text.push('\n');
        let room = self.text.len();
        let text = std::mem::replace(&mut self.text, String::with_capacity(room));
        let name = name(&self.table, &self.first, &self.last, self.of_group);
        self.items.push(LotItem::of_bytes(&name, text.into_bytes()));
        self.of_group = 0;
    }
}

fn join(out: &mut String, key: &[String]) {
    out.clear();
    for (at, part) in key.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(part);
    }
}

/// Bytes of a key in a group's name.
const KEY_BYTES: usize = 80;

/// Table, keys of the first and of the last row, and how many rows; of one row its key.
fn name(table: &str, first: &str, last: &str, rows: usize) -> String {
    if rows == 1 {
        return format!("{table}/{first}");
    }
    let cut = |key: &str| {
        let end = (0..=KEY_BYTES.min(key.len())).rfind(|at| key.is_char_boundary(*at));
        key[..end.unwrap_or(0)].to_owned()
    };
    item_name(&format!("{table}/{}{TO}{} ({rows})", cut(first), cut(last)))
}

/// Rows of the group of that name.
pub(crate) fn rows_of(name: &str) -> u64 {
    let number = || {
        let (keys, rows) = name.strip_suffix(')')?.rsplit_once(" (")?;
        keys.contains(TO).then(|| rows.parse().ok())?
    };
    number().unwrap_or(1)
}

/// Table and key of the first row of the group of that name.
pub(super) fn first_of(name: &str) -> &str {
    name.split(TO).next().unwrap_or(name)
}

/// Key of the last row of the group of that name.
pub(super) fn last_of(name: &str) -> Option<&str> {
    let keys = match name.rsplit_once(TO) {
        Some((_, last)) => last.rsplit_once(" (").map(|(last, _)| last),
        None => None,
    };
    keys.or_else(|| name.rsplit_once('/').map(|(_, key)| key))
}

/// Line of a row in its group, by its place there from 0: the head stands above.
pub(super) fn line_of(place: usize) -> u32 {
    u32::try_from(place).map_or(u32::MAX, |place| place.saturating_add(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_named_by_its_first_and_last_row_and_by_how_many_they_are() {
        let group = name("gs.t", "7,a", "900,b", 1_000);
        assert_eq!(group, "gs.t/7,a … 900,b (1000)");
        assert_eq!((rows_of(&group), first_of(&group)), (1_000, "gs.t/7,a"));
        assert_eq!(last_of(&group), Some("900,b"));
        let one = name("gs.t", "7", "7", 1);
        assert_eq!(
            (one.as_str(), rows_of(&one), last_of(&one)),
            ("gs.t/7", 1, Some("7"))
        );
        let long = name("t", &"长".repeat(100), &"尾".repeat(100), 2);
        assert!(long.starts_with("t/长") && long.ends_with("尾 (2)") && long.len() < 255);
    }
}
