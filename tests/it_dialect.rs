//! `tongcha dialect` from the outside: the shipped dialects read their samples; a technician's own one
//! is written, tested, and shown where it differs.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn tongcha(folder: &Path, args: &[&str]) -> (i32, String) {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_tongcha"))
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), text)
}

const OWN: &str = r#"
name = "mine"
version = "1"
title_zh = "我县审批表"
title_en = "our tables"
kind = ["csv", "row"]
space = "source"
[recognise]
columns = ["编号", "环节", "时间"]
[case]
case_no = "编号"
version = "arrival"
[[record]]
element = "process"
seq = ["环节", "时间"]
[record.fields]
step_name = "环节"
start_time = "时间"
state = { const = "1" }
[[absent]]
element = "process"
fields = ["step_no", "step_code", "handler", "handler_no", "unit_code", "unit_name"]
reason = "the table has three columns"
"#;

#[test]
fn the_shipped_dialects_are_listed_and_read_their_samples() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (code, list) = tongcha(here, &["dialect", "list"]);
    assert_eq!(code, 0, "{list}");
    for name in ["guangdong\trow", "guangdong-xml\txml", "shandong-csv\tcsv"] {
        assert!(list.contains(name), "{name}\n{list}");
    }
    let (code, told) = tongcha(here, &["dialect", "test"]);
    assert_eq!(code, 0, "{told}");
    assert!(told.lines().all(|l| l.starts_with("相同 agrees")), "{told}");
    assert_eq!(told.lines().count(), list.lines().count());
    // The same files, tested as a technician tests his own.
    let file = "adapters/decode/dialects/guangdong.toml";
    let (code, told) = tongcha(here, &["dialect", "test", file]);
    assert_eq!(code, 0, "{told}");
    assert_eq!(told.matches("相同 agrees").count(), 3, "{told}");
    assert_eq!(told.matches("admission: accepted").count(), 3, "{told}");
}

#[test]
fn an_own_dialect_is_written_tested_and_shown_where_it_differs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let test = |args: &[&str]| tongcha(folder, &[&["dialect", "test"], args].concat());
    fs::write(folder.join("mine.toml"), OWN).unwrap();
    let (code, told) = test(&["mine.toml"]);
    assert!(code == 1 && told.contains("no sample"), "{told}");

    let table = "编号,环节,时间\nA-1,受理,2026-01-05 09:00:00\nA-1,审核,someday\n";
    // 编号,环节 … in GBK, as such systems export.
    let gbk = |c: char| match c {
        '编' => b"\xB1\xE0".to_vec(),
        '号' => b"\xBA\xC5".to_vec(),
        '环' => b"\xBB\xB7".to_vec(),
        '节' => b"\xBD\xDA".to_vec(),
        '时' => b"\xCA\xB1".to_vec(),
        '间' => b"\xBC\xE4".to_vec(),
        '受' => b"\xCA\xDC".to_vec(),
        '理' => b"\xC0\xED".to_vec(),
        '审' => b"\xC9\xF3".to_vec(),
        '核' => b"\xBA\xCB".to_vec(),
        ascii => vec![u8::try_from(ascii).unwrap()],
    };
    let bytes: Vec<u8> = table.chars().flat_map(gbk).collect();
    fs::write(folder.join("mine.csv"), bytes).unwrap();
    let (code, told) = test(&["mine.toml"]);
    assert!(code == 1 && told.contains("--write"), "{told}");
    let (code, told) = test(&["mine.toml", "--write"]);
    assert!(code == 0 && told.contains("已写出 written"), "{told}");
    // What the hub would say of the sample is told too.
    assert!(
        told.contains("admission: partly") && told.contains("X407 start_time"),
        "{told}"
    );
    let (code, told) = test(&["mine.toml"]);
    assert!(code == 0 && told.contains("records 2"), "{told}");

    let expected = fs::read_to_string(folder.join("mine.txt")).unwrap();
    assert!(expected.contains("step_name = 受理"), "{expected}");
    fs::write(folder.join("mine.txt"), expected.replace("受理", "收件")).unwrap();
    let (code, told) = test(&["mine.toml"]);
    assert_eq!(code, 1);
    assert!(told.contains("不同 differs"), "{told}");
    let line =
        |sign: char, text: &str| told.contains(&format!("{sign}     step_name = {text} @2:2"));
    assert!(line('-', "收件") && line('+', "受理"), "{told}");
    assert!(!told.contains("审核"), "only what differs\n{told}");

    // A sample and an expected text that lie elsewhere, read by the kind that recognises it.
    let row = r#"{"编号":"A-2","环节":"批准","时间":"2026-01-06 09:00:00"}"#;
    fs::write(folder.join("export.json"), row).unwrap();
    let args = [
        "mine.toml",
        "--sample",
        "export.json",
        "--expected",
        "out.text",
    ];
    let (code, told) = test(&[&args[..], &["--write"]].concat());
    assert!(code == 0 && told.contains("mine-row"), "{told}");
    assert_eq!(test(&args).0, 0);

    fs::write(
        folder.join("mine.toml"),
        OWN.replace("step_name", "step_nam"),
    )
    .unwrap();
    let (code, told) = test(&["mine.toml"]);
    assert!(
        code == 1 && told.contains("did you mean `step_name`?"),
        "{told}"
    );
    assert_eq!(test(&["--sample", "export.json"]).0, 64);
    let (code, help) = test(&["--help"]);
    assert!(code == 0 && help.contains("golden/"), "{help}");
}

#[test]
fn a_draft_reads_its_own_sample_and_says_how_sure_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let table = "办件编号;受理时间;受理单位代码;受理单位名称;受理人员;打印次数\n\
        A-0001;2026-01-05 09:00:00;11431321009000015L;水利局;李某;1\n\
        A-0002;2026-01-06 09:00:00;11431321009000015L;水利局;赵某;2\n";
    fs::write(folder.join("export.csv"), table).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tongcha"))
        .args(["dialect", "suggest", "export.csv", "--name", "ours"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let draft = String::from_utf8(output.stdout).unwrap();
    for line in [
        "case_no = \"办件编号\"",
        "accept_time = \"受理时间\"",
        "accept_org = \"受理单位代码\"",
    ] {
        assert!(draft.contains(line), "{line}\n{draft}");
    }
    let said = |line: &&str| line.contains(" %") && line.contains("  # ");
    let figures: std::collections::BTreeSet<&str> = draft
        .lines()
        .filter(said)
        .filter_map(|l| l.split("  # ").nth(1))
        .collect();
    assert!(figures.len() > 2, "no constant\n{draft}");
    assert!(
        draft.contains("#   打印次数"),
        "what is not used is told\n{draft}"
    );
    fs::write(folder.join("ours.toml"), draft).unwrap();
    let args = ["dialect", "test", "ours.toml", "--sample", "export.csv"];
    let (code, told) = tongcha(folder, &[&args[..], &["--write"]].concat());
    // What the sample does not show is asked for until somebody declares it absent.
    assert!(code == 0 && told.contains("admission: "), "{told}");
    assert_eq!(tongcha(folder, &args).0, 0);
    let draft = fs::read_to_string(folder.join("ours.toml")).unwrap();
    let marked = draft.contains("# [[absent]]") && !draft.contains("\n[[absent]]");
    assert!(marked, "absences are comments\n{draft}");
    fs::write(folder.join("empty.txt"), "no table").unwrap();
    assert_eq!(tongcha(folder, &["dialect", "suggest", "empty.txt"]).0, 1);
    let bad = ["dialect", "suggest", "export.csv", "--name", "No Name"];
    assert_eq!(tongcha(folder, &bad).0, 64);
}

#[test]
fn a_file_is_checked_by_the_offices_own_dialects() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let dialects = here.join("dialects");
    fs::create_dir(&dialects).unwrap();
    let own = OWN.replace("\"unit_name\"]", "\"unit_name\", \"result\", \"opinion\"]");
    fs::write(dialects.join("mine.toml"), &own).unwrap();
    fs::write(
        here.join("a.csv"),
        "编号,环节,时间\nA-1,承办,2026-01-05 09:30:00\n",
    )
    .unwrap();
    let (code, told) = tongcha(here, &["check", "a.csv"]);
    assert_eq!(code, 1, "the shipped dialects do not know it: {told}");
    let (code, told) = tongcha(here, &["check", "--dialects", "dialects", "a.csv"]);
    assert_eq!(code, 0, "{told}");
    let (code, told) = tongcha(
        here,
        &[
            "check",
            "--dialects",
            "dialects",
            "--dialect",
            "mine",
            "a.csv",
        ],
    );
    assert_eq!(code, 0, "{told}");
    // Mistakes of the folder are told before a file is read.
    fs::write(dialects.join("other.toml"), "name = \"Other\"\n").unwrap();
    let (code, told) = tongcha(here, &["check", "--dialects", "dialects", "a.csv"]);
    assert!(code == 64 && told.contains("other.toml"), "{code}: {told}");
    let (code, _) = tongcha(here, &["check", "--dialects", "nowhere", "a.csv"]);
    assert_eq!(code, 64);
}
