//! The door over AMQP: a desk for every node reads its messages, admits its frames through the same gate as
//! HTTP, and answers into its queue. A message is acknowledged once its envelope is kept or refused; what comes
//! again after a crash is answered so that the node sends it again. Refuses messages of which the broker does not
//! vouch that the node itself wrote them.

mod desk;

use crate::core::Core;
use crate::store::engine::StoreError;
use desk::Desk;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tongcha_adapters::amqp::Reception;

/// How often nodes are looked for that another process registered.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Pause before a desk opens again.
const PAUSE: Duration = Duration::from_secs(1);

/// A desk at work; it ends with whoever holds it.
struct Attended(JoinHandle<()>);

impl Drop for Attended {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Keeps a desk for every registered node, as far as the broker has room for their queues.
#[expect(
    clippy::disallowed_methods,
    reason = "the outermost loop of a task: other processes register nodes too"
)]
pub(crate) async fn run(core: Arc<Core>, reception: Reception) {
    let mut desks: BTreeMap<String, Attended> = BTreeMap::new();
    loop {
        match nodes(&core).await {
            Ok(nodes) => {
                desks.retain(|name, _| nodes.contains(name));
                for name in nodes {
                    if desks.contains_key(&name) {
                        continue;
                    }
                    if desks.len() as u64 >= reception.config().most_nodes() {
                        tracing::error!(
                            node = name,
                            "no room for its queues; hint: raise [amqp] broker_mib, or lower queue_mib"
                        );
                        break;
                    }
                    let desk = attend(Arc::clone(&core), reception.clone(), name.clone());
                    desks.insert(name, Attended(tokio::spawn(desk)));
                }
            }
            Err(error) => tracing::error!(%error, "the nodes cannot be read"),
        }
        tokio::select! {
            () = core.registered.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Names of the nodes that sign; a revoked one too, so that it learns why nothing passes.
async fn nodes(core: &Core) -> Result<Vec<String>, StoreError> {
    let rows = core.store.rows("nodes.all", Vec::new()).await?;
    let signs = rows.iter().filter(|row| !row.text(2).is_empty());
    Ok(signs.map(|row| row.text(0).to_owned()).collect())
}

/// One node's desk, opened again whenever the line breaks.
#[expect(
    clippy::disallowed_methods,
    reason = "the outermost loop of a task; not a storm of tries"
)]
async fn attend(core: Arc<Core>, reception: Reception, node: String) {
    loop {
        match reception.open(&node).await {
            Ok(queue) => {
                tracing::debug!(node, "the desk of a node is open");
                let mut desk = Desk::new(&core, &reception, &node, queue);
                desk.work().await;
            }
            Err(error) => {
                tracing::warn!(node, %error, "a node's queue cannot be read; trying again")
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}
