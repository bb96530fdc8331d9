//! Hop send of one step: the parcels that are due, one after another in their order, while the other
//! half of the step packs. Refuses to poll.

use super::refusal::{DAMAGE_TRIES, Remedy, damaged, receipt_of, remedy};
use super::{AgentConfig, AgentError, StepReport, note_fault};
use crate::backoff::{Backoff, next_try};
use crate::outbox::{Outbox, Parcel, Waybill};
use crate::uplink::{SendFault, Uplink};
use time::OffsetDateTime;
use tokio::sync::watch;
use tongcha_schema::clock::Clock;
use tongcha_schema::receipt::Receipt;
use tracing::Instrument;

/// What the step's sending half works with.
pub(super) struct Dispatch<'a> {
    pub config: &'a AgentConfig,
    pub uplink: &'a dyn Uplink,
    pub outbox: &'a Outbox,
    pub clock: &'a dyn Clock,
    pub waybill: &'a Waybill,
    pub line: &'a mut Backoff,
}

impl Dispatch<'_> {
    /// Sends what is due, and what is packed meanwhile, until packing has ended.
    pub async fn run(
        &mut self,
        report: &mut StepReport,
        mut packing_ended: watch::Receiver<bool>,
    ) -> Result<(), AgentError> {
        let mut news = self.outbox.news();
        let mut left = self.config.sends_per_step;
        loop {
            // Both before looking: what changes while parcels go out is seen in the next round.
            news.mark_unchanged();
            let ended = *packing_ended.borrow_and_update();
            self.send_due(report, &mut left).await?;
            if ended || left == 0 {
                return Ok(());
            }
            let gone = tokio::select! {
                changed = news.changed() => changed.is_err(),
                changed = packing_ended.changed() => changed.is_err(),
            };
            if gone {
                return Ok(());
            }
        }
    }

    async fn send_due(
        &mut self,
        report: &mut StepReport,
        left: &mut u32,
    ) -> Result<(), AgentError> {
        while *left > 0 {
            let now = self.clock.now();
            if !self.line.ready(now) || !self.config.sends_at(now) {
                return Ok(());
            }
            let Some(parcel) = self.outbox.next_due(&self.waybill.source, now).await? else {
                return Ok(());
            };
            *left -= 1;
            let span = tracing::info_span!("send", envelope = %parcel.id());
            let sent = self.uplink.send(&parcel).instrument(span).await;
            match sent {
                Ok(receipt) => self.received(report, &parcel, receipt).await?,
                Err(SendFault::Outbox(fault)) => return Err(fault.into()),
                Err(fault) => {
                    self.not_received(report, &parcel, &fault).await?;
                    // The machine as a whole may have to wait now: the loop asks its line.
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
            return self.not_received(report, parcel, &unlike(why)).await;
        }
        if damaged(&receipt) && parcel.tries() + 1 < DAMAGE_TRIES {
            let why = "it arrived damaged; it is sent again".to_owned();
            return self.not_received(report, parcel, &unlike(why)).await;
        }
        let now = self.clock.now();
        let told = self.outbox.with_own(parcel.number(), receipt).await?;
        self.outbox
            .note_receipt(parcel.number(), &told, now)
            .await?;
        let line = (parcel.id().clone(), told.verdict, told.repeated);
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
        note_fault(self.waybill, report, fault);
        let not_before = match fault {
            SendFault::Line { wish, .. } => {
                self.line.failed(now, *wish);
                now
            }
            SendFault::Node { .. } => {
                self.line.failed(now, Some(self.config.backoff.1));
                now
            }
            SendFault::Parcel {
                refusal, for_good, ..
            } => {
                match remedy(refusal.as_deref(), *for_good, parcel, now) {
                    Remedy::Wait => {
                        self.line.failed(now, Some(self.config.backoff.1));
                        now
                    }
                    // Only this parcel waits; the others pass by it.
                    Remedy::Again => self.later(parcel, now),
                    Remedy::Renumber(ahead) => {
                        self.outbox.renumber(parcel, ahead, now).await?;
                        return Ok(());
                    }
                    Remedy::SetAside => {
                        let Some(refusal) = refusal else {
                            return Ok(());
                        };
                        return self
                            .set_aside(report, parcel, (**refusal).clone(), fault)
                            .await;
                    }
                }
            }
            SendFault::Outbox(_) => self.later(parcel, now),
        };
        let text = fault.to_string();
        self.outbox
            .note_failure(parcel.number(), not_before, &text)
            .await?;
        Ok(())
    }

    /// When a parcel that failed by itself is tried again.
    fn later(&self, parcel: &Parcel, now: OffsetDateTime) -> OffsetDateTime {
        let (base, cap) = self.config.backoff;
        let salt = parcel.id().to_string();
        next_try((base * 10, cap * 12), &salt, parcel.tries(), now)
    }

    async fn set_aside(
        &mut self,
        report: &mut StepReport,
        parcel: &Parcel,
        refusal: Receipt,
        fault: &SendFault,
    ) -> Result<(), AgentError> {
        let now = self.clock.now();
        let receipt = receipt_of(refusal, parcel, &self.waybill.target);
        let number = parcel.number();
        self.outbox
            .note_failure(number, now, &fault.to_string())
            .await?;
        self.outbox.set_aside(number, &receipt, now).await?;
        let line = (parcel.id().clone(), receipt.verdict, receipt.repeated);
        report.receipts.push(line);
        Ok(())
    }
}

/// An answer that is no receipt for this parcel.
fn unlike(why: String) -> SendFault {
    SendFault::Parcel {
        why,
        refusal: None,
        for_good: false,
    }
}
