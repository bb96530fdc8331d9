//! Encodings: what is read, what is refused, and that the text that comes out is exact. The pairs
//! of real texts beside the project are read where they are.

#![expect(
    clippy::expect_used,
    reason = "a test stops at what it cannot go on with"
)]

#[path = "encodings/real.rs"]
mod real;

use std::io::{self, Read};
use tongcha_schema::code::Code;
use tongcha_schema::code::xml as code;
use tongcha_schema::xml::{
    EncodingFault, Guarded, Mending, TextEncoding, Transcoder, guard, guard_as,
};

fn judge(bytes: &[u8]) -> Guarded {
    guard(&mut &*bytes, "test.xml").expect("a slice never fails")
}

fn text_of(bytes: &[u8]) -> io::Result<String> {
    let mut text = String::new();
    Transcoder::new(Box::new(bytes))?.read_to_string(&mut text)?;
    Ok(text)
}

fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let mark = if mark { "\u{FEFF}" } else { "" };
    let units = mark.encode_utf16().chain(text.encode_utf16());
    units
        .flat_map(|u| {
            if little {
                u.to_le_bytes()
            } else {
                u.to_be_bytes()
            }
        })
        .collect()
}

/// A declaration of that encoding around bytes of it.
fn declared(label: &str, content: &[u8]) -> Vec<u8> {
    let mut bytes = format!("<?xml version='1.0' encoding='{label}'?><a>").into_bytes();
    bytes.extend_from_slice(content);
    bytes.extend_from_slice(b"</a>");
    bytes
}

/// 中文 in GB2312.
const CHINESE: &[u8] = b"\xD6\xD0\xCE\xC4";

#[test]
fn accepted_encodings_are_named_and_read_exactly() {
    let cases: Vec<(Vec<u8>, &str, &str)> = vec![
        ("<a>中文</a>".into(), "UTF-8", "<a>中文</a>"),
        ("\u{FEFF}<a>中文</a>".into(), "UTF-8", "<a>中文</a>"),
        (
            utf16("<a>中\u{20000}</a>", true, true),
            "UTF-16LE",
            "<a>中\u{20000}</a>",
        ),
        (
            utf16("<a>中\u{20000}</a>", false, true),
            "UTF-16BE",
            "<a>中\u{20000}</a>",
        ),
    ];
    for (bytes, name, text) in cases {
        let got = judge(&bytes);
        assert!(got.findings.is_empty(), "{:?}", got.findings);
        assert_eq!(got.encoding, name);
        assert_eq!(text_of(&bytes).expect("read"), text);
    }
    let labels = [
        ("GB2312", "GB18030"),
        ("gb2312", "GB18030"),
        ("GBK", "GB18030"),
        ("cp936", "GB18030"),
        ("x-gbk", "GB18030"),
        ("GB18030", "GB18030"),
        ("gb18030-2022", "GB18030"),
    ];
    for (label, name) in labels {
        let bytes = declared(label, CHINESE);
        let got = judge(&bytes);
        assert!(got.findings.is_empty(), "{label}: {:?}", got.findings);
        assert_eq!(got.encoding, name, "{label}");
        assert!(text_of(&bytes).expect("read").ends_with("<a>中文</a>"));
    }
    let others: [(&str, &[u8], &str, &str); 6] = [
        ("ISO-8859-1", b"\x80\xE9", "ISO-8859-1", "\u{80}é"),
        ("windows-1252", b"\x80\xE9", "windows-1252", "€é"),
        ("US-ASCII", b"abc", "US-ASCII", "abc"),
        ("Big5", b"\xA4\xA4\xA4\xE5", "Big5", "中文"),
        ("Shift_JIS", b"\x92\x86", "Shift_JIS", "中"),
        ("EUC-KR", b"\xB0\xA1", "EUC-KR", "가"),
    ];
    for (label, content, name, text) in others {
        let bytes = declared(label, content);
        let got = judge(&bytes);
        assert!(got.findings.is_empty(), "{label}: {:?}", got.findings);
        assert_eq!(got.encoding, name, "{label}");
        let whole = text_of(&bytes).expect("read");
        assert!(
            whole.ends_with(&format!("<a>{text}</a>")),
            "{label}: {whole}"
        );
    }
}

#[test]
fn utf16_declarations_that_agree_are_accepted() {
    for (label, little) in [
        ("UTF-16", true),
        ("UTF-16", false),
        ("utf-16le", true),
        ("UTF-16BE", false),
        ("ISO-10646-UCS-2", true),
        ("ISO-10646-UCS-2", false),
    ] {
        let text = format!("<?xml version=\"1.0\" encoding=\"{label}\"?><a>中</a>");
        for mark in [true, false] {
            let got = judge(&utf16(&text, little, mark));
            assert!(
                got.findings.is_empty(),
                "{label} {mark}: {:?}",
                got.findings
            );
        }
    }
    let mut gb = b"\x84\x31\x95\x33".to_vec();
    gb.extend(declared("GB18030", CHINESE));
    assert!(judge(&gb).findings.is_empty());
    assert!(text_of(&gb).expect("read").ends_with("<a>中文</a>"));
}

#[test]
fn contradictions_unknown_names_and_undecodable_bytes_are_refused() {
    let utf8_marked = |label: &str| {
        let mut bytes = b"\xEF\xBB\xBF".to_vec();
        bytes.extend(declared(label, b""));
        bytes
    };
    let in_utf16 = |label: &str, little| {
        let text = format!("<?xml version='1.0' encoding='{label}'?><a/>");
        utf16(&text, little, true)
    };
    let cases: Vec<(&str, Vec<u8>, Code)> = vec![
        (
            "mark and gbk",
            utf8_marked("GBK"),
            code::ENCODING_CONTRADICTS,
        ),
        (
            "mark and latin",
            utf8_marked("iso-8859-1"),
            code::ENCODING_CONTRADICTS,
        ),
        (
            "mark and utf-16",
            utf8_marked("UTF-16"),
            code::ENCODING_CONTRADICTS,
        ),
        (
            "utf-16 says utf-8",
            in_utf16("UTF-8", true),
            code::ENCODING_CONTRADICTS,
        ),
        (
            "utf-16 says gbk",
            in_utf16("GBK", false),
            code::ENCODING_CONTRADICTS,
        ),
        (
            "LE says BE",
            in_utf16("UTF-16BE", true),
            code::ENCODING_CONTRADICTS,
        ),
        (
            "BE says LE",
            in_utf16("UTF-16LE", false),
            code::ENCODING_CONTRADICTS,
        ),
        (
            "bytes say utf-16",
            declared("UTF-16LE", b""),
            code::ENCODING_CONTRADICTS,
        ),
        ("unknown", declared("GB-X", b""), code::UNKNOWN_ENCODING),
        (
            "browsers' own",
            declared("x-user-defined", b""),
            code::UNKNOWN_ENCODING,
        ),
        (
            "escapes",
            declared("ISO-2022-CN", b""),
            code::UNKNOWN_ENCODING,
        ),
        (
            "unknown in utf-16",
            in_utf16("nope", true),
            code::UNKNOWN_ENCODING,
        ),
        (
            "utf-32",
            b"\xFF\xFE\0\0<\0\0\0a\0\0\0".to_vec(),
            code::UNKNOWN_ENCODING,
        ),
        (
            "utf-32 no mark",
            b"\0\0\0<\0\0\0a".to_vec(),
            code::UNKNOWN_ENCODING,
        ),
        (
            "ebcdic",
            b"\x4C\x6F\xA7\x94\x93".to_vec(),
            code::UNKNOWN_ENCODING,
        ),
        (
            "no mark",
            utf16("<a/>", true, false),
            code::NO_BYTE_ORDER_MARK,
        ),
        (
            "no mark BE",
            utf16("<a/>", false, false),
            code::NO_BYTE_ORDER_MARK,
        ),
        (
            "gbk undeclared",
            b"<a>\xD6\xD0</a>".to_vec(),
            code::LOOKS_OTHERWISE,
        ),
        (
            "gbk as utf-8",
            declared("UTF-8", CHINESE),
            code::LOOKS_OTHERWISE,
        ),
        (
            "half in a name",
            b"<?xml version='1.0' encoding='GBK'?><a\xD6></a>".to_vec(),
            code::UNDECODABLE,
        ),
        (
            "half outside",
            b"<?xml version='1.0' encoding='GBK'?><a/>\xD6".to_vec(),
            code::UNDECODABLE,
        ),
        (
            "no GBK at all",
            declared("GBK", &[0xFF; 9]),
            code::UNDECODABLE,
        ),
        (
            "not ascii",
            declared("US-ASCII", b"\xE9"),
            code::UNDECODABLE,
        ),
        (
            "overlong",
            b"<a>\xE0\x80\xBC</a>".to_vec(),
            code::UNDECODABLE,
        ),
        // An overlong < too, and 兰 in GBK.
        (
            "overlong or not",
            b"<a>\xC0\xBC</a>".to_vec(),
            code::LOOKS_OTHERWISE,
        ),
        (
            "surrogates",
            b"<a>\xED\xA0\x80\xED\xB0\x80</a>".to_vec(),
            code::UNDECODABLE,
        ),
        (
            "too far",
            b"<a>\xF4\x90\x80\x80</a>".to_vec(),
            code::UNDECODABLE,
        ),
        ("cut utf-8", b"<a/>\xE4\xB8".to_vec(), code::UNDECODABLE),
        (
            "cut utf-16",
            b"\xFF\xFE<\0a\0/\0>\0 ".to_vec(),
            code::UNDECODABLE,
        ),
        (
            "lone surrogate",
            b"\xFF\xFE<\0a\0>\0\0\xD8<\0/\0a\0>\0".to_vec(),
            code::UNDECODABLE,
        ),
    ];
    for (what, bytes, want) in cases {
        let got = judge(&bytes);
        assert_eq!(got.findings.len(), 1, "{what}: {:?}", got.findings);
        assert_eq!(got.findings[0].code, want, "{what}: {:?}", got.findings);
        assert!(got.refused(), "{what}");
    }
}

#[test]
fn half_a_character_of_gb_is_warned_of_and_the_text_goes_on() {
    let cases: [(&[u8], &str, &str); 6] = [
        (b"\xD6\xD0\xCE<b/>\xD6\xD0", "CE", "中\u{FFFD}<b/>中"),
        (b"\xFF", "FF", "\u{FFFD}"),
        (b"\x81\x30\x81<b/>", "81", "\u{FFFD}0\u{FFFD}<b/>"),
        (b"<b c='\xD6'/>", "D6", "<b c='\u{FFFD}'/>"),
        (
            b"<!--\xD6--><![CDATA[\xD6\xD0]]>",
            "D6",
            "<!--\u{FFFD}--><![CDATA[中]]>",
        ),
        (b"<?p \xD6?>", "D6", "<?p \u{FFFD}?>"),
    ];
    for label in ["GBK", "gb2312", "GB18030"] {
        for (content, half, text) in cases {
            let bytes = declared(label, content);
            let got = judge(&bytes);
            let first = &got.findings[0];
            assert!(!got.refused(), "{text}: {:?}", got.findings);
            assert_eq!(
                (first.code, first.value.as_deref()),
                (code::HALF_CHARACTER, Some(half))
            );
            assert!(
                first.place.column >= 40 && first.place.line == 1,
                "{first:?}"
            );
            let pieces = guard(&mut OneByte(&bytes), "test.xml").expect("a slice never fails");
            assert_eq!(pieces.findings, got.findings);
            let reader = Transcoder::new(Box::new(&*bytes)).expect("an encoding");
            let mut read = String::new();
            let mut mended = reader.mending(Mending::Gb);
            mended.read_to_string(&mut read).expect("it goes on");
            assert!(read.ends_with(&format!("<a>{text}</a>")), "{read}");
            // Nobody who did not ask is given a character that is none.
            assert!(text_of(&bytes).is_err());
        }
    }
    // U+FFFF is no half character, and UTF-8 is what XML says.
    assert_eq!(
        judge(b"<a>\xE4\xB8\xAD\xE4\xB8</a>").findings[0].code,
        code::UNDECODABLE
    );
    let four = declared("GB18030", b"\x84\x31\xA4\x39");
    assert_eq!(judge(&four).findings[0].code, code::BAD_CHARACTER);
}

#[test]
fn utf8_under_a_chinese_name_and_the_reverse_are_told_for_what_they_are() {
    let texts = [
        "<b>中文</b>",
        "<b>水利局，2026年</b>",
        "<姓名>张</姓名>",
        "<b c='联通'/>",
        "<b>é和中</b>",
    ];
    for label in ["GBK", "gb2312", "GB18030", "cp936"] {
        for text in texts {
            let bytes = declared(label, text.as_bytes());
            let got = judge(&bytes);
            let found = &got.findings[0];
            assert_eq!(got.findings.len(), 1, "{label} {text}");
            assert_eq!(
                found.code,
                code::LOOKS_OTHERWISE,
                "{label} {text}: {found:?}"
            );
            assert_eq!(found.value.as_deref(), Some(label));
            assert!(found.cause_zh().contains("UTF-8") && found.hint_en().contains("encoding"));
            assert_eq!((found.place.line, found.place.column), (1, 31));
            let pieces = guard(&mut OneByte(&bytes), "test.xml").expect("a slice never fails");
            assert_eq!(pieces.findings, got.findings);
        }
    }
    // A declaration too few bytes long to tell, and letters with accents: no opinion.
    assert!(judge(&declared("GBK", "é".as_bytes())).findings.is_empty());
    assert!(judge(&declared("GBK", b"")).findings.is_empty());
    // Far behind the beginning too, however the reader cuts it.
    let far = format!("<a>{}<b>", "x".repeat(200_000));
    let bytes = [far.as_bytes(), CHINESE, b"</b></a>"].concat();
    let got = judge(&bytes);
    assert_eq!(got.findings[0].code, code::LOOKS_OTHERWISE);
    assert!(
        got.findings[0].cause_en().contains("GB18030"),
        "{:?}",
        got.findings
    );
    let pieces = guard(&mut OneByte(&bytes), "test.xml").expect("a slice never fails");
    assert_eq!(pieces.findings, got.findings);
    let text = format!("{}中文", "x".repeat(200_000));
    let bytes = declared("GBK", text.as_bytes());
    assert_eq!(judge(&bytes).findings[0].code, code::LOOKS_OTHERWISE);
}

#[test]
fn what_is_told_overrules_the_declaration_and_no_mark() {
    let told = |label: &str, bytes: &[u8]| {
        let encoding = TextEncoding::named(label);
        assert!(encoding.is_some(), "{label}");
        let got = guard_as(&mut &*bytes, "test.xml", encoding).expect("a slice never fails");
        let mut text = String::new();
        let read = Transcoder::told(Box::new(bytes), encoding).expect("an encoding");
        let read = read.mending(Mending::Gb).read_to_string(&mut text);
        (got, read.map(|_| text).unwrap_or_default())
    };
    let (got, text) = told("gbk", &declared("UTF-8", CHINESE));
    assert!(got.findings.is_empty(), "{:?}", got.findings);
    assert_eq!(got.encoding, "GB18030");
    assert_eq!(got.overruled, Some(("UTF-8".to_owned(), 1, 31)));
    assert!(text.ends_with("<a>中文</a>"), "{text}");
    let (got, text) = told("utf-8", &declared("GBK", "中文".as_bytes()));
    assert!(
        got.findings.is_empty() && text.ends_with("<a>中文</a>"),
        "{text}"
    );
    assert_eq!(got.overruled.map(|o| o.0).as_deref(), Some("GBK"));
    // What it declares anyway, or declares not at all, is overruled by nothing.
    assert_eq!(
        told("GB18030", &declared("gb2312", CHINESE)).0.overruled,
        None
    );
    assert_eq!(told("gb18030", b"<a>\xD6\xD0</a>").0.overruled, None);
    // A mark is no declaration; what is told may be as wrong as one.
    let (got, _) = told("gb18030", "\u{FEFF}<a>中</a>".as_bytes());
    assert!(got.findings.is_empty() && got.encoding == "UTF-8");
    let (got, _) = told("gb18030", "<a>中文</a>".as_bytes());
    assert_eq!(got.findings[0].code, code::LOOKS_OTHERWISE);
    assert_eq!(told("big5", b"<a>\xA4\xA4</a>").1, "<a>中</a>");
    assert_eq!(TextEncoding::named("KOI-99"), None);
}

#[test]
fn an_undecodable_byte_is_told_with_its_place() {
    let got = judge(b"<a>\n  \xE4\xB8\xAD\xD6\xD0</a>");
    let finding = &got.findings[0];
    assert_eq!((finding.place.line, finding.place.column), (2, 4));
    assert_eq!(finding.value.as_deref(), Some("D6"));
    assert!(
        finding.cause_en().contains("offset 9"),
        "{}",
        finding.cause_en()
    );
    // A fault of form before it is told first.
    let got = judge(b"<a>]]>\xFF</a>");
    assert_eq!(got.findings[0].code, code::SECTION_END_IN_TEXT);
}

#[test]
fn the_narrower_set_is_warned_of_once_with_its_place() {
    // 镕 is in GBK, not in GB2312; 㐀 needs four bytes; 0x80 is code page 936's euro sign.
    let four = b"\x81\x39\xEE\x39";
    let cases: [(&str, &[u8], Option<&str>); 9] = [
        ("gb2312", CHINESE, None),
        ("gb2312", b"\xD6\xEC\xE9\x46\xBB\xF9\xE9\x46", Some("镕")),
        ("gb2312", four, Some("㐀")),
        ("GB2312", b"\x80", Some("€")),
        ("gbk", b"\xE9\x46", None),
        ("gbk", b"\x80", None),
        ("GBK", four, Some("㐀")),
        ("gb18030", four, None),
        ("gb18030", b"\xE9\x46", None),
    ];
    for (label, content, want) in cases {
        let bytes = declared(label, content);
        let got = judge(&bytes);
        assert!(!got.refused());
        let values: Vec<_> = got.findings.iter().map(|f| f.value.as_deref()).collect();
        assert_eq!(
            values,
            want.map(Some).into_iter().collect::<Vec<_>>(),
            "{label}"
        );
        for finding in &got.findings {
            assert_eq!(finding.code, code::BEYOND_DECLARED_SET);
            let before = if content.starts_with(b"\xD6") { 1 } else { 0 };
            let start = format!("<?xml version='1.0' encoding='{label}'?><a>").len();
            let column = u32::try_from(start + before + 1).expect("small");
            assert_eq!((finding.place.line, finding.place.column), (1, column));
        }
        let split = guard(&mut OneByte(&bytes), "test.xml").expect("a slice never fails");
        assert_eq!(split.findings, got.findings, "{label}");
    }
}

#[test]
fn another_version_is_read_and_warned_of() {
    let got = judge("<?xml version='1.1'?><a>\u{85}</a>".as_bytes());
    assert!(!got.refused());
    assert_eq!(got.findings.len(), 1);
    assert_eq!(got.findings[0].code, code::READ_AS_XML_10);
    assert_eq!(judge(b"<?xml version='1.7'?><a/>").findings.len(), 1);
}

#[test]
fn the_transcoder_reports_a_fault_after_the_text_before_it() {
    let bytes: &[u8] = b"<a>\xE4\xB8\xAD\xFF</a>";
    let mut reader = Transcoder::new(Box::new(bytes)).expect("utf-8");
    let mut text = Vec::new();
    let error = reader.read_to_end(&mut text).expect_err("a bad byte");
    assert_eq!(text, "<a>中".as_bytes());
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    let inner = error
        .get_ref()
        .and_then(|e| e.downcast_ref::<EncodingFault>());
    assert!(
        matches!(inner, Some(EncodingFault::Undecodable { offset: 6, .. })),
        "{inner:?}"
    );
    let contradicting = utf16("<?xml version='1.0' encoding='GBK'?><a/>", true, true);
    let error = Transcoder::new(Box::new(&contradicting[..])).map(|t| t.encoding());
    assert!(error.is_err());
}

#[test]
fn a_failing_reader_is_an_error_not_a_finding() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(io::ErrorKind::ConnectionReset, "gone"))
        }
    }
    let error = guard(&mut Failing, "x").expect_err("the reader fails");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    let mut later = (&b"<a>"[..]).chain(Failing);
    assert!(guard(&mut later, "x").is_err());
}

/// Gives one byte a call.
struct OneByte<'b>(&'b [u8]);

impl Read for OneByte<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = buf.len().min(1);
        self.0.read(&mut buf[..n])
    }
}
