//! The bytes of documents through admission: half characters, texts in another encoding than they say,
//! dialects that state the encoding, places that come twice. What is spoilt is refused and told; the rest
//! goes on.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::io::{self, Read};
use time::macros::datetime;
use tongcha_decode::admit::{ItemContext, ItemOutcome, admit_item};
use tongcha_decode::dialect::Registry;
use tongcha_schema::check::CheckedCase;
use tongcha_schema::finding::Finding;
use tongcha_schema::receipt::Verdict;

const ABSENT: &str = r#"
[[absent]]
element = "process"
fields = ["step_no", "step_code", "handler_no", "unit_code", "unit_name", "result", "start_time"]
reason = "a test"
"#;

/// A dialect of that kind with a process step and a fee in one case; `more` stands at its top.
fn dialect(kind: &str, more: &str) -> Registry {
    let place = |name: &str| {
        if kind == "xml" {
            format!("@{name}")
        } else {
            name.to_owned()
        }
    };
    let recognise = if kind == "xml" {
        "root = \"Cases\""
    } else {
        "columns = [\"no\", \"name\"]"
    };
    let path = if kind == "xml" {
        "path = \"Cases/Case\""
    } else {
        ""
    };
    let text = format!(
        "name = \"local\"\nversion = \"1\"\ntitle_zh = \"某系统\"\ntitle_en = \"a system\"\n\
         kind = \"{kind}\"\nspace = \"source\"\n{more}\n[recognise]\n{recognise}\n[case]\n{path}\n\
         case_no = \"{}\"\nversion = \"arrival\"\n\
         [[record]]\nelement = \"process\"\nseq = 1\n[record.fields]\nstep_name = \"{}\"\n\
         handler = \"{}\"\nopinion = \"{}\"\nstate = {{ const = \"1\" }}\n\
         [[record]]\nelement = \"case_base\"\nseq = 1\n[record.fields]\nproject_name = \"{}\"\n\
         query_pwd_hash = {{ from = \"{}\", hash = true }}\n{ABSENT}\
         [[absent]]\nelement = \"case_base\"\nfields = [\"case_type\", \"apply_time\", \"source_form\", \
         \"receipt_no\", \"region\"]\nreason = \"a test\"\n",
        place("no"),
        place("name"),
        place("person"),
        place("note"),
        place("project"),
        place("pwd"),
    );
    Registry::with([("local.toml", text.as_str())]).unwrap()
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

    /// Codes with line and field, in order.
    fn told(&self) -> Vec<String> {
        let all = self.findings();
        let told = all
            .iter()
            .map(|f| format!("{}:{}:{}", f.code, f.place.line, f.place.field));
        told.collect()
    }

    /// Case and element of what is stored, with its texts.
    fn stored(&self) -> Vec<String> {
        let records = self.cases.iter().flat_map(|c| &c.records);
        let text = |v: &Option<tongcha_schema::value::Value>| Some(v.as_ref()?.text()?.to_owned());
        let said = |r: &tongcha_schema::record::Record| {
            let texts: Vec<String> = r.values.iter().filter_map(text).collect();
            format!("{} {} {}", r.head.case_no, r.element, texts.join(","))
        };
        records.map(said).collect()
    }
}

fn admit(registry: &Registry, name: &str, bytes: &[u8]) -> Admitted {
    admit_by(registry, "local", name, bytes)
}

fn admit_by(registry: &Registry, dialect: &str, name: &str, bytes: &[u8]) -> Admitted {
    let ctx = ItemContext {
        source: "431321/steps",
        target: "431321/hub",
        envelope: "431321/steps@1.1",
        item: 0,
        name,
        dialect,
        received_at: datetime!(2026-02-01 00:00 UTC),
        forwards: false,
    };
    let mut open =
        || -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(io::Cursor::new(bytes.to_vec()))) };
    let mut cases = Vec::new();
    let outcome = admit_item(registry, &ctx, &mut open, &mut |case| cases.push(case)).unwrap();
    assert!(outcome.total().balances(), "{:?}", outcome.counts);
    for case in &cases {
        let whole = |r: &tongcha_schema::record::Record| !r.canonical().contains('\u{FFFD}');
        assert!(case.records.iter().all(whole), "U+FFFD is never stored");
    }
    Admitted { outcome, cases }
}

fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

/// A text in GBK, each `~` half a character.
fn cut(text: &str) -> Vec<u8> {
    let parts: Vec<Vec<u8>> = text.split('~').map(gbk).collect();
    parts.join([0xD2].as_slice())
}

const ROWS: &str = "no,name,person,note,project,pwd\n\
    1,承办,李某,经现场核查符合条件同意,某工程,\n\
    2,承办,王某,经现场核查符合条件同~,某工程,\n\
    3,承办,陈某,同意,某工程,\n";

#[test]
fn half_a_character_in_a_table_refuses_the_record_that_holds_it() {
    let registry = dialect("csv", "");
    let utf8 = ROWS.split('~').map(str::as_bytes).collect::<Vec<_>>();
    for (what, bytes) in [
        ("GBK", cut(ROWS)),
        ("UTF-8", utf8.join([0xE6, 0x84].as_slice())),
    ] {
        let got = admit(&registry, "cut.csv", &bytes);
        assert_eq!(
            got.outcome.verdict,
            Verdict::Partly,
            "{what}: {:?}",
            got.told()
        );
        assert_eq!(got.told(), ["X234:3:", "X326:3:opinion"], "{what}");
        let place = &got.findings()[0];
        let half = if what == "GBK" { "D2" } else { "E6 84" };
        assert_eq!(place.value.as_deref(), Some(half), "{what}");
        let stored = got.stored();
        assert_eq!(stored.len(), 5, "{stored:?}");
        assert!(stored[0].contains("经现场核查符合条件同意") && stored[3].contains("陈某"));
    }
}

#[test]
fn half_a_character_in_xml_of_a_chinese_encoding_refuses_its_record_alone() {
    let registry = dialect("xml", "");
    let text = "<?xml version='1.0' encoding='GBK'?>\n<Cases>\n\
        <Case no='1' name='承办' person='李某' note='同意' project='甲'/>\n\
        <Case no='2' name='承办' person='王~' note='同意' project='乙' pwd='12~'/>\n\
        <!-- ~ --><Case no='3' name='承办' person='陈某' note='同意' project='丙'/></Cases>";
    let got = admit(&registry, "a.xml", &cut(text));
    assert_eq!(
        got.told(),
        [
            "X234:4:",
            "X234:4:",
            "X234:5:",
            "X326:4:handler",
            "X326:4:@pwd"
        ],
    );
    let stored = got.stored();
    assert_eq!(stored.len(), 4, "{stored:?}");
    assert!(stored.iter().all(|s| !s.starts_with('2')), "{stored:?}");
    // A key that is spoilt refuses what it names.
    let got = admit(&registry, "a.xml", &cut(&text.replace("no='3'", "no='3~'")));
    assert_eq!(got.stored().len(), 2, "{:?}", got.told());
    assert!(
        got.told().iter().any(|t| t.starts_with("X303:5")),
        "{:?}",
        got.told()
    );
    // A source that has mended it badly before gives the same.
    let mangled = text.replace('~', "\u{FFFD}").replace("GBK", "UTF-8");
    let got = admit(&registry, "a.xml", mangled.as_bytes());
    assert_eq!(got.told(), ["X326:4:handler", "X326:4:@pwd"]);
}

#[test]
fn two_exports_in_one_file_are_told_by_the_line_where_they_meet() {
    let registry = dialect("csv", "");
    let row = |no: u32| format!("{no},承办,李某,同意报批,甲乙\n");
    let head = "no,name,person,note,project\n";
    let mixed = [head.as_bytes(), &gbk(&row(1)), row(2).as_bytes()].concat();
    let got = admit(&registry, "a.csv", &mixed);
    assert_eq!(got.outcome.verdict, Verdict::Refused, "{:?}", got.told());
    assert_eq!(got.told(), ["X239:3:"]);
    // Each alone is read; a word of GB18030 that happens to be UTF-8 is none of it.
    for alone in [
        gbk(&row(1)),
        gbk("1,联通,李某,同意,甲乙\n"),
        row(1).into_bytes(),
    ] {
        let got = admit(&registry, "a.csv", &[head.as_bytes(), &alone].concat());
        assert_eq!(got.told(), Vec::<String>::new());
    }
}

#[test]
fn another_encoding_than_declared_is_told_until_the_dialect_states_it() {
    let text = |label: &str| {
        format!(
            "<?xml version='1.0' encoding='{label}'?>\n<Cases>\n<Case no='1' name='承办' \
             person='李某' note='同意' project='甲'/></Cases>"
        )
    };
    let one = |more: &str, bytes: &[u8]| admit(&dialect("xml", more), "a.xml", bytes);
    for (wrong, named, label) in [
        (text("GBK").into_bytes(), "encoding = \"utf-8\"", "GBK"),
        (gbk(&text("UTF-8")), "encoding = \"gbk\"", "UTF-8"),
    ] {
        let got = one("", &wrong);
        assert_eq!(
            got.outcome.verdict,
            Verdict::Refused,
            "{label}: {:?}",
            got.told()
        );
        assert!(
            got.told()[0].starts_with("X232:") && got.cases.is_empty(),
            "{label}"
        );
        let got = one(named, &wrong);
        assert_eq!(got.told(), ["X233:1:"], "{label}");
        assert_eq!(got.outcome.findings[0].value.as_deref(), Some(label));
        assert_eq!(got.stored().len(), 2, "{label}");
        assert!(got.stored()[0].contains("李某"));
    }
    // Once the source says it rightly, nothing is told; a dialect that is wrong is told itself.
    assert!(
        one("encoding = \"gb18030\"", &gbk(&text("GBK")))
            .told()
            .is_empty()
    );
    let got = one("encoding = \"gb18030\"", text("UTF-8").as_bytes());
    assert!(got.told()[0].starts_with("X232:"), "{:?}", got.told());
    let bad = Registry::with([("a.toml", "encoding = \"utf8mb5\"")]);
    let told = bad.unwrap_err()[0].to_string();
    assert!(
        told.contains("`encoding` is unknown") && told.contains("gb18030"),
        "{told}"
    );
}

#[test]
fn rows_as_json_and_tables_in_another_encoding() {
    let row = r#"[{"no":"1","name":"承办","person":"李某","note":"同意","project":"甲"}]"#;
    let one = |kind: &str, more: &str, bytes: &[u8]| admit(&dialect(kind, more), "a", bytes);
    assert!(one("row", "", row.as_bytes()).told().is_empty());
    let got = one("row", "", &gbk(row));
    assert_eq!(got.told(), ["X232:1:"], "no JSON, but GBK");
    let got = one("row", "encoding = \"gbk\"", &gbk(row));
    assert!(
        got.told().is_empty() && got.stored().len() == 2,
        "{:?}",
        got.told()
    );
    assert_eq!(
        one("row", "encoding = \"gbk\"", row.as_bytes()).told(),
        ["X232:1:"]
    );
    let got = one(
        "row",
        "encoding = \"gbk\"",
        &cut(&row.replace("李某", "李~")),
    );
    assert_eq!(got.told(), ["X234:1:", "X326:0:handler"]);
    let table = ROWS.replace('~', "意");
    let big5 = encoding_rs::BIG5
        .encode(&table.replace("现场", ""))
        .0
        .into_owned();
    let got = one("csv", "encoding = \"big5\"", &big5);
    assert_eq!(got.stored().len(), 6, "{:?}", got.told());
    assert_eq!(
        one("csv", "encoding = \"gb18030\"", table.as_bytes()).told(),
        ["X232:1:"]
    );
    assert_eq!(
        one("csv", "encoding = \"utf-8\"", &gbk(&table)).told(),
        ["X232:1:"]
    );
    assert!(one("csv", "", &gbk(&table)).told().is_empty());
}

#[test]
fn a_place_that_comes_twice_rejects_the_record_that_uses_it() {
    let row = |more: &str| {
        format!(
            r#"[{{"no":"1","name":"承办","person":"李某","note":"同意","project":"甲"{more}}}]"#
        )
    };
    let registry = dialect("row", "");
    let stored = |more: &str| {
        let got = admit(&registry, "a.json", row(more).as_bytes());
        let elements: Vec<String> = got
            .stored()
            .iter()
            .map(|s| s.split(' ').nth(1).unwrap().to_owned())
            .collect();
        (elements, got.told())
    };
    assert_eq!(
        stored(r#","project":"乙""#),
        (
            vec!["process".to_owned()],
            vec!["X310:0:project".to_owned()]
        )
    );
    // The same key again is told even where it says the same.
    let (elements, told) = stored(r#","note":"同意""#);
    assert_eq!(
        (elements, told),
        (vec!["case_base".to_owned()], vec!["X310:0:note".to_owned()])
    );
    // The number names them both.
    let (elements, told) = stored(r#","no":"2""#);
    assert!(elements.is_empty() && told.len() == 2, "{told:?}");
}

/// Synthetic numbers, of the form and with the check character of a citizen's and of a mobile telephone.
const PLANTED: [&str; 3] = ["110101199001011237", "13900000017", "110101900101123"];

/// Where the values of a document stand: texts and attribute values of XML, strings of JSON, fields of a
/// table below its header.
fn values(name: &str, text: &str) -> Vec<(usize, usize)> {
    let between = |open: &str, close: char| {
        let starts = text.match_indices(open).map(|(at, found)| at + found.len());
        let ends = starts.filter_map(|at| Some((at, at + text[at..].find(close)?)));
        ends.collect::<Vec<_>>()
    };
    if name.ends_with(".json") {
        return between("\":\"", '"');
    }
    if name.ends_with(".csv") {
        let head = text.find('\n').unwrap() + 1;
        let mut at = head;
        let fields = text[head..].split(['\n', ',']).map(|field| {
            let place = (at, at + field.trim_end_matches('\r').len());
            at += field.len() + 1;
            place
        });
        return fields.filter(|(from, to)| from < to).collect();
    }
    let mut all = between("=\"", '"');
    all.extend(
        between(">", '<')
            .into_iter()
            .filter(|(a, b)| !text[*a..*b].trim().is_empty()),
    );
    all
}

#[test]
fn a_persons_number_in_any_place_of_any_format_is_masked() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("dialects/golden");
    let (mut planted, mut told) = (0, 0);
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    names.sort();
    for path in names
        .iter()
        .filter(|p| p.extension().is_none_or(|e| e != "txt"))
    {
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        for (number, (from, to)) in values(name, &text).into_iter().enumerate() {
            let plant = PLANTED[number % PLANTED.len()];
            let bytes = [&text[..from], plant, &text[to..]].concat();
            let dialect = name.split('.').next().unwrap();
            let got = admit_by(Registry::shipped(), dialect, name, bytes.as_bytes());
            planted += 1;
            for finding in got.findings() {
                let mut finding = finding.clone();
                // The number of a case is its key: by it the office finds the record again.
                finding.place.case_no.clear();
                let texts = [
                    finding.cause_zh(),
                    finding.cause_en(),
                    finding.hint_zh(),
                    finding.hint_en(),
                ];
                let shown = serde_json::to_string(&finding).unwrap() + &texts.concat();
                assert!(!shown.contains(plant), "{name} at {from}: {shown}");
                told += usize::from(shown.contains("****"));
            }
            let owed = got
                .outcome
                .work
                .keys()
                .map(|w| w.value.as_str())
                .collect::<Vec<_>>();
            assert!(!owed.contains(&plant), "{name} at {from}: {owed:?}");
        }
    }
    assert!(planted > 300 && told > 100, "{planted} {told}");
}
