//! Answers on their way to whoever asked: by correlation identifier. An answer that nobody waits for yet is
//! held for a while; a broken line ends all waiting. Refuses to wait itself.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use time::{Duration, OffsetDateTime};
use tokio::sync::oneshot;

/// Answers held for nobody: those of a process that died; each can be had again.
const HELD: usize = 64;
/// How long an envelope that the broker confirmed is not published again.
const RESEND_AFTER: Duration = Duration::minutes(15);

/// What the hub answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// As the status of HTTP.
    pub status: u16,
    /// The hub's wish, when to come back.
    pub wish: Option<Duration>,
    /// A receipt as JSON, or nothing.
    pub body: Vec<u8>,
}

#[derive(Default)]
struct Inner {
    waiting: HashMap<String, oneshot::Sender<Reply>>,
    held: VecDeque<(String, Reply)>,
    /// What the broker has confirmed and nobody has answered, and since when.
    out: HashMap<String, OffsetDateTime>,
}

/// The answers of one node.
#[derive(Default)]
pub(super) struct Replies(Mutex<Inner>);

impl Replies {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for an answer from now on; it may be there already.
    pub fn expect(&self, correlation: &str) -> oneshot::Receiver<Reply> {
        let (sender, receiver) = oneshot::channel();
        let mut inner = self.inner();
        match inner.held.iter().position(|(key, _)| key == correlation) {
            Some(at) => {
                if let Some((_, answer)) = inner.held.remove(at) {
                    // Its receiver is below.
                    let _ = sender.send(answer);
                }
            }
            None => {
                inner.waiting.insert(correlation.to_owned(), sender);
            }
        }
        receiver
    }

    /// Throws a held answer away.
    pub fn discard(&self, correlation: &str) {
        self.inner().held.retain(|(key, _)| key != correlation);
    }

    /// Hands an answer to whoever waits for it.
    pub fn put(&self, correlation: String, answer: Reply) {
        let mut inner = self.inner();
        let left = match inner.waiting.remove(&correlation) {
            Some(waits) => waits.send(answer).err(),
            None => Some(answer),
        };
        if let Some(answer) = left {
            inner.held.push_back((correlation, answer));
            if inner.held.len() > HELD {
                inner.held.pop_front();
            }
        }
    }

    /// The line broke: nobody waits any more.
    pub fn broke(&self) {
        self.inner().waiting.clear();
    }

    /// The broker has all of it.
    pub fn went_out(&self, correlation: &str, now: OffsetDateTime) {
        self.inner().out.insert(correlation.to_owned(), now);
    }

    /// Whether the broker has it, as far as is known.
    pub fn is_out(&self, correlation: &str, now: OffsetDateTime) -> bool {
        let inner = self.inner();
        let since = inner.out.get(correlation);
        since.is_some_and(|since| now - *since < RESEND_AFTER)
    }

    /// It was answered, or has to go again.
    pub fn forget(&self, correlation: &str) {
        self.inner().out.remove(correlation);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn answer(status: u16) -> Reply {
        Reply {
            status,
            wish: None,
            body: Vec::new(),
        }
    }

    #[test]
    fn an_answer_finds_who_asked_before_or_after() {
        let answers = Replies::default();
        let mut early = answers.expect("a");
        answers.put("a".to_owned(), answer(200));
        assert_eq!(early.try_recv().unwrap().status, 200);
        for n in 0..=HELD {
            answers.put(format!("late {n}"), answer(201));
        }
        assert!(
            answers.expect("late 0").try_recv().is_err(),
            "the oldest went"
        );
        assert_eq!(answers.expect("late 1").try_recv().unwrap().status, 201);
        answers.discard("late 2");
        assert!(answers.expect("late 2").try_recv().is_err(), "thrown away");
        let mut broken = answers.expect("b");
        answers.broke();
        assert!(matches!(
            broken.try_recv(),
            Err(oneshot::error::TryRecvError::Closed)
        ));
    }

    #[test]
    fn what_the_broker_has_goes_again_only_later() {
        let answers = Replies::default();
        let now = datetime!(2026-01-05 08:00 +8);
        answers.went_out("a", now);
        assert!(answers.is_out("a", now + Duration::minutes(14)));
        assert!(!answers.is_out("a", now + Duration::minutes(15)) && !answers.is_out("b", now));
        answers.forget("a");
        assert!(!answers.is_out("a", now));
    }
}
