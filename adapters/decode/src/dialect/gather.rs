//! One case while it is read: its texts in one buffer, a cell per slot, rows per repeated node. It is
//! emptied and used again for the next case, so memory follows the largest case, not the document.

use super::plan::{Plan, Slot};
use tongcha_schema::limits;
use tongcha_schema::short::trim;

/// Bytes of text kept of one case: far above the largest real case, and a bound on memory. What is
/// beyond is not kept, and the case is reported.
pub(crate) const CASE_TEXT_BYTES: usize = 64 << 20;

/// The text of one slot: a range of the buffer, and where it stands in the document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    start: u32,
    end: u32,
    pub line: u32,
    pub column: u32,
}

const VOID: Cell = Cell {
    start: u32::MAX,
    end: u32::MAX,
    line: 0,
    column: 0,
};

/// The rows of one scope; the case itself is one row.
#[derive(Debug, Default)]
struct ScopeRows {
    stride: usize,
    cells: Vec<Cell>,
    places: Vec<(u32, u32)>,
    /// No more rows are taken.
    full: bool,
}

/// A place of one row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    pub slot: Slot,
    pub row: usize,
    pub line: u32,
    pub column: u32,
}

/// A case being read.
#[derive(Debug)]
pub(crate) struct Gathered {
    text: String,
    scopes: Vec<ScopeRows>,
    /// Slots of the case that the source has, with a text or without.
    seen: Vec<bool>,
    /// Line of the case.
    pub line: u32,
    /// Places that came twice.
    pub doubled: Vec<Spot>,
    /// Places whose text holds U+FFFD: what stood there is lost.
    pub broken: Vec<Spot>,
    /// Places whose text was cut in the middle of a character.
    pub cut: Vec<Spot>,
    /// Text beyond [`CASE_TEXT_BYTES`] was left out.
    pub overflow: bool,
    /// Hash of the whole row, where the case is a row of a file.
    pub content: Option<u64>,
}

impl Gathered {
    /// Room for one case of the plan.
    pub fn new(plan: &Plan) -> Gathered {
        let rows = |stride: &u32| ScopeRows {
            stride: *stride as usize,
            ..ScopeRows::default()
        };
        Gathered {
            text: String::new(),
            scopes: plan.strides.iter().map(rows).collect(),
            seen: Vec::new(),
            line: 0,
            doubled: Vec::new(),
            broken: Vec::new(),
            cut: Vec::new(),
            overflow: false,
            content: None,
        }
    }

    /// Empties it for the case that begins at a place.
    pub fn begin(&mut self, line: u32, column: u32) {
        self.text.clear();
        self.doubled.clear();
        self.broken.clear();
        self.cut.clear();
        self.overflow = false;
        self.content = None;
        self.line = line;
        for scope in &mut self.scopes {
            scope.cells.clear();
            scope.places.clear();
            scope.full = false;
        }
        self.seen.clear();
        self.seen.resize(self.scopes[0].stride, false);
        self.row(0, line, column);
    }

    /// The source has this place, even where it holds no text.
    pub fn see(&mut self, slot: Slot) {
        if slot.scope == 0
            && let Some(seen) = self.seen.get_mut(slot.slot as usize)
        {
            *seen = true;
        }
    }

    /// Whether the source has that place of the case.
    pub fn seen(&self, slot: Slot) -> bool {
        slot.scope == 0 && self.seen.get(slot.slot as usize) == Some(&true)
    }

    /// Begins a row of a scope.
    pub fn row(&mut self, scope: u32, line: u32, column: u32) {
        let rows = &mut self.scopes[scope as usize];
        // One more than the limit: enough for the check to reject them all.
        if rows.places.len() > limits::CASE_RECORDS {
            rows.full = true;
            return;
        }
        rows.places.push((line, column));
        let len = rows.cells.len() + rows.stride;
        rows.cells.resize(len, VOID);
    }

    /// Where the buffer ends now: what [`Gathered::fill`] takes as the start of a text.
    pub fn mark(&self) -> usize {
        self.text.len()
    }

    /// Adds to the text that is being read.
    pub fn push(&mut self, text: &str) {
        if self.text.len() + text.len() > CASE_TEXT_BYTES {
            self.overflow = true;
        } else {
            self.text.push_str(text);
        }
    }

    /// The text since `mark` belongs to the slot of the scope's last row; blanks around it go, and
    /// nothing but blanks is no text.
    pub fn fill(&mut self, slot: Slot, mark: usize, line: u32, column: u32) {
        self.see(slot);
        let text = &self.text[mark..];
        let body = trim(text);
        if body.is_empty() {
            self.text.truncate(mark);
            return;
        }
        let lead = match body.len() == text.len() {
            true => 0,
            false => text.len() - text.trim_start().len(),
        };
        let start = mark + lead;
        let end = start + body.len();
        let rows = &mut self.scopes[slot.scope as usize];
        let Some(row) = rows.places.len().checked_sub(1).filter(|_| !rows.full) else {
            return;
        };
        let Some(cell) = rows.cells.get_mut(row * rows.stride + slot.slot as usize) else {
            return;
        };
        let spot = Spot {
            slot,
            row,
            line,
            column,
        };
        if cell.start != u32::MAX {
            self.doubled.push(spot);
            return;
        }
        // U+FFFD begins with 0xEF, as few others do.
        let may_be = body.bytes().fold(false, |any, b| any | (b == 0xEF));
        if may_be && body.contains(char::REPLACEMENT_CHARACTER) {
            self.broken.push(spot);
        }
        *cell = Cell {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            end: u32::try_from(end).unwrap_or(u32::MAX),
            line,
            column,
        };
    }

    /// Rows of a scope.
    pub fn rows(&self, scope: u32) -> usize {
        self.scopes[scope as usize].places.len()
    }

    /// Line and column of a row.
    pub fn place(&self, scope: u32, row: usize) -> (u32, u32) {
        let places = &self.scopes[scope as usize].places;
        places.get(row).copied().unwrap_or((self.line, 0))
    }

    /// The text of a slot, seen from a row of some scope (a slot of the case is the case's own).
    pub fn get(&self, slot: Slot, row: usize) -> Option<(&str, Cell)> {
        let rows = self.scopes.get(slot.scope as usize)?;
        let row = if slot.scope == 0 { 0 } else { row };
        let cell = *rows.cells.get(row * rows.stride + slot.slot as usize)?;
        let text = self.text.get(cell.start as usize..cell.end as usize)?;
        (cell.start != u32::MAX).then_some((text, cell))
    }

    /// The text of the first of several slots that has one.
    pub fn first(&self, slots: &[Slot], row: usize) -> Option<(&str, Cell)> {
        slots.iter().find_map(|slot| self.get(*slot, row))
    }
}

/// The table of a family that the present case belongs to, by its place in the plan; `None` where it fits none:
/// such a row gives no record and is told.
///
/// A name that the dialect knows decides. Else it is the table that asks for the most columns and has
/// them all, whether they hold a text or not; of equals the one that stands first in the file.
pub(crate) fn table_of(plan: &Plan, g: &Gathered) -> Option<usize> {
    let name = plan.table.and_then(|slot| g.get(slot, 0));
    if let Some((name, _)) = name {
        let is = |n: &String| n.eq_ignore_ascii_case(name);
        let found = plan.tables.iter().position(|t| t.names.iter().any(is));
        if found.is_some() {
            return found;
        }
    }
    let mut best: Option<(usize, usize)> = None;
    for (at, table) in plan.tables.iter().enumerate() {
        let fits = table.columns.iter().all(|slot| g.seen(*slot));
        if fits && best.is_none_or(|(most, _)| table.columns.len() > most) {
            best = Some((table.columns.len(), at));
        }
    }
    best.map(|(_, at)| at)
}
