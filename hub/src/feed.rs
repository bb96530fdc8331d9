//! The feed: what just happened, for pages that update by themselves. It carries no facts, only what
//! to ask again; a lost event does no harm.

use serde::Serialize;
use tokio::sync::broadcast;

/// What happened.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// An envelope was admitted.
    Envelope {
        /// Its id.
        id: String,
        /// Sending node.
        node: String,
        /// Verdict.
        verdict: String,
    },
    /// Something was turned away at the door.
    TurnedAway {
        /// Why.
        code: String,
    },
    /// Records were ingested.
    Ingested {
        /// How many.
        records: u64,
    },
    /// Cards were issued or changed.
    Cards {
        /// How many.
        cards: u64,
    },
}

/// Sends events to whoever listens.
#[derive(Clone, Debug)]
pub struct Feed(broadcast::Sender<Event>);

impl Default for Feed {
    fn default() -> Feed {
        Feed(broadcast::channel(1024).0)
    }
}

impl Feed {
    /// Tells the listeners; without any it is silent.
    pub fn tell(&self, event: Event) {
        // An error only says that nobody listens.
        let _ = self.0.send(event);
    }

    /// Listens from now on.
    pub fn listen(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }
}
