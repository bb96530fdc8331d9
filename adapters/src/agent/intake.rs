//! Hops poll and pack of one step. Refuses to send.

use super::report::line;
use super::{AgentError, StepReport, note_fault};
use crate::outbox::{Outbox, OutboxError, Packed, Waybill};
use crate::source::{Lot, Source, SourceError};
use tongcha_schema::clock::Clock;
use tracing::Instrument;

/// What a poll gives.
type Polled = Result<Vec<Lot>, SourceError>;

/// What the step's packing half works with.
pub(super) struct Intake<'a> {
    pub source: &'a mut dyn Source,
    pub outbox: &'a Outbox,
    pub clock: &'a dyn Clock,
    pub waybill: &'a Waybill,
    /// Parcels and bytes without a receipt above which nothing more is polled.
    pub most: (u64, u64),
}

/// Lots that one step takes of a source that is read ahead: between steps receipts are handed over, and an
/// agent can be stopped.
const LOTS_A_STEP: usize = 16;

impl Intake<'_> {
    /// Polls and packs until the source has nothing more at hand or the outbox is full. A source that is read
    /// ahead is polled for its next lot while the last one is packed.
    pub async fn run(&mut self, report: &mut StepReport) -> Result<(), AgentError> {
        let (mut ahead, mut taken) = (None, 0);
        loop {
            let depth = self.outbox.depth(Some(&self.waybill.source)).await?;
            if depth.waiting >= self.most.0 || depth.bytes >= self.most.1 {
                report.held_back = true;
                return Ok(());
            }
            let polled = match ahead.take() {
                Some(polled) => polled,
                None => self.poll().await?,
            };
            let Some(lots) = self.offered(polled, report) else {
                return Ok(());
            };
            taken += 1;
            let more = self.source.has_more();
            if self.source.reads_ahead() {
                let again = more && taken < LOTS_A_STEP;
                ahead = self.pack_and_poll(lots, again, report).await?;
                if ahead.is_none() {
                    return Ok(());
                }
                continue;
            }
            for lot in lots {
                self.pack(lot, report).await?;
            }
            if !more {
                return Ok(());
            }
        }
    }

    async fn poll(&mut self) -> Result<Polled, AgentError> {
        let now = self.clock.now();
        let position = self.outbox.position(&self.waybill.source).await?;
        if self.source.follows_parcels() {
            let lots = self.outbox.in_flight(&self.waybill.source).await?;
            self.source.note_in_flight(&lots);
        }
        let span = tracing::info_span!("poll", source = %self.waybill.source);
        let polled = self.source.poll(now, position.as_deref());
        Ok(polled.instrument(span).await)
    }

    /// What a poll offers, and what is told of it; `None` where it failed.
    fn offered(&mut self, polled: Polled, report: &mut StepReport) -> Option<Vec<Lot>> {
        let lots = match polled {
            Ok(lots) => lots,
            Err(fault) => {
                note_fault(self.waybill, report, &fault);
                return None;
            }
        };
        report.remarks = self.source.remarks().iter().map(line).collect();
        let troubles = self.source.troubles().into_iter();
        let name = &self.waybill.source;
        let told = troubles.map(|what| format!("source {name}: {what}"));
        report.faults.extend(told);
        report.offered += lots.len() as u64;
        Some(lots)
    }

    /// Packs a lot; says whether it is in the outbox now.
    async fn pack(&mut self, lot: Lot, report: &mut StepReport) -> Result<bool, AgentError> {
        let (now, key) = (self.clock.now(), lot.key.clone());
        let packed = self.outbox.pack(self.waybill, lot, now).await;
        self.packed(&key, packed, report).await
    }

    async fn packed(
        &mut self,
        key: &str,
        packed: Result<Packed, OutboxError>,
        report: &mut StepReport,
    ) -> Result<bool, AgentError> {
        let is_new = match packed {
            Ok(Packed::New(id)) => {
                report.packed.push(id);
                true
            }
            Ok(Packed::Known) => {
                report.known += 1;
                false
            }
            // The source offers it again; the other lots go on.
            Err(fault @ (OutboxError::Package(_) | OutboxError::Lot(_))) => {
                note_fault(self.waybill, report, &fault);
                return Ok(false);
            }
            Err(fault) => return Err(fault.into()),
        };
        self.source.packed(key).await;
        Ok(is_new)
    }

    /// Packs the lots, and polls from the position of the last one meanwhile, if `again`; what that offers counts
    /// only where the lot was packed.
    async fn pack_and_poll(
        &mut self,
        mut lots: Vec<Lot>,
        again: bool,
        report: &mut StepReport,
    ) -> Result<Option<Polled>, AgentError> {
        let Some(last) = lots.pop() else {
            return Ok(None);
        };
        for lot in lots {
            self.pack(lot, report).await?;
        }
        let Some(position) = last.position.clone().filter(|_| again) else {
            self.pack(last, report).await?;
            return Ok(None);
        };
        let (now, key) = (self.clock.now(), last.key.clone());
        let span = tracing::info_span!("poll", source = %self.waybill.source);
        let polled = self.source.poll(now, Some(&position)).instrument(span);
        let packed = self.outbox.pack(self.waybill, last, now);
        let (packed, polled) = tokio::join!(packed, polled);
        let is_new = self.packed(&key, packed, report).await?;
        Ok(is_new.then_some(polled))
    }
}
