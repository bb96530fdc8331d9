//! Time-outs of silence, not of work: an upload goes on as long as the line takes its pieces, and its answer is
//! waited for as long as the hub is there. Refuses to know the protocol.

use crate::uplink::SendFault;
use axum::body::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Pieces in which a body goes out: small, so that a slow line is seen to move.
const PIECE_BYTES: usize = 16 << 10;

/// How long the other side may say nothing. Work has no limit: an upload may last for days, and an examination for
/// hours, as long as something moves or the hub answers when it is asked.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Longest silence: of a line that takes no byte, of an answer that was begun, of a hub that is asked whether
    /// it is there.
    pub silence: std::time::Duration,
    /// Longest wait for the answer to an upload that has ended, of a hub that is there. What is between may have
    /// lost the question.
    pub answer: std::time::Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            silence: std::time::Duration::from_secs(120),
            answer: std::time::Duration::from_secs(6 * 3_600),
        }
    }
}

/// How far an upload has come: pieces that the line took, and whether it was all.
#[derive(Default)]
pub(crate) struct Progress {
    pieces: AtomicU64,
    ended: AtomicBool,
}

impl Progress {
    /// Pieces that the line took.
    pub fn pieces(&self) -> u64 {
        self.pieces.load(Ordering::Relaxed)
    }

    /// Whether it took all.
    pub fn ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }
}

/// The stream in small pieces, counted as the line takes them.
pub(crate) fn counted<E: Send + 'static>(
    body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    progress: Arc<Progress>,
) -> impl Stream<Item = Result<Bytes, E>> + Send + 'static {
    let end = Arc::clone(&progress);
    let small = body.flat_map(|piece| {
        let pieces: Vec<Result<Bytes, E>> = match piece {
            Err(fault) => vec![Err(fault)],
            Ok(bytes) => {
                let starts = (0..bytes.len()).step_by(PIECE_BYTES);
                let cut = |at| bytes.slice(at..bytes.len().min(at + PIECE_BYTES));
                starts.map(|at| Ok(cut(at))).collect()
            }
        };
        stream::iter(pieces)
    });
    let counted = small.inspect(move |_| {
        progress.pieces.fetch_add(1, Ordering::Relaxed);
    });
    counted.chain(stream::poll_fn(move |_| {
        end.ended.store(true, Ordering::Relaxed);
        std::task::Poll::Ready(None)
    }))
}

/// The fault of a silence.
pub(crate) fn silent(what: &str, waited: std::time::Duration) -> SendFault {
    SendFault::Line {
        why: format!("{what} for {} seconds", waited.as_secs_f64()),
        wish: None,
    }
}
