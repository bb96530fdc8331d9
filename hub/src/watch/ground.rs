//! By what cases are judged: profile, rules and calendar, and what each source declares. When any of it has
//! changed, what stands (open cases, held ones, open cards) is looked at again. Refuses to judge.

use super::{WatchError, keys};
use crate::core::Core;
use crate::store::engine::{Store, StoreError};
use crate::store::row::Row;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use time::UtcOffset;
use tongcha_decode::dialect::Registry;
use tongcha_schema::digest::hex;
use tongcha_supervision::{Absents, rules};

/// Cases that are marked in one transaction.
const MARKED: usize = 5_000;
/// Name of what all cases are judged by.
const RULES: &str = "rules";

/// What the sources have declared absent: by the dialects that read them.
///
/// # Errors
/// The store.
pub async fn absents(core: &Core) -> Result<Absents, StoreError> {
    let spoken = core.store.rows("nodes.dialects", Vec::new()).await?;
    Ok(absents_in(&spoken, &core.registry))
}

/// The same of lines of the statement `nodes.dialects`.
pub(super) fn absents_in(spoken: &[Row], registry: &Registry) -> Absents {
    let mut absents = Absents::default();
    for row in spoken {
        let Some(dialect) = registry.get(row.text(1)) else {
            continue;
        };
        for absent in dialect.absents() {
            match absent.field {
                None => absents.declare(row.text(0), absent.element, None),
                Some(field) => absents.declare_index(row.text(0), absent.element, field),
            };
        }
    }
    absents
}

/// In which zone the sources stand, by the dialects that read them; a source whose dialects do not agree
/// is left out.
///
/// # Errors
/// The store.
pub async fn zones_of(
    store: &Store,
    registry: &Registry,
) -> Result<BTreeMap<String, UtcOffset>, StoreError> {
    let spoken = store.rows("nodes.dialects", Vec::new()).await?;
    Ok(zones_in(&spoken, registry))
}

/// The same of lines of the statement `nodes.dialects`.
pub(super) fn zones_in(spoken: &[Row], registry: &Registry) -> BTreeMap<String, UtcOffset> {
    let mut zones: BTreeMap<String, Option<UtcOffset>> = BTreeMap::new();
    for row in spoken {
        let Some(dialect) = registry.get(row.text(1)) else {
            continue;
        };
        let zone = Some(dialect.offset());
        let known = zones.entry(row.text(0).to_owned()).or_insert(zone);
        if *known != zone {
            *known = None;
        }
    }
    let stated = zones.into_iter();
    stated.filter_map(|(s, zone)| Some((s, zone?))).collect()
}

/// Notes by what is judged where nothing was judged yet: what ingest judges from now on is judged by it.
///
/// # Errors
/// The store.
pub async fn begin(core: &Core) -> Result<(), StoreError> {
    if core
        .store
        .rows("cases.judged_by", Vec::new())
        .await?
        .is_empty()
    {
        let args = crate::args![RULES, of_rules(core)];
        core.store.run("cases.put_judged_by", args).await?;
    }
    Ok(())
}

/// Compares what judged last with what judges now; what stands on something else is to be looked at.
pub(super) async fn renew(core: &Core) -> Result<(), WatchError> {
    let mut now = BTreeMap::from([(RULES.to_owned(), of_rules(core))]);
    let mut declared: BTreeMap<String, String> = BTreeMap::new();
    for row in core.store.rows("nodes.dialects", Vec::new()).await? {
        let Some(dialect) = core.registry.get(row.text(1)) else {
            continue;
        };
        let text = declared
            .entry(format!("source {}", row.text(0)))
            .or_default();
        let _ = writeln!(text, "{} {}", row.text(1), dialect.offset());
        for absent in dialect.absents() {
            let _ = writeln!(text, "{} {:?}", absent.element.name(), absent.field);
        }
    }
    now.extend(
        declared
            .into_iter()
            .map(|(name, text)| (name, digest(&text))),
    );
    let rows = core.store.rows("cases.judged_by", Vec::new()).await?;
    let before: BTreeMap<&str, &str> = rows.iter().map(|r| (r.text(0), r.text(1))).collect();
    for (name, digest) in &now {
        let known = before.get(name.as_str());
        if known == Some(&digest.as_str()) {
            continue;
        }
        // Of a source that is heard of for the first time no case was judged before.
        let source = name.strip_prefix("source ").unwrap_or_default();
        if known.is_some() || source.is_empty() {
            mark(core, source).await?;
        }
        let args = crate::args![name, digest];
        core.store.run("cases.put_judged_by", args).await?;
    }
    Ok(())
}

/// Marks what stands, of one source or of all, part by part: a stop in between marks it all once more.
async fn mark(core: &Core, source: &str) -> Result<(), StoreError> {
    let mut after = (String::new(), String::new());
    loop {
        let args = crate::args![source, &after.0, &after.1, MARKED];
        let rows = core.store.rows("cases.standing", args).await?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = (last.text(0).to_owned(), last.text(1).to_owned());
        again(core, rows.iter().map(|r| (r.text(0), r.text(1)))).await?;
    }
}

/// These cases are to be looked at again.
pub(super) async fn again<'a>(
    core: &Core,
    cases: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<(), StoreError> {
    let keys = keys(cases);
    let mut tx = core.store.begin().await?;
    tx.rows("cases.lock_keys", crate::args![&keys]).await?;
    tx.run("refusals.taken", crate::args![&keys]).await?;
    tx.run("cases.again", crate::args![&keys]).await?;
    tx.commit().await
}

fn of_rules(core: &Core) -> String {
    let mut text = format!("{:?}\n{}\n", core.profile, core.calendar.version());
    for rule in rules::RULES {
        let _ = writeln!(text, "{} {}", rule.code, rule.version);
    }
    digest(&text)
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}
