//! Admission of one item: guard, recognise, decode, check, in two passes over its bytes and with flat
//! memory. `tongcha check` and the hub's gate both call it, so both give the same findings. It
//! refuses to store, to authenticate and to know what came before: the hub does.

mod counted;
mod first_pass;
mod no_text;
mod owed;
mod own;
mod row;
mod wanted;
mod watched;
mod whole;
mod wrapped;

use crate::dialect::{Dialect, Form, NATIVE, Registry, Shape};
use counted::{count_differs, may_differ};
use first_pass::{FirstPass, first_pass};
use no_text::no_text;
use owed::Owed;
use row::{is_no_row, is_unknown, of_row};
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;
use time::OffsetDateTime;
use tongcha_schema::check::{CheckedCase, Context, Waive, WorkItem, check_case};
use tongcha_schema::code::Code;
use tongcha_schema::code::element as x3;
use tongcha_schema::element::ElementId;
use tongcha_schema::finding::{Finding, Severity};
use tongcha_schema::limits::CHUNK_BYTES;
use tongcha_schema::receipt::{Counts, RowReceipt, UNKNOWN, Verdict, element_name};
use tongcha_schema::record::RawCase;
use tongcha_schema::xml::{Mending, Transcoder};
use wanted::{Spaces, Wanted};
pub use wanted::{not_agreed, reads};
use watched::Watched;
use whole::reject_whole;

/// What is known of an item before it is opened.
#[derive(Clone, Copy, Debug)]
pub struct ItemContext<'a> {
    /// The sending node, `region/node`: the source of its records.
    pub source: &'a str,
    /// The hub that admits, `region/node`.
    pub target: &'a str,
    /// Envelope id as text.
    pub envelope: &'a str,
    /// Item in the envelope, 0-based.
    pub item: u32,
    /// The item's name.
    pub name: &'a str,
    /// Name of a dialect; several with commas: one of them, recognised; or `auto`.
    pub dialect: &'a str,
    /// When it was received.
    pub received_at: OffsetDateTime,
    /// Whether the sending node is a lower hub, which may name the sources and numbering spaces of
    /// the cases that it forwards. Of any other node such names are not heeded.
    pub forwards: bool,
}

/// What became of an item.
#[derive(Clone, Debug)]
pub struct ItemOutcome {
    /// Accepted, partly or refused.
    pub verdict: Verdict,
    /// Name of the dialect that read it; empty where none did.
    pub dialect: String,
    /// Version of that dialect.
    pub dialect_version: String,
    /// The document is refused whole: nothing of it was handed on, and it counts as one rejected record
    /// of no element.
    pub refused: bool,
    /// Findings of the document itself; those of cases and records went to the sink.
    pub findings: Vec<Finding>,
    /// Counts by element (`unknown` for what has none): what passed is `pending`.
    pub counts: BTreeMap<&'static str, Counts>,
    /// What the dialect owes: lines of the work list, counted.
    pub work: BTreeMap<WorkItem, u64>,
    /// Of a group of rows: those of which something was rejected.
    pub rows: Vec<RowReceipt>,
}

impl ItemOutcome {
    /// Counts of all elements together.
    pub fn total(&self) -> Counts {
        let mut sum = Counts::default();
        for c in self.counts.values() {
            sum.received += c.received;
            sum.stored += c.stored;
            sum.rejected += c.rejected;
            sum.duplicate += c.duplicate;
            sum.pending += c.pending;
        }
        sum
    }

    /// A refused document: one rejected record of no element (WORDS, "The agent's guard marks").
    fn refuse(dialect: Option<&Dialect>, findings: Vec<Finding>) -> ItemOutcome {
        let one = Counts {
            received: 1,
            rejected: 1,
            ..Counts::default()
        };
        ItemOutcome {
            verdict: Verdict::Refused,
            dialect: dialect.map(|d| d.name.clone()).unwrap_or_default(),
            dialect_version: dialect.map(|d| d.version.clone()).unwrap_or_default(),
            refused: true,
            findings,
            counts: BTreeMap::from([(UNKNOWN, one)]),
            work: BTreeMap::new(),
            rows: Vec::new(),
        }
    }
}

/// Opens the item's bytes from the start; called several times.
pub type Open<'o> = dyn FnMut() -> io::Result<Box<dyn Read + Send>> + 'o;

/// Admits one item. Pass 1 guards the whole document, so that a document is whole or nothing; pass 2
/// decodes and checks it case by case into `sink`. A native document that declares its record count
/// is counted in between. A row (JSON) has no guard: it is read whole, within its limit. A table is
/// surveyed in the first pass, which also finds its form and its encoding.
///
/// # Errors
/// Only what reading the bytes reports; bad data is a finding.
pub fn admit_item(
    registry: &Registry,
    ctx: &ItemContext<'_>,
    open: &mut Open<'_>,
    sink: &mut dyn FnMut(CheckedCase),
) -> io::Result<ItemOutcome> {
    admit(registry, ctx, open, sink, true)
}

/// Admits one item; `looks_within` says whether a document that it carries is looked for.
fn admit(
    registry: &Registry,
    ctx: &ItemContext<'_>,
    open: &mut Open<'_>,
    sink: &mut dyn FnMut(CheckedCase),
    looks_within: bool,
) -> io::Result<ItemOutcome> {
    let mut start = Vec::new();
    open()?.take(CHUNK_BYTES as u64).read_to_end(&mut start)?;
    if let Some(finding) = no_text(ctx.name, &start) {
        return Ok(ItemOutcome::refuse(None, vec![finding]));
    }
    let wanted = Wanted::of(ctx.dialect);
    if let Some(finding) = wanted.no_such(registry, ctx.name) {
        return Ok(ItemOutcome::refuse(None, vec![finding]));
    }
    let found = wanted.find(registry, &start);
    let stranger = || wanted.stranger(registry, ctx.name, &start);
    let FirstPass {
        form,
        mut guarded,
        records,
    } = match first_pass(ctx, found, &start, open, &stranger)? {
        Ok(first) => first,
        Err(findings) => return Ok(ItemOutcome::refuse(found, findings)),
    };
    if looks_within
        && found.is_none_or(|d| !d.fits(&start))
        && let Some(mut outcome) = wrapped::admit(registry, ctx, found, open, sink)?
    {
        outcome.findings.splice(0..0, guarded);
        return Ok(outcome);
    }
    // A well-formed document that nobody knows has a wrong root, which the native reader tells.
    let native = || registry.get(NATIVE).filter(|_| !wanted.is_declared());
    let Some(dialect) = found.or_else(native) else {
        guarded.push(stranger());
        return Ok(ItemOutcome::refuse(None, guarded));
    };
    if dialect.shape() == Shape::Native
        && may_differ(&start, records)
        && let Some(finding) = count_differs(ctx, open)?
    {
        guarded.push(finding);
        return Ok(ItemOutcome::refuse(Some(dialect), guarded));
    }
    let mut pass = Pass::new(dialect, ctx, wanted.is_declared(), sink);
    let decoded = pass.run(open, form)?;
    guarded.extend(decoded);
    guarded.extend(pass.spaces.finding(ctx.name));
    Ok(pass.end(guarded))
}

/// What a lower hub forwards was checked there, under the waivers of the dialect that read it: what
/// that source could not supply or got wrong by declaration is no fault of the lower hub's document.
struct CheckedBelow;

impl Waive for CheckedBelow {
    fn absent(&self, _: ElementId, _: Option<usize>) -> bool {
        true
    }
    fn lowered(&self, code: Code) -> bool {
        code.number() >= 400
    }
}

/// The second pass over one item.
struct Pass<'p> {
    dialect: &'p Dialect,
    ctx: &'p ItemContext<'p>,
    spaces: Spaces<'p>,
    sink: &'p mut dyn FnMut(CheckedCase),
    next: u32,
    /// Counts by element; the last are those of no element.
    counts: [Counts; ElementId::ALL.len() + 1],
    work: Owed,
    rows: Vec<RowReceipt>,
    error: bool,
    cases: u64,
}

impl<'p> Pass<'p> {
    fn new(
        dialect: &'p Dialect,
        ctx: &'p ItemContext<'p>,
        declared: bool,
        sink: &'p mut dyn FnMut(CheckedCase),
    ) -> Pass<'p> {
        Pass {
            dialect,
            ctx,
            spaces: Spaces::of(dialect, ctx, declared),
            sink,
            next: 1,
            counts: Default::default(),
            work: Owed::default(),
            rows: Vec::new(),
            error: false,
            cases: 0,
        }
    }

    /// Decodes the whole item; gives the findings of the document.
    fn run(&mut self, open: &mut Open<'_>, form: Form) -> io::Result<Vec<Finding>> {
        let reader = open()?;
        let text: Box<dyn BufRead> = match (self.dialect.shape(), form) {
            (Shape::Csv, Form::Dbf(_)) => Box::new(BufReader::new(reader)),
            (Shape::Row | Shape::Csv, Form::Text(encoding) | Form::Markup(_, encoding)) => {
                Box::new(Transcoder::undeclared(reader, encoding)?.mending(Mending::All))
            }
            _ => {
                let text = Transcoder::told(reader, self.dialect.encoding())?;
                Box::new(text.mending(Mending::Gb))
            }
        };
        let mut text = Watched { text, error: None };
        let (dialect, name) = (self.dialect, self.ctx.name);
        let findings = dialect.decode_form(name, form, &mut text, &mut |case| {
            self.case(case);
            ControlFlow::Continue(())
        });
        match text.error {
            Some(error) => Err(error),
            None => Ok(findings),
        }
    }

    fn case(&mut self, mut raw: RawCase) {
        let count = u32::try_from(raw.records.len()).unwrap_or(u32::MAX);
        if !self.ctx.forwards {
            (raw.source, raw.space) = (None, None);
        }
        let own = self
            .spaces
            .is_own(&raw.case_no)
            .then(|| raw.case_no.clone());
        let (row, line) = (std::mem::take(&mut raw.row), raw.line);
        let context = Context {
            source: self.ctx.source,
            space: self.spaces.of_case(&raw.case_no),
            file: self.ctx.name,
            envelope: self.ctx.envelope,
            item: self.ctx.item,
            received_at: self.ctx.received_at,
            offset: self.dialect.offset(),
            waive: if self.ctx.forwards {
                &CheckedBelow
            } else {
                self.dialect.waivers()
            },
        };
        let mut case = if is_no_row(&raw) {
            CheckedCase {
                findings: raw.findings.into_iter().map(|(_, f)| f).collect(),
                ..CheckedCase::default()
            }
        } else {
            check_case(raw, self.next, &context)
        };
        self.next = self.next.saturating_add(count);
        if self.dialect.rejects_by_case() && !case.rejected.is_empty() {
            reject_whole(&mut case);
        }
        // A case of which nothing is kept is kept in no space.
        if let Some(case_no) = own.filter(|_| !case.records.is_empty()) {
            self.spaces.note(case_no);
        }
        own::name_own(self.dialect, self.ctx.name, &mut case);
        if !row.is_empty() {
            self.rows.extend(of_row(row, line, &mut case));
        }
        self.count(&case);
        self.cases += 1;
        (self.sink)(case);
    }

    fn count(&mut self, case: &CheckedCase) {
        let mut add = |at: usize, rejected: bool| {
            let counts = &mut self.counts[at];
            counts.received += 1;
            counts.rejected += u64::from(rejected);
            counts.pending += u64::from(!rejected);
        };
        for record in &case.records {
            add(record.element.index(), false);
        }
        for rejected in &case.rejected {
            add(rejected.raw.element.index(), true);
        }
        for finding in &case.findings {
            if is_unknown(finding) {
                add(NO_ELEMENT, true);
            }
            self.error |= finding.severity == Severity::Error;
        }
        self.error |= !case.rejected.is_empty();
        for (item, n) in &case.work {
            self.work.note(item, *n);
        }
        for finding in case.rejected.iter().flat_map(|r| &r.findings) {
            if let Some(item) = WorkItem::of(finding) {
                self.work.note(&item, 1);
            }
        }
    }

    fn end(mut self, findings: Vec<Finding>) -> ItemOutcome {
        let error = |f: &Finding| f.severity == Severity::Error;
        let mut wrong = findings.iter().filter(|f| error(f) && is_record(f)).count() as u64;
        if self.counts.iter().all(|c| c.received == 0) && findings.iter().any(error) {
            // A refused document counts, whatever refused it.
            wrong = wrong.max(1);
        }
        self.counts[NO_ELEMENT].received += wrong;
        self.counts[NO_ELEMENT].rejected += wrong;
        let passed: u64 = self.counts.iter().map(|c| c.pending).sum();
        let faulty = self.error || findings.iter().any(error);
        let verdict = match (faulty, passed) {
            (false, _) => Verdict::Accepted,
            (true, 0) => Verdict::Refused,
            (true, _) => Verdict::Partly,
        };
        ItemOutcome {
            verdict,
            dialect: self.dialect.name.clone(),
            dialect_version: self.dialect.version.clone(),
            refused: verdict == Verdict::Refused && self.cases == 0,
            findings,
            counts: by_name(&self.counts),
            work: self.work.into_list(),
            rows: self.rows,
        }
    }
}

/// Place in a pass's counts of what has no element.
const NO_ELEMENT: usize = ElementId::ALL.len();

/// The counts that are not void, by the element's name.
fn by_name(counts: &[Counts; NO_ELEMENT + 1]) -> BTreeMap<&'static str, Counts> {
    let elements = ElementId::ALL.into_iter().map(Some).chain([None]);
    elements
        .zip(counts)
        .filter(|(_, counts)| counts.received > 0)
        .map(|(element, counts)| (element_name(element), *counts))
        .collect()
}

/// Whether a finding of the document stands for something that counts as a record of no element: a
/// foreign document, or a node that is none of the 14.
fn is_record(finding: &Finding) -> bool {
    finding.code == x3::WRONG_ROOT || finding.code == x3::UNKNOWN_ELEMENT
}
