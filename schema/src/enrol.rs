//! Enrolment: how a node's key gets to a hub. The office hands out a code that works once within a day;
//! the key is made on the front-end machine, which sends its public half with the code and a signature; a
//! person at the hub compares fingerprints and approves. Refuses randomness: it is handed in.
//!
//! ```text
//! POST /v1/enrolments   {"node":..,"code":..,"public_key":..,"date":..,"signature":..}
//! signed: "tongcha enrolment 1\n" node "\n" sha256(code) "\n" public_key "\n" date
//! ```

use crate::digest::hex;
use crate::seal::{NodeKey, PublicKey, REQUEST_WINDOW, parse_public, public_text, verify};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, UtcOffset};

/// How long a code works.
pub const CODE_LIFE: Duration = Duration::hours(24);
/// Digits and letters that cannot be mistaken for each other (Crockford's base 32).
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Signs of a code: 100 bits.
const CODE_SIGNS: usize = 20;

/// The code of random bytes, in groups of five: `7K3FQ-9XW2M-0PZ4T-C6H8R`.
pub fn code(random: &[u8; 32]) -> String {
    let mut out = String::new();
    for (at, byte) in random.iter().take(CODE_SIGNS).enumerate() {
        if at > 0 && at % 5 == 0 {
            out.push('-');
        }
        out.push(char::from(SIGNS[usize::from(byte % 32)]));
    }
    out
}

/// What a hub keeps of a code, however it was typed: capitals or not, with hyphens or blanks or without.
pub fn code_sha256(typed: &str) -> String {
    let plain: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    hex(&Sha256::digest(format!("tongcha code 1\n{plain}")))
}

/// What a front-end machine sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// Node name, `region/node`.
    pub node: String,
    /// The code as typed.
    pub code: String,
    /// The public key as base64.
    pub public_key: String,
    /// When it was signed, RFC 3339.
    pub date: String,
    /// Signature by the key, base64.
    pub signature: String,
}

impl Enrolment {
    /// Signs one.
    pub fn sign(key: &NodeKey, node: &str, code: &str, now: OffsetDateTime) -> Enrolment {
        let now = now.to_offset(UtcOffset::UTC).replace_nanosecond(0);
        let date = now.unwrap_or(OffsetDateTime::UNIX_EPOCH).format(&Rfc3339);
        let mut enrolment = Enrolment {
            node: node.to_owned(),
            code: code.trim().to_owned(),
            public_key: public_text(&key.public()),
            date: date.unwrap_or_default(),
            signature: String::new(),
        };
        enrolment.signature = STANDARD.encode(key.sign(enrolment.message().as_bytes()));
        enrolment
    }

    /// The key, if the signature is its owner's and the date is near; `None` otherwise.
    pub fn key(&self, now: OffsetDateTime) -> Option<PublicKey> {
        let date = OffsetDateTime::parse(&self.date, &Rfc3339).ok()?;
        let key = parse_public(&self.public_key)?;
        let signature = STANDARD.decode(&self.signature).ok()?;
        let good = (now - date).abs() <= REQUEST_WINDOW
            && verify(&key, self.message().as_bytes(), &signature);
        good.then_some(key)
    }

    fn message(&self) -> String {
        let code = code_sha256(&self.code);
        format!(
            "tongcha enrolment 1\n{}\n{code}\n{}\n{}",
            self.node, self.public_key, self.date
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        let code = code(&[31; 32]);
        assert_eq!(code, "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ");
        let typed = ["7K3FQ-0XW2M", "7k3fq oxw2m", " 7K3FQOXW2M\n"].map(code_sha256);
        assert!(typed.iter().all(|t| *t == typed[0]));
        assert_ne!(code_sha256("7K3FQ-0XW2N"), typed[0]);
    }

    #[test]
    fn only_the_keys_owner_enrols_it_and_only_now() {
        let key = NodeKey::from_bytes(&[3; 32]);
        let now = OffsetDateTime::UNIX_EPOCH + Duration::days(20_000);
        let good = Enrolment::sign(&key, "431321/slj", "7K3FQ", now);
        assert_eq!(good.key(now), Some(key.public()));
        assert_eq!(good.key(now + Duration::minutes(6)), None, "an old one");
        let other = NodeKey::from_bytes(&[4; 32]);
        let changed = |change: &dyn Fn(&mut Enrolment)| {
            let mut one = good.clone();
            change(&mut one);
            one.key(now)
        };
        assert_eq!(changed(&|e| e.node = "431321/x".into()), None);
        assert_eq!(changed(&|e| e.code = "7K3FX".into()), None);
        assert_eq!(
            changed(&|e| e.public_key = public_text(&other.public())),
            None
        );
        assert_eq!(changed(&|e| e.signature.clear()), None, "stripped");
    }
}
