//! `tongcha demo --once` as a person types it: real permit cases through every hop to both tiers,
//! in both modes, twice, with the same figures. Without the shared folder a small log of the same
//! dialect is written and run instead.

use super::place::production;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn shared_log() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("TONGCHA_SHARED").map_or(beside, PathBuf::from);
    Some(shared.join("data/logs/wabo_receipt.xes.gz")).filter(|p| p.is_file())
}

/// Runs it in a folder of its own; gives the figures without the time.
fn once(data: &Path, as_of: &str, more: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tongcha"));
    command
        .args(["demo", "--once", "--json", "--as-of", as_of, "--data"])
        .arg(data);
    command
        .arg("--folder")
        .arg(folder.path().join("run"))
        .args(more);
    let output = command.output().unwrap();
    let (out, err) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert_eq!(output.status.code(), Some(0), "{err}");
    let mut figures: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    let elapsed = figures
        .as_object_mut()
        .unwrap()
        .remove("elapsed_ms")
        .unwrap();
    assert!(elapsed.as_u64().unwrap() > 0);
    figures
}

/// The same figures embedded, again, and in production where servers are named.
fn in_every_mode(data: &Path, as_of: &str, figures: &Value) {
    assert_eq!(once(data, as_of, &[]), *figures, "embedded, once more");
    let Some(servers) = production() else { return };
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("servers.toml");
    let text = format!(
        "[database]\nurl_env = \"TONGCHA_PG_URL\"\n\
         [bus]\nurl_env = \"TONGCHA_AMQP_URL\"\nrabbitmqctl = {:?}\n",
        servers.rabbitmqctl
    );
    std::fs::write(&config, text).unwrap();
    let more = ["--production", "--config", config.to_str().unwrap()];
    for run in 0..2 {
        assert_eq!(once(data, as_of, &more), *figures, "production, run {run}");
    }
}

#[test]
fn the_permit_log_gives_its_known_figures_in_every_mode() {
    let Some(log) = shared_log() else {
        println!("the shared folder is absent: the written log alone is run");
        return;
    };
    let figures = json!({
        "received": 12_774, "stored": 12_774, "rejected": 0, "duplicate": 0, "pending": 0,
        "elements": {"case_base": 1_434, "acceptance": 1_434, "process": 8_577, "conclusion": 1_329},
        "cases": 1_434, "concluded": 1_329, "concluded_late": 309, "open": 105, "open_overdue": 37,
        "cards": {"by_colour": {"yellow": 346}, "by_rule": {"T-02": 346}},
        "not_judged": {"T-01": 1_434, "T-04": 1_434, "T-05": 1_434},
        "forwarded": 12_774,
    });
    let found = once(&log, "2012-01-23", &[]);
    for (key, value) in figures.as_object().unwrap() {
        match key.as_str() {
            // Other rules may pass cases over as well; these three know no case of the log.
            "not_judged" => {
                for (rule, cases) in value.as_object().unwrap() {
                    assert_eq!(found[key][rule], *cases, "{rule}: {}", found[key]);
                }
            }
            _ => assert_eq!(found[key], *value, "{key}"),
        }
    }
    in_every_mode(&log, "2012-01-23", &found);
}

/// A case of the written log: start, deadline, end, events.
type Permit = (&'static str, &'static str, Option<&'static str>, usize);

const PERMITS: [Permit; 6] = [
    (
        "2011-03-01T09:00:00.000+01:00",
        "2011-03-20T23:59:59.000+01:00",
        Some("2011-03-20T23:30:00.000+01:00"),
        3,
    ),
    (
        "2011-03-01T09:00:00.000+01:00",
        "2011-03-20T23:59:59.000+01:00",
        Some("2011-03-21T00:30:00.000+01:00"),
        2,
    ),
    (
        "2011-03-02T09:00:00.000+01:00",
        "2011-04-01T23:59:59.000+02:00",
        Some("2011-03-10T10:00:00.000+01:00"),
        4,
    ),
    (
        "2011-03-03T09:00:00.000+01:00",
        "2011-03-15T23:59:59.000+01:00",
        None,
        1,
    ),
    (
        "2011-03-28T09:00:00.000+02:00",
        "2011-04-20T23:59:59.000+02:00",
        None,
        2,
    ),
    // It ends before it starts: a finding, stored.
    (
        "2011-03-05T09:00:00.000+01:00",
        "2011-03-30T23:59:59.000+02:00",
        Some("2011-03-04T09:00:00.000+01:00"),
        1,
    ),
];

fn log() -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log xes.version=\"1.0\" xmlns=\"http://www.xes-standard.org/\">\n",
    );
    for (n, (start, deadline, end, events)) in PERMITS.iter().enumerate() {
        write!(
            out,
            "<trace>\n<string key=\"concept:name\" value=\"case-{n}\"/>\n<string key=\"channel\" value=\"Internet\"/>\n\
             <string key=\"responsible\" value=\"Resource21\"/>\n<date key=\"startdate\" value=\"{start}\"/>\n\
             <date key=\"deadline\" value=\"{deadline}\"/>\n"
        )
        .unwrap();
        if let Some(end) = end {
            writeln!(out, "<date key=\"enddate\" value=\"{end}\"/>").unwrap();
        }
        for event in 0..*events {
            let number = 1_000 + n * 100 + event;
            writeln!(
                out,
                "<event><string key=\"concept:instance\" value=\"task-{number}\"/><string key=\"concept:name\" value=\"Confirmation\"/>\
                 <string key=\"org:resource\" value=\"Resource21\"/><string key=\"org:group\" value=\"Group 1\"/>\
                 <string key=\"lifecycle:transition\" value=\"complete\"/><date key=\"time:timestamp\" value=\"{start}\"/></event>"
            )
            .unwrap();
        }
        out.push_str("</trace>\n");
    }
    out + "</log>\n"
}

#[test]
fn a_written_permit_log_gives_its_figures_in_every_mode() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("permits.xes");
    std::fs::write(&file, log()).unwrap();
    let found = once(&file, "2011-03-31", &[]);
    // Case 1 is concluded a day late, case 3 is open and overdue.
    for (key, value) in [
        ("received", json!(29)),
        ("stored", json!(29)),
        ("rejected", json!(0)),
        ("duplicate", json!(0)),
        ("pending", json!(0)),
        (
            "elements",
            json!({"case_base": 6, "acceptance": 6, "process": 13, "conclusion": 4}),
        ),
        ("cases", json!(6)),
        ("concluded", json!(4)),
        ("concluded_late", json!(1)),
        ("open", json!(2)),
        ("open_overdue", json!(1)),
        ("forwarded", json!(29)),
    ] {
        assert_eq!(found[key], value, "{key}: {found}");
    }
    assert_eq!(found["cards"]["by_rule"]["T-02"], json!(2), "{found}");
    in_every_mode(&file, "2011-03-31", &found);
}

#[test]
fn a_dropped_table_gives_its_rows_in_every_mode() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let golden = root.join("adapters/decode/dialects/golden/csv-permit.csv");
    let found = once(&golden, "2014-04-01", &[]);
    for (key, value) in [
        ("received", json!(4)),
        ("stored", json!(4)),
        ("elements", json!({"process": 4})),
        ("cases", json!(2)),
        ("forwarded", json!(4)),
    ] {
        assert_eq!(found[key], value, "{key}: {found}");
    }
    in_every_mode(&golden, "2014-04-01", &found);
    // The same kind of table as dBase writes it, in GBK.
    let found = once(&root.join("tests/data/steps.dbf"), "2026-04-01", &[]);
    let keys = ["received", "stored", "cases", "forwarded"];
    let counts = keys.map(|key| found[key].clone());
    assert_eq!(counts, [json!(2), json!(2), json!(1), json!(2)], "{found}");
    // The same steps in a workbook, below a title, beside a hidden sheet and a page of remarks.
    let found = once(&root.join("tests/data/steps.xlsx"), "2026-04-01", &[]);
    let counts = keys.map(|key| found[key].clone());
    assert_eq!(counts, [json!(2), json!(2), json!(1), json!(2)], "{found}");
    // A list of items belongs to no case.
    let golden = root.join("adapters/decode/dialects/golden/csv-items.csv");
    let found = once(&golden, "2014-04-01", &[]);
    for (key, value) in [
        ("received", json!(4)),
        ("stored", json!(4)),
        ("pending", json!(0)),
        ("elements", json!({"item": 4})),
        ("cases", json!(0)),
        ("forwarded", json!(4)),
    ] {
        assert_eq!(found[key], value, "{key}: {found}");
    }
    in_every_mode(&golden, "2014-04-01", &found);
    // A row of another length is one rejected record of no element; the row beside it is stored.
    let bad = once(&root.join("tests/data/bad/X324.csv"), "2014-04-01", &[]);
    let counts = ["received", "stored", "rejected", "pending"].map(|key| bad[key].clone());
    assert_eq!(counts, [json!(2), json!(1), json!(1), json!(0)], "{bad}");
}
