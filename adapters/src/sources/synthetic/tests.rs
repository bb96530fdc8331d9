//! Tests of the synthetic departments.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::*;
use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;
use time::macros::datetime;
use tongcha_schema::check::{Context, NoWaivers, check_case};
use tongcha_schema::element::ElementId;
use tongcha_schema::finding::Severity;

const BEGUN: OffsetDateTime = datetime!(2026-11-23 10:00 +8);

fn seen(path: &Path) -> BTreeSet<u16> {
    let (codes, _) = read(path);
    codes
}

/// Codes of everything that the gate would find in a file, and its records.
fn read(path: &Path) -> (BTreeSet<u16>, Vec<tongcha_schema::record::Record>) {
    let bytes = fs::read(path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let guarded = tongcha_schema::xml::guard(&mut bytes.as_slice(), name).unwrap();
    let mut codes: BTreeSet<u16> = guarded.findings.iter().map(|f| f.code.number()).collect();
    let mut records = Vec::new();
    if guarded
        .findings
        .iter()
        .any(|f| f.severity == Severity::Error)
    {
        return (codes, records);
    }
    let context = Context {
        source: "431321/demo",
        space: "cn",
        file: name,
        envelope: "431321/demo@1.1",
        item: 0,
        received_at: BEGUN + Duration::days(400),
        offset: CHINA,
        waive: &NoWaivers,
    };
    let mut input = tongcha_schema::xml::Transcoder::new(Box::new(bytes.as_slice())).unwrap();
    let head = tongcha_schema::xml::read_native(&mut input, name, &mut |case| {
        let checked = check_case(case, 1, &context);
        codes.extend(checked.findings.iter().map(|f| f.code.number()));
        for rejected in &checked.rejected {
            codes.extend(rejected.findings.iter().map(|f| f.code.number()));
        }
        records.extend(checked.records);
        ControlFlow::Continue(())
    });
    codes.extend(head.findings.iter().map(|f| f.code.number()));
    (codes, records)
}

/// All files of so many days, in steps of six hours.
fn run(folder: &Path, seed: u64, days: i64) -> Vec<PathBuf> {
    let mut synthetic = Synthetic::new(seed, BEGUN, folder);
    let steps = (1..=days * 4).map(|n| synthetic.step(BEGUN + Duration::hours(6 * n)).unwrap());
    steps.flatten().collect()
}

#[test]
fn most_files_are_clean_and_the_faults_are_those_meant() {
    let folder = tempfile::tempdir().unwrap();
    let mut synthetic = Synthetic::new(7, BEGUN, folder.path());
    let files = synthetic.step(BEGUN + Duration::days(28)).unwrap();
    let next = (29..120).map(|n| synthetic.step(BEGUN + Duration::days(n)).unwrap());
    let files: Vec<PathBuf> = files.into_iter().chain(next.flatten()).collect();
    assert!(files.len() > 300, "{}", files.len());
    let all: BTreeSet<&PathBuf> = files.iter().collect();
    assert_eq!(all.len(), files.len(), "a name is used once");
    let mut found: HashMap<u16, u32> = HashMap::new();
    for file in &files {
        for code in seen(file) {
            *found.entry(code).or_default() += 1;
        }
    }
    let codes: BTreeSet<u16> = found.keys().copied().collect();
    let meant = BTreeSet::from([401, 406, 408, 417, 503]);
    let other: Vec<&u16> = codes
        .difference(&meant)
        .filter(|c| **c / 100 != 2)
        .collect();
    assert!(other.is_empty(), "not meant: {other:?}");
    assert!(meant.is_subset(&codes), "{codes:?}");
    assert!(codes.contains(&201) && codes.iter().filter(|c| **c / 100 == 2).count() > 1);
    let faulty: u32 = found.values().sum();
    assert!(
        f64::from(faulty) < 0.1 * files.len() as f64,
        "{faulty} of {}",
        files.len()
    );
}

#[test]
fn the_stories_are_on_time_late_and_stuck_from_the_first_minute() {
    let folder = tempfile::tempdir().unwrap();
    let files = run(folder.path(), 7, 15);
    let mut promised = HashMap::new();
    let mut done = HashMap::new();
    let mut elements = BTreeSet::new();
    for file in &files {
        for record in read(file).1 {
            elements.insert(record.element);
            let case = record.head.case_no.to_string();
            match record.element {
                ElementId::Acceptance => {
                    promised.insert(case, record.get("promise_date").unwrap().day().unwrap());
                }
                ElementId::Conclusion => {
                    let at = record.stamp("done_time").unwrap();
                    done.insert(case, at.to_offset(CHINA).date());
                }
                _ => {}
            }
        }
    }
    assert_eq!(elements.len(), 14, "{elements:?}");
    let end = BEGUN.date() + Duration::days(15);
    let late = promised
        .iter()
        .filter(|(c, p)| done.get(*c).is_some_and(|d| d > *p))
        .count();
    let stuck = promised
        .iter()
        .filter(|(c, p)| !done.contains_key(*c) && **p < end)
        .count();
    let in_time = promised
        .iter()
        .filter(|(c, p)| done.get(*c).is_some_and(|d| d <= *p))
        .count();
    assert!(
        late >= 5 && stuck >= 5 && in_time > late + stuck,
        "{in_time} {late} {stuck}"
    );
}

#[test]
fn a_seed_repeats_itself_and_a_restart_goes_on() {
    let names = |files: &[PathBuf], folder: &Path| -> Vec<(PathBuf, Vec<u8>)> {
        let name = |f: &PathBuf| f.strip_prefix(folder).unwrap().to_owned();
        files
            .iter()
            .map(|f| (name(f), fs::read(f).unwrap()))
            .collect()
    };
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let whole = names(&run(one.path(), 3, 6), one.path());
    let mut parts = Vec::new();
    for n in 1..=24 {
        // A new process at every step.
        let mut synthetic = Synthetic::new(3, BEGUN, two.path());
        let files = synthetic.step(BEGUN + Duration::hours(6 * n)).unwrap();
        parts.extend(names(&files, two.path()));
    }
    assert_eq!(whole, parts);
    let three = tempfile::tempdir().unwrap();
    assert_ne!(names(&run(three.path(), 4, 6), three.path()), whole);
    let mut again = Synthetic::new(3, BEGUN, one.path());
    assert!(again.step(BEGUN + Duration::days(6)).unwrap().is_empty());
}

#[test]
fn organs_are_valid_and_their_own() {
    let codes: BTreeSet<&str> = Synthetic::departments()
        .iter()
        .map(|d| d.org_code.as_str())
        .collect();
    assert_eq!(codes.len(), 6);
    for department in Synthetic::departments() {
        assert_eq!(tongcha_schema::idcheck::uscc(&department.org_code), Ok(()));
        assert!(tongcha_schema::id::is_node_name(&department.node));
    }
}
