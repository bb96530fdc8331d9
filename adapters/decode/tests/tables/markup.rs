//! Tables in web pages and XML spreadsheets, whatever they are called, and documents within documents.

use super::*;

const ROWS: [[&str; 3]; 3] = [
    ["办件编号", "环节", "时间"],
    ["A-1", "承办", "2026-01-05 09:30:00"],
    ["A-2", "审核 &amp; 会签", "2026/1/6 9:30"],
];

fn page(before: &str, table: &str) -> String {
    format!(
        "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><head>\
         <meta http-equiv=Content-Type content=\"text/html; charset=gb2312\">\
         <style>.t{{mso-number-format:\"\\@\";}} td > p {{}}</style><!-- <table> --></head>\
         <body>{before}<table border=1>\r\n{table}</table></body></html>"
    )
}

fn html(rows: &[[&str; 3]]) -> String {
    let cell = |text: &&str| format!("<td class=t x:str>{text}</td>");
    let row =
        |row: &[&str; 3]| format!("<tr>{}</tr>\r\n", row.iter().map(cell).collect::<String>());
    rows.iter().map(row).collect()
}

fn sheet(rows: &str, more: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n\
         <Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" \
         xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\"><Worksheet ss:Name=\"Sheet1\"><Table>\n\
         {rows}</Table></Worksheet>{more}</Workbook>"
    )
}

fn xml_rows(rows: &[[&str; 3]]) -> String {
    let cell = |text: &&str| format!("<Cell><Data ss:Type=\"String\">{text}</Data></Cell>");
    let row =
        |row: &[&str; 3]| format!("<Row>{}</Row>\n", row.iter().map(cell).collect::<String>());
    rows.iter().map(row).collect()
}

fn whole(bytes: &[u8]) {
    let admitted = admit(bytes);
    assert_eq!(admitted.codes(), Vec::<String>::new());
    assert_eq!(admitted.outcome.dialect, "steps");
    assert_eq!(admitted.steps()["A-1"], ["承办"]);
    assert_eq!(admitted.steps()["A-2"], ["审核 & 会签"]);
}

#[test]
fn a_page_or_an_xml_spreadsheet_called_xls_is_read_as_its_table() {
    let title = "<table><tr><td>某局台账</td></tr></table>";
    for before in [
        "",
        title,
        "<p>说明</p><script>if (a < b) \"<table>\"</script>",
    ] {
        let text = page(before, &html(&ROWS));
        whole(text.as_bytes());
        whole(&gbk(&text));
    }
    whole(sheet(&xml_rows(&ROWS), "<Worksheet ss:Name=\"Sheet2\"/>").as_bytes());
}

#[test]
fn spans_columns_and_spoilt_numbers_of_markup() {
    let rows = "<tr><td colspan=3>某局台账</td></tr>\
        <tr><th>办件编号</th><th>环节</th><th>时间</th></tr>\
        <tr><td rowspan=2>A-1</td><td>承办</td><td>2026-01-05 09:30:00</td></tr>\
        <tr><td>审核</td><td>2026-01-06 09:30:00</td></tr>\
        <tr><td>4.31321E+17</td><td>审核</td><td>2026-01-06 09:30:00</td></tr>";
    let admitted = admit(page("", rows).as_bytes());
    assert_eq!(admitted.steps()["A-1"], ["承办", "审核"]);
    assert_eq!(admitted.codes().len(), 1);
    let told = admitted.findings()[0].cause_zh();
    assert!(told.contains("A5"), "{told}");
    let cell = |more: &str, text: &str| {
        format!("<Cell {more}><Data ss:Type=\"String\">{text}</Data></Cell>")
    };
    let rows = xml_rows(&ROWS[..1])
        + &format!(
            "<Row>{}{}{}</Row>",
            cell("ss:MergeDown=\"1\"", "A-1"),
            cell("", "承办"),
            cell("", ROWS[1][2])
        )
        + &format!(
            "<Row>{}{}</Row>",
            cell("ss:Index=\"2\"", "审核"),
            cell("", ROWS[1][2])
        )
        + &format!(
            "<Row ss:Index=\"9\">{}{}{}</Row>",
            cell("", "A-2"),
            cell("", "x"),
            cell("", "never")
        );
    let admitted = admit(sheet(&rows, "").as_bytes());
    assert_eq!(admitted.steps()["A-1"], ["承办", "审核"]);
    assert_eq!(admitted.codes().len(), 1, "{:?}", admitted.codes());
}

#[test]
fn limits_of_markup_are_held_and_notes_are_no_values() {
    let code = |rows: &str| admit(page("", &(html(&ROWS) + rows)).as_bytes()).codes();
    let wide = format!("<tr><td colspan=99999>x</td><td>y</td></tr>");
    assert_eq!(code(&wide).len(), 1);
    assert!(code(&wide)[0].starts_with("X224"));
    let long = "甲".repeat(tongcha_schema::limits::MARKUP_SPANNED_BYTES / 3 + 1);
    assert!(code(&format!("<tr><td rowspan=9>{long}</td></tr>"))[0].starts_with("X224"));
    let huge = "x".repeat(9 << 20);
    assert!(code(&format!("<tr><td>{huge}</td></tr>"))[0].starts_with("X224"));
    let noted = xml_rows(&ROWS).replace(
        "</Data></Cell>",
        "</Data><Comment><Data>批注</Data></Comment></Cell>",
    );
    whole(sheet(&noted, "").as_bytes());
}

#[test]
fn markup_without_one_known_table_is_named() {
    let two = page(&format!("<table>{}</table>", html(&ROWS)), &html(&ROWS));
    let nested = page("", &format!("<tr><td>{}</td></tr>", page("", &html(&ROWS))));
    let login = "<!DOCTYPE html><html><body>请登录</body></html>".to_owned();
    let foreign = page(
        "",
        &html(&[["甲", "乙", "丙"], ["1", "2", "3"], ["1", "2", "3"]]),
    );
    for text in [two, nested, login, foreign] {
        let admitted = admit(text.as_bytes());
        assert_eq!(admitted.codes(), ["X237:1"], "{text}");
        assert!(admitted.cases.is_empty());
    }
    // The guard looks at an XML spreadsheet first.
    let broken = sheet(&xml_rows(&ROWS), "").replace("</Workbook>", "");
    assert_eq!(admit(broken.as_bytes()).codes().len(), 1);
    assert!(admit(broken.as_bytes()).codes()[0].starts_with("X213"));
}

const INNER: &str = "<ExInfo>\n<standardInfo process=\"EX_GDBS_SPCL\">\
    <Field FieldName=\"SBLSH\">XK000000100900001512603020001</Field><Field FieldName=\"SPHJDM\">1</Field>\
    <Field FieldName=\"SPHJMC\">承办</Field><Field FieldName=\"SPBMMC\">某县水利局</Field>\
    <Field FieldName=\"SPBMZZJDDM\">11431321009000015L</Field><Field FieldName=\"SPRXM\">李某</Field>\
    <Field FieldName=\"SPYJ\">同意 &amp; 报批</Field><Field FieldName=\"SPSJ\">2026-1-2 9:30:00</Field>\
    <Field FieldName=\"VERSION\">1</Field></standardInfo></ExInfo>";

fn soap(inside: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\n\
         <put xmlns=\"http://ws.example/\"><dept>009</dept><xml>{inside}</xml></put></s:Body></s:Envelope>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[test]
fn a_document_within_a_document_is_admitted_as_if_it_had_come_alone() {
    let registry = Registry::with([]).unwrap();
    let declared = format!("<?xml version=\"1.0\" encoding=\"GBK\"?>\n{INNER}");
    let alone = admit_as(&registry, "auto", INNER.as_bytes());
    assert_eq!(
        alone.outcome.verdict,
        Verdict::Accepted,
        "{:?}",
        alone.codes()
    );
    for dialect in ["auto", "guangdong-xml"] {
        for (text, line) in [
            (soap(&format!("<![CDATA[{INNER}]]>")), 3),
            (soap(&format!("\n<![CDATA[\n{declared}]]>\n")), 6),
            (soap(&escaped(INNER)), 3),
            (soap(&escaped(&declared)), 4),
        ] {
            let within = admit_as(&registry, dialect, text.as_bytes());
            assert_eq!(within.codes(), Vec::<String>::new(), "{text}");
            let (found, want) = (&within.cases[0].records[0], &alone.cases[0].records[0]);
            assert_eq!(found.values, want.values);
            assert_eq!(found.line, line, "{text}");
        }
    }
}

#[test]
fn what_is_within_passes_the_guard_and_is_named_where_nobody_knows_it() {
    let registry = Registry::with([]).unwrap();
    let codes = |text: String| admit_as(&registry, "auto", text.as_bytes()).codes();
    let broken = codes(soap(&format!(
        "<![CDATA[{}]]>",
        INNER.replace("</ExInfo>", "</Exinfo>")
    )));
    assert_eq!(broken, ["X212:3"]);
    let bomb = format!("<![CDATA[<!DOCTYPE a [<!ENTITY e \"x\">]>{INNER}]]>");
    assert!(codes(soap(&bomb))[0].starts_with("X2"));
    assert_eq!(codes(soap("<![CDATA[<other/>]]>")), ["X238:2"]);
    assert_eq!(codes(soap("7")), ["X238:1"]);
    // Within what was within nobody looks.
    assert_eq!(codes(soap(&escaped(&soap(&escaped(INNER))))), ["X238:2"]);
}
