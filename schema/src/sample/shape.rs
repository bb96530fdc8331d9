//! Samples of shapes: keys, declared none, deletions, doubled and unknown nodes, head and structure.

use super::draft::{CASE_NO, Draft};
use super::{Sample, Shows, case, document, node, single};
use crate::code::{Code, element as x3, field as x4, transport};
use crate::codeset::NONE_REASON;
use crate::element::{Cardinality, ElementId};
use crate::field::Kind;
use crate::xml::native::{HEAD_FIELDS, field_nodes};

/// Adds samples of one element, or of none.
struct Adder<'a> {
    element: Option<ElementId>,
    all: &'a mut Vec<Sample>,
}

impl Adder<'_> {
    fn add(&mut self, name: &str, xml: String, expect: Option<(Code, bool)>) {
        let about = self.element.map_or("document", ElementId::name);
        let code = expect.map_or(String::new(), |(c, _)| format!(".{c}"));
        self.all.push(Sample {
            name: format!("{about}.{name}{code}"),
            element: self.element,
            field: None,
            shows: Shows::Shape,
            xml,
            good: expect.is_none(),
            expect: expect.map(|(code, _)| code),
            schema_refuses: expect.is_some_and(|(_, refuses)| refuses),
        });
    }
}

/// The samples of an element's shapes.
pub(super) fn element(element: ElementId, all: &mut Vec<Sample>) {
    let draft = Draft::new(element, 1, &[]);
    let fields = draft.fields_xml();
    let mut adder = Adder {
        element: Some(element),
        all,
    };
    let tagged = |attributes: &str| single(&node(element, 1, attributes, &fields));
    let delete = " dataVer=\"2\" op=\"D\"";
    adder.add("delete", single(&node(element, 1, delete, "")), None);
    adder.add("update", tagged(" dataVer=\"2\" op=\"U\""), None);
    adder.add("arrival", tagged(" dataVer=\"arrival\""), None);
    let number = single(&node(element, 0, "", &fields));
    adder.add("seq", number, Some((x3::BAD_SEQ, true)));
    adder.add(
        "version",
        tagged(" dataVer=\"0\""),
        Some((x3::BAD_VERSION, true)),
    );
    adder.add("op", tagged(" op=\"X\""), Some((x3::BAD_OP, true)));
    let attribute = tagged(" remark=\"x\"");
    adder.add("attribute", attribute, Some((x3::UNKNOWN_ATTRIBUTE, true)));
    let stray = format!("{fields}        多余\n");
    let xml = single(&node(element, 1, "", &stray));
    adder.add("text", xml, Some((x3::STRAY_TEXT, true)));
    let unknown = format!("{fields}        <Remark>x</Remark>\n");
    let xml = single(&node(element, 1, "", &unknown));
    adder.add("unknown_field", xml, Some((x3::UNKNOWN_FIELD, true)));
    let first = draft.fields.keys().next().copied().unwrap_or_default();
    let doubled = format!(
        "{fields}        <{0}>1</{0}>\n",
        field_nodes(element)[first]
    );
    let xml = single(&node(element, 1, "", &doubled));
    adder.add("doubled_field", xml, Some((x3::DOUBLED_FIELD, true)));
    let texts = element.spec().fields.iter();
    if let Some(text) = texts
        .clone()
        .position(|f| matches!(f.kind, Kind::Text(2..)) && !f.secret)
    {
        let mut broken = Draft::new(element, 1, &[]);
        broken.fields.insert(text, "甲\u{FFFD}".to_owned());
        adder.add(
            "broken",
            single(&broken.xml()),
            Some((x3::BROKEN_TEXT, false)),
        );
    }
    adder.none(element, &fields);
    if element.spec().cardinality == Cardinality::One {
        let two = draft.xml() + &node(element, 2, "", &fields);
        let xml = document(&case(&two), 2);
        adder.add("doubled", xml, Some((x3::DOUBLED_ELEMENT, true)));
    } else {
        let two = draft.xml() + &Draft::new(element, 2, &[]).xml();
        adder.add("two", document(&case(&two), 2), None);
    }
    if element == ElementId::Item {
        let draft = Draft::named(element, 1, &[("legal_limit", "5")]);
        let xml = single(&draft.xml().replace(
            "<PromiseLimit>5</PromiseLimit>",
            "<PromiseLimit>6</PromiseLimit>",
        ));
        adder.add("promise", xml, Some((x4::PROMISE_OVER_LEGAL, false)));
    }
}

impl Adder<'_> {
    /// Declared none: allowed, not allowed, without a reason, with fields, beside records.
    fn none(&mut self, element: ElementId, fields: &str) {
        let bare = |attributes: &str| single(&node(element, 1, attributes, ""));
        if element.spec().cardinality != Cardinality::ZeroOrMore {
            let xml = bare(" none=\"true\" reason=\"1\"");
            self.add("none", xml, Some((x3::NONE_NOT_ALLOWED, true)));
            return;
        }
        for (code, _, _) in NONE_REASON.codes {
            let xml = bare(&format!(" none=\"true\" reason=\"{code}\""));
            self.add(&format!("none{code}"), xml, None);
        }
        let reason = Some((x3::BAD_NONE_REASON, true));
        self.add("none_reason", bare(" none=\"true\" reason=\"?\""), reason);
        let bad = single(&node(element, 1, " none=\"perhaps\"", fields));
        self.add("none_text", bad, Some((x3::BAD_NONE, true)));
        let both = single(&node(element, 1, " none=\"true\" reason=\"1\"", fields));
        self.add("none_fields", both, Some((x3::NONE_WITH_FIELDS, false)));
        let record = node(element, 1, "", fields);
        let declared = node(element, 2, " none=\"true\" reason=\"1\"", "");
        let xml = document(&case(&(record + &declared)), 2);
        self.add("none_beside", xml, Some((x3::NONE_AND_RECORDS, false)));
    }
}

/// The samples of heads, cases and documents.
pub(super) fn documents(all: &mut Vec<Sample>) {
    let mut adder = Adder { element: None, all };
    let organ = Draft::new(ElementId::Organ, 1, &[]).xml();
    let good = single(&organ);
    for field in HEAD_FIELDS.iter().filter(|f| f.required) {
        let name = format!("head.{}", field.node);
        let xml = without_node(&good, field.node);
        adder.add(&name, xml, Some((x3::BAD_HEAD, true)));
    }
    let swap = |from: &str, to: &str| good.replacen(from, to, 1);
    let head = Some((x3::BAD_HEAD, true));
    adder.add("head.time", swap("<SendTime>2026", "<SendTime>昨"), head);
    adder.add("head.count", swap("<RecordCount>1", "<RecordCount>x"), head);
    let sender = swap("00015L</SenderOrg>", "</SenderOrg>");
    adder.add("head.sender", sender, head);
    let extra = swap("  </Head>", "    <Remark/>\n  </Head>");
    adder.add("head.unknown", extra, Some((x3::UNKNOWN_FIELD, true)));
    let count = swap("<RecordCount>1", "<RecordCount>2");
    adder.add("count", count, Some((transport::COUNT_DIFFERS, false)));
    let root = good.replace("Package", "Packet");
    adder.add("root", root, Some((x3::WRONG_ROOT, true)));
    let format = swap("<Package version=\"1.0\"", "<Package version=\"9\"");
    adder.add("version", format, Some((x3::FORMAT_VERSION, true)));
    let headless = without_node(&good, "Head");
    adder.add("headless", headless, Some((x3::MISSING_PART, true)));
    let bodiless = without_node(&document("", 0), "Body");
    adder.add("bodiless", bodiless, Some((x3::MISSING_PART, true)));
    let doubled = swap("  </Body>\n", "  </Body>\n  <Body/>\n");
    adder.add("doubled_body", doubled, Some((x3::DOUBLED_PART, true)));
    let part = swap("  </Body>\n", "  </Body>\n  <Foot/>\n");
    adder.add("part", part, Some((x3::UNKNOWN_PART, true)));
    let unknown = case(&(organ.clone() + "      <Complaint/>\n"));
    let xml = document(&unknown, 2);
    adder.add("element", xml, Some((x3::UNKNOWN_ELEMENT, true)));
    let empty = document("", 0);
    adder.add("no_case", empty, Some((x3::NO_RECORDS, true)));
    let bare = document(&case(""), 0);
    adder.add("no_record", bare, Some((x3::NO_RECORDS, false)));
    let key = format!(" caseId=\"{CASE_NO}\"");
    adder.add("no_key", swap(&key, ""), Some((x3::NO_CASE_NO, true)));
    let long = format!(" caseId=\"{}\"", "9".repeat(51));
    adder.add("key", swap(&key, &long), Some((x3::BAD_CASE_NO, true)));
    let number = format!(" orgBusNo=\"{}\"", "9".repeat(65));
    let business = swap(" orgBusNo=\"ZW-2026-000123\"", &number);
    adder.add("business", business, Some((x3::BAD_BUSINESS_NO, true)));
    let case_attribute = swap("<Case ", "<Case remark=\"x\" ");
    adder.add(
        "attribute",
        case_attribute,
        Some((x3::UNKNOWN_ATTRIBUTE, true)),
    );
    let text = swap("    </Case>", "    多余\n    </Case>");
    adder.add("text", text, Some((x3::STRAY_TEXT, true)));
    let neither = swap(" op=\"I\"", "");
    adder.add("no_op", neither, Some((x3::BAD_OP, false)));
    let neither = swap(" dataVer=\"1\"", "");
    adder.add("no_version", neither, Some((x3::BAD_VERSION, false)));
    // What a lower hub forwards.
    let forwarded = swap("<Case ", "<Case source=\"431321/zwzx\" space=\"cn\" ");
    adder.add("forwarded", forwarded, None);
}

/// The document without the node of that name, which stands on lines of its own.
fn without_node(xml: &str, node: &str) -> String {
    let end = format!("</{node}>\n");
    let (Some(from), Some(to)) = (xml.find(&format!("<{node}>")), xml.find(&end)) else {
        return xml.to_owned();
    };
    let indent = xml[..from].trim_end_matches(' ').len();
    format!("{}{}", &xml[..indent], &xml[to + end.len()..])
}
