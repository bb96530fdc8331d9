//! Who signed a request (a question for a receipt, a heartbeat), or the reason why nobody did. Refuses to
//! answer: whoever asks this notes the refusal at the gate, as for an envelope.

use crate::core::Core;
use crate::enrol::lapsed;
use crate::store::engine::StoreError;
use crate::store::row::Row;
use tongcha_schema::code::{Code, transport};
use tongcha_schema::finding::{Finding, Place};
use tongcha_schema::id::is_node_name;
use tongcha_schema::seal::{self, RequestFault};

/// Why a signed request is not answered.
pub(crate) enum Refused {
    /// Nobody, or another, signed.
    Unauthorised {
        /// The node that it names, where there is one of that name.
        node: String,
        /// Why.
        finding: Box<Finding>,
    },
    /// The store.
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Refused {
        Refused::Store(error)
    }
}

impl Refused {
    pub(crate) fn new(node: &str, finding: Finding) -> Refused {
        Refused::Unauthorised {
            node: node.to_owned(),
            finding: Box::new(finding),
        }
    }
}

/// The node that signed `asks` for `method` and `path`, with a key that is good today.
///
/// # Errors
/// [`Refused`]; the signature is looked at before the key's time.
pub(crate) async fn signer(
    core: &Core,
    method: &str,
    path: &str,
    asks: &str,
) -> Result<String, Refused> {
    let named = seal::stated_node(asks).unwrap_or_default();
    let (row, key) = claimant(core, named).await?.unzip();
    let (row, key) = (row.flatten(), key.as_deref().and_then(seal::parse_public));
    let known = row.as_ref().map_or("", |_| named);
    let now = core.clock.now();
    let node = seal::verify_request(asks, method, path, now, &|_| key)
        .map_err(|fault| Refused::new(known, finding_of(fault, asks, named)))?;
    if row.is_none() {
        let finding = Finding::new(transport::AWAITS_APPROVAL, Place::default());
        return Err(Refused::new("", finding));
    }
    let ended = row.and_then(|row| lapsed(row.opt_int(5), row.opt_int(6), core.now_ms()));
    match ended {
        Some(finding) => Err(Refused::new(&node, finding)),
        None => Ok(node),
    }
}

/// The row of `nodes.find` and the key of whoever calls itself so: a registered node, or without a row one that
/// enrolled and waits for its approval. A name that no node can have is not looked for.
///
/// # Errors
/// The store.
pub(crate) async fn claimant(
    core: &Core,
    node: &str,
) -> Result<Option<(Option<Row>, String)>, StoreError> {
    if !is_node_name(node) {
        return Ok(None);
    }
    if let Some(row) = core.door.row("nodes.find", crate::args![node]).await? {
        let key = row.text(2).to_owned();
        return Ok(Some((Some(row), key)));
    }
    let row = core.door.row("nodes.waiting", crate::args![node]).await?;
    Ok(row.map(|row| (None, row.text(0).to_owned())))
}

fn finding_of(fault: RequestFault, asks: &str, named: &str) -> Finding {
    let finding = |code: Code| Finding::new(code, Place::default());
    match fault {
        RequestFault::Malformed if asks.starts_with("Tongcha ") => {
            finding(transport::BAD_FRAME).with("detail", "Authorization")
        }
        RequestFault::Malformed => finding(transport::BAD_TOKEN),
        RequestFault::Date { seconds } => finding(transport::REQUEST_DATE).with("seconds", seconds),
        RequestFault::UnknownNode => {
            let signs = named.chars().filter(|c| !c.is_control());
            let shown: String = signs.take(64).collect();
            finding(transport::UNKNOWN_NODE).with("node", shown)
        }
        RequestFault::Signature => finding(transport::BAD_SIGNATURE),
    }
}
