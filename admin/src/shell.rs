//! What every page shares: the state of the pages (hub and sessions), language and zone of the reader, the frame around
//! the content, failures, assets. Refuses to know what any page shows.

use crate::format::{href, instant};
use crate::lang::Lang;
use crate::sessions::{Sessions, Token};
use crate::text::Text;
use askama::Template;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::de::DeserializeOwned;
use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use time::{OffsetDateTime, UtcOffset};
use tokio::sync::Semaphore;
use tongcha_hub::alarm;
use tongcha_hub::core::Core;
use tongcha_hub::store::engine::StoreError;
use tongcha_hub::view::Listed;
use tongcha_hub::view::raw::RawError;
use tracing::Instrument;

/// Listeners of the live stream at once: some tabs of a few readers.
const LISTENERS: usize = 64;

/// What the handlers share.
pub(crate) struct AppState {
    pub(crate) core: Arc<Core>,
    pub(crate) sessions: Sessions,
    pub(crate) listeners: Arc<Semaphore>,
}

impl AppState {
    pub(crate) fn new(core: Arc<Core>, token: Token) -> AppState {
        AppState {
            core,
            sessions: Sessions::new(token),
            listeners: Arc::new(Semaphore::new(LISTENERS)),
        }
    }
}

/// One request: the hub, the reader's language, the address.
pub(crate) struct Ctx {
    pub(crate) core: Arc<Core>,
    pub(crate) lang: Lang,
    pub(crate) t: &'static Text,
    path: String,
    query: String,
    /// Nodes with an alarm of the door.
    alarms: usize,
}

impl FromRequestParts<Arc<AppState>> for Ctx {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &Arc<AppState>,
    ) -> Result<Ctx, Infallible> {
        let mut ctx = Ctx::of(parts, state);
        let now = ctx.core.clock.now();
        // Without an answer the page itself says that the store is away.
        let standing = alarm::standing(&ctx.core.store, now).await;
        ctx.alarms = alarm::nodes(&standing.unwrap_or_default()).len();
        Ok(ctx)
    }
}

/// The query of a request; one that cannot be read is a page that does not exist.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<AppState>> for Asked<T> {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &Arc<AppState>,
    ) -> Result<Self, Response> {
        if let Ok(Query(asked)) = Query::try_from_uri(&parts.uri) {
            return Ok(Asked(asked));
        }
        Err(failure(&Ctx::of(parts, state), StatusCode::NOT_FOUND))
    }
}

impl Ctx {
    fn of(parts: &Parts, state: &Arc<AppState>) -> Ctx {
        let lang = parts.extensions.get::<Lang>().copied().unwrap_or_default();
        Ctx {
            core: Arc::clone(&state.core),
            lang,
            t: Text::of(lang),
            path: own_path(parts.uri.path()),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            alarms: 0,
        }
    }

    /// The hub's zone.
    pub(crate) fn zone(&self) -> UtcOffset {
        self.core.zone
    }

    /// An instant in the hub's zone.
    pub(crate) fn at(&self, at: OffsetDateTime) -> String {
        instant(at, self.zone())
    }

    /// An instant in the hub's zone; empty where there is none.
    pub(crate) fn at_option(&self, at: Option<OffsetDateTime>) -> String {
        at.map(|at| self.at(at)).unwrap_or_default()
    }

    /// This address with one part of its query changed (an empty value takes it out). A changed filter
    /// begins at the first page.
    pub(crate) fn with(&self, key: &str, value: &str) -> String {
        let filters = !["", "page", "items", "lang"].contains(&key);
        let stays = |pair: &&str| {
            let name = pair.split('=').next().unwrap_or("");
            !(name.is_empty() || name == key || name == "lang" || filters && name == "page")
        };
        let kept: Vec<&str> = self.query.split('&').filter(stays).collect();
        let own = href("", &[(key, value)]);
        let own = own.trim_start_matches('?');
        let parts: Vec<&str> = kept
            .into_iter()
            .chain((!own.is_empty()).then_some(own))
            .collect();
        if parts.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, parts.join("&"))
        }
    }

    /// The frame of a page.
    pub(crate) fn shell(&self, active: &'static str, title: &str) -> Shell {
        Shell {
            lang: self.lang,
            t: self.t,
            title: title.to_owned(),
            hub: self.core.name.clone(),
            at: self.at(self.core.clock.now()),
            other: self.with("lang", self.lang.other().name()),
            nav: nav(self.t, active, self.alarms),
        }
    }

    /// Where a list stands, and the ways to its neighbours; `key` is the page's name in the query.
    pub(crate) fn pager<T>(&self, list: &Listed<T>, key: &str) -> Pager {
        let to = |page: u64| {
            self.with(
                key,
                &if page > 1 {
                    page.to_string()
                } else {
                    String::new()
                },
            )
        };
        Pager {
            total: crate::format::number(list.total),
            page: list.page,
            pages: list.pages(),
            previous: (list.page > 1).then(|| to(list.page.min(list.pages() + 1) - 1)),
            next: (list.page < list.pages()).then(|| to(list.page + 1)),
        }
    }
}

/// A path as links of this page may repeat it: a browser takes `//name` for the address of another host.
fn own_path(path: &str) -> String {
    format!("/{}", path.trim_start_matches(['/', '\\']))
}

/// One entry of the menu.
pub(crate) struct MenuItem {
    pub(crate) path: &'static str,
    pub(crate) name: &'static str,
    pub(crate) active: bool,
    /// What there is to look at; 0: nothing.
    pub(crate) alarms: usize,
}

fn nav(t: &'static Text, active: &'static str, alarms: usize) -> Vec<MenuItem> {
    [
        ("/", t.nav_overview),
        ("/nodes", t.nav_nodes),
        ("/envelopes", t.nav_envelopes),
        ("/cases", t.nav_cases),
        ("/cards", t.nav_cards),
        ("/scores", t.nav_scores),
        ("/ledger", t.nav_ledger),
        ("/work", t.nav_work),
    ]
    .into_iter()
    .map(|(path, name)| MenuItem {
        path,
        name,
        active: path == active,
        alarms: if path == "/nodes" { alarms } else { 0 },
    })
    .collect()
}

/// The frame around a page's content.
pub(crate) struct Shell {
    pub(crate) lang: Lang,
    pub(crate) t: &'static Text,
    pub(crate) title: String,
    pub(crate) hub: String,
    pub(crate) at: String,
    pub(crate) other: String,
    pub(crate) nav: Vec<MenuItem>,
}

/// Where a list stands.
pub(crate) struct Pager {
    pub(crate) total: String,
    pub(crate) page: u64,
    pub(crate) pages: u64,
    pub(crate) previous: Option<String>,
    pub(crate) next: Option<String>,
}

/// One choice of a filter.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) name: String,
    pub(crate) chosen: bool,
}

/// The choices of a filter: all, then these.
pub(crate) fn choices<V, N>(
    t: &'static Text,
    chosen: &str,
    values: impl IntoIterator<Item = (V, N)>,
) -> Vec<Choice>
where
    V: Into<String>,
    N: Into<String>,
{
    let all = Choice {
        value: String::new(),
        name: t.all.to_owned(),
        chosen: chosen.is_empty(),
    };
    let rest = values.into_iter().map(|(value, name)| {
        let value = value.into();
        Choice {
            chosen: value == chosen,
            value,
            name: name.into(),
        }
    });
    std::iter::once(all).chain(rest).collect()
}

/// Why a page was not shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    /// It does not exist.
    #[error("not found")]
    NotFound,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Raw bytes.
    #[error(transparent)]
    Raw(#[from] RawError),
    /// The template.
    #[error(transparent)]
    Template(#[from] askama::Error),
}

/// What a page comes to.
pub(crate) type Shown = Result<Response, PageError>;

/// A rendered page.
pub(crate) fn html(page: &impl Template) -> Shown {
    Ok(Html(page.render()?).into_response())
}

/// Hop show: makes one page in its span, and the page of a failure where it fails.
pub(crate) async fn show(
    ctx: &Ctx,
    page: &'static str,
    key: Key<'_>,
    making: impl Future<Output = Shown>,
) -> Response {
    let span = match key {
        Key::None => tracing::info_span!("show", page),
        Key::Envelope(envelope) => tracing::info_span!("show", page, envelope),
        Key::Case(case_no) => tracing::info_span!("show", page, case_no),
    };
    async {
        match making.await {
            Ok(response) => response,
            Err(PageError::NotFound) => failure(ctx, StatusCode::NOT_FOUND),
            Err(error) => {
                tracing::error!(page, %error, "a page could not be shown");
                failure(ctx, StatusCode::SERVICE_UNAVAILABLE)
            }
        }
    }
    .instrument(span)
    .await
}

/// What a page is about, for its span.
#[derive(Clone, Copy)]
pub(crate) enum Key<'a> {
    /// Nothing in particular.
    None,
    /// One envelope.
    Envelope(&'a str),
    /// One case.
    Case(&'a str),
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    s: Shell,
    text: &'static str,
    retry: Option<String>,
}

fn failure(ctx: &Ctx, status: StatusCode) -> Response {
    let missing = status == StatusCode::NOT_FOUND;
    let page = FailurePage {
        s: ctx.shell(
            "",
            if missing {
                ctx.t.not_found
            } else {
                ctx.t.failed
            },
        ),
        text: if missing {
            ctx.t.not_found_do
        } else {
            ctx.t.failed_do
        },
        retry: (!missing).then(|| ctx.with("", "")),
    };
    match html(&page) {
        Ok(body) => (status, body).into_response(),
        Err(_) => status.into_response(),
    }
}

/// Any address that is no page.
pub(crate) async fn nowhere(ctx: Ctx) -> Response {
    failure(&ctx, StatusCode::NOT_FOUND)
}

const STYLE: &str = include_str!("../assets/style.css");
const SCRIPT: &str = include_str!("../assets/live.js");
const ICON: &str = include_str!("../assets/icon.svg");

/// `GET /assets/{name}`: the style sheet, the script, the icon.
pub(crate) async fn asset(State(_): State<Arc<AppState>>, Path(name): Path<String>) -> Response {
    let (kind, body) = match name.as_str() {
        "style.css" => ("text/css; charset=utf-8", STYLE),
        "live.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "icon.svg" => ("image/svg+xml", ICON),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "no-cache"),
        ],
        body,
    )
        .into_response()
}

/// `GET /favicon.ico`: the icon, for browsers that ask there.
pub(crate) async fn icon() -> Response {
    ([(header::CONTENT_TYPE, "image/svg+xml")], ICON).into_response()
}
