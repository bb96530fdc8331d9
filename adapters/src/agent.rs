//! The agent: one source, one outbox, one uplink. A step settles what has a receipt, polls, packs,
//! sends and asks for completion receipts; a crash between any two of these loses nothing, because
//! each begins from what the outbox says. Refuses to sleep inside a step.

mod dispatch;
mod intake;
mod refusal;
mod report;

pub use report::StepReport;

use crate::backoff::{Backoff, next_try};
use crate::outbox::{Outbox, OutboxError, Waybill};
use crate::pace::Hours;
use crate::source::{Source, SourceError};
use crate::status::LastSteps;
use crate::uplink::{SendFault, Uplink};
use dispatch::Dispatch;
use intake::Intake;
use std::sync::Arc;
use thiserror::Error;
use time::{Duration, OffsetDateTime};
use tokio::sync::{Notify, watch};
use tongcha_schema::clock::Clock;

/// How an agent works. [`AgentConfig::new`] gives what suits a front-end machine.
#[derive(Clone, Debug)]
pub struct AgentConfig {
    /// Hub that is meant, `region/node`.
    pub target: String,
    /// Organ that provides the data (18 or 9 characters).
    pub sender_org: String,
    /// Pause between steps that found nothing to do, in real time.
    pub pause: std::time::Duration,
    /// The same where the source saw something that is not ready, such as a file that may still grow.
    pub look_again: std::time::Duration,
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
    /// When is sent; `None`: always.
    pub hours: Option<Hours>,
}

impl AgentConfig {
    /// The usual configuration for a hub and an organ.
    pub fn new(target: impl Into<String>, sender_org: impl Into<String>) -> AgentConfig {
        AgentConfig {
            target: target.into(),
            sender_org: sender_org.into(),
            pause: std::time::Duration::from_secs(2),
            look_again: std::time::Duration::from_secs(5),
            most_waiting: 10_000,
            most_bytes: 20 << 30,
            sends_per_step: 64,
            backoff: (Duration::seconds(1), Duration::minutes(5)),
            completion_after: Some(Duration::seconds(10)),
            keep: Duration::days(30),
            hours: None,
        }
    }
}

impl AgentConfig {
    /// Whether is sent at that instant.
    pub(crate) fn sends_at(&self, now: OffsetDateTime) -> bool {
        self.hours.as_ref().is_none_or(|hours| hours.open_at(now))
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

/// The agent of one source.
pub struct Agent {
    config: AgentConfig,
    source: Box<dyn Source>,
    uplink: Arc<dyn Uplink>,
    outbox: Outbox,
    clock: Arc<dyn Clock>,
    waybill: Waybill,
    line: Backoff,
    last_steps: Option<LastSteps>,
    swept: Option<OffsetDateTime>,
}

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
            last_steps: None,
            swept: None,
        }
    }

    /// Says for the page of this machine what went wrong in each step.
    #[must_use]
    pub fn on(mut self, last_steps: LastSteps) -> Agent {
        self.last_steps = Some(last_steps);
        self
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
        self.pack_and_send(&mut report).await?;
        self.settle(&mut report).await?;
        self.complete(&mut report).await?;
        self.sweep().await?;
        let depth = self.outbox.depth(Some(&self.waybill.source)).await?;
        report.waiting = depth.waiting;
        report.retry_at = self.line.until();
        let wrong = [&report.faults[..], &report.remarks].concat();
        self.tell_board(&wrong, report.held_back);
        Ok(report)
    }

    /// Steps until nothing moves any more; gives what went wrong, and the parcels that still wait. For a
    /// machine that runs by the clock instead of all the time.
    ///
    /// # Errors
    /// [`AgentError`].
    pub async fn exhaust(&mut self) -> Result<StepReport, AgentError> {
        let mut whole = StepReport::default();
        // A dropped file is taken once it has stood still from one look to the next.
        let mut quiet = 0;
        while quiet < 3 {
            let step = self.step().await?;
            quiet = if step.moved() || step.completed > 0 {
                0
            } else {
                quiet + 1
            };
            whole.packed.extend(step.packed);
            whole.receipts.extend(step.receipts);
            whole.settled += step.settled;
            whole.completed += step.completed;
            whole.waiting = step.waiting;
            whole.retry_at = step.retry_at;
            whole.faults = step.faults;
            whole.remarks = step.remarks;
        }
        Ok(whole)
    }

    /// Steps until `stop` says true (or its sender is gone), pausing where there is nothing to do and
    /// waking early when the source rings, or when the outbox changes under a source that fills it by
    /// itself. A failed step is logged and tried again.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one pause of the agent's outermost loop"
    )]
    pub async fn run(&mut self, mut stop: watch::Receiver<bool>) {
        let mut news = self.outbox.news();
        let wakes = self.source.wakes();
        let alarm = self.source.alarm();
        while !*stop.borrow() {
            news.mark_unchanged();
            let stepped = self.step().await;
            let Some(pause) = self.pause_after(&stepped) else {
                continue;
            };
            if let Err(fault) = &stepped {
                tracing::error!(source = %self.waybill.source, %fault, "step failed");
                self.tell_board(&[fault.to_string()], false);
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = rung(alarm.as_deref()) => {}
                changed = news.changed(), if wakes => if changed.is_err() { return },
                changed = stop.changed() => if changed.is_err() { return },
            }
        }
    }

    /// How long an agent rests after a step, unless its source rings; `None`: not at all, since it moved
    /// something.
    pub fn pause_after(
        &self,
        stepped: &Result<StepReport, AgentError>,
    ) -> Option<std::time::Duration> {
        match stepped {
            Ok(report) if report.moved() => None,
            Ok(_) if self.source.looks_again() => {
                Some(self.config.pause.min(self.config.look_again))
            }
            Ok(_) => Some(self.config.pause),
            Err(_) => Some(self.config.pause.max(std::time::Duration::from_secs(1))),
        }
    }

    fn tell_board(&self, faults: &[String], held_back: bool) {
        if let Some(last_steps) = &self.last_steps {
            last_steps.note(&self.waybill.source, self.clock.now(), faults, held_back);
        }
    }

    /// Packs and sends at the same time: while one parcel travels the next is read and packed.
    async fn pack_and_send(&mut self, report: &mut StepReport) -> Result<(), AgentError> {
        let (mut taken, mut sent) = (StepReport::default(), StepReport::default());
        // Not the outbox's own news: a step that found nothing must wake nobody.
        let (ended, packing_ended) = watch::channel(false);
        let mut intake = Intake {
            source: &mut *self.source,
            outbox: &self.outbox,
            clock: &*self.clock,
            waybill: &self.waybill,
            most: (self.config.most_waiting, self.config.most_bytes),
        };
        let mut dispatch = Dispatch {
            config: &self.config,
            uplink: &*self.uplink,
            outbox: &self.outbox,
            clock: &*self.clock,
            waybill: &self.waybill,
            line: &mut self.line,
        };
        let packing = async {
            let done = intake.run(&mut taken).await;
            ended.send_replace(true);
            done
        };
        let (packed, out) = tokio::join!(packing, dispatch.run(&mut sent, packing_ended));
        report.offered = taken.offered;
        report.packed = taken.packed;
        report.known = taken.known;
        report.held_back = taken.held_back;
        report.remarks = taken.remarks;
        report.receipts = sent.receipts;
        report
            .faults
            .extend(taken.faults.into_iter().chain(sent.faults));
        packed.and(out)
    }

    /// Hands receipts to the source. What cannot be handed over waits, longer each time, and holds up no other.
    async fn settle(&mut self, report: &mut StepReport) -> Result<(), AgentError> {
        let mut after = 0;
        loop {
            let now = self.clock.now();
            let source = &self.waybill.source;
            let page = self.outbox.unsettled(source, now, after).await?;
            let Some((last, _)) = page.last() else {
                return Ok(());
            };
            after = *last;
            if self.source.follows_parcels() {
                let position = self.outbox.position(source).await?;
                self.source.note_position(position.as_deref());
            }
            for (_, one) in page {
                if let Err(fault) = self.source.settle(&one.lot_key, &one.receipt).await {
                    let (base, cap) = self.config.backoff;
                    let until = next_try((base * 2, cap), &one.lot_key, one.tries, now);
                    let text = fault.to_string();
                    self.outbox.note_unsettled(one.parcel, until, &text).await?;
                    note_fault(&self.waybill, report, &fault);
                    continue;
                }
                self.outbox.note_settled(one.parcel, now).await?;
                report.settled += 1;
            }
        }
    }

    async fn complete(&mut self, report: &mut StepReport) -> Result<(), AgentError> {
        let Some(after) = self.config.completion_after else {
            return Ok(());
        };
        let now = self.clock.now();
        if !self.line.ready(now) || !self.config.sends_at(now) {
            return Ok(());
        }
        let most = self.config.sends_per_step;
        let open = self
            .outbox
            .incomplete(&self.waybill.source, now - after, most);
        for (parcel, key, number) in open.await? {
            match self.uplink.completion(&number).await {
                Ok(Some(receipt)) => {
                    let receipt = self.outbox.with_own(parcel, receipt).await?;
                    if let Err(fault) = self.source.complete(&key, &receipt).await {
                        note_fault(&self.waybill, report, &fault);
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
                    note_fault(&self.waybill, report, &fault);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Once an hour: old receipts go, free pages return to the disk.
    async fn sweep(&mut self) -> Result<(), AgentError> {
        let now = self.clock.now();
        if self
            .swept
            .is_some_and(|at| (now - at).abs() < Duration::HOUR)
        {
            return Ok(());
        }
        self.swept = Some(now);
        self.outbox.sweep(now, self.config.keep).await?;
        Ok(())
    }
}

/// Waits for an alarm; for ever where there is none.
async fn rung(alarm: Option<&Notify>) {
    match alarm {
        Some(alarm) => alarm.notified().await,
        None => std::future::pending().await,
    }
}

fn note_fault(waybill: &Waybill, report: &mut StepReport, fault: &dyn std::error::Error) {
    tracing::warn!(source = %waybill.source, %fault, "agent");
    report.faults.push(fault.to_string());
}
