//! Short numbers of the names of sources and of numbering spaces. A number is given once; those that are known
//! need no statement.

use super::engine::{StoreError, Tx};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

/// What is known of the numbers, kept by a hub.
#[derive(Debug, Default)]
pub struct Names {
    sources: Mutex<HashMap<String, i64>>,
    spaces: Mutex<HashMap<String, i64>>,
}

/// Numbers by name.
pub type Numbers = HashMap<String, i64>;

impl Names {
    /// The numbers of these sources; new ones get one in this transaction.
    ///
    /// # Errors
    /// The store.
    pub async fn sources(&self, tx: &mut Tx, names: BTreeSet<&str>) -> Result<Numbers, StoreError> {
        numbers(&self.sources, tx, "nodes.source", names).await
    }

    /// The numbers of these spaces; new ones get one in this transaction.
    ///
    /// # Errors
    /// The store.
    pub async fn spaces(&self, tx: &mut Tx, names: BTreeSet<&str>) -> Result<Numbers, StoreError> {
        numbers(&self.spaces, tx, "nodes.space", names).await
    }

    /// The transaction that gave these numbers was committed: they hold from now on.
    pub fn learn(&self, sources: &Numbers, spaces: &Numbers) {
        for (known, new) in [(&self.sources, sources), (&self.spaces, spaces)] {
            let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
            for (name, number) in new {
                if !known.contains_key(name) {
                    known.insert(name.clone(), *number);
                }
            }
        }
    }
}

/// In the order of names, so that two workers never wait for each other in a ring.
async fn numbers(
    known: &Mutex<HashMap<String, i64>>,
    tx: &mut Tx,
    statement: &str,
    names: BTreeSet<&str>,
) -> Result<Numbers, StoreError> {
    let mut numbers = Numbers::new();
    for name in names {
        let before = {
            let known = known.lock().unwrap_or_else(PoisonError::into_inner);
            known.get(name).copied()
        };
        let number = match before {
            Some(number) => number,
            None => {
                let rows = tx.rows(statement, crate::args![name]).await?;
                rows.first().map_or(0, |row| row.int(0))
            }
        };
        numbers.insert(name.to_owned(), number);
    }
    Ok(numbers)
}
