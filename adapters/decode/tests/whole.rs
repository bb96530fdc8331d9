//! Which dialect a document is, and that nothing of it goes unread in silence: recognised whole or not at
//! all, local numbers kept to their source, what no rule reads told once with its names.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::io::{self, Cursor, Read};
use time::macros::datetime;
use tongcha_decode::admit::{ItemContext, ItemOutcome, admit_item};
use tongcha_decode::dialect::golden::SAMPLES;
use tongcha_decode::dialect::{AUTO, Registry};
use tongcha_schema::check::CheckedCase;
use tongcha_schema::finding::Finding;

fn admit_with(
    registry: &Registry,
    dialect: &str,
    name: &str,
    bytes: &[u8],
) -> (ItemOutcome, Vec<CheckedCase>) {
    let ctx = ItemContext {
        source: "431321/window",
        target: "431321/hub",
        envelope: "431321/window@1.1",
        item: 0,
        name,
        dialect,
        received_at: datetime!(2026-04-01 00:00 UTC),
        forwards: false,
    };
    let bytes = bytes.to_vec();
    let mut open =
        || -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(Cursor::new(bytes.clone()))) };
    let mut cases = Vec::new();
    let outcome = admit_item(registry, &ctx, &mut open, &mut |case| cases.push(case)).unwrap();
    assert!(outcome.total().balances(), "{:?}", outcome.counts);
    (outcome, cases)
}

fn admit(dialect: &str, name: &str, bytes: &[u8]) -> (ItemOutcome, Vec<CheckedCase>) {
    admit_with(Registry::shipped(), dialect, name, bytes)
}

fn of_code<'f>(outcome: &'f ItemOutcome, code: &str) -> Option<&'f Finding> {
    let mut all = outcome.findings.iter();
    let found = all.find(|f| f.code.to_string() == code);
    assert!(
        all.all(|f| f.code.to_string() != code),
        "{code} is told once"
    );
    found
}

fn arg(finding: &Finding, name: &str) -> String {
    let found = finding.args.iter().find(|(n, _)| n == name);
    found.map(|(_, v)| v.to_string()).unwrap_or_default()
}

/// What X330 names, or nothing.
fn unread(outcome: &ItemOutcome) -> String {
    of_code(outcome, "X330").map_or(String::new(), |f| arg(f, "names"))
}

fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

#[test]
fn an_export_that_only_has_the_key_columns_is_told_apart_from_the_dialect() {
    let tables = [
        "窗口号,受理时刻,办件编号,申请人,办结时间,办件状态,经办\n3,2026-03-02 09:00:00,20260302001,某甲,2026-03-03 16:00:00,办结,某乙\n",
        "办件编号,事项名称,审批部门,申请人,办结时间,认领状态\n20260302001,取水许可,某局,某甲,2026-03-03 16:00:00,已认领\n",
        "办件编号,办结时间,受理时间\n20260302001,2026-03-03 16:00:00,2026-03-02 09:00:00\n",
    ];
    for table in tables {
        for bytes in [table.as_bytes().to_vec(), gbk(table)] {
            let (outcome, cases) = admit(AUTO, "concluded.csv", &bytes);
            assert!(
                outcome.refused && cases.is_empty(),
                "{table}: {}",
                outcome.dialect
            );
            let told = of_code(&outcome, "X108").unwrap();
            assert_eq!(outcome.findings.len(), 1, "no other message");
            let (zh, en) = (told.cause_zh(), told.cause_en());
            for word in ["办件编号", "办结时间", "“gbt39046-csv”", "不读取列"] {
                assert!(zh.contains(word), "{word}: {zh}");
            }
            assert!(
                en.contains("\"gbt39046-csv\", but it does not read "),
                "{en}"
            );
            assert!(told.hint_en().contains("tongcha dialect suggest"));
        }
    }
    let row =
        r#"{"办件编号":"1","办结时间":"2026-03-03 16:00:00","申请人":"某甲","认领人":"某乙"}"#;
    let (outcome, _) = admit(AUTO, "row", row.as_bytes());
    let told = of_code(&outcome, "X108").unwrap();
    assert!(
        told.cause_en().contains("\"gbt39046\", but"),
        "{}",
        told.cause_en()
    );
}

#[test]
fn rows_of_one_table_fare_alike_however_many_of_their_columns_are_empty() {
    let house = r#""id":"7","create_by":"admin","create_time":"2026-03-02 09:00:00","update_time":"2026-03-02 09:00:00","del_flag":"0""#;
    let own = r#""SBLSH":"XK000000100900001512603020001","SPHJDM":"1","SPSJ":"2026-03-02 09:30:00","VERSION":"1""#;
    let full = r#""SPHJMC":"承办","SPBMMC":"某县水利局","SPBMZZJDDM":"11431321009000015L","SPRXM":"李某","SPYJ":"同意","LSH2":"x""#;
    let empty =
        r#""SPHJMC":null,"SPBMMC":null,"SPBMZZJDDM":null,"SPRXM":null,"SPYJ":null,"LSH2":"x""#;
    for rest in [full, empty] {
        let row = format!("{{{own},{rest},{house}}}");
        let (outcome, _) = admit(AUTO, "spcl/1", row.as_bytes());
        assert_eq!(
            outcome.dialect, "guangdong",
            "{row}: {:?}",
            outcome.findings
        );
        // What weighs nothing is told all the same.
        let told = of_code(&outcome, "X330").unwrap();
        assert!(
            arg(told, "names").contains("create_by"),
            "{}",
            arg(told, "names")
        );
    }
}

#[test]
fn what_nobody_knows_gets_no_word_of_xml_and_shows_no_values() {
    let some = [
        "a,b,c\n1,2,3\n",
        r#"[{"x":1}]"#,
        "plain words of a letter\n",
        "MSH|^~\\&|LAB|X|Y\rPID|1||123",
        "xml=%3CPackage%3E",
        "--form\r\nContent-Disposition: form-data\r\n",
    ];
    for text in some {
        let (outcome, _) = admit(AUTO, "a.txt", text.as_bytes());
        let codes: Vec<String> = outcome
            .findings
            .iter()
            .map(|f| f.code.to_string())
            .collect();
        assert_eq!(codes, ["X108"], "{text}");
    }
    // Without a header the first row is a person.
    let (outcome, _) = admit(
        AUTO,
        "a.csv",
        "某甲,431321198001010012,13000000000\n".as_bytes(),
    );
    let told = of_code(&outcome, "X108").unwrap().cause_zh();
    assert!(
        told.contains("第一行像是数据") && !told.contains("某甲"),
        "{told}"
    );
    // XML stays with the guard, and a foreign root with the reader.
    for (text, code) in [("<a><b></a>", "X2"), ("<a/>", "X301")] {
        let (outcome, _) = admit(AUTO, "a.xml", text.as_bytes());
        let found = outcome.findings[0].code.to_string();
        assert!(found.starts_with(code), "{text}: {found}");
    }
}

const CONCLUDED: &str = "办件编号,办结时间,办理人姓名\n";

#[test]
fn local_numbers_stay_with_their_source_unless_the_dialect_is_declared() {
    let national = "11431321009000015L2000119013000202603020001";
    for (number, dialect, space) in [
        ("20260302001", AUTO, "431321/window"),
        ("20260302001", "", "431321/window"),
        ("20260302001", "gbt39046-csv", "cn"),
        ("20260302001", "native,gbt39046-csv", "cn"),
        (national, AUTO, "cn"),
    ] {
        let text = format!("{CONCLUDED}{number},2026-03-03 16:00:00,某乙\n");
        let (outcome, cases) = admit(dialect, "a.csv", text.as_bytes());
        assert_eq!(outcome.dialect, "gbt39046-csv", "{:?}", outcome.findings);
        assert_eq!(
            &*cases[0].records[0].head.space, space,
            "{number} {dialect}"
        );
        let told = of_code(&outcome, "X331");
        assert_eq!(told.is_some(), space != "cn", "{number} {dialect}");
        if let Some(told) = told {
            assert_eq!(arg(told, "count"), "1");
        }
    }
}

#[test]
fn only_agreed_dialects_are_recognised_among_several() {
    let text = format!("{CONCLUDED}1,2026-03-03 16:00:00,某乙\n");
    let (outcome, _) = admit("native,guangdong-csv", "a.csv", text.as_bytes());
    let told = of_code(&outcome, "X136").unwrap();
    assert!(outcome.refused && told.cause_en().contains("gbt39046-csv"));
    assert!(told.cause_zh().contains("native, guangdong-csv"));
    let native = SAMPLES.iter().find(|s| s.dialect == "native").unwrap();
    let (outcome, _) = admit("xes,guangdong", native.file, native.bytes);
    assert!(of_code(&outcome, "X136").is_some() && outcome.refused);
    let (outcome, _) = admit("gbt", "a.csv", text.as_bytes());
    let told = of_code(&outcome, "X137").unwrap();
    assert!(
        told.hint_en().contains("gbt39046-csv"),
        "{}",
        told.hint_en()
    );
}

#[test]
fn shipped_samples_are_recognised_whole_and_leave_nothing_unread() {
    let mut odd = Vec::new();
    for sample in SAMPLES {
        let (outcome, _) = admit(AUTO, sample.file, sample.bytes);
        let (declared, _) = admit(sample.dialect, sample.file, sample.bytes);
        let left = unread(&declared);
        // That sample has a node of a name that the dialect does not know.
        let left = left.replace("政务服务数据/特别", "");
        if outcome.dialect != sample.dialect || !left.is_empty() {
            odd.push((sample.file, outcome.dialect, left));
        }
    }
    assert!(odd.is_empty(), "{odd:#?}");
}

const OWN: &str = r#"
name = "own"
version = "1"
title_zh = "自有"
title_en = "own"
kind = ["xml", "row", "csv"]
space = "source"
leave_out = ["row_guid", "CD_*", "Batch/Head"]
[recognise]
root = "Batch"
columns = ["No"]
[case]
path = "Batch/Case"
case_no = "No"
version = "arrival"
[[record]]
element = "process"
each = "Step"
seq = "order"
fields = { step_name = "Name", handler = "@who" }
[[record]]
element = "conclusion"
seq = 1
when = { from = "Done", present = true }
fields = { done_time = "Done" }
"#;

#[test]
fn columns_tags_attributes_and_keys_that_no_rule_reads_are_told_once() {
    let own = Registry::with([("own.toml", OWN)]).unwrap();
    let said = |name: &str, dialect: &str, text: &str| {
        let (outcome, _) = admit_with(&own, dialect, name, text.as_bytes());
        assert!(!outcome.refused, "{:?}", outcome.findings);
        unread(&outcome)
    };
    let table = "No,Done,Row_Guid,CD_TIME,承办人,备用,\n\
                 1,2026-03-02 09:00:00,g,t,,,\n2,,g,t,某甲,,x\n3,,g,t,某乙,,y\n";
    assert_eq!(said("a.csv", "own-csv", table), "承办人, #7");
    let rows = r#"[{"No":"1","Done":"2026-03-02 09:00:00","X":null,"Y":"","Z":[],"Step":[{"Name":"a","t":1}]},
                   {"No":"2","Done":"2026-03-02 09:00:00","X":0,"Y":{"a":1},"cd_y":"1"}]"#;
    assert_eq!(said("a.json", "own-row", rows), "Step/t, X, Y/a");
    let xml = r#"<Batch xmlns:x="urn:x" x:lang="zh"><Head><Any>1</Any></Head><Foot><Deep a="1"/></Foot>
        <Case id="7"><No>1</No><Done>2026-03-02 09:00:00</Done><Void/><Empty> </Empty>
          <Step who="某甲" at="9"><Name>a</Name><Note>n</Note><CD_x>1</CD_x></Step>stray
          <Step who="某甲" at="9"><Name>b</Name><Note><![CDATA[ m ]]></Note></Step></Case>
        <Case><No>2</No><Name>不读</Name></Case></Batch>"#;
    assert_eq!(
        said("a.xml", "own", xml),
        "Batch@x:lang, Batch/Foot, @id, Step@at, Step/Note, Step/CD_x, text(), Name"
    );
    let log = r#"<log><string key="source" value="s"/><global scope="event"><string key="g" value="x"/></global>
        <trace><string key="concept:name" value="1"/><string key="area" value="n"/>
          <event><string key="concept:name" value="a"/><date key="time:timestamp" value="2026-03-02T09:00:00+08:00"/>
            <int key="cost" value="5"><string key="unit" value="yuan"/></int></event></trace></log>"#;
    assert_eq!(
        said("a.xes", "xes", log),
        "log/source, area, event/cost, event/*/unit"
    );
}
