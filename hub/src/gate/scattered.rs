//! Cases whose records stand in several parts of one envelope: they are judged when the last of them is ingested,
//! never by a half. Refuses to know what is judged.

use std::collections::{BTreeMap, HashMap};

/// Cases that are followed; beyond that all of an envelope's cases are judged when all of it is ingested.
const FOLLOWED: usize = 1 << 20;

/// Which cases, by the hash of their key, go on in which later part.
#[derive(Debug, Default)]
pub struct Scattered {
    last: HashMap<u64, i64>,
    goes_on: BTreeMap<i64, Vec<u64>>,
    too_many: bool,
}

impl Scattered {
    /// A record of that case stands in that part.
    pub fn note(&mut self, case: u64, part: i64) {
        let followed = self.last.len();
        match self.last.get_mut(&case) {
            Some(last) if *last == part => {}
            Some(last) => {
                self.goes_on.entry(*last).or_default().push(case);
                *last = part;
            }
            None if followed < FOLLOWED => {
                self.last.insert(case, part);
            }
            None => self.too_many = true,
        }
    }

    /// Which cases of a part go on later, as the inbox keeps them: eight bytes each; `None`: any may.
    pub fn of(&self, part: i64) -> Option<Vec<u8>> {
        if self.too_many {
            return None;
        }
        let cases = self.goes_on.get(&part).into_iter().flatten();
        Some(cases.flat_map(|case| case.to_be_bytes()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_that_comes_again_later_is_named_in_each_part_but_its_last() {
        let mut scattered = Scattered::default();
        for (case, part) in [(7, 1), (7, 1), (8, 1), (7, 2), (9, 2), (7, 4)] {
            scattered.note(case, part);
        }
        let named = |part| scattered.of(part).unwrap_or_default();
        assert_eq!(named(1), 7_u64.to_be_bytes());
        assert_eq!(named(2), 7_u64.to_be_bytes());
        assert!(named(4).is_empty() && named(3).is_empty());
    }
}
