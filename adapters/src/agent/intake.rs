//! Hops poll and pack of one step. Refuses to send.

use super::report::line;
use super::{AgentError, StepReport, note_fault};
use crate::outbox::{Outbox, OutboxError, Packed, Waybill};
use crate::source::Source;
use tongcha_schema::clock::Clock;
use tracing::Instrument;

/// What the step's packing half works with.
pub(super) struct Intake<'a> {
    pub source: &'a mut dyn Source,
    pub outbox: &'a Outbox,
    pub clock: &'a dyn Clock,
    pub waybill: &'a Waybill,
    /// Parcels and bytes without a receipt above which nothing more is polled.
    pub most: (u64, u64),
}

impl Intake<'_> {
    /// Polls and packs until the source has nothing more at hand or the outbox is full.
    pub async fn run(&mut self, report: &mut StepReport) -> Result<(), AgentError> {
        loop {
            let depth = self.outbox.depth(Some(&self.waybill.source)).await?;
            if depth.waiting >= self.most.0 || depth.bytes >= self.most.1 {
                report.held_back = true;
                return Ok(());
            }
            self.poll_and_pack(report).await?;
            if !self.source.has_more() {
                return Ok(());
            }
        }
    }

    async fn poll_and_pack(&mut self, report: &mut StepReport) -> Result<(), AgentError> {
        let now = self.clock.now();
        let position = self.outbox.position(&self.waybill.source).await?;
        if self.source.follows_parcels() {
            let lots = self.outbox.in_flight(&self.waybill.source).await?;
            self.source.note_in_flight(&lots);
        }
        let span = tracing::info_span!("poll", source = %self.waybill.source);
        let polled = self.source.poll(now, position.as_deref());
        let lots = match polled.instrument(span).await {
            Ok(lots) => lots,
            Err(fault) => {
                note_fault(self.waybill, report, &fault);
                return Ok(());
            }
        };
        report.remarks = self.source.remarks().iter().map(line).collect();
        let troubles = self.source.troubles().into_iter();
        let name = &self.waybill.source;
        let told = troubles.map(|what| format!("source {name}: {what}"));
        report.faults.extend(told);
        report.offered += lots.len() as u64;
        for lot in lots {
            let key = lot.key.clone();
            match self.outbox.pack(self.waybill, lot, now).await {
                Ok(Packed::New(id)) => report.packed.push(id),
                Ok(Packed::Known) => report.known += 1,
                // The source offers it again; the other lots go on.
                Err(fault @ (OutboxError::Package(_) | OutboxError::Lot(_))) => {
                    note_fault(self.waybill, report, &fault);
                    continue;
                }
                Err(fault) => return Err(fault.into()),
            }
            self.source.packed(&key).await;
        }
        Ok(())
    }
}
