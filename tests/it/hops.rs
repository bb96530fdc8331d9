//! One record through all twelve hops: each opens its span, none is skipped.

use super::paper::{case, document, record};
use super::place::everywhere;
use super::rig::Rig;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use tongcha::world::{Place, drop_in};
use tongcha_admin::Token;
use tongcha_hub::watch;
use tongcha_schema::element::ElementId::{Acceptance, CaseBase, Conclusion};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

const NODE: &str = "431321/hops";
const HOPS: [&str; 12] = [
    "drop",
    "poll",
    "pack",
    "send",
    "admit",
    "receipt",
    "pass",
    "ingest",
    "judge",
    "reconcile",
    "tell",
    "show",
];

/// Spans by their number: name and fields as text.
type Seen = Arc<Mutex<BTreeMap<u64, (&'static str, String)>>>;

/// Notes every span.
struct Notes(Seen);

struct Fields<'a>(&'a mut String);

impl tracing::field::Visit for Fields<'_> {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        self.0.push_str(&format!("{}={value:?} ", field.name()));
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Notes {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        let mut text = String::new();
        attributes.record(&mut Fields(&mut text));
        let mut seen = self.0.lock().unwrap();
        // The registry gives a number again when its span is closed: keep both.
        let number = seen.len() as u64 * 1_000_000 + id.into_u64() % 1_000_000;
        seen.insert(number, (attributes.metadata().name(), text));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut seen = self.0.lock().unwrap();
        let own = seen
            .iter_mut()
            .rev()
            .find(|(n, _)| *n % 1_000_000 == id.into_u64() % 1_000_000);
        if let Some((_, (_, text))) = own {
            values.record(&mut Fields(text));
        }
    }
}

/// The story on one thread, so that its spans are seen by it alone.
fn noted(place: Place) -> Vec<(&'static str, String)> {
    let seen = Seen::default();
    let notes = Notes(Arc::clone(&seen));
    let subscriber = tracing_subscriber::registry().with(notes);
    // With a single subscriber tracing asks only the thread that meets a span first, which may be
    // another test's; with two it asks both.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    tracing::subscriber::with_default(subscriber, || runtime.block_on(one_file(place)));
    let seen = seen.lock().unwrap();
    seen.values().cloned().collect()
}

async fn one_file(place: Place) {
    let token = Token::new(&[5; 32]);
    let key = token.text().to_owned();
    let mut rig = Rig::start_with_pages(place, token).await;
    rig.machine(NODE).await;
    // Concluded a day after the promise: one yellow card.
    let late = [("DoneTime", "2026-01-20T09:00:00+08:00")];
    let text = [
        record(CaseBase, "seq=\"1\"", &[]),
        record(Acceptance, "seq=\"1\"", &[]),
        record(Conclusion, "seq=\"1\"", &late),
    ]
    .concat();
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("hops.xml");
    std::fs::write(&file, document(3, &case("HOPS-1", &text))).unwrap();
    drop_in(&file, &rig.exchange(NODE)).unwrap();
    rig.exhaust(NODE).await;
    rig.world().county.hub.drain().await.unwrap();
    let report = watch::look(rig.county()).await.unwrap();
    assert_eq!(report.cases, 0, "ingest has judged it: {report:?}");
    let url = rig.world().county.url();
    let page = Entered::at(&url, &key)
        .await
        .page("/case?space=cn&no=HOPS-1")
        .await;
    assert!(page.contains("HOPS-1") && page.contains("T-02"), "{page}");
    rig.world.take().unwrap().stop().await.unwrap();
}

/// Somebody who has changed the one-time token into a session.
pub struct Entered {
    client: reqwest::Client,
    cookie: String,
    url: String,
}

impl Entered {
    pub async fn at(url: &str, token: &str) -> Entered {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let entered = client.get(format!("{url}/login?token={token}"));
        let entered = entered.send().await.unwrap();
        let cookie = entered.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let url = url.to_owned();
        Entered {
            client,
            cookie,
            url,
        }
    }

    /// A page.
    pub async fn page(&self, path: &str) -> String {
        let page = self.client.get(format!("{}{path}", self.url));
        let page = page.header("cookie", &self.cookie).send();
        page.await.unwrap().text().await.unwrap()
    }
}

#[tokio::test]
async fn one_record_passes_all_twelve_hops() {
    everywhere(|place| async move {
        let spans = std::thread::spawn(|| noted(place)).join().unwrap();
        let names: BTreeSet<&str> = spans.iter().map(|s| s.0).collect();
        for hop in HOPS {
            assert!(names.contains(hop), "no span {hop} among {names:?}");
        }
        // Those that know the envelope or the case name this one.
        for hop in ["pack", "send", "admit", "receipt", "pass", "ingest"] {
            let named =
                |(name, text): &(&str, String)| *name == hop && text.contains("431321/hops@");
            assert!(
                spans.iter().any(named),
                "{hop} names the envelope: {spans:?}"
            );
        }
        for hop in ["judge", "reconcile", "show"] {
            let named = |(name, text): &(&str, String)| *name == hop && text.contains("HOPS-1");
            assert!(spans.iter().any(named), "{hop} names the case: {spans:?}");
        }
        // No hop is passed twice by the one envelope.
        for hop in ["pack", "send", "admit", "receipt", "pass", "ingest"] {
            let count = spans
                .iter()
                .filter(|s| s.0 == hop && s.1.contains("431321/hops@"))
                .count();
            assert_eq!(count, 1, "{hop}");
        }
    })
    .await;
}
