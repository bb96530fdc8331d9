//! The examination of an envelope's items on a thread of its own: guard, dialect, check, sealing,
//! bundles. It hands out what it finds piece by piece, so that memory stays flat.

use super::harvest::{Piece, RejectedRow};
use super::refused::{raw_json, refused_by, refused_outcome};
use super::scattered::Scattered;
use super::{GateError, Part};
use crate::bundle::{Bundle, hash_of, partition_of_hash, seal};
use crate::core::Core;
use crate::receive::Received;
use crate::spool::SpoolReader;
use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::sync::Arc;
use time::OffsetDateTime;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tongcha_decode::admit::{ItemContext, ItemOutcome, admit_item, not_agreed};
use tongcha_schema::check::CheckedCase;
use tongcha_schema::code::{element, transport};
use tongcha_schema::envelope::AUTO;
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::limits;
use tongcha_schema::receipt::UNKNOWN;
use tongcha_schema::record::Record;
use tongcha_schema::value::Value;

/// Rows of one piece that stand for no record of an element.
const PIECE_ROWS: usize = 500;
/// Pieces that wait for the receiver before the examination is held up.
const WAITING: usize = 16;

/// What became of each item.
pub type Outcomes = Vec<(u32, ItemOutcome)>;

/// A running examination.
pub struct Examination {
    pieces: mpsc::Receiver<Piece>,
    task: JoinHandle<std::io::Result<(Outcomes, Scattered)>>,
}

impl Examination {
    /// The next piece; `None` at the end.
    pub async fn next(&mut self) -> Option<Piece> {
        self.pieces.recv().await
    }

    /// What became of the items, and which cases stand in several parts, once there are no more pieces.
    ///
    /// # Errors
    /// The spool could not be read, or the thread was stopped: then the pieces are not all.
    pub async fn finish(self) -> Result<(Outcomes, Scattered), GateError> {
        match self.task.await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(error)) => Err(GateError::Examine(error.to_string())),
            Err(error) => Err(GateError::Examine(error.to_string())),
        }
    }
}

/// Starts the examination of all items of an envelope.
pub fn start(
    core: Arc<Core>,
    received: Arc<Received>,
    agreed: Vec<String>,
    now: OffsetDateTime,
) -> Examination {
    let (sender, pieces) = mpsc::channel(WAITING);
    let span = tracing::Span::current();
    let task = tokio::task::spawn_blocking(move || {
        span.in_scope(|| {
            let mut examiner = Examiner::new(&core, &received, &agreed, sender, now);
            for item in 0..received.items.len() {
                if !examiner.item(item)? {
                    // The receiver went away: its own failure says why.
                    break;
                }
            }
            examiner.flush_all();
            let scattered = std::mem::take(&mut examiner.scattered);
            Ok((examiner.outcomes, scattered))
        })
    });
    Examination { pieces, task }
}

/// An item's bytes for as long as somebody waits for what is found in them.
struct Heard {
    bytes: SpoolReader,
    listener: mpsc::Sender<Piece>,
}

impl Read for Heard {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        match self.listener.is_closed() {
            true => Err(std::io::Error::other("nobody waits for it any more")),
            false => self.bytes.read(out),
        }
    }
}

struct Examiner<'a> {
    core: &'a Core,
    received: &'a Received,
    /// Dialects that were agreed with the sender; none: any.
    agreed: &'a [String],
    sender: mpsc::Sender<Piece>,
    /// What was told once of the envelope.
    told: HashSet<String>,
    outcomes: Outcomes,
    alive: bool,
    now: OffsetDateTime,
    envelope: String,
    day: String,
    next_part: i64,
    // By partition: what waits for a full bundle.
    open: BTreeMap<u32, Open>,
    scattered: Scattered,
}

impl<'a> Examiner<'a> {
    fn new(
        core: &'a Core,
        received: &'a Received,
        agreed: &'a [String],
        sender: mpsc::Sender<Piece>,
        now: OffsetDateTime,
    ) -> Self {
        Examiner {
            core,
            received,
            agreed,
            sender,
            told: HashSet::new(),
            outcomes: Vec::new(),
            alive: true,
            now,
            envelope: received.head.id.to_string(),
            day: core.day(now),
            next_part: 1,
            open: BTreeMap::new(),
            scattered: Scattered::default(),
        }
    }

    fn keep(&mut self, piece: Piece) {
        self.alive = self.alive && self.sender.blocking_send(piece).is_ok();
    }

    fn item(&mut self, index: usize) -> std::io::Result<bool> {
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        let head = &self.received.head.items[index];
        if head.withheld {
            let finding = Finding::new(
                transport::WITHHELD,
                Place {
                    file: head.name.clone(),
                    ..Place::default()
                },
            )
            .with("found", head.size)
            .with("limit", limits::ITEM_BYTES);
            let outcome = refused_outcome(&finding);
            self.unknown(number, 1, std::slice::from_ref(&finding));
            self.outcomes.push((number, outcome));
            return Ok(self.alive);
        }
        let asked = &self.received.head.dialect;
        let among = match &asked[..] {
            "" | AUTO if !self.agreed.is_empty() => self.agreed.join(","),
            _ => asked.clone(),
        };
        if let Some(finding) = self.refused(&among, &head.name) {
            self.unknown(number, 1, std::slice::from_ref(&finding));
            self.outcomes.push((number, refused_outcome(&finding)));
            return Ok(self.alive);
        }
        let spool = Arc::clone(&self.received.items[index]);
        let (core, received, envelope) = (self.core, self.received, self.envelope.clone());
        let context = ItemContext {
            source: &received.sender.name,
            target: &core.name,
            forwards: received.sender.is_hub,
            envelope: &envelope,
            item: number,
            name: &head.name,
            dialect: &among,
            received_at: self.now,
        };
        let listener = self.sender.clone();
        let mut open = || -> std::io::Result<Box<dyn Read + Send>> {
            Ok(Box::new(Heard {
                bytes: spool.open(),
                listener: listener.clone(),
            }))
        };
        let outcome = admit_item(&core.registry, &context, &mut open, &mut |case| {
            self.case(number, case);
        })?;
        let unknown = outcome.counts.get(UNKNOWN).map_or(0, |c| c.rejected);
        let news: Vec<Finding> = outcome
            .findings
            .iter()
            .filter(|f| self.is_news(f))
            .cloned()
            .collect();
        self.unknown(number, unknown, &news);
        self.outcomes.push((number, outcome));
        Ok(self.alive)
    }

    /// Whether a finding has not been told of another item of this envelope: ten thousand rows of one table
    /// leave the same columns unread.
    fn is_news(&mut self, finding: &Finding) -> bool {
        if finding.code != element::NOT_READ && finding.code != element::OWN_NUMBERS {
            return true;
        }
        let said = finding.args.iter().filter(|(name, _)| name != "count");
        let said: Vec<&str> = said.map(|(_, text)| text.as_str()).collect();
        self.told
            .insert(format!("{} {}", finding.code, said.join(" ")))
    }

    /// The finding of a dialect that was not agreed with the sender.
    fn refused(&self, asked: &str, file: &str) -> Option<Finding> {
        let mut asked = asked.split(',').map(str::trim);
        let is_other = |name: &&str| !self.agreed.iter().any(|a| a == name);
        let other = asked.find(is_other).filter(|_| !self.agreed.is_empty())?;
        Some(not_agreed(file, other, self.agreed))
    }

    /// Findings of the document, and a row for each record of no element.
    fn unknown(&mut self, item: u32, count: u64, findings: &[Finding]) {
        for some in findings.chunks(PIECE_ROWS) {
            self.keep(Piece::findings(item, some));
        }
        let numbers: Vec<i64> = (1..=i64::try_from(count).unwrap_or(i64::MAX)).collect();
        for some in numbers.chunks(PIECE_ROWS) {
            let row = |n: &i64| RejectedRow {
                item,
                record: -n,
                element: UNKNOWN.into(),
                space: String::new(),
                case_no: String::new(),
                code: String::new(),
                reason: "document".into(),
                payload: self.core.sealed.seal("rejected/document", b"{}"),
            };
            let rows = some.iter().map(row).collect();
            self.keep(Piece::Rejected(rows));
        }
    }

    fn case(&mut self, item: u32, case: CheckedCase) {
        let mut findings = case.findings;
        let mut rows = Vec::with_capacity(case.rejected.len());
        for rejected in case.rejected {
            let json = raw_json(&rejected.raw, &rejected.org_bus_no);
            rows.push(RejectedRow {
                item,
                record: i64::from(rejected.record),
                element: rejected.raw.element.name().into(),
                space: case.space.clone(),
                case_no: rejected.case_no,
                code: refused_by(&rejected.findings),
                reason: "error".into(),
                payload: self.core.sealed.seal("rejected/error", json.as_bytes()),
            });
            findings.extend(rejected.findings);
        }
        if !rows.is_empty() {
            self.keep(Piece::Rejected(rows));
        }
        if !findings.is_empty() {
            self.keep(Piece::findings(item, &findings));
        }
        let Some(first) = case.records.first() else {
            return;
        };
        let head = &first.head;
        let hash = hash_of(&head.space, &head.case_no);
        let partition = partition_of_hash(hash, self.core.bus.partitions());
        // A case goes whole where it may: what is judged of it is then judged once.
        let waiting = self.open.get(&partition).map_or(0, |o| o.records.len());
        if waiting > 0 && waiting + case.records.len() > limits::BUNDLE_RECORDS {
            self.flush(partition);
        }
        for mut record in case.records {
            seal(&mut record, &self.core.sealed);
            let open = self.open.entry(partition).or_insert_with(|| {
                self.next_part += 1;
                Open::new(self.next_part - 1)
            });
            open.bytes += texts_of(&record);
            open.records.push(record);
            self.scattered.note(hash, open.part);
            if open.records.len() >= limits::BUNDLE_RECORDS || open.bytes >= limits::BUNDLE_BYTES {
                self.flush(partition);
            }
        }
    }

    fn flush(&mut self, partition: u32) {
        let Some(open) = self.open.remove(&partition) else {
            return;
        };
        let mut counts = BTreeMap::new();
        for record in &open.records {
            *counts
                .entry((record.head.source.to_string(), record.element.name().into()))
                .or_insert(0) += 1;
        }
        let count = open.records.len() as u64;
        let bundle = Bundle {
            day: self.day.clone(),
            records: open.records,
        };
        let part = Part {
            part: open.part,
            partition,
            payload: bundle.to_bytes(),
        };
        self.keep(Piece::Bundle {
            part,
            records: count,
            counts,
        });
    }

    fn flush_all(&mut self) {
        let partitions: Vec<u32> = self.open.keys().copied().collect();
        for partition in partitions {
            self.flush(partition);
        }
    }
}

/// Records that wait for a full bundle, and the bytes of their texts.
struct Open {
    part: i64,
    records: Vec<Record>,
    bytes: usize,
}

impl Open {
    fn new(part: i64) -> Open {
        Open {
            part,
            records: Vec::new(),
            bytes: 0,
        }
    }
}

/// Bytes of a record's texts.
fn texts_of(record: &Record) -> usize {
    let bytes = record.values.iter().flatten().map(|value| match value {
        Value::Text(text) => text.len(),
        Value::Sealed(bytes) => bytes.len(),
        _ => 0,
    });
    bytes.sum()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step is the test's failure")]
mod tests {
    use super::*;
    use crate::room::{Bounds, Rooms};
    use crate::spool::{Spool, Tray};
    use sha2::{Digest, Sha256};
    use tongcha_schema::seal::Sealed;

    #[test]
    fn bytes_that_nobody_waits_for_end() {
        let folder = tempfile::tempdir().unwrap();
        let rooms = Rooms::new(Bounds::default());
        let sealed = Arc::new(Sealed::new([1; 32]));
        let mut tray = Tray::new(sealed, folder.path(), &rooms);
        let digest = tongcha_schema::digest::hex(&Sha256::digest([7; 10]));
        let mut spool = Spool::new(&digest, 10);
        let chunk = zstd::bulk::compress(&[7; 10], 1).unwrap();
        spool.push(&mut tray, &chunk).unwrap();
        let (listener, pieces) = mpsc::channel(1);
        let mut heard = Heard {
            bytes: spool.whole(&tray).unwrap().open(),
            listener,
        };
        let mut part = [0; 4];
        assert_eq!(heard.read(&mut part).unwrap(), 4);
        drop(pieces);
        assert!(heard.read(&mut part).is_err(), "the sender has gone");
    }
}
