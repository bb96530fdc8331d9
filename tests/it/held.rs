//! Cases that are held: nobody is blamed for a record that we refused, or by a calendar that nobody has
//! published. And cards that a rule no longer carries, and scores that belong to their owner.

use super::paper::{case, document, record};
use super::place::everywhere;
use super::rig::{Rig, number, rows};
use std::sync::Arc;
use time::macros::datetime;
use tongcha_decode::dialect::Registry;
use tongcha_hub::exchange::{BusKind, Hub, Options};
use tongcha_hub::push::Intake;
use tongcha_hub::{score, watch};
use tongcha_schema::clock::{CHINA, Clock, ManualClock};
use tongcha_schema::element::ElementId::{self, Acceptance, CaseBase, Conclusion, Process};
use tongcha_schema::seal::Sealed;
use tongcha_supervision::calendar::YearFile;
use tongcha_supervision::{Calendar, Profile};

const NODE: &str = "431321/dept";
const CARDS: &str = "select count(*) from card where state = 'open'";

/// A file of one case.
async fn drop_case(rig: &mut Rig, file: &str, no: &str, records: &[(ElementId, &[(&str, &str)])]) {
    let texts: Vec<String> = records
        .iter()
        .map(|(element, fields)| record(*element, "seq=\"1\"", fields))
        .collect();
    let text = document(records.len(), &case(no, &texts.concat()));
    rig.drop_file(NODE, file, text.as_bytes());
    rig.exhaust(NODE).await;
    rig.world().county.hub.drain().await.unwrap();
}

async fn looked(rig: &Rig) -> (u64, Vec<String>) {
    watch::look(rig.county()).await.unwrap();
    let held = rows(rig.county(), "select case_no, held from cases order by 1").await;
    let held = held.iter().map(|r| format!("{} {}", r.text(0), r.text(1)));
    (number(rig.county(), CARDS).await, held.collect())
}

/// A second hub process on the county's store, with other rules or another calendar.
async fn beside(rig: &Rig, profile: Profile, calendar: Calendar) -> Hub {
    let options = Options {
        name: rig.county().name.clone(),
        database: rig.place.database("county", &rig.folder().join("county")),
        bus: BusKind::Memory,
        partitions: 2,
        profile,
        calendar,
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

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_record_becomes_no_card() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.clock.set(datetime!(2026-01-19 15:00 +8));
        rig.machine(NODE).await;
        let begun: [(ElementId, &[(&str, &str)]); 3] =
            [(CaseBase, &[]), (Acceptance, &[]), (Process, &[])];
        drop_case(&mut rig, "begun.xml", "HELD-1", &begun).await;
        assert_eq!(looked(&rig).await.0, 0, "nothing yet");
        // The conclusion came in time, without the reason that a refusal must give.
        let faulty = [("Result", "20"), ("DoneTime", "2026-01-19T14:00:00+08:00")];
        drop_case(&mut rig, "faulty.xml", "HELD-1", &[(Conclusion, &faulty)]).await;
        assert_eq!(looked(&rig).await.1, ["HELD-1 refused"], "told at once");
        rig.clock.set(datetime!(2026-01-30 10:00 +8));
        let (cards, held) = looked(&rig).await;
        assert_eq!((cards, held), (0, vec!["HELD-1 refused".to_owned()]));
        let overdue = "select count(*) from cases where overdue = 1";
        assert_eq!(number(rig.county(), overdue).await, 0);
        // Another hub process, started again, holds it still.
        rig.restart().await;
        assert_eq!(looked(&rig).await.1, ["HELD-1 refused"]);
        let right = [
            ("Result", "20"),
            ("DoneTime", "2026-01-19T14:00:00+08:00"),
            ("Reason", "取水点位于保护区内"),
        ];
        drop_case(&mut rig, "right.xml", "HELD-1", &[(Conclusion, &right)]).await;
        let (_, held) = looked(&rig).await;
        assert_eq!(held, ["HELD-1 "]);
        let late = "select count(*) from card where rule in ('T-02', 'T-03', 'T-04')";
        assert_eq!(number(rig.county(), late).await, 0, "judged on its own day");
        assert_eq!(
            number(rig.county(), "select count(*) from refusal").await,
            0
        );
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_holds_a_case_until_its_source_says_which_record_is_right() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        let first = [("DoneTime", "2026-01-20T09:00:00+08:00")];
        let other = [("DoneTime", "2026-01-19T09:00:00+08:00")];
        drop_case(
            &mut rig,
            "base.xml",
            "HELD-2",
            &[(CaseBase, &[]), (Acceptance, &[])],
        )
        .await;
        drop_case(&mut rig, "first.xml", "HELD-2", &[(Conclusion, &first)]).await;
        drop_case(&mut rig, "other.xml", "HELD-2", &[(Conclusion, &other)]).await;
        // What came first was late, and is a card; from the conflict on nothing more is issued.
        let (cards, held) = looked(&rig).await;
        assert_eq!((cards, held), (1, vec!["HELD-2 refused".to_owned()]));
        // It sends the stored one again: that was the right one, and it is late.
        rig.clock.advance(time::Duration::minutes(5));
        drop_case(&mut rig, "again.xml", "HELD-2", &[(Conclusion, &first)]).await;
        let (_, held) = looked(&rig).await;
        assert_eq!(held, ["HELD-2 "]);
        let late = "select count(*) from card where rule = 'T-02' and state = 'open'";
        assert_eq!(number(rig.county(), late).await, 1);
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_calendar_nothing_is_red_and_its_year_ends_that() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.clock.set(datetime!(2027-02-20 10:00 +8));
        rig.machine(NODE).await;
        let accepted = [
            ("AcceptTime", "2026-12-21T10:00:00+08:00"),
            ("PromiseDate", "2027-01-05"),
        ];
        let begun: [(ElementId, &[(&str, &str)]); 2] =
            [(ElementId::Item, &[]), (Acceptance, &accepted)];
        drop_case(&mut rig, "begun.xml", "YEAR-1", &begun).await;
        let (cards, held) = looked(&rig).await;
        assert_eq!((cards, held), (0, vec!["YEAR-1 calendar".to_owned()]));
        let missing = tongcha_hub::calendars::missing_here(rig.county()).await;
        assert_eq!(missing.unwrap().get(&2027), Some(&1));
        let day = |date: &str| format!(r#"{{"name":"节","date":"{date}","isOffDay":true}}"#);
        let days = ["2027-01-01", "2027-10-01"].map(day).join(",");
        let text = format!(r#"{{"year":2027,"papers":[],"days":[{days}]}}"#);
        let year = YearFile::read(&text).unwrap().unwrap();
        let calendar = Calendar::cn().unwrap().with_year(&year);
        let version = calendar.version();
        let huating = Profile::shipped("huating").unwrap();
        let with_year = beside(&rig, huating, calendar).await;
        watch::look(&with_year.core).await.unwrap();
        let cards = rows(rig.county(), "select body from card where rule = 'T-02'").await;
        assert_eq!(cards.len(), 1);
        assert!(cards[0].text(0).contains(&version), "{}", cards[0].text(0));
        let held = "select count(*) from cases where held <> ''";
        assert_eq!(number(rig.county(), held).await, 0);
        with_year.stop().await;
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cards_of_a_rule_that_is_switched_off_are_closed() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.clock.set(datetime!(2026-01-20 10:00 +8));
        rig.machine(NODE).await;
        let begun: [(ElementId, &[(&str, &str)]); 2] = [(CaseBase, &[]), (Acceptance, &[])];
        drop_case(&mut rig, "begun.xml", "OFF-1", &begun).await;
        watch::look(rig.county()).await.unwrap();
        let state = "select state, body from card where rule = 'T-02'";
        assert_eq!(rows(rig.county(), state).await[0].text(0), "open");
        let head = "name = \"local\"\nedition = 1\nextends = \"huating\"\n";
        let off = Profile::parse(&format!("{head}[rules.T-02]\nenabled = false\n")).unwrap();
        let without = beside(&rig, off, Calendar::cn().unwrap()).await;
        watch::look(&without.core).await.unwrap();
        let card = rows(rig.county(), state).await;
        assert_eq!(card[0].text(0), "lifted");
        assert!(card[0].text(1).contains("rule_off"), "{}", card[0].text(1));
        without.stop().await;
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_score_is_its_owners_and_computed_only_where_something_changed() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        let late = [("DoneTime", "2026-01-20T09:00:00+08:00")];
        let whole: [(ElementId, &[(&str, &str)]); 4] = [
            (CaseBase, &[]),
            (Acceptance, &[]),
            (Process, &[]),
            (Conclusion, &late),
        ];
        drop_case(&mut rig, "whole.xml", "SCORE-1", &whole).await;
        rig.world().settle().await.unwrap();
        for core in [rig.county(), rig.province()] {
            watch::look(core).await.unwrap();
        }
        assert_eq!(score::compute(rig.county()).await.unwrap(), 1);
        assert_eq!(
            score::compute(rig.county()).await.unwrap(),
            0,
            "nothing changed"
        );
        assert_eq!(score::compute(rig.province()).await.unwrap(), 0);
        let scores = "select count(*) from score";
        assert_eq!(number(rig.province(), scores).await, 0, "the owner's alone");
        let found = rows(rig.county(), "select body from score").await;
        let parts: serde_json::Value = serde_json::from_str(found[0].text(0)).unwrap();
        let unmeasured: Vec<&str> = parts["parts"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|p| p["measured"] == false)
            .map(|p| p["id"].as_str().unwrap())
            .collect();
        let nobody = ["openness", "satisfaction", "attitude", "integrity"];
        assert_eq!(unmeasured, nobody);
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}
