//! How far a table was read by its watermark, and which of its last rows were taken: their digests are
//! remembered in blocks, in order, so that the oldest can be forgotten, and with them the floor rises. Pure.

use super::marks::{Mark, Places, Plain, TEXT, mark_of, of_text};
use super::numbers::Open;
use super::row::Row;
use super::watermark::{Look, Place};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::hash::BuildHasherDefault;
use tongcha_schema::limits;

/// Rows of one block.
const BLOCK: usize = 1_000;
/// How many times more than wanted is remembered for the sake of transactions that are open.
const HELD: usize = 4;
/// Rows that were taken, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Block {
    /// Watermark and key of its last row; all rows up to there stand in this block or before.
    until: Vec<String>,
    /// Their digests, each as [`TEXT`] signs.
    rows: String,
    /// The transaction after the last one that may still bring a row among them, where the engine tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    below: Option<u64>,
}

/// How far a table was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// Version of this shape: 3.
    v: u32,
    /// Lots taken so far.
    pub lot: u64,
    /// Watermark and key of the last row in order.
    pub cursor: Option<Vec<String>>,
    /// Rows up to this place are not looked at: they are no longer remembered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Vec<String>>,
    #[serde(default)]
    blocks: Vec<Block>,
    /// Rows from the overlap on that the last look met: so many known ones the next may meet.
    #[serde(default)]
    pub near: usize,
    /// Digests of rows that were taken although their watermark lies after now.
    #[serde(default)]
    ahead: Vec<String>,
}

/// The shapes before: their digests are of rows as they were written then.
#[derive(Deserialize)]
struct Older {
    lot: u64,
    cursor: Option<Vec<String>>,
    #[serde(default)]
    floor: Option<Vec<String>>,
}

impl Position {
    /// Reads a kept position; none is the beginning. `None` where it is of a newer shape.
    pub fn parse(text: Option<&str>) -> Option<Position> {
        let Some(text) = text else {
            return Some(Position::default().anew());
        };
        let version: Version = serde_json::from_str(text).ok()?;
        match version.v {
            1 | 2 => Some(Position::of_older(serde_json::from_str(text).ok()?)),
            3 => serde_json::from_str(text).ok(),
            _ => None,
        }
    }

    /// Of an older position no row is remembered: the first wide look takes those behind its floor once more,
    /// which the hub counts as duplicates.
    fn of_older(old: Older) -> Position {
        Position {
            v: 3,
            lot: old.lot,
            cursor: old.cursor,
            floor: old.floor,
            ..Position::default()
        }
    }

    /// The kept form.
    pub fn to_text(&self) -> String {
        // Texts, numbers and lists always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The same from the beginning, of a table that was loaded anew.
    pub fn anew(&self) -> Position {
        Position {
            v: 3,
            lot: self.lot,
            ..Position::default()
        }
    }

    /// Between which places rows are asked for.
    pub fn place(&self) -> Place<'_> {
        Place {
            cursor: self.cursor.as_deref(),
            floor: self.floor.as_deref(),
        }
    }

    /// Rows that a look may meet which were taken before.
    pub fn known(&self, look: Look) -> usize {
        let remembered = self.blocks.iter().map(|b| b.rows.len() / TEXT);
        self.ahead.len()
            + match look {
                Look::Near => self.near,
                Look::Wide => remembered.sum(),
            }
    }

    /// Whether the last block takes one more row.
    fn has_room(&self, block: usize) -> bool {
        let last = self.blocks.last();
        last.is_some_and(|b| b.rows.len() < block * TEXT)
    }

    /// Begins a block behind all others with a row at that place. A late row has none: it stands before rows
    /// of the block that it follows, which ends where it did.
    fn begin(&mut self, place: Option<Vec<String>>) {
        let before = self.blocks.last().map(|b| &b.until);
        let before = || before.or(self.cursor.as_ref()).cloned();
        let until = place.or_else(before).unwrap_or_default();
        self.blocks.push(Block {
            until,
            ..Block::default()
        });
    }

    /// The last block ends there, where a place is given.
    fn end_at(&mut self, place: Option<Vec<String>>) {
        if let (Some(last), Some(place)) = (self.blocks.last_mut(), place) {
            last.until = place;
        }
    }

    /// Remembers a row in the last block.
    fn remember(&mut self, mark: &Mark, below: Option<u64>) {
        if let Some(last) = self.blocks.last_mut() {
            STANDARD_NO_PAD.encode_string(mark, &mut last.rows);
            last.below = last.below.max(below);
        }
    }

    /// Forgets the oldest blocks where more is remembered than wanted: the floor rises to their end. A block
    /// stays for which `ended` does not say that no transaction may bring a row among its own any more, unless
    /// [`HELD`] times as much is remembered.
    fn forget(&mut self, most: usize, ended: impl Fn(u64) -> bool) {
        let many = |b: &Block| b.rows.len() / TEXT;
        let mut all: usize = self.blocks.iter().map(many).sum();
        while all > most && !self.blocks.is_empty() {
            let held = self.blocks[0].below.is_some_and(|below| !ended(below));
            if held && all <= HELD * most {
                return;
            }
            let first = self.blocks.remove(0);
            all -= many(&first);
            self.floor = Some(first.until);
        }
    }
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

/// What a look makes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    /// Taken before, with this content.
    Known,
    /// To be taken: behind the cursor, late within the overlap, or changed.
    New,
    /// To be taken: it came further back than the overlap reaches.
    Late,
    /// To be taken, and its watermark lies after now: the position stays before it.
    Ahead,
    /// Its watermark lies after now, and enough of those were taken.
    TooMany,
}

/// A row that was met.
struct Met {
    mark: Mark,
    /// Its number among [`Taking::places`].
    place: usize,
    beyond: bool,
    deep: bool,
}

/// Decides row by row what is new, and makes the next position.
pub(super) struct Taking {
    old: Position,
    look: Look,
    /// Rows taken before, each with what its block is below.
    known: HashMap<Mark, Option<u64>, BuildHasherDefault<Plain>>,
    ahead: BTreeSet<Mark>,
    /// Every row met that does not lie ahead, in order.
    scanned: Vec<Met>,
    /// Where each of them stands.
    places: Places,
    /// Rows met that were known.
    pub met: usize,
    /// New rows that stand before the cursor.
    pub behind: usize,
    /// Whether the row of the cursor, or one behind it, was met.
    pub reached: bool,
}

impl Taking {
    /// Begins at a position.
    pub fn new(old: &Position, look: Look) -> Taking {
        let mut known =
            HashMap::with_capacity_and_hasher(old.known(Look::Wide), BuildHasherDefault::default());
        for block in &old.blocks {
            let marks = block.rows.as_bytes().chunks(TEXT).filter_map(of_text);
            known.extend(marks.map(|mark| (mark, block.below)));
        }
        Taking {
            known,
            ahead: old
                .ahead
                .iter()
                .filter_map(|t| of_text(t.as_bytes()))
                .collect(),
            old: old.clone(),
            look,
            scanned: Vec::new(),
            places: Places::default(),
            met: 0,
            behind: 0,
            reached: false,
        }
    }

    /// Whether nothing that is remembered is there any more.
    pub fn is_gone(&self) -> bool {
        self.look == Look::Wide && self.met == 0 && !self.known.is_empty()
    }

    /// Whether no row was met at all.
    pub fn is_empty(&self) -> bool {
        self.scanned.is_empty()
    }

    /// Whether rows behind the cursor were met: then all before it were.
    pub fn passed(&self) -> bool {
        self.scanned.last().is_some_and(|m| m.beyond)
    }

    /// What to do with the row; `ahead`: its watermark lies after now, and so do all that follow.
    pub fn take(&mut self, row: &Row, ahead: bool) -> Made {
        let mark = mark_of(row);
        if ahead {
            self.reached |= row.beyond;
            return match self.ahead.contains(&mark) {
                true => Made::Known,
                false if self.ahead.len() >= limits::ROWS_AHEAD => Made::TooMany,
                false => {
                    self.ahead.insert(mark);
                    Made::Ahead
                }
            };
        }
        // What was taken ahead is known when its time has come.
        let known = self.known.contains_key(&mark) | self.ahead.remove(&mark);
        let met = Met {
            mark,
            place: self.places.push(row),
            beyond: row.beyond,
            deep: row.deep,
        };
        self.met += usize::from(known);
        self.behind += usize::from(!known && !row.beyond);
        self.reached |= row.beyond || self.old.cursor.as_ref().is_some_and(|c| row.is_at(c));
        self.scanned.push(met);
        match (known, row.deep) {
            (true, _) => Made::Known,
            (false, true) => Made::Late,
            (false, false) => Made::New,
        }
    }

    /// The position behind what was taken, of which `most` rows are remembered. `ended`: the look came to the
    /// end of the table; `open`: the transactions that were open before it, where the engine tells. A row that
    /// one of them brings is met by a wide look after its end, so only such a one lets the floor rise.
    pub fn finish(self, ended: bool, most: usize, open: Option<Open>) -> Position {
        // A wide look to the cursor has met all that is remembered: what it did not meet is gone.
        let whole = self.look == Look::Wide && (ended || self.passed());
        let mut next = self.old;
        next.lot += 1;
        next.near = self.scanned.iter().filter(|m| !m.deep).count();
        if whole {
            next.blocks.clear();
        }
        let block = (most / 8).clamp(1, BLOCK);
        let mut until = None;
        let fresh = self.scanned.iter();
        for met in fresh.filter(|m| whole || !self.known.contains_key(&m.mark)) {
            let before = self.known.get(&met.mark).copied().flatten();
            let below = before.or(open.map(|open| open.next));
            let place = (whole || met.beyond).then_some(met.place);
            if !next.has_room(block) {
                next.end_at(until.take().map(|number| self.places.get(number)));
                next.begin(place.map(|number| self.places.get(number)));
            }
            next.remember(&met.mark, below);
            until = place.or(until);
        }
        next.end_at(until.map(|number| self.places.get(number)));
        if let Some(last) = self.scanned.iter().rfind(|m| m.beyond) {
            next.cursor = Some(self.places.get(last.place));
        }
        next.ahead = self
            .ahead
            .iter()
            .map(|m| STANDARD_NO_PAD.encode(m))
            .collect();
        next.forget(most, |below| {
            whole && open.is_some_and(|open| open.oldest >= below)
        });
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(watermark: &str, key: &str, beyond: &str) -> Row {
        Row {
            beyond: beyond == "1",
            deep: beyond == "-1",
            watermark: watermark.to_owned(),
            key: vec![key.to_owned()],
            line: format!("[\"{key}\"]"),
            misread: None,
        }
    }

    fn begin() -> Position {
        Position::parse(None).unwrap_or_default()
    }

    #[test]
    fn a_late_row_is_taken_once_and_the_cursor_never_goes_back() {
        let mut taking = Taking::new(&begin(), Look::Near);
        assert_eq!(taking.take(&row("5", "a", "1"), false), Made::New);
        assert_eq!(taking.take(&row("7", "b", "1"), false), Made::New);
        let first = taking.finish(true, 10, None);
        assert_eq!(first.cursor, Some(vec!["7".into(), "b".into()]));

        let mut taking = Taking::new(&first, Look::Near);
        assert_eq!(taking.take(&row("5", "a", "0"), false), Made::Known);
        assert_eq!(taking.take(&row("6", "late", "0"), false), Made::New);
        let second = taking.finish(true, 10, None);
        assert_eq!((&second.cursor, second.lot), (&first.cursor, 2));

        let mut taking = Taking::new(&second, Look::Wide);
        assert_eq!(taking.take(&row("1", "very late", "-1"), false), Made::Late);
        assert_eq!(taking.take(&row("5", "a", "-1"), false), Made::Known);
        assert_eq!(taking.take(&row("6", "late", "0"), false), Made::Known);
        assert!(!taking.reached && !taking.is_gone());
        assert_eq!(taking.take(&row("7", "b", "0"), false), Made::Known);
        assert!(taking.reached);
        let third = taking.finish(true, 10, None);
        assert_eq!((third.known(Look::Wide), third.near), (4, 2));
        assert_eq!(Position::parse(Some(&third.to_text())), Some(third));
    }

    #[test]
    fn what_is_too_much_to_remember_raises_the_floor() {
        let mut taking = Taking::new(&begin(), Look::Near);
        for key in ["a", "b", "c"] {
            assert_eq!(taking.take(&row("5", key, "1"), false), Made::New);
        }
        let position = taking.finish(true, 2, None);
        assert_eq!(position.known(Look::Wide), 2);
        assert_eq!(position.floor, Some(vec!["5".into(), "a".into()]));
        assert_eq!(position.anew().floor, None);
        assert_eq!(
            Position::parse(Some("{\"v\":4,\"lot\":1,\"cursor\":null}")),
            None
        );
    }

    #[test]
    fn the_floor_waits_for_transactions_that_are_open() {
        let all = |position: &Position, look: Look, (oldest, next): (u64, u64)| {
            let mut taking = Taking::new(position, look);
            for key in ["a", "b", "c"] {
                taking.take(&row("5", key, "1"), false);
            }
            taking.finish(true, 2, Some(Open { oldest, next }))
        };
        let first = all(&begin(), Look::Near, (7, 9));
        assert_eq!((first.known(Look::Wide), &first.floor), (3, &None));
        // 7 or 8 may bring a row still; they have ended, and only a wide look would have met it.
        let second = all(&first, Look::Wide, (8, 12));
        assert_eq!(second.floor, None);
        let third = all(&second, Look::Near, (9, 12));
        assert_eq!(third.floor, None);
        let fourth = all(&third, Look::Wide, (9, 12));
        assert_eq!(fourth.floor, Some(vec!["5".into(), "a".into()]));
        // Not for ever: four times what is wanted is enough.
        let mut taking = Taking::new(&begin(), Look::Near);
        for key in 0..9 {
            taking.take(&row("5", &key.to_string(), "1"), false);
        }
        let much = taking.finish(true, 2, Some(Open { oldest: 7, next: 9 }));
        assert_eq!(much.floor, Some(vec!["5".into(), "0".into()]));
    }

    #[test]
    fn a_row_ahead_is_taken_once_and_never_the_position() {
        let mut taking = Taking::new(&begin(), Look::Near);
        assert_eq!(taking.take(&row("5", "a", "1"), false), Made::New);
        assert_eq!(taking.take(&row("9", "far", "1"), true), Made::Ahead);
        let first = taking.finish(true, 10, None);
        assert_eq!(first.cursor, Some(vec!["5".into(), "a".into()]));
        let mut taking = Taking::new(&first, Look::Near);
        assert_eq!(taking.take(&row("9", "far", "1"), true), Made::Known);
        // Its time has come.
        assert_eq!(taking.take(&row("9", "far", "1"), false), Made::Known);
        let second = taking.finish(true, 10, None);
        assert_eq!(second.cursor, Some(vec!["9".into(), "far".into()]));
        let mut taking = Taking::new(&second, Look::Near);
        for n in 0..limits::ROWS_AHEAD {
            assert_eq!(
                taking.take(&row("9", &n.to_string(), "1"), true),
                Made::Ahead
            );
        }
        assert_eq!(taking.take(&row("9", "more", "1"), true), Made::TooMany);
    }

    #[test]
    fn other_rows_in_place_of_all_that_is_remembered_are_another_table() {
        let mut taking = Taking::new(&begin(), Look::Near);
        assert_eq!(taking.take(&row("5", "a", "1"), false), Made::New);
        let position = taking.finish(true, 10, None);
        let mut taking = Taking::new(&position, Look::Wide);
        assert_eq!(taking.take(&row("8", "new", "1"), false), Made::New);
        assert!(
            taking.is_gone() && taking.behind == 0,
            "changed, and elsewhere now"
        );
        assert_eq!(taking.take(&row("2", "x", "-1"), false), Made::Late);
        assert!(taking.is_gone() && taking.behind == 1);
    }

    #[test]
    fn an_older_position_is_read() {
        for old in [
            "{\"v\":1,\"lot\":7,\"cursor\":[\"5\",\"a\"],\"seen\":[\"0011223344556677\"]}",
            "{\"v\":2,\"lot\":7,\"cursor\":[\"5\",\"a\"],\"floor\":[\"4\",\"z\"],\"blocks\":[{\"until\":\
             [\"5\",\"a\"],\"rows\":\"ABEiM0RV\"}],\"near\":1,\"ahead\":[\"ABEiM0RV\"]}",
        ] {
            let position = Position::parse(Some(old)).unwrap_or_default();
            let cursor = Some(vec!["5".into(), "a".into()]);
            assert_eq!((position.lot, &position.cursor), (7, &cursor));
            // The rows behind its floor go once more.
            let mut taking = Taking::new(&position, Look::Wide);
            assert_eq!(taking.take(&row("5", "a", "0"), false), Made::New);
            assert!(taking.reached && !taking.is_gone());
        }
    }
}
