//! `GET /live`: what just happened, as server-sent events. It names kinds, never facts: the page asks
//! again for what it shows. Refuses more listeners than there are seats.

use crate::shell::AppState;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event as Sse, KeepAlive};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};
use tongcha_hub::feed::Event;

/// Events within this time of the first go out as one: a bulk load tells thousands.
const TOGETHER: Duration = Duration::from_millis(200);

/// The stream of one listener.
pub(crate) async fn live(State(state): State<Arc<AppState>>) -> Response {
    let Ok(seat) = Arc::clone(&state.listeners).try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let events = stream::unfold(
        (state.core.feed.listen(), seat),
        |(mut events, seat)| async {
            let kinds = next_kinds(&mut events).await?;
            let text = kinds.into_iter().collect::<Vec<_>>().join(" ");
            Some((
                Ok::<_, Infallible>(Sse::default().data(text)),
                (events, seat),
            ))
        },
    );
    answer(events)
}

fn answer(events: impl Stream<Item = Result<Sse, Infallible>> + Send + 'static) -> Response {
    axum::response::sse::Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response()
}

/// The kinds of the next events, gathered for [`TOGETHER`]; none when the feed has ended.
async fn next_kinds(events: &mut Receiver<Event>) -> Option<BTreeSet<&'static str>> {
    let mut kinds = BTreeSet::new();
    take(events.recv().await, &mut kinds)?;
    let until = Instant::now() + TOGETHER;
    while let Ok(event) = timeout_at(until, events.recv()).await {
        if take(event, &mut kinds).is_none() {
            break;
        }
    }
    Some(kinds)
}

fn take(event: Result<Event, RecvError>, kinds: &mut BTreeSet<&'static str>) -> Option<()> {
    match event {
        Ok(Event::Envelope { .. }) => kinds.extend(["envelope"]),
        Ok(Event::TurnedAway { .. }) => kinds.extend(["away"]),
        Ok(Event::Ingested { .. }) => kinds.extend(["ingested"]),
        Ok(Event::Cards { .. }) => kinds.extend(["cards"]),
        // A slow listener missed some: everything may have changed.
        Err(RecvError::Lagged(_)) => kinds.extend(["envelope", "away", "ingested", "cards"]),
        Err(RecvError::Closed) => return None,
    }
    Some(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step is the test's failure")]
mod tests {
    use super::*;
    use tongcha_hub::feed::Feed;

    #[tokio::test]
    async fn many_events_go_out_as_one_and_the_end_ends() {
        let feed = Feed::default();
        let mut events = feed.listen();
        for records in 0..1000 {
            feed.tell(Event::Ingested { records });
        }
        feed.tell(Event::Cards { cards: 1 });
        let kinds = next_kinds(&mut events).await.unwrap();
        assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["cards", "ingested"]);
        drop(feed);
        assert_eq!(next_kinds(&mut events).await, None);
    }

    #[tokio::test]
    async fn who_missed_some_asks_for_everything() {
        let feed = Feed::default();
        let mut events = feed.listen();
        for records in 0..5000 {
            feed.tell(Event::Ingested { records });
        }
        assert_eq!(next_kinds(&mut events).await.unwrap().len(), 4);
    }
}
