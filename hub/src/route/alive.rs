//! An answer that takes long shows life: after a while its body begins, with blanks, which JSON may have before
//! it, until the receipt follows. So neither sender nor proxy takes a long examination for a dead line. Refuses
//! to go on once its reader has gone: the work is dropped with the answer.

use super::{Shape, answered as at_once};
use crate::gate::{Answer, GateError};
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::{future::BoxFuture, stream};
use std::time::Duration;
use tokio::time::timeout;

/// After how long the first blank is sent, and how often another: well under what a proxy waits.
pub const FIRST_SIGN: Duration = Duration::from_secs(10);

type Work = BoxFuture<'static, Result<Answer, GateError>>;

/// The answer, at once where it is soon there.
pub async fn answered(mut work: Work, sign: Duration) -> Response {
    match timeout(sign, &mut work).await {
        Ok(answer) => at_once(answer, Shape::Bare),
        Err(_) => {
            let body = stream::unfold(Some(work), move |work| next(work, sign));
            let kind = [(header::CONTENT_TYPE, "application/json")];
            (kind, Body::from_stream(body)).into_response()
        }
    }
}

/// A blank while it is worked; then the receipt. What failed breaks the answer off: the sender sends again.
async fn next(
    work: Option<Work>,
    sign: Duration,
) -> Option<(Result<Bytes, GateError>, Option<Work>)> {
    let mut work = work?;
    match timeout(sign, &mut work).await {
        Err(_) => Some((Ok(Bytes::from_static(b" ")), Some(work))),
        Ok(Ok(mut answer)) => {
            if answer.status != 200 {
                // What the status cannot say any more: it is refused for good, and nothing follows.
                answer.receipt.completed_at = Some(answer.receipt.received_at.clone());
            }
            // A receipt is texts, numbers and lists: it always serialises.
            let body = serde_json::to_vec(&answer.receipt).unwrap_or_default();
            Some((Ok(body.into()), None))
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "an envelope was not admitted; the sender tries again");
            Some((Err(error), None))
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step is the test's failure")]
mod tests {
    use super::*;
    use crate::receive::DoorError;
    use std::sync::Arc;
    use tokio::sync::Notify;
    use tongcha_schema::receipt::{Receipt, Verdict};

    fn receipt() -> Receipt {
        serde_json::from_str(
            r#"{"v":1,"number":"R1","envelope":"a/b@1.1","hub":"a/h","received_at":"","verdict":"accepted",
               "repeated":false,"counts":{"received":0,"stored":0,"rejected":0,"duplicate":0,"pending":0},
               "elements":{},"items":[],"findings":[],"unlisted":{}}"#,
        )
        .unwrap()
    }

    /// Work that ends once it is told to.
    fn work(ended: &Arc<Notify>, answer: Result<Answer, GateError>) -> Work {
        let ended = Arc::clone(ended);
        Box::pin(async move {
            ended.notified().await;
            answer
        })
    }

    fn good(status: u16) -> Result<Answer, GateError> {
        let receipt = receipt();
        Ok(Answer { status, receipt })
    }

    #[tokio::test]
    async fn what_is_soon_there_has_its_status() {
        let ended = Arc::new(Notify::new());
        ended.notify_one();
        let answer = answered(work(&ended, good(422)), Duration::from_secs(60)).await;
        assert_eq!(answer.status(), 422);
        ended.notify_one();
        let busy = Err(GateError::Door(DoorError::Busy("test")));
        let answer = answered(work(&ended, busy), Duration::from_secs(60)).await;
        assert_eq!(answer.status(), 429);
    }

    #[tokio::test]
    async fn what_takes_long_shows_life_until_the_receipt_follows() {
        let ended = Arc::new(Notify::new());
        let sign = Duration::from_millis(5);
        let answer = answered(work(&ended, good(200)), sign).await;
        assert_eq!(answer.status(), 200);
        let mut body = answer.into_body().into_data_stream();
        use futures_util::StreamExt as _;
        for _ in 0..3 {
            assert_eq!(body.next().await.unwrap().unwrap(), " ");
        }
        ended.notify_one();
        let mut rest = Vec::new();
        while let Some(piece) = body.next().await {
            rest.extend_from_slice(&piece.unwrap());
        }
        let read: Receipt = serde_json::from_slice(&[b"   ", rest.as_slice()].concat()).unwrap();
        assert_eq!(read.verdict, Verdict::Accepted);
        // A refusal for good has no status then: its receipt says that nothing follows.
        let answer = answered(work(&ended, good(422)), sign).await;
        ended.notify_one();
        let whole = axum::body::to_bytes(answer.into_body(), 1_000).await;
        let read: Receipt = serde_json::from_slice(&whole.unwrap()).unwrap();
        assert!(read.completed_at.is_some());
        // What fails then breaks the answer off.
        let failed = Err(GateError::Examine("test".to_owned()));
        let answer = answered(work(&ended, failed), sign).await;
        ended.notify_one();
        let whole = axum::body::to_bytes(answer.into_body(), 1_000).await;
        assert!(whole.is_err(), "{whole:?}");
    }
}
