//! What runs on this machine, for its technician: a page on loopback and the same as JSON. What waits, what was
//! answered, what went wrong last. Refuses other hosts' names (a page of the web cannot ask for it), and to show a
//! record or a file's content.

use crate::outbox::{Outbox, OutboxError, Traffic};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use time::{Duration, OffsetDateTime};
use tongcha_schema::clock::{CHINA, Clock, from_unix_ms};
use tongcha_schema::stamp;

/// What went wrong in the last step of each source; clones share it.
#[derive(Clone, Debug, Default)]
pub struct LastSteps(Arc<Mutex<BTreeMap<String, LastStep>>>);

/// What one source last said.
#[derive(Clone, Debug, Default)]
struct LastStep {
    at: Option<OffsetDateTime>,
    faults: Vec<String>,
    held_back: bool,
}

impl LastSteps {
    /// A step of the source is done.
    pub fn note(&self, source: &str, at: OffsetDateTime, faults: &[String], held_back: bool) {
        let said = LastStep {
            at: Some(at),
            faults: faults.to_vec(),
            held_back,
        };
        let mut last_steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last_steps.insert(source.to_owned(), said);
    }

    fn said(&self, source: &str) -> LastStep {
        let last_steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last_steps.get(source).cloned().unwrap_or_default()
    }
}

/// One source, as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceStatus {
    /// Its name.
    pub source: String,
    /// `well`, `waiting` (something has no receipt yet), `full` (nothing is taken), `fault`.
    pub state: &'static str,
    /// When it was last looked at, RFC 3339.
    pub looked_at: Option<String>,
    /// Parcels without a receipt.
    pub waiting: u64,
    /// Their bytes on the disk.
    pub waiting_bytes: u64,
    /// When the oldest of them was packed, RFC 3339.
    pub waiting_since: Option<String>,
    /// Receipts that came, as far as they are kept.
    pub receipts: u64,
    /// When the last one came, RFC 3339.
    pub last_receipt: Option<String>,
    /// Of those, refusals: envelopes that were refused wholly or partly.
    pub refused: u64,
    /// Records that were rejected in them.
    pub rejected: u64,
    /// Envelopes that were set aside, since the hub can never take them.
    pub set_aside: u64,
    /// What went wrong in the last step, with what waits, or what was set aside within a day.
    pub faults: Vec<String>,
}

/// What the page needs.
pub struct Status {
    /// Name of the node.
    pub node: String,
    /// Its hub.
    pub hub: String,
    /// The sources, in the order of the configuration.
    pub sources: Vec<String>,
    /// Where they say what went wrong.
    pub last_steps: LastSteps,
    /// The outbox.
    pub outbox: Outbox,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl Status {
    /// The routes: `/` and `/status.json`.
    pub fn router(self) -> Router {
        Router::new()
            .route("/", get(page))
            .route("/status.json", get(json))
            .with_state(Arc::new(self))
    }

    /// Every source as of now.
    ///
    /// # Errors
    /// The outbox cannot be read.
    pub async fn all(&self) -> Result<Vec<SourceStatus>, OutboxError> {
        let mut all = Vec::new();
        for source in &self.sources {
            let traffic = self.outbox.traffic(source).await?;
            let now = self.clock.now();
            all.push(status_of(
                source,
                self.last_steps.said(source),
                traffic,
                now,
            ));
        }
        Ok(all)
    }
}

fn status_of(source: &str, said: LastStep, traffic: Traffic, now: OffsetDateTime) -> SourceStatus {
    let mut faults = said.faults;
    if let Some((at, why)) = traffic.last_aside
        && now - from_unix_ms(at) < Duration::DAY
    {
        faults.push(format!("信封被搁置 set aside: {} · {why}", traffic.aside));
    }
    if let Some(fault) = traffic.fault.filter(|fault| !faults.contains(fault)) {
        faults.push(fault);
    }
    let shown = |ms: i64| stamp::canonical(from_unix_ms(ms).to_offset(CHINA));
    SourceStatus {
        source: source.to_owned(),
        state: match (faults.is_empty(), said.held_back, traffic.waiting) {
            (false, ..) => "fault",
            (true, true, _) => "full",
            (true, false, 0) => "well",
            (true, false, _) => "waiting",
        },
        looked_at: said.at.map(|at| stamp::canonical(at.to_offset(CHINA))),
        waiting: traffic.waiting,
        waiting_bytes: traffic.bytes,
        waiting_since: traffic.since_ms.map(shown),
        receipts: traffic.receipts,
        last_receipt: traffic.last_receipt_ms.map(shown),
        refused: traffic.refused,
        rejected: traffic.rejected,
        set_aside: traffic.aside,
        faults,
    }
}

/// Whether the request names this machine: whoever comes by another name was sent by a page of the web.
fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok());
    let name = host.map(|host| match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    });
    matches!(name, Some("127.0.0.1" | "localhost" | "[::1]"))
}

async fn json(State(status): State<Arc<Status>>, headers: HeaderMap) -> Response {
    if !is_local(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    match status.all().await {
        Ok(sources) => Json(serde_json::json!({
            "node": status.node, "hub": status.hub, "sources": sources,
            "at": stamp::canonical(status.clock.now().to_offset(CHINA)),
        }))
        .into_response(),
        Err(error) => unread(&error),
    }
}

async fn page(State(status): State<Arc<Status>>, headers: HeaderMap) -> Response {
    if !is_local(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    match status.all().await {
        Ok(sources) => Html(text_of(&status, &sources)).into_response(),
        Err(error) => unread(&error),
    }
}

fn unread(error: &OutboxError) -> Response {
    tracing::error!(%error, "the outbox cannot be read");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

const STYLE: &str = "body{font:16px/1.6 'Noto Sans CJK SC','Microsoft YaHei',sans-serif;margin:2rem auto;max-width:72rem;\
padding:0 1rem;color:#1c2430}h1{font-size:1.4rem;margin:0}p{color:#5a6675;margin:.2rem 0 1.2rem}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.5rem .8rem;border-bottom:1px solid #d9dfe7;\
vertical-align:top}th{font-weight:600;white-space:nowrap;color:#5a6675;font-size:.85rem}td.n,th.n{text-align:right;\
font-variant-numeric:tabular-nums}.c{display:inline-block;padding:0 .6rem;border-radius:1rem;white-space:nowrap}\
.well{background:#dff3e4;color:#14562a}.waiting{background:#fff1cc;color:#6b4a00}.full,.fault{background:#fbdcdc;color:#8a1414}\
small{display:block;color:#8a1414}";

fn text_of(status: &Status, sources: &[SourceStatus]) -> String {
    let text = |text: &str| quick_xml::escape::escape(text).into_owned();
    let when = |at: &Option<String>| {
        let at = at.as_deref().unwrap_or("—");
        at.get(..19).unwrap_or(at).replace('T', " ")
    };
    let mut rows = String::new();
    for one in sources {
        let state = match one.state {
            "well" => "正常 well",
            "waiting" => "待发送 waiting",
            "full" => "发件库已满 full",
            _ => "有问题 fault",
        };
        let faults: String = one
            .faults
            .iter()
            .map(|fault| format!("<small>{}</small>", text(fault)))
            .collect();
        rows.push_str(&format!(
            "<tr><td><b>{}</b></td><td><span class=\"c {}\">{state}</span>{faults}</td><td>{}</td>\
             <td class=n>{}<br>{} MiB</td><td>{}</td><td class=n>{}</td><td class=n>{}<br>{}</td><td>{}</td></tr>",
            text(&one.source),
            one.state,
            when(&one.looked_at),
            one.waiting,
            one.waiting_bytes.div_ceil(1 << 20),
            when(&one.waiting_since),
            one.receipts,
            one.refused,
            one.rejected,
            when(&one.last_receipt),
        ));
    }
    let now = Some(stamp::canonical(status.clock.now().to_offset(CHINA)));
    format!(
        "<!doctype html><html lang=zh><meta charset=utf-8><meta http-equiv=refresh content=10>\
         <title>通察前置机 {node}</title><style>{STYLE}</style>\
         <h1>通察前置机 {node} → {hub}</h1><p>{now}，每10秒刷新 · refreshed every 10 seconds</p>\
         <table><tr><th>来源<br>source<th>状态<br>state<th>最近检查<br>looked at<th class=n>待发送<br>waiting\
         <th>最早一件<br>oldest<th class=n>已收回执<br>receipts<th class=n>被拒信封/记录<br>refused/records<th>最近回执<br>last receipt</tr>{rows}</table>\
         <p>处理办法：运行 tongcha doctor --config agent.toml · what to do about a fault: tongcha doctor</p></html>",
        node = text(&status.node),
        hub = text(&status.hub),
        now = when(&now),
    )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_may_ask() {
        let mut headers = HeaderMap::new();
        assert!(!is_local(&headers));
        for (host, local) in [
            ("127.0.0.1:8610", true),
            ("localhost", true),
            ("[::1]:8610", true),
            ("evil.example:8610", false),
            ("127.0.0.1.evil.example", false),
        ] {
            headers.insert(header::HOST, host.parse().unwrap());
            assert_eq!(is_local(&headers), local, "{host}");
        }
    }

    #[test]
    fn a_fault_goes_before_what_waits() {
        let said = |faults: &[&str], held_back| LastStep {
            at: None,
            faults: faults.iter().map(|f| (*f).to_owned()).collect(),
            held_back,
        };
        let traffic = |waiting| Traffic {
            waiting,
            ..Traffic::default()
        };
        let now = OffsetDateTime::UNIX_EPOCH;
        let state = |said, waiting| status_of("s", said, traffic(waiting), now).state;
        assert_eq!(state(said(&[], false), 0), "well");
        assert_eq!(state(said(&[], false), 2), "waiting");
        assert_eq!(state(said(&[], true), 2), "full");
        assert_eq!(state(said(&["no line"], true), 2), "fault");
        let mut aside = traffic(0);
        (aside.aside, aside.last_aside) = (1, Some((0, "X105".to_owned())));
        let hours = |hours| OffsetDateTime::UNIX_EPOCH + Duration::hours(hours);
        let told = status_of("s", said(&[], false), aside.clone(), hours(23));
        assert!(
            told.state == "fault" && told.faults[0].contains("X105"),
            "{told:?}"
        );
        let later = status_of("s", said(&[], false), aside, hours(24));
        assert_eq!((later.state, later.set_aside), ("well", 1));
    }
}
