//! Nodes that come and go: invited with a code, enrolled with a key of their own, approved by a person,
//! limited in time, revoked. Refuses to see a private key, and to let anything pass before the approval.

use crate::core::Core;
use crate::demands::Demands;
use crate::gate;
use crate::route::{self, Shape};
use crate::store::engine::{Store, StoreError};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use time::OffsetDateTime;
use tongcha_schema::clock::unix_ms;
use tongcha_schema::code::transport;
use tongcha_schema::enrol::{CODE_LIFE, Enrolment, code_sha256};
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::id::is_node_name;
use tongcha_schema::seal::{fingerprint, parse_public, public_text};

/// Who is invited.
#[derive(Clone, Debug)]
pub struct Invitation<'a> {
    /// Node name, `region/node`.
    pub node: &'a str,
    /// Whether it is a lower hub.
    pub is_hub: bool,
    /// Organ code, or empty.
    pub organ_code: &'a str,
    /// Organ name, or empty.
    pub organ_name: &'a str,
    /// What will be demanded of it.
    pub demands: Demands,
}

/// A node, or an invitation, as an administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeLine {
    /// Name.
    pub name: String,
    /// `invited`, `pending` (enrolled, not approved), `active`, `expired`, `revoked`.
    pub state: &'static str,
    /// Fingerprint of its key, or empty.
    pub fingerprint: String,
    /// Organ name, or empty.
    pub organ_name: String,
    /// When the code or the key ends, milliseconds.
    pub until_ms: Option<i64>,
    /// When it last sent, milliseconds.
    pub last_seen_ms: Option<i64>,
}

/// Why an approval or a revocation was not done.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nobody of that name waits.
    #[error(
        "没有受邀或待批准的节点{0} · {0} is not invited and waits for no approval; hint: tongcha node list"
    )]
    Nobody(String),
    /// A key of the node waits for approval; another invitation would throw it away.
    #[error(
        "{0}已登记，待批准 · a key of {0} waits for approval; hint: tongcha node approve, or tongcha node withdraw \
         and invite again"
    )]
    Waits(String),
    /// No node has that name.
    #[error("没有节点{0} · there is no node {0}; hint: tongcha node list")]
    Unknown(String),
    /// The key that waits is another.
    #[error(
        "指纹不符：待批准的是{found} · the key that waits has the fingerprint {found}; hint: compare it with what \
         the front-end machine shows"
    )]
    OtherKey {
        /// Fingerprint of the key that waits.
        found: String,
    },
}

/// Invites a node: its code works once, for a day, beside codes of before. A node that is there already gets
/// a new key so.
///
/// # Errors
/// The store, or a key of the node waits for approval.
pub async fn invite(
    store: &Store,
    who: &Invitation<'_>,
    code: &str,
    now: OffsetDateTime,
) -> Result<(), EnrolError> {
    let until = unix_ms(now + CODE_LIFE);
    let args = crate::args![
        who.node,
        if who.is_hub { "hub" } else { "front" },
        who.organ_code,
        who.organ_name,
        unix_ms(now),
        until,
        who.demands.suite_name(),
        who.demands.encrypted_flag()
    ];
    let mut tx = store.begin().await?;
    if tx.run("nodes.invite", args).await? == 0 {
        return Err(EnrolError::Waits(who.node.to_owned()));
    }
    let args = crate::args![who.node, code_sha256(code), until];
    tx.run("nodes.put_code", args).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes an invitation back: its codes work no more, and a key that waits for approval is forgotten.
///
/// # Errors
/// The store, or nobody of that name is invited.
pub async fn withdraw(store: &Store, node: &str) -> Result<(), EnrolError> {
    match store.run("nodes.withdraw", crate::args![node]).await? {
        0 => Err(EnrolError::Nobody(node.to_owned())),
        _ => Ok(()),
    }
}

/// Approves the key that waits, if it is the one that was looked at.
///
/// # Errors
/// [`EnrolError`].
pub async fn approve(
    store: &Store,
    node: &str,
    seen: &str,
    until: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Result<(), EnrolError> {
    let waiting = store.row("nodes.waiting", crate::args![node]).await?;
    let Some(row) = waiting else {
        return Err(EnrolError::Nobody(node.to_owned()));
    };
    let found = shown(row.text(0));
    if found != seen.trim().to_ascii_lowercase() {
        return Err(EnrolError::OtherKey { found });
    }
    let mut tx = store.begin().await?;
    let now_ms = unix_ms(now);
    let demands = Demands::of(&row, 4, 5);
    let args = crate::args![
        node,
        row.text(3),
        row.text(0),
        row.text(1),
        row.text(2),
        now_ms,
        demands.suite_name(),
        demands.encrypted_flag(),
        until.map(unix_ms)
    ];
    tx.run("nodes.put", args).await?;
    tx.run("nodes.approved", crate::args![node, now_ms]).await?;
    tx.run("nodes.drop_codes", crate::args![node]).await?;
    tx.commit().await?;
    Ok(())
}

/// Revokes a node's key, at once and for all that comes later; a new key needs a new invitation.
///
/// # Errors
/// The store, or there is no such node.
pub async fn revoke(store: &Store, node: &str, now: OffsetDateTime) -> Result<(), EnrolError> {
    let done = store
        .run("nodes.revoke", crate::args![node, unix_ms(now)])
        .await?;
    match done {
        0 => Err(EnrolError::Unknown(node.to_owned())),
        _ => Ok(()),
    }
}

/// Demands something else of a node that is registered, from its next envelope on.
///
/// # Errors
/// The store, or there is no such node.
pub async fn demand(store: &Store, node: &str, demands: Demands) -> Result<(), EnrolError> {
    let args = crate::args![node, demands.suite_name(), demands.encrypted_flag()];
    match store.run("nodes.demand", args).await? {
        0 => Err(EnrolError::Unknown(node.to_owned())),
        _ => Ok(()),
    }
}

/// Agrees on the dialects of a node that is registered, from its next envelope on; none: any.
///
/// # Errors
/// The store, or there is no such node.
pub async fn agree(store: &Store, node: &str, dialects: &[String]) -> Result<(), EnrolError> {
    let args = crate::args![node, dialects.join(",")];
    match store.run("nodes.agree", args).await? {
        0 => Err(EnrolError::Unknown(node.to_owned())),
        _ => Ok(()),
    }
}

/// All nodes and invitations, in order of name.
///
/// # Errors
/// The store.
pub async fn list(store: &Store, now: OffsetDateTime) -> Result<Vec<NodeLine>, StoreError> {
    let now_ms = unix_ms(now);
    let mut lines = Vec::new();
    for row in store.rows("nodes.invited", Vec::new()).await? {
        let enrolled = !row.text(1).is_empty();
        if !enrolled && row.int(3) <= now_ms {
            continue;
        }
        lines.push(NodeLine {
            name: row.text(0).to_owned(),
            state: if enrolled { "pending" } else { "invited" },
            fingerprint: shown(row.text(1)),
            organ_name: row.text(2).to_owned(),
            until_ms: (!enrolled).then(|| row.int(3)),
            last_seen_ms: None,
        });
    }
    for row in store.rows("nodes.all", Vec::new()).await? {
        let (until_ms, revoked) = (row.opt_int(8), row.opt_int(9).is_some());
        lines.push(NodeLine {
            name: row.text(0).to_owned(),
            state: match (revoked, until_ms.is_some_and(|until| until <= now_ms)) {
                (true, _) => "revoked",
                (false, true) => "expired",
                (false, false) => "active",
            },
            fingerprint: shown(row.text(2)),
            organ_name: row.text(4).to_owned(),
            until_ms,
            last_seen_ms: row.opt_int(6),
        });
    }
    lines.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(lines)
}

fn shown(public: &str) -> String {
    parse_public(public)
        .map(|key| fingerprint(&key))
        .unwrap_or_default()
}

/// The fault of a node whose key is revoked or past its time, by the row of `nodes.find`.
pub(crate) fn lapsed(
    until_ms: Option<i64>,
    revoked_ms: Option<i64>,
    now_ms: i64,
) -> Option<Finding> {
    let code = match (revoked_ms, until_ms) {
        (Some(_), _) => transport::KEY_REVOKED,
        (None, Some(until)) if until <= now_ms => transport::KEY_EXPIRED,
        _ => return None,
    };
    Some(Finding::new(code, Place::default()))
}

/// `POST /v1/enrolments`.
pub(crate) async fn enrol(State(core): State<Arc<Core>>, body: Bytes) -> Response {
    let enrolment: Option<Enrolment> = serde_json::from_slice(&body).ok();
    let known = match &enrolment {
        Some(enrolment) => keep(&core, enrolment).await,
        None => Ok(Err(stranger())),
    };
    match known {
        Ok(Ok((node, fingerprint))) => {
            tracing::info!(node, fingerprint, "a node enrolled; it waits for approval");
            let told =
                serde_json::json!({"node": node, "fingerprint": fingerprint, "state": "pending"});
            (StatusCode::ACCEPTED, Json(told)).into_response()
        }
        Ok(Err(finding)) => {
            // Whoever has the code is the node's.
            let named = enrolment.filter(|_| finding.code == transport::OTHER_SUITE);
            let node = named.map(|e| e.node).unwrap_or_default();
            let answer = gate::turned_away(&core, 401, &node, "", finding).await;
            route::answered(answer, Shape::Json)
        }
        Err(error) => {
            tracing::error!(%error, "an enrolment could not be kept");
            route::unavailable()
        }
    }
}

/// One answer for every reason: it tells a stranger nothing.
fn stranger() -> Finding {
    Finding::new(transport::BAD_CODE, Place::default())
}

/// Keeps the key of an enrolment whose code works: node and fingerprint. The same key again is the same
/// enrolment, whose answer was lost.
async fn keep(
    core: &Core,
    enrolment: &Enrolment,
) -> Result<Result<(String, String), Finding>, StoreError> {
    let now = core.clock.now();
    let named = Some(enrolment).filter(|enrolment| is_node_name(&enrolment.node));
    let Some(key) = named.and_then(|enrolment| enrolment.key(now)) else {
        return Ok(Err(stranger()));
    };
    let (code, suite) = (code_sha256(&enrolment.code), key.suite().name());
    let node = &enrolment.node;
    let args = crate::args![node, &code, public_text(&key), unix_ms(now), suite];
    if core.door.run("nodes.enrol", args).await? > 0 {
        return Ok(Ok((node.clone(), fingerprint(&key))));
    }
    // Only who has the code is told this.
    let args = crate::args![node, &code, unix_ms(now), suite];
    let wanted = core.door.row("nodes.suite_of_code", args).await?;
    Ok(Err(wanted.map_or_else(stranger, |row| {
        let finding = Finding::new(transport::OTHER_SUITE, Place::default());
        finding.with("wanted", row.text(0)).with("found", suite)
    })))
}
