//! Mutated bytes through whatever reads what strangers send: the guard, every reader behind admission, the
//! frame of an envelope, archives and workbooks. Nothing panics; each document is accepted, refused in
//! part or refused, and its counts balance.
//!
//! `TONGCHA_MUTATIONS=N` makes N of each kind instead of the few of the suite (`tests/bench/mutate N`).
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::io::{self, Cursor, Read, Write as _};
use std::path::Path;
use time::macros::datetime;
use tongcha_adapters::package::{compress, expand};
use tongcha_adapters::sources::archive::{ArchiveLimits, unpack};
use tongcha_decode::admit::{ItemContext, admit_item};
use tongcha_decode::dialect::Registry;
use tongcha_schema::envelope::{
    FRAME_END, FrameDecoder, FrameEvent, ITEM_END, chunk_header, preamble,
};
use tongcha_schema::xml::guard;

/// Mutations of each kind in the suite: a few seconds of a debug build.
const FEW: usize = 700;

fn mutations() -> usize {
    let named = std::env::var("TONGCHA_MUTATIONS").ok();
    named.map_or(FEW, |n| n.parse().unwrap())
}

/// Pseudo-random numbers (xorshift), the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below.max(1) as u64).unwrap()
    }
}

/// Pieces that formats give a meaning to.
const WORDS: [&[u8]; 28] = [
    b"<",
    b">",
    b"/>",
    b"</",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?xml version='1.0' encoding='GBK'?>",
    b"<!DOCTYPE a>",
    b"&#x0;",
    b"&amp;",
    b"xmlns:a=''",
    b"a:b='1'",
    b"\"",
    b"\r\n",
    b",",
    b"{",
    b"[[[[[[[[",
    b"\xEF\xBB\xBF",
    b"\xFF\xFE",
    b"\xEF\xBF\xBF",
    b"\xD6",
    b"\xE4\xB8",
    b"\x81\x30\x81",
    b"\0\0\0\0",
    b"\xFF\xFF\xFF\xFF",
    b"4.3E+17",
];

/// The bytes with one to four changes: cut, one byte, a bit, a word, a piece doubled, moved or left out.
fn mutated(whole: &[u8], pick: &mut Numbers) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..=pick.below(4) {
        let at = pick.below(bytes.len());
        let to = (at + pick.below(60)).min(bytes.len());
        match pick.below(8) {
            0 => bytes.truncate(at),
            1 if !bytes.is_empty() => bytes[at] = u8::try_from(pick.below(256)).unwrap(),
            2 if !bytes.is_empty() => bytes[at] ^= 1 << pick.below(8),
            3 => drop(bytes.splice(at..at, WORDS[pick.below(WORDS.len())].iter().copied())),
            4 => drop(bytes.splice(at..to, WORDS[pick.below(WORDS.len())].iter().copied())),
            5 => {
                let piece = bytes[at..to].to_vec();
                let there = pick.below(bytes.len());
                drop(bytes.splice(there..there, piece));
            }
            6 => drop(bytes.drain(at..to)),
            _ => {
                let piece = bytes[at..to].repeat(pick.below(20));
                drop(bytes.splice(at..at, piece));
            }
        }
    }
    bytes
}

/// One document of every format that a department sends, by name; the Chinese ones in GBK as well.
fn documents() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    for folder in [
        root.join("decode/dialects/golden"),
        root.join("../tests/data"),
    ] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_file() && !name.ends_with(".txt") {
                all.push((name, fs::read(path).unwrap()));
            }
        }
    }
    all.sort();
    let in_gbk = all.iter().filter_map(|(name, bytes)| {
        let text = std::str::from_utf8(bytes).ok()?.replace("UTF-8", "GBK");
        Some((
            format!("gbk-{name}"),
            encoding_rs::GBK.encode(&text).0.into_owned(),
        ))
    });
    let in_gbk: Vec<_> = in_gbk.collect();
    all.extend(in_gbk);
    assert!(all.len() > 30, "{}", all.len());
    all
}

#[test]
fn mutated_documents_are_judged_and_balance() {
    let (all, mut pick) = (documents(), Numbers(0x1CE1));
    let (mut verdicts, mut refused) = ([0_usize; 3], 0);
    for round in 0..mutations() {
        let (name, whole) = &all[round % all.len()];
        let bytes = mutated(whole, &mut pick);
        let judged = guard(&mut bytes.as_slice(), name).unwrap();
        refused += usize::from(judged.refused());
        let named = name
            .trim_start_matches("gbk-")
            .split('.')
            .next()
            .unwrap_or_default();
        let known = Registry::shipped().get(named).is_some();
        let dialect = if known && round % 3 == 0 {
            named
        } else {
            "auto"
        };
        let ctx = ItemContext {
            source: "431321/log",
            target: "431321/hub",
            envelope: "431321/log@1.1",
            item: 0,
            name,
            dialect,
            received_at: datetime!(2026-02-01 00:00 UTC),
            forwards: round % 5 == 0,
        };
        let mut open =
            || -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(Cursor::new(bytes.clone()))) };
        let mut records = 0;
        let outcome = admit_item(Registry::shipped(), &ctx, &mut open, &mut |case| {
            let lost = |r: &tongcha_schema::record::Record| r.canonical().contains('\u{FFFD}');
            assert!(!case.records.iter().any(lost), "U+FFFD is never stored");
            records += case.records.len() as u64;
        });
        let outcome = outcome.unwrap();
        let total = outcome.total();
        assert!(total.balances(), "{name}: {:?}", outcome.counts);
        assert_eq!(total.pending, records, "{name}");
        verdicts[outcome.verdict as usize] += 1;
    }
    println!(
        "documents: {verdicts:?} accepted, in part, refused; the guard alone refused {refused}"
    );
    assert!(verdicts.iter().all(|n| *n > 0), "{verdicts:?}");
}

#[test]
fn mutated_frames_are_events_or_a_fault() {
    let mut frame = preamble(
        "431321/gtj",
        &[7; 64],
        br#"{"v":1,"items":[{"name":"a.xml"}]}"#,
    );
    for part in [b"<a/>".repeat(50), b"<b/>".to_vec()] {
        let chunk = compress(&part).unwrap();
        frame.extend_from_slice(&chunk_header(chunk.len()));
        frame.extend_from_slice(&chunk);
    }
    frame.extend_from_slice(&ITEM_END);
    frame.extend_from_slice(&FRAME_END);
    let (mut pick, mut whole, mut expanded) = (Numbers(0x2CE1), 0, 0);
    for _ in 0..mutations() * 4 {
        let bytes = mutated(&frame, &mut pick);
        let mut decoder = FrameDecoder::new();
        let size = 1 + pick.below(90);
        let pushed = bytes.chunks(size).try_for_each(|piece| {
            for event in decoder.push(piece)? {
                if let FrameEvent::Chunk { bytes, .. } = event {
                    expanded += usize::from(expand(&bytes).is_ok());
                }
            }
            Ok::<(), tongcha_schema::envelope::FrameError>(())
        });
        match pushed.and_then(|()| decoder.finish()) {
            Ok(()) => whole += 1,
            Err(fault) => assert!((104..=107).contains(&fault.finding().code.number())),
        }
    }
    println!("frames: {whole} whole, {expanded} chunks expanded");
    assert!(whole > 0 && expanded > 0);
}

/// Archives of every kind with a document, and a workbook.
fn archives() -> Vec<(&'static str, Vec<u8>)> {
    let document =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("decode/dialects/golden/native.xml"));
    let document = document.unwrap();
    let gz = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(document.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, "a/件.xml", document.as_slice())
        .unwrap();
    let tar = tar.into_inner().unwrap();
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in ["a.xml", "子/b.xml"] {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(&document).unwrap();
    }
    let zip = zip.finish().unwrap().into_inner();
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/steps.xlsx");
    vec![
        ("a.xml.gz", gz(&document)),
        ("a.tgz", gz(&tar)),
        ("a.tar", tar),
        ("a.zip", zip),
        ("a.xml.zst", zstd::bulk::compress(&document, 3).unwrap()),
        ("a.xlsx", fs::read(book).unwrap()),
    ]
}

#[test]
fn mutated_archives_are_opened_or_named() {
    let (all, mut pick) = (archives(), Numbers(0x3CE1));
    let folder = tempfile::tempdir().unwrap();
    let (path, spool) = (folder.path().join("archive"), folder.path().join("spool"));
    let (mut opened, mut named) = (0, 0);
    for round in 0..mutations() {
        let (name, whole) = &all[round % all.len()];
        fs::write(&path, mutated(whole, &mut pick)).unwrap();
        match unpack(name, &path, &spool, ArchiveLimits::default()) {
            Ok(_) => opened += 1,
            Err(fault) => {
                assert!(!fault.is_transient(), "{name}: {fault}");
                named += 1;
            }
        }
        fs::remove_dir_all(&spool).unwrap();
    }
    println!("archives: {opened} opened, {named} named for what is wrong");
    assert!(opened > 0 && named > 0);
}
