//! One-time tokens for the pages, asked for while the hub runs by whoever may read its configuration. Keeps the
//! digest of a token alone; refuses a token that was used, or whose time is over.

use crate::store::engine::{Store, StoreError};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};
use tongcha_schema::clock::unix_ms;
use tongcha_schema::digest::hex;

/// How long a token that was asked for may wait: the way from a terminal to a browser.
pub const TOKEN_LIFE: Duration = Duration::minutes(10);

fn digest(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Lets `token` open the pages once within [`TOKEN_LIFE`].
///
/// # Errors
/// The store.
pub async fn issue(store: &Store, token: &str, now: OffsetDateTime) -> Result<(), StoreError> {
    store.run("entry.sweep", crate::args![unix_ms(now)]).await?;
    let args = crate::args![digest(token), unix_ms(now + TOKEN_LIFE)];
    store.run("entry.put", args).await.map(|_| ())
}

/// Uses a token up; whether it was there and in time.
///
/// # Errors
/// The store.
pub async fn take(store: &Store, token: &str, now: OffsetDateTime) -> Result<bool, StoreError> {
    let args = crate::args![digest(token), unix_ms(now)];
    Ok(store.run("entry.take", args).await? == 1)
}
