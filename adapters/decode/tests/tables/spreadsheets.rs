//! What spreadsheets and careless exporters do to tables: numbers with exponents, texts that hide from
//! being numbers, a first line `sep=`, quotes, empty rows, titles above the header, layouts of times.

use super::*;

fn values(admitted: &Admitted, field: &str) -> Vec<String> {
    let of = |r: &tongcha_schema::record::Record| {
        let at = r.element.spec().field_index(field).unwrap();
        r.values[at]
            .as_ref()
            .map_or(String::new(), |v| v.canonical())
    };
    let records = admitted.cases.iter().flat_map(|c| &c.records);
    records.map(of).collect()
}

fn keys(admitted: &Admitted) -> Vec<&str> {
    let whole = admitted.cases.iter().filter(|c| !c.records.is_empty());
    whole.map(|c| c.case_no.as_str()).collect()
}

#[test]
fn a_number_with_an_exponent_is_no_key_and_no_value() {
    let table = "办件编号,环节,时间\n\
        4.31321E+17,承办,2026-01-05 09:30:00\n\
        4.31321E+17,审核,2026-01-06 09:30:00\n\
        A-3,1.2E+05,2026-01-07 09:30:00\n\
        A-4,3E12,2026-01-08 09:30:00\n";
    let admitted = admit(table.as_bytes());
    assert_eq!(admitted.codes(), ["X335:2", "X335:3", "X335:4"]);
    assert_eq!(keys(&admitted), ["A-4"]);
    assert_eq!(admitted.outcome.total().rejected, 3);
    let findings = admitted.findings();
    let first = findings.iter().find(|f| f.place.line == 2).unwrap();
    assert_eq!(first.value.as_deref(), Some("4.31321E+17"));
    assert!(first.cause_zh().contains("A2") && first.cause_zh().contains("办件编号"));
    assert!(first.hint_zh().contains("文本") && first.hint_en().contains("Text"));
    let step = findings.iter().find(|f| f.place.line == 4).unwrap();
    assert_eq!(step.place.field, "step_name");
    assert!(step.cause_en().contains("B4"), "{}", step.cause_en());
}

#[test]
fn what_kept_a_number_a_text_is_undone() {
    let table = "=\"办件编号\",环节,时间\r\n\
        =\"431321202603020003\",承办,=\"2026-01-02 09:30:00\"\r\n\
        \"=\"\"431321202603020004\"\"\",承办,2026-01-02 09:30:00\t\r\n\
        '431321202603020005,承办,'2026-01-02 09:30\r\n\
        \t431321202603020006\t,承办,2026-01-02 09:30:00\r\n";
    let admitted = admit(table.as_bytes());
    assert_eq!(admitted.codes(), Vec::<String>::new());
    let cases = [
        "431321202603020003",
        "431321202603020004",
        "431321202603020005",
        "431321202603020006",
    ];
    assert_eq!(keys(&admitted), cases);
    assert_eq!(
        values(&admitted, "start_time"),
        ["2026-01-02T09:30:00+08:00"; 4]
    );
}

#[test]
fn a_first_line_that_says_the_separator_is_read_and_counts_as_a_line() {
    for table in [
        "sep=;\r\n办件编号;环节;时间\r\nA-1;承办, 初审;2026-01-05 09:30:00\r\nA-2;x;never\r\n",
        "\u{feff}sep=;\n办件编号;环节;时间\nA-1;承办, 初审;2026-01-05 09:30:00\nA-2;x;never\n",
        "sep=^\n办件编号^环节^时间\nA-1^承办, 初审^2026-01-05 09:30:00\nA-2^x^never\n",
    ] {
        let admitted = admit(table.as_bytes());
        assert_eq!(admitted.codes(), ["X407:4"], "{table}");
        assert_eq!(admitted.steps()["A-1"], ["承办, 初审"]);
    }
}

#[test]
fn quotes_of_an_exporter_that_quotes_nothing_are_kept() {
    let table = "办件编号,环节,时间\n\
        A-1,\"放管服\"改革,2026-01-05 09:30:00\n\
        A-2,按\"一件事\"办理,2026-01-05 09:30:00\n\
        A-3,\"甲, 乙\" ,2026-01-05 09:30:00\n";
    let admitted = admit(table.as_bytes());
    assert_eq!(admitted.codes(), Vec::<String>::new());
    let steps = values(&admitted, "step_name");
    assert_eq!(steps, ["\"放管服\"改革", "按\"一件事\"办理", "甲, 乙"]);
}

#[test]
fn a_quote_that_closes_in_another_row_refuses_the_table() {
    let table = "办件编号,环节,时间\n\
        A-1,\"意见,2026-01-05 09:30:00\n\
        A-2,\"同意\"了,2026-01-05 09:30:00\n";
    let admitted = admit(table.as_bytes());
    assert_eq!(admitted.codes(), ["X235:2"]);
    assert!(admitted.cases.is_empty());
}

#[test]
fn rows_without_content_are_passed_over() {
    let table = "办件编号,环节,时间\n\
        A-1,承办,2026-01-05 09:30:00\n\
        ,,\n, ,\t\n\n\
        A-2,审核,2026-01-06 09:30:00\n\
        A-3,审核,2026-01-06 09:30:00,x\n\
        ,,\n";
    let admitted = admit(table.as_bytes());
    assert_eq!(admitted.codes(), ["X324:7"]);
    assert_eq!(keys(&admitted), ["A-1", "A-2"]);
    assert_eq!(admitted.outcome.total().received, 3);
}

#[test]
fn titles_and_a_line_of_groups_may_stand_above_the_header() {
    let body = "A-1,承办,2026-01-05 09:30:00\nA-2,审核,2026-01-06 09:30:00\n";
    for above in [
        "某局2026年1月审批台账\n",
        "某局2026年1月审批台账,,\n填报单位：某局,,2026-2-1\n\n",
        "办件,办理,\n",
    ] {
        let table = format!("{above}办件编号,环节,时间\n{body}");
        let admitted = admit(table.as_bytes());
        assert_eq!(admitted.outcome.dialect, "steps", "{above}");
        assert_eq!(admitted.codes(), Vec::<String>::new(), "{above}");
        assert_eq!(keys(&admitted), ["A-1", "A-2"]);
        let registry = Registry::with([("steps.toml", DIALECT)]).unwrap();
        let named = admit_as(&registry, "steps", table.as_bytes());
        assert_eq!(keys(&named), ["A-1", "A-2"]);
    }
}

#[test]
fn times_as_spreadsheets_save_them_are_read_and_an_ambiguous_one_is_not() {
    let table = "办件编号,环节,时间\n\
        A-1,承办,2026/1/2 9:30\n\
        A-2,承办,2026年1月2日 9时30分\n\
        A-3,承办,2026/1/2 上午 9:30:00\n\
        A-4,承办,2026.1.2 09:30\n\
        A-5,承办,01/02/2026 09:30:00\n\
        A-6,承办,2026年1月2日\n\
        A-7,承办,46024.3958\n";
    let admitted = admit(table.as_bytes());
    assert_eq!(admitted.codes(), ["X407:6", "X407:8", "X409:7"]);
    assert_eq!(
        values(&admitted, "start_time"),
        ["2026-01-02T09:30:00+08:00"; 4]
    );
}

#[test]
fn a_dialect_may_name_several_layouts() {
    let list = r#"start_time = { from = "时间", layout = ["DD/MM/YYYY hh:mm", "D.M.YYYY"] }"#;
    let text = DIALECT.replace("start_time = \"时间\"", list);
    let registry = Registry::with([("steps.toml", text.as_str())]).unwrap();
    let table = "办件编号,环节,时间\n\
        A-1,承办,2/1/2026 9:30\n\
        A-2,承办,2026-01-02 09:30:00\n\
        A-3,承办,2.1.2026\n\
        A-4,承办,2.13.2026\n";
    let admitted = admit_as(&registry, "steps", table.as_bytes());
    assert_eq!(admitted.codes(), ["X408:5", "X409:4"]);
    assert_eq!(
        values(&admitted, "start_time"),
        ["2026-01-02T09:30:00+08:00"; 2]
    );
}
