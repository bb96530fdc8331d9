//! Groups of rows: a head once, then a row a line, each a case of its own that is told by its key and refused
//! alone.

use super::*;
use tongcha_schema::receipt::RowReceipt;

const ROWS: &str = r#"
name = "row-steps"
version = "1"
title_zh = "环节"
title_en = "steps"
kind = "row"
space = "source"
leave_out = ["memo"]
[recognise]
columns = ["no", "step"]
[case]
case_no = "no"
version = "arrival"
[[record]]
element = "process"
seq = "order"
[record.fields]
step_name = "step"
start_time = "at"
handler = "who/name"
state = { const = "1" }
[[absent]]
element = "process"
fields = ["step_no", "step_code", "handler", "handler_no", "unit_code", "unit_name", "result", "opinion"]
reason = "not in the sample"
"#;

const HEAD: &str = r#"{"table":"gs.steps","key":["id"],"columns":["NO","step","at"]}"#;

fn read(text: &str) -> Admitted {
    let registry = Registry::with([("row-steps.toml", ROWS)]).unwrap();
    admit_as(&registry, "auto", text.as_bytes())
}

fn group(rows: &[&str]) -> String {
    format!("{HEAD}\n{}\n", rows.join("\n"))
}

fn row(name: &str, line: u32, verdict: Verdict) -> RowReceipt {
    RowReceipt {
        name: name.to_owned(),
        line,
        verdict,
        rejected: 1,
    }
}

#[test]
fn a_refused_row_is_told_by_its_key_and_the_others_of_its_group_are_stored() {
    let admitted = read(&group(&[
        r#"["A-1","承办","2026-01-05 09:30:00","7"]"#,
        r#"["A-1","审核","2026-02-30 09:30:00","8"]"#,
        r#"["A-2","承办"]"#,
        r#"["A-1","批准","2026-01-07 09:30:00","9\"\t双"]"#,
        r#"["A-3",null,"2026-01-07 09:30:00",10]"#,
    ]));
    assert_eq!(admitted.outcome.verdict, Verdict::Partly);
    assert_eq!(admitted.outcome.dialect, "row-steps");
    assert_eq!(admitted.codes(), ["X324:4", "X401:6", "X408:3"]);
    let bad = admitted.findings();
    let place = |code: &str| {
        let found = bad.iter().find(|f| f.code.to_string() == code);
        let place = &found.unwrap().place;
        (place.file.as_str(), place.column)
    };
    assert_eq!(place("X408"), ("gs.steps/8", 0));
    assert_eq!(place("X401"), ("gs.steps/10", 0));
    let refused = Verdict::Refused;
    assert_eq!(
        admitted.outcome.rows,
        [
            row("gs.steps/8", 3, refused),
            row("gs.steps/4", 4, refused),
            row("gs.steps/10", 6, refused)
        ]
    );
    assert_eq!(admitted.steps()["A-1"], ["承办", "批准"]);
    let lines: Vec<(u32, u32)> = admitted
        .cases
        .iter()
        .flat_map(|c| &c.records)
        .map(|r| (r.number, r.line))
        .collect();
    assert_eq!(lines, [(1, 2), (3, 5)]);
    let total = admitted.outcome.total();
    assert_eq!((total.received, total.rejected), (5, 3));
    // A row is numbered as if it stood alone, whatever stands in its group.
    let numbers = admitted.cases.iter().flat_map(|c| &c.records);
    assert!(numbers.map(|r| r.seq).eq([1, 1]));
}

#[test]
fn a_table_is_recognised_by_its_columns_whatever_its_rows_hold() {
    let told = |columns: &str, row: &str| {
        let text = format!("{{\"columns\":[{columns}]}}\n{row}\n");
        let admitted = read(&text);
        (admitted.outcome.dialect.clone(), admitted.codes())
    };
    let named = r#""no","step","at""#;
    let (dialect, codes) = told(named, r#"["A-1","承办","2026-01-05 09:30:00"]"#);
    assert_eq!((dialect.as_str(), codes), ("row-steps", Vec::new()));
    // Half of the columns are of something else: that they are empty here is no matter.
    let strange = format!(r#"{named},"colour","size","weight""#);
    let (dialect, codes) = told(
        &strange,
        r#"["A-1","承办","2026-01-05 09:30:00",null,null,null]"#,
    );
    assert_eq!((dialect.as_str(), codes), ("", vec!["X108:0".to_owned()]));
    // One column more is told, once.
    let more = format!(r#"{named},"memo","colour""#);
    let rows = ["[\"A-1\",\"承办\",\"2026-01-05 09:30:00\",\"x\",\"1\"]"; 3].join("\n");
    let (dialect, codes) = told(&more, &rows);
    assert_eq!(
        (dialect.as_str(), codes),
        ("row-steps", vec!["X330:0".to_owned()])
    );
}

#[test]
fn a_row_without_a_key_is_named_by_its_line_and_an_object_in_a_column_is_read() {
    let text = "{\"columns\":[\"no\",\"step\",\"at\",\"who\"]}\n\
                [\"A-1\",\"承办\",\"2026-01-05 09:30:00\",{\"name\":\"某乙\"}]\n\
                [\"A-2\",\"承办\",\"2026-01-35 09:30:00\",{\"name\":\"某乙\",\"age\":\"7\"}]\n";
    let admitted = read(text);
    assert_eq!(admitted.codes(), ["X330:0", "X408:3"]);
    let steps = &admitted.cases[0].records[0];
    assert_eq!(steps.text("handler"), Some("某乙"));
    assert_eq!(admitted.outcome.rows[0].name, "steps.csv/3");
}

#[test]
fn a_group_that_breaks_off_is_refused_whole() {
    let text = group(&[
        r#"["A-1","承办","2026-01-05 09:30:00","7"]"#,
        r#"["A-2","承"#,
    ]);
    let admitted = read(&text);
    assert_eq!(admitted.codes(), ["X236:3"]);
    assert!(
        admitted.outcome.refused && admitted.cases.is_empty() && admitted.outcome.rows.is_empty()
    );
    let none = read(&format!("{HEAD}\n"));
    assert!(
        none.cases.is_empty() && none.codes().len() == 1,
        "{:?}",
        none.codes()
    );
}
