//! Documents posted straight to the hub by a system that has no front-end machine: XML, JSON rows or a
//! table in the body, a bearer token instead of a signature. Each becomes an envelope of one item and is
//! committed before its answer, which is the admission receipt. Refuses unknown tokens before it reads the
//! body, bodies over the limit, and everything while too much waits.
//!
//! ```text
//! POST /v1/documents?name=FILE   Authorization: Bearer TOKEN   [Idempotency-Key: KEY]   body: the document
//! ```

mod wrapped;

use crate::core::Core;
use crate::enrol::lapsed;
use crate::gate::{self, Answer, GateError};
use crate::receive::{DoorError, Doorway, Received, Sender, repeat_of};
use crate::room::{Bounds, NoRoom, Rooms, Turn};
use crate::route::{self, Shape};
use crate::spool::{Item, Spool, SpoolError, Tray};
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::time::timeout;
use tongcha_schema::clock::unix_ms;
use tongcha_schema::code::transport;
use tongcha_schema::digest::hex;
use tongcha_schema::envelope::{HEAD_VERSION, Head, ItemHead, STD_VER};
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::id::{EnvelopeId, POSTED_EPOCH};
use tongcha_schema::limits;
use tongcha_schema::seal::{EnvelopeCipher, OpeningKey, Secrecy, same_secret};
use tongcha_schema::stamp;

/// A node that may post documents.
#[derive(Clone)]
pub struct PushDoor {
    /// Its name, `region/node`.
    pub node: String,
    /// Organ that provides the data, or empty.
    pub organ: String,
    /// Dialect of what it posts, or `auto`.
    pub dialect: String,
    /// SHA-256 of its bearer token.
    pub token_sha256: [u8; 32],
}

/// What the hub takes in, and how much of it at a time.
#[derive(Clone)]
pub struct Intake {
    /// The nodes that may post documents.
    pub doors: Vec<PushDoor>,
    /// Bundles that wait for ingest above which envelopes and documents are put off (429).
    pub most_waiting: u64,
    /// Keys that open encrypted envelopes: the one that is told, and older ones.
    pub opening: Vec<OpeningKey>,
    /// Room for what arrives.
    pub rooms: Arc<Rooms>,
}

impl Intake {
    /// Doors, and how many bundles may wait.
    pub fn new(doors: Vec<PushDoor>, most_waiting: u64) -> Intake {
        Intake {
            doors,
            most_waiting,
            opening: Vec::new(),
            rooms: Rooms::new(Bounds::default()),
        }
    }

    /// With so much room for what arrives.
    #[must_use]
    pub fn bounded(mut self, bounds: Bounds) -> Intake {
        self.rooms = Rooms::new(bounds);
        self
    }

    /// With keys that open encrypted envelopes.
    #[must_use]
    pub fn opening(mut self, keys: Vec<OpeningKey>) -> Intake {
        self.opening = keys;
        self
    }

    /// The cipher of an envelope whose head was verified; `None` where no key opens it.
    pub fn cipher(&self, secrecy: &Secrecy, id: &str) -> Option<EnvelopeCipher> {
        let meant = |key: &&OpeningKey| key.recipient().id() == secrecy.to;
        self.opening.iter().find(meant)?.unwrap(secrecy, id)
    }

    /// The door that the token opens. All are compared, so that the time tells nothing.
    pub fn door(&self, authorization: &str) -> Option<&PushDoor> {
        let token = authorization.strip_prefix("Bearer ")?;
        let digest = token_sha256(token);
        let mut found = None;
        for door in &self.doors {
            if same_secret(&digest, &door.token_sha256) {
                found = Some(door);
            }
        }
        found
    }
}

impl Default for Intake {
    fn default() -> Intake {
        Intake::new(Vec::new(), limits::MOST_WAITING_BUNDLES)
    }
}

/// What is kept of a bearer token.
pub fn token_sha256(token: &str) -> [u8; 32] {
    Sha256::digest(token.trim()).into()
}

/// What the query of a posted document says.
#[derive(Deserialize)]
pub struct PushQuery {
    name: Option<String>,
}

/// `POST /v1/documents`.
pub async fn document(
    State(core): State<Arc<Core>>,
    Query(query): Query<PushQuery>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let shape = Shape::asked(&headers);
    let text = |name: header::HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    let Some(door) = core
        .intake
        .door(text(header::AUTHORIZATION).unwrap_or_default())
    else {
        let finding = Finding::new(transport::BAD_TOKEN, Place::default());
        let answer = gate::turned_away(&core, 401, "", "", finding).await;
        return route::answered(answer, shape);
    };
    match core.door.row("nodes.find", crate::args![&door.node]).await {
        Ok(Some(row)) => {
            if let Some(finding) = lapsed(row.opt_int(5), row.opt_int(6), core.now_ms()) {
                let answer = gate::turned_away(&core, 401, &door.node, "", finding).await;
                return route::answered(answer, shape);
            }
        }
        Ok(None) => {}
        Err(error) => {
            tracing::error!(%error, "the store does not answer");
            return route::unavailable();
        }
    }
    let rooms = &core.intake.rooms;
    let (Some(turn), Ok(_slot)) = (
        rooms.enter_document(&door.node),
        rooms.documents.try_acquire(),
    ) else {
        return route::busy();
    };
    if let Some(answer) = route::put_off(&core).await {
        return answer;
    }
    let bytes = match read(body, rooms.patience().silence).await {
        Ok(bytes) => bytes,
        Err(answer) => return answer,
    };
    if let Some((zh, en)) = wrapped::wrapped(&headers, &bytes) {
        return refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, zh, en);
    }
    let key = headers.get("idempotency-key").map(|v| v.as_bytes());
    let named = query.name.filter(|name| !name.trim().is_empty());
    let name = named.unwrap_or_else(|| usual_name(&bytes).to_owned());
    route::answered(admit(&core, door, (&name, key), &bytes, turn).await, shape)
}

/// The body up to the limit, whatever the length header says, as long as it is not silent.
async fn read(body: Body, silence: std::time::Duration) -> Result<Vec<u8>, Response> {
    let mut bytes = Vec::new();
    let mut stream = body.into_data_stream();
    loop {
        let Ok(part) = timeout(silence, stream.next()).await else {
            let (zh, en) = (
                "正文长时间没有后续，未保存",
                "the body fell silent; nothing was kept",
            );
            return Err(refusal(StatusCode::REQUEST_TIMEOUT, zh, en));
        };
        let Some(part) = part else { break };
        let Ok(part) = part else {
            let (zh, en) = ("正文中断，未保存", "the body broke off; nothing was kept");
            return Err(refusal(StatusCode::BAD_REQUEST, zh, en));
        };
        if bytes.len() + part.len() > limits::DOCUMENT_BYTES {
            let zh = "文件过大，请改由前置机以文件方式报送";
            let en = "the document is too large; send it as a file through a front-end machine";
            return Err(refusal(StatusCode::PAYLOAD_TOO_LARGE, zh, en));
        }
        bytes.extend_from_slice(&part);
    }
    if bytes.is_empty() {
        return Err(refusal(
            StatusCode::BAD_REQUEST,
            "正文为空",
            "the body is empty",
        ));
    }
    Ok(bytes)
}

fn refusal(status: StatusCode, zh: &str, en: &str) -> Response {
    let body = serde_json::json!({"error": {"zh": zh, "en": en}});
    (status, axum::Json(body)).into_response()
}

/// The name of a document that was given none.
fn usual_name(bytes: &[u8]) -> &'static str {
    match bytes.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'{' | b'[') => "document.json",
        _ => "document.xml",
    }
}

async fn admit(
    core: &Arc<Core>,
    door: &PushDoor,
    (name, key): (&str, Option<&[u8]>),
    bytes: &[u8],
    turn: Turn,
) -> Result<Answer, GateError> {
    let head = head(core, door, name, key, bytes);
    let digest = digest(&head);
    if let Some(doorway) = repeat_of(core, &head, &digest).await? {
        return gate::answer(core, doorway).await;
    }
    let (item, tray) = spool(core, &head.items[0], bytes)?;
    let received = Received {
        sender: Sender {
            name: door.node.clone(),
            is_hub: false,
        },
        head_digest: digest,
        head_text: String::from_utf8(head.to_bytes()).unwrap_or_default(),
        head,
        items: vec![Arc::new(item)],
        tray,
        turn: Some(turn),
        room: None,
    };
    gate::answer(core, Doorway::New(Box::new(received))).await
}

/// The head that a front-end machine would have written. Its number comes from the sender's key, so that a
/// repeat is known again; without a key each post is a new one, told apart by its instant and its content.
fn head(core: &Core, door: &PushDoor, name: &str, key: Option<&[u8]>, bytes: &[u8]) -> Head {
    let now = core.clock.now();
    let sha256 = hex(&Sha256::digest(bytes));
    let label: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
    let mut hash = Sha256::new_with_prefix(b"tongcha document 1\n");
    hash.update(door.node.as_bytes());
    match key {
        Some(key) => hash.update([b"\nkey\n", key].concat()),
        None => hash.update(format!("\nat\n{}\n{label}\n{sha256}", unix_ms(now))),
    }
    let first = hash.finalize();
    let mut eight = [0; 8];
    eight.copy_from_slice(&first[..8]);
    Head {
        v: HEAD_VERSION,
        id: EnvelopeId {
            node: door.node.clone(),
            epoch: POSTED_EPOCH,
            sequence: (u64::from_be_bytes(eight) >> 1).max(1),
        },
        target: core.name.clone(),
        sender_org: door.organ.clone(),
        std_ver: STD_VER.to_owned(),
        sent_at: stamp::canonical(now.to_offset(core.zone)),
        dialect: door.dialect.clone(),
        label: label.clone(),
        record_count: None,
        secrecy: None,
        items: vec![ItemHead::whole(label, bytes.len() as u64, sha256)],
    }
}

/// Digest of what the sender said: all of the head but its instant.
fn digest(head: &Head) -> String {
    let said = Head {
        sent_at: String::new(),
        ..head.clone()
    };
    hex(&Sha256::digest(said.to_bytes()))
}

fn spool(core: &Core, head: &ItemHead, bytes: &[u8]) -> Result<(Item, Tray), DoorError> {
    let sealed = Arc::clone(&core.sealed);
    let mut tray = Tray::new(sealed, &core.spool, &core.intake.rooms);
    let mut spool = Spool::new(&head.sha256, head.size);
    for chunk in bytes.chunks(limits::CHUNK_BYTES) {
        match spool.push(&mut tray, &zstd::bulk::compress(chunk, 3)?) {
            Ok(()) => {}
            Err(SpoolError::NoRoom(NoRoom::Now | NoRoom::Ever)) => {
                return Err(DoorError::Busy("the spool"));
            }
            Err(SpoolError::Io(error)) => return Err(error.into()),
            Err(other) => return Err(std::io::Error::other(other).into()),
        }
    }
    let item = spool.whole(&tray);
    let item = item.ok_or_else(|| std::io::Error::other("a document differs from itself"))?;
    Ok((item, tray))
}
