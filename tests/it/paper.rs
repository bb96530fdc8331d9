//! Documents as a department writes them: native XML from records, with faults put in by the
//! stories. Synthetic data only.

use super::model::Arrival;
use tongcha_hub::push::{Intake, PushDoor, token_sha256};
use tongcha_schema::element::ElementId;
use tongcha_schema::seal::{OpeningKey, Suite};

/// Synthetic organ code.
pub const ORGAN: &str = "11431321009000015L";

/// A system that posts its documents straight to the county, and its token.
pub const POSTER: &str = "431321/direct";
/// Synthetic.
pub const POSTER_TOKEN: &str = "story-token-of-431321-direct";

/// What a story's county takes in.
pub fn intake() -> Intake {
    let door = PushDoor {
        node: POSTER.to_owned(),
        organ: ORGAN.to_owned(),
        dialect: "auto".to_owned(),
        token_sha256: token_sha256(POSTER_TOKEN),
    };
    Intake::new(vec![door], MOST_WAITING).opening(opening().into())
}

/// The keys that open a story's encrypted envelopes, of both suites.
pub fn opening() -> [OpeningKey; 2] {
    [Suite::Ed25519, Suite::Sm2].map(|suite| OpeningKey::of(suite, &[0x51; 32]).unwrap())
}

/// Bundles that may wait at a story's county.
pub const MOST_WAITING: u64 = 1_000;

/// Good field texts of an element: the required ones, and what their values ask for.
fn fields(element: ElementId) -> Vec<(&'static str, &'static str)> {
    match element {
        ElementId::Organ => vec![
            ("OrgCode", ORGAN),
            ("OrgName", "水利局"),
            ("OrgNature", "1"),
            ("OrgLevel", "4"),
            ("Region", "431321"),
        ],
        ElementId::Item => vec![
            ("ItemCode", "ITEM-1"),
            ("ItemName", "取水许可"),
            ("ItemType", "01"),
            ("UseLevel", "4"),
            ("LegalLimit", "20"),
            ("LegalUnit", "W"),
            ("PromiseLimit", "10"),
            ("PromiseUnit", "W"),
            ("IsFee", "0"),
            ("ItemVer", "1"),
        ],
        ElementId::CaseBase => vec![
            ("CaseType", "2"),
            ("ProjectName", "水利"),
            ("ApplyTime", "2026-01-05T09:00:00+08:00"),
            ("SourceForm", "1"),
            ("Region", "431321"),
        ],
        ElementId::Applicant => vec![
            ("Kind", "1"),
            ("Name", "某甲"),
            ("IdType", "111"),
            ("IdNo", "431321198001010012"),
            ("Mobile", "13000000000"),
        ],
        ElementId::Acceptance => vec![
            ("AcceptState", "1"),
            ("AcceptOrg", ORGAN),
            ("AcceptOrgName", "水利局"),
            ("AcceptPerson", "某乙"),
            ("AcceptTime", "2026-01-05T10:00:00+08:00"),
            ("AcceptDocNo", "A-1"),
            ("PromiseDate", "2026-01-19"),
            ("Region", "431321"),
        ],
        ElementId::Process => vec![
            ("StepNo", "1"),
            ("StepCode", "1"),
            ("StepName", "承办"),
            ("Handler", "某乙"),
            ("HandlerNo", "G1"),
            ("UnitCode", ORGAN),
            ("UnitName", "水利局"),
            ("State", "2"),
            ("StartTime", "2026-01-05T10:30:00+08:00"),
            ("EndTime", "2026-01-05T15:00:00+08:00"),
            ("Result", "1"),
            ("Opinion", "同意"),
        ],
        ElementId::Conclusion => vec![
            ("Result", "11"),
            ("ResultDesc", "准予"),
            ("OrgCode", ORGAN),
            ("OrgName", "水利局"),
            ("Person", "某丙"),
            ("DoneTime", "2026-01-06T16:00:00+08:00"),
            ("DecisionNo", "D-1"),
            ("IsFee", "0"),
            ("Region", "431321"),
        ],
        other => unreachable!("no text of {other} is needed"),
    }
}

/// A record's node with other texts; an empty one leaves its field out.
pub fn record(element: ElementId, attributes: &str, other: &[(&str, &str)]) -> String {
    let node = element.spec().node;
    let mut out = format!("<{node} {attributes}>");
    for (name, text) in fields(element) {
        let text = other
            .iter()
            .find(|(n, _)| *n == name)
            .map_or(text, |(_, t)| t);
        if !text.is_empty() {
            out.push_str(&format!("<{name}>{text}</{name}>"));
        }
    }
    for (name, text) in other
        .iter()
        .filter(|(n, _)| !fields(element).iter().any(|f| f.0 == *n))
    {
        out.push_str(&format!("<{name}>{text}</{name}>"));
    }
    out.push_str(&format!("</{node}>\n"));
    out
}

/// A case of records.
pub fn case(number: &str, records: &str) -> String {
    format!("<Case caseId=\"{number}\" op=\"I\" dataVer=\"1\">\n{records}</Case>\n")
}

/// A document of cases that declares its number of records.
pub fn document(count: usize, cases: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Package version=\"1.0\">\n<Head><MsgId>M1</MsgId>\
         <StdVer>1.0</StdVer><SourceNode>431321/dept</SourceNode><TargetNode>431321/hub</TargetNode>\
         <SenderOrg>{ORGAN}</SenderOrg><SendTime>2026-01-06T18:00:00+08:00</SendTime>\
         <RecordCount>{count}</RecordCount></Head>\n<Body>\n{cases}</Body>\n</Package>\n"
    )
}

/// The field that tells one content from another.
fn telling(element: ElementId) -> &'static str {
    match element {
        ElementId::Process => "StepName",
        ElementId::Item => "ItemName",
        ElementId::CaseBase => "ProjectName",
        ElementId::Acceptance => "AcceptPerson",
        ElementId::Conclusion => "ResultDesc",
        ElementId::Applicant => "Name",
        other => unreachable!("no telling field of {other} is needed"),
    }
}

/// One record as the model takes it, written out.
pub fn write(arrival: &Arrival) -> String {
    let element = ElementId::parse(arrival.element).unwrap();
    let seq = arrival.seq;
    let number = |version: i64| version.to_string();
    let version = arrival.version.map_or("arrival".to_owned(), number);
    if arrival.delete {
        let node = element.spec().node;
        return format!("<{node} seq=\"{seq}\" op=\"D\" dataVer=\"{version}\"/>\n");
    }
    let attributes = format!("seq=\"{seq}\" op=\"U\" dataVer=\"{version}\"");
    record(
        element,
        &attributes,
        &[(telling(element), &arrival.content)],
    )
}

/// A document of arrivals, a case each.
pub fn document_of(arrivals: &[Arrival]) -> String {
    let cases: String = arrivals
        .iter()
        .map(|a| case(&a.case_no, &write(a)))
        .collect();
    document(arrivals.len(), &cases)
}

/// A sound arrival of a native document.
pub fn arrival(
    source: &str,
    case_no: &str,
    element: ElementId,
    (seq, version): (i64, i64),
    content: &str,
) -> Arrival {
    Arrival {
        source: source.to_owned(),
        space: "cn",
        case_no: case_no.to_owned(),
        element: element.name(),
        seq,
        version: Some(version),
        delete: content.is_empty(),
        content: content.to_owned(),
        sound: true,
    }
}
