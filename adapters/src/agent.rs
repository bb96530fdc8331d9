//! The agent: one source, one outbox, one uplink. A step settles what has a receipt, polls, packs,
//! sends and asks for completion receipts; a crash between any two of these loses nothing, because
//! each begins from what the outbox says. Refuses to sleep inside a step.

use crate::backoff::Backoff;
use crate::outbox::{Outbox, OutboxError, Packed, Parcel, Waybill};
use crate::source::{Source, SourceError};
use crate::uplink::{SendFault, Uplink};
use std::sync::Arc;
use thiserror::Error;
use time::{Duration, OffsetDateTime};
use tokio::sync::watch;
use tongcha_schema::clock::Clock;
use tongcha_schema::code::transport;
use tongcha_schema::id::EnvelopeId;
use tongcha_schema::receipt::{Receipt, Verdict};
use tracing::Instrument;

/// How an agent works. [`AgentConfig::new`] gives what suits a front-end machine.
#[derive(Clone, Debug)]
pub struct AgentConfig {
    /// Hub that is meant, `region/node`.
    pub target: String,
    /// Organ that provides the data (18 or 9 characters).
    pub sender_org: String,
    /// Pause between steps that found nothing to do, in real time.
    pub pause: std::time::Duration,
    /// Parcels without a receipt above which nothing more is polled.
    pub most_waiting: u64,
    /// Their bytes above which nothing more is polled.
    pub most_bytes: u64,
    /// Parcels sent in one step.
    pub sends_per_step: u32,
    /// First and longest wait after a failure of the line, by the handed-in clock; zero under a clock
    /// that stands.
    pub backoff: (Duration, Duration),
    /// When a completion receipt is first asked for, and how long until the next question; zero asks
    /// in every step. `None`: completion receipts are not asked for.
    pub completion_after: Option<Duration>,
    /// How long receipts are kept in the outbox.
    pub keep: Duration,
}

impl AgentConfig {
    /// The usual configuration for a hub and an organ.
    pub fn new(target: impl Into<String>, sender_org: impl Into<String>) -> AgentConfig {
        AgentConfig {
            target: target.into(),
            sender_org: sender_org.into(),
            pause: std::time::Duration::from_secs(2),
            most_waiting: 10_000,
            most_bytes: 20 << 30,
            sends_per_step: 64,
            backoff: (Duration::seconds(1), Duration::minutes(5)),
            completion_after: Some(Duration::seconds(10)),
            keep: Duration::days(30),
        }
    }
}

/// Why a step could not be finished; the next one begins again from the outbox.
#[derive(Debug, Error)]
pub enum AgentError {
    /// The outbox fails: the agent can promise nothing then.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

impl AgentError {
    /// Whether the next step may succeed by itself.
    pub fn is_transient(&self) -> bool {
        let AgentError::Outbox(cause) = self;
        cause.is_transient()
    }
}

/// What one step did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepReport {
    /// Lots that the source offered.
    pub offered: u64,
    /// Envelopes packed.
    pub packed: Vec<EnvelopeId>,
    /// Lots that were on their way already.
    pub known: u64,
    /// Envelopes answered, with their verdict and whether the hub had seen them before.
    pub receipts: Vec<(EnvelopeId, Verdict, bool)>,
    /// Receipts handed to the source.
    pub settled: u64,
    /// Completion receipts that came.
    pub completed: u64,
    /// Parcels that still wait for a receipt.
    pub waiting: u64,
    /// Settled parcels whose completion receipt was asked for and is not there yet.
    pub incomplete: u64,
    /// The source was not polled because the outbox is full.
    pub held_back: bool,
    /// When the line may be tried again, where it has to wait.
    pub retry_at: Option<OffsetDateTime>,
    /// What went wrong, for people; each was logged.
    pub faults: Vec<String>,
}

impl StepReport {
    /// Whether the step moved anything: then the next one need not wait.
    pub fn moved(&self) -> bool {
        !self.packed.is_empty() || !self.receipts.is_empty() || self.settled > 0
    }
}

/// The agent of one source.
pub struct Agent {
    config: AgentConfig,
    source: Box<dyn Source>,
    uplink: Arc<dyn Uplink>,
    outbox: Outbox,
    clock: Arc<dyn Clock>,
    waybill: Waybill,
    line: Backoff,
    swept: Option<OffsetDateTime>,
}

/// How often a damaged envelope is sent again before its refusal is taken as final.
const DAMAGE_TRIES: u32 = 5;

impl Agent {
    /// An agent; several may share one outbox if their sources have different names.
    pub fn new(
        config: AgentConfig,
        source: Box<dyn Source>,
        uplink: Arc<dyn Uplink>,
        outbox: Outbox,
        clock: Arc<dyn Clock>,
    ) -> Agent {
        let waybill = Waybill {
            source: source.name().to_owned(),
            target: config.target.clone(),
            sender_org: config.sender_org.clone(),
        };
        let salt = format!("{}/{}", outbox.node(), waybill.source);
        let line = Backoff::new(config.backoff.0, config.backoff.1, salt);
        Agent {
            config,
            source,
            uplink,
            outbox,
            clock,
            waybill,
            line,
            swept: None,
        }
    }

    /// The outbox that it works on.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Asks the source whether it can be used.
    ///
    /// # Errors
    /// What a person must mend.
    pub async fn probe(&mut self) -> Result<String, SourceError> {
        self.source.probe().await
    }

    /// One round: settle, poll, pack, send, settle, complete. Never sleeps.
    ///
    /// # Errors
    /// [`AgentError`] where the outbox fails. Faults of source and line stand in the report.
    pub async fn step(&mut self) -> Result<StepReport, AgentError> {
        let mut report = StepReport::default();
        self.settle(&mut report).await?;
        let depth = self.outbox.depth(Some(&self.waybill.source)).await?;
        if depth.waiting >= self.config.most_waiting || depth.bytes >= self.config.most_bytes {
            report.held_back = true;
        } else {
            self.poll_and_pack(&mut report).await?;
        }
        self.send(&mut report).await?;
        self.settle(&mut report).await?;
        self.complete(&mut report).await?;
        self.sweep().await?;
        let depth = self.outbox.depth(Some(&self.waybill.source)).await?;
        report.waiting = depth.waiting;
        report.retry_at = self.line.until();
        Ok(report)
    }

    /// Steps until `stop` says true (or its sender is gone), pausing where there is nothing to do and
    /// waking early when the outbox changes under a source that fills it by itself. A failed step is
    /// logged and tried again.
    pub async fn run(&mut self, mut stop: watch::Receiver<bool>) {
        let mut news = self.outbox.news();
        let wakes = self.source.wakes();
        while !*stop.borrow() {
            news.mark_unchanged();
            let pause = match self.step().await {
                Ok(report) if report.moved() => continue,
                Ok(_) => self.config.pause,
                Err(fault) => {
                    tracing::error!(source = %self.waybill.source, %fault, "step failed");
                    self.config.pause.max(std::time::Duration::from_secs(1))
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                changed = news.changed(), if wakes => if changed.is_err() { return },
                changed = stop.changed() => if changed.is_err() { return },
            }
        }
    }

    async fn poll_and_pack(&mut self, report: &mut StepReport) -> Result<(), AgentError> {
        let now = self.clock.now();
        let position = self.outbox.position(&self.waybill.source).await?;
        let span = tracing::info_span!("poll", source = %self.waybill.source);
        let polled = self.source.poll(now, position.as_deref());
        let lots = match polled.instrument(span).await {
            Ok(lots) => lots,
            Err(fault) => {
                self.fault(report, &fault);
                return Ok(());
            }
        };
        report.offered = lots.len() as u64;
        for lot in lots {
            let key = lot.key.clone();
            match self.outbox.pack(&self.waybill, lot, now).await {
                Ok(Packed::New(id)) => report.packed.push(id),
                Ok(Packed::Known) => report.known += 1,
                // The source offers it again; the other lots go on.
                Err(fault @ (OutboxError::Package(_) | OutboxError::Lot(_))) => {
                    self.fault(report, &fault);
                    continue;
                }
                Err(fault) => return Err(fault.into()),
            }
            self.source.packed(&key).await;
        }
        Ok(())
    }

    async fn send(&mut self, report: &mut StepReport) -> Result<(), AgentError> {
        for _ in 0..self.config.sends_per_step {
            let now = self.clock.now();
            if !self.line.ready(now) {
                return Ok(());
            }
            let Some(parcel) = self.outbox.next_due(&self.waybill.source, now).await? else {
                return Ok(());
            };
            let span = tracing::info_span!("send", envelope = %parcel.id());
            let sent = self.uplink.send(&parcel).instrument(span).await;
            match sent {
                Ok(receipt) => self.received(report, &parcel, receipt).await?,
                Err(SendFault::Outbox(fault)) => return Err(fault.into()),
                Err(fault) => {
                    self.not_received(report, &parcel, &fault).await?;
                    if !matches!(fault, SendFault::Parcel { .. }) {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    async fn received(
        &mut self,
        report: &mut StepReport,
        parcel: &Parcel,
        receipt: Receipt,
    ) -> Result<(), AgentError> {
        self.line.succeeded();
        if receipt.envelope != parcel.id().to_string() {
            let why = format!(
                "the receipt is for {}, not for {}",
                receipt.envelope,
                parcel.id()
            );
            return self
                .not_received(report, parcel, &SendFault::Parcel { why })
                .await;
        }
        if damaged(&receipt) && parcel.tries() + 1 < DAMAGE_TRIES {
            let why = "it arrived damaged; it is sent again".to_owned();
            return self
                .not_received(report, parcel, &SendFault::Parcel { why })
                .await;
        }
        let now = self.clock.now();
        self.outbox
            .note_receipt(parcel.number(), &receipt, now)
            .await?;
        let line = (parcel.id().clone(), receipt.verdict, receipt.repeated);
        report.receipts.push(line);
        Ok(())
    }

    async fn not_received(
        &mut self,
        report: &mut StepReport,
        parcel: &Parcel,
        fault: &SendFault,
    ) -> Result<(), AgentError> {
        let now = self.clock.now();
        let not_before = match fault {
            SendFault::Line { wish, .. } => {
                self.line.failed(now, *wish);
                now
            }
            SendFault::Node { .. } => {
                self.line.failed(now, Some(self.config.backoff.1));
                now
            }
            // Only this parcel waits; the others pass by it.
            SendFault::Parcel { .. } | SendFault::Outbox(_) => {
                let (base, cap) = self.config.backoff;
                let mut own = Backoff::new(base * 10, cap * 12, parcel.id().to_string());
                let mut until = now;
                for _ in 0..=parcel.tries().min(20) {
                    until = own.failed(now, None);
                }
                until
            }
        };
        let text = fault.to_string();
        self.outbox
            .note_failure(parcel.number(), not_before, &text)
            .await?;
        self.fault(report, fault);
        Ok(())
    }

    async fn settle(&mut self, report: &mut StepReport) -> Result<(), AgentError> {
        loop {
            let unsettled = self.outbox.unsettled(&self.waybill.source).await?;
            let before = report.settled;
            for one in &unsettled {
                if let Err(fault) = self.source.settle(&one.lot_key, &one.receipt).await {
                    self.fault(report, &fault);
                    continue;
                }
                self.outbox
                    .note_settled(one.parcel, self.clock.now())
                    .await?;
                report.settled += 1;
            }
            if report.settled == before {
                return Ok(());
            }
        }
    }

    async fn complete(&mut self, report: &mut StepReport) -> Result<(), AgentError> {
        let Some(after) = self.config.completion_after else {
            return Ok(());
        };
        let now = self.clock.now();
        if !self.line.ready(now) {
            return Ok(());
        }
        let most = self.config.sends_per_step;
        let open = self
            .outbox
            .incomplete(&self.waybill.source, now - after, most);
        for (parcel, key, number) in open.await? {
            match self.uplink.completion(&number).await {
                Ok(Some(receipt)) => {
                    if let Err(fault) = self.source.complete(&key, &receipt).await {
                        self.fault(report, &fault);
                        continue;
                    }
                    self.outbox.note_completion(parcel, &receipt).await?;
                    report.completed += 1;
                }
                Ok(None) => {
                    report.incomplete += 1;
                    self.outbox.defer_completion(parcel, now).await?;
                }
                Err(SendFault::Outbox(fault)) => return Err(fault.into()),
                Err(fault) => {
                    // The next question waits as long as the line does.
                    let wish = match &fault {
                        SendFault::Line { wish, .. } => *wish,
                        _ => Some(self.config.backoff.1),
                    };
                    self.line.failed(now, wish);
                    self.fault(report, &fault);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Once an hour: old receipts go, free pages return to the disk.
    async fn sweep(&mut self) -> Result<(), AgentError> {
        let now = self.clock.now();
        if self.swept.is_some_and(|at| now - at < Duration::HOUR) {
            return Ok(());
        }
        self.swept = Some(now);
        self.outbox.sweep(now, self.config.keep).await?;
        Ok(())
    }

    fn fault(&self, report: &mut StepReport, fault: &dyn std::error::Error) {
        tracing::warn!(source = %self.waybill.source, %fault, "agent");
        report.faults.push(fault.to_string());
    }
}

/// Whether the hub says that the bytes did not arrive as they were sent.
fn damaged(receipt: &Receipt) -> bool {
    receipt.verdict == Verdict::Refused
        && !receipt.repeated
        && receipt
            .findings
            .iter()
            .any(|f| [transport::BAD_DIGEST, transport::TRUNCATED].contains(&f.code))
}
