//! The judge over 1,434 real permit cases (receipt phase of a municipality's environmental
//! permits), where the shared data are there (folder named by `TONGCHA_SHARED`, or `../shared`
//! beside the workspace).

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use time::format_description::well_known::Rfc3339;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tongcha_schema::element::ElementId;
use tongcha_schema::record::{CaseHead, Op, Record, Version};
use tongcha_schema::value::Value;
use tongcha_supervision::*;

const SOURCE: &str = "430102/permits";
const AS_OF: OffsetDateTime = datetime!(2012-01-23 23:59:59.999 +1);

fn log() -> Option<String> {
    let named = std::env::var_os("TONGCHA_SHARED").map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let mut places = named.into_iter().chain([beside]);
    let path = places.find_map(|p| {
        let path = p.join("data/logs/wabo_receipt.csv.gz");
        path.is_file().then_some(path)
    })?;
    let mut text = String::new();
    let file = std::fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    Some(text)
}

fn stamp(text: &str) -> Value {
    Value::Stamp(OffsetDateTime::parse(&text.replace(' ', "T"), &Rfc3339).unwrap())
}

fn fact(case_no: &str, element: ElementId, seq: i64, fields: &[(&str, Value)]) -> Fact {
    let mut values = vec![None; element.spec().fields.len()];
    for (name, value) in fields {
        values[element.spec().field_index(name).unwrap()] = Some(value.clone());
    }
    let mut record = Record {
        head: Arc::new(CaseHead::bare(SOURCE, SOURCE, case_no, AS_OF)),
        element,
        seq,
        version: Version::Given(1),
        op: Op::Insert,
        none: None,
        values,
        digest: [0; 32],
        marks: Vec::new(),
        number: 0,
        line: 0,
    };
    record.digest = record.compute_digest();
    Fact {
        record,
        state: RowState::Live,
    }
}

fn cases(log: &str) -> BTreeMap<String, Vec<Fact>> {
    let mut lines = log.lines();
    let heads: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut cases: BTreeMap<String, Vec<Fact>> = BTreeMap::new();
    for line in lines {
        let row: BTreeMap<&str, &str> = heads.iter().copied().zip(line.split(',')).collect();
        let no = row["case:concept:name"];
        let facts = cases.entry(no.to_owned()).or_insert_with(|| {
            let start = stamp(row["case:startdate"]);
            let due = Value::Date(stamp(row["case:deadline"]).day().unwrap());
            let base = [("apply_time", start.clone())];
            let accept = [("accept_time", start), ("promise_date", due)];
            let mut facts = vec![
                fact(no, ElementId::CaseBase, 1, &base),
                fact(no, ElementId::Acceptance, 1, &accept),
            ];
            if !row["case:enddate"].is_empty() {
                let done = [("done_time", stamp(row["case:enddate"]))];
                facts.push(fact(no, ElementId::Conclusion, 1, &done));
            }
            facts
        });
        let seq = row["concept:instance"]
            .trim_start_matches("task-")
            .parse()
            .unwrap();
        let at = stamp(row["time:timestamp"]);
        let step = [
            ("step_name", Value::Text(row["concept:name"].into())),
            ("start_time", at.clone()),
            ("end_time", at),
        ];
        facts.push(fact(no, ElementId::Process, seq, &step));
    }
    cases
}

fn absents() -> Absents {
    let mut absents = Absents::default();
    for element in [
        "organ",
        "item",
        "applicant",
        "material",
        "fee",
        "result_doc",
        "delivery",
    ] {
        absents.declare(SOURCE, ElementId::parse(element).unwrap(), None);
    }
    for (element, fields) in [
        (ElementId::CaseBase, vec!["case_type"]),
        (
            ElementId::Process,
            vec!["step_code", "step_limit", "step_unit", "due_time"],
        ),
        (ElementId::Conclusion, vec!["result", "reason"]),
    ] {
        for field in fields {
            assert!(absents.declare(SOURCE, element, Some(field)), "{field}");
        }
    }
    absents
}

#[test]
fn one_yellow_per_case_concluded_late_or_overdue_and_nothing_else() {
    let Some(log) = log() else { return };
    let (profile, calendar) = (
        Profile::shipped("huating").unwrap(),
        Calendar::cn().unwrap(),
    );
    let (absents, cases) = (absents(), cases(&log));
    let (mut late, mut overdue, mut open) = (0, 0, 0);
    let mut issued: BTreeMap<String, u32> = BTreeMap::new();
    let mut not_judged: BTreeMap<String, u32> = BTreeMap::new();
    let mut reds = 0;
    for (case_no, facts) in &cases {
        let scene = Scene {
            space: SOURCE,
            case_no,
            facts,
            absents: &absents,
            faults: &[],
            refusals: &[],
        };
        let look = judge(&scene, &profile, &calendar, &[], AS_OF);
        late += u32::from(look.summary.late);
        overdue += u32::from(look.summary.overdue);
        open += u32::from(look.summary.concluded_at.is_none());
        assert_eq!(
            look.summary.concluded_at.is_some(),
            look.next_look.is_none(),
            "{case_no}"
        );
        for rule in &look.not_judged {
            *not_judged.entry(rule.to_string()).or_default() += 1;
        }
        for step in &look.moves {
            assert!(
                matches!(step, Move::Issue(c) if c.colour == Colour::Yellow),
                "{step:?}"
            );
            *issued.entry("T-02".into()).or_default() += 1;
        }
        let mut cards = Vec::new();
        apply(&mut cards, &look.moves);
        assert_eq!(judge(&scene, &profile, &calendar, &cards, AS_OF).moves, []);
        // Three working days on, past the spring festival, the open ones turn red.
        let later = judge(
            &scene,
            &profile,
            &calendar,
            &cards,
            AS_OF + Duration::days(9),
        );
        reds += later
            .moves
            .iter()
            .filter(|m| matches!(m, Move::Issue(c) if c.colour == Colour::Red))
            .count();
    }
    assert_eq!((cases.len(), open), (1434, 105));
    assert_eq!((late, overdue), (309, 37));
    assert_eq!(issued, BTreeMap::from([("T-02".to_owned(), 346)]));
    assert_eq!(reds, 37);
    for rule in ["A-01", "F-01", "P-01", "T-01", "T-04", "T-05"] {
        assert_eq!(not_judged.remove(rule), Some(1434), "{rule}");
    }
    assert_eq!(not_judged, BTreeMap::new());
}
