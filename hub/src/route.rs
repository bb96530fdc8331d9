//! The protocol over HTTP (docs/EXCHANGE.md): envelopes in, receipts out. Refuses pages.

mod alive;

use crate::core::Core;
use crate::gate::{self, Answer, GateError};
use crate::receive::receive;
use crate::signer::{Refused, signer};
use crate::{enrol, inbox, push};
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use std::sync::Arc;
use tongcha_adapters::uplink::{HEARTBEAT_PATH, Heartbeat};
use tongcha_schema::OPENAPI;
use tongcha_schema::clock::from_unix_ms;
use tongcha_schema::code::transport;
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::limits::RECEIPT_FINDINGS;
use tongcha_schema::receipt::{Counts, ItemReceipt, Receipt, Verdict, to_json, to_xml};
use tongcha_schema::stamp;

/// Seconds after which a sender may try again when the hub itself failed.
const RETRY_AFTER_S: &str = "5";
/// Bytes of an enrolment: names, two keys and a date.
const ENROLMENT_BYTES: usize = 4 << 10;
/// Seconds after which a sender may try again when too much waits.
const BUSY_RETRY_S: &str = "30";

/// The protocol's routes.
pub fn routes(core: Arc<Core>) -> Router {
    Router::new()
        .route("/v1/envelopes", post(envelope))
        .route("/v1/documents", post(push::document))
        .route(
            "/v1/enrolments",
            post(enrol::enrol).layer(DefaultBodyLimit::max(ENROLMENT_BYTES)),
        )
        .route("/v1/receipts/{number}", get(receipt))
        .route(HEARTBEAT_PATH, post(heartbeat))
        .route("/v1/health", get(health))
        .route("/v1/openapi.json", get(openapi))
        .with_state(core)
}

async fn envelope(State(core): State<Arc<Core>>, body: Body) -> Response {
    if let Some(answer) = put_off(&core).await {
        return answer;
    }
    let doorway = match receive(&core, None, body.into_data_stream()).await {
        Ok(doorway) => doorway,
        Err(error) => return answered(Err(error.into()), Shape::Bare),
    };
    // From here on nothing is read any more: whoever waits for long is shown that the hub is at work.
    let work = async move { gate::answer(&core, doorway).await };
    alive::answered(Box::pin(work), alive::FIRST_SIGN).await
}

/// How a receipt is written.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// As between nodes: without texts.
    Bare,
    /// For the people and programs of a department: with cause and next step.
    Json,
    /// The same as XML.
    Xml,
}

impl Shape {
    /// What a department's system asks for.
    pub fn asked(headers: &HeaderMap) -> Shape {
        let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok());
        match accept.unwrap_or_default() {
            kind if kind.contains("application/xml") || kind.contains("text/xml") => Shape::Xml,
            _ => Shape::Json,
        }
    }

    fn write(self, receipt: &Receipt) -> Response {
        match self {
            Shape::Bare => Json(receipt).into_response(),
            Shape::Json => typed("application/json", to_json(receipt)),
            Shape::Xml => typed("application/xml; charset=utf-8", to_xml(receipt).into()),
        }
    }
}

fn typed(kind: &'static str, body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}

/// The answer over HTTP.
pub(crate) fn answered(answer: Result<Answer, GateError>, shape: Shape) -> Response {
    match answer {
        Ok(answer) => {
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_REQUEST);
            (status, shape.write(&answer.receipt)).into_response()
        }
        Err(error) if error.is_busy() => {
            tracing::info!(%error, "a sender is put off");
            busy()
        }
        Err(error) => {
            tracing::error!(%error, "an envelope was not admitted; the sender tries again");
            unavailable()
        }
    }
}

/// The answer while more waits for ingest than the hub holds.
pub(crate) async fn put_off(core: &Core) -> Option<Response> {
    let most = core.intake.most_waiting;
    match inbox::over(core).await {
        Ok(false) => None,
        Ok(true) => {
            tracing::warn!(
                most,
                "more bundles wait than the hub holds; senders are put off"
            );
            Some(busy())
        }
        Err(error) => {
            tracing::error!(%error, "the store does not answer");
            Some(unavailable())
        }
    }
}

/// Too much at a time: the sender waits and tries again.
pub(crate) fn busy() -> Response {
    let body = Json(serde_json::json!({
        "error": {"zh": "待处理数据过多，请稍后重发", "en": "too much waits; send again later"},
    }));
    let wait = [(header::RETRY_AFTER, BUSY_RETRY_S)];
    (StatusCode::TOO_MANY_REQUESTS, wait, body).into_response()
}

pub(crate) fn unavailable() -> Response {
    let body = Json(serde_json::json!({
        "error": {"zh": "中心暂时无法受理，请稍后自动重发", "en": "the hub cannot take it now; send again later"},
    }));
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(header::RETRY_AFTER, RETRY_AFTER_S)],
        body,
    )
        .into_response()
}

/// The receipt of that number with the counts of now, for the node that sent the envelope.
async fn receipt(
    State(core): State<Arc<Core>>,
    Path(number): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let (path, asks) = (path_of(&uri), asks_of(&headers));
    match find_receipt(&core, &number, &path, asks).await {
        Ok(Some(receipt)) if asks.starts_with("Bearer ") => Shape::asked(&headers).write(&receipt),
        Ok(Some(receipt)) => Shape::Bare.write(&receipt),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(Refused::Unauthorised { node, finding }) => {
            let answer = gate::turned_away(&core, 401, &node, "", *finding).await;
            let bare = asks.starts_with("Tongcha ");
            answered(
                answer,
                if bare {
                    Shape::Bare
                } else {
                    Shape::asked(&headers)
                },
            )
        }
        Err(Refused::Store(error)) => {
            tracing::error!(%error, "a receipt could not be read");
            unavailable()
        }
    }
}

/// The receipt of that number with the counts of now, for the node that signed `asks` over `path`.
pub(crate) async fn find_receipt(
    core: &Core,
    number: &str,
    path: &str,
    asks: &str,
) -> Result<Option<Receipt>, Refused> {
    let node = match core.intake.door(asks) {
        Some(door) => door.node.clone(),
        None => signer(core, "GET", path, asks).await?,
    };
    if number.contains(char::is_control) {
        return Ok(None);
    }
    let Some(row) = core
        .door
        .row("envelopes.by_number", crate::args![number])
        .await?
    else {
        return Ok(None);
    };
    // Another node's receipt is not there, rather than forbidden: numbers tell nothing.
    if row.text(0) != node {
        return Ok(None);
    }
    let Ok(mut receipt) = serde_json::from_str::<Receipt>(row.text(1)) else {
        return Err(crate::store::engine::StoreError::Shape("receipt".to_owned()).into());
    };
    receipt.counts = Counts {
        received: row.count(2),
        stored: row.count(3),
        rejected: row.count(4),
        duplicate: row.count(5),
        pending: row.count(6),
    };
    receipt.verdict = verdict_of(&receipt);
    let envelope = row.text(8).to_owned();
    decided(core, &envelope, &mut receipt).await?;
    receipt.completed_at = row
        .opt_int(7)
        .map(|ms| stamp::canonical(from_unix_ms(ms).to_offset(core.zone)));
    Ok(Some(receipt))
}

/// The verdict once the store has decided: a conflict is a rejected record like any other.
fn verdict_of(receipt: &Receipt) -> Verdict {
    match receipt.counts {
        Counts { rejected: 0, .. } => receipt.verdict,
        c if c.stored + c.duplicate + c.pending == 0 => Verdict::Refused,
        _ => Verdict::Partly,
    }
}

/// The verdict of an item, from its own counts.
fn verdict_of_item(item: &ItemReceipt) -> Verdict {
    match item.rejected {
        0 => item.verdict,
        rejected if rejected >= item.received => Verdict::Refused,
        _ => Verdict::Partly,
    }
}

/// What only the store can know: counts by element as of now, and conflicts.
async fn decided(
    core: &Core,
    envelope: &str,
    receipt: &mut Receipt,
) -> Result<(), crate::store::engine::StoreError> {
    for row in core
        .door
        .rows("envelopes.counts", crate::args![envelope])
        .await?
    {
        let counts = Counts {
            received: row.count(1),
            stored: row.count(2),
            rejected: row.count(3),
            duplicate: row.count(4),
            pending: row.count(5),
        };
        receipt.elements.insert(row.text(0).to_owned(), counts);
    }
    for row in core
        .door
        .rows("envelopes.moved_items", crate::args![envelope])
        .await?
    {
        let at = usize::try_from(row.int(0)).unwrap_or(usize::MAX);
        if let Some(item) = receipt.items.get_mut(at) {
            item.duplicate = row.count(1);
            item.rejected += row.count(2);
            item.verdict = verdict_of_item(item);
        }
    }
    let room = RECEIPT_FINDINGS.saturating_sub(receipt.findings.len());
    let found = core
        .door
        .rows("envelopes.decided", crate::args![envelope, room])
        .await?;
    let found = found
        .iter()
        .filter_map(|r| serde_json::from_str(r.text(0)).ok());
    receipt.findings.extend(found);
    Ok(())
}

/// Keeps what a node tells of itself; its name. A path that is none is refused too.
pub(crate) async fn beat(core: &Core, path: &str, asks: &str) -> Result<String, Refused> {
    let node = signer(core, "POST", path, asks).await?;
    let beat = Heartbeat::parse(path).ok_or_else(|| {
        let finding = Finding::new(transport::BAD_FRAME, Place::default());
        Refused::new(&node, finding.with("detail", "no heartbeat"))
    })?;
    let args = crate::args![&node, core.now_ms(), beat.waiting, beat.bytes];
    core.door.run("nodes.beat", args).await?;
    Ok(node)
}

/// A machine tells how it is.
async fn heartbeat(State(core): State<Arc<Core>>, uri: Uri, headers: HeaderMap) -> Response {
    match beat(&core, &path_of(&uri), asks_of(&headers)).await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(Refused::Unauthorised { node, finding }) => {
            let answer = gate::turned_away(&core, 401, &node, "", *finding).await;
            answered(answer, Shape::Bare)
        }
        Err(Refused::Store(error)) => {
            tracing::error!(%error, "a heartbeat could not be kept");
            unavailable()
        }
    }
}

/// Path and query, as they were signed.
fn path_of(uri: &Uri) -> String {
    uri.path_and_query()
        .map_or_else(|| uri.path().to_owned(), ToString::to_string)
}

/// What a request shows of who asks.
fn asks_of(headers: &HeaderMap) -> &str {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
}

/// The description of the interface for programs.
async fn openapi() -> Response {
    typed("application/json", OPENAPI.into())
}

/// Whether the hub can take envelopes: the store answers.
async fn health(State(core): State<Arc<Core>>) -> Response {
    match inbox::waiting(&core).await {
        Ok((bundles, records)) => {
            Json(serde_json::json!({"hub": core.name, "inbox": {"bundles": bundles, "records": records}}))
                .into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the store does not answer");
            unavailable()
        }
    }
}
