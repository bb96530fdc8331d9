//! What a look costs at many open cases: with nothing due, with a few newly due, and with all due at one
//! instant. The cases come in by the product's own way, at a hub of its own on the servers that the environment
//! names (else embedded), and the clock is moved by hand. Owns the cases, which are synthetic; refuses to write
//! into a table. Started by `tests/bench/look`.

use anyhow::{Context, Result, anyhow, bail, ensure};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tongcha::world::{Alone, Place, Production, Setup, World};
use tongcha_adapters::agent::Agent;

use tongcha_adapters::sources::xml_dir::{XmlDir, XmlDirConfig};
use tongcha_decode::dialect::Registry;
use tongcha_hub::push::Intake;
use tongcha_hub::watch;
use tongcha_schema::clock::{Clock, ManualClock};
use tongcha_schema::sample::whole_case;

/// When the cases come in: after all that the sample tells of, and before its due day.
const ARRIVAL: OffsetDateTime = datetime!(2026-03-12 18:30 +8);
/// Cases of a file. Those of the first one are due two days before the others.
const OF_A_FILE: usize = 500;
/// Files of one delivery.
const FILES: usize = 40;
/// Looks with nothing due.
const IDLE: usize = 21;
/// Instants that are gone to at most, until all are due at one.
const INSTANTS: usize = 12;

/// A document of open cases, numbered from `first` on: the sample's case up to its conclusion.
fn document(sample: &str, first: usize, cases: usize) -> Result<String> {
    let unknown = "the sample has another shape than the bench knows";
    let (start, rest) = sample
        .split_once("    <Case ")
        .with_context(|| unknown.to_owned())?;
    let (case, _) = rest
        .split_once("      <Conclusion ")
        .with_context(|| unknown.to_owned())?;
    let end = &sample[sample.rfind("  </Body>").context(unknown)?..];
    let number = case
        .split("caseId=\"")
        .nth(1)
        .and_then(|text| text.split('"').next())
        .context(unknown)?;
    let stem = &number[..number.len().checked_sub(7).context(unknown)?];
    let case = if first == 0 {
        case.replace(">10</PromiseLimit>", ">8</PromiseLimit>")
            .replace("2026-03-18</PromiseDate>", "2026-03-16</PromiseDate>")
    } else {
        case.to_owned()
    };
    let all = sample.matches(" seq=").count();
    let records = cases * case.matches(" seq=").count();
    let (was, is) = (
        format!("<RecordCount>{all}<"),
        format!("<RecordCount>{records}<"),
    );
    ensure!(start.contains(&was), unknown);
    let mut text = start.replacen(&was, &is, 1);
    for n in first..first + cases {
        let case = case.replace(number, &format!("{stem}{n:07}"));
        writeln!(text, "    <Case {case}    </Case>")?;
    }
    text.push_str(end);
    Ok(text)
}

/// A schema and a virtual host of the run's own on the servers; else everything in its folder.
fn place() -> Place {
    let var = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let servers = (|| {
        Some(Production {
            database_url: var("TONGCHA_PG_URL")?,
            bus_url: var("TONGCHA_AMQP_URL")?,
            rabbitmqctl: var("TONGCHA_RABBITMQCTL")?,
            tag: format!("look{}", std::process::id()),
        })
    })();
    servers.map_or(Place::Embedded, Place::Production)
}

/// Lets the cases in, delivery by delivery.
async fn let_in(agent: &mut Agent, alone: &Alone, drop: &Path, cases: usize) -> Result<()> {
    let sample = whole_case();
    let began = Instant::now();
    let mut first = 0;
    while first < cases {
        for _ in 0..FILES {
            let some = OF_A_FILE.min(cases - first);
            if some > 0 {
                let file = drop.join(format!("{first:07}.xml"));
                std::fs::write(file, document(&sample, first, some)?)?;
                first += some;
            }
        }
        World::exhaust(agent).await?;
        alone.county.hub.drain().await?;
        // What was given back is of no more use, and much.
        for given_back in ["done", "bad"] {
            let folder = drop.join(given_back);
            if folder.is_dir() {
                std::fs::remove_dir_all(folder)?;
            }
        }
        let rate = first as f64 / began.elapsed().as_secs_f64();
        eprintln!("{first} cases are in, {rate:.0} cases/s");
    }
    Ok(())
}

/// Seconds of a look, and what it did.
async fn look(alone: &Alone) -> Result<(f64, watch::Report)> {
    let began = Instant::now();
    let report = watch::look(&alone.county.hub.core).await?;
    Ok((began.elapsed().as_secs_f64(), report))
}

async fn measure(alone: &Alone, clock: &ManualClock, cases: usize) -> Result<()> {
    let (first, report) = look(alone).await?;
    ensure!(
        report.cases == cases as u64,
        "{} cases were judged, not {cases}",
        report.cases
    );
    println!(
        "first look at {cases} cases: {first:.2} s, {:.0} cases/s",
        cases as f64 / first
    );
    let mut idle = Vec::new();
    for _ in 0..IDLE {
        clock.advance(Duration::SECOND);
        let (took, report) = look(alone).await?;
        ensure!(report.cases == 0, "{} cases were due", report.cases);
        idle.push(took * 1000.0);
    }
    idle.sort_by(f64::total_cmp);
    let (middle, longest) = (idle[IDLE / 2], idle[IDLE - 1]);
    println!("nothing due: median {middle:.2} ms, longest {longest:.2} ms");
    for _ in 0..INSTANTS {
        let Some(at) = watch::next_look(&alone.county.hub.core).await? else {
            break;
        };
        clock.set(at);
        let (took, report) = look(alone).await?;
        println!(
            "due at {at}: {} cases, {} cards, {took:.3} s, {:.0} cases/s",
            report.cases,
            report.cards,
            report.cases as f64 / took
        );
        if report.cases >= (cases - OF_A_FILE) as u64 && report.cards > 0 {
            return Ok(());
        }
    }
    bail!("the cases were never due at one instant")
}

async fn run(cases: usize) -> Result<()> {
    ensure!(cases >= 4 * OF_A_FILE, "at least {} cases", 4 * OF_A_FILE);
    let folder = tempfile::tempdir()?;
    let clock = Arc::new(ManualClock::at(ARRIVAL));
    let setup = Setup {
        folder: folder.path().to_owned(),
        place: place(),
        profile: "huating".to_owned(),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        secret: [7; 32],
        registry: Arc::new(Registry::with([]).map_err(|errors| anyhow!("{errors:?}"))?),
        intake: Intake::default(),
        reception: None,
        pages: None,
    };
    let alone = Alone::start(setup).await?;
    let done = async {
        let drop = folder.path().join("exchange");
        std::fs::create_dir_all(&drop)?;
        let mut config = XmlDirConfig::new("data", &drop);
        config.quiet = Duration::ZERO;
        let mut agent = alone
            .machine("431321/data", Box::new(XmlDir::new(config)))
            .await?;
        let_in(&mut agent, &alone, &drop, cases).await?;
        agent.outbox().close().await;
        measure(&alone, &clock, cases).await
    }
    .await;
    let stopped = alone.stop().await;
    done?;
    stopped
}

fn main() -> Result<()> {
    // `cargo bench` adds a word of its own.
    let cases = std::env::args().skip(1).find(|word| word != "--bench");
    let cases = cases.map_or(Ok(100_000), |word| word.parse())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(cases))
}
