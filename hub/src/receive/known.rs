//! What the door knows of a head: that it came before, that its clock is ahead; and its findings.

use super::{DoorError, Doorway};
use crate::core::Core;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tongcha_schema::code::transport;
use tongcha_schema::envelope::Head;
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::seal;

/// The idempotent receiver: an envelope that came before is answered with its first receipt, and turned
/// away where its content is another.
///
/// # Errors
/// The store.
pub async fn repeat_of(
    core: &Core,
    head: &Head,
    digest: &str,
) -> Result<Option<Doorway>, DoorError> {
    let id = head.id.to_string();
    let Some(row) = core.door.row("envelopes.find", crate::args![&id]).await? else {
        return Ok(None);
    };
    if row.text(0) == digest {
        return Ok(Some(Doorway::Repeated {
            envelope: id,
            receipt: row.text(1).to_owned(),
        }));
    }
    let finding = Finding::new(transport::CHANGED_REPEAT, Place::default()).with("envelope", &id);
    Ok(Some(Doorway::TurnedAway {
        status: 409,
        node: head.id.node.clone(),
        envelope: id,
        finding: Box::new(finding),
    }))
}

/// The fault of an envelope that was packed later than now, by more than clocks may differ.
pub(super) fn skewed(head: &Head, now: OffsetDateTime) -> Option<Finding> {
    let sent = OffsetDateTime::parse(&head.sent_at, &Rfc3339).ok()?;
    let ahead = sent - now;
    (ahead > seal::REQUEST_WINDOW).then(|| {
        Finding::new(transport::CLOCK_SKEW, Place::default()).with("seconds", ahead.whole_seconds())
    })
}

/// The finding of an envelope that is larger than all of the spool.
pub(crate) fn beyond_spool() -> Finding {
    let finding = Finding::new(transport::OVER_LIMIT, Place::default());
    let finding = finding.with("what", "envelope bytes in the spool");
    finding.with("found", "more").with("limit", "spool_mib")
}

pub(super) fn bad_frame(detail: &str) -> Finding {
    Finding::new(transport::BAD_FRAME, Place::default()).with("detail", detail)
}

pub(super) fn bad_digest(item: usize) -> Finding {
    Finding::new(transport::BAD_DIGEST, Place::default()).with("item", item + 1)
}
