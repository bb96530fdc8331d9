//! Keys and seals: node signatures (Ed25519), the codec for what must not lie open at rest
//! (AES-256-GCM-SIV, `seal/codec.rs`) and signed requests (`seal/request.rs`). Refuses to make
//! randomness and to read files: seeds and texts are handed in.

mod codec;
mod request;

pub use codec::{Sealed, same_secret};
pub use request::{REQUEST_WINDOW, RequestFault, sign_request, verify_request};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use std::fmt;

/// DER before the 32 bytes of a PKCS#8 Ed25519 secret (RFC 8410).
const SECRET_DER: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
/// DER before the 32 bytes of an Ed25519 public key (RFC 8410).
const PUBLIC_DER: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// The secret key of a node. Wiped from memory when dropped; never printed.
#[derive(Clone)]
pub struct NodeKey(SigningKey);

impl fmt::Debug for NodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeKey({})", public_text(&self.public()))
    }
}

impl NodeKey {
    /// The key of 32 secret bytes; to make a new one, hand in 32 bytes of the system's randomness.
    pub fn from_bytes(seed: &[u8; 32]) -> NodeKey {
        NodeKey(SigningKey::from_bytes(seed))
    }

    /// Reads a secret key: the PEM of [`NodeKey::to_pem`] (also as `openssl genpkey -algorithm
    /// ed25519` writes it), or the base64 of the 32 bytes alone.
    pub fn parse(text: &str) -> Option<NodeKey> {
        parse_key(text, "PRIVATE KEY", &SECRET_DER).map(|seed| NodeKey::from_bytes(&seed))
    }

    /// The secret key as PKCS#8 PEM. For a file that only its owner reads, and for nothing else.
    pub fn to_pem(&self) -> String {
        pem(
            "PRIVATE KEY",
            &[&SECRET_DER[..], self.0.as_bytes()].concat(),
        )
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    /// The public key.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }
}

/// Whether `signature` (64 bytes) was made over `message` by the owner of `public`. Strict: weak keys
/// and malleable signatures are refused.
pub fn verify(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = VerifyingKey::from_bytes(public) else {
        return false;
    };
    let Ok(signature) = Signature::from_slice(signature) else {
        return false;
    };
    key.verify_strict(message, &signature).is_ok()
}

/// A public key as one line of base64: the form of configuration files.
pub fn public_text(public: &[u8; 32]) -> String {
    STANDARD.encode(public)
}

/// A public key as PEM (SubjectPublicKeyInfo), as other programs want it.
pub fn public_pem(public: &[u8; 32]) -> String {
    pem("PUBLIC KEY", &[&PUBLIC_DER[..], public].concat())
}

/// Reads a public key: base64 of 32 bytes, or PEM.
pub fn parse_public(text: &str) -> Option<[u8; 32]> {
    parse_key(text, "PUBLIC KEY", &PUBLIC_DER)
}

/// The first 16 hexadecimal digits of the key's SHA-256, to compare two keys by eye.
pub fn fingerprint(public: &[u8; 32]) -> String {
    use sha2::{Digest, Sha256};
    crate::envelope::hex(&Sha256::digest(public)[..8])
}

fn pem(label: &str, der: &[u8]) -> String {
    // 44 and 48 bytes of DER are 60 and 64 characters: one line.
    let body = STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

fn parse_key(text: &str, label: &str, der: &[u8]) -> Option<[u8; 32]> {
    let text = text.trim();
    let begin = format!("-----BEGIN {label}-----");
    let end = format!("-----END {label}-----");
    let (body, prefix) = match text.strip_prefix(&begin) {
        Some(rest) => (rest.strip_suffix(&end)?, der),
        None => (text, &[][..]),
    };
    let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(body).ok()?;
    bytes.strip_prefix(prefix)?.try_into().ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn rfc_8032_test_vector_2() {
        let seed = bytes32("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let key = NodeKey::from_bytes(&seed);
        let public = bytes32("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assert_eq!(key.public(), public);
        let signature = key.sign(&[0x72]);
        assert!(crate::envelope::hex(&signature).starts_with("92a009a9f0d4cab8720e820b5f642540"));
        assert!(verify(&public, &[0x72], &signature));
    }

    fn bytes32(hex: &str) -> [u8; 32] {
        let mut out = [0; 32];
        for (i, byte) in out.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap();
        }
        out
    }

    #[test]
    fn a_changed_message_signature_or_key_is_refused() {
        let key = NodeKey::from_bytes(&[1; 32]);
        let signature = key.sign(b"head");
        assert!(verify(&key.public(), b"head", &signature));
        assert!(!verify(&key.public(), b"heat", &signature));
        assert!(!verify(&key.public(), b"head", &signature[..63]));
        assert!(!verify(
            &NodeKey::from_bytes(&[2; 32]).public(),
            b"head",
            &signature
        ));
        for at in 0..64 {
            let mut changed = signature;
            changed[at] ^= 1;
            assert!(!verify(&key.public(), b"head", &changed), "byte {at}");
        }
        assert!(!verify(&[0; 32], b"head", &[0; 64]), "weak key");
    }

    #[test]
    fn keys_have_text_forms_that_read_back() {
        let key = NodeKey::from_bytes(&[9; 32]);
        let pem = key.to_pem();
        assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI"));
        assert_eq!(NodeKey::parse(&pem).unwrap().public(), key.public());
        assert_eq!(
            parse_public(&public_text(&key.public())),
            Some(key.public())
        );
        assert_eq!(parse_public(&public_pem(&key.public())), Some(key.public()));
        assert!(NodeKey::parse(&public_pem(&key.public())).is_none());
        assert!(parse_public("AAAA").is_none() && NodeKey::parse("").is_none());
        assert!(
            !format!("{key:?}").contains("CQkJCQ"),
            "secret bytes in Debug"
        );
        assert_eq!(fingerprint(&key.public()).len(), 16);
    }
}
