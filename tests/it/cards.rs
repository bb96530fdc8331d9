//! Cards: each once only, at the right instant of the story's clock, by days of the source's zone.

use super::paper::{case, document, record};
use super::place::everywhere;
use super::rig::{Rig, number, rows};
use std::sync::Arc;
use time::OffsetDateTime;
use time::macros::datetime;
use tongcha_decode::dialect::Registry;
use tongcha_hub::exchange::{BusKind, Hub, Options};
use tongcha_hub::lease::{LEASE_MS, lease};
use tongcha_hub::push::Intake;
use tongcha_hub::watch;
use tongcha_schema::clock::{CHINA, Clock, ManualClock};
use tongcha_schema::element::ElementId::{Acceptance, CaseBase, Conclusion};
use tongcha_schema::seal::Sealed;
use tongcha_supervision::{Calendar, Profile};

const NODE: &str = "431321/dept";
const T02: &str = "select count(*) from card where rule = 'T-02'";

/// A case accepted on 5 January with the promise 19 January, concluded at that time or open.
fn promised(number: &str, zone: &str, done: Option<&str>) -> (usize, String) {
    let apply = format!("2026-01-05T09:00:00{zone}");
    let accept = format!("2026-01-05T10:00:00{zone}");
    let mut text = record(CaseBase, "seq=\"1\"", &[("ApplyTime", &apply)]);
    text += &record(Acceptance, "seq=\"1\"", &[("AcceptTime", &accept)]);
    if let Some(done) = done {
        let done = format!("{done}{zone}");
        text += &record(Conclusion, "seq=\"1\"", &[("DoneTime", &done)]);
    }
    (2 + usize::from(done.is_some()), case(number, &text))
}

async fn drop_cases(rig: &mut Rig, file: &str, cases: &[(usize, String)]) {
    let count = cases.iter().map(|c| c.0).sum();
    let text: String = cases.iter().map(|c| c.1.as_str()).collect();
    rig.drop_file(NODE, file, document(count, &text).as_bytes());
    rig.exhaust(NODE).await;
    rig.world().county.hub.drain().await.unwrap();
}

/// A second hub process on the county's store.
async fn beside(rig: &Rig) -> Hub {
    let options = Options {
        name: rig.county().name.clone(),
        database: rig.place.database("county", &rig.folder().join("county")),
        bus: BusKind::Memory,
        partitions: rig.county().bus.partitions(),
        profile: Profile::shipped("huating").unwrap(),
        calendar: Calendar::cn().unwrap(),
        zone: CHINA,
        spool: rig.folder().join("beside"),
        forwards: true,
        issues_cards: true,
        sealed: Sealed::new([1; 32]),
        registry: Arc::new(Registry::with([]).unwrap()),
        intake: Intake::default(),
        reception: None,
    };
    let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&rig.clock);
    Hub::start(options, clock).await.unwrap()
}

const BEFORE: OffsetDateTime = datetime!(2026-01-19 23:59:59 +8);
const OVERDUE: OffsetDateTime = datetime!(2026-01-20 00:00 +8);

#[tokio::test(flavor = "multi_thread")]
async fn a_card_comes_at_its_instant_and_once_only() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.clock.set(datetime!(2026-01-12 09:00 +8));
        rig.machine(NODE).await;
        drop_cases(&mut rig, "open.xml", &[promised("OPEN-1", "+08:00", None)]).await;
        watch::look(rig.county()).await.unwrap();
        assert_eq!(number(rig.county(), T02).await, 0);
        // The hub looks when it said it would; the last look before the card is one second early.
        rig.clock.set(BEFORE);
        watch::look(rig.county()).await.unwrap();
        assert_eq!(number(rig.county(), T02).await, 0, "still in time");
        assert_eq!(watch::next_look(rig.county()).await.unwrap(), Some(OVERDUE));
        rig.clock.set(OVERDUE);
        watch::look(rig.county()).await.unwrap();
        assert_eq!(number(rig.county(), T02).await, 1, "overdue");
        let all = "select count(*) from card";
        let notices = "select count(*) from notice";
        let (cards, told) = (
            number(rig.county(), all).await,
            number(rig.county(), notices).await,
        );
        watch::look(rig.county()).await.unwrap();
        rig.restart().await;
        watch::look(rig.county()).await.unwrap();
        // New facts of the same case, another look.
        let step = record(
            tongcha_schema::element::ElementId::Process,
            "seq=\"1\"",
            &[],
        );
        let step = (1, case("OPEN-1", &step));
        drop_cases(&mut rig, "step.xml", &[step]).await;
        watch::look(rig.county()).await.unwrap();
        assert_eq!(number(rig.county(), T02).await, 1, "once");
        assert_eq!(
            number(rig.county(), all).await,
            cards,
            "no other card either"
        );
        assert_eq!(number(rig.county(), notices).await, told, "told once");
        assert_eq!(
            number(rig.province(), all).await,
            0,
            "the owner issues, not the hub above"
        );
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hubs_on_one_store_issue_each_card_once() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        let cases: Vec<_> = (0..60)
            .map(|n| promised(&format!("BOTH-{n}"), "+08:00", None))
            .collect();
        drop_cases(&mut rig, "both.xml", &cases).await;
        let other = beside(&rig).await;
        let (first, second) = tokio::join!(watch::look(rig.county()), watch::look(&other.core));
        first.unwrap();
        second.unwrap();
        assert_eq!(number(rig.county(), T02).await, 60);
        let twice =
            "select count(*) from (select card from notice group by card having count(*) > 1) as t";
        assert_eq!(number(rig.county(), twice).await, 0);
        // Of two holders one has the lease, until it lets it run out.
        let (a, b) = (rig.county(), &other.core);
        assert!(lease(a, "look", "a").await.unwrap());
        assert!(!lease(b, "look", "b").await.unwrap());
        assert!(lease(a, "look", "a").await.unwrap(), "the holder keeps it");
        rig.clock.advance(time::Duration::milliseconds(LEASE_MS));
        assert!(
            lease(b, "look", "b").await.unwrap(),
            "the other one takes over"
        );
        assert!(!lease(a, "look", "a").await.unwrap());
        other.stop().await;
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}

/// An element that is due and does not come is no finding of the gate: the case says what it misses,
/// and a card asks for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_missing_element_is_seen_by_the_case() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        let case = promised("MISSING-1", "+08:00", Some("2026-01-06T16:00:00"));
        drop_cases(&mut rig, "missing.xml", &[case]).await;
        // It came late: the next file may bring what it misses, until the day of grace is over.
        watch::look(rig.county()).await.unwrap();
        let faults = "select count(*) from card where rule = 'D-01'";
        assert_eq!(number(rig.county(), faults).await, 0, "a day of grace");
        rig.clock.set(datetime!(2026-01-22 00:00 +8));
        watch::look(rig.county()).await.unwrap();
        let text = "select occurrence from card where rule = 'D-01' and case_no = 'MISSING-1'";
        let missing = rows(rig.county(), text).await;
        assert!(
            !missing.is_empty(),
            "no D-01 card for what a concluded case misses"
        );
        let incomplete = "select count(*) from cases where incomplete = 1";
        assert_eq!(number(rig.county(), incomplete).await, 1);
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_days_of_the_sources_zone() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        let cases = [
            promised("EAST-2330", "+08:00", Some("2026-01-19T23:30:00")),
            promised("EAST-0030", "+08:00", Some("2026-01-20T00:30:00")),
            promised("WEST-2330", "+01:00", Some("2026-01-19T23:30:00")),
            promised("WEST-0030", "+01:00", Some("2026-01-20T00:30:00")),
        ];
        drop_cases(&mut rig, "zones.xml", &cases).await;
        watch::look(rig.county()).await.unwrap();
        let late = rows(
            rig.county(),
            "select case_no, late from cases order by case_no",
        )
        .await;
        let late: Vec<_> = late.iter().map(|r| (r.text(0), r.int(1))).collect();
        assert_eq!(
            late,
            [
                ("EAST-0030", 1),
                ("EAST-2330", 0),
                ("WEST-0030", 1),
                ("WEST-2330", 0)
            ]
        );
        let carded = rows(
            rig.county(),
            "select case_no from card where rule = 'T-02' order by 1",
        )
        .await;
        let carded: Vec<_> = carded.iter().map(|r| r.text(0)).collect();
        assert_eq!(carded, ["EAST-0030", "WEST-0030"]);
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}
