//! What a refusal means: every failure is the line's, this machine's, or the parcel's. What is the parcel's does
//! not hold up the others, and does not circle for ever. Refuses to send and to keep.

use crate::outbox::Parcel;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use tongcha_schema::code::{Code, transport};
use tongcha_schema::envelope::{Head, receipt_number};
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::receipt::Receipt;

/// How often a damaged envelope is sent again before its refusal is taken as final.
pub(super) const DAMAGE_TRIES: u32 = 5;

/// How often an envelope gets another number: the numbers leap twice as far each time, so that a million that
/// were given away before (a machine that was restored from an older state) are passed.
const RENUMBER_TRIES: u32 = 20;

/// What is the sender's own doing: every envelope would be refused alike, and a person must act.
const OF_THE_MACHINE: [Code; 9] = [
    transport::UNKNOWN_NODE,
    transport::BAD_SIGNATURE,
    transport::KEY_EXPIRED,
    transport::KEY_REVOKED,
    transport::UNOPENED,
    transport::FOREIGN_USER,
    transport::NOT_AS_DEMANDED,
    transport::REQUEST_DATE,
    transport::AWAITS_APPROVAL,
];

/// What is to be done with a parcel that the hub refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// The machine waits as a whole.
    Wait,
    /// The same again, later.
    Again,
    /// The same under another number, so many further, and with the present time.
    Renumber(i64),
    /// Never again.
    SetAside,
}

/// What is to be done after a refusal, which the hub may have meant for good. Without one something between may
/// have answered: it is tried again for as long as that lasts.
pub(super) fn remedy(
    refusal: Option<&Receipt>,
    for_good: bool,
    parcel: &Parcel,
    now: OffsetDateTime,
) -> Remedy {
    let Some(code) = refusal.and_then(|r| r.findings.first()).map(|f| f.code) else {
        return Remedy::Again;
    };
    let tries = parcel.tries();
    let is = |codes: &[Code]| codes.contains(&code);
    if is(&OF_THE_MACHINE) {
        return Remedy::Wait;
    }
    // Packed while the clock was ahead; where it still is, no other number helps.
    if is(&[transport::CLOCK_SKEW]) && !packed_ahead(parcel, now) {
        return Remedy::Wait;
    }
    if is(&[transport::CLOCK_SKEW, transport::CHANGED_REPEAT]) {
        return match tries < RENUMBER_TRIES {
            true => Remedy::Renumber(1 << tries),
            false => Remedy::SetAside,
        };
    }
    // Another hub is meant: a person mends the configuration. Anything else may be damage of the way.
    let patient = is(&[transport::BAD_FRAME]) || tries + 1 < DAMAGE_TRIES;
    match patient && !for_good {
        true => Remedy::Again,
        false => Remedy::SetAside,
    }
}

/// Whether the parcel says that it was packed later than now.
fn packed_ahead(parcel: &Parcel, now: OffsetDateTime) -> bool {
    let head = serde_json::from_slice::<Head>(parcel.head()).ok();
    let sent = head.and_then(|head| OffsetDateTime::parse(&head.sent_at, &Rfc3339).ok());
    sent.is_some_and(|sent| sent - now > Duration::MINUTE)
}

/// The receipt of a parcel that is set aside: the hub's refusal, a number by which it can be named, and what
/// was done here.
pub(super) fn receipt_of(mut refusal: Receipt, parcel: &Parcel, hub: &str) -> Receipt {
    let why =
        |text: &dyn Fn(&Finding) -> String| refusal.findings.first().map_or_else(String::new, text);
    let told = Finding::new(transport::SET_ASIDE, Place::default())
        .with("why_zh", why(&|f| format!("{} {}", f.code, f.cause_zh())))
        .with("why_en", why(&|f| format!("{} {}", f.code, f.cause_en())));
    refusal.findings.push(told);
    if refusal.number.is_empty() {
        refusal.number = receipt_number(hub, parcel.id());
    }
    refusal.envelope = parcel.id().to_string();
    // Nothing more will come.
    refusal.completed_at = Some(refusal.received_at.clone());
    refusal
}

/// Whether the hub says that the bytes did not arrive as they were sent.
pub(super) fn damaged(receipt: &Receipt) -> bool {
    receipt.verdict == tongcha_schema::receipt::Verdict::Refused
        && !receipt.repeated
        && receipt
            .findings
            .iter()
            .any(|f| [transport::BAD_DIGEST, transport::TRUNCATED].contains(&f.code))
}
