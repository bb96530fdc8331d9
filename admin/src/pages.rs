//! The pages, one file each; this is their list. A new page is one file, one line here and one in the
//! menu of `shell.rs`.

use crate::shell::AppState;
use axum::Router;
use axum::routing::get;
use std::sync::Arc;

mod cards;
mod cases;
mod envelopes;
mod facts;
mod identity;
mod ledger;
mod nodes;
mod overview;
mod raw;
mod scores;
mod work;

/// Addresses of the pages.
pub(crate) fn routes() -> Router<Arc<AppState>> {
    Router::new()
        .route("/", get(overview::overview))
        .route("/nodes", get(nodes::nodes))
        .route("/envelopes", get(envelopes::list))
        .route("/envelope", get(envelopes::one))
        .route("/raw", get(raw::view))
        .route("/raw/download", get(raw::download))
        .route("/cases", get(cases::list))
        .route("/case", get(cases::one))
        .route("/cards", get(cards::list))
        .route("/card", get(cards::one))
        .route("/scores", get(scores::list))
        .route("/ledger", get(ledger::ledger))
        .route("/work", get(work::worklist))
}
