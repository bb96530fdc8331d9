//! Speed of the guard against quick-xml's bare pull on one file: `guard_speed FILE [ROUNDS]`. Each
//! figure is over all rounds (default 20), in MB (10^6 bytes of the file) per second of processor
//! time (wall time where the system does not tell it), which is steadier on a busy machine.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;
use tongcha_schema::xml::{PositionedReader, Transcoder, guard};

type Run = fn(&[u8]) -> Result<u64, Box<dyn std::error::Error>>;

/// The whole guard: sniffing, decoding, scanning.
fn guarded(bytes: &[u8]) -> Result<u64, Box<dyn std::error::Error>> {
    let got = guard(&mut &*bytes, "speed")?;
    match got.findings.iter().find(|_| got.refused()) {
        Some(f) => Err(format!(
            "refused at line {} column {}: {}",
            f.place.line,
            f.place.column,
            f.cause_en()
        )
        .into()),
        None => Ok(got.findings.len() as u64),
    }
}

/// Decoding alone.
fn transcoded(bytes: &[u8]) -> Result<u64, Box<dyn std::error::Error>> {
    Ok(std::io::copy(
        &mut Transcoder::new(Box::new(bytes))?,
        &mut std::io::sink(),
    )?)
}

/// quick-xml's events over a buffered reader, nothing else.
fn pulled(bytes: &[u8]) -> Result<u64, Box<dyn std::error::Error>> {
    let mut reader = quick_xml::Reader::from_reader(Transcoder::new(Box::new(bytes))?);
    let mut buffer = Vec::new();
    let mut events = 0;
    loop {
        match reader.read_event_into(&mut buffer)? {
            quick_xml::events::Event::Eof => return Ok(events),
            event => {
                black_box(&event);
                events += 1;
            }
        }
        buffer.clear();
    }
}

/// quick-xml's events from a slice of UTF-8, the fastest it has.
fn pulled_slice(bytes: &[u8]) -> Result<u64, Box<dyn std::error::Error>> {
    let mut reader = quick_xml::Reader::from_str(std::str::from_utf8(bytes)?);
    let mut events = 0;
    loop {
        match reader.read_event()? {
            quick_xml::events::Event::Eof => return Ok(events),
            event => {
                black_box(&event);
                events += 1;
            }
        }
    }
}

/// The decoders' reader: events with line and column.
fn placed(bytes: &[u8]) -> Result<u64, Box<dyn std::error::Error>> {
    let mut reader = PositionedReader::new(Transcoder::new(Box::new(bytes))?);
    let mut lines = 0;
    loop {
        let next = reader.next()?;
        if next.event == quick_xml::events::Event::Eof {
            return Ok(lines);
        }
        lines = black_box(u64::from(next.line));
    }
}

/// Processor time of this thread in seconds, or wall time since `start`.
fn used(start: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds: Option<f64> = told.and_then(|t| t.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |ns| ns / 1e9)
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(path) = arguments.next() else {
        eprintln!("usage: guard_speed FILE [ROUNDS]");
        return ExitCode::from(64);
    };
    let rounds: usize = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(20);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("{path}: {error}");
            return ExitCode::FAILURE;
        }
    };
    let runs: [(&str, Run); 5] = [
        ("guard", guarded),
        ("transcoding alone", transcoded),
        ("quick-xml pull over the transcoder", pulled),
        ("quick-xml pull from a slice", pulled_slice),
        ("positioned reader", placed),
    ];
    for (name, run) in runs {
        let start = Instant::now();
        let before = used(start);
        let mut failed = None;
        for _ in 0..rounds.max(1) {
            match run(&bytes) {
                Ok(n) => _ = black_box(n),
                Err(error) => failed = Some(error),
            }
        }
        let megabytes = bytes.len() as f64 * rounds.max(1) as f64 / 1e6;
        match failed {
            Some(error) => println!("{name}: {error}"),
            None => println!("{name}: {:.0} MB/s", megabytes / (used(start) - before)),
        }
    }
    ExitCode::SUCCESS
}
