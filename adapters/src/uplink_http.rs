//! The uplink over HTTP(S): `POST {hub}/v1/envelopes` with the frame as a streamed body, receipts as
//! JSON. Refuses redirects, proxies of the environment and answers beyond a limit.

use crate::outbox::Parcel;
use crate::pace::paced;
use crate::patience::{Patience, Progress, counted, silent};
use crate::uplink::{
    Heartbeat, SendFault, Uplink, completed, fault_of, kept_or_refused, receipt_of, receipt_path,
};
use async_trait::async_trait;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use std::sync::Arc;
use thiserror::Error;
use time::format_description::well_known::Rfc2822;
use time::{Duration, OffsetDateTime};
use tongcha_schema::clock::Clock;
use tongcha_schema::enrol::Enrolment;
use tongcha_schema::envelope::MEDIA_TYPE;
use tongcha_schema::receipt::Receipt;
use tongcha_schema::seal::{NodeKey, sign_request};

/// Bytes of an answer: 10,000 item lines and 1,000 findings fit several times.
const ANSWER_BYTES: usize = 16 << 20;

/// Why the uplink cannot be set up.
#[derive(Debug, Error)]
pub enum UplinkError {
    /// The address is none, or is neither http nor https.
    #[error("hub address {0:?} is no http:// or https:// address")]
    Address(String),
    /// The private certificate authority cannot be read.
    #[error("certificate authority: {0}")]
    Authority(String),
    /// The machine's own certificate or its key cannot be read.
    #[error("client certificate: {0}")]
    Identity(String),
    /// The client cannot be built.
    #[error("HTTP client: {0}")]
    Client(String),
}

impl UplinkError {
    /// Never: a person must mend the configuration.
    pub fn is_transient(&self) -> bool {
        false
    }
}

/// How to reach a hub.
#[derive(Clone)]
pub struct HttpUplinkConfig {
    /// Address of the hub, e.g. `https://hub.example:8443`; a path prefix is kept.
    pub url: String,
    /// Node name, as registered at the hub.
    pub node: String,
    /// The node's secret key: signs envelopes and requests.
    pub key: NodeKey,
    /// PEM of the authorities to trust instead of the public ones.
    pub authority_pem: Option<String>,
    /// PEM of the certificate and key that the machine shows, where the hub's side asks for one.
    pub identity_pem: Option<String>,
}

/// The uplink over HTTP.
pub struct HttpUplink {
    base: String,
    node: String,
    key: NodeKey,
    client: reqwest::Client,
    /// For uploads: a client's time-out of reading would run while the body still goes out.
    carrier: reqwest::Client,
    patience: Patience,
    clock: Arc<dyn Clock>,
    most_per_second: Option<u64>,
}

impl HttpUplink {
    /// Sets up the client; nothing is sent yet.
    ///
    /// # Errors
    /// [`UplinkError`].
    pub fn new(config: HttpUplinkConfig, clock: Arc<dyn Clock>) -> Result<HttpUplink, UplinkError> {
        HttpUplink::with(config, clock, Patience::default())
    }

    /// The same with another patience.
    ///
    /// # Errors
    /// [`UplinkError`].
    pub fn with(
        config: HttpUplinkConfig,
        clock: Arc<dyn Clock>,
        patience: Patience,
    ) -> Result<HttpUplink, UplinkError> {
        let base = config.url.trim_end_matches('/').to_owned();
        let parsed = reqwest::Url::parse(&base).ok();
        if !parsed.is_some_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host()) {
            return Err(UplinkError::Address(config.url));
        }
        // The whole product uses one TLS provider; a second call finds it installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let build = |builder: reqwest::ClientBuilder| {
            let client = builder.build();
            client.map_err(|e| UplinkError::Client(e.to_string()))
        };
        Ok(HttpUplink {
            client: build(builder(&config)?.read_timeout(patience.silence))?,
            carrier: build(builder(&config)?)?,
            base,
            node: config.node,
            key: config.key,
            patience,
            clock,
            most_per_second: None,
        })
    }

    /// Sends no faster than that many bytes a second.
    #[must_use]
    pub fn at_most(mut self, per_second: Option<u64>) -> HttpUplink {
        self.most_per_second = per_second;
        self
    }
}

/// A client without any time-out but that of connecting.
fn builder(config: &HttpUplinkConfig) -> Result<reqwest::ClientBuilder, UplinkError> {
    let mut builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(std::time::Duration::from_secs(10))
        .tcp_keepalive(std::time::Duration::from_secs(30))
        .tcp_nodelay(true);
    if let Some(pem) = &config.authority_pem {
        let authorities = reqwest::Certificate::from_pem_bundle(pem.as_bytes())
            .map_err(|e| UplinkError::Authority(e.to_string()))?;
        builder = builder.tls_certs_only(authorities);
    }
    if let Some(pem) = &config.identity_pem {
        let identity = reqwest::Identity::from_pem(pem.as_bytes())
            .map_err(|e| UplinkError::Identity(e.to_string()))?;
        builder = builder.identity(identity);
    }
    Ok(builder)
}

impl HttpUplink {
    /// Waits for the answer to an upload for as long as something moves.
    async fn patiently(
        &self,
        request: reqwest::RequestBuilder,
        progress: &Progress,
    ) -> Result<Response, SendFault> {
        let Patience { silence, answer } = self.patience;
        let mut sending = std::pin::pin!(request.send());
        let (mut seen, mut waited) = (0, std::time::Duration::ZERO);
        loop {
            if let Ok(answer) = tokio::time::timeout(silence, &mut sending).await {
                return answer.map_err(|e| line(&e));
            }
            let pieces = progress.pieces();
            let moved = std::mem::replace(&mut seen, pieces) != pieces;
            if !progress.ended() {
                if moved {
                    continue;
                }
                return Err(silent("the line takes no byte", silence));
            }
            waited += silence;
            if waited >= answer {
                return Err(silent("the hub is there and does not answer", answer));
            }
            if !self.is_there().await {
                return Err(silent("the hub says nothing", silence));
            }
        }
    }

    /// Whether the hub answers anything at all, on another connection.
    async fn is_there(&self) -> bool {
        let asked = self.client.get(format!("{}/v1/health", self.base)).send();
        let answer = tokio::time::timeout(self.patience.silence, asked).await;
        matches!(answer, Ok(Ok(_)))
    }
}

/// What a hub says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Its name, `region/node`.
    pub hub: String,
    /// Its time, where it tells.
    pub date: Option<OffsetDateTime>,
}

#[derive(Deserialize)]
struct HealthBody {
    hub: String,
}

impl HttpUplink {
    /// Asks whether the hub can take envelopes.
    ///
    /// # Errors
    /// [`SendFault::Line`].
    pub async fn health(&self) -> Result<Health, SendFault> {
        let url = format!("{}/v1/health", self.base);
        let answer = self.client.get(url).send().await.map_err(|e| line(&e))?;
        if answer.status() != StatusCode::OK {
            return Err(refusal(answer.status(), answer, self.patience.silence).await);
        }
        let date = answer.headers().get(DATE).and_then(|v| v.to_str().ok());
        let date = date.and_then(|text| OffsetDateTime::parse(text, &Rfc2822).ok());
        let body: HealthBody = serde_json::from_slice(
            &bounded(answer, self.patience.silence).await?,
        )
        .map_err(|_| SendFault::Line {
            why: "this address is no hub".to_owned(),
            wish: None,
        })?;
        Ok(Health {
            hub: body.hub,
            date,
        })
    }
}

/// What a hub answers to an enrolment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Enrolled {
    /// The node.
    pub node: String,
    /// Fingerprint of its key, which the office compares before it approves.
    pub fingerprint: String,
}

impl HttpUplink {
    /// Enrols this node's key with a code.
    ///
    /// # Errors
    /// [`SendFault::Node`] where the code is not taken, [`SendFault::Line`].
    pub async fn enrol(&self, code: &str) -> Result<Enrolled, SendFault> {
        let enrolment = Enrolment::sign(&self.key, &self.node, code, self.clock.now());
        let request = self.client.post(format!("{}/v1/enrolments", self.base));
        let answer = request
            .json(&enrolment)
            .send()
            .await
            .map_err(|e| line(&e))?;
        if answer.status() != StatusCode::ACCEPTED {
            return Err(refusal(answer.status(), answer, self.patience.silence).await);
        }
        serde_json::from_slice(&bounded(answer, self.patience.silence).await?).map_err(|_| {
            SendFault::Line {
                why: "this address is no hub".to_owned(),
                wish: None,
            }
        })
    }
}

#[async_trait]
impl Uplink for HttpUplink {
    async fn send(&self, parcel: &Parcel) -> Result<Receipt, SendFault> {
        let progress = Arc::new(Progress::default());
        // Small before they are paced: a rate of some bytes a second is kept, and seen to move.
        let body = counted(parcel.frame(&self.key), Arc::clone(&progress));
        let body = paced(body, self.most_per_second);
        let request = self
            .carrier
            .post(format!("{}/v1/envelopes", self.base))
            .header(CONTENT_TYPE, MEDIA_TYPE)
            .body(reqwest::Body::wrap_stream(body));
        let answer = self.patiently(request, &progress).await?;
        let status = answer.status();
        if status == StatusCode::OK {
            let body = bounded(answer, self.patience.silence).await?;
            return kept_or_refused(receipt_of(&body)?);
        }
        Err(refusal(status, answer, self.patience.silence).await)
    }

    async fn completion(&self, number: &str) -> Result<Option<Receipt>, SendFault> {
        let url = format!("{}{}", self.base, receipt_path(number));
        let path = reqwest::Url::parse(&url)
            .map(|u| u.path().to_owned())
            .unwrap_or_default();
        let signed = sign_request(&self.key, &self.node, "GET", &path, self.clock.now());
        let request = self.client.get(url).header(AUTHORIZATION, signed);
        let answer = request.send().await.map_err(|e| line(&e))?;
        match answer.status() {
            StatusCode::OK => {
                receipt_of(&bounded(answer, self.patience.silence).await?).map(completed)
            }
            StatusCode::NOT_FOUND | StatusCode::ACCEPTED | StatusCode::NO_CONTENT => Ok(None),
            status => Err(refusal(status, answer, self.patience.silence).await),
        }
    }

    async fn heartbeat(&self, heartbeat: Heartbeat) -> Result<(), SendFault> {
        let url = format!("{}{}", self.base, heartbeat.path());
        let path = reqwest::Url::parse(&url)
            .map(|u| match u.query() {
                Some(query) => format!("{}?{query}", u.path()),
                None => u.path().to_owned(),
            })
            .unwrap_or_default();
        let signed = sign_request(&self.key, &self.node, "POST", &path, self.clock.now());
        let request = self.client.post(url).header(AUTHORIZATION, signed);
        let answer = request.send().await.map_err(|e| line(&e))?;
        match answer.status() {
            StatusCode::NO_CONTENT => Ok(()),
            status => Err(refusal(status, answer, self.patience.silence).await),
        }
    }
}

async fn refusal(status: StatusCode, answer: Response, silence: std::time::Duration) -> SendFault {
    let wish = answer
        .headers()
        .get(RETRY_AFTER)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.trim().parse().ok())
        .map(Duration::seconds);
    match bounded(answer, silence).await {
        Ok(body) => fault_of(status.as_u16(), wish, &body),
        Err(fault) => fault,
    }
}

/// The body of an answer, which may take long as long as something comes.
async fn bounded(mut answer: Response, silence: std::time::Duration) -> Result<Vec<u8>, SendFault> {
    let mut body = Vec::new();
    loop {
        let Ok(chunk) = tokio::time::timeout(silence, answer.chunk()).await else {
            return Err(silent("the hub's answer breaks off", silence));
        };
        let Some(bytes) = chunk.map_err(|e| line(&e))? else {
            return Ok(body);
        };
        if body.len() + bytes.len() > ANSWER_BYTES {
            return Err(SendFault::Line {
                why: format!("the answer is longer than {ANSWER_BYTES} bytes"),
                wish: None,
            });
        }
        body.extend_from_slice(&bytes);
    }
}

/// The error with its causes: reqwest itself says only "error sending request".
fn line(error: &reqwest::Error) -> SendFault {
    let mut why = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        why.push_str(": ");
        why.push_str(&inner.to_string());
        cause = inner.source();
    }
    SendFault::Line { why, wish: None }
}
