//! The families of departments' tables: the same digit through each gives what that family means by
//! it; tables told apart, other spellings, child rows; a query password stands nowhere.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use time::macros::datetime;
use tongcha_decode::admit::{ItemContext, ItemOutcome, admit_item};
use tongcha_decode::dialect::golden::{SAMPLES, decoded};
use tongcha_decode::dialect::{Dialect, Registry};
use tongcha_schema::check::CheckedCase;
use tongcha_schema::receipt::Verdict;
use tongcha_schema::record::RawCase;

/// A row of each table, as its database gives it.
fn row(table: &str) -> Map<String, Value> {
    let row = match table {
        "SB" => json!({"SBLSH":"N1","SXBM":"I1","SXMC":"取水","SQRLX":"1","SQRMC":"某甲",
            "SQRZJHM":"1","SBSJ":"2026-01-05 09:00:00"}),
        "WSYSL" => json!({"SBLSH":"N1","YSLSJ":"2026-01-05 09:00:00","YSLZTDM":"1"}),
        "SL" => json!({"SBLSH":"N1","SLSJ":"2026-01-05 10:00:00","SLZTDM":"1"}),
        "SPCL" => json!({"SBLSH":"N1","SPHJDM":"1","SPHJMC":"承办","SPSJ":"2026-01-05 10:00:00"}),
        "TBCXSQ" => json!({"SBLSH":"N1","TBCXZL":"A","TBCXKSRQ":"2026-01-07","TBCXSXDW":"G"}),
        "BJ" => json!({"SBLSH":"N1","BJJGDM":"0","BJSJ":"2026-01-20 16:00:00"}),
        "BASICINFO" => json!({"ORGBUSNO":"S","PROJID":"N1","DATAVER":1,"ITEMNAME":"取水",
            "APPLICANT":"某甲","ACCEPTDEPTID":"11431321009000015L","APPROVALTYPE":"1",
            "PROMISETIMEUNIT":"1","TIMEUNIT":"G"}),
        "PROC" => json!({"ORGBUSNO":"S","PROJID":"N1","DATAVER":1,"SN":1,"NODENAME":"审核",
            "NODEPROCER":"G1","NODESTATE":"02","NODERESULT":"1"}),
        "SPECIALNODE" => json!({"ORGBUSNO":"S","PROJID":"N1","DATAVER":1,"SN":1,"NODENAME":"听证",
            "PROCERID":"G1","NODEPROCACCORD":"x","NODERESULT":"2"}),
        "DONE" => json!({"ORGBUSNO":"S","PROJID":"N1","DATAVER":1,"DONERESULT":"0"}),
        "FEEINFO" => json!({"ORGBUSNO":"S","PROJID":"N1","DATAVER":1,"SN":1,"FEETYPENAME":"费",
            "FEETOTAL":"1","STATE":"1"}),
        "办事申请" => json!({"办件编号":"N1","申请时间":"20260105T090000","申请者名称":"某甲",
            "办件类型代码":"1","服务对象代码":"1","申报来源代码":"1"}),
        "事项办理" => {
            json!({"办件编号":"N1","环节名称":"审核","环节开始时间":"20260105T090000",
            "环节办理状态代码":"1","特别程序种类代码":"1","特别程序开始时间":"20260105T090000"})
        }
        "绩效评价" => json!({"办件编号":"N1","评价时间":"20260105T090000","满意度代码":"1"}),
        "accept" => json!({"row_guid":"g","project_no":"N1","cd_operation":"I","catalog_code":"c",
            "accept_date":"2026-01-05 10:00:00","project_type":"1","applyer_type":"1"}),
        "result" => json!({"row_guid":"g","project_no":"N1","cd_operation":"I","result_type":"1",
            "result_date":"2026-01-05 10:00:00","satisfaction":"1"}),
        "special" => json!({"row_guid":"g","project_no":"N1","cd_operation":"I",
            "special_type":"1","special_time":"2026-01-05 10:00:00"}),
        other => unreachable!("{other}"),
    };
    row.as_object().unwrap().clone()
}

fn cases(dialect: &Dialect, text: &[u8]) -> Vec<RawCase> {
    let mut out = Vec::new();
    dialect.decode("a", &mut BufReader::new(text), &mut |case| {
        out.push(case);
        ControlFlow::Continue(())
    });
    out
}

/// What a field becomes: its text, the finding's code, or `-`.
fn field_of(case: &RawCase, element: &str, field: &str) -> String {
    let found = case.records.iter().find(|r| r.element.name() == element);
    let Some(record) = found else {
        return "no record".to_owned();
    };
    let index = record.element.spec().field_index(field).unwrap();
    let text = record.fields.iter().find(|f| f.index == index);
    let told = case.findings.iter().find(|(_, f)| f.place.field == field);
    match (text, told) {
        (Some(text), _) => text.text.to_string(),
        (None, Some((_, finding))) => finding.code.to_string(),
        (None, None) => "-".to_owned(),
    }
}

fn becomes(table: &str, column: &str, code: &str, place: &str) -> String {
    let mut row = row(table);
    row.insert(column.to_owned(), json!(code));
    let text = serde_json::to_vec(&row).unwrap();
    let dialect = Registry::shipped().recognise("a.json", &text).unwrap();
    let case = cases(dialect, &text).remove(0);
    let (element, field) = place.split_once('.').unwrap();
    field_of(&case, element, field)
}

#[test]
fn the_same_digit_means_what_its_family_means() {
    const UNKNOWN: &str = "X406";
    // Table, column, field of ours, and code for code what becomes of it.
    type Trap = (
        &'static str,
        &'static str,
        &'static str,
        &'static [(&'static str, &'static str)],
    );
    let traps: &[Trap] = &[
        // 办结结果: 1 退回 | 不予许可; 5 补正不来 | 退件; 6 办结 | 不予受理.
        (
            "BJ",
            "BJJGDM",
            "conclusion.result",
            &[
                ("0", "10"),
                ("1", "40"),
                ("2", "90"),
                ("3", "91"),
                ("4", "50"),
                ("5", "41"),
                ("6", "11"),
                ("7", UNKNOWN),
            ],
        ),
        (
            "DONE",
            "DONERESULT",
            "conclusion.result",
            &[
                ("0", "10"),
                ("1", "20"),
                ("2", "90"),
                ("3", "91"),
                ("4", "50"),
                ("5", "40"),
                ("6", "30"),
                ("7", UNKNOWN),
            ],
        ),
        ("result", "result_type", "conclusion.result", &[("1", "-")]),
        // 受理: 2 不受理, 4 不予受理 | a step's result, where 4 is 受理.
        (
            "SL",
            "SLZTDM",
            "acceptance.accept_state",
            &[("1", "1"), ("2", "2"), ("3", "3"), ("4", "4")],
        ),
        (
            "PROC",
            "NODERESULT",
            "process.result",
            &[
                ("0", "0"),
                ("1", "1"),
                ("2", "0"),
                ("3", "0"),
                ("4", "1"),
                ("5", "5"),
                ("6", "6"),
                ("7", "7"),
            ],
        ),
        (
            "WSYSL",
            "YSLZTDM",
            "process.result",
            &[("1", "1"), ("2", "0"), ("3", "5"), ("4", UNKNOWN)],
        ),
        // 特别程序: 1 延长 2 其他 | A 延长 B 其他 | by kind, without an extension.
        (
            "事项办理",
            "特别程序种类代码",
            "special.kind",
            &[("1", "01"), ("2", "99"), ("3", UNKNOWN)],
        ),
        (
            "special",
            "special_type",
            "special.kind",
            &[("1", "01"), ("2", "99"), ("3", UNKNOWN)],
        ),
        (
            "TBCXSQ",
            "TBCXZL",
            "special.kind",
            &[("A", "01"), ("B", "99"), ("1", UNKNOWN)],
        ),
        (
            "SPECIALNODE",
            "NODERESULT",
            "special.kind",
            &[
                ("2", "02"),
                ("3", "10"),
                ("4", "11"),
                ("5", "99"),
                ("1", "no record"),
                ("6", "no record"),
                ("A", UNKNOWN),
            ],
        ),
        (
            "SPECIALNODE",
            "NODERESULT",
            "correction.round",
            &[("1", "1"), ("6", "1"), ("2", "no record")],
        ),
        // 时限单位: G/Z | 1-5 for the promise and G/Z for the law, in one row.
        (
            "TBCXSQ",
            "TBCXSXDW",
            "special.limit_unit",
            &[("G", "W"), ("Z", "D"), ("1", UNKNOWN)],
        ),
        (
            "BASICINFO",
            "PROMISETIMEUNIT",
            "item.promise_unit",
            &[
                ("1", "W"),
                ("2", "D"),
                ("3", "H"),
                ("4", "N"),
                ("5", "M"),
                ("G", UNKNOWN),
            ],
        ),
        (
            "BASICINFO",
            "TIMEUNIT",
            "item.legal_unit",
            &[("G", "W"), ("Z", "D"), ("1", UNKNOWN)],
        ),
        // 办件类型 3: not used | 联办.
        (
            "办事申请",
            "办件类型代码",
            "case_base.case_type",
            &[("1", "1"), ("2", "2"), ("3", UNKNOWN), ("9", "9")],
        ),
        (
            "accept",
            "project_type",
            "case_base.case_type",
            &[("1", "1"), ("2", "2"), ("3", UNKNOWN), ("9", "9")],
        ),
        (
            "BASICINFO",
            "APPROVALTYPE",
            "case_base.case_type",
            &[
                ("1", "1"),
                ("2", "2"),
                ("3", "3"),
                ("4", "4"),
                ("9", UNKNOWN),
            ],
        ),
        // 申请人: A.4, 3 事业法人 | 3 其他, of one system 9.
        (
            "办事申请",
            "服务对象代码",
            "applicant.kind",
            &[("1", "1"), ("3", "3"), ("6", "6"), ("9", UNKNOWN)],
        ),
        (
            "accept",
            "applyer_type",
            "applicant.kind",
            &[("1", "1"), ("3", "3"), ("6", "6"), ("9", UNKNOWN)],
        ),
        (
            "SB",
            "SQRLX",
            "applicant.kind",
            &[
                ("1", "1"),
                ("2", "2"),
                ("3", "6"),
                ("9", "6"),
                ("4", UNKNOWN),
            ],
        ),
        // 环节状态: 1/2 | 01/02 | local codes, so that the time decides.
        (
            "事项办理",
            "环节办理状态代码",
            "process.state",
            &[("1", "1"), ("2", "2"), ("01", UNKNOWN)],
        ),
        (
            "PROC",
            "NODESTATE",
            "process.state",
            &[("01", "1"), ("02", "2"), ("1", UNKNOWN)],
        ),
        (
            "SPCL",
            "SPHJZTDM",
            "process.state",
            &[("0", "2"), ("1", "2"), ("9", "2")],
        ),
        ("SPCL", "SPSJ", "process.state", &[("", "1")]),
        (
            "SPCL",
            "SPHJDM",
            "process.step_code",
            &[("1", "1"), ("2", "2"), ("3", "3"), ("4", UNKNOWN)],
        ),
        // 满意度: 1 is best; stars are told below.
        (
            "绩效评价",
            "满意度代码",
            "evaluation.score",
            &[("1", "1"), ("5", "5"), ("6", UNKNOWN)],
        ),
        (
            "result",
            "satisfaction",
            "evaluation.score",
            &[("1", "1"), ("5", "5"), ("6", UNKNOWN)],
        ),
        (
            "FEEINFO",
            "STATE",
            "fee.state",
            &[("1", "1"), ("2", "2"), ("0", UNKNOWN)],
        ),
        // 申报来源: 1 窗口, 2 电脑端 | 0 窗口, 1 网上.
        (
            "办事申请",
            "申报来源代码",
            "case_base.source_form",
            &[("1", "1"), ("2", "2"), ("0", UNKNOWN)],
        ),
        (
            "BASICINFO",
            "SUBMIT",
            "case_base.source_form",
            &[("0", "1"), ("1", "2"), ("2", "9"), ("9", UNKNOWN)],
        ),
    ];
    for (table, column, place, codes) in traps {
        for (code, wanted) in *codes {
            let got = becomes(table, column, code, place);
            assert_eq!(got, *wanted, "{table}.{column} = {code:?} as {place}");
        }
    }
}

#[test]
fn five_stars_are_the_best_and_so_is_code_1() {
    let sample = SAMPLES.iter().find(|s| s.dialect == "bench14").unwrap();
    let text = std::str::from_utf8(sample.bytes).unwrap();
    let from = text.find("<EVAL_LEVEL>").unwrap() + 12;
    let to = text.find("</EVAL_LEVEL>").unwrap();
    for (stars, score) in [("5", "1"), ("1", "5"), ("3", "3")] {
        let with = format!("{}{stars}{}", &text[..from], &text[to..]);
        let dialect = Registry::shipped().get("bench14").unwrap();
        let case = cases(dialect, with.as_bytes()).remove(0);
        assert_eq!(field_of(&case, "evaluation", "score"), score);
    }
}

struct Admitted {
    outcome: ItemOutcome,
    cases: Vec<CheckedCase>,
}

impl Admitted {
    fn codes(&self) -> BTreeSet<String> {
        let of_cases = self.cases.iter().flat_map(|c| {
            let rejected = c.rejected.iter().flat_map(|r| &r.findings);
            c.findings.iter().chain(rejected)
        });
        let all = self.outcome.findings.iter().chain(of_cases);
        all.map(|f| f.code.to_string()).collect()
    }

    fn elements(&self) -> Vec<&'static str> {
        let records = self.cases.iter().flat_map(|c| &c.records);
        records.map(|r| r.element.name()).collect()
    }
}

fn admit_as(registry: &Registry, dialect: &str, bytes: &[u8]) -> Admitted {
    let ctx = ItemContext {
        source: "431321/dept",
        target: "431321/hub",
        envelope: "431321/dept@1.1",
        item: 0,
        name: "a",
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

fn admit(bytes: &[u8]) -> Admitted {
    admit_as(Registry::shipped(), "auto", bytes)
}

#[test]
fn tables_are_told_apart_by_columns_even_where_they_hold_nothing() {
    for (dialect, text, elements) in [
        (
            "guangdong",
            r#"{"sblsh":"N1","sphjdm":null,"sphjmc":"会签","spsj":"2026-01-05 10:00:00"}"#,
            vec!["process"],
        ),
        // A view that joins two tables is of the first, and the second one's columns are read.
        (
            "guangdong",
            r#"{"SBLSH":"N1","BZGZSJ":"2026-01-05 10:00:00","BZGZYY":"图纸","BZCLQD":"图纸",
                "BZGZFCRXM":"李某","BZSJ":null,"BZSLBLRXM":null,"BZSLJTDD":null}"#,
            vec!["correction"],
        ),
        // Of no table: told, and counted as nothing.
        (
            "shandong",
            r#"{"ORGBUSNO":"S","PROJID":"N1","DATAVER":1,"FILENAME":"a"}"#,
            vec![],
        ),
    ] {
        let admitted = admit(text.as_bytes());
        assert_eq!(admitted.outcome.dialect, dialect, "{text}");
        let codes = admitted.codes();
        assert_eq!(admitted.elements(), elements, "{text}: {codes:?}");
        assert_eq!(codes.contains("X322"), elements.is_empty(), "{codes:?}");
        assert_eq!(admitted.outcome.verdict, Verdict::Accepted, "{codes:?}");
    }
    // A row that fits no family is nobody's.
    let codes = admit(br#"{"SBLSH":"N1","OTHER":"x"}"#).codes();
    assert!(codes.contains("X108"), "{codes:?}");
}

#[test]
fn other_spellings_of_tables_columns_and_days_are_read() {
    let info = |process: &str, fields: &[(&str, &str)]| {
        let fields: String = fields
            .iter()
            .map(|(name, text)| format!("<Field FieldName='{name}'>{text}</Field>"))
            .collect();
        format!("<ExInfo><standardInfo process='{process}'>{fields}</standardInfo></ExInfo>")
    };
    let read = |text: &str, element: &str, field: &str| {
        let dialect = Registry::shipped().recognise("a", text.as_bytes()).unwrap();
        assert_eq!(dialect.name, "guangdong-xml");
        field_of(&cases(dialect, text.as_bytes()).remove(0), element, field)
    };
    let step = [
        ("SBLSH", "N1"),
        ("SPHJDM", "3"),
        ("SPBMZZJDDM", "009000015"),
        ("SPSJ", "2014-9-19 14:10:10"),
        ("SPHJMC", "批准"),
    ];
    for process in ["EX_GDBS_SP", "EX_GDBS_SPCL", "ex_gdbs_sp", "", "SOME_VIEW"] {
        let text = info(process, &step);
        assert_eq!(
            read(&text, "process", "unit_code"),
            "009000015",
            "{process}"
        );
    }
    let admitted = admit(info("EX_GDBS_SP", &step).as_bytes());
    let record = &admitted.cases[0].records[0];
    let at = record.element.spec().field_index("start_time").unwrap();
    let canonical = record.values[at].as_ref().unwrap().canonical();
    assert_eq!(canonical, "2014-09-19T14:10:10+08:00");
    for name in ["SPBMZZJDMD", "SPBMZZJDDM", "spbmzzjgdm"] {
        let mut other = step;
        other[2].0 = name;
        let text = info("EX_GDBS_SPCL", &other);
        assert_eq!(read(&text, "process", "unit_code"), "009000015", "{name}");
    }
    for name in ["ZFHTTYY", "ZFHTHYY"] {
        let fields = [("SBLSH", "N1"), ("BJJGDM", "2"), (name, "遗失")];
        let text = info("EX_GDBS_BJ", &fields);
        assert_eq!(read(&text, "conclusion", "reason"), "遗失", "{name}");
    }
    for name in ["EX_GDBS_BZGZ", "EX_GDBS_BJGZ"] {
        let fields = [("SBLSH", "N1"), ("BZGZYY", "图纸")];
        assert_eq!(read(&info(name, &fields), "correction", "reason"), "图纸");
    }
    for name in ["EX_GDBS_BZSL", "EX_GDBS_BJSL"] {
        let fields = [("SBLSH", "N1"), ("BZSJ", "2026-01-05 10:00:00")];
        assert_eq!(
            read(&info(name, &fields), "process", "step_name"),
            "补正受理"
        );
    }
    // A table that nobody knows, and columns that tell nothing.
    let codes = admit(info("EX_GDBS_NEW", &[("SBLSH", "N1")]).as_bytes()).codes();
    assert_eq!(codes, BTreeSet::from(["X322".to_owned()]));
    // A field that comes twice is told.
    let twice = [step[0], step[1], step[1], step[3]];
    let codes = admit(info("EX_GDBS_SP", &twice).as_bytes()).codes();
    assert!(codes.contains("X310"), "{codes:?}");
}

#[test]
fn a_query_password_stands_nowhere() {
    const SECRET: &str = "314159265";
    let gd = |case_no: &str| {
        let mut row = row("SB");
        row.insert("SBLSH".into(), json!(case_no));
        row.insert("YWCXMM".into(), json!(SECRET));
        row.insert("SQRLX".into(), json!("x"));
        row
    };
    let mut sd = row("BASICINFO");
    sd.insert("PROJPWD".into(), json!(SECRET));
    sd.insert("APPROVALTYPE".into(), json!("x"));
    let field = |name: &str, text: &str| format!("<Field FieldName='{name}'>{text}</Field>");
    let xml = format!(
        "<ExInfo><standardInfo process='EX_GDBS_SB'>{}{}{}{}</standardInfo></ExInfo>",
        field("SBLSH", "N1"),
        field("ywcxmm", SECRET),
        field("YWCXMM", SECRET),
        field("SBSJ", "never")
    );
    let long = json!({"SBLSH":"N1","SQRMC":"某甲","SBSJ":"x","YWCXMM":SECRET.repeat(99)});
    let texts = [
        serde_json::to_string(&[gd("N1"), gd("N1"), gd("N2")]).unwrap(),
        serde_json::to_string(&sd).unwrap(),
        xml,
        long.to_string(),
        format!("SBLSH,SQRMC,SBSJ,YWCXMM\nN1,某甲,x,{SECRET}\nN1,{SECRET}\n"),
    ];
    for text in &texts {
        let admitted = admit(text.as_bytes());
        let dialect = Registry::shipped().get(&admitted.outcome.dialect).unwrap();
        let shown = format!("{:?}{:?}", admitted.outcome, admitted.cases);
        let told: String = admitted
            .cases
            .iter()
            .flat_map(|c| {
                c.findings
                    .iter()
                    .chain(c.rejected.iter().flat_map(|r| &r.findings))
            })
            .map(|f| {
                format!(
                    "{}{}{}",
                    f.cause_zh(),
                    f.hint_zh(),
                    serde_json::to_string(f).unwrap()
                )
            })
            .collect();
        let golden = decoded(dialect, "a", text.as_bytes()).unwrap();
        for out in [&shown, &told, &golden] {
            assert!(!out.contains(SECRET), "{text}\n{out}");
        }
        // What is wrong is told all the same, and what was concealed is there.
        assert!(!admitted.codes().is_empty(), "{text}");
        assert!(golden.contains("query_pwd_hash = sha256:"), "{golden}");
    }
    let dialect = Registry::shipped().get("guangdong").unwrap();
    let hashes: Vec<String> = cases(dialect, texts[0].as_bytes())
        .iter()
        .map(|c| field_of(c, "case_base", "query_pwd_hash"))
        .collect();
    assert_eq!(hashes[0], hashes[1], "the same input, the same output");
    assert_ne!(hashes[0], hashes[2], "equal passwords of two cases differ");
}

const MASTER: &str = r#"
name = "master"
version = "1"
title_zh = "主子表"
title_en = "master and children"
kind = "row"
space = "source"
[recognise]
columns = ["PROJID", "STEPS"]
[case]
case_no = "PROJID"
version = { from = "VER", default = "1" }
[maps]
state = { 0 = "1", 1 = "2" }
[[record]]
element = "process"
each = "STEPS"
seq = { from = "SN" }
[record.fields]
step_name = "NAME"
unit_name = "/UNIT"
state = { from = "DONE", map = "state" }
start_time = "AT"
"#;

#[test]
fn child_rows_of_a_row_are_repeated_records() {
    let registry = Registry::with([("master.toml", MASTER)]).unwrap();
    let dialect = registry.get("master").unwrap();
    let steps = r#"[{"SN":1,"Name":"受理","Done":true,"AT":"2026-01-05 10:00:00"},{"sn":2,"NAME":"审核","DONE":"0"}]"#;
    let escaped = serde_json::to_string(steps).unwrap();
    // A list, or the text of one, as a database gives it.
    for list in [steps, escaped.as_str()] {
        let text = format!(r#"{{"PROJID":"N1","UNIT":"水利局","steps":{list}}}"#);
        assert_eq!(
            registry.recognise("a", text.as_bytes()).unwrap().name,
            "master"
        );
        let case = cases(dialect, text.as_bytes()).remove(0);
        let seqs: Vec<i64> = case.records.iter().map(|r| r.seq).collect();
        assert_eq!((seqs, case.findings.len()), (vec![1, 2], 0), "{list}");
        assert_eq!(field_of(&case, "process", "state"), "2");
        let shown = decoded(dialect, "a", text.as_bytes()).unwrap();
        assert_eq!(shown.matches("unit_name = 水利局").count(), 2, "{shown}");
    }
    // No children: nothing comes of the row, which is told. No list at all is told too.
    for (list, told) in [
        ("null", 1),
        ("[]", 1),
        ("\"\"", 1),
        ("{}", 2),
        ("7", 2),
        ("[7]", 2),
    ] {
        let text = format!(r#"{{"PROJID":"N1","STEPS":{list}}}"#);
        let case = cases(dialect, text.as_bytes()).remove(0);
        let codes: Vec<String> = case
            .findings
            .iter()
            .map(|(_, f)| f.code.to_string())
            .collect();
        assert!(case.records.is_empty(), "{list}");
        assert_eq!(codes, vec!["X322"; told], "{list}");
    }
    let many = format!("[{}]", vec!["{}"; 30_000].join(","));
    let case = cases(
        dialect,
        format!(r#"{{"PROJID":"N","STEPS":{many}}}"#).as_bytes(),
    )
    .remove(0);
    assert!((20_001..20_010).contains(&case.records.len()), "bounded");
}

#[test]
fn mistakes_of_maps_tables_kinds_and_passwords_are_told() {
    let wrong = MASTER
        .replace(r#"kind = "row""#, r#"kind = ["row", "xes", "row"]"#)
        .replace(r#"map = "state""#, r#"map = "stat""#)
        .replace(r#"each = "STEPS""#, r#"table = "STEP""#)
        + r#"
[[table]]
name = "STEPS"
[[record]]
element = "case_base"
seq = 1
[record.fields]
query_pwd_hash = "PWD"
project_name = { from = "PWD", hash = true, default = "x" }
"#;
    let error = Dialect::parse("wrong.toml", &wrong).unwrap_err();
    let shown = error.to_string();
    for part in [
        "names `row` twice",
        "cannot be shared",
        "did you mean `state`?",
        "did you mean `STEPS`?",
        "`columns` is missing",
        "would keep a password in clear",
        "`hash` excludes",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    // The source has hashed it already: said so.
    let said = MASTER.to_owned()
        + "[[record]]\nelement = \"case_base\"\nseq = 1\n[record.fields]\n\
           query_pwd_hash = { from = \"PWD\", hash = false }\n";
    assert_eq!(Dialect::parse("said.toml", &said).unwrap().len(), 1);
}

#[test]
fn one_file_gives_a_dialect_of_each_kind() {
    let text = fs::read_to_string(folder().join("guangdong.toml")).unwrap();
    let dialects = Dialect::parse("guangdong.toml", &text).unwrap();
    let names: Vec<&str> = dialects.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(names, ["guangdong", "guangdong-xml", "guangdong-csv"]);
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dialects")
}

/// Every column that the national platform's dialect names is one of that table, and every column
/// of the table is named or stands in the list of those that have no counterpart.
#[test]
fn the_national_platforms_columns_are_all_accounted_for() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TONGCHA_SHARED").map_or(beside, PathBuf::from);
    let Ok(list) = fs::read_to_string(shared.join("data/cn/up_pro_fields.csv")) else {
        return;
    };
    const NONE: [&str; 22] = [
        "local_catalog_code",
        "apply_type",
        "remark",
        "event_name",
        "result_type",
        "is_delivery_results",
        "special_name",
        "applyer_user_name",
        "handle_user",
        "get_type",
        "cd_batch",
        "cd_time",
        "data_source",
        "row_guid",
        "project_no",
        "cd_operation",
        "catalog_code",
        "accept_date",
        "process_name",
        "result_date",
        "special_type",
        "material_name",
    ];
    let columns: BTreeSet<(&str, &str)> = list
        .lines()
        .skip(1)
        .filter_map(|l| l.split_once(','))
        .map(|(table, rest)| (table, rest.split(',').next().unwrap()))
        .collect();
    let text = fs::read_to_string(folder().join("up-pro.toml")).unwrap();
    let file: toml::Table = toml::from_str(&text).unwrap();
    let mut used = BTreeSet::new();
    for record in file["record"].as_array().unwrap() {
        let table = record["table"].as_str().unwrap();
        let fields = record.get("fields").and_then(toml::Value::as_table);
        let whens = record.get("when").into_iter();
        for take in fields.into_iter().flat_map(|f| f.values()).chain(whens) {
            let from = take.get("from").unwrap_or(take);
            let names: Vec<&str> = match from {
                toml::Value::Array(list) => list.iter().filter_map(|v| v.as_str()).collect(),
                one => one.as_str().into_iter().collect(),
            };
            for name in names {
                assert!(columns.contains(&(table, name)), "{table} has no {name}");
                used.insert((table, name));
            }
        }
    }
    for (table, name) in columns {
        let known = used.contains(&(table, name)) || NONE.contains(&name);
        assert!(known, "{table}.{name} is neither mapped nor in the list");
    }
}
