//! What admission costs beside a bare XML parser, on the same bytes and one core: quick-xml's pull of
//! all events, the guard, and the whole of `admit_item`; of a native document and of one of the dialect
//! `bench14`. Owns the documents, synthetic ones; refuses to touch a file, and to measure what was not
//! accepted.

use criterion::{Criterion, Throughput};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::hint::black_box;
use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tongcha_decode::admit::{ItemContext, ItemOutcome, admit_item};
use tongcha_decode::dialect::{AUTO, Registry};
use tongcha_schema::receipt::Verdict;
use tongcha_schema::sample::{RECEIVED_AT, whole_case};
use tongcha_schema::xml::{Guarded, guard};

/// Bytes of a document, about: large enough to leave every cache, small enough for many samples.
const SIZE: usize = 8_000_000;

const NAME: &str = "bench.xml";

/// A sample of the dialect `bench14`: one case.
const BENCH14: &str = include_str!("../dialects/golden/bench14.xml");

/// A native document of about [`SIZE`] bytes: the sample's case again and again under other numbers.
fn native() -> Option<String> {
    let sample = whole_case();
    let (start, rest) = sample.split_at(sample.find("\n    <Case ")?);
    let (case, end) = rest.split_at(rest.find("</Case>")? + "</Case>".len());
    let number = case.split("caseId=\"").nth(1)?.split('"').next()?;
    let records = case.matches(" seq=").count();
    let cases = cases(case);
    let counted = start.replacen(&count_node(records), &count_node(cases * records), 1);
    if counted == start {
        return None;
    }
    repeated(&counted, case, number, end)
}

/// The same of the dialect `bench14`.
fn bench14() -> Option<String> {
    let (start, rest) = BENCH14.split_at(BENCH14.find("<CASE>")?);
    let (case, end) = rest.split_at(rest.find("</CASE>")? + "</CASE>\n".len());
    let number = case.split("<CASE_NO>").nth(1)?.split('<').next()?;
    repeated(start, case, number, end)
}

fn cases(case: &str) -> usize {
    (SIZE / case.len()).max(1)
}

/// A case under as many numbers as give [`SIZE`] bytes, between start and end of its document; the last
/// seven characters of its number count.
fn repeated(start: &str, case: &str, number: &str, end: &str) -> Option<String> {
    let stem = number.get(..number.len().checked_sub(7)?)?;
    let mut text = String::with_capacity(SIZE + start.len() + end.len());
    text.push_str(start);
    for n in 0..cases(case) {
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

/// Both ways over one document.
fn measure(
    criterion: &mut Criterion,
    form: &str,
    text: String,
) -> Result<(), Box<dyn std::error::Error>> {
    let text: Arc<[u8]> = text.into_bytes().into();
    let (outcome, records) = admitted(&text)?;
    assert_eq!(outcome.dialect, form, "the document is recognised");
    assert_eq!(outcome.verdict, Verdict::Accepted, "the document is good");
    assert_eq!(outcome.total().received, records, "and so is every record");
    assert!(!guarded(&text)?.refused(), "the guard lets it pass");
    assert!(pull(&text)? > records, "quick-xml reads it to its end");

    let mut group = criterion.benchmark_group(form);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group
        .sample_size(20)
        .measurement_time(Duration::from_secs(20));
    group.bench_function("quick-xml", |b| b.iter(|| pull(black_box(&text))));
    group.bench_function("guard", |b| b.iter(|| guarded(black_box(&text))));
    group.bench_function("admit_item", |b| b.iter(|| admitted(black_box(&text))));
    group.finish();
    println!("{form}: ratio {:.2} of {ROUNDS} rounds", ratio(&text)?);
    Ok(())
}

/// Rounds of [`ratio`].
const ROUNDS: usize = 15;

/// Admission beside quick-xml's pull: the quotient of the medians of rounds in which both take turns, so
/// that a busy machine weighs on both alike.
fn ratio(text: &Arc<[u8]>) -> Result<f64, Box<dyn std::error::Error>> {
    let (mut bare, mut whole) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let start = Instant::now();
        black_box(pull(black_box(text))?);
        bare.push(start.elapsed());
        let start = Instant::now();
        black_box(admitted(black_box(text))?);
        whole.push(start.elapsed());
    }
    bare.sort_unstable();
    whole.sort_unstable();
    let median = |times: &[Duration]| times.get(ROUNDS / 2).map_or(0.0, Duration::as_secs_f64);
    Ok(median(&bare) / median(&whole))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let shape = "the sample has another shape than the bench knows";
    let mut criterion = Criterion::default().configure_from_args();
    measure(&mut criterion, "native", native().ok_or(shape)?)?;
    measure(&mut criterion, "bench14", bench14().ok_or(shape)?)?;
    criterion.final_summary();
    Ok(())
}
