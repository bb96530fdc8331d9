//! The servers of a hub: connections over HTTP/1.1 up to a number, each of which must say what it wants within a
//! time, and is closed when it asks for nothing more. Refuses to know what is asked.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tongcha_schema::limits;

/// Pause where the system has no descriptor left: connections end meanwhile.
const PAUSE: Duration = Duration::from_secs(1);

/// How many connections a server holds, and how long one may be idle.
#[derive(Clone, Copy, Debug)]
pub struct Doorman {
    /// Connections at once; who comes beyond waits in the system's queue.
    pub connections: usize,
    /// Until the head of a request is here, from the connection's beginning or the last answer on.
    pub idle: Duration,
}

impl Doorman {
    /// Of the exchange protocol.
    pub fn protocol() -> Doorman {
        Doorman {
            connections: limits::CONNECTIONS,
            idle: Duration::from_secs(30),
        }
    }

    /// Of the pages.
    pub fn pages() -> Doorman {
        Doorman {
            connections: limits::PAGE_CONNECTIONS,
            ..Doorman::protocol()
        }
    }
}

/// Serves until it is dropped; its connections end with it.
pub async fn serve(listener: TcpListener, routes: Router, doorman: Doorman) {
    let places = Arc::new(Semaphore::new(doorman.connections));
    let mut open = JoinSet::new();
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let stream = accept(&listener).await;
        let routes = routes.clone();
        open.spawn(async move {
            converse(stream, routes, doorman.idle).await;
            drop(place);
        });
        while open.try_join_next().is_some() {}
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the outermost loop of a server; what the system lacks comes back by other hands"
)]
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                tracing::warn!(%error, "a connection was not taken");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn converse(stream: TcpStream, routes: Router, idle: Duration) {
    let _ = stream.set_nodelay(true);
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle)
        .max_buf_size(limits::CONNECTION_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    if let Err(error) = served.await {
        tracing::debug!(%error, "a connection ended");
    }
}
