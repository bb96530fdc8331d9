//! How far a change table was read: the last number taken, and which numbers before it were missing. A number
//! is given when a change is made and seen when its transaction commits, so a missing one may still come.
//! Pure: positions, and the conditions of a question.

use super::plan::{Column, Columns};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use tongcha_schema::clock::unix_ms;
use tongcha_schema::limits;

/// How long a missing number is asked for where the engine cannot say that its transaction has ended: longer
/// than any transaction that a department would wait for.
const GAP_LIVES: Duration = Duration::days(2);
/// How long it is asked for at least: a number may be given just before the engine counts its transaction.
const GAP_SETTLES: Duration = Duration::minutes(1);
/// Missing numbers that an older position, which kept none, is taken to have.
const OLD_OVERLAP: u64 = 1_000;

/// A range of missing numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Gap {
    from: u64,
    to: u64,
    /// When it was first met, Unix ms.
    since: i64,
    /// The transaction after the last one that may fill it, once the engine has told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    below: Option<u64>,
}

/// How far a change table was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Numbers {
    /// Version of this shape: 2.
    v: u32,
    /// Lots taken so far.
    pub lot: u64,
    /// The largest number taken.
    pub last: u64,
    /// When that change was made, as the table has it: another time under this number is another table.
    #[serde(default)]
    pub at: Option<String>,
    gaps: Vec<Gap>,
}

/// The shape before: number and key of the last row.
#[derive(Deserialize)]
struct Older {
    v: u32,
    lot: u64,
    cursor: Option<Vec<String>>,
}

/// The transactions that are open, as PostgreSQL tells them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Open {
    /// The oldest of them: all before it have ended.
    pub oldest: u64,
    /// The one that will begin next.
    pub next: u64,
}

impl Numbers {
    /// Reads a kept position; none is the beginning. `None` where it is of a newer shape.
    pub fn parse(text: Option<&str>, now: OffsetDateTime) -> Option<Numbers> {
        let Some(text) = text else {
            return Some(Numbers {
                v: 2,
                ..Numbers::default()
            });
        };
        if let Ok(read) = serde_json::from_str::<Numbers>(text) {
            return (read.v == 2).then_some(read);
        }
        let old: Older = serde_json::from_str(text)
            .ok()
            .filter(|p: &Older| p.v == 1)?;
        let last = old
            .cursor
            .and_then(|c| c.first()?.parse().ok())
            .unwrap_or(0);
        let mut numbers = Numbers {
            v: 2,
            lot: old.lot,
            last,
            ..Numbers::default()
        };
        numbers.miss(
            last.saturating_sub(OLD_OVERLAP) + 1,
            last.saturating_sub(1),
            now,
        );
        Some(numbers)
    }

    /// The kept form.
    pub fn to_text(&self) -> String {
        // Texts, numbers and lists always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The same from the beginning, of another table of that name.
    pub fn anew(&self) -> Numbers {
        Numbers {
            v: 2,
            lot: self.lot,
            ..Numbers::default()
        }
    }

    /// Rows that are not taken yet, in order: those behind the last one, and those that were missing. `number`
    /// is the column of the numbers.
    pub fn select(&self, columns: &Columns, number: &Column, most: usize) -> String {
        let (name, beyond) = (number.quoted(), self.last + 1);
        let lowest = self.gaps.first().map_or(beyond, |gap| gap.from);
        let mut any = vec![format!("{name} >= {beyond}")];
        let gap = |g: &Gap| format!("{name} between {} and {}", g.from, g.to);
        any.extend(self.gaps.iter().map(gap));
        format!(
            "{} where {name} >= {lowest} and ({}) order by {name}{}",
            columns.select("'1'"),
            any.join(" or "),
            columns.at_most(most)
        )
    }

    /// The question for the time of the change taken last, as text.
    pub fn last_at(&self, columns: &Columns, number: &Column, at: &Column) -> String {
        let (table, number, last) = (columns.from(), number.quoted(), self.last);
        format!("select {} from {table} where {number} = {last}", at.text)
    }

    /// A row of that number was taken; rows come in order. What lies between it and the last one is missing.
    pub fn take(&mut self, number: u64, now: OffsetDateTime) {
        if number > self.last {
            // The numbers before the first row of all were deleted, or never given.
            if self.last > 0 || self.lot > 0 {
                self.miss(self.last + 1, number - 1, now);
            }
            self.last = number;
            return;
        }
        let Some(at) = self
            .gaps
            .iter()
            .position(|g| (g.from..=g.to).contains(&number))
        else {
            return;
        };
        let gap = self.gaps.remove(at);
        let after = Gap {
            from: number + 1,
            ..gap
        };
        let before = Gap {
            to: number.saturating_sub(1),
            ..gap
        };
        for part in [after, before].into_iter().filter(|g| g.from <= g.to) {
            self.gaps.insert(at, part);
        }
    }

    /// Numbers that nobody will fill any more are given up, by what the engine told before the rows were read,
    /// or by their age; and the oldest, where there are too many.
    pub fn settle(&mut self, open: Option<Open>, now: OffsetDateTime) {
        let now = unix_ms(now);
        let age = |g: &Gap| Duration::milliseconds(now.saturating_sub(g.since));
        self.gaps.retain(|g| {
            let ended = matches!((open, g.below), (Some(o), Some(below)) if o.oldest >= below);
            !(ended && age(g) >= GAP_SETTLES) && age(g) < GAP_LIVES
        });
        if let Some(open) = open {
            let unknown = self.gaps.iter_mut().filter(|g| g.below.is_none());
            unknown.for_each(|g| g.below = Some(open.next));
        }
        let over = self.gaps.len().saturating_sub(limits::CHANGE_GAPS);
        self.gaps.drain(..over);
    }

    /// The largest number up to which changes may be deleted: all before it was taken or given up.
    pub fn done(&self) -> u64 {
        self.gaps.first().map_or(self.last, |gap| gap.from - 1)
    }

    fn miss(&mut self, from: u64, to: u64, now: OffsetDateTime) {
        if from <= to {
            self.gaps.push(Gap {
                from,
                to,
                since: unix_ms(now),
                below: None,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-01-05 09:00 +8);

    fn read(numbers: &[u64]) -> Numbers {
        let mut position = Numbers::parse(None, NOW).unwrap_or_default();
        for number in numbers {
            position.take(*number, NOW);
        }
        position
    }

    fn missing(position: &Numbers) -> Vec<(u64, u64)> {
        position.gaps.iter().map(|g| (g.from, g.to)).collect()
    }

    #[test]
    fn what_is_missing_is_asked_for_until_it_came() {
        let mut position = read(&[100, 101, 105, 110]);
        assert_eq!(missing(&position), [(102, 104), (106, 109)]);
        assert_eq!(
            position.done(),
            101,
            "nothing is deleted that may still come"
        );
        position.take(103, NOW);
        position.take(106, NOW);
        assert_eq!(missing(&position), [(102, 102), (104, 104), (107, 109)]);
        let kept = Numbers::parse(Some(&position.to_text()), NOW);
        assert_eq!(kept, Some(position));
    }

    #[test]
    fn a_number_whose_transactions_have_ended_is_given_up() {
        let mut position = read(&[1, 3]);
        let later = NOW + Duration::minutes(2);
        position.settle(
            Some(Open {
                oldest: 50,
                next: 60,
            }),
            NOW,
        );
        position.settle(
            Some(Open {
                oldest: 59,
                next: 90,
            }),
            later,
        );
        assert_eq!(missing(&position), [(2, 2)], "59 may have taken it");
        position.settle(
            Some(Open {
                oldest: 60,
                next: 90,
            }),
            later,
        );
        assert_eq!(missing(&position), []);
        // An engine that does not tell: by age.
        let mut position = read(&[1, 3]);
        position.settle(None, NOW + Duration::days(1));
        assert_eq!(missing(&position), [(2, 2)]);
        position.settle(None, NOW + Duration::days(2));
        assert_eq!((missing(&position), position.done()), (vec![], 3));
    }

    #[test]
    fn of_too_many_missing_numbers_the_oldest_are_given_up() {
        let odd: Vec<u64> = (0..=limits::CHANGE_GAPS as u64 + 1)
            .map(|n| 2 * n + 1)
            .collect();
        let mut position = read(&odd);
        position.settle(None, NOW);
        assert_eq!(position.gaps.len(), limits::CHANGE_GAPS);
        assert_eq!(position.done(), 3);
    }

    #[test]
    fn an_older_position_goes_on_with_its_overlap() {
        let old = "{\"v\":1,\"lot\":7,\"cursor\":[\"5000\",\"5000\"],\"seen\":[\"aa\"]}";
        let position = Numbers::parse(Some(old), NOW).unwrap_or_default();
        assert_eq!((position.lot, position.last), (7, 5_000));
        assert_eq!(missing(&position), [(4_001, 4_999)]);
        assert_eq!(
            Numbers::parse(Some("{\"v\":3,\"lot\":1,\"last\":1,\"gaps\":[]}"), NOW),
            None
        );
    }
}
