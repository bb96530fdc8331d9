//! The guard and the decoders' reader hold the same little memory whatever the document's size. One
//! test alone in its process, so that the process's peak is the test's.

#![expect(
    clippy::expect_used,
    reason = "a test stops at what it cannot go on with"
)]

use std::io::{self, Read};
use tongcha_schema::xml::{PositionedReader, Transcoder, guard};

/// A document of `left` copies of a pattern between a head and a tail, made while it is read.
struct Made {
    head: &'static [u8],
    pattern: &'static [u8],
    at: usize,
    left: u64,
    tail: &'static [u8],
}

impl Made {
    fn new(copies: u64) -> Made {
        Made {
            head: b"<?xml version='1.0' encoding='GB18030'?><a>\n",
            // <t>中文</t> in GB18030
            pattern: b"<c n='1'>\n<t>\xD6\xD0\xCE\xC4, &amp;</t><!-- x --><e/></c>\r\n",
            at: 0,
            left: copies,
            tail: b"</a>",
        }
    }
}

impl Read for Made {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if !self.head.is_empty() {
            return self.head.read(buf);
        }
        let mut n = 0;
        while n < buf.len() && self.left > 0 {
            let rest = &self.pattern[self.at..];
            let len = rest.len().min(buf.len() - n);
            buf[n..n + len].copy_from_slice(&rest[..len]);
            n += len;
            self.at += len;
            if self.at == self.pattern.len() {
                self.at = 0;
                self.left -= 1;
            }
        }
        if n == 0 { self.tail.read(buf) } else { Ok(n) }
    }
}

/// Peak resident memory of this process in KiB, where the system tells it.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn pass(copies: u64) {
    let got = guard(&mut Made::new(copies), "made.xml").expect("it never fails");
    assert!(got.findings.is_empty(), "{:?}", got.findings);
    let text = Transcoder::new(Box::new(Made::new(copies))).expect("GB18030");
    let mut reader = PositionedReader::new(text);
    let mut last = 0;
    loop {
        let next = reader.next().expect("the guard let it pass");
        if next.event == quick_xml::events::Event::Eof {
            break;
        }
        last = next.line;
    }
    assert_eq!(u64::from(last), 2 * copies + 2);
}

#[test]
fn memory_does_not_grow_with_the_document() {
    pass(1_000);
    let before = peak_kib();
    pass(800_000);
    let (Some(before), Some(after)) = (before, peak_kib()) else {
        println!("this system does not tell a process's peak memory");
        return;
    };
    assert!(
        after - before < 2_048,
        "{before} KiB before, {after} KiB after"
    );
}
