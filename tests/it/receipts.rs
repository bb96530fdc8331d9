//! Receipts as a department gets them: one for each file of a batch with counts of its own, as JSON with
//! cause and next step, as XML of the published schema, and in words.

use super::paper::{arrival, document_of};
use super::place::everywhere;
use super::rig::Rig;
use std::process::Command;
use tongcha_schema::element::ElementId;
use tongcha_schema::receipt::Verdict;

const NODE: &str = "431321/gtj";

#[tokio::test(flavor = "multi_thread")]
async fn each_file_of_a_batch_is_told_its_own_counts_in_three_forms() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        let one =
            |case: &str, content: &str| arrival(NODE, case, ElementId::CaseBase, (1, 1), content);
        let first = [one("r-1", "a"), one("r-2", "a")];
        rig.drop_file(NODE, "first.xml", document_of(&first).as_bytes());
        rig.exhaust(NODE).await;
        rig.settle().await;
        rig.expect(&first);
        // One envelope: a file of new records, one of a duplicate and a conflict, one that is broken.
        let new = [one("r-3", "a"), one("r-4", "a")];
        let known = [one("r-1", "a"), one("r-2", "b"), one("r-5", "a")];
        let cut = document_of(&new);
        rig.drop_file(NODE, "known.xml", document_of(&known).as_bytes());
        rig.drop_file(NODE, "new.xml", document_of(&new).as_bytes());
        rig.drop_file(NODE, "z-cut.xml", &cut.as_bytes()[..cut.len() / 2]);
        rig.exhaust(NODE).await;
        rig.expect(&known);
        rig.expect(&new);
        let unread = super::model::Arrival {
            element: "unknown",
            sound: false,
            ..one("", "a")
        };
        rig.expect(&[unread]);
        rig.settle().await;

        let told = |name: &str| {
            let (side, receipt) = rig.receipt(NODE, name);
            let c = receipt.counts;
            (
                side,
                [c.received, c.stored, c.rejected, c.duplicate, c.pending],
            )
        };
        // What the store refused afterwards is told as loudly as what the gate refuses.
        assert_eq!(told("known.xml"), ("bad", [3, 1, 1, 1, 0]));
        let (_, known) = rig.receipt(NODE, "known.xml");
        assert_eq!(known.verdict, Verdict::Partly);
        let all = "select verdict from envelope order by received_ms desc, id desc limit 1";
        assert_eq!(
            super::rig::rows(rig.county(), all).await[0].text(0),
            "partly"
        );
        assert_eq!(told("new.xml"), ("done", [2, 2, 0, 0, 0]));
        assert_eq!(told("z-cut.xml"), ("bad", [1, 0, 1, 0, 0]));

        let bad = rig.exchange(NODE).join("bad");
        let json = std::fs::read_to_string(bad.join("z-cut.xml.receipt.json")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let finding = &json["findings"][0];
        for (key, language) in [
            ("title", "zh"),
            ("cause", "zh"),
            ("next", "zh"),
            ("cause", "en"),
            ("next", "en"),
        ] {
            let text = finding[key][language].as_str().unwrap();
            assert!(!text.is_empty() && !text.contains('{'), "{key}: {finding}");
        }
        let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/receipt.xsd");
        let done = rig.exchange(NODE).join("done");
        let checked = Command::new("xmllint")
            .args(["--noout", "--nonet", "--schema", schema])
            .arg(bad.join("z-cut.xml.receipt.xml"))
            .arg(bad.join("known.xml.receipt.xml"))
            .arg(done.join("new.xml.receipt.xml"))
            .output()
            .expect("xmllint (libxml2-utils)");
        assert!(
            checked.status.success(),
            "{}",
            String::from_utf8_lossy(&checked.stderr)
        );
        let words = std::fs::read_to_string(bad.join("known.xml.回执.txt")).unwrap();
        assert!(
            words.contains("收到3条，入库1条，待入库0条，重复1条，拒绝1条"),
            "{words}"
        );
        let left = std::fs::read_dir(&done)
            .unwrap()
            .map(|e| e.unwrap().file_name());
        let left = left.filter(|n| n.to_string_lossy().contains("known"));
        assert_eq!(left.count(), 0, "nothing of it stays on the good side");
        rig.end().await;
    })
    .await;
}

/// What only the front-end machine can know stands in the receipts as well: an archive that it did not open,
/// sheets that it left out.
#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_tells_what_the_machine_left_out() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        let book = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/steps.xlsx");
        rig.drop_file(NODE, "steps.xlsx", &std::fs::read(book).unwrap());
        rig.drop_file(NODE, "torn.zip", b"PK\x03\x04 and no more");
        rig.exhaust(NODE).await;
        for completed in [false, true] {
            if completed {
                rig.settle().await;
            }
            let (side, receipt) = rig.receipt(NODE, "steps.xlsx");
            assert_eq!((side, receipt.completed_at.is_some()), ("done", completed));
            let left_out: Vec<_> = receipt
                .findings
                .iter()
                .map(|f| (f.code.to_string(), f.place.file.as_str()))
                .collect();
            let named = |sheet: &str| ("X122".to_owned(), format!("steps.xlsx/{sheet}.csv"));
            let expected = ["字典", "填表说明"].map(named);
            let found: Vec<_> = left_out
                .iter()
                .map(|(c, f)| (c.clone(), (*f).to_owned()))
                .collect();
            assert_eq!(found, expected);
            assert!(receipt.findings[0].cause_zh().contains("隐藏"));
            let (side, receipt) = rig.receipt(NODE, "torn.zip");
            let codes: Vec<_> = receipt
                .findings
                .iter()
                .map(|f| f.code.to_string())
                .collect();
            assert_eq!((side, codes.len()), ("bad", 2), "{codes:?}");
            assert!(codes.contains(&"X111".to_owned()), "{codes:?}");
        }
        let words = rig.exchange(NODE).join("done/steps.xlsx.回执.txt");
        let words = std::fs::read_to_string(words).unwrap();
        assert!(words.contains("工作表未读取：工作表是隐藏的"), "{words}");
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}
