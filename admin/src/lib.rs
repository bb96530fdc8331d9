//! The pages: what an official sees of one hub, server-rendered, live by server-sent events, usable
//! without script. Refuses SQL, the bus, other addresses than this machine's own, and every change of
//! a case fact.

mod auth;
mod chart;
mod chip;
mod format;
mod lang;
mod live;
mod pages;
mod sessions;
mod shell;
mod text;

pub use auth::{NotLoopback, require_loopback};
pub use sessions::Token;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use std::sync::Arc;
use tongcha_hub::core::Core;

/// The routes of the pages of one hub. They belong on a loopback address ([`require_loopback`]);
/// `token` is printed at start and opens them once; further ones are asked for by `tongcha admin token`.
pub fn routes(core: Arc<Core>, token: Token) -> Router {
    let state = Arc::new(shell::AppState::new(core, token));
    pages::routes()
        .route("/login", get(auth::login).post(auth::login_form))
        .route("/logout", post(auth::logout))
        .route("/live", get(live::live))
        .route("/assets/{name}", get(shell::asset))
        .route("/favicon.ico", get(shell::icon))
        .fallback(shell::nowhere)
        .layer(from_fn_with_state(Arc::clone(&state), auth::guard))
        .with_state(state)
}

#[cfg(test)]
mod tests;
