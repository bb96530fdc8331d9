//! Tables as text through admission: encodings, delimiters, quotes, rows of another length, keys that
//! tell rows apart, and the limit of a row.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

#[path = "tables/groups.rs"]
mod groups;
#[path = "tables/json.rs"]
mod json;
#[path = "tables/markup.rs"]
mod markup;
#[path = "tables/spreadsheets.rs"]
mod spreadsheets;

use std::collections::BTreeMap;
use std::io::{self, Read};
use time::macros::datetime;
use tongcha_decode::admit::{ItemContext, ItemOutcome, admit_item};
use tongcha_decode::dialect::Registry;
use tongcha_schema::check::CheckedCase;
use tongcha_schema::finding::Finding;
use tongcha_schema::receipt::Verdict;

const DIALECT: &str = r#"
name = "steps"
version = "1"
title_zh = "环节表"
title_en = "table of steps"
kind = "csv"
space = "source"
[recognise]
columns = ["办件编号", "环节", "时间"]
[case]
case_no = "办件编号"
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
fields = ["step_no", "step_code", "handler", "handler_no", "unit_code", "unit_name", "result", "opinion"]
reason = "the table has three columns"
"#;

struct Admitted {
    outcome: ItemOutcome,
    cases: Vec<CheckedCase>,
}

impl Admitted {
    fn findings(&self) -> Vec<&Finding> {
        let of_cases = self.cases.iter().flat_map(|c| {
            let rejected = c.rejected.iter().flat_map(|r| &r.findings);
            c.findings.iter().chain(rejected)
        });
        self.outcome.findings.iter().chain(of_cases).collect()
    }

    fn codes(&self) -> Vec<String> {
        let mut codes: Vec<String> = self
            .findings()
            .iter()
            .map(|f| format!("{}:{}", f.code, f.place.line))
            .collect();
        codes.sort();
        codes
    }

    /// Step names of the stored records by case, in order.
    fn steps(&self) -> BTreeMap<String, Vec<String>> {
        let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for case in &self.cases {
            for record in &case.records {
                let at = record.element.spec().field_index("step_name").unwrap();
                let text = record.values[at].as_ref().unwrap().canonical();
                out.entry(case.case_no.clone()).or_default().push(text);
            }
        }
        out
    }
}

fn admit(bytes: &[u8]) -> Admitted {
    let registry = Registry::with([("steps.toml", DIALECT)]).unwrap();
    admit_as(&registry, "auto", bytes)
}

fn admit_as(registry: &Registry, dialect: &str, bytes: &[u8]) -> Admitted {
    let ctx = ItemContext {
        source: "431321/steps",
        target: "431321/hub",
        envelope: "431321/steps@1.1",
        item: 0,
        name: "steps.csv",
        dialect,
        received_at: datetime!(2026-02-01 00:00 UTC),
        forwards: false,
    };
    let mut open =
        || -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(io::Cursor::new(bytes.to_vec()))) };
    let mut cases = Vec::new();
    let outcome = admit_item(registry, &ctx, &mut open, &mut |case| cases.push(case)).unwrap();
    assert!(outcome.total().balances(), "{:?}", outcome.counts);
    Admitted { outcome, cases }
}

const TABLE: &str = "办件编号,环节,时间\n\
    A-1,\"承办, 初审\",2026-01-05 09:30:00\n\
    A-2,审核,2026-1-6 9:05:00\n\
    A-1,\"批准\"\"复核\"\"\",20260107T100000\n";

fn whole(admitted: &Admitted) {
    assert_eq!(
        admitted.outcome.verdict,
        Verdict::Accepted,
        "{:?}",
        admitted.codes()
    );
    assert_eq!(admitted.outcome.dialect, "steps");
    assert_eq!(admitted.codes(), Vec::<String>::new());
    let steps = admitted.steps();
    assert_eq!(steps["A-1"], ["承办, 初审", "批准\"复核\""]);
    assert_eq!(steps["A-2"], ["审核"]);
}

#[test]
fn every_encoding_and_line_end_gives_the_same_rows() {
    whole(&admit(TABLE.as_bytes()));
    whole(&admit(TABLE.replace('\n', "\r\n").as_bytes()));
    whole(&admit(TABLE.trim_end().as_bytes()));
    whole(&admit(format!("\u{feff}{TABLE}").as_bytes()));
    whole(&admit(&encoding_rs::GB18030.encode(TABLE).0));
    let mut utf16: Vec<u8> = vec![0xFF, 0xFE];
    utf16.extend(TABLE.encode_utf16().flat_map(u16::to_le_bytes));
    whole(&admit(&utf16));
}

#[test]
fn the_header_tells_the_delimiter() {
    for delimiter in [";", "\t", "|"] {
        let other = TABLE.replace("初审", "初审;|").replace(',', delimiter);
        let inner = format!("承办{delimiter} 初审;|");
        let got = admit(other.as_bytes());
        assert_eq!(got.outcome.verdict, Verdict::Accepted, "{:?}", got.codes());
        assert_eq!(got.steps()["A-1"][0], inner);
    }
}

#[test]
fn columns_are_found_by_name_whatever_their_order_and_case() {
    let registry = Registry::with([("steps.toml", &*DIALECT.replace("时间", "Time"))]).unwrap();
    let got = admit_as(
        &registry,
        "auto",
        "备注,TIME ,环节,办件编号\n,2026-01-05 09:30:00,承办,A-1\n".as_bytes(),
    );
    assert_eq!(got.outcome.verdict, Verdict::Accepted, "{:?}", got.codes());
    assert_eq!(got.steps()["A-1"], ["承办"]);
}

#[test]
fn a_row_of_another_length_is_one_rejected_record_and_the_rest_goes_on() {
    let text = TABLE.replace("A-2,审核,", "A-2,审核,,");
    let got = admit(text.as_bytes());
    assert_eq!(got.codes(), ["X324:3"]);
    assert_eq!(got.outcome.verdict, Verdict::Partly);
    assert_eq!(got.outcome.counts["unknown"].rejected, 1);
    assert_eq!(got.outcome.counts["process"].pending, 2);
    let all = TABLE.replace("00\n", "00,\n");
    let got = admit(all.as_bytes());
    assert_eq!(
        got.outcome.verdict,
        Verdict::Refused,
        "no row fits the header"
    );
    assert_eq!(got.outcome.counts["unknown"].rejected, 3);
}

#[test]
fn a_faulty_row_names_line_and_field() {
    let got = admit(
        TABLE
            .replace("2026-1-6 9:05:00", "2026-02-30 09:05:00")
            .as_bytes(),
    );
    assert_eq!(got.outcome.verdict, Verdict::Partly);
    let findings = got.findings();
    assert_eq!(findings.len(), 1, "{:?}", got.codes());
    assert_eq!((findings[0].place.line, findings[0].place.column), (3, 3));
    assert_eq!(findings[0].place.field, "start_time");
    let crlf = TABLE
        .replace("2026-1-6 9:05:00", "2026-02-30 09:05:00")
        .replace('\n', "\r\n");
    let got = admit(crlf.as_bytes());
    assert_eq!(got.findings()[0].place.line, 3, "lines end in two signs");
}

#[test]
fn empty_lines_count_as_lines_and_as_nothing_else() {
    let table = TABLE.replace("2026-1-6 9:05:00", "2026-02-30 09:05:00");
    let spaced = format!("\n\n{}", table.replace("A-2,", "\nA-2,"));
    for (text, line) in [(spaced.clone(), 6), (spaced.replace('\n', "\r\n"), 6)] {
        let got = admit(text.as_bytes());
        assert_eq!(got.findings()[0].place.line, line, "{text:?}");
        assert_eq!(got.cases.len(), 3);
    }
    let last = "办件编号,环节,时间\nA-1,承办,2026-02-30";
    let found = admit(last.as_bytes()).findings()[0].place.line;
    assert_eq!(found, 2, "a last line without an end");
}

#[test]
fn what_cannot_be_read_is_refused_whole() {
    let open = TABLE.replace("\"批准\"\"复核\"\"\"", "\"批准");
    let got = admit(open.as_bytes());
    assert_eq!(got.codes(), ["X213:4"]);
    assert!(got.cases.is_empty() && got.outcome.refused);

    let mut bytes = TABLE.as_bytes().to_vec();
    bytes.extend(b"A-3,\xff\xff,20260107T100000\n");
    let got = admit(&bytes);
    assert_eq!(got.codes(), ["X234:5", "X234:5", "X326:5"]);
    assert_eq!(got.steps().len(), 2, "the other rows go on");
    let shown = &got.findings()[0].args;
    assert!(
        format!("{shown:?}").contains(&(TABLE.len() + 4).to_string()),
        "{shown:?}"
    );
}

#[test]
fn a_row_over_the_limit_is_refused() {
    let long = format!("{TABLE}A-3,{},20260107\n", "长".repeat(3 << 20));
    assert_eq!(admit(long.as_bytes()).codes(), ["X224:5"]);
}

#[test]
fn a_table_that_nobody_knows_and_one_without_rows() {
    let got = admit(b"a,b,c\n1,2,3\n");
    assert_eq!(got.outcome.verdict, Verdict::Refused);
    let got = admit("办件编号,环节,时间\n".as_bytes());
    assert_eq!(got.codes(), ["X317:1"]);
}

#[test]
fn rows_under_one_key_are_told_apart_across_the_file_and_equal_rows_are_not() {
    let table = "办件编号,环节,时间,备注\n\
        A-1,承办,2026-01-05 09:30:00,甲\n\
        A-2,承办,2026-01-05 09:30:00,甲\n\
        A-1,承办,2026-01-05 09:30:00,乙\n\
        A-1,承办,2026-01-05 09:30:00,甲\n";
    let got = admit(table.as_bytes());
    assert_eq!(
        got.codes(),
        ["X315:4", "X330:0"],
        "only the differing row is told apart"
    );
    let seqs: Vec<(String, i64)> = got
        .cases
        .iter()
        .map(|c| (c.case_no.clone(), c.records[0].seq))
        .collect();
    assert_eq!(seqs[0].1, seqs[1].1, "the key alone numbers, in every case");
    assert_ne!(seqs[0].1, seqs[2].1, "another row, another number");
    assert_eq!(seqs[0].1, seqs[3].1, "the same row again: a duplicate");
    let again = admit(table.as_bytes());
    let same = again
        .cases
        .iter()
        .zip(&seqs)
        .all(|(c, s)| c.records[0].seq == s.1);
    assert!(same, "the same file, the same numbers");
}

/// Codes of departments on the work list by their finding code, each with its rows.
fn organs_at_work(outcome: &ItemOutcome) -> BTreeMap<u16, BTreeMap<String, u64>> {
    let mut out: BTreeMap<u16, BTreeMap<String, u64>> = BTreeMap::new();
    for (line, count) in outcome.work.iter().filter(|(w, _)| w.field == "dept_code") {
        let codes = out.entry(line.code.number()).or_default();
        codes.insert(line.value.clone(), *count);
    }
    out
}

#[test]
fn a_list_of_items_stands_outside_any_case() {
    let golden = include_str!("../dialects/golden/csv-items.csv");
    let unmapped = golden.replace(",8,", ",6,");
    let got = admit_as(Registry::shipped(), "auto", unmapped.as_bytes());
    assert_eq!(got.outcome.dialect, "csv-items");
    assert_eq!(got.codes(), ["X406:5"], "type 6 has no counterpart yet");
    let records: Vec<_> = got.cases.iter().flat_map(|c| &c.records).collect();
    assert_eq!(records.len(), 3);
    assert!(records.iter().all(|r| r.is_outside() && r.seq > 0));
    let work = organs_at_work(&got.outcome);
    let legacy = BTreeMap::from([("00698857-4".to_owned(), 1)]);
    let foreign = BTreeMap::from([("4148481895459659776".to_owned(), 2)]);
    assert_eq!(work, BTreeMap::from([(416, foreign), (419, legacy)]));
    let unmapped = got.outcome.work.keys().find(|w| w.code.number() == 406);
    assert_eq!(unmapped.map(|w| &*w.value), Some("6"));
}

#[test]
fn a_real_list_of_items_gives_its_known_figures() {
    let beside = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TONGCHA_SHARED").map_or(beside, Into::into);
    let file = shared.join("data/cn/approval_items_guangan.csv");
    let Ok(bytes) = std::fs::read(&file) else {
        println!("the shared folder is absent");
        return;
    };
    let got = admit_as(Registry::shipped(), "auto", &bytes);
    assert_eq!(got.outcome.verdict, Verdict::Accepted);
    let records = got.cases.iter().flat_map(|c| &c.records);
    let seqs: std::collections::BTreeSet<i64> = records.clone().map(|r| r.seq).collect();
    assert_eq!((records.count(), seqs.len()), (1_135, 1_135));
    let work = organs_at_work(&got.outcome);
    let legacy = &work[&419];
    let plain = legacy.keys().filter(|code| !code.contains('-')).count();
    assert_eq!((legacy.len(), plain), (15, 8), "{legacy:?}");
    let others: usize = work
        .iter()
        .filter(|(c, _)| **c != 419)
        .map(|(_, v)| v.len())
        .sum();
    assert_eq!(others, 39 - 10 - 15, "{work:?}");
}

/// A dBase table: name, type, width and decimals of each field, then its rows as bytes.
fn dbf(language: u8, fields: &[(&str, u8, u8)], rows: &[Vec<&[u8]>]) -> Vec<u8> {
    let head = u16::try_from(33 + 32 * fields.len()).unwrap();
    let width: u16 = 1 + fields.iter().map(|f| u16::from(f.2)).sum::<u16>();
    let mut out = vec![0x03, 126, 1, 5];
    out.extend(u32::try_from(rows.len()).unwrap().to_le_bytes());
    out.extend(head.to_le_bytes());
    out.extend(width.to_le_bytes());
    out.resize(29, 0);
    out.extend([language, 0, 0]);
    for (name, kind, width) in fields {
        let mut field = name.as_bytes().to_vec();
        field.resize(11, 0);
        field.push(*kind);
        field.resize(16, 0);
        field.push(*width);
        field.resize(32, 0);
        out.extend(field);
    }
    out.push(b'\r');
    for row in rows {
        out.push(b' ');
        for (text, (_, _, width)) in row.iter().zip(fields) {
            let mut text = text.to_vec();
            text.resize(usize::from(*width), b' ');
            out.extend(text);
        }
    }
    out.push(0x1A);
    out
}

const STEP_FIELDS: [(&str, u8, u8); 9] = [
    ("SBLSH", b'C', 30),
    ("SPHJDM", b'C', 2),
    ("SPHJMC", b'C', 10),
    ("SPBMMC", b'C', 20),
    ("SPBMZZJDMD", b'C', 9),
    ("SPRXM", b'C', 10),
    ("SPYJ", b'C', 7),
    ("SPSJ", b'C', 20),
    ("VERSION", b'N', 3),
];

fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

/// Two steps as Guangdong's EX_GDBS_SPCL, in an encoding.
fn steps(encode: fn(&str) -> Vec<u8>, language: u8) -> Vec<u8> {
    let texts: Vec<Vec<u8>> = ["审核", "双峰县水利局", "王某", "同意", "批准", "陈某"]
        .map(encode)
        .to_vec();
    let row = |code: &'static [u8], name: usize, person: usize, time: &'static [u8]| {
        let number: &[u8] = b"XK000000100900001512601050001";
        vec![
            number,
            code,
            &texts[name],
            &texts[1],
            b"009000015",
            &texts[person],
            &texts[3],
            time,
            b"  1",
        ]
    };
    let rows = [
        row(b"2", 0, 2, b"2026-1-6 14:10:10"),
        row(b"3", 4, 5, b"20260107T090000"),
    ];
    dbf(language, &STEP_FIELDS, &rows)
}

/// Field texts of all records, in order.
fn texts_of(admitted: &Admitted) -> Vec<Vec<String>> {
    let records = admitted.cases.iter().flat_map(|c| &c.records);
    records
        .map(|r| r.values.iter().flatten().map(|v| v.canonical()).collect())
        .collect()
}

#[test]
fn a_dbase_table_reads_like_the_same_table_as_text() {
    let header: Vec<&str> = STEP_FIELDS.iter().map(|f| f.0).collect();
    let csv = format!(
        "{}\nXK000000100900001512601050001,2,审核,双峰县水利局,009000015,王某,同意,2026-1-6 14:10:10,1\n\
         XK000000100900001512601050001,3,批准,双峰县水利局,009000015,陈某,同意,20260107T090000,1\n",
        header.join(",")
    );
    let wanted = admit_as(Registry::shipped(), "auto", csv.as_bytes());
    assert_eq!(wanted.outcome.dialect, "guangdong-csv");
    assert_eq!(texts_of(&wanted).len(), 2);
    let utf8: fn(&str) -> Vec<u8> = |text| text.as_bytes().to_vec();
    for (what, bytes) in [
        ("GBK by its language byte", steps(gbk, 0x7A)),
        ("GBK by its bytes", steps(gbk, 0)),
        ("UTF-8", steps(utf8, 0)),
    ] {
        let got = admit_as(Registry::shipped(), "auto", &bytes);
        assert_eq!(got.outcome.dialect, "guangdong-csv", "{what}");
        assert_eq!(texts_of(&got), texts_of(&wanted), "{what}");
        assert_eq!(got.codes().len(), wanted.codes().len(), "{what}");
        let seqs =
            |a: &Admitted| -> Vec<i64> { a.cases.iter().map(|c| c.records[0].seq).collect() };
        assert_eq!(seqs(&got), seqs(&wanted), "{what}");
    }
}

#[test]
fn a_dbase_table_that_contradicts_its_head_is_refused_whole() {
    let good = steps(gbk, 0x7A);
    let refused = |bytes: &[u8]| {
        let got = admit_as(Registry::shipped(), "guangdong-csv", bytes);
        assert!(got.cases.is_empty());
        let codes = got.outcome.findings.iter().map(|f| f.code.to_string());
        codes.collect::<Vec<_>>()
    };
    assert_eq!(refused(&good[..good.len() - 30]), ["X213"], "cut in a row");
    assert_eq!(refused(&good[..100]), ["X213"], "cut in its head");
    let mut fewer = good.clone();
    fewer[4] = 1;
    assert_eq!(refused(&fewer), ["X226"], "more rows than it says");
    let mut foreign = good.clone();
    let text = foreign.windows(4).position(|w| w == gbk("审核")).unwrap();
    foreign[text..text + 2].copy_from_slice(&[0xFF, 0xFF]);
    let got = admit_as(Registry::shipped(), "guangdong-csv", &foreign);
    let codes = got.codes();
    assert!(
        codes.contains(&"X234:1".to_owned()) && codes.contains(&"X326:1".to_owned()),
        "{codes:?}"
    );
    assert_eq!(texts_of(&got).len(), 1, "the other row goes on");
    let utf8: fn(&str) -> Vec<u8> = |text| text.as_bytes().to_vec();
    assert_eq!(
        refused(&steps(utf8, 0x7A)),
        ["X232"],
        "UTF-8 under code page 936"
    );
}

#[test]
fn deleted_rows_cut_characters_and_memos_of_a_dbase_table() {
    let mut bytes = steps(gbk, 0x7A);
    let head = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let width = usize::from(u16::from_le_bytes([bytes[10], bytes[11]]));
    bytes[head] = b'*';
    let got = admit_as(Registry::shipped(), "auto", &bytes);
    assert_eq!(texts_of(&got).len(), 1, "a deleted row is none");
    // Seven bytes hold three characters and a half.
    let at = head + width + 1 + 30 + 2 + 10 + 20 + 9 + 10;
    bytes[at..at + 7].copy_from_slice(&gbk("经审查同意")[..7]);
    let got = admit_as(Registry::shipped(), "auto", &bytes);
    assert!(
        texts_of(&got)[0].contains(&"经审查".to_owned()),
        "{:?}",
        texts_of(&got)
    );
    assert!(
        got.codes().contains(&"X327:2".to_owned()),
        "{:?}",
        got.codes()
    );
    assert!(
        got.cases[0].records[0].marks.contains(&327),
        "the record is marked"
    );
    // The same field as a memo: it stands in another file.
    let kind = 32 + 32 * 6 + 11;
    bytes[kind] = b'M';
    let got = admit_as(Registry::shipped(), "auto", &bytes);
    assert!(
        got.codes().contains(&"X325:2".to_owned()),
        "{:?}",
        got.codes()
    );
}
