//! Hostile documents: endless ones made by a stream, every limit hit and just not hit, entity
//! attacks, documents cut off anywhere, arbitrary bytes. The guard answers each, reads little and
//! keeps less.

#![expect(
    clippy::expect_used,
    reason = "a test stops at what it cannot go on with"
)]

#[path = "hostile/laws.rs"]
mod laws;

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use tongcha_schema::code::Code;
use tongcha_schema::code::xml as code;
use tongcha_schema::limits;
use tongcha_schema::xml::{Guarded, guard};

fn judge(bytes: &[u8]) -> Guarded {
    guard(&mut &*bytes, "test.xml").expect("a slice never fails")
}

fn codes(got: &Guarded) -> Vec<Code> {
    got.findings.iter().map(|f| f.code).collect()
}

/// A document made while it is read: a head, a pattern over and over, a tail.
struct Made<'p> {
    head: &'p [u8],
    pattern: Vec<u8>,
    left: u64,
    at: usize,
    tail: &'p [u8],
    given: u64,
}

impl<'p> Made<'p> {
    fn new(head: &'p str, pattern: &str, size: u64, tail: &'p str) -> Made<'p> {
        let times = (64 << 10) / pattern.len() + 1;
        Made {
            head: head.as_bytes(),
            pattern: pattern.repeat(times).into_bytes(),
            left: size / pattern.len() as u64 * pattern.len() as u64,
            at: 0,
            tail: tail.as_bytes(),
            given: 0,
        }
    }
}

impl Read for Made<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = if !self.head.is_empty() {
            self.head.read(buf)?
        } else if self.left > 0 {
            let left = usize::try_from(self.left).unwrap_or(usize::MAX);
            let n = buf.len().min(left).min(self.pattern.len() - self.at);
            buf[..n].copy_from_slice(&self.pattern[self.at..self.at + n]);
            self.at = (self.at + n) % self.pattern.len();
            self.left -= n as u64;
            n
        } else {
            self.tail.read(buf)?
        };
        self.given += n as u64;
        Ok(n)
    }
}

const TWO_GIB: u64 = 2 << 30;

#[test]
fn two_gib_of_one_thing_are_refused_after_a_few_mib() {
    let endless = [
        ("<a>", "x", "</a>"),
        ("<a>", "中文，", "</a>"),
        ("<a>", "&amp;", "</a>"),
        ("<a>", "<!----> text between comments", "</a>"),
        ("<a>", "<![CDATA[x]]>", "</a>"),
        ("<a><![CDATA[", "x", "]]></a>"),
        ("<a>&#", "0", "65;</a>"),
        ("<!--", " -", "--><a/>"),
        ("<?p ", "x?", "?><a/>"),
        ("", " \n", "<a/>"),
        ("<a/>", "\r\n", ""),
        ("<?xml ", " ", "version='1.0'?><a/>"),
        ("<a b='", "x", "'/>"),
        ("<a b='&#x", "0", "41;'/>"),
        ("<a b='1'", " ", "/>"),
        ("<a b", "\n", "='1'/>"),
        ("<a></a", " ", ">"),
        ("<", "a", "/>"),
        ("<?", "a", "?><a/>"),
        ("<a ", "b", "='1'/>"),
        ("<a>&", "b", ";</a>"),
        ("<a></", "b", ">"),
        ("", "<a>", ""),
    ];
    for (head, pattern, tail) in endless {
        let mut made = Made::new(head, pattern, TWO_GIB, tail);
        let got = guard(&mut made, "made.xml").expect("it never fails");
        let what = format!("{head}{pattern}..{tail}");
        assert_eq!(
            codes(&got),
            [code::XML_OVER_LIMIT],
            "{what}: {:?}",
            got.findings
        );
        assert!(got.findings[0].place.line > 0 && got.findings[0].place.column > 0);
        assert!(
            made.given <= (12 << 20),
            "{what}: {} bytes read",
            made.given
        );
    }
}

#[test]
fn many_small_attributes_with_large_values_are_refused_too() {
    let value = "x".repeat(limits::XML_ATTRIBUTE_BYTES);
    let attributes: Vec<String> = (0..9).map(|i| format!(" a{i}='{value}'")).collect();
    let got = judge(format!("<a{}/>", attributes.concat()).as_bytes());
    assert_eq!(codes(&got), [code::XML_OVER_LIMIT]);
    assert_eq!(
        got.findings[0].args.last().map(|a| a.1.as_str()),
        Some(limits::XML_TAG_BYTES.to_string().as_str())
    );
    assert!(
        codes(&judge(
            format!("<a{}/>", attributes[..7].concat()).as_bytes()
        ))
        .is_empty()
    );
}

#[test]
fn each_limit_is_reached_but_not_passed() {
    let nested = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
    let named = |n: usize| format!("<{}/>", "a".repeat(n));
    let wide = |n: usize| format!("<{}/>", "件".repeat(n));
    let attributes = |n: usize| {
        let all: Vec<String> = (0..n).map(|i| format!(" a{i}=''")).collect();
        format!("<a{}/>", all.concat())
    };
    let value = |n: usize| format!("<a b='{}'/>", "x".repeat(n));
    let text = |n: usize| format!("<a>{}</a>", "x".repeat(n));
    let pieces = |n: usize| {
        let half = "x".repeat(n / 2);
        format!("<a>{half}<!-- -->{half}</a>")
    };
    let comment = |n: usize| format!("<!--{}--><a/>", "x".repeat(n - 4));
    let instruction = |n: usize| format!("<?p {}?><a/>", "x".repeat(n - 4));
    let declaration = |n: usize| format!("<?xml{}version='1.0'?><a/>", " ".repeat(n - 20));
    let prefixes = |n: usize| {
        let all: Vec<String> = (0..n - 1).map(|i| format!(" xmlns:a{i}='u'")).collect();
        format!("<a{}><b xmlns:c='v'/><b xmlns:c='w'/></a>", all.concat())
    };
    let namespace = |n: usize| format!("<a xmlns:b='{}'/>", "u".repeat(n));
    let cases: [(&str, String, String); 12] = [
        (
            "prefixes in force",
            prefixes(limits::XML_NAMESPACES),
            prefixes(limits::XML_NAMESPACES + 1),
        ),
        (
            "namespace name",
            namespace(limits::XML_NAMESPACE_BYTES),
            namespace(limits::XML_NAMESPACE_BYTES + 1),
        ),
        (
            "depth",
            nested(limits::XML_DEPTH),
            nested(limits::XML_DEPTH + 1),
        ),
        (
            "name",
            named(limits::XML_NAME_BYTES),
            named(limits::XML_NAME_BYTES + 1),
        ),
        ("wide name", wide(333), wide(334)),
        (
            "attributes",
            attributes(limits::XML_ATTRIBUTES),
            attributes(limits::XML_ATTRIBUTES + 1),
        ),
        (
            "value",
            value(limits::XML_ATTRIBUTE_BYTES),
            value(limits::XML_ATTRIBUTE_BYTES + 1),
        ),
        (
            "text",
            text(limits::XML_TEXT_BYTES),
            text(limits::XML_TEXT_BYTES + 1),
        ),
        (
            "pieces",
            pieces(limits::XML_TEXT_BYTES),
            pieces(limits::XML_TEXT_BYTES + 2),
        ),
        (
            "comment",
            comment(limits::XML_TEXT_BYTES),
            comment(limits::XML_TEXT_BYTES + 1),
        ),
        (
            "instruction",
            instruction(limits::XML_TEXT_BYTES),
            instruction(limits::XML_TEXT_BYTES + 1),
        ),
        (
            "declaration",
            declaration(limits::XML_DECLARATION_BYTES),
            declaration(limits::XML_DECLARATION_BYTES + 1),
        ),
    ];
    for (what, within, over) in cases {
        let got = judge(within.as_bytes());
        assert!(got.findings.is_empty(), "{what}: {:?}", got.findings);
        let got = judge(over.as_bytes());
        assert_eq!(
            codes(&got),
            [code::XML_OVER_LIMIT],
            "{what}: {:?}",
            got.findings
        );
    }
}

#[test]
fn texts_of_many_elements_do_not_add_up() {
    let piece = "x".repeat(limits::XML_TEXT_BYTES / 2 + 10);
    let text = format!("<a><b>{piece}</b><b>{piece}</b>{piece}<c/>{piece}</a>");
    assert!(judge(text.as_bytes()).findings.is_empty());
}

#[test]
fn nuls_and_other_files_are_refused_at_once() {
    for pattern in ["\0", "PK\u{3}\u{4}", "%PDF-1.7\n", "[{\"a\":1},"] {
        let mut made = Made::new("", pattern, TWO_GIB, "");
        let got = guard(&mut made, "made.bin").expect("it never fails");
        assert!(got.refused(), "{pattern:?}");
        assert!(made.given <= (1 << 20), "{pattern:?}: {}", made.given);
    }
    assert_eq!(codes(&judge(b"<a>x\0y</a>")), [code::BAD_CHARACTER]);
}

/// A document with something of everything.
const FULL: &str = "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n<!-- 一 -->\n\
    <?p x?>\n<办件 a='1' b=\"&lt;\"><b>二&#x4E09;<![CDATA[]]]]><c/></b >\r\n</办件>\n<!-- end -->";

#[test]
fn a_document_cut_off_anywhere_is_refused() {
    let end = FULL.find("</办件>").expect("it ends") + "</办件>".len();
    for n in 0..FULL.len() {
        let got = judge(&FULL.as_bytes()[..n]);
        let cut_in_epilog =
            n >= end && !FULL[end..].get(..n - end).is_some_and(|e| e.contains('<'));
        assert_eq!(got.refused(), !cut_in_epilog, "{n}: {:?}", got.findings);
        assert!(got.findings.len() <= 1);
    }
    assert!(judge(FULL.as_bytes()).findings.is_empty());
}

#[test]
fn entity_attacks_are_refused_for_their_dtd() {
    let own = [
        "<!DOCTYPE a [<!ENTITY b '&c;&c;'><!ENTITY c '&d;&d;'>]><a>&b;</a>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        "<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://127.0.0.1/x'> %p;]><a/>",
        "<!DOCTYPE a PUBLIC '-//X//Y' 'http://127.0.0.1/x.dtd'><a/>",
        "<!DOCTYPE a [<!ENTITY a '&b;'><!ENTITY b '&a;'>]><a>&a;</a>",
    ];
    for text in own {
        assert_eq!(codes(&judge(text.as_bytes())), [code::DTD], "{text}");
    }
    let Some(folder) = shared().map(|f| f.join("data/xml/attack")) else {
        println!("no attack files beside the project: only own attacks were judged");
        return;
    };
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|e| e != "xml") {
            continue;
        }
        let bytes = std::fs::read(&path).expect("a file");
        let harmless = !bytes.windows(9).any(|w| w == b"<!DOCTYPE");
        let want = if harmless { vec![] } else { vec![code::DTD] };
        assert_eq!(codes(&judge(&bytes)), want, "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 9, "{seen}");
}

/// The folder of test data beside the workspace, if it is there.
fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("TONGCHA_SHARED").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let folder = named.unwrap_or_else(beside);
    folder.join("data/xml").is_dir().then_some(folder)
}
