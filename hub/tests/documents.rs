//! What the documents quote is what the code has: the sample and the limits of the protocol's page, the
//! keys of the configuration's page. Refuses to judge their prose.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;
use tongcha_schema::code::transport;
use tongcha_schema::{envelope, limits, sample};

const EXCHANGE: &str = include_str!("../../docs/EXCHANGE.md");
const CONFIG: &str = include_str!("../../docs/CONFIG.md");
const SAMPLES: [&str; 5] = [
    include_str!("../../deploy/config/agent.toml"),
    include_str!("../../deploy/config/hub.toml"),
    include_str!("../../deploy/config/county.toml"),
    include_str!("../../deploy/config/city.toml"),
    include_str!("../../deploy/config/province.toml"),
];

/// `8388608` as `8,388,608`.
fn with_commas(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[test]
fn the_sample_is_the_one_that_the_program_prints() {
    assert!(
        EXCHANGE.contains(&sample::whole_case()),
        "put the output of `tongcha schema sample` into section 8 of docs/EXCHANGE.md"
    );
}

#[test]
fn the_limits_are_those_in_force() {
    let table = EXCHANGE.split("## 6. Limits").nth(1).unwrap();
    let table = table.split("## 7.").next().unwrap();
    let limits = [
        ("node name", limits::NODE_NAME_CHARS as u64),
        ("head", limits::HEAD_BYTES as u64),
        ("items of an envelope", limits::ENVELOPE_ITEMS as u64),
        ("one item", limits::ITEM_BYTES),
        ("one chunk", limits::CHUNK_BYTES as u64),
        ("depth", limits::XML_DEPTH as u64),
        ("one XML name", limits::XML_NAME_BYTES as u64),
        ("attributes", limits::XML_ATTRIBUTES as u64),
        ("attributes", limits::XML_ATTRIBUTE_BYTES as u64),
        ("text between", limits::XML_TEXT_BYTES as u64),
        ("text between", limits::XML_TAG_BYTES as u64),
        ("records of one case", limits::CASE_RECORDS as u64),
        ("text of one field", limits::FIELD_BYTES as u64),
        ("findings listed", limits::RECEIPT_FINDINGS as u64),
    ];
    for (row, limit) in limits {
        let row = table.lines().find(|l| l.starts_with(&format!("| {row}")));
        let figure = with_commas(limit);
        assert!(row.unwrap().contains(&figure), "{row:?} is not {figure}");
    }
    let withheld = with_commas(limits::WITHHELD_HEAD_BYTES as u64);
    assert!(EXCHANGE.contains(&withheld), "withheld: {withheld}");
}

#[test]
fn every_transport_code_is_told_with_its_severity() {
    for code in transport::CODES {
        let severity = code.severity.name();
        let row = format!("| `X{}` | {severity} |", code.number);
        assert!(EXCHANGE.contains(&row), "no row {row}");
    }
    assert!(EXCHANGE.contains(envelope::MEDIA_TYPE));
}

#[test]
fn every_key_of_the_samples_is_explained() {
    let mut keys = BTreeSet::new();
    for line in SAMPLES.iter().flat_map(|s| s.lines()) {
        let line = line.trim_start_matches(['#', ' ']);
        let Some((key, _)) = line.split_once(" = ") else {
            continue;
        };
        if key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
            keys.insert(key);
        }
    }
    assert!(keys.len() > 30, "{keys:?}");
    for key in keys {
        let told = CONFIG.contains(&format!("`{key}`"));
        assert!(told, "docs/CONFIG.md does not explain {key}");
    }
}
