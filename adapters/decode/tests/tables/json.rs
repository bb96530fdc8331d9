//! Rows in JSON: numbers as they are written, keys that come twice, rows a line, what a service wraps, and
//! places within objects.

use super::*;

const ROWS: &str = r#"
name = "json-steps"
version = "1"
title_zh = "环节"
title_en = "steps"
kind = "row"
space = "source"
[recognise]
columns = ["no", "step/name"]
[case]
case_no = "no"
version = "arrival"
[[record]]
element = "process"
seq = ["step/name"]
[record.fields]
step_name = "step/name"
start_time = "step/at"
handler = "who"
state = { const = "1" }
[[absent]]
element = "process"
fields = ["step_no", "step_code", "handler", "handler_no", "unit_code", "unit_name", "result", "opinion"]
reason = "not in the sample"
"#;

fn read(text: &str) -> Admitted {
    let registry = Registry::with([("json-steps.toml", ROWS)]).unwrap();
    admit_as(&registry, "auto", text.as_bytes())
}

fn row(no: &str, rest: &str) -> String {
    format!(r#"{{"no":{no},"step":{{"Name":"承办","at":"2026-01-05 09:30:00"}}{rest}}}"#)
}

#[test]
fn numbers_are_keys_as_they_are_written_and_one_with_an_exponent_is_none() {
    let long = "431321202601020001234567";
    let text = format!("[{},{}]", row(long, ""), row("4.31321202601E17", ""));
    let admitted = read(&text);
    assert_eq!(admitted.codes(), ["X336:0"]);
    assert_eq!(admitted.steps()[long], ["承办"]);
    assert_eq!(admitted.outcome.total().rejected, 1);
    let field = read(&row("7", r#","who":1e3"#));
    assert_eq!(field.codes(), ["X336:0"]);
    assert_eq!(field.findings()[0].place.field, "handler");
}

#[test]
fn a_key_that_comes_twice_is_told() {
    let admitted = read(&row("1", r#","who":"甲","WHO":"乙""#));
    assert_eq!(admitted.codes(), ["X310:0"]);
}

#[test]
fn lists_lines_and_what_a_service_wraps_are_rows() {
    let (one, two) = (row("1", ""), row("2", ""));
    for text in [
        format!("[{one},{two}]"),
        format!("{one}\n{two}\n"),
        format!(r#"{{"code":0,"msg":"成功","data":[{one},{two}]}}"#),
        format!(r#"{{"code":0,"data":{{"total":2,"records":[{one},{two}]}}}}"#),
    ] {
        let admitted = read(&text);
        assert_eq!(admitted.codes(), Vec::<String>::new(), "{text}");
        let cases: Vec<String> = admitted.steps().into_keys().collect();
        assert_eq!(cases, ["1", "2"], "{text}");
    }
    // A list so long that the first look sees its first rows alone.
    let rows: Vec<String> = (1..4_000).map(|n| row(&n.to_string(), "")).collect();
    let admitted = read(&format!("[{}]", rows.join(",")));
    assert_eq!(admitted.outcome.total().pending, 3_999);
}

#[test]
fn what_gives_no_rows_says_why() {
    assert_eq!(read("{\"no\":1,\n\"step\":}").codes(), ["X236:2"]);
    assert_eq!(read("{\"a\":1}").codes(), ["X108:0"]);
    assert_eq!(read("[1,2]").codes(), ["X301:1"]);
    let long = format!("[{}]", vec![row("1", ""); 150_000].join(","));
    assert_eq!(read(&long).codes(), ["X224:1"]);
}
