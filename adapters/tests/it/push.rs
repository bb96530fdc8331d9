//! Push over real HTTP: the document is in the outbox before the answer, the answer is the receipt.

use crate::receiver::Receiver;
use crate::{HUB, ORG, clock, config, outbox, uplink};
use reqwest::StatusCode;
use std::path::Path;
use tongcha_adapters::agent::Agent;
use tongcha_adapters::outbox::Outbox;
use tongcha_adapters::sources::http_push::{HttpPush, HttpPushConfig, Kept};
use tongcha_schema::envelope::receipt_number;
use tongcha_schema::id::EnvelopeId;
use tongcha_schema::receipt::{Receipt, Verdict};

const TOKEN: &str = "0123456789abcdef";

struct Pushing {
    url: String,
    outbox: Outbox,
    client: reqwest::Client,
    source: Option<HttpPush>,
}

impl Pushing {
    async fn start(folder: &Path, edit: fn(&mut HttpPushConfig)) -> Pushing {
        let mut config = HttpPushConfig::new("push", HUB, ORG, TOKEN);
        config.body_bytes = 1_000;
        edit(&mut config);
        let outbox = outbox(folder).await;
        let source = HttpPush::new(config, outbox.clone(), clock());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1/push", listener.local_addr().unwrap());
        let router = source.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        // Installs the TLS provider that every client needs.
        drop(uplink("http://127.0.0.1:9", &clock()));
        Pushing {
            url,
            outbox,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            source: Some(source),
        }
    }

    async fn post(&self, query: &str, body: Vec<u8>) -> reqwest::Response {
        let request = self.client.post(format!("{}{query}", self.url));
        request.bearer_auth(TOKEN).body(body).send().await.unwrap()
    }

    async fn waiting(&self) -> u64 {
        self.outbox.depth(None).await.unwrap().waiting
    }
}

async fn json<T: serde::de::DeserializeOwned>(answer: reqwest::Response) -> T {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_push_is_kept_before_its_answer_and_its_receipt_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let mut pushing = Pushing::start(folder.path(), |_| {}).await;
    let answer = pushing
        .post("?name=%E5%8A%9E%E4%BB%B6.xml", b"<a/>".to_vec())
        .await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let kept: Kept = json(answer).await;
    let id = EnvelopeId::parse(&kept.envelope).unwrap();
    assert_eq!(kept.number, receipt_number(HUB, &id));
    assert_eq!(pushing.waiting().await, 1);
    let ask = || async {
        let url = format!("{}/receipt", pushing.url);
        let query = [("envelope", kept.envelope.as_str())];
        let url = reqwest::Url::parse_with_params(&url, query).unwrap();
        pushing
            .client
            .get(url)
            .bearer_auth(TOKEN)
            .send()
            .await
            .unwrap()
    };
    assert_eq!(ask().await.status(), StatusCode::ACCEPTED);
    let line = uplink(&receiver.url, &clock());
    let (source, outbox) = (pushing.source.take().unwrap(), pushing.outbox.clone());
    let mut agent = Agent::new(config(), Box::new(source), line, outbox, clock());
    assert_eq!(agent.step().await.unwrap().settled, 1);
    assert_eq!(
        receiver.items(),
        [("办件.xml".to_owned(), b"<a/>".to_vec())]
    );
    let answer = ask().await;
    assert_eq!(answer.status(), StatusCode::OK);
    let receipt: Receipt = json(answer).await;
    assert_eq!(
        (receipt.number, receipt.verdict),
        (kept.number.clone(), Verdict::Accepted)
    );
    let unknown = format!("{}/receipt?envelope={}@1.99", pushing.url, crate::NODE);
    let answer = pushing
        .client
        .get(unknown)
        .bearer_auth(TOKEN)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_waits_gets_the_hubs_receipt_as_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let mut pushing = Pushing::start(folder.path(), |_| {}).await;
    let line = uplink(&receiver.url, &clock());
    let (source, outbox) = (pushing.source.take().unwrap(), pushing.outbox.clone());
    let mut agent = Agent::new(config(), Box::new(source), line, outbox, clock());
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let running = tokio::spawn(async move { agent.run(stopped).await });
    let answer = pushing.post("?wait=60", b"<bad/>".to_vec()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let receipt: Receipt = json(answer).await;
    assert_eq!(
        (receipt.verdict, receipt.findings.len()),
        (Verdict::Refused, 1)
    );
    stop.send(true).unwrap();
    running.await.unwrap();
}

#[tokio::test]
async fn who_may_not_push_and_what_may_not_be_pushed() {
    let folder = tempfile::tempdir().unwrap();
    let pushing = Pushing::start(folder.path(), |_| {}).await;
    for token in ["", "0123456789abcdeX", "0123456789abcdef0"] {
        let request = pushing
            .client
            .post(&pushing.url)
            .bearer_auth(token)
            .body("<a/>");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{token}");
    }
    let answer = pushing
        .client
        .post(&pushing.url)
        .body("<a/>")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let answer = pushing.post("", Vec::new()).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let answer = pushing.post("", vec![b' '; 1_001]).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let text = answer.text().await.unwrap();
    assert!(
        text.contains("文件过大") && text.contains("too large"),
        "{text}"
    );
    assert_eq!(
        pushing.post("", vec![b' '; 1_000]).await.status(),
        StatusCode::ACCEPTED
    );
    assert_eq!(pushing.waiting().await, 1, "nothing else was kept");
}

#[tokio::test]
async fn a_full_outbox_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let pushing = Pushing::start(folder.path(), |config| config.most_waiting = 2).await;
    // The same document twice is two arrivals.
    for _ in 0..2 {
        let answer = pushing.post("", b"<a/>".to_vec()).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
    }
    let answer = pushing.post("", b"<a/>".to_vec()).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers()["retry-after"], "30");
    assert_eq!(pushing.waiting().await, 2);
}
