//! The work list of one item: what its cases owe, summed up. Cases of one source owe much the same, so the
//! line that came after the last one is looked at first. Refuses to say what is owed (`check.rs`).

use std::collections::{BTreeMap, HashMap};
use tongcha_schema::check::WorkItem;
use tongcha_schema::limits::WORK_LINES;

/// Lines with their counts.
#[derive(Debug, Default)]
pub(super) struct Owed {
    lines: Vec<(WorkItem, u64)>,
    places: HashMap<WorkItem, usize>,
    /// The line that is expected next.
    next: usize,
}

impl Owed {
    /// Counts a line so many times; beyond [`WORK_LINES`] those that differ in their value alone are one.
    pub fn note(&mut self, item: &WorkItem, n: u64) {
        if let Some((known, count)) = self.lines.get_mut(self.next)
            && known.is(item)
        {
            *count += n;
            self.next += 1;
            return;
        }
        let mut item = item.clone();
        if self.lines.len() >= WORK_LINES && !self.places.contains_key(&item) {
            item.value.clear();
        }
        let at = match self.places.get(&item) {
            Some(at) => *at,
            None => {
                let at = self.lines.len();
                self.places.insert(item.clone(), at);
                self.lines.push((item, 0));
                at
            }
        };
        if let Some((_, count)) = self.lines.get_mut(at) {
            *count += n;
        }
        self.next = at + 1;
    }

    /// The list, in its order.
    pub fn into_list(self) -> BTreeMap<WorkItem, u64> {
        self.lines.into_iter().collect()
    }
}
