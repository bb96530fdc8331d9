//! The shipped dialects: each reads, is recognised, decodes its golden sample to the text beside it,
//! and real logs to the figures that are known of them. Set `TONGCHA_BLESS=1` to write the golden
//! texts anew, then read the difference.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use time::macros::datetime;
use tongcha_decode::admit::{ItemContext, ItemOutcome, admit_item};
use tongcha_decode::dialect::golden::{SAMPLES, decoded};
use tongcha_decode::dialect::{Dialect, Registry};
use tongcha_schema::check::CheckedCase;
use tongcha_schema::code::Code;
use tongcha_schema::element::ElementId;
use tongcha_schema::finding::{Finding, Severity};
use tongcha_schema::receipt::Verdict;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dialects")
}

/// The folder of real data beside the workspace, where there is one.
fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let named = std::env::var_os("TONGCHA_SHARED").map(PathBuf::from);
    Some(named.unwrap_or(beside)).filter(|p| p.is_dir())
}

fn decode(dialect: &Dialect, name: &str, bytes: &[u8]) -> String {
    decoded(dialect, name, bytes).unwrap()
}

struct Admitted {
    outcome: ItemOutcome,
    cases: Vec<CheckedCase>,
}

impl Admitted {
    fn findings(&self) -> Vec<&Finding> {
        let of_cases = self.cases.iter().flat_map(|c| {
            let rejected = c.rejected.iter().flat_map(|r| &r.findings);
            c.findings.iter().chain(rejected)
        });
        self.outcome.findings.iter().chain(of_cases).collect()
    }

    fn codes(&self) -> BTreeMap<String, usize> {
        let mut out = BTreeMap::new();
        for finding in self.findings() {
            *out.entry(finding.code.to_string()).or_default() += 1;
        }
        out
    }

    fn stored(&self, element: ElementId) -> u64 {
        let counts = self.outcome.counts.get(element.name());
        counts.map_or(0, |c| c.pending)
    }
}

fn admit_from(
    registry: &Registry,
    name: &str,
    dialect: &str,
    open: &mut dyn FnMut() -> io::Result<Box<dyn Read + Send>>,
) -> Admitted {
    let ctx = ItemContext {
        source: "431321/log",
        target: "431321/hub",
        envelope: "431321/log@1.1",
        item: 0,
        name,
        dialect,
        received_at: datetime!(2026-02-01 00:00 UTC),
        forwards: false,
    };
    let mut cases = Vec::new();
    let outcome = admit_item(registry, &ctx, open, &mut |case| cases.push(case)).unwrap();
    assert!(outcome.total().balances(), "{:?}", outcome.counts);
    Admitted { outcome, cases }
}

fn admit(name: &str, dialect: &str, bytes: &[u8]) -> Admitted {
    let bytes = bytes.to_vec();
    let mut open = move || -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(io::Cursor::new(bytes.clone())))
    };
    admit_from(Registry::shipped(), name, dialect, &mut open)
}

fn admit_file(path: &Path, dialect: &str) -> Admitted {
    let path = path.to_owned();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let mut open = || -> io::Result<Box<dyn Read + Send>> {
        let file = fs::File::open(&path)?;
        Ok(if path.extension().is_some_and(|e| e == "gz") {
            Box::new(flate2::read::MultiGzDecoder::new(file))
        } else {
            Box::new(file)
        })
    };
    admit_from(Registry::shipped(), &name, dialect, &mut open)
}

#[test]
fn every_shipped_dialect_reads_and_has_reasons() {
    let registry = Registry::with([]).unwrap();
    let names: Vec<&str> = registry.names().collect();
    let files: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .flatten()
        .map(|e| e.path())
        .collect();
    let toml = files.iter().filter_map(|p| {
        let name = p.file_name()?.to_str()?;
        name.strip_suffix(".toml")
    });
    for name in toml {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    for dialect in registry.all() {
        assert!(
            dialect.absents().iter().all(|a| !a.reason.is_empty()),
            "{}",
            dialect.name
        );
        assert!(
            dialect.lowered().all(|(_, why)| !why.is_empty()),
            "{}",
            dialect.name
        );
    }
}

#[test]
fn golden_samples() {
    let bless = std::env::var_os("TONGCHA_BLESS").is_some();
    let golden = folder().join("golden");
    let dialects: BTreeSet<&str> = Registry::shipped().names().collect();
    let sampled: BTreeSet<&str> = SAMPLES.iter().map(|s| s.dialect).collect();
    assert_eq!(dialects, sampled, "each shipped dialect has a sample");
    for sample in SAMPLES {
        let name = sample.file;
        let bytes = fs::read(golden.join(name)).unwrap();
        let found = Registry::shipped().recognise(name, &bytes).unwrap();
        assert_eq!(found.name, sample.dialect);
        let got = decode(found, name, &bytes);
        let expected = golden.join(format!("{}.txt", sample.dialect));
        if bless {
            fs::write(&expected, &got).unwrap();
        }
        assert_eq!(got, fs::read_to_string(&expected).unwrap(), "{name}");
        let admitted = admit(name, "auto", &bytes);
        let errors: Vec<String> = admitted.findings().iter().map(|f| told(f)).collect();
        assert_eq!(
            admitted.outcome.verdict,
            Verdict::Accepted,
            "{name}: {errors:#?}"
        );
    }
}

fn told(finding: &Finding) -> String {
    let place = &finding.place;
    let element = place.element.map_or("", ElementId::name);
    format!(
        "{} {element}.{} {}",
        finding.code, place.field, place.record
    )
}

#[test]
fn mistakes_are_listed_all_at_once_with_lines_and_hints() {
    let text = r#"name = "Mine"
version = 1
title_zh = "甲"
title_en = "a"
kind = "xml"
zone = "+25:00"
space = "sorce"
colour = "red"

[case]
path = "A/B"
case_no = "N"

[[record]]
element = "proces"
seq = 0
[record.fields]
step_nam = "X"

[[record]]
element = "process"
seq = "order"
[record.fields]
step_nam = "X"
state = { from = "S", map = { 1 = "1" }, other = "2", keep = true }
start_time = { from = "T", layout = "YY" }

[[lower]]
code = "X999"
reason = "none"
"#;
    let error = Dialect::parse("mine.toml", text).unwrap_err();
    let shown = error.to_string();
    for (line, part) in [
        (1, "no dialect name"),
        (6, "no offset"),
        (7, "`space` is unknown"),
        (8, "unknown key `colour`"),
        (10, "`version` is missing"),
        (15, "did you mean `process`?"),
        (16, "must be 1 or more"),
        (24, "did you mean `step_name`?"),
        (25, "excludes `other`"),
        (26, "`layout` cannot be read"),
        (29, "`code` is unknown"),
    ] {
        let hit = error
            .mistakes
            .iter()
            .any(|m| m.line == line && (m.cause.contains(part) || m.hint.contains(part)));
        assert!(hit, "line {line}: {part}\n{shown}");
    }
    assert!(error.mistakes.iter().all(|m| !m.hint.is_empty()));
    assert!(!error.is_transient());
    let broken = Dialect::parse("broken.toml", "name = \nversion = 1\n").unwrap_err();
    assert_eq!(broken.dialect, "broken.toml");
    assert_eq!(broken.mistakes[0].line, 1, "{broken}");
}

#[test]
fn the_examples_in_the_readme_read() {
    let page = fs::read_to_string(folder().join("README.md")).unwrap();
    let from = page.find("```toml\n").unwrap() + 8;
    let example = &page[from..from + page[from..].find("```").unwrap()];
    let family = &page[from + example.len()..];
    let family = &family[family.find("```toml\n").unwrap() + 8..];
    let family = &family[..family.find("```").unwrap()];
    let names: Vec<String> = Dialect::parse("README.md", family)
        .unwrap()
        .into_iter()
        .map(|d| d.name)
        .collect();
    assert_eq!(
        names,
        ["county-tables", "county-tables-xml", "county-tables-csv"]
    );
    let read = Dialect::parse("README.md", example).unwrap();
    let [read] = read.as_slice() else {
        panic!("one kind, one dialect")
    };
    assert!(read.name == "county-permits" && read.lowered().count() == 1);
}

const LOCAL: &str = r#"
name = "local"
version = "2"
title_zh = "某系统"
title_en = "some system"
kind = "xml"
zone = "+09:00"
space = "source"

[recognise]
root = "Cases"

[aliases]
SPBMZZJDMD = ["SPBMZZJDDM"]

[case]
path = ["Cases/Case", "Case"]
case_no = { from = ["@no", "No"] }
version = { from = "Ver", default = "1" }
op = { from = "@del", map = { 1 = "D", 0 = "I" }, default = "I" }

[[record]]
element = "process"
each = "Steps/Step"
when = { from = "State", is_not = ["draft"] }
seq = ["Name", "Start"]
[record.fields]
step_name = "Name"
unit_code = "SPBMZZJDMD"
handler = "/Owner"
start_time = { from = "Start", layout = "DD/MM/YYYY hh:mm" }
state = { from = "State", map = { open = "1", shut = "2", gone = "" } }
opinion = { from = "@note", blank = ["-"] }

[[record]]
element = "fee"
seq = { from = "Fee/@id", digits = true }
when = [{ from = "Fee/Sum", present = true }, { from = "Fee/Kind", is_not = ["void"] }]
[record.fields]
due = { from = "Fee/Sum", unit = "fen" }

[[require]]
from = "Secret"
type = "text"
max = 4
personal = true
"#;

fn local(document: &str) -> String {
    decode(
        &Dialect::parse("local.toml", LOCAL).unwrap()[0],
        "a.xml",
        document.as_bytes(),
    )
}

#[test]
fn aliases_layouts_units_and_conditions() {
    let out = local(
        "<Cases><Other><Case no='9'/></Other><Case no='7' del='0'><Owner>甲<!-- -->乙</Owner>\
         <Fee id='F-012'><Sum>12050</Sum></Fee><Steps><Step note='-'><Name><![CDATA[a<b]]></Name>\
         <SPBMZZJDDM>X</SPBMZZJDDM><Start>3/1/2026 8:05</Start><State>shut</State></Step></Steps>\
         </Case><Case><No>8</No><Ver>3</Ver><Fee id='2'><Sum>5</Sum><Kind>void</Kind></Fee></Case></Cases>",
    );
    for part in [
        "case 7 [] line 1",
        "handler = 甲乙",
        "step_name = a<b",
        "unit_code = X",
        "start_time = 2026-01-03T08:05:00",
        "state = 2",
        "fee 12 v1 I",
        "due = 120.5",
        "case 8 []",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    assert!(!out.contains("case 9") && !out.contains("opinion"), "{out}");
    assert_eq!(out.matches("fee ").count(), 1, "{out}");
    // A case may be the root itself, under the second path.
    assert!(local("<Case no='1' del='1'><Fee id='x'><Sum>1</Sum></Fee></Case>").contains("X304"));
}

#[test]
fn an_attribute_with_a_prefix_is_another_than_the_one_without() {
    let out = local(
        "<Cases xmlns:a='urn:a'><Case no='REAL' a:no='OTHER' a:del='1'><Steps>\
         <Step a:note='x'><Name>a</Name></Step></Steps></Case></Cases>",
    );
    assert!(
        out.contains("case REAL []") && !out.contains("OTHER"),
        "{out}"
    );
    assert!(out.contains("v1 I") && !out.contains("v1 D"), "{out}");
    assert!(!out.contains("opinion") && !out.contains("X310"), "{out}");
    let log = "<log xmlns:a='urn:a'><trace><string key='concept:name' a:key='other' a:value='OTHER' \
               value='REAL'/><event><string a:key='concept:name' key='org:resource' a:value='x' \
               value='y'/></event></trace></log>";
    let xes = Registry::shipped().get("xes").unwrap();
    let out = decode(xes, "a.xes", log.as_bytes());
    assert!(out.contains("case REAL") && !out.contains("OTHER"), "{out}");
    let refused = admit(
        "a.xml",
        "auto",
        b"<Package version='1.0'><Body><Case a:caseId='1'/></Body></Package>",
    );
    assert_eq!(refused.codes().keys().collect::<Vec<_>>(), ["X228"]);
    assert_eq!(refused.outcome.verdict, Verdict::Refused);
}

#[test]
fn rows_under_one_key_are_told_apart_and_the_same_row_twice_is_not() {
    let step = |s: &str| {
        format!("<Step><Name>a</Name><Start>1/1/2026 8:00</Start><State>{s}</State></Step>")
    };
    let document =
        |steps: String| format!("<Cases><Case no='1'><Steps>{steps}</Steps></Case></Cases>");
    let seqs = |out: &str| -> Vec<String> {
        let of = |l: &str| l.trim().split(' ').nth(1).map(str::to_owned);
        out.lines()
            .filter(|l| l.starts_with("  process"))
            .filter_map(of)
            .collect()
    };
    let twice = local(&document(step("open") + &step("open")));
    let s = seqs(&twice);
    assert!(s[0] == s[1] && !twice.contains("X315"), "{twice}");
    let differ = local(&document(step("open") + &step("shut") + &step("open")));
    let s = seqs(&differ);
    assert!(s[0] != s[1] && s[0] == s[2], "{differ}");
    assert_eq!(differ.matches("X315").count(), 1, "{differ}");
    // The number depends on the key alone, not on the document.
    assert_eq!(seqs(&twice)[0], s[0]);
}

#[test]
fn a_row_that_maps_to_nothing_is_told() {
    let out = local(
        "<Cases><Case no='1'><Steps><Step><Name>a</Name><State>draft</State></Step>\
         <Step><Name>b</Name></Step></Steps></Case></Cases>",
    );
    assert_eq!(out.matches("! None X322").count(), 1, "{out}");
    assert_eq!(out.matches("  process ").count(), 1, "{out}");
}

#[test]
fn codes_without_a_map_entry_and_doubled_places_are_findings() {
    let out = local(
        "<Cases><Case no='1'><Steps><Step><Name>a</Name><Name>b</Name><State>half</State></Step>\
         <Step><Name>c</Name><State>gone</State></Step></Steps><Secret>12345</Secret></Case></Cases>",
    );
    assert!(out.contains("! Some(0) X406 state"), "{out}");
    assert!(out.contains("! Some(0) X310 Name"), "{out}");
    assert!(out.contains("! Some(0) X404 Secret"), "{out}");
    assert!(
        out.contains("step_name = a") && !out.contains("step_name = b"),
        "{out}"
    );
}

#[test]
fn a_foreign_root_and_an_empty_document_are_told() {
    assert!(local("<Casess/>").contains("! X301 1"));
    assert!(local("<Cases><Case_/></Cases>").contains("! X317 1"));
    let unknown = admit("a.xml", "auto", b"<?xml version='1.0'?><doc/>");
    assert_eq!(unknown.outcome.verdict, Verdict::Refused);
    assert!(
        unknown.codes().contains_key("X301"),
        "{:?}",
        unknown.codes()
    );
    assert_eq!(unknown.outcome.total().rejected, 1);
    let json = admit("a.json", "auto", b"{\"a\":1}");
    assert!(json.codes().contains_key("X108"), "{:?}", json.codes());
    let named = admit("a.xml", "nobody", b"<doc/>");
    assert!(named.codes().contains_key("X137"), "{:?}", named.codes());
    let neither = admit("a.txt", "auto", b"[1,2 is no JSON");
    assert!(
        neither.codes().keys().all(|c| c.starts_with("X2")),
        "{:?}",
        neither.codes()
    );
    let row = admit("a.xml", "row-process", b"<doc/>");
    assert!(row.codes().contains_key("X301"), "{:?}", row.codes());
}

#[test]
fn one_bad_record_takes_its_case_with_it_where_the_receiver_takes_cases_whole() {
    let good = fs::read_to_string(folder().join("golden/bench14.xml")).unwrap();
    let from = good.find("<CASE>").unwrap();
    let to = good.find("</BATCH>").unwrap();
    let case = &good[from..to];
    let bad = case
        .replace("4313212024030400000001", "4313212024030400000002")
        .replace("<STATUS>60</STATUS>", "<STATUS>X</STATUS>");
    let both = format!("<BATCH>{case}{bad}</BATCH>");
    let admitted = admit("b.xml", "auto", both.as_bytes());
    assert_eq!(admitted.outcome.verdict, Verdict::Partly);
    assert_eq!(admitted.cases.len(), 2);
    let (first, second) = (&admitted.cases[0], &admitted.cases[1]);
    assert!(first.rejected.is_empty() && second.records.is_empty());
    assert_eq!(first.records.len(), second.rejected.len());
    let codes = admitted.codes();
    assert_eq!(codes["X406"], 1, "{codes:?}");
    assert_eq!(codes["X323"], second.rejected.len() - 1, "{codes:?}");
    let numbers: Vec<u32> = second.rejected.iter().map(|r| r.record).collect();
    assert!(numbers.is_sorted() && numbers[0] as usize == first.records.len() + 1);
}

#[test]
fn the_generators_four_kinds_of_fault_reject_the_case() {
    let good = fs::read_to_string(folder().join("golden/bench14.xml")).unwrap();
    let without = |name: &str| {
        let from = good.find(&format!("<{name}>")).unwrap();
        let end = format!("</{name}>");
        let to = good.find(&end).unwrap() + end.len();
        format!("{}{}", &good[..from], &good[to..])
    };
    let with = |name: &str, text: &str| {
        let from = good.find(&format!("<{name}>")).unwrap() + name.len() + 2;
        let to = good.find(&format!("</{name}>")).unwrap();
        format!("{}{text}{}", &good[..from], &good[to..])
    };
    let mut bad = Vec::new();
    bad.extend(["ITEM_CODE", "ACCEPT_TIME", "AGENCY_NAME", "FEE_FLAG"].map(|f| (f, without(f))));
    bad.extend(["APPLY_TIME", "LEGAL_DAYS", "DUE_DATE"].map(|f| (f, with(f, "2024/13/01"))));
    bad.extend(["STATUS", "ITEM_TYPE", "APPLY_WAY"].map(|f| (f, with(f, "X"))));
    bad.push(("REGION_CODE", with("REGION_CODE", "4313001")));
    for (field, document) in bad {
        let admitted = admit("b.xml", "auto", document.as_bytes());
        assert_eq!(admitted.outcome.verdict, Verdict::Refused, "{field}");
        let total = admitted.outcome.total();
        assert!(
            total.pending == 0 && total.rejected > 14,
            "{field}: {total:?}"
        );
    }
}

#[test]
fn a_refused_document_hands_nothing_on() {
    let good = fs::read(folder().join("golden/bench14.xml")).unwrap();
    let admitted = admit("b.xml", "auto", &good[..good.len() - 4]);
    assert!(admitted.outcome.refused && admitted.cases.is_empty());
    assert_eq!(admitted.outcome.dialect, "bench14");
    assert_eq!(admitted.outcome.counts["unknown"].rejected, 1);
    assert!(admitted.codes().keys().all(|c| c.starts_with("X2")));
}

#[test]
fn an_error_of_the_disk_is_an_error_and_no_finding() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("disk"))
        }
    }
    let good = fs::read(folder().join("golden/bench14.xml")).unwrap();
    // It is opened for its start, for the guard, and to be decoded.
    for fails_at in 0..4 {
        let mut turn = 0;
        let bytes = good.clone();
        let mut open = || -> io::Result<Box<dyn Read + Send>> {
            turn += 1;
            let whole = io::Cursor::new(bytes.clone());
            Ok(if turn > fails_at {
                Box::new(whole.take(900).chain(Broken))
            } else {
                Box::new(whole)
            })
        };
        let ctx = ItemContext {
            source: "431321/a",
            target: "431321/hub",
            envelope: "",
            item: 0,
            name: "a",
            dialect: "auto",
            received_at: datetime!(2026-02-01 00:00 UTC),
            forwards: false,
        };
        let done = admit_item(Registry::shipped(), &ctx, &mut open, &mut |_| {});
        assert_eq!(done.is_err(), fails_at < 3, "open {fails_at}");
    }
}

#[test]
fn a_real_permit_log_gives_its_known_figures() {
    let Some(shared) = shared() else { return };
    let log = admit_file(&shared.join("data/logs/wabo_receipt.xes.gz"), "auto");
    assert_eq!(log.outcome.dialect, "xes-permit");
    assert_eq!(log.outcome.verdict, Verdict::Accepted, "{:?}", log.codes());
    for (element, count) in [
        (ElementId::CaseBase, 1434),
        (ElementId::Acceptance, 1434),
        (ElementId::Process, 8577),
        (ElementId::Conclusion, 1329),
    ] {
        assert_eq!(log.stored(element), count, "{element}");
    }
    let total = log.outcome.total();
    assert_eq!((total.pending, total.rejected), (12774, 0));
    assert_eq!(log.cases.len(), 1434);
    // Two applications end before they start; both are stored and marked.
    let code = Code::parse("X507").unwrap();
    assert_eq!(log.codes().get("X507"), Some(&2), "{:?}", log.codes());
    let marked = log.cases.iter().flat_map(|c| &c.records);
    let marked = marked.filter(|r| r.marks.contains(&code.number())).count();
    assert_eq!(marked, 2);
    let spaces: Vec<_> = log.cases.iter().flat_map(|c| &c.records).collect();
    assert!(spaces.iter().all(|r| *r.head.space == *"431321/log"));
    // Days are those of the log's own zone: none of the offsets is ours.
    let first = log.cases[0]
        .records
        .iter()
        .find(|r| r.element == ElementId::CaseBase)
        .unwrap();
    let offset = first.stamp("apply_time").unwrap().offset().whole_hours();
    assert!((1..=2).contains(&offset));
}

#[test]
fn other_real_logs_give_a_step_for_each_event() {
    let Some(shared) = shared() else { return };
    for (name, events) in [
        ("bpic2020_DomesticDeclarations.xes.gz", 55_628),
        ("roadtraffic100traces.xes", 390),
        ("bpic15_1.csv.gz", 52_217),
    ] {
        let log = admit_file(&shared.join("data/logs").join(name), "auto");
        let dialect = if name.contains(".csv") {
            "csv-permit"
        } else {
            "xes"
        };
        assert_eq!(log.outcome.dialect, dialect, "{name}");
        let total = log.outcome.total();
        assert_eq!(
            (total.received, total.rejected),
            (events, 0),
            "{name}: {:?}",
            log.codes()
        );
        assert_eq!(log.stored(ElementId::Process), events, "{name}");
        // Rows of one key with other content are records of their own: no two share a number.
        let records = log.cases.iter().flat_map(|c| &c.records);
        let keys: BTreeSet<_> = records.map(|r| (&*r.head.case_no, r.seq)).collect();
        assert_eq!(keys.len() as u64, events, "{name}");
        let told_apart = if dialect == "csv-permit" {
            Some(&22)
        } else {
            None
        };
        assert_eq!(log.codes().get("X315"), told_apart, "{name}");
    }
}

/// Pseudo-random numbers (xorshift), the same in every run.
fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    }
}

#[test]
fn damaged_documents_never_stop_it_and_always_balance() {
    let golden = folder().join("golden");
    let mut pick = numbers(14);
    let mut verdicts = [0_u32; 3];
    for name in [
        "xes-permit.xes",
        "bench14.xml",
        "row-acceptance.json",
        "csv-permit.csv",
        "csv-items.csv",
        "native.xml",
    ] {
        let whole = fs::read(golden.join(name)).unwrap();
        let (dialect, _) = name.split_once('.').unwrap();
        for round in 0..150 {
            let mut bytes = whole.clone();
            for _ in 0..=pick(3) {
                let (at, from) = (pick(bytes.len()), pick(whole.len()));
                match pick(4) {
                    0 => bytes.truncate(at.max(1)),
                    1 => bytes[at] = whole[from],
                    2 => bytes.insert(at, whole[from]),
                    // A piece from elsewhere: tags and values in wrong places.
                    _ => {
                        let to = (from + pick(80)).min(whole.len());
                        bytes.splice(at..at, whole[from..to].iter().copied());
                    }
                }
            }
            let named = if round % 2 == 0 { "auto" } else { dialect };
            let admitted = admit(name, named, &bytes);
            let refuses = |f: &&Finding| f.code.number() < 300 && f.severity == Severity::Error;
            let errors = admitted.findings().iter().any(|f| refuses(&f));
            match admitted.outcome.verdict {
                Verdict::Accepted => verdicts[0] += 1,
                Verdict::Partly => verdicts[1] += 1,
                Verdict::Refused => verdicts[2] += 1,
            }
            assert!(!(errors && admitted.cases.iter().any(|c| !c.records.is_empty())));
        }
    }
    assert!(verdicts.iter().all(|n| *n > 0), "{verdicts:?}");
}
