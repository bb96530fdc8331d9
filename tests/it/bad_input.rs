//! Bad input, file by file: each fault is one finding with its code, the rest is processed,
//! everything is kept for the operator, and the receipt lies beside the file.

use super::model::Arrival;
use super::paper::{ORGAN, arrival, case, document, record};
use super::place::everywhere;
use super::rig::{Rig, rows};
use std::fmt::Write as _;
use tongcha_adapters::package::expand;
use tongcha_hub::spool;
use tongcha_schema::element::ElementId::{self, *};
use tongcha_schema::receipt::Verdict;

const NODE: &str = "431321/dept";

/// A file with its fault.
struct Story {
    name: &'static str,
    bytes: Vec<u8>,
    /// Codes of the receipt's findings.
    codes: &'static [&'static str],
    /// Its records in order.
    records: Vec<Told>,
}

/// A record: element, sequence number, whether it is taken, what it says.
struct Told(&'static str, i64, bool, String);

/// A record between two sound ones: element, attributes, other field texts, whether it is taken.
type Middle<'a> = (ElementId, &'a str, &'a [(&'a str, &'a str)], bool);

/// A story of one case, named after itself: a sound record goes before, another after.
fn story(name: &'static str, codes: &'static [&'static str], middle: &[Middle]) -> Story {
    let mut text = record(CaseBase, "seq=\"1\"", &[]);
    let mut records = vec![Told("case_base", 1, true, String::new())];
    for (element, attributes, fields, sound) in middle {
        text += &record(*element, attributes, fields);
        let seq = attributes.split('"').nth(1).unwrap().parse().unwrap();
        // What is no field is not stored and says nothing.
        let known = |node: &str| element.spec().fields.iter().any(|f| f.node() == node);
        let said: Vec<_> = fields.iter().filter(|f| known(f.0)).collect();
        let said = if said.is_empty() {
            String::new()
        } else {
            format!("{said:?}")
        };
        records.push(Told(element.name(), seq, *sound, said));
    }
    text += &record(Applicant, "seq=\"1\"", &[]);
    records.push(Told("applicant", 1, true, String::new()));
    let bytes = document(records.len(), &case(name, &text)).into_bytes();
    Story {
        name,
        bytes,
        codes,
        records,
    }
}

/// A document that is refused whole.
fn refused(name: &'static str, code: &'static [&'static str], bytes: Vec<u8>) -> Story {
    Story {
        name,
        bytes,
        codes: code,
        records: vec![Told("unknown", 1, false, String::new())],
    }
}

/// A document of ASCII and the three characters 水利局.
fn plain(name: &str, declared: &str) -> String {
    let text = record(Organ, "seq=\"1\"", &[]);
    document(1, &case(name, &text)).replace("UTF-8", declared)
}

/// In GB2312, which GBK and GB18030 share; 𠀀 has four bytes in GB18030.
fn in_gb(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for c in text.chars() {
        match c {
            '水' => out.extend([0xCB, 0xAE]),
            '利' => out.extend([0xC0, 0xFB]),
            '局' => out.extend([0xBE, 0xD6]),
            '𠀀' => out.extend([0x95, 0x32, 0x82, 0x36]),
            c => out.push(u8::try_from(c).unwrap()),
        }
    }
    out
}

fn in_utf16(text: &str) -> Vec<u8> {
    "\u{feff}"
        .encode_utf16()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect()
}

/// GBK with half a 局 in the name of an organ, after a sound record.
fn half() -> Story {
    let name = "half a character";
    let records = record(CaseBase, "seq=\"1\"", &[]) + &record(Organ, "seq=\"1\"", &[]);
    let text = document(2, &case(name, &records)).replace("UTF-8", "GBK");
    let mut bytes = in_gb(&text);
    let whole = bytes.windows(2).rposition(|w| w == [0xBE, 0xD6]).unwrap();
    bytes.remove(whole + 1);
    let told = |element, sound| Told(element, 1, sound, String::new());
    Story {
        name,
        bytes,
        codes: &["X234", "X326"],
        records: vec![told("case_base", true), told("organ", false)],
    }
}

fn encodings() -> Vec<Story> {
    let read = |name, codes, bytes: Vec<u8>| {
        let four = bytes.windows(2).any(|w| w == [0x95, 0x32]);
        let said = if four { "four bytes" } else { "" };
        let records = vec![Told("organ", 1, true, said.to_owned())];
        Story {
            name,
            bytes,
            codes,
            records,
        }
    };
    let mut marked = vec![0xEF, 0xBB, 0xBF];
    marked.extend(plain("mark against declaration", "GB18030").bytes());
    let four = plain("gb18030", "GB18030").replace("水利局", "水利局𠀀");
    let narrow = plain("declared too narrow", "GB2312").replace("水利局", "水利局𠀀");
    vec![
        read("gbk", &[], in_gb(&plain("gbk", "GBK"))),
        read("gb2312", &[], in_gb(&plain("gb2312", "gb2312"))),
        read("gb18030", &[], in_gb(&four)),
        read("declared too narrow", &["X205"], in_gb(&narrow)),
        read("utf-16", &[], in_utf16(&plain("utf-16", "UTF-16"))),
        refused(
            "gbk declared as utf-8",
            &["X232"],
            in_gb(&plain("wrong", "UTF-8")),
        ),
        refused(
            "utf-8 declared as gbk",
            &["X232"],
            plain("utf-8", "GBK").into_bytes(),
        ),
        half(),
        refused("mark against declaration", &["X203"], marked),
        refused(
            "unknown encoding",
            &["X202"],
            plain("label", "KOI-99").into_bytes(),
        ),
    ]
}

fn documents() -> Vec<Story> {
    let whole = document(1, &case("x", &record(Organ, "seq=\"1\"", &[])));
    let with = |prolog: &str| {
        whole
            .replacen("<Package", &format!("{prolog}<Package"), 1)
            .into_bytes()
    };
    let mut bomb = String::from("<!DOCTYPE Package [<!ENTITY a0 \"aaaaaaaaaa\">");
    for i in 1..12 {
        let refer = format!("&a{};", i - 1).repeat(10);
        write!(bomb, "<!ENTITY a{i} \"{refer}\">").unwrap();
    }
    bomb.push_str("]>");
    let cut = whole.len() * 2 / 3;
    let wrong_root = whole.replace("Package", "Packet").into_bytes();
    vec![
        refused("cut off", &["X213"], whole.as_bytes()[..cut].to_vec()),
        refused("empty", &["X222"], Vec::new()),
        refused(
            "dtd",
            &["X201"],
            with("<!DOCTYPE Package SYSTEM \"file:///etc/passwd\">"),
        ),
        refused("entity bomb", &["X201"], with(&bomb)),
        refused(
            "undefined entity",
            &["X217"],
            whole.replace("水利局", "&a;").into_bytes(),
        ),
        refused(
            "control character",
            &["X207"],
            whole.replace("水利局", "&#1;").into_bytes(),
        ),
        refused(
            "prefix that nothing binds",
            &["X228"],
            whole
                .replacen("<Case ", "<Case a:caseId=\"y\" ", 1)
                .into_bytes(),
        ),
        refused("no known root", &["X301"], wrong_root),
        refused("no xml", &["X108"], b"id;name\n1;a\n".to_vec()),
    ]
}

/// A case whose number stands beside an attribute of another namespace with the same local name.
fn beside_a_foreign_number() -> Story {
    let told = story("own number", &["X353"], &[]);
    let text = String::from_utf8(told.bytes).unwrap();
    let foreign = "<Case xmlns:a=\"urn:a\" a:caseId=\"OTHER\" ";
    let bytes = text.replacen("<Case ", foreign, 1).into_bytes();
    Story { bytes, ..told }
}

fn records() -> Vec<Story> {
    vec![
        beside_a_foreign_number(),
        story("sound", &[], &[(Process, "seq=\"1\"", &[], true)]),
        story(
            "field missing",
            &["X401"],
            &[(Process, "seq=\"1\"", &[("Handler", "")], false)],
        ),
        story(
            "condition missing",
            &["X402"],
            &[(Process, "seq=\"1\"", &[("EndTime", "")], false)],
        ),
        story(
            "code unknown",
            &["X406"],
            &[(Process, "seq=\"1\"", &[("State", "7")], false)],
        ),
        story(
            "two faults in one record",
            &["X406", "X408"],
            &[(
                Process,
                "seq=\"1\"",
                &[("State", "7"), ("StartTime", "2026-02-30T10:00:00+08:00")],
                false,
            )],
        ),
        story(
            "day that does not exist",
            &["X408"],
            &[(
                Acceptance,
                "seq=\"1\"",
                &[("PromiseDate", "2025-02-29")],
                false,
            )],
        ),
        story(
            "social credit check character",
            &["X417"],
            &[(
                Process,
                "seq=\"1\"",
                &[("UnitCode", "11431321009000015K")],
                false,
            )],
        ),
        story(
            "citizen number check character",
            &["X425"],
            &[(
                Applicant,
                "seq=\"2\"",
                &[("IdNo", "431321198001010013")],
                false,
            )],
        ),
        story(
            "region unknown",
            &["X415"],
            &[(Acceptance, "seq=\"1\"", &[("Region", "990000")], false)],
        ),
        story(
            "unknown field",
            &["X308"],
            &[(Process, "seq=\"1\"", &[("Fax", "1")], true)],
        ),
        story(
            "element doubled",
            &["X309"],
            &[
                (Acceptance, "seq=\"1\"", &[], true),
                (Acceptance, "seq=\"2\"", &[], false),
            ],
        ),
        story(
            "sequence number zero",
            &["X304"],
            &[(Process, "seq=\"0\"", &[], false)],
        ),
        story(
            "version zero",
            &["X305"],
            &[(Process, "seq=\"1\" dataVer=\"0\"", &[], false)],
        ),
        story(
            "operation unknown",
            &["X306"],
            &[(Process, "seq=\"1\" op=\"X\"", &[], false)],
        ),
        story(
            "conclusion without acceptance",
            &["X509"],
            &[(Conclusion, "seq=\"1\"", &[], true)],
        ),
        story(
            "step ends before it starts",
            &["X505"],
            &[(
                Process,
                "seq=\"1\"",
                &[("EndTime", "2026-01-05T10:29:59+08:00")],
                true,
            )],
        ),
        story(
            "accepted before applied",
            &["X503"],
            &[(
                Acceptance,
                "seq=\"1\"",
                &[("AcceptTime", "2026-01-05T08:00:00+08:00")],
                true,
            )],
        ),
        story(
            "step before acceptance",
            &["X504"],
            &[
                (Acceptance, "seq=\"1\"", &[], true),
                (
                    Process,
                    "seq=\"1\"",
                    &[("StartTime", "2026-01-05T09:30:00+08:00")],
                    true,
                ),
            ],
        ),
        story(
            "in the future",
            &["X502"],
            &[(
                Process,
                "seq=\"1\"",
                &[("EndTime", "2027-01-05T10:00:00+08:00")],
                true,
            )],
        ),
    ]
}

/// A record of no known element, and a document that declares another count.
fn odd_ones() -> Vec<Story> {
    let organ = record(Organ, "seq=\"1\"", &[]);
    let text = format!("{organ}<Organn seq=\"1\"><OrgCode>{ORGAN}</OrgCode></Organn>\n");
    let unknown = document(2, &case("unknown element", &text));
    let counted = document(7, &case("count differs", &organ));
    vec![
        Story {
            name: "unknown element",
            bytes: unknown.into_bytes(),
            codes: &["X307"],
            records: vec![
                Told("organ", 1, true, String::new()),
                Told("unknown", 1, false, String::new()),
            ],
        },
        refused("count differs", &["X110"], counted.into_bytes()),
    ]
}

impl Story {
    fn file(&self) -> String {
        format!("{}.xml", self.name.replace(' ', "-"))
    }

    /// What the model makes of its records.
    fn arrivals(&self) -> Vec<Arrival> {
        let each = |Told(element, seq, sound, said): &Told| {
            let one = arrival(NODE, self.name, Organ, (*seq, 1), said);
            Arrival {
                element,
                sound: *sound,
                delete: false,
                ..one
            }
        };
        self.records.iter().map(each).collect()
    }

    fn verdict(&self) -> Verdict {
        let sound = self.records.iter().filter(|r| r.2).count();
        match sound {
            n if n == self.records.len() => Verdict::Accepted,
            0 => Verdict::Refused,
            _ => Verdict::Partly,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_finding_for_each_fault_and_the_rest_is_processed() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        let stories: Vec<Story> = [encodings(), documents(), records(), odd_ones()]
            .into_iter()
            .flatten()
            .collect();
        for story in &stories {
            rig.drop_file(NODE, &story.file(), &story.bytes);
            let arrivals = story.arrivals();
            for (arrival, fate) in arrivals.iter().zip(rig.expect(&arrivals)) {
                assert_eq!(
                    fate == super::model::Fate::Stored,
                    arrival.sound,
                    "{}",
                    story.name
                );
            }
        }
        rig.exhaust(NODE).await;
        rig.settle().await;
        for story in &stories {
            answered(&rig, story);
            kept(&rig, story).await;
        }
        names_are_read(&rig).await;
        rig.end().await;
    })
    .await;
}

/// The receipt beside the file: verdict, counts, one finding for each fault.
fn answered(rig: &Rig, story: &Story) {
    let (side, receipt) = rig.receipt(NODE, &story.file());
    let name = story.name;
    assert_eq!(
        receipt.verdict,
        story.verdict(),
        "{name}: {:?}",
        receipt.findings
    );
    assert_eq!(
        side,
        if story.verdict() == Verdict::Accepted {
            "done"
        } else {
            "bad"
        },
        "{name}"
    );
    let mut codes: Vec<String> = receipt
        .findings
        .iter()
        .map(|f| f.code.to_string())
        .collect();
    codes.sort();
    assert_eq!(codes, story.codes, "{name}: {:?}", receipt.findings);
    assert_eq!(
        receipt.counts.received,
        story.records.len() as u64,
        "{name}"
    );
    let rejected = story.records.iter().filter(|r| !r.2).count();
    assert_eq!(receipt.counts.rejected, rejected as u64, "{name}");
}

/// What the operator has: the findings, the rejected records, the very bytes of the file.
async fn kept(rig: &Rig, story: &Story) {
    let (core, name) = (rig.county(), story.name);
    let file = story.file();
    let text = format!("select envelope, item_no, digest from envelope_item where name = '{file}'");
    let item = rows(core, &text).await.remove(0);
    let of_item = format!(
        "where envelope = '{}' and item_no = {}",
        item.text(0),
        item.int(1)
    );
    let codes = rows(
        core,
        &format!("select code from finding {of_item} order by code"),
    )
    .await;
    let codes: Vec<&str> = codes.iter().map(|r| r.text(0)).collect();
    assert_eq!(codes, story.codes, "{name}");
    let rejected = rows(
        core,
        &format!("select element from rejected {of_item} order by 1"),
    )
    .await;
    let rejected: Vec<&str> = rejected.iter().map(|r| r.text(0)).collect();
    let mut wanted: Vec<&str> = story.records.iter().filter(|r| !r.2).map(|r| r.0).collect();
    wanted.sort_unstable();
    assert_eq!(rejected, wanted, "{name}");
    let digest = item.text(2);
    let mut bytes = Vec::new();
    let chunks = format!("select bytes from raw_chunk where digest = '{digest}' order by chunk_no");
    for (n, row) in (0..).zip(rows(core, &chunks).await) {
        let chunk = core
            .sealed
            .open(&spool::context(digest, n), row.bytes(0))
            .unwrap();
        bytes.extend(expand(&chunk).unwrap());
    }
    assert_eq!(bytes, story.bytes, "{name}: the bytes as they came");
}

/// Whatever the encoding, the text is the same.
async fn names_are_read(rig: &Rig) {
    for (case_no, name) in [
        ("gbk", "水利局"),
        ("gb2312", "水利局"),
        ("gb18030", "水利局𠀀"),
        ("utf-16", "水利局"),
    ] {
        let text = format!("select org_name from organ_history where case_no = '{case_no}'");
        assert_eq!(
            rows(rig.county(), &text).await[0].text(0),
            name,
            "{case_no}"
        );
    }
}

/// Every file that causes a code by itself gives the very findings at the gate that `check` gives.
#[tokio::test(flavor = "multi_thread")]
async fn the_gate_finds_what_the_offline_check_finds() {
    let mut rig = Rig::start(tongcha::world::Place::Embedded).await;
    rig.machine(NODE).await;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/bad");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 70);
    for file in &files {
        let name = file.file_name().unwrap().to_str().unwrap();
        rig.drop_file(NODE, name, &std::fs::read(file).unwrap());
    }
    rig.exhaust(NODE).await;
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tongcha"));
    let output = command
        .args(["check", "--json"])
        .args(&files)
        .output()
        .unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    for (line, file) in lines.lines().zip(&files) {
        let checked: serde_json::Value = serde_json::from_str(line).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        let (_, receipt) = rig.receipt(NODE, name);
        assert_eq!(receipt.verdict.name(), checked["verdict"], "{name}");
        let here: Vec<_> = receipt
            .findings
            .iter()
            .map(|f| {
                (
                    f.code.to_string(),
                    u64::from(f.place.line),
                    f.place.field.clone(),
                    f.value.clone().map(String::from),
                )
            })
            .collect();
        let there: Vec<_> = checked["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| {
                let text = |key: &str| f[key].as_str().map(str::to_owned);
                (
                    text("code").unwrap(),
                    f["line"].as_u64().unwrap_or(0),
                    text("field").unwrap_or_default(),
                    text("value"),
                )
            })
            .collect();
        assert_eq!(here, there, "{name}");
    }
    rig.world.take().unwrap().stop().await.unwrap();
}
