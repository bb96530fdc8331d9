//! The page of nodes: who may send, when each last sent, what became of it, and whom the door turned
//! away. Refuses to show a private key; there is none here.

use super::{counts_at, instant_at};
use crate::core::Core;
use crate::store::engine::StoreError;
use serde::Serialize;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use tongcha_schema::clock::from_unix_ms;
use tongcha_schema::finding::Finding;
use tongcha_schema::receipt::Counts;
use tongcha_schema::seal;

/// Rows of the list of envelopes that did not pass the door.
const TURNED_AWAY: u64 = 20;

/// One node.
#[derive(Clone, Debug, Serialize)]
pub struct NodeLine {
    /// Name, `region/node`.
    pub name: String,
    /// Whether it is a lower hub.
    pub is_hub: bool,
    /// First digits of its key's digest; empty where the key is no key.
    pub fingerprint: String,
    /// Organ code, or empty.
    pub organ_code: String,
    /// Organ name, or empty.
    pub organ_name: String,
    /// When it was registered.
    pub registered_at: OffsetDateTime,
    /// When it last sent an envelope.
    pub last_seen: Option<OffsetDateTime>,
    /// That envelope, or empty.
    pub last_envelope: String,
    /// When it last told how it is.
    pub heard: Option<OffsetDateTime>,
    /// Parcels that waited there for a receipt then.
    pub waiting: u64,
    /// Their bytes.
    pub waiting_bytes: u64,
    /// Whether it was heard of within [`super::overview::ALIVE`].
    pub alive: bool,
    /// Envelopes kept.
    pub envelopes: u64,
    /// Envelopes that came again.
    pub repeats: u64,
    /// What became of their records.
    pub counts: Counts,
    /// The dialects that read it.
    pub dialects: Vec<String>,
}

/// An envelope that did not pass the door.
#[derive(Clone, Debug, Serialize)]
pub struct TurnedAway {
    /// When.
    pub at: OffsetDateTime,
    /// The node that it named, or empty.
    pub node: String,
    /// Finding code.
    pub code: String,
    /// The finding.
    pub finding: Option<Finding>,
}

/// Every node.
///
/// # Errors
/// The store.
pub async fn nodes(core: &Core) -> Result<Vec<NodeLine>, StoreError> {
    let alive_from = core.clock.now() - super::overview::ALIVE;
    let mut dialects: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in core.store.rows("nodes.dialects", Vec::new()).await? {
        dialects
            .entry(row.text(0).to_owned())
            .or_default()
            .push(row.text(1).to_owned());
    }
    let lines = core
        .store
        .rows("pages.nodes", Vec::new())
        .await?
        .iter()
        .map(|row| {
            let (last_seen, heard) = (instant_at(row, 6), instant_at(row, 15));
            NodeLine {
                name: row.text(0).to_owned(),
                is_hub: row.text(1) == "hub",
                fingerprint: seal::parse_public(row.text(2))
                    .map(|key| seal::fingerprint(&key))
                    .unwrap_or_default(),
                organ_code: row.text(3).to_owned(),
                organ_name: row.text(4).to_owned(),
                registered_at: from_unix_ms(row.int(5)),
                last_seen,
                last_envelope: row.text(7).to_owned(),
                heard,
                waiting: row.count(16),
                waiting_bytes: row.count(17),
                alive: last_seen.max(heard).is_some_and(|at| at >= alive_from),
                envelopes: row.count(8),
                repeats: row.count(9),
                counts: counts_at(row, 10),
                dialects: dialects.remove(row.text(0)).unwrap_or_default(),
            }
        })
        .collect();
    Ok(lines)
}

/// The latest envelopes that were turned away.
///
/// # Errors
/// The store.
pub async fn away(core: &Core) -> Result<Vec<TurnedAway>, StoreError> {
    let away = core
        .store
        .rows("pages.turned_away", crate::args![TURNED_AWAY])
        .await?;
    let away = away
        .iter()
        .map(|row| TurnedAway {
            at: from_unix_ms(row.int(0)),
            node: row.text(1).to_owned(),
            code: row.text(2).to_owned(),
            finding: serde_json::from_str(row.text(3)).ok(),
        })
        .collect();
    Ok(away)
}

/// The names of all nodes.
///
/// # Errors
/// The store.
pub async fn names(core: &Core) -> Result<Vec<String>, StoreError> {
    let rows = core.store.rows("pages.node_names", Vec::new()).await?;
    Ok(rows.iter().map(|row| row.text(0).to_owned()).collect())
}
