//! Whether libxml2 agrees: its `xmllint --schema` accepts every good sample, refuses the bad ones that
//! a schema can refuse, and accepts the others. Refuses to pass where `xmllint` is missing.

#![expect(clippy::expect_used, reason = "tests")]

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;
use tongcha_schema::check::{Context, NoWaivers, check_case};
use tongcha_schema::clock::CHINA;
use tongcha_schema::code;
use tongcha_schema::element::ElementId;
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::receipt::{Counts, ItemReceipt, Receipt, RowReceipt, Verdict, to_json, to_xml};
use tongcha_schema::sample::{RECEIVED_AT, Sample, samples};
use tongcha_schema::xml::{NativeCase, NativeRecord, read_native, write_native};
use tongcha_schema::xsd::xsd;

/// Samples handed to one `xmllint`: command lines have a limit.
const BATCH: usize = 400;

/// The verdict for each sample, by its name.
fn verdicts(folder: &Path, all: &[Sample]) -> BTreeMap<String, bool> {
    let schema = folder.join("tongcha.xsd");
    std::fs::write(&schema, xsd()).expect("a writable folder");
    let mut verdicts = BTreeMap::new();
    for batch in all.chunks(BATCH) {
        let mut command = Command::new("xmllint");
        command
            .current_dir(folder)
            .args(["--noout", "--nonet", "--schema", "tongcha.xsd"]);
        for sample in batch {
            let file = format!("{}.xml", sample.name);
            std::fs::write(folder.join(&file), &sample.xml).expect("a writable folder");
            command.arg(file);
        }
        let output = command
            .output()
            .expect("xmllint runs (package libxml2-utils; hint: apt-get install libxml2-utils)");
        for line in String::from_utf8_lossy(&output.stderr).lines() {
            if let Some(file) = line.strip_suffix(".xml validates") {
                verdicts.insert(file.to_owned(), true);
            } else if let Some(file) = line.strip_suffix(".xml fails to validate") {
                verdicts.insert(file.to_owned(), false);
            }
        }
    }
    verdicts
}

/// The complete case as a hub forwards it: read, checked and written again.
fn forwarded() -> Sample {
    let whole = samples().swap_remove(0);
    let ctx = Context {
        source: "431321/zwzx",
        space: "cn",
        file: "whole_case.xml",
        envelope: "431321/zwzx@1.1",
        item: 0,
        received_at: RECEIVED_AT,
        offset: CHINA,
        waive: &NoWaivers,
    };
    let mut records = Vec::new();
    let head = read_native(&mut whole.xml.as_bytes(), ctx.file, &mut |case| {
        records.extend(check_case(case, 1, &ctx).records);
        ControlFlow::Continue(())
    });
    assert_eq!(records.len(), 15, "14 elements, one of them twice");
    let digest = "5f".repeat(32);
    let native = records.iter().map(|record| NativeRecord {
        record,
        raw_digest: Some(&digest),
    });
    let xml = write_native(&head, &NativeCase::forwarded(native)).expect("nothing is sealed");
    Sample {
        name: "forwarded_case".to_owned(),
        xml,
        ..whole
    }
}

/// A receipt with everything in it, some of which XML cannot hold.
fn full_receipt() -> Receipt {
    let place = Place {
        file: "a&b\u{1}.xml".to_owned(),
        line: 3,
        case_no: "<1>".to_owned(),
        element: Some(ElementId::CaseBase),
        field: "apply_time".to_owned(),
        ..Place::default()
    };
    let finding = Finding::new(code::field::REQUIRED, place).with_value("\"\u{FFFF}\"", false);
    let counts = Counts {
        received: 2,
        rejected: 1,
        pending: 1,
        ..Counts::default()
    };
    Receipt {
        v: 1,
        number: "R1".to_owned(),
        envelope: "431321/gtj@1.1".to_owned(),
        hub: "431321/hub".to_owned(),
        received_at: "2026-01-05T09:00:00.000+08:00".to_owned(),
        completed_at: Some("2026-01-05T09:00:01.000+08:00".to_owned()),
        verdict: Verdict::Partly,
        repeated: true,
        counts,
        elements: BTreeMap::from([("case_base".to_owned(), counts)]),
        items: vec![ItemReceipt {
            name: "a.xml".to_owned(),
            verdict: Verdict::Partly,
            dialect: "native".to_owned(),
            received: 2,
            rejected: 1,
            duplicate: 0,
            rows: vec![RowReceipt {
                name: "t/7".to_owned(),
                line: 3,
                verdict: Verdict::Refused,
                rejected: 1,
            }],
        }],
        findings: vec![finding],
        unlisted: BTreeMap::from([("X401".to_owned(), 7)]),
    }
}

#[test]
fn a_receipt_as_xml_is_of_its_schema_and_as_json_reads_back() {
    let receipt = full_receipt();
    let folder = std::env::temp_dir().join(format!("tongcha-receipt-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a writable folder");
    std::fs::write(folder.join("r.xml"), to_xml(&receipt)).expect("a writable folder");
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/receipt.xsd");
    let output = Command::new("xmllint")
        .current_dir(&folder)
        .args(["--noout", "--nonet", "--schema", schema, "r.xml"])
        .output()
        .expect("xmllint runs (package libxml2-utils)");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    std::fs::remove_dir_all(&folder).expect("own folder");
    let back: Receipt = serde_json::from_slice(&to_json(&receipt)).expect("a receipt");
    assert_eq!(back, receipt);
}

#[test]
fn xmllint_accepts_good_samples_and_refuses_what_a_schema_can() {
    let mut all = samples();
    all.push(forwarded());
    let folder = std::env::temp_dir().join(format!("tongcha-xmllint-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a writable folder for temporary files");
    let verdicts = verdicts(&folder, &all);
    let _ = std::fs::remove_dir_all(&folder);
    let (mut wrong, mut refused) = (Vec::new(), 0);
    for sample in &all {
        let accepted = verdicts.get(&sample.name).copied();
        if accepted != Some(!sample.schema_refuses) {
            wrong.push(format!("{}: accepted {accepted:?}", sample.name));
        }
        refused += usize::from(sample.schema_refuses);
    }
    assert!(
        wrong.is_empty(),
        "{} of {} samples:\n{}",
        wrong.len(),
        all.len(),
        wrong.join("\n")
    );
    assert!(
        refused > 300,
        "only {refused} samples that a schema refuses"
    );
}
