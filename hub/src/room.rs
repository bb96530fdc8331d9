//! Room for what arrives: bytes in memory and on the disk, heads, envelopes in hand of one node, examinations
//! and writings at once; and how long a silent line is listened to. Each part is given back by being dropped.
//! Refuses to know what is in it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tongcha_schema::limits;

/// How long the door waits for bytes that do not come. Whoever sends, however slowly, is not cut off once
/// it is known.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For node and signature, all together: a stranger has this long.
    pub stranger: Duration,
    /// For a whole head of a node whose signature is still to be checked.
    pub head: Duration,
    /// Between two pieces of the items: a line of 1 KiB a second fills a chunk of 256 KiB in this time.
    pub silence: Duration,
    /// Between two parts over a broker, of 8 MiB each on a slow line.
    pub part: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            stranger: Duration::from_secs(10),
            head: Duration::from_secs(120),
            silence: Duration::from_secs(300),
            part: Duration::from_secs(3 * 3600),
        }
    }
}

/// How much room there is.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes in memory, all senders together.
    pub memory: u64,
    /// Bytes in memory of one envelope.
    pub envelope_memory: u64,
    /// Bytes on the spool's disk, all senders together.
    pub disk: u64,
    /// Bytes of heads.
    pub heads: usize,
    /// Envelopes of one node in hand.
    pub node_at_once: usize,
    /// Examinations at once.
    pub examined: usize,
    /// How long a silent line is listened to.
    pub patience: Patience,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            memory: limits::INTAKE_MEMORY_BYTES,
            envelope_memory: limits::ENVELOPE_MEMORY_BYTES,
            disk: limits::SPOOL_BYTES,
            heads: limits::HEADS_BYTES,
            node_at_once: limits::NODE_AT_ONCE,
            examined: limits::EXAMINED_AT_ONCE,
            patience: Patience::default(),
        }
    }
}

/// There is no room on the spool's disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    /// Others hold it: it comes back.
    #[error("the spool is full; it becomes free again")]
    Now,
    /// This envelope alone is larger than all of it.
    #[error("the envelope is larger than the spool")]
    Ever,
}

/// The rooms of one hub.
#[derive(Debug)]
pub struct Rooms {
    bounds: Bounds,
    memory: AtomicU64,
    most_memory: AtomicU64,
    disk: AtomicU64,
    heads: Arc<Semaphore>,
    /// Documents that are posted, each held in memory.
    pub(crate) documents: Semaphore,
    /// Examinations.
    pub(crate) examined: Semaphore,
    /// Envelopes on their way into the store.
    pub(crate) written: Semaphore,
    nodes: Mutex<BTreeMap<String, Node>>,
}

/// One node's turns, and the examinations among them.
#[derive(Debug)]
struct Node {
    turns: usize,
    examined: Arc<Semaphore>,
}

impl Rooms {
    /// All free.
    pub fn new(bounds: Bounds) -> Arc<Rooms> {
        Arc::new(Rooms {
            bounds,
            memory: AtomicU64::new(0),
            most_memory: AtomicU64::new(0),
            disk: AtomicU64::new(0),
            heads: Arc::new(Semaphore::new(bounds.heads)),
            documents: Semaphore::new(limits::DOCUMENTS_AT_ONCE),
            examined: Semaphore::new(bounds.examined),
            written: Semaphore::new(limits::WRITTEN_AT_ONCE),
            nodes: Mutex::new(BTreeMap::new()),
        })
    }

    /// How long a silent line is listened to.
    pub fn patience(&self) -> Patience {
        self.bounds.patience
    }

    /// Bytes that stand in memory and on the disk now, and the most that ever stood in memory.
    pub fn held(&self) -> (u64, u64, u64) {
        let [memory, disk, most] = [&self.memory, &self.disk, &self.most_memory];
        let [memory, disk, most] = [memory, disk, most].map(|n| n.load(Ordering::Relaxed));
        (memory, disk, most)
    }

    /// Whether new envelopes had better wait: a tenth of the disk's room is left.
    pub fn is_nearly_full(&self) -> bool {
        self.disk.load(Ordering::Relaxed) >= self.bounds.disk / 10 * 9
    }

    /// Room for a head of that many bytes; waits while others hold it.
    pub async fn head(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes.clamp(1, self.bounds.heads)).ok()?;
        let heads = Arc::clone(&self.heads);
        heads.acquire_many_owned(bytes).await.ok()
    }

    /// A turn of a node for an envelope; none while it has as many as it may.
    pub fn enter(self: &Arc<Rooms>, node: &str) -> Option<Turn> {
        self.turn(node.to_owned(), self.bounds.node_at_once)
    }

    /// A turn of a node for a document that it posts.
    pub fn enter_document(self: &Arc<Rooms>, node: &str) -> Option<Turn> {
        // No node has a blank in its name.
        self.turn(format!("{node} documents"), limits::NODE_DOCUMENTS_AT_ONCE)
    }

    fn turn(self: &Arc<Rooms>, node: String, most: usize) -> Option<Turn> {
        let mut nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = nodes.entry(node.clone()).or_insert_with(|| Node {
            turns: 0,
            examined: Arc::new(Semaphore::new(limits::NODE_EXAMINED_AT_ONCE)),
        });
        if entry.turns >= most {
            return None;
        }
        entry.turns += 1;
        Some(Turn {
            rooms: Arc::clone(self),
            examined: Arc::clone(&entry.examined),
            node,
        })
    }

    /// Room for one envelope, empty still.
    pub fn hold(self: &Arc<Rooms>) -> Held {
        Held {
            rooms: Arc::clone(self),
            memory: 0,
            disk: 0,
        }
    }
}

/// Takes from a counter, unless that is more than there is.
fn take(counter: &AtomicU64, bytes: u64, most: u64) -> Option<u64> {
    let more = |held: u64| held.checked_add(bytes).filter(|sum| *sum <= most);
    let taken = counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    taken.ok().map(|before| before + bytes)
}

/// A node's turn.
#[derive(Debug)]
pub struct Turn {
    rooms: Arc<Rooms>,
    examined: Arc<Semaphore>,
    node: String,
}

impl Turn {
    /// Waits until fewer of the node's envelopes are examined than may be.
    pub async fn examine(&self) -> Option<SemaphorePermit<'_>> {
        self.examined.acquire().await.ok()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let nodes = &self.rooms.nodes;
        let mut nodes = nodes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(node) = nodes.get_mut(&self.node) {
            node.turns -= 1;
            if node.turns == 0 {
                nodes.remove(&self.node);
            }
        }
    }
}

/// What one envelope holds.
#[derive(Debug)]
pub struct Held {
    rooms: Arc<Rooms>,
    memory: u64,
    disk: u64,
}

impl Held {
    /// Takes memory; false where this envelope's share or the hub's is used up.
    pub fn take_memory(&mut self, bytes: usize) -> bool {
        let (bytes, bounds) = (bytes as u64, &self.rooms.bounds);
        if self.memory + bytes > bounds.envelope_memory {
            return false;
        }
        let Some(now) = take(&self.rooms.memory, bytes, bounds.memory) else {
            return false;
        };
        self.rooms.most_memory.fetch_max(now, Ordering::Relaxed);
        self.memory += bytes;
        true
    }

    /// Gives memory back.
    pub fn give_memory(&mut self, bytes: usize) {
        let bytes = (bytes as u64).min(self.memory);
        self.memory -= bytes;
        self.rooms.memory.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Takes room on the disk.
    ///
    /// # Errors
    /// There is none.
    pub fn take_disk(&mut self, bytes: usize) -> Result<(), NoRoom> {
        let (bytes, most) = (bytes as u64, self.rooms.bounds.disk);
        if self.disk + bytes > most {
            return Err(NoRoom::Ever);
        }
        take(&self.rooms.disk, bytes, most).ok_or(NoRoom::Now)?;
        self.disk += bytes;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.rooms.memory.fetch_sub(self.memory, Ordering::Relaxed);
        self.rooms.disk.fetch_sub(self.disk, Ordering::Relaxed);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step is the test's failure")]
mod tests {
    use super::*;

    fn small() -> Arc<Rooms> {
        Rooms::new(Bounds {
            memory: 100,
            envelope_memory: 60,
            disk: 50,
            node_at_once: 2,
            ..Bounds::default()
        })
    }

    #[test]
    fn memory_and_disk_are_bounded_and_come_back() {
        let rooms = small();
        let (mut one, mut two) = (rooms.hold(), rooms.hold());
        assert!(one.take_memory(60) && !one.take_memory(1), "its share");
        assert!(two.take_memory(40) && !two.take_memory(1), "the hub's");
        assert_eq!(one.take_disk(51), Err(NoRoom::Ever));
        assert_eq!(one.take_disk(45), Ok(()));
        assert!(rooms.is_nearly_full());
        assert_eq!(two.take_disk(6), Err(NoRoom::Now));
        one.give_memory(30);
        assert!(two.take_memory(20));
        assert_eq!(rooms.held(), (90, 45, 100));
        drop((one, two));
        assert_eq!(rooms.held(), (0, 0, 100));
    }

    #[test]
    fn a_node_has_its_turns_and_takes_nobody_elses() {
        let rooms = small();
        let first = rooms.enter("a/b").unwrap();
        let second = rooms.enter("a/b").unwrap();
        assert!(rooms.enter("a/b").is_none());
        let other = rooms.enter("a/c").unwrap();
        drop(first);
        let again = rooms.enter("a/b").unwrap();
        // Its documents are counted by themselves, and of its envelopes some are examined at once.
        let posted: Vec<_> = (0..9).map_while(|_| rooms.enter_document("a/b")).collect();
        assert_eq!(posted.len(), limits::NODE_DOCUMENTS_AT_ONCE);
        let permits = limits::NODE_EXAMINED_AT_ONCE;
        assert_eq!(again.examined.available_permits(), permits);
        assert!(Arc::ptr_eq(&again.examined, &second.examined));
        drop((second, other, again, posted));
        assert!(rooms.nodes.lock().unwrap().is_empty(), "nothing is kept");
    }
}
