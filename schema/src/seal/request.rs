//! Signed requests: how a node proves who asks for a receipt. One header value carries node, date and
//! signature over method, path and date; agent and hub share this file. Refuses bodies: what has one
//! is an envelope, and an envelope signs itself.
//!
//! ```text
//! Authorization: Tongcha node="431321/gtj", date="2026-01-05T01:00:00Z", signature="<base64>"
//! signed: "tongcha request 1\n" method "\n" path-with-query "\n" node "\n" date
//! ```

use super::{NodeKey, PublicKey, verify};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, UtcOffset};

/// How far the date of a request may be from the receiver's clock, either way: an intercepted header
/// is worth nothing afterwards, a front-end machine's clock may be a little off.
pub const REQUEST_WINDOW: Duration = Duration::minutes(5);

const SCHEME: &str = "Tongcha ";

/// Why a signed request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RequestFault {
    /// The header is not of the shape above.
    #[error("the Authorization header cannot be read")]
    Malformed,
    /// The date is too far from now: check the machine's clock.
    #[error("the request's date is {seconds} seconds from now, outside the window of 5 minutes")]
    Date {
        /// How far it is from the receiver's clock; negative: before it.
        seconds: i64,
    },
    /// No key is known for the node.
    #[error("unknown node")]
    UnknownNode,
    /// The signature does not fit.
    #[error("bad signature")]
    Signature,
}

/// The `Authorization` value for a request without body. `path` includes the query, as sent.
pub fn sign_request(
    key: &NodeKey,
    node: &str,
    method: &str,
    path: &str,
    now: OffsetDateTime,
) -> String {
    let now = now.to_offset(UtcOffset::UTC);
    // Years 0 to 9999 always format; an empty date is refused by the receiver.
    let date = now.format(&Rfc3339).unwrap_or_default();
    let signature = STANDARD.encode(key.sign(&message(method, path, node, &date)));
    format!("{SCHEME}node=\"{node}\", date=\"{date}\", signature=\"{signature}\"")
}

/// Verifies an `Authorization` value and gives the node that asks. `key_of` gives a node's key.
///
/// # Errors
/// Any [`RequestFault`]; the signature is checked last.
pub fn verify_request(
    header: &str,
    method: &str,
    path: &str,
    now: OffsetDateTime,
    key_of: &dyn Fn(&str) -> Option<PublicKey>,
) -> Result<String, RequestFault> {
    let (node, date, signature) = parts(header).ok_or(RequestFault::Malformed)?;
    let signature = STANDARD
        .decode(signature)
        .map_err(|_| RequestFault::Malformed)?;
    let stated = OffsetDateTime::parse(date, &Rfc3339).map_err(|_| RequestFault::Malformed)?;
    if (stated - now).abs() > REQUEST_WINDOW {
        let seconds = (stated - now).whole_seconds();
        return Err(RequestFault::Date { seconds });
    }
    let key = key_of(node).ok_or(RequestFault::UnknownNode)?;
    if verify(&key, &message(method, path, node, date), &signature) {
        Ok(node.to_owned())
    } else {
        Err(RequestFault::Signature)
    }
}

/// The node that an `Authorization` value names; anybody may have written it.
pub fn stated_node(header: &str) -> Option<&str> {
    parts(header).map(|(node, _, _)| node)
}

fn message(method: &str, path: &str, node: &str, date: &str) -> Vec<u8> {
    format!("tongcha request 1\n{method}\n{path}\n{node}\n{date}").into_bytes()
}

fn parts(header: &str) -> Option<(&str, &str, &str)> {
    let rest = header.strip_prefix(SCHEME)?;
    let mut parts = rest.splitn(3, ", ");
    let mut part = |name: &str| -> Option<&str> {
        parts
            .next()?
            .strip_prefix(name)?
            .strip_prefix("=\"")?
            .strip_suffix('"')
            .filter(|v| !v.contains(['"', '\n']))
    };
    Some((part("node")?, part("date")?, part("signature")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-01-05 09:00:00 +8);
    const PATH: &str = "/v1/receipts/431321%2Fgtj@1.7?wait=1";

    fn key() -> NodeKey {
        NodeKey::from_bytes(&[3; 32])
    }

    fn check(
        header: &str,
        method: &str,
        path: &str,
        now: OffsetDateTime,
    ) -> Result<String, RequestFault> {
        verify_request(header, method, path, now, &|node| {
            (node == "431321/gtj").then(|| key().public())
        })
    }

    #[test]
    fn a_signed_request_names_its_node() {
        let header = sign_request(&key(), "431321/gtj", "GET", PATH, NOW);
        assert!(header.starts_with("Tongcha node=\"431321/gtj\", date=\"2026-01-05T01:00:00Z\""));
        assert_eq!(check(&header, "GET", PATH, NOW), Ok("431321/gtj".into()));
        let late = NOW + REQUEST_WINDOW;
        assert_eq!(check(&header, "GET", PATH, late), Ok("431321/gtj".into()));
    }

    #[test]
    fn each_change_is_refused() {
        let header = sign_request(&key(), "431321/gtj", "GET", PATH, NOW);
        let signature = Err(RequestFault::Signature);
        assert_eq!(check(&header, "DELETE", PATH, NOW), signature);
        assert_eq!(check(&header, "GET", "/v1/receipts/8", NOW), signature);
        let moved = header.replace("01:00:00Z", "01:00:01Z");
        assert_eq!(check(&moved, "GET", PATH, NOW), signature);
        let late = NOW + REQUEST_WINDOW + Duration::SECOND;
        let off = |seconds| Err(RequestFault::Date { seconds });
        assert_eq!(check(&header, "GET", PATH, late), off(-301));
        let early = NOW - REQUEST_WINDOW - Duration::SECOND;
        assert_eq!(check(&header, "GET", PATH, early), off(301));
        let other = header.replace("431321/gtj", "431321/xxx");
        assert_eq!(
            check(&other, "GET", PATH, NOW),
            Err(RequestFault::UnknownNode)
        );
        for bad in [
            "",
            "Tongcha ",
            "Basic x",
            "Tongcha node=\"a\", date=\"b\"",
            &header[..90],
        ] {
            assert_eq!(
                check(bad, "GET", PATH, NOW),
                Err(RequestFault::Malformed),
                "{bad}"
            );
        }
    }
}
