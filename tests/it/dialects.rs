//! Which dialect reads a source's items at the hub: what was agreed and nothing else; and what a wrong one
//! made is taken back with a reason, the ledger balanced, the raw bytes kept.

use super::paper::{POSTER, POSTER_TOKEN, arrival, document_of};
use super::place::everywhere;
use super::posted::{post, receipt};
use super::rig::{DAY, Rig, number, rows};
use time::UtcOffset;
use time::macros::datetime;
use tongcha_hub::exchange::NodeEntry;
use tongcha_hub::take_back::{Order, TakeBackError, Wish, preview, take_back};
use tongcha_schema::element::ElementId;
use tongcha_schema::receipt::Verdict;

const NODE: &str = "431321/dept";

#[tokio::test(flavor = "multi_thread")]
async fn only_the_dialects_that_were_agreed_with_a_node_are_read() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        let mut entry = NodeEntry {
            name: POSTER.to_owned(),
            dialects: vec!["gbt39046-csv".to_owned(), "guangdong-csv".to_owned()],
            ..NodeEntry::default()
        };
        rig.world().county.hub.register(&entry).await.unwrap();
        let one = arrival(POSTER, "posted", ElementId::CaseBase, (1, 1), "a");
        let native = document_of(std::slice::from_ref(&one)).into_bytes();
        let (status, refused) = receipt(&post(&rig, POSTER_TOKEN, "k1", native.clone()).await);
        assert_eq!((status, refused.verdict), (200, Verdict::Refused));
        let told = &refused.findings[0];
        assert_eq!(told.code.to_string(), "X136");
        assert!(told.cause_zh().contains("native") && told.cause_zh().contains("guangdong-csv"));

        // What is agreed is read, and its numbers are what the dialect says they are.
        let table = "办件编号,办结时间,办理人姓名\n20260302001,2026-01-05 16:00:00,某乙\n";
        let (_, read) = receipt(&post(&rig, POSTER_TOKEN, "k2", table.into()).await);
        assert_eq!(read.items[0].dialect, "gbt39046-csv", "{:?}", read.findings);
        rig.settle().await;
        let spaces = rows(rig.county(), "select space, case_no from cases").await;
        assert_eq!(
            (spaces[0].text(0), spaces[0].text(1)),
            ("cn", "20260302001")
        );

        // Nothing agreed: any dialect is recognised, and local numbers are the source's own.
        entry.dialects.clear();
        rig.world().county.hub.register(&entry).await.unwrap();
        let (_, read) = receipt(&post(&rig, POSTER_TOKEN, "k3", native).await);
        assert_eq!(read.items[0].dialect, "native");
        let table = table.replace("001,", "002,");
        let (_, read) = receipt(&post(&rig, POSTER_TOKEN, "k4", table.into()).await);
        assert!(read.findings.iter().any(|f| f.code.to_string() == "X331"));
        rig.settle().await;
        let own =
            "select count(*) from cases where space = '431321/direct' and case_no = '20260302002'";
        assert_eq!(number(rig.county(), own).await, 1);
        rig.die();
    })
    .await;
}

/// Lines of the ledger at the county: received, stored, rejected.
async fn ledger(rig: &Rig) -> Vec<(String, String, [u64; 3])> {
    let lines =
        "select source, day, received, stored, rejected from ledger where element = 'process'";
    let all = rows(rig.county(), lines).await;
    all.iter()
        .map(|r| {
            let counts = [r.count(2), r.count(3), r.count(4)];
            (r.text(0).to_owned(), r.text(1).to_owned(), counts)
        })
        .collect()
}

async fn card(rig: &Rig, case_no: &str) {
    let text = format!(
        "insert into card (id, subject, space, case_no, organ_code, organ_name, rule, occurrence, rung, colour, state, \
         issued_ms, month, body) values ('c-{case_no}', 's', 'cn', '{case_no}', '', '', 'D-01', '', '', 'yellow', \
         'issued', 1, '2026-01', '{{\"rule\":\"D-01\",\"colour\":\"yellow\"}}')"
    );
    let mut tx = rig.county().store.begin().await.unwrap();
    tx.run_text("story", &text, Vec::new()).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_wrong_dialect_made_is_taken_back_with_its_cases_and_cards() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        let step = |case: &str, version, text: &str| {
            arrival(NODE, case, ElementId::Process, (1, version), text)
        };
        let good = [step("kept", 1, "a")];
        let wrong = [step("kept", 2, "b"), step("phantom", 1, "c")];
        for (name, arrivals) in [("good.xml", &good[..]), ("wrong.xml", &wrong[..])] {
            rig.drop_file(NODE, name, document_of(arrivals).as_bytes());
            rig.exhaust(NODE).await;
            rig.settle().await;
        }
        card(&rig, "phantom").await;
        let hold = "insert into refusal (space, case_no, element, envelope, code, at_ms) \
            values ('cn', 'phantom', 'fee', 'e', 'X401', 1)";
        let mut tx = rig.county().store.begin().await.unwrap();
        tx.run_text("story", hold, Vec::new()).await.unwrap();
        tx.commit().await.unwrap();
        let before = ledger(&rig).await;
        assert_eq!(before, [(NODE.to_owned(), DAY.to_owned(), [3, 3, 0])]);

        let wish = Wish {
            envelope: rig.receipt(NODE, "wrong.xml").1.envelope,
            ..Wish::default()
        };
        let (zone, now) = (UtcOffset::from_hms(8, 0, 0).unwrap(), datetime!(2026-01-22 09:00 +8));
        let store = rig.county().store.clone();
        let shown = preview(&store, &wish, zone, now).await.unwrap();
        assert_eq!((shown.total(), shown.envelopes), (2, 1));
        assert_eq!((shown.cases, shown.kept_cases, shown.cards), (1, 1, 1));
        assert_eq!(shown.first_cases, ["cn phantom"]);
        assert_eq!(shown.first_cards, ["D-01 yellow"]);
        assert!(shown.forwards, "the county forwards");
        assert_eq!(ledger(&rig).await, before, "a preview changes nothing");

        let order = |records, reason: &str| Order {
            who: "某丙".to_owned(),
            reason: reason.to_owned(),
            records,
        };
        let other = take_back(&store, &wish, &order(3, "错认方言"), zone, now).await;
        assert!(matches!(other, Err(TakeBackError::OtherCount { found: 2, given: 3 })));
        let silent = take_back(&store, &wish, &order(2, " "), zone, now).await;
        assert!(matches!(silent, Err(TakeBackError::NoReason)));
        let nobody = preview(&store, &Wish::default(), zone, now).await;
        assert!(matches!(nobody, Err(TakeBackError::NoWish)));
        assert_eq!(ledger(&rig).await, before, "nothing was changed");

        let done = take_back(&store, &wish, &order(2, "错认方言"), zone, now).await.unwrap();
        assert_eq!((done.number, done.total()), (1, 2));
        let holds = "select count(*) from refusal";
        assert_eq!(number(rig.county(), holds).await, 0, "what is gone is not held");
        assert_eq!(ledger(&rig).await, [(NODE.to_owned(), DAY.to_owned(), [3, 1, 2])]);
        let county = rig.county();
        let process = "select case_no, version, row_state from process_history order by 1, 2";
        let left = rows(county, process).await;
        let left: Vec<(&str, i64, &str)> =
            left.iter().map(|r| (r.text(0), r.int(1), r.text(2))).collect();
        assert_eq!(left, [("kept", 1, "live")], "the replaced version counts again");
        assert_eq!(number(county, "select count(*) from cases").await, 1);
        assert_eq!(number(county, "select count(*) from cases where facts_rev > judged_rev").await, 1);
        assert_eq!(number(county, "select count(*) from card").await, 0);
        assert_eq!(number(county, "select count(*) from take_back_card").await, 1);
        let adjusted = rows(county, "select day, element, records from adjustment").await;
        assert_eq!((adjusted[0].text(0), adjusted[0].int(2)), (DAY, 2));
        let text = format!(
            "select e.stored, e.rejected, i.rejected, (select count(*) from raw_chunk r where r.digest = i.digest) \
             from envelope e join envelope_item i on i.envelope = e.id where e.id = '{}'",
            wish.envelope
        );
        let envelope = &rows(county, &text).await[0];
        let counts = [0, 1, 2, 3].map(|at| envelope.int(at));
        assert_eq!(counts, [0, 2, 2, 1], "rejected, and the raw bytes are kept");
        let told = rows(county, "select body from finding where code = 'X332'").await;
        assert!(told.len() == 1 && told[0].text(0).contains("错认方言"));
        let again = take_back(&store, &wish, &order(2, "x"), zone, now).await;
        assert!(matches!(again, Err(TakeBackError::Nothing)));

        // What was meant comes in anew.
        rig.drop_file(NODE, "mended.xml", document_of(&[step("kept", 2, "d")]).as_bytes());
        rig.exhaust(NODE).await;
        rig.settle().await;
        assert_eq!(ledger(&rig).await[0].2, [4, 2, 2]);
        let live = "select count(*) from process_history where version = 2 and row_state = 'live'";
        assert_eq!(number(rig.county(), live).await, 1);
        rig.die();
    })
    .await;
}
