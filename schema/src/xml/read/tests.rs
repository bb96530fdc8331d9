//! Tests of the native reader.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use super::*;
use crate::code::Code;
use crate::element::ElementId;
use crate::limits::{CASE_BYTES, CASE_RECORDS};
use crate::record::{Op, Version};
use proptest::prelude::*;

fn read(text: &str) -> (Vec<RawCase>, NativeHead) {
    let mut cases = Vec::new();
    let head = read_native(&mut text.as_bytes(), "x.xml", &mut |case| {
        cases.push(case);
        ControlFlow::Continue(())
    });
    (cases, head)
}

const HEAD: &str = "<Head><MsgId>m1</MsgId><StdVer>1.0</StdVer><SourceNode>431321/zw</SourceNode>\
    <TargetNode>431300/hub</TargetNode><SenderOrg>11431321009000015L</SenderOrg>\
    <SendTime>2026-03-02T09:00:00+08:00</SendTime>";

fn package(count: usize, body: &str) -> String {
    format!(
        "<Package version=\"1.0\">{HEAD}<RecordCount>{count}</RecordCount></Head>\n\
         <Body>{body}</Body></Package>"
    )
}

fn codes(head: &NativeHead) -> Vec<u16> {
    head.findings.iter().map(|f| f.code.number()).collect()
}

fn case_codes(case: &RawCase) -> Vec<(Option<usize>, u16)> {
    case.findings
        .iter()
        .map(|(i, f)| (*i, f.code.number()))
        .collect()
}

#[test]
fn an_attribute_with_a_prefix_is_none_of_the_formats() {
    let text = package(
        1,
        "<Case caseId='REAL' a:caseId='OTHER' xmlns:a='urn:a' op='I' dataVer='1'>\
         <Fee seq='2' a:seq='3' a:none='true'/></Case>",
    );
    let (cases, head) = read(&text);
    assert!(codes(&head).is_empty(), "{:?}", head.findings);
    let case = &cases[0];
    assert_eq!(case.case_no, "REAL");
    assert_eq!((case.records[0].seq, &case.records[0].none), (2, &None));
    // Nothing is passed over without a word.
    let told: Vec<_> = case
        .findings
        .iter()
        .map(|(_, f)| f.value.as_deref())
        .collect();
    assert_eq!(told, [Some("a:caseId"), Some("a:seq"), Some("a:none")]);
}

#[test]
fn a_document_becomes_raw_cases_with_places() {
    let text = package(
        3,
        "<Case caseId='C&amp;1' orgBusNo='B1' op='I' dataVer='2'>\n\
         <Organ>\n <OrgName>双峰县<!-- c -->A&amp;<![CDATA[<B>]]></OrgName><Region/></Organ>\n\
         <Fee none='true' reason='1'/></Case>\
         <Case caseId='C2' source='431321/zw' space='cn'>\
         <Process seq='7' dataVer='arrival' op='d'/></Case>",
    );
    let (cases, head) = read(&text);
    assert!(codes(&head).is_empty(), "{:?}", head.findings);
    assert_eq!(head.get("SourceNode"), "431321/zw");
    assert_eq!((head.record_count, head.records), (Some(3), 3));
    assert_eq!(cases.len(), 2);
    let (first, second) = (&cases[0], &cases[1]);
    assert_eq!((&*first.case_no, &*first.org_bus_no), ("C&1", "B1"));
    assert_eq!((&first.source, first.line), (&None, 2));
    let organ = &first.records[0];
    assert_eq!((organ.element, organ.seq), (ElementId::Organ, 1));
    assert_eq!((organ.version, organ.op), (Version::Given(2), Op::Insert));
    assert_eq!((organ.line, organ.column), (3, 1));
    let spec = ElementId::Organ.spec();
    assert_eq!(organ.fields[0].index, spec.field_index("org_name").unwrap());
    assert_eq!(organ.fields[0].text, "双峰县A&<B>");
    assert_eq!((organ.fields[0].line, organ.fields[0].column), (4, 2));
    assert_eq!(organ.fields[1].text, "");
    assert_eq!(first.records[1].none.as_deref(), Some("1"));
    assert_eq!(second.source.as_deref(), Some("431321/zw"));
    assert_eq!(second.space.as_deref(), Some("cn"));
    let step = &second.records[0];
    assert_eq!(
        (step.seq, step.version, step.op),
        (7, Version::Arrival, Op::Delete)
    );
}

#[test]
fn positions_number_records_without_seq() {
    let (cases, _) = read(&package(
        4,
        "<Case caseId='C' op='I' dataVer='1'><Process/><Fee/><Process/><Process/></Case>",
    ));
    let seqs: Vec<i64> = cases[0].records.iter().map(|r| r.seq).collect();
    assert_eq!(seqs, [1, 1, 2, 3]);
}

#[test]
fn the_root_decides() {
    let (cases, head) = read("<package version='1.0'/>");
    assert!(cases.is_empty());
    assert_eq!(codes(&head), [x3::WRONG_ROOT.number()]);
    let (_, head) = read("<t:Package xmlns:t='u' version='2'/>");
    let want = [x3::FORMAT_VERSION, x3::MISSING_PART, x3::MISSING_PART];
    assert_eq!(codes(&head), want.map(Code::number));
}

#[test]
fn structure_faults_are_found_and_the_rest_is_read() {
    let (cases, head) = read(&format!(
        "<Package version='1.0' x='1'>{HEAD}<RecordCount>9</RecordCount><Odd><Deep/></Odd></Head>\
         <Foot><Case/></Foot>text<Body><case caseId='C'><Organ/></case>\
         <Case caseId='C' op='I' dataVer='1'><Organ/></Case></Body><Head><MsgId/></Head></Package>"
    ));
    assert_eq!(cases.len(), 1);
    let want = [
        x3::UNKNOWN_ATTRIBUTE,
        x3::UNKNOWN_FIELD,
        x3::UNKNOWN_PART,
        x3::STRAY_TEXT,
        x3::UNKNOWN_PART,
        x3::DOUBLED_PART,
        transport::COUNT_DIFFERS,
    ];
    assert_eq!(codes(&head), want.map(Code::number));
    assert_eq!(head.get("MsgId"), "m1");
}

#[test]
fn head_fields_are_checked() {
    let bad = "<Package version='1.0'><Head><MsgId>m</MsgId><MsgId>n</MsgId><StdVer>1</StdVer>\
        <SourceNode> </SourceNode><TargetNode>t</TargetNode><SenderOrg>123456789</SenderOrg>\
        <SendTime>now</SendTime><RecordCount>-1</RecordCount></Head><Body/></Package>";
    let (_, head) = read(bad);
    let fields: Vec<&str> = head
        .findings
        .iter()
        .filter(|f| f.code == x3::BAD_HEAD)
        .map(|f| f.place.field.as_str())
        .collect();
    let want = [
        "MsgId",
        "SenderOrg",
        "SendTime",
        "RecordCount",
        "SourceNode",
    ];
    assert_eq!(fields, want);
    let legacy = package(0, "").replace("11431321009000015L", "D2143569X");
    assert_eq!(codes(&read(&legacy).1), [x3::NO_RECORDS.number()]);
}

#[test]
fn record_faults_name_their_record() {
    let (cases, head) = read(&package(
        9,
        "<Case caseId='C' op='I' dataVer='1' odd='1'>\
         <Organ seq='0'/><Item dataVer='x'/><CaseBase op='Z'/><Fee none='yes'/>\
         <Applicant odd='1'><Odd><Kind/></Odd><Kind>1</Kind><Kind>2</Kind>stray</Applicant>\
         <Unknown><Kind/></Unknown><Process/>\
         <Material><CarrierX/><Carrier>1<b>2</b></Carrier></Material><Special/></Case>",
    ));
    assert!(codes(&head).is_empty(), "{:?}", head.findings);
    let case = &cases[0];
    let want = [
        (None, x3::UNKNOWN_ATTRIBUTE),
        (Some(0), x3::BAD_SEQ),
        (Some(1), x3::BAD_VERSION),
        (Some(2), x3::BAD_OP),
        (Some(3), x3::BAD_NONE),
        (Some(4), x3::UNKNOWN_ATTRIBUTE),
        (Some(4), x3::UNKNOWN_FIELD),
        (Some(4), x3::DOUBLED_FIELD),
        (Some(4), x3::STRAY_TEXT),
        (None, x3::UNKNOWN_ELEMENT),
        (Some(6), x3::UNKNOWN_FIELD),
        (Some(6), x3::UNKNOWN_FIELD),
    ];
    assert_eq!(case_codes(case), want.map(|(i, c)| (i, c.number())));
    assert_eq!(case.records.len(), 8);
    let material = &case.findings[10].1.place;
    assert_eq!(
        (material.record, material.element),
        (7, Some(ElementId::Material))
    );
    assert_eq!(case.records[4].fields.len(), 1);
    assert_eq!(case.records[6].fields[0].text, "1");
}

#[test]
fn without_op_and_version_a_record_is_faulty() {
    let (cases, _) = read(&package(
        2,
        "<Case caseId='C'><Fee/><Fee op='U' dataVer='1'/></Case>",
    ));
    let want = [(Some(0), 305), (Some(0), 306)];
    assert_eq!(case_codes(&cases[0]), want);
}

#[test]
fn warnings_do_not_hide_an_error() {
    let odd = "<Odd/>".repeat(500);
    let body = format!(
        "<Case caseId='C' op='I' dataVer='1'><Fee>{odd}<State>1</State><State>1</State></Fee>\
         <Fee><Odd/></Fee></Case>"
    );
    let (cases, _) = read(&package(2, &body));
    let all = case_codes(&cases[0]);
    assert_eq!(all.iter().filter(|f| **f == (Some(0), 308)).count(), 100);
    assert_eq!(all.iter().filter(|f| **f == (Some(0), 310)).count(), 1);
    assert_eq!(all.iter().filter(|f| **f == (Some(1), 308)).count(), 1);
}

#[test]
fn a_case_over_the_limit_comes_in_parts_and_the_rest_is_refused() {
    let records = "<Fee/>".repeat(CASE_RECORDS + 3);
    let (cases, head) = read(&package(
        CASE_RECORDS + 3,
        &format!("<Case caseId='C' op='I' dataVer='1'>{records}</Case>"),
    ));
    assert!(codes(&head).is_empty(), "{:?}", head.findings);
    let sizes: Vec<usize> = cases.iter().map(|c| c.records.len()).collect();
    assert_eq!(sizes, [CASE_RECORDS, 3]);
    assert!(cases[0].findings.is_empty());
    let want: Vec<_> = (0..3).map(|i| (Some(i), 316)).collect();
    assert_eq!(case_codes(&cases[1]), want);
    let last = i64::try_from(CASE_RECORDS).unwrap() + 3;
    assert_eq!(cases[1].records[2].seq, last);
    assert_eq!(i64::from(cases[1].findings[2].1.place.record), last);
}

#[test]
fn a_case_of_too_much_text_comes_in_parts_and_long_texts_are_cut() {
    let text = "件".repeat(FIELD_BYTES);
    let fee = format!("<Fee><Standard>{text}</Standard></Fee>");
    let count = CASE_BYTES / FIELD_BYTES + 3;
    let (cases, _) = read(&package(
        count,
        &format!(
            "<Case caseId='C' op='I' dataVer='1'>{}</Case>",
            fee.repeat(count)
        ),
    ));
    assert_eq!(cases.len(), 2);
    let kept = cases[0].records[0].fields[0].text.len();
    assert!(kept <= FIELD_BYTES && kept > FIELD_BYTES - 3);
    assert!(case_codes(&cases[1]).contains(&(Some(0), 356)));
}

#[test]
fn what_breaks_off_is_said_and_its_case_not_handed_on() {
    let text = package(
        1,
        "<Case caseId='A' op='I' dataVer='1'><Fee/></Case><Case caseId='B'>",
    );
    let cut = &text[..text.find("<Case caseId='B'>").unwrap() + 8];
    let (cases, head) = read(cut);
    assert_eq!(cases.len(), 1);
    assert_eq!(codes(&head), [357]);
}

#[test]
fn the_sink_ends_the_reading() {
    let text = package(2, "<Case caseId='A'/><Case caseId='B'/>");
    let mut seen = Vec::new();
    read_native(&mut text.as_bytes(), "x", &mut |case| {
        seen.push(case.case_no);
        ControlFlow::Break(())
    });
    assert_eq!(seen, ["A"]);
}

proptest! {
    #[test]
    fn never_panics(pieces in prop::collection::vec(prop::sample::select(vec![
        "<Package version='1.0'>", "</Package>", "<Head>", "</Head>", "<Body>", "</Body>",
        "<Case caseId='C'>", "</Case>", "<Fee>", "</Fee>", "<State>", "</State>", "x", "&amp;",
        "&#x0;", "<![CDATA[y]]>", "<!--c-->", "<?p i?>", "<", ">", "&", "<Fee seq=1", "<MsgId/>",
        "\u{FFFD}", "<Fee none='true'/>", "<Odd>", "</Odd>", "<!DOCTYPE a [",
    ]), 0..40)) {
        let text = pieces.concat();
        let _ = read(&text);
    }

    #[test]
    fn never_panics_on_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut input = &bytes[..];
        let _ = read_native(&mut input, "x", &mut |_| ControlFlow::Continue(()));
    }
}

#[test]
fn counting_alone_gives_what_reading_gives() {
    let declared = "<Head><RecordCount>3</RecordCount></Head>";
    for body in [
        "<Body/>",
        "<Body><Case caseId='1'><Item/><Nobody><Item/></Nobody></Case><Case><Item><A/></Item></Case></Body>",
        "<Body><Catalog><Item seq='1'/><Item seq='2'/></Catalog><Other><Case><Item/></Case></Other></Body>",
        "<Head/><Body><Case/></Body><Body><Case><Item/><Item/><Organ/></Case></Body>",
    ] {
        for head in [declared, "", "<Head><RecordCount>x</RecordCount></Head>"] {
            let text = format!("<Package version='1.0'>\n{head}\n{body}</Package>");
            let read = read_native(&mut text.as_bytes(), "a.xml", &mut |_| {
                ControlFlow::Continue(())
            });
            let counted = count_native(&mut text.as_bytes(), "a.xml");
            assert_eq!(counted.records, read.records, "{text}");
            assert_eq!(counted.record_count, read.record_count, "{text}");
            let guarded = crate::xml::guard(&mut text.as_bytes(), "a.xml").unwrap();
            assert_eq!(guarded.records, read.records, "{text}");
            let differs = |head: &NativeHead| {
                let mut all = head.findings.iter();
                all.find(|f| f.code == transport::COUNT_DIFFERS).cloned()
            };
            assert_eq!(differs(&counted), differs(&read), "{text}");
        }
    }
}
