//! Where a story runs: embedded always, on the servers of the environment where they are named.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use tongcha::world::{Place, Production};

/// One story at a time on the servers: they share this machine with the tests.
static SERVERS: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A place of its own on the servers; `None` where the environment names none.
///
/// # Panics
/// They are required and missing.
pub fn production() -> Option<Production> {
    let var = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let found = (|| {
        let tag = format!(
            "it{}x{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        Some(Production {
            database_url: var("TONGCHA_PG_URL")?,
            bus_url: var("TONGCHA_AMQP_URL")?,
            rabbitmqctl: var("TONGCHA_RABBITMQCTL")?,
            tag,
        })
    })();
    assert!(
        found.is_some() || var("TONGCHA_REQUIRE_SERVICES").is_none(),
        "the servers are required: TONGCHA_PG_URL, TONGCHA_AMQP_URL, TONGCHA_RABBITMQCTL"
    );
    if found.is_none() {
        println!("production was not provided (TONGCHA_PG_URL, ...): embedded only");
    }
    found
}

/// Runs a story in every place there is.
pub async fn everywhere<T: Future<Output = ()>>(story: impl Fn(Place) -> T) {
    story(Place::Embedded).await;
    if let Some(production) = production() {
        let _alone = SERVERS.lock().await;
        story(Place::Production(production)).await;
    }
}
