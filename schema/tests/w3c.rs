//! The guard against the W3C XML conformance suite (the parts beside the project, where they are)
//! and against the project's own documents, one or more for each production.

#![expect(
    clippy::expect_used,
    reason = "a test stops at what it cannot go on with"
)]

#[path = "w3c/productions.rs"]
mod productions;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use tongcha_schema::code::{self, Code};
use tongcha_schema::finding::Severity;
use tongcha_schema::xml::{Guarded, guard};

fn judge(bytes: &[u8]) -> Guarded {
    guard(&mut &*bytes, "test.xml").expect("a slice never fails")
}

/// The folder of test data beside the workspace, if it is there.
fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("TONGCHA_SHARED").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let folder = named.unwrap_or_else(beside);
    folder.join("data/xml").is_dir().then_some(folder)
}

#[test]
fn own_documents_are_judged_rightly() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (text, want) in productions::BAD {
        count += 1;
        let got = judge(text.as_bytes());
        let first = got.findings.first();
        if got.findings.len() != 1 || !got.refused() || first.map(|f| f.code) != Some(*want) {
            wrong.push(format!("{text:?}: want {want}, got {:?}", got.findings));
        }
    }
    for text in productions::GOOD {
        count += 1;
        let got = judge(text.as_bytes());
        if !got.findings.is_empty() {
            wrong.push(format!("{text:?}: refused by {:?}", got.findings));
        }
    }
    assert!(count >= 120, "{count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn findings_stand_at_the_place_of_the_fault() {
    for (text, line, column) in productions::PLACES {
        let got = judge(text.as_bytes());
        let place = &got.findings.first().expect("a refusal").place;
        assert_eq!((place.line, place.column), (*line, *column), "{text:?}");
        assert_eq!(place.file, "test.xml");
    }
}

#[test]
fn every_text_of_a_finding_is_filled() {
    for (text, _) in productions::BAD {
        for f in judge(text.as_bytes()).findings {
            for filled in [f.cause_zh(), f.cause_en(), f.hint_zh(), f.hint_en()] {
                let open = filled.replace("“{”", "");
                assert!(
                    !open.contains('{') && !filled.is_empty(),
                    "{text:?}: {filled}"
                );
            }
        }
    }
}

#[test]
fn every_error_code_that_needs_no_bytes_is_met() {
    let met: Vec<Code> = productions::BAD.iter().map(|b| b.1).collect();
    // Those about bytes, sizes and tables are met in other tests.
    let elsewhere = [
        code::xml::UNDECODABLE,
        code::xml::LOOKS_OTHERWISE,
        code::xml::NO_BYTE_ORDER_MARK,
        code::xml::XML_OVER_LIMIT,
        code::xml::BAD_TABLE,
        code::xml::NO_TEXT,
        code::xml::QUOTES_TANGLED,
        code::xml::BAD_JSON,
        code::xml::MARKUP_TABLE,
        code::xml::DOCUMENT_WITHIN,
        code::xml::MIXED_ENCODINGS,
    ];
    for spec in code::xml::CODES {
        let code = Code(spec);
        let due = spec.severity == Severity::Error && !elsewhere.contains(&code);
        assert!(!due || met.contains(&code), "{code} is never met");
    }
}

/// The suite's files by path, from the archive beside the project.
fn suite(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let target = tempfile_folder();
    let done = Command::new("tar")
        .arg("-xJf")
        .arg(folder.join("data/xml/xmlconf_xmltest_sun_oasis.tar.xz"))
        .arg("-C")
        .arg(&target)
        .status()
        .expect("tar runs");
    assert!(done.success(), "tar: {done}");
    let mut files = BTreeMap::new();
    gather(&target, &target, &mut files);
    std::fs::remove_dir_all(&target).expect("own folder");
    files
}

fn tempfile_folder() -> PathBuf {
    let name = format!("w3c-{}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("target folder is writable");
    folder
}

fn gather(top: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("unpacked") {
        let path = entry.expect("unpacked").path();
        if path.is_dir() {
            gather(top, &path, files);
        } else {
            let name = path.strip_prefix(top).expect("below").to_string_lossy();
            let name = name.trim_start_matches("./").trim_start_matches("xmlconf/");
            files.insert(name.to_owned(), std::fs::read(&path).expect("readable"));
        }
    }
}

/// The codes of Namespaces in XML.
const BY_NAMES: [Code; 2] = [code::xml::NO_QUALIFIED_NAME, code::xml::UNBOUND_PREFIX];

/// Whether a document of the suite has a DTD: `<!DOCTYPE`, in one byte a character or two, outside
/// comments, instructions and CDATA sections.
fn has_dtd(bytes: &[u8]) -> bool {
    let ascii: Vec<u8> = bytes.iter().copied().filter(|b| *b != 0).collect();
    let mut text = String::from_utf8_lossy(&ascii).into_owned();
    for (open, close) in [("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>")] {
        while let Some(from) = text.find(open) {
            let rest = &text[from + open.len()..];
            let Some(len) = rest.find(close) else { break };
            text.replace_range(from..from + open.len() + len + close.len(), "");
        }
    }
    text.contains("<!DOCTYPE")
}

#[test]
fn the_w3c_suite_is_judged_rightly() {
    let Some(folder) = shared() else {
        println!("no W3C suite beside the project: only the own documents were judged");
        return;
    };
    let files = suite(&folder);
    let manifest = folder.join("data/xml/xmlconf_manifest.csv");
    let manifest = std::fs::read_to_string(manifest).expect("the manifest");
    let mut wrong = Vec::new();
    let (mut refused, mut accepted, mut dtds, mut colons) = (0, 0, 0, 0);
    for line in manifest.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        let (kind, path, edition) = (columns[1], columns[2], columns[6]);
        // Well-formed, and by its names no document with namespaces.
        let no_namespaces = columns[7] == "no" && kind != "not-wf";
        if !edition.is_empty() && !edition.contains('5') {
            continue;
        }
        let bytes = &files[path];
        let got = judge(bytes);
        let dtd = has_dtd(bytes);
        let good = match kind {
            // With a DTD the fault may stand before it or in it: refused in any case.
            _ if dtd => got.refused(),
            "not-wf" => got.refused(),
            _ if no_namespaces => got.findings.iter().any(|f| BY_NAMES.contains(&f.code)),
            "valid" | "invalid" => !got.refused(),
            _ => continue,
        };
        match (dtd, kind) {
            (true, _) => dtds += 1,
            (false, "not-wf") => refused += 1,
            _ if no_namespaces => colons += 1,
            _ => accepted += 1,
        }
        if !good {
            wrong.push(format!("{kind} {path}: {:?}", got.findings));
        }
        let same = guard(&mut OneByte(bytes), "test.xml").expect("a slice never fails");
        if same.findings != got.findings {
            wrong.push(format!("{path}: byte by byte {:?}", same.findings));
        }
    }
    println!(
        "W3C: {refused} not well-formed, {accepted} well-formed, {colons} well-formed but for \
         namespaces, {dtds} with a DTD"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused >= 222 && accepted >= 48 && colons == 2 && dtds >= 590);
}

/// Gives one byte a call.
struct OneByte<'b>(&'b [u8]);

impl io::Read for OneByte<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = buf.len().min(1);
        io::Read::read(&mut self.0, &mut buf[..n])
    }
}
