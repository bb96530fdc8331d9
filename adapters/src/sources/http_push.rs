//! Push: a department's system posts a document to the front-end machine's own address and gets a
//! receipt. The document is in the outbox, on the disk, before the answer. Refuses unknown tokens,
//! bodies over the limit, and everything while the outbox is full.
//!
//! ```text
//! POST /v1/push?name=FILE[&wait=SECONDS]   Authorization: Bearer TOKEN     body: the document
//!   202 {"number":..,"envelope":..}  kept; the hub's receipt is still to come
//!   200 receipt                      the hub answered within `wait`
//! GET  /v1/push/receipt?envelope=ID        200 receipt, 202 not yet, 404 unknown
//! 401 token, 413 too large, 429 outbox full (Retry-After), 503 outbox fails
//! ```

use crate::outbox::{Outbox, OutboxError, Packed, Waybill};
use crate::source::{Lot, LotItem, Source, SourceError};
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use time::OffsetDateTime;
use tongcha_schema::clock::{Clock, unix_ms};
use tongcha_schema::id::EnvelopeId;
use tongcha_schema::receipt::Receipt;
use tongcha_schema::seal::same_secret;

/// Longest `wait`: what is slower should ask again.
const MOST_WAIT_SECONDS: u64 = 60;

/// How pushes are taken. [`HttpPushConfig::new`] gives what suits a department.
#[derive(Clone)]
pub struct HttpPushConfig {
    /// Name of the source.
    pub name: String,
    /// Hub that is meant, `region/node`.
    pub target: String,
    /// Organ that provides the data.
    pub sender_org: String,
    /// Dialect of what is pushed, or `auto`.
    pub dialect: String,
    /// The bearer token; at least 16 characters.
    pub token: String,
    /// Bytes of one document: it is held in memory, larger ones go by file.
    pub body_bytes: usize,
    /// Documents held in memory at once.
    pub at_once: usize,
    /// Parcels without a receipt above which pushes are refused for the time being.
    pub most_waiting: u64,
}

impl HttpPushConfig {
    /// The usual configuration.
    pub fn new(
        name: impl Into<String>,
        target: impl Into<String>,
        sender_org: impl Into<String>,
        token: impl Into<String>,
    ) -> HttpPushConfig {
        HttpPushConfig {
            name: name.into(),
            target: target.into(),
            sender_org: sender_org.into(),
            dialect: tongcha_schema::envelope::AUTO.to_owned(),
            token: token.into(),
            body_bytes: 16 << 20,
            at_once: 8,
            most_waiting: 10_000,
        }
    }
}

struct Shared {
    config: HttpPushConfig,
    outbox: Outbox,
    clock: Arc<dyn Clock>,
    slots: tokio::sync::Semaphore,
    count: AtomicU64,
}

/// Push as a source: its router takes documents, its agent sends them.
pub struct HttpPush {
    shared: Arc<Shared>,
}

impl HttpPush {
    /// The source over an outbox.
    pub fn new(config: HttpPushConfig, outbox: Outbox, clock: Arc<dyn Clock>) -> HttpPush {
        let slots = tokio::sync::Semaphore::new(config.at_once.max(1));
        HttpPush {
            shared: Arc::new(Shared {
                config,
                outbox,
                clock,
                slots,
                count: AtomicU64::new(0),
            }),
        }
    }

    /// The routes; the caller listens, preferably on the department's side of the machine alone.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/v1/push", post(push))
            .route("/v1/push/receipt", get(receipt))
            .route("/v1/openapi.json", get(openapi))
            .with_state(Arc::clone(&self.shared))
    }
}

#[async_trait]
impl Source for HttpPush {
    fn name(&self) -> &str {
        &self.shared.config.name
    }

    fn wakes(&self) -> bool {
        true
    }

    /// Nothing to claim: each push was packed by its own request.
    async fn poll(
        &mut self,
        _now: OffsetDateTime,
        _position: Option<&str>,
    ) -> Result<Vec<Lot>, SourceError> {
        Ok(Vec::new())
    }

    /// The outbox keeps the receipt; the department's system asks for it.
    async fn settle(&mut self, _key: &str, _receipt: &Receipt) -> Result<(), SourceError> {
        Ok(())
    }

    async fn probe(&mut self) -> Result<String, SourceError> {
        let waiting = self.shared.waiting().await.map_err(|fault| {
            let source_name = self.shared.config.name.clone();
            SourceError::Other {
                source_name,
                what: fault.to_string(),
                transient: fault.is_transient(),
            }
        })?;
        Ok(format!("{waiting} pushed documents wait for the hub"))
    }
}

impl Shared {
    async fn waiting(&self) -> Result<u64, OutboxError> {
        Ok(self.outbox.depth(Some(&self.config.name)).await?.waiting)
    }

    fn knows(&self, headers: &HeaderMap) -> bool {
        headers
            .get(AUTHORIZATION)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.strip_prefix("Bearer "))
            .is_some_and(|given| same_secret(given.as_bytes(), self.config.token.as_bytes()))
    }
}

#[derive(Deserialize)]
struct PushQuery {
    name: Option<String>,
    wait: Option<u64>,
}

/// The answer where the hub's receipt is still to come.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    /// Number that the receipt will have.
    pub number: String,
    /// Envelope in which the document travels.
    pub envelope: String,
}

async fn push(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<PushQuery>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !shared.knows(&headers) {
        return refusal(
            StatusCode::UNAUTHORIZED,
            "令牌无效",
            "the token is not valid",
        );
    }
    let Ok(_slot) = shared.slots.try_acquire() else {
        return busy();
    };
    match shared.waiting().await {
        Ok(waiting) if waiting >= shared.config.most_waiting => return busy(),
        Ok(_) => {}
        Err(fault) => return failed(&fault),
    }
    let bytes = match read(body, shared.config.body_bytes).await {
        Ok(bytes) => bytes,
        Err(answer) => return answer,
    };
    if bytes.is_empty() {
        return refusal(StatusCode::BAD_REQUEST, "正文为空", "the body is empty");
    }
    match keep(&shared, query.name.as_deref(), bytes).await {
        Ok(id) => answer(&shared, &id, query.wait.unwrap_or(0)).await,
        Err(fault) => failed(&fault),
    }
}

/// Reads the body up to the limit, whatever the length header says.
async fn read(body: Body, limit: usize) -> Result<Vec<u8>, Response> {
    let mut bytes = Vec::new();
    let mut stream = body.into_data_stream();
    while let Some(part) = stream.next().await {
        let Ok(part) = part else {
            let en = "the body broke off; nothing was kept";
            return Err(refusal(StatusCode::BAD_REQUEST, "正文中断，未保存", en));
        };
        if bytes.len() + part.len() > limit {
            let en = "the document is too large; hand it in as a file";
            let zh = "文件过大，请改用文件方式投放";
            return Err(refusal(StatusCode::PAYLOAD_TOO_LARGE, zh, en));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

async fn keep(
    shared: &Shared,
    name: Option<&str>,
    bytes: Vec<u8>,
) -> Result<EnvelopeId, OutboxError> {
    let now = shared.clock.now();
    let waybill = Waybill {
        source: shared.config.name.clone(),
        target: shared.config.target.clone(),
        sender_org: shared.config.sender_org.clone(),
    };
    let item = LotItem::of_bytes(name.unwrap_or(usual_name(&bytes)), bytes);
    loop {
        // A count that begins anew after a restart may meet an older key: then the next is taken.
        let count = shared.count.fetch_add(1, Ordering::Relaxed);
        let lot = Lot {
            key: format!("{:013}-{count}-{}", unix_ms(now), &item.sha256[..16]),
            label: item.name.clone(),
            dialect: shared.config.dialect.clone(),
            items: vec![item.clone()],
            ..Lot::default()
        };
        if let Packed::New(id) = shared.outbox.pack(&waybill, lot, now).await? {
            return Ok(id);
        }
    }
}

/// The name of a document that was given none.
fn usual_name(bytes: &[u8]) -> &'static str {
    match tongcha_decode::dialect::is_json(bytes) {
        true => "push.json",
        false => "push.xml",
    }
}

/// The receipt if it comes in time, else its number.
async fn answer(shared: &Shared, id: &EnvelopeId, wait: u64) -> Response {
    let wait = std::time::Duration::from_secs(wait.min(MOST_WAIT_SECONDS));
    let receipt = async {
        let mut news = shared.outbox.news();
        loop {
            news.mark_unchanged();
            match shared.outbox.receipt_of(id).await {
                Ok(None) => {}
                Ok(Some(receipt)) => return Some(receipt),
                Err(_) => return None,
            }
            if news.changed().await.is_err() {
                return None;
            }
        }
    };
    let found = if wait.is_zero() {
        None
    } else {
        tokio::time::timeout(wait, receipt).await.ok().flatten()
    };
    match found {
        Some(receipt) => told(&receipt),
        None => kept(shared, id),
    }
}

fn kept(shared: &Shared, id: &EnvelopeId) -> Response {
    let kept = Kept {
        number: tongcha_schema::envelope::receipt_number(&shared.config.target, id),
        envelope: id.to_string(),
    };
    json(StatusCode::ACCEPTED, &kept)
}

#[derive(Deserialize)]
struct ReceiptQuery {
    envelope: String,
}

async fn receipt(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<ReceiptQuery>,
    headers: HeaderMap,
) -> Response {
    if !shared.knows(&headers) {
        return refusal(
            StatusCode::UNAUTHORIZED,
            "令牌无效",
            "the token is not valid",
        );
    }
    let Some(id) = EnvelopeId::parse(&query.envelope) else {
        return refusal(StatusCode::BAD_REQUEST, "信封编号有误", "no envelope id");
    };
    match shared.outbox.receipt_of(&id).await {
        Ok(Some(receipt)) => told(&receipt),
        Ok(None) => match shared.outbox.knows(&id).await {
            Ok(true) => kept(&shared, &id),
            Ok(false) => refusal(StatusCode::NOT_FOUND, "未知信封", "unknown envelope"),
            Err(fault) => failed(&fault),
        },
        Err(fault) => failed(&fault),
    }
}

/// The description of the interface for programs.
async fn openapi() -> Response {
    (
        [(CONTENT_TYPE, "application/json")],
        tongcha_schema::OPENAPI,
    )
        .into_response()
}

/// The receipt with the texts of its findings.
fn told(receipt: &Receipt) -> Response {
    let kind = [(CONTENT_TYPE, "application/json")];
    (kind, tongcha_schema::receipt::to_json(receipt)).into_response()
}

fn json(status: StatusCode, value: &impl Serialize) -> Response {
    // Receipts are texts, numbers and lists: they always serialise.
    let body = serde_json::to_vec(value).unwrap_or_default();
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

#[derive(Serialize)]
struct Refusal<'a> {
    zh: &'a str,
    en: &'a str,
}

fn refusal(status: StatusCode, zh: &str, en: &str) -> Response {
    json(status, &Refusal { zh, en })
}

fn busy() -> Response {
    let en = "the outbox is full; try again later";
    let mut answer = refusal(
        StatusCode::TOO_MANY_REQUESTS,
        "待发数据过多，请稍后重试",
        en,
    );
    let seconds = axum::http::HeaderValue::from_static("30");
    answer.headers_mut().insert(RETRY_AFTER, seconds);
    answer
}

fn failed(fault: &OutboxError) -> Response {
    tracing::error!(%fault, "push not kept");
    let en = "the document was not kept; try again later";
    refusal(StatusCode::SERVICE_UNAVAILABLE, "未能保存，请稍后重试", en)
}
