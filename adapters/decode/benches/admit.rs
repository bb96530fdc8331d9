//! What admission costs beside a bare XML parser, on the same bytes and one core: quick-xml's pull of
//! all events, the guard, and the whole of `admit_item`. Owns the document, a synthetic one; refuses
//! to touch a file, and to measure what was not accepted.

use criterion::{Criterion, Throughput};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::hint::black_box;
use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::time::Duration;
use tongcha_decode::admit::{ItemContext, ItemOutcome, admit_item};
use tongcha_decode::dialect::{AUTO, Registry};
use tongcha_schema::receipt::Verdict;
use tongcha_schema::sample::{RECEIVED_AT, whole_case};
use tongcha_schema::xml::{Guarded, guard};

/// Bytes of the document, about: large enough to leave every cache, small enough for many samples.
const SIZE: usize = 8_000_000;

const NAME: &str = "bench.xml";

/// A native document of about [`SIZE`] bytes: the sample's case again and again under other numbers.
fn document() -> Option<String> {
    let sample = whole_case();
    let (start, rest) = sample.split_at(sample.find("\n    <Case ")?);
    let (case, end) = rest.split_at(rest.find("</Case>")? + "</Case>".len());
    let number = case.split("caseId=\"").nth(1)?.split('"').next()?;
    let stem = number.get(..number.len().checked_sub(7)?)?;
    let cases = (SIZE / case.len()).max(1);
    let records = case.matches(" seq=").count();
    let (one, all) = (count_node(records), count_node(cases * records));
    let mut text = start.replacen(&one, &all, 1);
    if text == start {
        return None;
    }
    for n in 0..cases {
        text.push_str(&case.replace(number, &format!("{stem}{n:07}")));
    }
    text.push_str(end);
    Some(text)
}

fn count_node(records: usize) -> String {
    format!("<RecordCount>{records}</RecordCount>")
}

/// Every event of quick-xml over bytes in memory, borrowed, with its defaults; how many there were.
fn pull(text: &[u8]) -> Result<u64, quick_xml::Error> {
    let mut reader = Reader::from_reader(text);
    let mut events = 0;
    loop {
        match black_box(reader.read_event()?) {
            Event::Eof => return Ok(events),
            _ => events += 1,
        }
    }
}

fn guarded(text: &[u8]) -> io::Result<Guarded> {
    guard(&mut Cursor::new(text), NAME)
}

/// The admission as `tongcha check` and the hub's gate call it; the records that passed.
fn admitted(text: &Arc<[u8]>) -> io::Result<(ItemOutcome, u64)> {
    let ctx = ItemContext {
        source: "431321/bench",
        target: "431321/hub",
        envelope: "",
        item: 0,
        name: NAME,
        dialect: AUTO,
        received_at: RECEIVED_AT,
        forwards: false,
    };
    let mut open =
        || -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(Cursor::new(Arc::clone(text)))) };
    let mut records = 0;
    let outcome = admit_item(Registry::shipped(), &ctx, &mut open, &mut |case| {
        records += black_box(case).records.len() as u64;
    })?;
    Ok((outcome, records))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = document().ok_or("the sample has another shape than the bench knows")?;
    let text: Arc<[u8]> = text.into_bytes().into();
    let (outcome, records) = admitted(&text)?;
    assert_eq!(outcome.verdict, Verdict::Accepted, "the document is good");
    assert_eq!(outcome.total().received, records, "and so is every record");
    assert!(!guarded(&text)?.refused(), "the guard lets it pass");
    assert!(pull(&text)? > records, "quick-xml reads it to its end");

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("admit");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group
        .sample_size(20)
        .measurement_time(Duration::from_secs(20));
    group.bench_function("quick-xml", |b| b.iter(|| pull(black_box(&text))));
    group.bench_function("guard", |b| b.iter(|| guarded(black_box(&text))));
    group.bench_function("admit_item", |b| b.iter(|| admitted(black_box(&text))));
    group.finish();
    criterion.final_summary();
    Ok(())
}
