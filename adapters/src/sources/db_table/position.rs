//! How far a table was read by its watermark, and which of its last rows were taken: their digests are
//! remembered in blocks, in order, so that the oldest can be forgotten, and with them the floor rises. Pure.

use super::numbers::Open;
use super::plan::Row;
use super::watermark::{Look, Place};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use tongcha_schema::limits;

/// Rows of one block.
const BLOCK: usize = 1_000;
/// Bytes of a remembered digest: of 50,000 rows one more has a known one once in 5,600,000,000 times.
const DIGEST: usize = 6;
/// How many times more than wanted is remembered for the sake of transactions that are open.
const HELD: usize = 4;
/// The same as base64.
const TEXT: usize = 8;

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
    /// Version of this shape: 2.
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

/// The shape before: digests of 16 hexadecimal digits of the rows within the overlap.
#[derive(Deserialize)]
struct Older {
    lot: u64,
    cursor: Option<Vec<String>>,
    #[serde(default)]
    floor: Option<Vec<String>>,
    #[serde(default)]
    seen: Vec<String>,
}

impl Position {
    /// Reads a kept position; none is the beginning. `None` where it is of a newer shape.
    pub fn parse(text: Option<&str>) -> Option<Position> {
        let Some(text) = text else {
            return Some(Position::default().anew());
        };
        let version: Version = serde_json::from_str(text).ok()?;
        match version.v {
            1 => Some(Position::of_older(serde_json::from_str(text).ok()?)),
            2 => serde_json::from_str(text).ok(),
            _ => None,
        }
    }

    /// Of an older position the rows of its overlap are remembered, and none before them: the first wide look
    /// takes those once more, which the hub counts as duplicates.
    fn of_older(old: Older) -> Position {
        let until = old.cursor.clone().unwrap_or_default();
        let rows = old.seen.iter().filter_map(|hex| of_hex(hex)).collect();
        let remembered = !old.seen.is_empty();
        Position {
            v: 2,
            lot: old.lot,
            cursor: old.cursor,
            floor: old.floor,
            blocks: match remembered {
                true => vec![Block {
                    until,
                    rows,
                    below: None,
                }],
                false => Vec::new(),
            },
            near: old.seen.len(),
            ahead: Vec::new(),
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
            v: 2,
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

    /// Remembers a row behind all others; `place` where it is one behind the cursor.
    fn remember(
        &mut self,
        digest: &str,
        place: Option<&Vec<String>>,
        below: Option<u64>,
        block: usize,
    ) {
        if let Some(last) = self
            .blocks
            .last_mut()
            .filter(|b| b.rows.len() < block * TEXT)
        {
            last.rows.push_str(digest);
            last.below = last.below.max(below);
            if let Some(place) = place {
                last.until.clone_from(place);
            }
            return;
        }
        // A late row stands before rows of the block that it follows, which ends where it did.
        let before = self
            .blocks
            .last()
            .map(|b| &b.until)
            .or(self.cursor.as_ref());
        let until = place.or(before).cloned().unwrap_or_default();
        let rows = digest.to_owned();
        self.blocks.push(Block { until, rows, below });
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
    digest: String,
    place: Vec<String>,
    beyond: bool,
    deep: bool,
}

/// Decides row by row what is new, and makes the next position.
pub(super) struct Taking {
    old: Position,
    look: Look,
    /// Digests of rows taken before, each with what its block is below.
    known: BTreeMap<String, Option<u64>>,
    ahead: BTreeSet<String>,
    /// Every row met that does not lie ahead, in order.
    scanned: Vec<Met>,
    /// Rows met that were known.
    met: usize,
    /// New rows that stand before the cursor.
    pub behind: usize,
    /// Whether the row of the cursor, or one behind it, was met.
    pub reached: bool,
}

impl Taking {
    /// Begins at a position.
    pub fn new(old: &Position, look: Look) -> Taking {
        let digests = |b: &Block| -> Vec<(String, Option<u64>)> {
            let signs = b.rows.as_bytes().chunks(TEXT);
            let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
            signs.map(|part| (text(part), b.below)).collect()
        };
        Taking {
            known: old.blocks.iter().flat_map(digests).collect(),
            ahead: old.ahead.iter().cloned().collect(),
            old: old.clone(),
            look,
            scanned: Vec::new(),
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
        let digest = STANDARD_NO_PAD.encode(&row.digest()[..DIGEST]);
        if ahead {
            self.reached |= row.beyond;
            return match self.ahead.contains(&digest) {
                true => Made::Known,
                false if self.ahead.len() >= limits::ROWS_AHEAD => Made::TooMany,
                false => {
                    self.ahead.insert(digest);
                    Made::Ahead
                }
            };
        }
        // What was taken ahead is known when its time has come.
        let known = self.known.contains_key(&digest) | self.ahead.remove(&digest);
        let met = Met {
            digest,
            place: row.place(),
            beyond: row.beyond,
            deep: row.deep,
        };
        self.met += usize::from(known);
        self.behind += usize::from(!known && !row.beyond);
        self.reached |= row.beyond || self.old.cursor.as_ref() == Some(&met.place);
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
        let fresh = self.scanned.iter();
        for met in fresh.filter(|m| whole || !self.known.contains_key(&m.digest)) {
            let place = (whole || met.beyond).then_some(&met.place);
            let before = self.known.get(&met.digest).copied().flatten();
            let below = before.or(open.map(|open| open.next));
            next.remember(&met.digest, place, below, block);
        }
        if let Some(last) = self.scanned.into_iter().rfind(|m| m.beyond) {
            next.cursor = Some(last.place);
        }
        next.ahead = self.ahead.into_iter().collect();
        next.forget(most, |below| {
            whole && open.is_some_and(|open| open.oldest >= below)
        });
        next
    }
}

/// A digest of the older shape.
fn of_hex(hex: &str) -> Option<String> {
    let byte = |at: usize| u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..DIGEST).map(byte).collect();
    bytes.map(|bytes| STANDARD_NO_PAD.encode(bytes))
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
            json: format!("{{\"k\":\"{key}\"}}"),
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
            Position::parse(Some("{\"v\":3,\"lot\":1,\"cursor\":null}")),
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
        let old = "{\"v\":1,\"lot\":7,\"cursor\":[\"5\",\"a\"],\"seen\":[\"0011223344556677\"]}";
        let position = Position::parse(Some(old)).unwrap_or_default();
        assert_eq!((position.lot, position.known(Look::Near)), (7, 1));
        assert_eq!(position.blocks[0].rows, "ABEiM0RV");
    }
}
