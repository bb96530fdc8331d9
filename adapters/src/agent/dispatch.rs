//! Hop send of one step: the parcels that are due, one after another in their order, while the other
//! half of the step packs. Refuses to poll.

use super::{AgentConfig, AgentError, DAMAGE_TRIES, StepReport, damaged, note_fault};
use crate::backoff::Backoff;
use crate::outbox::{Outbox, Parcel, Waybill};
use crate::uplink::{SendFault, Uplink};
use std::sync::atomic::{AtomicBool, Ordering};
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
        packing_ended: &AtomicBool,
    ) -> Result<(), AgentError> {
        let mut news = self.outbox.news();
        let mut left = self.config.sends_per_step;
        loop {
            // Both before looking: what changes while parcels go out is seen in the next round.
            news.mark_unchanged();
            let ended = packing_ended.load(Ordering::Acquire);
            self.send_due(report, &mut left).await?;
            if ended || left == 0 || news.changed().await.is_err() {
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
        note_fault(self.waybill, report, fault);
        Ok(())
    }
}
