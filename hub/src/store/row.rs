//! What goes into a statement and what comes out of it: arguments, cells, rows. Refuses to know an
//! engine.

use time::{Date, OffsetDateTime};

/// An argument of a statement.
#[derive(Clone, Debug)]
pub enum Arg {
    /// Integer.
    Int(i64),
    /// Integer or null.
    OptInt(Option<i64>),
    /// Text.
    Text(String),
    /// Text or null.
    OptText(Option<String>),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Bytes or null.
    OptBytes(Option<Vec<u8>>),
    /// Integers, for PostgreSQL alone.
    Ints(Vec<i64>),
    /// Pieces of bytes, for PostgreSQL alone.
    Blobs(Vec<Vec<u8>>),
}

impl From<i64> for Arg {
    fn from(v: i64) -> Arg {
        Arg::Int(v)
    }
}
impl From<u64> for Arg {
    fn from(v: u64) -> Arg {
        Arg::Int(i64::try_from(v).unwrap_or(i64::MAX))
    }
}
impl From<u32> for Arg {
    fn from(v: u32) -> Arg {
        Arg::Int(i64::from(v))
    }
}
impl From<usize> for Arg {
    fn from(v: usize) -> Arg {
        Arg::Int(i64::try_from(v).unwrap_or(i64::MAX))
    }
}
impl From<Option<i64>> for Arg {
    fn from(v: Option<i64>) -> Arg {
        Arg::OptInt(v)
    }
}
impl From<&str> for Arg {
    fn from(v: &str) -> Arg {
        Arg::Text(v.to_owned())
    }
}
impl From<&String> for Arg {
    fn from(v: &String) -> Arg {
        Arg::Text(v.clone())
    }
}
impl From<String> for Arg {
    fn from(v: String) -> Arg {
        Arg::Text(v)
    }
}
impl From<Option<String>> for Arg {
    fn from(v: Option<String>) -> Arg {
        Arg::OptText(v)
    }
}
impl From<Option<Vec<u8>>> for Arg {
    fn from(v: Option<Vec<u8>>) -> Arg {
        Arg::OptBytes(v)
    }
}
impl From<Vec<u8>> for Arg {
    fn from(v: Vec<u8>) -> Arg {
        Arg::Bytes(v)
    }
}

/// Arguments from values of different types.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::row::Arg::from($value)),*] };
}

/// One cell of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Null.
    Null,
    /// Integer or boolean.
    Int(i64),
    /// Text; a `numeric` as its text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An instant (`timestamptz`).
    Stamp(OffsetDateTime),
    /// A day (`date`).
    Date(Date),
}

/// One row.
#[derive(Clone, Debug)]
pub struct Row(pub Vec<Cell>);

impl Row {
    /// The integer at a position; 0 where it is null.
    pub fn int(&self, i: usize) -> i64 {
        self.opt_int(i).unwrap_or(0)
    }

    /// The integer at a position, if there is one.
    pub fn opt_int(&self, i: usize) -> Option<i64> {
        match self.0.get(i) {
            Some(Cell::Int(v)) => Some(*v),
            Some(Cell::Text(t)) => t.parse().ok(),
            _ => None,
        }
    }

    /// The count at a position (never negative).
    pub fn count(&self, i: usize) -> u64 {
        u64::try_from(self.int(i)).unwrap_or(0)
    }

    /// The text at a position; empty where it is null.
    pub fn text(&self, i: usize) -> &str {
        match self.0.get(i) {
            Some(Cell::Text(t)) => t,
            _ => "",
        }
    }

    /// The text at a position, if there is one.
    pub fn opt_text(&self, i: usize) -> Option<&str> {
        match self.0.get(i) {
            Some(Cell::Text(t)) => Some(t),
            _ => None,
        }
    }

    /// The bytes at a position, if there are any.
    pub fn opt_bytes(&self, i: usize) -> Option<&[u8]> {
        match self.0.get(i) {
            Some(Cell::Bytes(b)) => Some(b),
            _ => None,
        }
    }

    /// The bytes at a position; empty where it is null.
    pub fn bytes(&self, i: usize) -> &[u8] {
        match self.0.get(i) {
            Some(Cell::Bytes(b)) => b,
            _ => &[],
        }
    }
}
