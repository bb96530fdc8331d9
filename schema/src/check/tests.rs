//! Tests of the check: one table of faults per hundred of codes; every code of X4xx and X5xx stands
//! in one, and every case without its fault is clean.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests stop at the first surprise"
)]

use super::*;
use crate::clock::CHINA;
use crate::finding::Place;
use crate::record::{RawField, Version};
use proptest::prelude::*;
use std::collections::BTreeSet;
use time::macros::datetime;

const RECEIVED: OffsetDateTime = datetime!(2026-03-01 12:00:00 +8);

fn context(waive: &dyn Waive) -> Context<'_> {
    Context {
        source: "431321/front-1",
        space: "cn",
        file: "a.xml",
        envelope: "431321/front-1@1.7",
        item: 2,
        received_at: RECEIVED,
        offset: CHINA,
        waive,
    }
}

/// A record of every element without a fault; together they are a whole case. All numbers are
/// synthetic.
fn good(element: ElementId) -> Vec<(&'static str, &'static str)> {
    use ElementId as E;
    match element {
        E::Organ => vec![
            ("org_code", "11431321009000015L"),
            ("legacy_org_code", "00900001-5"),
            ("org_name", "甲县审批局"),
            ("org_nature", "1"),
            ("org_level", "4"),
            ("region", "431321"),
            ("parent_org_code", "11431321009000023f"),
        ],
        E::Item => vec![
            ("item_code", "11431321009000015L2000199001000"),
            ("item_name", "食品经营许可"),
            ("item_type", "01"),
            ("use_level", "4"),
            ("legal_limit", "20"),
            ("legal_unit", "W"),
            ("promise_limit", "10"),
            ("promise_unit", "W"),
            ("is_fee", "1"),
            ("fee_basis", "湘发改价费〔2017〕1号"),
            ("fee_standard", "每件120元"),
            ("item_ver", "3"),
        ],
        E::CaseBase => vec![
            ("case_type", "2"),
            ("project_name", "乙食品店开业"),
            ("apply_time", "2026-01-05 09:00:00"),
            ("source_form", "1"),
            ("region", "431321101"),
        ],
        E::Applicant => vec![
            ("kind", "1"),
            ("name", "张三丰"),
            ("id_type", "111"),
            ("id_no", "431321198001010012"),
            ("mobile", "13000000000"),
        ],
        E::Material => vec![
            ("material_no", "M1"),
            ("material_name", "申请书"),
            ("must_have", "1"),
            ("received", "1"),
            ("carrier", "0"),
            ("copy_kind", "0"),
            ("quantity", "1"),
            ("receive_time", "20260105090100"),
        ],
        E::Acceptance => vec![
            ("accept_state", "1"),
            ("accept_org", "11431321009000015L"),
            ("accept_org_name", "甲县审批局"),
            ("accept_person", "李四"),
            ("accept_time", "2026-01-05 10:00:00"),
            ("accept_doc_no", "甲审受〔2026〕1号"),
            ("promise_date", "2026-12-19"),
            ("region", "431321"),
        ],
        E::Process => vec![
            ("step_no", "1"),
            ("step_code", "1"),
            ("step_name", "承办"),
            ("handler", "李四"),
            ("handler_no", "1001"),
            ("unit_code", "11431321009000015L"),
            ("unit_name", "甲县审批局"),
            ("state", "2"),
            ("start_time", "2026-01-05 10:00:00"),
            ("end_time", "2026-01-06T10:00:00+08:00"),
            ("result", "1"),
            ("opinion", "同意"),
            ("due_time", "2026-12-31 18:00:00"),
        ],
        E::Correction => vec![
            ("notice_time", "2026-01-05 09:10:00"),
            ("notice_person", "李四"),
            ("reason", "缺少平面图"),
            ("material_list", "平面图"),
            ("round", "1"),
            ("received_time", "2026-01-05 09:40:00"),
            ("received_person", "李四"),
            ("place", "一号窗口"),
        ],
        E::Special => vec![
            ("kind", "09"),
            ("start_time", "2026-01-05 14:00:00"),
            ("approver", "王五"),
            ("reason", "需现场评审"),
            ("limit", "5"),
            ("limit_unit", "W"),
            ("notify_time", "2026-01-05 14:10:00"),
            ("end_time", "2026-01-05 16:00:00"),
            ("result", "通过"),
            ("opinion", "同意"),
        ],
        E::Fee => vec![
            ("fee_seq", "1"),
            ("fee_org", "11431321009000015L"),
            ("fee_org_name", "甲县审批局"),
            ("bill_no", "B1"),
            ("fee_name", "证照工本费"),
            ("standard", "每件120元"),
            ("basis", "湘发改价费〔2017〕1号"),
            ("due", "120"),
            ("derate", "20.00"),
            ("derate_reason", "小微企业"),
            ("derate_approver", "王五"),
            ("paid", "100.00"),
            ("currency", "CNY"),
            ("payer", "张三丰"),
            ("pay_time", "2026-01-05 10:30:00"),
            ("state", "1"),
        ],
        E::Conclusion => vec![
            ("result", "10"),
            ("result_desc", "准予许可"),
            ("org_code", "11431321009000015L"),
            ("org_name", "甲县审批局"),
            ("person", "王五"),
            ("done_time", "2026-01-07 10:00:00"),
            ("decision_no", "甲审许〔2026〕1号"),
            ("is_fee", "1"),
            ("region", "431321000000"),
        ],
        E::ResultDoc => vec![
            ("doc_kind", "1"),
            ("doc_name", "食品经营许可证"),
            ("doc_no", "JY1"),
            ("issuer", "甲县审批局"),
            ("issue_date", "20260107"),
            ("valid_to", "2031-1-6"),
            ("holder", "乙食品店"),
            (
                "file_digest",
                "66C7F0F462EEEDD9D1F2D46BDC10E4E24167C4875CF2F7A2297DA02B8F4BA8E0",
            ),
        ],
        E::Delivery => vec![
            ("way", "0"),
            ("receiver", "张三丰"),
            ("receiver_id_type", "111"),
            ("receiver_id_no", "43132119800101008x"),
            ("receive_time", "2026-01-08 10:00:00"),
            ("region", "431321"),
        ],
        E::Evaluation => vec![
            ("channel", "窗口"),
            ("score", "1"),
            ("eval_time", "2026-01-08 10:05:00"),
            ("round", "1"),
        ],
    }
}

fn record(element: ElementId, seq: i64, fields: &[(&str, &str)]) -> RawRecord {
    let spec = element.spec();
    RawRecord {
        element,
        seq,
        version: Version::Given(1),
        op: Op::Insert,
        none: None,
        fields: fields
            .iter()
            .map(|(name, text)| RawField {
                index: spec
                    .field_index(name)
                    .unwrap_or_else(|| panic!("{element}.{name}")),
                text: (*text).into(),
                line: 20,
                column: 7,
            })
            .collect(),
        line: 10,
        column: 3,
    }
}

fn case(records: Vec<RawRecord>) -> RawCase {
    RawCase {
        case_no: "4313210001".to_owned(),
        org_bus_no: "B-1".to_owned(),
        line: 5,
        records,
        ..RawCase::default()
    }
}

fn whole() -> RawCase {
    case(ElementId::ALL.map(|e| record(e, 1, &good(e))).into())
}

/// Sets, adds or (`None`) removes a field of a record.
fn change(raw: &mut RawRecord, name: &str, text: Option<&str>) {
    let index = raw.element.spec().field_index(name).unwrap();
    raw.fields.retain(|f| f.index != index);
    if let Some(text) = text {
        raw.fields
            .extend(record(raw.element, 1, &[(name, text)]).fields);
    }
}

/// All findings as `X401 organ.org_name`, of rejected records with a `!` before.
fn told(checked: &CheckedCase) -> Vec<String> {
    let show = |f: &Finding, mark: &str| {
        let element = f.place.element.map_or("-", ElementId::name);
        format!("{mark}{} {element}.{}", f.code, f.place.field)
    };
    let rejected = checked.rejected.iter().flat_map(|r| &r.findings);
    rejected
        .map(|f| show(f, "!"))
        .chain(checked.findings.iter().map(|f| show(f, "")))
        .collect()
}

fn check(raw: RawCase) -> CheckedCase {
    check_case(raw, 1, &context(&NoWaivers))
}

#[test]
fn a_password_in_clear_is_stored_as_its_hash_alone() {
    let stored = |text: &str| {
        let mut base = record(ElementId::CaseBase, 1, &good(ElementId::CaseBase));
        change(&mut base, "query_pwd_hash", Some(text));
        let checked = check(case(vec![base]));
        let records = checked.records.first().map(|r| r.canonical());
        let told = checked
            .rejected
            .first()
            .map(|r| format!("{:?}", r.findings));
        (records.unwrap_or_default(), told.unwrap_or_default())
    };
    let (clear, _) = stored("pw-314159");
    assert!(
        clear.contains("\"query_pwd_hash\":\"sha256:") && !clear.contains("314159"),
        "{clear}"
    );
    let hash = "0123456789abcdef".repeat(2);
    assert!(
        stored(&hash).0.contains(&hash),
        "what is a hash already stays"
    );
    let (_, told) = stored(&"pw-314159 ".repeat(20));
    assert!(
        told.contains("X404") && told.contains("***") && !told.contains("314159"),
        "{told}"
    );
}

#[test]
fn a_whole_good_case_is_stored_without_a_word() {
    let checked = check(whole());
    assert_eq!(told(&checked), Vec::<String>::new());
    assert_eq!(checked.records.len(), 14);
    assert!(checked.work.is_empty());
    let organ = &checked.records[0];
    assert_eq!(organ.text("legacy_org_code"), Some("009000015"));
    assert_eq!(organ.text("parent_org_code"), Some("11431321009000023F"));
    assert_eq!(
        (&*organ.head.source, &*organ.head.space),
        ("431321/front-1", "cn")
    );
    assert_eq!((organ.head.item, organ.number, organ.line), (2, 1, 10));
    assert_eq!(organ.digest, organ.compute_digest());
    assert_eq!(checked.records[11].text("valid_to"), Some("2031-01-06"));
    assert_eq!(checked.records[9].get("paid"), Some(&Value::Money(10_000)));
    assert_eq!(
        checked.records[4].stamp("receive_time"),
        Some(datetime!(2026-01-05 09:01:00 +8))
    );
}

/// One row of the table of fields: code, element, what is changed, the field it is told of.
type Row = (
    u16,
    ElementId,
    &'static [(&'static str, Option<&'static str>)],
    &'static str,
);

/// X4xx: each row is one fault in a good record, and rejects it.
fn field_faults() -> Vec<Row> {
    use ElementId as E;
    const LONG: &str = "字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字字";
    vec![
        (401, E::Organ, &[("org_name", None)], "org_name"),
        (
            401,
            E::Process,
            &[("handler", Some(" \u{3000}\n"))],
            "handler",
        ),
        (401, E::Fee, &[("pay_time", None)], "pay_time"),
        (402, E::Item, &[("fee_basis", None)], "fee_basis"),
        (402, E::Applicant, &[("kind", Some("2"))], "legal_person"),
        (
            402,
            E::Material,
            &[
                ("carrier", Some("1")),
                ("file_name", Some("a.pdf")),
                ("file_type", Some("pdf")),
                ("file_path", Some("/a.pdf")),
            ],
            "file_digest",
        ),
        (
            402,
            E::Acceptance,
            &[("accept_state", Some("2"))],
            "refuse_reason",
        ),
        (
            402,
            E::Acceptance,
            &[("accept_doc_no", None)],
            "accept_doc_no",
        ),
        (402, E::Process, &[("end_time", None)], "end_time"),
        (402, E::Process, &[("result", None)], "result"),
        (402, E::Process, &[("opinion", None)], "opinion"),
        (402, E::Special, &[("notify_time", None)], "notify_time"),
        (402, E::Fee, &[("derate_reason", None)], "derate_reason"),
        (402, E::Conclusion, &[("result", Some("20"))], "reason"),
        (402, E::Conclusion, &[("decision_no", None)], "decision_no"),
        (
            402,
            E::Delivery,
            &[("receiver_id_no", None)],
            "receiver_id_no",
        ),
        (402, E::Delivery, &[("way", Some("1"))], "waybill_no"),
        (402, E::Evaluation, &[("score", Some("5"))], "rectify_time"),
        (403, E::Correction, &[("place", None)], "place"),
        (403, E::Special, &[("opinion", None)], "opinion"),
        (
            404,
            E::Acceptance,
            &[("accept_person", Some(LONG))],
            "accept_person",
        ),
        (
            404,
            E::Applicant,
            &[("id_type", Some("414")), ("id_no", Some(LONG))],
            "id_no",
        ),
        (
            405,
            E::Applicant,
            &[("postcode", Some("4175000"))],
            "postcode",
        ),
        (406, E::Item, &[("item_type", Some("11"))], "item_type"),
        (406, E::Fee, &[("currency", Some("RMB"))], "currency"),
        (
            407,
            E::CaseBase,
            &[("apply_time", Some("昨天"))],
            "apply_time",
        ),
        (
            407,
            E::ResultDoc,
            &[("issue_date", Some("7/1/2026"))],
            "issue_date",
        ),
        (407, E::ResultDoc, &[("valid_to", Some("永久"))], "valid_to"),
        (
            408,
            E::CaseBase,
            &[("apply_time", Some("2024/13/01 00:00:00"))],
            "apply_time",
        ),
        (
            408,
            E::Acceptance,
            &[("promise_date", Some("2024/13/01"))],
            "promise_date",
        ),
        (
            408,
            E::CaseBase,
            &[("apply_time", Some("2025-02-30"))],
            "apply_time",
        ),
        (
            408,
            E::Process,
            &[("start_time", Some("2026-01-05 24:00:00"))],
            "start_time",
        ),
        (
            409,
            E::CaseBase,
            &[("apply_time", Some("2026-01-05"))],
            "apply_time",
        ),
        (
            410,
            E::Item,
            &[("legal_limit", Some("20天"))],
            "legal_limit",
        ),
        (410, E::Item, &[("item_ver", Some("1.0"))], "item_ver"),
        (411, E::Material, &[("quantity", Some("100"))], "quantity"),
        (
            411,
            E::Item,
            &[("item_ver", Some("99999999999999999999"))],
            "item_ver",
        ),
        (
            411,
            E::Fee,
            &[("unit_price", Some("100000000000000"))],
            "unit_price",
        ),
        (412, E::Fee, &[("unit_price", Some("1,200"))], "unit_price"),
        (412, E::Special, &[("fee", Some("1.005"))], "fee"),
        (413, E::Material, &[("must_have", Some("是"))], "must_have"),
        (414, E::Organ, &[("region", Some("4313001"))], "region"),
        (415, E::Organ, &[("region", Some("991321"))], "region"),
        (
            416,
            E::Organ,
            &[("org_code", Some("11431321009000015"))],
            "org_code",
        ),
        (
            416,
            E::Applicant,
            &[("id_type", Some("001")), ("id_no", Some("91"))],
            "id_no",
        ),
        (
            417,
            E::Organ,
            &[("org_code", Some("11431321009000015N"))],
            "org_code",
        ),
        (
            418,
            E::Process,
            &[("unit_code", Some("11431321009000016P"))],
            "unit_code",
        ),
        (
            419,
            E::Acceptance,
            &[("accept_org", Some("009000015"))],
            "accept_org",
        ),
        (
            420,
            E::Organ,
            &[("legacy_org_code", Some("00900001"))],
            "legacy_org_code",
        ),
        (
            421,
            E::Organ,
            &[("legacy_org_code", Some("009000016"))],
            "legacy_org_code",
        ),
        (
            421,
            E::Applicant,
            &[("id_type", Some("002")), ("id_no", Some("402000001"))],
            "id_no",
        ),
        (
            422,
            E::Applicant,
            &[("id_no", Some("431321800101001"))],
            "id_no",
        ),
        (
            423,
            E::Delivery,
            &[("receiver_id_no", Some("991321198001010012"))],
            "receiver_id_no",
        ),
        (
            424,
            E::Applicant,
            &[("id_no", Some("431102199002290014"))],
            "id_no",
        ),
        (
            425,
            E::Applicant,
            &[("id_no", Some("431321198001010011"))],
            "id_no",
        ),
        (
            426,
            E::ResultDoc,
            &[("file_digest", Some("abc"))],
            "file_digest",
        ),
        (
            427,
            E::Organ,
            &[("org_name", Some("甲\u{0}局"))],
            "org_name",
        ),
        (
            428,
            E::Item,
            &[("promise_limit", Some("21"))],
            "promise_limit",
        ),
    ]
}

#[test]
fn each_field_fault_is_one_error_at_its_field() {
    let mut seen = BTreeSet::new();
    for (code, element, changes, field) in field_faults() {
        let mut raw = record(element, 1, &good(element));
        assert_eq!(told(&check(case(vec![raw.clone()]))), Vec::<String>::new());
        for (name, text) in changes {
            change(&mut raw, name, *text);
        }
        let checked = check(case(vec![raw.clone()]));
        let want = format!("!X{code} {}.{field}", element.name());
        assert_eq!(told(&checked), [want], "{changes:?}");
        assert!(checked.records.is_empty());
        assert_eq!(checked.rejected[0].raw, raw);
        seen.insert(code);
    }
    let all: BTreeSet<u16> = crate::code::field::CODES.iter().map(|c| c.number).collect();
    assert_eq!(seen, all);
}

#[test]
fn an_optional_condition_that_does_not_hold_asks_for_nothing() {
    use ElementId as E;
    for (element, changes) in [
        (
            E::Item,
            vec![
                ("is_fee", Some("0")),
                ("fee_basis", None),
                ("fee_standard", None),
            ],
        ),
        (
            E::Item,
            vec![("promise_limit", Some("30")), ("promise_unit", Some("D"))],
        ),
        (
            E::Applicant,
            vec![
                ("kind", Some("5")),
                ("id_type", Some("001")),
                ("id_no", Some("91431321MA90000113")),
            ],
        ),
        (
            E::Applicant,
            vec![("id_type", Some("414")), ("id_no", Some("E00000000"))],
        ),
        (
            E::Process,
            vec![
                ("state", Some("1")),
                ("end_time", None),
                ("result", None),
                ("opinion", None),
            ],
        ),
        (
            E::Correction,
            vec![
                ("received_time", None),
                ("received_person", None),
                ("place", None),
            ],
        ),
        (
            E::Special,
            vec![("kind", Some("01")), ("notify_time", None)],
        ),
        (
            E::Fee,
            vec![
                ("derate", Some("0")),
                ("derate_reason", None),
                ("derate_approver", None),
                ("paid", Some("120")),
            ],
        ),
        (
            E::Fee,
            vec![
                ("derate", Some("0")),
                ("derate_reason", None),
                ("derate_approver", None),
                ("paid", Some("0")),
                ("state", Some("2")),
            ],
        ),
        (
            E::Conclusion,
            vec![
                ("result", Some("50")),
                ("decision_no", None),
                ("is_fee", Some("0")),
            ],
        ),
        (
            E::Delivery,
            vec![
                ("way", Some("2")),
                ("receiver_id_no", None),
                ("receiver_id_type", None),
            ],
        ),
        (E::ResultDoc, vec![("valid_to", Some("长期"))]),
    ] {
        let mut raw = record(element, 1, &good(element));
        for (name, text) in &changes {
            change(&mut raw, name, *text);
        }
        assert_eq!(
            told(&check(case(vec![raw]))),
            Vec::<String>::new(),
            "{changes:?}"
        );
    }
}

#[test]
fn a_finding_says_where_what_and_why_and_masks_persons() {
    let mut raw = record(ElementId::Applicant, 1, &good(ElementId::Applicant));
    change(&mut raw, "id_no", Some("431321198001010011"));
    change(&mut raw, "mobile", None);
    let checked = check_case(case(vec![raw]), 41, &context(&NoWaivers));
    let findings = &checked.rejected[0].findings;
    assert_eq!(checked.rejected[0].record, 41);
    let [id_no, mobile] = &findings[..] else {
        panic!("{findings:?}");
    };
    assert_eq!(id_no.value.as_deref(), Some("431*************11"));
    assert_eq!(
        (id_no.place.line, id_no.place.column, id_no.place.record),
        (20, 7, 41)
    );
    assert_eq!(id_no.place.file, "a.xml");
    assert_eq!(id_no.place.case_no, "4313210001");
    assert_eq!(id_no.cause_zh(), "字段“证件号码”的校验位不符（GB 11643）");
    assert_eq!((mobile.place.line, mobile.place.column), (10, 3));
    assert_eq!(
        mobile.cause_en(),
        "the required field mobile number is absent or empty"
    );
    let mut raw = record(ElementId::Conclusion, 1, &good(ElementId::Conclusion));
    change(&mut raw, "result", Some("41"));
    let checked = check(case(vec![raw]));
    let finding = &checked.rejected[0].findings[0];
    assert_eq!(
        finding.cause_zh(),
        "办结结果代码不为10、11、50时字段“不予、退回或作废原因”必填"
    );
    for text in [finding.cause_en(), finding.hint_en(), finding.hint_zh()] {
        assert!(!text.contains('{'), "{text}");
    }
}

#[test]
fn every_text_of_a_code_is_filled() {
    for (_, element, changes, _) in field_faults() {
        let mut raw = record(element, 1, &good(element));
        for (name, text) in changes {
            change(&mut raw, name, *text);
        }
        for f in &check(case(vec![raw])).rejected[0].findings {
            for text in [f.cause_zh(), f.cause_en(), f.hint_zh(), f.hint_en()] {
                assert!(
                    !text.contains('{') && !text.is_empty(),
                    "{}: {text}",
                    f.code
                );
            }
        }
    }
}

#[test]
fn keys_of_the_case() {
    let no = |case_no: &str, bus: &str| {
        let mut raw = case(vec![record(ElementId::Organ, 1, &good(ElementId::Organ))]);
        raw.case_no = case_no.to_owned();
        raw.org_bus_no = bus.to_owned();
        told(&check(raw))
    };
    assert_eq!(no(" ", ""), ["!X302 organ."]);
    assert_eq!(no(&"9".repeat(51), ""), ["!X303 organ."]);
    assert_eq!(no("9\u{1}", ""), ["!X303 organ."]);
    assert_eq!(no("9", &"9".repeat(65)), ["!X319 organ."]);
    assert_eq!(
        no(&format!(" {} ", "号".repeat(50)), &"9".repeat(64)),
        Vec::<String>::new()
    );
    let mut hostile = case(vec![record(ElementId::Organ, 1, &[])]);
    hostile.case_no = format!("9\u{0}{}", "9".repeat(9_000));
    let checked = check(hostile);
    assert_eq!(checked.case_no.chars().count(), CASE_NO_CHARS);
    let finding = &checked.rejected[0].findings[0];
    for text in [
        checked.case_no.as_str(),
        &finding.place.case_no,
        finding.value.as_deref().unwrap(),
    ] {
        assert!(
            text.starts_with("9\u{FFFD}9") && !text.contains('\0'),
            "{text:?}"
        );
    }
    let mut empty = case(Vec::new());
    assert_eq!(told(&check(empty.clone())), ["X317 -."]);
    let mut known = empty.clone();
    let finding = Finding::new(x3::UNKNOWN_ELEMENT, Place::default());
    known.findings.push((None, finding));
    assert_eq!(told(&check(known)), ["X307 -."]);
    empty.case_no.clear();
    assert_eq!(told(&check(empty)), ["X302 -.", "X317 -."]);
}

#[test]
fn a_case_over_the_limit_is_refused_record_by_record() {
    let fee = record(ElementId::Fee, 1, &[]);
    let checked = check(case(vec![fee; CASE_RECORDS + 1]));
    assert_eq!(checked.rejected.len(), CASE_RECORDS + 1);
    let finding = &checked.rejected[CASE_RECORDS].findings[0];
    assert_eq!(finding.code, x3::TOO_MANY_RECORDS);
    assert_eq!(
        finding.cause_en(),
        "the case has 20001 records, over the limit of 20000"
    );
}

#[test]
fn keys_of_a_record() {
    let mut raw = record(ElementId::Organ, 0, &good(ElementId::Organ));
    assert_eq!(told(&check(case(vec![raw.clone()]))), ["!X304 organ."]);
    // The decoder told of it: not a second time.
    let mut told_already = case(vec![raw.clone()]);
    let finding = Finding::new(x3::BAD_SEQ, Place::default());
    told_already.findings.push((Some(0), finding));
    let checked = check(told_already);
    assert_eq!(told(&checked), ["!X304 organ."]);
    assert_eq!(checked.rejected[0].findings[0].place.record, 1);
    raw.seq = 1;
    raw.version = Version::Given(0);
    assert_eq!(told(&check(case(vec![raw.clone()]))), ["!X305 organ."]);
    raw.version = Version::Arrival;
    assert_eq!(told(&check(case(vec![raw]))), Vec::<String>::new());
}

#[test]
fn an_unknown_code_of_the_decoder_is_no_second_fault() {
    let mut raw = record(ElementId::Item, 1, &good(ElementId::Item));
    change(&mut raw, "item_type", None);
    let mut with = case(vec![raw]);
    let place = Place {
        field: "item_type".to_owned(),
        ..Place::default()
    };
    with.findings.push((
        Some(0),
        Finding::new(crate::code::field::UNKNOWN_CODE, place.clone()),
    ));
    let warn = Finding::new(
        x3::UNKNOWN_FIELD,
        Place {
            field: "colour".to_owned(),
            ..place
        },
    );
    with.findings.push((Some(0), warn.clone()));
    // A field of a known name that the decoder does not know is no excuse for the known one.
    change(&mut with.records[0], "use_level", None);
    let mut other = warn.clone();
    other.place.field = "use_level".to_owned();
    with.findings.push((Some(0), other));
    with.findings.push((None, warn));
    assert_eq!(
        told(&check(with)),
        [
            "!X406 item.item_type",
            "!X308 item.colour",
            "!X308 item.use_level",
            "!X401 item.use_level",
            "X308 -.colour"
        ]
    );
}

#[test]
fn doubled_elements_fields_and_declared_nones() {
    use ElementId as E;
    let organ = |seq| record(E::Organ, seq, &good(E::Organ));
    // The second one of another number; the same number is a matter of versions.
    assert_eq!(
        told(&check(case(vec![organ(1), organ(2)]))),
        ["!X309 organ."]
    );
    assert_eq!(check(case(vec![organ(1), organ(1)])).records.len(), 2);
    let step = |seq| record(E::Process, seq, &good(E::Process));
    assert_eq!(check(case(vec![step(1), step(2)])).records.len(), 2);
    let mut gone = organ(1);
    gone.op = Op::Delete;
    assert_eq!(check(case(vec![gone, organ(2)])).records.len(), 2);

    let mut twice = organ(1);
    twice.fields.extend(organ(1).fields.drain(2..3));
    assert_eq!(told(&check(case(vec![twice]))), ["!X310 organ.org_name"]);

    let none = |element, reason: &str, fields: &[(&str, &str)]| RawRecord {
        none: Some(reason.to_owned()),
        ..record(element, 1, fields)
    };
    let checked = check(case(vec![none(E::Fee, " 1", &[])]));
    assert_eq!(checked.records[0].none.as_deref(), Some("1"));
    assert_eq!(
        checked.records[0].canonical(),
        r#"{"element":"fee","none":"1","fields":{}}"#
    );
    assert_eq!(
        told(&check(case(vec![none(E::Fee, "", &[])]))),
        ["!X313 fee."]
    );
    assert_eq!(
        told(&check(case(vec![none(E::Fee, "7", &[])]))),
        ["!X313 fee."]
    );
    assert_eq!(
        told(&check(case(vec![none(E::Organ, "1", &[])]))),
        ["!X312 organ."]
    );
    let carrying = none(E::Fee, "1", &[("fee_name", "工本费")]);
    assert_eq!(told(&check(case(vec![carrying]))), ["!X311 fee."]);
    let fee = record(E::Fee, 2, &good(E::Fee));
    let checked = check(case(vec![none(E::Fee, "1", &[]), fee]));
    assert_eq!(told(&checked), ["X318 fee."]);
    assert_eq!(checked.records[0].marks, [318]);
}

#[test]
fn a_deletion_needs_no_fields_and_stores_none() {
    let mut raw = record(ElementId::Process, 4, &[("start_time", "nonsense")]);
    raw.op = Op::Delete;
    let mut raw = case(vec![raw]);
    let unknown = Finding::new(crate::code::field::UNKNOWN_CODE, Place::default());
    raw.findings.push((Some(0), unknown));
    let checked = check(raw);
    assert_eq!(told(&checked), Vec::<String>::new());
    assert_eq!(checked.records[0].values, vec![None; 18]);
    assert_eq!(
        checked.records[0].canonical(),
        r#"{"element":"process","delete":true,"fields":{}}"#
    );
}

/// Waives what it lists.
struct Waivers(&'static [(ElementId, Option<&'static str>)], &'static [u16]);

impl Waive for Waivers {
    fn absent(&self, element: ElementId, field: Option<usize>) -> bool {
        self.0.iter().any(|(e, name)| {
            *e == element && name.map(|n| element.spec().field_index(n).unwrap()) == field
        })
    }
    fn lowered(&self, code: Code) -> bool {
        self.1.contains(&code.number())
    }
}

fn waived(raw: RawRecord, waive: &Waivers) -> CheckedCase {
    check_case(case(vec![raw]), 1, &context(waive))
}

#[test]
fn declared_absences_are_counted_and_told_nowhere() {
    let waive = Waivers(
        &[
            (ElementId::Process, Some("handler_no")),
            (ElementId::Process, Some("opinion")),
        ],
        &[],
    );
    let mut raw = record(ElementId::Process, 1, &good(ElementId::Process));
    change(&mut raw, "handler_no", None);
    change(&mut raw, "opinion", None);
    let checked = waived(raw.clone(), &waive);
    assert_eq!(told(&checked), Vec::<String>::new());
    assert_eq!(checked.records[0].marks, Vec::<u16>::new());
    let lines: Vec<_> = checked
        .work
        .iter()
        .map(|(w, n)| (w.code.number(), &*w.field, *n))
        .collect();
    assert_eq!(lines, [(401, "handler_no", 1), (402, "opinion", 1)]);
    change(&mut raw, "handler", None);
    assert_eq!(told(&waived(raw, &waive)), ["!X401 process.handler"]);
}

#[test]
fn lowered_codes_keep_what_can_be_kept() {
    let good_organ = record(ElementId::Organ, 1, &good(ElementId::Organ));
    for (lowered, field, text, kept) in [
        (&[419][..], "org_code", "d2143569x", Some("D2143569X")),
        (&[417, 418], "org_code", "1143132100900001ZZ", None),
        (
            &[417, 418],
            "org_code",
            "11431321009000016x",
            Some("11431321009000016X"),
        ),
        (
            &[417],
            "org_code",
            "11431321009000015N",
            Some("11431321009000015N"),
        ),
        (&[415], "region", "991321", Some("991321")),
        (&[414], "region", "4313001", None),
        (&[406], "org_level", "8", None),
        (&[421], "legacy_org_code", "009000016", Some("009000016")),
        (
            &[404],
            "supervise_phone",
            "0738-0000000-0000000",
            Some("0738-0000000-0000000"),
        ),
    ] {
        let waive = Waivers(&[], lowered);
        let mut raw = good_organ.clone();
        change(&mut raw, field, Some(text));
        let checked = waived(raw, &waive);
        let stored = checked.records.first().map(|r| r.text(field));
        if text == "1143132100900001ZZ" {
            assert_eq!(told(&checked), ["!X416 organ.org_code"]);
            continue;
        }
        assert_eq!(stored, Some(kept), "{text}: {:?}", told(&checked));
        assert_eq!(told(&checked), Vec::<String>::new());
        let counted: u64 = checked.work.iter().map(|(_, n)| n).sum();
        assert!(counted >= 1);
        // Lines are told apart by codes, and by nothing that may be a person's.
        let codes = matches!(lowered[0], 406 | 416..=421);
        for (line, _) in &checked.work {
            assert_eq!(line.value, if codes { text } else { "" }, "{line:?}");
        }
        assert!(checked.records[0].marks.contains(&lowered[0]));
    }
    // A key is never let pass.
    let mut raw = good_organ.clone();
    raw.seq = 0;
    assert_eq!(told(&waived(raw, &Waivers(&[], &[304]))), ["!X304 organ."]);
    // A lowered check character is no pardon for the inner check.
    let mut raw = good_organ;
    change(&mut raw, "org_code", Some("11431321009000016X"));
    let checked = waived(raw, &Waivers(&[], &[417]));
    assert_eq!(told(&checked), ["!X418 organ.org_code"]);
    // A day where an instant is asked counts from midnight, in the source's zone.
    let mut raw = record(ElementId::CaseBase, 1, &good(ElementId::CaseBase));
    change(&mut raw, "apply_time", Some("2026-01-05"));
    let checked = waived(raw, &Waivers(&[], &[409]));
    assert_eq!(
        checked.records[0].stamp("apply_time"),
        Some(datetime!(2026-01-05 00:00:00 +8))
    );
}

#[test]
fn organs_and_items_stand_outside_a_case_and_nothing_else_does() {
    let list = |records| RawCase {
        outside: true,
        records,
        ..RawCase::default()
    };
    let mut longer = record(ElementId::Item, 8, &good(ElementId::Item));
    change(&mut longer, "promise_limit", Some("30"));
    let checked = check(list(vec![
        record(ElementId::Item, 7, &good(ElementId::Item)),
        longer,
        record(ElementId::Item, 9, &good(ElementId::Item)),
        record(ElementId::Organ, 7, &good(ElementId::Organ)),
        record(ElementId::Process, 1, &good(ElementId::Process)),
    ]));
    assert_eq!(
        told(&checked),
        ["!X428 item.promise_limit", "!X302 process."],
        "what an item says against itself counts; its neighbours are no case"
    );
    assert_eq!(checked.records.len(), 3);
    assert!(checked.records.iter().all(Record::is_outside));
    let bare = check(RawCase {
        records: vec![record(ElementId::Item, 7, &good(ElementId::Item))],
        ..RawCase::default()
    });
    assert_eq!(told(&bare), ["!X302 item."], "a case needs its number");
}

#[test]
fn a_rejection_that_a_dialect_can_mend_is_work() {
    let mut raw = record(ElementId::Organ, 1, &good(ElementId::Organ));
    change(&mut raw, "org_level", Some("县级"));
    change(&mut raw, "org_name", None);
    change(&mut raw, "region", Some("12"));
    let checked = check(case(vec![raw]));
    let findings = checked.rejected.iter().flat_map(|r| &r.findings);
    let work: Vec<_> = findings.filter_map(WorkItem::of).collect();
    let shown: Vec<_> = work
        .iter()
        .map(|w| (w.code.number(), &*w.field, &*w.value))
        .collect();
    assert_eq!(shown, [(406, "org_level", "县级"), (401, "org_name", "")]);
}

/// A change of the whole good case: element, field, text.
type Edit = (ElementId, &'static str, Option<&'static str>);

#[test]
fn each_contradiction_is_one_warning_that_marks_its_record() {
    use ElementId as E;
    let rows: Vec<(u16, Vec<Edit>, &str)> = vec![
        (
            501,
            vec![(E::Material, "receive_time", Some("1999-12-31 23:59:59"))],
            "material.receive_time",
        ),
        (
            501,
            vec![(E::ResultDoc, "issue_date", Some("1026-01-07"))],
            "result_doc.issue_date",
        ),
        (
            502,
            vec![(E::Evaluation, "eval_time", Some("2026-03-01 12:06:00"))],
            "evaluation.eval_time",
        ),
        (
            502,
            vec![(E::ResultDoc, "issue_date", Some("2026-03-02"))],
            "result_doc.issue_date",
        ),
        (
            503,
            vec![(E::CaseBase, "apply_time", Some("2026-01-05 10:00:01"))],
            "acceptance.accept_time",
        ),
        (
            504,
            vec![(E::Process, "start_time", Some("2026-01-05 09:59:59"))],
            "process.start_time",
        ),
        (
            505,
            vec![(E::Process, "end_time", Some("2026-01-05 09:59:59"))],
            "process.end_time",
        ),
        (
            506,
            vec![(E::Process, "end_time", Some("2026-01-07 10:00:01"))],
            "process.end_time",
        ),
        (
            507,
            vec![
                (E::Conclusion, "done_time", Some("2026-01-05 09:59:59")),
                (E::Process, "start_time", None),
            ],
            "conclusion.done_time",
        ),
        (
            508,
            vec![(E::Delivery, "receive_time", Some("2026-01-07 09:59:59"))],
            "delivery.receive_time",
        ),
        (
            511,
            vec![(E::Conclusion, "is_fee", Some("0"))],
            "conclusion.is_fee",
        ),
        (
            514,
            vec![(E::Special, "end_time", Some("2026-01-05 13:59:59"))],
            "special.end_time",
        ),
        (
            515,
            vec![(E::CaseBase, "region", Some("431322"))],
            "case_base.region",
        ),
        (516, vec![(E::Fee, "paid", Some("120"))], "fee.paid"),
        (
            517,
            vec![(E::Correction, "received_time", Some("2026-01-05 09:09:59"))],
            "correction.received_time",
        ),
    ];
    let mut seen = BTreeSet::from([509, 510, 512, 513]);
    for (code, edits, place) in rows {
        let mut raw = whole();
        for (element, field, text) in &edits {
            if (*element, *field) == (E::Process, "start_time") && text.is_none() {
                raw.records.retain(|r| r.element != E::Process);
                continue;
            }
            change(&mut raw.records[element.index()], field, *text);
        }
        let checked = check(raw);
        assert_eq!(told(&checked), [format!("X{code} {place}")], "{edits:?}");
        assert!(checked.rejected.is_empty());
        let finding = &checked.findings[0];
        assert_eq!(finding.severity, Severity::Warn);
        for text in [finding.cause_zh(), finding.cause_en()] {
            assert!(!text.contains('{'), "{text}");
        }
        let marked: Vec<_> = checked
            .records
            .iter()
            .filter(|r| !r.marks.is_empty())
            .collect();
        assert_eq!(marked.len(), 1);
        assert_eq!(marked[0].marks, [code]);
        assert_eq!(marked[0].number, finding.place.record);
        seen.insert(code);
    }
    let all: BTreeSet<u16> = crate::code::logic::CODES.iter().map(|c| c.number).collect();
    assert_eq!(seen, all);
}

fn without(mut raw: RawCase, elements: &[ElementId]) -> RawCase {
    raw.records.retain(|r| !elements.contains(&r.element));
    raw
}

#[test]
fn a_lack_is_told_only_where_the_item_carries_the_case() {
    use ElementId as E;
    let quiet = Vec::<String>::new();
    let raw = without(whole(), &[E::Acceptance]);
    assert_eq!(told(&check(raw.clone())), ["X509 conclusion.result"]);
    // A process from its first step is a start, too; a later step and the end are single events.
    let events = without(raw, &[E::CaseBase, E::Organ, E::Item]);
    assert_eq!(told(&check(events.clone())), ["X509 conclusion.result"]);
    let mut later = events;
    for record in &mut later.records {
        if record.element == E::Process {
            change(record, "step_no", Some("2"));
            change(record, "step_code", Some("3"));
        }
    }
    assert_eq!(told(&check(later)), quiet);
    let conclusion = record(E::Conclusion, 1, &good(E::Conclusion));
    assert_eq!(told(&check(case(vec![conclusion]))), quiet);
    // A rejected acceptance is no lack.
    let mut raw = whole();
    change(&mut raw.records[5], "accept_person", None);
    assert_eq!(told(&check(raw)), ["!X401 acceptance.accept_person"]);
    // What the source declares absent is no lack.
    let waive = Waivers(
        &[(E::Acceptance, None), (E::ResultDoc, None), (E::Fee, None)],
        &[],
    );
    let raw = without(whole(), &[E::Acceptance, E::ResultDoc, E::Fee]);
    assert_eq!(told(&check_case(raw.clone(), 1, &context(&waive))), quiet);
    assert_eq!(
        told(&check(raw)),
        [
            "X509 conclusion.result",
            "X510 conclusion.result",
            "X511 conclusion.is_fee"
        ]
    );
    // A declared none contradicts whatever else the item carries.
    let mut none = record(E::ResultDoc, 1, &[]);
    none.none = Some("2".to_owned());
    let conclusion = record(E::Conclusion, 1, &good(E::Conclusion));
    assert_eq!(
        told(&check(case(vec![none, conclusion]))),
        ["X510 conclusion.result"]
    );
}

#[test]
fn persons_and_special_ends() {
    use ElementId as E;
    let mut approval = record(E::Process, 2, &good(E::Process));
    change(&mut approval, "step_code", Some("3"));
    let mut raw = whole();
    raw.records.push(approval.clone());
    assert_eq!(told(&check(raw.clone())), ["X512 process.handler_no"]);
    change(&mut raw.records[14], "handler_no", Some("1002"));
    assert_eq!(told(&check(raw)), Vec::<String>::new());

    let waive = Waivers(&[(E::Special, Some("start_time"))], &[]);
    let mut special = record(E::Special, 1, &good(E::Special));
    change(&mut special, "start_time", None);
    assert_eq!(told(&waived(special, &waive)), ["X513 special.end_time"]);
}

#[test]
fn instants_are_compared_not_texts_and_the_version_in_force_counts() {
    // 09:30 in Beijing is before 02:00 in Berlin, whatever the digits say.
    let mut raw = whole();
    change(
        &mut raw.records[2],
        "apply_time",
        Some("2026-01-05T02:30:00+01:00"),
    );
    assert_eq!(told(&check(raw.clone())), Vec::<String>::new());
    change(
        &mut raw.records[2],
        "apply_time",
        Some("2026-01-05T03:30:00+01:00"),
    );
    assert_eq!(told(&check(raw.clone())), ["X503 acceptance.accept_time"]);
    // A higher version of the base facts sets it right; a deletion takes it away.
    let mut newer = raw.records[2].clone();
    newer.version = Version::Given(2);
    change(&mut newer, "apply_time", Some("2026-01-05 09:00:00"));
    raw.records.push(newer);
    assert_eq!(told(&check(raw.clone())), Vec::<String>::new());
    raw.records[14].op = Op::Delete;
    assert_eq!(told(&check(raw)), Vec::<String>::new());
}

#[test]
fn a_forwarded_case_keeps_its_source_and_space() {
    let mut raw = case(vec![record(ElementId::Organ, 1, &good(ElementId::Organ))]);
    raw.source = Some("431300/hub".to_owned());
    raw.space = Some("431321/log".to_owned());
    let checked = check(raw);
    assert_eq!(&*checked.records[0].head.source, "431300/hub");
    assert_eq!(&*checked.records[0].head.space, "431321/log");
}

/// Texts near the layouts that the check reads, and any other.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,40}",
        "[0-9]{0,20}",
        "[-+]?[0-9]{0,16}(\\.[0-9]{0,3})?",
        "(19|20)[0-9]{2}[-/]?[01]?[0-9][-/]?[0-3]?[0-9][T ]?[0-2][0-9]:?[0-5][0-9]:?[0-5][0-9](Z|[+-]0[0-9]:?[03]0)?",
        "[0-9A-HJ-NP-RT-UW-Y]{18}",
        "[0-9A-F]{64}",
        "[\\x00-\\x7f]{0,20}",
    ]
}

/// Records whose fields are the good ones, some of them replaced.
fn some_record() -> impl Strategy<Value = RawRecord> {
    let field = (0_usize..20, text());
    let key = (0_usize..14, -1_i64..4, -1_i64..4, 0_u8..8);
    (key, prop::collection::vec(field, 0..6)).prop_map(|((element, seq, version, kind), fields)| {
        let element = ElementId::ALL[element];
        let mut raw = record(element, seq, &good(element));
        for (index, text) in fields {
            raw.fields.retain(|f| f.index != index || kind == 3);
            raw.fields.push(RawField {
                index,
                text: text.into(),
                line: 0,
                column: 0,
            });
        }
        raw.version = if version < 0 {
            Version::Arrival
        } else {
            Version::Given(version)
        };
        match kind {
            0 => raw.op = Op::Delete,
            1 => raw.none = Some("1".to_owned()),
            2 => raw.fields.clear(),
            _ => {}
        }
        raw
    })
}

/// The record as a decoder would read it from its canonical texts.
fn again(stored: &Record) -> RawRecord {
    let spec = stored.element.spec();
    let fields: Vec<(&str, String)> = spec
        .fields
        .iter()
        .zip(&stored.values)
        .filter_map(|(f, v)| Some((f.name, v.as_ref()?.canonical())))
        .collect();
    let texts: Vec<(&str, &str)> = fields.iter().map(|(n, t)| (*n, t.as_str())).collect();
    RawRecord {
        version: stored.version,
        op: stored.op,
        none: stored.none.as_deref().map(str::to_owned),
        ..record(stored.element, stored.seq, &texts)
    }
}

proptest! {
    #[test]
    fn no_case_panics_and_no_record_is_lost(
        records in prop::collection::vec(some_record(), 0..12), case_no in "\\PC{0,60}",
    ) {
        let count = records.len();
        let mut raw = case(records);
        raw.case_no = case_no;
        let checked = check(raw);
        prop_assert_eq!(checked.records.len() + checked.rejected.len(), count);
        for rejected in &checked.rejected {
            prop_assert!(rejected.findings.iter().any(|f| f.severity == Severity::Error));
        }
        for finding in &checked.findings {
            // What no record can carry stands at the case.
            prop_assert!(finding.severity != Severity::Error || count == 0);
        }
    }

    #[test]
    fn what_is_stored_reads_as_itself(raw in some_record()) {
        let first = check(case(vec![raw]));
        for stored in &first.records {
            let second = check(case(vec![again(stored)]));
            prop_assert_eq!(second.records.len(), 1, "{:?}", told(&second));
            prop_assert_eq!(&second.records[0].values, &stored.values);
            prop_assert_eq!(second.records[0].digest, stored.digest);
        }
    }
}
