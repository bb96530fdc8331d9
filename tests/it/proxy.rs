//! A door before the broker that a story opens and shuts: whatever goes through it breaks off when it shuts.

use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub struct Proxy {
    pub port: u16,
    target: SocketAddr,
    open: Option<JoinHandle<()>>,
}

impl Proxy {
    /// A shut door before that address.
    pub async fn shut(target: SocketAddr) -> Proxy {
        let free = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        Proxy {
            port: free.local_addr().unwrap().port(),
            target,
            open: None,
        }
    }

    /// Opens it.
    pub async fn open(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        let target = self.target;
        self.open = Some(tokio::spawn(async move {
            let mut through = tokio::task::JoinSet::new();
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                through.spawn(async move {
                    let mut far = TcpStream::connect(target).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                });
            }
        }));
    }

    /// Shuts it; what goes through breaks off.
    pub async fn close(&mut self) {
        if let Some(task) = self.open.take() {
            task.abort();
            let _ = task.await;
        }
    }
}
