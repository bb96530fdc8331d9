//! Which table of a family a gathered row belongs to: by the name that it gives, else by its columns.
//! Refuses to guess: a row that fits no table gives no record and is told.

use super::gather::Gathered;
use super::plan::Plan;

/// The table of the present case, by its place in the plan; `None` where it fits none.
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
