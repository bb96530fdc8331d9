//! The way in and out: a one-time token for a session cookie, the Host header, the headers of every answer.
//! Refuses everything without a session but the login page and the assets, and every other address
//! than this machine's own. Who has a session is known in `sessions.rs`.

use crate::format::href;
use crate::lang::{self, Lang};
use crate::sessions::{self, Login};
use crate::shell::AppState;
use crate::text::Text;
use askama::Template;
use axum::extract::{Form, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use std::net::SocketAddr;
use std::sync::Arc;

/// The pages may not be served on this address.
#[derive(Debug, thiserror::Error)]
#[error(
    "页面只能绑定本机地址，不能绑定 {0}：目前还没有账户，任何连得上的人都能看到办件\n  \
     the pages bind to loopback only, not to {0}: there are no accounts yet\n  \
     hint: use 127.0.0.1 or [::1], and reach it from elsewhere by an SSH tunnel"
)]
pub struct NotLoopback(pub SocketAddr);

impl NotLoopback {
    /// Never: the address stays what it is.
    pub fn is_transient(&self) -> bool {
        false
    }
}

/// Refuses every address but this machine's own.
///
/// # Errors
/// The address is not a loopback one.
pub fn require_loopback(address: SocketAddr) -> Result<(), NotLoopback> {
    if address.ip().is_loopback() {
        Ok(())
    } else {
        Err(NotLoopback(address))
    }
}

/// Whether a Host header names this machine: a page of another name that points here (DNS rebinding)
/// is refused.
fn is_own_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1" || name == "[::1]"
}

/// Stands before every page.
pub(crate) async fn guard(
    State(state): State<Arc<AppState>>,
    mut request: Request,
    next: Next,
) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|h| h.to_str().ok())
        .unwrap_or("");
    if !is_own_host(host) {
        let text = "只接受 localhost、127.0.0.1 或 [::1] 这几个主机名\n\
            only the host names localhost, 127.0.0.1 and [::1] are served here\n";
        return sealed((StatusCode::MISDIRECTED_REQUEST, text).into_response());
    }
    let chosen = chosen_lang(request.uri().query().unwrap_or(""));
    let kept = sessions::cookie(request.headers(), lang::COOKIE).and_then(Lang::parse);
    let lang = chosen.or(kept).unwrap_or_default();
    request.extensions_mut().insert(lang);
    let path = request.uri().path();
    let open = path == "/login" || path == "/favicon.ico" || path.starts_with("/assets/");
    let mut response = if open || state.sessions.knows(request.headers()) {
        next.run(request).await
    } else {
        login_page(lang, StatusCode::UNAUTHORIZED, None)
    };
    if let Some(chosen) = chosen {
        let name = chosen.name();
        let value = format!(
            "{}={name}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict",
            lang::COOKIE
        );
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    sealed(response)
}

fn chosen_lang(query: &str) -> Option<Lang> {
    query
        .split('&')
        .find_map(|pair| Lang::parse(pair.strip_prefix("lang=")?))
}

/// The headers of every answer.
fn sealed(mut response: Response) -> Response {
    let fixed = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
             object-src 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    let headers = response.headers_mut();
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(
        "cross-origin-opener-policy",
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("same-origin"),
    );
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    lang: Lang,
    t: &'static Text,
    message: Option<&'static str>,
    entered: bool,
    other: String,
}

fn login_page(lang: Lang, status: StatusCode, message: Option<&'static str>) -> Response {
    let page = LoginPage {
        lang,
        t: Text::of(lang),
        message,
        entered: false,
        other: other(lang),
    };
    rendered(status, &page)
}

fn other(lang: Lang) -> String {
    href("/login", &[("lang", lang.other().name())])
}

fn rendered(status: StatusCode, page: &LoginPage) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "the login page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Given {
    token: Option<String>,
}

/// `GET /login`: the form; with `token`, the entry.
pub(crate) async fn login(
    State(state): State<Arc<AppState>>,
    axum::Extension(lang): axum::Extension<Lang>,
    method: Method,
    headers: HeaderMap,
    Query(given): Query<Given>,
) -> Response {
    // A browser that fetches ahead, or a HEAD, must not use the token up.
    let ahead = headers.contains_key("sec-purpose") || headers.contains_key("purpose");
    match given.token {
        Some(token) if method == Method::GET && !ahead => enter(&state, lang, &token).await,
        _ => login_page(lang, StatusCode::OK, None),
    }
}

/// `POST /logout`: ends the session of this browser.
pub(crate) async fn logout(
    State(state): State<Arc<AppState>>,
    axum::Extension(lang): axum::Extension<Lang>,
    headers: HeaderMap,
) -> Response {
    state.sessions.leave(&headers);
    tracing::info!(target: "audit", "a session was ended by its reader");
    let mut response = login_page(lang, StatusCode::OK, Some(Text::of(lang).login_left));
    if let Ok(value) = HeaderValue::from_str(&state.sessions.no_cookie()) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

/// `POST /login`: the entry from the form.
pub(crate) async fn login_form(
    State(state): State<Arc<AppState>>,
    axum::Extension(lang): axum::Extension<Lang>,
    Form(given): Form<Given>,
) -> Response {
    enter(&state, lang, given.token.unwrap_or_default().trim()).await
}

async fn enter(state: &AppState, lang: Lang, token: &str) -> Response {
    let t = Text::of(lang);
    match state.sessions.enter(&state.core, token).await {
        Login::Open(cookie) => {
            tracing::info!(target: "audit", "the one-time token was used");
            // No redirect: after a link from elsewhere it would go without the strict cookie.
            let page = LoginPage {
                lang,
                t,
                message: None,
                entered: true,
                other: other(lang),
            };
            let mut response = rendered(StatusCode::OK, &page);
            if let Ok(value) = HeaderValue::from_str(&cookie) {
                response.headers_mut().insert(header::SET_COOKIE, value);
            }
            response
        }
        Login::Wrong => {
            tracing::warn!(target: "audit", "a wrong token was given");
            login_page(lang, StatusCode::UNAUTHORIZED, Some(t.login_wrong))
        }
        Login::Used => {
            tracing::warn!(target: "audit", "the one-time token was given again");
            login_page(lang, StatusCode::UNAUTHORIZED, Some(t.login_used))
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step is the test's failure")]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_are_let() {
        for good in ["127.0.0.1:0", "127.1.2.3:80", "[::1]:8080"] {
            assert!(require_loopback(good.parse().unwrap()).is_ok(), "{good}");
        }
        for bad in [
            "0.0.0.0:8080",
            "[::]:8080",
            "10.0.0.1:80",
            "[::ffff:127.0.0.1]:80",
        ] {
            let error = require_loopback(bad.parse().unwrap()).unwrap_err();
            assert!(
                !error.is_transient() && error.to_string().contains("hint:"),
                "{bad}"
            );
        }
    }

    #[test]
    fn only_the_machines_own_names_are_served() {
        for good in [
            "localhost",
            "LOCALHOST:1",
            "127.0.0.1:8080",
            "[::1]",
            "[::1]:80",
        ] {
            assert!(is_own_host(good), "{good}");
        }
        for bad in [
            "",
            "evil.example",
            "127.0.0.1.evil.example:80",
            "localhost:",
            "localhost:8x",
            "::1",
        ] {
            assert!(!is_own_host(bad), "{bad}");
        }
    }
}
