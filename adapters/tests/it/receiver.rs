//! A receiver of the wire format over real HTTP: it decodes frames, verifies signatures and digests,
//! keeps items, recognises repeats and answers receipts; on demand it misbehaves.

use crate::{HUB, NODE, key};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use tongcha_adapters::package::expand;
use tongcha_schema::code::{Code, transport};
use tongcha_schema::digest::hex;
use tongcha_schema::envelope::{FrameDecoder, FrameEvent, Head, MEDIA_TYPE, receipt_number};
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::receipt::{Counts, ItemReceipt, Receipt, RowReceipt, Verdict};
use tongcha_schema::seal::{verify, verify_request};

/// What the receiver does with the next request instead of answering.
#[derive(Clone, Copy, Debug)]
pub enum Mischief {
    /// Takes the envelope, and the connection breaks before the answer.
    SwallowReceipt,
    /// 503 with `Retry-After`.
    Busy,
    /// 401 as for an unknown node.
    UnknownNode,
    /// 400: this envelope cannot be taken.
    Misunderstands,
    /// A refused receipt that says the bytes are damaged.
    SeesDamage,
    /// A receipt for another envelope.
    WrongReceipt,
    /// A refusal by that code, as the hub writes it: status and receipt without a number.
    TurnsAway(u16, Code),
    /// Answers only after it was asked three times whether it is there.
    Examines,
}

/// One envelope as it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub head: Head,
    pub items: Vec<Vec<u8>>,
    /// Largest piece of the frame held at once.
    pub largest: usize,
}

#[derive(Default)]
pub struct Seen {
    pub arrived: BTreeMap<String, Arrived>,
    pub receipts: BTreeMap<String, Receipt>,
    pub repeats: u64,
    pub requests: u64,
    pub completed: bool,
    mischief: VecDeque<Mischief>,
}

#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    seen: Arc<Mutex<Seen>>,
    count: tokio::sync::watch::Sender<usize>,
    /// How often it was asked whether it is there.
    pub asked: tokio::sync::watch::Sender<usize>,
}

impl Receiver {
    pub async fn start() -> Receiver {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Receiver {
            url: format!("http://{}", listener.local_addr().unwrap()),
            seen: Arc::default(),
            count: tokio::sync::watch::Sender::new(0),
            asked: tokio::sync::watch::Sender::new(0),
        };
        let router = Router::new()
            .route("/v1/envelopes", post(envelopes))
            .route("/v1/receipts/{number}", get(receipts))
            .route("/v1/health", get(health))
            .with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    pub fn will(&self, mischief: &[Mischief]) {
        self.seen.lock().unwrap().mischief.extend(mischief);
    }

    pub fn look<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.seen.lock().unwrap())
    }

    /// Waits until so many envelopes have arrived.
    pub async fn wait_for(&self, envelopes: usize) {
        let mut count = self.count.subscribe();
        count.wait_for(|n| *n >= envelopes).await.unwrap();
    }

    /// Names and bytes of all items, in order of envelopes.
    pub fn items(&self) -> Vec<(String, Vec<u8>)> {
        self.look(|seen| {
            let items = |a: &Arrived| {
                let names = a.head.items.iter().map(|i| i.name.clone());
                names.zip(a.items.clone()).collect::<Vec<_>>()
            };
            seen.arrived.values().flat_map(items).collect()
        })
    }
}

async fn envelopes(State(at): State<Receiver>, headers: HeaderMap, body: Body) -> Response {
    assert_eq!(headers[CONTENT_TYPE], MEDIA_TYPE);
    // Read to its end first: an answer to a half-sent body may be lost with the connection.
    let arrived = read(body).await;
    let mischief = at.look(|seen| {
        seen.requests += 1;
        seen.mischief.pop_front()
    });
    match mischief {
        Some(Mischief::Busy) => {
            return (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "7")]).into_response();
        }
        Some(Mischief::UnknownNode) => {
            let finding = Finding::new(transport::UNKNOWN_NODE, Place::default());
            let json = serde_json::json!({ "findings": [finding.with("node", NODE)] });
            return (StatusCode::UNAUTHORIZED, json.to_string()).into_response();
        }
        Some(Mischief::Misunderstands) => return StatusCode::BAD_REQUEST.into_response(),
        Some(Mischief::TurnsAway(status, code)) => {
            let receipt = turned_away(&arrived.head, code);
            let status = StatusCode::from_u16(status).unwrap();
            return (status, serde_json::to_string(&receipt).unwrap()).into_response();
        }
        Some(Mischief::Examines) => {
            let mut asked = at.asked.subscribe();
            asked.wait_for(|n| *n >= 3).await.unwrap();
        }
        _ => {}
    }
    let id = arrived.head.id.to_string();
    let mut receipt = at.look(|seen| keep(seen, &id, arrived));
    at.count.send_replace(at.look(|seen| seen.arrived.len()));
    match mischief {
        Some(Mischief::SwallowReceipt) => {
            // The answer's body breaks off: the sender has no receipt.
            let broken = futures_util::stream::once(async {
                Err::<axum::body::Bytes, _>(std::io::Error::other("gone"))
            });
            return Body::from_stream(broken).into_response();
        }
        Some(Mischief::SeesDamage) => {
            at.look(|seen| (seen.arrived.remove(&id), seen.receipts.remove(&id)));
            receipt.verdict = Verdict::Refused;
            let finding = Finding::new(transport::BAD_DIGEST, Place::default());
            receipt.findings.push(finding.with("item", 1));
        }
        Some(Mischief::WrongReceipt) => receipt.envelope = format!("{NODE}@9.9"),
        _ => {}
    }
    serde_json::to_string(&receipt).unwrap().into_response()
}

fn turned_away(head: &Head, code: Code) -> Receipt {
    let finding = Finding::new(code, Place::default()).with("envelope", &head.id);
    Receipt {
        v: 1,
        number: String::new(),
        envelope: head.id.to_string(),
        hub: HUB.to_owned(),
        received_at: "2026-01-05T09:00:01+08:00".to_owned(),
        completed_at: None,
        verdict: Verdict::Refused,
        repeated: false,
        counts: Counts::default(),
        elements: BTreeMap::new(),
        findings: vec![finding],
        items: Vec::new(),
        unlisted: BTreeMap::new(),
    }
}

async fn health(State(at): State<Receiver>) -> StatusCode {
    at.asked.send_modify(|n| *n += 1);
    StatusCode::OK
}

async fn read(body: Body) -> Arrived {
    let mut decoder = FrameDecoder::new();
    let mut head: Option<Head> = None;
    let mut sender = None;
    let mut items = Vec::new();
    let mut current = Vec::new();
    let mut largest = 0;
    let mut stream = body.into_data_stream();
    while let Some(bytes) = stream.next().await {
        let bytes = bytes.unwrap();
        largest = largest.max(bytes.len());
        for event in decoder.push(&bytes).unwrap() {
            match event {
                FrameEvent::Sender {
                    node, signature, ..
                } => sender = Some((node, signature)),
                FrameEvent::Head { bytes } => {
                    let (node, signature) = sender.take().unwrap();
                    assert!(verify(&key().public(), &bytes, &signature), "signature");
                    head = Some(Head::parse(&node, &bytes).unwrap());
                }
                FrameEvent::Chunk { item, bytes } => {
                    assert_eq!(item as usize, items.len());
                    largest = largest.max(bytes.len());
                    current.extend(expand(&bytes).unwrap());
                }
                FrameEvent::ItemEnd { .. } => items.push(std::mem::take(&mut current)),
                FrameEvent::End => {}
            }
        }
    }
    decoder.finish().unwrap();
    let head = head.unwrap();
    assert_eq!(head.items.len(), items.len());
    for (item, bytes) in head.items.iter().zip(&items) {
        assert_eq!(item.travelling(), bytes.len() as u64);
        assert_eq!(item.travelling_sha256(), hex(&Sha256::digest(bytes)));
    }
    Arrived {
        head,
        items,
        largest,
    }
}

/// The lines of a group of rows that hold `bad`.
fn bad_rows(bytes: &[u8]) -> Vec<RowReceipt> {
    let text = String::from_utf8_lossy(bytes);
    let is_group = text.starts_with("{\"table\"");
    let lines = (1..).zip(text.lines());
    lines
        .filter(|(_, text)| is_group && text.contains("bad"))
        .map(|(line, _)| RowReceipt {
            name: format!("row {line}"),
            line,
            verdict: Verdict::Refused,
            rejected: 1,
        })
        .collect()
}

/// An item whose bytes hold `bad` is refused; the others are accepted, one record each.
fn keep(seen: &mut Seen, id: &str, arrived: Arrived) -> Receipt {
    if let Some(first) = seen.receipts.get(id) {
        assert_eq!(seen.arrived[id].head, arrived.head, "a repeat is the same");
        seen.repeats += 1;
        return Receipt {
            repeated: true,
            ..first.clone()
        };
    }
    let items: Vec<ItemReceipt> = arrived
        .head
        .items
        .iter()
        .zip(&arrived.items)
        .map(|(head, bytes)| {
            let bad = bytes.windows(3).any(|w| w == b"bad");
            let rows = bad_rows(bytes);
            ItemReceipt {
                name: head.name.clone(),
                verdict: if !rows.is_empty() {
                    Verdict::Partly
                } else if bad {
                    Verdict::Refused
                } else {
                    Verdict::Accepted
                },
                dialect: "native".into(),
                received: 1,
                rejected: u64::from(bad),
                duplicate: 0,
                rows,
            }
        })
        .collect();
    let rejected: u64 = items.iter().map(|i| i.rejected).sum();
    let received = items.len() as u64;
    let place = |name: &str| Place {
        file: name.to_owned(),
        line: 3,
        ..Place::default()
    };
    let refused = items.iter().filter(|i| i.rejected > 0);
    let findings = refused.map(|i| Finding::new(tongcha_schema::code::xml::DTD, place(&i.name)));
    let receipt = Receipt {
        v: 1,
        number: receipt_number(HUB, &arrived.head.id),
        envelope: id.to_owned(),
        hub: HUB.to_owned(),
        received_at: "2026-01-05T09:00:01+08:00".to_owned(),
        completed_at: None,
        verdict: match rejected {
            0 => Verdict::Accepted,
            n if n == received => Verdict::Refused,
            _ => Verdict::Partly,
        },
        repeated: false,
        counts: Counts {
            received,
            rejected,
            pending: received - rejected,
            ..Counts::default()
        },
        elements: BTreeMap::new(),
        findings: findings.collect(),
        items,
        unlisted: BTreeMap::new(),
    };
    seen.receipts.insert(id.to_owned(), receipt.clone());
    seen.arrived.insert(id.to_owned(), arrived);
    receipt
}

async fn receipts(
    State(at): State<Receiver>,
    Path(number): Path<String>,
    headers: HeaderMap,
    uri: axum::http::Uri,
) -> Response {
    let signed = headers[AUTHORIZATION].to_str().unwrap();
    let key_of = |node: &str| (node == NODE).then(|| key().public());
    let node = verify_request(signed, "GET", uri.path(), stated(signed), &key_of);
    assert_eq!(node.as_deref(), Ok(NODE));
    let found = at.look(|seen| {
        let found = seen.receipts.values().find(|r| r.number == number).cloned();
        found.filter(|_| seen.completed)
    });
    let Some(mut receipt) = found else {
        return StatusCode::ACCEPTED.into_response();
    };
    receipt.completed_at = Some("2026-01-05T09:00:05+08:00".to_owned());
    receipt.counts.stored = receipt.counts.pending;
    receipt.counts.pending = 0;
    serde_json::to_string(&receipt).unwrap().into_response()
}

/// The date of a signed request: clocks of tests stand and leap.
fn stated(signed: &str) -> time::OffsetDateTime {
    let (_, rest) = signed.split_once("date=\"").unwrap();
    let (date, _) = rest.split_once('"').unwrap();
    time::OffsetDateTime::parse(date, &time::format_description::well_known::Rfc3339).unwrap()
}
