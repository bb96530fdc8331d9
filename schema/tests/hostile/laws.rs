//! Laws that hold for any bytes: the guard answers, its answer does not depend on how the reader
//! cuts the bytes, its findings are X2xx, and what it lets pass the decoders' reader reads to its
//! end.

use super::{FULL, judge};
use proptest::prelude::*;
use std::io::{self, Read};
use tongcha_schema::xml::{Mending, PositionedReader, Transcoder, guard};

/// Gives the bytes in pieces of these sizes, over and over.
struct Pieces<'b> {
    bytes: &'b [u8],
    sizes: &'b [usize],
    turn: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.turn % self.sizes.len()];
        self.turn += 1;
        let n = buf.len().min(size);
        self.bytes.read(&mut buf[..n])
    }
}

/// The laws that hold for any bytes.
fn laws(bytes: &[u8], sizes: &[usize]) {
    let whole = judge(bytes);
    for sizes in [&[1][..], sizes] {
        let mut pieces = Pieces {
            bytes,
            sizes,
            turn: 0,
        };
        let split = guard(&mut pieces, "test.xml").expect("pieces never fail");
        assert_eq!(split.findings, whole.findings, "pieces of {sizes:?}");
        assert_eq!(split.encoding, whole.encoding);
    }
    let errors = whole
        .findings
        .iter()
        .filter(|f| f.code.number() / 100 != 2)
        .count();
    assert_eq!(errors, 0, "{:?}", whole.findings);
    if whole.refused() {
        assert_eq!(whole.findings.len(), 1);
        let place = &whole.findings[0].place;
        assert!(place.line >= 1 && place.column >= 1);
        return;
    }
    // What the guard lets pass, the decoders' reader reads to its end.
    let text = Transcoder::new(Box::new(bytes)).expect("the guard settled the encoding");
    let mut reader = PositionedReader::new(text.mending(Mending::Gb));
    loop {
        let event = reader.next().expect("the guard let it pass").event;
        if event == quick_xml::events::Event::Eof {
            break;
        }
    }
}

/// Words of XML and near misses.
const WORDS: &[&str] = &[
    "<",
    ">",
    "/",
    "</",
    "/>",
    "<a",
    "<a>",
    "</a>",
    "<b>",
    "</b>",
    "<a/>",
    "<件 号='一'>",
    "</件>",
    " ",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "a",
    "b='1'",
    " c=\"2\"",
    "=",
    "'",
    "\"",
    "&",
    "&amp;",
    "&lt;",
    "&#65;",
    "&#x4E2D;",
    "&#0;",
    "&x;",
    ";",
    "]]>",
    "]",
    "]]",
    "<![CDATA[",
    "<![CDATA[x]]>",
    "<!--",
    "-->",
    "-",
    "--",
    "<!-- c -->",
    "<?p",
    "?>",
    "<?p x?>",
    "?",
    "<!",
    "!",
    "<?xml version='1.0'?>",
    "<?xml",
    "<!DOCTYPE a>",
    "中文",
    "，",
    "\u{FFFF}",
    "\u{0}",
    "\u{FEFF}",
    "text",
    "[",
    "x",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300),
                       sizes in prop::collection::vec(1usize..40, 1..5)) {
        laws(&bytes, &sizes);
    }

    #[test]
    fn arbitrary_words(words in prop::collection::vec(0..WORDS.len(), 0..25),
                       sizes in prop::collection::vec(1usize..9, 1..5)) {
        let inner: String = words.iter().map(|i| WORDS[*i]).collect();
        laws(inner.as_bytes(), &sizes);
        laws(format!("<r>{inner}</r>").as_bytes(), &sizes);
    }

    #[test]
    fn a_good_document_with_one_fault(at in 0..FULL.len(), cut in 0usize..4, word in 0..WORDS.len(),
                                      sizes in prop::collection::vec(1usize..30, 1..5)) {
        let mut bytes = FULL.as_bytes().to_vec();
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, WORDS[word].bytes());
        laws(&bytes, &sizes);
    }

    #[test]
    fn arbitrary_bytes_in_each_encoding(label in prop::sample::select(vec![
            "UTF-8", "GB2312", "GBK", "GB18030", "US-ASCII", "ISO-8859-1", "Big5", "Shift_JIS",
            "EUC-JP", "ISO-2022-JP", "UTF-16", "nope"]),
            content in prop::collection::vec(prop_oneof![0x20u8..0x3C, 0x80u8..=0xFF], 0..60),
            sizes in prop::collection::vec(1usize..30, 1..5)) {
        let mut bytes = format!("<?xml version='1.0' encoding='{label}'?><a>").into_bytes();
        bytes.extend(content.iter().filter(|b| **b != b'&'));
        bytes.extend_from_slice(b"</a>");
        laws(&bytes, &sizes);
    }

    #[test]
    fn utf16_of_anything(units in prop::collection::vec(any::<u16>(), 0..60),
                         little in any::<bool>(), odd in any::<bool>(),
                         sizes in prop::collection::vec(1usize..30, 1..5)) {
        let mut text: Vec<u16> = "\u{FEFF}<a>".encode_utf16().collect();
        text.extend(units);
        text.extend("</a>".encode_utf16());
        let mut bytes: Vec<u8> = text
            .iter()
            .flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() })
            .collect();
        if odd {
            bytes.pop();
        }
        laws(&bytes, &sizes);
    }
}
